//! Card, panel and chart tell the same of a component, whatever has become of its machines.

use std::fs;
use std::path::Path;

use headroom::design::Design;
use headroom::design::kind::Kind;
use headroom::design::kind::scaling::Autoscaling;
use headroom::design::kind::server::Server;
use headroom::design::script::Action;
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::learn::figures::{ComponentFigures, Totals, told_by_users};
use headroom::learn::series::Series;
use headroom::network::{Network, compile};
use headroom::scene::{self, Figures, Item, Layout, Marks, Selection, Shape, View};
use headroom::sim::Simulation;
use headroom::sim::snapshot::Health;
use headroom::units::{SimDuration, SimTime};

use crate::drawing::{Drawing, one_server, plain_server, poisson_readers};

/// Utilisation of the server as its card, the panels and the chart of its last second tell it, after 20 s in which
/// `happens` may have changed something.
fn told(drawing: &Drawing, happens: impl FnOnce(&mut Simulation, ComponentId)) -> ([f64; 3], Vec<Health>) {
    let server = drawing.design().component_named("server").expect("drawn").id;
    let mut simulation = Simulation::new(drawing.network(), 3);
    simulation.advance(SimTime::from_secs_f64(5.0));
    happens(&mut simulation, server);
    simulation.advance(SimTime::from_secs_f64(20.0));
    let snapshot = simulation.snapshot();
    let mut series = Series::default();
    series.push(&snapshot);
    let lately = SimDuration::from_secs(2);
    let shares: Vec<f64> = series
        .between(snapshot.now - lately, snapshot.now)
        .flat_map(|point| point.sample.utilisation.iter().filter(|(id, _)| *id == server))
        .map(|(_, share)| f64::from(*share))
        .collect();
    let card = Figures::of(&snapshot, drawing.design()).components[&server].scarcest.expect("it has cores").1;
    let panel = ComponentFigures::of(&snapshot, server).expect("known").utilisation();
    let chart = shares.iter().sum::<f64>() / shares.len() as f64;
    let machines = snapshot.stations.iter().filter(|station| station.component == server);
    ([card, panel, chart], machines.map(|station| station.health).collect())
}

/// Utilisations that agree with each other to the bit, or for the chart, whose span is another one, to a few per cent,
/// and with what arrives: λ·S over the cores that are there.
fn agree([card, panel, chart]: [f64; 3], expected: f64) {
    assert_eq!(card.to_bits(), panel.to_bits(), "card {card}, panel {panel}");
    assert!((chart - card).abs() < 0.06, "chart {chart}, card {card}");
    assert!((card - expected).abs() < 0.08, "{card}, expected {expected}");
}

#[test]
fn machines_that_are_dead_do_not_hide_the_load_of_the_others() {
    let server = Server { instances: 3, ..plain_server(Distribution::exponential(0.001)) };
    let drawing = one_server(1200, poisson_readers(), server);
    let (all, _) = told(&drawing, |_, _| {});
    agree(all, 1200.0 * 0.001 / 3.0);
    let (two, machines) = told(&drawing, |simulation, server| simulation.act(Action::KillInstance(server, 1)));
    assert_eq!(machines, [Health::Up, Health::Down, Health::Up]);
    // Nobody stands in front of them: what the dead one would have got fails.
    agree(two, 1200.0 * 0.001 / 3.0);
}

#[test]
fn machines_that_an_autoscaler_has_not_started_do_not_count() {
    let scaling = Autoscaling { max_instances: Some(10), target_utilisation: 0.9, ..Autoscaling::default() };
    let server = Server { instances: 2, scaling, ..plain_server(Distribution::exponential(0.001)) };
    let (shares, machines) = told(&one_server(1400, poisson_readers(), server), |_, _| {});
    assert!(machines.iter().filter(|health| **health == Health::Absent).count() >= 7, "{machines:?}");
    let up = machines.iter().filter(|health| **health == Health::Up).count();
    agree(shares, 1400.0 * 0.001 / up as f64);
}

#[test]
fn what_is_dead_altogether_has_nothing_in_use() {
    let server = Server { instances: 2, ..plain_server(Distribution::exponential(0.001)) };
    let (shares, _) = told(&one_server(1000, poisson_readers(), server), |simulation, server| {
        simulation.act(Action::Kill(server));
    });
    assert_eq!(shares, [0.0; 3]);
}

/// The designs of all stages of all journeys, by the path of their file.
fn stages() -> Vec<(String, Design)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/journeys");
    let mut designs = Vec::new();
    for journey in fs::read_dir(folder).expect("there are journeys").flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(journey.path()).expect("a folder").flatten() {
            let path = file.path();
            let text = fs::read_to_string(&path).expect("readable");
            // The outline of the journey stands beside its designs.
            if file.file_name() != "journey.json" {
                designs.push((path.display().to_string(), Design::from_json(&text).expect("a design")));
            }
        }
    }
    designs
}

/// Every text that a still picture shows of one thing.
fn texts(view: &View<'_>, item: Item) -> Vec<String> {
    let mut shapes = Vec::new();
    scene::list(view, item, &mut shapes);
    let texts = shapes.into_iter().filter_map(|shape| match shape {
        Shape::Text { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}

/// The rate among `texts` [1/s].
fn rate(texts: &[String]) -> Option<f64> {
    let number = texts.iter().flat_map(|text| text.split_whitespace()).find_map(|word| word.strip_suffix("/s"))?;
    let (digits, factor) = match number.strip_suffix('k') {
        Some(digits) => (digits, 1e3),
        None => (number, 1.0),
    };
    digits.parse::<f64>().ok().map(|number| number * factor)
}

/// What can be read on the picture of any stage of any journey balances: the rates on the links to a part add up to the
/// rate on its card, which is the one beside the diagram; and what all users together had answered and what failed is
/// what their cards say.
#[test]
fn rates_that_are_read_balance() {
    let mut compared = 0;
    for (name, design) in stages() {
        let network = Network { users: design.settings().users.min(20_000), ..compile(&design).expect("it can run") };
        let mut simulation = Simulation::new(Network { script: Vec::new(), ..network }, 1);
        simulation.advance(SimTime::from_secs_f64(8.0));
        let snapshot = simulation.snapshot();
        let (figures, layout) = (Figures::of(&snapshot, &design), Layout::of(&design));
        let (selection, marks) = (Selection::default(), Marks::default());
        let visible = layout.bounds().expect("there are parts");
        let view = View {
            design: &design,
            layout: &layout,
            figures: &figures,
            selection: &selection,
            marks: &marks,
            zoom: 1.0,
            visible,
            is_still: true,
        };
        for component in design.components() {
            let Some(panel) = ComponentFigures::of(&snapshot, component.id) else { continue };
            let card = texts(&view, Item::Component(component.id));
            let Some(on_card) = rate(&card) else { continue };
            // Three digits are shown.
            assert!((on_card - panel.throughput).abs() <= 0.005 * panel.throughput + 0.005, "{name}: {card:?}");
            let links = design.links_to(component.id);
            let is_called = links.iter().all(|link| link.role.is_synchronous());
            // Nodes of a NoSQL database ask each other, too.
            let asks_itself = component.config.kind() == Kind::NosqlDatabase;
            if links.is_empty() || !is_called || asks_itself {
                continue;
            }
            let on_links: f64 = links.iter().filter_map(|link| rate(&texts(&view, Item::Link(link.id)))).sum();
            // What is on its way or under work is on one side only.
            let most = on_card.max(on_links);
            let under_way = panel.in_system as f64 + 0.05 * most + 5.0;
            assert!((on_card - on_links).abs() <= under_way, "{name}: {}: {on_card}, {on_links}", component.name);
            compared += 1;
        }
        let totals = told_by_users(&design, &snapshot, Totals::default());
        let users: Vec<ComponentFigures> = design
            .components()
            .filter(|component| component.config.kind() == Kind::Users)
            .filter_map(|component| ComponentFigures::of(&snapshot, component.id))
            .collect();
        let answered = totals.answered_rate() / (1.0 - totals.outcomes.error_share()).max(f64::MIN_POSITIVE);
        let on_cards: f64 = users.iter().map(|users| users.throughput).sum();
        assert!((answered - on_cards).abs() < 1e-6 * on_cards.max(1.0), "{name}: {answered}, {on_cards}");
    }
    assert!(compared > 150, "only {compared} parts were compared");
}
