//! Calls on their way: sent, answered, brought back to their callers, given up.
//!
//! Most links do nothing but take their time. Calls on them skip all that only policies, timeouts, losses and limited
//! bandwidths need.

use super::{Core, LinkState};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, CallRef, OPEN, Operation, Split, Stage};
use crate::sim::event::{Event, TOKEN_MASK};
use crate::sim::snapshot::{Outcome, Span};
use crate::sim::trace::NO_TRACE;
use crate::sim::transport::{GIVE_UP, Way};
use crate::units::{SimDuration, SimTime};

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
}

impl Reply {
    /// What a caller makes do with when nothing came back.
    pub const fn empty(link: LinkIdx, target: StationIdx, operation: Operation, outcome: Outcome) -> Self {
        Self { link, target, operation, outcome, found: false, stale: false, version: 0, answer: 0 }
    }
}

/// An answer that has reached its caller.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// The caller.
    pub parent: CallIdx,
    /// Repetitions so far.
    pub attempt: u8,
    /// Time from sending the call.
    pub took: SimDuration,
    /// The answer.
    pub reply: Reply,
}

impl Core {
    /// Sends a call on behalf of `parent`, which waits for the answer.
    pub fn send(&mut self, parent: CallIdx, link: LinkIdx, target: StationIdx, operation: Operation) -> CallIdx {
        self.send_here(parent, link, target, operation)
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "for the kinds that send most calls")]
    #[inline(always)]
    pub fn send_here(&mut self, parent: CallIdx, link: LinkIdx, target: StationIdx, operation: Operation) -> CallIdx {
        let call = self.new_call(parent, link, target, operation);
        let is_followed = self.calls[call].trace != NO_TRACE;
        let state = &mut self.links[link.0 as usize];
        match state.one_way {
            Some(latency) if state.is_express && !is_followed => {
                state.connections.add(self.now, 1);
                state.attempts += 1;
                self.schedule(latency, Event::Arrive(call));
            }
            _ => self.launch(call),
        }
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
        // Nobody waits for the answer, so nobody would close the connection either.
        self.hang_up(link, self.calls[call].stage);
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

    #[allow(clippy::inline_always, reason = "nearly every call is made by `send`")]
    #[inline(always)]
    pub(in crate::sim) fn new_call(
        &mut self,
        parent: CallIdx,
        link: LinkIdx,
        target: StationIdx,
        operation: Operation,
    ) -> CallIdx {
        let idx = self.calls.claim();
        let (caller, call) = self.calls.pair_mut(parent, idx);
        caller.stage = Stage::Calling;
        *call = Call {
            generation: call.generation,
            class: caller.class,
            key: caller.key,
            client: caller.client,
            is_attack: caller.is_attack,
            version: caller.version,
            trace: caller.trace,
            parent: CallRef { idx: parent, generation: caller.generation },
            beyond: caller.parent.idx,
            ..Call::new(target, link, operation, self.now)
        };
        self.calls.note_caller(idx, parent);
        idx
    }

    /// Puts a call on its way to its station, as soon as the policies of its link allow.
    pub fn launch(&mut self, idx: CallIdx) {
        let link = self.calls[idx].link;
        if self.links[link.0 as usize].policy.is_none() || self.is_cleared(idx) {
            self.send_off(idx);
        }
    }

    /// Puts a call on its way to its station.
    pub(in crate::sim) fn send_off(&mut self, idx: CallIdx) {
        let now = self.now;
        let call = &mut self.calls[idx];
        call.stage = Stage::Travelling;
        call.sent = now;
        let (link_idx, attempt, trace) = (call.link, call.attempt, call.trace);
        let link = &mut self.links[link_idx.0 as usize];
        link.attempts += 1;
        if attempt > 0 {
            self.window.links[link_idx.0 as usize].retries += 1;
        }
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
        if trace != NO_TRACE {
            self.open_span(idx, latency.map_or(SimTime::NEVER, |latency| now + latency));
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
        self.answer_here(idx, outcome);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every answer is given by a machine, in one place")]
    #[inline(always)]
    pub fn answer_here(&mut self, idx: CallIdx, outcome: Outcome) {
        let now = self.now;
        let call = &mut self.calls[idx];
        let station = call.station;
        if call.stage != Stage::Travelling {
            self.levels[station.0 as usize].in_system.add(now, -1);
        }
        call.stage = Stage::Returning;
        call.outcome = outcome;
        let (waited, served, response) = (call.waited, call.served, now.since(call.arrived));
        let (link, trace) = (call.link, call.trace);
        if outcome.is_success() {
            self.count_at_station(station, waited, served, response);
        } else {
            self.window.stations[station.0 as usize].outcomes.record(outcome);
        }
        match self.links[link.0 as usize].one_way {
            Some(latency) if trace == NO_TRACE => self.schedule(latency, Event::Return(idx)),
            _ => self.send_back(idx),
        }
    }

    /// Sends the answer of a call back by a link whose messages do not always take the same time, or of a call that is
    /// followed.
    #[inline(never)]
    fn send_back(&mut self, idx: CallIdx) {
        let now = self.now;
        let call = &self.calls[idx];
        let trace = call.trace;
        let link = &mut self.links[call.link.0 as usize];
        let latency = link.one_way.or_else(|| link.pass(Way::Back, now));
        if trace != NO_TRACE {
            self.note_in_span(idx, latency.map_or(SimTime::NEVER, |latency| now + latency));
        }
        match latency {
            Some(latency) => self.schedule(latency, Event::Return(idx)),
            None => self.lose(idx),
        }
    }

    /// Takes the call whose good answer has reached its caller out of everything, if that needs no more than counting:
    /// nobody watches its time, follows it or looks after it, and its caller waits. Gives the answer. All other calls are
    /// left to [`Core::take_returned`].
    #[allow(clippy::inline_always, reason = "where nearly every call ends")]
    #[inline(always)]
    pub fn take_plain(&mut self, idx: CallIdx) -> Option<Delivery> {
        let call = &self.calls[idx];
        let (link, parent) = (call.link, call.parent);
        let state = &mut self.links[link.0 as usize];
        if !state.is_express || call.deadline != SimTime::NEVER || call.trace != NO_TRACE || !call.outcome.is_success()
        {
            return None;
        }
        let took = self.now.since(call.sent);
        let split = call.split();
        let degraded = call.degraded;
        let waiting = self.calls.get_mut(parent.idx)?;
        if waiting.generation != parent.generation || waiting.stage != Stage::Calling {
            return None;
        }
        waiting.below += split;
        waiting.degraded |= degraded;
        let way = waiting.link;
        state.connections.add(self.now, -1);
        if self.calls.are_many() && self.links.get(way.0 as usize).is_some_and(LinkState::is_instant) {
            // The answer may go all the way back at this very moment.
            self.calls.glance_upwards(parent.idx);
        }
        self.count_on_link(link, took, split);
        self.calls.remove(idx);
        // Read where the call was: its place keeps what it had until it is given out again.
        let call = &self.calls[idx];
        let reply = Reply {
            link,
            target: call.station,
            operation: call.operation,
            outcome: Outcome::Answered,
            found: call.found,
            stale: call.stale,
            version: call.version,
            answer: call.answer,
        };
        Some(Delivery { parent: parent.idx, attempt: call.attempt, took, reply })
    }

    /// Takes the call whose answer has reached its caller out of everything. Gives the answer, unless the caller has given
    /// up or is gone.
    pub fn take_returned(&mut self, idx: CallIdx) -> Option<Delivery> {
        let call = &self.calls[idx];
        let (link, attempt, parent, outcome) = (call.link, call.attempt, call.parent, call.outcome);
        let reply = Reply {
            link,
            target: call.station,
            operation: call.operation,
            outcome,
            found: call.found,
            stale: call.stale,
            version: call.version,
            answer: call.answer,
        };
        let took = self.now.since(call.sent);
        let split = call.split();
        let (trace, span) = (call.trace, call.span);
        let degraded = call.degraded;
        let has_deadline = call.deadline != SimTime::NEVER;
        let mut twin = CallRef::NONE;
        let state = &mut self.links[link.0 as usize];
        if has_deadline {
            state.deadlines.remove(&mut self.calls, idx);
        }
        if state.policy.is_some() {
            twin = self.land(idx, Some(outcome));
        }
        self.calls.remove(idx);
        if parent == CallRef::NONE {
            return None;
        }
        let counts = &mut self.window.links[link.0 as usize];
        counts.outcomes.record(outcome);
        if outcome.is_success() {
            counts.record_answer(took, split);
        }
        self.links[link.0 as usize].connections.add(self.now, -1);
        if trace != NO_TRACE {
            self.close_span(trace, span, outcome);
        }
        let parent = self.awaiting(parent)?;
        if twin != CallRef::NONE && !self.settle_twin(twin, parent, outcome.is_success(), reply.target) {
            return None;
        }
        let waiting = &mut self.calls[parent];
        waiting.below += split;
        waiting.degraded |= degraded;
        Some(Delivery { parent, attempt, took, reply })
    }

    /// The caller of a call, if it is still there and waits.
    #[inline]
    fn awaiting(&self, parent: CallRef) -> Option<CallIdx> {
        self.calls.find(parent).filter(|&parent| self.calls[parent].stage == Stage::Calling)
    }

    /// The next call of a link whose deadline has come. Its caller has given up on it from now on; the work goes on being
    /// done for nobody. Gives the answer that the caller makes do with, if it is still there.
    pub fn take_timed_out(&mut self, link_idx: LinkIdx) -> Option<Option<Delivery>> {
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
    /// answer that the caller makes do with, if it is still there.
    pub fn give_up(&mut self, idx: CallIdx, outcome: Outcome) -> Option<Delivery> {
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
        let reply = Reply::empty(link, call.station, call.operation, outcome);
        let took = self.now.since(call.sent);
        let (attempt, trace, span, stage) = (call.attempt, call.trace, call.span, call.stage);
        self.hang_up(link, stage);
        if matches!(stage, Stage::Lost | Stage::Pooled) {
            self.calls.remove(idx);
        }
        self.window.links[link.0 as usize].outcomes.record(outcome);
        self.close_span(trace, span, outcome);
        let parent = self.awaiting(parent)?;
        if twin != CallRef::NONE && !self.settle_twin(twin, parent, false, reply.target) {
            return None;
        }
        // What the time went into is beyond the caller's knowledge: it has waited in vain.
        self.calls[parent].below.waiting += took;
        Some(Delivery { parent, attempt, took, reply })
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
            let (trace, span) = (core::mem::replace(&mut call.trace, NO_TRACE), call.span);
            let parent = call.parent;
            self.close_span(trace, span, Outcome::Answered);
            at = self.calls.find(parent)?;
        }
        Some((root, split))
    }

    /// Lets a call go on for nobody: its caller has what it wanted.
    pub(in crate::sim) fn let_go(&mut self, idx: CallIdx) {
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
    pub(in crate::sim) fn hang_up(&mut self, link: LinkIdx, stage: Stage) {
        if stage != Stage::Pooled {
            self.links[link.0 as usize].connections.add(self.now, -1);
        }
    }

    /// Gives a call that has a deadline another one.
    pub(in crate::sim) fn set_deadline(&mut self, idx: CallIdx, deadline: SimTime) {
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

    #[cold]
    fn open_span(&mut self, idx: CallIdx, arrives: SimTime) {
        let call = &self.calls[idx];
        let parent = &self.calls[call.parent.idx];
        let (component, instance) = self.identities[call.station.0 as usize];
        let span = Span {
            parent: (parent.span != u32::MAX).then_some(parent.span),
            link: self.links[call.link.0 as usize].id,
            component,
            instance,
            sent: self.now,
            arrived: arrives,
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

    /// Notes in the span of a call what its station has done for it, and when the answer will be back.
    #[cold]
    fn note_in_span(&mut self, idx: CallIdx, answered: SimTime) {
        let call = &self.calls[idx];
        if let Some(span) = self.tracer.span(call.trace, call.span) {
            span.arrived = call.arrived;
            span.waited = call.waited;
            span.served = call.served;
            span.finished = self.now;
            span.answered = answered;
            span.outcome = call.outcome;
            span.stale = call.stale;
            span.hit = (call.operation == Operation::Get).then_some(call.phase == 0 && call.found);
        }
    }

    #[cold]
    fn close_span(&mut self, trace: u32, span: u32, outcome: Outcome) {
        if let Some(span) = self.tracer.span(trace, span) {
            span.answered = self.now;
            span.outcome = outcome;
        }
    }
}
