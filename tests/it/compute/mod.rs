//! Machines against closed forms, and what follows from how they are set: contention, calls made at once, disks, sizes.

mod containers;
mod deployments;
mod hosts;
mod machines;
mod routing;
mod scaling;
mod sessions;

use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::units::SimTime;

/// Mean of a figure over ten seeds, each run measured from `warm_up` to `end` [s], and the standard error of the mean.
fn replicated(network: &Network, warm_up: f64, end: f64, figure: impl Fn(&Measurements) -> f64) -> (f64, f64) {
    const RUNS: u32 = 10;
    let figures: Vec<f64> = (1..=RUNS)
        .map(|seed| {
            let mut simulation = Simulation::new(network.clone(), u64::from(seed));
            simulation.advance(SimTime::from_secs_f64(warm_up));
            simulation.take_measurements();
            simulation.advance(SimTime::from_secs_f64(end));
            figure(&simulation.take_measurements())
        })
        .collect();
    let mean = figures.iter().sum::<f64>() / f64::from(RUNS);
    let variance = figures.iter().map(|figure| (figure - mean) * (figure - mean)).sum::<f64>() / f64::from(RUNS - 1);
    (mean, (variance / f64::from(RUNS)).sqrt())
}

/// Fails unless a simulated figure agrees with theory, and could have disagreed.
#[track_caller]
fn assert_agrees((mean, standard_error): (f64, f64), theory: f64, precision: f64) {
    assert!(standard_error < precision * theory, "too noisy: {mean} ± {standard_error}, theory {theory}");
    // A histogram's buckets and whole nanoseconds round a little on top of chance.
    let tolerance = 4.0 * standard_error + 0.002 * theory;
    assert!((mean - theory).abs() < tolerance, "{mean} ± {standard_error}, theory {theory}");
}

/// Simulates and compares.
#[track_caller]
fn check(network: &Network, end: f64, theory: f64, precision: f64, figure: impl Fn(&Measurements) -> f64) {
    assert_agrees(replicated(network, end * 0.1, end, figure), theory, precision);
}
