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

/// Counts of times by bucket. Memory follows the greatest time recorded, at most 4 kB until a bucket counts more than 255;
/// a bucket counts up to 2⁴⁰ − 1.
///
/// Buckets lie in pages of 64, one for each doubling. A note of the pages in use makes everything but recording cost what
/// those pages cost, not what the greatest time ever seen would.
///
/// Recording writes a single byte, so that a page is no longer than a line of the processor's caches: times lie all over
/// the pages, and with hundreds of stations waiting for these lines is what counting costs.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Low bytes of the counts; whole pages.
    counts: Vec<u8>,
    /// What has been carried out of them, once anything has.
    carries: Option<Box<Carries>>,
    /// Which pages may have counts: one bit for each number of digits dropped, the lowest for the first two pages.
    used: u64,
    max_nanos: u64,
    sum: Sum,
}

/// The upper parts of counts that a byte does not hold.
#[derive(Clone, Debug, Default)]
struct Carries {
    /// In units of 256; whole pages, as far as any has been needed.
    counts: Vec<u32>,
    /// Which pages may have some: one bit for each.
    used: u64,
}

/// Buckets of a page.
const PAGE: usize = SUB_COUNT as usize;

/// Bytes of a word.
const EIGHT: usize = 8;

/// Buckets that make up a page.
const fn buckets_of(page: usize) -> core::ops::Range<usize> {
    page * PAGE..(page + 1) * PAGE
}

/// Positions of the bits that are set.
fn positions(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let position = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (position < 64).then_some(position)
    })
}

/// Adds each byte of one word to that of the other, modulo 256. Gives the sums, and the highest bit of each byte that was
/// carried out of: eight counts at a time, also where there are no wider additions.
const fn add_bytes(one: u64, other: u64) -> (u64, u64) {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let sum = ((one & !HIGHEST) + (other & !HIGHEST)) ^ ((one ^ other) & HIGHEST);
    (sum, ((one & other) | ((one | other) & !sum)) & HIGHEST)
}

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
            Some(count) => {
                *count = count.wrapping_add(1);
                if *count == 0 {
                    self.carry(bucket, 1);
                }
            }
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
                *none = none.wrapping_add(1);
                self.used |= 1;
                if *none == 0 {
                    self.carry(0, 1);
                }
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

    /// The byte of a bucket has come round so many times.
    #[cold]
    fn carry(&mut self, bucket: usize, rounds: u32) {
        let page = bucket / PAGE;
        let carries = self.carries.get_or_insert_default();
        if carries.counts.len() <= bucket {
            carries.counts.resize((page + 1) * PAGE, 0);
        }
        carries.used |= 1 << page;
        carries.counts[bucket] = carries.counts[bucket].saturating_add(rounds);
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
        positions((self.used << 1) | (self.used & 1))
    }

    /// Counts of a page.
    fn page(&self, page: usize) -> [u64; PAGE] {
        let buckets = buckets_of(page);
        let mut counts = [0; PAGE];
        for (count, &low) in counts.iter_mut().zip(&self.counts[buckets.clone()]) {
            *count = u64::from(low);
        }
        if let Some(carries) = &self.carries
            && carries.used & (1 << page) != 0
        {
            for (count, &carried) in counts.iter_mut().zip(&carries.counts[buckets]) {
                *count += u64::from(carried) << u8::BITS;
            }
        }
        counts
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        if other.used == 0 {
            return;
        }
        self.make_room(other.used.ilog2() as usize + 1);
        for page in other.pages() {
            let buckets = buckets_of(page);
            let (mine, _) = self.counts[buckets.clone()].as_chunks_mut();
            let (theirs, _) = other.counts[buckets.clone()].as_chunks();
            let mut carried = [0; PAGE / EIGHT];
            for ((mine, theirs), carried) in mine.iter_mut().zip(theirs).zip(&mut carried) {
                let sum;
                (sum, *carried) = add_bytes(u64::from_le_bytes(*mine), u64::from_le_bytes(*theirs));
                *mine = sum.to_le_bytes();
            }
            for (first, carried) in buckets.step_by(EIGHT).zip(carried) {
                positions(carried).for_each(|bit| self.carry(first + bit / u8::BITS as usize, 1));
            }
        }
        if let Some(carries) = &other.carries {
            for bucket in positions(carries.used).flat_map(buckets_of) {
                if carries.counts[bucket] > 0 {
                    self.carry(bucket, carries.counts[bucket]);
                }
            }
        }
        self.used |= other.used;
        self.sum += other.sum;
        self.max_nanos = self.max_nanos.max(other.max_nanos);
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        for page in self.pages() {
            self.counts[buckets_of(page)].fill(0);
        }
        if let Some(carries) = &mut self.carries {
            positions(carries.used).for_each(|page| carries.counts[buckets_of(page)].fill(0));
            carries.used = 0;
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
                let count = counts.iter().sum();
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
    pub fn footprint_bytes(&self) -> usize {
        let carries = self.carries.as_ref().map_or(0, |carries| carries.counts.capacity() * size_of::<u32>());
        self.counts.capacity() + carries
    }

    /// Number of times recorded.
    pub fn count(&self) -> u64 {
        let low = self.pages().flat_map(|page| &self.counts[buckets_of(page)]).map(|&low| u64::from(low)).sum::<u64>();
        let carried = self.carries.iter().flat_map(|carries| {
            positions(carries.used)
                .flat_map(|page| &carries.counts[buckets_of(page)])
                .map(|&carried| u64::from(carried))
        });
        low + (carried.sum::<u64>() << u8::BITS)
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
            let in_page: u64 = counts.iter().sum();
            let mut before = below;
            below += in_page;
            if ranks.get(wanted).is_none_or(|&rank| (below as f64) < rank) {
                continue;
            }
            for (position, &here) in counts.iter().enumerate().filter(|(_, here)| **here > 0) {
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
        let first = bucket(time.as_nanos()) + 1;
        let above: u64 = self
            .pages()
            .flat_map(|page| buckets_of(page).zip(self.page(page)))
            .filter_map(|(bucket, count)| (bucket >= first).then_some(count))
            .sum();
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
    fn counts_go_beyond_a_byte() {
        let (mut one, mut other, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for round in 0..70_000_u64 {
            for nanos in [0, 700 + round % 3 * 100, 5_000_000] {
                let time = SimDuration::from_nanos(nanos);
                if round % 7 == 0 { &mut one } else { &mut other }.record_or_none(time);
                both.record(time);
            }
        }
        assert_eq!(both.count(), 210_000);
        assert_eq!(both.bands().total(), 210_000);
        assert_eq!(both.quantile_secs(0.3), 0.0);
        assert!((both.quantile_secs(0.9) / 0.005 - 1.0).abs() < 0.01);
        assert!((both.share_above(SimDuration::from_nanos(2000)) - 1.0 / 3.0).abs() < 1e-9);
        one.merge(&other);
        assert_eq!(one, both);
        one.clear();
        assert_eq!(one, Histogram::default());
        one.merge(&both);
        assert_eq!(one, both);
    }

    #[test]
    fn bytes_of_words_are_added_apart() {
        for (one, other) in [(0xff, 0x01), (0x80, 0x80), (0x7f, 0x01), (0xff, 0xff), (0x12, 0x34)] {
            let spread = |byte: u8| u64::from_le_bytes([byte, 0, byte, 3, 0, byte, 0, byte]);
            let (sum, carried) = add_bytes(spread(one), spread(other));
            let expected = [one.wrapping_add(other), 0, one.wrapping_add(other), 6];
            assert_eq!(sum.to_le_bytes()[..4], expected);
            let carries = u8::from(one.checked_add(other).is_none()) << 7;
            assert_eq!(carried.to_le_bytes(), [carries, 0, carries, 0, 0, carries, 0, carries]);
        }
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
