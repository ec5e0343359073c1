//! A token bucket: so many calls a second on average, and a burst of so many at once.
//!
//! # Sources
//! J. S. Turner, *New Directions in Communications* (1986), the leaky bucket as a meter; nginx `limit_req` and AWS API
//! Gateway throttle like this.

use crate::units::SimTime;

/// A bucket that fills at a constant rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenBucket {
    rate_per_sec: f64,
    burst: f64,
    tokens: f64,
    updated: SimTime,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `rate_per_sec` a second.
    pub const fn new(rate_per_sec: f64, burst: f64, now: SimTime) -> Self {
        Self { rate_per_sec, burst, tokens: burst, updated: now }
    }

    /// Takes a token; `false` if there is none.
    pub fn take(&mut self, now: SimTime) -> bool {
        self.tokens = (self.tokens + self.rate_per_sec * now.since(self.updated).as_secs_f64()).min(self.burst);
        self.updated = now;
        // A token that is full but for rounding is full.
        let has_one = self.tokens >= 1.0 - 1e-9;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }

    /// Whether it has nothing to gain by waiting.
    pub fn is_full(&self, now: SimTime) -> bool {
        self.tokens + self.rate_per_sec * now.since(self.updated).as_secs_f64() >= self.burst
    }

    /// Another rate and burst; what has gathered stays, as far as it fits.
    pub fn configure(&mut self, rate_per_sec: f64, burst: f64) {
        self.rate_per_sec = rate_per_sec;
        self.burst = burst;
        self.tokens = self.tokens.min(burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let mut bucket = TokenBucket::new(10.0, 5.0, SimTime::ZERO);
        let taken = |bucket: &mut TokenBucket, at: f64, wanted: u32| {
            (0..wanted).filter(|_| bucket.take(SimTime::from_secs_f64(at))).count()
        };
        assert_eq!(taken(&mut bucket, 0.0, 20), 5, "the burst");
        assert_eq!(taken(&mut bucket, 0.3, 20), 3, "0.3 s at 10 a second");
        assert_eq!(taken(&mut bucket, 100.0, 20), 5, "no more than the burst is saved up");
        bucket.configure(10.0, 1.0);
        assert_eq!(taken(&mut bucket, 200.0, 20), 1);
    }
}
