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
    /// Rent of one instance for a month, use apart [USD].
    fn monthly_usd(&self) -> f64;

    /// What its use costs beside the rent; most components cost nothing more.
    fn usage(&self) -> UsagePrice {
        UsagePrice::default()
    }
}

/// Prices of what is paid for by use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UsagePrice {
    /// A gigabyte that is sent out [USD].
    pub gb_out_usd: f64,
    /// A gigabyte that is kept for a month [USD].
    pub gb_month_usd: f64,
    /// A million files handed out [USD].
    pub million_gets_usd: f64,
    /// A million files taken in [USD].
    pub million_puts_usd: f64,
    /// A call that has been carried out [USD].
    pub call_usd: f64,
}

impl UsagePrice {
    /// Whether use costs nothing.
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }
}

/// A month as clouds bill it [s]: 730 hours.
pub const MONTH_SECS: f64 = 730.0 * 3600.0;

/// Rent of a general-purpose machine for a month [USD].
pub fn machine_usd(cores: u32) -> f64 {
    f64::from(cores) * (CORE_USD + GB_PER_CORE * MEMORY_GB_USD)
}

/// Rent of a machine with so much memory for a month [USD].
pub fn machine_with_memory_usd(cores: u32, memory_gb: f64) -> f64 {
    f64::from(cores) * CORE_USD + memory_gb * MEMORY_GB_USD
}
