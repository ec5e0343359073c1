//! Floor loops: the reference design and the scaled one written out by hand, with nothing but what they need: fixed
//! arrays, one calendar fitted to the load, and one histogram. No engine that lets people draw can be faster than this;
//! how near it comes is what the table tells.

use std::collections::VecDeque;

use headroom::ids::ComponentId;
use headroom::sim::popularity::Popularity;
use headroom::sim::rng::{Purpose, Stream};

use super::designs::{HOP_SECS, LOOKUP_SECS, QUERY_SECS, SERVER_SECS, Scale};

const NONE: u32 = u32::MAX;
/// Slots of the cache, and keys.
const CAPACITY: usize = 10_000;
const KEYS: usize = 100_000;
/// Buckets of the calendar: wide enough for everything to lie ahead by less than all of them.
const BUCKETS: usize = 1 << 14;

/// What happens next, in the upper 32 bits of an event; the request is in the lower ones.
mod step {
    pub const ARRIVAL: u64 = 0;
    pub const AT_SERVER: u64 = 1;
    pub const COMPUTED: u64 = 2;
    pub const AT_CACHE: u64 = 3;
    pub const LOOKED_UP: u64 = 4;
    pub const AT_DATABASE: u64 = 5;
    pub const QUERIED: u64 = 6;
    pub const LOADED: u64 = 7;
    pub const BACK_AT_SERVER: u64 = 8;
    pub const ANSWERED: u64 = 9;
}

/// Events by time in a ring of lists; the bucket at hand is sorted.
struct Calendar {
    near: Vec<(u64, u64)>,
    taken: usize,
    heads: Vec<u32>,
    nodes: Vec<(u64, u64, u32)>,
    free: u32,
    bucket: u64,
    shift: u32,
}

impl Calendar {
    fn new(shift: u32) -> Self {
        let near = Vec::with_capacity(64);
        Self { near, taken: 0, heads: vec![NONE; BUCKETS], nodes: Vec::new(), free: NONE, bucket: 0, shift }
    }

    #[inline]
    fn schedule(&mut self, at: u64, event: u64) {
        let bucket = at >> self.shift;
        if bucket <= self.bucket {
            self.sort_in(at, event);
            return;
        }
        let head = &mut self.heads[bucket as usize % BUCKETS];
        let node = (at, event, *head);
        if let Some(place) = self.nodes.get_mut(self.free as usize) {
            *head = self.free;
            self.free = place.2;
            *place = node;
        } else {
            *head = self.nodes.len() as u32;
            self.nodes.push(node);
        }
    }

    #[inline]
    fn sort_in(&mut self, at: u64, event: u64) {
        let mut hole = self.near.len();
        self.near.push((at, event));
        while hole > self.taken && self.near[hole - 1].0 > at {
            self.near[hole] = self.near[hole - 1];
            hole -= 1;
        }
        self.near[hole] = (at, event);
    }

    #[inline]
    fn pop(&mut self) -> (u64, u64) {
        while self.taken == self.near.len() {
            self.near.clear();
            self.taken = 0;
            self.bucket += 1;
            let mut next = core::mem::replace(&mut self.heads[self.bucket as usize % BUCKETS], NONE);
            while next != NONE {
                let (at, event, after) = self.nodes[next as usize];
                self.nodes[next as usize].2 = self.free;
                self.free = next;
                next = after;
                self.sort_in(at, event);
            }
        }
        self.taken += 1;
        self.near[self.taken - 1]
    }
}

/// The least recently used of some keys goes.
struct Cache {
    /// Slot of each key.
    slots: Vec<u32>,
    /// Key, newer slot, older slot.
    entries: Vec<(u32, u32, u32)>,
    newest: u32,
    oldest: u32,
}

impl Cache {
    fn new() -> Self {
        Self { slots: vec![NONE; KEYS], entries: Vec::with_capacity(CAPACITY), newest: NONE, oldest: NONE }
    }

    fn get(&mut self, key: u32) -> bool {
        let slot = self.slots[key as usize];
        if slot == NONE {
            return false;
        }
        if slot != self.newest {
            self.unlink(slot);
            self.link(slot);
        }
        true
    }

    fn set(&mut self, key: u32) {
        if self.get(key) {
            return;
        }
        let slot = if self.entries.len() < CAPACITY {
            self.entries.push((key, NONE, NONE));
            self.entries.len() as u32 - 1
        } else {
            let slot = self.oldest;
            self.unlink(slot);
            self.slots[self.entries[slot as usize].0 as usize] = NONE;
            self.entries[slot as usize].0 = key;
            slot
        };
        self.slots[key as usize] = slot;
        self.link(slot);
    }

    fn unlink(&mut self, slot: u32) {
        let (_, newer, older) = self.entries[slot as usize];
        if newer == NONE {
            self.newest = older
        } else {
            self.entries[newer as usize].2 = older
        }
        if older == NONE { self.oldest = newer } else { self.entries[older as usize].1 = newer }
    }

    fn link(&mut self, slot: u32) {
        let newest = core::mem::replace(&mut self.newest, slot);
        self.entries[slot as usize].1 = NONE;
        self.entries[slot as usize].2 = newest;
        if newest == NONE { self.oldest = slot } else { self.entries[newest as usize].1 = slot }
    }
}

/// Places that requests compete for.
#[derive(Clone)]
struct Station {
    free: u32,
    queue: VecDeque<u32>,
}

impl Station {
    fn new(places: u32) -> Self {
        Self { free: places, queue: VecDeque::new() }
    }

    /// Whether there was a free place; otherwise the request waits.
    #[inline]
    fn enters(&mut self, request: u32) -> bool {
        if self.free > 0 {
            self.free -= 1;
            return true;
        }
        self.queue.push_back(request);
        false
    }

    /// Who gets the place that becomes free.
    #[inline]
    fn leaves(&mut self) -> Option<u32> {
        let next = self.queue.pop_front();
        if next.is_none() {
            self.free += 1;
        }
        next
    }
}

/// A request in flight.
#[derive(Clone, Copy)]
struct Request {
    wanted: u64,
    key: u32,
    /// Its server; the next free place while it is none.
    server: u32,
}

/// What a floor loop has done.
pub struct Done {
    /// Events handled.
    pub events: u64,
    /// Requests answered.
    pub requests: u64,
    /// Their mean latency [s], so that the loop can be compared with the engine.
    pub mean_secs: f64,
    /// Look-ups that missed, as a share.
    pub misses: f64,
}

/// A design written out by hand.
pub struct Floor {
    now: u64,
    calendar: Calendar,
    stream: Stream,
    popularity: Popularity,
    gap_nanos: f64,
    hop: u64,
    servers: Vec<Station>,
    next_server: u32,
    cache: Cache,
    database: Station,
    requests: Vec<Request>,
    free: u32,
    counts: Vec<u64>,
    sum_nanos: u64,
    events: u64,
    answered: u64,
    lookups: u64,
    misses: u64,
}

impl Floor {
    /// The reference design: eight cores on each of four servers, 32 connections, hops that take no time.
    pub fn reference() -> Self {
        let load = Scale { users: 11_000, requests_per_user_per_sec: 1.0, servers: 4, cores: 8, connections: 32 };
        Self::new(load, 0.0, 15)
    }

    /// The scaled design.
    pub fn scaled(scale: Scale) -> Self {
        Self::new(scale, HOP_SECS, 8)
    }

    /// `shift` is the width of a bucket of the calendar, as a power of two in nanoseconds.
    fn new(scale: Scale, hop_secs: f64, shift: u32) -> Self {
        let mut floor = Self {
            now: 0,
            calendar: Calendar::new(shift),
            stream: Stream::of_component(1, ComponentId(1), 0, Purpose::Requests),
            popularity: Popularity::new(KEYS as u32, 0.9),
            gap_nanos: 1e9 / scale.requests_per_sec(),
            hop: (hop_secs * 1e9) as u64,
            servers: vec![Station::new(scale.cores); scale.servers as usize],
            next_server: 0,
            cache: Cache::new(),
            database: Station::new(scale.connections),
            requests: Vec::new(),
            free: NONE,
            counts: vec![0; 4096],
            sum_nanos: 0,
            events: 0,
            answered: 0,
            lookups: 0,
            misses: 0,
        };
        floor.calendar.schedule(1, step::ARRIVAL << 32);
        floor
    }

    /// Runs until so many requests have been answered in all.
    pub fn run(&mut self, requests: u64) -> Done {
        while self.answered < requests {
            let (at, event) = self.calendar.pop();
            self.now = at;
            self.handle(event >> 32, event as u32);
        }
        Done {
            events: self.events,
            requests: self.answered,
            mean_secs: self.sum_nanos as f64 * 1e-9 / self.answered as f64,
            misses: self.misses as f64 / self.lookups as f64,
        }
    }

    /// An exponential time with this mean, in whole nanoseconds.
    #[inline]
    fn draw(&mut self, mean_nanos: f64) -> u64 {
        // By way of a signed number, which WebAssembly converts faster.
        ((self.stream.exponential() * mean_nanos + 0.5) as i64).cast_unsigned()
    }

    /// Goes on after a hop, or at once where hops take no time.
    #[inline]
    fn hop(&mut self, next: u64, request: u32) {
        if self.hop == 0 {
            self.handle(next, request);
        } else {
            self.later(self.hop, next, request);
        }
    }

    #[inline]
    fn later(&mut self, after: u64, next: u64, request: u32) {
        self.calendar.schedule(self.now + after, (next << 32) | u64::from(request));
    }

    fn handle(&mut self, kind: u64, request: u32) {
        self.events += 1;
        match kind {
            step::ARRIVAL => {
                let gap = self.draw(self.gap_nanos);
                self.later(gap, step::ARRIVAL, 0);
                let request = self.begin();
                self.hop(step::AT_SERVER, request);
            }
            step::AT_SERVER => {
                let server = self.next_server as usize;
                self.next_server = if server + 1 == self.servers.len() { 0 } else { server as u32 + 1 };
                self.requests[request as usize].server = server as u32;
                if self.servers[server].enters(request) {
                    self.compute(request);
                }
            }
            step::COMPUTED => {
                let server = self.requests[request as usize].server;
                if let Some(next) = self.servers[server as usize].leaves() {
                    self.compute(next);
                }
                self.hop(step::AT_CACHE, request);
            }
            step::AT_CACHE => self.later((LOOKUP_SECS * 1e9) as u64, step::LOOKED_UP, request),
            step::LOOKED_UP => {
                self.lookups += 1;
                if self.cache.get(self.requests[request as usize].key) {
                    self.hop(step::BACK_AT_SERVER, request);
                } else {
                    self.misses += 1;
                    self.hop(step::AT_DATABASE, request);
                }
            }
            step::AT_DATABASE => {
                if self.database.enters(request) {
                    self.query(request);
                }
            }
            step::QUERIED => {
                if let Some(next) = self.database.leaves() {
                    self.query(next);
                }
                self.hop(step::LOADED, request);
            }
            step::LOADED => {
                self.cache.set(self.requests[request as usize].key);
                self.hop(step::BACK_AT_SERVER, request);
            }
            step::BACK_AT_SERVER => self.hop(step::ANSWERED, request),
            _ => {
                let Request { wanted, .. } = self.requests[request as usize];
                self.requests[request as usize].server = core::mem::replace(&mut self.free, request);
                let nanos = self.now - wanted;
                let shift = (nanos | 63).ilog2() - 5;
                self.counts[(shift as usize * 64 + (nanos >> shift) as usize) & 4095] += 1;
                self.sum_nanos += nanos;
                self.answered += 1;
            }
        }
    }

    #[inline]
    fn begin(&mut self) -> u32 {
        let key = self.popularity.sample(&mut self.stream);
        let request = Request { wanted: self.now, key, server: 0 };
        if let Some(place) = self.requests.get_mut(self.free as usize) {
            let idx = self.free;
            self.free = place.server;
            *place = request;
            return idx;
        }
        self.requests.push(request);
        self.requests.len() as u32 - 1
    }

    #[inline]
    fn compute(&mut self, request: u32) {
        let work = self.draw(SERVER_SECS * 1e9);
        self.later(work, step::COMPUTED, request);
    }

    #[inline]
    fn query(&mut self, request: u32) {
        let work = self.draw(QUERY_SECS * 1e9);
        self.later(work, step::QUERIED, request);
    }
}
