//! Two designs under the same users, side by side: paired differences of batches on common random numbers.
//!
//! Both designs meet the same arrivals and the same demands wherever their components have the same identities, so that
//! most of the chance in the two runs is the same and falls out of their difference: the interval of the difference is
//! narrower than those of the two figures.
//!
//! # Sources
//! A. M. Law, *Simulation Modeling and Analysis* (2015), §11.2 (common random numbers), §10.2.1 (paired-t intervals).

use serde::Serialize;

use super::{Run, RunOptions, Window};
use crate::network::Network;
use crate::sim::estimate::{Estimate, by_groups, values_needed};
use crate::sim::metrics::{ClassMeasurements, Histogram, Measurements};
use crate::units::SimTime;

/// Two designs side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Title of the first design; empty if the network came without one.
    pub first: String,
    /// Title of the second.
    pub second: String,
    /// Registered users at the start, of both.
    pub users: u64,
    /// Seed of all random streams of both.
    pub seed: u64,
    /// Simulated time measured [s].
    pub measured_secs: f64,
    /// The figures, in a fixed order.
    pub figures: Vec<Compared>,
}

/// One figure of both designs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Compared {
    /// Its name, as in reports, with the SI unit.
    pub figure: String,
    /// In the first design; null if there was nothing to measure.
    pub first: Option<f64>,
    /// In the second design; null if there was nothing to measure.
    pub second: Option<f64>,
    /// Second less first, with the interval of the paired differences; null if one of the two is.
    pub difference: Option<Estimate>,
    /// Whether the difference is beyond chance: its interval does not hold zero.
    pub significant: bool,
}

/// How a figure comes from what was measured; `None` if there is nothing that it could come from.
type Figure = Box<dyn Fn(&Measurements) -> Option<f64>>;

/// Runs both networks for the same users from the same seed. `progress` is called now and then with the share done,
/// 0 to 1.
///
/// # Panics
/// If the options ask for no batch or for no time.
pub fn compare(first: Network, second: Network, options: &RunOptions, mut progress: impl FnMut(f64)) -> Comparison {
    let window = Window { start: SimTime::ZERO + options.warm_up, duration: options.duration };
    let end = window.start + window.duration;
    let mut run = |network: Network, done: f64| {
        let network = Network { users: options.users, ..network };
        Run::new(&network, options.seed, end, |share| progress((done + share) / 2.0)).measure(window, options.batches)
    };
    let pair = [run(first, 0.0), run(second, 1.0)];
    Comparison {
        first: String::new(),
        second: String::new(),
        users: options.users,
        seed: options.seed,
        measured_secs: options.duration.as_secs_f64(),
        figures: figures().into_iter().map(|(name, needs, of)| compared(name, needs, &of, &pair)).collect(),
    }
}

/// The figures by name, with the number of answers that each needs to mean anything.
fn figures() -> Vec<(&'static str, f64, Figure)> {
    fn of_time(histogram: fn(&ClassMeasurements) -> &Histogram, quantile: Option<f64>) -> Figure {
        Box::new(move |of| {
            let all = of.all_classes();
            let times = histogram(&all);
            let value = quantile.map_or_else(|| times.mean_secs(), |quantile| times.quantile_secs(quantile));
            (times.count() > 0).then_some(value)
        })
    }
    let rate = |count: fn(&ClassMeasurements) -> u64| -> Figure {
        Box::new(move |of| Some(count(&of.all_classes()) as f64 / of.span.as_secs_f64()))
    };
    let latency = |quantile: f64| of_time(|class| &class.latency, Some(quantile));
    vec![
        ("arrival_rate_per_sec", 0.0, rate(|class| class.arrivals)),
        ("success_rate_per_sec", 0.0, rate(|class| class.outcomes.total() - class.outcomes.failed())),
        (
            "error_share",
            1.0,
            Box::new(|of| {
                let outcomes = of.all_classes().outcomes;
                (outcomes.total() > 0).then(|| outcomes.error_share())
            }),
        ),
        ("in_flight", 0.0, Box::new(|of| Some(of.in_flight_area / of.span.as_secs_f64()))),
        ("latency_mean_secs", 1.0, of_time(|class| &class.latency, None)),
        ("latency_p50_secs", values_needed(0.5), latency(0.5)),
        ("latency_p90_secs", values_needed(0.9), latency(0.9)),
        ("latency_p95_secs", values_needed(0.95), latency(0.95)),
        ("latency_p99_secs", values_needed(0.99), latency(0.99)),
        ("latency_p999_secs", values_needed(0.999), latency(0.999)),
        ("waiting_mean_secs", 1.0, of_time(|class| &class.waiting, None)),
        ("service_mean_secs", 1.0, of_time(|class| &class.service, None)),
        ("network_mean_secs", 1.0, of_time(|class| &class.network, None)),
    ]
}

fn compared(name: &str, needs: f64, of: &Figure, pair: &[Vec<Measurements>; 2]) -> Compared {
    let merged = |batches: &[Measurements]| {
        let mut whole = Measurements::default();
        batches.iter().for_each(|batch| whole.merge(batch));
        whole
    };
    let [first, second] = [&pair[0], &pair[1]].map(|batches| of(&merged(batches)));
    let enough = |group: &Measurements| group.all_classes().latency.count() as f64 >= needs;
    let differences = by_groups(
        pair[0].iter().zip(&pair[1]),
        |groups: &mut [Measurements; 2], (first, second)| {
            groups[0].merge(first);
            groups[1].merge(second);
        },
        |groups| groups.iter().all(enough).then(|| Some(of(&groups[1])? - of(&groups[0])?)).flatten(),
    );
    let difference = first.zip(second).map(|(first, second)| Estimate::from_batches(second - first, &differences));
    let significant = difference
        .is_some_and(|difference| difference.value != 0.0 && (difference.low() > 0.0 || difference.high() < 0.0));
    Compared { figure: name.to_owned(), first, second, difference, significant }
}
