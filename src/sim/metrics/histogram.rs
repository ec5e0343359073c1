//! Log-linear histogram of times: 64 buckets for each doubling, so a bucket is at most 1.6 % wide; merging is exact.
//!
//! # Sources
//! The bucket layout follows HdrHistogram (G. Tene): a linear part below one sub-bucket range, then equal steps within
//! each power of two.

use crate::sim::snapshot::Percentiles;
use crate::units::SimDuration;

/// Binary digits of a time that a bucket keeps behind the leading one.
const SUB_BITS: u32 = 6;
const SUB_COUNT: u64 = 1 << SUB_BITS;

/// Counts of times by bucket. Memory follows the greatest time recorded, at most 30 kB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    sum_nanos: u128,
    max_nanos: u64,
}

/// The bucket of a time.
const fn bucket(nanos: u64) -> usize {
    if nanos < SUB_COUNT {
        return nanos as usize;
    }
    let shift = nanos.ilog2() - SUB_BITS;
    (((shift as u64) << SUB_BITS) + (nanos >> shift)) as usize
}

/// Least time of a bucket and the number of different times in it.
const fn bounds(bucket: usize) -> (u64, u64) {
    let bucket = bucket as u64;
    if bucket < 2 * SUB_COUNT {
        return (bucket, 1);
    }
    let shift = (bucket >> SUB_BITS) - 1;
    ((SUB_COUNT + (bucket & (SUB_COUNT - 1))) << shift, 1 << shift)
}

impl Histogram {
    /// Records one time.
    #[inline]
    pub fn record(&mut self, time: SimDuration) {
        let nanos = time.as_nanos();
        let bucket = bucket(nanos);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.count += 1;
        self.sum_nanos += u128::from(nanos);
        self.max_nanos = self.max_nanos.max(nanos);
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum_nanos += other.sum_nanos;
        self.max_nanos = self.max_nanos.max(other.max_nanos);
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        if self.count > 0 {
            self.counts.fill(0);
        }
        self.count = 0;
        self.sum_nanos = 0;
        self.max_nanos = 0;
    }

    /// An empty histogram in the memory of this one, which is left without.
    pub fn recycle(&mut self) -> Self {
        self.clear();
        core::mem::take(self)
    }

    /// Number of times recorded.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Mean [s], exact; 0 if nothing was recorded.
    pub fn mean_secs(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_nanos as f64 / self.count as f64 * 1e-9 }
    }

    /// Greatest time [s], exact.
    pub fn max_secs(&self) -> f64 {
        self.max_nanos as f64 * 1e-9
    }

    /// The time below which the share `quantile` of all lies [s], interpolated within its bucket; 0 if nothing was
    /// recorded.
    pub fn quantile_secs(&self, quantile: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let rank = quantile.clamp(0.0, 1.0) * self.count as f64;
        let mut below = 0_u64;
        for (position, &count) in self.counts.iter().enumerate() {
            if count > 0 && (below + count) as f64 >= rank {
                let (least, width) = bounds(position);
                let inside = ((rank - below as f64) / count as f64).clamp(0.0, 1.0);
                return (least as f64 + inside * width as f64).min(self.max_nanos as f64) * 1e-9;
            }
            below += count;
        }
        self.max_secs()
    }

    /// Share of all times that are longer than `time`, 0 to 1, to the width of its bucket (times below 128 ns are told
    /// apart exactly); 0 if nothing was recorded.
    pub fn share_above(&self, time: SimDuration) -> f64 {
        let above: u64 = self.counts.iter().skip(bucket(time.as_nanos()) + 1).sum();
        if self.count == 0 { 0.0 } else { above as f64 / self.count as f64 }
    }

    /// The usual percentiles.
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.count,
            mean_secs: self.mean_secs(),
            p50_secs: self.quantile_secs(0.5),
            p90_secs: self.quantile_secs(0.9),
            p95_secs: self.quantile_secs(0.95),
            p99_secs: self.quantile_secs(0.99),
            p999_secs: self.quantile_secs(0.999),
            max_secs: self.max_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_cover_every_time_without_gap_or_overlap() {
        let mut expected = 0;
        for position in 0..bucket(1 << 40) {
            let (least, width) = bounds(position);
            assert_eq!(least, expected, "bucket {position}");
            assert_eq!(bucket(least), position);
            assert_eq!(bucket(least + width - 1), position);
            expected = least + width;
        }
        assert!(bucket(u64::MAX) < 4096);
    }

    #[test]
    fn quantiles_of_a_uniform_sample_are_within_a_bucket() {
        let mut histogram = Histogram::default();
        for micros in 1..=100_000_u64 {
            histogram.record(SimDuration::from_nanos(micros * 1000));
        }
        for quantile in [0.1, 0.5, 0.9, 0.99, 0.999] {
            let exact = quantile * 0.1;
            let error = (histogram.quantile_secs(quantile) - exact).abs() / exact;
            assert!(error < 0.002, "{quantile}: {error}");
        }
        assert!((histogram.mean_secs() - 0.050_000_5).abs() < 1e-12);
    }

    #[test]
    fn the_share_above_nothing_leaves_out_zeros() {
        let mut histogram = Histogram::default();
        for nanos in [0, 0, 0, 1, 1000] {
            histogram.record(SimDuration::from_nanos(nanos));
        }
        assert_eq!(histogram.share_above(SimDuration::ZERO), 0.4);
        assert_eq!(histogram.share_above(SimDuration::from_nanos(5000)), 0.0);
    }

    #[test]
    fn merging_equals_recording_together() {
        let (mut both, mut one, mut other) = (Histogram::default(), Histogram::default(), Histogram::default());
        for nanos in [0, 5, 63, 64, 65, 1_000, 123_456_789] {
            both.record(SimDuration::from_nanos(nanos));
            if nanos % 2 == 0 { &mut one } else { &mut other }.record(SimDuration::from_nanos(nanos));
        }
        one.merge(&other);
        assert_eq!(one, both);
    }
}
