//! Relational database server: connections, cores, memory and disk, locks on rows, and its part in replication
//! (`mechanism::replication`).
//!
//! A query holds its connection from beginning to end: while it waits for a lock, for the disk, and, where replication
//! is synchronous, until replicas have confirmed. What the buffer pool does not hold is read from disk, so many at a
//! time. Left out: scans, locks between reads and writes, and deadlocks.

use std::collections::VecDeque;

use super::Setup;
use crate::design::kind::cache::Eviction;
use crate::design::kind::sql_database::SqlDatabase as Config;
use crate::network::StationIdx;
use crate::sim::call::{CallIdx, CallRef, Operation, Stage};
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::keyed_store::KeyedStore;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::row_locks::RowLocks;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Happening, Outcome};
use crate::units::{SimDuration, SimTime};

/// The row is being read from disk.
const READING: u8 = 1;
/// The change has been committed here; replicas are still to confirm it.
const CONFIRMING: u8 = 2;
/// How long until it is looked again whether replicas have confirmed, where one that should have was lost.
const LOOK_AGAIN: SimDuration = SimDuration::from_millis(10);

/// A database server at work.
#[derive(Clone, Debug)]
pub struct SqlDatabase {
    me: StationIdx,
    pub(super) machine: Machine,
    read_work: Sampler,
    write_work: Sampler,
    service: Stream,
    /// Locks on rows that are being changed; `None` where they are not looked at.
    locks: Option<Box<RowLocks>>,
    /// Memory and disk; `None` where everything fits into memory.
    storage: Option<Box<Storage>>,
    backups: Backups,
}

/// Rows in memory, and the disk that holds the others.
#[derive(Clone, Debug)]
struct Storage {
    pool: KeyedStore,
    read_time: Sampler,
    parallelism: u32,
    busy: u32,
    waiting: VecDeque<CallRef>,
}

/// What is left when the disk is lost.
#[derive(Clone, Debug)]
struct Backups {
    disk_survives: bool,
    interval: Option<SimDuration>,
    restore: SimDuration,
    next_at: SimTime,
    /// Changes since the last one.
    unsaved: u64,
    /// Whether the disk has been lost with the process.
    is_lost: bool,
    /// Until when the last backup is being restored.
    restoring_until: SimTime,
    /// When the data was lost that is being restored, until the first answer after that.
    lost_at: Option<SimTime>,
}

impl SqlDatabase {
    /// About how much memory what it keeps takes [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        match &self.storage {
            Some(storage) => storage.pool.footprint_bytes(),
            None => 0,
        }
    }

    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut database = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            read_work: Sampler::new(&config.read_work),
            write_work: Sampler::new(&config.write_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            locks: None,
            storage: None,
            backups: Backups {
                disk_survives: true,
                interval: None,
                restore: SimDuration::ZERO,
                next_at: SimTime::ZERO,
                unsaved: 0,
                is_lost: false,
                restoring_until: SimTime::ZERO,
                lost_at: None,
            },
        };
        database.configure(core, setup, config);
        database
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.connection_limit),
            queue_limit: config.queue_limit,
            cores: Some(config.machine_cores()),
            discipline: config.cpu_discipline,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, _setup: &Setup<'_>, config: &Config) {
        self.read_work = Sampler::new(&config.read_work);
        self.write_work = Sampler::new(&config.write_work);
        if config.row_locks && self.locks.is_none() {
            self.locks = Some(Box::default());
        }
        self.configure_storage(core, config);
        self.backups.disk_survives = config.disk_survives;
        self.backups.interval = config.backup_interval_secs.map(SimDuration::from_secs_f64);
        self.backups.restore = SimDuration::from_secs_f64(config.restore_secs);
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    fn configure_storage(&mut self, core: &mut Core, config: &Config) {
        let read_time = Sampler::new(&config.disk_read_time);
        match (config.buffer_pool_rows, &mut self.storage) {
            (Some(rows), Some(storage)) => {
                storage.pool.configure(u64::from(rows), Eviction::Lru);
                storage.read_time = read_time;
                storage.parallelism = config.disk_parallelism;
            }
            (Some(rows), storage @ None) => {
                *storage = Some(Box::new(Storage {
                    pool: KeyedStore::new(u64::from(rows), Eviction::Lru),
                    read_time,
                    parallelism: config.disk_parallelism,
                    busy: 0,
                    waiting: VecDeque::new(),
                }));
            }
            (None, storage) => {
                let waiting = storage.take().map(|storage| storage.waiting).unwrap_or_default();
                for reference in waiting {
                    if let Some(call) = core.calls.find(reference) {
                        self.compute(core, call);
                    }
                }
            }
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if core.now < self.backups.restoring_until {
            core.answer(call, Outcome::Unavailable);
        } else if self.machine.arrive_here(core, call) {
            self.begin_here(core, call);
        }
    }

    /// A query has its connection.
    #[inline(never)]
    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        self.begin_here(core, call);
    }

    #[allow(clippy::inline_always, reason = "nearly every call is begun when it arrives")]
    #[inline(always)]
    fn begin_here(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].operation == Operation::WriteQuery
            && let Some(locks) = &mut self.locks
        {
            let key = core.calls[call].key;
            if !locks.take(&mut core.calls, key, call) {
                core.calls[call].stage = Stage::Calling;
                return;
            }
        }
        if self.storage.is_some() { self.fetch(core, call) } else { self.compute_here(core, call) }
    }

    /// Brings the row into memory, if it is not there.
    #[inline(never)]
    fn fetch(&mut self, core: &mut Core, call: CallIdx) {
        if let Some(storage) = &mut self.storage {
            let counts = &mut core.window.stations[self.me.0 as usize];
            if storage.pool.get(core.calls[call].key, core.now).is_none() {
                counts.misses += 1;
                core.calls[call].phase = READING;
                if storage.busy < storage.parallelism {
                    storage.busy += 1;
                    let time = storage.read_time.sample(&mut self.service);
                    core.wait(call, time);
                } else {
                    core.calls[call].stage = Stage::Calling;
                    storage.waiting.push_back(core.calls.reference(call));
                }
                return;
            }
            counts.hits += 1;
        }
        self.compute(core, call);
    }

    #[inline(never)]
    fn compute(&mut self, core: &mut Core, call: CallIdx) {
        self.compute_here(core, call);
    }

    #[allow(clippy::inline_always, reason = "nearly every row is in memory")]
    #[inline(always)]
    fn compute_here(&mut self, core: &mut Core, call: CallIdx) {
        let work = match core.calls[call].operation {
            Operation::WriteQuery => &self.write_work,
            _ => &self.read_work,
        };
        let work = work.sample_here(&mut self.service);
        self.machine.work_here(core, call, work);
    }

    /// The disk has read a row, or replicas should have confirmed a change.
    pub(super) fn on_waited(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].phase == CONFIRMING {
            self.confirm(core, call);
            return;
        }
        if let Some(storage) = &mut self.storage {
            storage.pool.set(core.calls[call].key, 0, SimTime::NEVER);
            storage.busy = storage.busy.saturating_sub(1);
            while storage.busy < storage.parallelism
                && let Some(reference) = storage.waiting.pop_front()
            {
                if let Some(next) = core.calls.find(reference) {
                    storage.busy += 1;
                    let time = storage.read_time.sample(&mut self.service);
                    core.wait(next, time);
                }
            }
        }
        self.compute(core, call);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        if core.calls[call].operation != Operation::WriteQuery {
            let stale = core.read_is_stale(self.me, key);
            core.calls[call].stale = stale;
            // An outdated value differs from the present one; by how many changes makes no difference.
            let version = core.version_of(key);
            core.calls[call].version = if stale { version.wrapping_sub(1) } else { version };
            self.finish(core, call, Outcome::Answered);
            return;
        }
        // A replica is read-only.
        let Some(commit) = core.commit(self.me, key) else {
            self.finish(core, call, Outcome::Unavailable);
            return;
        };
        // A cache that writes later has changed the item before.
        if !core.calls[call].found {
            core.change_item(key);
        }
        core.calls[call].version = core.version_of(key);
        self.note_change(core.now);
        match commit.confirmed_after {
            None => self.finish(core, call, Outcome::Answered),
            Some(after) => {
                core.calls[call].phase = CONFIRMING;
                core.calls[call].answer = commit.entry as u32;
                core.wait(call, after);
            }
        }
    }

    fn confirm(&mut self, core: &mut Core, call: CallIdx) {
        let entry = core.calls[call].answer;
        if core.confirm_commit(self.me, entry) {
            self.finish(core, call, Outcome::Answered);
        } else {
            core.wait(call, LOOK_AGAIN);
        }
    }

    /// Answers a query, and gives its lock and its connection on.
    fn finish(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        let is_write = core.calls[call].operation == Operation::WriteQuery;
        let key = core.calls[call].key;
        let admitted = self.machine.answer(core, call, outcome);
        if self.backups.lost_at.is_some() && outcome.is_success() && core.now >= self.backups.restoring_until {
            self.note_recovery(core);
        }
        if is_write && let Some(next) = self.locks.as_mut().and_then(|locks| locks.release(&core.calls, key)) {
            self.fetch(core, next);
        }
        if let Some(next) = admitted {
            self.begin(core, next);
        }
    }

    /// The first answer after a backup has been restored.
    fn note_recovery(&mut self, core: &mut Core) {
        let Some(lost_at) = self.backups.lost_at.take() else { return };
        let recovery = core.window.stations[self.me.0 as usize].recovery.get_or_insert_default();
        recovery.restores += 1;
        recovery.time_secs = recovery.time_secs.max(core.now.since(lost_at).as_secs_f64());
    }

    /// The data is lost; the last backup is restored from now on. What came after it is gone.
    pub fn restore_backup(&mut self, core: &mut Core) {
        let lost_at = *self.backups.lost_at.get_or_insert(core.now);
        let made_at = self.last_backup(lost_at);
        // A backup that nothing has been changed since has not been noticed.
        if made_at >= self.backups.next_at && self.backups.interval.is_some() {
            self.backups.unsaved = 0;
        }
        self.backups.restoring_until = core.now + self.backups.restore;
        let lost = core::mem::take(&mut self.backups.unsaved);
        core.lose_writes(self.me, lost);
        let age = lost_at.since(made_at);
        let recovery = core.window.stations[self.me.0 as usize].recovery.get_or_insert_default();
        recovery.point_secs = recovery.point_secs.max(age.as_secs_f64());
        core.note(self.me, Happening::RestoreBegan { lost_writes: lost, lost_secs: age.as_secs_f64() as u64 });
    }

    /// When the last backup before a moment was made; the start, if there is none.
    fn last_backup(&self, before: SimTime) -> SimTime {
        self.backups.interval.map_or(SimTime::ZERO, |interval| {
            let nanos = interval.as_nanos().max(1);
            SimTime::from_nanos(before.as_nanos() / nanos * nanos)
        })
    }

    fn note_change(&mut self, now: SimTime) {
        if let Some(interval) = self.backups.interval
            && now >= self.backups.next_at
        {
            self.backups.unsaved = 0;
            let intervals = now.as_nanos() / interval.as_nanos().max(1);
            self.backups.next_at = SimTime::from_nanos((intervals + 1).saturating_mul(interval.as_nanos()));
        }
        self.backups.unsaved += 1;
    }

    /// It has died: locks and memory are gone, and perhaps the disk.
    pub(super) fn on_down(&mut self, core: &Core) {
        if let Some(locks) = &mut self.locks {
            locks.clear();
        }
        if let Some(storage) = &mut self.storage {
            storage.pool.clear();
            storage.busy = 0;
            storage.waiting.clear();
        }
        self.backups.is_lost = !self.backups.disk_survives;
        if self.backups.is_lost {
            self.backups.lost_at = Some(core.now);
        }
    }

    /// It has come back. What a lost disk held comes from the last backup, unless there is another primary to copy from.
    pub(super) fn on_up(&mut self, core: &mut Core) {
        if core::mem::take(&mut self.backups.is_lost) && core.groups.primary_for(self.me) == Some(self.me) {
            self.restore_backup(core);
        } else {
            self.backups.lost_at = None;
        }
    }
}
