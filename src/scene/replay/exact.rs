//! Slow motion: the dots are the requests, each of them, where it is.
//!
//! The engine tells in each snapshot what is on a link and until when, and what is at a station. Between two snapshots
//! the picture goes from the moment of the one to that of the other, so what it shows is one snapshot old and nothing
//! has to be guessed. A way that begins and ends between two snapshots is not seen.

use super::{Dot, FAILURE_MS, Travel, is_failure, jitter, mark};
use crate::geometry::Point;
use crate::scene::theme::Ink;
use crate::scene::{Layout, Route};
use crate::sim::snapshot::{Outcome, Snapshot, Span, Trace};
use crate::units::SimTime;

/// Longest time from one moment to the next [ms]: a page that was hidden goes on at once.
const STEP_MAX_MS: f64 = 250.0;
/// Most failures shown at a time.
const FAILURES_MAX: usize = 500;

/// The requests of the last two snapshots. Memory is reused from snapshot to snapshot.
#[derive(Clone, Debug, Default)]
pub struct Exact {
    ways: Vec<Way>,
    failures: Vec<Failed>,
    /// The moment shown goes from the first of these to the second [ns].
    moments: (u64, u64),
    /// When the second became known, by the page's clock, and how long it then takes to get there [ms].
    came_ms: f64,
    takes_ms: f64,
    /// Requests that one dot stands for: 1, unless there are more than the engine follows.
    requests_per_dot: u64,
    is_on: bool,
}

/// A way along a link, or a stay at its end.
#[derive(Clone, Copy, Debug)]
struct Way {
    since: u64,
    until: u64,
    is_stay: bool,
    /// Place and look; its times are not used.
    travel: Travel,
}

/// A failure, where it happened.
#[derive(Clone, Copy, Debug)]
struct Failed {
    at: u64,
    /// Set when its moment has come, by the page's clock [ms].
    seen_ms: Option<f64>,
    travel: Travel,
}

impl Exact {
    /// Whether the last snapshot told of every request.
    pub const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Requests that one dot stands for.
    pub const fn requests_per_dot(&self) -> u64 {
        self.requests_per_dot
    }

    /// Whether there is nothing to show.
    pub const fn is_empty(&self) -> bool {
        self.ways.is_empty() && self.failures.is_empty()
    }

    /// Whether the picture has not yet reached the moment known last.
    pub fn is_on_its_way(&self, now_ms: f64) -> bool {
        self.is_on && now_ms < self.came_ms + self.takes_ms
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.ways.clear();
        self.failures.clear();
        self.is_on = false;
    }

    /// Forgets what is on links that are no longer drawn.
    pub fn keep_only(&mut self, layout: &Layout) {
        self.ways.retain(|way| layout.routes.contains_key(&way.travel.link));
        self.failures.retain(|failed| layout.routes.contains_key(&failed.travel.link));
    }

    /// Takes in a snapshot that came at `now_ms` of the page's clock.
    pub fn take_in(&mut self, snapshot: &Snapshot, under_way: &[Trace], now_ms: f64) {
        let now = snapshot.now.as_nanos();
        let shown = if self.is_on { self.shown(now_ms) } else { now };
        let has_advanced = now != self.moments.1;
        if has_advanced || !self.is_on {
            self.takes_ms = (now_ms - self.came_ms).clamp(1.0, STEP_MAX_MS);
            self.came_ms = now_ms;
            self.moments = (shown, now);
        }
        self.is_on = true;
        // What is still there is told of again; what has arrived meanwhile is shown until then.
        self.ways.retain(|way| !way.is_stay && way.until <= now && way.until > shown);
        let mut open = 0;
        for trace in under_way {
            open += 1;
            for (place, span) in trace.spans.iter().enumerate() {
                self.ways.extend(Way::of(trace, span, place, now));
            }
        }
        self.requests_per_dot = snapshot.in_flight.checked_div(open).unwrap_or(1).max(1);
        for trace in &snapshot.traces {
            for (place, span) in trace.spans.iter().enumerate() {
                let at = span.answered.as_nanos();
                if is_failure(mark(span)) && at > shown && self.failures.len() < FAILURES_MAX {
                    let is_caller = matches!(span.outcome, Outcome::TimedOut | Outcome::Abandoned);
                    let travel = travel(trace, span, place, is_caller);
                    self.failures.push(Failed { at, seen_ms: None, travel });
                }
            }
        }
    }

    /// Requests that are shown at `now_ms` of the page's clock, and where their dots are.
    pub fn places(&self, now_ms: f64, layout: &Layout) -> impl Iterator<Item = (u64, Point)> {
        let shown = self.shown(now_ms);
        let ways = self.ways.iter().filter(move |way| way.since <= shown && shown < way.until);
        ways.filter_map(move |way| {
            let route = layout.routes.get(&way.travel.link)?;
            Some((way.travel.request?, way.dot(shown, route).at))
        })
    }

    /// Adds the dots of the moment that is shown at `now_ms` of the page's clock.
    pub fn dots(&mut self, now_ms: f64, layout: &Layout, dots: &mut Vec<Dot>) {
        let shown = self.shown(now_ms);
        for way in self.ways.iter().filter(|way| way.since <= shown && shown < way.until) {
            let Some(route) = layout.routes.get(&way.travel.link) else { continue };
            dots.push(way.dot(shown, route));
        }
        self.failures.retain_mut(|failed| {
            if failed.at > shown {
                return true;
            }
            if now_ms >= *failed.seen_ms.get_or_insert(now_ms) + FAILURE_MS {
                return false;
            }
            if let Some(route) = layout.routes.get(&failed.travel.link) {
                let at = failed.travel.place_at(1.0, false, route);
                dots.push(Dot { at, ink: failed.travel.ink, mark: failed.travel.mark });
            }
            true
        });
    }

    /// The moment that is shown [ns].
    fn shown(&self, now_ms: f64) -> u64 {
        let (from, to) = self.moments;
        let part = ((now_ms - self.came_ms) / self.takes_ms.max(1.0)).clamp(0.0, 1.0);
        from + (to.saturating_sub(from) as f64 * part) as u64
    }
}

impl Way {
    /// What a span is doing at `now` [ns]; `None` if it is lost on a link.
    fn of(trace: &Trace, span: &Span, place: usize, now: u64) -> Option<Self> {
        let never = SimTime::NEVER.as_nanos();
        let (sent, arrived) = (span.sent.as_nanos(), span.arrived.as_nanos());
        let (finished, answered) = (span.finished.as_nanos(), span.answered.as_nanos());
        let (since, until, is_stay, is_back) = if now < arrived {
            (sent, arrived, false, false)
        } else if now < finished {
            (arrived, never, true, false)
        } else {
            (finished, answered, false, true)
        };
        let is_lost = !is_stay && until == never;
        (!is_lost).then(|| Self { since, until, is_stay, travel: travel(trace, span, place, is_back) })
    }

    fn dot(&self, shown: u64, route: &Route) -> Dot {
        let part =
            if self.is_stay { 1.0 } else { (shown - self.since) as f64 / (self.until - self.since).max(1) as f64 };
        Dot { at: self.travel.place_at(part, self.is_stay, route), ink: self.travel.ink, mark: self.travel.mark }
    }
}

/// How a span looks there or back.
fn travel(trace: &Trace, span: &Span, place: usize, is_back: bool) -> Travel {
    let is_over = is_back || is_failure(mark(span)) && span.answered != SimTime::NEVER;
    let mark = if is_over { mark(span) } else { super::Mark::Request };
    Travel {
        request: Some(trace.request),
        link: span.link,
        starts_ms: 0.0,
        arrives_ms: 0.0,
        leaves_ms: 0.0,
        is_back,
        ink: if is_failure(mark) { Ink::Saturated } else { Ink::of_class(trace.class) },
        mark,
        jitter: jitter(trace.request, place),
    }
}
