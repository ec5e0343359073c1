//! The running simulation as the page sees it: the newest snapshot, the last minutes, and commands.
//!
//! Frames from the engine are not signals. The canvas reads the newest one in its own loop; [`Engine::tick`] tells
//! readers a few times a second that it is time to look again. What the person draws reaches the worker through
//! [`run`], which sends only what has changed.

pub mod advice;
mod capacity;
mod faults;
mod run;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

pub use self::advice::Advice;
pub use self::capacity::CapacityState;
use crate::bridge::message::{Deed, Reach, ToEngine};
use crate::design::Design;
use crate::design::script::Action;
use crate::editor::faults::AtWork;
use crate::embed::params::Params;
use crate::learn::alerts::{Alert, Watch};
use crate::learn::explain::Capacity;
use crate::learn::figures::Totals;
use crate::learn::series::{Cost, Series};
use crate::learn::shelf::{Pinned, TraceShelf};
use crate::network::{self, Network, Problem};
use crate::sim::snapshot::{LogEntry, Snapshot};
use crate::ui::editor::Editor;
use crate::units::{SimDuration, SimTime};
use crate::web::worker::EngineFailure;

/// How far back recent figures look.
const LOOKS_BACK: SimDuration = SimDuration::from_secs(2);

/// How far back the price of use looks: what is paid for one by one may be rare.
const COST_LOOKS_BACK: SimDuration = SimDuration::from_secs(30);

/// Seed of runs when nothing else is asked for.
const DEFAULT_SEED: u64 = 1;

/// Handle to the running simulation.
#[derive(Clone, Copy)]
pub struct Engine {
    latest: StoredValue<Rc<Snapshot>, LocalStorage>,
    /// Counts up whenever readers should look at the newest snapshot again, about five times a second.
    pub tick: RwSignal<u64>,
    /// Count up in the frames after a tick, one in each: those who have more to read and to paint than fits into one frame
    /// look again in turn; see [`Turn`].
    turns: [RwSignal<u64>; Turn::COUNT],
    /// Whether the run is going on.
    pub playing: RwSignal<bool>,
    /// Simulated seconds per real second that the person wants.
    pub speed: RwSignal<f64>,
    /// Simulated seconds per real second reached lately.
    pub speed_reached: RwSignal<f64>,
    /// A failure that ended the run.
    pub failure: RwSignal<Option<EngineFailure>>,
    /// Registered users of the run; while the slider is being pulled, ahead of the design's.
    pub users: RwSignal<u64>,
    /// What is wrong with the drawing, worst first.
    pub problems: RwSignal<Vec<Problem>>,
    /// How far the drawing carries.
    pub capacity: RwSignal<CapacityState>,
    /// Which faults are at work, and where.
    pub at_work: RwSignal<AtWork>,
    /// How strong the faults are that people begin.
    strengths: RwSignal<faults::Strengths>,
    /// What would help.
    pub advice: RwSignal<Advice>,
    /// Seed of the next run.
    pub seed: RwSignal<u64>,
    /// Which times of the run can be shown.
    pub reach: RwSignal<Reach>,
    /// The request that is being looked at.
    pub pinned: RwSignal<Option<Pinned>>,
    /// Counts requests picked on the diagram.
    pub picked: RwSignal<u32>,
    series: StoredValue<Series, LocalStorage>,
    log: StoredValue<VecDeque<LogEntry>, LocalStorage>,
    deeds: StoredValue<VecDeque<Deed>, LocalStorage>,
    shelf: StoredValue<TraceShelf, LocalStorage>,
    alerts: StoredValue<(Watch, VecDeque<Alert>), LocalStorage>,
    run: StoredValue<run::Run, LocalStorage>,
    /// What it takes to follow changes of the drawing; `None` as long as there are none, and nothing is wrong with it.
    check: StoredValue<Option<Check>>,
}

/// Who looks again in which frame after a tick.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// The chart at this place in its panel; those beyond the fourth share its turn.
    Chart(usize),
    /// The words for cards and links that are read aloud.
    Names,
}

impl Turn {
    /// How many frames it takes until all have had their turn.
    const COUNT: usize = 5;

    /// The frame after a tick, counted from 0.
    fn place(self) -> usize {
        match self {
            Self::Chart(place) => place.min(Self::COUNT - 2),
            Self::Names => Self::COUNT - 1,
        }
    }
}

/// What it takes to follow changes of a drawing.
#[derive(Clone, Copy)]
struct Check {
    /// Finds what is wrong with it, worst first.
    problems: fn(&Design) -> Vec<Problem>,
    /// Whether two networks are the same.
    is_same: fn(&Network, &Network) -> bool,
}

impl Engine {
    /// Starts a worker and keeps it running whatever `editor` holds. `seed` is the seed of a link, if there was one.
    pub fn start(editor: Editor, params: &Params, seed: Option<u64>) -> Self {
        let engine = Self {
            latest: StoredValue::new_local(Rc::default()),
            tick: RwSignal::new(0),
            turns: core::array::from_fn(|_| RwSignal::new(0)),
            playing: RwSignal::new(params.autoplay),
            speed: RwSignal::new(params.speed.unwrap_or(1.0)),
            speed_reached: RwSignal::new(0.0),
            failure: RwSignal::new(None),
            users: RwSignal::new(editor.design().with_untracked(|design| design.settings().users)),
            problems: RwSignal::default(),
            capacity: RwSignal::new(CapacityState::Unknown),
            at_work: RwSignal::default(),
            strengths: RwSignal::default(),
            advice: RwSignal::default(),
            seed: RwSignal::new(params.seed.or(seed).unwrap_or(DEFAULT_SEED)),
            reach: RwSignal::default(),
            pinned: RwSignal::new(None),
            picked: RwSignal::new(0),
            series: StoredValue::new_local(Series::default()),
            log: StoredValue::new_local(VecDeque::new()),
            deeds: StoredValue::new_local(VecDeque::new()),
            shelf: StoredValue::new_local(TraceShelf::default()),
            alerts: StoredValue::new_local(Default::default()),
            run: StoredValue::new_local(run::Run::new(params.start, params.stop_after, params.loops)),
            check: StoredValue::new(None),
        };
        run::start(engine, editor);
        engine
    }

    /// From now on the drawing may be any: it is checked before it runs, and measured once it has been left alone.
    pub fn follow_changes(self, editor: Editor) {
        self.check.set_value(Some(Check { problems: network::problems, is_same: Network::eq }));
        self.run.update_value(run::Run::look_again);
        capacity::keep_measured(self, editor);
    }

    /// The newest snapshot, untracked; read [`Engine::tick`] to be called again.
    pub fn latest(self) -> Rc<Snapshot> {
        self.latest.get_value()
    }

    /// The newest snapshot, for readers that want to be called again at every tick.
    pub fn watched(self) -> Rc<Snapshot> {
        self.tick.track();
        self.latest()
    }

    /// Counts the ticks after which these readers have had their turn; follows them.
    pub fn turn(self, turn: Turn) -> u64 {
        self.turns[turn.place()].get()
    }

    /// Looks at the last minutes, untracked.
    pub fn with_series<T>(self, look: impl FnOnce(&Series) -> T) -> T {
        self.series.with_value(look)
    }

    /// The whole over the last moments before `at`, untracked: as sentence, totals and messages tell it.
    pub fn recent(self, at: SimTime) -> Totals {
        self.with_series(|series| series.totals(at, LOOKS_BACK))
    }

    /// What the design costs as it was used before `at`, untracked.
    pub fn cost(self, at: SimTime) -> Cost {
        self.with_series(|series| series.cost(at, COST_LOOKS_BACK))
    }

    /// Looks at what has happened, oldest first, untracked.
    pub fn with_log<T>(self, look: impl FnOnce(&VecDeque<LogEntry>) -> T) -> T {
        self.log.with_value(look)
    }

    /// Looks at what people have done, oldest first, untracked.
    pub fn with_deeds<T>(self, look: impl FnOnce(&VecDeque<Deed>) -> T) -> T {
        self.deeds.with_value(look)
    }

    /// Looks at the times in which the objective was missed, oldest first, untracked.
    pub fn with_alerts<T>(self, look: impl FnOnce(&VecDeque<Alert>) -> T) -> T {
        self.alerts.with_value(|(_, alerts)| look(alerts))
    }

    /// Looks at the sampled requests that are kept, untracked.
    pub fn with_shelf<T>(self, look: impl FnOnce(&TraceShelf) -> T) -> T {
        self.shelf.with_value(look)
    }

    /// Looks at one request. One that is not known to have ended is waited for.
    pub fn pin(self, request: u64) {
        let ended = self.with_shelf(|shelf| shelf.find(request).cloned().map(Arc::new));
        self.pinned.set(Some(ended.map_or(Pinned::UnderWay(request), Pinned::Ended)));
    }

    /// Looks at a request that was picked on the diagram.
    pub fn pick(self, request: u64) {
        self.pin(request);
        self.picked.update(|count| *count += 1);
    }

    /// Shows the run at another time, and rests there; sent with the next frame.
    pub fn seek(self, at: SimTime) {
        self.run.update_value(|run| run.seek(at, self.playing.get_untracked()));
        self.playing.set(false);
    }

    /// Goes back to before the last event, and rests there.
    pub fn step_back(self) {
        self.playing.set(false);
        run::flush(self);
        self.post(&ToEngine::StepBack);
    }

    /// Shows the run as far as it has come; it goes on if it did when it was left.
    pub fn go_live(self) {
        if self.run.try_update_value(run::Run::go_live) == Some(true) {
            self.playing.set(true);
        }
    }

    /// Whether an earlier moment is shown than the run has come to; follows both.
    pub fn is_past(self) -> bool {
        self.watched().now < self.reach.get().live
    }

    /// Sends a message to the worker.
    pub fn post(self, message: &ToEngine) {
        self.run.with_value(|run| run.post(message));
    }

    /// Does something to the running system now.
    pub fn act(self, action: Action) {
        self.post(&ToEngine::Act(action));
    }

    /// Runs if the run rests, and the other way round.
    pub fn toggle_playing(self) {
        self.playing.update(|playing| *playing = !*playing);
    }

    /// Advances to the next event, then rests.
    pub fn step(self) {
        self.playing.set(false);
        run::flush(self);
        self.post(&ToEngine::Step);
    }

    /// Tells whether the page can be seen; while it cannot, the run rests.
    pub fn set_in_view(self, is_in_view: bool) {
        run::set_in_view(self, is_in_view);
    }

    /// Starts a new run of the present drawing from time zero.
    pub fn restart(self) {
        self.run.update_value(run::Run::ask_for_restart);
    }

    /// How far the drawing carries; `None` while it is not known.
    pub fn known_capacity(self) -> Option<Capacity> {
        match self.capacity.get() {
            CapacityState::Known(capacity) => Some(capacity),
            CapacityState::Unknown | CapacityState::Measuring(_) => None,
        }
    }
}

/// The engine that the page provided.
pub fn use_engine() -> Engine {
    expect_context()
}
