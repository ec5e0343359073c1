//! Interviews on the page: a task, a clock with phases, and the report at the end. What is drawn lies on a desk of its
//! own and survives a reload, and so does the clock.

mod panel;
mod report;

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::panel::InterviewPanel;
pub use self::report::ReportDialog;
use super::editor::Editor;
use super::engine::Engine;
use super::keeping;
use super::learn::{Loading, load, load_once};
use super::places::{DeskName, Places};
use super::words;
use crate::bridge::message::{FromEngine, ToEngine};
use crate::design::Design;
use crate::embed::fragment::Fragment;
use crate::interview::{Prompt, PromptEntry, Report, Terms, read_index};
use crate::text::text;
use crate::ui::reaction::effect;
use crate::web::worker::EngineWorker;
use crate::web::{self, storage};

/// Folder of the tasks, relative to the page.
const FOLDER: &str = "interviews";
/// Where the browser keeps the clock.
const CLOCK_KEY: &str = "headroom.interview.clock";
/// Seconds of a minute.
const MINUTE_SECS: f64 = 60.0;

/// Phases with their usual length [min]; 40 in all.
///
/// # Sources
/// The framework of Hello Interview: requirements, entities and interfaces, high-level design, deep dives.
pub const PHASES: [(&str, u32); 5] =
    [("requirements", 5), ("interfaces", 5), ("design", 15), ("depth", 10), ("summary", 5)];

/// A task with its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its key.
    pub key: String,
    /// What is asked.
    pub prompt: Prompt,
}

/// How far an answer has got.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Progress {
    /// The task is being read; the clock stands.
    #[default]
    Reading,
    /// The clock runs.
    Answering,
    /// The answer is being measured; share done, 0 to 1.
    Measuring(f64),
    /// It has been measured.
    Measured(Box<Report>),
}

/// The clock: which phase, and when it ends [ms since 1970].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    key: String,
    phase: usize,
    ends_at_ms: f64,
}

/// Handle to the interviews.
#[derive(Clone, Copy)]
pub struct Interviews {
    /// The list of all tasks.
    pub index: RwSignal<Loading<Vec<PromptEntry>>>,
    /// The task that is open.
    pub task: RwSignal<Loading<Task>>,
    /// How far the answer has got.
    pub progress: RwSignal<Progress>,
    /// What keeps the answer from being measured, in words.
    pub hindrance: RwSignal<Option<String>>,
    /// Whether the report is shown.
    pub report_open: RwSignal<bool>,
    clock: RwSignal<Clock>,
    now_ms: RwSignal<f64>,
    ticking: StoredValue<Option<Interval>, LocalStorage>,
    worker: StoredValue<Option<EngineWorker>, LocalStorage>,
    places: Places,
    editor: Editor,
    engine: Engine,
}

impl Interviews {
    /// Nothing loaded; follows `places`.
    pub fn new(places: Places, editor: Editor, engine: Engine) -> Self {
        let interviews = Self {
            index: RwSignal::default(),
            task: RwSignal::default(),
            progress: RwSignal::default(),
            hindrance: RwSignal::new(None),
            report_open: RwSignal::new(false),
            clock: RwSignal::default(),
            now_ms: RwSignal::new(js_sys::Date::now()),
            ticking: StoredValue::new_local(None),
            worker: StoredValue::new_local(None),
            places,
            editor,
            engine,
        };
        effect(move || {
            let Fragment::Interview(key) = places.place.get() else { return };
            match key {
                None => load_once(interviews.index, format!("{FOLDER}/index.json"), read_index),
                Some(key) => interviews.open(key),
            }
        });
        interviews
    }

    /// Opens a task, unless it is open.
    fn open(self, key: String) {
        let is_open = self.task.with_untracked(|task| matches!(task, Loading::Loaded(task) if task.key == key));
        if is_open {
            if self.progress.with_untracked(|progress| *progress != Progress::Reading) {
                self.places.sit_at(DeskName::Interview, Design::new);
            }
            return;
        }
        self.task.set(Loading::Asked);
        self.progress.set(Progress::Reading);
        self.hindrance.set(None);
        web::spawn(async move {
            let prompt = load(format!("{FOLDER}/{key}/prompt.json"), |text| Prompt::read(text).ok()).await;
            self.task.set(prompt.map(|prompt| Task { key, prompt }));
        });
    }

    /// The clock and the answer that the browser has kept of the task that is open; `None` if there are none.
    pub fn kept(self) -> Option<(Clock, Design)> {
        let clock: Clock = serde_json::from_str(&storage::read(CLOCK_KEY).ok()??).ok()?;
        let design = Design::from_json(&storage::read(keeping::INTERVIEW_KEY).ok()??).ok()?;
        let is_this = self.task.with(|task| matches!(task, Loading::Loaded(task) if task.key == clock.key));
        (is_this && clock.phase < PHASES.len()).then_some((clock, design))
    }

    /// Starts the clock before a blank canvas.
    pub fn start(self) {
        let Some(task) = self.task_untracked() else { return };
        self.sit_down(task.prompt.canvas());
        self.clock.update(|clock| clock.key = task.key);
        self.enter(0);
    }

    /// Goes on with what the browser has kept.
    pub fn resume(self) {
        let Some((clock, design)) = self.kept() else { return };
        self.sit_down(design);
        self.clock.set(clock);
        self.progress.set(Progress::Answering);
        self.tick();
    }

    fn sit_down(self, design: Design) {
        self.places.sit_at(DeskName::Interview, Design::new);
        self.editor.open(design);
    }

    fn enter(self, phase: usize) {
        let (_, minutes) = PHASES[phase];
        let ends_at_ms = js_sys::Date::now() + f64::from(minutes) * MINUTE_SECS * 1e3;
        self.clock.update(|clock| (clock.phase, clock.ends_at_ms) = (phase, ends_at_ms));
        self.progress.set(Progress::Answering);
        self.keep_clock();
        self.tick();
    }

    /// Goes on to the next phase.
    pub fn skip(self) {
        let next = self.clock.with_untracked(|clock| clock.phase + 1);
        if next < PHASES.len() {
            self.enter(next);
        }
    }

    /// The phase that the clock is in.
    pub fn phase(self) -> usize {
        self.clock.with(|clock| clock.phase)
    }

    /// Time that the phase has left [s]; negative once it is over.
    pub fn left_secs(self) -> f64 {
        (self.clock.with(|clock| clock.ends_at_ms) - self.now_ms.get()) / 1e3
    }

    fn tick(self) {
        self.now_ms.set(js_sys::Date::now());
        let interval = Interval::new(1000, move || {
            self.now_ms.set(js_sys::Date::now());
            let is_over = self.now_ms.get_untracked() >= self.clock.with_untracked(|clock| clock.ends_at_ms);
            if is_over {
                // The last phase has no next one; its clock then tells by how much it is over.
                self.skip();
            }
        });
        self.ticking.set_value(Some(interval));
    }

    fn keep_clock(self) {
        let text = self.clock.with_untracked(|clock| serde_json::to_string(clock).expect("a clock is plain data"));
        // A browser that keeps nothing has said so when the page opened.
        let _ = storage::write(CLOCK_KEY, &text);
    }

    fn task_untracked(self) -> Option<Task> {
        self.task.with_untracked(|task| match task {
            Loading::Loaded(task) => Some(task.clone()),
            _ => None,
        })
    }

    /// What the answer is measured against; `None` while no task is open.
    pub fn terms(self) -> Option<Terms> {
        self.task.with(|task| match task {
            Loading::Loaded(task) => Some(task.prompt.terms(self.engine.seed.get_untracked())),
            _ => None,
        })
    }

    /// Measures the answer, or says what is in the way.
    pub fn finish(self) {
        let Some(task) = self.task_untracked() else { return };
        let network = self.editor.design().with_untracked(|answer| task.prompt.network(answer));
        let network = match network {
            Ok(network) => network,
            Err(problems) => {
                self.hindrance.set(problems.first().map(ToString::to_string));
                return;
            }
        };
        self.hindrance.set(None);
        self.progress.set(Progress::Measuring(0.0));
        let worker = EngineWorker::start(
            move |message| self.receive(message),
            move |failure| {
                self.hindrance.set(Some(words::engine_failure(&failure)));
                self.progress.set(Progress::Answering);
            },
        );
        match worker {
            Ok(worker) => {
                let terms = task.prompt.terms(self.engine.seed.get_untracked());
                worker.post(&ToEngine::Examine { question: 0, network, terms });
                self.worker.set_value(Some(worker));
            }
            Err(failure) => {
                self.hindrance.set(Some(words::engine_failure(&failure)));
                self.progress.set(Progress::Answering);
            }
        }
    }

    /// Stops measuring, and goes on answering.
    pub fn go_on(self) {
        self.worker.set_value(None);
        self.progress.set(Progress::Answering);
    }

    fn receive(self, message: FromEngine) {
        match message {
            FromEngine::Examining { share, .. } => self.progress.set(Progress::Measuring(share)),
            FromEngine::Examined { report, .. } => {
                self.worker.set_value(None);
                self.ticking.set_value(None);
                self.progress.set(Progress::Measured(report));
                self.report_open.set(true);
            }
            // This worker runs nothing and is asked nothing else.
            FromEngine::Ready { .. }
            | FromEngine::Snapshot { .. }
            | FromEngine::Capacity { .. }
            | FromEngine::Crashed { .. } => {}
        }
    }

    /// Puts a design that passes on the page; Undo brings the answer back.
    pub fn show_reference(self) {
        let Some(task) = self.task_untracked() else { return };
        web::spawn(async move {
            let path = format!("{FOLDER}/{}/reference.json", task.key);
            match load(path, |text| Design::from_json(text).ok()).await {
                Loading::Loaded(design) => {
                    self.report_open.set(false);
                    self.editor.open(design);
                }
                _ => self.hindrance.set(Some(text("learn.no_answer").to_owned())),
            }
        });
    }
}
