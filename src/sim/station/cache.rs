//! Cache: look-ups by key over a store that forgets. On a miss it loads the value from its origin if a `fetch` link is
//! drawn (read-through); otherwise the caller does (cache-aside).
//!
//! A value that has changed at its source since it was stored counts as a stale hit. With coalescing, one call at a time
//! loads a missing value and the others wait for it; where callers load, the first gets a lease and the others wait until
//! it stores the value. Of a cluster, each node holds its share of the keys; callers know which.

use rustc_hash::FxHashSet;

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::cache::{Cache as Config, EarlyRefresh, WritePolicy};
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, CallRef, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{Timer, Token};
use crate::sim::mechanism::flights::Flights;
use crate::sim::mechanism::keyed_store::KeyedStore;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::sizes::Sizes;
use crate::sim::snapshot::Outcome;
use crate::units::{SimDuration, SimTime};

/// The look-up missed; the value, if one came, is from the origin.
const MISSED: u8 = 1;
/// A load or a write that nobody waits for.
const BACKGROUND: u8 = 2;

/// Loads that have taken too long are to be looked at.
const LEASES: Token = 0;
/// Written values are to be sent to the origin.
const WRITE_BACK: Token = 1;

/// A cache at work.
#[derive(Clone, Debug)]
pub struct Cache {
    me: StationIdx,
    pub(super) machine: Machine,
    store: KeyedStore,
    /// Mean size of a value [bytes].
    value_bytes: f64,
    /// Sizes of values, where capacity is counted in bytes.
    sizes: Option<Sizes>,
    ttl: Option<SimDuration>,
    jitter: f64,
    refresh: EarlyRefresh,
    refresh_span: SimDuration,
    coalescing: bool,
    lease: SimDuration,
    write_policy: WritePolicy,
    write_back: SimDuration,
    work: Sampler,
    service: Stream,
    chance: Stream,
    origins: Vec<LinkIdx>,
    /// The other nodes that keep the same values, and the way to them.
    copies: Vec<StationIdx>,
    peers: Option<LinkIdx>,
    flights: Flights,
    /// Keys written here and not yet at the origin, in order, and as a set to look them up in.
    unwritten: Vec<u32>,
    is_unwritten: FxHashSet<u32>,
    /// Whether the timer for them runs.
    is_flushing: bool,
    /// Loads and writes that nobody waits for.
    background: Vec<CallRef>,
    lease_wake: SimTime,
}

impl Cache {
    /// About how much memory what it keeps takes [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.store.footprint_bytes()
    }

    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut cache = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            store: KeyedStore::new(Self::room(config), config.eviction),
            value_bytes: config.value_bytes,
            sizes: None,
            ttl: None,
            jitter: 0.0,
            refresh: EarlyRefresh::Never,
            refresh_span: SimDuration::ZERO,
            coalescing: false,
            lease: SimDuration::ZERO,
            write_policy: WritePolicy::Invalidate,
            write_back: SimDuration::ZERO,
            work: Sampler::new(&config.operation_work),
            service: stream(Purpose::Service),
            chance: stream(Purpose::Choice),
            origins: Vec::new(),
            copies: Vec::new(),
            peers: None,
            flights: Flights::default(),
            unwritten: Vec::new(),
            is_unwritten: FxHashSet::default(),
            is_flushing: false,
            background: Vec::new(),
            lease_wake: SimTime::NEVER,
        };
        cache.configure(core, setup, config);
        cache
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: None,
            queue_limit: config.queue_limit,
            cores: config.cores,
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    /// What fits, in the unit that values are weighed in.
    fn room(config: &Config) -> u64 {
        config.capacity_bytes.map_or(u64::from(config.capacity_entries), |bytes| bytes as u64)
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.value_bytes = config.value_bytes;
        let sizes = config.capacity_bytes.map(|_| Sizes::new(config.value_bytes, config.value_bytes_cv));
        if self.sizes != sizes {
            // Weights of another unit cannot be compared: what is kept has to be loaded anew.
            self.sizes = sizes;
            self.store.clear();
        }
        let evicted = self.store.configure(Self::room(config), config.eviction);
        core.window.stations[self.me.0 as usize].evictions += evicted;
        self.ttl = config.ttl_secs.map(SimDuration::from_secs_f64);
        self.jitter = config.ttl_jitter_share;
        self.refresh = config.early_refresh;
        self.refresh_span = SimDuration::from_secs_f64(config.early_refresh_secs);
        self.coalescing = config.coalescing;
        self.lease = SimDuration::from_secs_f64(config.lease_secs);
        self.write_policy = config.write_policy;
        self.write_back = SimDuration::from_secs_f64(config.write_back_secs);
        self.work = Sampler::new(&config.operation_work);
        self.origins = setup.links(core, LinkRole::Fetch).collect();
        self.peers = setup.links(core, LinkRole::Peers).next();
        let (_, me) = core.identities[self.me.0 as usize];
        self.copies = (0..=config.replicas)
            .map(|copy| me % config.nodes + copy * config.nodes)
            .filter(|&instance| instance != me)
            .filter_map(|instance| {
                let peers = &core.links[self.peers?.0 as usize];
                peers.targets.get(instance as usize).copied()
            })
            .collect();
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
        if !self.coalescing {
            self.release_all(core);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive_here(core, call) {
            self.begin_here(core, call);
        }
    }

    #[inline(never)]
    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        self.begin_here(core, call);
    }

    #[allow(clippy::inline_always, reason = "nearly every call is begun when it arrives")]
    #[inline(always)]
    fn begin_here(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.work.sample_here(&mut self.service);
        self.machine.work_here(core, call, work);
        self.store.glance(core.calls[call].key);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        match core.calls[call].operation {
            Operation::Get => {
                self.look_up_here(core, call, key);
                return;
            }
            Operation::Set => {
                let version = core.calls[call].version;
                self.keep(core, key, version);
                self.tell_copies(core, call, Operation::Set);
                self.land(core, key, Some(version), Outcome::Answered);
            }
            Operation::Delete => {
                self.store.remove(key);
                self.tell_copies(core, call, Operation::Delete);
            }
            Operation::WriteQuery => {
                self.write(core, call, key);
                return;
            }
            _ => {}
        }
        self.answer(core, call, Outcome::Answered);
    }

    fn look_up(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        self.look_up_here(core, call, key);
    }

    #[allow(clippy::inline_always, reason = "what nearly every call wants")]
    #[inline(always)]
    fn look_up_here(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        if let Some(version) = self.store.get(key, core.now) {
            let refreshes = self.refresh != EarlyRefresh::Never && self.is_to_be_refreshed(core, key);
            if refreshes && self.origins.is_empty() {
                // The caller is to load it, as if it were not there; everyone else goes on using it.
                self.start_flight(core, key);
                self.miss(core, call);
                return;
            }
            if refreshes {
                self.load_in_background(core, call, key);
            }
            self.hit(core, call, version);
            return;
        }
        if self.coalescing {
            if self.flights.is_under_way(key) {
                core.calls[call].stage = Stage::Calling;
                self.flights.wait(&mut core.calls, key, call);
                return;
            }
            self.start_flight(core, key);
        }
        self.miss(core, call);
    }

    #[inline]
    fn hit(&mut self, core: &mut Core, call: CallIdx, version: u32) {
        let stale = version != core.version_of(core.calls[call].key);
        let counts = &mut core.window.stations[self.me.0 as usize];
        counts.hits += 1;
        counts.stale_hits += u64::from(stale);
        let record = &mut core.calls[call];
        record.found = true;
        record.stale = stale;
        record.version = version;
        self.answer(core, call, Outcome::Answered);
    }

    /// The value is not there: it is loaded, from here or by the caller.
    #[inline]
    fn miss(&mut self, core: &mut Core, call: CallIdx) {
        core.window.stations[self.me.0 as usize].misses += 1;
        core.calls[call].phase = MISSED;
        match self.origin(core) {
            Some((link, target)) => {
                core.send_here(call, link, target, Operation::ReadQuery);
            }
            None => self.answer(core, call, Outcome::Answered),
        }
    }

    /// Whether a value that is there should be loaded anew by now.
    fn is_to_be_refreshed(&mut self, core: &Core, key: u32) -> bool {
        let Some(expires) = self.store.expires(key).filter(|&expires| expires != SimTime::NEVER) else { return false };
        if self.flights.is_under_way(key) {
            return false;
        }
        let left = expires.since(core.now).as_secs_f64();
        let span = self.refresh_span.as_secs_f64();
        match self.refresh {
            EarlyRefresh::Never => false,
            EarlyRefresh::Soft => left <= span,
            // A. Vattani, F. Chierichetti, K. Lowenstein, *Optimal probabilistic cache stampede prevention*, VLDB (2015).
            EarlyRefresh::Probabilistic => left <= span * self.chance.exponential(),
        }
    }

    #[inline(never)]
    fn start_flight(&mut self, core: &mut Core, key: u32) {
        self.flights.start(key, core.now + self.lease);
        self.set_lease_timer(core);
    }

    #[inline(never)]
    fn load_in_background(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        if let Some((link, target)) = self.origin(core) {
            self.start_flight(core, key);
            let (class, client) = (core.calls[call].class, core.calls[call].client);
            let carrier = self.carrier(core, key, client);
            core.calls[carrier].class = class;
            core.send(carrier, link, target, Operation::ReadQuery);
        }
    }

    /// A call of this cache's own, which nobody waits for.
    fn carrier(&mut self, core: &mut Core, key: u32, client: u32) -> CallIdx {
        let mut call = Call::new(self.me, NO_LINK, Operation::Get, core.now);
        call.stage = Stage::Calling;
        call.phase = BACKGROUND;
        call.key = key;
        call.client = client;
        let call = core.calls.insert(call);
        self.background.retain(|&other| core.calls.find(other).is_some());
        self.background.push(core.calls.reference(call));
        call
    }

    /// A write that comes to the cache first.
    #[inline(never)]
    fn write(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        if self.write_policy == WritePolicy::Back {
            core.change_item(key);
            let version = core.version_of(key);
            self.keep(core, key, version);
            self.write_later(core, key);
            self.answer(core, call, Outcome::Answered);
            return;
        }
        match self.origin_for_writes(core) {
            Some((link, target)) => {
                core.send(call, link, target, Operation::WriteQuery);
            }
            None => self.answer(core, call, Outcome::Unavailable),
        }
    }

    /// The origin has answered.
    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        self.on_reply_here(core, call, *reply);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every answer comes here, from one place")]
    #[inline(always)]
    pub(super) fn on_reply_here(&mut self, core: &mut Core, call: CallIdx, reply: Reply) {
        let key = core.calls[call].key;
        let is_background = core.calls[call].phase == BACKGROUND;
        if reply.operation == Operation::WriteQuery {
            self.on_written(core, call, &{ reply }, is_background);
            return;
        }
        let loaded = reply.outcome.is_success().then_some(reply.version);
        if let Some(version) = loaded {
            self.keep(core, key, version);
        }
        if is_background {
            core.calls.remove(call);
        } else {
            core.calls[call].found = loaded.is_some();
            core.calls[call].stale = reply.stale;
            core.calls[call].version = reply.version;
            self.answer(core, call, reply.outcome);
        }
        self.land(core, key, loaded, reply.outcome);
    }

    fn on_written(&mut self, core: &mut Core, call: CallIdx, reply: &Reply, is_background: bool) {
        let key = core.calls[call].key;
        if is_background {
            core.calls.remove(call);
            if !reply.outcome.is_success() {
                self.write_later(core, key);
            }
            return;
        }
        if reply.outcome.is_success() {
            self.keep(core, key, reply.version);
        }
        self.answer(core, call, reply.outcome);
    }

    /// A load has ended: whoever waited for it gets the value, or the failure.
    fn land(&mut self, core: &mut Core, key: u32, loaded: Option<u32>, outcome: Outcome) {
        let Some(mut waiting) = self.flights.land(&core.calls, key) else { return };
        while let Some(call) = waiting.pop(&core.calls) {
            match loaded {
                Some(version) => self.hit(core, call, version),
                None => self.answer(core, call, outcome),
            }
        }
    }

    /// Loads that have taken too long: the first who waits for one may try next.
    fn release_lost(&mut self, core: &mut Core) {
        while let Some(key) = self.flights.pop_lost(core.now) {
            self.release(core, key);
        }
        self.set_lease_timer(core);
    }

    fn release(&mut self, core: &mut Core, key: u32) {
        let Some(mut waiting) = self.flights.land(&core.calls, key) else { return };
        // The first starts another load, the others wait for that one.
        while let Some(call) = waiting.pop(&core.calls) {
            self.look_up(core, call, key);
        }
    }

    fn release_all(&mut self, core: &mut Core) {
        while let Some(key) = self.flights.pop_lost(SimTime::NEVER) {
            self.release(core, key);
        }
    }

    fn set_lease_timer(&mut self, core: &mut Core) {
        let next = self.flights.next_lease();
        if next < self.lease_wake {
            self.lease_wake = next;
            core.set_timer(self.me, next.since(core.now), Timer::Own, LEASES);
        }
    }

    pub(super) fn on_timer(&mut self, core: &mut Core, token: Token) {
        if token == LEASES {
            self.lease_wake = SimTime::NEVER;
            self.release_lost(core);
        } else if self.is_flushing {
            self.flush(core);
        }
    }

    /// A value is to go to the origin with the next lot.
    fn write_later(&mut self, core: &mut Core, key: u32) {
        if self.is_unwritten.insert(key) {
            self.unwritten.push(key);
        }
        if !self.is_flushing {
            self.is_flushing = true;
            core.set_timer(self.me, self.write_back, Timer::Own, WRITE_BACK);
        }
    }

    /// Sends what was written here to the origin.
    fn flush(&mut self, core: &mut Core) {
        self.is_flushing = false;
        self.is_unwritten.clear();
        for key in core::mem::take(&mut self.unwritten) {
            match self.origin_for_writes(core) {
                Some((link, target)) => {
                    let carrier = self.carrier(core, key, 0);
                    core.calls[carrier].class = crate::sim::snapshot::RequestClass::Write;
                    let write = core.send(carrier, link, target, Operation::WriteQuery);
                    // Everyone knows the value already: the item changed when it was written here.
                    core.calls[write].found = true;
                }
                None => self.write_later(core, key),
            }
        }
    }

    /// Where missing values come from.
    #[inline]
    fn origin(&self, core: &mut Core) -> Option<(LinkIdx, StationIdx)> {
        let &link = self.origins.first()?;
        Some((link, core.links[link.0 as usize].next_in_turn()?))
    }

    /// Where writes go: the acting primary, if a link leads there.
    fn origin_for_writes(&self, core: &mut Core) -> Option<(LinkIdx, StationIdx)> {
        let (_, drawn) = self.origin(core)?;
        let acting = core.groups.primary_for(drawn).or_else(|| core.circles.writer_for(drawn)).unwrap_or(drawn);
        let mut origins = self.origins.iter().copied();
        let link = origins.find(|link| core.links[link.0 as usize].targets.contains(&acting))?;
        Some((link, acting))
    }

    /// The other nodes that keep the same values learn of a change; nobody waits for them.
    fn tell_copies(&self, core: &mut Core, call: CallIdx, operation: Operation) {
        if let Some(peers) = self.peers
            && core.calls[call].link != peers
        {
            for &copy in &self.copies {
                core.tell(call, peers, copy, operation);
            }
        }
    }

    #[inline]
    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }

    fn keep(&mut self, core: &mut Core, key: u32, version: u32) {
        let expires = self.ttl.map_or(SimTime::NEVER, |ttl| {
            if self.jitter > 0.0 {
                let share = 1.0 - self.jitter * self.chance.uniform();
                return core.now + SimDuration::from_secs_f64(ttl.as_secs_f64() * share);
            }
            core.now + ttl
        });
        let evicted = match &self.sizes {
            None => u64::from(self.store.set(key, version, expires)),
            Some(sizes) => self.store.set_weighing(key, version, expires, sizes.of(key)),
        };
        core.window.stations[self.me.0 as usize].evictions += evicted;
    }

    /// It was flushed: everything it kept goes, while it goes on working.
    pub(super) fn flush_store(&mut self) {
        self.store.clear();
    }

    /// It has died: everything it kept is gone, what it had not written to the origin is lost.
    pub(super) fn on_down(&mut self, core: &mut Core) {
        self.store.clear();
        self.flights.clear();
        self.is_flushing = false;
        core.window.stations[self.me.0 as usize].lost_writes += self.unwritten.len() as u64;
        self.unwritten.clear();
        self.is_unwritten.clear();
        for reference in core::mem::take(&mut self.background) {
            if let Some(call) = core.calls.find(reference) {
                core.calls.remove(call);
            }
        }
    }

    /// Memory that its entries take [bytes].
    pub(super) fn memory_used(&self) -> f64 {
        // Without sizes of their own, entries weigh one each.
        if self.sizes.is_some() { self.store.weight() as f64 } else { self.store.len() as f64 * self.value_bytes }
    }

    pub(super) const fn entries(&self) -> u64 {
        self.store.len() as u64
    }

    /// Entries that fit, where capacity is counted in entries; else those that are there, and as many as still fit if
    /// all are of mean size.
    pub(super) fn capacity(&self) -> u64 {
        let Some(_) = &self.sizes else { return self.store.capacity() };
        let (entries, weight) = (self.store.len() as u64, self.store.weight());
        if entries == 0 { 0 } else { (self.store.capacity() as f64 / weight as f64 * entries as f64) as u64 }
    }
}
