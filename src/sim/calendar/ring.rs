//! The buckets of the present stretch of time and the next ones.
//!
//! A bucket is two neighbouring lines of the processor's caches, with room for a few events; only what does not fit goes
//! into a list.

use super::{Entry, sort_by_time};

/// Fewest and most buckets of a ring, as powers of two: 32 kB fit the nearest cache, 128 kB the next one.
pub const RING_BITS: core::ops::RangeInclusive<u32> = 8..=10;
/// Most buckets of a ring.
const MOST_BUCKETS: usize = 1 << *RING_BITS.end();
/// Events that have room in a bucket.
const ROOM: usize = 10;
/// No node.
const NONE: u32 = u32::MAX;

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

    /// The node that was entered last; [`NONE`] if there are no others.
    const fn last_node(&self) -> u32 {
        (self.state >> COUNT_BITS).wrapping_sub(1)
    }

    /// The first `count` events and their times, in order of time and among equals in that in which they were entered.
    ///
    /// Each one passes all before it and changes places with those that are later. No branch depends on which these are:
    /// a processor would guess that wrong about once for each event, which costs more than all the rest.
    #[allow(clippy::inline_always, reason = "called from one place only")]
    #[inline(always)]
    fn in_order(&self, count: usize) -> impl Iterator<Item = (u32, u64)> {
        // Times, and behind them the places that their events have now.
        let mut order = [0_u64; ROOM];
        let count = count.min(ROOM);
        for (place, &offset) in self.offsets[..count].iter().enumerate() {
            let mut passing = (u64::from(offset) << COUNT_BITS) | place as u64;
            for held in &mut order[..place] {
                (*held, passing) = ((*held).min(passing), (*held).max(passing));
            }
            order[place] = passing;
        }
        let events = &self.events;
        order.into_iter().take(count).map(|key| {
            let place = key as usize & ((1 << COUNT_BITS) - 1);
            ((key >> COUNT_BITS) as u32, events[place.min(ROOM - 1)])
        })
    }
}

/// An event that had no room in its bucket, or a free place for one.
#[derive(Clone, Copy, Debug)]
struct Node {
    offset: u32,
    next: u32,
    event: u64,
}

/// Events by bucket, at the number of the bucket modulo that of buckets.
#[derive(Clone, Debug)]
pub struct Ring {
    /// A power of two.
    buckets: Vec<Bucket>,
    /// One bit for each bucket that has events.
    occupied: [u64; MOST_BUCKETS / 64],
    len: usize,
    nodes: Vec<Node>,
    free: u32,
}

impl Ring {
    /// An empty ring of so many buckets, as a power of two from [`RING_BITS`].
    pub fn new(bits: u32) -> Self {
        let buckets = vec![EMPTY; 1 << bits];
        Self { buckets, occupied: [0; MOST_BUCKETS / 64], len: 0, nodes: Vec::new(), free: NONE }
    }

    /// How many buckets it has, as a power of two.
    pub const fn bits(&self) -> u32 {
        self.buckets.len().ilog2()
    }

    /// Gives it another number of buckets; it must be empty.
    pub fn resize(&mut self, bits: u32) {
        if bits != self.bits() {
            self.buckets = vec![EMPTY; 1 << bits];
        }
    }

    /// Where the bucket of a number lies.
    #[inline]
    const fn position(&self, number: u64) -> usize {
        number as usize & (self.buckets.len() - 1)
    }

    /// Number of events.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<Bucket>() + self.nodes.capacity() * size_of::<Node>()
    }

    /// Enters an event into its bucket, which is as wide as `shift` binary digits.
    #[allow(clippy::inline_always, reason = "where nearly every event goes")]
    #[inline(always)]
    pub fn enter(&mut self, shift: u32, at: u64, event: u64) {
        let position = self.position(at >> shift);
        let offset = (at & ((1 << shift) - 1)) as u32;
        let bucket = &mut self.buckets[position];
        let count = bucket.count();
        if count < ROOM {
            bucket.events[count] = event;
            bucket.offsets[count] = offset;
            bucket.state += 1;
            self.occupied[position / 64] |= 1 << (position % 64);
            self.len += 1;
        } else {
            self.enter_list(position, offset, event);
        }
    }

    /// Enters an event into a bucket that has no room.
    #[cold]
    fn enter_list(&mut self, position: usize, offset: u32, event: u64) {
        let bucket = &mut self.buckets[position];
        let node = Node { offset, next: bucket.last_node(), event };
        let place = if let Some(free) = self.nodes.get_mut(self.free as usize) {
            core::mem::replace(&mut self.free, core::mem::replace(free, node).next)
        } else {
            self.nodes.push(node);
            assert!(self.nodes.len() < (u32::MAX >> COUNT_BITS) as usize, "fewer than 2²⁸ events crowd");
            (self.nodes.len() - 1) as u32
        };
        bucket.state = ((place + 1) << COUNT_BITS) | ROOM as u32;
        self.len += 1;
    }

    /// Moves the events of a bucket to the end of `into`, in order of time and among equals in the order in which they were
    /// entered. `begin` is the time at which the bucket begins.
    #[allow(clippy::inline_always, reason = "once for each bucket, and once where the calendar adapts")]
    #[inline(always)]
    pub fn take(&mut self, number: u64, begin: u64, into: &mut Vec<Entry>) {
        let position = self.position(number);
        self.occupied[position / 64] &= !(1 << (position % 64));
        let bucket = &mut self.buckets[position];
        let (count, next) = (bucket.count(), bucket.last_node());
        bucket.state = 0;
        self.len -= count;
        let first = into.len();
        into.extend(bucket.in_order(count).map(|(offset, event)| Entry { at: begin + u64::from(offset), event }));
        if next != NONE {
            self.take_list(next, begin, into);
            // Those that had no room came later, so equals stay in order.
            sort_by_time(&mut into[first..]);
        }
    }

    /// Moves the events that had no room in their bucket to the end of `into`, in the order in which they were entered.
    #[cold]
    fn take_list(&mut self, mut next: u32, begin: u64, into: &mut Vec<Entry>) {
        let first = into.len();
        while let Some(node) = self.nodes.get_mut(next as usize) {
            into.push(Entry { at: begin + u64::from(node.offset), event: node.event });
            let place = core::mem::replace(&mut next, node.next);
            node.next = self.free;
            self.free = place;
            self.len -= 1;
        }
        into[first..].reverse();
    }

    /// Number of the first bucket that has events, from `number` on; there must be none before it.
    #[inline]
    pub fn first_from(&self, number: u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let start = self.position(number);
        let words = self.buckets.len() / 64;
        let mut word = start / 64;
        let mut first = number - start as u64 % 64;
        let mut bits = self.occupied[word] & (u64::MAX << (start % 64));
        while bits == 0 {
            // Once round, what lies before the start in its word is what comes last.
            word = (word + 1) & (words - 1);
            first += 64;
            bits = self.occupied[word];
        }
        Some(first + u64::from(bits.trailing_zeros()))
    }

    /// The earliest time in a bucket that has events, since it began.
    pub fn earliest(&self, number: u64) -> u32 {
        let bucket = &self.buckets[self.position(number)];
        let mut earliest = bucket.offsets[..bucket.count()].iter().copied().min().unwrap_or(u32::MAX);
        let mut next = bucket.last_node();
        while let Some(node) = self.nodes.get(next as usize) {
            earliest = earliest.min(node.offset);
            next = node.next;
        }
        earliest
    }

    /// Events of a bucket, packed; not always all.
    #[inline]
    pub fn events(&self, number: u64) -> &[u64] {
        let bucket = &self.buckets[self.position(number)];
        &bucket.events[..bucket.count()]
    }
}
