//! Users: where requests come from and where they end.
//!
//! Open users send at a rate that does not depend on the answers (Poisson). Closed users wait, think and ask again: with
//! exponential thinking the next of all thinkers is drawn at once, so a hundred million of them cost no more than one;
//! with any other think time each has a timer of its own.
//!
//! A curve of traffic changes the rate of open users along it, and the number of closed ones.

mod setup;

use std::sync::Arc;

use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, Deadlines, NO_LINK, OPEN, Operation, Split, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{Event, TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::hazard::HazardClock;
use crate::sim::mechanism::tide::Tide;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::popularity::Popularity;
use crate::sim::rng::{Stream, mix};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::sim::trace::NO_TRACE;
use crate::units::{SimDuration, SimTime};

/// The era of requests that no user rests after; greater than any other.
const NO_ERA: Token = u32::MAX;

/// What users wait for.
#[derive(Clone, Debug, PartialEq)]
enum Pacing {
    /// Nothing: requests per user and second.
    Open(f64),
    /// The answer, then a memoryless pause of this mean [s].
    ClosedMemoryless(f64),
    /// The answer, then some other pause.
    Closed(Sampler),
}

/// A group of users at work.
#[derive(Clone, Debug)]
pub struct Users {
    me: StationIdx,
    share: f64,
    /// These are attackers: requests per second, and clients that they come from.
    attack: Option<(f64, u32)>,
    /// Place of their region in `Measurements::regions`.
    region: Option<usize>,
    /// Place of what they ask for in `Core::demand`.
    demand: usize,
    pacing: Pacing,
    clock: HazardClock,
    thinking_stream: Stream,
    requests_stream: Stream,
    /// Users of this group now.
    population: u64,
    /// Grows when the users change their model; what was begun under another one no longer counts.
    era: Token,
    /// Closed: users who think at the moment.
    thinking: u64,
    /// Closed: users who will leave when they come back, because there are to be fewer.
    leaving: u64,
    patience: Option<SimDuration>,
    deadlines: Deadlines,
    /// Upper bounds of the classes on [0, 1), by position in [`RequestClass::ALL`].
    class_bounds: [f64; RequestClass::ALL.len()],
    popularity: Arc<Popularity>,
    /// Of static files, which are no items.
    file_popularity: Arc<Popularity>,
    hot_key_share: f64,
    /// Ways for requests, and for static files if they have one of their own.
    routes: Vec<(LinkIdx, StationIdx)>,
    static_routes: Vec<(LinkIdx, StationIdx)>,
    upload_routes: Vec<(LinkIdx, StationIdx)>,
    /// Ways for static files that are left for the usual one when they fail.
    with_fallback: Vec<LinkIdx>,
    next_route: u32,
    next_static_route: u32,
    resolution: Option<Resolution>,
    /// The curve that demand follows; `None` if it is level.
    tide: Option<Box<Tide>>,
    tide_token: Token,
    /// Files that a browser loads after a page, and the share of users without one.
    static_per_page: f64,
    app_share: f64,
    /// Whether they are drawn no longer.
    is_gone: bool,
    live_routes: Vec<(LinkIdx, StationIdx)>,
    next_live_route: u32,
    live: Live,
}

/// How long connections of these users are open, and when they are opened again after they broke.
#[derive(Clone, Debug)]
struct Live {
    time: Sampler,
    pause: f64,
    longest_pause: f64,
    jitter: f64,
}

/// How these users find an address.
#[derive(Clone, Debug)]
struct Resolution {
    link: LinkIdx,
    service: StationIdx,
    ttl: SimDuration,
    /// What each resolver has kept, and until when.
    kept: Vec<(SimTime, u32)>,
}

impl Users {
    pub(super) fn start(&mut self, core: &mut Core) {
        self.set_users(core);
    }

    /// Follows the number of registered users, and the curve of demand.
    pub(super) fn set_users(&mut self, core: &mut Core) {
        let factor = self.follow_tide(core);
        let wanted = (core.users as f64 * self.share * factor + 0.5) as u64;
        let before = core::mem::replace(&mut self.population, wanted);
        match self.pacing {
            Pacing::Open(_) => {}
            Pacing::ClosedMemoryless(_) => {
                if wanted > before {
                    self.add_thinkers(wanted - before);
                } else {
                    let gone = (before - wanted).min(self.thinking);
                    self.thinking -= gone;
                    self.leaving += before - wanted - gone;
                }
            }
            Pacing::Closed(ref sampler) => {
                if wanted > before {
                    let stay = self.leaving.min(wanted - before);
                    self.leaving -= stay;
                    for _ in 0..wanted - before - stay {
                        let pause = sampler.sample(&mut self.thinking_stream);
                        core.set_timer(self.me, pause, Timer::ThinkingEnds, self.era);
                    }
                } else {
                    self.leaving += before - wanted;
                }
            }
        }
        self.set_clock(core);
    }

    /// Makes sure that the next turn of the curve is met. Gives the multiple of closed users now: open ones keep their
    /// number and change their rate.
    fn follow_tide(&mut self, core: &mut Core) -> f64 {
        let Some(tide) = &mut self.tide else { return 1.0 };
        tide.turn(core.now);
        let is_open = matches!(self.pacing, Pacing::Open(_));
        let users = core.users as f64 * self.share;
        let after = if is_open { tide.until_turn(core.now) } else { tide.until_recount(core.now, users) };
        let factor = if is_open { 1.0 } else { tide.factor(core.now) };
        self.tide_token = self.tide_token.wrapping_add(1);
        if let Some(after) = after {
            let after = after.max(SimDuration::from_nanos(1));
            core.set_timer(self.me, after, Timer::TrafficTurn, self.tide_token);
        }
        factor
    }

    fn add_thinkers(&mut self, n: u64) {
        let stay = self.leaving.min(n);
        self.leaving -= stay;
        self.thinking += n - stay;
    }

    fn set_clock(&mut self, core: &mut Core) {
        let (rate, slope) = match self.pacing {
            Pacing::Open(_) if self.attack.is_some() => (self.attack.map_or(0.0, |(rate, _)| rate), 0.0),
            Pacing::Open(per_user) => {
                let level = core.users as f64 * self.share * per_user;
                self.tide.as_ref().map_or((level, 0.0), |tide| (level * tide.factor(core.now), level * tide.slope()))
            }
            Pacing::ClosedMemoryless(think_secs) => (self.thinking as f64 / think_secs, 0.0),
            Pacing::Closed(_) => (0.0, 0.0),
        };
        if let Some(after) = self.clock.set_course(core.now, rate, slope) {
            core.set_timer(self.me, after, Timer::NextRequest, self.clock.token);
        }
    }

    /// The next of them wants something.
    pub(super) fn on_next_request(&mut self, core: &mut Core, token: Token) {
        if token != self.clock.token & TOKEN_MASK {
            return;
        }
        let next = self.clock.ring(core.now);
        if let Pacing::ClosedMemoryless(_) = self.pacing {
            self.thinking -= 1;
            self.set_clock(core);
        } else if let Some(after) = next {
            core.set_timer(self.me, after, Timer::NextRequest, self.clock.token);
        }
        self.ask_here(core);
    }

    pub(super) fn on_timer(&mut self, core: &mut Core, timer: Timer, token: Token) {
        match timer {
            Timer::ThinkingEnds if token == self.era && matches!(self.pacing, Pacing::Closed(_)) => {
                if self.leaving > 0 {
                    self.leaving -= 1;
                } else {
                    self.ask(core);
                }
            }
            Timer::TrafficTurn if token == self.tide_token & TOKEN_MASK => self.set_users(core),
            _ => {}
        }
    }

    /// A user wants something.
    #[inline(never)]
    fn ask(&mut self, core: &mut Core) {
        self.ask_here(core);
    }

    #[allow(clippy::inline_always, reason = "nearly all users are drawn by one clock")]
    #[inline(always)]
    fn ask_here(&mut self, core: &mut Core) {
        let class = self.requests_stream.uniform();
        let position = self.class_bounds.iter().position(|&bound| class < bound);
        let class = position.map_or(RequestClass::Read, |position| RequestClass::ALL[position]);
        let key = self.draw_key(class);
        let client = match self.attack {
            None => self.requests_stream.below(u32::try_from(self.population).unwrap_or(u32::MAX)),
            // Nobody among the users has such a number.
            Some((_, clients)) => u32::MAX - self.requests_stream.below(clients),
        };
        let open_millis = match class {
            RequestClass::Live => milliseconds(self.live.time.sample(&mut self.requests_stream)),
            _ => 0,
        };
        let idx = core.calls.claim();
        let root = &mut core.calls[idx];
        *root = Call {
            generation: root.generation,
            class,
            key,
            client,
            version: open_millis,
            answer: self.era,
            is_attack: self.attack.is_some(),
            ..Call::new(self.me, NO_LINK, Operation::Serve, core.now)
        };
        core.calls.note_caller(idx, CallIdx::NONE);
        self.begin_here(core, idx);
    }

    /// What a request of a class asks for.
    fn draw_key(&mut self, class: RequestClass) -> u32 {
        if matches!(class, RequestClass::Static | RequestClass::Upload) {
            return self.file_popularity.sample(&mut self.requests_stream);
        }
        let key = self.popularity.sample(&mut self.requests_stream);
        let is_hot = self.hot_key_share > 0.0 && self.requests_stream.uniform() < self.hot_key_share;
        if is_hot { 0 } else { key }
    }

    /// Sends a user's request on its way.
    #[inline(never)]
    fn begin(&mut self, core: &mut Core, idx: CallIdx) {
        self.begin_here(core, idx);
    }

    #[allow(clippy::inline_always, reason = "nearly every request begins when a user wants something")]
    #[inline(always)]
    fn begin_here(&mut self, core: &mut Core, idx: CallIdx) {
        let root = &mut core.calls[idx];
        root.stage = Stage::Calling;
        let class = root.class;
        if !root.is_attack {
            if core.tracer.samples(core.requests) {
                let (component, _) = core.identities[self.me.0 as usize];
                root.trace = core.tracer.begin(core.requests, class, component, core.now);
            }
            core.requests += 1;
            core.in_flight.add(core.now, 1);
            core.demand[self.demand].classes[class as usize].arrivals += 1;
            if let Some(region) = self.region {
                core.window.regions[region].arrivals += 1;
            }
        }
        let levels = &mut core.levels[self.me.0 as usize];
        levels.arrivals += 1;
        levels.in_system.add(core.now, 1);
        if let Some(patience) = self.patience {
            core.calls[idx].deadline = core.now + patience;
            self.deadlines.insert(&mut core.calls, idx);
            self.wake_for_patience(core);
        }
        let (routes, next) = match class {
            RequestClass::Static => (&self.static_routes, &mut self.next_static_route),
            RequestClass::Upload => (&self.upload_routes, &mut self.next_static_route),
            RequestClass::Live => (&self.live_routes, &mut self.next_live_route),
            _ if self.resolution.is_none() => (&self.routes, &mut self.next_route),
            _ => {
                self.resolve(core, idx);
                return;
            }
        };
        if routes.is_empty() {
            self.resolve(core, idx);
        } else {
            let turn = in_turn(*next, routes.len() as u32);
            *next = turn + 1;
            let (link, target) = routes[turn as usize];
            core.send_here(idx, link, target, Operation::Serve);
        }
    }

    /// Finds out whom to talk to: from the resolver if it still knows, else from the DNS service.
    #[inline(never)]
    fn resolve(&mut self, core: &mut Core, idx: CallIdx) {
        let Some(resolution) = &self.resolution else {
            let n = self.routes.len() as u32;
            if n == 0 {
                self.finish(core, idx, Outcome::Unavailable);
                return;
            }
            let turn = in_turn(self.next_route, n);
            self.next_route = turn + 1;
            let (link, target) = self.routes[turn as usize];
            core.send(idx, link, target, Operation::Serve);
            return;
        };
        let resolver = self.requests_stream.below(resolution.kept.len() as u32);
        let (until, component) = resolution.kept[resolver as usize];
        if until > core.now {
            core.window.stations[resolution.service.0 as usize].hits += 1;
            self.send_to(core, idx, component);
        } else {
            core.calls[idx].memo = resolver;
            core.send(idx, resolution.link, resolution.service, Operation::Resolve);
        }
    }

    /// Sends a request to one instance of the component that an address belongs to.
    fn send_to(&mut self, core: &mut Core, idx: CallIdx, component: u32) {
        let n = self.routes.len() as u32;
        let route = (0..n)
            .map(|step| in_turn(self.next_route + step, n))
            .find(|&position| core.links[self.routes[position as usize].0.0 as usize].to.0 == component);
        match route {
            Some(position) => {
                self.next_route = position + 1;
                let (link, target) = self.routes[position as usize];
                core.send(idx, link, target, Operation::Serve);
            }
            None => self.finish(core, idx, Outcome::Unavailable),
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, idx: CallIdx, reply: &Reply) {
        self.on_reply_here(core, idx, *reply);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every answer comes here, from one place")]
    #[inline(always)]
    pub(super) fn on_reply_here(&mut self, core: &mut Core, idx: CallIdx, reply: Reply) {
        if core.calls[idx].is_open() {
            self.on_closed(core, idx, reply.outcome);
            return;
        }
        core.calls[idx].stale |= reply.stale;
        if reply.operation == Operation::Resolve && reply.outcome.is_success() {
            self.learn_address(core, idx, reply.answer);
        } else if !reply.outcome.is_success() && self.with_fallback.contains(&reply.link) {
            self.resolve(core, idx);
        } else {
            self.finish(core, idx, reply.outcome);
        }
    }

    /// The DNS service has told a resolver an address.
    #[inline(never)]
    fn learn_address(&mut self, core: &mut Core, idx: CallIdx, component: u32) {
        if let Some(resolution) = &mut self.resolution
            && let Some(kept) = resolution.kept.get_mut(core.calls[idx].memo as usize)
        {
            *kept = (core.now + resolution.ttl, component);
        }
        self.send_to(core, idx, component);
    }

    /// Users whose patience is at its end give up; what was begun for them goes on being done for nobody.
    pub(super) fn on_patience_lost(&mut self, core: &mut Core) {
        while let Some(idx) = self.deadlines.pop_due(&mut core.calls, core.now) {
            self.finish(core, idx, Outcome::Abandoned);
        }
        self.deadlines.wake = SimTime::NEVER;
        self.wake_for_patience(core);
    }

    fn wake_for_patience(&mut self, core: &mut Core) {
        let first = self.deadlines.next_at(&core.calls);
        if first < self.deadlines.wake {
            self.deadlines.wake = first;
            core.calendar.schedule(first, Event::Patience(self.me));
        }
    }

    /// They are no longer drawn: they stop asking, and give up what they have asked.
    pub(super) fn retire(&mut self, core: &mut Core, roots: &[CallIdx]) {
        self.share = 0.0;
        self.tide = None;
        self.pacing = Pacing::Open(0.0);
        self.era = (self.era + 1) & TOKEN_MASK;
        self.set_users(core);
        self.is_gone = true;
        for &root in roots {
            let call = &core.calls[root];
            if call.is_open() || call.stage == Stage::Pausing {
                core.calls.remove(root);
            } else {
                self.finish(core, root, Outcome::Abandoned);
            }
        }
    }

    /// A connection that a user wanted is open, which took the time that `split` tells: the request has been answered.
    pub(super) fn on_opened(&mut self, core: &mut Core, idx: CallIdx, split: Split) {
        let below = &mut core.calls[idx].below;
        *below += split;
        self.record_end(core, idx, Outcome::Answered);
        let root = &mut core.calls[idx];
        let era = core::mem::replace(&mut root.answer, NO_ERA);
        root.phase = OPEN;
        root.attempt = 0;
        root.since = core.now;
        root.trace = NO_TRACE;
        if era == self.era {
            self.rest(core);
        }
    }

    /// An open connection has ended: its user had enough of it, or it broke and is opened again for the time that is left.
    fn on_closed(&mut self, core: &mut Core, idx: CallIdx, outcome: Outcome) {
        let root = &mut core.calls[idx];
        let lasted = milliseconds(core.now.since(root.since));
        root.version = root.version.saturating_sub(lasted).max(1);
        if !outcome.is_success() {
            self.plan_reconnect(core, idx);
        }
        core.calls.remove(idx);
    }

    /// After a pause the user of a connection that broke, or could not be opened, tries again.
    #[inline(never)]
    fn plan_reconnect(&mut self, core: &mut Core, idx: CallIdx) {
        if self.is_gone {
            return;
        }
        let before = &core.calls[idx];
        let (client, key, version, tries) = (before.client, before.key, before.version, before.attempt);
        let mut again = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
        again.class = RequestClass::Live;
        again.stage = Stage::Pausing;
        (again.client, again.key, again.version) = (client, key, version);
        again.is_attack = before.is_attack;
        again.attempt = tries.saturating_add(1);
        // The user does other things meanwhile: nobody rests when it is over.
        again.answer = NO_ERA;
        let pause = (self.live.pause * f64::from(1_u32 << u32::from(tries).min(20))).min(self.live.longest_pause);
        let spread = 1.0 + self.live.jitter * (2.0 * self.requests_stream.uniform() - 1.0);
        let again = core.calls.insert(again);
        // Not at this very moment, so that a client that is refused at once does not ask for ever within it.
        let pause = SimDuration::from_secs_f64(pause * spread).max(SimDuration::from_millis(1));
        core.schedule(pause, Event::Send(again));
    }

    /// The pause is over.
    pub(super) fn on_reconnect(&mut self, core: &mut Core, idx: CallIdx) {
        if self.is_gone {
            core.calls.remove(idx);
            return;
        }
        let root = &mut core.calls[idx];
        root.sent = core.now;
        root.arrived = core.now;
        root.since = core.now;
        self.begin(core, idx);
    }

    fn finish(&mut self, core: &mut Core, idx: CallIdx, outcome: Outcome) {
        self.record_end(core, idx, outcome);
        let root = &core.calls[idx];
        let (class, era, client) = (root.class, root.answer, root.client);
        if class == RequestClass::Live && !outcome.is_success() {
            self.plan_reconnect(core, idx);
        }
        core.calls.remove(idx);
        if era == self.era {
            self.rest(core);
        }
        let is_page = !matches!(class, RequestClass::Static | RequestClass::Live);
        if self.static_per_page > 0.0 && outcome.is_success() && is_page {
            self.load_files(core, client);
        }
    }

    /// Counts a request that has ended.
    #[allow(clippy::inline_always, reason = "nearly every request ends in one place")]
    #[inline(always)]
    fn record_end(&mut self, core: &mut Core, idx: CallIdx, outcome: Outcome) {
        self.deadlines.remove(&mut core.calls, idx);
        let root = &core.calls[idx];
        let latency = core.now.since(root.sent);
        let (class, trace, stale) = (root.class, root.trace, root.stale);
        let is_degraded = root.degraded && outcome.is_success();
        let split = root.split();
        let is_attack = root.is_attack;
        if !is_attack {
            core.in_flight.add(core.now, -1);
            let counts = &mut core.demand[self.demand].classes[class as usize];
            counts.record_end(outcome, latency, split, stale);
            counts.degraded += u64::from(is_degraded);
            if let Some(region) = self.region {
                let counts = &mut core.window.regions[region];
                counts.record_elsewhere(outcome, latency, split, stale);
                counts.degraded += u64::from(is_degraded);
            }
        }
        core.window.stations[self.me.0 as usize].outcomes.record(outcome);
        if is_attack && outcome.is_success() {
            self.record_attack(core, latency, split);
        }
        core.levels[self.me.0 as usize].in_system.add(core.now, -1);
        if trace != NO_TRACE {
            core.tracer.finish(trace, core.now, outcome, stale);
        }
    }

    /// Counts the times of an attacker's request, which is no demand.
    #[inline(never)]
    fn record_attack(&self, core: &mut Core, latency: SimDuration, split: Split) {
        let station = &mut core.window.stations[self.me.0 as usize];
        station.wait.record_or_none(split.waiting);
        station.service.record(split.service);
        station.response.record(latency);
    }

    /// A page has come: a browser loads the static files that belong to it.
    #[inline(never)]
    fn load_files(&mut self, core: &mut Core, client: u32) {
        // A user has the same device all day, so it follows from who they are.
        if (mix(u64::from(client)) >> 40) as f64 * (1.0 / (1_u64 << 24) as f64) < self.app_share {
            return;
        }
        let whole = libm::floor(self.static_per_page);
        let rest = self.static_per_page - whole;
        let one_more = rest > 0.0 && self.requests_stream.uniform() < rest;
        for _ in 0..whole as u32 + u32::from(one_more) {
            let mut root = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
            root.class = RequestClass::Static;
            root.client = client;
            // Nobody thinks about a file: it belongs to no era.
            root.answer = NO_ERA;
            root.key = self.draw_key(RequestClass::Static);
            let idx = core.calls.insert(root);
            self.begin(core, idx);
        }
    }

    /// A closed user has what it waited for, and thinks.
    #[inline]
    fn rest(&mut self, core: &mut Core) {
        if !matches!(self.pacing, Pacing::Open(_)) {
            self.think(core);
        }
    }

    fn think(&mut self, core: &mut Core) {
        if self.leaving > 0 {
            self.leaving -= 1;
            return;
        }
        match &self.pacing {
            Pacing::Open(_) => {}
            Pacing::ClosedMemoryless(_) => {
                self.thinking += 1;
                self.set_clock(core);
            }
            Pacing::Closed(sampler) => {
                let pause = sampler.sample(&mut self.thinking_stream);
                core.set_timer(self.me, pause, Timer::ThinkingEnds, self.era);
            }
        }
    }
}

/// Whole milliseconds of a span, one at least.
fn milliseconds(span: SimDuration) -> u32 {
    u32::try_from(span.as_nanos() / 1_000_000).unwrap_or(u32::MAX).max(1)
}
