//! Parameters as data: what each configuration struct lets people set, with unit, range, default and source.
//!
//! The `config!` macro declares a struct together with its table of [`Field`]s, so that a parameter is written down
//! once and palette, inspector, files, schema and the command line's catalogue all read the same line. What people
//! read about a field (label, sentence) stands in `assets/text`.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::distribution::{Distribution, DistributionError};
use crate::sorted::Set;

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
        let fields = super::Kind::ALL.iter().flat_map(|kind| kind.default_config().fields());
        let mut words = Set::new();
        for field in fields.chain(super::LinkConfig::default().fields()) {
            if let Control::Choice(choices) = field.control {
                choices.iter().for_each(|choice| _ = words.insert(*choice));
            }
        }
        words
    })
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

/// A type that a field of a configuration may have.
pub trait FieldType: Sized {
    /// This value, detached from its type.
    fn to_value(&self) -> Value;

    /// Back from a value that the field's control has accepted; `None` if the type does not match.
    fn from_value(value: Value) -> Option<Self>;
}

/// How a field of a configuration is reached by its name.
pub struct Access<C> {
    /// Its name.
    pub key: &'static str,
    /// Gives its value.
    pub read: fn(&C) -> Value,
    /// Gives it a value that its control has let through.
    pub assign: fn(&mut C, Value),
}

impl<C> Access<C> {
    /// The way to the field of a name; `None` if it is none of these.
    pub fn find<'a>(fields: &'a [Self], key: &str) -> Option<&'a Self> {
        fields.iter().find(|field| field.key == key)
    }
}

/// The value of a field. Not inlined: there are hundreds of fields, but of few types.
#[inline(never)]
pub fn read<T: FieldType>(field: &T) -> Value {
    field.to_value()
}

/// Gives a field a value that its control has let through. Not inlined, like [`read`].
///
/// # Panics
/// If the control of the field does not fit its type.
#[inline(never)]
pub fn assign<T: FieldType>(field: &mut T, value: Value) {
    *field = T::from_value(value).expect("the control of a field fits its type");
}

macro_rules! number_field_type {
    ($($ty:ty),*) => {$(
        impl FieldType for $ty {
            fn to_value(&self) -> Value {
                Value::Number(*self as f64)
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Number(number) => Some(number as $ty),
                    _ => None,
                }
            }
        }

        impl FieldType for Option<$ty> {
            fn to_value(&self) -> Value {
                self.map_or(Value::Off, |number| number.to_value())
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Off => Some(None),
                    Value::Number(number) => Some(Some(number as $ty)),
                    _ => None,
                }
            }
        }
    )*};
}
number_field_type!(f64, u32, u64);

impl FieldType for bool {
    fn to_value(&self) -> Value {
        Value::Flag(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }
}

impl FieldType for Distribution {
    fn to_value(&self) -> Value {
        Value::Time(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Time(time) => Some(time),
            _ => None,
        }
    }
}

/// Declares an enum whose variants people choose by a word.
macro_rules! choice {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name {
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            /// The words of all variants, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of this variant in files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The variant of a word; `None` if it is none of them.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl $crate::design::field::FieldType for $name {
            fn to_value(&self) -> $crate::design::field::Value {
                $crate::design::field::Value::Choice(self.word())
            }

            fn from_value(value: $crate::design::field::Value) -> Option<Self> {
                match value {
                    $crate::design::field::Value::Choice(word) => Self::from_word(word),
                    _ => None,
                }
            }
        }
    };
}

/// Declares a configuration struct and the table of its parameters, one line each:
/// `name: type = default, control, "unit", "source of the default";`
///
/// Blocks of parameters that several kinds share follow at the end, as `..name: type;`. To the outside their parameters
/// are like any other.
macro_rules! config {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$fmeta:meta])* $field:ident : $ty:ty = $default:expr, $control:expr, $unit:expr, $source:expr;)*
            $(..$block:ident : $block_ty:ty;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $($(#[$fmeta])* pub $field: $ty,)*
            $(
                /// Parameters that it shares with other kinds.
                pub $block: $block_ty,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* $($block: Default::default(),)* }
            }
        }

        impl $name {
            /// Its own parameters; a table, which takes less code than hundreds of branches.
            const ACCESS: &'static [$crate::design::field::Access<Self>] = &[$($crate::design::field::Access {
                key: stringify!($field),
                read: |config| $crate::design::field::read(&config.$field),
                assign: |config, value| $crate::design::field::assign(&mut config.$field, value),
            },)*];
        }

        impl $crate::design::field::Positional for $name {
            fn values(&self, into: &mut Vec<$crate::design::field::Value>) {
                into.extend(Self::ACCESS.iter().map(|field| (field.read)(self)));
                $($crate::design::field::Positional::values(&self.$block, into);)*
            }

            fn put(
                &mut self,
                position: usize,
                value: $crate::design::field::Value,
            ) -> Result<(), (usize, $crate::design::field::Value)> {
                if let Some(field) = Self::ACCESS.get(position) {
                    (field.assign)(self, value);
                    return Ok(());
                }
                let left = Err((position - Self::ACCESS.len(), value));
                $(let left = left.or_else(|(position, value)| {
                    $crate::design::field::Positional::put(&mut self.$block, position, value)
                });)*
                left
            }
        }

        impl $crate::design::field::Configurable for $name {
            fn fields(&self) -> Vec<$crate::design::field::Field> {
                use $crate::design::field::{Field, FieldType};
                let default = Self::default();
                let own = vec![$(Field {
                    key: stringify!($field),
                    unit: $unit,
                    control: $control,
                    default: default.$field.to_value(),
                    source: $source,
                    block: None,
                },)*];
                let shared: Vec<(&'static str, Vec<Field>)> =
                    vec![$((stringify!($block), $crate::design::field::Configurable::fields(&default.$block)),)*];
                let shared = shared.into_iter().flat_map(|(block, fields)| {
                    fields.into_iter().map(move |field| Field { block: Some(block), ..field })
                });
                own.into_iter().chain(shared).collect()
            }

            fn get(&self, key: &str) -> Option<$crate::design::field::Value> {
                if let Some(field) = $crate::design::field::Access::find(Self::ACCESS, key) {
                    return Some((field.read)(self));
                }
                let shared: &[Option<$crate::design::field::Value>] =
                    &[$($crate::design::field::Configurable::get(&self.$block, key),)*];
                shared.iter().flatten().next().cloned()
            }

            fn set(
                &mut self,
                key: &str,
                value: $crate::design::field::Value,
            ) -> Result<(), $crate::design::field::FieldError> {
                use $crate::design::field::FieldError;
                let field = self
                    .fields()
                    .into_iter()
                    .find(|field| field.key == key)
                    .ok_or_else(|| FieldError::Unknown { key: key.to_owned() })?;
                field.check(&value)?;
                if let Some(field) = $crate::design::field::Access::find(Self::ACCESS, key) {
                    (field.assign)(self, value);
                    return Ok(());
                }
                $(
                    if $crate::design::field::Configurable::get(&self.$block, key).is_some() {
                        return $crate::design::field::Configurable::set(&mut self.$block, key, value);
                    }
                )*
                Err(FieldError::Unknown { key: key.to_owned() })
            }
        }
    };
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

pub(crate) use {choice, config};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::design::Kind;

    fn field(kind: Kind, key: &str) -> Field {
        kind.default_config().fields().into_iter().find(|field| field.key == key).expect("such a field")
    }

    #[test]
    fn every_default_fits_its_own_field() {
        let kinds = Kind::ALL.iter().map(|kind| kind.default_config().fields());
        for field in kinds.chain([crate::design::LinkConfig::default().fields()]).flatten() {
            assert_eq!(field.check(&field.default), Ok(()), "{}", field.key);
            assert!(!field.source.is_empty(), "{} has no source", field.key);
        }
    }

    #[test]
    fn setting_gives_back_what_was_set_and_touches_nothing_else() {
        let mut config = Kind::Server.default_config();
        config.set("cores", Value::Number(16.0)).expect("in range");
        assert_eq!(config.get("cores"), Some(Value::Number(16.0)));
        config.set("cores", field(Kind::Server, "cores").default).expect("in range");
        assert_eq!(config, Kind::Server.default_config());
    }

    #[test]
    fn messages_carry_every_parameter_of_every_kind() {
        for kind in Kind::ALL {
            let mut config = kind.default_config();
            for field in config.fields() {
                let other = match field.control {
                    Control::Number { max, .. } => Value::Number(max),
                    Control::Choice(words) => Value::Choice(words[words.len() - 1]),
                    Control::Flag => Value::Flag(config.get(field.key) == Some(Value::Flag(false))),
                    Control::Time { max, .. } => Value::Time(Distribution::Constant { mean_secs: max }),
                };
                config.set(field.key, other).expect("it fits");
                let message = postcard::to_allocvec(&config).expect("it can be written");
                let back: crate::design::ComponentConfig = postcard::from_bytes(&message).expect("it reads back");
                assert_eq!(back, config, "{}: {}", kind.key(), field.key);
            }
        }
        let link = crate::design::LinkConfig { request_bytes: 7.0, ..Default::default() };
        let message = postcard::to_allocvec(&link).expect("it can be written");
        assert_eq!(postcard::from_bytes::<crate::design::LinkConfig>(&message), Ok(link));
    }

    #[test]
    fn bad_values_are_refused_and_the_old_one_stays() {
        let mut config = Kind::Server.default_config();
        for (value, message) in [
            (Value::Number(-4.0), "-4 is out of range; expected 1 to 256 cores"),
            (Value::Number(f64::NAN), "NaN is out of range; expected 1 to 256 cores"),
            (Value::Number(2.5), "2.5 is not a whole number"),
            (Value::Off, "none does not fit; expected a whole number from 1 to 256 cores"),
            (Value::Flag(true), "true does not fit; expected a whole number from 1 to 256 cores"),
        ] {
            assert_eq!(config.set("cores", value).expect_err("bad").to_string(), message);
        }
        assert_eq!(
            config.set("core", Value::Number(1.0)).expect_err("bad"),
            FieldError::Unknown { key: "core".to_owned() }
        );
        assert_eq!(config, Kind::Server.default_config());
    }

    #[test]
    fn values_are_read_as_files_write_them() {
        let parse = |kind, key, json| field(kind, key).parse(&json);
        assert_eq!(parse(Kind::Server, "cores", json!(8)), Ok(Value::Number(8.0)));
        assert_eq!(parse(Kind::Server, "queue_limit", json!(null)), Ok(Value::Off));
        assert_eq!(parse(Kind::Cache, "eviction", json!("fifo")), Ok(Value::Choice("fifo")));
        assert_eq!(parse(Kind::SqlDatabase, "automatic_failover", json!(false)), Ok(Value::Flag(false)));
        assert_eq!(
            parse(Kind::Server, "read_work", json!(0.02)),
            Ok(Value::Time(Distribution::constant(0.02))),
            "a bare number is a constant"
        );
        assert_eq!(
            parse(Kind::Server, "read_work", json!({"shape": "erlang", "mean_secs": 0.02, "stages": 3})),
            Ok(Value::Time(Distribution::Erlang { mean_secs: 0.02, stages: 3 }))
        );
        for (key, json) in [
            ("cores", json!("8")),
            ("cores", json!(null)),
            ("cpu_discipline", json!("lifo")),
            ("read_work", json!({"shape": "erlang", "mean_secs": 0.02, "stages": 3, "cv": 1})),
            ("read_work", json!({"shape": "erlang", "mean_secs": 0.02})),
            ("read_work", json!(-1)),
        ] {
            assert!(parse(Kind::Server, key, json.clone()).is_err(), "{key}: {json}");
        }
    }
}
