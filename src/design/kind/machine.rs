//! Machine: one computer that several parts share. What it hosts competes for its cores, and dies with it.
//!
//! A machine does nothing by itself; it says what its parts run on. A part without a machine has one of its own.

use super::size::SizeClass;
use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, machine_usd};

config! {
    /// Parameters of a machine that several parts share.
    pub struct Machine {
        /// Size of the machine; anything but custom stands for the cores below.
        size: SizeClass = SizeClass::Custom, Control::Choice(SizeClass::WORDS), "", "general-purpose families: 4 GB per core";
        /// Processor cores that its parts share.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized cloud machine";
    }
}

impl Machine {
    /// Cores that the machine has, whichever way its size is stated.
    pub const fn machine_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }
}

impl Priced for Machine {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.machine_cores())
    }
}
