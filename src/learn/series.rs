//! The last few minutes of a run, kept for charts: samples by simulated time, in bounded memory.

use std::collections::VecDeque;

use super::figures::Totals;
use crate::ids::ComponentId;
use crate::sim::snapshot::{Sample, Snapshot};
use crate::units::{SimDuration, SimTime};

/// How much simulated time is kept.
pub const SPAN: SimDuration = SimDuration::from_secs(120);

/// Most samples kept, whatever their length.
const SAMPLES_KEPT: usize = 2400;

/// A sample with what it says about each component.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The whole.
    pub sample: Sample,
    /// Utilisation of each component's busiest machine, 0 to 1, by identity.
    pub utilisation: Vec<(ComponentId, f32)>,
}

/// Samples of one run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    points: VecDeque<Point>,
    /// Counts up with every change, so that painters know whether to paint.
    version: u64,
}

impl Series {
    /// Takes in the samples of a snapshot and forgets what is too old.
    pub fn push(&mut self, snapshot: &Snapshot) {
        for sample in &snapshot.samples {
            // The order of stations belongs to the snapshot's network; samples of an earlier one cannot be told apart.
            let utilisation = if sample.utilisation.len() == snapshot.stations.len() {
                by_component(sample, snapshot)
            } else {
                Vec::new()
            };
            self.points.push_back(Point { sample: sample.clone(), utilisation });
            self.version += 1;
        }
        let oldest = self.points.back().map_or(SimTime::ZERO, |point| point.sample.at - SPAN);
        while self.points.front().is_some_and(|point| point.sample.at <= oldest) || self.points.len() > SAMPLES_KEPT {
            self.points.pop_front();
        }
    }

    /// Forgets everything, for a new run.
    pub fn clear(&mut self) {
        self.points.clear();
        self.version += 1;
    }

    /// Counts up with every change.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Whether nothing has been sampled yet.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// All points, oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = &Point> {
        self.points.iter()
    }

    /// The points of the last `span` of simulated time, oldest first.
    pub fn last(&self, span: SimDuration) -> impl Iterator<Item = &Point> {
        let from = self.points.back().map_or(SimTime::ZERO, |point| point.sample.at - span);
        let first = self.points.partition_point(|point| point.sample.at <= from);
        self.points.range(first..)
    }

    /// The whole over the last `span` of simulated time.
    pub fn totals(&self, span: SimDuration) -> Totals {
        Totals::over(self.last(span).map(|point| &point.sample))
    }

    /// The point whose interval holds the time `at`, or the nearest; `None` if there is none.
    pub fn at(&self, at: SimTime) -> Option<&Point> {
        let position = self.points.partition_point(|point| point.sample.at < at);
        self.points.get(position).or_else(|| self.points.back())
    }
}

fn by_component(sample: &Sample, snapshot: &Snapshot) -> Vec<(ComponentId, f32)> {
    let mut components: Vec<(ComponentId, f32)> = Vec::new();
    // Stations stand in the order of their components, so that those of one component are neighbours.
    for (station, &utilisation) in snapshot.stations.iter().zip(&sample.utilisation) {
        match components.last_mut() {
            Some((id, greatest)) if *id == station.component => *greatest = greatest.max(utilisation),
            _ => components.push((station.component, utilisation)),
        }
    }
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(seconds: core::ops::Range<u64>) -> Snapshot {
        let samples = seconds
            .map(|second| Sample {
                at: SimTime::ZERO + SimDuration::from_secs(second + 1),
                interval: SimDuration::from_secs(1),
                arrival_rate: second as f64,
                ..Sample::default()
            })
            .collect();
        Snapshot { samples, ..Snapshot::default() }
    }

    #[test]
    fn only_the_last_minutes_are_kept() {
        let mut series = Series::default();
        for start in (0..1000).step_by(10) {
            series.push(&snapshot(start..start + 10));
        }
        assert_eq!(series.points().count(), 120);
        assert_eq!(series.last(SimDuration::from_secs(5)).count(), 5);
        let totals = series.totals(SimDuration::from_secs(2));
        assert_eq!(totals.arrival_rate, 998.5);
    }

    #[test]
    fn a_time_finds_the_interval_that_holds_it() {
        let mut series = Series::default();
        series.push(&snapshot(0..10));
        let found = series.at(SimTime::from_secs_f64(3.4)).expect("sampled");
        assert_eq!(found.sample.at, SimTime::from_secs_f64(4.0));
        assert!(series.at(SimTime::from_secs_f64(99.0)).is_some());
        series.clear();
        assert!(series.at(SimTime::ZERO).is_none());
    }
}
