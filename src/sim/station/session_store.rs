//! Session store: who is logged in, by user. A session lasts as long as it is used; when there is no room for another
//! one, the oldest goes.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::Setup;
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::session_store::{SESSION_GB, SessionStore as Config};
use crate::network::StationIdx;
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::metrics::StationMeasurements;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, Particulars};
use crate::units::{SimDuration, SimTime};

#[derive(Clone, Copy, Debug)]
struct Session {
    expires: SimTime,
    /// Which of the sessions that this user has had.
    number: u64,
}

/// A session store at work.
#[derive(Clone, Debug)]
pub struct SessionStore {
    me: StationIdx,
    pub(super) machine: Machine,
    work: Sampler,
    service: Stream,
    capacity: u32,
    ttl: SimDuration,
    durable: bool,
    /// Sessions by user; only looked things up in, never gone through.
    sessions: FxHashMap<u32, Session>,
    /// Users in the order in which their sessions began; those that have ended meanwhile are skipped.
    order: VecDeque<(u32, u64)>,
    begun: u64,
}

impl SessionStore {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut store = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            work: Sampler::new(&config.operation_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            capacity: config.capacity_sessions,
            ttl: SimDuration::ZERO,
            durable: false,
            sessions: FxHashMap::default(),
            order: VecDeque::new(),
            begun: 0,
        };
        store.configure(core, setup, config);
        store
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: None,
            queue_limit: config.queue_limit,
            cores: config.cores,
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, _setup: &Setup<'_>, config: &Config) {
        self.work = Sampler::new(&config.operation_work);
        self.capacity = config.capacity_sessions;
        self.ttl = SimDuration::from_secs_f64(config.ttl_secs);
        self.durable = config.durable;
        self.make_room(core, 0);
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
        let client = core.calls[call].client;
        match core.calls[call].operation {
            Operation::Get => {
                let found = self.touch(client, core.now);
                core.calls[call].found = found;
                let counts = &mut core.window.stations[self.me.0 as usize];
                counts.hits += u64::from(found);
                counts.misses += u64::from(!found);
            }
            Operation::Set => self.log_in(core, client),
            Operation::Delete => {
                self.sessions.remove(&client);
            }
            _ => {}
        }
        if let Some(next) = self.machine.answer(core, call, Outcome::Answered) {
            self.begin(core, next);
        }
    }

    /// Memory that its sessions take [bytes], such as have ended and are still there included.
    pub(super) fn memory_used(&self) -> f64 {
        self.sessions.len() as f64 * SESSION_GB * 1e9
    }

    /// Whether a user is logged in; its session lasts on if so.
    fn touch(&mut self, client: u32, now: SimTime) -> bool {
        match self.sessions.get_mut(&client) {
            Some(session) if session.expires > now => {
                session.expires = now + self.ttl;
                true
            }
            Some(_) => {
                self.sessions.remove(&client);
                false
            }
            None => false,
        }
    }

    fn log_in(&mut self, core: &mut Core, client: u32) {
        if !self.sessions.contains_key(&client) {
            self.make_room(core, 1);
        }
        self.begun += 1;
        self.sessions.insert(client, Session { expires: core.now + self.ttl, number: self.begun });
        self.order.push_back((client, self.begun));
    }

    /// Ends the oldest sessions until `wanted` more fit.
    fn make_room(&mut self, core: &mut Core, wanted: usize) {
        while self.sessions.len() + wanted > self.capacity as usize
            && let Some((client, number)) = self.order.pop_front()
        {
            if self.sessions.get(&client).is_some_and(|session| session.number == number) {
                self.sessions.remove(&client);
                core.window.stations[self.me.0 as usize].evictions += 1;
            }
        }
        // What has ended by itself must not gather here for ever.
        while self.order.len() > 2 * self.sessions.len() + 64
            && let Some(&(client, number)) = self.order.front()
            && self.sessions.get(&client).is_none_or(|session| session.number != number)
        {
            self.order.pop_front();
        }
    }

    /// It has died. What it kept in memory is gone: everyone has to log in again.
    pub(super) fn on_down(&mut self) {
        if !self.durable {
            self.sessions.clear();
            self.order.clear();
        }
    }

    pub(super) fn particulars(&self, counts: &StationMeasurements) -> Particulars {
        Particulars::Cache {
            hits: counts.hits,
            misses: counts.misses,
            stale_hits: 0,
            entries: self.sessions.len() as u64,
            capacity: u64::from(self.capacity),
            evictions: counts.evictions,
        }
    }
}
