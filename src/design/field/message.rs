//! Values and parameters as messages between page and worker carry them.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::{Configurable, Control, Value};
use crate::design::{Kind, LinkConfig};
use crate::distribution::Distribution;
use crate::sorted::Set;

/// A [`Value`] as messages carry it: with a word of its own.
#[derive(Serialize, Deserialize)]
enum OwnedValue {
    Number(f64),
    Off,
    Choice(String),
    Flag(bool),
    Time(Distribution),
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OwnedValue::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(OwnedValue::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl From<Value> for OwnedValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Number(number) => Self::Number(number),
            Value::Off => Self::Off,
            Value::Choice(word) => Self::Choice(word.to_owned()),
            Value::Flag(flag) => Self::Flag(flag),
            Value::Time(time) => Self::Time(time),
        }
    }
}

impl TryFrom<OwnedValue> for Value {
    type Error = String;

    /// # Errors
    /// A word that no parameter accepts.
    fn try_from(value: OwnedValue) -> Result<Self, String> {
        Ok(match value {
            OwnedValue::Number(number) => Self::Number(number),
            OwnedValue::Off => Self::Off,
            OwnedValue::Choice(word) => {
                let known = words().iter().find(|known| **known == word).copied();
                Self::Choice(known.ok_or_else(|| format!("no parameter accepts `{word}`"))?)
            }
            OwnedValue::Flag(flag) => Self::Flag(flag),
            OwnedValue::Time(time) => Self::Time(time),
        })
    }
}

/// The words of all choices.
fn words() -> &'static Set<&'static str> {
    static WORDS: OnceLock<Set<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let fields = Kind::ALL.iter().flat_map(|kind| kind.default_config().fields());
        let mut words = Set::new();
        for field in fields.chain(LinkConfig::default().fields()) {
            if let Control::Choice(choices) = field.control {
                choices.iter().for_each(|choice| _ = words.insert(*choice));
            }
        }
        words
    })
}

/// Parameters by their positions in the order of [`Configurable::fields`]: how messages between page and worker carry
/// them. Code for dozens of structs to be written and read one by one would weigh more than all that is sent.
pub trait Positional {
    /// Adds the present values to those in `into`.
    fn values(&self, into: &mut Vec<Value>);

    /// Sets the parameter at `position` to a value that it had elsewhere.
    ///
    /// # Errors
    /// If there are fewer parameters: how far behind the last the position is, and the value.
    ///
    /// # Panics
    /// If the value is of another type than the parameter.
    fn put(&mut self, position: usize, value: Value) -> Result<(), (usize, Value)>;
}

/// The parameters of a configuration that differ from those of another, with their positions.
pub fn differing(config: &dyn Positional, from: &dyn Positional) -> Vec<(u32, Value)> {
    let (mut values, mut others) = (Vec::new(), Vec::new());
    config.values(&mut values);
    from.values(&mut others);
    (0..).zip(values).zip(others).filter_map(|((at, value), other)| (value != other).then_some((at, value))).collect()
}

/// Sets the parameters that [`differing`] gave.
///
/// # Errors
/// In words, if there is none at a position.
pub fn put_differing(config: &mut dyn Positional, values: Vec<(u32, Value)>) -> Result<(), String> {
    values.into_iter().try_for_each(|(at, value)| {
        config.put(at as usize, value).map_err(|_| format!("there is no parameter at position {at}"))
    })
}
