//! The present stretch of a curve of demand, and when it ends.

use crate::design::traffic::{Piece, Traffic};
use crate::units::{SimDuration, SimTime};

/// Users that come or go at once where a whole group follows a curve: one part in so many of them, one at least.
const PARTS: f64 = 256.0;

/// A curve being followed.
#[derive(Clone, Debug)]
pub struct Tide {
    traffic: Traffic,
    /// How much later than simulated time this group's day is [s].
    delay_secs: f64,
    piece: Piece,
    since: SimTime,
    until: SimTime,
}

impl Tide {
    /// A curve as it is at `now`, for a group whose day is `delay_secs` late.
    pub fn new(traffic: &Traffic, delay_secs: f64, now: SimTime) -> Self {
        let piece = Piece { value: 1.0, slope: 0.0, until_secs: 0.0 };
        let mut tide = Self { traffic: traffic.clone(), delay_secs, piece, since: now, until: now };
        tide.turn(now);
        tide
    }

    /// Whether it is this curve that is followed.
    pub fn follows(&self, traffic: &Traffic, delay_secs: f64) -> bool {
        self.traffic == *traffic && self.delay_secs == delay_secs
    }

    /// Goes over to the stretch that `now` lies in.
    pub fn turn(&mut self, now: SimTime) {
        if now < self.until {
            return;
        }
        self.piece = self.traffic.piece(now.as_secs_f64() - self.delay_secs);
        self.since = now;
        let end = self.piece.until_secs + self.delay_secs;
        // Rounding must not let a stretch end where it begins.
        let first = now + SimDuration::from_nanos(1);
        self.until = if end < 1e9 { SimTime::from_secs_f64(end).max(first) } else { SimTime::NEVER };
    }

    /// The multiple now.
    pub fn factor(&self, now: SimTime) -> f64 {
        (self.piece.value + self.piece.slope * now.since(self.since).as_secs_f64()).max(0.0)
    }

    /// Change of the multiple per second [1/s].
    pub const fn slope(&self) -> f64 {
        self.piece.slope
    }

    /// Time until the stretch ends; `None` if it never does.
    pub fn until_turn(&self, now: SimTime) -> Option<SimDuration> {
        (self.until < SimTime::NEVER).then(|| self.until.since(now))
    }

    /// Time until a group that has `users` at a multiple of 1, and follows the curve user by user, should be counted
    /// anew; `None` if it need not be any more.
    pub fn until_recount(&self, now: SimTime, users: f64) -> Option<SimDuration> {
        let present = users * self.factor(now);
        let change_per_sec = (self.piece.slope * users).abs();
        if change_per_sec == 0.0 {
            return self.until_turn(now);
        }
        let step = SimDuration::from_secs_f64((present / PARTS).max(1.0) / change_per_sec);
        Some(self.until_turn(now).map_or(step, |turn| turn.min(step)))
    }
}
