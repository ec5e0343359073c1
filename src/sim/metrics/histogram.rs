//! Log-linear histogram of times: 64 buckets for each doubling, so a bucket is at most 1.6 % wide; merging is exact.
//!
//! # Sources
//! The bucket layout follows HdrHistogram (G. Tene): a linear part below one sub-bucket range, then equal steps within
//! each power of two.

use super::Sum;
use crate::sim::snapshot::Percentiles;
use crate::sim::snapshot::bands::{self, Bands};
use crate::units::SimDuration;

/// Binary digits of a time that a bucket keeps behind the leading one.
const SUB_BITS: u32 = 6;
const SUB_COUNT: u64 = 1 << SUB_BITS;

/// Counts of times by bucket. Memory follows the greatest time recorded, at most 15 kB; a bucket counts up to 2³² − 1.
///
/// Buckets lie in pages of 64, one for each doubling. A note of the pages in use makes everything but recording cost what
/// those pages cost, not what the greatest time ever seen would.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Whole pages.
    counts: Vec<u32>,
    /// Which pages may have counts: one bit for each number of digits dropped, the lowest for the first two pages.
    used: u64,
    max_nanos: u64,
    sum: Sum,
}

/// Buckets of a page.
const PAGE: usize = SUB_COUNT as usize;

/// How many binary digits of a time are dropped.
#[inline]
const fn dropped(nanos: u64) -> u32 {
    // The first two pages are linear; without a branch, because short and long times come mixed.
    (nanos | SUB_COUNT).ilog2() - SUB_BITS
}

/// The bucket of a time.
#[inline]
const fn bucket(nanos: u64) -> usize {
    let shift = dropped(nanos);
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
    #[allow(clippy::inline_always, reason = "what the engine does most")]
    #[inline(always)]
    pub fn record(&mut self, time: SimDuration) {
        let nanos = time.as_nanos();
        let bucket = bucket(nanos);
        self.used |= 1 << dropped(nanos);
        self.sum.add(nanos);
        if nanos > self.max_nanos {
            self.record_maximum(nanos);
        }
        match self.counts.get_mut(bucket) {
            Some(count) => *count += 1,
            None => self.record_above(bucket),
        }
    }

    /// Notes a time that is longer than all before.
    #[cold]
    const fn record_maximum(&mut self, nanos: u64) {
        self.max_nanos = nanos;
    }

    /// Records one time, which often is none at all.
    #[allow(clippy::inline_always, reason = "what the engine does most")]
    #[inline(always)]
    pub fn record_or_none(&mut self, time: SimDuration) {
        match self.counts.first_mut() {
            Some(none) if time.is_zero() => {
                *none += 1;
                self.used |= 1;
            }
            _ => self.record(time),
        }
    }

    /// Counts a time greater than all that there is room for.
    #[cold]
    fn record_above(&mut self, bucket: usize) {
        self.make_room(bucket / PAGE);
        self.counts[bucket] += 1;
    }

    fn make_room(&mut self, page: usize) {
        // The first two pages are used together.
        let length = (page.max(1) + 1) * PAGE;
        if self.counts.len() < length {
            self.counts.resize(length, 0);
        }
    }

    /// Numbers of the pages that may have counts.
    fn pages(&self) -> impl Iterator<Item = usize> + use<> {
        let mut left = (self.used << 1) | (self.used & 1);
        core::iter::from_fn(move || {
            let page = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (page < 64).then_some(page)
        })
    }

    /// Counts of a page.
    fn page(&self, page: usize) -> &[u32] {
        &self.counts[page * PAGE..(page + 1) * PAGE]
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        if other.used == 0 {
            return;
        }
        self.make_room(other.used.ilog2() as usize + 1);
        for page in other.pages() {
            for (mine, theirs) in self.counts[page * PAGE..(page + 1) * PAGE].iter_mut().zip(other.page(page)) {
                *mine = mine.saturating_add(*theirs);
            }
        }
        self.used |= other.used;
        self.sum += other.sum;
        self.max_nanos = self.max_nanos.max(other.max_nanos);
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        for page in self.pages() {
            self.counts[page * PAGE..(page + 1) * PAGE].fill(0);
        }
        self.used = 0;
        self.sum = Sum::default();
        self.max_nanos = 0;
    }

    /// An empty histogram in the memory of this one, which is left without.
    pub fn recycle(&mut self) -> Self {
        self.clear();
        core::mem::take(self)
    }

    /// The counts by band of time.
    pub fn bands(&self) -> Bands {
        let mut into = Bands::default();
        for page in self.pages() {
            for (quarter, counts) in self.page(page).chunks_exact(PAGE / 4).enumerate() {
                let count = sum(counts);
                if count > 0 {
                    // The first page holds everything below its own length.
                    let octave = if page == 0 { 0 } else { page as u32 + SUB_BITS - 1 };
                    into.add(bands::band(octave, quarter), count);
                }
            }
        }
        into
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u32>()
    }

    /// Number of times recorded.
    pub fn count(&self) -> u64 {
        self.pages().map(|page| sum(self.page(page))).sum()
    }

    /// Mean [s], exact; 0 if nothing was recorded.
    pub fn mean_secs(&self) -> f64 {
        self.mean_of(self.count())
    }

    /// Sum of all [ns], exact.
    pub const fn sum_nanos(&self) -> u128 {
        self.sum.nanos()
    }

    fn mean_of(&self, count: u64) -> f64 {
        if count == 0 { 0.0 } else { self.sum_nanos() as f64 / count as f64 * 1e-9 }
    }

    /// Greatest time [s], exact.
    pub fn max_secs(&self) -> f64 {
        self.max_nanos as f64 * 1e-9
    }

    /// The time below which the share `quantile` of all lies [s], interpolated within its bucket; 0 if nothing was
    /// recorded.
    pub fn quantile_secs(&self, quantile: f64) -> f64 {
        let [secs] = self.quantiles_secs(self.count(), [quantile]);
        secs
    }

    /// Several quantiles, in ascending order.
    fn quantiles_secs<const N: usize>(&self, count: u64, quantiles: [f64; N]) -> [f64; N] {
        let ranks = quantiles.map(|quantile| quantile.clamp(0.0, 1.0) * count as f64);
        let mut found = [self.max_secs(); N];
        let mut wanted = 0;
        let mut below = 0_u64;
        for page in self.pages() {
            let counts = self.page(page);
            let in_page = sum(counts);
            let mut before = below;
            below += in_page;
            if ranks.get(wanted).is_none_or(|&rank| (below as f64) < rank) {
                continue;
            }
            for (position, &here) in counts.iter().enumerate().filter(|(_, here)| **here > 0) {
                let here = u64::from(here);
                while let Some(&rank) = ranks.get(wanted).filter(|rank| (before + here) as f64 >= **rank) {
                    let (least, width) = bounds(page * PAGE + position);
                    let inside = ((rank - before as f64) / here as f64).clamp(0.0, 1.0);
                    // A bucket of one time holds nothing but that time: who never waited waited 0, not a part of 1 ns.
                    let reach = (width - 1) as f64;
                    found[wanted] = (least as f64 + inside * reach).min(self.max_nanos as f64) * 1e-9;
                    wanted += 1;
                }
                before += here;
            }
        }
        found
    }

    /// Share of all times that are longer than `time`, 0 to 1, to the width of its bucket (times below 128 ns are told
    /// apart exactly); 0 if nothing was recorded.
    pub fn share_above(&self, time: SimDuration) -> f64 {
        let count = self.count();
        let above = sum(self.counts.get(bucket(time.as_nanos()) + 1..).unwrap_or_default());
        if count == 0 { 0.0 } else { above as f64 / count as f64 }
    }

    /// The usual percentiles.
    pub fn percentiles(&self) -> Percentiles {
        let count = self.count();
        let [p50_secs, p90_secs, p95_secs, p99_secs, p999_secs] =
            self.quantiles_secs(count, [0.5, 0.9, 0.95, 0.99, 0.999]);
        Percentiles {
            count,
            mean_secs: self.mean_of(count),
            p50_secs,
            p90_secs,
            p95_secs,
            p99_secs,
            p999_secs,
            max_secs: self.max_secs(),
        }
    }
}

fn sum(counts: &[u32]) -> u64 {
    counts.iter().map(|&count| u64::from(count)).sum()
}

impl PartialEq for Histogram {
    /// Whether the same was recorded, as far as buckets tell; room kept for more makes no difference.
    fn eq(&self, other: &Self) -> bool {
        (self.used, self.sum, self.max_nanos) == (other.used, other.sum, other.max_nanos)
            && self.pages().all(|page| self.page(page) == other.page(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_hold_what_was_recorded() {
        let mut histogram = Histogram::default();
        for nanos in [3, 5_000, 1 << 20, (1 << 20) + (1 << 18), 40_000_000, 2_000_000_000, 2_000_000_001] {
            histogram.record(SimDuration::from_nanos(nanos));
        }
        let bands = histogram.bands();
        assert_eq!(bands.total(), 7);
        assert_eq!(bands.0.iter().map(|&(_, count)| count).max(), Some(2));
        for secs in [0.001_048_576, 0.04, 2.0] {
            let is_there =
                |&(band, _): &(u8, u32)| (bands::begins_secs(band)..bands::begins_secs(band + 1)).contains(&secs);
            assert!(bands.0.iter().any(is_there), "{secs}: {bands:?}");
        }
    }

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
    fn who_never_waited_waited_nothing() {
        let mut histogram = Histogram::default();
        for nanos in [0, 0, 0, 0, 40_000] {
            histogram.record(SimDuration::from_nanos(nanos));
        }
        assert_eq!(histogram.quantile_secs(0.5), 0.0);
    }

    #[test]
    fn none_is_recorded_like_any_other_time() {
        let (mut often, mut seldom) = (Histogram::default(), Histogram::default());
        for nanos in [0, 0, 100, 0, 7_000_000, 0] {
            often.record_or_none(SimDuration::from_nanos(nanos));
            seldom.record(SimDuration::from_nanos(nanos));
        }
        assert_eq!(often, seldom);
        assert_eq!((often.count(), often.max_secs()), (6, 0.007));
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
