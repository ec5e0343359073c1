//! From the times of a sampled request to the times at which its dots are seen.
//!
//! The times at which anything happens to the request cut its life into pieces. A piece during which something is on a
//! link lasts as long as that travel is to be seen; any other piece, waiting or being served, lasts `slowness` times
//! its simulated length. Adding up the pieces gives every moment its place, in order.

use super::super::Layout;
use crate::sim::snapshot::{Span, Trace};
use crate::sorted;

/// How far dots travel per millisecond, in world units.
const PACE: f64 = 0.2;
/// Shortest and longest travel [ms].
const TRAVEL_MS: core::ops::RangeInclusive<f64> = 380.0..=1300.0;
/// How long the work on a usual request is to be seen [ms].
const USUAL_WORK_MS: f64 = 450.0;
/// How long all but the slowest requests are to be seen at stations, at most [ms].
const LONG_STAY_MS: f64 = 6000.0;
/// Requests that the slowness is taken from.
const LEARNT: usize = 64;

/// When something is seen to happen to a span, from the start of its request [ms].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// It sets out.
    pub sent: f64,
    /// It reaches the door.
    pub arrived: f64,
    /// How long it waits at the door.
    pub waits: f64,
    /// The answer sets out.
    pub finished: f64,
    /// The answer is there.
    pub answered: f64,
}

/// The moments of one request, and what is known about usual ones. Memory is reused from request to request.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Moment [ns], and when it is seen: before and after what takes no simulated time [ms]. In order.
    moments: Vec<(u64, f64, f64)>,
    /// Travels: from, to [ns], and how long it is seen [ms].
    travels: Vec<(u64, u64, f64)>,
    /// Work and whole stay of the last requests [s], the oldest overwritten first.
    learnt: Vec<(f64, f64)>,
    next: usize,
    slowness: f64,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { moments: Vec::new(), travels: Vec::new(), learnt: Vec::with_capacity(LEARNT), next: 0, slowness: 0.0 }
    }
}

impl Timeline {
    /// How many times slower than simulated time stays at stations are seen.
    pub const fn slowness(&self) -> f64 {
        self.slowness
    }

    /// Learns from requests how long they usually take. The slowness follows in steps of 1, 2, 5, 10, …, and only when
    /// it is far off, so that what is seen now can be compared with what was seen before.
    pub fn learn(&mut self, traces: &[Trace]) {
        for trace in traces {
            let work = trace.spans.iter().map(|span| span.served.as_secs_f64()).fold(0.0, f64::max);
            let stay = trace.ended.since(trace.wanted).as_secs_f64();
            if self.learnt.len() < LEARNT {
                self.learnt.push((work, stay));
            } else {
                self.learnt[self.next] = (work, stay);
                self.next = (self.next + 1) % LEARNT;
            }
        }
        if self.learnt.is_empty() {
            return;
        }
        let quantile = |values: &mut [f64], share: f64| {
            sorted::sort_by(values, f64::total_cmp);
            values[((values.len() - 1) as f64 * share) as usize]
        };
        let mut values = [0.0; LEARNT];
        let values = &mut values[..self.learnt.len()];
        values.iter_mut().zip(&self.learnt).for_each(|(value, learnt)| *value = learnt.0);
        let usual_work = quantile(values, 0.5);
        values.iter_mut().zip(&self.learnt).for_each(|(value, learnt)| *value = learnt.1);
        let long_stay = quantile(values, 0.9);
        let wanted = (USUAL_WORK_MS / 1000.0 / usual_work.max(1e-6)).min(LONG_STAY_MS / 1000.0 / long_stay.max(1e-6));
        if !(0.4..=2.5).contains(&(wanted / self.slowness)) {
            self.slowness = round_down(wanted);
        }
    }

    /// Works out when each moment of `trace` is seen.
    pub fn lay_out(&mut self, trace: &Trace, layout: &Layout) {
        self.moments.clear();
        self.travels.clear();
        let ended = trace.ended.as_nanos();
        let mut note = |nanos: u64| self.moments.push((nanos.min(ended), 0.0, 0.0));
        note(trace.wanted.as_nanos());
        note(ended);
        for span in &trace.spans {
            for moment in [span.sent, span.arrived, span.finished, span.answered] {
                note(moment.as_nanos());
            }
            let length = layout.routes.get(&span.link).map_or(0.0, super::super::Route::length);
            let travel_ms = (length / PACE).clamp(*TRAVEL_MS.start(), *TRAVEL_MS.end());
            for (from, to) in [(span.sent, span.arrived), (span.finished, span.answered)] {
                // Ends of calls that nobody waits for any more lie beyond what is seen.
                if from <= to && to.as_nanos() <= ended {
                    self.travels.push((from.as_nanos(), to.as_nanos(), travel_ms));
                }
            }
        }
        sorted::sort_by(&mut self.moments, |a, b| a.0.cmp(&b.0));
        self.moments.dedup_by_key(|moment| moment.0);
        let mut seen_ms = 0.0;
        let mut before = None;
        for (nanos, arrives, leaves) in &mut self.moments {
            if let Some(before) = before {
                seen_ms += piece_ms(&self.travels, before, *nanos, self.slowness);
            }
            *arrives = seen_ms;
            // Travels that take no simulated time are seen all the same.
            seen_ms += instant_ms(&self.travels, *nanos);
            *leaves = seen_ms;
            before = Some(*nanos);
        }
    }

    /// When a span of the request laid out last is seen.
    pub fn of(&self, span: &Span) -> Times {
        let moment = |nanos: u64| {
            let position = self.moments.partition_point(|moment| moment.0 < nanos).min(self.moments.len() - 1);
            self.moments[position]
        };
        let (sent, arrived) = (moment(span.sent.as_nanos()), moment(span.arrived.as_nanos()));
        let (finished, answered) = (moment(span.finished.as_nanos()), moment(span.answered.as_nanos()));
        // A travel without length happens within its moment, any other one between two.
        let ends = |start: (u64, f64, f64), end: (u64, f64, f64)| {
            if start.0 == end.0 { (start.1, start.2) } else { (start.2, end.1) }
        };
        let (sent, arrived) = ends(sent, arrived);
        let (finished, answered) = ends(finished, answered);
        let waits = (span.waited.as_secs_f64() * 1000.0 * self.slowness).min((finished - arrived).max(0.0));
        Times { sent, arrived, waits, finished, answered: answered.max(finished) }
    }
}

/// How long the piece of a life between two moments is seen [ms].
fn piece_ms(travels: &[(u64, u64, f64)], from: u64, to: u64, slowness: f64) -> f64 {
    let travelling = travels
        .iter()
        .filter(|&&(start, end, _)| start <= from && to <= end && start < end)
        .map(|&(start, end, travel_ms)| travel_ms * (to - from) as f64 / (end - start) as f64)
        .reduce(f64::max);
    travelling.unwrap_or_else(|| (to - from) as f64 * 1e-6 * slowness)
}

/// How long travels that take no time at all are seen at one moment [ms].
fn instant_ms(travels: &[(u64, u64, f64)], at: u64) -> f64 {
    travels.iter().filter(|travel| travel.0 == at && travel.1 == at).map(|travel| travel.2).fold(0.0, f64::max)
}

/// The next lower number of the row 1, 2, 5, 10, 20, 50, …
fn round_down(value: f64) -> f64 {
    let decade = libm::pow(10.0, libm::floor(libm::log10(value.max(1e-3))));
    let digit = value / decade;
    decade
        * if digit >= 5.0 {
            5.0
        } else if digit >= 2.0 {
            2.0
        } else {
            1.0
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_round_numbers() {
        let cases = [(0.7, 0.5), (1.0, 1.0), (4.9, 2.0), (51.0, 50.0), (999.0, 500.0)];
        for (value, rounded) in cases {
            assert!((round_down(value) - rounded).abs() < 1e-9, "{value}");
        }
    }
}
