//! The versioned file of a design, which people may write by hand.
//!
//! ```json
//! {
//!   "headroom": 1,
//!   "title": "One server",
//!   "users": 2000,
//!   "components": [
//!     {"kind": "users", "name": "Users", "at": [0, 0]},
//!     {"kind": "server", "name": "Web", "at": [300, 0], "params": {"cores": 8}}
//!   ],
//!   "traffic": [{"step": {"at_secs": 60, "factor": 3}}],
//!   "links": [{"from": "Users", "to": "Web", "params": {"latency": 0.02}}],
//!   "script": [{"at_secs": 30, "do": "kill", "component": "Web"}]
//! }
//! ```
//!
//! Components and frames are named by their `name`, or by their `id` where the name is not unique. Identities, places,
//! roles and parameters may be left out: identities are then given in order, a link gets the most usual role between
//! its ends, parameters keep their defaults. What is written here always states identities and roles, so that reading
//! it gives the same design, and with it the same random streams.
//!
//! Types of this module are the file's own; the drawing's types may change while old files stay readable. Reading goes
//! through [`Design::apply`], so that a file cannot contain what could not have been drawn. Left out: whether the
//! design can run, which is `network::problems`' business.

mod error;
mod locate;
mod print;
mod read;
mod read_script;
#[cfg(not(target_arch = "wasm32"))]
mod schema;
mod share;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub use self::error::{FileError, Reason};
pub use self::read::{path_of_error, script_from_json};
#[cfg(not(target_arch = "wasm32"))]
pub use self::schema::design_schema;
pub use self::share::{ShareLinkError, Shared, Sight};
use self::write::Figure;
use super::Design;
use super::traffic::Pattern;

/// Greatest size of a design file; larger ones are refused before they are read [bytes].
pub const FILE_LIMIT_BYTES: usize = 1 << 20;
/// Most components, and most frames, of one file.
pub const COMPONENT_LIMIT: usize = 2000;
/// Most links of one file.
pub const LINK_LIMIT: usize = 10_000;
/// Most patterns of one curve of traffic, and most points of one pattern.
pub const TRAFFIC_LIMIT: usize = 2000;
/// Most events of one script.
pub const SCRIPT_LIMIT: usize = 10_000;
/// Longest title or name [characters].
pub const NAME_LIMIT: usize = 200;

/// The version that is written; older ones are still read.
const VERSION: u64 = 1;

impl Design {
    /// Reads a design file.
    ///
    /// # Errors
    /// What is wrong, and where in the file.
    pub fn from_json(text: &str) -> Result<Self, FileError> {
        read::design(text)
    }

    /// Writes the design as a file: one line for each component and link, defaults left out, always the same text for
    /// the same design.
    pub fn to_json(&self) -> String {
        print::pretty(&write::design(self))
    }
}

/// The file as version 1 writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileV1 {
    headroom: u64,
    /// Where editors find the schema; of no meaning here.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    objective: Option<ObjectiveV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", serialize_with = "write::patterns")]
    traffic: Vec<Pattern>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    frames: Vec<FrameV1>,
    #[serde(default)]
    components: Vec<ComponentV1>,
    #[serde(default)]
    links: Vec<LinkV1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    script: Vec<EventV1>,
}

/// A script of its own, for a design that stands elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFileV1 {
    headroom: u64,
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    script: Vec<EventV1>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectiveV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percentile: Option<Figure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latency_secs: Option<Figure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_share: Option<Figure>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    kind: String,
    name: String,
    /// Left, top, width, height.
    area: [Figure; 4],
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    params: Map<String, Json>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<[Figure; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame: Option<Name>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    params: Map<String, Json>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    from: Name,
    to: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    params: Map<String, Json>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventV1 {
    at_secs: Figure,
    #[serde(rename = "do")]
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    component: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instance: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<LinkName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    params: Map<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// `null` is a value, so that it is told from none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    value: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// How a script calls a link: by identity, or by its ends, and its role if several links have the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the id of a link, or an object with its `from` and `to`, and its `role` if need be")]
enum LinkName {
    Id(u32),
    Ends(LinkEnds),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEnds {
    from: Name,
    to: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
}

/// How one part of a file calls another: by name, or by identity.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Id(u32),
    Text(String),
}

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => serializer.serialize_u32(*id),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Name;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a name or an id")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Name, E> {
                let unexpected = serde::de::Unexpected::Unsigned(number);
                u32::try_from(number).map(Name::Id).map_err(|_| E::invalid_value(unexpected, &self))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                Ok(Name::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
