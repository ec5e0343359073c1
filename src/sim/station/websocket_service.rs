//! WebSocket service: opens connections and holds them until their users hang up; takes messages in, does what they ask
//! for, and hands each to so many connections, on all instances.
//!
//! A connection is a call that is answered only when it ends, so balancers and gateways hold theirs as long. Messages
//! of all connections together are one Poisson process: who sends one does not matter, because its recipients are
//! drawn evenly among all that are open. A message is a call of its own that nobody waits for; so is what another
//! instance has to hand out of it.
//!
//! Left out: rooms with fixed members; the size of messages; half-open connections after a network failure.

use super::Setup;
use super::errands::{Errands, Plan};
use crate::design::ComponentConfig;
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::websocket_service::WebsocketService as Config;
use crate::ids::ComponentId;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::{Event, TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::hazard::HazardClock;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::memory::{MEGABYTE, Memory, MemorySize};
use crate::sim::metrics::ConnectionMeasurements;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, Particulars, RequestClass};
use crate::units::SimDuration;

/// What a call that nobody waits for is, in its `answer`.
mod own {
    /// A message that a connection has sent.
    pub const MESSAGE: u32 = 0;
    /// A message that is handed out here; to how many stands in `memo`.
    pub const DELIVERY: u32 = 1;
}

/// The connections of one group of users.
#[derive(Clone, Debug)]
struct Group {
    users: ComponentId,
    messages_per_sec: f64,
    open: u64,
}

/// A WebSocket service at work.
#[derive(Clone, Debug)]
pub struct WebsocketService {
    me: StationIdx,
    pub(super) machine: Machine,
    pub(super) memory: Memory,
    handshake_work: Sampler,
    message_work: Sampler,
    delivery_work: Sampler,
    backplane_time: Sampler,
    recipients: u32,
    service: Stream,
    choice: Stream,
    errands: Errands,
    groups: Vec<Group>,
    messages: HazardClock,
    /// All instances, this one included, and how many recipients of a message each has; the latter for work only.
    instances: Vec<StationIdx>,
    shares: Vec<u32>,
    /// Connections of each instance that are not among the recipients yet; for work only.
    left: Vec<u32>,
}

impl WebsocketService {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut service = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            memory: Memory::new(setup.me),
            handshake_work: Sampler::new(&config.handshake_work),
            message_work: Sampler::new(&config.message_work),
            delivery_work: Sampler::new(&config.delivery_work),
            backplane_time: Sampler::new(&config.backplane_time),
            recipients: config.recipients,
            service: stream(Purpose::Service),
            choice: stream(Purpose::Choice),
            errands: Errands::new(instance),
            groups: Vec::new(),
            messages: HazardClock::new(stream(Purpose::Arrivals)),
            instances: Vec::new(),
            shares: Vec::new(),
            left: Vec::new(),
        };
        service.configure(core, setup, config);
        service
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.connection_limit),
            queue_limit: Some(0),
            cores: Some(config.machine_cores()),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.memory.configure(MemorySize {
            machine: config.machine_memory_mb() * MEGABYTE,
            shared: setup.host.filter(|_| !setup.is_container).map(|host| core.host_memory(host)),
            base: config.memory_base_mb * MEGABYTE,
            per_call: config.memory_per_connection_mb * MEGABYTE,
            restart: SimDuration::from_secs_f64(config.restart_secs),
        });
        self.handshake_work = Sampler::new(&config.handshake_work);
        self.message_work = Sampler::new(&config.message_work);
        self.delivery_work = Sampler::new(&config.delivery_work);
        self.backplane_time = Sampler::new(&config.backplane_time);
        self.recipients = config.recipients;
        let plan = Plan {
            queries_per_write: config.queries_per_message,
            messages_per_write: config.published_per_message,
            avoid_failed: SimDuration::from_secs_f64(config.avoid_failed_secs),
            ..Plan::default()
        };
        self.errands.configure(core, setup, plan);
        let (component, _) = core.identities[setup.me.0 as usize];
        self.instances = (0..)
            .map(StationIdx)
            .zip(&core.identities)
            .filter(|(_, (other, _))| *other == component)
            .map(|(place, _)| place)
            .collect();
        for spec in setup.network.stations.iter() {
            let ComponentConfig::Users(users) = &spec.config else { continue };
            match self.groups.iter_mut().find(|group| group.users == spec.component) {
                Some(group) => group.messages_per_sec = users.live_messages_per_sec,
                None => self.groups.push(Group {
                    users: spec.component,
                    messages_per_sec: users.live_messages_per_sec,
                    open: 0,
                }),
            }
        }
        self.set_clock(core);
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    fn open(&self) -> u64 {
        self.groups.iter().map(|group| group.open).sum()
    }

    fn counts<'c>(&self, core: &'c mut Core) -> &'c mut ConnectionMeasurements {
        core.window.stations[self.me.0 as usize].connections.get_or_insert_default()
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].class != RequestClass::Live {
            // It speaks nothing but WebSocket.
            core.answer(call, Outcome::Failed);
            return;
        }
        if self.memory.is_short(core) {
            core.set_timer(self.me, SimDuration::ZERO, Timer::OutOfMemory, core.presence_era(self.me));
        }
        if self.machine.arrive(core, call) {
            self.begin(core, call);
        }
    }

    /// Begins the handshake of a connection.
    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = self.handshake_work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        if !core.calls[call].is_root() {
            self.accept(core, call);
        } else if core.calls[call].answer == own::MESSAGE {
            if let Some(outcome) = self.errands.proceed(core, call) {
                self.hand_out(core, call, outcome);
            }
        } else {
            let (recipients, took) = (core.calls[call].memo, core.now.since(core.calls[call].sent));
            let counts = self.counts(core);
            counts.delivered += u64::from(recipients);
            counts.delivery.record(took);
            core.calls.remove(call);
        }
    }

    /// The handshake is over: the connection is open for as long as its user wants, if that one is still there.
    fn accept(&mut self, core: &mut Core, call: CallIdx) {
        let users = core.root_of(call).map(|root| core.identities[core.calls[root].station.0 as usize].0);
        let group = users.and_then(|users| self.groups.iter().position(|group| group.users == users));
        let Some(group) = group else {
            self.end(core, call, Outcome::Abandoned);
            return;
        };
        self.groups[group].open += 1;
        self.counts(core).opened += 1;
        self.set_clock(core);
        core.calls[call].memo = group as u32;
        core.hold_open(call);
    }

    /// The time of a connection is over, or a message from another instance has come.
    pub(super) fn on_waited(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].is_root() {
            let work = self.work_to_deliver(core.calls[call].memo);
            self.machine.work(core, call, work);
        } else {
            self.close(core, call, Outcome::Answered);
        }
    }

    /// Nobody is at the other end of a connection any more.
    pub(super) fn hang_up(&mut self, core: &mut Core, call: CallIdx) {
        self.close(core, call, Outcome::Abandoned);
    }

    fn close(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        let group = core.calls[call].memo as usize;
        self.groups[group].open -= 1;
        self.counts(core).closed += 1;
        self.set_clock(core);
        self.end(core, call, outcome);
    }

    /// Gives the place of a connection back.
    fn end(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }

    fn set_clock(&mut self, core: &mut Core) {
        let rate = self.groups.iter().map(|group| group.messages_per_sec * group.open as f64).sum();
        if let Some(after) = self.messages.set_rate(core.now, rate) {
            core.set_timer(self.me, after, Timer::Own, self.messages.token);
        }
    }

    /// A connection sends a message.
    pub(super) fn on_timer(&mut self, core: &mut Core, token: Token) {
        if token != self.messages.token & TOKEN_MASK {
            return;
        }
        if let Some(after) = self.messages.ring(core.now) {
            core.set_timer(self.me, after, Timer::Own, self.messages.token);
        }
        self.counts(core).received += 1;
        let mut message = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
        message.class = RequestClass::Write;
        message.answer = own::MESSAGE;
        let message = core.calls.insert(message);
        let work = self.message_work.sample(&mut self.service);
        self.machine.work(core, message, work);
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        if let Some(outcome) = self.errands.on_reply(core, call, *reply) {
            self.hand_out(core, call, outcome);
        }
    }

    /// Hands a message to its recipients: those here, and by way of the other instances those there.
    fn hand_out(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if !outcome.is_success() {
            self.counts(core).failed += 1;
            core.calls.remove(call);
            return;
        }
        self.draw_recipients(core);
        let sent = core.calls[call].sent;
        for position in 0..self.instances.len() {
            let (instance, recipients) = (self.instances[position], self.shares[position]);
            if recipients == 0 || instance == self.me {
                continue;
            }
            let mut there = Call::new(instance, NO_LINK, Operation::Serve, sent);
            there.answer = own::DELIVERY;
            there.memo = recipients;
            there.stage = Stage::Serving;
            there.class = RequestClass::Write;
            let there = core.calls.insert(there);
            let generation = core.calls[there].generation & TOKEN_MASK;
            let after = self.backplane_time.sample(&mut self.service);
            core.schedule(after, Event::Waited(there, generation));
        }
        let here = self.instances.iter().position(|&instance| instance == self.me);
        let recipients = here.map_or(0, |position| self.shares[position]);
        if recipients == 0 {
            core.calls.remove(call);
            return;
        }
        core.calls[call].answer = own::DELIVERY;
        core.calls[call].memo = recipients;
        let work = self.work_to_deliver(recipients);
        self.machine.work(core, call, work);
    }

    /// Draws the recipients of a message evenly, each connection once, and counts them by instance.
    ///
    /// # Complexity
    /// O(recipients × instances); O(instances) where only one has connections.
    fn draw_recipients(&mut self, core: &Core) {
        self.left.clear();
        self.left.extend(self.instances.iter().map(|&instance| {
            let open = core.levels[instance.0 as usize].used_slots.value();
            if core.works(instance) { open as u32 } else { 0 }
        }));
        let mut all: u32 = self.left.iter().sum();
        let wanted = self.recipients.min(all);
        self.shares.clear();
        self.shares.extend(self.left.iter().map(|&open| if open == all { wanted } else { 0 }));
        if self.shares.contains(&wanted) {
            return;
        }
        for _ in 0..wanted {
            let mut chosen = self.choice.below(all);
            for (left, share) in self.left.iter_mut().zip(&mut self.shares) {
                if chosen < *left {
                    *left -= 1;
                    *share += 1;
                    break;
                }
                chosen -= *left;
            }
            all -= 1;
        }
    }

    /// Processor time to hand a message to so many connections.
    fn work_to_deliver(&mut self, recipients: u32) -> SimDuration {
        let once = self.delivery_work.sample(&mut self.service);
        SimDuration::from_secs_f64(once.as_secs_f64() * f64::from(recipients))
    }

    /// It has died: all connections are broken, all messages in it are lost.
    pub(super) fn on_down(&mut self, core: &mut Core) {
        let broken = self.open();
        self.counts(core).broken += broken;
        for group in &mut self.groups {
            group.open = 0;
        }
        self.errands.forget();
        self.memory.forget();
        self.set_clock(core);
        for call in core.calls.filter(|call| call.station == self.me && call.is_root()) {
            core.calls.remove(call);
        }
    }

    pub(super) fn retarget(
        &mut self,
        core: &mut Core,
        link: LinkIdx,
        operation: Operation,
        call: CallIdx,
    ) -> Option<(LinkIdx, StationIdx)> {
        self.errands.retarget(core, link, operation, call)
    }

    pub(super) fn particulars(&self, counts: Option<&ConnectionMeasurements>) -> Particulars {
        Particulars::WebsocketService {
            open: self.open(),
            limit: u64::from(self.machine.size().slots.unwrap_or(u32::MAX)),
            received: counts.map_or(0, |counts| counts.received),
            delivered: counts.map_or(0, |counts| counts.delivered),
            broken: counts.map_or(0, |counts| counts.broken),
        }
    }
}
