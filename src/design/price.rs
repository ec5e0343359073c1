//! What renting a component costs, at list prices of public clouds rounded to one digit.
//!
//! # Sources
//! `sirupsen/napkin-math`, cost per month. Reserved or spot machines cost a half to a fifth of it; the ratios between
//! designs stay.

/// A processor core for a month [USD].
pub const CORE_USD: f64 = 15.0;
/// A gigabyte of memory for a month [USD].
pub const MEMORY_GB_USD: f64 = 2.0;
/// A gigabyte of replicated solid-state disk for a month [USD].
pub const DISK_GB_USD: f64 = 0.2;
/// Memory that comes with a core unless a component says otherwise [GB]: general-purpose machines.
pub const GB_PER_CORE: f64 = 4.0;

/// A configuration that costs money whether it is used or not.
pub trait Priced {
    /// Rent of one instance for a month, traffic apart [USD].
    fn monthly_usd(&self) -> f64;
}

/// Rent of a general-purpose machine for a month [USD].
pub fn machine_usd(cores: u32) -> f64 {
    f64::from(cores) * (CORE_USD + GB_PER_CORE * MEMORY_GB_USD)
}

/// Rent of a machine with so much memory for a month [USD].
pub fn machine_with_memory_usd(cores: u32, memory_gb: f64) -> f64 {
    f64::from(cores) * CORE_USD + memory_gb * MEMORY_GB_USD
}
