//! How sure a measured figure is: 95 % confidence intervals by batch means, and whether a level keeps growing.
//!
//! A run is cut into batches of equal length. A figure's value comes from everything measured together (percentiles
//! from merged histograms, shares from summed counts); how far the batches scatter around each other tells how much
//! chance is in it. Single requests are no independent samples (who follows a long wait waits long too), long enough
//! batches nearly are.
//!
//! # Sources
//! A. M. Law, *Simulation Modeling and Analysis* (2015), §9.5.3 (batch means).

use serde::Serialize;

/// Fewest batches that an interval is computed from.
pub const FEWEST_BATCHES: usize = 5;

/// A measured figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The figure, from all that was measured.
    pub value: f64,
    /// Half the width of its 95 % confidence interval, in the figure's unit; null where too little was measured to tell.
    pub ci95_half_width: Option<f64>,
}

impl Estimate {
    /// The figure `value` with the interval that the scatter of `batches` gives, each a measurement of the same figure.
    pub fn from_batches(value: f64, batches: &[f64]) -> Self {
        if batches.len() < FEWEST_BATCHES {
            return Self { value, ci95_half_width: None };
        }
        let count = batches.len() as f64;
        let mean = batches.iter().sum::<f64>() / count;
        let variance = batches.iter().map(|batch| (batch - mean) * (batch - mean)).sum::<f64>() / (count - 1.0);
        Self { value, ci95_half_width: Some(student_t_975(batches.len() - 1) * (variance / count).sqrt()) }
    }

    /// The same figure with an interval `factor` times as wide.
    pub fn widened(self, factor: f64) -> Self {
        Self { ci95_half_width: self.ci95_half_width.map(|half| half * factor), ..self }
    }

    /// Lower end of the interval; minus infinity if there is none.
    pub fn low(&self) -> f64 {
        self.ci95_half_width.map_or(f64::NEG_INFINITY, |half| self.value - half)
    }

    /// Upper end of the interval; infinity if there is none.
    pub fn high(&self) -> f64 {
        self.ci95_half_width.map_or(f64::INFINITY, |half| self.value + half)
    }
}

/// Number of values that the percentile `quantile`, in (0, 1), needs to mean anything: five beyond it.
pub fn values_needed(quantile: f64) -> f64 {
    5.0 / (1.0 - quantile)
}

/// Puts neighbouring batches together until `value` finds enough in them, and gives the value of each such group: a high
/// percentile of a few values is lower than that of many, and would pull an interval away from the figure. What is left
/// over at the end counts in no group.
pub fn by_groups<T, G: Default>(
    batches: impl IntoIterator<Item = T>,
    add: impl Fn(&mut G, T),
    value: impl Fn(&G) -> Option<f64>,
) -> Vec<f64> {
    let mut values = Vec::new();
    let mut group = G::default();
    for batch in batches {
        add(&mut group, batch);
        if let Some(value) = value(&group) {
            values.push(value);
            group = G::default();
        }
    }
    values
}

/// The 97.5 % quantile of Student's t with `freedom` degrees of freedom, at least 1: what a two-sided 95 % interval
/// takes.
///
/// # Sources
/// Table to 10 degrees; beyond, the Cornish–Fisher expansion, M. Abramowitz, I. Stegun, *Handbook of Mathematical
/// Functions* (1964), 26.7.5, right to four digits there.
pub fn student_t_975(freedom: usize) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    /// The same quantile of the normal distribution.
    const Z: f64 = 1.959_963_985;
    match TABLE.get(freedom.saturating_sub(1)) {
        Some(&tabulated) => tabulated,
        None => {
            let n = freedom as f64;
            let (z2, z3) = (Z * Z, Z * Z * Z);
            Z + (z3 + Z) / (4.0 * n)
                + (5.0 * z2 * z3 + 16.0 * z3 + 3.0 * Z) / (96.0 * n * n)
                + (3.0 * z2 * z2 * z3 + 19.0 * z2 * z3 + 17.0 * z3 - 15.0 * Z) / (384.0 * n * n * n)
        }
    }
}

/// How a level, such as the number of requests in flight, moved over the measured span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Growth {
    /// Slope of the straight line through the batches [1/s].
    pub per_sec: Estimate,
    /// Whether the level grew through the span beyond chance: then there is no steady state, and figures of time are
    /// those of a moment.
    pub growing: bool,
}

impl Growth {
    /// The growth of a level whose mean over each batch of `batch_secs` [s] is given, oldest first.
    ///
    /// It counts as growing if the slope is at least four of its standard errors, if the line gains at least half the
    /// mean level over the span, and if that gain is ten at least. A busy queue in a steady state wanders, but not that
    /// far; one that gets more than it can serve gains about twice its mean level.
    pub fn of_levels(levels: &[f64], batch_secs: f64) -> Self {
        let steady = Self { per_sec: Estimate { value: 0.0, ci95_half_width: None }, growing: false };
        if levels.len() < FEWEST_BATCHES || batch_secs <= 0.0 {
            return steady;
        }
        let count = levels.len() as f64;
        let mean = levels.iter().sum::<f64>() / count;
        let middle = (count - 1.0) / 2.0;
        let (mut spread, mut product) = (0.0, 0.0);
        for (position, level) in levels.iter().enumerate() {
            let offset = position as f64 - middle;
            spread += offset * offset;
            product += offset * (level - mean);
        }
        let slope = product / spread;
        let residuals: f64 = levels
            .iter()
            .enumerate()
            .map(|(position, level)| {
                let residual = level - mean - slope * (position as f64 - middle);
                residual * residual
            })
            .sum();
        let standard_error = (residuals / (count - 2.0) / spread).sqrt();
        let gain = slope * count;
        let growing = slope > 4.0 * standard_error && gain > 0.5 * mean && gain > 10.0;
        let half = student_t_975(levels.len() - 2) * standard_error;
        Self { per_sec: Estimate { value: slope / batch_secs, ci95_half_width: Some(half / batch_secs) }, growing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_t_as_tabulated() {
        for (freedom, tabulated) in [(1, 12.706), (9, 2.262), (11, 2.201), (19, 2.093), (29, 2.045), (120, 1.980)] {
            assert!((student_t_975(freedom) - tabulated).abs() < 0.000_6, "{freedom}: {}", student_t_975(freedom));
        }
    }

    #[test]
    fn an_interval_is_t_standard_errors_wide() {
        // Mean 3, standard deviation √2.5, standard error √0.5; t(4) = 2.776.
        let estimate = Estimate::from_batches(3.1, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(estimate.value, 3.1);
        assert!((estimate.ci95_half_width.unwrap() - 2.776 * 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::from_batches(1.0, &[1.0; 4]).ci95_half_width, None);
    }

    #[test]
    fn a_backlog_that_builds_up_is_growing_and_noise_is_not() {
        let rising: Vec<f64> = (0..20).map(|batch| 50.0 * f64::from(batch) + f64::from(batch * 7 % 5)).collect();
        let growth = Growth::of_levels(&rising, 2.0);
        assert!(growth.growing);
        assert!((growth.per_sec.value - 25.0).abs() < 0.1, "{growth:?}");
        let noise: Vec<f64> = (0..20).map(|batch| 100.0 + f64::from(batch * 7 % 20)).collect();
        assert!(!Growth::of_levels(&noise, 2.0).growing);
        assert!(!Growth::of_levels(&[0.0; 20], 2.0).growing);
    }
}
