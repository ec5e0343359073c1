//! A machine: slots for calls being worked on, a queue at the door, and cores that calls compete for.
//!
//! A call that is admitted holds its slot until it is answered, also while it waits for others; a core only while it
//! computes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::design::kind::server::CpuDiscipline;
use crate::network::StationIdx;
use crate::sim::call::{CallIdx, Stage};
use crate::sim::core::Core;
use crate::sim::event::{Event, TOKEN_MASK, Timer, Token};
use crate::sim::mechanism::host::HostIdx;
use crate::sim::snapshot::Outcome;
use crate::units::{SimDuration, SimTime};

/// How large a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineSize {
    /// Calls worked on at the same time; `None` for any number.
    pub slots: Option<u32>,
    /// Calls that may wait, for a slot if slots are limited, else for a core; `None` for any number.
    pub queue_limit: Option<u32>,
    /// Cores; `None` for as many as are wanted.
    pub cores: Option<u32>,
    /// How cores are shared.
    pub discipline: CpuDiscipline,
}

/// How cores slow each other down: with n of them busy, each works at 1/(1 + σ(n − 1) + κ·n(n − 1)) of its speed.
///
/// # Sources
/// Universal Scalability Law; N. J. Gunther, *Guerrilla Capacity Planning* (2007), chapter 6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contention {
    /// σ: share of the work that cores must do one at a time.
    pub sigma: f64,
    /// κ: cost of keeping a pair of cores in agreement, over the work.
    pub kappa: f64,
}

impl Contention {
    /// How much longer work takes with `busy` cores at it.
    fn slowdown(self, busy: f64) -> f64 {
        1.0 + (busy - 1.0).max(0.0) * (self.sigma + self.kappa * busy)
    }
}

/// A machine at work.
#[derive(Clone, Debug)]
pub struct Machine {
    station: StationIdx,
    size: MachineSize,
    /// What follows from its size, and is asked for each call.
    limits: Limits,
    used_slots: u32,
    at_door: VecDeque<CallIdx>,
    busy_cores: u32,
    for_core: VecDeque<(CallIdx, SimDuration)>,
    sharing: Sharing,
    contention: Option<Contention>,
    /// The computer that it shares with others; `None` if it has one of its own.
    host: Option<HostIdx>,
    /// Whether it may use no more cores of the shared computer than are its own: a container.
    is_container: bool,
    /// Cores that it has asked the shared computer for, and not got yet.
    asked: u32,
}

/// What each call asks a machine, made ready.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Calls worked on at the same time.
    slots: u32,
    /// Cores that it may give out by itself: none where they are shared, among its calls or with other stations, or slow
    /// each other down.
    own_cores: u32,
    /// Whether a call may be refused though it needs no slot, because too many wait for a core.
    limits_queue_for_cores: bool,
}

/// Processor sharing in virtual time: how much service each call present has received so far. A call is done when
/// virtual time has grown by its work since it came.
#[derive(Clone, Debug, Default)]
struct Sharing {
    /// Service that a call present all along would have received [s].
    virtual_secs: f64,
    updated: SimTime,
    /// Calls by virtual time of completion, as bits (which order like the numbers, none being negative), then by order
    /// of arrival.
    calls: BinaryHeap<Reverse<(u64, u64, u32)>>,
    arrivals: u64,
    token: Token,
}

impl Machine {
    /// An idle machine of the station.
    pub fn new(station: StationIdx, size: MachineSize) -> Self {
        let mut machine = Self {
            station,
            size,
            limits: Limits { slots: 0, own_cores: 0, limits_queue_for_cores: false },
            used_slots: 0,
            at_door: VecDeque::new(),
            busy_cores: 0,
            for_core: VecDeque::new(),
            sharing: Sharing::default(),
            contention: None,
            host: None,
            is_container: false,
            asked: 0,
        };
        machine.find_limits();
        machine
    }

    /// Makes ready what each call asks; to be done whenever size, host or contention change.
    fn find_limits(&mut self) {
        let MachineSize { slots, queue_limit, cores, discipline } = self.size;
        let gives_cores_out =
            discipline == CpuDiscipline::FirstComeFirstServed && self.host.is_none() && self.contention.is_none();
        self.limits = Limits {
            slots: slots.unwrap_or(u32::MAX),
            own_cores: if gives_cores_out { cores.unwrap_or(u32::MAX) } else { 0 },
            limits_queue_for_cores: slots.is_none() && queue_limit.is_some() && cores.is_some(),
        };
    }

    /// Moves to a computer that it shares with others, or to one of its own. On a shared one its cores are those of the
    /// computer, and go to whoever asked first; a container uses at most as many of them as are its own.
    pub fn set_host(&mut self, core: &mut Core, host: Option<HostIdx>, is_container: bool) {
        if self.host != host || self.is_container != is_container {
            // Shared cores cannot be divided evenly among calls of one station only.
            if self.host.is_none() {
                let in_order = MachineSize { discipline: CpuDiscipline::FirstComeFirstServed, ..self.size };
                self.resize(core, in_order);
            }
            if let Some(before) = self.host {
                core.leave_host(before, self.station, self.busy_cores);
            }
            self.host = host;
            self.is_container = is_container;
            self.find_limits();
            self.asked = 0;
            if let Some(host) = host {
                core.join_host(host, self.busy_cores);
                let ready = core::mem::take(&mut self.for_core);
                for (call, work) in ready {
                    core.levels[self.station.0 as usize].waiting.add(core.now, -1);
                    self.take_core(core, call, work);
                }
            }
            self.size = self.sized(core, self.size);
            self.find_limits();
            self.start_ready(core);
        } else if host.is_some() {
            self.size = self.sized(core, self.size);
            self.find_limits();
        }
    }

    /// The size that it has where it stands, if it asks for `size`.
    fn sized(&self, core: &Core, size: MachineSize) -> MachineSize {
        self.host.map_or(size, |host| MachineSize {
            cores: if self.is_container { size.cores } else { Some(core.host_cores(host)) },
            discipline: CpuDiscipline::FirstComeFirstServed,
            ..size
        })
    }

    /// Cores of the shared computer that it may use at a time.
    fn share_of_host(&self) -> u32 {
        if self.is_container { self.size.cores.unwrap_or(u32::MAX) } else { u32::MAX }
    }

    /// Asks the shared computer for a core for each call that waits, as far as it may use more.
    fn ask_host(&mut self, core: &mut Core, host: HostIdx) {
        while (self.asked as usize) < self.for_core.len() && self.busy_cores + self.asked < self.share_of_host() {
            if core.take_host_core(host, self.station) {
                if let Some((call, work)) = self.for_core.pop_front() {
                    self.leave_queue(core, call);
                    self.occupy_core(core, call, work);
                }
            } else {
                self.asked += 1;
            }
        }
    }

    /// A core of a shared computer has been kept for it. It gives it back if it has moved or died since it asked.
    pub fn take_kept_core(&mut self, core: &mut Core, host: HostIdx) {
        if self.host == Some(host)
            && self.asked > 0
            && let Some((call, work)) = self.for_core.pop_front()
        {
            self.asked -= 1;
            self.leave_queue(core, call);
            self.occupy_core(core, call, work);
        } else {
            core.free_host_core(host);
        }
    }

    /// Lets cores slow each other down from now on; work that occupies a core already takes as long as it was begun.
    pub fn set_contention(&mut self, core: &mut Core, contention: Contention) {
        let contention = (contention.sigma > 0.0 || contention.kappa > 0.0).then_some(contention);
        if self.contention == contention {
            return;
        }
        let shares = self.size.discipline == CpuDiscipline::ProcessorSharing;
        if shares {
            self.advance_virtual_time(core.now);
        }
        self.contention = contention;
        self.find_limits();
        if shares {
            self.schedule_completion(core);
        }
    }

    /// How large it is.
    pub const fn size(&self) -> MachineSize {
        self.size
    }

    /// Gives the machine another size while it works. Calls in service stay in service; gives the calls that get a slot
    /// now, to be worked on.
    pub fn resize(&mut self, core: &mut Core, size: MachineSize) -> Vec<CallIdx> {
        let size = self.sized(core, size);
        if self.size == size {
            return Vec::new();
        }
        let changes_discipline = self.size.discipline != size.discipline;
        if self.size.discipline == CpuDiscipline::ProcessorSharing {
            self.advance_virtual_time(core.now);
        }
        self.size = size;
        self.find_limits();
        if changes_discipline {
            self.change_discipline(core);
        } else if size.discipline == CpuDiscipline::ProcessorSharing {
            self.show_shared_cores(core);
            self.schedule_completion(core);
        }
        self.start_ready(core);
        let mut admitted = Vec::new();
        while self.has_free_slot()
            && let Some(call) = self.at_door.pop_front()
        {
            self.take_slot(core, call);
            admitted.push(call);
        }
        admitted
    }

    /// How long the call that has waited longest, for a slot or for a core, has waited by now.
    pub fn longest_wait(&self, core: &Core) -> SimDuration {
        let waits = |call: CallIdx| core.now.since(core.calls[call].since);
        let at_door = self.at_door.front().map(|&call| waits(call));
        let for_core = self.for_core.front().map(|&(call, _)| waits(call));
        at_door.max(for_core).unwrap_or(SimDuration::ZERO)
    }

    /// A call comes to the door. It gets a slot (`true`), waits, or is refused.
    pub fn arrive(&mut self, core: &mut Core, call: CallIdx) -> bool {
        self.arrive_here(core, call)
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "for the kinds that most calls go to")]
    #[inline(always)]
    pub fn arrive_here(&mut self, core: &mut Core, call: CallIdx) -> bool {
        core.calls[call].since = core.now;
        let has_slot = self.used_slots < self.limits.slots;
        if has_slot && !(self.limits.limits_queue_for_cores && self.has_full_queue()) {
            self.used_slots += 1;
            core.levels[self.station.0 as usize].used_slots.add(core.now, 1);
            return true;
        }
        self.keep_at_door(core, call);
        false
    }

    /// Whether no more calls may wait for a core.
    #[inline]
    fn has_full_queue(&self) -> bool {
        self.size.cores.is_some_and(|cores| self.busy_cores >= cores) && self.for_core.len() >= self.queue_limit()
    }

    fn queue_limit(&self) -> usize {
        self.size.queue_limit.map_or(usize::MAX, |limit| limit as usize)
    }

    /// Lets a call wait for a slot, or refuses it.
    #[inline(never)]
    fn keep_at_door(&mut self, core: &mut Core, call: CallIdx) {
        if self.size.slots.is_some() && self.at_door.len() < self.queue_limit() {
            core.calls[call].stage = Stage::Waiting;
            core.levels[self.station.0 as usize].waiting.add(core.now, 1);
            self.at_door.push_back(call);
        } else {
            core.answer(call, Outcome::Refused);
        }
    }

    /// Drops a call that nobody needs any more, if it waits at the door. One that waits for a core keeps its place, but its
    /// work is struck out.
    pub fn withdraw(&mut self, core: &mut Core, call: CallIdx) {
        if let Some(position) = self.at_door.iter().position(|&waiting| waiting == call) {
            self.at_door.remove(position);
            core.levels[self.station.0 as usize].waiting.add(core.now, -1);
            core.answer(call, Outcome::Abandoned);
        } else if let Some((_, work)) = self.for_core.iter_mut().find(|(waiting, _)| *waiting == call) {
            *work = SimDuration::ZERO;
        }
    }

    /// Whether a call would be served at once.
    pub fn has_idle_core(&self) -> bool {
        let present = self.busy_cores as usize + self.sharing.calls.len();
        self.size.cores.is_none_or(|cores| present < cores as usize)
    }

    /// A call with a slot wants a core for `work`. [`Event::Served`] or [`Machine::completed`] tells when it is done.
    pub fn work(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        self.work_here(core, call, work);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "for the kinds that most calls go to")]
    #[inline(always)]
    pub fn work_here(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        core.calls[call].since = core.now;
        if self.busy_cores < self.limits.own_cores {
            let work = core.slowed(self.station, work);
            self.hold_core(core, call, work);
        } else {
            self.ask_for_core(core, call, work);
        }
    }

    /// A call wants a core that is not simply there.
    #[inline(never)]
    fn ask_for_core(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        match self.size.discipline {
            CpuDiscipline::FirstComeFirstServed => {
                self.take_core(core, call, work);
            }
            CpuDiscipline::ProcessorSharing => {
                self.advance_virtual_time(core.now);
                self.share_core(core, call, work);
                self.schedule_completion(core);
            }
        }
    }

    /// A core has finished with a call under first come, first served: it takes the next one.
    pub fn free_core(&mut self, core: &mut Core) {
        self.free_core_here(core);
    }

    /// The same, where it stands.
    #[allow(clippy::inline_always, reason = "for the kinds that most calls go to")]
    #[inline(always)]
    pub fn free_core_here(&mut self, core: &mut Core) {
        self.busy_cores -= 1;
        core.levels[self.station.0 as usize].busy_cores.add(core.now, -1);
        if self.host.is_some() || !self.for_core.is_empty() {
            self.pass_core_on(core);
        }
    }

    /// Whoever waits for a core may have the one that has become free.
    #[inline(never)]
    fn pass_core_on(&mut self, core: &mut Core) {
        match self.host {
            None => self.start_ready(core),
            Some(host) => {
                core.free_host_core(host);
                self.ask_host(core, host);
            }
        }
    }

    /// The next call that processor sharing has completed by now; to be asked on [`Timer::NextCompletion`] until there is
    /// none.
    pub fn completed(&mut self, core: &mut Core) -> Option<CallIdx> {
        self.advance_virtual_time(core.now);
        let &Reverse((finish, _, call)) = self.sharing.calls.peek()?;
        // The timer was rounded up to a whole nanosecond; what is due within half of one is done.
        if f64::from_bits(finish) > self.sharing.virtual_secs + 0.5e-9 {
            self.schedule_completion(core);
            return None;
        }
        self.sharing.calls.pop();
        let call = CallIdx(call);
        let served = core.now.since(core.calls[call].since);
        core.calls[call].served += served;
        self.show_shared_cores(core);
        Some(call)
    }

    /// Whether a timer of this token is the one that was set last.
    pub const fn expects(&self, token: Token) -> bool {
        token == self.sharing.token & TOKEN_MASK
    }

    /// Answers a call, which gives its slot back. Gives the call that gets it, to be worked on.
    pub fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) -> Option<CallIdx> {
        core.answer_here(call, outcome);
        self.used_slots -= 1;
        core.levels[self.station.0 as usize].used_slots.add(core.now, -1);
        if self.at_door.is_empty() { None } else { self.admit_next(core) }
    }

    /// Lets the next call at the door have a slot, if one is free; gives it, to be worked on.
    #[inline(never)]
    fn admit_next(&mut self, core: &mut Core) -> Option<CallIdx> {
        if !self.has_free_slot() {
            return None;
        }
        let call = self.at_door.pop_front()?;
        self.take_slot(core, call);
        Some(call)
    }

    /// The machine dies: everything in it is lost. The calls themselves are the engine's to end.
    pub fn clear(&mut self, core: &mut Core) {
        let token = self.sharing.token.wrapping_add(1);
        if let Some(host) = self.host {
            core.leave_host(host, self.station, self.busy_cores);
        }
        *self = Self {
            contention: self.contention,
            host: self.host,
            is_container: self.is_container,
            ..Self::new(self.station, self.size)
        };
        self.sharing.token = token;
        self.sharing.updated = core.now;
        let levels = &mut core.levels[self.station.0 as usize];
        levels.waiting.set(core.now, 0);
        levels.used_slots.set(core.now, 0);
        levels.busy_cores.set(core.now, 0);
    }

    fn has_free_slot(&self) -> bool {
        self.used_slots < self.limits.slots
    }

    fn take_slot(&mut self, core: &mut Core, call: CallIdx) {
        self.used_slots += 1;
        let levels = &mut core.levels[self.station.0 as usize];
        levels.waiting.add(core.now, -1);
        levels.used_slots.add(core.now, 1);
        let call = &mut core.calls[call];
        call.waited += core.now.since(call.since);
    }

    fn await_core(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        core.calls[call].stage = Stage::Ready;
        core.levels[self.station.0 as usize].waiting.add(core.now, 1);
        self.for_core.push_back((call, work));
    }

    /// Gives a call a core, or lets it wait for one.
    fn take_core(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        let is_free = match self.host {
            None => self.size.cores.is_none_or(|cores| self.busy_cores < cores),
            Some(host) if self.busy_cores + self.asked < self.share_of_host() => {
                let is_free = core.take_host_core(host, self.station);
                self.asked += u32::from(!is_free);
                is_free
            }
            Some(_) => false,
        };
        if is_free {
            self.occupy_core(core, call, work);
        } else {
            self.await_core(core, call, work);
        }
    }

    /// A call has waited for a core for the last time.
    fn leave_queue(&self, core: &mut Core, call: CallIdx) {
        core.levels[self.station.0 as usize].waiting.add(core.now, -1);
        let waited = core.now.since(core.calls[call].since);
        core.calls[call].waited += waited;
    }

    fn start_ready(&mut self, core: &mut Core) {
        if let Some(host) = self.host {
            // The shared computer tells when it has a core for this station.
            self.ask_host(core, host);
            return;
        }
        while self.size.cores.is_none_or(|cores| self.busy_cores < cores)
            && let Some((call, work)) = self.for_core.pop_front()
        {
            self.leave_queue(core, call);
            self.occupy_core(core, call, work);
        }
    }

    /// A call gets a core.
    fn occupy_core(&mut self, core: &mut Core, call: CallIdx, work: SimDuration) {
        // As slow as the machine is now, not as it was when the call began to wait.
        let mut work = core.slowed(self.station, work);
        if let Some(contention) = self.contention {
            let busy = f64::from(self.busy_cores + 1);
            work = SimDuration::from_secs_f64(work.as_secs_f64() * contention.slowdown(busy));
        }
        self.hold_core(core, call, work);
    }

    #[allow(clippy::inline_always, reason = "the step that every work begins with")]
    #[inline(always)]
    fn hold_core(&mut self, core: &mut Core, idx: CallIdx, work: SimDuration) {
        self.busy_cores += 1;
        core.levels[self.station.0 as usize].busy_cores.add(core.now, 1);
        let call = &mut core.calls[idx];
        call.stage = Stage::Serving;
        call.served += work;
        let generation = call.generation & TOKEN_MASK;
        core.schedule(work, Event::Served(idx, generation));
    }

    fn share_core(&mut self, core: &mut Core, idx: CallIdx, work: SimDuration) {
        core.calls[idx].stage = Stage::Serving;
        let work = core.slowed(self.station, work);
        let finish = self.sharing.virtual_secs + work.as_secs_f64();
        self.sharing.calls.push(Reverse((finish.to_bits(), self.sharing.arrivals, idx.0)));
        self.sharing.arrivals += 1;
        self.show_shared_cores(core);
    }

    /// Service per second that each call present receives.
    fn share(&self) -> f64 {
        let present = self.sharing.calls.len() as f64;
        let share = self.size.cores.map_or(1.0, |cores| (f64::from(cores) / present).min(1.0));
        self.contention.map_or(share, |contention| share / contention.slowdown(share * present))
    }

    fn advance_virtual_time(&mut self, now: SimTime) {
        if self.sharing.calls.is_empty() {
            // Starting from zero again keeps the numbers small and their rounding errors with them.
            self.sharing.virtual_secs = 0.0;
        } else {
            self.sharing.virtual_secs += now.since(self.sharing.updated).as_secs_f64() * self.share();
        }
        self.sharing.updated = now;
    }

    fn schedule_completion(&mut self, core: &mut Core) {
        self.sharing.token = self.sharing.token.wrapping_add(1);
        if let Some(&Reverse((finish, ..))) = self.sharing.calls.peek() {
            let left = (f64::from_bits(finish) - self.sharing.virtual_secs).max(0.0) / self.share();
            // Up, not to the nearest, so that the call is done when the timer comes.
            let after = SimDuration::from_nanos(libm::ceil(left * 1e9) as u64);
            core.set_timer(self.station, after, Timer::NextCompletion, self.sharing.token);
        }
    }

    fn show_shared_cores(&self, core: &mut Core) {
        let present = self.sharing.calls.len() as u64;
        let shared = self.size.cores.map_or(present, |cores| present.min(u64::from(cores)));
        core.levels[self.station.0 as usize].busy_cores.set(core.now, shared + u64::from(self.busy_cores));
    }

    /// Hands the calls here over to the other discipline; what work they have left goes on.
    fn change_discipline(&mut self, core: &mut Core) {
        match self.size.discipline {
            CpuDiscipline::ProcessorSharing => {
                // Calls that occupy a core keep it until they are done; those waiting share from now on.
                self.advance_virtual_time(core.now);
                while let Some((call, work)) = self.for_core.pop_front() {
                    core.levels[self.station.0 as usize].waiting.add(core.now, -1);
                    let waited = core.now.since(core.calls[call].since);
                    core.calls[call].waited += waited;
                    core.calls[call].since = core.now;
                    self.share_core(core, call, work);
                }
                self.schedule_completion(core);
            }
            CpuDiscipline::FirstComeFirstServed => {
                self.sharing.token = self.sharing.token.wrapping_add(1);
                core.levels[self.station.0 as usize].busy_cores.set(core.now, u64::from(self.busy_cores));
                while let Some(Reverse((finish, _, call))) = self.sharing.calls.pop() {
                    let left = (f64::from_bits(finish) - self.sharing.virtual_secs).max(0.0);
                    let call = CallIdx(call);
                    let served = core.now.since(core.calls[call].since);
                    core.calls[call].served += served;
                    core.calls[call].since = core.now;
                    self.await_core(core, call, SimDuration::from_secs_f64(left));
                }
            }
        }
    }
}
