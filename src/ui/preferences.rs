//! What the person likes: theme, and which panels are open. Kept by the browser; not part of any design.

use leptos::prelude::*;
use serde::Serialize;

use crate::embed::params::{Params, Theme};
use crate::scene;
use crate::ui::reaction::effect;
use crate::web::storage;

const KEY: &str = "headroom.preferences";

/// The panel that is open on a screen too narrow for panels beside the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// Parts to add.
    Palette,
    /// Details of the selection.
    Inspector,
    /// Charts.
    Charts,
    /// The journey or the task.
    Guide,
}

impl Sheet {
    /// Name in style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Palette => "palette",
            Self::Inspector => "inspector",
            Self::Charts => "charts",
            Self::Guide => "guide",
        }
    }
}

/// What the panel below the diagram shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// All charts, small, and what has happened.
    Overview,
    /// Percentiles of latency, and how it spreads.
    Latency,
    /// Failures by cause, and throughput.
    Errors,
    /// Utilisation, and the components by their scarcest resource.
    Saturation,
    /// Sampled requests.
    Traces,
    /// Traffic and faults on a timeline.
    Script,
    /// What has happened.
    Events,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Latency, Self::Errors, Self::Saturation, Self::Traces, Self::Script, Self::Events];

    /// Name in texts and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Saturation => "saturation",
            Self::Traces => "traces",
            Self::Script => "script",
            Self::Events => "events",
        }
    }

    /// The tab of that name; the first if there is none.
    fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.key() == key).unwrap_or(Self::Overview)
    }

    /// Whether it shows charts, whose time can be chosen.
    pub const fn has_charts(self) -> bool {
        matches!(self, Self::Overview | Self::Latency | Self::Errors | Self::Saturation)
    }
}

/// Handle to what the person likes.
#[derive(Clone, Copy)]
pub struct Preferences {
    /// Light, dark, or as the system.
    pub theme: RwSignal<Theme>,
    /// Whether the palette is open beside the diagram.
    pub palette_open: RwSignal<bool>,
    /// Whether the inspector is open beside the diagram.
    pub inspector_open: RwSignal<bool>,
    /// Whether the charts are open below the diagram.
    pub charts_open: RwSignal<bool>,
    /// What the panel with the charts shows.
    pub tab: RwSignal<Tab>,
    /// Whether the guide is open beside the diagram, in the modes that have one; not kept.
    pub guide_open: RwSignal<bool>,
    /// How many of the hints for the first visit have been seen.
    pub hints_seen: RwSignal<usize>,
    /// Whether keys that are a sign alone do something.
    pub single_keys: RwSignal<bool>,
    /// Whether the diagram shows the points of the grid.
    pub has_grid: RwSignal<bool>,
    /// Whether only the diagram is shown, and what the run takes; not kept.
    pub is_zen: RwSignal<bool>,
    /// The sheet that is open on a narrow screen; not kept, so that a phone opens on the diagram.
    pub sheet: RwSignal<Option<Sheet>>,
}

/// As the browser keeps it.
#[derive(Serialize)]
struct Kept {
    theme: String,
    palette_open: bool,
    inspector_open: bool,
    charts_open: bool,
    tab: String,
    hints_seen: usize,
    single_keys: bool,
    has_grid: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            theme: Theme::Auto.key().to_owned(),
            palette_open: true,
            inspector_open: true,
            charts_open: true,
            tab: Tab::Overview.key().to_owned(),
            hints_seen: 0,
            single_keys: true,
            has_grid: true,
        }
    }
}

impl Kept {
    /// What the browser has kept. What is missing has its default, so that older and newer pages get along. It is read by
    /// the browser's own means: nothing else that reads JSON is needed before the first picture.
    fn read() -> Self {
        let default = Self::default();
        let text = storage::read(KEY).ok().flatten();
        let Some(json) = text.and_then(|text| js_sys::JSON::parse(&text).ok()) else { return default };
        let entry = |name: &str| js_sys::Reflect::get(&json, &name.into()).unwrap_or_default();
        let flag = |name: &str, default: bool| entry(name).as_bool().unwrap_or(default);
        Self {
            theme: entry("theme").as_string().unwrap_or(default.theme),
            palette_open: flag("palette_open", default.palette_open),
            inspector_open: flag("inspector_open", default.inspector_open),
            charts_open: flag("charts_open", default.charts_open),
            tab: entry("tab").as_string().unwrap_or(default.tab),
            hints_seen: entry("hints_seen").as_f64().map_or(default.hints_seen, |seen| seen as usize),
            single_keys: flag("single_keys", default.single_keys),
            has_grid: flag("has_grid", default.has_grid),
        }
    }
}

impl Preferences {
    /// What was kept, or the defaults; `params` comes before what was kept, and is not kept itself until changed.
    pub fn restore(params: &Params) -> Self {
        let kept = Kept::read();
        let theme = params.theme.or_else(|| Theme::from_key(&kept.theme)).unwrap_or_default();
        let preferences = Self {
            theme: RwSignal::new(theme),
            palette_open: RwSignal::new(kept.palette_open),
            inspector_open: RwSignal::new(kept.inspector_open),
            charts_open: RwSignal::new(kept.charts_open),
            tab: RwSignal::new(Tab::from_key(&kept.tab)),
            guide_open: RwSignal::new(true),
            hints_seen: RwSignal::new(kept.hints_seen),
            single_keys: RwSignal::new(kept.single_keys),
            has_grid: RwSignal::new(kept.has_grid),
            is_zen: RwSignal::new(false),
            sheet: RwSignal::new(None),
        };
        preferences.show_theme();
        preferences
    }

    /// The theme that is seen.
    pub fn shown_theme(self) -> scene::Theme {
        let is_dark = || {
            let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
            query.is_some_and(|query| query.matches())
        };
        match self.theme.get_untracked() {
            Theme::Dark => scene::Theme::Dark,
            Theme::Auto if is_dark() => scene::Theme::Dark,
            Theme::Light | Theme::Auto => scene::Theme::Light,
        }
    }

    /// Opens the inspector, wherever the screen has room for it.
    pub fn show_inspector(self) {
        self.inspector_open.set(true);
        self.sheet.set(Some(Sheet::Inspector));
    }

    /// Writes the theme onto the document, where style sheet and diagram read it.
    fn show_theme(self) {
        effect(move || {
            let theme = self.theme.get();
            let root = document().document_element();
            if let Some(root) = root {
                // Refused only by a document that is going away.
                let _ = root.set_attribute("data-theme", theme.key());
            }
        });
    }

    /// Has the browser keep them from now on.
    pub fn keep(self) {
        Effect::new(move |before: Option<()>| {
            let kept = Kept {
                theme: self.theme.get().key().to_owned(),
                palette_open: self.palette_open.get(),
                inspector_open: self.inspector_open.get(),
                charts_open: self.charts_open.get(),
                tab: self.tab.get().key().to_owned(),
                hints_seen: self.hints_seen.get(),
                single_keys: self.single_keys.get(),
                has_grid: self.has_grid.get(),
            };
            // Nothing has changed at the start, and a theme from the address is for this visit only.
            if before.is_some() {
                let text = serde_json::to_string(&kept).expect("words and truth values can be written");
                // A browser that keeps nothing says so when the design is saved, which matters more.
                let _ = storage::write(KEY, &text);
            }
        });
    }
}

/// What the person likes, as the page provided it.
pub fn use_preferences() -> Preferences {
    expect_context()
}
