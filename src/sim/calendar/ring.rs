//! The buckets of the present stretch of time.
//!
//! A bucket is two neighbouring lines of the processor's caches, with room for a few events; only what does not fit goes
//! into a list.

use super::Entry;

/// Buckets of a ring, as a power of two.
pub const RING_BITS: u32 = 8;
/// Buckets of a ring.
pub const BUCKETS: usize = 1 << RING_BITS;
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

/// Events by bucket, at the number of the bucket modulo [`BUCKETS`].
#[derive(Clone, Debug)]
pub struct Ring {
    buckets: Box<[Bucket; BUCKETS]>,
    /// One bit for each bucket that has events.
    occupied: [u64; BUCKETS / 64],
    len: usize,
    nodes: Vec<Node>,
    free: u32,
}

impl Default for Ring {
    fn default() -> Self {
        Self { buckets: Box::new([EMPTY; BUCKETS]), occupied: [0; BUCKETS / 64], len: 0, nodes: Vec::new(), free: NONE }
    }
}

impl Ring {
    /// Number of events.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        size_of::<[Bucket; BUCKETS]>() + self.nodes.capacity() * size_of::<Node>()
    }

    /// Enters an event into its bucket, which is as wide as `shift` binary digits.
    #[allow(clippy::inline_always, reason = "where nearly every event goes")]
    #[inline(always)]
    pub fn enter(&mut self, shift: u32, at: u64, event: u64) {
        let position = (at >> shift) as usize % BUCKETS;
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

    /// Moves the events of a bucket to the end of `into`, in the order in which they were entered. `begin` is the time at
    /// which the bucket begins.
    #[allow(clippy::inline_always, reason = "once for each bucket, and once where the calendar adapts")]
    #[inline(always)]
    pub fn take(&mut self, number: u64, begin: u64, into: &mut Vec<Entry>) {
        let position = number as usize % BUCKETS;
        self.occupied[position / 64] &= !(1 << (position % 64));
        let bucket = &mut self.buckets[position];
        let (count, mut next) = (bucket.count(), bucket.last_node());
        bucket.state = 0;
        let events = bucket.events.iter().zip(&bucket.offsets).take(count);
        into.extend(events.map(|(&event, &offset)| Entry { at: begin + u64::from(offset), event }));
        self.len -= count;
        if count == ROOM {
            let others = into.len();
            while let Some(node) = self.nodes.get_mut(next as usize) {
                into.push(Entry { at: begin + u64::from(node.offset), event: node.event });
                let place = core::mem::replace(&mut next, node.next);
                node.next = self.free;
                self.free = place;
                self.len -= 1;
            }
            into[others..].reverse();
        }
    }

    /// Number of the first bucket that has events, from `number` on; there must be none before it.
    #[inline]
    pub fn first_from(&self, number: u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let start = number as usize % BUCKETS;
        let mut word = start / 64;
        let mut bits = self.occupied[word] & (u64::MAX << (start % 64));
        while bits == 0 {
            word += 1;
            bits = self.occupied[word];
        }
        Some(number - start as u64 + word as u64 * 64 + u64::from(bits.trailing_zeros()))
    }

    /// The earliest time in a bucket that has events, since it began.
    pub fn earliest(&self, number: u64) -> u32 {
        let bucket = &self.buckets[number as usize % BUCKETS];
        let mut earliest = bucket.offsets[..bucket.count()].iter().copied().min().unwrap_or(u32::MAX);
        let mut next = bucket.last_node();
        while let Some(node) = self.nodes.get(next as usize) {
            earliest = earliest.min(node.offset);
            next = node.next;
        }
        earliest
    }

    /// Events of a bucket, packed; not always all.
    pub fn events(&self, number: u64) -> &[u64] {
        let bucket = &self.buckets[number as usize % BUCKETS];
        &bucket.events[..bucket.count()]
    }
}
