//! A memoryless clock whose rate may change: the next ring of a Poisson process.
//!
//! It draws how much hazard (rate integrated over time) lies before the next ring, and uses it up as time goes by. A
//! change of the rate therefore needs no new draw, and two runs whose rates agree ring at the same moments.

use crate::sim::rng::Stream;
use crate::units::{SimDuration, SimTime};

/// The clock of one Poisson process.
#[derive(Clone, Debug)]
pub struct HazardClock {
    stream: Stream,
    /// Hazard left before the next ring; exponential with mean 1 when drawn.
    left: f64,
    /// Rings per second.
    rate: f64,
    since: SimTime,
    /// Number of the present setting.
    pub token: u32,
}

impl HazardClock {
    /// A clock that stands still until it gets a rate.
    pub fn new(mut stream: Stream) -> Self {
        let left = stream.exponential();
        Self { stream, left, rate: 0.0, since: SimTime::ZERO, token: 0 }
    }

    /// Changes the rate [1/s]. Gives the time until the next ring, `None` if the clock stands still now; every earlier
    /// answer is void.
    pub fn set_rate(&mut self, now: SimTime, rate: f64) -> Option<SimDuration> {
        self.left = (self.left - self.rate * now.since(self.since).as_secs_f64()).max(0.0);
        self.since = now;
        self.rate = rate;
        self.token = self.token.wrapping_add(1);
        self.until_ring()
    }

    /// Notes that it has rung. Gives the time until the next ring.
    pub fn ring(&mut self, now: SimTime) -> Option<SimDuration> {
        self.left = self.stream.exponential();
        self.since = now;
        self.until_ring()
    }

    fn until_ring(&self) -> Option<SimDuration> {
        (self.rate > 0.0).then(|| SimDuration::from_secs_f64(self.left / self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ComponentId;
    use crate::sim::rng::Purpose;

    #[test]
    fn setting_the_same_rate_again_does_not_move_the_ring() {
        let stream = Stream::of_component(1, ComponentId(1), 0, Purpose::Arrivals);
        let mut clock = HazardClock::new(stream);
        let first = clock.set_rate(SimTime::ZERO, 10.0).expect("it runs");
        let later = SimTime::from_nanos(first.as_nanos() / 3);
        let rest = clock.set_rate(later, 10.0).expect("it runs");
        assert!((later + rest).since(SimTime::ZERO).as_nanos().abs_diff(first.as_nanos()) <= 1);
        let faster = clock.set_rate(later, 20.0).expect("it runs");
        assert!(faster.as_nanos().abs_diff(rest.as_nanos() / 2) <= 1);
        assert_eq!(clock.set_rate(later, 0.0), None);
    }
}
