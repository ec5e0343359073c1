//! A run kept for charts: samples by simulated time, in bounded memory. The last minutes are kept as they were sampled,
//! what lies further back in coarser and coarser tiers.

use std::collections::VecDeque;

use super::figures::{Totals, together};
use crate::design::price::MONTH_SECS;
use crate::ids::ComponentId;
use crate::sim::snapshot::{Sample, Snapshot};
use crate::sorted;
use crate::units::{SimDuration, SimTime};

/// Lengths of the intervals of the tiers. The first keeps samples as they come.
const STEPS: [SimDuration; 3] = [SimDuration::ZERO, SimDuration::from_secs(1), SimDuration::from_secs(10)];
/// Points kept in each tier: two minutes, ten minutes, more than three hours.
const POINTS_KEPT: [usize; STEPS.len()] = [1_200, 600, 1_200];

/// A sample, or several one after the other put into one.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The whole.
    pub sample: Sample,
}

impl Point {
    /// Where its interval begins.
    pub fn begins(&self) -> SimTime {
        self.sample.at - self.sample.interval
    }

    /// Puts the interval after this one into one with it.
    fn extend(&mut self, later: &Self) {
        let lengths = [&self.sample, &later.sample].map(|sample| sample.interval.as_secs_f64());
        let mean = |values: [f64; 2]| {
            let whole = lengths[0] + lengths[1];
            if whole > 0.0 { (values[0] * lengths[0] + values[1] * lengths[1]) / whole } else { values[1] }
        };
        let (mine, theirs) = (&mut self.sample, &later.sample);
        for &(id, share) in &theirs.utilisation {
            match mine.utilisation.iter_mut().find(|(known, _)| *known == id) {
                Some((_, known)) => *known = mean([f64::from(*known), f64::from(share)]) as f32,
                None => mine.utilisation.push((id, share)),
            }
        }
        mine.arrival_rate = mean([mine.arrival_rate, theirs.arrival_rate]);
        mine.outcomes.merge(&theirs.outcomes);
        mine.latency_bands.merge(&theirs.latency_bands);
        mine.latency = together([mine.latency, theirs.latency], &mine.latency_bands);
        mine.at = theirs.at;
        mine.interval += theirs.interval;
        mine.users = theirs.users;
        mine.in_flight = theirs.in_flight;
        mine.monthly_rent_usd = theirs.monthly_rent_usd;
        mine.usage_usd += theirs.usage_usd;
    }

    /// Gives back the room that it grew into: it is kept for long and changes no more.
    fn close(&mut self) {
        self.sample.latency_bands.0.shrink_to_fit();
        self.sample.utilisation.shrink_to_fit();
    }
}

/// What a design costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Rent of the machines that are there [USD per month].
    pub monthly_rent_usd: f64,
    /// What use costs beside the rent, as if it went on like this all month [USD per month].
    pub monthly_usage_usd: f64,
}

/// Samples of one run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// By [`STEPS`].
    tiers: [VecDeque<Point>; STEPS.len()],
    /// Counts up with every change, so that painters know whether to paint.
    version: u64,
}

impl Series {
    /// Takes in the samples of a snapshot and forgets what is too old.
    pub fn push(&mut self, snapshot: &Snapshot) {
        for sample in &snapshot.samples {
            let point = Point { sample: sample.clone() };
            for ((tier, step), most) in self.tiers.iter_mut().zip(STEPS).zip(POINTS_KEPT) {
                enter(tier, step, most, &point);
            }
            self.version += 1;
        }
    }

    /// Forgets everything, for a new run.
    pub fn clear(&mut self) {
        self.tiers.iter_mut().for_each(VecDeque::clear);
        self.version += 1;
    }

    /// Forgets what was after `at`, because the run goes on from there in another way.
    pub fn cut_after(&mut self, at: SimTime) {
        for tier in &mut self.tiers {
            let first = tier.partition_point(|point| point.sample.at <= at);
            tier.truncate(first);
        }
        self.version += 1;
    }

    /// Counts up with every change.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Whether nothing has been sampled yet.
    pub fn is_empty(&self) -> bool {
        self.tiers[0].is_empty()
    }

    /// Everything that is known about the time between two moments, oldest first, in the finest tier that reaches back
    /// far enough.
    pub fn between(&self, from: SimTime, to: SimTime) -> impl Iterator<Item = &Point> {
        let reaches = |(tier, most): &(&VecDeque<Point>, usize)| {
            tier.len() < *most || tier.front().is_some_and(|point| point.begins() <= from)
        };
        let coarsest = &self.tiers[STEPS.len() - 1];
        let tier = self.tiers.iter().zip(POINTS_KEPT).find(reaches).map_or(coarsest, |(tier, _)| tier);
        let first = tier.partition_point(|point| point.sample.at <= from);
        let end = tier.partition_point(|point| point.begins() < to);
        tier.range(first..end.max(first))
    }

    /// The end of the newest interval.
    pub fn ends(&self) -> SimTime {
        self.tiers[0].back().map_or(SimTime::ZERO, |point| point.sample.at)
    }

    /// The begin of the oldest interval that is known.
    pub fn begins(&self) -> SimTime {
        self.tiers.iter().filter_map(VecDeque::front).map(Point::begins).min().unwrap_or(SimTime::ZERO)
    }

    /// The whole over the `span` of simulated time before `at`.
    pub fn totals(&self, at: SimTime, span: SimDuration) -> Totals {
        let points = self.between(at - span, at).filter(|point| point.sample.at <= at);
        Totals::over(points.map(|point| &point.sample))
    }

    /// The component with the highest utilisation on average over the `span` of simulated time before `at`.
    pub fn scarcest(&self, at: SimTime, span: SimDuration) -> Option<ComponentId> {
        let mut sums: sorted::Map<ComponentId, f64> = sorted::Map::new();
        for Point { sample } in self.between(at - span, at).filter(|point| point.sample.at <= at) {
            for &(id, share) in &sample.utilisation {
                *sums.get_or_insert_with(id, || 0.0) += f64::from(share) * sample.interval.as_secs_f64();
            }
        }
        sums.iter().max_by(|one, other| one.1.total_cmp(other.1)).map(|(id, _)| *id)
    }

    /// What the design costs, by the `span` of simulated time before `at`.
    pub fn cost(&self, at: SimTime, span: SimDuration) -> Cost {
        let (mut cost, mut secs) = (Cost::default(), 0.0);
        for Point { sample, .. } in self.between(at - span, at).filter(|point| point.sample.at <= at) {
            secs += sample.interval.as_secs_f64();
            cost.monthly_rent_usd = sample.monthly_rent_usd;
            cost.monthly_usage_usd += sample.usage_usd;
        }
        if secs > 0.0 {
            cost.monthly_usage_usd *= MONTH_SECS / secs;
        }
        cost
    }
}

/// Adds a point to a tier of at most so many, or to the last point of it if it lies in the same interval.
fn enter(tier: &mut VecDeque<Point>, step: SimDuration, most: usize, point: &Point) {
    let slot = |point: &Point| (point.sample.at.as_nanos() - 1) / step.as_nanos();
    match tier.back_mut() {
        Some(last) if !step.is_zero() && slot(last) == slot(point) => last.extend(point),
        _ => {
            if let Some(last) = tier.back_mut() {
                last.close();
            }
            // All at once: growing by and by takes twice as much for a while, and pages never give memory back.
            tier.reserve_exact(most - tier.len());
            if tier.len() == most {
                tier.pop_front();
            }
            tier.push_back(point.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::snapshot::bands::Bands;
    use crate::sim::snapshot::{Outcome, OutcomeCounts, Percentiles};

    fn at(secs: f64) -> SimTime {
        SimTime::from_secs_f64(secs)
    }

    /// Samples ten times a second, with so many requests a second as seconds have gone by.
    fn snapshot(seconds: core::ops::Range<u64>) -> Snapshot {
        let samples = (seconds.start * 10..seconds.end * 10).map(|tenth| Sample {
            at: SimTime::ZERO + SimDuration::from_millis((tenth + 1) * 100),
            interval: SimDuration::from_millis(100),
            arrival_rate: (tenth / 10) as f64,
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 2)]),
            latency: Percentiles { count: 2, mean_secs: 0.1, p99_secs: 0.1, max_secs: 0.1, ..Percentiles::default() },
            latency_bands: Bands(vec![(60, 2)]),
            ..Sample::default()
        });
        Snapshot { samples: samples.collect(), ..Snapshot::default() }
    }

    fn long() -> Series {
        let mut series = Series::default();
        for start in (0..5_000).step_by(10) {
            series.push(&snapshot(start..start + 10));
        }
        series
    }

    #[test]
    fn what_lies_further_back_is_kept_more_coarsely_and_in_bounded_memory() {
        let series = long();
        assert!(series.tiers.iter().zip(POINTS_KEPT).all(|(tier, most)| tier.len() <= most));
        let n_points = |from: f64, to: f64| series.between(at(from), at(to)).count();
        assert_eq!(n_points(4_990.0, 5_000.0), 100);
        assert_eq!(n_points(4_500.0, 5_000.0), 500);
        assert_eq!(n_points(4_000.0, 5_000.0), 100);
        assert_eq!(n_points(0.0, 5_000.0), 500);
        assert_eq!((series.begins(), series.ends()), (SimTime::ZERO, at(5_000.0)));
    }

    #[test]
    fn coarse_intervals_add_up() {
        let series = long();
        let whole: Vec<&Point> = series.between(SimTime::ZERO, at(5_000.0)).collect();
        let answered: u64 = whole.iter().map(|point| point.sample.outcomes.total()).sum();
        assert_eq!(answered, 100_000);
        assert!((whole[0].sample.arrival_rate - 4.5).abs() < 1e-9);
        assert_eq!((whole[0].sample.latency.count, whole[0].sample.latency_bands.total()), (200, 200));
        assert!((whole[0].sample.latency.mean_secs - 0.1).abs() < 1e-9 && whole[0].sample.latency.p50_secs <= 0.1);
        assert!(whole.windows(2).all(|pair| pair[0].sample.at == pair[1].begins()));
    }

    #[test]
    fn totals_look_back_from_any_moment() {
        let series = long();
        for (end, rate) in [(5_000.0, 4_998.5), (4_990.0, 4_988.5)] {
            let totals = series.totals(at(end), SimDuration::from_secs(2));
            assert!((totals.arrival_rate - rate).abs() < 1e-6, "{totals:?}");
        }
        assert_eq!(series.totals(at(0.0), SimDuration::from_secs(2)), Totals::default());
    }

    #[test]
    fn the_scarcest_is_the_busiest_on_average() {
        let [one, other] = [ComponentId(1), ComponentId(2)];
        let mut series = Series::default();
        let samples = (1..=10).map(|second: u64| Sample {
            at: at(second as f64),
            interval: SimDuration::from_secs(1),
            utilisation: vec![(one, 0.5), (other, if second > 8 { 0.9 } else { 0.1 })],
            ..Sample::default()
        });
        series.push(&Snapshot { samples: samples.collect(), ..Snapshot::default() });
        assert_eq!(series.scarcest(at(10.0), SimDuration::from_secs(2)), Some(other));
        assert_eq!(series.scarcest(at(8.0), SimDuration::from_secs(2)), Some(one));
        assert_eq!(series.scarcest(at(0.0), SimDuration::from_secs(2)), None);
    }

    #[test]
    fn use_is_paid_for_as_it_was_lately_and_rent_as_it_is() {
        let mut series = Series::default();
        let samples = (1..=20).map(|second: u64| Sample {
            at: at(second as f64),
            interval: SimDuration::from_secs(1),
            monthly_rent_usd: if second < 20 { 46.0 } else { 92.0 },
            usage_usd: if second > 10 { 2.0 / MONTH_SECS } else { 0.0 },
            ..Sample::default()
        });
        series.push(&Snapshot { samples: samples.collect(), ..Snapshot::default() });
        let cost = |end, span| {
            let cost = series.cost(at(end), SimDuration::from_secs(span));
            (cost.monthly_rent_usd, (cost.monthly_usage_usd * 1e6).round() / 1e6)
        };
        assert_eq!(cost(20.0, 5), (92.0, 2.0));
        assert_eq!(cost(20.0, 20), (92.0, 1.0));
        assert_eq!(cost(10.0, 5), (46.0, 0.0));
        assert_eq!(cost(0.0, 5), (0.0, 0.0));
    }

    #[test]
    fn what_has_not_happened_after_all_is_forgotten() {
        let mut series = long();
        series.cut_after(at(4_995.05));
        assert_eq!(series.ends(), at(4_995.0));
        series.push(&snapshot(4_995..4_997));
        assert_eq!(series.between(at(4_990.0), at(5_000.0)).count(), 70);
        series.clear();
        assert!(series.is_empty());
    }
}
