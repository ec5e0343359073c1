//! Alerts: the moments at which a run begins to miss its objective, and at which it keeps it again.
//!
//! Each sample closes a window of the last second, or of a longer time where requests are few. Failures alert at once; latency must stay too high for half a second,
//! because single slow answers are no news. An alert ends when all has been well for three seconds.

use std::collections::VecDeque;

use crate::objective::Objective;
use crate::sim::snapshot::Sample;
use crate::sim::snapshot::bands::Bands;
use crate::units::{SimDuration, SimTime};

/// Length of the window where there are enough requests, and its greatest length.
const WINDOW: [SimDuration; 2] = [SimDuration::from_secs(1), SimDuration::from_secs(10)];
/// Requests in the window below which nothing is said.
const FEWEST: u64 = 10;
/// Failures in the window below which nothing is said.
const FEWEST_FAILED: u64 = 3;
/// How long latency must have been too high.
const LATENCY_HOLDS: SimDuration = SimDuration::from_millis(500);
/// How long all must have been well.
const WELL_HOLDS: SimDuration = SimDuration::from_secs(3);

/// What an objective limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Share of requests that fail.
    Errors,
    /// A percentile of latency.
    Latency,
}

impl Limit {
    const ALL: [Self; 2] = [Self::Errors, Self::Latency];
}

/// The begin or the end of a time in which an objective is missed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alert {
    /// When.
    pub at: SimTime,
    /// Which part of the objective.
    pub limit: Limit,
    /// Whether it is missed from now on; else it is kept again.
    pub is_missed: bool,
    /// The share, or the percentile [s], in the window that ends there.
    pub value: f64,
}

/// Watches samples as they come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    window: VecDeque<(SimTime, u64, u64, Bands)>,
    /// By [`Limit`]: whether it is missed, and since when the window has said otherwise.
    states: [(bool, Option<SimTime>); 2],
}

impl Watch {
    /// Takes in the next sample; gives what is to be told.
    pub fn observe(&mut self, sample: &Sample, objective: &Objective) -> Vec<Alert> {
        let (failed, ended) = (sample.outcomes.failed(), sample.outcomes.total());
        self.window.push_back((sample.at, failed, ended, sample.latency_bands.clone()));
        let (mut failed, mut ended) = self.window.iter().fold((0, 0), |sum, of| (sum.0 + of.1, sum.1 + of.2));
        while let Some(&(at, failed_then, ended_then, _)) = self.window.front() {
            let age = sample.at.since(at);
            if age < WINDOW[0] || age < WINDOW[1] && ended - ended_then < FEWEST {
                break;
            }
            self.window.pop_front();
            failed -= failed_then;
            ended -= ended_then;
        }
        if ended < FEWEST {
            return Vec::new();
        }
        let share = failed as f64 / ended as f64;
        let too_many = share > objective.error_share && failed >= FEWEST_FAILED;
        let mut answers = Bands::default();
        for (.., bands) in &self.window {
            answers.merge(bands);
        }
        let latency_secs = answers.quantile_secs(objective.percentile / 100.0);
        let too_slow = latency_secs.is_some_and(|secs| secs > objective.latency_secs);
        let seen = [(too_many, share), (too_slow, latency_secs.unwrap_or_default())];
        let mut alerts = Vec::new();
        for ((limit, state), (is_missed, value)) in Limit::ALL.into_iter().zip(&mut self.states).zip(seen) {
            let holds = match (limit, is_missed) {
                (_, false) => WELL_HOLDS,
                (Limit::Errors, true) => SimDuration::ZERO,
                (Limit::Latency, true) => LATENCY_HOLDS,
            };
            if state.0 == is_missed {
                state.1 = None;
                continue;
            }
            let since = *state.1.get_or_insert(sample.at);
            if sample.at.since(since) >= holds {
                *state = (is_missed, None);
                alerts.push(Alert { at: sample.at, limit, is_missed, value });
            }
        }
        alerts
    }

    /// Goes on from an earlier moment; `alerts` are those up to it.
    pub fn resume<'a>(&mut self, alerts: impl IntoIterator<Item = &'a Alert>) {
        *self = Self::default();
        for alert in alerts {
            self.states[alert.limit as usize].0 = alert.is_missed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::snapshot::{Outcome, OutcomeCounts};

    const OBJECTIVE: Objective = Objective { percentile: 99.0, latency_secs: 0.5, error_share: 0.01 };

    /// Ten samples a second; `fails` and `band` say how each went.
    fn watch(tenths: u64, fails: impl Fn(u64) -> u64, band: impl Fn(u64) -> u8) -> Vec<Alert> {
        let mut watch = Watch::default();
        let sample = |tenth: u64| Sample {
            at: SimTime::ZERO + SimDuration::from_millis((tenth + 1) * 100),
            interval: SimDuration::from_millis(100),
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 20), (Outcome::Refused, fails(tenth))]),
            latency_bands: Bands(vec![(band(tenth), 20)]),
            ..Sample::default()
        };
        (0..tenths).flat_map(|tenth| watch.observe(&sample(tenth), &OBJECTIVE)).collect()
    }

    /// A band of about 40 ms, and one of two seconds.
    const FAST: u8 = 54;
    const SLOW: u8 = 76;

    #[test]
    fn failures_alert_when_they_begin_and_end_when_they_have_been_gone_for_a_while() {
        let alerts = watch(200, |tenth| if (50..100).contains(&tenth) { 5 } else { 0 }, |_| FAST);
        let told: Vec<_> = alerts.iter().map(|alert| (alert.limit, alert.is_missed)).collect();
        assert_eq!(told, [(Limit::Errors, true), (Limit::Errors, false)]);
        assert_eq!(alerts[0].at, SimTime::from_secs_f64(5.1));
        let ended = alerts[1].at.as_secs_f64();
        assert!((13.0..=14.2).contains(&ended), "{ended}");
    }

    #[test]
    fn latency_alerts_only_when_it_stays_high() {
        assert_eq!(watch(200, |_| 0, |tenth| if tenth % 100 == 50 { FAST + 1 } else { FAST }), []);
        let alerts = watch(100, |_| 0, |tenth| if tenth >= 50 { SLOW } else { FAST });
        assert_eq!(alerts.len(), 1);
        assert_eq!((alerts[0].limit, alerts[0].at), (Limit::Latency, SimTime::from_secs_f64(5.6)));
        assert!(alerts[0].value > 0.5);
    }

    #[test]
    fn a_single_failure_is_no_alert_and_a_resumed_watch_knows_what_it_said() {
        assert_eq!(watch(100, |tenth| u64::from(tenth == 50), |_| FAST), []);
        let mut resumed = Watch::default();
        resumed.resume(&watch(60, |tenth| if tenth >= 50 { 5 } else { 0 }, |_| FAST));
        assert_eq!(resumed.states[Limit::Errors as usize], (true, None));
    }
}
