//! Cache: look-ups by key over a store that forgets. On a miss it loads the value from its origin if a `fetch` link is
//! drawn (read-through); otherwise the caller does (cache-aside).
//!
//! A value that has changed at its source since it was stored counts as a stale hit. Left out: sizes of values.

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::cache::Cache as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::network::LinkIdx;
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::keyed_store::KeyedStore;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;
use crate::units::{SimDuration, SimTime};

/// The look-up missed; the value, if one came, is from the origin.
const MISSED: u8 = 1;

/// A cache at work.
#[derive(Clone, Debug)]
pub struct Cache {
    me: usize,
    pub(super) machine: Machine,
    store: KeyedStore,
    ttl: Option<SimDuration>,
    work: Sampler,
    service: Stream,
    origin: Option<LinkIdx>,
}

impl Cache {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut cache = Self {
            me: setup.me.0 as usize,
            machine: Machine::new(setup.me, Self::size(config)),
            store: KeyedStore::new(config.capacity_entries, config.eviction),
            ttl: None,
            work: Sampler::new(&config.operation_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            origin: None,
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

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        let evicted = self.store.configure(config.capacity_entries, config.eviction);
        core.window.stations[self.me].evictions += evicted;
        self.ttl = config.ttl_secs.map(SimDuration::from_secs_f64);
        self.work = Sampler::new(&config.operation_work);
        self.origin = setup.links(core, LinkRole::Fetch).next();
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            self.begin(core, call);
        }
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        match core.calls[call].operation {
            Operation::Get => match self.store.get(key, core.now) {
                Some(version) => {
                    let stale = version != core.version_of(key);
                    let counts = &mut core.window.stations[self.me];
                    counts.hits += 1;
                    counts.stale_hits += u64::from(stale);
                    core.calls[call].found = true;
                    core.calls[call].stale = stale;
                    core.calls[call].version = version;
                }
                None => {
                    core.window.stations[self.me].misses += 1;
                    core.calls[call].phase = MISSED;
                    if let Some(origin) = self.origin
                        && let Some(target) = core.links[origin.0 as usize].next_in_turn()
                    {
                        core.send(call, origin, target, Operation::ReadQuery);
                        return;
                    }
                }
            },
            Operation::Set => {
                let version = core.calls[call].version;
                self.keep(core, key, version);
            }
            Operation::Delete => self.store.remove(key),
            _ => {}
        }
        self.answer(core, call, Outcome::Answered);
    }

    /// The origin has answered.
    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        if reply.outcome.is_success() {
            let key = core.calls[call].key;
            self.keep(core, key, reply.version);
            core.calls[call].found = true;
            core.calls[call].stale = reply.stale;
            core.calls[call].version = reply.version;
        }
        self.answer(core, call, reply.outcome);
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }

    fn keep(&mut self, core: &mut Core, key: u32, version: u32) {
        let expires = self.ttl.map_or(SimTime::NEVER, |ttl| core.now + ttl);
        let evicts = self.store.set(key, version, expires);
        core.window.stations[self.me].evictions += u64::from(evicts);
    }

    /// It has died or was flushed: everything it kept is gone.
    pub(super) fn forget(&mut self) {
        self.store.clear();
    }

    pub(super) const fn entries(&self) -> u64 {
        self.store.len() as u64
    }

    pub(super) const fn capacity(&self) -> u64 {
        self.store.capacity() as u64
    }
}
