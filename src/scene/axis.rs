//! Axes of charts: which values get a tick, and what stands beside it.

use crate::entry::significant;
use crate::format;

/// What an axis measures, which decides how its ticks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests per second.
    Rate,
    /// A span of time [s].
    Time,
    /// A share, 0 to 1.
    Share,
}

impl Measure {
    /// `value` as people read it.
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Rate => format::quantity(value, "req/s"),
            Self::Time => format::duration(value),
            Self::Share => format::share(value),
        }
    }

    /// `value` beside a tick: rates without their unit, which stands in the title.
    pub fn write_tick(self, value: f64) -> String {
        match self {
            Self::Rate => format::count(value),
            Self::Time => format::duration(value),
            Self::Share => format::share(value),
        }
    }
}

/// From value to height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Value at the foot.
    pub low: f64,
    /// Value at the top, above `low`.
    pub high: f64,
    /// Whether equal heights mean equal factors; then `low` is above 0.
    pub logarithmic: bool,
}

impl Axis {
    /// A linear axis from zero that reaches a round number at or above `greatest`, and at least `least_top`.
    pub fn from_zero(greatest: f64, least_top: f64) -> Self {
        let top = greatest.max(least_top);
        let unit = libm::pow(10.0, libm::floor(libm::log10(top)));
        let high = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| significant(step * unit, 1)).find(|&high| high >= top);
        Self { low: 0.0, high: high.unwrap_or(top), logarithmic: false }
    }

    /// A logarithmic axis over the whole decades around `least` to `greatest`, both above 0.
    pub fn decades(least: f64, greatest: f64) -> Self {
        let low = libm::floor(libm::log10(least));
        // A value just above a power of ten still belongs inside.
        let high = libm::ceil(libm::log10(greatest)).max(low + 1.0);
        Self { low: libm::pow(10.0, low), high: libm::pow(10.0, high), logarithmic: true }
    }

    /// Height of `value`: 0 at the foot, 1 at the top; values outside stand at the ends.
    pub fn height(self, value: f64) -> f64 {
        let height = if self.logarithmic {
            libm::log(value.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        height.clamp(0.0, 1.0)
    }

    /// The value at a height from 0 to 1.
    pub fn value_at(self, height: f64) -> f64 {
        if self.logarithmic {
            self.low * libm::pow(self.high / self.low, height)
        } else {
            self.low + height * (self.high - self.low)
        }
    }

    /// Values that get a tick, from below: a few round ones, or the powers of ten.
    pub fn ticks(self) -> Vec<f64> {
        if self.logarithmic {
            let first = libm::round(libm::log10(self.low)) as i32;
            let last = libm::round(libm::log10(self.high)) as i32;
            let stride = ((last - first) / 4).max(1);
            return (first..=last).step_by(stride as usize).map(|power| libm::pow(10.0, f64::from(power))).collect();
        }
        let range = self.high - self.low;
        let unit = libm::pow(10.0, libm::floor(libm::log10(range)));
        // 10 and 2 are cut into halves twice, 5 into fifths.
        let step = if (range / unit).round() as u32 == 5 { unit } else { range / 4.0 };
        (0..=(range / step).round() as u32).map(|count| significant(self.low + f64::from(count) * step, 6)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_round_and_above_everything_shown() {
        for (greatest, high) in [(0.0, 1.0), (3.2, 5.0), (11.9, 20.0), (99.0, 100.0), (100.0, 100.0), (101.0, 200.0)] {
            assert_eq!(Axis::from_zero(greatest, 1.0).high, high, "{greatest}");
        }
        let axis = Axis::decades(0.0042, 1.8);
        assert!((axis.low - 0.001).abs() < 1e-12 && (axis.high - 10.0).abs() < 1e-9, "{axis:?}");
    }

    #[test]
    fn ticks_run_from_foot_to_top() {
        for axis in [Axis::from_zero(3.0, 1.0), Axis::from_zero(170.0, 1.0), Axis::from_zero(0.9, 1.0)] {
            let ticks = axis.ticks();
            assert_eq!(ticks.first(), Some(&0.0));
            assert_eq!(ticks.last(), Some(&axis.high), "{axis:?}");
            assert!((3..=6).contains(&ticks.len()), "{ticks:?}");
        }
        assert_eq!(Axis::decades(0.001, 1.0).ticks().len(), 4);
    }

    #[test]
    fn heights_grow_with_values_and_stay_inside() {
        let axis = Axis::decades(0.001, 10.0);
        assert_eq!(axis.height(0.0), 0.0);
        assert!((axis.height(0.1) - 0.5).abs() < 1e-9);
        assert_eq!(axis.height(1e9), 1.0);
        for axis in [axis, Axis::from_zero(20.0, 1.0)] {
            assert!((axis.height(axis.value_at(0.3)) - 0.3).abs() < 1e-9);
        }
    }
}
