//! Shard router: finds the shard of each key and passes the query on; reads that need all shards wait for all of them.
//!
//! When shards are added or taken away while it works, rows move one after the other in the order of their keys: each
//! costs a read of the old shard and a write of the new one, and is asked for at the old one until then.

use super::Setup;
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::shard_router::ShardRouter as Config;
use crate::design::{ComponentConfig, LinkRole};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::Timer;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::sharding::Layout;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, Particulars, RequestClass};
use crate::units::SimDuration;

/// How often a batch of rows moves.
const MOVE_INTERVAL: SimDuration = SimDuration::from_millis(10);

/// One part of the data: a primary, or another database that takes writes, and replicas of it.
#[derive(Clone, Debug)]
struct Shard {
    /// The component of the database that takes writes.
    identity: u32,
    writes: (LinkIdx, StationIdx),
    reads: Vec<(LinkIdx, StationIdx)>,
    next: u32,
}

/// Rows on the move.
#[derive(Clone, Debug)]
struct Migration {
    from: Layout,
    /// Keys below this one have moved.
    done: u32,
}

/// A shard router at work.
#[derive(Clone, Debug)]
pub struct ShardRouter {
    me: StationIdx,
    pub(super) machine: Machine,
    work: Sampler,
    service: Stream,
    choice: Stream,
    scatter_share: f64,
    moves_per_sec: f64,
    shards: Vec<Shard>,
    layout: Layout,
    migration: Option<Box<Migration>>,
    /// Rows that may move already, in parts of one.
    allowance: f64,
}

impl ShardRouter {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut router = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            work: Sampler::new(&config.query_work),
            service: stream(Purpose::Service),
            choice: stream(Purpose::Choice),
            scatter_share: 0.0,
            moves_per_sec: 0.0,
            shards: Vec::new(),
            layout: Layout::new(config.method, 1, Vec::new(), 1, None),
            migration: None,
            allowance: 0.0,
        };
        router.configure(core, setup, config);
        router
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.connection_limit),
            queue_limit: config.queue_limit,
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.work = Sampler::new(&config.query_work);
        self.scatter_share = config.scatter_share;
        self.moves_per_sec = config.moves_per_sec;
        let writers = setup.targets(core, LinkRole::carries_writes);
        let readers = setup.targets(core, LinkRole::carries_reads);
        let group_of =
            |core: &Core, station| core.groups.drawn_primary(station).or_else(|| core.circles.first_of(station));
        self.shards = writers
            .into_iter()
            // A replica that may take over one day is no shard of its own.
            .filter(|&(_, station)| group_of(core, station).is_none_or(|primary| primary == station))
            .map(|writes| {
                let is_of_it = |&(_, station): &(LinkIdx, StationIdx)| {
                    station == writes.1
                        || group_of(core, station).is_some_and(|primary| Some(primary) == group_of(core, writes.1))
                };
                let (component, instance) = core.identities[writes.1.0 as usize];
                Shard {
                    identity: component.0.wrapping_mul(1024).wrapping_add(instance),
                    reads: readers.iter().copied().filter(is_of_it).collect(),
                    writes,
                    next: 0,
                }
            })
            .collect();
        let identities = self.shards.iter().map(|shard| shard.identity).collect();
        let layout = Layout::new(config.method, keys(setup), identities, config.virtual_nodes, Some(&self.layout));
        if layout != self.layout {
            let before = core::mem::replace(&mut self.layout, layout);
            if before.shard_of(0).is_some() && core.now > crate::units::SimTime::ZERO {
                self.start_moving(core, before);
            }
        }
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    fn start_moving(&mut self, core: &mut Core, from: Layout) {
        // Rows that a move before has not reached yet are taken to be where they were to go.
        if self.migration.is_none() {
            core.set_timer(self.me, MOVE_INTERVAL, Timer::Own, 0);
        }
        self.allowance = 0.0;
        self.migration = Some(Box::new(Migration { from, done: 0 }));
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
        let operation = core.calls[call].operation;
        let needs_all =
            operation == Operation::ReadQuery && self.scatter_share > 0.0 && self.choice.uniform() < self.scatter_share;
        if needs_all {
            self.scatter(core, call);
            return;
        }
        core.calls[call].memo = 1;
        match self.choose(core, call, operation) {
            Some((link, target)) => {
                core.send(call, link, target, operation);
            }
            None => self.answer(core, call, Outcome::Unavailable),
        }
    }

    /// Asks all shards.
    fn scatter(&mut self, core: &mut Core, call: CallIdx) {
        let targets: Option<Vec<_>> =
            (0..self.shards.len()).map(|shard| self.within(core, shard, Operation::ReadQuery)).collect();
        match targets {
            Some(targets) if !targets.is_empty() => {
                core.calls[call].memo = targets.len() as u32;
                for (link, target) in targets {
                    core.send(call, link, target, Operation::ReadQuery);
                }
            }
            _ => self.answer(core, call, Outcome::Unavailable),
        }
    }

    /// Where a query for the key of a call goes.
    pub(super) fn choose(&mut self, core: &Core, call: CallIdx, operation: Operation) -> Option<(LinkIdx, StationIdx)> {
        let key = core.calls[call].key;
        let identity = match &self.migration {
            Some(migration) if key >= migration.done => migration.from.identity_of(key)?,
            _ => self.layout.identity_of(key)?,
        };
        // A shard that is no longer there cannot be asked any more.
        let old = self.shards.iter().position(|shard| shard.identity == identity);
        let shard = old.or_else(|| self.layout.shard_of(key))?;
        self.within(core, shard, operation)
    }

    /// The database of a shard that a query goes to.
    fn within(&mut self, core: &Core, shard: usize, operation: Operation) -> Option<(LinkIdx, StationIdx)> {
        let shard = &mut self.shards[shard];
        let acting = core.primary_seen(shard.writes.0, shard.writes.1).unwrap_or(shard.writes.1);
        let primary = || {
            let ways = core::iter::once(&shard.writes).chain(&shard.reads);
            ways.copied().find(|&(_, station)| station == acting)
        };
        let n = shard.reads.len() as u32;
        if operation == Operation::WriteQuery || n == 0 {
            return primary();
        }
        // Replicas take turns; one that is known to be dead is left out.
        let turn =
            (0..n).map(|step| in_turn(shard.next + step, n)).find(|&turn| core.works(shard.reads[turn as usize].1));
        let Some(turn) = turn else { return primary() };
        shard.next = turn + 1;
        Some(shard.reads[turn as usize])
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        if core.calls[call].is_root() {
            self.on_moved(core, call, reply);
            return;
        }
        core.calls[call].stale |= reply.stale;
        core.calls[call].version = reply.version;
        core.calls[call].memo -= 1;
        if !reply.outcome.is_success() {
            self.answer(core, call, reply.outcome);
        } else if core.calls[call].memo == 0 {
            self.answer(core, call, Outcome::Answered);
        }
    }

    /// Moves the next rows.
    pub(super) fn on_timer(&mut self, core: &mut Core) {
        let Some(mut migration) = self.migration.take() else { return };
        self.allowance += self.moves_per_sec * MOVE_INTERVAL.as_secs_f64();
        let keys = self.layout.keys();
        while self.allowance >= 1.0 && migration.done < keys {
            let key = migration.done;
            migration.done += 1;
            if migration.from.identity_of(key) == self.layout.identity_of(key) {
                continue;
            }
            self.allowance -= 1.0;
            core.window.stations[self.me.0 as usize].moved_rows += 1;
            self.move_row(core, &migration.from, key);
        }
        if migration.done < keys {
            self.migration = Some(migration);
            core.set_timer(self.me, MOVE_INTERVAL, Timer::Own, 0);
        }
    }

    /// Reads a row from where it was; what follows is up to the answer.
    fn move_row(&mut self, core: &mut Core, from: &Layout, key: u32) {
        let old = from.identity_of(key).and_then(|old| self.shards.iter().position(|shard| shard.identity == old));
        let Some((link, target)) = old.and_then(|old| self.within(core, old, Operation::ReadQuery)) else { return };
        let mut carrier = Call::new(self.me, NO_LINK, Operation::ReadQuery, core.now);
        carrier.stage = Stage::Calling;
        carrier.class = RequestClass::Read;
        carrier.key = key;
        let carrier = core.calls.insert(carrier);
        core.send(carrier, link, target, Operation::ReadQuery);
    }

    fn on_moved(&mut self, core: &mut Core, carrier: CallIdx, reply: &Reply) {
        let shard = self.layout.shard_of(core.calls[carrier].key);
        let way = shard.and_then(|shard| self.within(core, shard, Operation::WriteQuery));
        match way {
            Some((link, target)) if reply.operation == Operation::ReadQuery && reply.outcome.is_success() => {
                core.calls[carrier].class = RequestClass::Write;
                let write = core.send(carrier, link, target, Operation::WriteQuery);
                // The row stays what it was; only its place changes.
                core.calls[write].found = true;
            }
            _ => core.calls.remove(carrier),
        }
    }

    pub(super) fn particulars(&self) -> Particulars {
        let keys = f64::from(self.layout.keys());
        Particulars::ShardRouter {
            shards: self.shards.len() as u32,
            moved_share: self.migration.as_ref().map_or(1.0, |migration| f64::from(migration.done) / keys),
        }
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}

/// How many items there are: as many as the group of users knows that knows most.
fn keys(setup: &Setup<'_>) -> u32 {
    let of = |spec: &crate::network::StationSpec| match &spec.config {
        ComponentConfig::Users(users) => users.keys,
        _ => 0,
    };
    setup.network.stations.iter().map(of).max().unwrap_or(1)
}
