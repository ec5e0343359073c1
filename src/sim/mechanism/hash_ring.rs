//! Consistent hashing: targets stand at many points of a ring, and a key belongs to the next point clockwise. When a
//! target comes or goes, only the keys next to its points move.
//!
//! # Sources
//! D. Karger et al., *Consistent Hashing and Random Trees* (1997); bounded loads: V. Mirrokni, M. Thorup, M. Zadimoghaddam,
//! *Consistent Hashing with Bounded Loads* (2018).

use crate::sim::rng::mix;
use crate::sorted::sort_by;

/// Points of all targets, in order.
#[derive(Clone, Debug, Default)]
pub struct HashRing {
    points: Vec<(u64, u32)>,
}

impl HashRing {
    /// A ring of targets, each a position with an identity that lasts, its name on the ring, and its number of points.
    ///
    /// # Complexity
    /// O(p log p) for p points.
    pub fn new(targets: impl Iterator<Item = (u32, u64, u32)>) -> Self {
        let mut points: Vec<(u64, u32)> = targets
            .flat_map(|(position, identity, n)| {
                (0..n.max(1)).map(move |point| (mix(mix(identity).wrapping_add(u64::from(point))), position))
            })
            .collect();
        sort_by(&mut points, Ord::cmp);
        Self { points }
    }

    /// The targets that a key may go to, its own first, then those that follow on the ring; some come more than once.
    ///
    /// # Complexity
    /// O(log p) for the first.
    pub fn targets(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let hash = mix(key ^ 0x5851_f42d_4c95_7f2d);
        let start = self.points.partition_point(|&(point, _)| point < hash);
        self.points[start..].iter().chain(&self.points[..start]).map(|&(_, target)| target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(n_targets: u32, n_points: u32, n_keys: u64) -> Vec<f64> {
        let ring = HashRing::new((0..n_targets).map(|target| (target, u64::from(target), n_points)));
        let mut counts = vec![0_u64; n_targets as usize];
        for key in 0..n_keys {
            counts[ring.targets(key).next().expect("there are targets") as usize] += 1;
        }
        counts.into_iter().map(|count| count as f64 / n_keys as f64).collect()
    }

    /// With k points a target, the share of a target of n has a mean of 1/n and, for many points, a coefficient of
    /// variation of √((n − 1)/(nk + 1)): it is the sum of k of nk uniform spacings (a Beta distribution with parameters
    /// k and (n − 1)k; H. David, H. Nagaraja, *Order Statistics*, 2003, §6.4).
    #[test]
    fn shares_vary_as_sums_of_uniform_spacings_do() {
        for (n, k) in [(50_u32, 1_u32), (50, 10), (50, 100)] {
            let (mut variance, rings) = (0.0, 40_u32);
            for ring in 0..rings {
                let spread = |target: u32| u64::from(target) + (u64::from(ring) << 32);
                let ring = HashRing::new((0..n).map(|target| (target, spread(target), k)));
                let mut counts = vec![0_f64; n as usize];
                // Enough keys that their own scatter adds little.
                for key in 0..100_000 {
                    counts[ring.targets(key).next().expect("there are targets") as usize] += 1.0 / 100_000.0;
                }
                variance += counts.iter().map(|share| (share * f64::from(n) - 1.0).powi(2)).sum::<f64>() / f64::from(n);
            }
            let measured = (variance / f64::from(rings)).sqrt();
            let expected = ((f64::from(n) - 1.0) / (f64::from(n) * f64::from(k) + 1.0)).sqrt();
            // The scatter of 100,000 keys over 50 targets has a coefficient of variation of √(49/100,000).
            let expected = (expected * expected + 49.0 / 100_000.0_f64).sqrt();
            assert!((measured / expected - 1.0).abs() < 0.1, "{n} targets, {k} points: {measured}, {expected}");
        }
    }

    #[test]
    fn only_the_keys_of_a_lost_target_move() {
        let whole = HashRing::new((0..10).map(|target| (target, u64::from(target), 50)));
        let less = HashRing::new((0..10).filter(|&target| target != 3).map(|target| (target, u64::from(target), 50)));
        for key in 0..10_000 {
            let (before, after) = (whole.targets(key).next(), less.targets(key).next());
            assert!(before == Some(3) || before == after, "key {key}");
        }
        assert!(shares(10, 50, 10_000).iter().all(|&share| share > 0.03));
    }
}
