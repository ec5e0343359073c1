//! Distributions as forms: which shapes there are, what each needs, and how one becomes another with the same mean.

use crate::distribution::Distribution;

/// The shapes that can be chosen, by the names that files use.
pub const SHAPES: [&str; 6] = ["constant", "exponential", "lognormal", "erlang", "uniform", "bounded_pareto"];

/// What a shape needs beside its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Standard deviation over mean.
    Cv,
    /// Exponentials summed.
    Stages,
    /// Shortest time.
    Least,
    /// Longest time.
    Greatest,
    /// Exponent of the tail.
    Alpha,
}

impl Parameter {
    /// Name in files and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cv => "cv",
            Self::Stages => "stages",
            Self::Least => "min_secs",
            Self::Greatest => "max_secs",
            Self::Alpha => "alpha",
        }
    }

    /// Whether it is a span of time [s].
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Least | Self::Greatest)
    }
}

/// What the shape of that name needs beside its mean.
pub fn parameters(shape: &str) -> &'static [Parameter] {
    match shape {
        "lognormal" => &[Parameter::Cv],
        "erlang" => &[Parameter::Stages],
        "uniform" => &[Parameter::Least, Parameter::Greatest],
        "bounded_pareto" => &[Parameter::Least, Parameter::Greatest, Parameter::Alpha],
        _ => &[],
    }
}

/// A distribution of the shape of that name with the mean of `from`; `None` if there is no such shape.
pub fn with_shape(from: &Distribution, shape: &str) -> Option<Distribution> {
    let mean_secs = from.mean_secs();
    let changed = match shape {
        "constant" => Distribution::Constant { mean_secs },
        "exponential" => Distribution::Exponential { mean_secs },
        "lognormal" => Distribution::Lognormal { mean_secs, cv: 1.0 },
        "erlang" => Distribution::Erlang { mean_secs, stages: 4 },
        "uniform" => Distribution::Uniform { min_secs: mean_secs * 0.5, max_secs: mean_secs * 1.5 },
        // A tail over three decades, as response times of remote services have; scaled to the mean.
        "bounded_pareto" => {
            Distribution::BoundedPareto { min_secs: 0.001, max_secs: 1.0, alpha: 1.3 }.with_mean_secs(mean_secs)
        }
        _ => return None,
    };
    Some(changed)
}

/// One parameter of a distribution; `None` if its shape does not have it.
pub const fn get(of: &Distribution, parameter: Parameter) -> Option<f64> {
    match (of, parameter) {
        (&Distribution::Lognormal { cv, .. }, Parameter::Cv) => Some(cv),
        (&Distribution::Erlang { stages, .. }, Parameter::Stages) => Some(stages as f64),
        (
            &(Distribution::Uniform { min_secs, .. } | Distribution::BoundedPareto { min_secs, .. }),
            Parameter::Least,
        ) => Some(min_secs),
        (
            &(Distribution::Uniform { max_secs, .. } | Distribution::BoundedPareto { max_secs, .. }),
            Parameter::Greatest,
        ) => Some(max_secs),
        (&Distribution::BoundedPareto { alpha, .. }, Parameter::Alpha) => Some(alpha),
        _ => None,
    }
}

/// The distribution with one parameter changed; the same if its shape does not have it.
pub fn set(of: &Distribution, parameter: Parameter, number: f64) -> Distribution {
    let mut changed = *of;
    match (&mut changed, parameter) {
        (Distribution::Lognormal { cv, .. }, Parameter::Cv) => *cv = number,
        (Distribution::Erlang { stages, .. }, Parameter::Stages) => *stages = number.round() as u32,
        (Distribution::Uniform { min_secs, .. } | Distribution::BoundedPareto { min_secs, .. }, Parameter::Least) => {
            *min_secs = number
        }
        (
            Distribution::Uniform { max_secs, .. } | Distribution::BoundedPareto { max_secs, .. },
            Parameter::Greatest,
        ) => *max_secs = number,
        (Distribution::BoundedPareto { alpha, .. }, Parameter::Alpha) => *alpha = number,
        _ => {}
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_the_shape_keeps_the_mean() {
        let start = Distribution::exponential(0.02);
        for shape in SHAPES {
            let changed = with_shape(&start, shape).expect(shape);
            assert_eq!(changed.shape(), shape);
            assert!((changed.mean_secs() - 0.02).abs() < 1e-12, "{shape}");
            assert_eq!(changed.check(), Ok(()), "{shape}");
        }
        assert_eq!(with_shape(&start, "pink"), None);
    }

    #[test]
    fn every_parameter_of_a_shape_can_be_read_and_set() {
        for shape in SHAPES {
            let start = with_shape(&Distribution::exponential(0.02), shape).expect(shape);
            for &parameter in parameters(shape) {
                let changed = set(&start, parameter, 2.0);
                assert_eq!(get(&changed, parameter), Some(2.0), "{shape} {parameter:?}");
            }
        }
    }
}
