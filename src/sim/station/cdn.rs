//! CDN edge: hands out copies of files near its users and loads what it lacks from the origin, or through the shield.
//! Other requests pass through to the origin.
//!
//! A copy that is older than the file at its origin counts as a stale hit. With versioned names nobody asks for an old
//! copy. What comes after the time to live follows RFC 5861 (stale-while-revalidate, stale-if-error).
//!
//! Left out: the caches of browsers, and how edges of one region share their copies.

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::cdn::Cdn as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, CallRef, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::Timer;
use crate::sim::mechanism::flights::Flights;
use crate::sim::mechanism::keyed_store::KeyedStore;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::sizes::Sizes;
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::{SimDuration, SimTime};

/// The file is being loaded for this call.
const MISSED: u8 = 1;
/// A load that nobody waits for.
const BACKGROUND: u8 = 2;
/// The file has been found or loaded; its bytes are on their way.
const SENDING: u8 = 3;

/// An edge takes everyone.
const SIZE: MachineSize =
    MachineSize { slots: None, queue_limit: None, cores: None, discipline: CpuDiscipline::FirstComeFirstServed };
/// How long those who wait for a load let it take.
const LEASE: SimDuration = SimDuration::from_secs(30);

/// An edge of a CDN at work.
#[derive(Clone, Debug)]
pub struct Cdn {
    me: StationIdx,
    pub(super) machine: Machine,
    store: KeyedStore,
    sizes: Sizes,
    ttl: SimDuration,
    revalidate: SimDuration,
    if_error: SimDuration,
    collapses: bool,
    versioned: bool,
    hit_time: Sampler,
    bytes_per_sec: f64,
    service: Stream,
    /// Where files come from: the shield, or else the origin.
    origin: Option<LinkIdx>,
    flights: Flights,
    background: Vec<CallRef>,
    lease_wake: SimTime,
}

impl Cdn {
    /// About how much memory what it keeps takes [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.store.footprint_bytes()
    }

    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut cdn = Self {
            me: setup.me,
            machine: Machine::new(setup.me, SIZE),
            store: KeyedStore::new(config.capacity_bytes as u64, config.eviction),
            sizes: Sizes::of_files(setup.network),
            ttl: SimDuration::ZERO,
            revalidate: SimDuration::ZERO,
            if_error: SimDuration::ZERO,
            collapses: false,
            versioned: false,
            hit_time: Sampler::new(&config.hit_time),
            bytes_per_sec: config.bytes_per_sec,
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            origin: None,
            flights: Flights::default(),
            background: Vec::new(),
            lease_wake: SimTime::NEVER,
        };
        cdn.configure(core, setup, config);
        cdn
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        let sizes = Sizes::of_files(setup.network);
        if sizes != self.sizes {
            // Copies of another size are other files.
            self.sizes = sizes;
            self.store.clear();
        }
        let evicted = self.store.configure(config.capacity_bytes as u64, config.eviction);
        core.window.stations[self.me.0 as usize].evictions += evicted;
        self.ttl = SimDuration::from_secs_f64(config.ttl_secs);
        self.revalidate = SimDuration::from_secs_f64(config.stale_while_revalidate_secs);
        self.if_error = SimDuration::from_secs_f64(config.stale_if_error_secs);
        self.collapses = config.request_collapsing;
        self.versioned = config.versioned_objects;
        self.hit_time = Sampler::new(&config.hit_time);
        self.bytes_per_sec = config.bytes_per_sec;
        let shield = setup.links(core, LinkRole::Peers).next();
        self.origin = shield.or_else(|| setup.links(core, LinkRole::Fetch).next());
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            let work = self.hit_time.sample(&mut self.service);
            self.machine.work(core, call, work);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].phase == SENDING {
            self.answer(core, call, Outcome::Answered);
        } else if core.calls[call].class == RequestClass::Static {
            self.look_up(core, call);
        } else {
            self.load(core, call);
        }
    }

    fn look_up(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        let kept = self.store.get_stale(key, core.now, self.revalidate.max(self.if_error));
        // Under a new name, an old copy is not what is asked for.
        let kept = kept.filter(|kept| !self.versioned || kept.version == core.file_version(key));
        match kept {
            Some(kept) if kept.expires > core.now => self.hit(core, call, kept.version),
            Some(kept) if kept.expires + self.revalidate > core.now => {
                self.revalidate(core, call, key);
                self.hit(core, call, kept.version);
            }
            _ => self.miss(core, call, key),
        }
    }

    fn hit(&mut self, core: &mut Core, call: CallIdx, version: u32) {
        let stale = version != core.file_version(core.calls[call].key);
        let counts = &mut core.window.stations[self.me.0 as usize];
        counts.hits += 1;
        counts.stale_hits += u64::from(stale);
        core.calls[call].stale = stale;
        self.hand_out(core, call, version);
    }

    /// Sends the bytes of a file.
    fn hand_out(&mut self, core: &mut Core, call: CallIdx, version: u32) {
        let bytes = f64::from(self.sizes.of(core.calls[call].key));
        let counts = &mut core.window.stations[self.me.0 as usize];
        counts.files_out += 1;
        counts.bytes_out += bytes;
        core.calls[call].version = version;
        core.calls[call].phase = SENDING;
        self.machine.work(core, call, SimDuration::from_secs_f64(bytes / self.bytes_per_sec));
    }

    fn miss(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        if self.collapses {
            if self.flights.is_under_way(key) {
                core.calls[call].stage = Stage::Calling;
                self.flights.wait(&mut core.calls, key, call);
                return;
            }
            self.start_flight(core, key);
        }
        core.window.stations[self.me.0 as usize].misses += 1;
        core.calls[call].phase = MISSED;
        self.load(core, call);
    }

    /// Asks the origin on behalf of a call.
    fn load(&mut self, core: &mut Core, call: CallIdx) {
        match self.next_origin(core) {
            Some((link, target)) => {
                core.send(call, link, target, Operation::Serve);
            }
            None => self.fail(core, call, Outcome::Unavailable),
        }
    }

    /// Loads a file anew for nobody in particular, unless somebody does already.
    fn revalidate(&mut self, core: &mut Core, call: CallIdx, key: u32) {
        if self.flights.is_under_way(key) {
            return;
        }
        if let Some((link, target)) = self.next_origin(core) {
            self.start_flight(core, key);
            let mut carrier = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
            carrier.stage = Stage::Calling;
            carrier.phase = BACKGROUND;
            carrier.key = key;
            carrier.class = RequestClass::Static;
            carrier.client = core.calls[call].client;
            let carrier = core.calls.insert(carrier);
            self.background.retain(|&other| core.calls.find(other).is_some());
            self.background.push(core.calls.reference(carrier));
            core.send(carrier, link, target, Operation::Serve);
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        let (key, phase) = (core.calls[call].key, core.calls[call].phase);
        if core.calls[call].class != RequestClass::Static {
            core.calls[call].stale |= reply.stale;
            core.calls[call].version = reply.version;
            self.answer(core, call, reply.outcome);
            return;
        }
        let loaded = reply.outcome.is_success().then_some(reply.version);
        if let Some(version) = loaded {
            let evicted = self.store.set_weighing(key, version, core.now + self.ttl, self.sizes.of(key));
            core.window.stations[self.me.0 as usize].evictions += evicted;
        }
        if phase == BACKGROUND {
            core.calls.remove(call);
        } else {
            core.calls[call].stale = reply.stale;
            self.settle(core, call, loaded, reply.outcome);
        }
        let Some(mut waiting) = self.flights.land(&core.calls, key) else { return };
        while let Some(call) = waiting.pop(&core.calls) {
            if loaded.is_some() {
                core.window.stations[self.me.0 as usize].hits += 1;
            }
            self.settle(core, call, loaded, reply.outcome);
        }
    }

    /// Ends a call whose file was loaded, or could not be.
    fn settle(&mut self, core: &mut Core, call: CallIdx, loaded: Option<u32>, outcome: Outcome) {
        match loaded {
            Some(version) => self.hand_out(core, call, version),
            None => self.fail(core, call, outcome),
        }
    }

    /// The origin does not give what is asked for: an old copy may do.
    fn fail(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        let key = core.calls[call].key;
        let is_file = core.calls[call].class == RequestClass::Static;
        match self.store.get_stale(key, core.now, self.if_error) {
            Some(kept) if is_file && !self.if_error.is_zero() => self.hit(core, call, kept.version),
            _ => self.answer(core, call, outcome),
        }
    }

    fn start_flight(&mut self, core: &mut Core, key: u32) {
        self.flights.start(key, core.now + LEASE);
        let next = self.flights.next_lease();
        if next < self.lease_wake {
            self.lease_wake = next;
            core.set_timer(self.me, next.since(core.now), Timer::Own, 0);
        }
    }

    /// Loads that have taken too long: whoever waits for one tries again.
    pub(super) fn on_timer(&mut self, core: &mut Core) {
        self.lease_wake = SimTime::NEVER;
        while let Some(key) = self.flights.pop_lost(core.now) {
            let Some(mut waiting) = self.flights.land(&core.calls, key) else { continue };
            while let Some(call) = waiting.pop(&core.calls) {
                self.look_up(core, call);
            }
        }
        let next = self.flights.next_lease();
        if next != SimTime::NEVER && next < self.lease_wake {
            self.lease_wake = next;
            core.set_timer(self.me, next.since(core.now), Timer::Own, 0);
        }
    }

    fn next_origin(&self, core: &mut Core) -> Option<(LinkIdx, StationIdx)> {
        let link = self.origin?;
        Some((link, core.links[link.0 as usize].next_in_turn()?))
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        // It has room for everyone, so nobody waits for the place that becomes free.
        self.machine.answer(core, call, outcome);
    }

    /// All copies go (a purge).
    pub(super) fn purge(&mut self) {
        self.store.clear();
    }

    /// It has died, and its copies with it.
    pub(super) fn on_down(&mut self, core: &mut Core) {
        self.store.clear();
        self.flights.clear();
        for reference in core::mem::take(&mut self.background) {
            if let Some(call) = core.calls.find(reference) {
                core.calls.remove(call);
            }
        }
    }

    pub(super) const fn entries(&self) -> u64 {
        self.store.len() as u64
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.store.weight()
    }

    pub(super) const fn capacity_bytes(&self) -> u64 {
        self.store.capacity()
    }
}
