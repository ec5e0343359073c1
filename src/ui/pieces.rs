//! Code that comes when it is needed: all that the first moving request can do without.
//!
//! The optimised page is cut along the tables below. Each is a file of its own, fetched once something in it is wanted,
//! or as soon as the first request moves and nothing else is to be done. Other builds have everything in one file, and
//! nothing has to be fetched. Only these tables may name what they hold: named anywhere else, it stays where it is named.

use std::pin::Pin;

use leptos::prelude::*;

use super::canvas::{Diagram, Hands, OpenMenu};
use super::desk::{Desk, Search};
use super::editor::Editor;
use super::engine::Engine;
use super::menu::FocusBefore;
use super::notices::Notices;
use super::places::Places;
use super::reaction::effect;
use super::{around, designs, help, interview, keeping, learn, menu, search, share};
use crate::design::file::Shared;
use crate::embed::params::Params;
use crate::text::{self, text};
use crate::web::{self, location, style};

/// Ticks of the run after which nothing more is waited for: a drawing may have nothing that moves.
const PATIENCE_TICKS: u64 = 10;

/// A piece could not be fetched.
#[derive(Clone, Copy, Debug)]
pub struct NotFetched;

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for NotFetched {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

type Fetching<T> = Pin<Box<dyn Future<Output = Result<T, NotFetched>>>>;

/// A table, and the function that fetches the piece with everything that the table names, and the style sheets of what
/// it shows.
macro_rules! piece {
    ($piece:ident() -> $Table:ident, dressed in $styles:expr, $entries:tt) => {
        #[cfg_attr(feature = "split", wasm_split_helpers::wasm_split($piece, fallible))]
        fn $piece() -> Result<&'static $Table, NotFetched> {
            static TABLE: $Table = $Table $entries;
            Ok(&TABLE)
        }

        impl $Table {
            /// Fetches it.
            pub fn fetch() -> Fetching<Self> {
                let styles = $styles.map(style::follow);
                Box::pin(async {
                    #[cfg(feature = "split")]
                    let table = $piece().await?;
                    #[cfg(not(feature = "split"))]
                    let table = $piece()?;
                    for style in styles {
                        style.await.map_err(|_| NotFetched)?;
                    }
                    Ok(*table)
                })
            }
        }
    };
}

/// What stands around the diagram, and all that can be done to it.
#[derive(Clone, Copy)]
pub struct Around {
    /// The words for everything.
    pub texts: &'static str,
    /// What the address presets.
    pub params: fn() -> Params,
    /// What the page opens with.
    pub first_design: fn(&Params, Notices) -> Shared,
    /// Listens and keeps from now on.
    pub begin: fn(),
    /// What stands above and to the left.
    pub head: fn() -> AnyView,
    /// What lies above the diagram and listens to it.
    pub hands: fn() -> AnyView,
    /// What stands on the stage, over the diagram.
    pub over: fn() -> AnyView,
    /// What stands below and to the right.
    pub tail: fn() -> AnyView,
}

piece! {
    around() -> Around, dressed in ["around.css", "guide.css", "panels.css"], {
        texts: crate::text::LATER,
        params: location::params,
        first_design: keeping::first_design,
        begin: around::begin,
        head: || view! { <around::Head/> }.into_any(),
        hands: || view! { <Hands/> }.into_any(),
        over: || view! { <around::Over/> }.into_any(),
        tail: || view! { <around::Tail/> }.into_any(),
    }
}

/// What opens over the page.
#[derive(Clone, Copy)]
pub struct Sheets {
    /// A menu.
    pub menu: fn(Desk, OpenMenu, FocusBefore) -> AnyView,
    /// The search.
    pub search: fn(Desk, Search) -> AnyView,
    /// The keys.
    pub help: fn() -> AnyView,
    /// Designs to begin with.
    pub designs: fn(RwSignal<bool>) -> AnyView,
    /// Ways to share.
    pub share: fn() -> AnyView,
}

piece! {
    sheets() -> Sheets, dressed in [], {
        menu: |desk, open, before| view! { <menu::MenuSheet desk open before/> }.into_any(),
        search: |desk, search| view! { <search::SearchInside desk search/> }.into_any(),
        help: || view! { <help::Keys/> }.into_any(),
        designs: |open| view! { <designs::Shelf open/> }.into_any(),
        share: || view! { <share::Ways/> }.into_any(),
    }
}

/// What guides through journeys and interviews.
#[derive(Clone, Copy)]
pub struct Guides {
    /// Follows the person from now on.
    pub begin: fn(Places, Editor, Engine),
    /// The journeys.
    pub learn: fn() -> AnyView,
    /// The tasks.
    pub interview: fn() -> AnyView,
    /// What has been measured of an answer.
    pub report: fn() -> AnyView,
}

piece! {
    guides() -> Guides, dressed in [], {
        begin: |places, editor, engine| {
            provide_context(learn::Lessons::new(places, editor));
            provide_context(interview::Interviews::new(places, editor, engine));
        },
        learn: || view! { <learn::LearnPanel/> }.into_any(),
        interview: || view! { <interview::InterviewPanel/> }.into_any(),
        report: || view! { <interview::ReportDialog/> }.into_any(),
    }
}

/// How far a piece has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress<T> {
    Away,
    Coming,
    Here(T),
    Lost,
}

/// A handle to a piece, whatever it holds.
#[derive(Clone, Copy)]
pub struct Piece<T: Copy + Send + Sync + 'static> {
    progress: RwSignal<Progress<T>>,
    fetch: fn() -> Fetching<T>,
    arrive: Callback<T>,
}

impl<T: Copy + Send + Sync> Piece<T> {
    /// Not fetched; `arrive` runs once it is there, before anything else uses it.
    fn new(fetch: fn() -> Fetching<T>, arrive: impl Fn(T) + Send + Sync + 'static) -> Self {
        Self { progress: RwSignal::new(Progress::Away), fetch, arrive: Callback::new(arrive) }
    }

    /// Fetches it, unless it is here or on its way.
    pub fn fetch(self) {
        web::spawn(self.fetched());
    }

    async fn fetched(self) {
        if matches!(self.progress.get_untracked(), Progress::Here(_) | Progress::Coming) {
            return;
        }
        self.progress.set(Progress::Coming);
        let fetched = (self.fetch)().await;
        if let Ok(table) = fetched {
            self.arrive.run(table);
        }
        self.progress.set(fetched.map_or(Progress::Lost, Progress::Here));
    }

    /// What it holds, once it is there; whoever asks is called again then.
    pub fn here(self) -> Option<T> {
        match self.progress.get() {
            Progress::Here(table) => Some(table),
            Progress::Away | Progress::Coming | Progress::Lost => None,
        }
    }
}

/// Handle to all pieces.
#[derive(Clone, Copy)]
pub struct Pieces {
    /// What stands around the diagram.
    pub around: Piece<Around>,
    /// What opens over the page.
    pub sheets: Piece<Sheets>,
    /// What guides.
    pub guides: Piece<Guides>,
}

impl Pieces {
    /// Nothing is fetched yet, but what stands around the diagram may be here already. Whatever comes begins its work
    /// where this is called, and finds what is provided there.
    pub fn new(around: Option<Around>, places: Places, editor: Editor, engine: Engine) -> Self {
        let owner = Owner::current().expect("the page is being made");
        let guides_owner = owner.clone();
        let pieces = Self {
            around: Piece::new(Around::fetch, move |around| {
                text::add(around.texts);
                owner.with(around.begin);
            }),
            sheets: Piece::new(Sheets::fetch, |_| {}),
            guides: Piece::new(Guides::fetch, move |guides| {
                guides_owner.with(|| (guides.begin)(places, editor, engine));
            }),
        };
        if let Some(around) = around {
            pieces.around.progress.set(Progress::Here(around));
        }
        pieces
    }

    /// Fetches everything as soon as the first request moves, or when none will: nobody then waits for it later.
    pub fn fetch_in_peace(self, engine: Engine, diagram: Diagram) {
        let has_begun = StoredValue::new(false);
        let leads_on = location::fragment().is_some();
        effect(move || {
            let is_settled = leads_on
                || diagram.has_moved.get()
                || diagram.is_still.get()
                || !engine.playing.get()
                || engine.failure.with(Option::is_some)
                || engine.problems.with(|problems| !problems.is_empty())
                || engine.tick.get() >= PATIENCE_TICKS;
            if is_settled && !has_begun.get_value() {
                has_begun.set_value(true);
                web::spawn(async move {
                    self.around.fetched().await;
                    self.sheets.fetched().await;
                    self.guides.fetched().await;
                    web::announce("headroom-settled", "");
                });
            }
        });
    }
}

/// The pieces of the page.
pub fn use_pieces() -> Pieces {
    expect_context()
}

/// Shows something of a piece, or words while that is on its way.
#[component]
pub fn Later<T: Copy + Send + Sync + 'static>(
    /// What it comes with.
    piece: Piece<T>,
    /// Makes it.
    #[prop(into)]
    view: Callback<T, AnyView>,
) -> impl IntoView {
    piece.fetch();
    move || match piece.progress.get() {
        Progress::Here(table) => view.run(table),
        Progress::Away | Progress::Coming => waiting(),
        Progress::Lost => lost(move || piece.fetch()),
    }
}

/// Words, in case what stands around the diagram does not come.
#[component]
pub fn AroundLost() -> impl IntoView {
    let around = use_pieces().around;
    move || matches!(around.progress.get(), Progress::Lost).then(|| lost(move || around.fetch()))
}

/// Words while a piece is on its way.
fn waiting() -> AnyView {
    view! { <p class="later quiet" role="status">{text("pieces.coming")}</p> }.into_any()
}

/// Words for a piece that did not come, and a way to try again.
fn lost(again: impl Fn() + 'static) -> AnyView {
    view! {
        <div class="later">
            <p class="refusal" role="alert">{text("pieces.lost")}</p>
            <button type="button" class="text-button" on:click=move |_| again()>
                {text("pieces.again")}
            </button>
        </div>
    }
    .into_any()
}
