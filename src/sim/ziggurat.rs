//! Tables for drawing exponential and normal numbers by the ziggurat method: the area under a density cut into 256 layers
//! of equal area. Nearly every draw then takes one random word, two look-ups, a multiplication and a comparison, and no
//! logarithm.
//!
//! The tables are computed from additions, multiplications and divisions, so they are the same to the bit on every
//! machine. They are computed when they are first needed, in about a millisecond, and not by the compiler: eight
//! kilobytes of digits that nothing can compress would be a thirtieth of what the page loads of the engine.
//!
//! # Sources
//! G. Marsaglia, W. W. Tsang, *The Ziggurat Method for Generating Random Variables*, Journal of Statistical Software 5(8),
//! 2000: the method, and the constants for 256 layers.

use std::sync::LazyLock;

/// Layers of a table.
pub const LAYERS: usize = 256;

/// A density cut into layers.
pub struct Table {
    /// Right ends of the layers, from the lowest, whose end is that of a rectangle with the area of base and tail, up to
    /// the peak at 0.
    pub ends: [f64; LAYERS + 1],
    /// Density at the ends.
    pub densities: [f64; LAYERS + 1],
}

/// Where the tail of the exponential density begins.
pub const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal density begins.
pub const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// Area of each layer under `exp(−x)`.
const EXPONENTIAL_AREA: f64 = 3.949_659_822_581_557e-3;
/// Area of each layer under the right half of `exp(−x²/2)`.
const NORMAL_AREA: f64 = 4.928_673_233_974_655e-3;

/// Layers under `exp(−x)`.
pub static EXPONENTIAL: LazyLock<Table> = LazyLock::new(|| {
    let mut ends = [0.0; LAYERS + 1];
    let mut densities = [1.0; LAYERS + 1];
    ends[0] = EXPONENTIAL_AREA / exp(-EXPONENTIAL_TAIL);
    densities[0] = exp(-ends[0]);
    ends[1] = EXPONENTIAL_TAIL;
    densities[1] = exp(-EXPONENTIAL_TAIL);
    for layer in 2..LAYERS {
        densities[layer] = densities[layer - 1] + EXPONENTIAL_AREA / ends[layer - 1];
        ends[layer] = -ln(densities[layer]);
    }
    Table { ends, densities }
});

/// Layers under the right half of `exp(−x²/2)`.
pub static NORMAL: LazyLock<Table> = LazyLock::new(|| {
    let mut ends = [0.0; LAYERS + 1];
    let mut densities = [1.0; LAYERS + 1];
    densities[1] = exp(-NORMAL_TAIL * NORMAL_TAIL / 2.0);
    ends[1] = NORMAL_TAIL;
    ends[0] = NORMAL_AREA / densities[1];
    densities[0] = exp(-ends[0] * ends[0] / 2.0);
    for layer in 2..LAYERS {
        densities[layer] = densities[layer - 1] + NORMAL_AREA / ends[layer - 1];
        ends[layer] = sqrt(-2.0 * ln(densities[layer]));
    }
    Table { ends, densities }
});

/// `eˣ` for `x` from −32 to 0, by its series for a 64th of it.
fn exp(x: f64) -> f64 {
    let part = x / 64.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..20 {
        term *= part / f64::from(n);
        sum += term;
    }
    for _ in 0..6 {
        sum *= sum;
    }
    sum
}

/// Natural logarithm of `y` from 10⁻⁴ to 1, by Halley's iteration.
fn ln(y: f64) -> f64 {
    let mut x = 0.0;
    for _ in 0..16 {
        let power = exp(x);
        x += 2.0 * (y - power) / (y + power);
    }
    x
}

/// Square root by Newton's iteration, from above.
fn sqrt(square: f64) -> f64 {
    let mut root = square.max(1.0);
    for _ in 0..40 {
        root = (root + square / root) / 2.0;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_close_at_the_peak() {
        for (table, area) in [(&*EXPONENTIAL, EXPONENTIAL_AREA), (&*NORMAL, NORMAL_AREA)] {
            assert!(table.ends.is_sorted_by(|lower, upper| lower > upper), "layers become narrower");
            let peak = table.densities[LAYERS - 1] + area / table.ends[LAYERS - 1];
            assert!((peak - 1.0).abs() < 1e-9, "{peak}");
        }
    }

    #[test]
    fn the_functions_are_right() {
        for step in 1..=1000_u32 {
            let y = f64::from(step) / 1000.0;
            assert!((ln(y) - libm::log(y)).abs() < 1e-13, "{y}");
            assert!((exp(-8.0 * y) / libm::exp(-8.0 * y) - 1.0).abs() < 1e-13, "{y}");
            assert!((sqrt(14.0 * y) / (14.0 * y).sqrt() - 1.0).abs() < 1e-15, "{y}");
        }
    }
}
