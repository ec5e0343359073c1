//! A bounded store of values by key, with eviction by recency or age and an expiry time for each value.
//!
//! Keys are dense numbers, so the index is an array; entries are linked through positions, not pointers.

use crate::design::kind::cache::Eviction;
use crate::units::SimTime;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    version: u32,
    expires: SimTime,
    /// Towards the entry that was used or stored more recently.
    newer: u32,
    /// Towards the entry that goes first.
    older: u32,
}

/// A store that forgets.
#[derive(Clone, Debug)]
pub struct KeyedStore {
    capacity: u32,
    eviction: Eviction,
    /// Position of the entry of each key.
    index: Vec<u32>,
    entries: Vec<Entry>,
    newest: u32,
    oldest: u32,
}

impl KeyedStore {
    /// An empty store for `capacity` entries, 1 at least.
    pub const fn new(capacity: u32, eviction: Eviction) -> Self {
        let capacity = if capacity == 0 { 1 } else { capacity };
        Self { capacity, eviction, index: Vec::new(), entries: Vec::new(), newest: NONE, oldest: NONE }
    }

    /// Number of entries, expired ones included until they are met.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Number of entries that fit.
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The version of the value of `key`, if it is there and has not expired.
    pub fn get(&mut self, key: u32, now: SimTime) -> Option<u32> {
        let position = self.position(key)?;
        let entry = self.entries[position as usize];
        if entry.expires <= now {
            self.remove(key);
            return None;
        }
        if self.eviction == Eviction::Lru && self.newest != position {
            self.unlink(position);
            self.link_newest(position);
        }
        Some(entry.version)
    }

    /// Stores a value; gives whether another had to go to make room.
    pub fn set(&mut self, key: u32, version: u32, expires: SimTime) -> bool {
        if let Some(position) = self.position(key) {
            let entry = &mut self.entries[position as usize];
            entry.version = version;
            entry.expires = expires;
            self.unlink(position);
            self.link_newest(position);
            return false;
        }
        let evicts = self.entries.len() >= self.capacity as usize;
        if evicts {
            self.remove(self.entries[self.oldest as usize].key);
        }
        let position = self.entries.len() as u32;
        self.entries.push(Entry { key, version, expires, newer: NONE, older: NONE });
        if key as usize >= self.index.len() {
            self.index.resize(key as usize + 1, NONE);
        }
        self.index[key as usize] = position;
        self.link_newest(position);
        evicts
    }

    /// Forgets the value of `key`.
    pub fn remove(&mut self, key: u32) {
        let Some(position) = self.position(key) else { return };
        self.unlink(position);
        self.index[key as usize] = NONE;
        // The last entry moves into the gap, so that the entries stay dense.
        let last = self.entries.len() as u32 - 1;
        if position != last {
            let moved = self.entries[last as usize];
            self.entries[position as usize] = moved;
            self.index[moved.key as usize] = position;
            if moved.newer == NONE {
                self.newest = position
            } else {
                self.entries[moved.newer as usize].older = position
            }
            if moved.older == NONE {
                self.oldest = position
            } else {
                self.entries[moved.older as usize].newer = position
            }
        }
        self.entries.pop();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.capacity, self.eviction);
    }

    /// Another size or eviction; gives how many values had to go.
    pub fn configure(&mut self, capacity: u32, eviction: Eviction) -> u64 {
        self.capacity = capacity.max(1);
        self.eviction = eviction;
        let mut evicted = 0;
        while self.entries.len() > self.capacity as usize {
            self.remove(self.entries[self.oldest as usize].key);
            evicted += 1;
        }
        evicted
    }

    fn position(&self, key: u32) -> Option<u32> {
        self.index.get(key as usize).copied().filter(|&position| position != NONE)
    }

    fn unlink(&mut self, position: u32) {
        let Entry { newer, older, .. } = self.entries[position as usize];
        if newer == NONE {
            self.newest = older
        } else {
            self.entries[newer as usize].older = older
        }
        if older == NONE { self.oldest = newer } else { self.entries[older as usize].newer = newer }
    }

    fn link_newest(&mut self, position: u32) {
        let newest = self.newest;
        let entry = &mut self.entries[position as usize];
        entry.newer = NONE;
        entry.older = newest;
        if newest == NONE {
            self.oldest = position
        } else {
            self.entries[newest as usize].newer = position
        }
        self.newest = position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ComponentId;
    use crate::sim::rng::{Purpose, Stream};

    /// The slow and obvious version: a list of (key, version, expiry), oldest first.
    struct Plain(Vec<(u32, u32, SimTime)>, usize, Eviction);

    impl Plain {
        fn get(&mut self, key: u32, now: SimTime) -> Option<u32> {
            let position = self.0.iter().position(|&(other, ..)| other == key)?;
            let entry = self.0[position];
            if entry.2 <= now {
                self.0.remove(position);
                return None;
            }
            if self.2 == Eviction::Lru {
                self.0.remove(position);
                self.0.push(entry);
            }
            Some(entry.1)
        }

        fn set(&mut self, key: u32, version: u32, expires: SimTime) -> bool {
            let before = self.0.len();
            self.0.retain(|&(other, ..)| other != key);
            let evicts = self.0.len() == before && before == self.1;
            if evicts {
                self.0.remove(0);
            }
            self.0.push((key, version, expires));
            evicts
        }
    }

    #[test]
    fn it_behaves_like_a_plain_list() {
        for eviction in [Eviction::Lru, Eviction::Fifo] {
            let mut stream = Stream::of_component(11, ComponentId(1), 0, Purpose::Requests);
            let mut store = KeyedStore::new(20, eviction);
            let mut plain = Plain(Vec::new(), 20, eviction);
            for step in 0..20_000_u64 {
                let now = SimTime::from_nanos(step);
                let key = stream.below(60);
                match stream.below(10) {
                    0 => {
                        store.remove(key);
                        plain.0.retain(|&(other, ..)| other != key);
                    }
                    1..4 => {
                        let expires = SimTime::from_nanos(step + 1 + u64::from(stream.below(200)));
                        assert_eq!(store.set(key, step as u32, expires), plain.set(key, step as u32, expires));
                    }
                    _ => assert_eq!(store.get(key, now), plain.get(key, now), "step {step}"),
                }
                assert_eq!(store.len(), plain.0.len());
            }
            let evicted = store.configure(5, eviction);
            assert_eq!((store.len(), evicted), (5, plain.0.len() as u64 - 5));
        }
    }
}
