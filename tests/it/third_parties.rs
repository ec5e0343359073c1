//! Third parties: their limits, their absences, and what repetitions do there.

use headroom::design::kind::third_party::ThirdParty;
use headroom::design::kind::users::Users;
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Outcome;
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, plain_server, poisson_readers};

const PARTY: usize = 2;

fn run(users: u64, party: ThirdParty, link: LinkConfig, secs: f64) -> Measurements {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(Users { ..poisson_readers() }));
    let shop = drawing.add("shop", ComponentConfig::Server(plain_server(Distribution::constant(0.0))));
    let party = drawing.add("party", ComponentConfig::ThirdParty(party));
    drawing.connect(people, shop, LinkRole::Requests);
    drawing.connect_by(shop, party, LinkRole::Requests, link);
    let mut simulation = Simulation::new(drawing.network(), 7);
    simulation.advance(SimTime::from_secs_f64(secs));
    simulation.take_measurements()
}

fn quick() -> ThirdParty {
    ThirdParty { response_time: Distribution::constant(0.1), rate_limit_per_sec: None, ..ThirdParty::default() }
}

/// Of 150 calls a second 100 are allowed; the rest are turned away at once.
#[test]
fn calls_beyond_its_limit_are_turned_away() {
    let party = ThirdParty { rate_limit_per_sec: Some(100.0), burst: 1.0, ..quick() };
    let measured = run(150, party, instant_link(), 200.0);
    let outcomes = measured.all_classes().outcomes;
    assert_eq!(outcomes.failed(), outcomes.get(Outcome::RateLimited));
    let answered = outcomes.get(Outcome::Answered) as f64 / 200.0;
    // One token at most: after each call there is none for 10 ms, and then the next to come takes it (a loss system with
    // constant service, λ/(1 + λD) = 60).
    assert!((answered - 60.0).abs() < 1.5, "{answered}");
    let generous = ThirdParty { rate_limit_per_sec: Some(100.0), burst: 100.0, ..quick() };
    let answered = run(150, generous, instant_link(), 200.0).all_classes().outcomes.get(Outcome::Answered) as f64;
    assert!((answered / 200.0 - 100.0).abs() < 1.5, "{}", answered / 200.0);
}

/// An alternating renewal process: the share of calls that find it there is its availability.
#[test]
fn it_is_there_for_the_share_of_time_that_it_promises() {
    let party = ThirdParty { availability: 0.9, outage_secs: 2.0, ..quick() };
    let measured = run(20, party, instant_link(), 10_000.0);
    let away = measured.all_classes().outcomes.error_share();
    // Some 500 outages of 2 s, exponential: a standard error of about 6 % of the tenth.
    assert!((away - 0.1).abs() < 0.02, "{away}");
}

/// Half of the calls take 0.4 s, and the caller gives up after 0.3 s and asks again. What it has been asked to do it does:
/// without keys twice.
#[test]
fn keys_keep_repetitions_from_being_done_twice() {
    let slow = |idempotency_keys| ThirdParty {
        response_time: Distribution::Uniform { min_secs: 0.2, max_secs: 0.4 },
        idempotency_keys,
        ..quick()
    };
    let link = LinkConfig { timeout_secs: Some(0.3), retries: 1, retry_backoff_secs: 0.0, ..instant_link() };
    let with = run(100, slow(true), link, 100.0);
    let counts = with.stations[PARTY].third_party.as_deref().expect("it was called").clone();
    let requests = with.all_classes().arrivals;
    assert_eq!(counts.duplicates, 0);
    assert!((counts.recognised as f64 / requests as f64 - 0.5).abs() < 0.03, "{counts:?}");
    assert!(counts.carried_out <= requests && counts.carried_out + 60 > requests, "{counts:?} of {requests}");
    // The repetition waits for the first call, which takes 0.1 s longer at most: nobody fails.
    assert_eq!(with.all_classes().outcomes.failed(), 0);
    let without = run(100, slow(false), link, 100.0);
    let counts = without.stations[PARTY].third_party.as_deref().expect("it was called").clone();
    assert_eq!(counts.recognised, 0);
    assert!((counts.duplicates as f64 / requests as f64 - 0.5).abs() < 0.03, "{counts:?}");
    assert!(counts.carried_out > requests * 14 / 10, "{counts:?} of {requests}");
}
