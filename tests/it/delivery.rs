//! Files: edges of a CDN near their users, object storage behind them, and what uploads do to both.

use headroom::design::edit::Edit;
use headroom::design::fault::Fault;
use headroom::design::kind::cdn::{Cdn, WhenDown};
use headroom::design::kind::object_storage::ObjectStorage;
use headroom::design::kind::server::Server;
use headroom::design::kind::users::Users;
use headroom::design::script::{Action, Target};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::{Outcome, RequestClass};
use headroom::theory;
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, plain_server, poisson_readers};

/// People who ask for files only; as many requests a second as people.
fn file_readers(keys: u32) -> Users {
    Users {
        read_share: 0.0,
        static_share: 1.0,
        static_keys: keys,
        static_key_exponent: 0.8,
        static_bytes: 10_000.0,
        static_bytes_cv: 0.0,
        ..poisson_readers()
    }
}

fn nothing() -> Distribution {
    Distribution::constant(0.0)
}

struct Site {
    network: Network,
    cdn: ComponentId,
    origin: ComponentId,
}

/// Station of the edge, and of the server at the origin.
const EDGE: usize = 1;
const ORIGIN: usize = 2;

/// Users → CDN → server; users know the server too.
fn site(users: u64, demand: Users, cdn: Cdn) -> Site {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let cdn = Cdn { hit_time: nothing(), bytes_per_sec: 1e9, ..cdn };
    let cdn = drawing.add("cdn", ComponentConfig::Cdn(cdn));
    let origin = Server { cores: 64, static_work: Distribution::constant(0.01), ..plain_server(nothing()) };
    let origin = drawing.add("origin", ComponentConfig::Server(origin));
    drawing.connect(people, cdn, LinkRole::Static);
    drawing.connect(people, origin, LinkRole::Requests);
    drawing.connect(cdn, origin, LinkRole::Fetch);
    Site { network: drawing.network(), cdn, origin }
}

fn span(simulation: &mut Simulation, until: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements()
}

/// Hits follow Che's approximation where capacity is counted in bytes and all files are alike.
#[test]
fn an_edge_hits_as_often_as_its_capacity_allows() {
    let cdn = Cdn { capacity_bytes: 500.0 * 10_000.0, ..Cdn::default() };
    let mut simulation = Simulation::new(site(1000, file_readers(5000), cdn).network, 1);
    span(&mut simulation, 60.0);
    let measured = span(&mut simulation, 260.0);
    let edge = &measured.stations[EDGE];
    let hit_ratio = edge.hits as f64 / (edge.hits + edge.misses) as f64;
    let theory = theory::lru_hit_ratio(&theory::zipf_popularity(5000, 0.8), 500);
    assert!((hit_ratio - theory).abs() < 0.006, "{hit_ratio}, theory {theory}");
    assert_eq!(measured.stations[ORIGIN].arrivals, edge.misses, "hits never reach the origin");
}

#[test]
fn collapsed_requests_load_a_cold_file_once() {
    let loads = |request_collapsing| {
        let cdn = Cdn { request_collapsing, ..Cdn::default() };
        let mut simulation = Simulation::new(site(2000, file_readers(1), cdn).network, 1);
        let measured = span(&mut simulation, 10.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
        measured.stations[ORIGIN].arrivals
    };
    assert_eq!(loads(true), 1);
    // 2,000/s for the 10 ms that the origin takes.
    assert!((10..=35).contains(&loads(false)), "{}", loads(false));
}

#[test]
fn users_fall_back_to_the_origin_or_get_errors_when_the_cdn_is_down() {
    for (when_down, fails) in [(WhenDown::Fallback, false), (WhenDown::Error, true)] {
        let site = site(500, file_readers(100), Cdn { when_down, ..Cdn::default() });
        let mut simulation = Simulation::new(site.network, 1);
        span(&mut simulation, 5.0);
        simulation.act(Action::Kill(site.cdn));
        let measured = span(&mut simulation, 10.0);
        let outcomes = measured.all_classes().outcomes;
        assert_eq!(outcomes.get(Outcome::TargetDown) > 0, fails, "{outcomes:?}");
        assert_eq!(measured.stations[ORIGIN].arrivals > 1000, !fails);
    }
}

#[test]
fn old_copies_bridge_an_outage_of_the_origin_if_they_may() {
    for (stale_if_error_secs, fails) in [(600.0, false), (0.0, true)] {
        let cdn = Cdn { ttl_secs: 2.0, stale_if_error_secs, ..Cdn::default() };
        let site = site(500, file_readers(50), cdn);
        let mut simulation = Simulation::new(site.network, 1);
        span(&mut simulation, 20.0);
        simulation.act(Action::Kill(site.origin));
        span(&mut simulation, 23.0);
        let outcomes = span(&mut simulation, 40.0).all_classes().outcomes;
        assert_eq!(outcomes.failed() > 0, fails, "{outcomes:?}");
    }
}

#[test]
fn while_a_copy_is_loaded_anew_the_old_one_is_handed_out() {
    let slow = |stale_while_revalidate_secs| {
        let cdn = Cdn { ttl_secs: 1.0, stale_while_revalidate_secs, ..Cdn::default() };
        let mut simulation = Simulation::new(site(500, file_readers(20), cdn).network, 1);
        span(&mut simulation, 5.0);
        let latency = span(&mut simulation, 35.0).all_classes().latency;
        latency.share_above(headroom::units::SimDuration::from_millis(5)) * latency.count() as f64
    };
    assert!(slow(0.0) > 500.0, "each of 20 files expires every second: {}", slow(0.0));
    assert!(slow(5.0) < 1.0, "{}", slow(5.0));
}

/// A purge empties the edges; files are cold again.
#[test]
fn a_purge_sends_everyone_to_the_origin_once() {
    let site = site(500, file_readers(200), Cdn::default());
    let mut simulation = Simulation::new(site.network, 1);
    span(&mut simulation, 60.0);
    assert!(span(&mut simulation, 70.0).stations[ORIGIN].arrivals < 5);
    simulation.act(Action::Inject { target: Target::Component(site.cdn), fault: Fault::Flush });
    let loads = span(&mut simulation, 130.0).stations[ORIGIN].arrivals;
    assert!((190..=200).contains(&loads), "{loads}");
}

/// Uploads replace files: copies of the old one are handed out until they expire, unless names have versions.
#[test]
fn uploads_make_copies_stale_unless_names_have_versions() {
    let stale = |versioned_objects| {
        let mut drawing = Drawing::for_users(1000);
        let demand = Users { static_share: 0.99, upload_share: 0.01, upload_bytes: 100_000.0, ..file_readers(500) };
        let people = drawing.add("people", ComponentConfig::Users(demand));
        let cdn = Cdn { versioned_objects, hit_time: nothing(), ..Cdn::default() };
        let cdn = drawing.add("cdn", ComponentConfig::Cdn(cdn));
        let storage = drawing.add("storage", ComponentConfig::ObjectStorage(ObjectStorage::default()));
        drawing.connect(people, cdn, LinkRole::Static);
        drawing.connect(people, storage, LinkRole::Uploads);
        drawing.connect(cdn, storage, LinkRole::Fetch);
        let mut simulation = Simulation::new(drawing.network(), 1);
        let measured = span(&mut simulation, 100.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
        let uploads = &measured.classes[RequestClass::Upload as usize];
        // 200 ms to keep a file, and its way there.
        assert!((uploads.latency.mean_secs() - 0.2).abs() < 0.02, "{}", uploads.latency.mean_secs());
        measured.stations[EDGE].stale_hits as f64 / measured.stations[EDGE].hits as f64
    };
    assert!(stale(false) > 0.3, "{}", stale(false));
    assert_eq!(stale(true), 0.0);
}

#[test]
fn a_prefix_of_a_storage_turns_away_what_exceeds_its_rate() {
    let refused = |prefixes| {
        let mut drawing = Drawing::for_users(3000);
        let people = drawing.add("people", ComponentConfig::Users(file_readers(10_000)));
        let storage = ObjectStorage { prefixes, gets_per_sec: 1000.0, ..ObjectStorage::default() };
        let storage = drawing.add("storage", ComponentConfig::ObjectStorage(storage));
        drawing.connect(people, storage, LinkRole::Static);
        let mut simulation = Simulation::new(drawing.network(), 1);
        span(&mut simulation, 10.0);
        let outcomes = span(&mut simulation, 40.0).all_classes().outcomes;
        outcomes.get(Outcome::RateLimited) as f64 / outcomes.total() as f64
    };
    let one = refused(1);
    assert!((one - 2.0 / 3.0).abs() < 0.01, "{one}");
    assert!(refused(20) < 0.01, "{}", refused(20));
}

/// An edge for each group of users; with a shield, each file is loaded from the origin once for all of them.
#[test]
fn each_group_of_users_has_an_edge_and_a_shield_loads_for_all() {
    let loads = |origin_shield| {
        let mut drawing = Drawing::for_users(900);
        let cdn = Cdn { origin_shield, hit_time: nothing(), ..Cdn::default() };
        let cdn = drawing.add("cdn", ComponentConfig::Cdn(cdn));
        let origin = drawing.add("origin", ComponentConfig::Server(plain_server(nothing())));
        for name in ["north", "south", "east"] {
            let people = drawing.add(name, ComponentConfig::Users(file_readers(100)));
            drawing.connect(people, cdn, LinkRole::Static);
        }
        let far = LinkConfig { latency: Distribution::constant(0.05), ..instant_link() };
        drawing.connect_by(cdn, origin, LinkRole::Fetch, far);
        let network = drawing.network();
        let edges = network.stations_of(cdn).count();
        assert_eq!(edges, if origin_shield { 4 } else { 3 });
        let origin = network.stations_of(origin).next().expect("drawn").0 as usize;
        let mut simulation = Simulation::new(network, 1);
        let measured = span(&mut simulation, 120.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
        assert!(measured.stations[..3].iter().all(|edge| edge.arrivals > 30_000), "each edge has its users");
        // The network may change while it runs.
        let mut design = drawing.design().clone();
        let last = design.components().last().expect("drawn").id;
        design.apply(Edit::RemoveComponent(last)).expect("drawn");
        simulation.swap(headroom::network::compile(&design).expect("it runs without a group"));
        span(&mut simulation, 130.0);
        measured.stations[origin].arrivals
    };
    assert_eq!(loads(true), 100);
    assert_eq!(loads(false), 300);
}
