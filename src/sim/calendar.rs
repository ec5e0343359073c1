//! The future-event list: what happens next, by time, and among equals in the order of scheduling.
//!
//! Time is cut into buckets of equal width. The events of the present bucket lie sorted in an array; those of the next
//! buckets, up to the horizon, in lists of a ring; what lies beyond the horizon waits in a heap. Entering and taking an
//! event therefore cost the same however many are pending. Width and number of buckets follow the events met lately;
//! the order in which events are taken does not depend on them.
//!
//! Only the heap needs numbers to keep equals in order: lists and array keep the order in which events were entered, and
//! an event comes out of the heap before any other of its time can be entered into its bucket.
//!
//! # Sources
//! R. Brown, *Calendar Queues: A Fast O(1) Priority Queue Implementation for the Simulation Event Set Problem* (1988),
//! with the overflow and the sorted present bucket of W. T. Tang, R. S. M. Goh, I. L. Thng, *Ladder Queue* (2005).

use super::event::Event;
use crate::units::SimTime;

/// Children per node of the heap.
const ARITY: usize = 4;
/// Fewest buckets of the ring.
const FEWEST_BUCKETS: usize = 256;
/// Most buckets of the ring: 1 MB.
const MOST_BUCKETS: usize = 1 << 17;
/// Width of buckets before anything is known: 2¹⁶ ns.
const FIRST_SHIFT: u32 = 16;
/// Fewest events after which width and number of buckets are looked at again.
const EPOCH: u64 = 2048;
/// From so many events on, a bucket is sorted as a whole rather than one by one.
const LARGE_BUCKET: usize = 24;
/// No node.
const NONE: u32 = u32::MAX;

/// An event of the present bucket.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    event: u64,
}

/// An event in a list of the ring, or a free place for one.
#[derive(Clone, Copy, Debug)]
struct Node {
    at: u64,
    event: u64,
    next: u32,
}

/// An event beyond the horizon.
#[derive(Clone, Copy, Debug)]
struct FarEntry {
    at: u64,
    order: u64,
    event: u64,
}

impl FarEntry {
    const fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.order < other.order)
    }
}

/// Future events in order of time; ties in order of scheduling.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Events before `near_end`, earliest first, from `taken` on.
    near: Vec<Entry>,
    taken: usize,
    near_end: u64,
    /// Buckets by their number modulo the length: the node that was entered last, from which `next` leads to earlier
    /// ones. The number of a bucket is its time without the low `shift` bits.
    ring: Vec<u32>,
    /// One bit for each bucket of the ring that has events.
    occupied: Vec<u64>,
    in_ring: usize,
    nodes: Vec<Node>,
    free: u32,
    shift: u32,
    /// Number of the bucket that begins at `near_end`: the first of the ring.
    next_bucket: u64,
    far: Vec<FarEntry>,
    entered_far: u64,
    /// Events taken since the width was looked at last, and when that was.
    epoch_events: u64,
    epoch_began: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            near: Vec::with_capacity(64),
            taken: 0,
            near_end: 0,
            ring: vec![NONE; FEWEST_BUCKETS],
            occupied: vec![0; FEWEST_BUCKETS / 64],
            in_ring: 0,
            nodes: Vec::new(),
            free: NONE,
            shift: FIRST_SHIFT,
            next_bucket: 0,
            far: Vec::new(),
            entered_far: 0,
            epoch_events: 0,
            epoch_began: 0,
        }
    }
}

impl Calendar {
    /// Enters an event, which must not lie before one that has been taken. One at [`SimTime::NEVER`] never happens.
    ///
    /// # Complexity
    /// Constant on average, as long as events are spread over time.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, event: Event) {
        let (at, event) = (at.as_nanos(), event.pack());
        if at < self.near_end {
            self.enter_near(Entry { at, event });
        } else if (at >> self.shift) - self.next_bucket < self.ring.len() as u64 {
            self.enter_ring(at, event);
        } else if at != SimTime::NEVER.as_nanos() {
            self.enter_far(at, event);
        }
    }

    /// The time of the next event; [`SimTime::NEVER`] if there is none.
    ///
    /// # Complexity
    /// That of a search through the next bucket.
    pub fn next_at(&self) -> SimTime {
        let near = self.near.get(self.taken).map(|entry| entry.at);
        let ring = || {
            let mut node = self.ring[self.first_occupied()? as usize & (self.ring.len() - 1)];
            let mut earliest = u64::MAX;
            while node != NONE {
                earliest = earliest.min(self.nodes[node as usize].at);
                node = self.nodes[node as usize].next;
            }
            Some(earliest)
        };
        let at = near.or_else(ring).or_else(|| self.far.first().map(|entry| entry.at));
        at.map_or(SimTime::NEVER, SimTime::from_nanos)
    }

    /// Takes the next event if it lies before `limit`; packed.
    ///
    /// # Complexity
    /// Constant on average, as long as events are spread over time.
    #[inline]
    pub fn pop_before(&mut self, limit: SimTime) -> Option<(SimTime, u64)> {
        loop {
            if let Some(&Entry { at, event }) = self.near.get(self.taken) {
                if at >= limit.as_nanos() {
                    return None;
                }
                self.taken += 1;
                return Some((SimTime::from_nanos(at), event));
            }
            if !self.open_next_bucket(limit.as_nanos()) {
                return None;
            }
        }
    }

    /// The event that will be taken `ahead` events after the next one, packed, if that is known. Others may come between.
    #[inline]
    pub fn expected(&self, ahead: usize) -> Option<u64> {
        self.near.get(self.taken + ahead).map(|entry| entry.event)
    }

    #[inline]
    fn enter_near(&mut self, entry: Entry) {
        self.near.push(entry);
        self.sink(self.near.len() - 1);
    }

    /// Moves an entry of the array behind all before it that are not later, so behind its equals.
    #[inline]
    fn sink(&mut self, position: usize) {
        let entry = self.near[position];
        let mut hole = position;
        while hole > self.taken && self.near[hole - 1].at > entry.at {
            self.near[hole] = self.near[hole - 1];
            hole -= 1;
        }
        self.near[hole] = entry;
    }

    #[inline]
    fn enter_ring(&mut self, at: u64, event: u64) {
        let position = (at >> self.shift) as usize & (self.ring.len() - 1);
        let last = self.ring[position];
        // Entered at the head, so that no other node has to be fetched.
        let node = Node { at, event, next: last };
        let place = if let Some(free) = self.nodes.get_mut(self.free as usize) {
            core::mem::replace(&mut self.free, core::mem::replace(free, node).next)
        } else {
            self.nodes.push(node);
            u32::try_from(self.nodes.len() - 1).expect("fewer than 2³² events are pending")
        };
        self.ring[position] = place;
        if last == NONE {
            self.occupied[position / 64] |= 1 << (position % 64);
        }
        self.in_ring += 1;
    }

    /// Sorts the events of the next bucket that has any into the array, which must be empty; `false` if that bucket
    /// begins at `limit` or later, or if there is none.
    #[inline(never)]
    fn open_next_bucket(&mut self, limit: u64) -> bool {
        if self.epoch_events >= EPOCH.max((self.in_ring + self.far.len()) as u64 / 4) {
            self.adapt();
        }
        let bucket = match self.first_occupied() {
            Some(bucket) => bucket,
            None => match self.far.first() {
                Some(first) => first.at >> self.shift,
                None => return false,
            },
        };
        if bucket << self.shift >= limit {
            return false;
        }
        // Those that were entered into the array at once count, too.
        self.epoch_events += self.near.len() as u64;
        self.near.clear();
        self.taken = 0;
        self.next_bucket = bucket;
        self.fetch_from_far();
        let position = bucket as usize & (self.ring.len() - 1);
        let mut next = core::mem::replace(&mut self.ring[position], NONE);
        self.occupied[position / 64] &= !(1 << (position % 64));
        while let Some(node) = self.nodes.get_mut(next as usize) {
            self.near.push(Entry { at: node.at, event: node.event });
            let place = core::mem::replace(&mut next, node.next);
            node.next = self.free;
            self.free = place;
        }
        // From here on in the order of scheduling, which sorting keeps among equals.
        self.near.reverse();
        if self.near.len() > LARGE_BUCKET {
            self.near.sort_by_key(|entry| entry.at);
        } else {
            for position in 1..self.near.len() {
                self.sink(position);
            }
        }
        self.in_ring -= self.near.len();
        self.next_bucket = bucket + 1;
        self.near_end = self.next_bucket.saturating_mul(1 << self.shift);
        self.fetch_from_far();
        true
    }

    /// Number of the first bucket of the ring that has events.
    #[inline]
    fn first_occupied(&self) -> Option<u64> {
        if self.in_ring == 0 {
            return None;
        }
        let start = self.next_bucket as usize & (self.ring.len() - 1);
        let mut word = start / 64;
        let mut bits = self.occupied[word] >> (start % 64);
        let mut distance = 0;
        if bits == 0 {
            distance = 64 - start % 64;
            loop {
                word = (word + 1) & (self.occupied.len() - 1);
                bits = self.occupied[word];
                if bits != 0 {
                    break;
                }
                distance += 64;
            }
        }
        Some(self.next_bucket + distance as u64 + u64::from(bits.trailing_zeros()))
    }

    /// Moves what now lies within the horizon from the heap to the ring.
    #[inline]
    fn fetch_from_far(&mut self) {
        while let Some(first) = self.far.first()
            && (first.at >> self.shift) - self.next_bucket < self.ring.len() as u64
        {
            let first = self.pop_far();
            self.enter_ring(first.at, first.event);
        }
    }

    fn enter_far(&mut self, at: u64, event: u64) {
        let entry = FarEntry { at, order: self.entered_far, event };
        self.entered_far += 1;
        self.far.push(entry);
        lift(&mut self.far, entry);
    }

    /// Takes the first event of the heap, which must have one.
    fn pop_far(&mut self) -> FarEntry {
        let last = self.far.pop().expect("the caller has seen one");
        let Some(&first) = self.far.first() else { return last };
        // Sinking a hole to the bottom and lifting the last entry into place compares less than sinking the entry: it
        // came from the bottom and mostly goes back there.
        let n = self.far.len();
        let mut hole = 0;
        loop {
            let first_child = hole * ARITY + 1;
            if first_child >= n {
                break;
            }
            let mut least = first_child;
            for child in first_child + 1..(first_child + ARITY).min(n) {
                if self.far[child].is_before(&self.far[least]) {
                    least = child;
                }
            }
            self.far[hole] = self.far[least];
            hole = least;
        }
        lift(&mut self.far[..=hole], last);
        first
    }

    /// Fits width and number of buckets to what was met lately: two to four events in a bucket, and a horizon several
    /// times as far as events are scheduled ahead. The array must be empty.
    fn adapt(&mut self) {
        let pending = self.in_ring + self.far.len();
        let gap = (self.near_end - self.epoch_began) / self.epoch_events;
        self.epoch_events = 0;
        self.epoch_began = self.near_end;
        let shift = gap.max(1).ilog2() + 2;
        let buckets = (pending * 4).next_power_of_two().clamp(FEWEST_BUCKETS, MOST_BUCKETS);
        // A ring too long costs nothing but memory, one that is half as long little.
        if shift.abs_diff(self.shift) < 2 && buckets <= 2 * self.ring.len() {
            return;
        }
        let before = core::mem::take(&mut self.nodes);
        let begin = self.next_bucket;
        let ring = core::mem::replace(&mut self.ring, vec![NONE; buckets]);
        self.occupied = vec![0; buckets / 64];
        self.free = NONE;
        self.in_ring = 0;
        self.shift = shift;
        self.next_bucket = self.near_end >> shift;
        self.near_end = self.next_bucket << shift;
        // In order of time and scheduling, so that equals stay in order wherever they go.
        let mut bucket = Vec::new();
        for ahead in 0..ring.len() as u64 {
            let mut next = ring[(begin + ahead) as usize & (ring.len() - 1)];
            while let Some(&node) = before.get(next as usize) {
                next = node.next;
                bucket.push(node);
            }
            while let Some(node) = bucket.pop() {
                if (node.at >> self.shift) - self.next_bucket < buckets as u64 {
                    self.enter_ring(node.at, node.event);
                } else {
                    self.enter_far(node.at, node.event);
                }
            }
        }
        self.fetch_from_far();
    }

    /// Number of events entered and not taken.
    #[cfg(test)]
    const fn len(&self) -> usize {
        self.near.len() - self.taken + self.in_ring + self.far.len()
    }
}

/// Moves `entry` from the last place of a heap up to where it belongs.
fn lift(heap: &mut [FarEntry], entry: FarEntry) {
    let mut hole = heap.len() - 1;
    while hole > 0 {
        let parent = (hole - 1) / ARITY;
        if !entry.is_before(&heap[parent]) {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = entry;
}

#[cfg(test)]
mod tests {
    use super::super::call::CallIdx;
    use super::*;
    use crate::ids::ComponentId;
    use crate::sim::rng::{Purpose, Stream};

    /// Enters and takes events at random and compares with a sorted list. `delay` draws how far ahead the next one lies
    /// [ns], from a stream and the number of events so far.
    fn check(pending: usize, events: u32, mut delay: impl FnMut(&mut Stream, u32) -> u64) {
        let mut stream = Stream::of_component(1, ComponentId(1), 0, Purpose::Service);
        let mut calendar = Calendar::default();
        let mut expected = Vec::new();
        let mut taken = Vec::new();
        let mut now = 0;
        for number in 0..events {
            let at = now + delay(&mut stream, number);
            calendar.schedule(SimTime::from_nanos(at), Event::Arrive(CallIdx(number)));
            expected.push((at, number));
            if stream.below(3) > 0 && calendar.len() > pending {
                let next = calendar.next_at();
                assert_eq!(calendar.pop_before(next), None, "a limit is not reached");
                let (at, event) = calendar.pop_before(SimTime::NEVER).expect("not empty");
                assert_eq!(at, next);
                now = at.as_nanos();
                taken.push((now, event));
            }
        }
        while let Some((at, event)) = calendar.pop_before(SimTime::NEVER) {
            taken.push((at.as_nanos(), event));
        }
        expected.sort_unstable();
        let expected: Vec<_> =
            expected.into_iter().map(|(at, number)| (at, Event::Arrive(CallIdx(number)).pack())).collect();
        assert_eq!(taken, expected);
        assert_eq!(calendar.next_at(), SimTime::NEVER);
        assert_eq!(calendar.len(), 0);
    }

    #[test]
    fn ties_come_in_order_of_scheduling() {
        check(40, 20_000, |stream, _| u64::from(stream.below(50)));
        check(3000, 20_000, |stream, _| u64::from(stream.below(3)) * 1_000_000);
        check(300, 20_000, |_, _| 5_000_000_000);
    }

    #[test]
    fn order_survives_every_scale_of_time() {
        // From nanoseconds to hours, and from one end of the scale to the other and back.
        check(1000, 50_000, |stream, _| 1 << stream.below(43));
        check(100, 100_000, |stream, number| u64::from(stream.below(1000)) << (number / 3000));
        check(100, 100_000, |stream, number| u64::from(stream.below(1000)) << (33 - number / 3000));
    }

    #[test]
    fn order_survives_growth_and_shrinking() {
        check(20_000, 100_000, |stream, _| (stream.exponential() * 1e6) as u64);
        check(500, 100_000, |stream, number| {
            let far = if (number / 10_000).is_multiple_of(2) { 1e10 } else { 1e4 };
            (stream.exponential() * far) as u64
        });
    }

    #[test]
    fn what_never_happens_is_not_kept() {
        let mut calendar = Calendar::default();
        calendar.schedule(SimTime::NEVER, Event::Arrive(CallIdx(1)));
        let last = SimTime::from_nanos(u64::MAX - 1);
        calendar.schedule(last, Event::Arrive(CallIdx(2)));
        assert_eq!(calendar.pop_before(SimTime::NEVER), Some((last, Event::Arrive(CallIdx(2)).pack())));
        assert_eq!(calendar.pop_before(SimTime::NEVER), None);
    }
}
