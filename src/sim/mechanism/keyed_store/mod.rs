//! A bounded store of values by key, with an expiry time for each value and a choice of who goes when there is no room.
//!
//! Keys are dense numbers, so the index is an array; entries are linked through positions, not pointers. Values have
//! weights: one each where capacity is counted in entries, their size where it is counted in bytes.
//!
//! # Sources
//! S3-FIFO: J. Yang et al., *FIFO queues are all you need for cache eviction*, SOSP (2023). W-TinyLFU: G. Einziger,
//! R. Friedman, B. Manes, *TinyLFU: A highly efficient cache admission policy*, ACM ToS 13 (2017); its counters are exact
//! here instead of sketched. LFU remembers how often every key was asked for (perfect LFU).

mod policy;

use self::policy::{Frequencies, Ghosts};
use crate::design::kind::cache::Eviction;
use crate::sim::rng::mix;
use crate::units::{SimDuration, SimTime};

const NONE: u32 = u32::MAX;

/// Lists of entries, by what they are for: everything, or the newcomers of S3-FIFO and W-TinyLFU.
const NEW: usize = 0;
/// Entries that have proved themselves: the main queue of S3-FIFO, the probation segment of W-TinyLFU.
const MAIN: usize = 1;
/// The protected segment of W-TinyLFU.
const PROTECTED: usize = 2;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    version: u32,
    expires: SimTime,
    /// Towards the entry that was used or stored more recently.
    newer: u32,
    /// Towards the entry that goes first.
    older: u32,
    weight: u32,
    /// Uses since it came, up to three; for S3-FIFO.
    uses: u8,
    list: u8,
}

/// Entries in the order in which they go.
#[derive(Clone, Copy, Debug)]
struct List {
    newest: u32,
    oldest: u32,
    weight: u64,
}

const EMPTY: List = List { newest: NONE, oldest: NONE, weight: 0 };

/// A store that forgets.
#[derive(Clone, Debug)]
pub struct KeyedStore {
    /// Sum of weights that fit.
    capacity: u64,
    eviction: Eviction,
    /// Position of the entry of each key.
    index: Vec<u32>,
    entries: Vec<Entry>,
    lists: [List; 3],
    /// State of the choice of random victims.
    chance: u64,
    frequencies: Frequencies,
    ghosts: Ghosts,
}

/// A value that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Version of the value.
    pub version: u32,
    /// Until when it may be used.
    pub expires: SimTime,
}

impl KeyedStore {
    /// About how much memory entries and their index take [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.index.capacity() * size_of::<u32>()
    }

    /// An empty store for values of `capacity` weights in all, 1 at least.
    pub fn new(capacity: u64, eviction: Eviction) -> Self {
        Self {
            capacity: capacity.max(1),
            eviction,
            index: Vec::new(),
            entries: Vec::new(),
            lists: [EMPTY; 3],
            chance: 0,
            frequencies: Frequencies::default(),
            ghosts: Ghosts::default(),
        }
    }

    /// Number of entries, expired ones included until they are met.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Sum of weights that fit.
    pub const fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Sum of weights that are there.
    pub const fn weight(&self) -> u64 {
        self.lists[NEW].weight + self.lists[MAIN].weight + self.lists[PROTECTED].weight
    }

    /// The version of the value of `key`, if it is there and has not expired.
    #[inline]
    pub fn get(&mut self, key: u32, now: SimTime) -> Option<u32> {
        let position = self.position(key);
        if self.eviction.counts_uses() {
            self.frequencies.count(key, self.eviction, self.capacity);
        }
        let position = position?;
        let entry = &mut self.entries[position as usize];
        let version = entry.version;
        if entry.expires <= now {
            self.remove(key);
            return None;
        }
        match self.eviction {
            Eviction::Lru => self.renew(position),
            Eviction::Fifo | Eviction::Random | Eviction::Lfu => {}
            Eviction::S3Fifo => entry.uses = (entry.uses + 1).min(3),
            Eviction::WTinyLfu => self.promote(position),
        }
        Some(version)
    }

    /// Looks where `key` would be without waiting for it, so that it is at hand when it is asked for soon.
    #[inline]
    pub fn glance(&self, key: u32) {
        core::hint::black_box(self.index.get(key as usize).copied());
    }

    /// The value of `key`, even if it has expired, up to `grace` ago at most; otherwise as [`KeyedStore::get`].
    pub fn get_stale(&mut self, key: u32, now: SimTime, grace: SimDuration) -> Option<Kept> {
        let position = self.position(key)?;
        let expires = self.entries[position as usize].expires;
        if expires > now {
            return self.get(key, now).map(|version| Kept { version, expires });
        }
        if expires + grace <= now {
            self.remove(key);
            return None;
        }
        Some(Kept { version: self.entries[position as usize].version, expires })
    }

    /// Until when the value of `key` may be used; `None` if it is not there.
    pub fn expires(&self, key: u32) -> Option<SimTime> {
        self.position(key).map(|position| self.entries[position as usize].expires)
    }

    /// Stores a value that weighs one; gives whether another had to go to make room.
    #[inline]
    pub fn set(&mut self, key: u32, version: u32, expires: SimTime) -> bool {
        self.set_weighing(key, version, expires, 1) > 0
    }

    /// Stores a value of `weight`; gives how many others had to go to make room. A value heavier than the store is not
    /// kept.
    pub fn set_weighing(&mut self, key: u32, version: u32, expires: SimTime, weight: u32) -> u64 {
        if let Some(position) = self.position(key) {
            let entry = &mut self.entries[position as usize];
            if entry.weight == weight {
                entry.version = version;
                entry.expires = expires;
                if matches!(self.eviction, Eviction::Lru | Eviction::Fifo) {
                    self.renew(position);
                }
                return 0;
            }
            self.remove(key);
        }
        if u64::from(weight) > self.capacity {
            return 0;
        }
        if key as usize >= self.index.len() {
            self.index.resize(key as usize + 1, NONE);
        }
        if matches!(self.eviction, Eviction::Lru | Eviction::Fifo)
            && self.lists[NEW].weight == self.capacity
            && self.replace_oldest(key, version, expires, weight)
        {
            return 1;
        }
        let mut evicted = 0;
        if self.eviction != Eviction::WTinyLfu {
            while self.weight() + u64::from(weight) > self.capacity {
                self.evict_one();
                evicted += 1;
            }
        }
        let list = if self.eviction == Eviction::S3Fifo && self.ghosts.recall(key) { MAIN } else { NEW };
        let position = self.entries.len() as u32;
        self.entries.push(Entry { key, version, expires, newer: NONE, older: NONE, weight, uses: 0, list: list as u8 });
        self.index[key as usize] = position;
        self.link_newest(position, list);
        match self.eviction {
            Eviction::Lfu => self.frequencies.enter(key),
            Eviction::WTinyLfu => evicted += self.admit(),
            _ => {}
        }
        evicted
    }

    /// Puts a value into the place of the oldest one, if that weighs the same; gives whether it does.
    fn replace_oldest(&mut self, key: u32, version: u32, expires: SimTime, weight: u32) -> bool {
        let position = self.lists[NEW].oldest;
        let Some(entry) = self.entries.get_mut(position as usize).filter(|entry| entry.weight == weight) else {
            return false;
        };
        self.index[entry.key as usize] = NONE;
        self.index[key as usize] = position;
        entry.key = key;
        entry.version = version;
        entry.expires = expires;
        self.renew(position);
        true
    }

    /// Moves an entry to the newest end of the first list, in which it must be.
    #[inline]
    fn renew(&mut self, position: u32) {
        let newest = self.lists[NEW].newest;
        if newest == position {
            return;
        }
        let entry = &mut self.entries[position as usize];
        let (newer, older) = (entry.newer, entry.older);
        entry.newer = NONE;
        entry.older = newest;
        self.lists[NEW].newest = position;
        // Somebody is newer, so somebody is the newest.
        self.entries[newest as usize].newer = position;
        self.entries[newer as usize].older = older;
        if older == NONE { self.lists[NEW].oldest = newer } else { self.entries[older as usize].newer = newer }
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
            let list = &mut self.lists[usize::from(moved.list)];
            if moved.newer == NONE {
                list.newest = position
            } else {
                self.entries[moved.newer as usize].older = position
            }
            if moved.older == NONE {
                list.oldest = position
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
    pub fn configure(&mut self, capacity: u64, eviction: Eviction) -> u64 {
        self.capacity = capacity.max(1);
        if self.eviction != eviction {
            self.change_eviction(eviction);
        }
        let mut evicted = 0;
        while self.weight() > self.capacity {
            self.evict_one();
            evicted += 1;
        }
        evicted
    }

    /// Whatever is kept counts as new under the other rule.
    fn change_eviction(&mut self, eviction: Eviction) {
        self.eviction = eviction;
        self.frequencies = Frequencies::default();
        self.ghosts = Ghosts::default();
        self.lists = [EMPTY; 3];
        for position in 0..self.entries.len() as u32 {
            self.entries[position as usize].uses = 0;
            self.link_newest(position, NEW);
            if eviction == Eviction::Lfu {
                self.frequencies.enter(self.entries[position as usize].key);
            }
        }
    }

    #[inline]
    fn position(&self, key: u32) -> Option<u32> {
        self.index.get(key as usize).copied().filter(|&position| position != NONE)
    }

    fn unlink(&mut self, position: u32) {
        let Entry { newer, older, weight, list, .. } = self.entries[position as usize];
        let list = &mut self.lists[usize::from(list)];
        list.weight -= u64::from(weight);
        if newer == NONE {
            list.newest = older
        } else {
            self.entries[newer as usize].older = older
        }
        if older == NONE { list.oldest = newer } else { self.entries[older as usize].newer = newer }
    }

    fn link_newest(&mut self, position: u32, place: usize) {
        let list = &mut self.lists[place];
        let newest = list.newest;
        let entry = &mut self.entries[position as usize];
        list.weight += u64::from(entry.weight);
        entry.list = place as u8;
        entry.newer = NONE;
        entry.older = newest;
        list.newest = position;
        if newest == NONE { list.oldest = position } else { self.entries[newest as usize].newer = position }
    }

    /// A number below `bound` for the choice of a random victim.
    fn draw(&mut self, bound: usize) -> usize {
        self.chance = self.chance.wrapping_add(1);
        (mix(self.chance) % bound as u64) as usize
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

    /// Share of look-ups that hit, after a warm-up, under Zipf popularity; a miss stores the value.
    fn hit_ratio(eviction: Eviction, keys: u32, exponent: f64, capacity: u64) -> f64 {
        let law = crate::sim::popularity::Popularity::new(keys, exponent);
        let mut stream = Stream::of_component(5, ComponentId(1), 0, Purpose::Requests);
        let mut store = KeyedStore::new(capacity, eviction);
        let (warm_up, lookups) = (300_000, 600_000);
        let mut hits = 0_u32;
        for lookup in 0..warm_up + lookups {
            let key = law.sample(&mut stream);
            if store.get(key, SimTime::ZERO).is_some() {
                hits += u32::from(lookup >= warm_up);
            } else {
                store.set(key, 0, SimTime::NEVER);
            }
            assert!(store.weight() <= capacity);
        }
        f64::from(hits) / f64::from(lookups)
    }

    /// The standard error of a share of 600,000 look-ups is at most 0.0007; the formulas are exact in the limit of large
    /// caches.
    #[test]
    fn hit_ratios_are_those_of_theory() {
        let (keys, exponent, capacity) = (2000, 0.9, 200);
        let popularity = crate::theory::zipf_popularity(keys, exponent);
        let lru = crate::theory::lru_hit_ratio(&popularity, capacity);
        let random = crate::theory::random_hit_ratio(&popularity, capacity);
        let lfu = crate::theory::lfu_hit_ratio(&popularity, capacity);
        for (eviction, theory) in
            [(Eviction::Lru, lru), (Eviction::Fifo, random), (Eviction::Random, random), (Eviction::Lfu, lfu)]
        {
            let simulated = hit_ratio(eviction, keys, exponent, u64::from(capacity));
            assert!((simulated - theory).abs() < 0.005, "{eviction:?}: {simulated}, theory {theory}");
        }
        // Whoever looks at popularity lies between recency and perfect knowledge.
        for eviction in [Eviction::S3Fifo, Eviction::WTinyLfu] {
            let simulated = hit_ratio(eviction, keys, exponent, u64::from(capacity));
            assert!(simulated > lru + 0.02 && simulated < lfu + 0.002, "{eviction:?}: {simulated} of {lru} to {lfu}");
        }
    }

    #[test]
    fn bytes_are_never_exceeded_whatever_the_sizes() {
        for eviction in Eviction::ALL {
            let mut stream = Stream::of_component(9, ComponentId(1), 0, Purpose::Requests);
            let mut store = KeyedStore::new(1000, eviction);
            for step in 0..20_000_u64 {
                let key = stream.below(300);
                match stream.below(8) {
                    0 => store.remove(key),
                    1..4 => {
                        store.set_weighing(key, 1, SimTime::from_nanos(step + 500), 1 + stream.below(400));
                    }
                    _ => {
                        store.get(key, SimTime::from_nanos(step));
                    }
                }
                assert!(store.weight() <= 1000, "{eviction:?}");
            }
            store.configure(100, eviction);
            assert!(store.weight() <= 100, "{eviction:?}");
            for other in Eviction::ALL {
                store.configure(100, other);
                store.set(1, 1, SimTime::NEVER);
                assert!(store.weight() <= 100);
            }
        }
    }
}
