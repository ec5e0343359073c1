//! Nothing gets lost: the drawing is kept by the browser after every change, and comes back when the page does. Also the
//! ways in and out: files and links.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::editor::Editor;
use super::notices::{Notices, Weight};
use super::preferences::Preferences;
use crate::design::edit::Edit;
use crate::design::file::{FILE_LIMIT_BYTES, Shared};
use crate::design::{Design, examples};
use crate::embed::fragment::Fragment;
use crate::embed::params::Params;
use crate::entry::small;
use crate::format;
use crate::scene::{Figures, svg};
use crate::text::{fill, text};
use crate::web::storage::StorageError;
use crate::web::{self, files, location, storage};

/// Where the browser keeps the person's own drawing.
pub const KEY: &str = "headroom.design";
/// Where the browser keeps the answer to an interview.
pub const INTERVIEW_KEY: &str = "headroom.interview.design";
/// Where the browser keeps a picture of the person's own drawing; boot.js reads it.
const STILL_KEY: &str = "headroom.still";
/// Where a kept drawing goes that cannot be read.
const ASIDE_KEY: &str = "headroom.design.unreadable";
/// How long changes are gathered before they are kept [ms].
const KEEP_AFTER_MS: u32 = 250;

/// Whether the page opens with the starter and nothing else: nothing is kept, and the address asks for nothing.
pub fn begins_afresh() -> bool {
    location::is_plain() && !storage::read(KEY).is_ok_and(|kept| kept.is_some())
}

/// What the page opens with: the address's, else the drawing kept, else the starter.
pub fn first_design(params: &Params, notices: Notices) -> Shared {
    let mut shared = from_address(params, notices).unwrap_or_else(|| {
        Shared::of(if params.embed { None } else { kept(notices) }.unwrap_or_else(examples::starter))
    });
    let design = &mut shared.design;
    let mut settings = design.settings().clone();
    settings.users = params.users.unwrap_or(settings.users);
    settings.title = params.title.clone().unwrap_or(settings.title);
    design.apply(Edit::SetSettings(settings)).expect("the address's users have been checked");
    for preset in &params.presets {
        // What the design does not have cannot be preset.
        if let Some(edit) = preset.edit(design) {
            design.apply(edit).expect("the preset has been checked against this design");
        }
    }
    if params.fit {
        shared.sight = None;
    }
    shared
}

fn from_address(params: &Params, notices: Notices) -> Option<Shared> {
    let Fragment::Design(link) = Fragment::parse(&location::fragment()?) else { return None };
    let shared = read_link(&link, notices);
    if shared.is_some() && !params.embed {
        // From now on the drawing lives here; a reload must not bring the link's state back over it. An embedded page
        // keeps nothing and needs its link.
        location::replace_fragment("");
    }
    shared
}

/// Reads a link, or says why it cannot be read.
pub fn read_link(link: &str, notices: Notices) -> Option<Shared> {
    let shared = Shared::from_link(link);
    if let Err(error) = &shared {
        notices.tell(Weight::Failure, fill("notices.bad_link", &[("reason", &sentence(error))]));
    }
    shared.ok()
}

fn kept(notices: Notices) -> Option<Design> {
    match storage::read(KEY) {
        Ok(None) => None,
        Ok(Some(json)) => match Design::from_json(&json) {
            Ok(design) => Some(design),
            Err(error) => {
                // Whatever this is, somebody drew it: it is not destroyed by what is drawn next.
                let _ = storage::write(ASIDE_KEY, &json);
                let words = fill("notices.set_aside", &[("reason", &sentence(&error)), ("key", ASIDE_KEY)]);
                notices.tell(Weight::Failure, words);
                None
            }
        },
        Err(_) => {
            tell_if_blocked(notices);
            None
        }
    }
}

/// Says so if the browser keeps nothing.
pub fn tell_if_blocked(notices: Notices) {
    if storage::read(KEY).is_err() {
        notices.tell(Weight::Failure, text("notices.no_storage").to_owned());
    }
}

/// Keeps drawings in the browser's storage.
#[derive(Clone, Copy)]
pub struct Keeper {
    editor: Editor,
    notices: Notices,
    preferences: Preferences,
    /// Where the drawing on the page is kept; `None` if it is not.
    key: StoredValue<Option<&'static str>>,
    pending: StoredValue<Option<Timeout>, LocalStorage>,
    has_failed: StoredValue<bool>,
}

impl Keeper {
    /// Keeps the drawing a moment after each change, and at once when the page is hidden or left.
    pub fn start(editor: Editor, notices: Notices, preferences: Preferences) -> Self {
        let keeper = Self {
            editor,
            notices,
            preferences,
            key: StoredValue::new(Some(KEY)),
            pending: StoredValue::new_local(None),
            has_failed: StoredValue::new(false),
        };
        Effect::new(move |before: Option<()>| {
            editor.design().track();
            // What was just read need not be written.
            if before.is_some() && keeper.pending.with_value(Option::is_none) {
                keeper.pending.set_value(Some(Timeout::new(KEEP_AFTER_MS, move || keeper.write())));
            }
        });
        for event in ["pagehide", "visibilitychange"] {
            // The page lives as long as its window.
            let on_leave = move |_: &web_sys::Event| {
                keeper.write_pending();
                keeper.write_still();
            };
            gloo_events::EventListener::new(&window(), event, on_leave).forget();
        }
        keeper
    }

    /// Keeps what has not been kept yet, and from now on keeps the drawing on the page under another key, or not at all.
    pub fn turn_to(self, key: Option<&'static str>) {
        self.write_pending();
        self.key.set_value(key);
    }

    fn write_pending(self) {
        if self.pending.with_value(Option::is_some) {
            self.write();
        }
    }

    /// Keeps a picture of the person's own drawing, for the moment before the page runs the next time.
    fn write_still(self) {
        if self.key.get_value() == Some(KEY) {
            let theme = self.preferences.shown_theme();
            let picture = self.editor.design().with_untracked(|design| svg::still(design, &Figures::default(), theme));
            // The page opens without it as well.
            let _ = storage::write(STILL_KEY, &picture);
        }
    }

    fn write(self) {
        self.pending.set_value(None);
        let Some(key) = self.key.get_value() else { return };
        let json = self.editor.design().with_untracked(Design::to_json);
        if let Err(error) = storage::write(key, &json) {
            let is_new = !self.has_failed.get_value();
            self.has_failed.set_value(true);
            // A blocked storage was told about when the page opened.
            if is_new && error == StorageError::Full {
                self.notices.tell(Weight::Failure, text("notices.storage_full").to_owned());
            }
        }
    }
}

/// Opens a file, or says why not.
pub fn open_file(editor: Editor, notices: Notices, file: web_sys::File) {
    let name = file.name();
    let refuse = move |name: &str, reason: &str| {
        notices.tell(Weight::Failure, fill("notices.bad_file", &[("file", name), ("reason", reason)]));
    };
    if file.size() > FILE_LIMIT_BYTES as f64 {
        let size = format::bytes(file.size());
        let limit = format::bytes(FILE_LIMIT_BYTES as f64);
        refuse(&name, &fill("notices.too_big", &[("size", &size), ("limit", &limit)]));
        return;
    }
    web::spawn(async move {
        match files::read(&file).await {
            Err(_) => refuse(&name, text("notices.unreadable_file")),
            Ok(json) => match Design::from_json(&json) {
                Err(error) => refuse(&name, &sentence(&error)),
                Ok(design) => {
                    let words = fill("notices.opened", &[("title", &design.settings().title)]);
                    editor.open(design);
                    notices.tell(Weight::Success, words);
                }
            },
        }
    });
}

/// Saves the drawing as a file.
pub fn save_file(editor: Editor, notices: Notices) {
    let (title, json) = editor.design().with_untracked(|design| (design.settings().title.clone(), design.to_json()));
    if files::save(&file_name(&title, "headroom.json"), &json, "application/json").is_err() {
        notices.tell(Weight::Failure, text("notices.not_saved").to_owned());
    }
}

/// An error as the end of a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    if words.ends_with('.') { words } else { format!("{words}.") }
}

/// A file name that every system takes: letters and digits of the title, the rest as hyphens, then the ending.
pub fn file_name(title: &str, ending: &str) -> String {
    let words: Vec<String> =
        title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(small).collect();
    if words.is_empty() { format!("design.{ending}") } else { format!("{}.{ending}", words.join("-")) }
}
