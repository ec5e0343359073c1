//! How fast the engine is: requests and events per second of processor time on fixed designs, and its peak memory.
//!
//! `cargo bench --bench engine` prints a table. Each design is run several times from the same seed, and the fastest
//! run counts: other work on the machine can only slow a run down.

use std::time::Instant;

use headroom::design::examples::Example;
use headroom::distribution::Distribution;
use headroom::format;
use headroom::network::{Network, compile};
use headroom::sim::Simulation;
use headroom::units::{SimDuration, SimTime};

#[path = "../tests/it/drawing.rs"]
mod drawing;

/// Runs of each design.
const RUNS: u32 = 5;
/// Events of each run, about.
const EVENTS: u64 = 10_000_000;
/// Events per second that the reference design should reach at least.
const TARGET: f64 = 3e6;

/// What a run took.
#[derive(Clone, Copy, Debug)]
struct Speed {
    events: u64,
    requests: u64,
    simulated_secs: f64,
    real_secs: f64,
}

fn main() {
    // Test runners list or try every target; only `cargo bench` asks for measurements.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!(
        "{:<28} {:>12} {:>12} {:>10} {:>11} {:>11} {:>11}",
        "design", "requests/s", "events/s", "ns/event", "ns/request", "events/req", "peak memory"
    );
    let reference = measure("reference", &example(Example::REFERENCE));
    measure("replicated", &example(Example::REPLICATED));
    let work = Distribution::exponential(0.000_01);
    let one_server = drawing::one_server(80_000, drawing::poisson_readers(), drawing::plain_server(work));
    measure("one server (M/M/1)", &one_server.network());
    println!(
        "\nreference design: {} of the target of {} events/s",
        format::share(reference / TARGET),
        format::count(TARGET)
    );
}

fn example(example: Example) -> Network {
    compile(&example.design()).expect("the examples run")
}

/// Runs `network`, prints a row, and gives back the events per second of real time.
fn measure(name: &str, network: &Network) -> f64 {
    let fastest = (0..RUNS)
        .map(|_| run(network))
        .min_by(|left, right| left.real_secs.total_cmp(&right.real_secs))
        .expect("at least one run");
    let events_per_sec = fastest.events as f64 / fastest.real_secs;
    println!(
        "{name:<28} {:>12} {:>12} {:>10.1} {:>11.0} {:>11.2} {:>11}   ({} simulated)",
        format::grouped((fastest.requests as f64 / fastest.real_secs) as u64),
        format::grouped(events_per_sec as u64),
        1e9 / events_per_sec,
        fastest.real_secs * 1e9 / fastest.requests as f64,
        fastest.events as f64 / fastest.requests as f64,
        peak_memory(),
        format::duration(fastest.simulated_secs),
    );
    events_per_sec
}

fn run(network: &Network) -> Speed {
    let mut simulation = Simulation::new(network.clone(), 1);
    simulation.advance(SimTime::ZERO + SimDuration::from_secs(5));
    let (warm_events, warm_requests, warm_at) = (simulation.events(), simulation.requests(), simulation.now());
    let start = Instant::now();
    simulation.advance_at_most(SimTime::NEVER, EVENTS);
    let real_secs = start.elapsed().as_secs_f64();
    Speed {
        events: simulation.events() - warm_events,
        requests: simulation.requests() - warm_requests,
        simulated_secs: simulation.now().since(warm_at).as_secs_f64(),
        real_secs,
    }
}

/// Most memory that the process has held so far, as Linux tells; a dash elsewhere.
fn peak_memory() -> String {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(format!("{:.1} MB", kibibytes * 1024.0 / 1e6))
        })
        .unwrap_or_else(|| "–".to_owned())
}
