//! Machine: one computer that several parts share. What it hosts competes for its cores and its memory, and
//! dies with it. When memory runs out, whatever takes most of it is killed, as Linux does.
//!
//! A machine does nothing by itself; it says what its parts run on. A part without a machine has one of its own.

use super::size::{MEMORY_PER_CORE_MB, SizeClass};
use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, machine_with_memory_usd};

config! {
    /// Parameters of a machine that several parts share.
    pub struct Machine {
        /// Size of the machine; anything but custom stands for the cores and the memory below.
        size: SizeClass = SizeClass::Custom, Control::Choice(SizeClass::WORDS), "", "general-purpose families: 4 GB per core";
        /// Processor cores that its parts share.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized cloud machine";
        /// Memory that its parts share; none for 4 GB per core.
        memory_mb: Option<f64> = None, field::optional_number(16.0, 4_000_000.0), "MB", "general-purpose families: 4 GB per core";
    }
}

impl Machine {
    /// Cores that the machine has, whichever way its size is stated.
    pub const fn machine_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }

    /// Memory that the machine has, whichever way its size is stated [MB].
    pub fn machine_memory_mb(&self) -> f64 {
        self.size.memory_mb(self.memory_mb.unwrap_or(f64::from(self.cores) * MEMORY_PER_CORE_MB))
    }
}

impl Priced for Machine {
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.machine_cores(), self.machine_memory_mb() / 1024.0)
    }
}
