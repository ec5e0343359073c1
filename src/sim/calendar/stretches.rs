//! Events of the stretches of time after the present one, each stretch in the order in which they were entered.
//!
//! A stretch is a list of chunks, each a few lines of the processor's caches, and what is entered goes to the end of the
//! last one. However many events are pending, only the last chunks of the stretches are written, one after the other, so
//! that they are at hand; where each event belongs within its stretch is looked at only when its time has come.

use super::Entry;

/// Stretches that are kept apart: a power of two.
pub const STRETCHES: usize = 1024;
/// Events of a chunk.
const ROOM: usize = 15;
/// No chunk.
const NONE: u32 = u32::MAX;

/// Some events of a stretch, or a free place for some.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Chunk {
    entries: [Entry; ROOM],
    next: u32,
    count: u32,
}

const EMPTY: Chunk = Chunk { entries: [Entry { at: 0, event: 0 }; ROOM], next: NONE, count: 0 };

/// Events by stretch, at the number of the stretch modulo [`STRETCHES`].
#[derive(Clone, Debug)]
pub struct Stretches {
    /// First and last chunk of each stretch; only valid where `occupied` says so.
    ends: Vec<(u32, u32)>,
    /// One bit for each stretch that has events.
    occupied: Vec<u64>,
    chunks: Vec<Chunk>,
    free: u32,
    len: usize,
}

impl Default for Stretches {
    fn default() -> Self {
        Self {
            ends: vec![(NONE, NONE); STRETCHES],
            occupied: vec![0; STRETCHES / 64],
            chunks: Vec::new(),
            free: NONE,
            len: 0,
        }
    }
}

impl Stretches {
    /// Number of events.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.chunks.capacity() * size_of::<Chunk>() + self.ends.capacity() * size_of::<(u32, u32)>()
    }

    /// Enters an event into the stretch of a number.
    #[inline(never)]
    pub fn push(&mut self, number: u64, entry: Entry) {
        let position = number as usize % STRETCHES;
        self.len += 1;
        let last = self.ends[position].1;
        if self.occupied[position / 64] & (1 << (position % 64)) != 0 {
            let chunk = &mut self.chunks[last as usize];
            if let Some(place) = chunk.entries.get_mut(chunk.count as usize) {
                *place = entry;
                chunk.count += 1;
                return;
            }
        }
        self.push_chunk(position, entry);
    }

    /// Enters an event into a chunk of its own, behind all others of its stretch.
    fn push_chunk(&mut self, position: usize, entry: Entry) {
        let fresh = self.free;
        let fresh = if let Some(chunk) = self.chunks.get_mut(fresh as usize) {
            self.free = chunk.next;
            fresh
        } else {
            self.chunks.push(EMPTY);
            u32::try_from(self.chunks.len() - 1).expect("fewer than 2³² chunks are in use")
        };
        let chunk = &mut self.chunks[fresh as usize];
        chunk.entries[0] = entry;
        chunk.next = NONE;
        chunk.count = 1;
        let bit = 1 << (position % 64);
        if self.occupied[position / 64] & bit == 0 {
            self.occupied[position / 64] |= bit;
            self.ends[position].0 = fresh;
        } else {
            let last = self.ends[position].1;
            self.chunks[last as usize].next = fresh;
        }
        self.ends[position].1 = fresh;
    }

    /// Number of the first stretch that has events, from `number` on.
    pub fn first_from(&self, number: u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let start = number as usize % STRETCHES;
        let mut word = start / 64;
        let mut bits = self.occupied[word] >> (start % 64);
        let mut distance = 0;
        if bits == 0 {
            distance = 64 - start % 64;
            loop {
                word = (word + 1) % self.occupied.len();
                bits = self.occupied[word];
                if bits != 0 {
                    break;
                }
                distance += 64;
            }
        }
        Some(number + distance as u64 + u64::from(bits.trailing_zeros()))
    }

    /// The earliest time of a stretch that has events.
    pub fn earliest(&self, number: u64) -> Option<u64> {
        let mut next = self.ends[number as usize % STRETCHES].0;
        let mut earliest = None;
        while let Some(chunk) = self.chunks.get(next as usize) {
            let least = chunk.entries[..chunk.count as usize].iter().map(|entry| entry.at).min();
            earliest = [earliest, least].into_iter().flatten().min();
            next = chunk.next;
        }
        earliest
    }

    /// Takes all events of a stretch, in the order in which they were entered.
    pub fn drain(&mut self, number: u64, mut take: impl FnMut(Entry)) {
        let position = number as usize % STRETCHES;
        let bit = 1 << (position % 64);
        if self.occupied[position / 64] & bit == 0 {
            return;
        }
        self.occupied[position / 64] &= !bit;
        let mut next = self.ends[position].0;
        while let Some(chunk) = self.chunks.get_mut(next as usize) {
            let entries = &chunk.entries[..chunk.count as usize];
            self.len -= entries.len();
            entries.iter().copied().for_each(&mut take);
            let place = core::mem::replace(&mut next, chunk.next);
            chunk.next = self.free;
            self.free = place;
        }
    }
}
