//! The moving picture: real requests, sampled by the engine, replayed at a pace that the eye can follow.
//!
//! Two clocks are kept apart. A request takes milliseconds of simulated time; a dot takes seconds to go the same way.
//! On links it travels at a steady pace, whatever the latency, or nothing could be seen. Time at the stations, waiting
//! included, is stretched by one factor for all, the *slowness*, so that whoever waits twice as long is seen to wait
//! twice as long. The factor and the number of requests that one dot stands for are told in the [`Legend`].
//!
//! In slow motion there is nothing to replay: the engine tells where every request is, and that is what is shown; see
//! [`Legend::is_exact`].
//!
//! What a primary ships to its replicas is not sampled; marks travel at a rate that grows with that of the log, and
//! the longer the lag, the slower, so that a lagging replica has more of them on its way.

mod exact;
mod timeline;

use self::exact::Exact;
use self::timeline::Timeline;
use super::Layout;
use super::theme::Ink;
use crate::design::{Design, LinkRole};
use crate::geometry::Point;
use crate::ids::LinkId;
use crate::sim::snapshot::{Outcome, Particulars, Snapshot, Span, Trace};
use crate::sorted;

/// How long a failure stays to be seen where it happened [ms].
const FAILURE_MS: f64 = 700.0;
/// Travels replayed at the same time, at most; what comes beyond is left out.
const TRAVELS_MAX: usize = 6000;
/// Longest step of the clock [ms]: after a pause of the page dots go on from where they were.
const STEP_MAX_MS: f64 = 100.0;
/// How far to the side of a link dots travel, there and back on either side.
const LANE: f64 = 2.5;

/// What a dot looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A request on its way.
    Request,
    /// An answer on its way back.
    Answer,
    /// An answer from a cache.
    Hit,
    /// A cache's answer that it has nothing.
    Miss,
    /// An answer that is out of date.
    Stale,
    /// A request that was turned away.
    Refused,
    /// A caller that has waited in vain.
    TimedOut,
    /// A request that found its target dead.
    Down,
    /// A piece of a primary's log.
    Log,
}

impl Mark {
    /// All marks, in the order in which they are drawn.
    pub const ALL: [Self; 9] = [
        Self::Request,
        Self::Answer,
        Self::Hit,
        Self::Miss,
        Self::Stale,
        Self::Refused,
        Self::TimedOut,
        Self::Down,
        Self::Log,
    ];

    /// Whether its inside is coloured, and not only its outline.
    pub const fn is_filled(self) -> bool {
        matches!(self, Self::Request | Self::Answer | Self::Hit | Self::Log)
    }
}

/// One dot of one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Where it is.
    pub at: Point,
    /// Its colour.
    pub ink: Ink,
    /// Its shape.
    pub mark: Mark,
}

/// What the dots mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legend {
    /// Requests that one dot stands for.
    pub requests_per_dot: u64,
    /// How many times slower than simulated time the dots stay at stations; below 1 is faster.
    pub slowness: f64,
    /// Whether the dots are requests where they are now, and not ones that are replayed.
    pub is_exact: bool,
}

/// One travel along a link, and the stay at its end [ms of the replay's clock].
#[derive(Clone, Copy, Debug, PartialEq)]
struct Travel {
    /// The request that it belongs to; `None` for a piece of a log.
    request: Option<u64>,
    link: LinkId,
    starts_ms: f64,
    arrives_ms: f64,
    leaves_ms: f64,
    is_back: bool,
    ink: Ink,
    mark: Mark,
    /// Place across the lane and in the crowd at the door, −1 to 1.
    jitter: f64,
}

/// The log that a primary ships to one replica.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LogStream {
    next_ms: f64,
    every_ms: f64,
    travel_ms: f64,
}

/// Requests being replayed. Memory for them is reused from frame to frame.
#[derive(Clone, Debug)]
pub struct Replay {
    travels: Vec<Travel>,
    streams: sorted::Map<LinkId, LogStream>,
    dots: Vec<Dot>,
    timeline: Timeline,
    exact: Exact,
    /// The replay's own clock, which rests while the run rests [ms].
    clock_ms: f64,
    /// The page's clock at the last frame [ms].
    frame_ms: Option<f64>,
    /// When traces came last, by the page's clock [ms].
    batch_ms: Option<f64>,
    /// Usual time between two batches of traces [ms].
    batch_every_ms: f64,
    /// Simulated time of the last snapshot [s].
    seen_secs: f64,
    /// One trace in so many is shown.
    thinning: u64,
    /// Traces seen, to pick that one.
    traces: u64,
    /// Traces that come per second of the page.
    traces_per_sec: f64,
    stride: u64,
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            travels: Vec::new(),
            streams: sorted::Map::new(),
            dots: Vec::new(),
            timeline: Timeline::default(),
            exact: Exact::default(),
            clock_ms: 0.0,
            frame_ms: None,
            batch_ms: None,
            batch_every_ms: 100.0,
            seen_secs: 0.0,
            thinning: 1,
            traces: 0,
            traces_per_sec: 0.0,
            stride: 0,
        }
    }
}

impl Replay {
    /// Takes in the requests of the next snapshot, which came at `now_ms` of the page's clock.
    pub fn take_in(&mut self, snapshot: &Snapshot, design: &Design, layout: &Layout, now_ms: f64) {
        let now_secs = snapshot.now.as_secs_f64();
        if now_secs < self.seen_secs {
            self.clear();
        }
        let has_advanced = now_secs > self.seen_secs;
        self.seen_secs = now_secs;
        self.follow_logs(snapshot, design, has_advanced);
        if let Some(under_way) = &snapshot.under_way {
            self.travels.retain(|travel| travel.mark == Mark::Log);
            self.stride = 1;
            self.exact.take_in(snapshot, under_way, now_ms);
            return;
        }
        self.exact.clear();
        if snapshot.traces.is_empty() {
            return;
        }
        let since_ms = self.batch_ms.map_or(self.batch_every_ms, |before| (now_ms - before).clamp(1.0, 1000.0));
        self.batch_ms = Some(now_ms);
        self.batch_every_ms += (since_ms - self.batch_every_ms) * 0.2;
        self.stride = snapshot.trace_stride.max(1);
        self.thin_out(snapshot.traces.len() as f64 / self.batch_every_ms * 1000.0);
        self.timeline.learn(&snapshot.traces);
        let pause_ms = self.batch_every_ms / snapshot.traces.len() as f64;
        for (position, trace) in snapshot.traces.iter().enumerate() {
            self.traces += 1;
            if self.traces.is_multiple_of(self.thinning) && self.travels.len() < TRAVELS_MAX {
                self.replay(trace, layout, self.clock_ms + pause_ms * position as f64);
            }
        }
    }

    /// Moves the dots to where they are at `now_ms` of the page's clock; they rest unless `is_running`.
    pub fn advance(&mut self, now_ms: f64, is_running: bool, layout: &Layout) {
        let step_ms = self.frame_ms.map_or(0.0, |before| (now_ms - before).clamp(0.0, STEP_MAX_MS));
        self.frame_ms = Some(now_ms);
        if is_running {
            self.clock_ms += step_ms;
            self.ship_logs();
        }
        let clock_ms = self.clock_ms;
        self.travels.retain(|travel| travel.leaves_ms > clock_ms);
        self.dots.clear();
        for travel in self.travels.iter().filter(|travel| travel.starts_ms <= clock_ms) {
            if let Some(route) = layout.routes.get(&travel.link) {
                self.dots.push(Dot { at: travel.place(route, clock_ms), ink: travel.ink, mark: travel.mark });
            }
        }
        if self.exact.is_on() {
            self.exact.dots(now_ms, layout, &mut self.dots);
        }
    }

    /// Whether there is anything that moves without the engine's telling anything new.
    pub fn is_moving(&self, now_ms: f64, is_running: bool) -> bool {
        is_running && !self.is_empty() || self.exact.is_on_its_way(now_ms)
    }

    /// The dots as [`Replay::advance`] left them.
    pub fn dots(&self) -> &[Dot] {
        &self.dots
    }

    /// The request whose dot is nearest to `at`, if one is within `reach`, in world units.
    pub fn request_near(&self, at: Point, reach: f64, layout: &Layout) -> Option<u64> {
        let near = self.places(layout).map(|(request, place)| (request, place.distance(at)));
        near.filter(|&(_, distance)| distance <= reach).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(request, _)| request)
    }

    /// Where the dots of a request are.
    pub fn places_of(&self, request: u64, layout: &Layout) -> impl Iterator<Item = Point> {
        self.places(layout).filter(move |&(of, _)| of == request).map(|(_, place)| place)
    }

    /// Requests under way, and where their dots are, as of the last [`Replay::advance`].
    fn places(&self, layout: &Layout) -> impl Iterator<Item = (u64, Point)> {
        let under_way = self.travels.iter().filter(|travel| travel.starts_ms <= self.clock_ms);
        let replayed = under_way.filter_map(|travel| {
            Some((travel.request?, travel.place(layout.routes.get(&travel.link)?, self.clock_ms)))
        });
        replayed.chain(self.exact.places(self.frame_ms.unwrap_or_default(), layout))
    }

    /// What the dots mean at `speed` simulated seconds per second; `None` before the first one.
    pub fn legend(&self, speed: f64) -> Option<Legend> {
        let is_exact = self.exact.is_on();
        let (requests_per_dot, slowness) = if is_exact {
            (self.exact.requests_per_dot(), 1.0 / speed)
        } else {
            (self.stride * self.thinning, self.timeline.slowness())
        };
        (self.stride > 0).then_some(Legend { requests_per_dot, slowness, is_exact })
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.travels.is_empty() && self.exact.is_empty()
    }

    /// Forgets all dots.
    pub fn clear(&mut self) {
        self.travels.clear();
        self.streams.clear();
        self.dots.clear();
        self.exact.clear();
    }

    /// Forgets the dots on links that are no longer drawn.
    pub fn keep_only(&mut self, layout: &Layout) {
        self.travels.retain(|travel| layout.routes.contains_key(&travel.link));
        self.streams.retain(|link, _| layout.routes.contains_key(link));
        self.exact.keep_only(layout);
    }

    /// Shows more dots the more requests there are, but far from as many more: ten times the requests, twice the dots.
    fn thin_out(&mut self, traces_per_sec: f64) {
        self.traces_per_sec += (traces_per_sec - self.traces_per_sec) * 0.1;
        let requests_per_sec = self.traces_per_sec * self.stride as f64;
        let wanted = (6.0 * libm::pow(requests_per_sec.max(1.0), 0.35)).min(160.0);
        // Twice or half as many, and not at every tremble: the number stands in the legend.
        while self.traces_per_sec / self.thinning as f64 > 1.6 * wanted {
            self.thinning *= 2;
        }
        while self.thinning > 1 && self.traces_per_sec / (self.thinning as f64) < 0.6 * wanted {
            self.thinning /= 2;
        }
    }

    fn replay(&mut self, trace: &Trace, layout: &Layout, starts_ms: f64) {
        self.timeline.lay_out(trace, layout);
        let ink = Ink::of_class(trace.class);
        for (position, span) in trace.spans.iter().enumerate() {
            if !layout.routes.contains_key(&span.link) {
                continue;
            }
            let jitter = jitter(trace.request, position);
            let times = self.timeline.of(span);
            let travel = |from_ms: f64, to_ms: f64, stays_ms: f64, is_back, mark| Travel {
                request: Some(trace.request),
                link: span.link,
                starts_ms: starts_ms + from_ms,
                arrives_ms: starts_ms + to_ms,
                leaves_ms: starts_ms + to_ms + stays_ms,
                is_back,
                ink: if is_failure(mark) { Ink::Saturated } else { ink },
                mark,
                jitter,
            };
            self.travels.push(travel(times.sent, times.arrived, times.waits, false, Mark::Request));
            let mark = mark(span);
            match span.outcome {
                // The caller turns away where it stands.
                Outcome::TimedOut | Outcome::Abandoned => {
                    self.travels.push(travel(times.answered, times.answered, FAILURE_MS, true, mark));
                }
                // A dead machine sends nothing back; the failure is seen at its door.
                Outcome::TargetDown => {
                    self.travels.push(travel(times.arrived, times.arrived, FAILURE_MS, false, mark));
                }
                Outcome::Answered
                | Outcome::Refused
                | Outcome::Unavailable
                | Outcome::Failed
                | Outcome::Shed
                | Outcome::RateLimited
                | Outcome::Blocked
                | Outcome::CircuitOpen
                | Outcome::Untrusted
                | Outcome::NoSession => {
                    self.travels.push(travel(times.finished, times.answered, 0.0, true, mark));
                }
            }
        }
    }

    /// Notes how fast logs travel at present.
    fn follow_logs(&mut self, snapshot: &Snapshot, design: &Design, has_advanced: bool) {
        for figures in &snapshot.links {
            let Some(link) = design.link(figures.link).filter(|link| link.role == LinkRole::Replicate) else {
                continue;
            };
            if !has_advanced || figures.attempt_rate <= 0.0 {
                self.streams.remove(&link.id);
                continue;
            }
            let replica = snapshot.stations.iter().find(|station| station.component == link.to);
            let lag_secs = match replica.map(|station| &station.particulars) {
                Some(&Particulars::Database { lag_secs, .. }) => lag_secs,
                _ => 0.0,
            };
            let every_ms = 1000.0 / (1.2 * libm::pow(figures.attempt_rate, 0.35)).clamp(0.4, 9.0);
            let travel_ms = (900.0 + 1500.0 * libm::log(1.0 + 5.0 * lag_secs)).min(9000.0);
            let clock_ms = self.clock_ms;
            let stream =
                self.streams.get_or_insert_with(link.id, || LogStream { next_ms: clock_ms, every_ms, travel_ms });
            (stream.every_ms, stream.travel_ms) = (every_ms, travel_ms);
        }
    }

    fn ship_logs(&mut self) {
        for (&link, stream) in self.streams.iter_mut() {
            while stream.next_ms <= self.clock_ms {
                let starts_ms = stream.next_ms;
                let arrives_ms = starts_ms + stream.travel_ms;
                stream.next_ms += stream.every_ms;
                self.travels.push(Travel {
                    request: None,
                    link,
                    starts_ms,
                    arrives_ms,
                    leaves_ms: arrives_ms,
                    is_back: false,
                    ink: Ink::Replication,
                    mark: Mark::Log,
                    jitter: 0.0,
                });
            }
        }
    }
}

impl Travel {
    /// Where the dot is at `clock_ms`.
    fn place(&self, route: &super::Route, clock_ms: f64) -> Point {
        let travel_ms = self.arrives_ms - self.starts_ms;
        let part = if travel_ms > 0.0 { ((clock_ms - self.starts_ms) / travel_ms).min(1.0) } else { 1.0 };
        self.place_at(part, part >= 1.0 && self.leaves_ms > self.arrives_ms && !self.is_back, route)
    }

    /// Where the dot is after this part of its way, or in the crowd at its end.
    fn place_at(&self, part: f64, is_in_crowd: bool, route: &super::Route) -> Point {
        let fraction = if self.is_back { 1.0 - part } else { part };
        let (at, (x, y)) = route.place(fraction);
        if is_in_crowd {
            // A crowd at the door: beside the end of the link, a little outside the card.
            let across = self.jitter * 16.0;
            let back = 4.0 + 10.0 * ((self.jitter * 7.3).fract().abs());
            return at.offset(-y * across - x * back, x * across - y * back);
        }
        // Logs keep to the middle, requests drive on one side and answers on the other.
        let side = if self.mark == Mark::Log { 0.0 } else { LANE * (1.0 + 0.5 * self.jitter) };
        let side = if self.is_back { -side } else { side };
        at.offset(-y * side, x * side)
    }
}

/// What the end of a span looks like.
const fn mark(span: &Span) -> Mark {
    match span.outcome {
        Outcome::Answered if span.stale => Mark::Stale,
        Outcome::Answered if matches!(span.hit, Some(true)) => Mark::Hit,
        Outcome::Answered if matches!(span.hit, Some(false)) => Mark::Miss,
        Outcome::Answered => Mark::Answer,
        Outcome::Refused
        | Outcome::Unavailable
        | Outcome::Failed
        | Outcome::Shed
        | Outcome::RateLimited
        | Outcome::Blocked
        | Outcome::CircuitOpen
        | Outcome::Untrusted
        | Outcome::NoSession => Mark::Refused,
        Outcome::TimedOut | Outcome::Abandoned => Mark::TimedOut,
        Outcome::TargetDown => Mark::Down,
    }
}

const fn is_failure(mark: Mark) -> bool {
    matches!(mark, Mark::Refused | Mark::TimedOut | Mark::Down)
}

/// A number from −1 to 1 that looks random and is always the same for the same request and span.
fn jitter(request: u64, position: usize) -> f64 {
    let mixed = (request ^ (position as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / (1_u64 << 23) as f64 - 1.0
}

#[cfg(test)]
mod tests;
