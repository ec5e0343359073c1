//! Distributions of times, as a design states them. Drawing from them is the engine's business
//! (`sim::distribution`).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How long something takes: a distribution over spans of time. Every variant states its own mean [s].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
// The derived functions read and write the form of files; messages have a form of their own, see below.
#[serde(remote = "Self", tag = "shape", rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// The value [s].
        mean_secs: f64,
    },
    /// Memoryless; coefficient of variation 1.
    Exponential {
        /// Mean [s].
        mean_secs: f64,
    },
    /// Right-skewed, as service times measured in production usually are.
    Lognormal {
        /// Mean [s].
        mean_secs: f64,
        /// Coefficient of variation: standard deviation over mean.
        cv: f64,
    },
    /// Sum of `stages` exponentials: steadier than one of them; coefficient of variation `1/√stages`.
    Erlang {
        /// Mean of the sum [s].
        mean_secs: f64,
        /// Number of exponentials summed, 1 to 64.
        stages: u32,
    },
    /// Equally likely anywhere between two bounds.
    Uniform {
        /// Shortest [s].
        min_secs: f64,
        /// Longest [s].
        max_secs: f64,
    },
    /// Heavy-tailed between two bounds.
    BoundedPareto {
        /// Shortest [s].
        min_secs: f64,
        /// Longest [s].
        max_secs: f64,
        /// Tail exponent; the smaller, the heavier the tail.
        alpha: f64,
    },
}

/// Why a distribution cannot be drawn from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DistributionError {
    /// A time is negative, infinite or undefined.
    #[error("`{field}` is {value}; expected a finite number that is not negative")]
    Time {
        /// Name of the parameter.
        field: &'static str,
        /// What it was.
        value: f64,
    },
    /// A parameter of the shape is outside its range.
    #[error("`{field}` is {value}; expected {expected}")]
    Shape {
        /// Name of the parameter.
        field: &'static str,
        /// What it was.
        value: f64,
        /// The range, in words.
        expected: &'static str,
    },
}

impl Distribution {
    /// Names of all shapes as files write them.
    pub const SHAPES: [&'static str; 6] =
        ["constant", "exponential", "lognormal", "erlang", "uniform", "bounded_pareto"];

    /// Always `mean_secs` [s].
    pub const fn constant(mean_secs: f64) -> Self {
        Self::Constant { mean_secs }
    }

    /// Exponential with mean `mean_secs` [s].
    pub const fn exponential(mean_secs: f64) -> Self {
        Self::Exponential { mean_secs }
    }

    /// Name of the shape as files write it.
    pub const fn shape(&self) -> &'static str {
        match self {
            Self::Constant { .. } => "constant",
            Self::Exponential { .. } => "exponential",
            Self::Lognormal { .. } => "lognormal",
            Self::Erlang { .. } => "erlang",
            Self::Uniform { .. } => "uniform",
            Self::BoundedPareto { .. } => "bounded_pareto",
        }
    }

    /// Mean [s].
    ///
    /// # Sources
    /// Bounded Pareto: M. Harchol-Balter, *Performance Modeling and Design of Computer Systems* (2013), §20.3.
    pub fn mean_secs(&self) -> f64 {
        match *self {
            Self::Constant { mean_secs }
            | Self::Exponential { mean_secs }
            | Self::Lognormal { mean_secs, .. }
            | Self::Erlang { mean_secs, .. } => mean_secs,
            Self::Uniform { min_secs, max_secs } => (min_secs + max_secs) / 2.0,
            Self::BoundedPareto { min_secs, max_secs, alpha } => {
                if min_secs >= max_secs {
                    return min_secs;
                }
                let ratio = min_secs / max_secs;
                if (alpha - 1.0).abs() < 1e-9 {
                    return min_secs * libm::log(max_secs / min_secs) / (1.0 - ratio);
                }
                let scale = libm::pow(min_secs, alpha) / (1.0 - libm::pow(ratio, alpha));
                scale * alpha / (alpha - 1.0) * (libm::pow(min_secs, 1.0 - alpha) - libm::pow(max_secs, 1.0 - alpha))
            }
        }
    }

    /// The same shape with another mean: all times are multiplied by the same factor.
    pub fn with_mean_secs(&self, mean: f64) -> Self {
        match *self {
            Self::Constant { .. } => Self::Constant { mean_secs: mean },
            Self::Exponential { .. } => Self::Exponential { mean_secs: mean },
            Self::Lognormal { cv, .. } => Self::Lognormal { mean_secs: mean, cv },
            Self::Erlang { stages, .. } => Self::Erlang { mean_secs: mean, stages },
            Self::Uniform { min_secs, max_secs } => {
                let factor = mean / self.mean_secs().max(f64::MIN_POSITIVE);
                Self::Uniform { min_secs: min_secs * factor, max_secs: max_secs * factor }
            }
            Self::BoundedPareto { min_secs, max_secs, alpha } => {
                let factor = mean / self.mean_secs().max(f64::MIN_POSITIVE);
                Self::BoundedPareto { min_secs: min_secs * factor, max_secs: max_secs * factor, alpha }
            }
        }
    }

    /// Checks every parameter.
    ///
    /// # Errors
    /// The first parameter that is out of its range.
    pub fn check(&self) -> Result<(), DistributionError> {
        let time = |field, value: f64| {
            if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(DistributionError::Time { field, value }) }
        };
        let shape = |ok: bool, field, value, expected| {
            if ok { Ok(()) } else { Err(DistributionError::Shape { field, value, expected }) }
        };
        match *self {
            Self::Constant { mean_secs } | Self::Exponential { mean_secs } => time("mean_secs", mean_secs),
            Self::Lognormal { mean_secs, cv } => {
                time("mean_secs", mean_secs)?;
                shape((0.0..=20.0).contains(&cv), "cv", cv, "a number from 0 to 20")
            }
            Self::Erlang { mean_secs, stages } => {
                time("mean_secs", mean_secs)?;
                shape((1..=64).contains(&stages), "stages", f64::from(stages), "a whole number from 1 to 64")
            }
            Self::Uniform { min_secs, max_secs } => {
                time("min_secs", min_secs)?;
                time("max_secs", max_secs)?;
                shape(min_secs <= max_secs, "max_secs", max_secs, "at least `min_secs`")
            }
            Self::BoundedPareto { min_secs, max_secs, alpha } => {
                time("min_secs", min_secs)?;
                time("max_secs", max_secs)?;
                shape(min_secs > 0.0, "min_secs", min_secs, "a number above 0")?;
                shape(min_secs <= max_secs, "max_secs", max_secs, "at least `min_secs`")?;
                shape((0.1..=10.0).contains(&alpha), "alpha", alpha, "a number from 0.1 to 10")
            }
        }
    }
}

/// A distribution in a message between page and worker: its position among the shapes, and its parameters. Formats that
/// do not describe themselves cannot find a shape by its name.
type Packed = (u8, f64, f64, f64);

impl Distribution {
    fn pack(&self) -> Packed {
        match *self {
            Self::Constant { mean_secs } => (0, mean_secs, 0.0, 0.0),
            Self::Exponential { mean_secs } => (1, mean_secs, 0.0, 0.0),
            Self::Lognormal { mean_secs, cv } => (2, mean_secs, cv, 0.0),
            Self::Erlang { mean_secs, stages } => (3, mean_secs, f64::from(stages), 0.0),
            Self::Uniform { min_secs, max_secs } => (4, min_secs, max_secs, 0.0),
            Self::BoundedPareto { min_secs, max_secs, alpha } => (5, min_secs, max_secs, alpha),
        }
    }

    fn unpack((shape, first, second, third): Packed) -> Option<Self> {
        Some(match shape {
            0 => Self::Constant { mean_secs: first },
            1 => Self::Exponential { mean_secs: first },
            2 => Self::Lognormal { mean_secs: first, cv: second },
            3 => Self::Erlang { mean_secs: first, stages: second as u32 },
            4 => Self::Uniform { min_secs: first, max_secs: second },
            5 => Self::BoundedPareto { min_secs: first, max_secs: second, alpha: third },
            _ => return None,
        })
    }
}

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            Self::serialize(self, serializer)
        } else {
            self.pack().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Self::deserialize(deserializer);
        }
        Self::unpack(Packed::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("there is no distribution of that number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_survives_files_and_messages() {
        let shapes = [
            Distribution::constant(0.5),
            Distribution::exponential(0.5),
            Distribution::Lognormal { mean_secs: 0.5, cv: 1.5 },
            Distribution::Erlang { mean_secs: 0.5, stages: 4 },
            Distribution::Uniform { min_secs: 0.1, max_secs: 0.2 },
            Distribution::BoundedPareto { min_secs: 0.1, max_secs: 9.0, alpha: 1.3 },
        ];
        for shape in shapes {
            let file = serde_json::to_string(&shape).expect("can be written");
            assert!(file.starts_with(&format!("{{\"shape\":\"{}\"", shape.shape())), "{file}");
            assert_eq!(serde_json::from_str::<Distribution>(&file).expect("reads back"), shape);
            let message = postcard::to_allocvec(&shape).expect("can be written");
            assert_eq!(postcard::from_bytes::<Distribution>(&message).expect("reads back"), shape);
        }
    }

    #[test]
    fn scaling_keeps_the_shape_and_moves_the_mean() {
        let pareto = Distribution::BoundedPareto { min_secs: 0.001, max_secs: 1.0, alpha: 1.3 };
        let scaled = pareto.with_mean_secs(0.05);
        assert!((scaled.mean_secs() - 0.05).abs() < 1e-12);
        let Distribution::BoundedPareto { min_secs, max_secs, .. } = scaled else { panic!("shape kept") };
        assert!((max_secs / min_secs - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn every_shape_is_listed_by_its_name_in_files() {
        for shape in Distribution::SHAPES {
            let bounds = r#""mean_secs": 1, "cv": 1, "stages": 2, "min_secs": 1, "max_secs": 2, "alpha": 2"#;
            let needed: Vec<&str> = match shape {
                "constant" | "exponential" => vec!["mean_secs"],
                "lognormal" => vec!["mean_secs", "cv"],
                "erlang" => vec!["mean_secs", "stages"],
                "uniform" => vec!["min_secs", "max_secs"],
                _ => vec!["min_secs", "max_secs", "alpha"],
            };
            let entries = bounds.split(", ").filter(|entry| needed.iter().any(|key| entry.contains(key)));
            let json = format!("{{\"shape\": \"{shape}\", {}}}", entries.collect::<Vec<_>>().join(", "));
            let read: Distribution = serde_json::from_str(&json).expect(shape);
            assert_eq!(read.shape(), shape);
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let error = Distribution::exponential(-1.0).check().expect_err("negative");
        assert_eq!(error.to_string(), "`mean_secs` is -1; expected a finite number that is not negative");
        assert!(Distribution::Erlang { mean_secs: 1.0, stages: 0 }.check().is_err());
        assert!(Distribution::Lognormal { mean_secs: 1.0, cv: 1.5 }.check().is_ok());
    }
}
