//! Parameters as data: what each configuration struct lets people set, with unit, range, default and source.
//!
//! The `config!` macro declares a struct together with its table of [`Field`]s, so that a parameter is written down
//! once and palette, inspector, files, schema and the command line's catalogue all read the same line. What people
//! read about a field (label, sentence) stands in `assets/text`.

mod declare;
mod message;

use serde::Deserialize;

pub use self::declare::{Access, FieldType, assign, must_fit, read};
pub(crate) use self::declare::{choice, config};
pub use self::message::{Positional, differing, put_differing};
use crate::distribution::{Distribution, DistributionError};

/// One parameter of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name in files and in `assets/text`; ends in the SI unit where there is one.
    pub key: &'static str,
    /// Unit of the number, as people write it; empty for a bare number or a choice.
    pub unit: &'static str,
    /// What may be entered.
    pub control: Control,
    /// Value when nothing else is set.
    pub default: Value,
    /// Where the default comes from.
    pub source: &'static str,
    /// The block of parameters that several kinds share and that it belongs to; `None` for one of the kind's own.
    pub block: Option<&'static str>,
}

/// What a parameter accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// A number within bounds.
    Number {
        /// Least value allowed.
        min: f64,
        /// Greatest value allowed.
        max: f64,
        /// Whether fractions are refused.
        whole: bool,
        /// Whether [`Value::Off`] is allowed too, for "no limit" or "never".
        optional: bool,
    },
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A distribution of times whose mean lies within bounds [s].
    Time {
        /// Least mean [s].
        min: f64,
        /// Greatest mean [s].
        max: f64,
    },
}

/// The value of a parameter, detached from its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number in the field's unit.
    Number(f64),
    /// The "no limit" or "never" of an optional number.
    Off,
    /// One of the words of a choice.
    Choice(&'static str),
    /// Yes or no.
    Flag(bool),
    /// A distribution of times.
    Time(Distribution),
}

/// Why a value was refused; the old one stays.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// The configuration has no such parameter.
    #[error("there is no parameter `{key}`")]
    Unknown {
        /// The name asked for.
        key: String,
    },
    /// The number lies outside its bounds.
    #[error("{value} is out of range; expected {min} to {max}{}", unit_suffix(.unit))]
    OutOfRange {
        /// What was given.
        value: f64,
        /// Least value allowed.
        min: f64,
        /// Greatest value allowed.
        max: f64,
        /// Unit of both.
        unit: &'static str,
    },
    /// A fraction where only whole numbers make sense.
    #[error("{value} is not a whole number")]
    NotWhole {
        /// What was given.
        value: f64,
    },
    /// A value of another type.
    #[error("{found} does not fit; expected {expected}")]
    WrongType {
        /// What was given.
        found: String,
        /// What is accepted, in words.
        expected: String,
    },
    /// The distribution has impossible parameters.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// The distribution lacks a parameter, or has one that its shape does not know.
    #[error("malformed distribution: {message}")]
    MalformedDistribution {
        /// What is wrong with it.
        message: String,
    },
}

impl core::fmt::Display for Value {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Off => f.write_str("none"),
            Self::Choice(word) => f.write_str(word),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Time(time) => write!(f, "{} with a mean of {} s", time.shape(), time.mean_secs()),
        }
    }
}

fn unit_suffix(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

impl Field {
    /// Under whose name the texts about this parameter of `owner` stand: that of its block, if it is shared.
    pub fn texts<'a>(&self, owner: &'a str) -> &'a str {
        self.block.unwrap_or(owner)
    }

    /// Checks `value` against this field's control.
    ///
    /// # Errors
    /// Why the value does not fit.
    pub fn check(&self, value: &Value) -> Result<(), FieldError> {
        match (&self.control, value) {
            (&Control::Number { min, max, whole, .. }, &Value::Number(number)) => {
                // Negated so that an undefined number fails too.
                if !(min..=max).contains(&number) {
                    return Err(FieldError::OutOfRange { value: number, min, max, unit: self.unit });
                }
                if whole && number.fract() != 0.0 {
                    return Err(FieldError::NotWhole { value: number });
                }
                Ok(())
            }
            (Control::Number { optional: true, .. }, Value::Off) | (Control::Flag, Value::Flag(_)) => Ok(()),
            (Control::Choice(words), Value::Choice(word)) if words.contains(word) => Ok(()),
            (&Control::Time { min, max }, Value::Time(time)) => {
                time.check()?;
                let mean = time.mean_secs();
                if (min..=max).contains(&mean) {
                    Ok(())
                } else {
                    Err(FieldError::OutOfRange { value: mean, min, max, unit: self.unit })
                }
            }
            _ => Err(self.wrong_type(value)),
        }
    }

    /// Reads a value as files write it and checks it: a number, a word, `true` or `false`, `null` for none, a
    /// distribution as an object, or a bare number for a constant time [s].
    ///
    /// # Errors
    /// Why the value does not fit.
    pub fn parse(&self, json: &serde_json::Value) -> Result<Value, FieldError> {
        use serde_json::Value as Json;
        let value = match (&self.control, json) {
            (Control::Number { .. }, Json::Number(number)) => number.as_f64().map(Value::Number),
            (Control::Number { .. }, Json::Null) => Some(Value::Off),
            (Control::Choice(words), Json::String(text)) => self.choose(words, text),
            (Control::Flag, &Json::Bool(flag)) => Some(Value::Flag(flag)),
            (Control::Time { .. }, Json::Number(number)) => {
                number.as_f64().map(|mean| Value::Time(Distribution::constant(mean)))
            }
            (Control::Time { .. }, Json::Object(_)) => {
                let time = <Distribution as Deserialize>::deserialize(json)
                    .map_err(|error| FieldError::MalformedDistribution { message: error.to_string() })?;
                Some(Value::Time(time))
            }
            _ => None,
        };
        let value = value.ok_or_else(|| self.wrong_type(json))?;
        self.check(&value)?;
        Ok(value)
    }

    fn choose(&self, words: &[&'static str], text: &str) -> Option<Value> {
        words.iter().find(|word| **word == text).map(|word| Value::Choice(word))
    }

    fn wrong_type(&self, found: &impl ToString) -> FieldError {
        FieldError::WrongType { found: found.to_string(), expected: self.expected() }
    }

    /// What the field accepts, in words for an error message.
    pub fn expected(&self) -> String {
        match &self.control {
            Control::Number { min, max, whole, optional } => format!(
                "a {}number from {min} to {max}{}{}",
                if *whole { "whole " } else { "" },
                unit_suffix(self.unit),
                if *optional { ", or null for none" } else { "" },
            ),
            Control::Choice(words) => format!("one of {}", words.join(", ")),
            Control::Flag => "true or false".to_owned(),
            Control::Time { min, max } => {
                format!("a distribution of times with a mean from {min} to {max}{}", unit_suffix(self.unit))
            }
        }
    }
}

/// A configuration struct whose parameters can be listed, read and set by name. Implemented by `config!`.
pub trait Configurable {
    /// The parameters in the order in which people should meet them.
    fn fields(&self) -> Vec<Field>;

    /// The present value of the parameter `key`; `None` if there is no such parameter.
    fn get(&self, key: &str) -> Option<Value>;

    /// Sets the parameter `key`.
    ///
    /// # Errors
    /// Why the value was refused; nothing has changed then.
    fn set(&mut self, key: &str, value: Value) -> Result<(), FieldError>;

    /// Sets the parameter `key` to a value that its field has let through where it was entered: for the engine, which
    /// then needs not carry the tables of all fields. `false` if there is no such parameter, or one of another type;
    /// nothing has changed then.
    fn put_checked(&mut self, key: &str, value: Value) -> bool;
}

/// A number from `min` to `max`, fractions allowed.
pub const fn number(min: f64, max: f64) -> Control {
    Control::Number { min, max, whole: false, optional: false }
}

/// A number from `min` to `max`, or none.
pub const fn optional_number(min: f64, max: f64) -> Control {
    Control::Number { min, max, whole: false, optional: true }
}

/// A whole number from `min` to `max`.
pub const fn whole(min: u64, max: u64) -> Control {
    Control::Number { min: min as f64, max: max as f64, whole: true, optional: false }
}

/// A whole number from `min` to `max`, or none.
pub const fn optional_whole(min: u64, max: u64) -> Control {
    Control::Number { min: min as f64, max: max as f64, whole: true, optional: true }
}

/// A distribution of times whose mean lies from `min` to `max` [s].
pub const fn time(min: f64, max: f64) -> Control {
    Control::Time { min, max }
}

#[cfg(test)]
mod tests;
