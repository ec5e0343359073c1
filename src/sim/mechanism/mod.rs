//! What kinds of station share rather than repeat.

pub mod avoidance;
pub mod flights;
pub mod hazard;
pub mod host;
pub mod keyed_store;
pub mod machine;
pub mod messages;
pub mod quorum;
pub mod replication;
pub mod tide;
pub mod token_bucket;
