//! Sampled requests that can be looked at: the latest, and the slowest of the last minute.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sim::snapshot::{Snapshot, Trace};
use crate::units::{SimDuration, SimTime};

/// Latest requests kept: as many as a moving picture shows at a time.
const LATEST: usize = 1_500;
/// Slowest requests kept.
const SLOWEST: usize = 20;
/// How long a slow one stays.
const STAYS: SimDuration = SimDuration::from_secs(60);

/// A request that is being looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Pinned {
    /// One that is still under way; what it has been through is known once it has ended.
    UnderWay(u64),
    /// One that has ended.
    Ended(Arc<Trace>),
}

impl Pinned {
    /// Number of the request.
    pub fn request(&self) -> u64 {
        match self {
            Self::UnderWay(request) => *request,
            Self::Ended(trace) => trace.request,
        }
    }
}

/// The traces kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceShelf {
    latest: VecDeque<Trace>,
    /// Slowest first.
    slowest: Vec<Trace>,
}

impl TraceShelf {
    /// Takes in the traces of a snapshot.
    pub fn take_in(&mut self, snapshot: &Snapshot) {
        let stays = |trace: &Trace| trace.ended <= snapshot.now && snapshot.now.since(trace.ended) <= STAYS;
        self.slowest.retain(stays);
        for trace in &snapshot.traces {
            let place = self.slowest.partition_point(|kept| took(kept) >= took(trace));
            // The same request comes again when the run goes through its past.
            if place < SLOWEST && !self.slowest.iter().any(|kept| kept.request == trace.request) {
                self.slowest.insert(place, trace.clone());
                self.slowest.truncate(SLOWEST);
            }
            if self.latest.len() == LATEST {
                self.latest.pop_front();
            }
            self.latest.push_back(trace.clone());
        }
    }

    /// The trace of a request, if it is still kept.
    pub fn find(&self, request: u64) -> Option<&Trace> {
        self.latest.iter().rev().chain(&self.slowest).find(|trace| trace.request == request)
    }

    /// The slowest of the last minute, slowest first.
    pub fn slowest(&self) -> &[Trace] {
        &self.slowest
    }

    /// Forgets what ended after `at`.
    pub fn cut_after(&mut self, at: SimTime) {
        self.latest.retain(|trace| trace.ended <= at);
        self.slowest.retain(|trace| trace.ended <= at);
    }
}

/// How long a request took.
pub const fn took(trace: &Trace) -> SimDuration {
    trace.ended.since(trace.wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ComponentId;
    use crate::sim::snapshot::{Outcome, RequestClass};

    fn trace(request: u64, ended_secs: f64, millis: u64) -> Trace {
        let ended = SimTime::from_secs_f64(ended_secs);
        Trace {
            request,
            class: RequestClass::Read,
            users: ComponentId(1),
            wanted: ended - SimDuration::from_millis(millis),
            ended,
            outcome: Outcome::Answered,
            stale: false,
            spans: Vec::new(),
        }
    }

    fn snapshot(now_secs: f64, traces: Vec<Trace>) -> Snapshot {
        Snapshot { now: SimTime::from_secs_f64(now_secs), traces, ..Snapshot::default() }
    }

    #[test]
    fn the_slowest_of_the_last_minute_stand_in_order() {
        let mut shelf = TraceShelf::default();
        shelf.take_in(&snapshot(10.0, (0..100).map(|request| trace(request, 10.0, request * 7 % 100)).collect()));
        let times: Vec<u64> = shelf.slowest().iter().map(|trace| took(trace).as_nanos() / 1_000_000).collect();
        assert_eq!(times, (80..100).rev().collect::<Vec<u64>>());
        shelf.take_in(&snapshot(80.0, vec![trace(200, 80.0, 1)]));
        assert_eq!(shelf.slowest().len(), 1);
        assert!(shelf.find(7).is_some() && shelf.find(999).is_none());
        shelf.cut_after(SimTime::from_secs_f64(50.0));
        assert!(shelf.slowest().is_empty() && shelf.find(200).is_none());
    }

    #[test]
    fn memory_is_bounded_and_nothing_stands_twice() {
        let mut shelf = TraceShelf::default();
        for round in 0..40 {
            shelf.take_in(&snapshot(10.0, (0..100).map(|request| trace(round * 100 + request, 10.0, 5)).collect()));
        }
        assert_eq!((shelf.latest.len(), shelf.slowest().len()), (LATEST, SLOWEST));
        let mut again = TraceShelf::default();
        for _ in 0..2 {
            again.take_in(&snapshot(10.0, vec![trace(1, 10.0, 5)]));
        }
        assert_eq!(again.slowest().len(), 1);
    }
}
