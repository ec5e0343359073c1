use super::*;
use crate::design::edit::Edit;
use crate::design::field::Value;
use crate::design::place::Place;
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::{Component, Kind, Link, LinkConfig};
use crate::geometry::Point;
use crate::ids::LinkId;
use crate::network::ProblemKind;

/// A drawing put together by names.
#[derive(Default)]
struct Drawing(Design);

impl Drawing {
    fn add(&mut self, name: &str, kind: Kind) -> ComponentId {
        let id = ComponentId(self.0.fresh_id());
        self.edit(Edit::AddComponent(Component {
            id,
            name: name.to_owned(),
            config: kind.default_config(),
            position: Point::default(),
            frame: None,
        }));
        id
    }

    fn link(&mut self, from: ComponentId, to: ComponentId, role: LinkRole) -> LinkId {
        let id = LinkId(self.0.fresh_id());
        self.edit(Edit::AddLink(Link { id, from, to, role, config: LinkConfig::default() }));
        id
    }

    fn set(&mut self, id: ComponentId, key: &'static str, value: Value) {
        self.edit(Edit::SetParameter(id, key, value));
    }

    fn edit(&mut self, edit: Edit) {
        self.0.apply(edit).expect("the test draws what may be drawn");
    }

    fn keys(&self) -> Vec<&'static str> {
        problems(&self.0).iter().map(|problem| problem.kind.key()).collect()
    }

    /// Users and a server that they reach.
    fn small() -> (Self, ComponentId, ComponentId) {
        let mut drawing = Self::default();
        let (users, server) = (drawing.add("Users", Kind::Users), drawing.add("Web", Kind::Server));
        drawing.link(users, server, LinkRole::Requests);
        (drawing, users, server)
    }

    /// [`Drawing::small`] with a primary and a replica behind the server.
    fn replicated() -> (Self, ComponentId, ComponentId, ComponentId) {
        let (mut drawing, _, server) = Self::small();
        let (primary, replica) = (drawing.add("Primary", Kind::SqlDatabase), drawing.add("Copy", Kind::SqlDatabase));
        drawing.link(server, primary, LinkRole::Queries);
        drawing.link(server, replica, LinkRole::Reads);
        drawing.link(primary, replica, LinkRole::Replicate);
        (drawing, server, primary, replica)
    }
}

#[test]
fn an_empty_drawing_lacks_users() {
    let found = compile(&Design::new()).expect_err("nothing to run");
    assert_eq!(found, [Problem { component: None, link: None, kind: ProblemKind::NoUsers }]);
}

#[test]
fn users_and_a_server_run_without_complaint() {
    let (drawing, users, server) = Drawing::small();
    assert!(drawing.keys().is_empty());
    let network = compile(&drawing.0).expect("complete");
    assert_eq!(network.stations.iter().map(|station| station.component).collect::<Vec<_>>(), [users, server]);
    assert_eq!(network.stations[0].outgoing, [LinkIdx(0)]);
    assert_eq!(network.links[0].targets, [StationIdx(1)]);
    assert_eq!(network.users, 1000);
}

#[test]
fn each_instance_becomes_a_station_with_the_same_links() {
    let (mut drawing, _, server) = Drawing::small();
    let database = drawing.add("Data", Kind::SqlDatabase);
    drawing.link(server, database, LinkRole::Queries);
    drawing.set(server, "instances", Value::Number(3.0));
    let network = compile(&drawing.0).expect("complete");
    assert_eq!(network.stations.len(), 5);
    assert_eq!(network.stations_of(server).collect::<Vec<_>>(), [StationIdx(1), StationIdx(2), StationIdx(3)]);
    assert_eq!(network.links[0].targets, [StationIdx(1), StationIdx(2), StationIdx(3)]);
    assert!(network.stations[1..4].iter().all(|station| station.outgoing == [LinkIdx(1)]));
    assert_eq!(network.stations[1..4].iter().map(|station| station.instance).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_primary_and_its_replicas_form_a_group() {
    let (mut drawing, server, primary, replica) = Drawing::replicated();
    let second = drawing.add("Copy 2", Kind::SqlDatabase);
    drawing.link(server, second, LinkRole::Reads);
    drawing.link(primary, second, LinkRole::Replicate);
    let alone = drawing.add("Other", Kind::SqlDatabase);
    drawing.link(server, alone, LinkRole::Queries);
    assert!(drawing.keys().is_empty());
    let network = compile(&drawing.0).expect("complete");
    let at = |id| network.stations_of(id).next().expect("compiled");
    let log_to = |id| {
        let found = network.links.iter().position(|link| link.to == id && link.role == LinkRole::Replicate);
        LinkIdx(position(found.expect("compiled")))
    };
    assert_eq!(
        network.replication_groups,
        [ReplicationGroup {
            primary: at(primary),
            replicas: vec![(at(replica), log_to(replica)), (at(second), log_to(second))],
        }]
    );
    let group = |id| network.stations[at(id).0 as usize].replication_group;
    assert_eq!([group(primary), group(replica), group(second), group(alone)], [Some(0), Some(0), Some(0), None]);
}

#[test]
fn the_network_does_not_depend_on_the_editing_history() {
    let (straight, _, primary, _) = Drawing::replicated();
    let (mut roundabout, ..) = Drawing::replicated();
    let restore = roundabout.0.apply(Edit::RemoveComponent(primary)).expect("there");
    roundabout.add("Passing", Kind::Cache);
    let passing = roundabout.0.component_named("Passing").expect("added").id;
    roundabout.edit(restore);
    roundabout.edit(Edit::RemoveComponent(passing));
    assert_eq!(compile(&straight.0), compile(&roundabout.0));
}

#[test]
fn users_without_a_link_are_an_error_only_if_no_others_have_one() {
    let mut drawing = Drawing::default();
    let lonely = drawing.add("Lonely", Kind::Users);
    assert_eq!(drawing.keys(), ["nothing_reached"]);
    let (mut drawing, ..) = Drawing::small();
    drawing.add("Lonely", Kind::Users);
    assert_eq!(drawing.keys(), ["users_reach_nothing"]);
    assert!(compile(&drawing.0).is_ok());
    assert_eq!(lonely, ComponentId(0));
}

#[test]
fn users_with_a_link_for_files_only_are_warned() {
    let mut drawing = Drawing::default();
    let (users, server) = (drawing.add("Users", Kind::Users), drawing.add("Web", Kind::Server));
    drawing.link(users, server, LinkRole::Static);
    assert_eq!(drawing.keys(), ["only_static"]);
    drawing.set(users, "read_share", Value::Number(0.0));
    drawing.set(users, "write_share", Value::Number(0.0));
    assert!(drawing.keys().is_empty());
}

#[test]
fn users_whose_weights_are_zero_are_warned() {
    let (mut drawing, users, _) = Drawing::small();
    drawing.set(users, "share", Value::Number(0.0));
    assert_eq!(drawing.keys(), ["users_send_nothing"]);
}

#[test]
fn several_targets_need_someone_to_choose() {
    let (mut drawing, users, _) = Drawing::small();
    let second = drawing.add("Web 2", Kind::Server);
    drawing.link(users, second, LinkRole::Requests);
    assert_eq!(drawing.keys(), ["several_targets"]);
}

#[test]
fn names_must_lead_where_users_can_go() {
    let (mut drawing, users, server) = Drawing::small();
    let dns = drawing.add("Names", Kind::Dns);
    drawing.link(users, dns, LinkRole::Resolve);
    assert_eq!(drawing.keys(), ["no_record"]);
    drawing.link(dns, server, LinkRole::Record);
    assert!(drawing.keys().is_empty());
    let second = drawing.add("Web 2", Kind::Server);
    drawing.link(dns, second, LinkRole::Record);
    assert_eq!(drawing.keys(), ["record_unreachable", "unused"]);
    let link = drawing.link(users, second, LinkRole::Requests);
    assert!(drawing.keys().is_empty());
    let record = drawing.0.links_from(dns).last().expect("drawn").id;
    drawing.edit(Edit::RemoveLink(record));
    assert_eq!(drawing.keys(), ["record_missing"]);
    assert_eq!(problems(&drawing.0)[0].link, Some(link));
}

#[test]
fn users_ask_one_dns_service_and_a_cache_one_origin() {
    let (mut drawing, users, server) = Drawing::small();
    let (first, second) = (drawing.add("Names", Kind::Dns), drawing.add("More names", Kind::Dns));
    drawing.link(users, first, LinkRole::Resolve);
    drawing.link(first, server, LinkRole::Record);
    drawing.link(users, second, LinkRole::Resolve);
    assert_eq!(drawing.keys(), ["dns_ignored"]);
    drawing.edit(Edit::RemoveComponent(second));
    let cache = drawing.add("Cache", Kind::Cache);
    let (data, more) = (drawing.add("Data", Kind::SqlDatabase), drawing.add("More data", Kind::SqlDatabase));
    drawing.link(server, cache, LinkRole::Lookup);
    drawing.link(cache, data, LinkRole::Fetch);
    assert_eq!(drawing.keys(), ["unused"]);
    drawing.link(cache, more, LinkRole::Fetch);
    assert_eq!(drawing.keys(), ["origin_ignored"]);
}

#[test]
fn a_balancer_that_gets_requests_needs_targets() {
    let (mut drawing, users, server) = Drawing::small();
    let balancer = drawing.add("Balancer", Kind::LoadBalancer);
    assert_eq!(drawing.keys(), ["unused"]);
    drawing.link(users, balancer, LinkRole::Requests);
    assert_eq!(drawing.keys(), ["no_targets", "several_targets"]);
    drawing.link(balancer, server, LinkRole::Requests);
    assert_eq!(drawing.keys(), ["several_targets"]);
}

#[test]
fn unused_components_are_named_and_do_no_harm() {
    let (mut drawing, ..) = Drawing::small();
    let cache = drawing.add("Cache", Kind::Cache);
    let found = problems(&drawing.0);
    assert_eq!(
        found,
        [Problem { component: Some(cache), link: None, kind: ProblemKind::Unused { component: "Cache".to_owned() } }]
    );
    assert!(compile(&drawing.0).is_ok());
}

#[test]
fn a_cycle_of_calls_lists_its_components_in_order() {
    let (mut drawing, _, web) = Drawing::small();
    let (orders, stock) = (drawing.add("Orders", Kind::Server), drawing.add("Stock", Kind::Server));
    drawing.link(web, orders, LinkRole::Requests);
    drawing.link(orders, stock, LinkRole::Requests);
    drawing.link(stock, web, LinkRole::Requests);
    let found = compile(&drawing.0).expect_err("would wait for ever");
    assert_eq!(found[0].kind, ProblemKind::CallCycle { cycle: "Web → Orders → Stock → Web".to_owned() });
    assert_eq!(found[0].component, Some(web));
}

#[test]
fn replication_goes_one_step_from_one_primary() {
    let (mut drawing, _, primary, replica) = Drawing::replicated();
    let other = drawing.add("Other", Kind::SqlDatabase);
    let wrong = drawing.link(other, replica, LinkRole::Replicate);
    assert_eq!(drawing.keys(), ["several_primaries", "unused"]);
    drawing.edit(Edit::RemoveLink(wrong));
    let chain = drawing.link(replica, other, LinkRole::Replicate);
    assert_eq!(drawing.keys(), ["replica_of_replica"]);
    drawing.edit(Edit::RemoveLink(chain));
    drawing.link(replica, primary, LinkRole::Replicate);
    assert_eq!(drawing.keys(), ["unused"], "in a circle both take writes");
}

#[test]
fn queries_need_a_database_that_takes_them() {
    let (mut drawing, _, server) = Drawing::small();
    let database = drawing.add("Data", Kind::SqlDatabase);
    let link = drawing.link(server, database, LinkRole::Reads);
    assert_eq!(drawing.keys(), ["writes_go_nowhere"]);
    drawing.edit(Edit::SetRole(link, LinkRole::Writes));
    assert_eq!(drawing.keys(), ["reads_go_nowhere"]);
    drawing.edit(Edit::SetRole(link, LinkRole::Queries));
    assert!(drawing.keys().is_empty());
}

#[test]
fn writes_to_a_replica_go_nowhere() {
    let (mut drawing, server, primary, replica) = Drawing::replicated();
    drawing.edit(Edit::RemoveComponent(primary));
    let other = drawing.add("Other", Kind::SqlDatabase);
    drawing.link(other, replica, LinkRole::Replicate);
    let reads = drawing.0.links_from(server)[0].id;
    drawing.edit(Edit::SetRole(reads, LinkRole::Queries));
    assert_eq!(drawing.keys(), ["writes_go_nowhere", "unused"]);
}

#[test]
fn a_cache_needs_an_origin() {
    let (mut drawing, _, server) = Drawing::small();
    let (cache, database) = (drawing.add("Cache", Kind::Cache), drawing.add("Data", Kind::SqlDatabase));
    drawing.link(server, cache, LinkRole::Lookup);
    let writes = drawing.link(server, database, LinkRole::Writes);
    assert_eq!(drawing.keys(), ["misses_go_nowhere"]);
    let fetch = drawing.link(cache, database, LinkRole::Fetch);
    assert!(drawing.keys().is_empty());
    drawing.edit(Edit::RemoveLink(fetch));
    drawing.edit(Edit::SetRole(writes, LinkRole::Queries));
    assert!(drawing.keys().is_empty());
}

#[test]
fn a_replica_that_may_take_over_must_be_reachable() {
    let (mut drawing, server, primary, replica) = Drawing::replicated();
    assert!(drawing.keys().is_empty());
    let reads = drawing.0.links_to(replica).iter().find(|link| link.from == server).expect("drawn").id;
    drawing.edit(Edit::RemoveLink(reads));
    assert_eq!(drawing.keys(), ["failover_unreachable"]);
    drawing.set(primary, "automatic_failover", Value::Flag(false));
    assert!(drawing.keys().is_empty());
}

#[test]
fn scripts_are_checked_and_put_in_order() {
    let (mut drawing, _, server) = Drawing::small();
    let event = |at_secs, action| ScriptEvent { at_secs, action };
    let script = |drawing: &mut Drawing, script| {
        let settings = crate::design::Settings { script, ..drawing.0.settings().clone() };
        drawing.edit(Edit::SetSettings(settings));
    };
    script(&mut drawing, vec![event(9.0, Action::Restore(server)), event(2.0, Action::Kill(server))]);
    let network = compile(&drawing.0).expect("complete");
    assert_eq!(network.script.iter().map(|event| event.at_secs).collect::<Vec<_>>(), [2.0, 9.0]);
    let cores = |value| Action::SetParameter { target: Target::Component(server), key: "cores".to_owned(), value };
    script(&mut drawing, vec![event(1.0, cores(Value::Number(8.0)))]);
    assert!(drawing.keys().is_empty());
    for unfit in [Value::Number(-1.0), Value::Flag(true)] {
        script(&mut drawing, vec![event(1.0, cores(unfit))]);
        assert_eq!(drawing.keys(), ["script_parameter"], "the engine itself does not look at ranges");
    }
    script(&mut drawing, vec![event(1.0, Action::KillInstance(server, 1))]);
    assert_eq!(drawing.keys(), ["script_instance"]);
    script(&mut drawing, vec![event(1.0, Action::Kill(ComponentId(99)))]);
    assert_eq!(drawing.keys(), ["script_component"]);
}

#[test]
fn the_number_of_machines_is_limited() {
    let (mut drawing, _, server) = Drawing::small();
    drawing.set(server, "instances", Value::Number(1000.0));
    assert!(drawing.keys().is_empty());
    for _ in 0..50 {
        let more = drawing.add("More", Kind::Server);
        drawing.link(server, more, LinkRole::Requests);
        drawing.set(more, "instances", Value::Number(1000.0));
    }
    assert_eq!(drawing.keys(), ["too_many_stations"]);
}

#[test]
fn regions_and_zones_put_distance_into_links() {
    let (mut drawing, users, server) = Drawing::small();
    let database = drawing.add("Database", Kind::SqlDatabase);
    drawing.link(server, database, LinkRole::Queries);
    let frame = |drawing: &mut Drawing, kind, left: f64, width: f64, place: Place| {
        let id = crate::ids::FrameId(drawing.0.fresh_id());
        let area = crate::geometry::Rect { origin: Point::new(left, 0.0), width, height: width };
        let config = crate::design::FrameConfig { place };
        drawing.edit(Edit::AddFrame(crate::design::Frame { id, name: place.word().to_owned(), kind, area, config }));
        id
    };
    let finland = frame(&mut drawing, FrameKind::Region, 0.0, 100.0, Place::Finland);
    frame(&mut drawing, FrameKind::Region, 1000.0, 100.0, Place::Virginia);
    let first_zone = frame(&mut drawing, FrameKind::Zone, 1010.0, 20.0, Place::Anywhere);
    let second_zone = frame(&mut drawing, FrameKind::Zone, 1040.0, 20.0, Place::Anywhere);
    drawing.edit(Edit::SetFrame(users, Some(finland)));
    drawing.edit(Edit::SetFrame(server, Some(first_zone)));
    drawing.edit(Edit::SetFrame(database, Some(second_zone)));
    let network = compile(&drawing.0).expect("complete");
    assert_eq!(network.place_of(StationIdx(1)), Place::Virginia, "a zone lies where its region does");
    assert_eq!(network.links[0].distance_secs, Place::Finland.one_way_secs(Place::Virginia));
    assert_eq!(network.links[1].distance_secs, CROSS_ZONE_SECS);
    drawing.edit(Edit::SetFrame(database, Some(first_zone)));
    assert_eq!(compile(&drawing.0).expect("complete").links[1].distance_secs, 0.0);
}

#[test]
fn a_process_larger_than_its_machine_is_refused() {
    let (mut drawing, _, server) = Drawing::small();
    drawing.set(server, "memory_mb", Value::Number(256.0));
    assert_eq!(drawing.keys(), ["process_too_large"]);
    let sentence = problems(&drawing.0)[0].to_string();
    assert!(sentence.contains("takes 512\u{202f}MB") && sentence.contains("have 256\u{202f}MB"), "{sentence}");
    drawing.set(server, "memory_base_mb", Value::Number(256.0));
    assert!(drawing.keys().is_empty());
}
