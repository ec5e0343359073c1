//! What all stations share: the clock, the calendar, the calls in flight, the links, and what is counted.
//!
//! Stations never hold each other. They get one event together with the core, and leave calls, answers and timers in it.

use std::collections::{BTreeMap, VecDeque};

use super::calendar::Calendar;
use super::call::{Call, CallIdx, CallRef, Calls, Deadlines, OPEN, Operation, Split, Stage};
use super::condition::Condition;
use super::distribution::Sampler;
use super::event::{Event, Immediate, TOKEN_MASK, Timer, Token};
use super::mechanism::host::Host;
use super::mechanism::messages::Messages;
use super::mechanism::quorum::Quorums;
use super::mechanism::recent_writers::RecentWriters;
use super::mechanism::replication::Groups;
use super::mechanism::sessions::Logins;
use super::metrics::{Level, Measurements};
use super::policy::Policy;
use super::rng::{Purpose, Stream};
use super::snapshot::{Happening, LogEntry, Outcome, Span};
use super::trace::Tracer;
use super::transport::{GIVE_UP, Transport, Way};
use crate::design::LinkRole;
use crate::design::fault::{Fault, FaultKind};
use crate::ids::{ComponentId, LinkId};
use crate::network::{LinkIdx, LinkSpec, StationIdx};
use crate::units::{SimDuration, SimTime};

/// Log entries kept for a viewer that does not come; the oldest go first.
const LOG_KEPT: usize = 1000;

/// A link at work. Positions are those of the engine, which never gives one out twice in a run.
#[derive(Clone, Debug)]
pub struct LinkState {
    /// The link of the drawing.
    pub id: LinkId,
    /// Component at its end.
    pub to: ComponentId,
    /// Stations at its end; empty once the link has been removed.
    pub targets: Vec<StationIdx>,
    /// What travels.
    pub role: LinkRole,
    /// One way.
    pub latency: Sampler,
    /// What the distance adds to it.
    distance: SimDuration,
    latency_stream: Stream,
    backoff_stream: Stream,
    timeout: Option<SimDuration>,
    retries: u32,
    backoff: SimDuration,
    deadlines: Deadlines,
    /// Attempts under way, each on a connection of its own; log entries travel on one that stays.
    pub connections: Level,
    next_target: u32,
    /// Sizes of a call and of its answer [bytes].
    bytes: [f64; 2],
    /// What befalls messages beside the time they take; most links have nothing of the kind.
    transport: Option<Box<Transport>>,
    /// How its callers look after themselves; most do not.
    pub policy: Option<Box<Policy>>,
    backoff_cap: SimDuration,
    backoff_jitter: bool,
    /// Callers do without the answer if there is none.
    pub is_optional: bool,
    /// Against the weights of other ways that a balancer has.
    pub weight: f64,
}

impl LinkState {
    /// A link of `spec` whose targets are still to be set.
    pub fn new(seed: u64, spec: &LinkSpec) -> Self {
        let mut link = Self {
            id: spec.id,
            to: spec.to,
            targets: Vec::new(),
            role: spec.role,
            latency: Sampler::Constant(SimDuration::ZERO),
            distance: SimDuration::ZERO,
            latency_stream: Stream::of_link(seed, spec.id, Purpose::Latency),
            backoff_stream: Stream::of_link(seed, spec.id, Purpose::Backoff),
            timeout: None,
            retries: 0,
            backoff: SimDuration::ZERO,
            deadlines: Deadlines::default(),
            connections: Level::default(),
            next_target: 0,
            bytes: [0.0; 2],
            transport: None,
            policy: None,
            backoff_cap: SimDuration::ZERO,
            backoff_jitter: true,
            is_optional: false,
            weight: 1.0,
        };
        link.configure(seed, spec);
        link
    }

    /// Takes over the parameters of `spec`; calls on their way keep theirs.
    pub fn configure(&mut self, seed: u64, spec: &LinkSpec) {
        self.role = spec.role;
        self.to = spec.to;
        self.latency = Sampler::new(&spec.config.latency);
        self.distance = SimDuration::from_secs_f64(spec.distance_secs);
        self.timeout = spec.config.timeout_secs.map(SimDuration::from_secs_f64);
        self.retries = spec.config.retries;
        self.backoff = SimDuration::from_secs_f64(spec.config.retry_backoff_secs);
        self.backoff_cap = SimDuration::from_secs_f64(spec.config.retry_backoff_cap_secs);
        self.backoff_jitter = spec.config.retry_jitter;
        self.weight = spec.config.weight;
        self.is_optional = spec.config.optional && spec.role == LinkRole::Requests;
        if Policy::is_needed_by(&spec.config) || self.policy.is_some() {
            self.policy.get_or_insert_default().configure(&spec.config);
        }
        self.bytes = [spec.config.request_bytes, spec.config.response_bytes];
        if Transport::is_needed_by(&spec.config) || self.transport.is_some() {
            self.transport(seed).configure(&spec.config);
        }
    }

    fn transport(&mut self, seed: u64) -> &mut Transport {
        let id = self.id;
        self.transport.get_or_insert_with(|| Box::new(Transport::new(seed, id)))
    }

    /// Adds a fault, in place of one of the same kind.
    pub fn add_fault(&mut self, seed: u64, fault: Fault) {
        self.transport(seed).add(fault);
    }

    /// Takes a fault away, or all of them; gives whether there was one.
    pub fn remove_fault(&mut self, kind: Option<FaultKind>) -> bool {
        self.transport.as_mut().is_some_and(|transport| transport.remove(kind))
    }

    /// Calls by this link are not repeated.
    pub const fn forbid_retries(&mut self) {
        self.retries = 0;
    }

    /// What faults add to the way there and back; `None` if nothing comes through.
    fn added_round_trip(&self) -> Option<SimDuration> {
        self.transport.as_ref().map_or(Some(SimDuration::ZERO), |transport| transport.added_round_trip())
    }

    /// The next target in turn; `None` if the link has none.
    pub fn next_in_turn(&mut self) -> Option<StationIdx> {
        let n = self.targets.len() as u32;
        if n == 0 {
            return None;
        }
        let turn = self.next_target % n;
        self.next_target = turn + 1;
        Some(self.targets[turn as usize])
    }

    /// Draws a time for one way of something that never gets lost, such as a log.
    #[inline]
    pub fn draw_latency(&mut self) -> SimDuration {
        self.latency.sample(&mut self.latency_stream) + self.distance
    }

    /// Draws how long a message takes one way; `None` if it gets lost.
    #[inline]
    fn pass(&mut self, way: Way, now: SimTime) -> Option<SimDuration> {
        let latency = self.draw_latency();
        match &mut self.transport {
            None => Some(latency),
            Some(transport) => transport.pass(way, self.bytes[way as usize], latency, now),
        }
    }
}

/// Numbers of one station that change with time.
#[derive(Clone, Copy, Debug, Default)]
pub struct StationLevels {
    /// Calls here.
    pub in_system: Level,
    /// Calls waiting for a slot or a core.
    pub waiting: Level,
    /// Busy cores.
    pub busy_cores: Level,
    /// Used slots.
    pub used_slots: Level,
    /// 1 while dead.
    pub down: Level,
    /// 1 while not there at all.
    pub absent: Level,
}

/// The answer to a call, as its caller gets it.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    /// How the call had gone.
    pub link: LinkIdx,
    /// Who answered, or should have.
    pub target: StationIdx,
    /// What had been asked.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
    /// A look-up found a value.
    pub found: bool,
    /// The value was out of date.
    pub stale: bool,
    /// Version of the value.
    pub version: u32,
    /// What else was answered.
    pub answer: u32,
    /// Time from sending the call.
    pub took: SimDuration,
    /// Where its time has gone.
    pub split: Split,
}

impl Reply {
    /// What a caller makes do with when nothing came back.
    pub fn empty(link: LinkIdx, target: StationIdx, operation: Operation, outcome: Outcome) -> Self {
        Self {
            link,
            target,
            operation,
            outcome,
            found: false,
            stale: false,
            version: 0,
            answer: 0,
            took: SimDuration::ZERO,
            split: Split::default(),
        }
    }
}

/// When the last fault of each component began, and the last of all.
#[derive(Clone, Debug, Default)]
struct Troubles {
    by_component: BTreeMap<ComponentId, SimTime>,
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
    /// Databases that replicate among each other.
    pub groups: Groups,
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
    /// An empty core at time zero.
    pub fn new(seed: u64, users: u64) -> Self {
        Self {
            now: SimTime::ZERO,
            seed,
            users,
            calendar: Calendar::default(),
            immediate: Immediate::default(),
            calls: Calls::default(),
            links: Vec::new(),
            identities: Vec::new(),
            conditions: Vec::new(),
            registry: 0,
            levels: Vec::new(),
            in_flight: Level::default(),
            window: Measurements::default(),
            groups: Groups::default(),
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
    #[inline]
    pub fn schedule(&mut self, after: SimDuration, event: Event) {
        if after.is_zero() {
            self.immediate.push(event);
        } else {
            self.calendar.schedule(self.now + after, event);
        }
    }

    /// Fetches what the next events are about into the processor's caches. With many calls in flight, waiting for their
    /// records would be most of the work.
    #[inline]
    pub fn look_ahead(&self) {
        if let Some(next) = self.calendar.expected(0) {
            self.calls.glance_at_parent(Event::call_of(next));
        }
        if let Some(after) = self.calendar.expected(1) {
            self.calls.glance(Event::call_of(after));
        }
    }

    /// Sets a station's timer; `token` lets the station tell this setting from earlier ones.
    pub fn set_timer(&mut self, station: StationIdx, after: SimDuration, timer: Timer, token: Token) {
        self.schedule(after, Event::Timer(station, timer, token & TOKEN_MASK));
    }

    /// Sends a call on behalf of `parent`, which waits for the answer.
    pub fn send(&mut self, parent: CallIdx, link: LinkIdx, target: StationIdx, operation: Operation) -> CallIdx {
        let call = self.new_call(parent, link, target, operation);
        self.launch(call);
        call
    }

    /// Sends a call about the same thing as `about`, which goes on without waiting for the answer.
    pub fn tell(&mut self, about: CallIdx, link: LinkIdx, target: StationIdx, operation: Operation) -> CallIdx {
        let mut call = Call::new(target, link, operation, self.now);
        let cause = &self.calls[about];
        call.class = cause.class;
        call.key = cause.key;
        call.client = cause.client;
        call.version = cause.version;
        let call = self.calls.insert(call);
        self.launch(call);
        call
    }

    /// Repeats a failed call after a pause. The station of `parent` chooses the target when the pause is over.
    pub fn send_again_later(&mut self, parent: CallIdx, reply: &Reply, attempt: u8) {
        let call = self.new_call(parent, reply.link, reply.target, reply.operation);
        self.calls[call].stage = Stage::Pausing;
        self.calls[call].attempt = attempt;
        let link = &mut self.links[reply.link.0 as usize];
        // Exponential with full jitter (M. Brooker, *Exponential Backoff And Jitter*, 2015).
        let longest = link.backoff.as_secs_f64() * f64::from(1_u32 << u32::from(attempt - 1).min(16));
        let longest = longest.min(link.backoff_cap.as_secs_f64());
        let share = if link.backoff_jitter { link.backoff_stream.uniform() } else { 1.0 };
        let pause = SimDuration::from_secs_f64(longest * share);
        self.calls[parent].below.waiting += pause;
        self.schedule(pause, Event::Send(call));
    }

    /// Whether the caller of `parent` repeats a call that ended like `reply` and has been repeated `attempt` times; takes
    /// it off its budget.
    pub fn may_repeat(&mut self, parent: CallIdx, reply: &Reply, attempt: u8) -> bool {
        let link = &self.links[reply.link.0 as usize];
        u32::from(attempt) < link.retries
            && !link.targets.is_empty()
            && reply.outcome.is_worth_repeating()
            // Who talks cannot be connected with somebody else without noticing.
            && !self.calls[parent].is_open()
            && (link.policy.is_none() || self.is_in_budget(reply.link, parent))
    }

    #[inline]
    pub(super) fn new_call(
        &mut self,
        parent: CallIdx,
        link: LinkIdx,
        target: StationIdx,
        operation: Operation,
    ) -> CallIdx {
        let mut call = Call::new(target, link, operation, self.now);
        let caller = &mut self.calls[parent];
        caller.stage = Stage::Calling;
        call.class = caller.class;
        call.key = caller.key;
        call.client = caller.client;
        call.is_attack = caller.is_attack;
        call.version = caller.version;
        call.trace = caller.trace;
        call.parent = self.calls.reference(parent);
        self.calls.insert(call)
    }

    /// Puts a call on its way to its station, as soon as the policies of its link allow.
    pub fn launch(&mut self, idx: CallIdx) {
        let link = self.calls[idx].link;
        if self.links[link.0 as usize].policy.is_none() || self.is_cleared(idx) {
            self.send_off(idx);
        }
    }

    /// Puts a call on its way to its station.
    pub(super) fn send_off(&mut self, idx: CallIdx) {
        let now = self.now;
        let call = &mut self.calls[idx];
        call.stage = Stage::Travelling;
        call.sent = now;
        let (link_idx, attempt, trace) = (call.link, call.attempt, call.trace);
        let link = &mut self.links[link_idx.0 as usize];
        let counts = &mut self.window.links[link_idx.0 as usize];
        counts.attempts += 1;
        counts.retries += u64::from(attempt > 0);
        link.connections.add(now, 1);
        if let Some(timeout) = link.timeout {
            call.deadline = now + timeout;
            link.deadlines.insert(&mut self.calls, idx);
            let first = link.deadlines.next_at(&self.calls);
            if first < link.deadlines.wake {
                link.deadlines.wake = first;
                self.calendar.schedule(first, Event::Deadline(link_idx));
            }
        }
        let latency = link.pass(Way::Forth, now);
        if trace != super::trace::NO_TRACE {
            self.open_span(idx);
        }
        match latency {
            Some(latency) => self.schedule(latency, Event::Arrive(idx)),
            None => self.lose(idx),
        }
    }

    /// A call or its answer gets lost. Its caller waits for its timeout, or for that of its operating system.
    #[cold]
    fn lose(&mut self, idx: CallIdx) {
        let call = &mut self.calls[idx];
        if call.deadline != SimTime::NEVER {
            call.stage = Stage::Lost;
            return;
        }
        call.stage = Stage::Returning;
        call.outcome = Outcome::TimedOut;
        // Nobody waits for it if the caller has given up already.
        let after = if call.parent == CallRef::NONE { SimDuration::ZERO } else { GIVE_UP };
        self.schedule(after, Event::Return(idx));
    }

    /// Ends a station's work on a call and sends the answer back.
    pub fn answer(&mut self, idx: CallIdx, outcome: Outcome) {
        let call = &mut self.calls[idx];
        let station = call.station.0 as usize;
        let counts = &mut self.window.stations[station];
        counts.outcomes.record(outcome);
        if outcome.is_success() {
            counts.wait.record(call.waited);
            counts.service.record(call.served);
            counts.response.record(self.now.since(call.arrived));
        }
        if call.stage != Stage::Travelling {
            self.levels[station].in_system.add(self.now, -1);
        }
        call.stage = Stage::Returning;
        call.outcome = outcome;
        let link = &mut self.links[call.link.0 as usize];
        let latency = link.pass(Way::Back, self.now);
        if call.trace != super::trace::NO_TRACE
            && let Some(span) = self.tracer.span(call.trace, call.span)
        {
            span.arrived = call.arrived;
            span.waited = call.waited;
            span.served = call.served;
            span.finished = self.now;
            span.stale = call.stale;
            span.hit = (call.operation == Operation::Get).then_some(call.phase == 0 && call.found);
        }
        match latency {
            Some(latency) => self.schedule(latency, Event::Return(idx)),
            None => self.lose(idx),
        }
    }

    /// Takes the call whose answer has reached its caller out of everything. Gives the caller and the answer, unless the
    /// caller has given up or is gone, with the number of repetitions so far.
    pub fn take_returned(&mut self, idx: CallIdx) -> Option<(CallIdx, Reply, u8)> {
        let link_idx = self.calls[idx].link;
        self.links[link_idx.0 as usize].deadlines.remove(&mut self.calls, idx);
        let mut twin = CallRef::NONE;
        if self.links[link_idx.0 as usize].policy.is_some() {
            twin = self.land(idx, Some(self.calls[idx].outcome));
        }
        let call = &self.calls[idx];
        let reply = Reply {
            link: link_idx,
            target: call.station,
            operation: call.operation,
            outcome: call.outcome,
            found: call.found,
            stale: call.stale,
            version: call.version,
            answer: call.answer,
            took: self.now.since(call.sent),
            split: call.split(),
        };
        let (parent, attempt, sent, trace, span) = (call.parent, call.attempt, call.sent, call.trace, call.span);
        self.calls.remove(idx);
        if parent == CallRef::NONE {
            return None;
        }
        let counts = &mut self.window.links[link_idx.0 as usize];
        counts.outcomes.record(reply.outcome);
        if reply.outcome.is_success() {
            counts.response.record(self.now.since(sent));
            counts.waiting_nanos += u128::from(reply.split.waiting.as_nanos());
            counts.service_nanos += u128::from(reply.split.service.as_nanos());
        }
        self.links[link_idx.0 as usize].connections.add(self.now, -1);
        self.close_span(trace, span, reply.outcome);
        let parent = self.calls.find(parent).filter(|&parent| self.calls[parent].stage == Stage::Calling)?;
        if twin != CallRef::NONE && !self.settle_twin(twin, parent, reply.outcome.is_success(), reply.target) {
            return None;
        }
        Some((parent, reply, attempt))
    }

    /// The next call of a link whose deadline has come. Its caller has given up on it from now on; the work goes on being
    /// done for nobody. Gives the caller and the answer that it makes do with, if the caller is still there.
    pub fn take_timed_out(&mut self, link_idx: LinkIdx) -> Option<Option<(CallIdx, Reply, u8)>> {
        let link = &mut self.links[link_idx.0 as usize];
        let Some(idx) = link.deadlines.pop_due(&mut self.calls, self.now) else {
            let next = link.deadlines.next_at(&self.calls);
            if next != SimTime::NEVER && link.deadlines.wake <= self.now {
                link.deadlines.wake = next;
                self.calendar.schedule(next, Event::Deadline(link_idx));
            } else if next == SimTime::NEVER {
                link.deadlines.wake = SimTime::NEVER;
            }
            return None;
        };
        Some(self.give_up(idx, Outcome::TimedOut))
    }

    /// The caller of a call no longer waits for it; whatever is being done is done for nobody from now on. Gives the
    /// caller and the answer that it makes do with, if it is still there.
    pub fn give_up(&mut self, idx: CallIdx, outcome: Outcome) -> Option<(CallIdx, Reply, u8)> {
        let link = self.calls[idx].link;
        self.links[link.0 as usize].deadlines.remove(&mut self.calls, idx);
        if self.calls[idx].parent == CallRef::NONE {
            return None;
        }
        let mut twin = CallRef::NONE;
        if self.links[link.0 as usize].policy.is_some() {
            twin = self.land(idx, Some(outcome));
        }
        let call = &mut self.calls[idx];
        let parent = core::mem::replace(&mut call.parent, CallRef::NONE);
        let mut reply = Reply::empty(link, call.station, call.operation, outcome);
        // What the time went into is beyond the caller's knowledge: it has waited in vain.
        reply.took = self.now.since(call.sent);
        reply.split.waiting = reply.took;
        let (attempt, trace, span, stage) = (call.attempt, call.trace, call.span, call.stage);
        self.hang_up(link, stage);
        if matches!(stage, Stage::Lost | Stage::Pooled) {
            self.calls.remove(idx);
        }
        self.window.links[link.0 as usize].outcomes.record(outcome);
        self.close_span(trace, span, outcome);
        let parent = self.calls.find(parent).filter(|&parent| self.calls[parent].stage == Stage::Calling)?;
        if twin != CallRef::NONE && !self.settle_twin(twin, parent, false, reply.target) {
            return None;
        }
        Some((parent, reply, attempt))
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

    /// Lets a call wait for something that holds no core; [`Event::Waited`] tells when it is over.
    pub fn wait(&mut self, idx: CallIdx, span: SimDuration) {
        let call = &mut self.calls[idx];
        call.stage = Stage::Serving;
        call.since = self.now;
        call.served += span;
        let generation = call.generation & TOKEN_MASK;
        self.schedule(span, Event::Waited(idx, generation));
    }

    /// The user's request that a call is made for, if everyone in between still waits.
    pub fn root_of(&self, idx: CallIdx) -> Option<CallIdx> {
        let mut at = idx;
        while !self.calls[at].is_root() {
            at = self.calls.find(self.calls[at].parent)?;
            if self.calls[at].stage != Stage::Calling {
                return None;
            }
        }
        Some(at)
    }

    /// A live connection is accepted: it is held as long as its user wants, [`Event::Waited`] tells when it is over. The
    /// user learns of it when word has come back, by [`Event::Opened`].
    pub fn hold_open(&mut self, idx: CallIdx) {
        let call = &mut self.calls[idx];
        call.stage = Stage::Serving;
        call.phase = OPEN;
        call.since = self.now;
        let generation = call.generation & TOKEN_MASK;
        let span = SimDuration::from_millis(u64::from(call.version));
        let mut way = SimDuration::ZERO;
        let mut at = idx;
        while !self.calls[at].is_root() {
            way += self.links[self.calls[at].link.0 as usize].draw_latency();
            let Some(parent) = self.calls.find(self.calls[at].parent) else { break };
            at = parent;
        }
        self.schedule(span, Event::Waited(idx, generation));
        self.schedule(way, Event::Opened(idx, generation));
    }

    /// Word that a connection is open has come back to its user: nobody on the way waits for it to be answered soon any
    /// more. Gives the user's request and where its time has gone; `None` if somebody has given up meanwhile.
    pub fn note_opened(&mut self, idx: CallIdx) -> Option<(CallIdx, Split)> {
        let root = self.root_of(idx)?;
        let mut split = Split::default();
        let mut at = idx;
        while at != root {
            let link = self.calls[at].link;
            self.links[link.0 as usize].deadlines.remove(&mut self.calls, at);
            let call = &mut self.calls[at];
            call.phase = OPEN;
            split += call.split();
            let (trace, span) = (core::mem::replace(&mut call.trace, super::trace::NO_TRACE), call.span);
            let parent = call.parent;
            self.close_span(trace, span, Outcome::Answered);
            at = self.calls.find(parent)?;
        }
        Some((root, split))
    }

    /// Lets a call go on for nobody: its caller has what it wanted.
    pub(super) fn let_go(&mut self, idx: CallIdx) {
        let link = self.calls[idx].link;
        self.links[link.0 as usize].deadlines.remove(&mut self.calls, idx);
        let call = &mut self.calls[idx];
        call.parent = CallRef::NONE;
        let (trace, span, stage) = (call.trace, call.span, call.stage);
        self.hang_up(link, stage);
        if matches!(stage, Stage::Lost | Stage::Pooled) {
            self.calls.remove(idx);
        }
        self.close_span(trace, span, Outcome::Abandoned);
    }

    /// The caller closes the connection of a call that is at `stage`, unless it never got one.
    pub(super) fn hang_up(&mut self, link: LinkIdx, stage: Stage) {
        if stage != Stage::Pooled {
            self.links[link.0 as usize].connections.add(self.now, -1);
        }
    }

    /// Gives a call that has a deadline another one.
    pub(super) fn set_deadline(&mut self, idx: CallIdx, deadline: SimTime) {
        let link_idx = self.calls[idx].link;
        let link = &mut self.links[link_idx.0 as usize];
        link.deadlines.remove(&mut self.calls, idx);
        self.calls[idx].deadline = deadline;
        link.deadlines.insert(&mut self.calls, idx);
        let first = link.deadlines.next_at(&self.calls);
        if first < link.deadlines.wake {
            link.deadlines.wake = first;
            self.calendar.schedule(first, Event::Deadline(link_idx));
        }
    }

    /// Whether a health check of `station` by `link` that takes the station `work` is answered in time.
    pub fn passes_check(&self, link: LinkIdx, station: StationIdx, work: SimDuration, timeout: SimDuration) -> bool {
        let condition = &self.conditions[station.0 as usize];
        let takes = self.links[link.0 as usize].added_round_trip().map(|way| way + condition.slowed(work));
        condition.passes_check() && takes.is_some_and(|takes| takes <= timeout)
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

    fn open_span(&mut self, idx: CallIdx) {
        let call = &self.calls[idx];
        let parent = &self.calls[call.parent.idx];
        let (component, instance) = self.identities[call.station.0 as usize];
        let span = Span {
            parent: (parent.span != u32::MAX).then_some(parent.span),
            link: self.links[call.link.0 as usize].id,
            component,
            instance,
            sent: self.now,
            arrived: SimTime::NEVER,
            waited: SimDuration::ZERO,
            served: SimDuration::ZERO,
            finished: SimTime::NEVER,
            answered: SimTime::NEVER,
            outcome: Outcome::Answered,
            hit: None,
            stale: false,
        };
        let position = self.tracer.open(call.trace, span);
        self.calls[idx].span = position;
    }

    fn close_span(&mut self, trace: u32, span: u32, outcome: Outcome) {
        if let Some(span) = self.tracer.span(trace, span) {
            span.answered = self.now;
            span.outcome = outcome;
        }
    }
}
