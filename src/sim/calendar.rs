//! The future-event list: what happens next, by time, and among equals in the order of scheduling.
//!
//! Time is cut into buckets of equal width, and so many buckets make up a stretch. The events of the present bucket lie
//! sorted in an array, those of the other buckets of this stretch and the next ones in a ring, and those of the stretches
//! after these in lists, one for each; what lies beyond the last of them waits in a heap. Entering and taking an event
//! therefore cost the same however many are pending, and all that is written at random is as small as the nearest caches.
//! Width and length of the ring follow the events met lately; the order in which events are taken depends on neither.
//!
//! Only the heap needs numbers to keep equals in order: all others keep the order in which events were entered, and an
//! event comes out of one of them before any other of its time can be entered into the next.
//!
//! # Sources
//! R. Brown, *Calendar Queues: A Fast O(1) Priority Queue Implementation for the Simulation Event Set Problem* (1988),
//! with the rungs and the sorted present bucket of W. T. Tang, R. S. M. Goh, I. L. Thng, *Ladder Queue* (2005).

mod heap;
mod ring;
mod stretches;

use self::heap::Heap;
use self::ring::{RING_BITS, Ring};
use self::stretches::{STRETCHES, Stretches};
use super::event::Event;
use crate::units::SimTime;

/// Width of buckets before anything is known: 2¹⁶ ns.
const FIRST_SHIFT: u32 = 16;
/// Greatest width of buckets: times within one fit into 32 bits.
const LAST_SHIFT: u32 = 32;
/// Fewest events after which the width is looked at again.
const EPOCH: u64 = 2048;
/// How many events there may be about in the time of a bucket before its width is changed: fewer, and opening it costs
/// more than taking them; more, and some have no room.
const EVENTS_OF_A_BUCKET: core::ops::RangeInclusive<u64> = 3..=7;
/// Stretches that the ring holds, as a power of two: only what lies beyond them goes by way of a list.
const STRETCHES_OF_THE_RING_BITS: u32 = 2;

/// An event and its time.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    event: u64,
}

/// Future events in order of time; ties in order of scheduling.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Events before `near_end`, earliest first, from `taken` on.
    near: Vec<Entry>,
    taken: usize,
    near_end: u64,
    /// Where the last stretch ends that the ring holds.
    ring_end: u64,
    /// Where the last stretch ends that has a list.
    horizon: u64,
    shift: u32,
    /// Events of the present stretch and the next ones. The number of a bucket is its time without the low `shift` bits,
    /// that of a stretch the number of its buckets without the low [`Calendar::stretch_bits`].
    ring: Ring,
    /// Number of the bucket that begins at `near_end`.
    next_bucket: u64,
    /// Number of the present stretch.
    stretch: u64,
    stretches: Stretches,
    far: Heap,
    /// Events taken since the width was looked at last, when that was, and after how many it is looked at again.
    epoch_events: u64,
    epoch_began: u64,
    epoch_length: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        let mut calendar = Self {
            near: Vec::with_capacity(64),
            taken: 0,
            near_end: 0,
            ring_end: 0,
            horizon: 0,
            shift: FIRST_SHIFT,
            ring: Ring::new(*RING_BITS.start()),
            next_bucket: 0,
            stretch: 0,
            stretches: Stretches::default(),
            far: Heap::default(),
            epoch_events: 0,
            epoch_began: 0,
            epoch_length: EPOCH,
        };
        calendar.begin_at(0);
        calendar
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
        } else if at < self.ring_end {
            self.ring.enter(self.shift, at, event);
        } else {
            self.enter_later(at, event);
        }
    }

    /// How many buckets a stretch has, as a power of two.
    #[inline]
    const fn stretch_bits(&self) -> u32 {
        self.ring.bits() - STRETCHES_OF_THE_RING_BITS
    }

    /// Enters an event that lies beyond the ring.
    #[inline]
    fn enter_later(&mut self, at: u64, event: u64) {
        if at < self.horizon {
            self.stretches.push(at >> (self.shift + self.stretch_bits()), Entry { at, event });
        } else if at != SimTime::NEVER.as_nanos() {
            self.far.push(at, event);
        }
    }

    /// Memory taken by events and the places for them [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.near.capacity() * size_of::<Entry>()
            + self.ring.footprint_bytes()
            + self.stretches.footprint_bytes()
            + self.far.footprint_bytes()
    }

    /// The time of the next event; [`SimTime::NEVER`] if there is none.
    ///
    /// # Complexity
    /// That of a search through the next bucket, or through the next stretch if there is nothing before it.
    pub fn next_at(&self) -> SimTime {
        let near = self.near.get(self.taken).map(|entry| entry.at);
        let ring = || {
            let number = self.ring.first_from(self.next_bucket)?;
            Some((number << self.shift) + u64::from(self.ring.earliest(number)))
        };
        let later = || self.stretches.earliest(self.stretches.first_from(self.stretch + 1)?);
        let at = near.or_else(ring).or_else(later).or_else(|| self.far.first().map(|entry| entry.at));
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

    /// Number of the bucket after the present one.
    #[inline]
    pub const fn next_bucket(&self) -> u64 {
        self.next_bucket
    }

    /// Events of some buckets, packed; not always all.
    pub fn coming(&self, buckets: core::ops::Range<u64>) -> impl Iterator<Item = u64> {
        let end = buckets.end.min(self.ring_end >> self.shift);
        (buckets.start..end).flat_map(|number| self.ring.events(number).iter().copied())
    }

    /// Enters an event into the array, behind all that are not later, so behind its equals.
    #[inline(never)]
    fn enter_near(&mut self, entry: Entry) {
        self.near.push(entry);
        let Some((mut hole, before)) = self.near[self.taken..].split_last_mut() else { return };
        for previous in before.iter_mut().rev() {
            if previous.at <= entry.at {
                break;
            }
            *hole = *previous;
            hole = previous;
        }
        *hole = entry;
    }

    /// Sorts the events of the next bucket that has any into the array, which must be empty; `false` if that bucket
    /// begins at `limit` or later, or if there is none.
    #[inline(never)]
    fn open_next_bucket(&mut self, limit: u64) -> bool {
        if self.epoch_events >= self.epoch_length {
            self.adapt();
        }
        let Some(number) = self.next_with_events(limit) else { return false };
        // Those that were entered into the array at once count, too.
        self.epoch_events += self.near.len() as u64;
        self.near.clear();
        self.taken = 0;
        self.ring.take(number, number << self.shift, &mut self.near);
        self.next_bucket = number + 1;
        self.near_end = self.begin_of(self.next_bucket);
        true
    }

    /// When the bucket of a number begins; the end of all time if that is sooner. Saturating multiplication would do so by
    /// way of 128 bits.
    const fn begin_of(&self, number: u64) -> u64 {
        if number > u64::MAX >> self.shift { u64::MAX } else { number << self.shift }
    }

    /// Number of the next bucket that has events, whose stretch then is the present one; `None` if it begins at `limit` or
    /// later, or if there is none.
    #[inline]
    fn next_with_events(&mut self, limit: u64) -> Option<u64> {
        loop {
            if let Some(number) = self.ring.first_from(self.next_bucket) {
                if number << self.shift >= limit {
                    return None;
                }
                // What is fetched lies beyond all that the ring held, so this bucket stays the next one.
                let stretch = number >> self.stretch_bits();
                if stretch != self.stretch {
                    self.move_to(stretch);
                }
                return Some(number);
            }
            let bits = self.shift + self.stretch_bits();
            let listed = self.stretches.first_from(self.stretch + 1);
            let stretch = listed.or_else(|| self.far.first().map(|first| first.at >> bits))?;
            if stretch << bits >= limit {
                return None;
            }
            self.begin_at(stretch << self.stretch_bits());
        }
    }

    /// Lets a bucket come next. The ring must be empty.
    fn begin_at(&mut self, number: u64) {
        self.next_bucket = number;
        self.near_end = self.begin_of(number);
        self.move_to(number >> self.stretch_bits());
    }

    /// Makes a stretch the present one, and fetches what the ring is to hold now and what now lies before the horizon.
    #[inline(never)]
    fn move_to(&mut self, stretch: u64) {
        let bits = self.stretch_bits();
        let width = 1 << (self.shift + bits);
        let in_ring = 1 << STRETCHES_OF_THE_RING_BITS;
        self.stretch = stretch;
        self.ring_end = (stretch + in_ring).saturating_mul(width);
        self.horizon = (stretch + STRETCHES as u64).saturating_mul(width);
        let Self { ring, stretches, shift, .. } = self;
        for listed in stretch..stretch + in_ring {
            stretches.drain(listed, |entry| ring.enter(*shift, entry.at, entry.event));
        }
        while let Some(first) = self.far.pop_before(self.horizon) {
            self.enter_again(first.at, first.event);
        }
    }

    /// Enters an event that lies in no bucket that has been opened.
    fn enter_again(&mut self, at: u64, event: u64) {
        if at < self.ring_end {
            self.ring.enter(self.shift, at, event);
        } else {
            self.enter_later(at, event);
        }
    }

    /// Fits the width to what was met lately: a few events in a bucket. No event of the array may be left.
    #[cold]
    fn adapt(&mut self) {
        let pending = self.ring.len() + self.stretches.len() + self.far.len();
        let gap = ((self.near_end - self.epoch_began) / self.epoch_events).max(1);
        self.epoch_events = 0;
        self.epoch_began = self.near_end;
        self.epoch_length = EPOCH.max(pending as u64 / 4);
        let is_well = EVENTS_OF_A_BUCKET.contains(&((1 << self.shift) / gap));
        let shift = if is_well { self.shift } else { (gap.ilog2() + 3).min(LAST_SHIFT) };
        let bits = self.fitting_bits(pending);
        if shift == self.shift && bits == self.ring.bits() {
            return;
        }
        // In order of time and scheduling, so that equals stay in order wherever they go.
        let mut events = Vec::with_capacity(pending);
        while let Some(number) = self.ring.first_from(self.next_bucket) {
            self.ring.take(number, number << self.shift, &mut events);
        }
        while let Some(number) = self.stretches.first_from(self.stretch + 1) {
            let begin = events.len();
            self.stretches.drain(number, |entry| events.push(entry));
            sort_by_time(&mut events[begin..]);
        }
        self.near.clear();
        self.taken = 0;
        self.shift = shift;
        self.ring.resize(bits);
        // Whoever schedules for now finds a bucket that is still to come.
        self.begin_at(self.near_end >> shift);
        for Entry { at, event } in events {
            self.enter_again(at, event);
        }
    }

    /// How long the ring should be with so many events pending: long enough to hold most of them, which then need not go
    /// by way of a list. It becomes shorter only once it is far too long.
    fn fitting_bits(&self, pending: usize) -> u32 {
        let buckets = pending / *EVENTS_OF_A_BUCKET.start() as usize;
        let fits = buckets.max(1).ilog2().clamp(*RING_BITS.start(), *RING_BITS.end());
        if fits + 1 == self.ring.bits() { fits + 1 } else { fits }
    }

    /// Number of events entered and not taken.
    #[cfg(test)]
    const fn len(&self) -> usize {
        self.near.len() - self.taken + self.ring.len() + self.stretches.len() + self.far.len()
    }
}

/// Sorts many events; equals stay in the order of scheduling.
#[inline(never)]
fn sort_by_time(entries: &mut [Entry]) {
    entries.sort_by_key(|entry| entry.at);
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
        check(5_000, 100_000, |stream, _| (stream.exponential() * 1e9) as u64);
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
