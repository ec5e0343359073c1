//! Loads under way, by key, and who waits for each (single flight). Whoever waits is chained through the calls, so that
//! nothing is allocated for it.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::sim::call::{CallIdx, CallRef, Calls};
use crate::units::SimTime;

#[derive(Clone, Copy, Debug)]
struct Flight {
    first: CallRef,
    last: CallRef,
    number: u32,
}

/// Loads under way. The map is only looked things up in, never gone through.
#[derive(Clone, Debug, Default)]
pub struct Flights {
    by_key: FxHashMap<u32, Flight>,
    /// When each load is taken for lost, by age; landed ones are skipped.
    leases: VecDeque<(SimTime, u32, u32)>,
    started: u32,
}

impl Flights {
    /// Whether a load of `key` is under way.
    pub fn is_under_way(&self, key: u32) -> bool {
        self.by_key.contains_key(&key)
    }

    /// A load of `key` begins, which nobody else has begun; it is taken for lost at `until`.
    pub fn start(&mut self, key: u32, until: SimTime) {
        self.started = self.started.wrapping_add(1);
        let flight = Flight { first: CallRef::NONE, last: CallRef::NONE, number: self.started };
        self.by_key.insert(key, flight);
        self.leases.push_back((until, key, self.started));
    }

    /// A call waits for the load of `key`, which is under way. Its `memo` leads to the next one.
    pub fn wait(&mut self, calls: &mut Calls, key: u32, call: CallIdx) {
        let reference = calls.reference(call);
        calls[call].memo = CallIdx::NONE.0;
        let flight = self.by_key.get_mut(&key).expect("the load is under way");
        match calls.find(flight.last) {
            Some(last) => calls[last].memo = call.0,
            None => flight.first = reference,
        }
        flight.last = reference;
    }

    /// The load of `key` has ended: gives those who waited, first come first. `None` if there was no load.
    pub fn land(&mut self, calls: &Calls, key: u32) -> Option<Waiting> {
        if self.by_key.is_empty() {
            return None;
        }
        let flight = self.by_key.remove(&key)?;
        Some(Waiting { next: calls.find(flight.first) })
    }

    /// The next load that is taken for lost by now: its key.
    pub fn pop_lost(&mut self, now: SimTime) -> Option<u32> {
        while let Some(&(until, key, number)) = self.leases.front() {
            let is_current = self.by_key.get(&key).is_some_and(|flight| flight.number == number);
            if is_current && until > now {
                return None;
            }
            self.leases.pop_front();
            if is_current {
                return Some(key);
            }
        }
        None
    }

    /// When the next load is taken for lost.
    pub fn next_lease(&self) -> SimTime {
        self.leases.front().map_or(SimTime::NEVER, |&(until, ..)| until)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.by_key.clear();
        self.leases.clear();
    }
}

/// Calls that waited for the same load.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    next: Option<CallIdx>,
}

impl Waiting {
    /// The next of them, before it is answered.
    pub fn pop(&mut self, calls: &Calls) -> Option<CallIdx> {
        let call = self.next?;
        let next = calls[call].memo;
        self.next = (next != CallIdx::NONE.0).then_some(CallIdx(next));
        Some(call)
    }
}
