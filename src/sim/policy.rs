//! How callers of a link look after themselves: retry budgets, circuit breakers, pools of connections and hedging.
//!
//! All of it is state of a caller, so each machine that calls has its own. Links without any policy have no
//! [`Policy`], which costs their calls one branch. What is known of a call beside itself stands in a table here, by the
//! place of the call.
//!
//! A hedged attempt that loses goes on for nobody, unless it is called off: word of that takes the way of a call, and what
//! still waits there then is dropped. Work that has begun goes on.
//!
//! # Sources
//! Hedging: J. Dean, L. A. Barroso, *The Tail at Scale* (2013).

use std::collections::VecDeque;

use super::call::{CallIdx, CallRef, Stage};
use super::core::Core;
use super::event::{Event, TOKEN_MASK};
use super::mechanism::breaker::{Breaker, BreakerLimits, Change};
use super::mechanism::retry_budget::RetryBudget;
use super::snapshot::{Happening, Outcome};
use crate::design::LinkConfig;
use crate::network::{LinkIdx, StationIdx};
use crate::sorted::Map;
use crate::units::{SimDuration, SimTime};

/// What a link's callers do to look after themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rules {
    /// Share of requests that may be repeated, and repetitions per second in any case.
    budget: Option<(f64, f64)>,
    breaker: Option<BreakerLimits>,
    pool: Option<Pool>,
    hedge_after: Option<SimDuration>,
    hedge_cancel: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pool {
    size: u32,
    queue_limit: Option<u32>,
    longest_wait: Option<SimDuration>,
}

/// The policies of one link at work.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: Rules,
    callers: Map<StationIdx, Caller>,
    /// By place of the call.
    flights: Vec<Option<Flight>>,
    /// Callers seen so far; each gets a number of its own, which tells it from one before it that has died.
    eras: u32,
}

/// What one machine that calls knows.
#[derive(Clone, Debug)]
struct Caller {
    era: u32,
    budget: RetryBudget,
    breaker: Breaker,
    /// Connections in use.
    in_use: u32,
    /// Calls that wait for one.
    waiting: VecDeque<CallRef>,
}

/// What is known of a call under way beside the call itself.
#[derive(Clone, Copy, Debug)]
struct Flight {
    caller: StationIdx,
    era: u32,
    holds_connection: bool,
    /// The other attempt of a hedged call.
    twin: CallRef,
}

/// What becomes of a call that is to be sent.
enum Clearance {
    Go,
    Fails(Outcome),
    Waits,
}

impl Rules {
    fn new(config: &LinkConfig) -> Self {
        let secs = SimDuration::from_secs_f64;
        Self {
            budget: config.retry_budget_share.map(|share| (share, config.retry_budget_min_per_sec)),
            breaker: config.breaker_error_share.map(|error_share| BreakerLimits {
                error_share,
                window: secs(config.breaker_window_secs),
                least_calls: config.breaker_min_calls,
                rest: secs(config.breaker_open_secs),
                probes: config.breaker_probes,
            }),
            pool: config.pool_size.map(|size| Pool {
                size,
                queue_limit: config.pool_queue_limit,
                longest_wait: config.pool_wait_secs.map(secs),
            }),
            hedge_after: config.hedge_after_secs.map(secs),
            hedge_cancel: config.hedge_cancel && config.hedge_after_secs.is_some(),
        }
    }
}

impl Policy {
    /// Whether links of these parameters need one.
    pub fn is_needed_by(config: &LinkConfig) -> bool {
        Rules::new(config) != Rules::default()
    }

    /// Takes over the parameters of a link; what callers know stays.
    pub fn configure(&mut self, config: &LinkConfig) {
        self.rules = Rules::new(config);
    }

    fn caller(&mut self, station: StationIdx, now: SimTime) -> &mut Caller {
        let reserve = self.rules.budget.map_or(0.0, |(_, reserve)| reserve);
        let eras = &mut self.eras;
        self.callers.get_or_insert_with(station, || {
            *eras += 1;
            Caller {
                era: *eras,
                budget: RetryBudget::new(reserve, now),
                breaker: Breaker::default(),
                in_use: 0,
                waiting: VecDeque::new(),
            }
        })
    }

    /// Clears a call for sending, or not.
    fn clear(&mut self, call: CallRef, caller: StationIdx, is_first: bool, now: SimTime) -> Clearance {
        let rules = self.rules;
        let state = self.caller(caller, now);
        let must_wait = rules.pool.is_some_and(|pool| state.in_use >= pool.size || !state.waiting.is_empty());
        let waits_in_vain = |pool: Pool| pool.queue_limit.is_some_and(|limit| state.waiting.len() >= limit as usize);
        if must_wait && rules.pool.is_some_and(waits_in_vain) {
            return Clearance::Fails(Outcome::Refused);
        }
        if let Some((share, _)) = rules.budget.filter(|_| is_first) {
            state.budget.deposit(share, now);
        }
        if let Some(limits) = &rules.breaker
            && !state.breaker.admits(limits, now)
        {
            return Clearance::Fails(Outcome::CircuitOpen);
        }
        let holds_connection = rules.pool.is_some() && !must_wait;
        let flight = Flight { caller, era: state.era, holds_connection, twin: CallRef::NONE };
        if must_wait {
            state.waiting.push_back(call);
        } else {
            state.in_use += u32::from(holds_connection);
        }
        self.enter(call.idx, flight);
        if must_wait { Clearance::Waits } else { Clearance::Go }
    }

    fn enter(&mut self, call: CallIdx, flight: Flight) {
        let place = call.0 as usize;
        if place >= self.flights.len() {
            self.flights.resize(place + 1, None);
        }
        self.flights[place] = Some(flight);
    }

    fn flight(&mut self, call: CallIdx) -> Option<&mut Flight> {
        self.flights.get_mut(call.0 as usize)?.as_mut()
    }

    /// The caller's state, unless the caller has died since the flight began.
    fn state(&mut self, flight: &Flight) -> Option<&mut Caller> {
        self.callers.get_mut(&flight.caller).filter(|caller| caller.era == flight.era)
    }

    /// A caller that waits for a connection and can have one now.
    fn next_for_connection(&mut self, caller: StationIdx) -> Option<CallRef> {
        let size = self.rules.pool.map_or(u32::MAX, |pool| pool.size);
        let state = self.callers.get_mut(&caller)?;
        if state.in_use >= size {
            return None;
        }
        state.waiting.pop_front()
    }
}

impl Core {
    fn policy(&mut self, link: LinkIdx) -> Option<&mut Policy> {
        self.links[link.0 as usize].policy.as_deref_mut()
    }

    /// Whether a call on a link with policies is to be sent now. If not, it fails at once or waits.
    #[cold]
    pub fn is_cleared(&mut self, idx: CallIdx) -> bool {
        let now = self.now;
        let reference = self.calls.reference(idx);
        let call = &self.calls[idx];
        let (link, is_first) = (call.link, call.attempt == 0);
        let Some(parent) = self.calls.find(call.parent) else { return true };
        let caller = self.calls[parent].station;
        let Some(policy) = self.policy(link) else { return true };
        let (longest_wait, hedge_after) =
            (policy.rules.pool.and_then(|pool| pool.longest_wait), policy.rules.hedge_after);
        match policy.clear(reference, caller, is_first, now) {
            Clearance::Go => {
                self.plan_hedge(idx, hedge_after);
                true
            }
            Clearance::Fails(outcome) => {
                let call = &mut self.calls[idx];
                call.stage = Stage::Returning;
                call.outcome = outcome;
                call.sent = now;
                // Its answer closes a connection; this one was open for no time.
                self.links[link.0 as usize].connections.add(now, 1);
                self.schedule(SimDuration::ZERO, Event::Return(idx));
                false
            }
            Clearance::Waits => {
                let call = &mut self.calls[idx];
                call.stage = Stage::Pooled;
                call.since = now;
                if let Some(longest) = longest_wait {
                    self.schedule(longest, Event::Overdue(idx, reference.generation & TOKEN_MASK));
                }
                false
            }
        }
    }

    fn plan_hedge(&mut self, idx: CallIdx, after: Option<SimDuration>) {
        if let Some(after) = after {
            let generation = self.calls[idx].generation & TOKEN_MASK;
            self.schedule(after, Event::Overdue(idx, generation));
        }
    }

    /// A call on a link with policies has ended as its caller sees it. Gives the other attempt, if it was hedged.
    #[cold]
    pub fn land(&mut self, idx: CallIdx, outcome: Option<Outcome>) -> CallRef {
        let now = self.now;
        let (link, sent) = (self.calls[idx].link, self.calls[idx].sent);
        let waits = self.calls[idx].stage == Stage::Pooled;
        let Some(policy) = self.policy(link) else { return CallRef::NONE };
        let Some(flight) = policy.flights.get_mut(idx.0 as usize).and_then(Option::take) else { return CallRef::NONE };
        let limits = policy.rules.breaker;
        if let Some(state) = policy.state(&flight) {
            if flight.holds_connection {
                state.in_use -= 1;
            } else if waits && let Some(position) = state.waiting.iter().position(|call| call.idx == idx) {
                // Whoever has waited longest stands in front, so this is found at once.
                state.waiting.remove(position);
            }
            let change = limits
                .zip(outcome)
                .and_then(|(limits, outcome)| state.breaker.record(&limits, sent, now, outcome.is_success()));
            if let Some(change) = change {
                let happening = match change {
                    Change::Opened => Happening::CircuitOpened,
                    Change::Closed => Happening::CircuitClosed,
                };
                self.note_on_link(flight.caller, link, happening);
            }
            self.hand_out_connections(link, flight.caller);
        }
        flight.twin
    }

    /// Sends calls that have waited for connections of `caller`, as far as there are some.
    fn hand_out_connections(&mut self, link: LinkIdx, caller: StationIdx) {
        while let Some(reference) = self.policy(link).and_then(|policy| policy.next_for_connection(caller)) {
            let Some(idx) = self.calls.find(reference).filter(|&idx| self.calls[idx].stage == Stage::Pooled) else {
                continue;
            };
            let is_awaited = |parent: CallIdx| self.calls[parent].stage == Stage::Calling;
            let Some(parent) = self.calls.find(self.calls[idx].parent).filter(|&parent| is_awaited(parent)) else {
                self.forget_flight(idx);
                self.calls.remove(idx);
                continue;
            };
            let waited = self.now.since(self.calls[idx].since);
            self.calls[parent].below.waiting += waited;
            let mut hedge_after = None;
            if let Some(policy) = self.policy(link) {
                if let Some(state) = policy.callers.get_mut(&caller) {
                    state.in_use += 1;
                }
                if let Some(flight) = policy.flight(idx) {
                    flight.holds_connection = true;
                }
                hedge_after = policy.rules.hedge_after;
            }
            self.plan_hedge(idx, hedge_after);
            self.send_off(idx);
        }
    }

    fn forget_flight(&mut self, idx: CallIdx) {
        let link = self.calls[idx].link;
        if let Some(flight) = self.policy(link).and_then(|policy| policy.flights.get_mut(idx.0 as usize)) {
            *flight = None;
        }
    }

    /// Hands connections out after the link's parameters may have changed.
    pub fn refill_pools(&mut self) {
        for link in (0..self.links.len() as u32).map(LinkIdx) {
            let callers: Vec<StationIdx> =
                self.policy(link).map(|policy| policy.callers.keys().copied().collect()).unwrap_or_default();
            for caller in callers {
                self.hand_out_connections(link, caller);
            }
        }
    }

    /// A machine that called has died: whatever it knew is gone, and so are the calls that waited there.
    pub fn forget_caller(&mut self, station: StationIdx) {
        for link in (0..self.links.len() as u32).map(LinkIdx) {
            let Some(caller) = self.policy(link).and_then(|policy| policy.callers.remove(&station)) else { continue };
            for reference in caller.waiting {
                if let Some(idx) = self.calls.find(reference).filter(|&idx| self.calls[idx].stage == Stage::Pooled) {
                    self.forget_flight(idx);
                    self.calls.remove(idx);
                }
            }
        }
    }

    /// Whether the caller of `parent` may repeat a call on `link` as far as its budget goes; takes it off the budget.
    #[cold]
    pub fn is_in_budget(&mut self, link: LinkIdx, parent: CallIdx) -> bool {
        let (now, caller) = (self.now, self.calls[parent].station);
        let Some(policy) = self.policy(link).filter(|policy| policy.rules.budget.is_some()) else { return true };
        policy.caller(caller, now).budget.withdraw(now)
    }

    /// Something that was planned for a call is due. A call that waits for a connection gives up: gives it. One that has
    /// not been answered is to be hedged: gives its caller.
    pub fn overdue(&self, idx: CallIdx, generation: u32) -> Option<Overdue> {
        let call = &self.calls[idx];
        if call.generation & TOKEN_MASK != generation || call.stage == Stage::Gone || call.is_open() {
            return None;
        }
        if call.stage == Stage::Pooled {
            return Some(Overdue::NoConnection);
        }
        let policy = self.links[call.link.0 as usize].policy.as_deref()?;
        if call.parent == CallRef::NONE && policy.rules.hedge_cancel {
            return Some(Overdue::CalledOff);
        }
        let flight = policy.flights.get(idx.0 as usize).copied().flatten()?;
        let is_single = policy.rules.hedge_after.is_some() && flight.twin == CallRef::NONE;
        let parent = self.calls.find(call.parent).filter(|&parent| self.calls[parent].stage == Stage::Calling)?;
        // What waited for a connection meanwhile has another timer.
        let waited = policy.rules.hedge_after.is_some_and(|after| self.now.since(call.sent) >= after);
        (is_single && waited).then_some(Overdue::Hedge(parent))
    }

    /// Sends a second attempt of a call that has not been answered. The first answer wins.
    pub fn hedge(&mut self, idx: CallIdx, link: LinkIdx, target: StationIdx) {
        let first = &self.calls[idx];
        let (parent, operation, attempt, deadline, first_link) =
            (first.parent, first.operation, first.attempt, first.deadline, first.link);
        let Some(parent) = self.calls.find(parent) else { return };
        let second = self.new_call(parent, link, target, operation);
        self.calls[second].attempt = attempt.max(1);
        let [first_ref, second_ref] = [idx, second].map(|call| self.calls.reference(call));
        self.launch(second);
        if self.policy(link).is_none_or(|policy| policy.flight(second).is_none()) {
            // It was not even sent, so it is as if it had never been thought of.
            self.calls[second].parent = CallRef::NONE;
            self.hang_up(link, self.calls[second].stage);
            self.ended.push((self.calls[parent].station, target));
            return;
        }
        // Both have to be back by the same time.
        if deadline != SimTime::NEVER && self.calls[second].deadline != SimTime::NEVER {
            self.set_deadline(second, deadline);
        }
        for (call, call_link, twin) in [(idx, first_link, second_ref), (second, link, first_ref)] {
            if let Some(flight) = self.policy(call_link).and_then(|policy| policy.flight(call)) {
                flight.twin = twin;
            }
        }
    }

    /// One of two attempts has ended like `success` says. Whether the caller has to be told: the other one is then of no
    /// use any more; otherwise it may still succeed.
    #[cold]
    pub fn settle_twin(&mut self, twin: CallRef, parent: CallIdx, success: bool, target: StationIdx) -> bool {
        let Some(other) = self.calls.find(twin) else { return true };
        let is_twin = self.calls.find(self.calls[other].parent) == Some(parent);
        if !is_twin || matches!(self.calls[other].stage, Stage::Gone) {
            return true;
        }
        let caller = self.calls[parent].station;
        if !success {
            let link = self.calls[other].link;
            if let Some(flight) = self.policy(link).and_then(|policy| policy.flight(other)) {
                flight.twin = CallRef::NONE;
                self.ended.push((caller, target));
                return false;
            }
            // It failed before it was sent; its answer is on the way.
            return true;
        }
        self.ended.push((caller, self.calls[other].station));
        self.land(other, None);
        let link = self.calls[other].link;
        if self.policy(link).is_some_and(|policy| policy.rules.hedge_cancel) {
            let word = self.links[link.0 as usize].carry_forth(self.now);
            let generation = self.calls[other].generation & TOKEN_MASK;
            self.schedule(word, Event::Overdue(other, generation));
        }
        self.let_go(other);
        true
    }
}

/// What is due for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// It has waited too long for a connection.
    NoConnection,
    /// A second attempt should be sent on behalf of this caller.
    Hedge(CallIdx),
    /// The station hears that nobody needs it any more.
    CalledOff,
}
