//! Traffic: how demand changes with simulated time, on top of the number of users.
//!
//! A curve is a list of patterns that are multiplied: a day, times a week, times one flash crowd. Each pattern is
//! piecewise linear or cut into linear pieces, so the engine can follow the product without stepping through time.
//! Left out: random fluctuation; arrivals are random already.

use serde::{Deserialize, Serialize};

/// Pieces that one day of [`Pattern::Day`] is cut into: chords stay within 0.06 % of the sine.
const PIECES_PER_DAY: f64 = 96.0;
/// Shortest piece [s]; also how near to a turn counts as being there, because the engine's time is whole nanoseconds.
const SHORTEST_SECS: f64 = 1e-9;
/// Where two patterns slope at once their product is bent: each piece then covers one part in so many of what is left.
const BENT_PARTS: f64 = 16.0;
/// Shortest piece of a bent product [s].
const BENT_SHORTEST_SECS: f64 = 1e-3;

/// One way in which demand changes. Factors multiply the users' demand; times are simulated seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Pattern {
    /// The same multiple all the time.
    Constant {
        /// The multiple.
        factor: f64,
    },
    /// From 1 to another multiple along a straight line, and there it stays.
    Ramp {
        /// Begin of the ramp [s].
        from_secs: f64,
        /// End of the ramp [s].
        until_secs: f64,
        /// Multiple at its end.
        factor: f64,
    },
    /// From 1 to another multiple at once.
    Step {
        /// When [s].
        at_secs: f64,
        /// Multiple from then on.
        factor: f64,
    },
    /// A flash crowd: up, perhaps a plateau, and back.
    Spike {
        /// Begin of the rise [s].
        at_secs: f64,
        /// Length of the rise [s].
        rise_secs: f64,
        /// Length of the plateau [s].
        hold_secs: f64,
        /// Length of the fall [s].
        fall_secs: f64,
        /// Multiple on the plateau.
        factor: f64,
        /// Time from one spike to the next [s]; null for a single one.
        every_secs: Option<f64>,
    },
    /// Day and night: a sine between a lowest multiple and 1.
    Day {
        /// Multiple at night.
        lowest: f64,
        /// When demand is greatest for the first time [s].
        peak_at_secs: f64,
        /// Length of a day [s]: 86,400, or less to see one go by.
        day_secs: f64,
    },
    /// A multiple for each day of the week, from the first day on.
    Week {
        /// Multiples of the seven days.
        factors: [f64; 7],
        /// Length of a day [s].
        day_secs: f64,
    },
    /// A recorded curve: straight lines between points; before the first and after the last it is level.
    Points {
        /// Time [s] and multiple, in order of time.
        points: Vec<(f64, f64)>,
        /// Whether it starts again at its last point.
        repeats: bool,
    },
}

/// A curve of demand: the product of its patterns; 1 without any.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic(pub Vec<Pattern>);

/// A stretch of a curve along which it is straight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Multiple at its begin.
    pub value: f64,
    /// Change of the multiple per second [1/s].
    pub slope: f64,
    /// Its end [s]; infinite if nothing changes any more.
    pub until_secs: f64,
}

/// Why a pattern cannot be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrafficError {
    /// A multiple out of range.
    #[error("a factor of {0}; expected 0 to 1000")]
    Factor(f64),
    /// A time that makes no sense where it stands.
    #[error("`{field}` is {value} s; expected {expected}")]
    Time {
        /// Name of the parameter.
        field: &'static str,
        /// What it was.
        value: f64,
        /// The range, in words.
        expected: &'static str,
    },
    /// Points that are missing, or not in order of time.
    #[error("points need at least two times, each later than the one before")]
    Points,
}

impl Piece {
    const fn level(value: f64, until_secs: f64) -> Self {
        Self { value, slope: 0.0, until_secs }
    }

    /// From `(t0, v0)` to `(t1, v1)`, met at `secs`.
    fn line(secs: f64, (t0, v0): (f64, f64), (t1, v1): (f64, f64)) -> Self {
        let slope = (v1 - v0) / (t1 - t0);
        Self { value: v0 + slope * (secs - t0), slope, until_secs: t1 }
    }

    /// The same piece seen `shift` seconds later.
    const fn later(self, shift: f64) -> Self {
        Self { until_secs: self.until_secs + shift, ..self }
    }
}

impl Traffic {
    /// Whether demand never changes.
    pub const fn is_constant(&self) -> bool {
        self.0.is_empty()
    }

    /// The multiple at a time [s].
    pub fn factor(&self, secs: f64) -> f64 {
        self.0.iter().map(|pattern| pattern.piece(secs).value).product()
    }

    /// The straight stretch of the curve that begins at a time [s].
    pub fn piece(&self, secs: f64) -> Piece {
        let pieces = || self.0.iter().map(|pattern| pattern.piece(secs));
        let mut until = pieces().map(|piece| piece.until_secs).fold(f64::INFINITY, f64::min);
        let sloping = pieces().filter(|piece| piece.slope != 0.0).count();
        if sloping > 1 {
            until = until.min(secs + ((until - secs) / BENT_PARTS).max(BENT_SHORTEST_SECS));
        }
        until = until.max(secs + SHORTEST_SECS);
        let value: f64 = pieces().map(|piece| piece.value).product();
        if sloping == 0 {
            return Piece::level(value, until);
        }
        let end: f64 = pieces().map(|piece| piece.value + piece.slope * (until - secs)).product();
        Piece { value, slope: (end - value) / (until - secs), until_secs: until }
    }

    /// Checks every pattern.
    ///
    /// # Errors
    /// What cannot be followed, and which pattern it is.
    pub fn check(&self) -> Result<(), (usize, TrafficError)> {
        self.0.iter().enumerate().try_for_each(|(position, pattern)| pattern.check().map_err(|error| (position, error)))
    }
}

impl Pattern {
    /// The straight stretch that begins at a time [s].
    fn piece(&self, secs: f64) -> Piece {
        let is_past = |turn: f64| secs + SHORTEST_SECS >= turn;
        match *self {
            Self::Constant { factor } => Piece::level(factor, f64::INFINITY),
            Self::Ramp { from_secs, until_secs, factor } => along(secs, &[(from_secs, 1.0), (until_secs, factor)]),
            Self::Step { at_secs, factor } => {
                if is_past(at_secs) {
                    Piece::level(factor, f64::INFINITY)
                } else {
                    Piece::level(1.0, at_secs)
                }
            }
            Self::Spike { at_secs, rise_secs, hold_secs, fall_secs, factor, every_secs } => {
                let (start, next) = round(secs, at_secs, every_secs);
                let top = start + rise_secs;
                let end = top + hold_secs;
                let mut piece = along(secs, &[(start, 1.0), (top, factor), (end, factor), (end + fall_secs, 1.0)]);
                piece.until_secs = piece.until_secs.min(next);
                piece
            }
            Self::Day { lowest, peak_at_secs, day_secs } => {
                let width = day_secs / PIECES_PER_DAY;
                let number = libm::floor((secs - peak_at_secs + SHORTEST_SECS) / width);
                let corner = |number: f64| {
                    let turn = libm::cos(number / PIECES_PER_DAY * core::f64::consts::TAU);
                    (peak_at_secs + number * width, lowest + (1.0 - lowest) * 0.5 * (1.0 + turn))
                };
                Piece::line(secs, corner(number), corner(number + 1.0))
            }
            Self::Week { factors, day_secs } => {
                let day = libm::floor((secs + SHORTEST_SECS) / day_secs);
                let weekday = day - 7.0 * libm::floor(day / 7.0);
                Piece::level(factors[weekday as usize % 7], (day + 1.0) * day_secs)
            }
            Self::Points { ref points, repeats } => {
                let (first, last) = (points[0].0, points[points.len() - 1].0);
                if !repeats {
                    return along(secs, points);
                }
                let shift = (last - first) * libm::floor((secs - first + SHORTEST_SECS) / (last - first));
                let piece = along(secs - shift, points).later(shift);
                Piece { until_secs: piece.until_secs.min(shift + last), ..piece }
            }
        }
    }

    fn check(&self) -> Result<(), TrafficError> {
        let factor = |factor: f64| {
            if (0.0..=1000.0).contains(&factor) { Ok(()) } else { Err(TrafficError::Factor(factor)) }
        };
        let time = |field, value: f64| {
            let expected = "a finite time that is not negative";
            if (0.0..=1e9).contains(&value) { Ok(()) } else { Err(TrafficError::Time { field, value, expected }) }
        };
        let length = |field, value: f64| {
            let expected = "a millisecond at least";
            if (1e-3..=1e9).contains(&value) { Ok(()) } else { Err(TrafficError::Time { field, value, expected }) }
        };
        match *self {
            Self::Constant { factor: multiple } => factor(multiple),
            Self::Ramp { from_secs, until_secs, factor: multiple } => {
                time("from_secs", from_secs)?;
                time("until_secs", until_secs)?;
                if until_secs < from_secs {
                    let expected = "a time that is not before `from_secs`";
                    return Err(TrafficError::Time { field: "until_secs", value: until_secs, expected });
                }
                factor(multiple)
            }
            Self::Step { at_secs, factor: multiple } => time("at_secs", at_secs).and_then(|()| factor(multiple)),
            Self::Spike { at_secs, rise_secs, hold_secs, fall_secs, factor: multiple, every_secs } => {
                time("at_secs", at_secs)?;
                time("rise_secs", rise_secs)?;
                time("hold_secs", hold_secs)?;
                time("fall_secs", fall_secs)?;
                if let Some(every_secs) = every_secs {
                    length("every_secs", every_secs)?;
                    if every_secs < rise_secs + hold_secs + fall_secs {
                        let expected = "no less than one spike takes";
                        return Err(TrafficError::Time { field: "every_secs", value: every_secs, expected });
                    }
                }
                factor(multiple)
            }
            Self::Day { lowest, peak_at_secs, day_secs } => {
                time("peak_at_secs", peak_at_secs)?;
                length("day_secs", day_secs)?;
                factor(lowest)
            }
            Self::Week { factors, day_secs } => {
                length("day_secs", day_secs)?;
                factors.into_iter().try_for_each(factor)
            }
            Self::Points { ref points, .. } => {
                for &(at_secs, multiple) in points {
                    time("points", at_secs)?;
                    factor(multiple)?;
                }
                let in_order = points.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 1e-3);
                if points.len() >= 2 && in_order { Ok(()) } else { Err(TrafficError::Points) }
            }
        }
    }
}

/// Begin of the round that a time lies in, and of the next: `start`, then every `every_secs`.
fn round(secs: f64, start: f64, every_secs: Option<f64>) -> (f64, f64) {
    let Some(every) = every_secs else { return (start, f64::INFINITY) };
    let number = libm::floor((secs - start + SHORTEST_SECS) / every).max(0.0);
    (start + number * every, start + (number + 1.0) * every)
}

/// The straight stretch that begins at `secs` on the line through `points`, which are in order of time; several at one
/// time are a jump.
fn along(secs: f64, points: &[(f64, f64)]) -> Piece {
    match points.iter().position(|&(turn, _)| secs + SHORTEST_SECS < turn) {
        None => Piece::level(points[points.len() - 1].1, f64::INFINITY),
        Some(0) => Piece::level(points[0].1, points[0].0),
        Some(next) => Piece::line(secs, points[next - 1], points[next]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spike(every_secs: Option<f64>) -> Pattern {
        Pattern::Spike { at_secs: 10.0, rise_secs: 4.0, hold_secs: 2.0, fall_secs: 8.0, factor: 5.0, every_secs }
    }

    fn curve(patterns: &[Pattern]) -> Traffic {
        let traffic = Traffic(patterns.to_vec());
        traffic.check().expect("a sensible curve");
        traffic
    }

    /// Follows the pieces and gives the value at each whole second.
    fn followed(traffic: &Traffic, seconds: u32) -> Vec<f64> {
        let mut piece = traffic.piece(0.0);
        let mut since = 0.0;
        (0..=seconds)
            .map(|second| {
                while piece.until_secs <= f64::from(second) + SHORTEST_SECS {
                    assert!(piece.until_secs > since, "time goes on");
                    since = piece.until_secs;
                    piece = traffic.piece(since);
                }
                piece.value + piece.slope * (f64::from(second) - since)
            })
            .collect()
    }

    #[test]
    fn patterns_have_their_shapes() {
        let at = |pattern: &Pattern, secs| curve(core::slice::from_ref(pattern)).factor(secs);
        let ramp = Pattern::Ramp { from_secs: 10.0, until_secs: 20.0, factor: 3.0 };
        assert_eq!([5.0, 15.0, 20.0, 99.0].map(|secs| at(&ramp, secs)), [1.0, 2.0, 3.0, 3.0]);
        let step = Pattern::Step { at_secs: 7.0, factor: 2.5 };
        assert_eq!([6.9, 7.0, 1e6].map(|secs| at(&step, secs)), [1.0, 2.5, 2.5]);
        assert_eq!([9.0, 12.0, 15.0, 20.0, 30.0].map(|secs| at(&spike(None), secs)), [1.0, 3.0, 5.0, 3.0, 1.0]);
        assert_eq!([12.0, 52.0, 92.0, 70.0].map(|secs| at(&spike(Some(40.0)), secs)), [3.0, 3.0, 3.0, 1.0]);
        let day = Pattern::Day { lowest: 0.2, peak_at_secs: 30.0, day_secs: 100.0 };
        for (secs, expected) in [(30.0, 1.0), (80.0, 0.2), (55.0, 0.6), (130.0, 1.0), (5.0, 0.6)] {
            assert!((at(&day, secs) - expected).abs() < 1e-9, "{secs}: {}", at(&day, secs));
        }
        let week = Pattern::Week { factors: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], day_secs: 10.0 };
        assert_eq!([0.0, 10.0, 69.0, 70.0].map(|secs| at(&week, secs)), [1.0, 2.0, 7.0, 1.0]);
        let points = |repeats| Pattern::Points { points: vec![(0.0, 1.0), (10.0, 3.0), (20.0, 1.0)], repeats };
        assert_eq!([5.0, 25.0].map(|secs| at(&points(false), secs)), [2.0, 1.0]);
        assert_eq!([5.0, 25.0, 30.0].map(|secs| at(&points(true), secs)), [2.0, 2.0, 3.0]);
    }

    /// Following the pieces from one to the next leads along the curve itself.
    #[test]
    fn pieces_join_to_the_curve() {
        let day = Pattern::Day { lowest: 0.3, peak_at_secs: 50.0, day_secs: 120.0 };
        let ramp = Pattern::Ramp { from_secs: 20.0, until_secs: 200.0, factor: 4.0 };
        for patterns in [vec![spike(Some(31.0))], vec![day.clone()], vec![day, ramp, spike(None)], vec![]] {
            let traffic = curve(&patterns);
            for (second, value) in followed(&traffic, 300).into_iter().enumerate() {
                let expected = traffic.factor(second as f64);
                assert!((value - expected).abs() < 2e-3 * expected, "{patterns:?} at {second}: {value} {expected}");
            }
        }
    }

    #[test]
    fn impossible_patterns_are_refused() {
        for pattern in [
            Pattern::Constant { factor: -1.0 },
            Pattern::Constant { factor: f64::NAN },
            Pattern::Ramp { from_secs: 5.0, until_secs: 4.0, factor: 2.0 },
            Pattern::Day { lowest: 0.5, peak_at_secs: 0.0, day_secs: 0.0 },
            Pattern::Points { points: vec![(0.0, 1.0)], repeats: false },
            Pattern::Points { points: vec![(0.0, 1.0), (0.0, 2.0)], repeats: true },
            spike(Some(5.0)),
        ] {
            assert!(Traffic(vec![pattern.clone()]).check().is_err(), "{pattern:?}");
        }
    }
}
