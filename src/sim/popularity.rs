//! Which item a request asks for: Zipf's law, drawn in constant time from a table that stays small however many items
//! there are.
//!
//! The most popular items stand alone; the others are grouped into strata of ranks so near to each other that they are
//! about equally popular. A draw picks a stratum as if all its items were as popular as its first, then an item, and
//! starts again if that item is not popular enough for it. The law is met exactly, and a draw touches a few kilobytes
//! of memory where a table of all items would leave the processor's caches.
//!
//! # Sources
//! L. Devroye, *Non-Uniform Random Variate Generation* (1986), §II.3 (rejection, squeeze); A. J. Walker, *An Efficient
//! Method for Generating Discrete Random Variables with General Distributions* (1977), in the stable form of M. D. Vose
//! (1991), for the choice of the stratum.

use super::rng::Stream;

/// A stratum is this fraction of its rank wide, one item at least.
const FRACTION: u32 = 64;

/// A Zipf law over `n` items: item `k`, counted from 0, is drawn with probability proportional to `(k + 1)^−exponent`.
#[derive(Clone, Debug, PartialEq)]
pub struct Popularity {
    n: u32,
    exponent: f64,
    strata: Vec<Stratum>,
}

/// Items of neighbouring ranks, and a column of the table from which strata are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stratum {
    /// Share of the column that is this stratum's own, in 2⁻³².
    own: u32,
    /// Who has the rest.
    other: u32,
    /// First item.
    first: u32,
    /// Number of items.
    width: u32,
    /// Popularity of the last item as a share of the first one's, in 2⁻³².
    surely: u32,
}

/// 2³².
const WHOLE: f64 = 4_294_967_296.0;

impl Popularity {
    /// The law over `n` items, 1 at least.
    ///
    /// # Complexity
    /// O(log n) time and memory: about 1,000 strata for a hundred million items.
    pub fn new(n: u32, exponent: f64) -> Self {
        let n = n.max(1);
        let mut strata = Vec::new();
        let mut weights = Vec::new();
        let mut first = 0;
        while first < n {
            let width = (first / FRACTION).clamp(1, n - first);
            let share = |item: u32| libm::pow(f64::from(item + 1), -exponent);
            let surely = (share(first + width - 1) / share(first) * WHOLE).min(f64::from(u32::MAX)) as u32;
            strata.push(Stratum { own: u32::MAX, other: strata.len() as u32, first, width, surely });
            weights.push(share(first) * f64::from(width));
            first += width;
        }
        fill_columns(&mut strata, weights);
        Self { n, exponent, strata }
    }

    /// Whether this is the law of these parameters.
    pub fn is(&self, n: u32, exponent: f64) -> bool {
        self.n == n.max(1) && self.exponent.to_bits() == exponent.to_bits()
    }

    /// Draws an item.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> u32 {
        loop {
            let bits = stream.bits();
            let column = ((bits >> 32) * self.strata.len() as u64) >> 32;
            let mut stratum = &self.strata[column as usize];
            if bits as u32 > stratum.own {
                stratum = &self.strata[stratum.other as usize];
            }
            if stratum.width == 1 {
                return stratum.first;
            }
            let bits = stream.bits();
            let item = stratum.first + (((bits >> 32) * u64::from(stratum.width)) >> 32) as u32;
            if bits as u32 <= stratum.surely || self.accepts(stratum.first, item, bits as u32) {
                return item;
            }
        }
    }

    /// Whether an item is popular enough, next to the first one of its stratum, for a threshold drawn from 2³².
    #[cold]
    fn accepts(&self, first: u32, item: u32, threshold: u32) -> bool {
        let ratio = f64::from(item + 1) / f64::from(first + 1);
        f64::from(threshold) < libm::pow(ratio, -self.exponent) * WHOLE
    }
}

/// Shares the columns of the table out so that each stratum is chosen in proportion to its weight.
fn fill_columns(strata: &mut [Stratum], mut weights: Vec<f64>) {
    let scale = weights.len() as f64 / weights.iter().sum::<f64>();
    weights.iter_mut().for_each(|weight| *weight *= scale);
    let (mut small, mut large): (Vec<usize>, Vec<usize>) =
        (0..weights.len()).partition(|&position| weights[position] < 1.0);
    while let (Some(&poor), Some(&rich)) = (small.last(), large.last()) {
        small.pop();
        let share = weights[poor];
        strata[poor].own = (share * f64::from(u32::MAX)) as u32;
        strata[poor].other = rich as u32;
        weights[rich] -= 1.0 - share;
        if weights[rich] < 1.0 {
            large.pop();
            small.push(rich);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rng::Purpose;
    use super::*;
    use crate::ids::ComponentId;

    #[test]
    fn frequencies_follow_the_law() {
        // The second case has strata of up to 9 items, the third of up to 46.
        for (n, exponent, draws) in [(50_u32, 0.9, 400_000_u32), (600, 1.2, 4_000_000), (3000, 0.4, 4_000_000)] {
            let law = Popularity::new(n, exponent);
            let mut stream = Stream::of_component(5, ComponentId(2), 0, Purpose::Requests);
            let mut counts = vec![0_u32; n as usize];
            for _ in 0..draws {
                counts[law.sample(&mut stream) as usize] += 1;
            }
            let norm: f64 = (1..=n).map(|rank| libm::pow(f64::from(rank), -exponent)).sum();
            let chi_square: f64 = (0..n)
                .map(|k| {
                    let expected = f64::from(draws) * libm::pow(f64::from(k + 1), -exponent) / norm;
                    let difference = f64::from(counts[k as usize]) - expected;
                    difference * difference / expected
                })
                .sum();
            // Pearson's statistic has mean n − 1 and variance 2 (n − 1); it exceeds this about once in a thousand seeds.
            let freedom = f64::from(n - 1);
            assert!(chi_square < freedom + 3.5 * (2.0 * freedom).sqrt(), "{n}, {exponent}: {chi_square}");
        }
    }

    #[test]
    fn the_table_stays_small() {
        let law = Popularity::new(100_000_000, 0.9);
        assert!(law.strata.len() < 1100, "{}", law.strata.len());
        let last = law.strata.last().expect("at least one");
        assert_eq!(last.first + last.width, 100_000_000);
    }

    #[test]
    fn a_single_item_is_always_drawn() {
        let mut stream = Stream::of_component(5, ComponentId(2), 0, Purpose::Requests);
        assert_eq!(Popularity::new(1, 1.0).sample(&mut stream), 0);
    }
}
