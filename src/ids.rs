//! Lasting identities of what is drawn: given once, never reused, kept by undo, files and running simulations.

use core::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $letter:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    };
}

id!(
    /// Identity of a component.
    ComponentId,
    "c"
);
id!(
    /// Identity of a link.
    LinkId,
    "l"
);
id!(
    /// Identity of a frame (a region or zone that holds components).
    FrameId,
    "f"
);
