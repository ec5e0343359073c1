//! Demand that changes with time, and what users' devices load.

use headroom::design::Design;
use headroom::design::kind::users::{DemandModel, Users};
use headroom::design::traffic::{Pattern, Traffic};
use headroom::distribution::Distribution;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::RequestClass;
use headroom::units::SimTime;

use crate::drawing::{one_server, plain_server, poisson_readers};

fn under(traffic: &[Pattern], users: u64, demand: Users) -> Network {
    let drawing = one_server(users, demand, plain_server(Distribution::constant(0.0)));
    Network { traffic: Traffic(traffic.to_vec()), ..drawing.network() }
}

/// What was measured in each of `count` spans of `span_secs`.
fn spans(network: Network, seed: u64, span_secs: f64, count: u32) -> Vec<Measurements> {
    let mut simulation = Simulation::new(network, seed);
    (1..=count)
        .map(|number| {
            simulation.advance(SimTime::from_secs_f64(f64::from(number) * span_secs));
            simulation.take_measurements()
        })
        .collect()
}

fn day() -> Pattern {
    Pattern::Day { lowest: 0.2, peak_at_secs: 60.0, day_secs: 120.0 }
}

fn crowd() -> Pattern {
    Pattern::Spike { at_secs: 30.0, rise_secs: 20.0, hold_secs: 20.0, fall_secs: 10.0, factor: 8.0, every_secs: None }
}

/// A non-homogeneous Poisson process: the number of requests in any span is Poisson with the integral of the rate as its
/// mean (S. Ross, *Introduction to Probability Models*, theorem 5.3).
#[test]
fn open_users_follow_the_curve_exactly() {
    let traffic = [day(), crowd()];
    let curve = Traffic(traffic.to_vec());
    let measured = spans(under(&traffic, 2000, poisson_readers()), 21, 5.0, 48);
    let mut chi_square = 0.0;
    for (number, span) in (0..).zip(&measured) {
        // Simpson's rule, fine enough for a curve with corners.
        let integral: f64 = (0..500)
            .map(|step| {
                let at = 5.0 * f64::from(number) + 0.01 * (f64::from(step) + 0.5);
                curve.factor(at) * 0.01
            })
            .sum();
        let expected = 2000.0 * integral;
        let found = span.all_classes().arrivals as f64;
        assert!((found - expected).abs() < 4.0 * expected.sqrt(), "{number}: {found} of {expected}");
        chi_square += (found - expected) * (found - expected) / expected;
    }
    // 48 degrees of freedom: the sum lies between 21.3 and 88.4 in all but one of a thousand choices of seeds.
    assert!((21.0..88.5).contains(&chi_square), "{chi_square}");
}

/// Closed users come and go with the curve: with a think time of 1 s and instant answers, throughput is their number.
#[test]
fn the_number_of_closed_users_follows_the_curve() {
    // Who comes thinks first: a user who asks once a second has asked half a time less than the seconds they are there.
    for (think_time, late_secs) in [(Distribution::exponential(1.0), 0.0), (Distribution::constant(1.0), 0.5)] {
        let demand = Users { demand_model: DemandModel::Closed, think_time, ..poisson_readers() };
        let traffic = [crowd()];
        let curve = Traffic(traffic.to_vec());
        for (number, span) in (0..).zip(spans(under(&traffic, 1000, demand), 4, 10.0, 12)).skip(1) {
            let at = |step: i32| 10.0 * f64::from(number) + 0.1 * (f64::from(step) + 0.5) - late_secs;
            let expected: f64 = (0..100).map(|step| 100.0 * curve.factor(at(step))).sum();
            let found = span.all_classes().outcomes.total() as f64;
            // Who is to go does so when they come back: the way down is not the curve's.
            let tolerance = if number == 7 { 0.25 } else { 0.03 };
            assert!((found - expected).abs() < tolerance * expected, "{number}: {found} of {expected}");
        }
    }
}

#[test]
fn without_patterns_nothing_changes() {
    let plain = spans(under(&[], 500, poisson_readers()), 9, 10.0, 1);
    let level = spans(under(&[Pattern::Constant { factor: 1.0 }], 500, poisson_readers()), 9, 10.0, 1);
    assert_eq!(plain[0].all_classes(), level[0].all_classes());
}

#[test]
fn a_group_in_another_time_zone_peaks_later() {
    let demand = Users { traffic_delay_secs: 60.0, ..poisson_readers() };
    let late = spans(under(&[day()], 2000, demand), 3, 10.0, 12);
    let here = spans(under(&[day()], 2000, poisson_readers()), 3, 10.0, 12);
    let peak =
        |spans: &[Measurements]| (0..spans.len()).max_by_key(|&span| spans[span].all_classes().arrivals).expect("some");
    assert!((5..=6).contains(&peak(&here)), "{}", peak(&here));
    assert!([11, 0].contains(&peak(&late)), "{}", peak(&late));
}

#[test]
fn browsers_load_files_after_a_page_and_apps_do_not() {
    let demand = Users { static_per_page: 2.5, app_share: 0.4, ..poisson_readers() };
    let measured = &spans(under(&[], 1000, demand), 5, 60.0, 1)[0];
    let pages = measured.classes[RequestClass::Read as usize].outcomes.total() as f64;
    let files = measured.classes[RequestClass::Static as usize].outcomes.total() as f64;
    // 1,000 users: the share of apps among them is itself a draw.
    assert!((files / pages - 2.5 * 0.6).abs() < 0.15, "{files} files, {pages} pages");
}

#[test]
fn files_keep_the_curve() {
    let text = r#"{
  "headroom": 1,
  "traffic": [
    {"spike": {"at_secs": 30, "rise_secs": 5, "hold_secs": 0, "fall_secs": 5.5, "factor": 20}},
    {"points": {"points": [[0, 1], [60, 0.25]], "repeats": true}}
  ]
}"#;
    let design = Design::from_json(text).expect("a good file");
    assert_eq!(design.settings().traffic.0.len(), 2);
    let written = design.to_json();
    assert!(written.contains(r#""fall_secs": 5.5, "factor": 20"#), "{written}");
    assert_eq!(Design::from_json(&written).expect("what was written"), design);
    let bad = text.replace("\"factor\": 20", "\"factor\": -1");
    let error = Design::from_json(&bad).expect_err("a negative factor").to_string();
    assert!(error.contains("traffic[0]") && error.contains("factor of -1"), "{error}");
}
