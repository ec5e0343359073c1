//! How a configuration is declared: the macros, and what they rest on. One line for each parameter becomes a field of the
//! struct and a row of its table.

use super::Value;
use crate::distribution::Distribution;

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
    /// Gives it a value; `false` if that is of another type, and nothing has changed.
    pub assign: fn(&mut C, Value) -> bool,
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

/// Gives a field a value; `false` if that is of another type, and nothing has changed. Not inlined, like [`read`].
#[inline(never)]
pub fn assign<T: FieldType>(field: &mut T, value: Value) -> bool {
    T::from_value(value).map(|value| *field = value).is_some()
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
        Value::Time(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Time(time) => Some(time),
            _ => None,
        }
    }
}

/// What a control has let through fits the type of its field, and so does what was read from such a field before.
///
/// # Panics
/// If it does not.
#[inline(never)]
pub fn must_fit(fits: bool) {
    assert!(fits, "the control of a field fits its type");
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
        #[derive(Clone, Copy, Debug, PartialEq)]
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
                    $crate::design::field::must_fit((field.assign)(self, value));
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
                $crate::design::field::must_fit($crate::design::field::Configurable::put_checked(self, key, value));
                Ok(())
            }

            fn put_checked(&mut self, key: &str, value: $crate::design::field::Value) -> bool {
                if let Some(field) = $crate::design::field::Access::find(Self::ACCESS, key) {
                    return (field.assign)(self, value);
                }
                $(
                    if $crate::design::field::Configurable::get(&self.$block, key).is_some() {
                        return $crate::design::field::Configurable::put_checked(&mut self.$block, key, value);
                    }
                )*
                false
            }
        }
    };
}

pub(crate) use {choice, config};
