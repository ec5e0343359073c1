//! DNS: tells resolvers which component to talk to. Answers are kept by the users' resolvers, so this station sees
//! only what those do not know.
//!
//! With health checks it names only those targets of which at least one machine answers; if none does, it names all, as
//! Route 53 does. Whoever has kept an answer learns of a change when that expires.
//!
//! Left out: the hierarchy above the authoritative service, and negative answers being kept.

use super::Setup;
use crate::design::kind::dns::{Dns as Config, DnsRouting};
use crate::design::kind::server::CpuDiscipline;
use crate::design::place::Place;
use crate::design::{ComponentConfig, LinkRole};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::CallIdx;
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::event::{TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;
use crate::sorted::sort_by;
use crate::units::SimDuration;

/// A DNS service: anycast, so it never runs out of places.
const SIZE: MachineSize =
    MachineSize { slots: None, queue_limit: None, cores: None, discipline: CpuDiscipline::FirstComeFirstServed };

/// What answering a health check takes a target.
const CHECK_WORK: SimDuration = SimDuration::from_millis(1);
/// How long a health check waits for its answer: Route 53's 4 s for the connection.
const CHECK_TIMEOUT: SimDuration = SimDuration::from_secs(4);

/// A record, and what is known of its target.
#[derive(Clone, Debug)]
struct Record {
    component: u32,
    link: LinkIdx,
    /// How often it is named, over the others, where weights count.
    weight: f64,
    is_healthy: bool,
    /// Checks in a row that spoke against its present state.
    contrary_checks: u32,
}

/// A DNS service at work.
#[derive(Clone, Debug)]
pub struct Dns {
    me: StationIdx,
    pub(super) machine: Machine,
    answer_time: Sampler,
    service: Stream,
    choice: Stream,
    routing: DnsRouting,
    records: Vec<Record>,
    next_record: u32,
    /// For each group of users by station, positions of the records, the nearest first.
    nearest: Vec<(StationIdx, Vec<u32>)>,
    checks: Option<SimDuration>,
    threshold: u32,
    token: Token,
}

impl Dns {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut dns = Self {
            me: setup.me,
            machine: Machine::new(setup.me, SIZE),
            answer_time: Sampler::new(&config.answer_time),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            choice: Stream::of_component(core.seed, component, instance, Purpose::Choice),
            routing: config.routing,
            records: Vec::new(),
            next_record: 0,
            nearest: Vec::new(),
            checks: None,
            threshold: 1,
            token: 0,
        };
        dns.configure(core, setup, config);
        dns
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.answer_time = Sampler::new(&config.answer_time);
        self.routing = config.routing;
        self.threshold = config.health_check_threshold;
        let before = core::mem::take(&mut self.records);
        self.records = setup
            .links(core, LinkRole::Record)
            .map(|link| {
                let component = core.links[link.0 as usize].to.0;
                let weight = core.links[link.0 as usize].weight;
                let known = before.iter().find(|record| record.link == link).cloned();
                let fresh = Record { component, link, weight, is_healthy: true, contrary_checks: 0 };
                known.map_or(fresh, |known| Record { weight, ..known })
            })
            .collect();
        self.nearest = self.by_distance(core, setup);
        let checks = config.health_check_interval_secs.map(SimDuration::from_secs_f64);
        if checks != self.checks {
            self.checks = checks;
            for record in &mut self.records {
                record.is_healthy = true;
            }
            self.token = self.token.wrapping_add(1);
            self.plan_check(core);
        }
    }

    fn plan_check(&self, core: &mut Core) {
        if let Some(interval) = self.checks {
            core.set_timer(self.me, interval, Timer::HealthCheck, self.token);
        }
    }

    pub(super) fn on_health_check(&mut self, core: &mut Core, token: Token) {
        if token != self.token & TOKEN_MASK {
            return;
        }
        let works = core.works(self.me);
        for record in &mut self.records {
            let targets = &core.links[record.link.0 as usize].targets;
            let passes = |&target| core.passes_check(record.link, target, CHECK_WORK, CHECK_TIMEOUT);
            if targets.iter().any(passes) == record.is_healthy {
                record.contrary_checks = 0;
                continue;
            }
            record.contrary_checks += 1;
            if record.contrary_checks >= self.threshold && works {
                record.is_healthy = !record.is_healthy;
                record.contrary_checks = 0;
            }
        }
        self.plan_check(core);
    }

    /// It is no longer drawn: nobody is checked any more.
    pub(super) const fn retire(&mut self) {
        self.token = self.token.wrapping_add(1);
    }

    /// The order of the records for each group of users.
    fn by_distance(&self, core: &Core, setup: &Setup<'_>) -> Vec<(StationIdx, Vec<u32>)> {
        if self.routing != DnsRouting::Latency {
            return Vec::new();
        }
        let network = setup.network;
        let all = || (0..).map(StationIdx).zip(&network.stations);
        let place_of = |record: u32| {
            let component = self.records[record as usize].component;
            let first = all().find(|(_, spec)| spec.component.0 == component);
            first.map_or(Place::Anywhere, |(position, _)| network.place_of(position))
        };
        all()
            .filter(|(_, spec)| matches!(spec.config, ComponentConfig::Users(_)))
            .filter_map(|(position, spec)| {
                let station = core.identities.iter().position(|&id| id == (spec.component, spec.instance))?;
                let here = network.place_of(position);
                let mut order: Vec<u32> = (0..self.records.len() as u32).collect();
                let distance = |record: u32| here.one_way_secs(place_of(record));
                sort_by(&mut order, |&a, &b| distance(a).total_cmp(&distance(b)));
                Some((StationIdx(station as u32), order))
            })
            .collect()
    }

    /// The next component to name to `users`.
    fn name(&mut self, users: StationIdx) -> Option<u32> {
        let is_any = self.records.iter().any(|record| record.is_healthy);
        let named = |record: &&Record| record.is_healthy || !is_any;
        let n = self.records.iter().filter(named).count() as u32;
        if n == 0 {
            return None;
        }
        let position = match self.routing {
            DnsRouting::RoundRobin => self.next_record % n,
            DnsRouting::Random => self.choice.below(n),
            DnsRouting::Failover => 0,
            DnsRouting::Weighted => {
                let total: f64 = self.records.iter().filter(named).map(|record| record.weight).sum();
                let mut left = self.choice.uniform() * total;
                let heavy = self.records.iter().filter(named).position(|record| {
                    left -= record.weight;
                    left < 0.0
                });
                heavy.unwrap_or(0) as u32
            }
            DnsRouting::Latency => {
                let order = self.nearest.iter().find(|(station, _)| *station == users);
                let by_distance = order.into_iter().flat_map(|(_, order)| order);
                let mut records = by_distance.map(|&position| &self.records[position as usize]);
                if let Some(record) = records.find(named) {
                    return Some(record.component);
                }
                0
            }
        };
        self.next_record = position + 1;
        self.records.iter().filter(named).nth(position as usize).map(|record| record.component)
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            let work = self.answer_time.sample(&mut self.service);
            self.machine.work(core, call, work);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let asking = core.calls[call].parent.idx;
        let asking = if asking == CallIdx::NONE { self.me } else { core.calls[asking].station };
        let outcome = match self.name(asking) {
            None => Outcome::Unavailable,
            Some(component) => {
                core.calls[call].answer = component;
                Outcome::Answered
            }
        };
        // It has room for everyone, so nobody waits for the place that becomes free.
        self.machine.answer(core, call, outcome);
    }
}

/// How long and by how many resolvers the answers of the DNS service at `station` are kept: (time to live, resolvers).
pub(super) fn caching(setup: &Setup<'_>, core: &Core, station: StationIdx) -> (f64, u32) {
    let (component, _) = core.identities[station.0 as usize];
    setup
        .network
        .stations
        .iter()
        .find(|spec| spec.component == component)
        .and_then(|spec| match &spec.config {
            ComponentConfig::Dns(config) => Some((config.ttl_secs, config.resolvers)),
            _ => None,
        })
        .unwrap_or((0.0, 1))
}
