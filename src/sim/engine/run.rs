//! The loop that takes events in order of time and lets them happen.

use super::Simulation;
use crate::design::Kind;
use crate::sim::call::{CallIdx, Stage};
use crate::sim::core::{Delivery, Reply};
use crate::sim::event::{Event, TOKEN_MASK, Timer};
use crate::sim::policy::Overdue;
use crate::sim::snapshot::Outcome;
use crate::units::{SimDuration, SimTime};

impl Simulation {
    /// Handles all events up to and including `until`; then the time is `until`.
    pub fn advance(&mut self, until: SimTime) {
        self.advance_at_most(until, u64::MAX);
    }

    /// Handles events up to and including `until`, but not many more than `events`. Returns whether `until` was reached;
    /// if not, the time is that of the last event handled.
    pub fn advance_at_most(&mut self, until: SimTime, events: u64) -> bool {
        let arrives = self.run_until(until, self.events.saturating_add(events));
        self.core.enter_answers();
        arrives
    }

    /// The loop itself: up to `until`, or until so many events have been handled in all.
    #[inline(never)]
    fn run_until(&mut self, until: SimTime, last: u64) -> bool {
        loop {
            let boundary = self.observer.interval_ends().min(self.script_at());
            let limit = boundary.min(until + SimDuration::from_nanos(1));
            loop {
                let packed = match self.core.immediate.pop() {
                    Some(packed) => packed,
                    None if self.events >= last => return false,
                    None => match self.core.calendar.pop_before(limit) {
                        Some((at, packed)) => {
                            self.core.now = at;
                            packed
                        }
                        None if self.core.open_before(limit) => continue,
                        None => break,
                    },
                };
                self.handle(packed);
            }
            if boundary > until {
                self.core.now = self.core.now.max(until);
                return true;
            }
            self.core.now = boundary;
            self.cross_boundary();
        }
    }

    /// Handles the next event, whenever it is, with all that it causes at the same moment. Does nothing if nothing will
    /// ever happen.
    pub fn step(&mut self) {
        let next = self.core.calendar.next_at();
        if next < SimTime::NEVER {
            self.advance_at_most(next, 1);
        }
    }

    /// Lets an event happen.
    #[allow(clippy::inline_always, reason = "called from one place only, the loop, whose body it is")]
    #[inline(always)]
    fn handle(&mut self, packed: u64) {
        self.events += 1;
        // Every event in its order and at its time: two runs agree only if they did the same.
        let word = packed ^ self.core.now.as_nanos().rotate_left(20);
        self.fingerprint = (self.fingerprint.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match Event::unpack(packed) {
            Event::Arrive(call) => self.arrive(call),
            Event::Served(call, generation) => {
                let record = &self.core.calls[call];
                if record.generation & TOKEN_MASK == generation && record.stage == Stage::Serving {
                    let station = record.station.0 as usize;
                    self.stations[station].on_served(&mut self.core, call);
                }
            }
            Event::Return(call) => match self.core.take_plain(call) {
                Some(Delivery { parent, took, reply, .. }) => {
                    let station = &mut self.stations[self.core.calls[parent].station.0 as usize];
                    station.on_answer(&mut self.core, parent, reply, took);
                }
                None => self.bring_back(call),
            },
            Event::Timer(station, Timer::NextRequest, token) => {
                self.stations[station.0 as usize].on_next_request(&mut self.core, token);
            }
            _ => self.handle_other(packed),
        }
    }

    /// Lets an event happen of a kind that is less frequent. The loop is the better without what these need.
    #[inline(never)]
    fn handle_other(&mut self, packed: u64) {
        match Event::unpack(packed) {
            Event::Waited(call, generation) => {
                let record = &self.core.calls[call];
                if record.generation & TOKEN_MASK == generation && record.stage == Stage::Serving {
                    let station = record.station.0 as usize;
                    self.stations[station].on_waited(&mut self.core, call);
                }
            }
            Event::Send(call) => self.send_again(call),
            Event::Deadline(link) => {
                while let Some(timed_out) = self.core.take_timed_out(link) {
                    if let Some(delivery) = timed_out {
                        self.deliver(&delivery);
                    }
                }
                self.tell_ended();
            }
            Event::Overdue(call, generation) => self.overdue(call, generation),
            Event::Opened(call, generation) => self.opened(call, generation),
            Event::Patience(station) => self.stations[station.0 as usize].on_patience_lost(&mut self.core),
            Event::Timer(station, Timer::Repair, era) => {
                if self.core.is_present_era(station, era) && !self.is_dark(station) {
                    self.restore(station);
                }
            }
            Event::Timer(station, Timer::OutOfMemory, era) => {
                if self.core.is_present_era(station, era) {
                    self.run_out_of_memory(station);
                }
            }
            Event::Timer(station, Timer::Ready, era) => {
                if self.core.is_present_era(station, era) {
                    self.ready(station);
                }
            }
            Event::Timer(station, Timer::Breakdown, token) => self.break_down(station, token),
            Event::Timer(station, timer, token) => {
                self.stations[station.0 as usize].on_timer(&mut self.core, station, timer, token);
            }
            Event::Arrive(_) | Event::Served(..) | Event::Return(_) => unreachable!("the loop handles these itself"),
        }
    }

    #[inline]
    fn arrive(&mut self, idx: CallIdx) {
        let core = &mut self.core;
        let call = &mut core.calls[idx];
        call.arrived = core.now;
        let station = call.station.0 as usize;
        let levels = &mut core.levels[station];
        levels.arrivals += 1;
        if levels.is_plain {
            call.stage = Stage::Waiting;
            levels.in_system.add(core.now, 1);
        } else if core.is_admitted(idx) {
            core.calls[idx].stage = Stage::Waiting;
            core.levels[station].in_system.add(core.now, 1);
        } else {
            return;
        }
        self.stations[station].on_arrive_here(core, idx);
    }

    /// An answer, or the lack of one, has come back.
    #[inline(never)]
    fn bring_back(&mut self, call: CallIdx) {
        if let Some(delivery) = self.core.take_returned(call) {
            self.deliver(&delivery);
        }
        self.tell_ended();
    }

    /// Brings an answer to the call that waits for it, unless it is worth another try.
    pub(super) fn deliver(&mut self, delivery: &Delivery) {
        let &Delivery { parent, took, ref reply, .. } = delivery;
        let station = &mut self.stations[self.core.calls[parent].station.0 as usize];
        station.note_end(&mut self.core, reply.target, Some((reply.outcome, took)));
        if reply.outcome.is_success() {
            station.on_reply(&mut self.core, parent, reply);
        } else {
            self.bear_failure(delivery);
        }
    }

    /// A call has failed: it is made again, done without, or the failure is its caller's.
    #[cold]
    fn bear_failure(&mut self, delivery: &Delivery) {
        let &Delivery { parent, attempt, ref reply, .. } = delivery;
        let station = self.core.calls[parent].station.0 as usize;
        if self.core.may_repeat(parent, reply, attempt) {
            self.core.send_again_later(parent, reply, attempt + 1);
        } else if self.core.links[reply.link.0 as usize].is_optional && !self.core.calls[parent].is_root() {
            // The caller goes on as if it had been answered, with nothing.
            self.core.calls[parent].degraded = true;
            let nothing = Reply { outcome: Outcome::Answered, ..*reply };
            self.stations[station].on_reply(&mut self.core, parent, &nothing);
        } else {
            self.stations[station].on_reply(&mut self.core, parent, reply);
        }
    }

    /// Tells callers of calls that ended without an answer.
    #[inline]
    pub(super) fn tell_ended(&mut self) {
        while let Some((caller, target)) = self.core.ended.pop() {
            self.stations[caller.0 as usize].note_end(&mut self.core, target, None);
        }
    }

    /// Word that a connection is open has come back to its user.
    fn opened(&mut self, idx: CallIdx, generation: u32) {
        let call = &self.core.calls[idx];
        if call.generation & TOKEN_MASK != generation || call.stage != Stage::Serving {
            return;
        }
        match self.core.note_opened(idx) {
            Some((root, split)) => {
                let users = self.core.calls[root].station.0 as usize;
                self.stations[users].on_opened(&mut self.core, root, split);
            }
            None => {
                let service = self.core.calls[idx].station.0 as usize;
                self.stations[service].hang_up(&mut self.core, idx);
            }
        }
    }

    /// Live connections whose user, or whoever stood in between, is gone are closed.
    pub(super) fn hang_up_orphans(&mut self) {
        if !self.kinds.contains(&Kind::WebsocketService) {
            return;
        }
        let held = self.core.calls.filter(|call| call.is_open() && call.stage == Stage::Serving && !call.is_root());
        for idx in held {
            if self.core.root_of(idx).is_none() {
                let service = self.core.calls[idx].station.0 as usize;
                self.stations[service].hang_up(&mut self.core, idx);
            }
        }
    }

    /// What a link's policies have planned for a call is due.
    fn overdue(&mut self, idx: CallIdx, generation: u32) {
        match self.core.overdue(idx, generation) {
            None => {}
            Some(Overdue::NoConnection) => {
                if let Some(delivery) = self.core.give_up(idx, Outcome::TimedOut) {
                    self.deliver(&delivery);
                }
                self.tell_ended();
            }
            Some(Overdue::CalledOff) => {
                let station = self.core.calls[idx].station.0 as usize;
                self.stations[station].withdraw(&mut self.core, idx);
            }
            Some(Overdue::Hedge(parent)) => {
                let (link, operation) = (self.core.calls[idx].link, self.core.calls[idx].operation);
                let station = self.core.calls[parent].station.0 as usize;
                let second = if self.stations[station].asks_each(&self.core, parent) {
                    Some((link, self.core.calls[idx].station))
                } else {
                    self.stations[station].retarget(&mut self.core, link, operation, parent)
                };
                match second {
                    Some((link, target)) if self.core.links[link.0 as usize].policy.is_some() => {
                        self.core.hedge(idx, link, target);
                    }
                    Some((_, target)) => self.stations[station].note_end(&mut self.core, target, None),
                    None => {}
                }
            }
        }
    }

    /// The pause before a repetition is over.
    fn send_again(&mut self, idx: CallIdx) {
        let call = &self.core.calls[idx];
        if call.is_root() {
            let users = call.station.0 as usize;
            self.stations[users].on_reconnect(&mut self.core, idx);
            return;
        }
        let (link, operation) = (call.link, call.operation);
        let parent =
            self.core.calls.find(call.parent).filter(|&parent| self.core.calls[parent].stage == Stage::Calling);
        let Some(parent) = parent else {
            self.core.calls.remove(idx);
            return;
        };
        let station = self.core.calls[parent].station.0 as usize;
        let target = self.core.calls[idx].station;
        let again = if self.stations[station].asks_each(&self.core, parent) {
            Some((link, target))
        } else {
            self.stations[station].retarget(&mut self.core, link, operation, parent)
        };
        match again {
            Some((link, target)) => {
                let call = &mut self.core.calls[idx];
                call.link = link;
                call.station = target;
                self.core.launch(idx);
            }
            None => {
                let target = self.core.calls[idx].station;
                self.core.calls.remove(idx);
                let reply = Reply::empty(link, target, operation, Outcome::Unavailable);
                self.stations[station].on_reply(&mut self.core, parent, &reply);
            }
        }
    }
}
