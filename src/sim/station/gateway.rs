//! Gateway: turns away attacks that it recognises and requests that come too often, and hands the others on, holding
//! the client's connection until they are answered.
//!
//! It looks at each request once it has a core for it, so that a flood costs it work even if all of it is turned away.
//! Left out: the reasons why a firewall takes a request for an attack; it is right or wrong with stated shares.

use std::collections::BTreeMap;

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::gateway::{Gateway as Config, LimitScope};
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::token_bucket::TokenBucket;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;
use crate::units::SimTime;

/// Clients whose buckets are kept at least before those that are full again are dropped.
const LEAST_CLIENTS: usize = 1024;

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    rate_per_sec: f64,
    burst: f64,
    scope: LimitScope,
}

/// A gateway at work.
#[derive(Clone, Debug)]
pub struct Gateway {
    pub(super) machine: Machine,
    work: Sampler,
    service: Stream,
    choice: Stream,
    limit: Option<Limit>,
    everyone: TokenBucket,
    /// What each client may still ask; one that is not listed may ask as much as fits.
    clients: BTreeMap<u32, TokenBucket>,
    /// With so many, those that are full again are dropped.
    crowded: usize,
    attack_block_share: f64,
    false_positive_share: f64,
    targets: Vec<(LinkIdx, StationIdx)>,
    next: u32,
}

impl Gateway {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut gateway = Self {
            machine: Machine::new(setup.me, Self::size(config)),
            work: Sampler::new(&config.request_work),
            service: stream(Purpose::Service),
            choice: stream(Purpose::Choice),
            limit: None,
            everyone: TokenBucket::new(config.rate_limit_per_sec.unwrap_or(0.0), config.burst, core.now),
            clients: BTreeMap::new(),
            crowded: LEAST_CLIENTS,
            attack_block_share: 0.0,
            false_positive_share: 0.0,
            targets: Vec::new(),
            next: 0,
        };
        gateway.configure(core, setup, config);
        gateway
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: config.connection_limit,
            queue_limit: Some(0),
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.work = Sampler::new(&config.request_work);
        let limit = config.rate_limit_per_sec.map(|rate_per_sec| Limit {
            rate_per_sec,
            burst: config.burst,
            scope: config.limit_scope,
        });
        if self.limit != limit {
            self.limit = limit;
            self.everyone.configure(config.rate_limit_per_sec.unwrap_or(0.0), config.burst);
            self.clients.clear();
        }
        self.attack_block_share = config.attack_block_share;
        self.false_positive_share = config.false_positive_share;
        self.targets = setup.targets(core, |role| role == LinkRole::Requests);
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
        if self.looks_like_attack(core.calls[call].is_attack) {
            self.answer(core, call, Outcome::Blocked);
        } else if !self.is_within_limit(core.calls[call].client, core.now) {
            self.answer(core, call, Outcome::RateLimited);
        } else if let Some((link, target)) = self.choose(core) {
            core.send(call, link, target, Operation::Serve);
        } else {
            self.answer(core, call, Outcome::Unavailable);
        }
    }

    fn looks_like_attack(&mut self, is_attack: bool) -> bool {
        if self.attack_block_share <= 0.0 {
            return false;
        }
        let share = if is_attack { self.attack_block_share } else { self.false_positive_share };
        self.choice.uniform() < share
    }

    fn is_within_limit(&mut self, client: u32, now: SimTime) -> bool {
        let Some(limit) = self.limit else { return true };
        match limit.scope {
            LimitScope::Everyone => self.everyone.take(now),
            LimitScope::Each => {
                if self.clients.len() >= self.crowded {
                    self.clients.retain(|_, bucket| !bucket.is_full(now));
                    self.crowded = (2 * self.clients.len()).max(LEAST_CLIENTS);
                }
                let full = TokenBucket::new(limit.rate_per_sec, limit.burst, now);
                self.clients.entry(client).or_insert(full).take(now)
            }
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        core.calls[call].stale |= reply.stale;
        self.answer(core, call, reply.outcome);
    }

    /// The next target in turn that the registry names.
    pub(super) fn choose(&mut self, core: &Core) -> Option<(LinkIdx, StationIdx)> {
        let n = self.targets.len() as u32;
        let is_listed = |position: &u32| core.is_listed(self.targets[*position as usize].1);
        let position = (0..n).map(|step| in_turn(self.next + step, n)).find(is_listed)?;
        self.next = position + 1;
        Some(self.targets[position as usize])
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}
