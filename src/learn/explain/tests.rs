use super::*;
use crate::design::edit::Edit;
use crate::design::traffic::{Pattern, Traffic};
use crate::design::{Kind, Link, LinkConfig, LinkRole};
use crate::geometry::Point;
use crate::ids::LinkId;
use crate::sim::snapshot::{Health, OutcomeCounts, Percentiles, ResourceUse, StationSnapshot};

const SERVER: ComponentId = ComponentId(1);
const PRIMARY: ComponentId = ComponentId(2);
const REPLICA: ComponentId = ComponentId(3);

fn design() -> Design {
    let mut design = Design::new();
    let mut add = |id, kind: Kind, name: &str| {
        let config = kind.default_config();
        let component = Component { id, name: name.to_owned(), config, position: Point::default(), frame: None };
        design.apply(Edit::AddComponent(component)).expect("new");
    };
    add(ComponentId(0), Kind::Users, "Users");
    add(SERVER, Kind::Server, "Web server");
    add(PRIMARY, Kind::SqlDatabase, "Database primary");
    add(REPLICA, Kind::SqlDatabase, "Read replica");
    let mut connect = |id, from, to, role| {
        let link = Link { id: LinkId(id), from, to, role, config: LinkConfig::default() };
        design.apply(Edit::AddLink(link)).expect("allowed");
    };
    connect(10, ComponentId(0), SERVER, LinkRole::Requests);
    connect(11, SERVER, PRIMARY, LinkRole::Queries);
    connect(12, PRIMARY, REPLICA, LinkRole::Replicate);
    design
}

fn station(component: ComponentId, cores: f64) -> StationSnapshot {
    StationSnapshot {
        component,
        instance: 0,
        health: Health::Up,
        arrival_rate: 100.0,
        throughput: 100.0,
        outcomes: OutcomeCounts::of(&[(Outcome::Answered, 100)]),
        queue_length: cores * 10.0,
        in_system: 10,
        waiting: 5,
        queue_limit: Some(1000),
        resources: vec![ResourceUse { resource: Resource::Cores, used: cores * 8.0, capacity: 8.0 }],
        wait: Percentiles { mean_secs: 1.8, ..Percentiles::default() },
        response: Percentiles::default(),
        particulars: Particulars::None,
    }
}

fn database(component: ComponentId, cores: f64, is_primary: bool, failing_over: bool) -> StationSnapshot {
    let particulars = Particulars::Database {
        is_primary,
        failing_over,
        lag_writes: 0,
        lag_secs: 0.0,
        stale_reads: 0,
        lost_writes: 0,
        conflicts: 0,
    };
    StationSnapshot { particulars, ..station(component, cores) }
}

fn snapshot(stations: Vec<StationSnapshot>) -> Snapshot {
    Snapshot { requests: 1000, stations, ..Snapshot::default() }
}

fn recent(failed: u64, growth_per_sec: f64) -> Totals {
    Totals {
        span_secs: 5.0,
        arrival_rate: 100.0,
        outcomes: OutcomeCounts::of(&[(Outcome::Answered, 500 - failed), (Outcome::TimedOut, failed)]),
        growth_per_sec,
        ..Totals::default()
    }
}

fn about(snapshot: &Snapshot, recent: Totals, capacity: Option<Capacity>) -> Explanation {
    let design = design();
    let explanation =
        explain(&Situation { design: &design, problems: &[], snapshot, recent, out_of_memory: None, capacity });
    assert!(!explanation.sentence.contains(['{', '}']), "{}", explanation.sentence);
    assert!(!explanation.sentence.contains("verdict."), "{}", explanation.sentence);
    explanation
}

#[test]
fn all_is_well_names_the_busiest() {
    let told = about(&snapshot(vec![station(SERVER, 0.31), station(PRIMARY, 0.2)]), recent(0, 0.0), None);
    assert_eq!((told.tone, told.component), (Tone::Healthy, Some(SERVER)));
    assert!(told.sentence.contains("Web server") && told.sentence.contains("31"), "{}", told.sentence);
}

#[test]
fn a_system_that_idles_says_so_and_memory_is_no_load() {
    let mut server = station(SERVER, 0.01);
    server.resources.push(ResourceUse { resource: Resource::Memory, used: 0.03, capacity: 1.0 });
    let told = about(&snapshot(vec![server, station(PRIMARY, 0.02)]), recent(0, 0.0), None);
    assert_eq!((told.tone, told.finding, told.component), (Tone::Healthy, "idle", Some(PRIMARY)));
    assert!(!told.sentence.contains("memory"), "{}", told.sentence);
    let nobody = Totals { arrival_rate: 0.0, outcomes: OutcomeCounts::default(), ..recent(0, 0.0) };
    let told = about(&snapshot(vec![station(SERVER, 0.0)]), nobody, None);
    assert_eq!((told.tone, told.finding), (Tone::Healthy, "nobody"));
}

#[test]
fn the_bottleneck_is_the_last_of_those_that_wait() {
    let mut server = station(SERVER, 1.0);
    server.resources[0].resource = Resource::Slots;
    let told = about(&snapshot(vec![server, station(PRIMARY, 0.97)]), recent(0, 0.0), Some(Capacity::UpTo(14_142)));
    assert_eq!((told.finding, told.component), ("bottleneck", Some(PRIMARY)));
    let sentence = told.sentence.replace(format::THIN_SPACE, " ");
    assert!(sentence.starts_with("Database primary is the bottleneck"), "{sentence}");
    assert!(sentence.contains("97 %") && sentence.contains("1.8 s") && sentence.contains("14,000"), "{sentence}");
}

#[test]
fn overload_grows_without_bound_and_has_no_latency() {
    let mut primary = station(PRIMARY, 1.0);
    primary.queue_limit = None;
    let told = about(&snapshot(vec![primary]), recent(0, 20.0), None);
    assert_eq!(told.finding, "grows");
    assert!(told.sentence.contains("without bound"), "{}", told.sentence);
    assert!(!told.sentence.contains("1.8"), "{}", told.sentence);
}

#[test]
fn a_limited_queue_says_when_it_will_be_full() {
    let mut primary = station(PRIMARY, 1.0);
    primary.throughput = 80.0;
    primary.waiting = 200;
    let told = about(&snapshot(vec![primary]), recent(0, 20.0), None);
    assert_eq!(told.finding, "grows_until_full");
    assert!(told.sentence.contains("40"), "800 places fill at 20 a second: {}", told.sentence);
}

#[test]
fn a_full_queue_refuses() {
    let mut primary = station(PRIMARY, 1.0);
    primary.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 75), (Outcome::Refused, 25)]);
    let told = about(&snapshot(vec![primary]), recent(100, 0.0), None);
    assert_eq!(told.finding, "refuses");
    assert!(told.sentence.contains("25"), "{}", told.sentence);
}

#[test]
fn death_comes_before_everything_else() {
    let mut server = station(SERVER, 0.0);
    server.health = Health::Down;
    let told = about(&snapshot(vec![server.clone(), station(PRIMARY, 1.0)]), recent(490, 0.0), None);
    assert_eq!((told.tone, told.finding, told.component), (Tone::Down, "down", Some(SERVER)));
    let told = about(&snapshot(vec![server, station(PRIMARY, 0.1)]), recent(0, 0.0), None);
    assert_eq!(told.finding, "down_but_served");
    // What a full queue turns away is not the fault of somebody who has died elsewhere.
    let mut dead = station(REPLICA, 0.0);
    dead.health = Health::Down;
    let mut full = station(PRIMARY, 1.0);
    full.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 75), (Outcome::Refused, 25)]);
    let refused = OutcomeCounts::of(&[(Outcome::Answered, 400), (Outcome::Refused, 100)]);
    let told = about(&snapshot(vec![full, dead]), Totals { outcomes: refused, ..recent(0, 0.0) }, None);
    assert_eq!((told.finding, told.component), ("refuses", Some(PRIMARY)));
}

#[test]
fn a_group_without_primary_says_that_writes_fail() {
    let mut primary = database(PRIMARY, 0.0, true, true);
    primary.health = Health::Down;
    let told = about(&snapshot(vec![primary, database(REPLICA, 0.4, false, true)]), recent(30, 0.0), None);
    assert_eq!((told.finding, told.component), ("no_primary", Some(PRIMARY)));
    assert!(told.sentence.contains("until a replica is promoted"), "{}", told.sentence);
}

#[test]
fn failures_without_a_bottleneck_name_their_cause() {
    let told = about(&snapshot(vec![station(SERVER, 0.3)]), recent(50, 0.0), None);
    assert_eq!(told.finding, "failing");
    assert!(told.sentence.contains("10"), "{}", told.sentence);
}

#[test]
fn nothing_is_claimed_before_anything_ran() {
    let told = about(&Snapshot::default(), Totals::default(), Some(Capacity::UpTo(5)));
    assert_eq!((told.tone, told.finding), (Tone::Idle, "waiting"));
}

#[test]
fn a_process_that_dies_of_its_memory_is_told_of_by_that() {
    let design = design();
    let mut restarting = station(SERVER, 0.2);
    restarting.health = Health::Starting;
    let snapshot = snapshot(vec![restarting, station(PRIMARY, 0.1)]);
    let situation = Situation {
        design: &design,
        problems: &[],
        snapshot: &snapshot,
        recent: recent(250, 0.0),
        out_of_memory: Some(SERVER),
        capacity: None,
    };
    let explanation = explain(&situation);
    assert_eq!((explanation.finding, explanation.component), ("out_of_memory", Some(SERVER)));
    assert!(explanation.sentence.contains("memory") && explanation.sentence.contains("Web server"), "{explanation:?}");
}

#[test]
fn capacity_is_that_at_usual_traffic_and_more_traffic_is_told() {
    let told = |factor: f64| {
        let mut design = design();
        let mut settings = design.settings().clone();
        settings.traffic = Traffic(vec![Pattern::Constant { factor }]);
        design.apply(Edit::SetSettings(settings)).expect("in range");
        let snapshot = snapshot(vec![station(SERVER, 0.99), station(PRIMARY, 0.1)]);
        let capacity = Some(Capacity::UpTo(44_000));
        let recent = recent(0, 0.0);
        explain(&Situation {
            design: &design,
            problems: &[],
            snapshot: &snapshot,
            recent,
            out_of_memory: None,
            capacity,
        })
        .sentence
    };
    assert!(told(1.0).ends_with("The design copes with about 44,000 users."), "{}", told(1.0));
    let more = told(1.5);
    assert!(more.ends_with("44,000 users at usual traffic; now there is 1.5 times that."), "{more}");
}
