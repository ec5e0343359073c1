//! Load balancer: hands each request to exactly one target, holds the client's connection until that answers, and
//! stops using targets that fail their health checks or too many requests in a row.
//!
//! A health check costs the target nothing and takes no time; it sees at once whether an answer would come within its
//! timeout. It looks whether a target answers at all, not whether what it answers is right: that is what outlier
//! ejection is for.
//!
//! # Sources
//! Smooth weighted round robin as in nginx; two choices: M. Mitzenmacher, *The Power of Two Choices in Randomized Load
//! Balancing* (1996); least time: Finagle's peak EWMA; outlier ejection as in Envoy (consecutive failures).

mod methods;

use rustc_hash::FxHashMap;

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::load_balancer::{BalancingLayer, BalancingMethod, HashOn, LoadBalancer as Config};
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::hash_ring::HashRing;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::token_bucket::TokenBucket;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Happening, Outcome, Particulars};
use crate::units::{SimDuration, SimTime};

/// Time over which what is known of a target's speed fades [s]: Finagle's decay time.
const EWMA_FADES_SECS: f64 = 10.0;
/// What answering a health check takes a target.
const CHECK_WORK: SimDuration = SimDuration::from_millis(1);
/// Share that a target gets at least while it starts slowly: Envoy's `min_weight_percent`.
const LEAST_START_SHARE: f64 = 0.1;
/// Each ejection lasts longer by the first one's time, up to so many times: Envoy's 300 s over 30 s.
const LONGEST_EJECTION: u32 = 10;

/// What the balancer knows of one target.
#[derive(Clone, Debug)]
struct Target {
    link: LinkIdx,
    station: StationIdx,
    /// Against those of the others.
    weight: f64,
    /// Requests given to it and not answered yet.
    in_flight: u32,
    is_healthy: bool,
    /// Checks in a row that spoke against its present state.
    contrary_checks: u32,
    /// Failed requests in a row.
    failures: u32,
    /// How often it has been left out for its failures.
    ejections: u32,
    /// Left out for its failures until then.
    out_until: Option<SimTime>,
    /// Since when it has been used again, if it starts slowly.
    fresh_since: Option<SimTime>,
    /// Whether requests go there at present.
    is_used: bool,
    /// Credit for smooth weighted round robin.
    credit: f64,
    /// Time that answers took of late, slow ones weighing most [s].
    peak_secs: f64,
    peak_at: SimTime,
}

/// What it does about targets that fail requests.
#[derive(Clone, Copy, Debug)]
struct Outliers {
    failures: u32,
    base: SimDuration,
    max_share: f64,
}

/// A load balancer at work.
#[derive(Clone, Debug)]
pub struct LoadBalancer {
    me: StationIdx,
    pub(super) machine: Machine,
    work: Sampler,
    service: Stream,
    choice: Stream,
    method: BalancingMethod,
    layer: BalancingLayer,
    allowance: Option<TokenBucket>,
    check_interval: SimDuration,
    check_timeout: SimDuration,
    unhealthy_threshold: u32,
    healthy_threshold: u32,
    outliers: Option<Outliers>,
    slow_start: Option<SimDuration>,
    panic_threshold: f64,
    targets: Vec<Target>,
    /// Positions of the targets in use.
    used: Vec<u32>,
    /// Number of the change of the registry that `used` follows.
    registry: u32,
    /// Whether all targets in use have the same weight and started long ago.
    is_even: bool,
    /// Whether all targets in use simply take turns.
    takes_turns: bool,
    /// Position in `targets` by station.
    position: Vec<u32>,
    next: u32,
    token: Token,
    ring: HashRing,
    hash_on: HashOn,
    load_bound: Option<f64>,
    sticky: Option<SimDuration>,
    /// Target of each client, and until when it keeps it; only looked up.
    clients: FxHashMap<u32, (StationIdx, SimTime)>,
}

impl LoadBalancer {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut balancer = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            work: Sampler::new(&config.request_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            choice: Stream::of_component(core.seed, component, instance, Purpose::Choice),
            method: config.method,
            layer: config.layer,
            allowance: None,
            check_interval: SimDuration::ZERO,
            check_timeout: SimDuration::ZERO,
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            outliers: None,
            slow_start: None,
            panic_threshold: 0.0,
            targets: Vec::new(),
            used: Vec::new(),
            registry: 0,
            is_even: true,
            takes_turns: false,
            position: Vec::new(),
            next: 0,
            token: 0,
            ring: HashRing::default(),
            hash_on: config.hash_on,
            load_bound: None,
            sticky: None,
            clients: FxHashMap::default(),
        };
        balancer.configure(core, setup, config);
        balancer
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: config.connection_limit,
            queue_limit: Some(0),
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        let secs = SimDuration::from_secs_f64;
        self.layer = config.layer;
        self.work = Sampler::new(match config.layer {
            BalancingLayer::Application => &config.request_work,
            BalancingLayer::Transport => &config.forward_work,
        });
        self.method = config.method;
        self.check_interval = secs(config.health_check_interval_secs);
        self.check_timeout = secs(config.health_check_timeout_secs);
        self.unhealthy_threshold = config.unhealthy_threshold;
        self.healthy_threshold = config.healthy_threshold;
        self.slow_start = config.slow_start_secs.map(secs);
        self.panic_threshold = config.panic_threshold;
        self.hash_on = config.hash_on;
        self.load_bound = config.ring_load_bound;
        self.sticky = config.sticky_secs.map(secs);
        self.outliers = config.outlier_failures.map(|failures| Outliers {
            failures,
            base: secs(config.outlier_ejection_secs),
            max_share: config.outlier_max_share,
        });
        match (&mut self.allowance, config.rate_limit_per_sec) {
            (Some(allowance), Some(rate)) => allowance.configure(rate, rate.max(1.0)),
            (allowance, rate) => *allowance = rate.map(|rate| TokenBucket::new(rate, rate.max(1.0), core.now)),
        }
        self.take_targets(core, setup);
        if config.method == BalancingMethod::ConsistentHash {
            let point = |(position, target): (u32, &Target)| {
                let (component, instance) = core.identities[target.station.0 as usize];
                let identity = (u64::from(component.0) << 32) | u64::from(instance);
                (position, identity, (f64::from(config.ring_points) * target.weight) as u32)
            };
            self.ring = HashRing::new((0..).zip(&self.targets).map(point));
        }
        self.list_used(core);
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    /// A new target is used at once; those that stay keep what is known of them.
    fn take_targets(&mut self, core: &mut Core, setup: &Setup<'_>) {
        let before = core::mem::take(&mut self.targets);
        let fresh_since = (core.now > SimTime::ZERO).then_some(core.now);
        for (link, station) in setup.targets(core, |role| role == LinkRole::Requests) {
            let state = &mut core.links[link.0 as usize];
            let weight = state.weight;
            if self.layer == BalancingLayer::Transport {
                state.forbid_retries();
            }
            let known = before.iter().find(|target| target.station == station);
            self.targets.push(known.map_or(
                Target {
                    link,
                    station,
                    weight,
                    in_flight: 0,
                    is_healthy: true,
                    contrary_checks: 0,
                    failures: 0,
                    ejections: 0,
                    out_until: None,
                    fresh_since,
                    is_used: true,
                    credit: 0.0,
                    peak_secs: 0.0,
                    peak_at: core.now,
                },
                |target| Target { link, weight, ..target.clone() },
            ));
        }
        self.position = vec![u32::MAX; core.identities.len()];
        for (position, target) in (0..).zip(&self.targets) {
            self.position[target.station.0 as usize] = position;
        }
    }

    pub(super) fn start(&mut self, core: &mut Core) {
        self.token = self.token.wrapping_add(1);
        core.set_timer(self.me, self.check_interval, Timer::HealthCheck, self.token);
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if let Some(allowance) = &mut self.allowance
            && !allowance.take(core.now)
        {
            core.answer(call, Outcome::RateLimited);
        } else if self.machine.arrive_here(core, call) {
            self.begin_here(core, call);
        }
    }

    #[inline(never)]
    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        self.begin_here(core, call);
    }

    #[allow(clippy::inline_always, reason = "nearly every call is begun when it arrives")]
    #[inline(always)]
    fn begin_here(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.work.sample_here(&mut self.service);
        if work.is_zero() && self.machine.has_idle_core() {
            // Handing it on takes no time, and no event either.
            self.hand_on(core, call);
        } else {
            self.machine.work(core, call, work);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        self.hand_on(core, call);
    }

    #[allow(clippy::inline_always, reason = "nearly every call is handed on when it arrives")]
    #[inline(always)]
    fn hand_on(&mut self, core: &mut Core, call: CallIdx) {
        match self.choose(core, call) {
            Some((link, target)) => {
                core.send_here(call, link, target, Operation::Serve);
            }
            None => self.answer(core, call, Outcome::Unavailable),
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        self.on_reply_here(core, call, *reply);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every answer comes here, from one place")]
    #[inline(always)]
    pub(super) fn on_reply_here(&mut self, core: &mut Core, call: CallIdx, reply: Reply) {
        core.calls[call].stale |= reply.stale;
        core.calls[call].version = reply.version;
        self.answer(core, call, reply.outcome);
    }

    /// A call to `station` has ended, one way or another: with an outcome and after some time, if that is known.
    #[allow(clippy::inline_always, reason = "a part of each answer, which comes from one place")]
    #[inline(always)]
    pub(super) fn note_end(&mut self, core: &mut Core, station: StationIdx, how: Option<(Outcome, SimDuration)>) {
        let Some(target) =
            self.position.get(station.0 as usize).and_then(|&position| self.targets.get_mut(position as usize))
        else {
            return;
        };
        target.in_flight = target.in_flight.saturating_sub(1);
        if let Some((outcome, took)) = how
            && (self.method == BalancingMethod::LeastTime || self.outliers.is_some())
        {
            self.learn(core, station, outcome, took);
        }
    }

    /// Takes in how a target has done, as far as the method or the watch over outliers want to know.
    fn learn(&mut self, core: &mut Core, station: StationIdx, outcome: Outcome, took: SimDuration) {
        let target = &mut self.targets[self.position[station.0 as usize] as usize];
        if self.method == BalancingMethod::LeastTime {
            target.learn(took.as_secs_f64(), core.now);
        }
        if let Some(outliers) = self.outliers {
            if Self::is_failure(self.layer, outcome) {
                target.failures += 1;
                if target.failures >= outliers.failures && target.out_until.is_none() {
                    self.leave_out(core, station, outliers);
                }
            } else {
                target.failures = 0;
            }
        }
    }

    /// What speaks against a target, as far as the layer lets it be seen.
    const fn is_failure(layer: BalancingLayer, outcome: Outcome) -> bool {
        match layer {
            BalancingLayer::Transport => matches!(outcome, Outcome::TargetDown | Outcome::TimedOut | Outcome::Refused),
            BalancingLayer::Application => !matches!(
                outcome,
                Outcome::Answered | Outcome::RateLimited | Outcome::Blocked | Outcome::NoSession | Outcome::CircuitOpen
            ),
        }
    }

    /// Leaves a target out for its failures, unless too many are out already.
    fn leave_out(&mut self, core: &mut Core, station: StationIdx, outliers: Outliers) {
        let n_out = self.targets.iter().filter(|target| target.out_until.is_some()).count();
        if n_out as f64 >= (outliers.max_share * self.targets.len() as f64).floor().max(1.0) {
            return;
        }
        let target = &mut self.targets[self.position[station.0 as usize] as usize];
        target.failures = 0;
        target.ejections += 1;
        let times = target.ejections.min(LONGEST_EJECTION);
        target.out_until = Some(core.now + SimDuration::from_secs_f64(outliers.base.as_secs_f64() * f64::from(times)));
        self.tell(core, station, false);
        self.list_used(core);
    }

    fn tell(&self, core: &mut Core, station: StationIdx, returns: bool) {
        let (component, instance) = core.identities[station.0 as usize];
        let happening = if returns {
            Happening::TargetReturned(component, instance)
        } else {
            Happening::TargetEjected(component, instance)
        };
        core.note(self.me, happening);
    }

    /// Picks the target of a request and counts it there.
    #[inline]
    pub(super) fn choose(&mut self, core: &Core, call: CallIdx) -> Option<(LinkIdx, StationIdx)> {
        if !self.takes_turns || self.registry != core.registry {
            return self.choose_otherwise(core, call);
        }
        let turn = self.take_turn(self.used.len() as u32);
        let target = &mut self.targets[*self.used.get(turn as usize)? as usize];
        target.in_flight += 1;
        Some((target.link, target.station))
    }

    /// The same, where targets do not simply take turns or may be others than before.
    #[inline(never)]
    fn choose_otherwise(&mut self, core: &Core, call: CallIdx) -> Option<(LinkIdx, StationIdx)> {
        if self.registry != core.registry {
            self.list_used(core);
        }
        if self.used.is_empty() {
            return None;
        }
        let client = core.calls[call].client;
        let position = match self.kept(client, core.now) {
            Some(position) => position,
            None => self.pick(core, client, core.calls[call].key)?,
        };
        let target = &mut self.targets[position as usize];
        target.in_flight += 1;
        if let Some(span) = self.sticky {
            let until = core.now + span;
            self.clients.entry(client).or_insert((target.station, until)).0 = target.station;
        }
        Some((target.link, target.station))
    }

    /// The target that a client keeps, if it is in use.
    fn kept(&mut self, client: u32, now: SimTime) -> Option<u32> {
        self.sticky?;
        let &(station, until) = self.clients.get(&client)?;
        let position = *self.position.get(station.0 as usize)?;
        let is_used = self.targets.get(position as usize).is_some_and(|target| target.is_used);
        if is_used && until > now {
            return Some(position);
        }
        self.clients.remove(&client);
        None
    }

    pub(super) fn on_health_check(&mut self, core: &mut Core, token: Token) {
        if token != self.token & TOKEN_MASK {
            return;
        }
        let works = core.works(self.me);
        for position in 0..self.targets.len() {
            let target = &self.targets[position];
            let passes = core.passes_check(target.link, target.station, CHECK_WORK, self.check_timeout);
            let target = &mut self.targets[position];
            let station = target.station;
            if target.out_until.is_some_and(|until| until <= core.now) && works {
                target.out_until = None;
                target.fresh_since = Some(core.now);
                self.tell(core, station, true);
            }
            let target = &mut self.targets[position];
            if passes == target.is_healthy {
                target.contrary_checks = 0;
                continue;
            }
            target.contrary_checks += 1;
            let threshold = if target.is_healthy { self.unhealthy_threshold } else { self.healthy_threshold };
            if target.contrary_checks >= threshold && works {
                target.is_healthy = passes;
                target.contrary_checks = 0;
                target.fresh_since = passes.then_some(core.now);
                self.tell(core, station, passes);
            }
        }
        self.list_used(core);
        core.set_timer(self.me, self.check_interval, Timer::HealthCheck, self.token);
    }

    /// It has died: what it knew of connections is gone. Cookies are the clients' own, so they keep their targets.
    pub(super) fn forget(&mut self) {
        for target in &mut self.targets {
            target.in_flight = 0;
            target.failures = 0;
            target.peak_secs = 0.0;
        }
    }

    /// It is no longer drawn: nobody is checked any more.
    pub(super) const fn retire(&mut self) {
        self.token = self.token.wrapping_add(1);
    }

    pub(super) const fn particulars(&self) -> Particulars {
        Particulars::LoadBalancer { healthy: self.used.len() as u32, targets: self.targets.len() as u32 }
    }

    #[inline]
    const fn take_turn(&mut self, n: u32) -> u32 {
        let turn = in_turn(self.next, n);
        self.next = turn + 1;
        turn
    }

    /// Finds out which targets are to be used now.
    fn list_used(&mut self, core: &Core) {
        self.registry = core.registry;
        let n_listed = self.targets.iter().filter(|target| core.is_listed(target.station)).count();
        let n_well = self.targets.iter().filter(|target| target.is_usable(core)).count();
        let panics = (n_well as f64) < self.panic_threshold * n_listed as f64;
        for target in &mut self.targets {
            target.is_used = if panics { core.is_listed(target.station) } else { target.is_usable(core) };
        }
        self.used.clear();
        self.used.extend((0..).zip(&self.targets).filter(|(_, target)| target.is_used).map(|(position, _)| position));
        let weights = |position: &u32| self.targets[*position as usize].weight;
        let starts_slowly = self.slow_start.is_some()
            && self.used.iter().any(|&position| self.targets[position as usize].fresh_since.is_some());
        self.is_even = !starts_slowly && self.used.windows(2).all(|pair| weights(&pair[0]) == weights(&pair[1]));
        let is_plain = self.is_even && self.sticky.is_none() && self.method == BalancingMethod::RoundRobin;
        self.takes_turns = is_plain && !self.used.is_empty();
    }

    #[inline]
    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}

impl Target {
    fn is_usable(&self, core: &Core) -> bool {
        core.is_listed(self.station) && self.is_healthy && self.out_until.is_none()
    }

    /// Notes that an answer took so long: a slow one counts at once, quick ones only with time.
    fn learn(&mut self, secs: f64, now: SimTime) {
        let kept = libm::exp(-now.since(self.peak_at).as_secs_f64() / EWMA_FADES_SECS);
        self.peak_at = now;
        self.peak_secs = if secs > self.peak_secs { secs } else { self.peak_secs * kept + secs * (1.0 - kept) };
    }

    /// How long an answer is expected to take, by what is known of late [s]; a target of which nothing is known is tried.
    fn expected_secs(&self, now: SimTime) -> f64 {
        let kept = libm::exp(-now.since(self.peak_at).as_secs_f64() / EWMA_FADES_SECS);
        // Not zero, so that requests in flight still count.
        (self.peak_secs * kept).max(1e-6)
    }
}
