//! Random streams: one for each component (or link) and purpose, so that two designs compared under one seed meet the
//! same users, the same arrivals and the same service demands (common random numbers), and adding a component disturbs
//! no other.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::ziggurat::{self, EXPONENTIAL, NORMAL};
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
    /// Times on a disk.
    Disk,
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

    /// Not inlined: every kind of station has several.
    #[inline(never)]
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
        // By way of a signed number, which WebAssembly converts faster.
        (self.bits() >> 11).cast_signed() as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number from (0, 1], safe to take the logarithm of.
    #[inline]
    pub fn uniform_above_zero(&mut self) -> f64 {
        ((self.bits() >> 11) + 1).cast_signed() as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A whole number from 0 to `bound` − 1, each equally likely to within 2⁻³²; 0 if `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let bits = self.bits();
        let layer = bits as usize % ziggurat::LAYERS;
        let ends = &EXPONENTIAL.ends;
        let x = inside(bits) * ends[layer];
        if x < ends[layer + 1] { x } else { self.exponential_at_edge(layer, x) }
    }

    /// A draw that lies in the part of its layer that the density cuts.
    #[cold]
    fn exponential_at_edge(&mut self, mut layer: usize, mut x: f64) -> f64 {
        let ziggurat::Table { ends, densities } = &*EXPONENTIAL;
        loop {
            if layer == 0 {
                // Beyond its begin, the tail looks like the whole.
                return ziggurat::EXPONENTIAL_TAIL - libm::log(self.uniform_above_zero());
            }
            if self.under(densities[layer], densities[layer + 1]) < libm::exp(-x) {
                return x;
            }
            let bits = self.bits();
            layer = bits as usize % ziggurat::LAYERS;
            x = inside(bits) * ends[layer];
            if x < ends[layer + 1] {
                return x;
            }
        }
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        let ziggurat::Table { ends, densities } = &*NORMAL;
        loop {
            let bits = self.bits();
            let layer = bits as usize % ziggurat::LAYERS;
            let sign = if bits & 0x100 == 0 { 1.0 } else { -1.0 };
            let x = inside(bits) * ends[layer];
            if x < ends[layer + 1] {
                return sign * x;
            }
            if layer == 0 {
                return sign * self.normal_tail();
            }
            if self.under(densities[layer], densities[layer + 1]) < libm::exp(-x * x / 2.0) {
                return sign * x;
            }
        }
    }

    /// The tail of the normal density, from an exponential one above it (G. Marsaglia, Technometrics 6, 1964).
    #[cold]
    fn normal_tail(&mut self) -> f64 {
        loop {
            let x = -libm::log(self.uniform_above_zero()) / ziggurat::NORMAL_TAIL;
            let y = -libm::log(self.uniform_above_zero());
            if 2.0 * y > x * x {
                return ziggurat::NORMAL_TAIL + x;
            }
        }
    }

    /// A height between two densities.
    fn under(&mut self, lower: f64, upper: f64) -> f64 {
        lower + (upper - lower) * self.uniform()
    }
}

/// A number from (0, 1) from the upper 52 of 64 random bits.
#[inline]
const fn inside(bits: u64) -> f64 {
    f64::from_bits(0x3ff0_0000_0000_0000 | (bits >> 12)) - (1.0 - f64::EPSILON / 2.0)
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

    /// Kolmogorov and Smirnov's distance between draws and a distribution function, times the root of their number.
    fn distance(mut draws: Vec<f64>, distribution: impl Fn(f64) -> f64) -> f64 {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let gaps = (0_u32..).zip(&draws).map(|(rank, &draw)| {
            let below = f64::from(rank) / n;
            (distribution(draw) - below).abs().max((distribution(draw) - below - 1.0 / n).abs())
        });
        gaps.fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn draws_follow_their_distribution_functions() {
        let mut stream = Stream::of_component(8, ComponentId(1), 0, Purpose::Service);
        let n = 1_000_000;
        let exponential = (0..n).map(|_| stream.exponential()).collect();
        let normal = (0..n).map(|_| stream.normal()).collect();
        // Exceeded by one run in a thousand.
        let limit = 1.95;
        assert!(distance(exponential, |x| 1.0 - libm::exp(-x)) < limit);
        assert!(distance(normal, |x| 0.5 * libm::erfc(-x / 2f64.sqrt())) < limit);
    }

    #[test]
    fn tails_are_those_of_the_densities() {
        let mut stream = Stream::of_component(9, ComponentId(1), 0, Purpose::Service);
        let n = 4_000_000_u32;
        let (mut exponential, mut normal) = (0, 0);
        for _ in 0..n {
            exponential += u32::from(stream.exponential() > ziggurat::EXPONENTIAL_TAIL + 1.0);
            normal += u32::from(stream.normal() > ziggurat::NORMAL_TAIL + 0.2);
        }
        let expects = |found: u32, share: f64| {
            let expected = f64::from(n) * share;
            assert!((f64::from(found) - expected).abs() < 4.0 * expected.sqrt(), "{found} of {expected}");
        };
        expects(exponential, libm::exp(-ziggurat::EXPONENTIAL_TAIL - 1.0));
        expects(normal, 0.5 * libm::erfc((ziggurat::NORMAL_TAIL + 0.2) / 2f64.sqrt()));
    }
}
