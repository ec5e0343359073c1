//! Load balancer: hands each request to exactly one target, holds the client's connection until that answers, and
//! stops using targets that fail their health checks.
//!
//! A health check costs the target nothing and takes no time; it sees whether the target is alive at that moment.

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::load_balancer::{BalancingMethod, LoadBalancer as Config};
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream, mix};
use crate::sim::snapshot::{Happening, Outcome, Particulars};
use crate::units::SimDuration;

/// What the balancer knows of one target.
#[derive(Clone, Debug)]
struct Target {
    link: LinkIdx,
    station: StationIdx,
    /// Requests given to it and not answered yet.
    in_flight: u32,
    is_healthy: bool,
    /// Checks in a row that spoke against its present state.
    contrary_checks: u32,
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
    check_interval: SimDuration,
    unhealthy_threshold: u32,
    healthy_threshold: u32,
    targets: Vec<Target>,
    /// Positions of the healthy targets.
    healthy: Vec<u32>,
    /// Position in `targets` by station.
    position: Vec<u32>,
    next: u32,
    token: Token,
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
            check_interval: SimDuration::ZERO,
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            targets: Vec::new(),
            healthy: Vec::new(),
            position: Vec::new(),
            next: 0,
            token: 0,
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
        self.work = Sampler::new(&config.request_work);
        self.method = config.method;
        self.check_interval = SimDuration::from_secs_f64(config.health_check_interval_secs);
        self.unhealthy_threshold = config.unhealthy_threshold;
        self.healthy_threshold = config.healthy_threshold;
        // A new target is used at once; those that stay keep what is known of them.
        let before = core::mem::take(&mut self.targets);
        self.targets =
            setup
                .targets(core, |role| role == LinkRole::Requests)
                .into_iter()
                .map(|(link, station)| {
                    before.iter().find(|target| target.station == station).map_or(
                        Target { link, station, in_flight: 0, is_healthy: true, contrary_checks: 0 },
                        |target| Target { link, ..target.clone() },
                    )
                })
                .collect();
        self.position = vec![u32::MAX; core.identities.len()];
        for (position, target) in (0..).zip(&self.targets) {
            self.position[target.station.0 as usize] = position;
        }
        self.list_healthy();
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    pub(super) fn start(&mut self, core: &mut Core) {
        self.token = self.token.wrapping_add(1);
        core.set_timer(self.me, self.check_interval, Timer::HealthCheck, self.token);
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            self.begin(core, call);
        }
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.work.sample(&mut self.service);
        if work.is_zero() && self.machine.has_idle_core() {
            // Handing it on takes no time, and no event either.
            self.on_served(core, call);
        } else {
            self.machine.work(core, call, work);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        match self.choose(core, call) {
            Some((link, target)) => {
                core.send(call, link, target, Operation::Serve);
            }
            None => self.answer(core, call, Outcome::Unavailable),
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        core.calls[call].stale |= reply.stale;
        core.calls[call].version = reply.version;
        self.answer(core, call, reply.outcome);
    }

    /// A call to `station` has ended, one way or another.
    pub(super) fn note_end(&mut self, station: StationIdx) {
        if let Some(target) =
            self.position.get(station.0 as usize).and_then(|&position| self.targets.get_mut(position as usize))
        {
            target.in_flight = target.in_flight.saturating_sub(1);
        }
    }

    /// Picks the target of a request and counts it there.
    pub(super) fn choose(&mut self, core: &Core, call: CallIdx) -> Option<(LinkIdx, StationIdx)> {
        let n = self.healthy.len() as u32;
        if n == 0 {
            return None;
        }
        let position = match self.method {
            BalancingMethod::RoundRobin => {
                let turn = self.take_turn(n);
                self.healthy[turn as usize]
            }
            BalancingMethod::Random => self.healthy[self.choice.below(n) as usize],
            BalancingMethod::LeastConnections => {
                let turn = self.take_turn(n);
                let rotated = self.healthy[turn as usize..].iter().chain(&self.healthy[..turn as usize]);
                *rotated.min_by_key(|&&position| self.targets[position as usize].in_flight)?
            }
            BalancingMethod::IpHash => {
                let all = self.targets.len() as u64;
                let start = mix(u64::from(core.calls[call].client)) % all;
                // A client whose target is out goes to the next one that works, and returns when it does.
                (0..all)
                    .map(|step| ((start + step) % all) as u32)
                    .find(|&position| self.targets[position as usize].is_healthy)?
            }
        };
        let target = &mut self.targets[position as usize];
        target.in_flight += 1;
        Some((target.link, target.station))
    }

    pub(super) fn on_health_check(&mut self, core: &mut Core, token: Token) {
        if token != self.token & TOKEN_MASK {
            return;
        }
        let mut changed = false;
        for target in &mut self.targets {
            let passes = core.conditions[target.station.0 as usize].passes_check();
            if passes == target.is_healthy {
                target.contrary_checks = 0;
                continue;
            }
            target.contrary_checks += 1;
            let threshold = if target.is_healthy { self.unhealthy_threshold } else { self.healthy_threshold };
            if target.contrary_checks >= threshold && core.works(self.me) {
                target.is_healthy = passes;
                target.contrary_checks = 0;
                changed = true;
                let (component, instance) = core.identities[target.station.0 as usize];
                let happening = if passes {
                    Happening::TargetReturned(component, instance)
                } else {
                    Happening::TargetEjected(component, instance)
                };
                core.note(self.me, happening);
            }
        }
        if changed {
            self.list_healthy();
        }
        core.set_timer(self.me, self.check_interval, Timer::HealthCheck, self.token);
    }

    /// It has died: what it knew of connections is gone.
    pub(super) fn forget(&mut self) {
        for target in &mut self.targets {
            target.in_flight = 0;
        }
    }

    /// It is no longer drawn: nobody is checked any more.
    pub(super) const fn retire(&mut self) {
        self.token = self.token.wrapping_add(1);
    }

    pub(super) const fn particulars(&self) -> Particulars {
        Particulars::LoadBalancer { healthy: self.healthy.len() as u32, targets: self.targets.len() as u32 }
    }

    const fn take_turn(&mut self, n: u32) -> u32 {
        let turn = self.next % n;
        self.next = turn + 1;
        turn
    }

    fn list_healthy(&mut self) {
        self.healthy =
            (0..).zip(&self.targets).filter(|(_, target)| target.is_healthy).map(|(position, _)| position).collect();
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}
