//! Names in the address: what a link may preset. Unknown names are left alone, values that make no sense are ignored,
//! since an address outlives the version that it was made for.

use crate::design::USERS_RANGE;
use crate::entry;
use crate::format;
use crate::units::SimTime;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// As the system wants it.
    #[default]
    Auto,
}

impl Theme {
    /// All themes in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Name in addresses, storage, texts and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// The theme of that name; `None` if there is none.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.key() == key)
    }

    /// The theme after this one, round and round.
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

/// What the address presets.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Registered users, instead of the design's.
    pub users: Option<u64>,
    /// Simulated seconds per real second.
    pub speed: Option<f64>,
    /// Seed of the run.
    pub seed: u64,
    /// Simulated time at which the run rests.
    pub stop_after: Option<SimTime>,
    /// Whether the run starts by itself; an embedded one does not unless asked.
    pub autoplay: bool,
    /// Light or dark, instead of what was chosen before.
    pub theme: Option<Theme>,
    /// Whether the page stands inside another and shows the diagram and the slider only.
    pub embed: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { users: None, speed: None, seed: 1, stop_after: None, autoplay: true, theme: None, embed: false }
    }
}

impl Params {
    /// Reads the pairs of a query string, already decoded.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut params = Self::default();
        let mut autoplay = None;
        for (name, value) in pairs {
            match name {
                "users" => params.users = format::parse_count(value).filter(|users| USERS_RANGE.contains(users)),
                "speed" => params.speed = entry::parse_number(value).filter(|speed| (0.001..=100.0).contains(speed)),
                "seed" => params.seed = value.parse().unwrap_or(params.seed),
                "stopafter" => {
                    params.stop_after = entry::parse_secs(value).filter(|&secs| secs > 0.0).map(SimTime::from_secs_f64);
                }
                "autoplay" => autoplay = flag(value),
                "theme" => params.theme = Theme::from_key(value),
                "embed" => params.embed = flag(value).unwrap_or(false),
                _ => {}
            }
        }
        params.autoplay = autoplay.unwrap_or(!params.embed);
        params
    }
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "1" | "true" | "" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_nonsense_is_ignored() {
        let params = Params::from_pairs([
            ("users", "250k"),
            ("speed", "10"),
            ("seed", "7"),
            ("stopafter", "30"),
            ("theme", "dark"),
            ("colour", "blue"),
        ]);
        assert_eq!(params.users, Some(250_000));
        assert_eq!(params.speed, Some(10.0));
        assert_eq!(params.seed, 7);
        assert_eq!(params.stop_after, Some(SimTime::from_secs_f64(30.0)));
        assert_eq!(params.theme, Some(Theme::Dark));
        let nonsense = [("users", "0"), ("speed", "-1"), ("seed", "x"), ("stopafter", "never"), ("theme", "pink")];
        assert_eq!(Params::from_pairs(nonsense), Params::default());
    }

    #[test]
    fn an_embedded_page_waits_to_be_started_unless_asked() {
        assert!(Params::from_pairs([]).autoplay);
        assert!(!Params::from_pairs([("embed", "1")]).autoplay);
        assert!(Params::from_pairs([("autoplay", "1"), ("embed", "1")]).autoplay);
    }
}
