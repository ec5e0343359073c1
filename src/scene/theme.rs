//! Colours by meaning, light and dark. Classes of requests take their colours from a set that colour-blind people can
//! tell apart (Okabe and Ito); states differ in lightness too, and never speak by colour alone.

use crate::sim::snapshot::RequestClass;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The ground of the drawing.
    Ground,
    /// Points of the grid.
    Grid,
    /// The face of a card.
    Card,
    /// The border of a card at rest.
    CardBorder,
    /// The part of a gauge that is not filled, and other hollows.
    Hollow,
    /// Names and figures.
    Text,
    /// Words that stand back.
    MutedText,
    /// Text on a filled state colour.
    TextOnState,
    /// A link.
    Link,
    /// Selection, focus and what is being drawn.
    Accent,
    /// A machine with room to spare.
    Calm,
    /// Above 60 %: still well, but on the way.
    Warm,
    /// Above 80 %: queues form.
    Hot,
    /// No room left: requests wait long or are refused.
    Saturated,
    /// Dead.
    Down,
    /// A request that reads.
    Read,
    /// A request that writes.
    Write,
    /// A request for a file.
    Static,
    /// What a primary ships to its replicas.
    Replication,
}

impl Theme {
    /// The colour of `ink`, as CSS writes it.
    pub const fn color(self, ink: Ink) -> &'static str {
        let (light, dark) = match ink {
            Ink::Ground => ("#f6f7f9", "#12161c"),
            Ink::Grid => ("#d5dae1", "#262d37"),
            Ink::Card => ("#ffffff", "#1b212a"),
            Ink::CardBorder => ("#c3cad4", "#3b4552"),
            Ink::Hollow => ("#e8ebf0", "#2a323d"),
            Ink::Text => ("#17202b", "#e8edf3"),
            Ink::MutedText => ("#566273", "#a3afbe"),
            Ink::TextOnState => ("#ffffff", "#12161c"),
            Ink::Link => ("#8a96a6", "#5f6c7c"),
            Ink::Accent => ("#1f5fd0", "#7aa8ff"),
            Ink::Calm => ("#4b8a99", "#5fa5b5"),
            Ink::Warm => ("#b98500", "#e5bb4e"),
            Ink::Hot => ("#c4560a", "#f08a3c"),
            Ink::Saturated => ("#b0132e", "#ff6b78"),
            Ink::Down => ("#4d5561", "#98a2b0"),
            Ink::Read => ("#0072b2", "#56b4e9"),
            Ink::Write => ("#b2458a", "#e39ac4"),
            Ink::Static => ("#00835f", "#3fc79d"),
            Ink::Replication => ("#6b5fb5", "#a79cf0"),
        };
        match self {
            Self::Light => light,
            Self::Dark => dark,
        }
    }

    /// The colour of `ink` as red, green and blue.
    ///
    /// # Panics
    /// Never: all colours are written as six hexadecimal digits, which a test holds.
    pub fn rgb(self, ink: Ink) -> [u8; 3] {
        let digits = &self.color(ink)[1..];
        let value = u32::from_str_radix(digits, 16).expect("colours are hexadecimal");
        [(value >> 16) as u8, (value >> 8) as u8, value as u8]
    }
}

impl Ink {
    /// Every colour there is.
    pub const ALL: [Self; 19] = [
        Self::Ground,
        Self::Grid,
        Self::Card,
        Self::CardBorder,
        Self::Hollow,
        Self::Text,
        Self::MutedText,
        Self::TextOnState,
        Self::Link,
        Self::Accent,
        Self::Calm,
        Self::Warm,
        Self::Hot,
        Self::Saturated,
        Self::Down,
        Self::Read,
        Self::Write,
        Self::Static,
        Self::Replication,
    ];

    /// The colour of a class of requests.
    pub const fn of_class(class: RequestClass) -> Self {
        match class {
            RequestClass::Read | RequestClass::Live => Self::Read,
            // Whatever changes something.
            RequestClass::Write | RequestClass::Upload | RequestClass::Job => Self::Write,
            RequestClass::Static => Self::Static,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.2.
    fn luminance(rgb: [u8; 3]) -> f64 {
        let [red, green, blue] = rgb.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(theme: Theme, one: Ink, other: Ink) -> f64 {
        let (one, other) = (luminance(theme.rgb(one)), luminance(theme.rgb(other)));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_color_is_six_hexadecimal_digits() {
        for ink in Ink::ALL {
            for theme in [Theme::Light, Theme::Dark] {
                let color = theme.color(ink);
                assert!(color.len() == 7 && color.starts_with('#'), "{color}");
                theme.rgb(ink);
            }
        }
    }

    #[test]
    fn text_and_marks_stand_out_from_their_ground() {
        for theme in [Theme::Light, Theme::Dark] {
            for text in [Ink::Text, Ink::MutedText, Ink::Saturated, Ink::Down] {
                for ground in [Ink::Card, Ink::Ground] {
                    let contrast = contrast(theme, text, ground);
                    assert!(contrast >= 4.5, "{theme:?} {text:?} on {ground:?}: {contrast}");
                }
            }
            for mark in
                [Ink::Calm, Ink::Warm, Ink::Hot, Ink::Read, Ink::Write, Ink::Static, Ink::Replication, Ink::Accent]
            {
                let contrast = contrast(theme, mark, Ink::Card);
                assert!(contrast >= 3.0, "{theme:?} {mark:?}: {contrast}");
            }
            for state in [Ink::Saturated, Ink::Down] {
                let contrast = contrast(theme, Ink::TextOnState, state);
                assert!(contrast >= 4.5, "{theme:?} text on {state:?}: {contrast}");
            }
        }
    }
}
