//! Machine: what several parts run on. It gets no calls; its cores are shared by `mechanism::host`.

use super::Setup;
use crate::design::kind::machine::Machine as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::sim::core::Core;
use crate::sim::mechanism::machine::{Machine as Mechanism, MachineSize};
use crate::sim::mechanism::memory::MEGABYTE;

/// A shared machine at work.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(super) machine: Mechanism,
}

impl Machine {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let mut machine = Self { machine: Mechanism::new(setup.me, Self::size(config)) };
        machine.configure(core, setup, config);
        machine
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: None,
            queue_limit: None,
            cores: Some(config.machine_cores()),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        core.host_at(setup.me, config.machine_cores(), config.machine_memory_mb() * MEGABYTE);
        // Nobody calls it, so nobody waits for the room that becomes free.
        self.machine.resize(core, Self::size(config));
    }
}
