//! Small components that several panels share. They get data and hand back what the person did; they decide nothing.

mod dialog;
mod distribution_field;
mod icon;
mod icon_button;
mod number_field;
mod range;
mod show;

pub use self::dialog::Dialog;
pub use self::distribution_field::DistributionField;
pub use self::icon::{Icon, PathIcon};
pub use self::icon_button::IconButton;
pub use self::number_field::{NumberField, Writing};
pub use self::range::Range;
pub use self::show::Show;
