//! Message queue: keeps each message until a worker has acknowledged it (at-least-once delivery).
//!
//! A delivered message is hidden for the visibility timeout; if it has not been acknowledged by then it is delivered
//! again, and after so many deliveries it becomes a dead letter. With ordering per key a message goes to the partition of
//! its key, and a partition hands out nothing while one of its messages is being worked on.
//!
//! A call of a worker that finds nothing waits here for a while (long polling); its response time is counted from the
//! moment when there is something to hand out. Messages count as waiting in this station's figures, deliveries under way
//! as being here.
//!
//! Left out: copies on several brokers; a dead broker's messages wait on its disk.

use std::collections::VecDeque;

use super::Setup;
use crate::design::kind::queue::{Ordering, Queue as Config, WhenFull};
use crate::design::kind::server::CpuDiscipline;
use crate::network::StationIdx;
use crate::sim::call::{CallIdx, CallRef, Operation, Stage};
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::event::{Timer, Token};
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::messages::{List, NONE};
use crate::sim::metrics::QueueMeasurements;
use crate::sim::rng::{Purpose, Stream, mix};
use crate::sim::snapshot::{Outcome, Particulars};
use crate::sorted::sort_by;
use crate::units::{SimDuration, SimTime};

/// Deliveries whose time has come are to be looked at.
const VISIBILITY: Token = 0;
/// Messages that are too old are to be looked at.
const RETENTION: Token = 1;
/// Workers that have waited long enough are to be told that there is nothing.
const POLLS: Token = 2;

#[derive(Clone, Copy, Debug, Default)]
struct Partition {
    ready: List,
    /// Messages being worked on.
    delivered: u32,
    /// Whether it stands in the list of those that have something to hand out.
    is_listed: bool,
}

/// A message queue at work.
#[derive(Clone, Debug)]
pub struct Queue {
    me: StationIdx,
    pub(super) machine: Machine,
    is_up: bool,
    accept_work: Sampler,
    operation_work: Sampler,
    service: Stream,
    ordering: Ordering,
    capacity: Option<u32>,
    when_full: WhenFull,
    visibility: SimDuration,
    receive_limit: Option<u32>,
    retention: SimDuration,
    poll_wait: SimDuration,
    durable: bool,
    partitions: Vec<Partition>,
    /// Partitions that have something to hand out, in turn.
    available: VecDeque<u32>,
    /// Deliveries under way, by the end of their visibility timeout.
    deliveries: List,
    waiting: u64,
    delivered: u64,
    dead_letters: u64,
    /// Messages published since the start.
    published: u64,
    /// Calls of workers that found nothing, oldest first.
    polls: VecDeque<CallRef>,
    /// Calls of publishers that found no room, oldest first.
    blocked: VecDeque<CallRef>,
    /// When each timer rings next, by its token.
    wakes: [SimTime; 3],
}

impl Queue {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut queue = Self {
            me: setup.me,
            machine: Machine::new(setup.me, Self::size(config)),
            is_up: true,
            accept_work: Sampler::new(&config.accept_work),
            operation_work: Sampler::new(&config.operation_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            ordering: config.ordering,
            capacity: None,
            when_full: config.when_full,
            visibility: SimDuration::ZERO,
            receive_limit: None,
            retention: SimDuration::MAX,
            poll_wait: SimDuration::ZERO,
            durable: true,
            partitions: vec![Partition::default(); Self::partitions(config)],
            available: VecDeque::new(),
            deliveries: List::default(),
            waiting: 0,
            delivered: 0,
            dead_letters: 0,
            published: 0,
            polls: VecDeque::new(),
            blocked: VecDeque::new(),
            wakes: [SimTime::NEVER; 3],
        };
        queue.configure(core, setup, config);
        queue
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: None,
            queue_limit: config.queue_limit,
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    /// Without ordering one list of all messages does.
    const fn partitions(config: &Config) -> usize {
        match config.ordering {
            Ordering::None => 1,
            Ordering::PerKey => config.partitions as usize,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, _setup: &Setup<'_>, config: &Config) {
        self.accept_work = Sampler::new(&config.accept_work);
        self.operation_work = Sampler::new(&config.operation_work);
        self.capacity = config.capacity_messages;
        self.when_full = config.when_full;
        self.visibility = SimDuration::from_secs_f64(config.visibility_timeout_secs);
        self.receive_limit = config.receive_limit;
        let retention = SimDuration::from_secs_f64(config.retention_secs);
        if self.retention != retention {
            self.retention = retention;
            self.wakes[RETENTION as usize] = SimTime::NEVER;
        }
        self.poll_wait = SimDuration::from_secs_f64(config.poll_wait_secs);
        self.durable = config.durable;
        if self.ordering != config.ordering || self.partitions.len() != Self::partitions(config) {
            self.ordering = config.ordering;
            self.redistribute(core, Self::partitions(config));
        }
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
        self.hand_out(core);
        self.admit(core);
        self.set_timers(core);
    }

    /// Spreads all messages over another number of partitions, oldest first.
    fn redistribute(&mut self, core: &mut Core, partitions: usize) {
        let mut waiting = Vec::new();
        for partition in &mut self.partitions {
            while let Some(message) = partition.ready.pop(&mut core.messages) {
                waiting.push(message);
            }
        }
        sort_by(&mut waiting, |&a, &b| core.messages[a].number.cmp(&core.messages[b].number));
        self.partitions = vec![Partition::default(); partitions];
        self.available.clear();
        let mut next = self.deliveries.first();
        while let Some(message) = next {
            let partition = self.partition_of(core.messages[message].key);
            core.messages[message].partition = partition;
            self.partitions[partition as usize].delivered += 1;
            next = core.messages.after(message);
        }
        for message in waiting {
            let partition = self.partition_of(core.messages[message].key);
            core.messages[message].partition = partition;
            self.partitions[partition as usize].ready.insert(&mut core.messages, message, |_| true);
            self.list(partition);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].operation == Operation::Publish && self.when_full == WhenFull::Refuse && !self.has_room() {
            core.answer(call, Outcome::Refused);
        } else if self.machine.arrive(core, call) {
            self.begin(core, call);
        }
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = match core.calls[call].operation {
            Operation::Publish => &self.accept_work,
            _ => &self.operation_work,
        };
        let work = work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        match core.calls[call].operation {
            Operation::Publish if self.has_room() => self.publish(core, call),
            Operation::Publish if self.when_full == WhenFull::Refuse => self.answer(core, call, Outcome::Refused),
            Operation::Publish => {
                core.calls[call].stage = Stage::Calling;
                self.blocked.push_back(core.calls.reference(call));
            }
            Operation::Receive => {
                core.calls[call].stage = Stage::Calling;
                core.calls[call].since = core.now;
                self.polls.push_back(core.calls.reference(call));
                self.hand_out(core);
            }
            Operation::Acknowledge => {
                self.acknowledge(core, call);
                self.answer(core, call, Outcome::Answered);
            }
            _ => self.answer(core, call, Outcome::Unavailable),
        }
        self.set_timers(core);
    }

    fn publish(&mut self, core: &mut Core, call: CallIdx) {
        let (key, client) = (core.calls[call].key, core.calls[call].client);
        let message = core.messages.insert(key, client, self.published, core.now);
        let partition = self.partition_of(key);
        core.messages[message].partition = partition;
        self.published += 1;
        self.counts(core).published += 1;
        self.waiting += 1;
        let levels = &mut core.levels[self.me.0 as usize];
        levels.in_system.add(core.now, 1);
        levels.waiting.add(core.now, 1);
        self.partitions[partition as usize].ready.insert(&mut core.messages, message, |_| true);
        self.list(partition);
        self.answer(core, call, Outcome::Answered);
        self.hand_out(core);
    }

    /// A worker is done with a message. It may have been taken for lost meanwhile, delivered to another one, or be gone.
    fn acknowledge(&mut self, core: &mut Core, call: CallIdx) {
        let (message, receipt) = (core.calls[call].version, core.calls[call].key);
        if !core.messages.holds(message, receipt) {
            self.counts(core).duplicates += 1;
            return;
        }
        let took = core.now.since(core.messages[message].published);
        let counts = self.counts(core);
        counts.acknowledged += 1;
        counts.completion.record(took);
        self.forget(core, message);
        self.admit(core);
        self.hand_out(core);
    }

    /// Gives messages to the workers that wait for some.
    fn hand_out(&mut self, core: &mut Core) {
        while !self.available.is_empty()
            && let Some(reference) = self.polls.pop_front()
        {
            let Some(call) = core.calls.find(reference) else { continue };
            if core.calls[call].parent == CallRef::NONE {
                // The worker has given up: what it got would be lost until the visibility timeout.
                self.answer(core, call, Outcome::Answered);
                continue;
            }
            let wanted = core.calls[call].memo.max(1);
            let (first, count) = self.deliver(core, wanted);
            if count == 0 {
                // What stood in the list has been acknowledged or has expired.
                self.polls.push_front(reference);
                break;
            }
            // What it waited for before there was anything is no response time.
            core.calls[call].arrived = core.now;
            core.calls[call].version = first;
            core.calls[call].answer = core.messages[first].generation;
            core.calls[call].found = true;
            self.answer(core, call, Outcome::Answered);
        }
    }

    /// Takes up to `wanted` messages for one worker. Gives the first, which leads to the others, and how many there are.
    fn deliver(&mut self, core: &mut Core, wanted: u32) -> (u32, u32) {
        let (mut first, mut last, mut count) = (NONE, NONE, 0);
        while count < wanted
            && let Some(place) = self.available.pop_front()
        {
            self.partitions[place as usize].is_listed = false;
            while count < wanted
                && let Some(message) = self.partitions[place as usize].ready.pop(&mut core.messages)
            {
                self.partitions[place as usize].delivered += 1;
                self.mark_delivered(core, message);
                if last == NONE {
                    first = message
                } else {
                    core.messages[last].next_in_batch = (message, core.messages[message].generation);
                }
                last = message;
                count += 1;
            }
            self.list(place);
            // A batch that is to stay in order comes from one partition.
            if self.ordering == Ordering::PerKey && count > 0 {
                break;
            }
        }
        (first, count)
    }

    fn mark_delivered(&mut self, core: &mut Core, place: u32) {
        let now = core.now;
        let message = &mut core.messages[place];
        message.receives += 1;
        message.next_in_batch = (NONE, 0);
        message.hidden_until = now + self.visibility;
        let (is_first, age, until) = (message.receives == 1, now.since(message.published), message.hidden_until);
        self.deliveries.insert(&mut core.messages, place, |other| other.hidden_until <= until);
        self.waiting -= 1;
        self.delivered += 1;
        core.levels[self.me.0 as usize].waiting.add(now, -1);
        let counts = self.counts(core);
        counts.delivered += 1;
        if is_first { counts.age.record(age) } else { counts.redelivered += 1 }
    }

    /// Forgets a message, whether it waits or has been delivered.
    fn forget(&mut self, core: &mut Core, message: u32) {
        let place = core.messages[message].partition;
        let is_delivered = core.messages[message].hidden_until != SimTime::NEVER;
        let levels = &mut core.levels[self.me.0 as usize];
        levels.in_system.add(core.now, -1);
        let partition = &mut self.partitions[place as usize];
        if is_delivered {
            partition.delivered -= 1;
            self.delivered -= 1;
            self.deliveries.remove(&mut core.messages, message);
        } else {
            levels.waiting.add(core.now, -1);
            self.waiting -= 1;
            partition.ready.remove(&mut core.messages, message);
        }
        core.messages.remove(message);
        self.list(place);
    }

    /// Deliveries that have not been acknowledged in time: the messages wait again, or become dead letters.
    fn take_back(&mut self, core: &mut Core) {
        while let Some(message) = self.deliveries.first() {
            if core.messages[message].hidden_until > core.now {
                break;
            }
            if self.receive_limit.is_some_and(|limit| core.messages[message].receives >= limit) {
                self.dead_letters += 1;
                self.counts(core).dead_lettered += 1;
                self.forget(core, message);
                continue;
            }
            self.deliveries.remove(&mut core.messages, message);
            core.messages[message].hidden_until = SimTime::NEVER;
            let (place, number) = (core.messages[message].partition, core.messages[message].number);
            let partition = &mut self.partitions[place as usize];
            partition.delivered -= 1;
            partition.ready.insert_from_front(&mut core.messages, message, |other| other.number > number);
            self.delivered -= 1;
            self.waiting += 1;
            core.levels[self.me.0 as usize].waiting.add(core.now, 1);
            self.list(place);
            let expires = core.messages[message].published + self.retention;
            self.wake_at(core, RETENTION, expires);
        }
    }

    /// Messages that are too old go, whether anyone wanted them or not. Only those at the front of a partition can be.
    fn drop_expired(&mut self, core: &mut Core) {
        for place in 0..self.partitions.len() {
            while let Some(message) = self.partitions[place].ready.first()
                && core.messages[message].published + self.retention <= core.now
            {
                self.counts(core).expired += 1;
                self.forget(core, message);
            }
        }
        self.available.retain(|&place| {
            let partition = &mut self.partitions[place as usize];
            partition.is_listed = !partition.ready.is_empty();
            partition.is_listed
        });
    }

    /// When the oldest message that waits becomes too old.
    fn next_expiry(&self, core: &Core) -> SimTime {
        self.oldest(core).map_or(SimTime::NEVER, |published| published + self.retention)
    }

    /// When the oldest message that waits was published.
    fn oldest(&self, core: &Core) -> Option<SimTime> {
        let firsts = self.partitions.iter().filter_map(|partition| partition.ready.first());
        firsts.map(|message| core.messages[message].published).min()
    }

    /// Lets publishers go on as far as there is room.
    fn admit(&mut self, core: &mut Core) {
        while self.has_room()
            && let Some(reference) = self.blocked.pop_front()
        {
            let Some(call) = core.calls.find(reference) else { continue };
            if core.calls[call].parent == CallRef::NONE {
                // Its connection is closed: nobody would learn that the message was kept.
                self.answer(core, call, Outcome::Refused);
            } else {
                self.publish(core, call);
            }
        }
    }

    pub(super) fn on_timer(&mut self, core: &mut Core, token: Token) {
        if let Some(wake) = self.wakes.get_mut(token as usize) {
            *wake = SimTime::NEVER;
        }
        if !self.is_up {
            return;
        }
        match token {
            VISIBILITY => self.take_back(core),
            RETENTION => self.drop_expired(core),
            POLLS => self.end_polls(core),
            _ => {}
        }
        self.hand_out(core);
        self.admit(core);
        self.set_timers(core);
    }

    /// Tells workers that have waited long enough that there is nothing.
    fn end_polls(&mut self, core: &mut Core) {
        while let Some(&reference) = self.polls.front() {
            let call = core.calls.find(reference);
            if let Some(call) = call
                && core.calls[call].since + self.poll_wait > core.now
            {
                break;
            }
            self.polls.pop_front();
            if let Some(call) = call {
                core.calls[call].arrived = core.now;
                self.answer(core, call, Outcome::Answered);
            }
        }
    }

    fn set_timers(&mut self, core: &mut Core) {
        let polls = self.polls.front().and_then(|&reference| core.calls.find(reference));
        let visible = self.deliveries.first().map_or(SimTime::NEVER, |message| core.messages[message].hidden_until);
        self.wake_at(core, VISIBILITY, visible);
        self.wake_at(core, POLLS, polls.map_or(SimTime::NEVER, |call| core.calls[call].since + self.poll_wait));
        // The oldest is not looked for at every step: whoever comes later also expires later.
        if self.wakes[RETENTION as usize] == SimTime::NEVER && self.waiting > 0 {
            self.wake_at(core, RETENTION, self.next_expiry(core));
        }
    }

    /// Sets a timer unless it rings earlier anyway; one that rings too early is set again then.
    fn wake_at(&mut self, core: &mut Core, token: Token, at: SimTime) {
        if at < self.wakes[token as usize] {
            self.wakes[token as usize] = at;
            core.set_timer(self.me, at.since(core.now), Timer::Own, token);
        }
    }

    /// It has died. Its messages wait on its disk, if they were written there.
    pub(super) fn on_down(&mut self, core: &mut Core) {
        self.is_up = false;
        self.polls.clear();
        self.blocked.clear();
        if !self.durable {
            let lost = self.waiting + self.delivered;
            self.counts(core).lost += lost;
            while let Some(message) = self.deliveries.first() {
                self.forget(core, message);
            }
            for place in 0..self.partitions.len() {
                while let Some(message) = self.partitions[place].ready.first() {
                    self.forget(core, message);
                }
            }
            self.available.clear();
            for partition in &mut self.partitions {
                partition.is_listed = false;
            }
        }
        core.levels[self.me.0 as usize].waiting.set(core.now, self.waiting);
    }

    /// It has come back.
    pub(super) fn on_up(&mut self, core: &mut Core) {
        self.is_up = true;
        self.take_back(core);
        self.drop_expired(core);
        self.set_timers(core);
    }

    pub(super) fn particulars(&self, core: &Core, counts: Option<&QueueMeasurements>) -> Particulars {
        Particulars::Queue {
            waiting: self.waiting,
            delivered: self.delivered,
            oldest_secs: self.oldest(core).map_or(0.0, |published| core.now.since(published).as_secs_f64()),
            capacity: self.capacity.map(u64::from),
            redelivered: counts.map_or(0, |counts| counts.redelivered),
            dead_letters: self.dead_letters,
        }
    }

    fn has_room(&self) -> bool {
        self.capacity.is_none_or(|capacity| self.waiting + self.delivered < u64::from(capacity))
    }

    fn partition_of(&self, key: u32) -> u32 {
        (mix(u64::from(key)) % self.partitions.len() as u64) as u32
    }

    /// Lists a partition among those that have something to hand out, if it has.
    fn list(&mut self, place: u32) {
        let partition = &mut self.partitions[place as usize];
        let is_free = self.ordering == Ordering::None || partition.delivered == 0;
        if is_free && !partition.is_listed && !partition.ready.is_empty() {
            partition.is_listed = true;
            self.available.push_back(place);
        }
    }

    fn counts<'a>(&self, core: &'a mut Core) -> &'a mut QueueMeasurements {
        core.window.stations[self.me.0 as usize].queue.get_or_insert_default()
    }

    fn answer(&mut self, core: &mut Core, call: CallIdx, outcome: Outcome) {
        // It has room for everyone, so nobody waits for the place that becomes free.
        self.machine.answer(core, call, outcome);
    }
}
