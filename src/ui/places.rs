//! Where the person is: at their own design, in a lesson, or in an interview. Each place has a desk of its own, so that
//! nothing drawn at one is lost by going to another; and an address, so that links and the browser's buttons lead there.

use leptos::prelude::*;

use super::editor::{Desk, Editor};
use super::engine::Engine;
use super::keeping::{self, Keeper};
use super::notices::{Notices, Weight};
use super::preferences::{Preferences, Sheet};
use crate::design::Design;
use crate::embed::fragment::Fragment;
use crate::text::text;
use crate::web::location;

/// What the person is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Trying things out on a design of their own.
    #[default]
    Play,
    /// Stepping through a journey.
    Learn,
    /// Solving a task against the clock.
    Interview,
}

impl Mode {
    /// All modes, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Play, Self::Learn, Self::Interview];

    /// Name in texts and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Play => "play",
            Self::Learn => "learn",
            Self::Interview => "interview",
        }
    }

    /// The place that the switch leads to.
    const fn entrance(self) -> Fragment {
        match self {
            Self::Play => Fragment::Own,
            Self::Learn => Fragment::Journey { journey: None, stage: None },
            Self::Interview => Fragment::Interview(None),
        }
    }
}

/// A desk with a drawing on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskName {
    /// The person's own design.
    Own,
    /// A stage of a journey.
    Lesson,
    /// The answer to an interview.
    Interview,
}

impl DeskName {
    /// Where the browser keeps what is drawn there; a lesson can be had again.
    const fn key(self) -> Option<&'static str> {
        match self {
            Self::Own => Some(keeping::KEY),
            Self::Lesson => None,
            Self::Interview => Some(keeping::INTERVIEW_KEY),
        }
    }
}

/// Handle to where the person is.
#[derive(Clone, Copy)]
pub struct Places {
    /// Where the person is, or is about to be.
    pub place: RwSignal<Fragment>,
    /// The desk whose drawing is on the page.
    pub desk: RwSignal<DeskName>,
    /// Desks that are not in use, with what lies on them.
    aside: StoredValue<Vec<(DeskName, Desk)>>,
    editor: Editor,
    engine: Engine,
    notices: Notices,
    keeper: StoredValue<Option<Keeper>>,
}

impl Places {
    /// At the person's own design, whatever the address says; [`Places::follow_address`] goes where it leads.
    pub fn new(editor: Editor, engine: Engine, notices: Notices) -> Self {
        Self {
            place: RwSignal::default(),
            desk: RwSignal::new(DeskName::Own),
            aside: StoredValue::default(),
            editor,
            engine,
            notices,
            keeper: StoredValue::new(None),
        }
    }

    /// Has the drawing of each desk kept from now on.
    pub fn keep_by(self, keeper: Keeper) {
        self.keeper.set_value(Some(keeper));
    }

    /// What the person is doing.
    pub fn mode(self) -> Mode {
        self.place.with(|place| match place {
            Fragment::Own | Fragment::Design(_) => Mode::Play,
            Fragment::Journey { .. } => Mode::Learn,
            Fragment::Interview(_) => Mode::Interview,
        })
    }

    /// Goes where the address leads, now and whenever the browser's buttons or the person change it.
    pub fn follow_address(self, preferences: Preferences) {
        let address = || Fragment::parse(&location::fragment().unwrap_or_default());
        let arrive = move || self.arrive(address());
        // A design in the address has been read already.
        if !matches!(address(), Fragment::Design(_)) {
            arrive();
        }
        // The page lives as long as its window.
        gloo_events::EventListener::new(&window(), "popstate", move |_| arrive()).forget();
        Effect::new(move |before: Option<Mode>| {
            let mode = self.mode();
            if before != Some(mode) {
                // On a narrow screen the guide is what one came for.
                let sheet = (mode != Mode::Play).then_some(Sheet::Guide);
                if before.is_some() || sheet.is_some() {
                    preferences.sheet.set(sheet);
                }
            }
            mode
        });
    }

    /// Goes to a place, with an entry in the browser's history.
    pub fn go(self, place: Fragment) {
        if self.place.with_untracked(|here| *here != place) {
            location::push_fragment(&place.print());
            self.arrive(place);
        }
    }

    fn arrive(self, place: Fragment) {
        if let Fragment::Design(link) = &place {
            location::replace_fragment("");
            if let Some(shared) = keeping::read_link(link, self.notices) {
                self.sit_at(DeskName::Own, Design::new);
                self.engine.seed.update(|seed| *seed = shared.seed.unwrap_or(*seed));
                self.engine.begin_with(shared.faults);
                self.editor.want_sight(shared.sight);
                self.editor.open(shared.design);
            }
            self.place.set(Fragment::Own);
            return;
        }
        if place == Fragment::Own {
            self.sit_at(DeskName::Own, Design::new);
        }
        if self.place.with_untracked(|here| *here != place) {
            self.place.set(place);
        }
    }

    /// Takes out what lies on a desk, or what `fresh` gives if nothing does; what is on the page is put aside.
    /// Whether the desk is another one than before.
    pub fn sit_at(self, desk: DeskName, fresh: impl FnOnce() -> Design) -> bool {
        let before = self.desk.get_untracked();
        if before == desk {
            return false;
        }
        if let Some(keeper) = self.keeper.get_value() {
            keeper.turn_to(desk.key());
        }
        let found = self.aside.try_update_value(|aside| {
            let position = aside.iter().position(|(name, _)| *name == desk)?;
            Some(aside.swap_remove(position).1)
        });
        let put_aside = self.editor.exchange(found.flatten().unwrap_or_else(|| Desk::new(fresh())));
        self.aside.update_value(|aside| aside.push((before, put_aside)));
        self.desk.set(desk);
        true
    }

    /// Takes what is on the page over as the person's own design. Undo brings the one before back.
    pub fn make_own(self) {
        let design = self.editor.design().get_untracked();
        self.sit_at(DeskName::Own, Design::new);
        self.editor.open(design);
        self.go(Fragment::Own);
        self.notices.tell(Weight::Success, text("modes.made_own").to_owned());
    }
}

/// Where the person is, as the page provided it.
pub fn use_places() -> Places {
    expect_context()
}

/// The switch between the modes.
#[component]
pub fn ModeSwitch() -> impl IntoView {
    let places = use_places();
    view! {
        <nav class="modes" aria-label=text("modes.label")>
            {Mode::ALL
                .map(|mode| {
                    view! {
                        <button
                            type="button"
                            class="mode"
                            data-mode=mode.key()
                            aria-current=move || (places.mode() == mode).then_some("page")
                            on:click=move |_| {
                                if places.mode() != mode {
                                    places.go(mode.entrance());
                                }
                            }
                        >
                            {text(&format!("modes.{}", mode.key())).to_owned()}
                        </button>
                    }
                })}
        </nav>
    }
}
