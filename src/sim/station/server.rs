//! Server: computes for a request, then runs its errands: the calls to others that its links say. It holds a slot all
//! the while.
//!
//! Sessions are looked for when the work is done, before the errands; a request whose session is missing ends there, and
//! its user logs in again.
//!
//! A server that wants more memory than it has is killed, with everything in it, and started again.

use super::Setup;
use super::errands::{Errands, Plan};
use crate::design::kind::server::{Server as Config, SessionKeeping};
use crate::ids::ComponentId;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, Operation};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::Timer;
use crate::sim::mechanism::machine::{Contention, Machine, MachineSize};
use crate::sim::mechanism::memory::{MEGABYTE, Memory, MemorySize};
use crate::sim::mechanism::sessions::{Visit, site_of};
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// A server at work.
#[derive(Clone, Debug)]
pub struct Server {
    me: StationIdx,
    pub(super) machine: Machine,
    pub(super) memory: Memory,
    /// Work by position in [`RequestClass::ALL`].
    work: [Sampler; RequestClass::ALL.len()],
    /// A long job's own work, where it is done here.
    inline_work: Option<Sampler>,
    service: Stream,
    /// Time on the disk; `None` if there is none.
    disk: Option<(Sampler, Stream)>,
    sessions: SessionKeeping,
    session_ttl: SimDuration,
    /// Memory that a session takes [bytes], and with whom the users are shared.
    session_bytes: f64,
    site: ComponentId,
    /// Grows with each death.
    life: u32,
    errands: Errands,
    /// With a longer wait than this at the front of its queue, it turns away who comes.
    shed_after: Option<SimDuration>,
}

impl Server {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut server = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            memory: Memory::new(setup.me),
            work: Self::samplers(config),
            inline_work: None,
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            disk: None,
            sessions: config.sessions,
            session_ttl: SimDuration::ZERO,
            session_bytes: 0.0,
            site: component,
            life: 0,
            errands: Errands::new(instance),
            shed_after: None,
        };
        server.configure(core, setup, config);
        server
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.concurrency),
            queue_limit: config.queue_limit,
            cores: Some(config.machine_cores()),
            discipline: config.cpu_discipline,
        }
    }

    fn samplers(config: &Config) -> [Sampler; RequestClass::ALL.len()] {
        RequestClass::ALL.map(|class| {
            Sampler::new(match class {
                RequestClass::Read | RequestClass::Live => &config.read_work,
                RequestClass::Write => &config.write_work,
                RequestClass::Static => &config.static_work,
                RequestClass::Upload => &config.upload_work,
                RequestClass::Job => &config.job_work,
            })
        })
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.memory.configure(MemorySize {
            machine: config.machine_memory_mb() * MEGABYTE,
            shared: setup.host.filter(|_| !setup.is_container).map(|host| core.host_memory(host)),
            base: config.memory_base_mb * MEGABYTE,
            per_call: config.memory_per_request_mb * MEGABYTE,
            restart: SimDuration::from_secs_f64(config.restart_secs),
        });
        self.work = Self::samplers(config);
        self.shed_after = config.shed_after_secs.map(SimDuration::from_secs_f64);
        let plan = Plan {
            queries_per_read: config.queries_per_read,
            queries_per_write: config.queries_per_write,
            writes_per_job: config.queries_per_write,
            messages_per_write: config.messages_per_write,
            hands_jobs_over: true,
            avoid_failed: SimDuration::from_secs_f64(config.avoid_failed_secs),
            read_own_writes: SimDuration::from_secs_f64(config.read_own_writes_secs),
            calls: config.calls,
            quorum: config.quorum,
            scatter: config.scatter,
            ..Plan::default()
        };
        self.errands.configure(core, setup, plan);
        self.inline_work = (!self.errands.passes_jobs_on()).then(|| Sampler::new(&config.job_inline_work));
        let (component, instance) = core.identities[setup.me.0 as usize];
        self.sessions = config.sessions;
        self.session_ttl = SimDuration::from_secs_f64(config.session_ttl_secs);
        self.session_bytes = config.memory_per_session_mb * MEGABYTE;
        if self.sessions == SessionKeeping::InMemory {
            self.site = site_of(setup.network, component);
        }
        let disk_time = Sampler::new(&config.disk_time);
        self.disk = (disk_time != Sampler::Constant(SimDuration::ZERO)).then(|| {
            let stream = self.disk.take().map(|(_, stream)| stream);
            let fresh = || Stream::of_component(core.seed, component, instance, Purpose::Disk);
            (disk_time, stream.unwrap_or_else(fresh))
        });
        let contention = Contention { sigma: config.contention, kappa: config.coherency };
        self.machine.set_contention(core, contention);
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.shed_after.is_some_and(|limit| self.machine.longest_wait(core) > limit) {
            core.answer(call, Outcome::Shed);
            return;
        }
        if self.sessions == SessionKeeping::InMemory {
            let held = core.logins.held_by(self.me, self.life, self.session_ttl, core.now);
            self.memory.set_kept(held as f64 * self.session_bytes);
        }
        if self.memory.is_short(core) {
            core.set_timer(self.me, SimDuration::ZERO, Timer::OutOfMemory, core.presence_era(self.me));
        }
        if self.machine.arrive_here(core, call) {
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
        let class = core.calls[call].class;
        let mut work = self.work[class as usize].sample_here(&mut self.service);
        if class == RequestClass::Job
            && let Some(inline) = &self.inline_work
        {
            work += inline.sample(&mut self.service);
        }
        self.machine.work_here(core, call, work);
    }

    #[allow(clippy::inline_always, reason = "nearly all work of servers ends in one place")]
    #[inline(always)]
    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        if let Some((time, stream)) = &mut self.disk
            && core.calls[call].class != RequestClass::Static
        {
            let time = time.sample(stream);
            core.wait(call, time);
            return;
        }
        self.run_errands(core, call);
    }

    /// The disk has finished with a request.
    pub(super) fn on_waited(&mut self, core: &mut Core, call: CallIdx) {
        self.run_errands(core, call);
    }

    /// Looks for the session of a request in memory. Gives whether the request may go on.
    fn has_session(&mut self, core: &mut Core, call: CallIdx) -> bool {
        let record = &core.calls[call];
        if record.class == RequestClass::Static {
            return true;
        }
        let client = record.client;
        let is_lost = core.visit(self.site, self.me, self.life, client, self.session_ttl) == Visit::Lost;
        if is_lost {
            self.answer(core, call, Outcome::NoSession);
        }
        !is_lost
    }

    #[allow(clippy::inline_always, reason = "a part of the end of all work")]
    #[inline(always)]
    fn run_errands(&mut self, core: &mut Core, call: CallIdx) {
        if self.sessions == SessionKeeping::WithClient || self.has_session(core, call) {
            self.proceed(core, call);
        }
    }

    #[inline]
    fn proceed(&mut self, core: &mut Core, call: CallIdx) {
        if let Some(outcome) = self.errands.proceed(core, call) {
            self.answer(core, call, outcome);
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        self.on_reply_here(core, call, *reply);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "nearly every answer comes here, from one place")]
    #[inline(always)]
    pub(super) fn on_reply_here(&mut self, core: &mut Core, call: CallIdx, reply: Reply) {
        if let Some(outcome) = self.errands.on_reply(core, call, reply) {
            self.answer(core, call, outcome);
        }
    }

    /// Whether a request waits for the parts of all instances of a service.
    pub(super) fn asks_each(&self, core: &Core, call: CallIdx) -> bool {
        self.errands.asks_each(core, call)
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

    /// It has died: what it remembered is gone.
    pub(super) fn forget(&mut self) {
        self.life += 1;
        self.errands.forget();
        self.memory.forget();
    }

    #[inline]
    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        if let Some(next) = self.machine.answer(core, call, outcome) {
            self.begin(core, next);
        }
    }
}
