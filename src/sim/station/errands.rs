//! What a machine has others do for a request, in the order that its links say: other services, in turn or all at once; for a read the
//! cache first and the database on a miss, then the cache is filled; for a write the database, then the cached value is
//! deleted (cache-aside). Servers and workers run the same errands.
//!
//! How far a request has come is kept in its call: which step, and how often within it.

mod routes;

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::cache::WritePolicy;
use crate::design::kind::server::CallOrder;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::mechanism::avoidance::Avoidance;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// Steps of a request, as `phase` of its call.
mod phase {
    /// The session of the user; where every request begins.
    pub const SESSION: u8 = 0;
    /// Calls to other services.
    pub const SERVICES: u8 = 8;
    /// The look-up in the cache.
    pub const LOOKUP: u8 = 1;
    /// Queries to the database.
    pub const QUERIES: u8 = 2;
    /// Filling the cache, or deleting from it.
    pub const CACHE_UPDATE: u8 = 3;
    /// Messages to queues.
    pub const MESSAGES: u8 = 4;
    /// Files to or from object storage.
    pub const FILES: u8 = 5;
    /// The answer.
    pub const DONE: u8 = 6;
    /// Calls to other services, made all at once.
    pub const GATHER: u8 = 7;
}

/// How much a request asks of others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plan {
    /// Database queries that a read makes, one after the other.
    pub queries_per_read: u32,
    /// Database queries that a write makes, one after the other.
    pub queries_per_write: u32,
    /// Database queries that read for a job, one after the other.
    pub reads_per_job: u32,
    /// Database queries that write for a job, one after the other, after those.
    pub writes_per_job: u32,
    /// Files that a job keeps.
    pub files_per_job: u32,
    /// Messages that a write publishes.
    pub messages_per_write: u32,
    /// Messages that a job publishes.
    pub messages_per_job: u32,
    /// Whether a job is handed to a queue, if there is one, instead of being done.
    pub hands_jobs_over: bool,
    /// How long a target that did not answer the door is avoided.
    pub avoid_failed: SimDuration,
    /// How long after a write the reads of the same user go to the primary.
    pub read_own_writes: SimDuration,
    /// How calls to other services are made.
    pub calls: CallOrder,
    /// Answers that a quorum takes.
    pub quorum: u32,
    /// Whether calls made at once go to every instance of a service.
    pub scatter: bool,
}

/// What is still to come of calls made at once, kept in the `memo` of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gathering {
    /// Calls without an answer.
    outstanding: u16,
    /// Good answers that are still needed.
    needed: u16,
}

impl Gathering {
    const fn pack(self) -> u32 {
        ((self.needed as u32) << 16) | self.outstanding as u32
    }

    const fn unpack(memo: u32) -> Self {
        Self { outstanding: memo as u16, needed: (memo >> 16) as u16 }
    }
}

/// Ways to others, and what is to be had from them.
#[derive(Clone, Debug)]
pub(super) struct Errands {
    plan: Plan,
    services: Vec<LinkIdx>,
    caches: Vec<CacheRoute>,
    databases: Databases,
    queues: Vec<LinkIdx>,
    storages: Vec<LinkIdx>,
    /// The way to the store of sessions.
    sessions: Option<LinkIdx>,
    avoidance: Avoidance,
    /// Where a request begins that needs no session, by position in [`RequestClass::ALL`]: what there is nothing of is
    /// passed over at once.
    first_phases: [u8; RequestClass::ALL.len()],
    next_cache: u32,
    next_queue: u32,
}

/// The way to a cache.
#[derive(Clone, Debug)]
struct CacheRoute {
    link: LinkIdx,
    /// Its nodes, then their copies in the same order.
    stations: Vec<StationIdx>,
    /// Nodes without copies.
    nodes: u32,
    write_policy: WritePolicy,
}

/// Ways to databases, by what they carry.
#[derive(Clone, Debug, Default)]
pub(super) struct Databases {
    all: Vec<(LinkIdx, StationIdx)>,
    /// Those that reads go to.
    pub for_reads: Vec<(LinkIdx, StationIdx)>,
    for_writes: Vec<(LinkIdx, StationIdx)>,
    next_read: u32,
    next_write: u32,
}

impl Errands {
    /// No ways yet. Instances of a component start at different places, so that they do not all pick the same target
    /// first.
    pub(super) fn new(instance: u32) -> Self {
        Self {
            plan: Plan::default(),
            services: Vec::new(),
            caches: Vec::new(),
            databases: Databases { next_read: instance, next_write: instance, ..Databases::default() },
            queues: Vec::new(),
            storages: Vec::new(),
            sessions: None,
            avoidance: Avoidance::default(),
            first_phases: [phase::SERVICES; RequestClass::ALL.len()],
            next_cache: instance,
            next_queue: instance,
        }
    }

    /// Takes over links and plan.
    pub(super) fn configure(&mut self, core: &Core, setup: &Setup<'_>, plan: Plan) {
        self.plan = plan;
        self.services = setup.links(core, LinkRole::Requests).collect();
        self.queues = setup.links(core, LinkRole::Publish).collect();
        self.storages = setup.links(core, LinkRole::Objects).collect();
        self.sessions = setup.links(core, LinkRole::Sessions).next();
        self.caches = setup.links(core, LinkRole::Lookup).map(|link| CacheRoute::new(core, setup, link)).collect();
        self.databases.configure(core, setup);
        self.first_phases = RequestClass::ALL.map(|class| self.first_phase(class));
    }

    /// Where a request of a class begins once it is known who asks.
    const fn first_phase(&self, class: RequestClass) -> u8 {
        match class {
            RequestClass::Static => phase::FILES,
            RequestClass::Job if self.hands_over(class) => phase::MESSAGES,
            _ if self.has_services() => phase::SERVICES,
            class => after_services(class),
        }
    }

    /// Whether a request goes to a queue instead of being dealt with.
    const fn hands_over(&self, class: RequestClass) -> bool {
        matches!(class, RequestClass::Job) && self.plan.hands_jobs_over && !self.queues.is_empty()
    }

    /// Whether others take over what takes long.
    pub(super) fn passes_jobs_on(&self) -> bool {
        !self.services.is_empty() || !self.queues.is_empty()
    }

    /// How many queries a request of this class makes: reading ones, then writing ones.
    const fn queries(&self, class: RequestClass) -> (u32, u32) {
        match class {
            RequestClass::Read | RequestClass::Live => (self.plan.queries_per_read, 0),
            RequestClass::Write | RequestClass::Upload => (0, self.plan.queries_per_write),
            RequestClass::Job => (self.plan.reads_per_job, self.plan.writes_per_job),
            RequestClass::Static => (0, 0),
        }
    }

    const fn has_services(&self) -> bool {
        !self.services.is_empty()
    }

    /// How many files a request of this class keeps or loads, where there is object storage.
    const fn files(&self, class: RequestClass) -> u32 {
        match class {
            RequestClass::Static | RequestClass::Upload => 1,
            RequestClass::Job => self.plan.files_per_job,
            _ => 0,
        }
    }

    /// How many messages a request of this class publishes.
    const fn messages(&self, class: RequestClass) -> u32 {
        match class {
            RequestClass::Write => self.plan.messages_per_write,
            RequestClass::Job if self.plan.hands_jobs_over => 1,
            RequestClass::Job => self.plan.messages_per_job,
            _ => 0,
        }
    }

    /// Makes the next call that the request needs. Gives how it ends, once nothing is left to be done.
    pub(super) fn proceed(&mut self, core: &mut Core, call: CallIdx) -> Option<Outcome> {
        loop {
            let record = &mut core.calls[call];
            let (class, step) = (record.class, record.memo);
            match record.phase {
                phase::SESSION => {
                    if class != RequestClass::Static
                        && let Some(link) = self.sessions
                    {
                        let operation = if step == 0 { Operation::Get } else { Operation::Set };
                        let Some(target) = core.links[link.0 as usize].next_in_turn() else {
                            return Some(Outcome::NoSession);
                        };
                        core.send(call, link, target, operation);
                        return None;
                    }
                    enter(core, call, self.first_phases[class as usize]);
                }
                phase::SERVICES => {
                    if self.plan.calls != CallOrder::InSequence && !self.services.is_empty() {
                        return self.scatter(core, call);
                    }
                    if let Some(&link) = self.services.get(step as usize) {
                        core.calls[call].memo += 1;
                        let Some(target) = core.links[link.0 as usize].next_in_turn() else {
                            return Some(Outcome::Unavailable);
                        };
                        core.send(call, link, target, Operation::Serve);
                        return None;
                    }
                    enter(core, call, after_services(class));
                }
                phase::LOOKUP => {
                    // A value is looked up once for the whole request; without queries there is nothing to cache.
                    if self.plan.queries_per_read > 0
                        && let Some((link, target, _)) = self.pick_cache(core, call)
                    {
                        core.send_here(call, link, target, Operation::Get);
                        return None;
                    }
                    enter(core, call, phase::QUERIES);
                }
                phase::QUERIES => {
                    let (reads, writes) = self.queries(class);
                    let operation = if step < reads { Operation::ReadQuery } else { Operation::WriteQuery };
                    if step < reads + writes && (!self.databases.all.is_empty() || self.writes_to_cache(class)) {
                        core.calls[call].memo += 1;
                        let Some((link, target)) = self.pick_database(core, operation, call) else {
                            return Some(Outcome::Unavailable);
                        };
                        core.send(call, link, target, operation);
                        return None;
                    }
                    enter(core, call, phase::CACHE_UPDATE);
                }
                phase::CACHE_UPDATE => {
                    enter(core, call, phase::MESSAGES);
                    let has_value = match class {
                        RequestClass::Read => !self.databases.all.is_empty(),
                        class => class == RequestClass::Write,
                    };
                    if has_value
                        && let Some((link, target, policy)) = self.pick_cache(core, call)
                        && let Some(operation) = update_of(class, policy)
                    {
                        core.send(call, link, target, operation);
                        return None;
                    }
                }
                phase::FILES => {
                    if let Some(link) = self.storages.get(step as usize % self.storages.len().max(1)).copied()
                        && step < self.files(class)
                    {
                        core.calls[call].memo += 1;
                        let Some(target) = core.links[link.0 as usize].next_in_turn() else {
                            return Some(Outcome::Unavailable);
                        };
                        core.send(call, link, target, Operation::Serve);
                        return None;
                    }
                    if class == RequestClass::Static {
                        if self.storages.is_empty() {
                            core.calls[call].version = core.file_version(core.calls[call].key);
                        }
                        return Some(Outcome::Answered);
                    }
                    if class == RequestClass::Upload && self.storages.is_empty() && !self.has_services() {
                        // The machine's own disk is the origin.
                        let key = core.calls[call].key;
                        core.change_file(key);
                    }
                    enter(core, call, phase::QUERIES);
                }
                phase::MESSAGES => {
                    let n = self.queues.len() as u32;
                    if n == 0 || step >= self.messages(class) {
                        core.calls[call].phase = phase::DONE;
                        continue;
                    }
                    core.calls[call].memo += 1;
                    let turn = in_turn(self.next_queue, n);
                    self.next_queue = turn + 1;
                    let link = self.queues[turn as usize];
                    let Some(target) = core.links[link.0 as usize].next_in_turn() else {
                        return Some(Outcome::Unavailable);
                    };
                    core.send(call, link, target, Operation::Publish);
                    return None;
                }
                _ => return Some(Outcome::Answered),
            }
        }
    }

    /// Makes all calls to other services at once.
    fn scatter(&self, core: &mut Core, call: CallIdx) -> Option<Outcome> {
        core.calls[call].phase = phase::GATHER;
        let mut outstanding = 0;
        for &link in &self.services {
            let instances = core.links[link.0 as usize].targets.len();
            let calls = if self.plan.scatter { instances } else { instances.min(1) };
            for position in 0..calls {
                let state = &mut core.links[link.0 as usize];
                let target = if self.plan.scatter { Some(state.targets[position]) } else { state.next_in_turn() };
                if let Some(target) = target {
                    core.send(call, link, target, Operation::Serve);
                    outstanding += 1;
                }
            }
        }
        let wanted = match self.plan.calls {
            CallOrder::InSequence | CallOrder::All => outstanding,
            CallOrder::Quorum => self.plan.quorum,
            CallOrder::First => 1,
        };
        if outstanding < wanted || outstanding == 0 {
            return Some(Outcome::Unavailable);
        }
        let [outstanding, needed] = [outstanding, wanted].map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        core.calls[call].memo = Gathering { outstanding, needed }.pack();
        None
    }

    /// Takes the answer to one of several calls made at once. Gives how the request ends if it cannot succeed any more,
    /// or nothing; once it has what it needs, its phase moves on.
    fn gather(&self, core: &mut Core, call: CallIdx, reply: &Reply) -> Option<Outcome> {
        let mut gathering = Gathering::unpack(core.calls[call].memo);
        gathering.outstanding = gathering.outstanding.saturating_sub(1);
        if reply.outcome.is_success() {
            gathering.needed -= 1;
            core.calls[call].stale |= reply.stale;
        } else if gathering.outstanding < gathering.needed {
            return Some(reply.outcome);
        }
        if gathering.needed == 0 {
            let class = core.calls[call].class;
            enter(core, call, after_services(class));
        } else {
            core.calls[call].memo = gathering.pack();
        }
        None
    }

    /// Takes the answer to one of its calls and goes on. Gives how the request ends, once nothing is left to be done.
    #[allow(clippy::inline_always, reason = "nearly every answer to a server comes here, from one place")]
    #[inline(always)]
    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: Reply) -> Option<Outcome> {
        let record = &mut core.calls[call];
        let is_looked_up = record.phase == phase::LOOKUP && reply.operation == Operation::Get;
        if is_looked_up && reply.found && reply.outcome.is_success() {
            record.stale |= reply.stale;
            record.phase = phase::DONE;
            return Some(Outcome::Answered);
        }
        self.on_other_reply(core, call, &{ reply })
    }

    #[inline(never)]
    fn on_other_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) -> Option<Outcome> {
        if reply.outcome == Outcome::TargetDown {
            self.avoidance.avoid(reply.target, core.now, self.plan.avoid_failed);
        }
        let phase = core.calls[call].phase;
        if reply.operation == Operation::Get && phase != phase::SESSION {
            if reply.found {
                let record = &mut core.calls[call];
                record.stale |= reply.stale;
                record.phase = phase::DONE;
                return Some(Outcome::Answered);
            }
            // A cache that fails is a miss: the database has to do.
            enter(core, call, phase::QUERIES);
            return self.proceed(core, call);
        }
        if phase == phase::SESSION {
            if !reply.outcome.is_success() {
                // Who cannot be recognised is not served.
                return Some(Outcome::NoSession);
            }
            if reply.operation == Operation::Get && !reply.found {
                // The user logs in.
                core.calls[call].memo = 1;
            } else {
                let class = core.calls[call].class;
                enter(core, call, self.first_phases[class as usize]);
            }
            return self.proceed(core, call);
        }
        let is_file = phase == phase::FILES && self.storages.contains(&reply.link);
        if reply.operation == Operation::Serve && phase != phase::SERVICES && !is_file {
            // Answers beyond those that were needed come when the request has moved on.
            if core.calls[call].phase == phase::GATHER {
                if let Some(outcome) = self.gather(core, call, reply) {
                    return Some(outcome);
                }
                if core.calls[call].phase != phase::GATHER {
                    return self.proceed(core, call);
                }
            }
            return None;
        }
        match reply.operation {
            // The answer does not depend on whether the cache took the change.
            Operation::Set | Operation::Delete => {}
            Operation::Publish if reply.outcome.is_success() => {}
            _ => {
                if !reply.outcome.is_success() {
                    return Some(reply.outcome);
                }
                core.calls[call].stale |= reply.stale;
                core.calls[call].version = reply.version;
                if reply.operation == Operation::WriteQuery && !self.plan.read_own_writes.is_zero() {
                    core.writers.note(core.calls[call].client, core.now, self.plan.read_own_writes);
                }
            }
        }
        self.proceed(core, call)
    }

    /// Whether a request waits for the parts of all instances of a service.
    pub(super) fn asks_each(&self, core: &Core, call: CallIdx) -> bool {
        self.plan.scatter && core.calls[call].phase == phase::GATHER
    }

    /// Whom to ask when a call is repeated; `None` if there is nobody left.
    pub(super) fn retarget(
        &mut self,
        core: &mut Core,
        link: LinkIdx,
        operation: Operation,
        call: CallIdx,
    ) -> Option<(LinkIdx, StationIdx)> {
        if core.calls[call].phase == phase::SESSION {
            return Some((link, core.links[link.0 as usize].next_in_turn()?));
        }
        match operation {
            Operation::ReadQuery | Operation::WriteQuery => self.pick_database(core, operation, call),
            Operation::Get | Operation::Set | Operation::Delete => {
                self.pick_cache(core, call).map(|(link, target, _)| (link, target))
            }
            _ => Some((link, core.links[link.0 as usize].next_in_turn()?)),
        }
    }

    /// The machine has died: what it remembered is gone.
    pub(super) fn forget(&mut self) {
        self.avoidance.clear();
    }

    /// The next cache in turn, there the node that holds the key of the request.
    #[inline]
    fn pick_cache(&mut self, core: &Core, call: CallIdx) -> Option<(LinkIdx, StationIdx, WritePolicy)> {
        match self.caches.as_slice() {
            [] => None,
            [route] if self.avoidance.is_empty() && route.stations.len() == 1 => {
                // Whatever the key, and whosever turn it is.
                self.next_cache = 1;
                Some((route.link, *route.stations.first()?, route.write_policy))
            }
            _ => self.pick_cache_in_turn(core, call),
        }
    }

    /// The same, where it has to be looked whose turn it is.
    #[inline(never)]
    fn pick_cache_in_turn(&mut self, core: &Core, call: CallIdx) -> Option<(LinkIdx, StationIdx, WritePolicy)> {
        let n = self.caches.len() as u32;
        for step in 0..n {
            let turn = in_turn(self.next_cache + step, n);
            let route = &self.caches[turn as usize];
            // A cache that does not answer is left alone, even if it is the only one: asking it would only cost time.
            let answers = |target: &StationIdx| !self.avoidance.avoids(*target, core.now);
            if let Some(target) = route.nodes_of(core.calls[call].key).find(answers) {
                self.next_cache = turn + 1;
                return Some((route.link, target, route.write_policy));
            }
        }
        None
    }

    /// Whether writes go to a cache, which passes them on.
    fn writes_to_cache(&self, class: RequestClass) -> bool {
        class == RequestClass::Write && self.caches.iter().any(|route| passes_writes_on(route.write_policy))
    }

    /// Where a query goes: to a database, or a write to the cache that passes it on.
    fn pick_database(&mut self, core: &Core, operation: Operation, call: CallIdx) -> Option<(LinkIdx, StationIdx)> {
        if operation == Operation::WriteQuery
            && self.writes_to_cache(core.calls[call].class)
            && let Some((link, target, policy)) = self.pick_cache(core, call)
            && passes_writes_on(policy)
        {
            return Some((link, target));
        }
        if operation == Operation::ReadQuery
            && !self.plan.read_own_writes.is_zero()
            && core.writers.has(core.calls[call].client, core.now)
            && let Some(primary) = self.databases.pick(core, &self.avoidance, Operation::WriteQuery)
        {
            return Some(primary);
        }
        self.databases.pick(core, &self.avoidance, operation)
    }
}

/// Whether a cache that is written passes the write on itself.
const fn passes_writes_on(policy: WritePolicy) -> bool {
    matches!(policy, WritePolicy::Through | WritePolicy::Back)
}

/// What a cache is told when the database has answered.
const fn update_of(class: RequestClass, policy: WritePolicy) -> Option<Operation> {
    match (class, policy) {
        (RequestClass::Read, _) | (_, WritePolicy::Update) => Some(Operation::Set),
        (_, WritePolicy::Invalidate) => Some(Operation::Delete),
        (_, WritePolicy::Around | WritePolicy::Through | WritePolicy::Back) => None,
    }
}

const fn after_services(class: RequestClass) -> u8 {
    match class {
        RequestClass::Read => phase::LOOKUP,
        RequestClass::Upload | RequestClass::Job => phase::FILES,
        _ => phase::QUERIES,
    }
}

#[inline]
fn enter(core: &mut Core, call: CallIdx, phase: u8) {
    let call = &mut core.calls[call];
    call.phase = phase;
    call.memo = 0;
}
