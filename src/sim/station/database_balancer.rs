//! Database balancer: passes writes on to the acting primary and picks a database for each read.
//!
//! Left out: pooling. Each query in flight here holds a connection there.

use super::Setup;
use super::errands::Databases;
use crate::design::kind::database_balancer::{DatabaseBalancer as Config, ReadChoice};
use crate::design::kind::server::CpuDiscipline;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::avoidance::Avoidance;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::turns::in_turn;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::Outcome;
use crate::units::SimDuration;

/// A database balancer at work.
#[derive(Clone, Debug)]
pub struct DatabaseBalancer {
    pub(super) machine: Machine,
    method: ReadChoice,
    work: Sampler,
    service: Stream,
    choice: Stream,
    databases: Databases,
    /// Queries in flight at each database that reads go to, in their order.
    in_flight: Vec<u32>,
    avoidance: Avoidance,
    avoid_failed: SimDuration,
    next: u32,
}

impl DatabaseBalancer {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut balancer = Self {
            machine: Machine::new(setup.me, Self::size(config)),
            method: config.method,
            work: Sampler::new(&config.query_work),
            service: stream(Purpose::Service),
            choice: stream(Purpose::Choice),
            databases: Databases::default(),
            in_flight: Vec::new(),
            avoidance: Avoidance::default(),
            avoid_failed: SimDuration::ZERO,
            next: 0,
        };
        balancer.configure(core, setup, config);
        balancer
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.connection_limit),
            queue_limit: config.queue_limit,
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.method = config.method;
        self.work = Sampler::new(&config.query_work);
        self.avoid_failed = SimDuration::from_secs_f64(config.avoid_failed_secs);
        let before = self.databases.for_reads.clone();
        self.databases.configure(core, setup);
        let in_flight = |&(_, station): &(LinkIdx, StationIdx)| {
            before.iter().position(|&(_, other)| other == station).map_or(0, |place| self.in_flight[place])
        };
        self.in_flight = self.databases.for_reads.iter().map(in_flight).collect();
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.machine.arrive(core, call) {
            self.begin(core, call);
        }
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let operation = core.calls[call].operation;
        match self.choose(core, operation) {
            Some((link, target)) => {
                core.send(call, link, target, operation);
            }
            None => self.answer(core, call, Outcome::Unavailable),
        }
    }

    /// Picks the database for a query and counts it there.
    pub(super) fn choose(&mut self, core: &mut Core, operation: Operation) -> Option<(LinkIdx, StationIdx)> {
        if operation == Operation::WriteQuery {
            return self.databases.pick(core, &self.avoidance, operation);
        }
        let n = self.databases.for_reads.len() as u32;
        let start = match self.method {
            ReadChoice::Random if n > 0 => self.choice.below(n),
            _ => in_turn(self.next, n.max(1)),
        };
        let now = core.now;
        let target = |place: u32| self.databases.for_reads[place as usize].1;
        let answers = |&place: &u32| !self.avoidance.avoids(target(place), now);
        let mut candidates = (0..n).map(|step| in_turn(start + step, n)).filter(answers);
        // Of equals, the one whose turn it is.
        let chosen = match self.method {
            ReadChoice::LeastConnections => candidates.min_by_key(|&place| self.in_flight[place as usize]),
            ReadChoice::LeastLag => candidates.min_by_key(|&place| core.lag_writes(target(place))),
            ReadChoice::Random | ReadChoice::RoundRobin => candidates.next(),
        };
        let Some(chosen) = chosen else {
            // If none answers the door, a database for writes only may.
            return self.databases.pick(core, &self.avoidance, operation);
        };
        self.next = chosen + 1;
        self.in_flight[chosen as usize] += 1;
        Some(self.databases.for_reads[chosen as usize])
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        if reply.outcome == Outcome::TargetDown {
            self.avoidance.avoid(reply.target, core.now, self.avoid_failed);
        }
        core.calls[call].stale |= reply.stale;
        core.calls[call].version = reply.version;
        self.answer(core, call, reply.outcome);
    }

    /// A query to `station` has ended, one way or another.
    pub(super) fn note_end(&mut self, station: StationIdx) {
        if let Some(place) = self.databases.for_reads.iter().position(|&(_, other)| other == station) {
            self.in_flight[place] = self.in_flight[place].saturating_sub(1);
        }
    }

    /// It has died: what it knew is gone.
    pub(super) fn forget(&mut self) {
        self.avoidance.clear();
        self.in_flight.iter_mut().for_each(|count| *count = 0);
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}
