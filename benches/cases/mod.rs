//! What is measured, natively and in the browser alike: the engine on fixed designs beside the floor loops, and how its
//! cost per event depends on the load and on the size of a design.
//!
//! Every case is run several times from the same seed and the fastest run counts: other work on the machine can only slow
//! a run down. The reference design, the scaled one, and the two after them are run with all usual measuring on. Where only
//! the cost per event is of interest nobody watches, as when a capacity is searched for or a report is made.

pub mod designs;
#[path = "../../tests/it/drawing.rs"]
pub mod drawing;
mod floor;

use designs::Scale;
use floor::Floor;
use headroom::design::examples::Example;
use headroom::distribution::Distribution;
use headroom::format;
use headroom::network::{Network, compile};
use headroom::sim::Simulation;
use headroom::units::SimTime;

/// Runs of each case.
const RUNS: u32 = 6;
/// Events of a run of the engine, about.
const EVENTS: u64 = 8_000_000;
/// Events of a run in which only the cost per event is of interest.
const EVENTS_FOR_FLATNESS: u64 = 3_000_000;
/// Requests that have been sent by when a run is under way, as a multiple of those in flight: those at the start have been
/// answered long ago.
const REQUESTS_OVER_IN_FLIGHT: u64 = 4;
/// Requests of a run of a floor loop.
const FLOOR_REQUESTS: u64 = 1_500_000;
/// Users of the scaled design, each of whom sends a request per second.
const SCALED: u64 = 1_000_000;
/// Requests that a registered user sends per second.
///
/// # Sources
/// system-design-primer, `scaling_aws`: 10 million users, 40,000 reads and 400 writes per second.
const REQUESTS_PER_USER_PER_SEC: f64 = 0.004;
/// How much more than on average is asked for at the peak of the day.
const PEAK: f64 = 3.0;
/// Numbers of users between which the cost per event is to be flat.
const USERS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// The most users that people can ask for.
const MOST_USERS: u64 = 100_000_000;
/// How much dearer an event may become from the cheapest size of a design to the dearest.
const FLAT: f64 = 1.3;

/// What the machine tells: time, memory.
pub struct Machine<'a> {
    /// Seconds on a clock that never goes back.
    pub clock: &'a dyn Fn() -> f64,
    /// Most memory held so far [bytes], if it is known.
    pub peak_memory: &'a dyn Fn() -> Option<f64>,
}

/// What the fastest run took.
#[derive(Clone, Copy, Debug)]
struct Speed {
    events: f64,
    requests: f64,
    simulated_secs: f64,
    real_secs: f64,
}

impl Speed {
    fn requests_per_sec(&self) -> f64 {
        self.requests / self.real_secs
    }

    fn nanos_per_event(&self) -> f64 {
        self.real_secs * 1e9 / self.events
    }

    fn real_time_factor(&self) -> f64 {
        self.simulated_secs / self.real_secs
    }
}

/// Measures everything; hands the lines of the table on as they become known. `requests_per_sec` is what the reference
/// design should reach at least.
pub fn measure(machine: &Machine<'_>, requests_per_sec: f64, mut print: impl FnMut(&str)) {
    print(
        "| design | requests/s | events/s | ns/event | ns/request | events/request | of its floor | real time | peak memory |",
    );
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut row = |name: &str, speed: Speed, floor: Option<Speed>| {
        let memory = (machine.peak_memory)().map_or("–".to_owned(), |bytes| format!("{:.1} MB", bytes / 1e6));
        print(&format!(
            "| {name} | {} | {} | {:.1} | {:.0} | {:.2} | {} | {:.2}x | {memory} |",
            format::grouped(speed.requests_per_sec() as u64),
            format::grouped((speed.events / speed.real_secs) as u64),
            speed.nanos_per_event(),
            speed.real_secs * 1e9 / speed.requests,
            speed.events / speed.requests,
            floor.map_or("–".to_owned(), |floor| {
                format!("1/{:.2}", floor.requests_per_sec() / speed.requests_per_sec())
            }),
            speed.real_time_factor(),
        ));
    };
    let example = |example: Example| compile(&example.design()).expect("the examples run");

    let floor = run_floor(machine, 11_000.0, Floor::reference);
    row("reference, floor loop", floor, None);
    let reference = run(machine, Simulation::new, &example(Example::REFERENCE), EVENTS);
    row("reference", reference, Some(floor));
    let scale = Scale::of(SCALED, 1.0);
    let floor = run_floor(machine, SCALED as f64, || Floor::scaled(scale));
    row("scaled, floor loop", floor, None);
    let scaled = run(machine, Simulation::new, &scale.network(), EVENTS);
    row("scaled", scaled, Some(floor));
    row("replicated", run(machine, Simulation::new, &example(Example::REPLICATED), EVENTS), None);
    let work = Distribution::exponential(0.000_01);
    let one_server = drawing::one_server(80_000, drawing::poisson_readers(), drawing::plain_server(work));
    row("one server (M/M/1)", run(machine, Simulation::new, &one_server.network(), EVENTS), None);

    let mut flat = Vec::new();
    let mut compare = |what: &'static str, name: String, network: &Network| {
        let speed = run(machine, Simulation::unwatched, network, EVENTS_FOR_FLATNESS);
        row(&name, speed, None);
        flat.push((what, speed.nanos_per_event()));
    };
    let at_peak = |users: u64| Scale::of(users, REQUESTS_PER_USER_PER_SEC * PEAK).network();
    for users in USERS {
        compare("users", format!("{} users", format::grouped(users)), &at_peak(users));
    }
    compare("most users", format!("{} users", format::grouped(MOST_USERS)), &at_peak(MOST_USERS));
    for components in [6, 50, 500] {
        compare("components of a fan", format!("fan of {components} components"), &designs::fan(components));
    }
    for components in [5, 50, 500] {
        compare("components of a chain", format!("chain of {components} components"), &designs::chain(components));
    }
    print("");
    let judge = |holds: bool| if holds { "met" } else { "MISSED" };
    print(&format!(
        "reference design: {} requests/s; at least {}: {}",
        format::grouped(reference.requests_per_sec() as u64),
        format::grouped(requests_per_sec as u64),
        judge(reference.requests_per_sec() >= requests_per_sec),
    ));
    let factor = scaled.real_time_factor();
    print(&format!("scaled design: {factor:.2}x real time; at least 1.00x: {}", judge(factor >= 1.0)));
    let costs = |what: &'static str| flat.iter().filter(move |(of, _)| *of == what).map(|(_, cost)| *cost);
    let least = |what| costs(what).fold(f64::INFINITY, f64::min);
    for what in ["users", "components of a fan", "components of a chain"] {
        let ratio = costs(what).fold(0.0, f64::max) / least(what);
        let verdict = judge(ratio <= FLAT);
        print(&format!("cost per event over {what}: within {ratio:.2}x; at most {FLAT:.2}x: {verdict}"));
    }
    let ratio = least("most users") / least("users");
    print(&format!("cost per event of {} users: {ratio:.2}x of the cheapest row", format::grouped(MOST_USERS)));
}

/// How a run begins: [`Simulation::new`] with all usual measuring, or [`Simulation::unwatched`].
type Begin = fn(Network, u64) -> Simulation;

/// The fastest of several runs of the engine, once as much is in flight as there will be.
fn run(machine: &Machine<'_>, begin: Begin, network: &Network, events: u64) -> Speed {
    fastest(|| {
        let mut simulation = begin(network.clone(), 1);
        simulation.advance_at_most(SimTime::NEVER, events / 4);
        while simulation.requests() < REQUESTS_OVER_IN_FLIGHT * simulation.in_flight() {
            simulation.advance_at_most(SimTime::NEVER, events / 4);
        }
        let (warm_events, warm_requests, warm_at) = (simulation.events(), simulation.requests(), simulation.now());
        let start = (machine.clock)();
        simulation.advance_at_most(SimTime::NEVER, events);
        let real_secs = (machine.clock)() - start;
        Speed {
            events: (simulation.events() - warm_events) as f64,
            requests: (simulation.requests() - warm_requests) as f64,
            simulated_secs: simulation.now().since(warm_at).as_secs_f64(),
            real_secs,
        }
    })
}

/// The fastest of several runs of a floor loop.
fn run_floor(machine: &Machine<'_>, requests_per_sec: f64, new: impl Fn() -> Floor) -> Speed {
    fastest(|| {
        let mut floor = new();
        let warm = floor.run(FLOOR_REQUESTS / 4);
        let start = (machine.clock)();
        let done = floor.run(FLOOR_REQUESTS);
        let real_secs = (machine.clock)() - start;
        // A loop that does something else than the engine would be no floor.
        assert!((0.003..0.006).contains(&done.mean_secs), "mean latency of the floor loop: {} s", done.mean_secs);
        assert!((0.3..0.5).contains(&done.misses), "misses of the floor loop: {}", done.misses);
        let requests = (done.requests - warm.requests) as f64;
        Speed {
            events: (done.events - warm.events) as f64,
            requests,
            simulated_secs: requests / requests_per_sec,
            real_secs,
        }
    })
}

fn fastest(once: impl Fn() -> Speed) -> Speed {
    (0..RUNS)
        .map(|_| once())
        .min_by(|left, right| left.real_secs.total_cmp(&right.real_secs))
        .expect("at least one run")
}
