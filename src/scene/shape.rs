//! The shapes that a picture of the design consists of. They say what is to be seen, in world units and in colours by
//! meaning; a canvas paints them, [`super::svg`] prints them.

use super::theme::Ink;
use crate::geometry::{Point, Rect};

/// A colour with its opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Colour by meaning.
    pub ink: Ink,
    /// 0 transparent to 1 opaque.
    pub opacity: f32,
}

impl Paint {
    /// `ink` at the given opacity.
    pub const fn faint(ink: Ink, opacity: f32) -> Self {
        Self { ink, opacity }
    }
}

impl From<Ink> for Paint {
    fn from(ink: Ink) -> Self {
        Self { ink, opacity: 1.0 }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub paint: Paint,
    /// Width.
    pub width: f64,
    /// Lengths of dashes and gaps in turn; empty for a solid line.
    pub dash: &'static [f64],
}

impl Stroke {
    /// A solid line.
    pub fn solid(paint: impl Into<Paint>, width: f64) -> Self {
        Self { paint: paint.into(), width, dash: &[] }
    }

    /// A broken line.
    pub fn dashed(paint: impl Into<Paint>, width: f64, dash: &'static [f64]) -> Self {
        Self { paint: paint.into(), width, dash }
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Starts a piece here.
    Move(Point),
    /// A straight line to here.
    Line(Point),
    /// A cubic curve: two control points, then its end.
    Cubic(Point, Point, Point),
    /// Back to the start of the piece.
    Close,
}

/// Family of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Names and words.
    Sans,
    /// Names that lead, in a heavier weight.
    SansBold,
    /// Figures: all digits equally wide, so that they do not jump.
    Figures,
}

impl Face {
    /// Font families in order of preference, as CSS writes them.
    pub const fn families(self) -> &'static str {
        match self {
            Self::Sans | Self::SansBold => "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
            Self::Figures => "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', monospace",
        }
    }

    /// Weight, as CSS writes it.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Sans | Self::Figures => 400,
            Self::SansBold => 600,
        }
    }
}

/// Which end of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// One shape. Later shapes cover earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle with rounded corners.
    Rect {
        /// Extent.
        area: Rect,
        /// Radius of the corners.
        radius: f64,
        /// Inside.
        fill: Option<Paint>,
        /// Border, centred on the edge.
        stroke: Option<Stroke>,
    },
    /// A circle.
    Circle {
        /// Centre.
        centre: Point,
        /// Radius.
        radius: f64,
        /// Inside.
        fill: Option<Paint>,
        /// Border, centred on the edge.
        stroke: Option<Stroke>,
    },
    /// Lines and curves.
    Path {
        /// Steps in order.
        steps: Vec<Step>,
        /// Inside.
        fill: Option<Paint>,
        /// Line.
        stroke: Option<Stroke>,
    },
    /// A line of text.
    Text {
        /// Where its baseline begins, has its middle or ends.
        at: Point,
        /// What it says.
        text: String,
        /// Height of the type.
        size: f64,
        /// Family and weight.
        face: Face,
        /// Which end stands at `at`.
        align: Align,
        /// Colour.
        paint: Paint,
    },
    /// An icon of [`super::icon`], drawn in lines.
    Icon {
        /// Path data on a square of 24 units.
        path: &'static str,
        /// Upper left corner.
        origin: Point,
        /// Edge of the square.
        size: f64,
        /// Colour of the lines.
        paint: Paint,
    },
}

/// How wide `text` will be about, in the units of `size`. The fonts at hand differ, so this errs on the wide side.
pub fn text_width(text: &str, size: f64, face: Face) -> f64 {
    let em: f64 = text
        .chars()
        .map(|letter| match face {
            Face::Figures => 0.61,
            Face::Sans | Face::SansBold => match letter {
                'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | '!' | ':' | crate::format::THIN_SPACE => 0.29,
                'f' | 't' | 'r' | ' ' | '(' | ')' | '-' => 0.37,
                'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
                'A'..='Z' => 0.68,
                _ => 0.6,
            },
        })
        .sum();
    em * size * if face == Face::SansBold { 1.1 } else { 1.0 }
}

/// `text`, cut with an ellipsis if it would be wider than `width`. A number at its end stays, for it tells `Server 2`
/// from `Server 3`.
pub fn fitted(text: &str, size: f64, face: Face, width: f64) -> String {
    if text_width(text, size, face) <= width {
        return text.to_owned();
    }
    let (stem, number) = match text.rsplit_once(' ') {
        Some((stem, end)) if end.len() <= 3 && end.chars().all(|letter| letter.is_ascii_digit()) => (stem, end),
        _ => (text, ""),
    };
    let room = width - text_width(number, size, face) - 0.6 * size;
    let mut short = String::new();
    for letter in stem.chars() {
        short.push(letter);
        if text_width(&short, size, face) > room {
            short.pop();
            break;
        }
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short.push_str(number);
    short
}

/// `text` in lines no wider than `width`, cut with an ellipsis if it takes more than `rows` of them.
pub fn wrapped(text: &str, size: f64, face: Face, width: f64, rows: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_last = lines.len() == rows;
        match lines.last_mut() {
            // The last line takes all the rest, to be cut.
            Some(line) if is_last || text_width(&format!("{line} {word}"), size, face) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| fitted(&line, size, face, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_to_the_room_there_is() {
        let words = "Writes go to the primary; replicas serve the reads.";
        let lines = wrapped(words, 12.0, Face::Sans, 150.0, 9);
        assert!(lines.len() > 1 && lines.iter().all(|line| text_width(line, 12.0, Face::Sans) <= 150.0));
        assert_eq!(lines.join(" "), words);
        let cut = wrapped(words, 12.0, Face::Sans, 150.0, 2);
        assert!(cut.len() == 2 && cut[1].ends_with('…'), "{cut:?}");
    }

    #[test]
    fn texts_that_fit_stay_whole_and_others_are_cut_to_fit() {
        assert_eq!(fitted("Users", 13.0, Face::Sans, 100.0), "Users");
        let numbered = fitted("Web server 2", 13.0, Face::Sans, 68.0);
        assert!(numbered.starts_with("Web s") && numbered.ends_with("…2"), "{numbered}");
        let cut = fitted("Payment service in the far north", 13.0, Face::SansBold, 100.0);
        assert!(cut.ends_with('…') && cut.starts_with("Payment"), "{cut}");
        assert!(text_width(&cut, 13.0, Face::SansBold) <= 110.0);
    }
}
