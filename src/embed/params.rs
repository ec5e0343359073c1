//! Names in the address: what a link may preset. Unknown names are left alone, values that make no sense are ignored,
//! since an address outlives the version that it was made for.

use crate::design::edit::Edit;
use crate::design::field::Configurable;
use crate::design::file::Sight;
use crate::design::{Design, USERS_RANGE};
use crate::entry;
use crate::format;
use crate::scene::{Layout, ZOOM_RANGE};
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

/// How much of the page stands around the diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surroundings {
    /// Nothing: the diagram only.
    None,
    /// What playing takes: the slider, the time controls, a way to the whole playground.
    Play,
    /// Everything.
    #[default]
    Full,
}

/// What may be done to the diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Looking at it, and letting time pass.
    View,
    /// Also pulling the slider, and killing parts; what is drawn stays as it is.
    Play,
    /// Everything.
    #[default]
    Edit,
}

/// A parameter that is preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name or identity of a component.
    pub component: String,
    /// The parameter's key.
    pub key: String,
    /// Its value as files write it, or a bare word.
    pub value: String,
}

/// What the address presets.
///
/// Left out of what other products made people expect: a color of the host's (`highlight`).
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Registered users, instead of the design's.
    pub users: Option<u64>,
    /// Simulated seconds per real second.
    pub speed: Option<f64>,
    /// Seed of the run, instead of the link's.
    pub seed: Option<u64>,
    /// Simulated time from which the run is watched; what comes before is simulated as fast as can be.
    pub start: SimTime,
    /// Simulated time at which the run rests.
    pub stop_after: Option<SimTime>,
    /// Whether the run starts by itself; an embedded one does not unless asked.
    pub autoplay: bool,
    /// Light or dark, instead of what was chosen before.
    pub theme: Option<Theme>,
    /// Whether the page stands inside another. Such a page keeps nothing, does not take the wheel, and rests while it
    /// is out of view.
    pub embed: bool,
    /// How much stands around the diagram.
    pub surroundings: Surroundings,
    /// What may be done.
    pub access: Access,
    /// Whether the time controls are shown.
    pub controls: bool,
    /// Whether the wheel zooms, instead of scrolling what is around; with Ctrl it always zooms.
    pub wheel: bool,
    /// Whether all of the drawing is shown whatever the link looks at.
    pub fit: bool,
    /// Magnification to begin with, around the middle of the drawing; 1 shows it in its natural size.
    pub zoom: Option<f64>,
    /// Whether the buttons for what is seen, and the map, are shown.
    pub nav: bool,
    /// Whether the run starts anew where it would rest at [`Params::stop_after`].
    pub loops: bool,
    /// Whether messages are exchanged with the page around this one.
    pub api: bool,
    /// The only origin that messages are exchanged with; any if there is none.
    pub origin: Option<String>,
    /// Title instead of the design's.
    pub title: Option<String>,
    /// Parameters instead of the design's.
    pub presets: Vec<Preset>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            users: None,
            speed: None,
            seed: None,
            start: SimTime::ZERO,
            stop_after: None,
            autoplay: true,
            theme: None,
            embed: false,
            surroundings: Surroundings::Full,
            access: Access::Edit,
            controls: true,
            wheel: true,
            fit: false,
            zoom: None,
            nav: true,
            loops: false,
            api: false,
            origin: None,
            title: None,
            presets: Vec::new(),
        }
    }
}

impl Params {
    /// Reads the pairs of a query string, already decoded.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut params = Self::default();
        let (mut autoplay, mut wheel, mut surroundings, mut access) = (None, None, None, None);
        for (name, value) in pairs {
            match name {
                "users" => params.users = format::parse_count(value).filter(|users| USERS_RANGE.contains(users)),
                "speed" => params.speed = entry::parse_number(value).filter(|speed| (0.001..=100.0).contains(speed)),
                "seed" => params.seed = value.parse().ok(),
                "start" => params.start = time(value).unwrap_or_default(),
                "stopafter" | "end" => params.stop_after = time(value),
                "autoplay" => autoplay = flag(value),
                "theme" => params.theme = Theme::from_key(value),
                "embed" => params.embed = flag(value).unwrap_or(false),
                "ui" => surroundings = Surroundings::from_word(value),
                "mode" => access = Access::from_word(value),
                "controls" => params.controls = flag(value).unwrap_or(true),
                "wheel" => wheel = flag(value),
                "fit" => params.fit = flag(value).unwrap_or(false),
                "zoom" => params.zoom = entry::parse_number(value).filter(|zoom| ZOOM_RANGE.contains(zoom)),
                "nav" => params.nav = flag(value).unwrap_or(true),
                "loop" => params.loops = flag(value).unwrap_or(false),
                "api" => params.api = flag(value).unwrap_or(false),
                "origin" => params.origin = Some(value.to_owned()).filter(|origin| !origin.is_empty()),
                "title" => params.title = Some(value.trim().to_owned()).filter(|title| !title.is_empty()),
                _ => params.presets.extend(Preset::from_pair(name, value)),
            }
        }
        params.autoplay = autoplay.unwrap_or(!params.embed);
        params.wheel = wheel.unwrap_or(!params.embed);
        params.surroundings =
            surroundings.unwrap_or(if params.embed { Surroundings::Play } else { Surroundings::Full });
        let most = if params.surroundings == Surroundings::Full { Access::Edit } else { Access::Play };
        params.access = access.unwrap_or(most);
        params
    }

    /// What is seen first of `design`; `None` if the address does not say, or all of it is to be shown.
    pub fn sight_of(&self, design: &Design) -> Option<Sight> {
        let zoom = self.zoom.filter(|_| !self.fit)?;
        let centre = Layout::of(design).bounds()?.centre();
        Some(Sight { centre, zoom })
    }
}

impl Surroundings {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "play" => Some(Self::Play),
            "full" => Some(Self::Full),
            _ => None,
        }
    }
}

impl Access {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "view" => Some(Self::View),
            "play" => Some(Self::Play),
            "edit" => Some(Self::Edit),
            _ => None,
        }
    }
}

impl Preset {
    /// Reads `p.<component>.<key>=value`; a component's name may contain dots.
    fn from_pair(name: &str, value: &str) -> Option<Self> {
        let (component, key) = name.strip_prefix("p.")?.rsplit_once('.')?;
        let is_whole = !component.is_empty() && !key.is_empty();
        is_whole.then(|| Self { component: component.to_owned(), key: key.to_owned(), value: value.to_owned() })
    }

    /// The edit that sets the parameter; `None` if the design has no such component or parameter, or the value does
    /// not fit.
    pub fn edit(&self, design: &Design) -> Option<Edit> {
        let component = super::component(design, &self.component)?;
        let field = component.config.fields().into_iter().find(|field| field.key == self.key)?;
        // A number, a flag, an object; what is none of these is a word.
        let json = serde_json::from_str(&self.value).unwrap_or_else(|_| self.value.as_str().into());
        Some(Edit::SetParameter(component.id, field.key, field.parse(&json).ok()?))
    }
}

/// A simulated time after the beginning.
fn time(value: &str) -> Option<SimTime> {
    entry::parse_secs(value).filter(|&secs| secs > 0.0).map(SimTime::from_secs_f64)
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
    use crate::design::field::Value;

    #[test]
    fn values_are_read_and_nonsense_is_ignored() {
        let params = Params::from_pairs([
            ("users", "250k"),
            ("speed", "10"),
            ("seed", "7"),
            ("start", "60"),
            ("stopafter", "90"),
            ("theme", "dark"),
            ("colour", "blue"),
        ]);
        assert_eq!(params.users, Some(250_000));
        assert_eq!(params.speed, Some(10.0));
        assert_eq!(params.seed, Some(7));
        let times = (SimTime::from_secs_f64(60.0), Some(SimTime::from_secs_f64(90.0)));
        assert_eq!((params.start, params.stop_after), times);
        assert_eq!(params.theme, Some(Theme::Dark));
        let nonsense = [("users", "0"), ("speed", "-1"), ("seed", "x"), ("stopafter", "never"), ("theme", "pink")];
        assert_eq!(Params::from_pairs([("start", "-5")]), Params::default());
        assert_eq!(Params::from_pairs(nonsense), Params::default());
    }

    #[test]
    fn a_host_chooses_what_is_seen_and_whom_the_page_talks_to() {
        let pairs = [("zoom", "1.5"), ("nav", "0"), ("loop", "1"), ("api", "1"), ("origin", "https://blog.example")];
        let params = Params::from_pairs(pairs);
        assert_eq!((params.zoom, params.nav, params.loops, params.api), (Some(1.5), false, true, true));
        assert_eq!(params.origin.as_deref(), Some("https://blog.example"));
        let design = crate::design::examples::starter();
        assert_eq!(params.sight_of(&design).map(|sight| sight.zoom), Some(1.5));
        assert_eq!(Params::from_pairs([]).sight_of(&design), None);
        assert_eq!(Params::from_pairs([("zoom", "1.5"), ("fit", "1")]).sight_of(&design), None);
        assert_eq!(Params::from_pairs([("zoom", "0"), ("nav", "x"), ("api", "x"), ("origin", "")]), Params::default());
    }

    #[test]
    fn an_embedded_page_waits_to_be_started_unless_asked() {
        assert!(Params::from_pairs([]).autoplay);
        assert!(!Params::from_pairs([("embed", "1")]).autoplay);
        assert!(Params::from_pairs([("autoplay", "1"), ("embed", "1")]).autoplay);
    }

    #[test]
    fn an_embedded_page_leaves_the_wheel_to_its_host_and_the_drawing_as_it_is() {
        let read = |pairs: &[(&'static str, &'static str)]| Params::from_pairs(pairs.iter().copied());
        let alone = read(&[]);
        assert_eq!((alone.wheel, alone.surroundings, alone.access), (true, Surroundings::Full, Access::Edit));
        let inside = read(&[("embed", "1")]);
        assert_eq!((inside.wheel, inside.surroundings, inside.access), (false, Surroundings::Play, Access::Play));
        let asked = read(&[("embed", "1"), ("wheel", "1"), ("ui", "full"), ("controls", "0"), ("mode", "view")]);
        assert_eq!((asked.wheel, asked.surroundings, asked.access), (true, Surroundings::Full, Access::View));
        assert!(!asked.controls);
        assert_eq!(read(&[("embed", "1"), ("ui", "full")]).access, Access::Edit);
    }

    #[test]
    fn parameters_are_preset_by_name_or_identity() {
        let design = crate::design::examples::starter();
        let web = design.component_named("Web server").expect("the starter has one");
        let identity = format!("p.{}.cores", web.id);
        let pairs = [
            ("p.Web server.cores", "16"),
            (identity.as_str(), "2"),
            ("p.Web server.cpu_discipline", "processor_sharing"),
            ("p.Web server.cores", "many"),
            ("p.Nobody.cores", "1"),
            ("p.cores", "1"),
        ];
        let edits: Vec<_> = Params::from_pairs(pairs).presets.iter().map(|preset| preset.edit(&design)).collect();
        let cores = |cores| Some(Edit::SetParameter(web.id, "cores", Value::Number(cores)));
        let sharing = Edit::SetParameter(web.id, "cpu_discipline", Value::Choice("processor_sharing"));
        assert_eq!(edits, [cores(16.0), cores(2.0), Some(sharing), None, None]);
    }
}
