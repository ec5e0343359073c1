//! Links at work: what they are made of, how long messages take on them, and whom they lead to.

use crate::design::LinkRole;
use crate::design::fault::{Fault, FaultKind};
use crate::ids::{ComponentId, LinkId};
use crate::network::{LinkSpec, StationIdx};
use crate::sim::call::Deadlines;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::metrics::Level;
use crate::sim::policy::Policy;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::transport::{Transport, Way};
use crate::units::{SimDuration, SimTime};

/// When a connection sends again what was not acknowledged; doubles each time (Linux: 200 ms at least).
const FIRST_REPETITION: SimDuration = SimDuration::from_millis(200);
/// How often it does so before the connection would break (Linux: `tcp_retries2` 15, here a little sooner).
const MOST_REPETITIONS: u32 = 10;

/// A link at work. Positions are those of the engine, which never gives one out twice in a run. What every call needs
/// comes first, on two lines of the processor's caches.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct LinkState {
    /// How long every message takes one way, where that is always the same.
    pub(super) one_way: Option<SimDuration>,
    /// Whether it is, and in addition nobody waits for a connection or watches the time.
    pub(super) is_express: bool,
    /// Attempts that were sent and are not counted yet.
    pub attempts: u32,
    /// Attempts under way, each on a connection of its own; log entries travel on one that stays.
    pub connections: Level,
    /// How its callers look after themselves; most do not.
    pub policy: Option<Box<Policy>>,
    /// What befalls messages beside the time they take; most links have nothing of the kind.
    transport: Option<Box<Transport>>,
    /// Stations at its end; empty once the link has been removed.
    pub targets: Vec<StationIdx>,
    next_target: u32,
    /// What travels.
    pub role: LinkRole,
    /// Callers do without the answer if there is none.
    pub is_optional: bool,
    /// The link of the drawing.
    pub id: LinkId,
    /// Component at its end.
    pub to: ComponentId,
    pub(super) retries: u32,
    pub(super) timeout: Option<SimDuration>,
    pub(super) deadlines: Deadlines,
    /// One way.
    latency: Sampler,
    /// What the distance adds to it.
    distance: SimDuration,
    latency_stream: Stream,
    pub(super) backoff_stream: Stream,
    pub(super) backoff: SimDuration,
    pub(super) backoff_cap: SimDuration,
    pub(super) backoff_jitter: bool,
    /// Sizes of a call and of its answer [bytes].
    bytes: [f64; 2],
    /// Against the weights of other ways that a balancer has.
    pub weight: f64,
}

impl LinkState {
    /// A link of `spec` whose targets are still to be set.
    pub fn new(seed: u64, spec: &LinkSpec) -> Self {
        let mut link = Self {
            id: spec.id,
            to: spec.to,
            targets: Vec::new(),
            role: spec.role,
            one_way: None,
            is_express: false,
            attempts: 0,
            latency: Sampler::Constant(SimDuration::ZERO),
            distance: SimDuration::ZERO,
            latency_stream: Stream::of_link(seed, spec.id, Purpose::Latency),
            backoff_stream: Stream::of_link(seed, spec.id, Purpose::Backoff),
            timeout: None,
            retries: 0,
            backoff: SimDuration::ZERO,
            deadlines: Deadlines::default(),
            connections: Level::default(),
            next_target: 0,
            bytes: [0.0; 2],
            transport: None,
            policy: None,
            backoff_cap: SimDuration::ZERO,
            backoff_jitter: true,
            is_optional: false,
            weight: 1.0,
        };
        link.configure(seed, spec);
        link
    }

    /// Takes over the parameters of `spec`; calls on their way keep theirs.
    pub fn configure(&mut self, seed: u64, spec: &LinkSpec) {
        self.role = spec.role;
        self.to = spec.to;
        self.latency = Sampler::new(&spec.config.latency);
        self.distance = SimDuration::from_secs_f64(spec.distance_secs);
        self.timeout = spec.config.timeout_secs.map(SimDuration::from_secs_f64);
        self.retries = spec.config.retries;
        self.backoff = SimDuration::from_secs_f64(spec.config.retry_backoff_secs);
        self.backoff_cap = SimDuration::from_secs_f64(spec.config.retry_backoff_cap_secs);
        self.backoff_jitter = spec.config.retry_jitter;
        self.weight = spec.config.weight;
        self.is_optional = spec.config.optional && spec.role == LinkRole::Requests;
        if Policy::is_needed_by(&spec.config) || self.policy.is_some() {
            self.policy.get_or_insert_default().configure(&spec.config);
        }
        self.bytes = [spec.config.request_bytes, spec.config.response_bytes];
        if Transport::is_needed_by(&spec.config) || self.transport.is_some() {
            self.transport(seed).configure(&spec.config);
        }
        self.find_shortcuts();
    }

    /// Notes what needs no looking at for each message.
    fn find_shortcuts(&mut self) {
        self.one_way = match self.latency {
            Sampler::Constant(latency) if self.transport.is_none() => Some(latency + self.distance),
            _ => None,
        };
        self.is_express = self.one_way.is_some() && self.policy.is_none() && self.timeout.is_none();
    }

    /// Whether messages always take no time.
    #[inline]
    pub fn is_instant(&self) -> bool {
        self.one_way.is_some_and(SimDuration::is_zero)
    }

    fn transport(&mut self, seed: u64) -> &mut Transport {
        let id = self.id;
        self.transport.get_or_insert_with(|| Box::new(Transport::new(seed, id)))
    }

    /// Adds a fault, in place of one of the same kind.
    pub fn add_fault(&mut self, seed: u64, fault: Fault) {
        self.transport(seed).add(fault);
        self.find_shortcuts();
    }

    /// Takes a fault away, or all of them; gives whether there was one.
    pub fn remove_fault(&mut self, kind: Option<FaultKind>) -> bool {
        self.transport.as_mut().is_some_and(|transport| transport.remove(kind))
    }

    /// Calls by this link are not repeated.
    pub const fn forbid_retries(&mut self) {
        self.retries = 0;
    }

    /// What faults add to the way there and back; `None` if nothing comes through.
    pub(super) fn added_round_trip(&self) -> Option<SimDuration> {
        self.transport.as_ref().map_or(Some(SimDuration::ZERO), |transport| transport.added_round_trip())
    }

    /// The next target in turn; `None` if the link has none.
    #[inline]
    pub fn next_in_turn(&mut self) -> Option<StationIdx> {
        let n = self.targets.len() as u32;
        if n == 0 {
            return None;
        }
        let turn = in_turn(self.next_target, n);
        self.next_target = turn + 1;
        Some(self.targets[turn as usize])
    }

    /// Whether anything comes through, both ways.
    pub fn is_open(&self) -> bool {
        self.added_round_trip().is_some()
    }

    /// How long a piece of a log takes from the start of the link to its end. What gets lost is sent again.
    pub fn carry_forth(&mut self, now: SimTime) -> SimDuration {
        self.carry(Way::Forth, now)
    }

    /// The same from its end to its start.
    pub fn carry_back(&mut self, now: SimTime) -> SimDuration {
        self.carry(Way::Back, now)
    }

    fn carry(&mut self, way: Way, now: SimTime) -> SimDuration {
        let latency = self.draw_latency();
        let Some(transport) = &mut self.transport else { return latency };
        let mut repeated = SimDuration::ZERO;
        let mut pause = FIRST_REPETITION;
        for _ in 0..MOST_REPETITIONS {
            if let Some(takes) = transport.pass(way, self.bytes[Way::Forth as usize], latency, now) {
                return repeated + takes;
            }
            repeated += pause;
            pause = pause + pause;
        }
        repeated + latency
    }

    /// Draws a time for one way.
    #[inline]
    pub(super) fn draw_latency(&mut self) -> SimDuration {
        self.latency.sample(&mut self.latency_stream) + self.distance
    }

    /// Draws how long a message takes one way; `None` if it gets lost. Not inlined, so that messages that always take the
    /// same time need not carry what it needs.
    #[inline(never)]
    pub(super) fn pass(&mut self, way: Way, now: SimTime) -> Option<SimDuration> {
        let latency = self.draw_latency();
        match &mut self.transport {
            None => Some(latency),
            Some(transport) => transport.pass(way, self.bytes[way as usize], latency, now),
        }
    }
}
