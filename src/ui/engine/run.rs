//! Keeps the worker's run in step with the drawing, the slider and the time controls.
//!
//! Everything is sent from the page's frame loop, so that a hundred pointer events between two frames become one
//! message. One snapshot is asked for at a time; the next once it has come.

use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::*;

use super::{Engine, Turn};
use crate::bridge::message::{Deed, FromEngine, Reach, RunId, SLOW_MOTION, ToEngine};
use crate::design::script::Action;
use crate::editor::faults::AtWork;
use crate::learn::shelf::Pinned;
use crate::network::{self, Network, Severity};
use crate::objective::Objective;
use crate::sim::snapshot::{LogEntry, Snapshot};
use crate::sorted;
use crate::ui::editor::Editor;
use crate::ui::reaction::{effect, memo};
use crate::units::{SimDuration, SimTime};
use crate::web::frame_loop::FrameLoop;
use crate::web::worker::EngineWorker;

/// Least time between two requests for a snapshot, more for each machine and link that it tells of, up to a limit [ms]:
/// what it costs to take in grows with them.
const SNAPSHOT_EVERY_MS: f64 = 33.0;
const SNAPSHOT_EVERY_MS_EACH: f64 = 0.1;
const SNAPSHOT_EVERY_MS_MOST: f64 = 100.0;
/// Least time between two changes of the drawing or the users [ms].
const CHANGE_EVERY_MS: f64 = 50.0;
/// Least time between two ticks [ms].
const TICK_EVERY_MS: f64 = 200.0;
/// How long the engine's own number of users is not believed after one was sent [ms].
const USERS_SETTLE_MS: f64 = 1000.0;
/// Requests to sample per real second for the moving picture.
const TRACES_PER_SEC: u32 = 300;
/// Deeds of the same sort within this time are one.
const ONE_DEED: SimDuration = SimDuration::from_secs(2);
/// Log entries kept, and as many deeds.
const LOG_KEPT: usize = 500;

/// What the page knows about the worker's run.
pub struct Run {
    worker: Option<EngineWorker>,
    /// Goes on for as long as this is kept.
    frames: Option<FrameLoop>,
    id: RunId,
    /// The network that runs, but for its users; `None` before the first start.
    network: Option<Network>,
    /// Users that the worker was told last.
    users_sent: u64,
    users_sent_at_ms: f64,
    /// Users that the engine reported last.
    users_reported: u64,
    playing_sent: Option<bool>,
    speed_sent: Option<f64>,
    skip_to: SimTime,
    stop_at: Option<SimTime>,
    loops: bool,
    /// The drawing has changed since it was compiled last.
    is_dirty: bool,
    /// The present drawing compiles.
    is_runnable: bool,
    wants_restart: bool,
    /// What goes wrong as the next run begins.
    first_faults: Vec<Action>,
    is_hidden: bool,
    is_out_of_view: bool,
    snapshot_asked: bool,
    /// Run control was sent after the snapshot was asked for, so what it says about playing is out of date.
    control_since_asked: bool,
    snapshot_asked_at_ms: f64,
    change_sent_at_ms: f64,
    ticked_at_ms: f64,
    /// Turns taken since the last tick.
    turns: usize,
    has_news: bool,
    /// The time to show next.
    wanted_moment: Option<SimTime>,
    /// The run was going on when it was left for an earlier moment.
    was_playing: bool,
    /// Branches of the run that have been heard of.
    branches: u32,
    /// What the drawing promises.
    objective: Objective,
}

impl Run {
    /// Nothing sent yet; the run will be watched from `skip_to` on, and rest at `stop_at`, or start anew there if it
    /// `loops`.
    pub const fn new(skip_to: SimTime, stop_at: Option<SimTime>, loops: bool) -> Self {
        Self {
            worker: None,
            frames: None,
            id: RunId(0),
            network: None,
            users_sent: 0,
            users_sent_at_ms: 0.0,
            users_reported: 0,
            playing_sent: None,
            speed_sent: None,
            skip_to,
            stop_at,
            loops,
            is_dirty: true,
            is_runnable: false,
            wants_restart: false,
            first_faults: Vec::new(),
            is_hidden: false,
            is_out_of_view: false,
            snapshot_asked: false,
            control_since_asked: false,
            snapshot_asked_at_ms: 0.0,
            change_sent_at_ms: f64::NEG_INFINITY,
            ticked_at_ms: 0.0,
            turns: Turn::COUNT,
            has_news: false,
            wanted_moment: None,
            was_playing: false,
            branches: 0,
            objective: Objective { percentile: 99.0, latency_secs: 0.5, error_share: 0.001 },
        }
    }

    /// Sends a message, if there is a worker.
    pub fn post(&self, message: &ToEngine) {
        if let Some(worker) = &self.worker {
            worker.post(message);
        }
    }

    /// Whether nobody can see the run.
    const fn is_unwatched(&self) -> bool {
        self.is_hidden || self.is_out_of_view
    }

    /// The next frame asks for another moment. `playing` says whether the run is being left as it goes on.
    pub fn seek(&mut self, at: SimTime, playing: bool) {
        self.wanted_moment = Some(at);
        self.was_playing |= playing;
        self.control_since_asked = true;
    }

    /// Asks for the run as far as it has come; gives whether it was going on when it was left.
    pub fn go_live(&mut self) -> bool {
        self.wanted_moment = None;
        self.post(&ToEngine::GoLive);
        std::mem::take(&mut self.was_playing)
    }

    /// Lets this go wrong as the next run begins.
    pub fn begin_with(&mut self, faults: Vec<Action>) {
        self.first_faults = faults;
    }

    /// The next frame looks at the drawing again.
    pub const fn look_again(&mut self) {
        self.is_dirty = true;
    }

    /// The next frame starts a new run.
    pub const fn ask_for_restart(&mut self) {
        self.wants_restart = true;
        self.is_dirty = true;
    }
}

/// Starts the worker and the frame loop.
pub fn start(engine: Engine, editor: Editor) {
    let worker =
        EngineWorker::start(move |message| receive(engine, message), move |failure| engine.failure.set(Some(failure)));
    match worker {
        Ok(worker) => engine.run.update_value(|run| run.worker = Some(worker)),
        Err(failure) => engine.failure.set(Some(failure)),
    }
    follow_design(engine, editor);
    let frames = FrameLoop::new(move |now_ms| {
        frame(engine, editor, now_ms);
        true
    });
    frames.ask();
    engine.run.update_value(|run| run.frames = Some(frames));
    follow_visibility(engine);
}

/// Sends what has changed at once, without waiting for the next frame.
pub fn flush(engine: Engine) {
    engine.run.update_value(|run| send_control(engine, run));
}

/// Notes that the drawing has changed, and takes over its users if they have.
fn follow_design(engine: Engine, editor: Editor) {
    let design = editor.design();
    let users = memo(move || design.with(|design| design.settings().users));
    effect(move || engine.users.set(users.get()));
    let objective = memo(move || design.with(|design| design.settings().objective));
    effect(move || engine.run.update_value(|run| run.objective = objective.get()));
    effect(move || {
        design.track();
        engine.run.update_value(|run| run.is_dirty = true);
    });
    Effect::new(move |before: Option<()>| {
        editor.opened.track();
        if before.is_some() {
            engine.strengths.update(sorted::Map::clear);
            // Even if the drawing before had as many: the slider may stand elsewhere.
            engine.users.set(design.with_untracked(|design| design.settings().users));
            engine.restart();
        }
    });
}

/// A hidden page asks for nothing, and the worker rests: nobody watches, and workers are not slowed down by browsers.
fn follow_visibility(engine: Engine) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let watched = document.clone();
    let listener = gloo_events::EventListener::new(&watched, "visibilitychange", move |_| {
        engine.run.update_value(|run| {
            run.is_hidden = document.hidden();
            send_control(engine, run);
        });
    });
    // The page lives as long as its document.
    listener.forget();
}

/// Notes whether the page can be seen where it stands inside another.
pub fn set_in_view(engine: Engine, is_in_view: bool) {
    engine.run.update_value(|run| {
        run.is_out_of_view = !is_in_view;
        send_control(engine, run);
    });
}

fn frame(engine: Engine, editor: Editor, now_ms: f64) {
    engine.run.update_value(|run| {
        if run.worker.is_none() {
            return;
        }
        if now_ms - run.change_sent_at_ms >= CHANGE_EVERY_MS {
            send_changes(engine, editor, run, now_ms);
        }
        send_control(engine, run);
        if let Some(at) = run.wanted_moment.take().filter(|_| run.network.is_some()) {
            run.post(&ToEngine::Seek(at));
        }
        let is_due = now_ms - run.snapshot_asked_at_ms >= snapshot_every_ms(engine);
        if run.network.is_some() && !run.snapshot_asked && is_due && !run.is_unwatched() {
            run.snapshot_asked = true;
            run.control_since_asked = false;
            run.snapshot_asked_at_ms = now_ms;
            run.post(&ToEngine::WantSnapshot);
        }
    });
    let due = engine.run.try_update_value(|run| {
        if run.turns < Turn::COUNT {
            run.turns += 1;
            return Some(engine.turns[run.turns - 1]);
        }
        let is_due = run.has_news && now_ms - run.ticked_at_ms >= TICK_EVERY_MS;
        is_due.then(|| {
            run.has_news = false;
            run.ticked_at_ms = now_ms;
            run.turns = 0;
            engine.tick
        })
    });
    if let Some(count) = due.flatten() {
        count.update(|count| *count += 1);
    }
}

/// Least time between two requests for a snapshot [ms].
fn snapshot_every_ms(engine: Engine) -> f64 {
    if engine.speed.get_untracked() <= SLOW_MOTION {
        // Each request is shown where it is.
        return SNAPSHOT_EVERY_MS;
    }
    let told = engine.latest.with_value(|latest| latest.stations.len() + latest.links.len());
    (SNAPSHOT_EVERY_MS + SNAPSHOT_EVERY_MS_EACH * told as f64).min(SNAPSHOT_EVERY_MS_MOST)
}

/// Sends a new network or a new number of users, if there is one.
fn send_changes(engine: Engine, editor: Editor, run: &mut Run, now_ms: f64) {
    let users = engine.users.get_untracked();
    if run.is_dirty {
        run.is_dirty = false;
        let check = engine.check.get_value();
        let problems = check.map_or_else(Vec::new, |check| editor.design().with_untracked(check.problems));
        run.is_runnable = problems.iter().all(|problem| problem.severity() != Severity::Error);
        if engine.problems.with_untracked(|before| *before != problems) {
            engine.problems.set(problems);
        }
        if run.is_runnable {
            let mut network = editor.design().with_untracked(network::assemble);
            network.users = users;
            if run.wants_restart || run.network.is_none() {
                begin(engine, run, network, now_ms);
                return;
            }
            // The users at the start do not matter any more; those of the moment are sent by themselves.
            network.users = run.users_sent;
            let is_new = || {
                run.network.as_ref().is_none_or(|before| !check.is_some_and(|check| (check.is_same)(before, &network)))
            };
            if is_new() {
                run.change_sent_at_ms = now_ms;
                run.post(&ToEngine::Swap(network.clone()));
                run.network = Some(network);
            }
        } else if run.wants_restart && run.network.is_some() {
            // Another drawing, which cannot run: what the one before was doing is none of its business.
            run.post(&ToEngine::SetPlaying(false));
            run.network = None;
            forget(engine, run);
        }
    }
    if run.network.is_some() && users != run.users_sent {
        run.change_sent_at_ms = now_ms;
        run.users_sent = users;
        run.users_sent_at_ms = now_ms;
        if let Some(network) = &mut run.network {
            network.users = users;
        }
        run.post(&ToEngine::Act(Action::SetUsers(users)));
    }
}

/// Starts a new run.
fn begin(engine: Engine, run: &mut Run, network: Network, now_ms: f64) {
    run.wants_restart = false;
    forget(engine, run);
    run.users_sent = network.users;
    run.users_sent_at_ms = now_ms;
    run.users_reported = network.users;
    run.post(&ToEngine::Start { run: run.id, network: network.clone(), seed: engine.seed.get_untracked() });
    run.network = Some(network);
    for fault in std::mem::take(&mut run.first_faults) {
        run.post(&ToEngine::Act(fault));
    }
    run.post(&ToEngine::SetTraceRate(TRACES_PER_SEC));
    run.post(&ToEngine::SkipTo(run.skip_to));
    run.post(&ToEngine::SetStopAt(run.stop_at));
}

/// Forgets the run before: nothing of it is shown, and nothing that is still on its way is taken for news.
fn forget(engine: Engine, run: &mut Run) {
    run.id.0 += 1;
    // A new run knows nothing of what was sent to the one before.
    run.playing_sent = None;
    run.speed_sent = None;
    run.snapshot_asked = false;
    engine.latest.set_value(Rc::new(Snapshot::default()));
    engine.series.update_value(crate::learn::series::Series::clear);
    engine.log.update_value(VecDeque::clear);
    engine.deeds.update_value(VecDeque::clear);
    engine.alerts.update_value(|alerts| *alerts = Default::default());
    engine.shelf.update_value(|shelf| *shelf = Default::default());
    engine.reach.set(Reach::default());
    engine.pinned.set(None);
    run.branches = 0;
    run.wanted_moment = None;
    run.was_playing = false;
    engine.at_work.set(AtWork::default());
    run.has_news = true;
}

/// Sends speed and whether to run, if they have changed.
fn send_control(engine: Engine, run: &mut Run) {
    if run.network.is_none() {
        return;
    }
    let speed = engine.speed.get_untracked();
    if run.speed_sent != Some(speed) {
        run.speed_sent = Some(speed);
        run.post(&ToEngine::SetSpeed(speed));
    }
    let playing = engine.playing.get_untracked() && run.is_runnable && !run.is_unwatched();
    if run.playing_sent != Some(playing) {
        run.playing_sent = Some(playing);
        run.control_since_asked = true;
        run.was_playing &= !playing;
        run.post(&ToEngine::SetPlaying(playing));
    }
}

/// Whether nothing has happened between two snapshots.
fn says_the_same(snapshot: &Snapshot, before: &Snapshot) -> bool {
    (snapshot.now, snapshot.events, snapshot.users) == (before.now, before.events, before.users)
        && snapshot.log.is_empty()
        && snapshot.stations == before.stations
}

fn receive(engine: Engine, message: FromEngine) {
    // Capacity is measured by a worker of its own; the other two are handled where the worker is held.
    let FromEngine::Snapshot { run: id, mut snapshot, speed_reached, playing, reach, deeds } = message else {
        return;
    };
    let is_old_news = deeds.is_empty() && engine.reach.with_untracked(|known| *known == reach);
    if is_old_news && !playing && !engine.playing.get_untracked() && says_the_same(&snapshot, &engine.latest()) {
        // Nothing to be painted or read anew.
        engine.run.update_value(|run| run.snapshot_asked = run.snapshot_asked && id != run.id);
        return;
    }
    let mut stopped = false;
    let mut users = None;
    let mut branched_at = None;
    let is_current = engine.run.try_update_value(|run| {
        if id != run.id {
            return false;
        }
        run.snapshot_asked = false;
        run.has_news = true;
        stopped = !playing && !run.control_since_asked && run.playing_sent == Some(true);
        if stopped && run.loops {
            stopped = false;
            run.ask_for_restart();
        } else if stopped {
            run.playing_sent = Some(false);
        }
        if snapshot.users != run.users_reported {
            run.users_reported = snapshot.users;
            let is_settled = run.snapshot_asked_at_ms - run.users_sent_at_ms > USERS_SETTLE_MS;
            if (is_settled || snapshot.now < reach.live) && snapshot.users != run.users_sent {
                // The script changed them, or it is another time.
                run.users_sent = snapshot.users;
                users = Some(snapshot.users);
                if let Some(network) = &mut run.network {
                    network.users = snapshot.users;
                }
            }
        }
        if reach.branches != run.branches {
            run.branches = reach.branches;
            branched_at = Some(reach.branched_at);
        }
        true
    });
    if is_current != Some(true) {
        return;
    }
    if let Some(at) = branched_at {
        forget_after(engine, at);
    }
    engine.series.update_value(|series| series.push(&snapshot));
    engine.shelf.update_value(|shelf| shelf.take_in(&snapshot));
    if let Some(Pinned::UnderWay(request)) = engine.pinned.get_untracked()
        && snapshot.traces.iter().any(|trace| trace.request == request)
    {
        engine.pin(request);
    }
    let objective = engine.run.with_value(|run| run.objective);
    engine.alerts.update_value(|(watch, alerts)| {
        for sample in &snapshot.samples {
            alerts.extend(watch.observe(sample, &objective));
        }
        alerts.drain(..alerts.len().saturating_sub(LOG_KEPT));
    });
    if !snapshot.log.is_empty() {
        engine.log.update_value(|log| {
            log.extend(snapshot.log.iter().cloned());
            log.drain(..log.len().saturating_sub(LOG_KEPT));
        });
    }
    retell(engine, &mut snapshot, &reach, branched_at.is_some());
    follow_faults(engine, &snapshot);
    if !deeds.is_empty() {
        engine.deeds.update_value(|known| note(known, deeds));
    }
    if engine.reach.with_untracked(|known| *known != reach) {
        engine.reach.set(reach);
    }
    engine.latest.set_value(Rc::new(*snapshot));
    if let Some(users) = users {
        engine.users.set(users);
    }
    if stopped {
        engine.playing.set(false);
    }
    if (engine.speed_reached.get_untracked() - speed_reached).abs() > 0.01 * speed_reached {
        engine.speed_reached.set(speed_reached);
    }
}

/// In the past, and on the way from there, a snapshot gets the lines of the log between the moment shown before and its
/// own, so that whoever follows them knows what is at work; the engine tells each line once.
fn retell(engine: Engine, snapshot: &mut Snapshot, reach: &Reach, is_branch: bool) {
    let before = engine.latest().now;
    let is_back = snapshot.now < before;
    let was_past = before < engine.reach.with_untracked(|reach| reach.live);
    // Where another run begins, only what is new is news.
    if is_back || !is_branch && (was_past || snapshot.now < reach.live) {
        let is_between = |entry: &&LogEntry| (is_back || entry.at > before) && entry.at <= snapshot.now;
        snapshot.log = engine.log.with_value(|log| log.iter().filter(is_between).cloned().collect());
    }
}

/// Keeps in mind which faults are at work at the moment shown.
fn follow_faults(engine: Engine, snapshot: &Snapshot) {
    let before = engine.at_work.get_untracked();
    let mut at_work = if snapshot.now < engine.latest().now { AtWork::default() } else { before.clone() };
    for entry in &snapshot.log {
        at_work.take_in(entry);
    }
    if at_work != before {
        engine.at_work.set(at_work);
    }
}

/// What came after `at` has not happened after all.
fn forget_after(engine: Engine, at: SimTime) {
    engine.series.update_value(|series| series.cut_after(at));
    engine.shelf.update_value(|shelf| shelf.cut_after(at));
    engine.log.update_value(|log| log.retain(|entry| entry.at <= at));
    engine.deeds.update_value(|deeds| deeds.retain(|deed| deed.at <= at));
    engine.alerts.update_value(|(watch, alerts)| {
        alerts.retain(|alert| alert.at <= at);
        watch.resume(alerts.iter());
    });
}

/// Adds deeds to those known. A slider that is being pulled, and a drawing that is being edited, is one deed.
fn note(known: &mut VecDeque<Deed>, deeds: Vec<Deed>) {
    let is_same = |one: &Deed, other: &Deed| {
        let both = (&one.action, &other.action);
        matches!(both, (None, None) | (Some(Action::SetUsers(_)), Some(Action::SetUsers(_))))
    };
    for deed in deeds {
        match known.back_mut() {
            Some(last) if is_same(last, &deed) && deed.at.since(last.at) < ONE_DEED => *last = deed,
            _ => known.push_back(deed),
        }
    }
    known.drain(..known.len().saturating_sub(LOG_KEPT));
}
