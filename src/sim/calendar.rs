//! The future-event list: what happens next, by time, and among equals in the order of scheduling.
//!
//! A heap with four children per node: half as deep as a binary one, and the four keys of a node share a cache line or
//! two, which is what its speed depends on.

use super::event::Event;
use crate::units::SimTime;

/// Children per node.
const ARITY: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: u64,
    order: u64,
    event: u64,
}

impl Entry {
    #[inline]
    const fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.order < other.order)
    }
}

/// Future events in order of time; ties in order of scheduling.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    heap: Vec<Entry>,
    scheduled: u64,
}

impl Calendar {
    /// Enters an event.
    ///
    /// # Complexity
    /// O(log n); usually constant, since most events are later than most others.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: Event) {
        let entry = Entry { at: at.as_nanos(), order: self.scheduled, event: event.pack() };
        self.scheduled += 1;
        self.heap.push(entry);
        let mut hole = self.heap.len() - 1;
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if !entry.is_before(&self.heap[parent]) {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    /// The time of the next event; [`SimTime::NEVER`] if there is none.
    #[inline]
    pub fn next_at(&self) -> SimTime {
        self.heap.first().map_or(SimTime::NEVER, |entry| SimTime::from_nanos(entry.at))
    }

    /// Takes the next event.
    ///
    /// # Complexity
    /// O(log n).
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else {
            return Some((SimTime::from_nanos(last.at), Event::unpack(last.event)));
        };
        // Sinking a hole to the bottom and lifting the last entry into place compares less than sinking the entry: it
        // came from the bottom and mostly goes back there.
        let n = self.heap.len();
        let mut hole = 0;
        loop {
            let first_child = hole * ARITY + 1;
            if first_child >= n {
                break;
            }
            let mut least = first_child;
            for child in first_child + 1..(first_child + ARITY).min(n) {
                if self.heap[child].is_before(&self.heap[least]) {
                    least = child;
                }
            }
            self.heap[hole] = self.heap[least];
            hole = least;
        }
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if !last.is_before(&self.heap[parent]) {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = last;
        Some((SimTime::from_nanos(first.at), Event::unpack(first.event)))
    }

    /// Number of events entered and not taken.
    #[cfg(test)]
    const fn len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::CallIdx;
    use super::*;
    use crate::ids::ComponentId;
    use crate::sim::rng::{Purpose, Stream};

    #[test]
    fn events_come_in_order_of_time_and_ties_in_order_of_scheduling() {
        let mut stream = Stream::of_component(1, ComponentId(1), 0, Purpose::Service);
        let mut calendar = Calendar::default();
        let mut expected = Vec::new();
        let mut taken = Vec::new();
        let mut now = 0;
        for number in 0..20_000_u32 {
            // Few different times, so that ties abound; never before the present.
            let at = now + u64::from(stream.below(50));
            calendar.schedule(SimTime::from_nanos(at), Event::Arrive(CallIdx(number)));
            expected.push((at, number));
            if stream.below(3) > 0 && calendar.len() > 40 {
                let (at, event) = calendar.pop().expect("not empty");
                now = at.as_nanos();
                taken.push((now, event));
            }
        }
        while let Some((at, event)) = calendar.pop() {
            taken.push((at.as_nanos(), event));
        }
        expected.sort_unstable();
        let expected: Vec<_> = expected.into_iter().map(|(at, number)| (at, Event::Arrive(CallIdx(number)))).collect();
        assert_eq!(taken, expected);
        assert_eq!(calendar.next_at(), SimTime::NEVER);
    }
}
