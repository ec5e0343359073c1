use super::*;
use crate::sim::snapshot::{Percentiles, ResourceUse, Sample};
use crate::units::SimTime;

/// A station with so many cores in use.
pub fn station(component: u32, instance: u32, used: f64, capacity: f64) -> StationSnapshot {
    StationSnapshot {
        component: ComponentId(component),
        instance,
        health: Health::Up,
        arrival_rate: 100.0,
        throughput: 100.0,
        outcomes: OutcomeCounts::of(&[(Outcome::Answered, 100)]),
        queue_length: 0.0,
        in_system: 4,
        waiting: 0,
        queue_limit: Some(1000),
        resources: vec![ResourceUse { resource: Resource::Cores, used, capacity }],
        wait: Percentiles::default(),
        response: Percentiles::default(),
        particulars: Particulars::None,
    }
}

#[test]
fn machines_of_a_component_are_added_up() {
    let snapshot = Snapshot { stations: vec![station(1, 0, 1.0, 4.0), station(1, 1, 3.0, 4.0)], ..Default::default() };
    let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
    assert_eq!(figures.scarcest, Some((Resource::Cores, 0.5)));
    assert_eq!(figures.throughput, 200.0);
    assert_eq!(figures.machines.len(), 2);
    assert_eq!(figures.state, State::Calm);
}

#[test]
fn dead_machines_neither_help_nor_hide_the_load_of_the_others() {
    let mut dead = station(1, 1, 0.0, 4.0);
    dead.health = Health::Down;
    let snapshot = Snapshot { stations: vec![station(1, 0, 3.9, 4.0), dead.clone()], ..Default::default() };
    let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
    assert_eq!(figures.scarcest, Some((Resource::Cores, 0.975)));
    assert_eq!(figures.state, State::Saturated);
    let all_dead = Snapshot { stations: vec![dead], ..Default::default() };
    assert_eq!(Figures::of(&all_dead, &Design::new()).components[&ComponentId(1)].state, State::Down);
}

#[test]
fn strain_moves_without_jumps_and_a_tremble_at_a_border_changes_no_state() {
    let mut figures = Figures::default();
    let mut at = |used: f64| {
        figures.observe(&Snapshot { stations: vec![station(1, 0, used, 4.0)], ..Default::default() }, &Design::new());
        let figures = &figures.components[&ComponentId(1)];
        (figures.strain, figures.state)
    };
    let (mut before, _) = at(0.4);
    for _ in 0..30 {
        let (strain, _) = at(3.4);
        assert!(strain - before <= 0.75 * SMOOTHING + 1e-9, "{before} to {strain}");
        before = strain;
    }
    for used in [3.15, 3.25, 3.1, 3.3, 3.12] {
        assert_eq!(at(used).1, State::Hot);
    }
    assert_eq!((0..30).map(|_| at(2.9).1).last(), Some(State::Warm));
}

#[test]
fn memory_counts_only_when_it_gets_short() {
    let with_memory = |share: f64| {
        let mut idle = station(1, 0, 0.04, 4.0);
        idle.resources.push(ResourceUse { resource: Resource::Memory, used: share, capacity: 1.0 });
        let snapshot = Snapshot { stations: vec![idle], ..Default::default() };
        Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)].scarcest
    };
    assert_eq!(with_memory(0.5), Some((Resource::Cores, 0.01)));
    assert_eq!(with_memory(0.75), Some((Resource::Memory, 0.75)));
}

#[test]
fn who_is_asked_less_because_others_turn_calls_away_does_not_look_better() {
    let design = crate::scene::tests::three_in_a_row();
    let link = |id| LinkSnapshot {
        link: LinkId(id),
        attempt_rate: 100.0,
        retry_rate: 0.0,
        outcomes: OutcomeCounts::of(&[(Outcome::Answered, 100)]),
        response: Percentiles::default(),
    };
    let strain = |shed: u64, used: f64| {
        let mut front = station(2, 0, 4.0, 4.0);
        front.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 100 - shed), (Outcome::Shed, shed)]);
        let stations = vec![station(1, 0, 0.0, 0.0), front, station(3, 0, used, 4.0)];
        let links = design.links().map(|drawn| link(drawn.id.0)).collect();
        Figures::of(&Snapshot { stations, links, ..Default::default() }, &design).components[&ComponentId(3)].strain
    };
    assert_eq!(strain(0, 2.0), 0.5);
    assert!((strain(50, 1.0) - 0.5).abs() < 1e-9, "half of the calls take half of the cores: {}", strain(50, 1.0));
    assert_eq!(strain(75, 2.0), HELD_BACK_MOST);
    assert!(strain(75, 3.6) > 0.95, "what was near its end stays there");
}

#[test]
fn refusals_mean_saturation_whatever_the_cores_say() {
    let mut refusing = station(1, 0, 0.1, 4.0);
    refusing.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 50), (Outcome::Refused, 50)]);
    let snapshot = Snapshot { stations: vec![refusing], ..Default::default() };
    let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
    assert_eq!(figures.state, State::Saturated);
    assert_eq!(figures.main_failure, Some(Outcome::Refused));
    assert_eq!(figures.failure_rate, 50.0);
}

#[test]
fn failures_are_counted_where_they_happen() {
    let design = crate::scene::tests::three_in_a_row();
    let mut refusing = station(2, 0, 4.0, 4.0);
    refusing.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 50), (Outcome::Refused, 50)]);
    let mut users = station(1, 0, 0.0, 0.0);
    users.outcomes = refusing.outcomes;
    let link = LinkSnapshot {
        link: LinkId(4),
        attempt_rate: 100.0,
        retry_rate: 0.0,
        outcomes: refusing.outcomes,
        response: Percentiles::default(),
    };
    let snapshot = Snapshot { stations: vec![users, refusing], links: vec![link], ..Default::default() };
    let figures = Figures::of(&snapshot, &design);
    let users = &figures.components[&ComponentId(1)];
    assert_eq!((users.failure_rate, users.own_failure_rate, users.state), (50.0, 0.0, State::Calm));
    let server = &figures.components[&ComponentId(2)];
    assert_eq!((server.own_failure_rate, server.state), (50.0, State::Saturated));
}

#[test]
fn faults_are_known_from_the_line_that_begins_them_to_the_line_that_ends_them() {
    let (slow, lost) = (FaultKind::ALL[0], FaultKind::ALL[1]);
    let entry =
        |link, happening| LogEntry { at: SimTime::ZERO, component: ComponentId(1), instance: 0, link, happening };
    let mut figures = Figures::default();
    let mut tell = |log| {
        figures.observe(&Snapshot { log, ..Default::default() }, &Design::new());
        (figures.faults.get(&ComponentId(1)).cloned(), figures.link_faults.get(&LinkId(4)).cloned())
    };
    let began = [
        entry(None, Happening::FaultBegan(slow)),
        entry(None, Happening::FaultBegan(slow)),
        entry(Some(LinkId(4)), Happening::FaultBegan(lost)),
    ];
    assert_eq!(tell(began.to_vec()), (Some(vec![slow]), Some(vec![lost])));
    let ended = [entry(None, Happening::FaultEnded(Some(slow))), entry(Some(LinkId(4)), Happening::FaultEnded(None))];
    assert_eq!(tell(ended.to_vec()), (Some(Vec::new()), Some(Vec::new())));
}

#[test]
fn the_sparkline_keeps_half_a_minute_and_starts_anew_with_a_run() {
    let mut figures = Figures::default();
    let at = |secs: f64| Snapshot {
        now: SimTime::from_secs_f64(secs),
        stations: vec![station(1, 0, 2.0, 4.0)],
        samples: vec![Sample {
            at: SimTime::from_secs_f64(secs),
            utilisation: vec![(ComponentId(1), 0.5)],
            ..Default::default()
        }],
        ..Default::default()
    };
    for second in 0..100 {
        figures.observe(&at(f64::from(second)), &Design::new());
    }
    let history = &figures.components[&ComponentId(1)].history;
    assert_eq!((history.front().unwrap().0, history.back().unwrap().0), (69.0, 99.0));
    figures.observe(&at(1.0), &Design::new());
    assert_eq!(figures.components[&ComponentId(1)].history.len(), 1);
    let shares = [(ComponentId(1), 0.25), (ComponentId(9), 0.5)];
    figures.recall([0.0, 0.5].into_iter().map(|secs| (secs, shares.as_slice())));
    assert_eq!(figures.components[&ComponentId(1)].history, [(0.0, 0.25), (0.5, 0.25)]);
}

#[test]
fn what_strains_a_part_is_told_where_its_gauge_does_not_show_it() {
    let reason = |change: fn(&mut StationSnapshot)| {
        let mut seen = station(1, 0, 0.2, 4.0);
        change(&mut seen);
        let snapshot = Snapshot { stations: vec![seen], ..Default::default() };
        Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)].reason()
    };
    assert_eq!(reason(|_| {}), None);
    assert_eq!(reason(|seen| seen.resources[0].used = 3.9), None);
    assert_eq!(reason(|seen| seen.queue_length = 500.0), Some(Reason::Queues(0.5)));
    let fails = |seen: &mut StationSnapshot| {
        seen.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 95), (Outcome::Refused, 5)]);
    };
    assert_eq!(reason(fails), Some(Reason::Fails(0.05)));
}
