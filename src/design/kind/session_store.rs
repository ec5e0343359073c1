//! Session store: remembers who is logged in, so that any server can serve any user.

use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, machine_with_memory_usd};
use crate::distribution::Distribution;

/// Memory that a session takes [GB].
pub const SESSION_GB: f64 = 2e-6;

config! {
    /// Parameters of a session store.
    pub struct SessionStore {
        /// Sessions that fit.
        capacity_sessions: u32 = 1_000_000, field::whole(1, 200_000_000), "sessions", "2 GB at 2 kB each";
        /// How long a session lasts after it was used last.
        ttl_secs: f64 = 1800.0, field::number(1.0, 31_536_000.0), "s", "30 minutes in Tomcat, Rails and ASP.NET set-ups";
        /// Whether sessions survive the death of the store.
        durable: bool = false, Control::Flag, "", "in memory; on where they are kept in a database";
        /// Operations served at the same time; none for any number.
        cores: Option<u32> = Some(1), field::optional_whole(1, 1024), "cores", "Redis: one thread";
        /// Time that one operation occupies a core.
        operation_work: Distribution = Distribution::constant(0.000_008), field::time(0.0, 60.0), "s",
            "Redis: 72,000 to 180,000 operations/s on one thread";
        /// Operations that may wait; beyond that they are refused.
        queue_limit: Option<u32> = Some(10_000), field::optional_whole(0, 100_000_000), "operations", "Redis maxclients 10,000";
    }
}

impl Priced for SessionStore {
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.cores.unwrap_or(1), f64::from(self.capacity_sessions) * SESSION_GB)
    }
}
