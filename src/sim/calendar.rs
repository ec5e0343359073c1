//! The future-event list: what happens next, by time, and among equals in the order of scheduling.
//!
//! Time is cut into buckets of equal width. The events of the present bucket lie sorted in an array; those of the next
//! buckets, up to the horizon, in a ring; what lies beyond the horizon waits in a heap. Entering and taking an event
//! therefore cost the same however many are pending. Width and number of buckets follow the events met lately; the order
//! in which events are taken does not depend on them.
//!
//! A bucket of the ring is two neighbouring lines of the processor's caches, with room for a few events; only what does
//! not fit goes into a list.
//!
//! Only the heap needs numbers to keep equals in order: buckets and array keep the order in which events were entered,
//! and an event comes out of the heap before any other of its time can be entered into its bucket.
//!
//! # Sources
//! R. Brown, *Calendar Queues: A Fast O(1) Priority Queue Implementation for the Simulation Event Set Problem* (1988),
//! with the overflow and the sorted present bucket of W. T. Tang, R. S. M. Goh, I. L. Thng, *Ladder Queue* (2005).

use super::event::Event;
use crate::units::SimTime;

/// Children per node of the heap.
const ARITY: usize = 4;
/// Fewest buckets of the ring.
const FEWEST_BUCKETS: usize = 128;
/// Most buckets of the ring: 16 MB.
const MOST_BUCKETS: usize = 1 << 17;
/// Events that have room in a bucket.
const ROOM: usize = 10;
/// Width of buckets before anything is known: 2¹⁶ ns.
const FIRST_SHIFT: u32 = 16;
/// Greatest width of buckets: times within one fit into 32 bits.
const LAST_SHIFT: u32 = 32;
/// Fewest events after which width and number of buckets are looked at again.
const EPOCH: u64 = 2048;
/// How many events there may be about in the time of a bucket before its width is changed: fewer, and opening it costs
/// more than taking them; more, and they have no room.
const EVENTS_OF_A_BUCKET: core::ops::RangeInclusive<u64> = 3..=9;
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

/// The events of some span of time, in the order in which they were entered.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(128))]
struct Bucket {
    events: [u64; ROOM],
    /// Their times since the begin of the bucket.
    offsets: [u32; ROOM],
    /// Number of those, in the lowest four bits; above, one more than the node of the last of the others.
    state: u32,
}

/// Bits of the number of events in [`Bucket::state`].
const COUNT_BITS: u32 = 4;
const EMPTY: Bucket = Bucket { events: [0; ROOM], offsets: [0; ROOM], state: 0 };

impl Bucket {
    const fn count(&self) -> usize {
        (self.state & ((1 << COUNT_BITS) - 1)) as usize
    }

    /// The node that was entered last; `None` if there are no others.
    const fn last_node(&self) -> u32 {
        (self.state >> COUNT_BITS).wrapping_sub(1)
    }
}

/// An event that had no room in its bucket, or a free place for one.
#[derive(Clone, Copy, Debug)]
struct Node {
    offset: u32,
    next: u32,
    event: u64,
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
    /// Where the ring ends.
    horizon: u64,
    shift: u32,
    /// Buckets by their number modulo the length. The number of a bucket is its time without the low `shift` bits.
    ring: Vec<Bucket>,
    /// One bit for each bucket of the ring that has events.
    occupied: Vec<u64>,
    in_ring: usize,
    /// Number of the bucket that begins at `near_end`: the first of the ring.
    next_bucket: u64,
    nodes: Vec<Node>,
    free: u32,
    far: Vec<FarEntry>,
    entered_far: u64,
    /// Events taken since the width was looked at last, when that was, and after how many it is looked at again.
    epoch_events: u64,
    epoch_began: u64,
    epoch_length: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            near: Vec::with_capacity(64),
            taken: 0,
            near_end: 0,
            horizon: (FEWEST_BUCKETS as u64) << FIRST_SHIFT,
            shift: FIRST_SHIFT,
            ring: vec![EMPTY; FEWEST_BUCKETS],
            occupied: vec![0; FEWEST_BUCKETS / 64],
            in_ring: 0,
            next_bucket: 0,
            nodes: Vec::new(),
            free: NONE,
            far: Vec::new(),
            entered_far: 0,
            epoch_events: 0,
            epoch_began: 0,
            epoch_length: EPOCH,
        }
    }
}

impl Calendar {
    /// Enters an event, which must not lie before one that has been taken. One at [`SimTime::NEVER`] never happens.
    ///
    /// # Complexity
    /// Constant on average, as long as events are spread over time.
    #[allow(clippy::inline_always, reason = "where the kind of event is known, packing it costs nothing")]
    #[inline(always)]
    pub fn schedule(&mut self, at: SimTime, event: Event) {
        self.enter(at.as_nanos(), event.pack());
    }

    /// Enters a packed event.
    fn enter(&mut self, at: u64, event: u64) {
        if at < self.near_end {
            self.enter_near(Entry { at, event });
        } else if at < self.horizon {
            self.enter_ring(at, event);
        } else if at != SimTime::NEVER.as_nanos() {
            self.enter_far(at, event);
        }
    }

    /// Memory taken by events and the places for them [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.far.capacity() * size_of::<FarEntry>()
            + self.near.capacity() * size_of::<Entry>()
            + self.ring.capacity() * size_of::<Bucket>()
    }

    /// The time of the next event; [`SimTime::NEVER`] if there is none.
    ///
    /// # Complexity
    /// That of a search through the next bucket.
    pub fn next_at(&self) -> SimTime {
        let near = self.near.get(self.taken).map(|entry| entry.at);
        let ring = || {
            let number = self.first_occupied()?;
            let bucket = &self.ring[number as usize & (self.ring.len() - 1)];
            let mut earliest = bucket.offsets[..bucket.count()].iter().copied().min().unwrap_or(u32::MAX);
            let mut next = bucket.last_node();
            while let Some(node) = self.nodes.get(next as usize) {
                earliest = earliest.min(node.offset);
                next = node.next;
            }
            Some((number << self.shift) + u64::from(earliest))
        };
        let at = near.or_else(ring).or_else(|| self.far.first().map(|entry| entry.at));
        at.map_or(SimTime::NEVER, SimTime::from_nanos)
    }

    /// Takes the next event of the present bucket if it lies before `limit`; packed. Without one,
    /// [`Calendar::open_before`] tells whether there is another bucket.
    #[inline]
    pub fn pop_before(&mut self, limit: SimTime) -> Option<(SimTime, u64)> {
        let &Entry { at, event } = self.near.get(self.taken)?;
        if at >= limit.as_nanos() {
            return None;
        }
        self.taken += 1;
        Some((SimTime::from_nanos(at), event))
    }

    /// Makes the next bucket that has events the present one, if all of the present one have been taken and it begins
    /// before `limit`; gives whether it does.
    ///
    /// # Complexity
    /// Constant on average for each event, as long as events are spread over time.
    pub fn open_before(&mut self, limit: SimTime) -> bool {
        self.taken == self.near.len() && self.open_next_bucket(limit.as_nanos())
    }

    /// The events of the present bucket that are still to be taken, packed.
    #[inline]
    pub fn coming(&self) -> impl Iterator<Item = u64> {
        self.near[self.taken..].iter().map(|entry| entry.event)
    }

    /// Events of the bucket after the present one, packed; not always all.
    #[inline]
    pub fn coming_later(&self) -> &[u64] {
        let bucket = self.first_occupied().map(|number| &self.ring[number as usize & (self.ring.len() - 1)]);
        bucket.map_or(&[], |bucket| &bucket.events[..bucket.count().min(ROOM)])
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

    #[allow(clippy::inline_always, reason = "where nearly every event goes")]
    #[inline(always)]
    fn enter_ring(&mut self, at: u64, event: u64) {
        let position = (at >> self.shift) as usize & (self.ring.len() - 1);
        let offset = (at & ((1 << self.shift) - 1)) as u32;
        let bucket = &mut self.ring[position];
        let count = bucket.count();
        if count < ROOM {
            bucket.events[count] = event;
            bucket.offsets[count] = offset;
            bucket.state += 1;
        } else {
            let node = Node { offset, next: bucket.last_node(), event };
            let place = if let Some(free) = self.nodes.get_mut(self.free as usize) {
                core::mem::replace(&mut self.free, core::mem::replace(free, node).next)
            } else {
                self.nodes.push(node);
                assert!(self.nodes.len() < (u32::MAX >> COUNT_BITS) as usize, "fewer than 2²⁸ events crowd");
                (self.nodes.len() - 1) as u32
            };
            bucket.state = ((place + 1) << COUNT_BITS) | ROOM as u32;
        }
        self.occupied[position / 64] |= 1 << (position % 64);
        self.in_ring += 1;
    }

    /// Sorts the events of the next bucket that has any into the array, which must be empty; `false` if that bucket
    /// begins at `limit` or later, or if there is none.
    #[inline(never)]
    fn open_next_bucket(&mut self, limit: u64) -> bool {
        if self.epoch_events >= self.epoch_length {
            self.adapt();
        }
        let number = match self.first_occupied() {
            Some(number) => number,
            None => match self.far.first() {
                Some(first) => first.at >> self.shift,
                None => return false,
            },
        };
        if number << self.shift >= limit {
            return false;
        }
        // Those that were entered into the array at once count, too.
        self.epoch_events += self.near.len() as u64;
        self.near.clear();
        self.taken = 0;
        if self.in_ring == 0 {
            self.begin_ring_at(number);
        }
        self.take_bucket(number);
        if self.near.len() > LARGE_BUCKET {
            sort_by_time(&mut self.near);
        } else {
            for position in 1..self.near.len() {
                self.sink(position);
            }
        }
        self.begin_ring_at(number + 1);
        true
    }

    /// Moves the events of a bucket to the end of the array, in the order of scheduling.
    #[allow(clippy::inline_always, reason = "once for each bucket, and once where the calendar adapts")]
    #[inline(always)]
    fn take_bucket(&mut self, number: u64) {
        let position = number as usize & (self.ring.len() - 1);
        self.occupied[position / 64] &= !(1 << (position % 64));
        let bucket = &mut self.ring[position];
        let begin = number << self.shift;
        let (count, mut next) = (bucket.count(), bucket.last_node());
        bucket.state = 0;
        let events = bucket.events.iter().zip(&bucket.offsets).take(count);
        self.near.extend(events.map(|(&event, &offset)| Entry { at: begin + u64::from(offset), event }));
        self.in_ring -= count;
        if count == ROOM {
            let others = self.near.len();
            while let Some(node) = self.nodes.get_mut(next as usize) {
                self.near.push(Entry { at: begin + u64::from(node.offset), event: node.event });
                let place = core::mem::replace(&mut next, node.next);
                node.next = self.free;
                self.free = place;
                self.in_ring -= 1;
            }
            self.near[others..].reverse();
        }
    }

    /// Lets the ring begin with a bucket, and fetches what now lies within the horizon from the heap.
    #[inline]
    fn begin_ring_at(&mut self, number: u64) {
        let width = 1 << self.shift;
        self.next_bucket = number;
        self.near_end = number.saturating_mul(width);
        self.horizon = (number + self.ring.len() as u64).saturating_mul(width);
        while let Some(first) = self.far.first()
            && first.at < self.horizon
        {
            let first = self.pop_far();
            self.enter_ring(first.at, first.event);
        }
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

    /// Fits width and number of buckets to what was met lately: a few events in a bucket, and a horizon several times as
    /// far as events are scheduled ahead. No event of the array may be left.
    #[cold]
    fn adapt(&mut self) {
        let pending = self.in_ring + self.far.len();
        let gap = ((self.near_end - self.epoch_began) / self.epoch_events).max(1);
        self.epoch_events = 0;
        self.epoch_began = self.near_end;
        self.epoch_length = EPOCH.max(pending as u64 / 4);
        let buckets = pending.next_power_of_two().clamp(FEWEST_BUCKETS, MOST_BUCKETS);
        // A ring too long costs nothing but memory, one that is half as long little.
        if EVENTS_OF_A_BUCKET.contains(&((1 << self.shift) / gap)) && buckets <= 2 * self.ring.len() {
            return;
        }
        let shift = (gap.ilog2() + 3).min(LAST_SHIFT);
        // In order of time and scheduling, so that equals stay in order wherever they go.
        self.near.clear();
        self.taken = 0;
        while let Some(number) = self.first_occupied() {
            let begin = self.near.len();
            self.take_bucket(number);
            sort_by_time(&mut self.near[begin..]);
        }
        let events = core::mem::take(&mut self.near);
        self.ring = vec![EMPTY; buckets];
        self.occupied = vec![0; buckets / 64];
        self.shift = shift;
        // Whoever schedules for now finds a bucket that is still to come.
        let begin = self.near_end >> shift;
        self.next_bucket = begin;
        self.near_end = begin << shift;
        self.horizon = (begin + buckets as u64).saturating_mul(1 << shift);
        for Entry { at, event } in events {
            if at < self.horizon {
                self.enter_ring(at, event);
            } else {
                self.enter_far(at, event);
            }
        }
        self.begin_ring_at(begin);
    }

    /// Number of events entered and not taken.
    #[cfg(test)]
    const fn len(&self) -> usize {
        self.near.len() - self.taken + self.in_ring + self.far.len()
    }
}

/// Sorts many events; equals stay in the order of scheduling.
#[inline(never)]
fn sort_by_time(entries: &mut [Entry]) {
    entries.sort_by_key(|entry| entry.at);
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

    /// Takes the next event before a limit, whichever bucket it is in.
    fn take(calendar: &mut Calendar, limit: SimTime) -> Option<(SimTime, u64)> {
        loop {
            match calendar.pop_before(limit) {
                None if calendar.open_before(limit) => {}
                taken => return taken,
            }
        }
    }

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
                assert_eq!(take(&mut calendar, next), None, "a limit is not reached");
                let (at, event) = take(&mut calendar, SimTime::NEVER).expect("not empty");
                assert_eq!(at, next);
                now = at.as_nanos();
                taken.push((now, event));
            }
        }
        while let Some((at, event)) = take(&mut calendar, SimTime::NEVER) {
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
        assert_eq!(take(&mut calendar, SimTime::NEVER), Some((last, Event::Arrive(CallIdx(2)).pack())));
        assert_eq!(take(&mut calendar, SimTime::NEVER), None);
    }
}
