//! Journeys on the page: the list of all, and one of them stage by stage. The files come with the page, but are loaded
//! only when somebody wants to learn.

mod panel;

use leptos::prelude::*;

pub use self::panel::{LearnPanel, failed, waiting};
use super::editor::Editor;
use super::places::{DeskName, Places};
use crate::design::Design;
use crate::design::script::{Action, ScriptEvent};
use crate::embed::fragment::Fragment;
use crate::journey::outline::{Entry, Outline, read_index};
use crate::text::{fill, text};
use crate::ui::reaction::effect;
use crate::web::{self, fetch};

/// Folder of the journeys, relative to the page.
const FOLDER: &str = "journeys";

/// A file on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Loading<T> {
    /// Nobody has asked for it.
    #[default]
    Unasked,
    /// It is on its way.
    Asked,
    /// It is there.
    Loaded(T),
    /// It did not come, or was not what it should be; why, in words.
    Failed(String),
}

/// A journey that is being stepped through.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Its key.
    pub key: String,
    /// What it tells.
    pub outline: Outline,
}

/// Handle to the journeys.
#[derive(Clone, Copy)]
pub struct Lessons {
    /// The list of all.
    pub index: RwSignal<Loading<Vec<Entry>>>,
    /// The journey that is open.
    pub open: RwSignal<Loading<Open>>,
    /// Position of the stage whose design is on the page.
    pub shown: RwSignal<Option<usize>>,
    places: Places,
    editor: Editor,
}

impl Lessons {
    /// Nothing loaded; follows `places`.
    pub fn new(places: Places, editor: Editor) -> Self {
        let lessons =
            Self { index: RwSignal::default(), open: RwSignal::default(), shown: RwSignal::new(None), places, editor };
        effect(move || {
            let Fragment::Journey { journey, stage } = places.place.get() else { return };
            match journey {
                None => load_once(lessons.index, format!("{FOLDER}/index.json"), read_index),
                Some(journey) => lessons.show(journey, stage),
            }
        });
        lessons
    }

    /// Loads a journey, unless it is open, and puts a stage of it on the page.
    fn show(self, key: String, stage: Option<String>) {
        web::spawn(async move {
            let is_open = self.open.with_untracked(|open| matches!(open, Loading::Loaded(open) if open.key == key));
            if !is_open {
                self.open.set(Loading::Asked);
                self.shown.set(None);
                let outline = load(format!("{FOLDER}/{key}/journey.json"), Outline::read).await;
                self.open.set(outline.map(|outline| Open { key: key.clone(), outline }));
            }
            let wanted = self.open.with_untracked(|open| match open {
                Loading::Loaded(open) => {
                    let position = open.outline.position(stage.as_deref());
                    Some((position, open.outline.stages.get(position)?.key.clone()))
                }
                _ => None,
            });
            let Some((position, stage)) = wanted else { return };
            match load(format!("{FOLDER}/{key}/{stage}.json"), |text| Design::from_json(text).ok()).await {
                Loading::Loaded(design) if self.is_still_wanted(&key) => {
                    self.places.sit_at(DeskName::Lesson, || self.editor.design().get_untracked());
                    self.editor.grow_into(design);
                    self.shown.set(Some(position));
                }
                Loading::Failed(reason) => self.open.set(Loading::Failed(reason)),
                _ => {}
            }
        });
    }

    /// Whether the person is still in this journey.
    fn is_still_wanted(self, key: &str) -> bool {
        self.places
            .place
            .with_untracked(|place| matches!(place, Fragment::Journey { journey: Some(journey), .. } if journey == key))
    }

    /// Where a stage of the open journey is; `None` if there is no such stage.
    pub fn place_of(self, position: usize) -> Option<Fragment> {
        self.open.with_untracked(|open| {
            let Loading::Loaded(open) = open else { return None };
            let stage = open.outline.stages.get(position)?;
            Some(Fragment::Journey { journey: Some(open.key.clone()), stage: Some(stage.key.clone()) })
        })
    }
}

impl<T> Loading<T> {
    /// Another thing made of what has come.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Loading<U> {
        match self {
            Self::Unasked => Loading::Unasked,
            Self::Asked => Loading::Asked,
            Self::Loaded(loaded) => Loading::Loaded(make(loaded)),
            Self::Failed(reason) => Loading::Failed(reason),
        }
    }
}

/// Loads a file and reads it.
pub async fn load<T>(path: String, read: impl FnOnce(&str) -> Option<T>) -> Loading<T> {
    match fetch::text(&path).await {
        Ok(text) => {
            read(&text).map_or_else(|| Loading::Failed(fill("learn.unreadable", &[("file", &path)])), Loading::Loaded)
        }
        Err(_) => Loading::Failed(text("learn.no_answer").to_owned()),
    }
}

/// Loads a file of the page into a signal, unless it is there or on its way.
pub fn load_once<T: Send + Sync + 'static>(
    into: RwSignal<Loading<T>>,
    path: String,
    read: impl FnOnce(&str) -> Option<T> + 'static,
) {
    if into.with_untracked(|loading| matches!(loading, Loading::Asked | Loading::Loaded(_))) {
        return;
    }
    into.set(Loading::Asked);
    web::spawn(async move { into.set(load(path, read).await) });
}

/// What happens at one moment of a script, as the words of a button.
fn words_of(design: &Design, acts: &[ScriptEvent]) -> String {
    let words: Vec<String> = acts.iter().map(|event| super::words::action(design, &event.action)).collect();
    words.join(", ")
}

/// The users that an action sets.
const fn users_of(action: &Action) -> Option<u64> {
    match action {
        Action::SetUsers(users) => Some(*users),
        _ => None,
    }
}
