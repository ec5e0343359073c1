//! What the nodes of a NoSQL database agree on: the order of writes to each item, which of them are confirmed, and how
//! often each partition may still be asked.

use super::token_bucket::TokenBucket;
use crate::ids::ComponentId;
use crate::sorted::Map;
use crate::units::SimTime;

/// Seconds of its rate that a partition lets through at once.
const BURST_SECS: f64 = 1.0;

/// One database.
#[derive(Clone, Debug, Default)]
struct Database {
    /// The number of the last write begun of each item.
    begun: Vec<u32>,
    /// The number of the newest write of each item that enough nodes have confirmed.
    confirmed: Vec<u32>,
    /// Rates that the partitions were set up with: reads and writes.
    rates: (Option<f64>, Option<f64>),
    /// What each partition still allows: reads and writes.
    partitions: Vec<(Option<TokenBucket>, Option<TokenBucket>)>,
}

/// All NoSQL databases of a run.
#[derive(Clone, Debug, Default)]
pub struct Quorums {
    databases: Map<ComponentId, Database>,
}

impl Quorums {
    /// Sets up the limits of a database's partitions.
    pub fn configure(
        &mut self,
        id: ComponentId,
        partitions: u32,
        reads: Option<f64>,
        writes: Option<f64>,
        now: SimTime,
    ) {
        let database = self.databases.get_or_insert_with(id, Default::default);
        if database.rates != (reads, writes) || database.partitions.len() != partitions as usize {
            database.rates = (reads, writes);
            let bucket = |rate: f64| TokenBucket::new(rate, (rate * BURST_SECS).max(1.0), now);
            database.partitions = vec![(reads.map(bucket), writes.map(bucket)); partitions as usize];
        }
    }

    /// Whether a partition may be asked once more.
    pub fn allows(&mut self, id: ComponentId, hash: u64, is_write: bool, now: SimTime) -> bool {
        let Some(database) = self.databases.get_mut(&id) else { return true };
        let n = database.partitions.len().max(1) as u64;
        let Some((reads, writes)) = database.partitions.get_mut((hash % n) as usize) else { return true };
        let bucket = if is_write { writes } else { reads };
        bucket.as_mut().is_none_or(|bucket| bucket.take(now))
    }

    /// Begins a write of an item: its number.
    pub fn begin(&mut self, id: ComponentId, key: u32) -> u32 {
        let begun = place(&mut self.databases.get_or_insert_with(id, Default::default).begun, key);
        *begun += 1;
        *begun
    }

    /// Enough nodes have confirmed a write.
    pub fn confirm(&mut self, id: ComponentId, key: u32, number: u32) {
        let confirmed = place(&mut self.databases.get_or_insert_with(id, Default::default).confirmed, key);
        *confirmed = number.max(*confirmed);
    }

    /// The newest confirmed write of an item.
    pub fn confirmed(&self, id: ComponentId, key: u32) -> u32 {
        let database = self.databases.get(&id);
        database.and_then(|database| database.confirmed.get(key as usize)).copied().unwrap_or(0)
    }
}

fn place(numbers: &mut Vec<u32>, key: u32) -> &mut u32 {
    if key as usize >= numbers.len() {
        numbers.resize(key as usize + 1, 0);
    }
    &mut numbers[key as usize]
}
