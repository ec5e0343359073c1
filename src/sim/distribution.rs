//! Drawing times from a [`Distribution`]. All over `libm`, because the standard library's logarithm and powers differ
//! between native and WebAssembly in the last bit.

use super::rng::Stream;
use crate::distribution::Distribution;
use crate::units::SimDuration;

/// A distribution made ready to draw from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// Always the same.
    Constant(SimDuration),
    /// Exponential with this mean [s].
    Exponential(f64),
    /// `exp(mu + sigma · normal)` [s].
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Sum of `stages` exponentials of mean `stage_secs` [s].
    Erlang {
        /// Mean of one [s].
        stage_secs: f64,
        /// How many.
        stages: u32,
    },
    /// Evenly from `min_secs`, over `width_secs` [s].
    Uniform {
        /// Shortest [s].
        min_secs: f64,
        /// Longest minus shortest [s].
        width_secs: f64,
    },
    /// Inverse of the distribution function: `min · (1 − u · span)^(−1/alpha)` [s].
    BoundedPareto {
        /// Shortest [s].
        min_secs: f64,
        /// `1 − (min/max)^alpha`.
        span: f64,
        /// `−1/alpha`.
        exponent: f64,
    },
}

impl Sampler {
    /// Prepares `distribution`, which has been checked. Not inlined: every kind of station prepares several.
    #[inline(never)]
    pub fn new(distribution: &Distribution) -> Self {
        match *distribution {
            Distribution::Constant { mean_secs } => Self::Constant(SimDuration::from_secs_f64(mean_secs)),
            Distribution::Exponential { mean_secs } => Self::Exponential(mean_secs),
            Distribution::Lognormal { mean_secs, cv } => {
                if mean_secs <= 0.0 {
                    return Self::Constant(SimDuration::ZERO);
                }
                let variance = libm::log(1.0 + cv * cv);
                Self::Lognormal { mu: libm::log(mean_secs) - variance / 2.0, sigma: variance.sqrt() }
            }
            Distribution::Erlang { mean_secs, stages } => {
                Self::Erlang { stage_secs: mean_secs / f64::from(stages), stages }
            }
            Distribution::Uniform { min_secs, max_secs } => Self::Uniform { min_secs, width_secs: max_secs - min_secs },
            Distribution::BoundedPareto { min_secs, max_secs, alpha } => Self::BoundedPareto {
                min_secs,
                span: 1.0 - libm::pow(min_secs / max_secs, alpha),
                exponent: -1.0 / alpha,
            },
        }
    }

    /// Draws one time.
    pub fn sample(&self, stream: &mut Stream) -> SimDuration {
        self.sample_here(stream)
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "for the kinds that most calls go to")]
    #[inline(always)]
    pub fn sample_here(&self, stream: &mut Stream) -> SimDuration {
        match *self {
            Self::Constant(time) => time,
            Self::Exponential(mean) => SimDuration::from_secs_f64(mean * stream.exponential()),
            _ => self.sample_other(stream),
        }
    }

    /// Draws from the distributions that take longer.
    #[inline(never)]
    fn sample_other(&self, stream: &mut Stream) -> SimDuration {
        match *self {
            Self::Constant(time) => time,
            Self::Exponential(mean) => SimDuration::from_secs_f64(mean * stream.exponential()),
            Self::Lognormal { mu, sigma } => SimDuration::from_secs_f64(libm::exp(mu + sigma * stream.normal())),
            Self::Erlang { stage_secs, stages } => {
                let sum: f64 = (0..stages).map(|_| stream.exponential()).sum();
                SimDuration::from_secs_f64(stage_secs * sum)
            }
            Self::Uniform { min_secs, width_secs } => {
                SimDuration::from_secs_f64(min_secs + width_secs * stream.uniform())
            }
            Self::BoundedPareto { min_secs, span, exponent } => {
                SimDuration::from_secs_f64(min_secs * libm::pow(1.0 - span * stream.uniform(), exponent))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rng::Purpose;
    use super::*;
    use crate::ids::ComponentId;

    #[test]
    fn sample_means_agree_with_the_stated_mean() {
        let shapes = [
            Distribution::constant(0.01),
            Distribution::exponential(0.01),
            Distribution::Lognormal { mean_secs: 0.01, cv: 1.0 },
            Distribution::Erlang { mean_secs: 0.01, stages: 4 },
            Distribution::Uniform { min_secs: 0.002, max_secs: 0.018 },
            Distribution::BoundedPareto { min_secs: 0.001, max_secs: 1.0, alpha: 1.5 },
        ];
        for shape in shapes {
            let sampler = Sampler::new(&shape);
            let mut stream = Stream::of_component(3, ComponentId(9), 0, Purpose::Service);
            let n = 100_000;
            let draws: Vec<f64> = (0..n).map(|_| sampler.sample(&mut stream).as_secs_f64()).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>() / f64::from(n);
            let standard_error = (variance / f64::from(n)).sqrt();
            assert!((mean - shape.mean_secs()).abs() <= 4.0 * standard_error + 1e-9, "{shape:?}: {mean}");
        }
    }
}
