//! Users who have written lately, as a cookie tells the servers: they are to see what they wrote.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::units::{SimDuration, SimTime};

/// Users who have written lately.
#[derive(Clone, Debug, Default)]
pub struct RecentWriters {
    /// Until when each counts; only looked things up in, never gone through.
    until: FxHashMap<u32, SimTime>,
    order: VecDeque<(SimTime, u32)>,
}

impl RecentWriters {
    /// A user has written; it counts for `span` from now.
    pub fn note(&mut self, client: u32, now: SimTime, span: SimDuration) {
        while let Some(&(until, old)) = self.order.front()
            && until <= now
        {
            self.order.pop_front();
            if self.until.get(&old).is_some_and(|&until| until <= now) {
                self.until.remove(&old);
            }
        }
        self.until.insert(client, now + span);
        self.order.push_back((now + span, client));
    }

    /// Whether a user has written lately.
    pub fn has(&self, client: u32, now: SimTime) -> bool {
        self.until.get(&client).is_some_and(|&until| until > now)
    }
}
