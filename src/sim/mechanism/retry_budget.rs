//! A retry budget: repetitions may be a share of the requests of late, and a few a second in any case.
//!
//! # Sources
//! Finagle's `RetryBudget`: 20 % of the requests of the last 10 s and 10 a second in reserve; Google's *Site Reliability
//! Engineering* (2016), chapter 21, has 10 % per client.

use super::token_bucket::TokenBucket;
use crate::units::SimTime;

/// Time over which what was deposited fades away [s].
const FADES_SECS: f64 = 10.0;

/// The budget of one caller.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    deposited: f64,
    updated: SimTime,
    reserve: TokenBucket,
}

impl RetryBudget {
    /// An empty budget with a full second's reserve.
    pub const fn new(reserve_per_sec: f64, now: SimTime) -> Self {
        Self { deposited: 0.0, updated: now, reserve: TokenBucket::new(reserve_per_sec, reserve_per_sec, now) }
    }

    /// A request has been sent, for which `share` of a repetition may follow.
    pub fn deposit(&mut self, share: f64, now: SimTime) {
        self.fade(now);
        self.deposited += share;
    }

    /// Whether a repetition may be sent; takes it off the budget.
    pub fn withdraw(&mut self, now: SimTime) -> bool {
        self.fade(now);
        if self.deposited >= 1.0 {
            self.deposited -= 1.0;
            return true;
        }
        self.reserve.take(now)
    }

    fn fade(&mut self, now: SimTime) {
        self.deposited *= libm::exp(-now.since(self.updated).as_secs_f64() / FADES_SECS);
        self.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_a_share_of_requests_and_the_reserve() {
        let mut budget = RetryBudget::new(0.0, SimTime::ZERO);
        let mut sent = 0;
        for request in 0..100_000_u32 {
            let now = SimTime::from_secs_f64(f64::from(request) * 0.001);
            budget.deposit(0.2, now);
            sent += u32::from(budget.withdraw(now));
        }
        // What fades is little against what is deposited, because it is spent at once.
        assert!((19_900..=20_000).contains(&sent), "{sent}");
        let mut idle = RetryBudget::new(5.0, SimTime::ZERO);
        assert_eq!((0..100).filter(|_| idle.withdraw(SimTime::ZERO)).count(), 5);
    }
}
