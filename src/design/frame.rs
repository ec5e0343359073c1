//! Frames: labelled rectangles that hold components. Regions lie somewhere on Earth; zones are machines that fail
//! together; groups mean nothing but that things belong together. Notes hold nothing: their label is all there is.

use super::field::{Control, config};
use super::place::Place;
use crate::geometry::Rect;
use crate::ids::FrameId;

/// What a frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum FrameKind {
    /// A mere group.
    Group,
    /// An availability zone.
    Zone,
    /// A region.
    Region,
    /// Words on the drawing, for those who look at it.
    Note,
}

impl FrameKind {
    /// All kinds of frame.
    pub const ALL: [Self; 4] = [Self::Group, Self::Zone, Self::Region, Self::Note];

    /// The kind of that name; `None` if there is none.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Name in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Zone => "zone",
            Self::Region => "region",
            Self::Note => "note",
        }
    }

    /// Whether components and other frames can lie in it.
    pub const fn holds_parts(self) -> bool {
        !matches!(self, Self::Note)
    }
}

config! {
    /// Parameters of a frame.
    pub struct FrameConfig {
        /// Where it lies; counts for regions.
        place: Place = Place::Anywhere, Control::Choice(Place::WORDS), "", "no distances until a place is chosen";
    }
}

/// A labelled rectangle that holds components, or a note.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Lasting identity.
    pub id: FrameId,
    /// What people call it; what a note says.
    pub name: String,
    /// What it stands for.
    pub kind: FrameKind,
    /// Its extent. A frame lies in the smallest frame that holds all of it.
    pub area: Rect,
    /// Parameters.
    pub config: FrameConfig,
}
