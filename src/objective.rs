//! What a design promises its users: a latency that most requests keep, and a share of errors.

use serde::{Deserialize, Serialize};

use crate::entry::decimal;

/// Limits that the answers of a design should keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Percentile of latency that is limited, in (0, 100).
    pub percentile: f64,
    /// Its limit [s], above 0.
    pub latency_secs: f64,
    /// Greatest share of requests that may fail, in [0, 1].
    pub error_share: f64,
}

impl Default for Objective {
    /// The 99th percentile under half a second, fewer than one request in a thousand failed.
    fn default() -> Self {
        Self { percentile: 99.0, latency_secs: 0.5, error_share: 0.001 }
    }
}

/// Why the text of an objective cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("objective `{term}`: {reason}; expected terms like `p99<500ms,errors<0.1%`")]
pub struct ObjectiveError {
    /// The part that was not understood.
    pub term: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl core::str::FromStr for Objective {
    type Err = ObjectiveError;

    /// Reads `p99<500ms,errors<0.1%`; a part that is left out keeps its default.
    fn from_str(text: &str) -> Result<Self, ObjectiveError> {
        let mut objective = Self::default();
        for term in text.split(',') {
            let fail = |reason| ObjectiveError { term: term.trim().to_owned(), reason };
            let (what, limit) = term.split_once('<').ok_or_else(|| fail("there is no `<`"))?;
            let (what, limit) = (what.trim(), limit.trim().trim_start_matches('='));
            if what == "errors" {
                let (digits, scale) = limit.strip_suffix('%').map_or((limit, 1.0), |digits| (digits, 0.01));
                let share = decimal(digits).ok_or_else(|| fail("the limit is not a number"))?;
                if !(0.0..=1.0).contains(&(share * scale)) {
                    return Err(fail("the limit is not between 0 and 100 %"));
                }
                objective.error_share = share * scale;
            } else if let Some(percentile) = what.strip_prefix('p') {
                let percentile = decimal(percentile).ok_or_else(|| fail("the percentile is not a number"))?;
                if !(percentile > 0.0 && percentile < 100.0) {
                    return Err(fail("the percentile is not between 0 and 100"));
                }
                let (digits, scale) = [("µs", 1e-6), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0)]
                    .iter()
                    .find_map(|&(unit, scale)| limit.strip_suffix(unit).map(|digits| (digits, scale)))
                    .ok_or_else(|| fail("the limit has no unit"))?;
                let secs = decimal(digits).ok_or_else(|| fail("the limit is not a number"))?;
                if !(secs > 0.0 && secs.is_finite()) {
                    return Err(fail("the limit is not above 0"));
                }
                objective.percentile = percentile;
                objective.latency_secs = secs * scale;
            } else {
                return Err(fail("only a percentile like `p99` or `errors` can be limited"));
            }
        }
        Ok(objective)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_terms_are_read_in_any_order() {
        let objective: Objective = "errors<0.5%, p95<1.5s".parse().expect("well formed");
        assert_eq!(objective, Objective { percentile: 95.0, latency_secs: 1.5, error_share: 0.005 });
        assert_eq!("p99<500ms,errors<0.1%".parse(), Ok(Objective::default()));
    }

    #[test]
    fn malformed_terms_are_quoted_back() {
        for text in ["p99", "p0<1s", "p99<5", "p99<0s", "errors<200%", "goodput<1", "", "p99<NaNs"] {
            let error = text.parse::<Objective>().expect_err(text);
            assert_eq!(error.term, text);
        }
    }
}
