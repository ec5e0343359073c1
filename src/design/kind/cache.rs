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
        /// The one whose key was asked for least often.
        Lfu = "lfu",
        /// Any, all equally likely.
        Random = "random_entry",
        /// Newcomers pass through a small queue; whoever is used there stays (S3-FIFO).
        S3Fifo = "s3_fifo",
        /// Newcomers stay only if they are asked for more often than who would have to go (W-TinyLFU).
        WTinyLfu = "w_tiny_lfu",
    }
}

impl Eviction {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Lru, Self::Fifo, Self::Lfu, Self::Random, Self::S3Fifo, Self::WTinyLfu];

    /// Whether it depends on how often each key is asked for.
    pub const fn counts_uses(self) -> bool {
        matches!(self, Self::Lfu | Self::WTinyLfu)
    }
}

choice! {
    /// What a write does to the cached value.
    pub enum WritePolicy {
        /// The database is written, then the cached value is deleted.
        Invalidate = "invalidate",
        /// The database is written, then the new value is stored.
        Update = "update",
        /// The database is written; the cached value stays until it expires.
        Around = "write_around",
        /// The cache is written and writes the database before it answers.
        Through = "write_through",
        /// The cache is written, answers at once and writes the database later.
        Back = "write_back",
    }
}

choice! {
    /// Whether values are loaded anew before they expire.
    pub enum EarlyRefresh {
        /// They expire first.
        Never = "never",
        /// Once, by the first who asks in the last part of a value's life.
        Soft = "soft",
        /// By whom chance picks, the likelier the nearer the end (XFetch).
        Probabilistic = "probabilistic",
    }
}

config! {
    /// Parameters of a cache.
    pub struct Cache {
        /// Number of entries that fit each node.
        capacity_entries: u32 = 10_000, field::whole(1, 100_000_000), "entries", "10 MB of 1 KB values";
        /// Bytes that fit each node, in place of a number of entries.
        capacity_bytes: Option<f64> = None, field::optional_number(1.0, 1e13), "bytes", "off; Redis maxmemory";
        /// Mean size of a value; counts where capacity is in bytes.
        value_bytes: f64 = 1000.0, field::number(1.0, 1e9), "bytes", "a row with its columns";
        /// Spread of the sizes: standard deviation over mean.
        value_bytes_cv: f64 = 1.0, field::number(0.0, 10.0), "", "sizes differ by a factor of a few";
        /// Which entry goes when there is no room.
        eviction: Eviction = Eviction::Lru, Control::Choice(Eviction::WORDS), "", "memcached; Redis allkeys-lru";
        /// How long an entry may be used.
        ttl_secs: Option<f64> = Some(300.0), field::optional_number(0.001, 31_536_000.0), "s",
            "hard limits of 5 to 10 minutes are usual";
        /// By how much of it an entry's life may be shorter, drawn evenly for each.
        ttl_jitter_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; 0.1 to 0.2 keeps entries from expiring together";
        /// Whether values are loaded anew before they expire.
        early_refresh: EarlyRefresh = EarlyRefresh::Never, Control::Choice(EarlyRefresh::WORDS), "", "off";
        /// Last part of a value's life, in which it may be loaded anew.
        early_refresh_secs: f64 = 5.0, field::number(0.0, 86_400.0), "s", "a few times what loading takes, at least";
        /// Whether only one at a time loads a missing value; the others wait for it.
        coalescing: bool = false, Control::Flag, "", "off; memcached leases, Go singleflight";
        /// How long the others wait until the next of them may load it.
        lease_secs: f64 = 2.0, field::number(0.001, 3600.0), "s", "two to three times a slow load";
        /// What a write does to the cached value.
        write_policy: WritePolicy = WritePolicy::Invalidate, Control::Choice(WritePolicy::WORDS), "",
            "cache-aside: delete after the write";
        /// How long a written value waits before it goes to the database (write-back).
        write_back_secs: f64 = 1.0, field::number(0.001, 3600.0), "s", "buffers are written about once a second";
        /// Nodes that keys are shared out among.
        nodes: u32 = 1, field::whole(1, 1000), "nodes", "one; Redis Cluster: up to 1,000 masters";
        /// Copies of each node that take over when it is lost.
        replicas: u32 = 0, field::whole(0, 5), "per node", "off; one in managed clusters";
        /// Operations served at the same time by each node; none for any number.
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
