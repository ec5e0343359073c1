//! Who goes when there is no room.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{KeyedStore, MAIN, NEW, NONE, PROTECTED};
use crate::design::kind::cache::Eviction;

/// Share of the room that newcomers have under S3-FIFO: a tenth.
const S3_SMALL: u64 = 10;
/// Share of the room that newcomers have under W-TinyLFU: a hundredth.
const TINY_WINDOW: u64 = 100;
/// Share of the rest that is protected under W-TinyLFU, in tenths.
const TINY_PROTECTED_TENTHS: u64 = 8;
/// Uses counted per unit of capacity until all counts are halved under W-TinyLFU.
const TINY_SAMPLE: u64 = 10;

/// How often each key has been asked for, cached or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Frequencies {
    counts: Vec<u32>,
    /// Uses counted since the counts were halved.
    counted: u64,
    /// LFU: cached keys by a count that may be out of date, then by order of entering.
    heap: BinaryHeap<Reverse<(u32, u64, u32)>>,
    /// LFU: which item of the heap is the one of each key; 0 for none.
    items: Vec<u64>,
    entered: u64,
}

impl Frequencies {
    /// Notes that a key has been asked for.
    pub(super) fn count(&mut self, key: u32, eviction: Eviction, capacity: u64) {
        if key as usize >= self.counts.len() {
            self.counts.resize(key as usize + 1, 0);
        }
        self.counts[key as usize] = self.counts[key as usize].saturating_add(1);
        self.counted += 1;
        if eviction == Eviction::WTinyLfu && self.counted >= TINY_SAMPLE * capacity {
            self.counted /= 2;
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
    }

    fn of(&self, key: u32) -> u32 {
        self.counts.get(key as usize).copied().unwrap_or(0)
    }

    /// LFU: a key is cached from now on.
    pub(super) fn enter(&mut self, key: u32) {
        self.entered += 1;
        if key as usize >= self.items.len() {
            self.items.resize(key as usize + 1, 0);
        }
        self.items[key as usize] = self.entered;
        self.heap.push(Reverse((self.of(key), self.entered, key)));
    }

    /// LFU: the cached key that was asked for least often. `is_cached` tells whether a key still is.
    fn take_least(&mut self, is_cached: impl Fn(u32) -> bool) -> Option<u32> {
        loop {
            let Reverse((count, item, key)) = self.heap.pop()?;
            if self.items[key as usize] != item || !is_cached(key) {
                continue;
            }
            let present = self.of(key);
            if present == count {
                self.items[key as usize] = 0;
                return Some(key);
            }
            self.heap.push(Reverse((present, item, key)));
        }
    }
}

/// Keys that S3-FIFO has sent away lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Ghosts {
    queue: VecDeque<(u32, u32)>,
    /// When each key was sent away last, counted in keys sent away; 0 for never.
    stamps: Vec<u32>,
    sent: u32,
}

impl Ghosts {
    fn remember(&mut self, key: u32, room: usize) {
        self.sent = self.sent.wrapping_add(1).max(1);
        if key as usize >= self.stamps.len() {
            self.stamps.resize(key as usize + 1, 0);
        }
        self.stamps[key as usize] = self.sent;
        self.queue.push_back((key, self.sent));
        while self.queue.len() > room
            && let Some((key, stamp)) = self.queue.pop_front()
        {
            if self.stamps[key as usize] == stamp {
                self.stamps[key as usize] = 0;
            }
        }
    }

    /// Whether a key was sent away lately; forgets it.
    pub(super) fn recall(&mut self, key: u32) -> bool {
        self.stamps.get_mut(key as usize).is_some_and(|stamp| core::mem::take(stamp) != 0)
    }
}

impl KeyedStore {
    /// Makes room by sending away one entry; there is one.
    pub(super) fn evict_one(&mut self) {
        let key = match self.eviction {
            Eviction::Lru | Eviction::Fifo => self.entries[self.lists[NEW].oldest as usize].key,
            Eviction::Random => {
                let position = self.draw(self.entries.len());
                self.entries[position].key
            }
            Eviction::Lfu => {
                let index = &self.index;
                let is_cached = |key: u32| index.get(key as usize).is_some_and(|&position| position != NONE);
                self.frequencies.take_least(is_cached).expect("every cached key stands in the heap")
            }
            Eviction::S3Fifo => self.s3_victim(),
            Eviction::WTinyLfu => {
                let list = [MAIN, NEW, PROTECTED].into_iter().find(|&list| self.lists[list].oldest != NONE);
                let list = list.expect("there is an entry");
                self.entries[self.lists[list].oldest as usize].key
            }
        };
        self.remove(key);
    }

    /// Newcomers that were used again move to the main queue, others go and are remembered for a while. In the main
    /// queue, whoever was used gets another round.
    fn s3_victim(&mut self) -> u32 {
        loop {
            let from_small = self.lists[NEW].oldest != NONE
                && (self.lists[NEW].weight * S3_SMALL >= self.capacity || self.lists[MAIN].oldest == NONE);
            let list = if from_small { NEW } else { MAIN };
            let position = self.lists[list].oldest;
            let entry = &mut self.entries[position as usize];
            let key = entry.key;
            let survives = if from_small { entry.uses > 1 } else { entry.uses > 0 };
            if survives {
                entry.uses = if from_small { 0 } else { entry.uses - 1 };
                self.unlink(position);
                self.link_newest(position, MAIN);
                continue;
            }
            if from_small {
                self.ghosts.remember(key, self.entries.len());
            }
            return key;
        }
    }

    /// W-TinyLFU: an entry was used.
    pub(super) fn promote(&mut self, position: u32) {
        let list = usize::from(self.entries[position as usize].list);
        self.unlink(position);
        self.link_newest(position, if list == NEW { NEW } else { PROTECTED });
        let window = self.capacity.div_ceil(TINY_WINDOW);
        let protected = (self.capacity - window.min(self.capacity)) * TINY_PROTECTED_TENTHS / 10;
        while self.lists[PROTECTED].weight > protected.max(1) {
            let demoted = self.lists[PROTECTED].oldest;
            self.unlink(demoted);
            self.link_newest(demoted, MAIN);
        }
    }

    /// W-TinyLFU: who is pushed out of the window stays only if it was asked for more often than who would have to go.
    /// Gives how many went.
    pub(super) fn admit(&mut self) -> u64 {
        let window = self.capacity.div_ceil(TINY_WINDOW);
        let mut evicted = 0;
        while self.lists[NEW].weight > window && self.lists[NEW].newest != self.lists[NEW].oldest {
            let candidate = self.lists[NEW].oldest;
            self.unlink(candidate);
            self.link_newest(candidate, MAIN);
            let candidate = self.entries[candidate as usize].key;
            while self.weight() > self.capacity {
                let victim = self.entries[self.lists[MAIN].oldest as usize].key;
                let stays = self.frequencies.of(candidate) > self.frequencies.of(victim);
                let goes = if stays || victim == candidate { victim } else { candidate };
                self.remove(goes);
                evicted += 1;
                if goes == candidate {
                    break;
                }
            }
        }
        // What is left is due to entries of different weights.
        while self.weight() > self.capacity {
            self.evict_one();
            evicted += 1;
        }
        evicted
    }
}
