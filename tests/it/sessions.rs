//! Sessions in a store of their own, and files that servers keep elsewhere.

use headroom::design::kind::object_storage::ObjectStorage;
use headroom::design::kind::server::Server;
use headroom::design::kind::session_store::SessionStore;
use headroom::design::kind::users::Users;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::{Outcome, RequestClass};
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

const STORE: usize = 2;

fn span(simulation: &mut Simulation, until: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements()
}

/// Everyone logs in once; if the store loses its sessions, everyone does again; while it is dead, nobody is recognised.
#[test]
fn users_log_in_again_when_the_store_has_forgotten_them() {
    for durable in [false, true] {
        let mut drawing = Drawing::for_users(500);
        let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
        let app = plain_server(Distribution::constant(0.001));
        let app = drawing.add("app", ComponentConfig::Server(Server { instances: 3, ..app }));
        let store = SessionStore { durable, ..SessionStore::default() };
        let store = drawing.add("store", ComponentConfig::SessionStore(store));
        drawing.connect(people, app, LinkRole::Requests);
        drawing.connect(app, store, LinkRole::Sessions);
        let mut simulation = Simulation::new(drawing.network(), 1);
        // The third machine of the server pushes the store to the fifth place.
        let store_at = STORE + 2;
        let first = span(&mut simulation, 30.0);
        assert_eq!(first.stations[store_at].misses, 500, "each user once, whichever server it met");
        simulation.act(Action::Kill(store));
        let during = span(&mut simulation, 31.0).all_classes().outcomes;
        assert!(during.get(Outcome::NoSession) > 400 && during.get(Outcome::Answered) < 10, "{during:?}");
        simulation.act(Action::Restore(store));
        let again = span(&mut simulation, 61.0).stations[store_at].misses;
        assert_eq!(again, if durable { 0 } else { 500 });
    }
}

#[test]
fn sessions_end_when_they_are_not_used_or_there_is_no_room() {
    let misses = |store: SessionStore| {
        let mut drawing = Drawing::for_users(500);
        let demand = Users { requests_per_user_per_sec: 0.1, ..poisson_readers() };
        let people = drawing.add("people", ComponentConfig::Users(demand));
        let app = drawing.add("app", ComponentConfig::Server(plain_server(Distribution::constant(0.001))));
        let store = drawing.add("store", ComponentConfig::SessionStore(store));
        drawing.connect(people, app, LinkRole::Requests);
        drawing.connect(app, store, LinkRole::Sessions);
        let mut simulation = Simulation::new(drawing.network(), 1);
        span(&mut simulation, 100.0);
        let measured = span(&mut simulation, 1100.0);
        let store = &measured.stations[STORE];
        store.misses as f64 / (store.hits + store.misses) as f64
    };
    // Requests of a user come every 10 s on average: e⁻¹ of the pauses are longer than that.
    let expired = misses(SessionStore { ttl_secs: 10.0, ..SessionStore::default() });
    assert!((expired - core::f64::consts::E.recip()).abs() < 0.01, "{expired}");
    let evicted = misses(SessionStore { capacity_sessions: 250, ..SessionStore::default() });
    assert!((evicted - 0.5).abs() < 0.05, "first in, first out of equal users: half of them fit: {evicted}");
    assert_eq!(misses(SessionStore::default()), 0.0);
}

/// Uploads and files through a server: its slot is held while the storage takes its time.
#[test]
fn a_server_keeps_uploads_in_object_storage_and_serves_files_from_there() {
    let mut drawing = Drawing::for_users(50);
    let demand = Users { read_share: 0.0, static_share: 0.5, upload_share: 0.5, ..poisson_readers() };
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server { upload_work: nothing, static_work: nothing, ..plain_server(nothing) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let storage = ObjectStorage {
        get_time: Distribution::constant(0.08),
        put_time: Distribution::constant(0.2),
        bytes_per_sec: 1e12,
        ..ObjectStorage::default()
    };
    let storage = drawing.add("storage", ComponentConfig::ObjectStorage(storage));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, storage, LinkRole::Objects);
    let mut simulation = Simulation::new(drawing.network(), 1);
    let measured = span(&mut simulation, 100.0);
    let latency = |class: RequestClass| measured.classes[class as usize].latency.mean_secs();
    assert!((latency(RequestClass::Static) - 0.08).abs() < 0.001, "{}", latency(RequestClass::Static));
    assert!((latency(RequestClass::Upload) - 0.2).abs() < 0.001, "{}", latency(RequestClass::Upload));
    assert_eq!(measured.all_classes().outcomes.failed(), 0);
}
