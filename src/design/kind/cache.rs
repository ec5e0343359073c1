//! Cache: keeps copies of hot values in memory, forgets by recency and age.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_with_memory_usd};
use crate::distribution::Distribution;

choice! {
    /// Which entry goes when there is no room.
    pub enum Eviction {
        /// The one not used for the longest time.
        Lru = "lru",
        /// The one stored first.
        Fifo = "fifo",
    }
}

config! {
    /// Parameters of a cache.
    pub struct Cache {
        /// Number of entries that fit.
        capacity_entries: u32 = 10_000, field::whole(1, 100_000_000), "entries", "10 MB of 1 KB values";
        /// Which entry goes when there is no room.
        eviction: Eviction = Eviction::Lru, Control::Choice(Eviction::WORDS), "", "memcached; Redis allkeys-lru";
        /// How long an entry may be used.
        ttl_secs: Option<f64> = Some(300.0), field::optional_number(0.001, 31_536_000.0), "s",
            "hard limits of 5 to 10 minutes are usual";
        /// Operations served at the same time; none for any number.
        cores: Option<u32> = Some(1), field::optional_whole(1, 1024), "cores", "Redis: one thread";
        /// Time that one operation occupies a core.
        operation_work: Distribution = Distribution::constant(0.000_008), field::time(0.0, 60.0), "s",
            "Redis: 72,000 to 180,000 operations/s on one thread";
        /// Operations that may wait; beyond that they are refused.
        queue_limit: Option<u32> = Some(10_000), field::optional_whole(0, 100_000_000), "operations", "Redis maxclients 10,000";
    }
}

impl Priced for Cache {
    /// Entries of a kilobyte each, in memory, beside one core at least.
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.cores.unwrap_or(1), f64::from(self.capacity_entries) * 1e-6)
    }
}
