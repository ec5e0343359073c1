//! Relational database server: connections, cores, and its part in replication (`mechanism::replication`).
//!
//! Left out: buffer pool, disk, locks.

use super::Setup;
use crate::design::kind::sql_database::SqlDatabase as Config;
use crate::network::StationIdx;
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;

/// A database server at work.
#[derive(Clone, Debug)]
pub struct SqlDatabase {
    me: StationIdx,
    pub(super) machine: Machine,
    read_work: Sampler,
    write_work: Sampler,
    service: Stream,
}

impl SqlDatabase {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            read_work: Sampler::new(&config.read_work),
            write_work: Sampler::new(&config.write_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
        }
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
        let work = match core.calls[call].operation {
            Operation::WriteQuery => &self.write_work,
            _ => &self.read_work,
        };
        let work = work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        let outcome = match core.calls[call].operation {
            Operation::WriteQuery => {
                // A replica is read-only.
                if core.commit(self.me, key) {
                    // A cache that writes later has changed the item before.
                    if !core.calls[call].found {
                        core.change_item(key);
                    }
                    core.calls[call].version = core.version_of(key);
                    Outcome::Answered
                } else {
                    Outcome::Unavailable
                }
            }
            _ => {
                let stale = core.read_is_stale(self.me, key);
                core.calls[call].stale = stale;
                // An outdated value differs from the present one; by how many changes makes no difference.
                let version = core.version_of(key);
                core.calls[call].version = if stale { version.wrapping_sub(1) } else { version };
                Outcome::Answered
            }
        };
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}
