//! Nothing gets lost: the drawing is kept by the browser after every change, and comes back when the page does. Also the
//! ways in and out: files and links.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::editor::Editor;
use super::notices::{Notices, Weight};
use crate::design::edit::Edit;
use crate::design::file::FILE_LIMIT_BYTES;
use crate::design::{Design, Settings, examples};
use crate::embed::params::Params;
use crate::format;
use crate::text::{fill, text};
use crate::web::storage::StorageError;
use crate::web::{files, location, storage};

/// Where the browser keeps the drawing.
const KEY: &str = "headroom.design";
/// Where a kept drawing goes that cannot be read.
const ASIDE_KEY: &str = "headroom.design.unreadable";
/// Bytes of a megabyte, as people are told sizes of files.
const BYTES_PER_MB: f64 = 1e6;
/// How long changes are gathered before they are kept [ms].
const KEEP_AFTER_MS: u32 = 250;

/// The drawing that the page opens with: the address's, else the one kept, else the starter.
pub fn first_design(params: &Params, notices: Notices) -> Design {
    let mut design = from_address(notices).or_else(|| kept(notices)).unwrap_or_else(examples::starter);
    if let Some(users) = params.users {
        let settings = Settings { users, ..design.settings().clone() };
        design.apply(Edit::SetSettings(settings)).expect("the address's users have been checked");
    }
    design
}

fn from_address(notices: Notices) -> Option<Design> {
    let link = location::fragment()?;
    match Design::from_link(&link) {
        Ok(design) => {
            // From now on the drawing lives here; a reload must not bring the link's state back over it.
            location::set_fragment("");
            Some(design)
        }
        Err(error) => {
            notices.tell(Weight::Failure, fill("notices.bad_link", &[("reason", &sentence(&error))]));
            None
        }
    }
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
            notices.tell(Weight::Failure, text("notices.no_storage").to_owned());
            None
        }
    }
}

/// Keeps the drawing a moment after each change, and at once when the page is hidden or left.
pub fn keep(editor: Editor, notices: Notices) {
    let pending = StoredValue::new_local(None::<Timeout>);
    let has_failed = StoredValue::new(false);
    let write = move || {
        pending.set_value(None);
        let json = editor.design().with_untracked(Design::to_json);
        if let Err(error) = storage::write(KEY, &json) {
            let is_new = !has_failed.get_value();
            has_failed.set_value(true);
            // A blocked storage was told about when the page opened.
            if is_new && error == StorageError::Full {
                notices.tell(Weight::Failure, text("notices.storage_full").to_owned());
            }
        }
    };
    Effect::new(move |before: Option<()>| {
        editor.design().track();
        // What was just read need not be written.
        if before.is_some() && pending.with_value(Option::is_none) {
            pending.set_value(Some(Timeout::new(KEEP_AFTER_MS, write)));
        }
    });
    let write_pending = move || {
        if pending.with_value(Option::is_some) {
            write();
        }
    };
    for event in ["pagehide", "visibilitychange"] {
        // The page lives as long as its window.
        gloo_events::EventListener::new(&window(), event, move |_| write_pending()).forget();
    }
}

/// Opens a file, or says why not.
pub fn open_file(editor: Editor, notices: Notices, file: web_sys::File) {
    let name = file.name();
    let refuse = move |name: &str, reason: &str| {
        notices.tell(Weight::Failure, fill("notices.bad_file", &[("file", name), ("reason", reason)]));
    };
    if file.size() > FILE_LIMIT_BYTES as f64 {
        let size = format::number(file.size() / BYTES_PER_MB);
        let limit = format::number(FILE_LIMIT_BYTES as f64 / BYTES_PER_MB);
        refuse(&name, &fill("notices.too_big", &[("size", &size), ("limit", &limit)]));
        return;
    }
    spawn_local(async move {
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
    if files::save(&file_name(&title), &json, "application/json").is_err() {
        notices.tell(Weight::Failure, text("notices.not_saved").to_owned());
    }
}

/// Puts a link to the drawing on the clipboard, or at least into the address.
pub fn copy_link(editor: Editor, notices: Notices) {
    let fragment = editor.design().with_untracked(Design::to_link);
    spawn_local(async move {
        match files::copy(&location::address_with(&fragment)).await {
            Ok(()) => notices.tell(Weight::Success, text("top.link_copied").to_owned()),
            Err(_) => {
                location::set_fragment(&fragment);
                notices.tell(Weight::Failure, text("top.link_blocked").to_owned());
            }
        }
    });
}

/// An error as the end of a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    if words.ends_with('.') { words } else { format!("{words}.") }
}

/// A file name that every system takes: letters and digits of the title, the rest as hyphens.
fn file_name(title: &str) -> String {
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { "headroom.json".to_owned() } else { format!("{}.headroom.json", words.join("-")) }
}
