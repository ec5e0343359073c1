//! A memoryless clock whose rate may change, at once or along a straight line: the next ring of a Poisson process.
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
    /// Rings per second at `since`.
    rate: f64,
    /// Change of the rate per second [1/s²].
    slope: f64,
    since: SimTime,
    /// Number of the present setting.
    pub token: u32,
}

impl HazardClock {
    /// A clock that stands still until it gets a rate.
    pub fn new(mut stream: Stream) -> Self {
        let left = stream.exponential();
        Self { stream, left, rate: 0.0, slope: 0.0, since: SimTime::ZERO, token: 0 }
    }

    /// Changes the rate [1/s]. Gives the time until the next ring, `None` if the clock stands still now; every earlier
    /// answer is void.
    pub fn set_rate(&mut self, now: SimTime, rate: f64) -> Option<SimDuration> {
        self.set_course(now, rate, 0.0)
    }

    /// Lets the rate [1/s] change along a straight line of this slope [1/s²] from now on. Gives the time until the next
    /// ring, `None` if there will be none; every earlier answer is void.
    pub fn set_course(&mut self, now: SimTime, rate: f64, slope: f64) -> Option<SimDuration> {
        let elapsed = now.since(self.since).as_secs_f64();
        let bend = if self.slope == 0.0 { 0.0 } else { 0.5 * self.slope * elapsed * elapsed };
        self.left = (self.left - self.rate * elapsed - bend).max(0.0);
        self.since = now;
        self.rate = rate;
        self.slope = slope;
        self.token = self.token.wrapping_add(1);
        self.until_ring()
    }

    /// Notes that it has rung. Gives the time until the next ring.
    #[allow(clippy::inline_always, reason = "a part of each request, which come from one place")]
    #[inline(always)]
    pub fn ring(&mut self, now: SimTime) -> Option<SimDuration> {
        self.left = self.stream.exponential();
        if self.slope != 0.0 {
            self.rate += self.slope * now.since(self.since).as_secs_f64();
        }
        self.since = now;
        self.until_ring()
    }

    #[inline]
    fn until_ring(&self) -> Option<SimDuration> {
        if self.slope != 0.0 {
            return self.until_ring_on_slope();
        }
        (self.rate > 0.0).then(|| SimDuration::from_secs_f64(self.left / self.rate))
    }

    /// The root of `left = rate·t + slope·t²/2`, in the form that does not cancel.
    #[cold]
    fn until_ring_on_slope(&self) -> Option<SimDuration> {
        let rate = self.rate.max(0.0);
        let discriminant = rate * rate + 2.0 * self.slope * self.left;
        let root = rate + discriminant.max(0.0).sqrt();
        // Without a real root the rate reaches zero before the ring.
        (discriminant >= 0.0 && root > 0.0).then(|| SimDuration::from_secs_f64(2.0 * self.left / root))
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

    /// A non-homogeneous Poisson process rings, on average, as often as its rate integrates to (P. A. W. Lewis,
    /// G. S. Shedler 1979), and as often within any part.
    #[test]
    fn a_changing_rate_rings_as_often_as_it_integrates_to() {
        let mut clock = HazardClock::new(Stream::of_component(3, ComponentId(1), 0, Purpose::Arrivals));
        // From 0 up to 400/s in 100 s, then down to nothing in 50 s.
        let mut counts = [0_u32; 15];
        let mut now = SimTime::ZERO;
        let turn = SimTime::from_secs_f64(100.0);
        let mut next = clock.set_course(now, 0.0, 4.0);
        while let Some(after) = next {
            if now < turn && now + after >= turn {
                now = turn;
                next = clock.set_course(now, 400.0, -8.0);
                continue;
            }
            now += after;
            counts[(now.as_secs_f64() / 10.0) as usize] += 1;
            next = clock.ring(now);
        }
        for (tenth, &count) in counts.iter().enumerate() {
            let middle = 10.0 * tenth as f64 + 5.0;
            let expected = 10.0 * if middle < 100.0 { 4.0 * middle } else { 400.0 - 8.0 * (middle - 100.0) };
            assert!((f64::from(count) - expected).abs() < 4.0 * expected.sqrt(), "{middle} s: {count} {expected}");
        }
    }
}
