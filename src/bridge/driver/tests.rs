use super::*;
use crate::design::examples::{Example, starter};
use crate::network::compile;
use crate::objective::Objective;

/// A driver on a clock of its own, which goes on only when it is looked at or when the driver rests.
struct Bench {
    driver: Driver,
    now_ms: f64,
    /// Real time that 1,000 events take [ms].
    look_ms: f64,
    said: Vec<FromEngine>,
}

impl Bench {
    fn new(look_ms: f64) -> Self {
        Self { driver: Driver::default(), now_ms: 50.0, look_ms, said: Vec::new() }
    }

    /// A run of the starter design, going on at this speed.
    fn running(users: u64, speed: f64, look_ms: f64) -> Self {
        let mut bench = Self::new(look_ms);
        bench.tell(start(users));
        bench.tell(ToEngine::SetSpeed(speed));
        bench.tell(ToEngine::SetPlaying(true));
        bench
    }

    /// Tells the driver something in the form in which messages travel, and takes its answers in that form.
    fn tell(&mut self, message: ToEngine) {
        let answers = self.driver.handle(sent(&message), self.now_ms);
        self.said.extend(answers.iter().map(sent));
    }

    /// Does what the worker does, for so long [ms] or until the driver rests.
    fn run_for(&mut self, real_ms: f64) {
        let until = self.now_ms + real_ms;
        while self.now_ms < until {
            match self.driver.next_slice() {
                Next::Rest => return,
                Next::Soon => {}
                Next::AfterMs(pause) => self.now_ms += f64::from(pause),
            }
            let mut clock_ms = self.now_ms;
            let answers = self.driver.slice(self.now_ms, || {
                clock_ms += self.look_ms;
                clock_ms
            });
            self.said.extend(answers);
            self.now_ms = clock_ms;
        }
    }

    fn simulated_secs(&self) -> f64 {
        self.driver.running.as_ref().map_or(0.0, |running| running.simulation.now().as_secs_f64())
    }

    /// The snapshot, the speed reached and whether it plays.
    fn look(&mut self) -> (Snapshot, f64, bool) {
        self.tell(ToEngine::WantSnapshot);
        match self.said.pop() {
            Some(FromEngine::Snapshot { snapshot, speed_reached, playing, .. }) => (*snapshot, speed_reached, playing),
            other => panic!("a snapshot was asked for, not {other:?}"),
        }
    }
}

/// A message after its way to the other side.
fn sent<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    let bytes = postcard::to_allocvec(message).expect("messages can be written");
    postcard::from_bytes(&bytes).expect("what was written can be read")
}

fn network(users: u64) -> Network {
    let mut network = compile(&starter()).expect("the starter design runs");
    network.users = users;
    network
}

fn start(users: u64) -> ToEngine {
    ToEngine::Start { run: RunId(3), network: network(users), seed: 7 }
}

fn close(measured: f64, expected: f64, share: f64) {
    assert!((measured - expected).abs() <= share * expected, "{measured} is not near {expected}");
}

#[test]
fn simulated_time_follows_real_time_at_any_speed() {
    for speed in [0.001, 1.0, 20.0] {
        let mut bench = Bench::running(1_000, speed, 0.01);
        bench.run_for(2_000.0);
        close(bench.simulated_secs(), 2.0 * speed, 0.01);
        let (_, reached, playing) = bench.look();
        close(reached, speed, 0.03);
        assert!(playing);
    }
}

#[test]
fn slices_are_short_and_let_messages_in_between() {
    let mut bench = Bench::running(1_000_000, 100.0, 0.5);
    for _ in 0..50 {
        let before = bench.now_ms;
        bench.run_for(0.001);
        let took = bench.now_ms - before;
        assert!(took <= f64::from(REST_MS) + SLICE_MS + 4.0 * bench.look_ms, "{took} ms");
    }
}

#[test]
fn a_machine_too_slow_gets_slower_time_and_no_debt() {
    // 1,000 events in 5 ms: far too slow for a million users.
    let mut bench = Bench::running(1_000_000, 10.0, 5.0);
    bench.run_for(5_000.0);
    let (_, reached, _) = bench.look();
    assert!(reached > 0.0 && reached < 5.0, "{reached}");
    close(reached, bench.simulated_secs() / 5.0, 0.5);
    // As soon as there is less to do, time goes on at the speed asked for, and does not race to make up for it.
    bench.tell(ToEngine::Act(Action::SetUsers(1)));
    let from = bench.simulated_secs();
    bench.run_for(2_000.0);
    close(bench.simulated_secs() - from, 20.0, 0.1);
}

#[test]
fn a_machine_that_slept_does_not_race_afterwards() {
    let mut bench = Bench::running(1_000, 1.0, 0.01);
    bench.run_for(100.0);
    let before = bench.simulated_secs();
    bench.now_ms += 3_600_000.0;
    bench.run_for(100.0);
    assert!(bench.simulated_secs() - before < 0.3, "an hour of sleep became simulated time");
}

#[test]
fn it_stops_at_the_very_nanosecond_and_only_once() {
    let mut bench = Bench::running(1_000, 50.0, 0.01);
    bench.tell(ToEngine::SetStopAt(Some(SimTime::from_nanos(2_345_678_901))));
    bench.run_for(1_000.0);
    let (snapshot, reached, playing) = bench.look();
    assert_eq!(snapshot.now, SimTime::from_nanos(2_345_678_901));
    assert_eq!((reached, playing), (0.0, false));
    assert_eq!(bench.driver.next_slice(), Next::Rest);
    bench.tell(ToEngine::SetPlaying(true));
    bench.run_for(1_000.0);
    assert!(bench.simulated_secs() > 50.0);
}

#[test]
fn what_is_skipped_passes_as_fast_as_it_can_and_is_the_same_run() {
    let mut bench = Bench::running(1_000, 1.0, 0.01);
    bench.tell(ToEngine::SetPlaying(false));
    let start = SimTime::from_secs_f64(30.0);
    bench.tell(ToEngine::SkipTo(start));
    bench.run_for(2_000.0);
    let (snapshot, _, playing) = bench.look();
    assert_eq!((snapshot.now, playing), (start, false));
    let mut plain = crate::sim::Simulation::new(network(1_000), 7);
    plain.advance(start);
    assert_eq!(snapshot.fingerprint, plain.snapshot().fingerprint);
    bench.tell(ToEngine::SetPlaying(true));
    bench.run_for(1_000.0);
    assert!((30.9..31.1).contains(&bench.simulated_secs()), "{}", bench.simulated_secs());
    bench.tell(ToEngine::Seek(SimTime::from_secs_f64(10.0)));
    bench.run_for(1_000.0);
    assert_eq!(bench.look().0.now, SimTime::from_secs_f64(10.0), "what was skipped can be gone back to");
}

#[test]
fn speed_slices_and_looking_do_not_change_what_happens() {
    let run = |speed: f64, look_ms: f64, trace_rate: u32, looks: bool| {
        let mut bench = Bench::running(60_000, speed, look_ms);
        bench.tell(ToEngine::SetTraceRate(trace_rate));
        bench.tell(ToEngine::SetStopAt(Some(SimTime::from_secs_f64(4.0))));
        while bench.driver.next_slice() != Next::Rest {
            bench.run_for(10.0);
            if looks {
                bench.look();
            }
        }
        let (snapshot, ..) = bench.look();
        (snapshot.fingerprint, snapshot.events, snapshot.requests)
    };
    let mut plain = crate::sim::Simulation::new(network(60_000), 7);
    plain.advance(SimTime::from_secs_f64(4.0));
    let expected = (plain.fingerprint(), plain.events(), plain.requests());
    assert!(expected.1 > 1_000, "only {} events prove little", expected.1);
    assert_eq!(run(1.0, 0.01, 0, false), expected);
    assert_eq!(run(50.0, 0.01, 300, true), expected);
    assert_eq!(run(3.7, 2.0, 1_000_000, true), expected);
}

#[test]
fn acts_take_effect_at_the_time_reached() {
    let mut bench = Bench::running(1_000, 1.0, 0.01);
    bench.run_for(500.0);
    bench.tell(ToEngine::Act(Action::SetUsers(5)));
    assert_eq!(bench.look().0.users, 5);
}

#[test]
fn a_step_is_one_event_and_then_rest() {
    let mut bench = Bench::running(1_000, 1.0, 0.01);
    bench.run_for(200.0);
    let before = bench.look().0;
    bench.tell(ToEngine::Step);
    let (after, _, playing) = bench.look();
    assert!(after.now > before.now && after.events > before.events);
    assert!(!playing);
    assert_eq!(bench.driver.next_slice(), Next::Rest);
}

#[test]
fn a_snapshot_is_given_at_rest_and_owed_before_the_start() {
    let mut bench = Bench::new(0.01);
    bench.tell(ToEngine::WantSnapshot);
    assert_eq!(bench.said, []);
    bench.tell(start(10));
    assert!(matches!(bench.said[..], [FromEngine::Snapshot { run: RunId(3), playing: false, .. }]));
    assert_eq!(bench.look().0.users, 10);
}

#[test]
fn traces_are_as_many_per_real_second_at_any_speed() {
    // 200,000 users send about 800 requests a second; a stride is a power of two, so the rate is met to a factor of two.
    for (speed, look_ms) in [(1.0, 0.01), (20.0, 0.01), (20.0, 3.0)] {
        let mut bench = Bench::running(200_000, speed, look_ms);
        bench.tell(ToEngine::SetTraceRate(100));
        bench.run_for(3_000.0);
        bench.look();
        bench.run_for(3_000.0);
        let traces = bench.look().0.traces.len();
        assert!((100..=450).contains(&traces), "{traces} traces in three seconds at speed {speed}");
    }
}

#[test]
fn a_speed_that_is_none_is_ignored() {
    let mut bench = Bench::running(1_000, 2.0, 0.01);
    for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        bench.tell(ToEngine::SetSpeed(nonsense));
    }
    bench.run_for(1_000.0);
    close(bench.simulated_secs(), 2.0, 0.02);
}

#[test]
fn a_question_is_answered_without_a_run_and_beside_one() {
    let ask = |question| ToEngine::FindCapacity {
        question,
        network: network(1_000),
        objective: Objective::default(),
        seed: 1,
    };
    let mut beside = Bench::running(1_000, 1.0, 1.0);
    beside.tell(ask(1));
    beside.run_for(1_000.0);
    close(beside.simulated_secs(), 1.0, 0.05);

    let mut alone = Bench::new(1.0);
    alone.tell(ask(1));
    // The second question takes the place of the first.
    alone.tell(ask(2));
    while alone.said.is_empty() {
        assert_eq!(alone.driver.next_slice(), Next::Soon);
        alone.run_for(10.0);
    }
    let [FromEngine::Capacity { question: 2, capacity: Some(CapacityFound { users, missed_at: Some(missed_at) }) }] =
        alone.said[..]
    else {
        panic!("not an answer to the second question: {:?}", alone.said)
    };
    assert!(1 < users && users < missed_at, "{users} {missed_at}");
    assert_eq!(alone.driver.next_slice(), Next::Rest);
}

#[test]
fn an_edit_goes_on_in_the_same_run() {
    let mut bench = Bench::running(1_000, 1.0, 0.01);
    bench.run_for(500.0);
    let before = bench.look().0;
    let other = compile(&Example::REPLICATED.design()).expect("the example runs");
    let n_stations = other.stations.len();
    bench.tell(ToEngine::Swap(other));
    bench.run_for(500.0);
    let after = bench.look().0;
    assert!(after.now > before.now && after.requests >= before.requests);
    assert_eq!(after.stations.len(), n_stations);
}

#[test]
fn in_slow_motion_every_request_under_way_is_told_of_where_it_is() {
    let mut bench = Bench::running(15_000, 1.0, 0.01);
    bench.run_for(1_000.0);
    assert_eq!(bench.look().0.under_way, None);
    bench.tell(ToEngine::SetSpeed(0.01));
    // Requests that were there before are not sampled; after half a simulated second few are left.
    bench.run_for(50_000.0);
    let (snapshot, ..) = bench.look();
    let under_way = snapshot.under_way.expect("it is slow enough");
    let seen = under_way.len() as u64;
    assert!(seen > 1 && seen <= snapshot.in_flight && 2 * seen >= snapshot.in_flight, "{seen}");
    let now = snapshot.now;
    for trace in &under_way {
        assert!(!trace.spans.is_empty());
        for span in &trace.spans {
            assert!(span.sent <= now && now < span.answered, "{span:?}");
            assert!(span.finished <= now || span.finished == crate::units::SimTime::NEVER, "{span:?}");
        }
    }
}

/// Everything that shows whether two moments are the same.
fn digest(snapshot: &Snapshot) -> (SimTime, u64, u64, u64, u64) {
    (snapshot.now, snapshot.fingerprint, snapshot.events, snapshot.requests, snapshot.users)
}

impl Bench {
    fn reach(&mut self) -> Reach {
        self.tell(ToEngine::WantSnapshot);
        match self.said.pop() {
            Some(FromEngine::Snapshot { reach, .. }) => reach,
            other => panic!("a snapshot was asked for, not {other:?}"),
        }
    }

    fn seek(&mut self, secs: f64) -> Snapshot {
        self.tell(ToEngine::Seek(SimTime::from_secs_f64(secs)));
        self.run_for(60_000.0);
        self.look().0
    }
}

/// A run in which much is done: it is edited, killed, pulled up and down.
fn eventful() -> Bench {
    let mut bench = Bench::running(60_000, 5.0, 0.01);
    bench.run_for(1_000.0);
    bench.tell(ToEngine::Act(Action::SetUsers(150_000)));
    bench.run_for(1_000.0);
    let mut edited = network(60_000);
    let server = edited.stations.iter_mut().find(|spec| spec.config.kind() == crate::design::Kind::Server);
    let id = server.expect("the starter has a server").component;
    let mut config = crate::design::Kind::Server.default_config();
    crate::design::field::Configurable::set(&mut config, "cores", crate::design::field::Value::Number(2.0))
        .expect("a server has cores");
    edited.reconfigure(id, &config);
    bench.tell(ToEngine::Swap(edited));
    bench.run_for(500.0);
    bench.tell(ToEngine::Act(Action::Kill(id)));
    bench.tell(ToEngine::Act(Action::SetUsers(20_000)));
    bench.run_for(500.0);
    bench.tell(ToEngine::Act(Action::Restore(id)));
    bench.run_for(2_000.0);
    bench.tell(ToEngine::SetPlaying(false));
    bench
}

#[test]
fn scrubbing_back_and_forth_shows_the_same_moments_to_the_bit() {
    let mut bench = eventful();
    let live = bench.look().0;
    assert!(live.events > 50_000, "{} events prove little", live.events);
    let times = [3.0, 11.2, 14.987_654, 0.0, 24.0, 9.999];
    let first: Vec<_> = times.iter().map(|&secs| digest(&bench.seek(secs))).collect();
    for (&secs, seen) in times.iter().zip(&first) {
        assert_eq!(seen.0, SimTime::from_secs_f64(secs));
    }
    assert_eq!(first[0].4, 60_000);
    let again: Vec<_> = times.iter().rev().map(|&secs| digest(&bench.seek(secs))).collect();
    assert!(first.iter().rev().eq(&again), "{first:?}\n{again:?}");
    bench.tell(ToEngine::GoLive);
    assert_eq!(digest(&bench.look().0), digest(&live));
    // Running through the past leads to where the run was, and beyond as if nobody had looked.
    bench.seek(2.0);
    bench.tell(ToEngine::SetStopAt(Some(SimTime::from_secs_f64(40.0))));
    bench.tell(ToEngine::SetPlaying(true));
    bench.run_for(20_000.0);
    let mut straight = eventful();
    straight.tell(ToEngine::SetStopAt(Some(SimTime::from_secs_f64(40.0))));
    straight.tell(ToEngine::SetPlaying(true));
    straight.run_for(20_000.0);
    assert_eq!(digest(&bench.look().0), digest(&straight.look().0));
}

#[test]
fn nothing_is_told_twice() {
    let mut bench = eventful();
    let mut samples = bench.look().0.samples;
    for secs in [4.0, 12.0, 1.0] {
        samples.extend(bench.seek(secs).samples);
    }
    bench.tell(ToEngine::SetPlaying(true));
    bench.run_for(6_000.0);
    samples.extend(bench.look().0.samples);
    assert!(samples.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert!(samples.last().expect("it ran").at > SimTime::from_secs_f64(26.0));
}

#[test]
fn steps_back_and_forth_meet_the_same_moments() {
    let mut bench = eventful();
    bench.seek(12.5);
    let mut met = vec![digest(&bench.look().0)];
    for _ in 0..100 {
        bench.tell(ToEngine::StepBack);
        bench.run_for(60_000.0);
        met.push(digest(&bench.look().0));
    }
    assert!(met.windows(2).all(|pair| pair[1].2 < pair[0].2), "each step back undoes events");
    // The first one was between two events, so steps meet all but that.
    for before in met[1..100].iter().rev() {
        bench.tell(ToEngine::Step);
        assert_eq!(digest(&bench.look().0), *before);
    }
}

#[test]
fn what_is_done_in_the_past_begins_another_run_there() {
    let mut bench = eventful();
    let before = bench.reach();
    bench.seek(7.0);
    assert_eq!(bench.reach(), before);
    bench.tell(ToEngine::Act(Action::SetUsers(1_000)));
    let reach = bench.reach();
    let at = SimTime::from_secs_f64(7.0);
    assert_eq!((reach.live, reach.branches, reach.branched_at), (at, 1, at));
    bench.tell(ToEngine::SetStopAt(Some(SimTime::from_secs_f64(20.0))));
    bench.tell(ToEngine::SetPlaying(true));
    bench.run_for(20_000.0);
    let (branched, ..) = bench.look();
    assert_eq!(branched.users, 1_000, "neither kill nor users of the run before come back");
    // The other run has a past of its own, in which the edit of the drawing came at the moment of the deed.
    let other = digest(&bench.seek(18.0));
    let early = bench.seek(5.0);
    assert_eq!(early.users, 60_000);
    assert_eq!(digest(&bench.seek(18.0)), other);
    let network = bench.driver.running.as_ref().expect("it runs").simulation.network();
    let server = network.stations.iter().find(|spec| spec.config.kind() == crate::design::Kind::Server);
    let cores = crate::design::field::Configurable::get(&server.expect("drawn").config, "cores");
    assert_eq!(cores, Some(crate::design::field::Value::Number(2.0)));
}

#[test]
fn a_long_past_is_thinned_out_and_still_exact() {
    let mut bench = Bench::running(400_000, 50.0, 0.001);
    bench.run_for(4_000.0);
    bench.tell(ToEngine::SetPlaying(false));
    let live = bench.look().0;
    let past = &bench.driver.running.as_ref().expect("it runs").past;
    assert!(past.n_copies() > 2 && past.n_copies() <= 32, "{} copies of {} events", past.n_copies(), live.events);
    let reach = bench.reach();
    assert_eq!(reach.oldest, SimTime::ZERO);
    let middle = live.now.as_secs_f64() / 2.0;
    let seen = digest(&bench.seek(middle));
    let mut plain = crate::sim::Simulation::new(network(400_000), 7);
    plain.advance(SimTime::from_secs_f64(middle));
    assert_eq!((seen.1, seen.2), (plain.fingerprint(), plain.events()));
}
