//! Random streams: one for each component (or link) and purpose, so that two designs compared under one seed meet the
//! same users, the same arrivals and the same service demands (common random numbers), and adding a component disturbs
//! no other.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ids::{ComponentId, LinkId};

/// What a stream is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Times between users' requests.
    Arrivals,
    /// What users ask for: class, key, client.
    Requests,
    /// Pauses of users.
    Thinking,
    /// Amounts of work.
    Service,
    /// Choices among targets.
    Choice,
    /// Times on a link.
    Latency,
    /// Pauses before repetitions.
    Backoff,
    /// Times to apply a replicated write.
    Apply,
    /// What faults strike, and when.
    Faults,
}

/// A stream of random numbers that depends on nothing but seed, owner and purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of one instance of a component.
    pub fn of_component(seed: u64, component: ComponentId, instance: u32, purpose: Purpose) -> Self {
        Self::new(seed, 1, (u64::from(component.0) << 32) | u64::from(instance), purpose)
    }

    /// The stream of a link.
    pub fn of_link(seed: u64, link: LinkId, purpose: Purpose) -> Self {
        Self::new(seed, 2, u64::from(link.0), purpose)
    }

    fn new(seed: u64, domain: u64, owner: u64, purpose: Purpose) -> Self {
        let mixed = mix(mix(mix(seed).wrapping_add(owner)).wrapping_add((domain << 8) | purpose as u64));
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number from (0, 1], safe to take the logarithm of.
    #[inline]
    pub fn uniform_above_zero(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number from 0 to `bound` − 1, each equally likely to within 2⁻³²; 0 if `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// Exponential with mean 1, by inversion.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform_above_zero())
    }

    /// Standard normal, by the Marsaglia polar method (G. Marsaglia, T. A. Bray, SIAM Review 6, 1964).
    pub fn normal(&mut self) -> f64 {
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }
}

/// SplitMix64's finaliser: every output bit depends on every input bit (S. Vigna, 2015).
pub const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_owner_and_purpose() {
        let first = |seed, component, instance, purpose| {
            Stream::of_component(seed, ComponentId(component), instance, purpose).bits()
        };
        let mut seen = vec![
            first(1, 1, 0, Purpose::Service),
            first(2, 1, 0, Purpose::Service),
            first(1, 2, 0, Purpose::Service),
            first(1, 1, 1, Purpose::Service),
            first(1, 1, 0, Purpose::Arrivals),
            Stream::of_link(1, LinkId(1), Purpose::Latency).bits(),
        ];
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::of_component(7, ComponentId(1), 0, Purpose::Service);
        let n = 200_000;
        let (mut uniform, mut exponential, mut normal, mut square) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            uniform += stream.uniform();
            exponential += stream.exponential();
            let value = stream.normal();
            normal += value;
            square += value * value;
        }
        let n = f64::from(n);
        // Five standard errors each.
        assert!((uniform / n - 0.5).abs() < 5.0 * 0.289 / n.sqrt());
        assert!((exponential / n - 1.0).abs() < 5.0 / n.sqrt());
        assert!((normal / n).abs() < 5.0 / n.sqrt());
        assert!((square / n - 1.0).abs() < 5.0 * 2f64.sqrt() / n.sqrt());
    }
}
