//! Server: computes for a request, then makes the calls that its links say: other services in turn; for a read the
//! cache first and the database on a miss, then the cache is filled; for a write the database, then the cached value is
//! deleted (cache-aside). It holds a slot all the while.
//!
//! Left out: calls in parallel, memory, sessions.

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::server::Server as Config;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::avoidance::Avoidance;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// How far a request has come, kept in the call: which step, and how often within it.
mod phase {
    /// Calls to other services.
    pub const SERVICES: u8 = 0;
    /// The look-up in the cache.
    pub const LOOKUP: u8 = 1;
    /// Queries to the database.
    pub const QUERIES: u8 = 2;
    /// Filling the cache, or deleting from it.
    pub const CACHE_UPDATE: u8 = 3;
    /// The answer.
    pub const DONE: u8 = 4;
}

/// A server at work.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) machine: Machine,
    /// Work by position in [`RequestClass::ALL`].
    work: [Sampler; RequestClass::ALL.len()],
    /// A long job's own work, where it is done here.
    inline_work: Option<Sampler>,
    service: Stream,
    queries_per_read: u32,
    queries_per_write: u32,
    avoid_failed: SimDuration,
    services: Vec<LinkIdx>,
    caches: Vec<(LinkIdx, StationIdx)>,
    databases: Databases,
    avoidance: Avoidance,
    next_cache: u32,
}

/// Ways to databases, by what they carry.
#[derive(Clone, Debug, Default)]
struct Databases {
    all: Vec<(LinkIdx, StationIdx)>,
    for_reads: Vec<(LinkIdx, StationIdx)>,
    for_writes: Vec<(LinkIdx, StationIdx)>,
    next_read: u32,
    next_write: u32,
}

impl Server {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut server = Self {
            machine: Machine::new(setup.me, Self::size(config)),
            work: Self::samplers(config),
            inline_work: None,
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            queries_per_read: 0,
            queries_per_write: 0,
            avoid_failed: SimDuration::ZERO,
            services: Vec::new(),
            caches: Vec::new(),
            databases: Databases::default(),
            avoidance: Avoidance::default(),
            // Instances start at different places, so that they do not all pick the same target first.
            next_cache: instance,
        };
        server.databases.next_read = instance;
        server.databases.next_write = instance;
        server.configure(core, setup, config);
        server
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.concurrency),
            queue_limit: config.queue_limit,
            cores: Some(config.cores),
            discipline: config.cpu_discipline,
        }
    }

    fn samplers(config: &Config) -> [Sampler; RequestClass::ALL.len()] {
        RequestClass::ALL.map(|class| {
            Sampler::new(match class {
                RequestClass::Read | RequestClass::Live => &config.read_work,
                RequestClass::Write => &config.write_work,
                RequestClass::Static => &config.static_work,
                RequestClass::Upload => &config.upload_work,
                RequestClass::Job => &config.job_work,
            })
        })
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.work = Self::samplers(config);
        self.queries_per_read = config.queries_per_read;
        self.queries_per_write = config.queries_per_write;
        self.avoid_failed = SimDuration::from_secs_f64(config.avoid_failed_secs);
        self.services = setup.links(core, LinkRole::Requests).collect();
        self.inline_work = self.services.is_empty().then(|| Sampler::new(&config.job_inline_work));
        self.caches = setup.targets(core, |role| role == LinkRole::Lookup);
        self.databases.for_reads = setup.targets(core, LinkRole::carries_reads);
        self.databases.for_writes = setup.targets(core, LinkRole::carries_writes);
        self.databases.all = setup.targets(core, |role| role.carries_reads() || role.carries_writes());
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
        let class = core.calls[call].class;
        let mut work = self.work[class as usize].sample(&mut self.service);
        if class == RequestClass::Job
            && let Some(inline) = &self.inline_work
        {
            work += inline.sample(&mut self.service);
        }
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].class == RequestClass::Static {
            core.calls[call].phase = phase::DONE;
        }
        self.proceed(core, call);
    }

    /// Makes the next call that the request needs, or answers it.
    fn proceed(&mut self, core: &mut Core, call: CallIdx) {
        loop {
            let class = core.calls[call].class;
            let step = core.calls[call].memo;
            match core.calls[call].phase {
                phase::SERVICES => {
                    if let Some(&link) = self.services.get(step as usize) {
                        core.calls[call].memo += 1;
                        match core.links[link.0 as usize].next_in_turn() {
                            Some(target) => {
                                core.send(call, link, target, Operation::Serve);
                            }
                            None => self.answer(core, call, Outcome::Unavailable),
                        }
                        return;
                    }
                    let next = if class == RequestClass::Read { phase::LOOKUP } else { phase::QUERIES };
                    self.enter(core, call, next);
                }
                phase::LOOKUP => {
                    // A value is looked up once for the whole request; without queries there is nothing to cache.
                    if self.queries_per_read > 0
                        && let Some((link, target)) = self.pick_cache(core)
                    {
                        core.send(call, link, target, Operation::Get);
                        return;
                    }
                    self.enter(core, call, phase::QUERIES);
                }
                phase::QUERIES => {
                    let (wanted, operation) = match class {
                        RequestClass::Read => (self.queries_per_read, Operation::ReadQuery),
                        _ => (self.queries_per_write, Operation::WriteQuery),
                    };
                    if step < wanted && !self.databases.all.is_empty() {
                        core.calls[call].memo += 1;
                        match self.databases.pick(core, &self.avoidance, operation) {
                            Some((link, target)) => {
                                core.send(call, link, target, operation);
                            }
                            None => self.answer(core, call, Outcome::Unavailable),
                        }
                        return;
                    }
                    self.enter(core, call, phase::CACHE_UPDATE);
                }
                phase::CACHE_UPDATE => {
                    core.calls[call].phase = phase::DONE;
                    let operation = if class == RequestClass::Read { Operation::Set } else { Operation::Delete };
                    let has_value = class == RequestClass::Write || !self.databases.all.is_empty();
                    if has_value && let Some((link, target)) = self.pick_cache(core) {
                        core.send(call, link, target, operation);
                        return;
                    }
                }
                _ => {
                    self.answer(core, call, Outcome::Answered);
                    return;
                }
            }
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        if reply.outcome == Outcome::TargetDown {
            self.avoidance.avoid(reply.target, core.now, self.avoid_failed);
        }
        match reply.operation {
            Operation::Get => {
                if reply.found {
                    core.calls[call].stale |= reply.stale;
                    core.calls[call].phase = phase::DONE;
                } else {
                    // A cache that fails is a miss: the database has to do.
                    self.enter(core, call, phase::QUERIES);
                }
            }
            // The answer does not depend on whether the cache took the change.
            Operation::Set | Operation::Delete => {}
            Operation::Serve | Operation::Resolve | Operation::ReadQuery | Operation::WriteQuery => {
                if !reply.outcome.is_success() {
                    self.answer(core, call, reply.outcome);
                    return;
                }
                core.calls[call].stale |= reply.stale;
                core.calls[call].version = reply.version;
            }
        }
        self.proceed(core, call);
    }

    pub(super) fn retarget(
        &mut self,
        core: &mut Core,
        link: LinkIdx,
        operation: Operation,
    ) -> Option<(LinkIdx, StationIdx)> {
        match operation {
            Operation::ReadQuery | Operation::WriteQuery => self.databases.pick(core, &self.avoidance, operation),
            Operation::Get | Operation::Set | Operation::Delete => self.pick_cache(core),
            Operation::Serve | Operation::Resolve => Some((link, core.links[link.0 as usize].next_in_turn()?)),
        }
    }

    /// It has died: what it remembered is gone.
    pub(super) fn forget(&mut self) {
        self.avoidance.clear();
    }

    fn enter(&self, core: &mut Core, call: CallIdx, phase: u8) {
        core.calls[call].phase = phase;
        core.calls[call].memo = 0;
    }

    fn pick_cache(&mut self, core: &Core) -> Option<(LinkIdx, StationIdx)> {
        // A cache that does not answer is left alone, even if it is the only one: asking it would only cost time.
        pick(&self.caches, &mut self.next_cache, |target| !self.avoidance.avoids(target, core.now))
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}

impl Databases {
    /// Where a query goes. Writes go to the acting primary of their group, by whichever link leads there; reads in turn
    /// to the servers that answer reads, and if none of them answers the door, to any other.
    fn pick(&mut self, core: &Core, avoidance: &Avoidance, operation: Operation) -> Option<(LinkIdx, StationIdx)> {
        if operation == Operation::WriteQuery {
            let (_, drawn) = pick(&self.for_writes, &mut self.next_write, |_| true)?;
            let acting = core.groups.primary_for(drawn).unwrap_or(drawn);
            return self.all.iter().copied().find(|&(_, target)| target == acting);
        }
        let answers = |target| !avoidance.avoids(target, core.now);
        pick(&self.for_reads, &mut self.next_read, answers)
            .or_else(|| pick(&self.all, &mut self.next_read, answers))
            .or_else(|| pick(&self.for_reads, &mut self.next_read, |_| true))
    }
}

/// The next of `targets` in turn that fulfils a condition.
fn pick(
    targets: &[(LinkIdx, StationIdx)],
    next: &mut u32,
    condition: impl Fn(StationIdx) -> bool,
) -> Option<(LinkIdx, StationIdx)> {
    let n = targets.len() as u32;
    let chosen = (0..n).map(|step| (*next + step) % n).find(|&position| condition(targets[position as usize].1))?;
    *next = chosen + 1;
    Some(targets[chosen as usize])
}
