//! A whole design in a link: a version letter, then the compact file, compressed, in letters that addresses allow.
//!
//! Version `b` puts a line before the file, with what belongs to a run rather than to a design: the seed, the part of
//! the drawing that was looked at, and what was wrong at that moment. It is written like a query
//! (`seed=7&at=120,-40&zoom=0.8&faults=…`, the faults as a script of identities); names that are not known are left
//! alone, so that the line can grow. Version `a` has the file only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{FILE_LIMIT_BYTES, FileError, script_from_json, write};
use crate::design::Design;
use crate::design::script::Action;
use crate::entry::decimal;
use crate::geometry::Point;

/// The version that is written.
const VERSION: char = 'b';
/// The version before, without the line.
const FILE_ONLY: char = 'a';
/// Highest level of compression; a design takes well under a millisecond.
const COMPRESSION_LEVEL: u8 = 9;
/// Magnifications that a link may ask for [pixels per unit].
const ZOOMS: std::ops::RangeInclusive<f64> = 0.02..=8.0;

/// The part of a drawing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// The point of the drawing in the middle of the view.
    pub centre: Point,
    /// Pixels per unit of the drawing.
    pub zoom: f64,
}

/// What a link carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The design with its users, its traffic and its script.
    pub design: Design,
    /// Seed of the run; `None` leaves it to whoever opens the link.
    pub seed: Option<u64>,
    /// Where to look; `None` for all of it.
    pub sight: Option<Sight>,
    /// What goes wrong as the run begins.
    pub faults: Vec<Action>,
}

/// Why a link cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShareLinkError {
    /// It starts with a letter of no version known here, or with nothing.
    #[error("the link is of a version that is not known; expected it to begin with `{FILE_ONLY}` or `{VERSION}`")]
    Version,
    /// It has letters that no link has, or ends too early.
    #[error("the link is damaged; expected letters, digits, `-` and `_` only, to its very end")]
    Letters,
    /// What it holds is damaged, or far too large.
    #[error("the link is damaged or incomplete, or holds more than {FILE_LIMIT_BYTES} bytes")]
    Compressed,
    /// What it holds is no design.
    #[error("the link holds no design that can be read: {0}")]
    File(#[from] FileError),
}

impl Shared {
    /// Just a design.
    pub const fn of(design: Design) -> Self {
        Self { design, seed: None, sight: None, faults: Vec::new() }
    }

    /// All of it in the letters of a link: what stands behind the `#` of an address.
    pub fn to_link(&self) -> String {
        let mut line: Vec<String> = self.seed.map(|seed| format!("seed={seed}")).into_iter().collect();
        if let Some(Sight { centre, zoom }) = self.sight {
            // Whole units and thousandths are finer than anyone sees.
            line.push(format!("at={},{}", centre.x.round(), centre.y.round()));
            line.push(format!("zoom={}", (zoom * 1e3).round() / 1e3));
        }
        if !self.faults.is_empty() {
            let script = serde_json::to_string(&write::at_once(&self.faults)).expect("a script is plain data");
            line.push(format!("faults={script}"));
        }
        link(&line.join("&"), &self.design)
    }

    /// Reads what [`Shared::to_link`] wrote, in this version or an older one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_link(link: &str) -> Result<Self, ShareLinkError> {
        let version = link.chars().next().filter(|&letter| letter == VERSION || letter == FILE_ONLY);
        let version = version.ok_or(ShareLinkError::Version)?;
        let text = decompressed(&link[version.len_utf8()..])?;
        let (line, json) = if version == VERSION {
            text.split_once('\n').ok_or(ShareLinkError::Compressed)?
        } else {
            ("", text.as_str())
        };
        let mut shared = Self::of(Design::from_json(json)?);
        shared.read_line(line);
        Ok(shared)
    }

    /// Takes over what stands beside the design; what makes no sense is left out, for the design does without.
    fn read_line(&mut self, line: &str) {
        let (mut centre, mut zoom) = (None, None);
        for (name, value) in line.split('&').filter_map(|pair| pair.split_once('=')) {
            let number = |text: &str| decimal(text);
            match name {
                "seed" => self.seed = value.parse().ok(),
                "zoom" => zoom = number(value).filter(|zoom| ZOOMS.contains(zoom)),
                "at" => {
                    centre = value.split_once(',').and_then(|(x, y)| Some(Point::new(number(x)?, number(y)?)));
                }
                "faults" => {
                    let script = script_from_json(value, &self.design).unwrap_or_default();
                    self.faults = script.into_iter().map(|event| event.action).collect();
                }
                _ => {}
            }
        }
        self.sight = centre.zip(zoom).map(|(centre, zoom)| Sight { centre, zoom });
    }
}

impl Design {
    /// The design alone in the letters of a link.
    pub fn to_link(&self) -> String {
        link("", self)
    }

    /// Reads the design of a link.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_link(link: &str) -> Result<Self, ShareLinkError> {
        Shared::from_link(link).map(|shared| shared.design)
    }
}

fn link(line: &str, design: &Design) -> String {
    let json = serde_json::to_string(&write::design(design)).expect("a file is plain data");
    let text = format!("{line}\n{json}");
    let compressed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), COMPRESSION_LEVEL);
    format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(compressed))
}

fn decompressed(letters: &str) -> Result<String, ShareLinkError> {
    // Nothing larger could hold a file that may be read.
    if letters.len() > 2 * FILE_LIMIT_BYTES {
        return Err(ShareLinkError::Compressed);
    }
    let compressed = URL_SAFE_NO_PAD.decode(letters).map_err(|_| ShareLinkError::Letters)?;
    let text = miniz_oxide::inflate::decompress_to_vec_with_limit(&compressed, FILE_LIMIT_BYTES)
        .map_err(|_| ShareLinkError::Compressed)?;
    String::from_utf8(text).map_err(|_| ShareLinkError::Compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples;
    use crate::design::fault::FaultKind;
    use crate::design::field::{Configurable, Value};
    use crate::design::script::Target;

    #[test]
    fn a_link_carries_design_seed_sight_and_faults() {
        let design = examples::starter();
        let web = design.component_named("Web server").expect("the starter has one").id;
        let link = design.links().next().expect("the starter has links").id;
        let mut delay = FaultKind::Delay.with_defaults();
        delay.set("added_secs", Value::Number(2.5)).expect("in range");
        let sight = Some(Sight { centre: Point::new(120.0, -40.0), zoom: 0.8 });
        let faults = vec![Action::Kill(web), Action::Inject { target: Target::Link(link), fault: delay }];
        for (seed, sight, faults) in [
            (None, None, Vec::new()),
            (Some(u64::MAX), None, faults.clone()),
            (Some(7), sight, Vec::new()),
            (None, sight, faults),
        ] {
            let shared = Shared { design: design.clone(), seed, sight, faults };
            assert_eq!(Shared::from_link(&shared.to_link()), Ok(shared));
        }
    }

    #[test]
    fn links_of_the_version_before_are_read() {
        let json = examples::starter().to_json();
        let compressed = miniz_oxide::deflate::compress_to_vec(json.as_bytes(), COMPRESSION_LEVEL);
        let link = format!("{FILE_ONLY}{}", URL_SAFE_NO_PAD.encode(compressed));
        let shared = Shared::from_link(&link).expect("version a is still read");
        assert_eq!(shared, Shared::of(examples::starter()));
    }

    #[test]
    fn what_stands_beside_the_design_and_makes_no_sense_is_left_out() {
        let mut shared = Shared::of(Design::new());
        shared.read_line("faults={\"do\":1}&seed=x&zoom=1e9&at=1,2&colour=blue&zoom");
        assert_eq!(shared, Shared::of(Design::new()));
    }
}
