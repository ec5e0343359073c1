//! Times by band: a histogram coarse enough to travel with every sample, for heat maps and for percentiles over any span.
//!
//! Each doubling of time has four bands of equal width, so a band is 14 to 25 % wide.

use serde::{Deserialize, Serialize};

/// Number of bands.
pub const BANDS: usize = 128;
/// The first band begins at 2 to this power nanoseconds, about 4 µs, and takes in what is shorter.
const FIRST_POWER: u32 = 12;
/// Bands of one doubling.
const PER_OCTAVE: usize = 4;

/// Counts by band: pairs of band and count, in order, empty bands left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bands(pub Vec<(u8, u32)>);

/// The band of times from 2 to the power `octave` nanoseconds on, in the given quarter of the doubling.
pub(in crate::sim) fn band(octave: u32, quarter: usize) -> u8 {
    let band = (octave as usize * PER_OCTAVE + quarter).saturating_sub(FIRST_POWER as usize * PER_OCTAVE);
    band.min(BANDS - 1) as u8
}

/// Where a band begins [s].
pub fn begins_secs(band: u8) -> f64 {
    let (octave, quarter) = (usize::from(band) / PER_OCTAVE, usize::from(band) % PER_OCTAVE);
    let start = (1_u64 << (FIRST_POWER as usize + octave)) as f64 * 1e-9;
    start * (1.0 + quarter as f64 / PER_OCTAVE as f64)
}

impl Bands {
    /// Counts more times in a band, which is not before the last one.
    pub fn add(&mut self, band: u8, count: u64) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match self.0.last_mut() {
            Some((last, counted)) if *last == band => *counted = counted.saturating_add(count),
            _ => self.0.push((band, count)),
        }
    }

    /// Number of times.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|&(_, count)| u64::from(count)).sum()
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for &(band, count) in &other.0 {
            match self.0.binary_search_by_key(&band, |entry| entry.0) {
                Ok(place) => self.0[place].1 = self.0[place].1.saturating_add(count),
                Err(place) => self.0.insert(place, (band, count)),
            }
        }
    }

    /// The time below which the share `quantile` of all lies [s], interpolated within its band; `None` without any.
    pub fn quantile_secs(&self, quantile: f64) -> Option<f64> {
        let total = self.total();
        let mut left = quantile * total as f64;
        for &(band, count) in &self.0 {
            let count = f64::from(count);
            if left <= count {
                let (from, to) = (begins_secs(band), begins_secs(band + 1));
                return Some(from + (to - from) * (left / count).clamp(0.0, 1.0));
            }
            left -= count;
        }
        self.0.last().map(|&(band, _)| begins_secs(band + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_follow_each_other_without_gaps_a_quarter_of_a_doubling_each() {
        assert!((begins_secs(0) - 4.096e-6).abs() < 1e-12);
        for band in 0..BANDS as u8 - 1 {
            let width = begins_secs(band + 1) / begins_secs(band);
            assert!((1.14..=1.25).contains(&width), "{band}: {width}");
        }
        assert_eq!((band(12, 0), band(12, 3), band(13, 0), band(3, 2), band(63, 3)), (0, 3, 4, 0, 127));
    }

    #[test]
    fn what_is_put_together_has_the_counts_of_both() {
        let mut one = Bands(vec![(3, 1), (7, 2)]);
        one.merge(&Bands(vec![(1, 4), (7, 1), (9, 5)]));
        assert_eq!(one, Bands(vec![(1, 4), (3, 1), (7, 3), (9, 5)]));
        assert_eq!(one.total(), 13);
    }

    #[test]
    fn a_quantile_lies_in_the_band_that_holds_it() {
        let bands = Bands(vec![(20, 50), (40, 50)]);
        let median = bands.quantile_secs(0.5).expect("counted");
        assert!((begins_secs(20)..=begins_secs(21)).contains(&median));
        let high = bands.quantile_secs(0.99).expect("counted");
        assert!((begins_secs(40)..=begins_secs(41)).contains(&high));
        assert_eq!(Bands::default().quantile_secs(0.5), None);
    }
}
