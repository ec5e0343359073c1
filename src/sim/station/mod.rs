//! The kinds of station at work, one file each. A station gets one event together with the shared core, and leaves
//! calls, answers and timers in it; stations never hold each other.

mod cache;
mod cdn;
mod container_pool;
mod database_balancer;
mod dns;
mod errands;
mod gateway;
mod load_balancer;
mod machine;
pub mod monitoring;
mod nosql_database;
mod object_storage;
mod queue;
mod server;
mod session_store;
mod setup;
mod shard_router;
mod sql_database;
mod third_party;
mod users;
mod websocket_service;
mod worker;

pub use self::setup::Setup;
use super::call::{CallIdx, Operation, Split};
use super::core::{Core, Reply};
use super::event::{Timer, Token};
use super::mechanism::host::HostIdx;
use super::mechanism::machine::Machine;
use super::metrics::StationMeasurements;
use super::snapshot::{Outcome, Particulars};
use crate::network::{LinkIdx, StationIdx};
use crate::units::SimDuration;

/// Time until a cache is there again that was killed because its machine ran out of memory.
const CACHE_RESTART: SimDuration = SimDuration::from_secs(10);

/// One machine or service at work.
#[derive(Clone, Debug)]
pub enum Station {
    /// Users.
    Users(Box<users::Users>),
    /// Name service.
    Dns(Box<dns::Dns>),
    /// Load balancer.
    LoadBalancer(Box<load_balancer::LoadBalancer>),
    /// Gateway.
    Gateway(Box<gateway::Gateway>),
    /// Server.
    Server(Box<server::Server>),
    /// Cache.
    Cache(Box<cache::Cache>),
    /// Relational database.
    SqlDatabase(Box<sql_database::SqlDatabase>),
    /// Node of a NoSQL database.
    NosqlDatabase(Box<nosql_database::NosqlDatabase>),
    /// Database balancer.
    DatabaseBalancer(Box<database_balancer::DatabaseBalancer>),
    /// Shard router.
    ShardRouter(Box<shard_router::ShardRouter>),
    /// Session store.
    SessionStore(Box<session_store::SessionStore>),
    /// Edge of a CDN.
    Cdn(Box<cdn::Cdn>),
    /// Object storage.
    ObjectStorage(Box<object_storage::ObjectStorage>),
    /// Message queue.
    Queue(Box<queue::Queue>),
    /// WebSocket service.
    WebsocketService(Box<websocket_service::WebsocketService>),
    /// Machine that others share.
    Machine(Box<machine::Machine>),
    /// Node of a container pool.
    ContainerPool(Box<container_pool::Node>),
    /// Delivery pipeline; what it does is the engine's business.
    Pipeline,
    /// Worker.
    Worker(Box<worker::Worker>),
    /// Third party.
    ThirdParty(Box<third_party::ThirdParty>),
    /// Monitoring.
    Monitoring(monitoring::Monitoring),
}

impl Station {
    /// Moves to a computer that it shares with others, or to one of its own.
    pub fn set_host(&mut self, core: &mut Core, host: Option<HostIdx>, is_container: bool) {
        if let Some(machine) = self.machine_mut() {
            machine.set_host(core, host, is_container);
        }
    }

    /// A core of a computer that it shares has been kept for it.
    fn take_kept_core(&mut self, core: &mut Core, host: HostIdx) {
        match self.machine_mut() {
            Some(machine) => machine.take_kept_core(core, host),
            None => core.free_host_core(host),
        }
    }

    /// A call reaches it.
    pub fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        self.on_arrive_here(core, call);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every call arrives in one place")]
    #[inline(always)]
    pub fn on_arrive_here(&mut self, core: &mut Core, call: CallIdx) {
        match self {
            // Nobody calls these.
            Self::Users(_)
            | Self::Machine(_)
            | Self::ContainerPool(_)
            | Self::Pipeline
            | Self::Worker(_)
            | Self::Monitoring(_) => {}
            Self::ThirdParty(station) => station.on_arrive(core, call),
            Self::Dns(station) => station.on_arrive(core, call),
            Self::LoadBalancer(station) => station.on_arrive(core, call),
            Self::Gateway(station) => station.on_arrive(core, call),
            Self::Server(station) => station.on_arrive(core, call),
            Self::WebsocketService(station) => station.on_arrive(core, call),
            Self::Cache(station) => station.on_arrive(core, call),
            Self::SqlDatabase(station) => station.on_arrive(core, call),
            Self::NosqlDatabase(station) => station.on_arrive(core, call),
            Self::DatabaseBalancer(station) => station.on_arrive(core, call),
            Self::ShardRouter(station) => station.on_arrive(core, call),
            Self::SessionStore(station) => station.on_arrive(core, call),
            Self::Cdn(station) => station.on_arrive(core, call),
            Self::ObjectStorage(station) => station.on_arrive(core, call),
            Self::Queue(station) => station.on_arrive(core, call),
        }
    }

    /// A core has finished with a call.
    #[inline]
    pub fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        match self {
            // The kinds that most calls go to find out only once what they are.
            Self::Server(station) => {
                station.machine.free_core_here(core);
                station.on_served(core, call);
            }
            Self::Cache(station) => {
                station.machine.free_core_here(core);
                station.on_served(core, call);
            }
            Self::SqlDatabase(station) => {
                station.machine.free_core_here(core);
                station.on_served(core, call);
            }
            _ => {
                if let Some(machine) = self.machine_mut() {
                    machine.free_core(core);
                }
                self.after_service(core, call);
            }
        }
    }

    /// A call has waited for something that holds no core.
    pub fn on_waited(&mut self, core: &mut Core, call: CallIdx) {
        match self {
            Self::Server(station) => station.on_waited(core, call),
            Self::WebsocketService(station) => station.on_waited(core, call),
            Self::SqlDatabase(station) => station.on_waited(core, call),
            Self::ThirdParty(station) => station.on_waited(core, call),
            _ => {}
        }
    }

    /// A call that it made for `call` has been answered.
    pub fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        match self {
            // These make no calls.
            Self::Dns(_)
            | Self::SqlDatabase(_)
            | Self::SessionStore(_)
            | Self::ObjectStorage(_)
            | Self::Queue(_)
            | Self::ThirdParty(_)
            | Self::Monitoring(_)
            | Self::Machine(_)
            | Self::ContainerPool(_)
            | Self::Pipeline => {}
            Self::Users(station) => station.on_reply(core, call, reply),
            Self::LoadBalancer(station) => station.on_reply(core, call, reply),
            Self::Gateway(station) => station.on_reply(core, call, reply),
            Self::Server(station) => station.on_reply(core, call, reply),
            Self::WebsocketService(station) => station.on_reply(core, call, reply),
            Self::Cache(station) => station.on_reply(core, call, reply),
            Self::Worker(station) => station.on_reply(core, call, reply),
            Self::NosqlDatabase(station) => station.on_reply(core, call, reply),
            Self::DatabaseBalancer(station) => station.on_reply(core, call, reply),
            Self::ShardRouter(station) => station.on_reply(core, call, reply),
            Self::Cdn(station) => station.on_reply(core, call, reply),
        }
    }

    /// A call that it made for `call` has been answered well, after the time that it `took`.
    #[allow(clippy::inline_always, reason = "nearly every answer comes here, from one place")]
    #[inline(always)]
    pub fn on_answer(&mut self, core: &mut Core, call: CallIdx, reply: Reply, took: SimDuration) {
        match self {
            // Those that most answers go to find out only once what they are. What they do not look at of the answer is
            // never put together: it is handed over whole, by value, only where it is rare.
            Self::Users(station) => station.on_reply_here(core, call, reply),
            Self::Server(station) => station.on_reply_here(core, call, reply),
            Self::Cache(station) => station.on_reply_here(core, call, reply),
            Self::LoadBalancer(station) => {
                station.note_end(core, reply.target, Some((reply.outcome, took)));
                station.on_reply_here(core, call, reply);
            }
            _ => self.on_other_answer(core, call, reply, took),
        }
    }

    #[inline(never)]
    fn on_other_answer(&mut self, core: &mut Core, call: CallIdx, reply: Reply, took: SimDuration) {
        self.note_end(core, reply.target, Some((reply.outcome, took)));
        self.on_reply(core, call, &reply);
    }

    /// A call that it made to `target` has ended, one way or another.
    ///
    /// `how` says with which outcome and how long it took; nothing is known of the loser of a hedged pair.
    pub fn note_end(&mut self, core: &mut Core, target: StationIdx, how: Option<(Outcome, SimDuration)>) {
        match self {
            Self::LoadBalancer(station) => station.note_end(core, target, how),
            Self::DatabaseBalancer(station) => station.note_end(target),
            _ => {}
        }
    }

    /// A call that it made is to be repeated: whom to ask this time. `None` if there is nobody left to ask.
    pub fn retarget(
        &mut self,
        core: &mut Core,
        link: LinkIdx,
        operation: Operation,
        call: CallIdx,
    ) -> Option<(LinkIdx, StationIdx)> {
        match self {
            Self::LoadBalancer(station) => station.choose(core, call),
            Self::Gateway(station) => station.choose(core),
            Self::Server(station) => station.retarget(core, link, operation, call),
            Self::WebsocketService(station) => station.retarget(core, link, operation, call),
            Self::Worker(station) => station.retarget(core, link, operation, call),
            Self::DatabaseBalancer(station) => station.choose(core, operation),
            Self::ShardRouter(station) => station.choose(core, call, operation),
            _ => Some((link, core.links[link.0 as usize].next_in_turn()?)),
        }
    }

    /// Nobody needs a call any more: if it still waits at the door, it goes; if it waits for a core, it gets none.
    pub fn withdraw(&mut self, core: &mut Core, call: CallIdx) {
        if let Some(machine) = self.machine_mut() {
            machine.withdraw(core, call);
        }
    }

    /// Whether it asks each instance of a service for its own part just now: then nobody else can answer instead.
    pub fn asks_each(&self, core: &Core, call: CallIdx) -> bool {
        match self {
            Self::Server(station) => station.asks_each(core, call),
            _ => false,
        }
    }

    /// Its users want something, if they still go by the timer that was set with this token.
    #[allow(clippy::inline_always, reason = "called from one place only, the loop")]
    #[inline(always)]
    pub fn on_next_request(&mut self, core: &mut Core, token: Token) {
        if let Self::Users(station) = self {
            station.on_next_request(core, token);
        }
    }

    /// One of its other timers rings.
    pub fn on_timer(&mut self, core: &mut Core, me: StationIdx, timer: Timer, token: Token) {
        match (timer, &mut *self) {
            (Timer::NextCompletion, _) => {
                // A station that dies while its calls are completed voids the timer, and this loop ends.
                while let Some(call) = self
                    .machine_mut()
                    .filter(|machine| machine.expects(token))
                    .and_then(|machine| machine.completed(core))
                {
                    self.after_service(core, call);
                }
            }
            (Timer::ThinkingEnds | Timer::TrafficTurn, Self::Users(station)) => {
                station.on_timer(core, timer, token);
            }
            (Timer::HealthCheck, Self::LoadBalancer(station)) => station.on_health_check(core, token),
            (Timer::HealthCheck, Self::Dns(station)) => station.on_health_check(core, token),
            (Timer::Own, Self::NosqlDatabase(station)) => station.on_timer(core),
            (Timer::Own, Self::ShardRouter(station)) => station.on_timer(core),
            (Timer::Own, Self::Cdn(station)) => station.on_timer(core),
            (Timer::HostCore, station) => station.take_kept_core(core, HostIdx(token)),
            (Timer::Own, Self::Queue(station)) => station.on_timer(core, token),
            (Timer::Own, Self::ThirdParty(station)) => station.on_timer(core, token),
            (Timer::Own, Self::Worker(station)) => station.on_timer(core),
            (Timer::Own, Self::WebsocketService(station)) => station.on_timer(core, token),
            (Timer::Own, Self::Cache(station)) => station.on_timer(core, token),
            (Timer::Failover, _) => core.failover_timer(me, token),
            _ => {}
        }
    }

    /// Another number of registered users.
    pub fn set_users(&mut self, core: &mut Core) {
        if let Self::Users(station) = self {
            station.set_users(core);
        }
    }

    /// It is no longer drawn. Users stop asking and give up what they have asked, `roots`; what a machine worked on has
    /// been ended already.
    pub fn retire(&mut self, core: &mut Core, roots: &[CallIdx]) {
        match self {
            Self::Users(station) => station.retire(core, roots),
            Self::LoadBalancer(station) => station.retire(),
            Self::Dns(station) => station.retire(),
            // Threads of a worker have ended with it.
            Self::Gateway(_)
            | Self::Server(_)
            | Self::WebsocketService(_)
            | Self::Cache(_)
            | Self::SqlDatabase(_)
            | Self::NosqlDatabase(_)
            | Self::DatabaseBalancer(_)
            | Self::ShardRouter(_)
            | Self::SessionStore(_)
            | Self::Cdn(_)
            | Self::ObjectStorage(_)
            | Self::Queue(_)
            | Self::Machine(_)
            | Self::ThirdParty(_)
            | Self::Monitoring(_)
            | Self::ContainerPool(_)
            | Self::Pipeline
            | Self::Worker(_) => {}
        }
    }

    /// A connection that one of its users wanted is open. `split` says where the time went that it took.
    pub fn on_opened(&mut self, core: &mut Core, root: CallIdx, split: Split) {
        if let Self::Users(station) = self {
            station.on_opened(core, root, split);
        }
    }

    /// The pause before one of its users opens a connection again is over.
    pub fn on_reconnect(&mut self, core: &mut Core, root: CallIdx) {
        if let Self::Users(station) = self {
            station.on_reconnect(core, root);
        }
    }

    /// Nobody is at the other end of a connection that it holds open.
    pub fn hang_up(&mut self, core: &mut Core, call: CallIdx) {
        if let Self::WebsocketService(station) = self {
            station.hang_up(core, call);
        }
    }

    /// One of its users' requests has waited too long.
    pub fn on_patience_lost(&mut self, core: &mut Core) {
        if let Self::Users(station) = self {
            station.on_patience_lost(core);
        }
    }

    /// It dies; its calls have been ended already.
    pub fn on_down(&mut self, core: &mut Core, me: StationIdx) {
        if let Some(machine) = self.machine_mut() {
            machine.clear(core);
        }
        match self {
            Self::Cache(station) => station.on_down(core),
            Self::Server(station) => station.forget(),
            Self::WebsocketService(station) => station.on_down(core),
            Self::LoadBalancer(station) => station.forget(),
            Self::SqlDatabase(station) => {
                station.on_down(core);
                core.database_lost(me);
            }
            Self::DatabaseBalancer(station) => station.forget(),
            Self::ShardRouter(_) => {}
            Self::SessionStore(station) => station.on_down(),
            Self::Cdn(station) => station.on_down(core),
            Self::Queue(station) => station.on_down(core),
            Self::Worker(station) => station.on_down(core),
            // What was written is on disk.
            Self::NosqlDatabase(_) => {}
            Self::Users(_)
            | Self::Dns(_)
            | Self::Gateway(_)
            | Self::ObjectStorage(_)
            | Self::ThirdParty(_)
            | Self::Monitoring(_)
            | Self::Machine(_)
            | Self::ContainerPool(_)
            | Self::Pipeline => {}
        }
    }

    /// Everything that it keeps a copy of is forgotten; it goes on working.
    pub fn flush(&mut self) {
        match self {
            Self::Cache(station) => station.flush_store(),
            Self::Cdn(station) => station.purge(),
            _ => {}
        }
    }

    /// It comes back, empty.
    pub fn on_up(&mut self, core: &mut Core, me: StationIdx) {
        match self {
            Self::SqlDatabase(station) => {
                core.database_regained(me);
                station.on_up(core);
            }
            Self::NosqlDatabase(station) => station.on_up(core),
            Self::Queue(station) => station.on_up(core),
            Self::Worker(station) => station.on_up(core),
            _ => {}
        }
    }

    /// Whether it can die: users and pipelines cannot.
    pub const fn can_fail(&self) -> bool {
        !matches!(self, Self::Users(_) | Self::Pipeline)
    }

    /// Memory taken now [bytes]; `None` where memory is not modelled.
    pub fn memory_used(&mut self, core: &Core) -> Option<f64> {
        match self {
            Self::Server(station) => Some(station.memory.used(core)),
            Self::WebsocketService(station) => Some(station.memory.used(core)),
            Self::Cache(station) => Some(station.memory_used()),
            Self::SessionStore(station) => Some(station.memory_used()),
            _ => None,
        }
    }

    /// About how much memory it takes here, beside what is shared [bytes]: stores; everything else is small.
    pub fn footprint_bytes(&self) -> usize {
        match self {
            Self::Cache(station) => station.footprint_bytes(),
            Self::Cdn(station) => station.footprint_bytes(),
            Self::SqlDatabase(station) => station.footprint_bytes(),
            _ => 0,
        }
    }

    /// Memory that there is [bytes]; `None` where it has no limit of its own.
    pub fn memory_limit(&self) -> Option<f64> {
        match self {
            Self::Server(station) => Some(station.memory.limit()),
            Self::WebsocketService(station) => Some(station.memory.limit()),
            Self::ContainerPool(station) => Some(station.memory_limit()),
            _ => None,
        }
    }

    /// Time until the process is there again after it ran out of memory; `None` if it never does.
    pub fn restart_time(&self) -> Option<SimDuration> {
        match self {
            Self::Server(station) => Some(station.memory.restart()),
            Self::WebsocketService(station) => Some(station.memory.restart()),
            Self::Cache(_) => Some(CACHE_RESTART),
            _ => None,
        }
    }

    /// What only its kind has to tell, over the span that `counts` was measured in.
    pub fn particulars(&self, core: &mut Core, me: StationIdx, counts: &StationMeasurements) -> Particulars {
        match self {
            Self::Users(_)
            | Self::Gateway(_)
            | Self::Server(_)
            | Self::Machine(_)
            | Self::ContainerPool(_)
            | Self::Pipeline
            | Self::Worker(_)
            | Self::ObjectStorage(_) => Particulars::None,
            Self::ThirdParty(station) => station.particulars(counts.third_party.as_deref()),
            Self::Monitoring(station) => station.particulars(),
            Self::NosqlDatabase(_) => Particulars::NosqlDatabase { stale_reads: counts.stale_reads },
            Self::DatabaseBalancer(_) => Particulars::None,
            Self::ShardRouter(station) => station.particulars(),
            Self::SessionStore(station) => station.particulars(counts),
            Self::Cdn(station) => Particulars::Cdn {
                hits: counts.hits,
                misses: counts.misses,
                stale_hits: counts.stale_hits,
                entries: station.entries(),
                bytes: station.bytes(),
                capacity_bytes: station.capacity_bytes(),
            },
            Self::Dns(_) => Particulars::Dns { cached: counts.hits, asked: counts.arrivals },
            Self::LoadBalancer(station) => station.particulars(),
            Self::Cache(station) => Particulars::Cache {
                hits: counts.hits,
                misses: counts.misses,
                stale_hits: counts.stale_hits,
                entries: station.entries(),
                capacity: station.capacity(),
                evictions: counts.evictions,
            },
            Self::SqlDatabase(_) => core.replication_particulars(me, counts.stale_reads),
            Self::Queue(station) => station.particulars(core, counts.queue.as_deref()),
            Self::WebsocketService(station) => station.particulars(counts.connections.as_deref()),
        }
    }

    /// Its machine, if it is one.
    pub const fn machine(&self) -> Option<&Machine> {
        match self {
            Self::Users(_) | Self::Monitoring(_) | Self::Pipeline => None,
            Self::ThirdParty(station) => Some(&station.machine),
            Self::Dns(station) => Some(&station.machine),
            Self::LoadBalancer(station) => Some(&station.machine),
            Self::Gateway(station) => Some(&station.machine),
            Self::Server(station) => Some(&station.machine),
            Self::WebsocketService(station) => Some(&station.machine),
            Self::Cache(station) => Some(&station.machine),
            Self::SqlDatabase(station) => Some(&station.machine),
            Self::NosqlDatabase(station) => Some(&station.machine),
            Self::DatabaseBalancer(station) => Some(&station.machine),
            Self::ShardRouter(station) => Some(&station.machine),
            Self::SessionStore(station) => Some(&station.machine),
            Self::Cdn(station) => Some(&station.machine),
            Self::ObjectStorage(station) => Some(&station.machine),
            Self::Queue(station) => Some(&station.machine),
            Self::Worker(station) => Some(&station.machine),
            Self::Machine(station) => Some(&station.machine),
            Self::ContainerPool(station) => Some(&station.machine),
        }
    }

    fn after_service(&mut self, core: &mut Core, call: CallIdx) {
        match self {
            Self::Users(_)
            | Self::Machine(_)
            | Self::ContainerPool(_)
            | Self::Pipeline
            | Self::ThirdParty(_)
            | Self::Monitoring(_) => {}
            Self::Dns(station) => station.on_served(core, call),
            Self::LoadBalancer(station) => station.on_served(core, call),
            Self::Gateway(station) => station.on_served(core, call),
            Self::Server(station) => station.on_served(core, call),
            Self::WebsocketService(station) => station.on_served(core, call),
            Self::Cache(station) => station.on_served(core, call),
            Self::SqlDatabase(station) => station.on_served(core, call),
            Self::NosqlDatabase(station) => station.on_served(core, call),
            Self::DatabaseBalancer(station) => station.on_served(core, call),
            Self::ShardRouter(station) => station.on_served(core, call),
            Self::SessionStore(station) => station.on_served(core, call),
            Self::Cdn(station) => station.on_served(core, call),
            Self::ObjectStorage(station) => station.on_served(core, call),
            Self::Queue(station) => station.on_served(core, call),
            Self::Worker(station) => station.on_served(core, call),
        }
    }

    const fn machine_mut(&mut self) -> Option<&mut Machine> {
        match self {
            Self::Users(_) | Self::Monitoring(_) | Self::Pipeline => None,
            Self::ThirdParty(station) => Some(&mut station.machine),
            Self::Dns(station) => Some(&mut station.machine),
            Self::LoadBalancer(station) => Some(&mut station.machine),
            Self::Gateway(station) => Some(&mut station.machine),
            Self::Server(station) => Some(&mut station.machine),
            Self::WebsocketService(station) => Some(&mut station.machine),
            Self::Cache(station) => Some(&mut station.machine),
            Self::SqlDatabase(station) => Some(&mut station.machine),
            Self::NosqlDatabase(station) => Some(&mut station.machine),
            Self::DatabaseBalancer(station) => Some(&mut station.machine),
            Self::ShardRouter(station) => Some(&mut station.machine),
            Self::SessionStore(station) => Some(&mut station.machine),
            Self::Cdn(station) => Some(&mut station.machine),
            Self::ObjectStorage(station) => Some(&mut station.machine),
            Self::Queue(station) => Some(&mut station.machine),
            Self::Worker(station) => Some(&mut station.machine),
            Self::Machine(station) => Some(&mut station.machine),
            Self::ContainerPool(station) => Some(&mut station.machine),
        }
    }
}
