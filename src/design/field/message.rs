//! Values and parameters as messages between page and worker carry them.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::Value;
use crate::distribution::Distribution;

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
        OwnedValue::deserialize(deserializer).map(Self::from)
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

impl From<OwnedValue> for Value {
    fn from(value: OwnedValue) -> Self {
        match value {
            OwnedValue::Number(number) => Self::Number(number),
            OwnedValue::Off => Self::Off,
            OwnedValue::Choice(word) => Self::Choice(lasting(word)),
            OwnedValue::Flag(flag) => Self::Flag(flag),
            OwnedValue::Time(time) => Self::Time(time),
        }
    }
}

/// A word that stays, each once. Which words a parameter accepts is checked where it is set; to look them up here would
/// take the fields of all kinds along wherever a message is read.
fn lasting(word: String) -> &'static str {
    static WORDS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut words = WORDS.lock().expect("nobody fails in between");
    if let Some(known) = words.iter().find(|known| **known == word) {
        return known;
    }
    let lasting = String::leak(word);
    words.push(lasting);
    lasting
}

/// Parameters by their positions in the order of [`Configurable::fields`](super::Configurable::fields): how messages between page and worker carry
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
