//! Users: where requests come from and where they end.
//!
//! Open users send at a rate that does not depend on the answers (Poisson). Closed users wait, think and ask again: with
//! exponential thinking the next of all thinkers is drawn at once, so a hundred million of them cost no more than one;
//! with any other think time each has a timer of its own.

use std::sync::Arc;

use super::{Setup, dns};
use crate::design::LinkRole;
use crate::design::kind::users::{DemandModel, Users as Config};
use crate::distribution::Distribution;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, Deadlines, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{Event, TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::hazard::HazardClock;
use crate::sim::popularity::Popularity;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::{SimDuration, SimTime};

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
    hot_key_share: f64,
    /// Ways for requests, and for static files if they have one of their own.
    routes: Vec<(LinkIdx, StationIdx)>,
    static_routes: Vec<(LinkIdx, StationIdx)>,
    next_route: u32,
    next_static_route: u32,
    resolution: Option<Resolution>,
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
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut users = Self {
            me: setup.me,
            share: 0.0,
            pacing: Pacing::Open(0.0),
            clock: HazardClock::new(stream(Purpose::Arrivals)),
            thinking_stream: stream(Purpose::Thinking),
            requests_stream: stream(Purpose::Requests),
            population: 0,
            era: 0,
            thinking: 0,
            leaving: 0,
            patience: None,
            deadlines: Deadlines::default(),
            class_bounds: [1.0; RequestClass::ALL.len()],
            popularity: Arc::new(Popularity::new(1, 0.0)),
            hot_key_share: 0.0,
            routes: Vec::new(),
            static_routes: Vec::new(),
            next_route: 0,
            next_static_route: 0,
            resolution: None,
        };
        users.read(core, setup, config);
        users
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        let pacing_before = self.pacing.clone();
        self.read(core, setup, config);
        if core::mem::discriminant(&pacing_before) != core::mem::discriminant(&self.pacing) {
            self.era = (self.era + 1) & TOKEN_MASK;
            self.clock.set_rate(core.now, 0.0);
            self.population = 0;
            self.thinking = 0;
            self.leaving = 0;
        }
        self.set_users(core);
    }

    fn read(&mut self, core: &Core, setup: &Setup<'_>, config: &Config) {
        self.share = setup.user_share;
        self.pacing = match (&config.demand_model, &config.think_time) {
            (DemandModel::Open, _) => Pacing::Open(config.requests_per_user_per_sec),
            (DemandModel::Closed, Distribution::Exponential { mean_secs }) if *mean_secs > 0.0 => {
                Pacing::ClosedMemoryless(*mean_secs)
            }
            (DemandModel::Closed, time) => Pacing::Closed(Sampler::new(time)),
        };
        self.patience = config.patience_secs.map(SimDuration::from_secs_f64);
        self.class_bounds = class_bounds(config);
        if !self.popularity.is(config.keys, config.key_exponent) {
            self.popularity = Arc::new(Popularity::new(config.keys, config.key_exponent));
        }
        self.hot_key_share = config.hot_key_share;
        self.routes = setup.targets(core, |role| role == LinkRole::Requests);
        self.static_routes = setup.targets(core, |role| role == LinkRole::Static);
        let kept = self.resolution.take().map(|resolution| resolution.kept).unwrap_or_default();
        let link = setup.links(core, LinkRole::Resolve).next();
        self.resolution =
            link.and_then(|link| Some((link, *core.links[link.0 as usize].targets.first()?))).map(|(link, service)| {
                let (ttl_secs, resolvers) = dns::caching(setup, core, service);
                let mut kept = kept;
                kept.resize(resolvers.max(1) as usize, (SimTime::ZERO, 0));
                // An edit may leave no way to an address: whoever draws it expects users to ask again at once.
                for (until, component) in &mut kept {
                    if !self.routes.iter().any(|(route, _)| core.links[route.0 as usize].to.0 == *component) {
                        *until = SimTime::ZERO;
                    }
                }
                Resolution { link, service, ttl: SimDuration::from_secs_f64(ttl_secs), kept }
            });
    }

    pub(super) fn start(&mut self, core: &mut Core) {
        self.set_users(core);
    }

    /// Follows the number of registered users.
    pub(super) fn set_users(&mut self, core: &mut Core) {
        let wanted = (core.users as f64 * self.share + 0.5) as u64;
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

    fn add_thinkers(&mut self, n: u64) {
        let stay = self.leaving.min(n);
        self.leaving -= stay;
        self.thinking += n - stay;
    }

    fn set_clock(&mut self, core: &mut Core) {
        let rate = match self.pacing {
            Pacing::Open(per_user) => core.users as f64 * self.share * per_user,
            Pacing::ClosedMemoryless(think_secs) => self.thinking as f64 / think_secs,
            Pacing::Closed(_) => 0.0,
        };
        if let Some(after) = self.clock.set_rate(core.now, rate) {
            core.set_timer(self.me, after, Timer::NextRequest, self.clock.token);
        }
    }

    pub(super) fn on_timer(&mut self, core: &mut Core, timer: Timer, token: Token) {
        match timer {
            Timer::NextRequest if token == self.clock.token & TOKEN_MASK => {
                let next = self.clock.ring(core.now);
                if let Pacing::ClosedMemoryless(_) = self.pacing {
                    self.thinking -= 1;
                    self.set_clock(core);
                } else if let Some(after) = next {
                    core.set_timer(self.me, after, Timer::NextRequest, self.clock.token);
                }
                self.ask(core);
            }
            Timer::ThinkingEnds if token == self.era && matches!(self.pacing, Pacing::Closed(_)) => {
                if self.leaving > 0 {
                    self.leaving -= 1;
                } else {
                    self.ask(core);
                }
            }
            _ => {}
        }
    }

    /// A user wants something.
    fn ask(&mut self, core: &mut Core) {
        let mut root = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
        root.stage = Stage::Calling;
        root.answer = self.era;
        let class = self.requests_stream.uniform();
        let position = self.class_bounds.iter().position(|&bound| class < bound);
        root.class = position.map_or(RequestClass::Read, |position| RequestClass::ALL[position]);
        root.key = self.popularity.sample(&mut self.requests_stream);
        if self.hot_key_share > 0.0 && self.requests_stream.uniform() < self.hot_key_share {
            root.key = 0;
        }
        root.client = self.requests_stream.below(u32::try_from(self.population).unwrap_or(u32::MAX));
        let (component, _) = core.identities[self.me.0 as usize];
        root.trace = core.tracer.begin(core.requests, root.class, component, core.now);
        core.requests += 1;
        core.window.classes[root.class as usize].arrivals += 1;
        core.window.stations[self.me.0 as usize].arrivals += 1;
        core.levels[self.me.0 as usize].in_system.add(core.now, 1);
        core.in_flight.add(core.now, 1);
        if let Some(patience) = self.patience {
            root.deadline = core.now + patience;
        }
        let has_deadline = root.deadline != SimTime::NEVER;
        let is_static = root.class == RequestClass::Static;
        let idx = core.calls.insert(root);
        if has_deadline {
            self.deadlines.insert(&mut core.calls, idx);
            self.wake_for_patience(core);
        }
        if is_static && !self.static_routes.is_empty() {
            let turn = self.next_static_route as usize % self.static_routes.len();
            self.next_static_route = turn as u32 + 1;
            let (link, target) = self.static_routes[turn];
            core.send(idx, link, target, Operation::Serve);
        } else {
            self.resolve(core, idx);
        }
    }

    /// Finds out whom to talk to: from the resolver if it still knows, else from the DNS service.
    fn resolve(&mut self, core: &mut Core, idx: CallIdx) {
        let Some(resolution) = &self.resolution else {
            let n = self.routes.len();
            if n == 0 {
                self.finish(core, idx, Outcome::Unavailable);
                return;
            }
            let turn = self.next_route as usize % n;
            self.next_route = turn as u32 + 1;
            let (link, target) = self.routes[turn];
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
            .map(|step| (self.next_route + step) % n)
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
        core.calls[idx].stale |= reply.stale;
        if reply.operation == Operation::Resolve && reply.outcome.is_success() {
            if let Some(resolution) = &mut self.resolution
                && let Some(kept) = resolution.kept.get_mut(core.calls[idx].memo as usize)
            {
                *kept = (core.now + resolution.ttl, reply.answer);
            }
            self.send_to(core, idx, reply.answer);
        } else {
            self.finish(core, idx, reply.outcome);
        }
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
        self.pacing = Pacing::Open(0.0);
        self.era = (self.era + 1) & TOKEN_MASK;
        self.set_users(core);
        for &root in roots {
            self.finish(core, root, Outcome::Abandoned);
        }
    }

    fn finish(&mut self, core: &mut Core, idx: CallIdx, outcome: Outcome) {
        self.deadlines.remove(&mut core.calls, idx);
        let root = &core.calls[idx];
        let latency = core.now.since(root.sent);
        let (class, trace, stale, era) = (root.class, root.trace, root.stale, root.answer);
        let counts = &mut core.window.classes[class as usize];
        counts.outcomes.record(outcome);
        let station = &mut core.window.stations[self.me.0 as usize];
        station.outcomes.record(outcome);
        if outcome.is_success() {
            counts.latency.record(latency);
            counts.stale += u64::from(stale);
            station.response.record(latency);
        }
        core.levels[self.me.0 as usize].in_system.add(core.now, -1);
        core.in_flight.add(core.now, -1);
        core.tracer.finish(trace, core.now, outcome, stale);
        core.calls.remove(idx);
        if era == self.era {
            self.rest(core);
        }
    }

    /// A closed user has what it waited for, and thinks.
    fn rest(&mut self, core: &mut Core) {
        if matches!(self.pacing, Pacing::Open(_)) {
            return;
        }
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

/// Where each class ends when their shares are laid one after the other on [0, 1).
fn class_bounds(config: &Config) -> [f64; RequestClass::ALL.len()] {
    let mut sum = 0.0;
    let sums = RequestClass::ALL.map(|class| {
        sum += match class {
            RequestClass::Read => config.read_share,
            RequestClass::Write => config.write_share,
            RequestClass::Static => config.static_share,
            RequestClass::Upload => config.upload_share,
            RequestClass::Job => config.job_share,
            RequestClass::Live => 0.0,
        };
        sum
    });
    if sum > 0.0 { sums.map(|bound| bound / sum) } else { [1.0; RequestClass::ALL.len()] }
}
