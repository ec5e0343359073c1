//! What kinds of station share rather than repeat.

pub mod avoidance;
pub mod breaker;
pub mod flights;
pub mod hash_ring;
pub mod hazard;
pub mod host;
pub mod keyed_store;
pub mod machine;
pub mod memory;
pub mod messages;
pub mod multi_primary;
pub mod packing;
pub mod quorum;
pub mod recent_writers;
pub mod replication;
pub mod retry_budget;
pub mod row_locks;
pub mod sessions;
pub mod sharding;
pub mod tide;
pub mod token_bucket;
pub mod turns;
