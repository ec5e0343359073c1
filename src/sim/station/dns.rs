//! DNS: tells resolvers which component to talk to. Answers are kept by the users' resolvers, so this station sees
//! only what those do not know.
//!
//! Left out: the hierarchy above the authoritative service, and negative answers being kept.

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::dns::{Dns as Config, DnsRouting};
use crate::design::kind::server::CpuDiscipline;
use crate::network::StationIdx;
use crate::sim::call::CallIdx;
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;

/// A DNS service: anycast, so it never runs out of places.
const SIZE: MachineSize =
    MachineSize { slots: None, queue_limit: None, cores: None, discipline: CpuDiscipline::FirstComeFirstServed };

/// A DNS service at work.
#[derive(Clone, Debug)]
pub struct Dns {
    pub(super) machine: Machine,
    answer_time: Sampler,
    service: Stream,
    choice: Stream,
    routing: DnsRouting,
    /// Components that records point to.
    records: Vec<u32>,
    next_record: u32,
}

impl Dns {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut dns = Self {
            machine: Machine::new(setup.me, SIZE),
            answer_time: Sampler::new(&config.answer_time),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            choice: Stream::of_component(core.seed, component, instance, Purpose::Choice),
            routing: config.routing,
            records: Vec::new(),
            next_record: 0,
        };
        dns.configure(core, setup, config);
        dns
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.answer_time = Sampler::new(&config.answer_time);
        self.routing = config.routing;
        self.records = setup.links(core, LinkRole::Record).map(|link| core.links[link.0 as usize].to.0).collect();
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            let work = self.answer_time.sample(&mut self.service);
            self.machine.work(core, call, work);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let n = self.records.len() as u32;
        let outcome = if n == 0 {
            Outcome::Unavailable
        } else {
            let position = match self.routing {
                DnsRouting::RoundRobin => self.next_record % n,
                DnsRouting::Random => self.choice.below(n),
            };
            self.next_record = position + 1;
            core.calls[call].answer = self.records[position as usize];
            Outcome::Answered
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
            crate::design::ComponentConfig::Dns(config) => Some((config.ttl_secs, config.resolvers)),
            _ => None,
        })
        .unwrap_or((0.0, 1))
}
