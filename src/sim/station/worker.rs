//! Worker: threads that each ask a queue for messages, do what these ask for, and acknowledge each when it is done.
//!
//! A message whose job fails is not acknowledged: the queue delivers it again after its visibility timeout. A poisonous
//! message fails every time, whoever works on it.
//!
//! A thread is a call of its own that nobody waits for; it lasts as long as the machine is alive.

use super::Setup;
use super::errands::{Errands, Plan};
use crate::design::LinkRole;
use crate::design::fault::{Fault, FaultKind};
use crate::design::kind::worker::Worker as Config;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, CallRef, NO_LINK, Operation, Stage};
use crate::sim::condition::Presence;
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::Timer;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::messages::NONE;
use crate::sim::rng::{Purpose, Stream, mix};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// Pause of a thread that could not reach its queue.
const PAUSE: SimDuration = SimDuration::from_secs(1);

/// What one thread is at.
#[derive(Clone, Copy, Debug)]
struct Thread {
    call: CallRef,
    /// The queue that its messages come from.
    link: LinkIdx,
    /// The message that it works on; none while it asks for some.
    message: u32,
    /// What the message is acknowledged by.
    receipt: u32,
    /// The next message that was taken with it, with its receipt.
    next: (u32, u32),
}

/// A worker at work.
#[derive(Clone, Debug)]
pub struct Worker {
    me: StationIdx,
    pub(super) machine: Machine,
    is_running: bool,
    work: Sampler,
    service: Stream,
    errands: Errands,
    queues: Vec<LinkIdx>,
    concurrency: u32,
    batch: u32,
    poison_share: f64,
    /// By number; those that have ended leave a gap until they are wanted again.
    threads: Vec<Option<Thread>>,
    /// Threads that will ask again when the timer rings.
    paused: Vec<u32>,
}

impl Worker {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut worker = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            is_running: false,
            work: Sampler::new(&config.job_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            errands: Errands::new(instance),
            queues: Vec::new(),
            concurrency: config.concurrency,
            batch: config.batch,
            poison_share: config.poison_share,
            threads: Vec::new(),
            paused: Vec::new(),
        };
        worker.configure(core, setup, config);
        worker
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.concurrency),
            queue_limit: None,
            cores: Some(config.cores),
            discipline: config.cpu_discipline,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.work = Sampler::new(&config.job_work);
        self.concurrency = config.concurrency;
        self.batch = config.batch;
        self.poison_share = config.poison_share;
        self.queues = setup.links(core, LinkRole::Consume).collect();
        let plan = Plan {
            reads_per_job: config.reads_per_job,
            writes_per_job: config.writes_per_job,
            files_per_job: config.files_per_job,
            messages_per_job: config.messages_per_job,
            avoid_failed: SimDuration::from_secs_f64(config.avoid_failed_secs),
            ..Plan::default()
        };
        self.errands.configure(core, setup, plan);
        // Threads take the slots, so nobody waits for one at the door.
        self.machine.resize(core, Self::size(config));
        if self.is_running {
            self.start_threads(core);
            self.resume(core);
        }
    }

    pub(super) fn start(&mut self, core: &mut Core) {
        self.is_running = true;
        self.start_threads(core);
    }

    /// Starts the threads that are wanted and not there.
    fn start_threads(&mut self, core: &mut Core) {
        let wanted = self.concurrency as usize;
        if self.threads.len() < wanted {
            self.threads.resize(wanted, None);
        }
        for number in 0..self.concurrency {
            if self.threads[number as usize].is_none() {
                let mut call = Call::new(self.me, NO_LINK, Operation::Serve, core.now);
                call.stage = Stage::Calling;
                call.class = RequestClass::Job;
                call.answer = number;
                let call = core.calls.insert(call);
                let call = core.calls.reference(call);
                let thread = Thread { call, link: NO_LINK, message: NONE, receipt: 0, next: (NONE, 0) };
                self.threads[number as usize] = Some(thread);
                self.poll(core, number);
            }
        }
    }

    /// A thread asks for messages; one that is no longer wanted ends.
    fn poll(&mut self, core: &mut Core, number: u32) {
        let Some(thread) = &mut self.threads[number as usize] else { return };
        let call = thread.call.idx;
        thread.message = NONE;
        if number >= self.concurrency {
            core.calls.remove(call);
            self.threads[number as usize] = None;
            return;
        }
        if core.conditions[self.me.0 as usize].presence() == Presence::Draining {
            self.pause(core, number);
            return;
        }
        // Threads share themselves out evenly among several queues.
        let link = self.queues.get(number as usize % self.queues.len().max(1)).copied();
        let Some((link, queue)) = link.and_then(|link| Some((link, core.links[link.0 as usize].next_in_turn()?)))
        else {
            self.pause(core, number);
            return;
        };
        thread.link = link;
        let poll = core.send(call, link, queue, Operation::Receive);
        core.calls[poll].memo = self.batch;
    }

    fn pause(&mut self, core: &mut Core, number: u32) {
        if self.paused.is_empty() {
            core.set_timer(self.me, PAUSE, Timer::Own, 0);
        }
        self.paused.push(number);
    }

    pub(super) fn on_timer(&mut self, core: &mut Core) {
        self.resume(core);
    }

    fn resume(&mut self, core: &mut Core) {
        for number in core::mem::take(&mut self.paused) {
            self.poll(core, number);
        }
    }

    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        let number = core.calls[call].answer;
        match reply.operation {
            Operation::Receive => match reply.outcome {
                Outcome::Answered if reply.found => self.begin(core, number, reply.version, reply.answer),
                // It has waited in vain, or longer than its link allows.
                Outcome::Answered | Outcome::TimedOut => self.poll(core, number),
                _ => self.pause(core, number),
            },
            Operation::Acknowledge => self.finish(core, number, reply.outcome),
            _ => {
                if let Some(outcome) = self.errands.on_reply(core, call, *reply) {
                    self.end(core, number, outcome);
                }
            }
        }
    }

    /// Starts the job of a message, unless another worker has finished it meanwhile.
    fn begin(&mut self, core: &mut Core, number: u32, message: u32, receipt: u32) {
        if message == NONE || !core.messages.holds(message, receipt) {
            self.poll(core, number);
            return;
        }
        let Some(thread) = &mut self.threads[number as usize] else { return };
        let record = core.messages[message];
        thread.message = message;
        thread.receipt = receipt;
        thread.next = record.next_in_batch;
        let idx = thread.call.idx;
        let call = &mut core.calls[idx];
        call.key = record.key;
        call.client = record.client;
        call.version = 0;
        call.phase = 0;
        call.memo = 0;
        call.stale = false;
        call.arrived = core.now;
        call.waited = SimDuration::ZERO;
        call.served = SimDuration::ZERO;
        core.levels[self.me.0 as usize].arrivals += 1;
        let levels = &mut core.levels[self.me.0 as usize];
        levels.in_system.add(core.now, 1);
        levels.used_slots.add(core.now, 1);
        let work = self.work.sample(&mut self.service);
        self.machine.work(core, idx, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let number = core.calls[call].answer;
        let Some(thread) = self.threads[number as usize] else { return };
        if self.is_poisonous(core, &thread) {
            self.finish(core, number, Outcome::Unavailable);
        } else if core.fails_at_random(self.me) {
            self.finish(core, number, Outcome::Failed);
        } else if let Some(outcome) = self.errands.proceed(core, call) {
            self.end(core, number, outcome);
        }
    }

    /// Whether a message makes every job fail; the same for whoever works on it.
    fn is_poisonous(&self, core: &Core, thread: &Thread) -> bool {
        let queue = core.links[thread.link.0 as usize].targets.first().copied();
        let poisoned = |station: StationIdx| match core.conditions[station.0 as usize].fault(FaultKind::Poison) {
            Some(Fault::Poison(poison)) => poison.share,
            _ => 0.0,
        };
        let share = self.poison_share + poisoned(self.me) + queue.map_or(0.0, poisoned);
        let drawn = mix((u64::from(thread.message) << 32) | u64::from(thread.receipt)) >> 11;
        (drawn as f64) < share * (1_u64 << 53) as f64
    }

    /// A job has come to its end: tells the queue, if it went well.
    fn end(&mut self, core: &mut Core, number: u32, outcome: Outcome) {
        let Some(thread) = self.threads[number as usize] else { return };
        let queue = core.links[thread.link.0 as usize].next_in_turn();
        match queue {
            Some(queue) if outcome.is_success() => {
                let call = thread.call.idx;
                core.calls[call].version = thread.message;
                core.calls[call].key = thread.receipt;
                core.send(call, thread.link, queue, Operation::Acknowledge);
            }
            _ => self.finish(core, number, if outcome.is_success() { Outcome::Unavailable } else { outcome }),
        }
    }

    /// Counts a job and goes on to the next message.
    fn finish(&mut self, core: &mut Core, number: u32, outcome: Outcome) {
        let Some(thread) = self.threads[number as usize] else { return };
        let call = &core.calls[thread.call.idx];
        let counts = &mut core.window.stations[self.me.0 as usize];
        counts.outcomes.record(outcome);
        if outcome.is_success() {
            counts.wait.record(call.waited);
            counts.response.record(core.now.since(call.arrived));
        }
        let levels = &mut core.levels[self.me.0 as usize];
        levels.in_system.add(core.now, -1);
        levels.used_slots.add(core.now, -1);
        let (next, receipt) = thread.next;
        self.begin(core, number, next, receipt);
    }

    pub(super) fn retarget(
        &mut self,
        core: &mut Core,
        link: LinkIdx,
        operation: Operation,
        call: CallIdx,
    ) -> Option<(LinkIdx, StationIdx)> {
        match operation {
            Operation::Receive | Operation::Acknowledge => Some((link, core.links[link.0 as usize].next_in_turn()?)),
            _ => self.errands.retarget(core, link, operation, call),
        }
    }

    /// It has died, and what it worked on with it. The queue will notice by itself.
    pub(super) fn on_down(&mut self, core: &mut Core) {
        self.is_running = false;
        self.errands.forget();
        self.paused.clear();
        for thread in core::mem::take(&mut self.threads).into_iter().flatten() {
            core.calls.remove(thread.call.idx);
            if thread.message != NONE {
                core.levels[self.me.0 as usize].in_system.add(core.now, -1);
                core.window.stations[self.me.0 as usize].outcomes.record(Outcome::TargetDown);
            }
        }
    }

    /// It has come back.
    pub(super) fn on_up(&mut self, core: &mut Core) {
        self.start(core);
    }
}
