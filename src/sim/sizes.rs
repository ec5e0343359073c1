//! How large the value of each key is: lognormal over the keys, and always the same for the same key.

use super::rng::mix;
use crate::network::Network;

/// Sizes of the values of keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    mean: f64,
    mu: f64,
    sigma: f64,
}

impl Sizes {
    /// Sizes with this mean [bytes] and coefficient of variation.
    pub fn new(mean: f64, cv: f64) -> Self {
        let variance = libm::log(1.0 + cv * cv);
        Self { mean, mu: libm::log(mean.max(1.0)) - variance / 2.0, sigma: variance.sqrt() }
    }

    /// Sizes of the files that users ask for; with several groups of users, as the first has them.
    pub fn of_files(network: &Network) -> Self {
        network.first_users().map_or(Self::new(1.0, 0.0), |users| Self::new(users.static_bytes, users.static_bytes_cv))
    }

    /// Sizes of the files that users send.
    pub fn of_uploads(network: &Network) -> Self {
        network.first_users().map_or(Self::new(1.0, 0.0), |users| Self::new(users.upload_bytes, users.upload_bytes_cv))
    }

    /// Size of the value of `key` [bytes], one at least.
    pub fn of(&self, key: u32) -> u32 {
        if self.sigma == 0.0 {
            return self.mean as u32;
        }
        // Box and Muller's transformation of two hashes of the key.
        let unit = |salt: u64| ((mix(u64::from(key) * 2 + salt) >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        let normal = (-2.0 * libm::log(unit(0))).sqrt() * libm::cos(core::f64::consts::TAU * unit(1));
        (libm::exp(self.mu + self.sigma * normal) as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_mean_and_spread_that_they_should() {
        let sizes = Sizes::new(10_000.0, 1.0);
        let n = 100_000;
        let all: Vec<f64> = (0..n).map(|key| f64::from(sizes.of(key))).collect();
        let mean = all.iter().sum::<f64>() / f64::from(n);
        let deviation = (all.iter().map(|size| (size - mean) * (size - mean)).sum::<f64>() / f64::from(n)).sqrt();
        assert!((mean / 10_000.0 - 1.0).abs() < 0.02, "{mean}");
        assert!((deviation / mean - 1.0).abs() < 0.05, "{deviation}");
        assert_eq!(Sizes::new(500.0, 0.0).of(3), 500);
        assert_eq!(sizes.of(77), sizes.of(77));
    }
}
