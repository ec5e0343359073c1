//! Where a value stands on a slider, and which value a place on a slider means.
//!
//! Ranges that span decades are logarithmic. If such a range starts at zero, its first place is zero and the rest is
//! logarithmic above a floor.

use core::ops::RangeInclusive;

use crate::design::USERS_RANGE;
use crate::entry::significant;

/// Places of a slider, from 0 to this.
pub const PLACES: f64 = 1000.0;

/// Share of the places that a zero takes up at the foot of a logarithmic range.
const ZERO_SHARE: f64 = 0.02;

/// First digits of the notches that arrow keys stop at: about ten steps for each factor of ten.
const NOTCHES: [f64; 10] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];

/// How values spread over a slider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Equal steps.
    Linear {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// Equal factors.
    Logarithmic {
        /// Least value, above 0.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Whether the first place means 0.
        zero: bool,
    },
}

impl Scale {
    /// The scale that suits numbers from `min` to `max`; `whole` says that fractions make no sense.
    pub fn suiting(min: f64, max: f64, whole: bool) -> Self {
        if max <= 100.0 && (whole || min == 0.0 && max <= 1.0) || min < 0.0 {
            return Self::Linear { min, max };
        }
        if min > 0.0 {
            return if max / min > 100.0 {
                Self::Logarithmic { min, max, zero: false }
            } else {
                Self::Linear { min, max }
            };
        }
        // Seven decades below the greatest value there is nothing that people would set by hand.
        let floor = if whole { 1.0 } else { (max * 1e-7).max(1e-6) };
        Self::Logarithmic { min: floor, max, zero: true }
    }

    /// The scale of the users slider.
    pub const fn users() -> Self {
        Self::Logarithmic { min: *USERS_RANGE.start() as f64, max: *USERS_RANGE.end() as f64, zero: false }
    }

    /// The scale of the speed control: simulated seconds per real second.
    pub const fn speed() -> Self {
        Self::Logarithmic { min: 0.001, max: 100.0, zero: false }
    }

    /// Place of `value`, from 0 to [`PLACES`]; values outside the range stand at its ends.
    pub fn place(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear { min, max } => (value - min) / (max - min),
            Self::Logarithmic { min, max, zero } => {
                if zero && value < min {
                    return 0.0;
                }
                let share = libm::log(value.max(min) / min) / libm::log(max / min);
                if zero { ZERO_SHARE + share * (1.0 - ZERO_SHARE) } else { share }
            }
        };
        share.clamp(0.0, 1.0) * PLACES
    }

    /// Value at `place`, rounded to what can be told apart there: three significant digits on a logarithmic scale.
    pub fn value(self, place: f64) -> f64 {
        let share = (place / PLACES).clamp(0.0, 1.0);
        match self {
            Self::Linear { min, max } => {
                let step = libm::pow(10.0, libm::floor(libm::log10((max - min) / 100.0)));
                ((min + share * (max - min)) / step).round() * step
            }
            Self::Logarithmic { min, max, zero } => {
                let share = if zero {
                    if share < ZERO_SHARE / 2.0 {
                        return 0.0;
                    }
                    ((share - ZERO_SHARE) / (1.0 - ZERO_SHARE)).max(0.0)
                } else {
                    share
                };
                significant(min * libm::pow(max / min, share), 3).clamp(min, max)
            }
        }
    }
}

/// The next notch above or below `users`, within the range of users.
pub fn next_notch(users: u64, up: bool) -> u64 {
    let range: RangeInclusive<u64> = USERS_RANGE;
    let mut notches: Vec<u64> = Vec::new();
    let mut decade = 1.0;
    while decade <= *range.end() as f64 {
        notches.extend(NOTCHES.iter().map(|digit| (digit * decade).round() as u64));
        decade *= 10.0;
    }
    notches.dedup();
    let next = if up {
        notches.into_iter().find(|&notch| notch > users)
    } else {
        notches.into_iter().rev().find(|&notch| notch < users)
    };
    next.unwrap_or(users).clamp(*range.start(), *range.end())
}

/// The next speed faster or slower than `speed`, in steps of 1, 2, 5.
pub fn next_speed(speed: f64, faster: bool) -> f64 {
    let steps: Vec<f64> = (-3..=2)
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| significant(digit * libm::pow(10.0, f64::from(decade)), 1)))
        .filter(|&step| step <= 100.0)
        .collect();
    let next = if faster {
        steps.iter().find(|&&step| step > speed * 1.001)
    } else {
        steps.iter().rev().find(|&&step| step < speed * 0.999)
    };
    next.copied().unwrap_or(speed)
}

/// The speed at a place of the speed control: near real time it snaps to real time.
pub fn speed_at(place: f64) -> f64 {
    let scale = Scale::speed();
    if (place - scale.place(1.0)).abs() < PLACES * 0.025 { 1.0 } else { significant(scale.value(place), 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_way_to_the_slider_and_back() {
        for scale in
            [Scale::users(), Scale::speed(), Scale::suiting(0.0, 3600.0, false), Scale::suiting(1.0, 64.0, true)]
        {
            for place in 0..=PLACES as u32 {
                let value = scale.value(f64::from(place));
                let again = scale.value(scale.place(value));
                assert!((value - again).abs() <= value.abs() * 1e-9, "{scale:?} {place}: {value} {again}");
            }
        }
    }

    #[test]
    fn the_users_slider_reaches_both_ends() {
        assert_eq!(Scale::users().value(0.0), 1.0);
        assert_eq!(Scale::users().value(PLACES), 100_000_000.0);
        assert_eq!(Scale::users().place(10_000.0), PLACES / 2.0);
    }

    #[test]
    fn a_logarithmic_range_from_zero_can_be_set_to_zero() {
        let scale = Scale::suiting(0.0, 3600.0, false);
        assert_eq!(scale.value(0.0), 0.0);
        assert_eq!(scale.place(0.0), 0.0);
        assert!(scale.place(0.001) > 0.0);
        assert_eq!(scale.value(PLACES), 3600.0);
    }

    #[test]
    fn notches_lead_from_one_end_to_the_other() {
        let mut users = 1;
        let mut steps = 0;
        while users < 100_000_000 {
            let next = next_notch(users, true);
            assert!(next > users, "{users}");
            users = next;
            steps += 1;
        }
        assert!((70..=80).contains(&steps), "{steps}");
        assert_eq!(next_notch(users, true), users);
        assert_eq!(next_notch(1_000, false), 800);
        assert_eq!(next_notch(1, false), 1);
    }

    #[test]
    fn speed_snaps_to_real_time() {
        let place = Scale::speed().place(1.0);
        assert_eq!(speed_at(place + 20.0), 1.0);
        assert_eq!(speed_at(0.0), 0.001);
        assert_eq!(speed_at(PLACES), 100.0);
        assert_eq!(next_speed(1.0, true), 2.0);
        assert_eq!(next_speed(1.0, false), 0.5);
        assert_eq!(next_speed(100.0, true), 100.0);
        assert_eq!(next_speed(0.001, false), 0.001);
    }
}
