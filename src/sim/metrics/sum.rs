//! Sums of times.

use core::ops::AddAssign;

/// A sum of whole nanoseconds that no run makes too large: 128 bits, of which adding a time nearly always changes the lower
/// half only. WebAssembly has no wider additions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    low: u64,
    high: u64,
}

impl Sum {
    /// Adds a time.
    #[allow(clippy::inline_always, reason = "what the engine does most")]
    #[inline(always)]
    pub const fn add(&mut self, nanos: u64) {
        let (low, carries) = self.low.overflowing_add(nanos);
        self.low = low;
        if carries {
            self.carry();
        }
    }

    #[cold]
    const fn carry(&mut self) {
        self.high += 1;
    }

    /// The sum [ns].
    pub const fn nanos(self) -> u128 {
        ((self.high as u128) << 64) | self.low as u128
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.add(other.low);
        self.high += other.high;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_carry() {
        let mut sum = Sum::default();
        sum.add(u64::MAX);
        sum.add(7);
        assert_eq!(sum.nanos(), u128::from(u64::MAX) + 7);
        let mut twice = sum;
        twice += sum;
        twice.add(u64::MAX);
        twice += twice;
        assert_eq!(twice.nanos(), 6 * u128::from(u64::MAX) + 28);
    }
}
