//! What all stations share: the clock, the calendar, the calls in flight, the links, and what is counted.
//!
//! Stations never hold each other. They get one event together with the core, and leave calls, answers and timers in it.

mod answers;
mod link;
mod travel;

use std::collections::VecDeque;

use self::answers::{Answers, Demand};
pub use self::link::LinkState;
pub use self::travel::{Delivery, Reply};
use super::calendar::Calendar;
use super::call::{CallIdx, Calls};
use super::condition::Condition;
use super::event::{Event, Immediate, TOKEN_MASK, Timer, Token};
use super::mechanism::host::Host;
use super::mechanism::messages::Messages;
use super::mechanism::multi_primary::Circles;
use super::mechanism::quorum::Quorums;
use super::mechanism::recent_writers::RecentWriters;
use super::mechanism::replication::Groups;
use super::mechanism::sessions::Logins;
use super::metrics::{Level, Measurements};
use super::snapshot::{Happening, LogEntry};
use super::trace::Tracer;
use crate::ids::ComponentId;
use crate::network::{LinkIdx, StationIdx};
use crate::sorted::Map;
use crate::units::{SimDuration, SimTime};

/// Log entries kept for a viewer that does not come; the oldest go first.
const LOG_KEPT: usize = 1000;

/// Buckets of the calendar that are looked ahead at together.
const LOOK_AHEAD: u64 = 4;

/// Numbers of one station that change with time; what every call asks and changes on one line of the processor's caches.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct StationLevels {
    /// Calls here.
    pub in_system: Level,
    /// Busy cores.
    pub busy_cores: Level,
    /// Used slots.
    pub used_slots: Level,
    /// Calls that arrived and are not counted yet.
    pub arrivals: u32,
    /// Whether the station serves and nothing is wrong, as [`Condition::is_plain`] says: here because every call asks.
    pub is_plain: bool,
    /// Calls waiting for a slot or a core.
    pub waiting: Level,
    /// 1 while dead.
    pub down: Level,
    /// 1 while not there at all.
    pub absent: Level,
}

impl Default for StationLevels {
    fn default() -> Self {
        let [in_system, busy_cores, used_slots, waiting, down, absent] = [Level::default(); 6];
        Self { in_system, busy_cores, used_slots, arrivals: 0, is_plain: true, waiting, down, absent }
    }
}

/// When the last fault of each component began, and the last of all.
#[derive(Clone, Debug, Default)]
struct Troubles {
    by_component: Map<ComponentId, SimTime>,
    last: Option<SimTime>,
}

/// What all stations share.
#[derive(Clone, Debug)]
pub struct Core {
    /// Simulated time.
    pub now: SimTime,
    /// Seed of all streams.
    pub seed: u64,
    /// Registered users.
    pub users: u64,
    /// Future events.
    pub calendar: Calendar,
    /// Number of the first bucket of the calendar whose events have not been looked ahead at.
    looked_ahead: u64,
    /// Events of this very moment, in order.
    pub immediate: Immediate,
    /// Calls in flight.
    pub calls: Calls,
    /// Links by position.
    pub links: Vec<LinkState>,
    /// Component and instance of each station.
    pub identities: Vec<(ComponentId, u32)>,
    /// In what condition each station is.
    pub conditions: Vec<Condition>,
    /// Grows with each change of who is there, so that those who keep lists of targets notice.
    pub registry: u32,
    /// Numbers of each station that change with time.
    pub levels: Vec<StationLevels>,
    /// Requests in flight.
    pub in_flight: Level,
    /// What has been counted since the present interval began.
    pub window: Measurements,
    /// What has not been entered there yet.
    answers: Answers,
    /// What each group of users has asked for since then, to be entered there when the interval is closed.
    pub demand: Vec<Demand>,
    /// Databases that replicate among each other.
    pub groups: Groups,
    /// Databases that take writes at several places.
    pub circles: Circles,
    /// Who is logged in where.
    pub logins: Logins,
    /// Computers that several stations share.
    pub hosts: Vec<Host>,
    /// What the nodes of NoSQL databases agree on.
    pub quorums: Quorums,
    /// Users who have written lately.
    pub writers: RecentWriters,
    /// Messages that queues keep.
    pub messages: Messages,
    /// How often each item has been changed.
    versions: Vec<u32>,
    /// How often each file has been changed.
    file_versions: Vec<u32>,
    /// Sampled requests.
    pub tracer: Tracer,
    /// What happened, for viewers.
    pub log: VecDeque<LogEntry>,
    /// When the last fault of each component began, and of any.
    troubles: Troubles,
    /// Requests sent since the start.
    pub requests: u64,
    /// Calls that have ended without an answer to their caller, by caller and target: the losers of hedged pairs.
    pub ended: Vec<(StationIdx, StationIdx)>,
}

impl Core {
    /// About how much memory calls, events and what is being counted take [bytes].
    pub fn footprint_bytes(&self) -> usize {
        self.calls.footprint_bytes() + self.calendar.footprint_bytes() + self.window.footprint_bytes()
    }

    /// An empty core at time zero.
    pub fn new(seed: u64, users: u64) -> Self {
        Self {
            now: SimTime::ZERO,
            seed,
            users,
            calendar: Calendar::default(),
            looked_ahead: 0,
            immediate: Immediate::default(),
            calls: Calls::default(),
            links: Vec::new(),
            identities: Vec::new(),
            conditions: Vec::new(),
            registry: 0,
            levels: Vec::new(),
            in_flight: Level::default(),
            window: Measurements::default(),
            answers: Answers::default(),
            demand: Vec::new(),
            groups: Groups::default(),
            circles: Circles::default(),
            logins: Logins::default(),
            hosts: Vec::new(),
            quorums: Quorums::default(),
            writers: RecentWriters::default(),
            messages: Messages::default(),
            versions: Vec::new(),
            file_versions: Vec::new(),
            tracer: Tracer::default(),
            log: VecDeque::new(),
            troubles: Troubles::default(),
            requests: 0,
            ended: Vec::new(),
        }
    }

    /// Enters an event `after` from now.
    #[allow(clippy::inline_always, reason = "where the kind of event is known, packing it costs nothing")]
    #[inline(always)]
    pub fn schedule(&mut self, after: SimDuration, event: Event) {
        if after.is_zero() {
            self.immediate.push(event);
        } else {
            self.calendar.schedule(self.now + after, event);
        }
    }

    /// Makes the next bucket of the calendar the present one, if it begins before `limit`; gives whether it does.
    #[inline(never)]
    pub fn open_before(&mut self, limit: SimTime) -> bool {
        let opens = self.calendar.open_before(limit);
        if opens && self.calls.are_many() {
            // The numbers begin anew where the width of buckets changes.
            let left = self.looked_ahead.wrapping_sub(self.calendar.next_bucket());
            if left == 0 || left > LOOK_AHEAD {
                self.look_ahead();
            }
        }
        opens
    }

    /// Fetches what the next events are about into the processor's caches, those of several buckets at once: with many
    /// calls in flight, waiting for their records one by one would be most of the work.
    fn look_ahead(&mut self) {
        let next = self.calendar.next_bucket();
        let mut seen = 0;
        // Their calls were fetched the last time, if they were not made since. Callers are needed where answers come.
        for event in self.calendar.coming(next..next + LOOK_AHEAD) {
            let call = Event::call_of(event);
            if Event::is_return(event) || Event::is_end_of_work(event) && self.returns_at_once(call) {
                seen ^= self.calls.glance_at_callers(call);
            }
        }
        for event in self.calendar.coming(next + LOOK_AHEAD..next + 2 * LOOK_AHEAD) {
            seen ^= self.calls.glance(Event::call_of(event));
        }
        core::hint::black_box(seen);
        self.looked_ahead = next + LOOK_AHEAD;
    }

    /// Whether the answer of a call will be back as soon as it is given, if there is such a call.
    fn returns_at_once(&self, call: CallIdx) -> bool {
        let link = self.calls.link_at(call).and_then(|link| self.links.get(link.0 as usize));
        link.is_some_and(LinkState::is_instant)
    }

    /// Sets a station's timer; `token` lets the station tell this setting from earlier ones.
    #[allow(clippy::inline_always, reason = "where the kind of timer is known, packing it costs nothing")]
    #[inline(always)]
    pub fn set_timer(&mut self, station: StationIdx, after: SimDuration, timer: Timer, token: Token) {
        self.schedule(after, Event::Timer(station, timer, token & TOKEN_MASK));
    }

    /// Notes that a file has been replaced at its origin.
    pub fn change_file(&mut self, key: u32) {
        let key = key as usize;
        if key >= self.file_versions.len() {
            self.file_versions.resize(key + 1, 0);
        }
        self.file_versions[key] = self.file_versions[key].wrapping_add(1);
    }

    /// The version of a file at its origin.
    pub fn file_version(&self, key: u32) -> u32 {
        self.file_versions.get(key as usize).copied().unwrap_or(0)
    }

    /// Notes a change of an item at its source.
    pub fn change_item(&mut self, key: u32) {
        let key = key as usize;
        if key >= self.versions.len() {
            self.versions.resize(key + 1, 0);
        }
        self.versions[key] = self.versions[key].wrapping_add(1);
    }

    /// The version of an item at its source.
    pub fn version_of(&self, key: u32) -> u32 {
        self.versions.get(key as usize).copied().unwrap_or(0)
    }

    /// Writes a line of the log.
    pub fn note(&mut self, station: StationIdx, happening: Happening) {
        let (component, instance) = self.identities[station.0 as usize];
        self.log_line(LogEntry { at: self.now, component, instance, link: None, happening });
    }

    /// Writes a line of the log about what a station does on one of its links.
    pub fn note_on_link(&mut self, station: StationIdx, link: LinkIdx, happening: Happening) {
        let (component, instance) = self.identities[station.0 as usize];
        let link = Some(self.links[link.0 as usize].id);
        self.log_line(LogEntry { at: self.now, component, instance, link, happening });
    }

    /// Writes a line of the log about a link.
    pub fn note_link(&mut self, link: LinkIdx, happening: Happening) {
        let link = &self.links[link.0 as usize];
        let entry = LogEntry { at: self.now, component: link.to, instance: 0, link: Some(link.id), happening };
        self.log_line(entry);
    }

    /// When the last fault began after one moment and not after another: one of a component, or else of any.
    pub fn trouble_between(&self, component: ComponentId, after: SimTime, until: SimTime) -> Option<SimTime> {
        let fits = |at: &SimTime| *at > after && *at <= until;
        let own = self.troubles.by_component.get(&component).copied().filter(fits);
        own.or_else(|| self.troubles.last.filter(fits))
    }

    fn log_line(&mut self, entry: LogEntry) {
        if matches!(entry.happening, Happening::Killed | Happening::OutOfMemory | Happening::FaultBegan(_)) {
            self.troubles.by_component.insert(entry.component, entry.at);
            self.troubles.last = Some(entry.at);
        }
        if self.log.len() == LOG_KEPT {
            self.log.pop_front();
        }
        self.log.push_back(entry);
    }
}
