//! A circuit breaker: after too many failures nothing is sent for a while; then a few probes decide.
//!
//! # Sources
//! M. Nygard, *Release It!* (2007), chapter 5; window, threshold and rest as in Hystrix (HystrixCommandProperties),
//! several probes as in resilience4j (CircuitBreakerConfig).

use crate::units::{SimDuration, SimTime};

/// Parts that the window moves on by.
const BUCKETS: usize = 10;

/// When a breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerLimits {
    /// Share of failures in the window from which it opens.
    pub error_share: f64,
    /// Length of the window.
    pub window: SimDuration,
    /// Calls in the window below which it stays closed.
    pub least_calls: u32,
    /// How long nothing is sent.
    pub rest: SimDuration,
    /// Probes after the rest that all have to succeed.
    pub probes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    OpenUntil(SimTime),
    /// Probing since a time: so many sent, so many succeeded.
    Probing(SimTime, u32, u32),
}

/// What has become of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It opened.
    Opened,
    /// It closed.
    Closed,
}

/// A breaker of one caller.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    /// Successes and failures by part of the window.
    buckets: [[u32; 2]; BUCKETS],
    /// Number of the newest part, counted from the start of the run.
    newest: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, buckets: [[0; 2]; BUCKETS], newest: 0 }
    }
}

impl Breaker {
    /// Whether a call may be sent; counts it if it is a probe.
    pub fn admits(&mut self, limits: &BreakerLimits, now: SimTime) -> bool {
        match &mut self.state {
            State::Closed => true,
            State::OpenUntil(until) if now < *until => false,
            State::OpenUntil(_) => {
                self.state = State::Probing(now, 1, 0);
                true
            }
            // Probes that nobody hears of again prove nothing.
            State::Probing(since, ..) if now.since(*since) >= limits.rest => {
                self.state = State::Probing(now, 1, 0);
                true
            }
            State::Probing(_, sent, _) if *sent < limits.probes => {
                *sent += 1;
                true
            }
            State::Probing(..) => false,
        }
    }

    /// Counts how a call that was sent at `sent` has ended.
    pub fn record(&mut self, limits: &BreakerLimits, sent: SimTime, now: SimTime, success: bool) -> Option<Change> {
        match &mut self.state {
            State::Closed => {
                self.move_on(limits, now);
                self.buckets[(self.newest % BUCKETS as u64) as usize][usize::from(!success)] += 1;
                let [good, bad] = self.buckets.iter().fold([0, 0], |[a, b], &[c, d]| [a + c, b + d]);
                let calls = good + bad;
                let opens =
                    !success && calls >= limits.least_calls && f64::from(bad) >= limits.error_share * f64::from(calls);
                opens.then(|| self.open(limits, now))
            }
            // Calls from before are no probes.
            State::Probing(since, ..) if sent < *since => None,
            State::Probing(..) if !success => Some(self.open(limits, now)),
            State::Probing(_, _, succeeded) => {
                *succeeded += 1;
                if *succeeded < limits.probes {
                    return None;
                }
                *self = Self { newest: self.newest, ..Self::default() };
                Some(Change::Closed)
            }
            State::OpenUntil(_) => None,
        }
    }

    const fn open(&mut self, limits: &BreakerLimits, now: SimTime) -> Change {
        self.state = State::OpenUntil(SimTime::from_nanos(now.as_nanos().saturating_add(limits.rest.as_nanos())));
        Change::Opened
    }

    /// Forgets the parts that the window has left.
    fn move_on(&mut self, limits: &BreakerLimits, now: SimTime) {
        let part = (limits.window.as_nanos() / BUCKETS as u64).max(1);
        let newest = now.as_nanos() / part;
        for number in (self.newest + 1..=newest).take(BUCKETS) {
            self.buckets[(number % BUCKETS as u64) as usize] = [0; 2];
        }
        if newest >= self.newest + BUCKETS as u64 {
            self.buckets = [[0; 2]; BUCKETS];
        }
        self.newest = newest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BreakerLimits = BreakerLimits {
        error_share: 0.5,
        window: SimDuration::from_secs(10),
        least_calls: 20,
        rest: SimDuration::from_secs(5),
        probes: 2,
    };

    fn at(secs: f64) -> SimTime {
        SimTime::from_secs_f64(secs)
    }

    #[test]
    fn it_opens_at_the_share_rests_probes_and_closes() {
        let mut breaker = Breaker::default();
        for number in 0..19 {
            assert_eq!(breaker.record(&LIMITS, at(1.0), at(1.0), number % 2 == 0), None, "too few calls");
        }
        assert_eq!(breaker.record(&LIMITS, at(1.0), at(1.0), false), Some(Change::Opened));
        assert!(!breaker.admits(&LIMITS, at(5.9)));
        assert!(breaker.admits(&LIMITS, at(6.1)) && breaker.admits(&LIMITS, at(6.2)));
        assert!(!breaker.admits(&LIMITS, at(6.3)), "two probes only");
        assert_eq!(breaker.record(&LIMITS, at(1.0), at(6.4), false), None, "an old call is no probe");
        assert_eq!(breaker.record(&LIMITS, at(6.1), at(6.4), true), None);
        assert_eq!(breaker.record(&LIMITS, at(6.2), at(6.5), true), Some(Change::Closed));
        assert!(breaker.admits(&LIMITS, at(6.6)));
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            breaker.record(&LIMITS, at(1.0), at(1.0), false);
        }
        assert!(breaker.admits(&LIMITS, at(7.0)));
        assert_eq!(breaker.record(&LIMITS, at(7.0), at(7.1), false), Some(Change::Opened));
        assert!(!breaker.admits(&LIMITS, at(12.0)) && breaker.admits(&LIMITS, at(12.2)));
    }

    #[test]
    fn failures_are_forgotten_when_the_window_has_left_them() {
        let mut breaker = Breaker::default();
        for _ in 0..19 {
            breaker.record(&LIMITS, at(1.0), at(1.0), false);
        }
        assert_eq!(breaker.record(&LIMITS, at(30.0), at(30.0), false), None);
    }
}
