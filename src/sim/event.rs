//! What can happen next, packed into one word for the calendar, and the queue of what happens at this very moment.

use std::collections::VecDeque;

use super::call::CallIdx;
use crate::network::{LinkIdx, StationIdx};

/// Something that happens at a known time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call reaches its station.
    Arrive(CallIdx),
    /// The answer of a call reaches its caller.
    Return(CallIdx),
    /// A call that waits for its turn to be repeated is sent.
    Send(CallIdx),
    /// A core has finished with a call. Carries the low bits of the call's generation, because the call may be gone.
    Served(CallIdx, Generation),
    /// A call has waited for something that holds no core, such as a disk. Carries the low bits of its generation too.
    Waited(CallIdx, Generation),
    /// What the policies of its link have planned for a call is due. Carries the low bits of the call's generation.
    Overdue(CallIdx, Generation),
    /// The user of a live connection learns that it is open. Carries the low bits of the call's generation.
    Opened(CallIdx, Generation),
    /// The earliest deadline of a link's calls may have come.
    Deadline(LinkIdx),
    /// The earliest user of a station may have lost patience.
    Patience(StationIdx),
    /// A station's own timer. Carries the token it was set with, so that a timer set anew makes older ones void.
    Timer(StationIdx, Timer, Token),
}

/// Low bits of a generation.
pub type Generation = u32;
/// Number of a timer setting; only the low 24 bits count.
pub type Token = u32;

/// Bits of a generation or token that an event carries.
pub const TOKEN_MASK: u32 = (1 << 24) - 1;

/// What a station's timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next request of its users.
    NextRequest,
    /// One user stops thinking.
    ThinkingEnds,
    /// The next completion under processor sharing.
    NextCompletion,
    /// The curve that its users follow turns.
    TrafficTurn,
    /// Health checks of its targets.
    HealthCheck,
    /// The loss of a primary is believed, or its successor is ready.
    Failover,
    /// What it is for is told by its token; the station's own business.
    Own,
    /// The process is started again after a failure.
    Repair,
    /// A core of a shared computer has been kept for it.
    HostCore,
    /// A machine that is being started is there.
    Ready,
    /// The process fails at random.
    Breakdown,
    /// The process wants more memory than there is.
    OutOfMemory,
}

impl Timer {
    const ALL: [Self; 12] = [
        Self::NextRequest,
        Self::ThinkingEnds,
        Self::NextCompletion,
        Self::TrafficTurn,
        Self::HealthCheck,
        Self::Failover,
        Self::Own,
        Self::Repair,
        Self::HostCore,
        Self::Ready,
        Self::Breakdown,
        Self::OutOfMemory,
    ];
}

impl Event {
    /// Packs the event: 8 bits of kind, 24 of token or generation, 32 of index.
    #[allow(clippy::inline_always, reason = "where the kind of event is known, packing it costs nothing")]
    #[inline(always)]
    pub const fn pack(self) -> u64 {
        let (kind, token, index) = match self {
            Self::Arrive(call) => (0, 0, call.0),
            Self::Return(call) => (1, 0, call.0),
            Self::Send(call) => (2, 0, call.0),
            Self::Served(call, generation) => (3, generation, call.0),
            Self::Deadline(link) => (4, 0, link.0),
            Self::Patience(station) => (5, 0, station.0),
            Self::Waited(call, generation) => (6, generation, call.0),
            Self::Overdue(call, generation) => (7, generation, call.0),
            Self::Opened(call, generation) => (8, generation, call.0),
            Self::Timer(station, timer, token) => (9 + timer as u64, token, station.0),
        };
        (kind << 56) | (((token & TOKEN_MASK) as u64) << 32) | index as u64
    }

    /// The call that a packed event is about, if it is about one; otherwise any number.
    #[inline]
    pub const fn call_of(word: u64) -> CallIdx {
        CallIdx(word as u32)
    }

    /// Whether a packed event is the return of an answer.
    #[inline]
    pub const fn is_return(word: u64) -> bool {
        word >> 56 == 1
    }

    /// Whether a packed event is that a core has finished with a call.
    #[inline]
    pub const fn is_end_of_work(word: u64) -> bool {
        word >> 56 == 3
    }

    /// The event that was packed.
    #[allow(clippy::inline_always, reason = "whoever takes it apart again need not put it together first")]
    #[inline(always)]
    pub fn unpack(word: u64) -> Self {
        let index = word as u32;
        // Only for those that carry one: many events do not.
        let token = || (word >> 32) as u32 & TOKEN_MASK;
        match (word >> 56) as usize {
            0 => Self::Arrive(CallIdx(index)),
            1 => Self::Return(CallIdx(index)),
            2 => Self::Send(CallIdx(index)),
            3 => Self::Served(CallIdx(index), token()),
            4 => Self::Deadline(LinkIdx(index)),
            5 => Self::Patience(StationIdx(index)),
            6 => Self::Waited(CallIdx(index), token()),
            7 => Self::Overdue(CallIdx(index), token()),
            8 => Self::Opened(CallIdx(index), token()),
            // The timer that rings most.
            9 => Self::Timer(StationIdx(index), Timer::NextRequest, token()),
            timer => Self::Timer(StationIdx(index), Timer::ALL[timer - 9], token()),
        }
    }
}

/// Events of the present moment in order, packed. Mostly there is one at a time, which has a place of its own.
#[derive(Clone, Debug)]
pub struct Immediate {
    first: u64,
    others: VecDeque<u64>,
}

/// No event: no kind has this number.
const NO_EVENT: u64 = u64::MAX;

impl Default for Immediate {
    fn default() -> Self {
        Self { first: NO_EVENT, others: VecDeque::new() }
    }
}

impl Immediate {
    /// Enters an event behind all others.
    #[allow(clippy::inline_always, reason = "where the kind of event is known, packing it costs nothing")]
    #[inline(always)]
    pub fn push(&mut self, event: Event) {
        let event = event.pack();
        if self.first == NO_EVENT {
            self.first = event;
        } else {
            self.push_behind(event);
        }
    }

    #[cold]
    fn push_behind(&mut self, event: u64) {
        self.others.push_back(event);
    }

    /// Takes the first event, packed.
    #[inline]
    pub fn pop(&mut self) -> Option<u64> {
        if self.first == NO_EVENT {
            return None;
        }
        let next = if self.others.is_empty() { NO_EVENT } else { self.others.pop_front().unwrap_or(NO_EVENT) };
        Some(core::mem::replace(&mut self.first, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing() {
        let mut events = vec![
            Event::Arrive(CallIdx(7)),
            Event::Return(CallIdx(u32::MAX)),
            Event::Send(CallIdx(0)),
            Event::Served(CallIdx(3), TOKEN_MASK),
            Event::Waited(CallIdx(4), 9),
            Event::Deadline(LinkIdx(12)),
            Event::Overdue(CallIdx(8), 5),
            Event::Opened(CallIdx(6), 3),
            Event::Patience(StationIdx(1)),
        ];
        events.extend(Timer::ALL.map(|timer| Event::Timer(StationIdx(5), timer, 77)));
        for event in events {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
    #[test]
    fn events_of_a_moment_come_in_order() {
        let mut immediate = Immediate::default();
        for round in 0..3 {
            for number in 0..=round {
                immediate.push(Event::Arrive(CallIdx(number)));
            }
            assert_eq!(immediate.pop(), Some(Event::Arrive(CallIdx(0)).pack()));
            immediate.push(Event::Send(CallIdx(9)));
            for number in 1..=round {
                assert_eq!(immediate.pop(), Some(Event::Arrive(CallIdx(number)).pack()));
            }
            assert_eq!(immediate.pop(), Some(Event::Send(CallIdx(9)).pack()));
            assert_eq!(immediate.pop(), None);
        }
    }
}
