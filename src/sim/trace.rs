//! Sampled requests with all their spans. Which requests are sampled follows from their number alone, so sampling is
//! without bias, draws nothing from any random stream and changes nothing in the run.

use std::collections::VecDeque;

use super::snapshot::{Outcome, RequestClass, Span, Trace};
use crate::ids::ComponentId;
use crate::units::SimTime;

/// Sampled requests in flight at most; further ones are not sampled.
const SLOTS: usize = 4096;
/// The same from when all requests were wanted: then each of them is seen on its way. A multiple of [`SLOTS`].
const SLOTS_FOR_ALL: usize = 2 * SLOTS;
/// Finished traces kept for a viewer that does not come; the oldest go first.
const KEPT: usize = 4096;
/// Traces begun per simulated second while nobody has asked for more.
const DEFAULT_RATE: f64 = 50.0;
/// So many traces at least are begun between two looks at the rate before the stride doubles.
const FEWEST_BEFORE_DOUBLING: f64 = 50.0;
/// Nobody sends so many requests.
const GREATEST_STRIDE: u64 = 1 << 63;

/// Name of a trace in progress.
pub type Ticket = u32;
/// No trace.
pub const NO_TRACE: Ticket = u32::MAX;

/// Collects the spans of sampled requests.
#[derive(Clone, Debug)]
pub struct Tracer {
    /// Traces in progress, at the position of their ticket modulo the number of slots.
    slots: Vec<Option<(Ticket, Trace)>>,
    next_ticket: Ticket,
    finished: VecDeque<Trace>,
    wanted_per_sec: f64,
    stride: u64,
    /// Traces begun since the stride was looked at.
    begun: u32,
}

impl Default for Tracer {
    fn default() -> Self {
        Self {
            slots: vec![None; SLOTS],
            next_ticket: 0,
            finished: VecDeque::new(),
            wanted_per_sec: DEFAULT_RATE,
            stride: 1,
            begun: 0,
        }
    }
}

impl Tracer {
    /// Sets how many traces to begin per simulated second; all requests are sampled at an infinite rate, and none at a
    /// rate of zero, at once.
    pub fn set_rate(&mut self, per_simulated_sec: f64) {
        self.wanted_per_sec = per_simulated_sec.max(0.0);
        if per_simulated_sec == f64::INFINITY {
            self.stride = 1;
            self.make_room();
        } else if self.wanted_per_sec == 0.0 {
            self.stride = GREATEST_STRIDE;
        }
    }

    /// Makes room for all requests that can be seen on their way.
    fn make_room(&mut self) {
        if self.slots.len() < SLOTS_FOR_ALL {
            let before = core::mem::replace(&mut self.slots, vec![None; SLOTS_FOR_ALL]);
            for (ticket, trace) in before.into_iter().flatten() {
                let slot = self.slot(ticket);
                self.slots[slot] = Some((ticket, trace));
            }
        }
    }

    /// Where a trace stands while it is in progress.
    const fn slot(&self, ticket: Ticket) -> usize {
        // Their number is a power of two.
        ticket as usize & (self.slots.len() - 1)
    }

    /// Fits the stride to the rate of requests [1/s] seen lately.
    pub fn adapt(&mut self, requests_per_sec: f64) {
        self.begun = 0;
        let wanted = if self.wanted_per_sec > 0.0 { requests_per_sec / self.wanted_per_sec } else { f64::INFINITY };
        // A power of two, so that small changes of the rate do not change which requests are sampled.
        self.stride = if wanted <= 1.0 { 1 } else { (wanted.min(1e15) as u64).next_power_of_two() };
    }

    /// One request in so many is sampled.
    pub const fn stride(&self) -> u64 {
        self.stride
    }

    /// Whether a request is one to sample, by its number.
    #[inline]
    pub const fn samples(&self, request: u64) -> bool {
        // The stride is a power of two.
        request & (self.stride - 1) == 0
    }

    /// Begins the trace of a request that is one to sample, if there is room for it.
    #[cold]
    pub fn begin(&mut self, request: u64, class: RequestClass, users: ComponentId, now: SimTime) -> Ticket {
        if self.wanted_per_sec == 0.0 {
            return NO_TRACE;
        }
        // Before the rate is known, and when it rises steeply.
        self.begun += 1;
        if f64::from(self.begun) > self.wanted_per_sec.max(FEWEST_BEFORE_DOUBLING) {
            self.begun = 0;
            self.stride = self.stride.min(1 << 62) * 2;
        }
        let ticket = self.next_ticket;
        let slot = self.slot(ticket);
        let slot = &mut self.slots[slot];
        self.next_ticket = (ticket + 1) % NO_TRACE;
        if slot.is_some() {
            return NO_TRACE;
        }
        let trace = Trace {
            request,
            class,
            users,
            wanted: now,
            ended: now,
            outcome: Outcome::Answered,
            stale: false,
            spans: Vec::new(),
        };
        *slot = Some((ticket, trace));
        ticket
    }

    /// Adds a span to a trace in progress; gives its position, or `u32::MAX` if the trace is over.
    pub fn open(&mut self, ticket: Ticket, span: Span) -> u32 {
        let Some(trace) = self.find(ticket) else { return u32::MAX };
        trace.spans.push(span);
        (trace.spans.len() - 1) as u32
    }

    /// The span at `position` of a trace in progress.
    pub fn span(&mut self, ticket: Ticket, position: u32) -> Option<&mut Span> {
        self.find(ticket)?.spans.get_mut(position as usize)
    }

    /// The traces in progress, each with the spans that are on a link now, there or back, or at work themselves: not
    /// with those that only wait for others. What has not happened yet stands at the time at which it will, or at
    /// [`SimTime::NEVER`].
    pub fn under_way(&self, now: SimTime) -> Vec<Trace> {
        let mut calls_others = Vec::new();
        let mut seen = Vec::new();
        for (_, trace) in self.slots.iter().flatten() {
            calls_others.clear();
            calls_others.resize(trace.spans.len(), false);
            let open = || trace.spans.iter().enumerate().filter(|(_, span)| span.answered > now);
            for parent in open().filter_map(|(_, span)| span.parent) {
                calls_others[parent as usize] = true;
            }
            let is_seen =
                |place: usize, span: &Span| !calls_others[place] || now < span.arrived || span.finished <= now;
            let spans: Vec<Span> =
                open().filter(|&(place, span)| is_seen(place, span)).map(|(_, span)| span.clone()).collect();
            if !spans.is_empty() {
                seen.push(Trace {
                    request: trace.request,
                    class: trace.class,
                    users: trace.users,
                    wanted: trace.wanted,
                    ended: SimTime::NEVER,
                    outcome: trace.outcome,
                    stale: trace.stale,
                    spans,
                });
            }
        }
        seen
    }

    /// Ends a trace. Spans still open end with it: nobody waits for them any more.
    pub fn finish(&mut self, ticket: Ticket, now: SimTime, outcome: Outcome, stale: bool) {
        if self.find(ticket).is_none() {
            return;
        }
        let slot = self.slot(ticket);
        let Some((_, mut trace)) = self.slots[slot].take() else { return };
        trace.ended = now;
        trace.outcome = outcome;
        trace.stale = stale;
        for span in &mut trace.spans {
            // What is still on its way back counts as open, too.
            if span.answered > now {
                span.answered = now;
                span.outcome = Outcome::Abandoned;
            }
            span.arrived = span.arrived.min(span.answered);
            span.finished = span.finished.min(span.answered);
        }
        if self.finished.len() == KEPT {
            self.finished.pop_front();
        }
        self.finished.push_back(trace);
    }

    /// Forgets the finished traces.
    pub fn forget_finished(&mut self) {
        self.finished.clear();
    }

    /// Hands over the finished traces, oldest first.
    pub fn take(&mut self) -> Vec<Trace> {
        self.finished.drain(..).collect()
    }

    fn find(&mut self, ticket: Ticket) -> Option<&mut Trace> {
        if ticket == NO_TRACE {
            return None;
        }
        let slot = self.slot(ticket);
        match &mut self.slots[slot] {
            Some((owner, trace)) if *owner == ticket => Some(trace),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_more_room_once_all_requests_are_wanted_and_nobody_loses_a_place() {
        let mut tracer = Tracer::default();
        let begin = |tracer: &mut Tracer| tracer.begin(0, RequestClass::Read, ComponentId(1), SimTime::ZERO);
        let before: Vec<Ticket> = (0..SLOTS).map(|_| begin(&mut tracer)).collect();
        assert!(!before.contains(&NO_TRACE));
        assert_eq!(begin(&mut tracer), NO_TRACE);
        tracer.set_rate(f64::INFINITY);
        let after = (0..SLOTS_FOR_ALL).map(|_| begin(&mut tracer)).filter(|&ticket| ticket != NO_TRACE).count();
        assert_eq!(after, SLOTS_FOR_ALL - SLOTS);
        for ticket in before {
            tracer.finish(ticket, SimTime::ZERO, Outcome::Answered, false);
        }
        assert_eq!(tracer.take().len(), SLOTS);
    }
}
