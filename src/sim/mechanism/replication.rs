//! A replicated log: the primary commits writes and ships them at once; each replica applies them one after the other;
//! when the primary is lost, the replica that has received the most takes over.
//!
//! A replica's apply queue is a single server, so when an entry will be applied is known as soon as it is shipped
//! (Lindley's recursion): `applied = max(arrived, previous applied) + apply work`. No event is needed for it.
//!
//! The loss of a primary cuts its connections: what it has acknowledged but is still on the way to a replica never
//! arrives there. If that replica is promoted, those writes are lost, and counted. A replica whose log is cut or stopped
//! falls behind until it is not, and then gets what it lacks.
//!
//! Where replicas judge by their own heartbeats, a cut line looks to them like the death of the primary: one of them is
//! promoted while the old primary goes on. Both then take the writes of whoever reaches them (split brain). What the old
//! one took is thrown away when they find each other again, and counted. A majority avoids that: it alone may elect, and
//! a primary that has lost it takes no writes. Two servers that are cut off by the same fault are taken to reach each
//! other.

mod groups;

use std::collections::{BTreeSet, VecDeque};

use crate::design::fault::FaultKind;
use crate::design::kind::sql_database::{Election, LossDetection, ReplicationMode};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::condition::Condition;
use crate::sim::core::LinkState;
use crate::sim::distribution::Sampler;
use crate::sim::event::Token;
use crate::sim::metrics::Measurements;
use crate::sim::rng::{Stream, mix};
use crate::sim::snapshot::Happening;
use crate::units::{SimDuration, SimTime};

/// A log entry on its way to being applied.
#[derive(Clone, Copy, Debug)]
struct Pending {
    arrives: SimTime,
    applied: SimTime,
    committed: SimTime,
}

/// How one database server takes part in a group.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The server.
    pub station: StationIdx,
    /// The link that the log reaches it by, if one is drawn.
    pub link: Option<LinkIdx>,
    /// Time to apply one write.
    pub apply_work: Sampler,
    /// Where that is drawn from.
    pub apply_stream: Stream,
    /// Place in the order in which replicas take over; the lowest goes first.
    pub priority: u32,
}

#[derive(Clone, Debug)]
struct Member {
    how: Membership,
    is_up: bool,
    /// Whether the link by which the log reaches it is open.
    is_linked: bool,
    /// Whether it gets no log, although it is there: the way to it is cut, or its replication stopped.
    is_cut: bool,
    /// Entries applied, counted from the start of the log.
    applied: u64,
    /// Entries after those, in order.
    pending: VecDeque<Pending>,
    /// While it is down: entries that it has received.
    received_when_lost: u64,
}

/// When and how a lost primary is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailoverPolicy {
    /// Whether it happens by itself.
    pub automatic: bool,
    /// Time until the loss is believed.
    pub detection: SimDuration,
    /// Time to promote a replica after that.
    pub promotion: SimDuration,
    /// Which replica takes over.
    pub election: Election,
    /// What a write waits for.
    pub mode: ReplicationMode,
    /// Who decides that a primary is lost.
    pub loss: LossDetection,
}

/// A change that has been committed on a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number in the log.
    pub entry: u64,
    /// When as many replicas as it waits for should have confirmed it; `None` if it waits for none.
    pub confirmed_after: Option<SimDuration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failover {
    /// There is a primary, or nobody looks for one.
    Idle,
    /// The primary is down; soon that will be noticed.
    Detecting,
    /// A replica is being promoted.
    Promoting,
    /// There was no replica to promote.
    Stuck,
}

/// A primary and its replicas.
#[derive(Clone, Debug)]
struct Group {
    /// The primary as drawn: owner of the group's timer.
    drawn_primary: StationIdx,
    policy: FailoverPolicy,
    members: Vec<Member>,
    /// Position of the primary, which may be down.
    primary: usize,
    failover: Failover,
    token: Token,
    /// Entries in the log.
    length: u64,
    /// When the newest entries were committed; the oldest of these is entry number `length - log.len()`.
    log: VecDeque<SimTime>,
    /// For each item, the number of the last entry that changed it.
    last_change: Vec<u64>,
    /// Entries that nobody has been told of yet.
    unacknowledged: BTreeSet<u64>,
    lost_writes: u64,
    /// An old primary that goes on beside the present one.
    split: Option<Split>,
    /// The primary has lost the majority, and takes no writes.
    is_fenced: bool,
    /// Whether the present failover is about a primary that is up, but out of reach of others.
    is_about_reach: bool,
}

/// An old primary that does not know that there is another.
#[derive(Clone, Copy, Debug)]
struct Split {
    place: usize,
    /// Writes that it has acknowledged and the present one does not have.
    writes: u64,
}

/// All groups of a run.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    groups: Vec<Group>,
    /// Group of each station, and its place there.
    places: Vec<Option<(usize, usize)>>,
}

/// What the groups need of the core.
struct Surroundings<'a> {
    now: SimTime,
    links: &'a mut [LinkState],
    window: &'a mut Measurements,
}

impl Member {
    /// Notes everything applied by now.
    fn catch_up(&mut self, at: &mut Surroundings<'_>) {
        while let Some(entry) = self.pending.front().filter(|entry| entry.applied <= at.now) {
            let lag = entry.applied.since(entry.committed);
            let counts = &mut at.window.stations[self.how.station.0 as usize];
            counts.replication_lag.record(lag);
            if let Some(link) = self.how.link {
                at.window.links[link.0 as usize].response.record(lag);
            }
            // Little's law in areas: each entry counts for as long as it was committed and not applied.
            counts.lag_writes_area += lag.as_secs_f64();
            self.pending.pop_front();
            self.applied += 1;
        }
    }

    /// Entries that have reached it.
    fn received(&self, now: SimTime) -> u64 {
        if self.is_up {
            self.applied + self.pending.partition_point(|entry| entry.arrives <= now) as u64
        } else {
            self.received_when_lost
        }
    }

    fn enqueue(&mut self, committed: SimTime, arrives: SimTime) {
        let (arrived_before, applied_before) =
            self.pending.back().map_or((SimTime::ZERO, SimTime::ZERO), |last| (last.arrives, last.applied));
        let arrives = arrives.max(arrived_before);
        let work = self.how.apply_work.sample(&mut self.how.apply_stream);
        self.pending.push_back(Pending { arrives, applied: arrives.max(applied_before) + work, committed });
    }

    /// Gives up entries beyond `length`, which the new primary does not have.
    fn roll_back(&mut self, length: u64) {
        self.applied = self.applied.min(length);
        self.received_when_lost = self.received_when_lost.min(length);
        self.pending.truncate(usize::try_from(length - self.applied).unwrap_or(usize::MAX));
    }

    /// Cuts its connection: what is still on the way does not arrive.
    fn cut(&mut self, now: SimTime) {
        let arrived = self.pending.partition_point(|entry| entry.arrives <= now);
        self.pending.truncate(arrived);
    }
}

impl Group {
    fn committed_at(&self, entry: u64) -> SimTime {
        let first = self.length - self.log.len() as u64;
        entry.checked_sub(first).and_then(|offset| self.log.get(offset as usize)).copied().unwrap_or(SimTime::ZERO)
    }

    fn has_replicas(&self) -> bool {
        self.members.len() > 1
    }

    fn primary_works(&self) -> bool {
        self.members[self.primary].is_up
    }

    /// Whether the log goes to a member now.
    fn is_served(&self, place: usize) -> bool {
        self.members[place].is_up && !self.members[place].is_cut
    }

    /// Whether a member and the primary reach each other. Those that are cut off by the same fault do.
    fn reaches_primary(&self, place: usize) -> bool {
        self.members[place].is_linked == self.members[self.primary].is_linked
    }

    /// Sees which ways of the log are open now. Gives what to tell about it and where, and the time until the group's
    /// timer should ring.
    fn look_at_ways(
        &mut self,
        conditions: &[Condition],
        at: &mut Surroundings<'_>,
    ) -> (Option<(StationIdx, Happening)>, Option<SimDuration>) {
        for member in &mut self.members {
            member.is_linked = member.how.link.is_none_or(|link| at.links[link.0 as usize].is_open());
        }
        let mut told = None;
        for place in 0..self.members.len() {
            if place == self.primary {
                continue;
            }
            let station = self.members[place].how.station.0 as usize;
            let is_stopped = conditions[station].fault(FaultKind::StoppedReplication).is_some();
            let is_cut = is_stopped || !self.reaches_primary(place);
            if core::mem::replace(&mut self.members[place].is_cut, is_cut) == is_cut {
                continue;
            }
            if is_cut {
                self.members[place].catch_up(at);
                self.members[place].cut(at.now);
                continue;
            }
            if self.split.is_some_and(|split| split.place == place) {
                told = self.end_split(at);
            }
            if self.members[place].is_up && self.primary_works() {
                self.ship_missing(place, at);
            }
        }
        let is_out_of_reach = (0..self.members.len()).any(|place| self.is_out_of_reach(place));
        if !is_out_of_reach {
            self.is_fenced = false;
            if self.is_about_reach {
                self.is_about_reach = false;
                self.failover = Failover::Idle;
                self.token = self.token.wrapping_add(1);
            }
            return (told, None);
        }
        let is_wanted = self.policy.automatic && self.policy.loss != LossDetection::Observer;
        if is_wanted
            && self.primary_works()
            && self.failover == Failover::Idle
            && self.split.is_none()
            && !self.is_fenced
        {
            self.failover = Failover::Detecting;
            self.is_about_reach = true;
            self.token = self.token.wrapping_add(1);
            return (told, Some(self.policy.detection));
        }
        (told, None)
    }

    /// Whether a replica works that does not hear from a primary that works too.
    fn is_out_of_reach(&self, place: usize) -> bool {
        place != self.primary && self.members[place].is_up && !self.reaches_primary(place)
    }

    /// An old primary learns that there is another: what it has taken since is thrown away.
    fn end_split(&mut self, at: &mut Surroundings<'_>) -> Option<(StationIdx, Happening)> {
        let split = self.split.take()?;
        let station = self.members[split.place].how.station;
        self.lost_writes += split.writes;
        at.window.stations[station.0 as usize].lost_writes += split.writes;
        Some((station, Happening::SplitEnded { lost_writes: split.writes }))
    }

    /// Members that the primary reaches, itself included, are so many, and those that it does not.
    fn sides(&self) -> (usize, usize) {
        let beyond = (0..self.members.len()).filter(|&place| self.is_out_of_reach(place)).count();
        let near = (0..self.members.len())
            .filter(|&place| self.members[place].is_up && (place == self.primary || self.reaches_primary(place)))
            .count();
        (near, beyond)
    }

    /// Sends a member everything that it lacks.
    fn ship_missing(&mut self, place: usize, at: &mut Surroundings<'_>) {
        if self.members[place].is_cut {
            return;
        }
        let arrives = at.now + self.latency_to(place, at);
        let member = &self.members[place];
        let missing = member.applied + member.pending.len() as u64..self.length;
        if let Some(link) = member.how.link {
            at.window.links[link.0 as usize].attempts += missing.end - missing.start;
        }
        for entry in missing {
            let committed = self.committed_at(entry);
            self.members[place].enqueue(committed, arrives);
        }
    }

    /// Draws the time that the log takes to a member: by its own link, or for a primary as drawn that follows another
    /// now, back along that one's.
    fn latency_to(&self, place: usize, at: &mut Surroundings<'_>) -> SimDuration {
        if let Some(link) = self.members[place].how.link {
            return at.links[link.0 as usize].carry_forth(at.now);
        }
        let link = self.members[self.primary].how.link;
        link.map_or(SimDuration::ZERO, |link| at.links[link.0 as usize].carry_back(at.now))
    }

    /// Forgets the times of entries that every member has.
    fn trim(&mut self) {
        let needed = self.members.iter().map(|member| member.applied).min().unwrap_or(self.length);
        while self.log.len() as u64 > self.length - needed {
            self.log.pop_front();
        }
    }

    fn lose_member(&mut self, place: usize, at: &mut Surroundings<'_>) -> Option<SimDuration> {
        self.members[place].catch_up(at);
        let received = self.members[place].received(at.now);
        let member = &mut self.members[place];
        member.is_up = false;
        member.received_when_lost = received;
        member.pending.clear();
        if self.split.is_some_and(|split| split.place == place) {
            // What only it had will be thrown away when it comes back.
            self.end_split(at);
        }
        if place != self.primary {
            return None;
        }
        for member in &mut self.members {
            member.cut(at.now);
        }
        self.token = self.token.wrapping_add(1);
        self.is_about_reach = false;
        if self.policy.automatic && self.has_replicas() {
            self.failover = Failover::Detecting;
            Some(self.policy.detection)
        } else {
            self.failover = Failover::Idle;
            None
        }
    }

    /// Gives what to tell about it, and the time until the group's timer should ring.
    fn regain_member(&mut self, place: usize, at: &mut Surroundings<'_>) -> (Option<Happening>, Option<SimDuration>) {
        let follows = place != self.primary;
        let member = &mut self.members[place];
        member.is_up = true;
        if !follows {
            // Nobody was promoted meanwhile: it goes on where it was, and its replicas get what was cut off.
            self.failover = Failover::Idle;
            self.token = self.token.wrapping_add(1);
            for other in (0..self.members.len()).filter(|&other| other != place) {
                if self.members[other].is_up {
                    self.ship_missing(other, at);
                }
            }
            return (None, None);
        }
        let was_primary = member.how.link.is_none();
        let relayed = member.applied..member.received_when_lost.min(self.length);
        for entry in relayed {
            let committed = self.committed_at(entry);
            self.members[place].enqueue(committed, at.now);
        }
        if self.primary_works() {
            self.ship_missing(place, at);
        }
        let timer = (self.failover == Failover::Stuck).then(|| {
            self.failover = Failover::Promoting;
            self.token = self.token.wrapping_add(1);
            self.policy.promotion
        });
        (was_primary.then_some(Happening::Rejoined), timer)
    }

    /// The group's timer rings. Gives what to tell about it and where, and the time until it should ring again.
    fn advance_failover(
        &mut self,
        at: &mut Surroundings<'_>,
    ) -> (Option<(StationIdx, Happening)>, Option<SimDuration>) {
        match self.failover {
            Failover::Detecting if self.is_about_reach && self.policy.loss == LossDetection::Majority => {
                let (near, beyond) = self.sides();
                let most = self.members.len() / 2 + 1;
                self.is_fenced = near < most;
                if beyond < most {
                    self.failover = Failover::Idle;
                    self.is_about_reach = false;
                    return (None, None);
                }
                self.failover = Failover::Promoting;
                (
                    Some((self.members[self.primary].how.station, Happening::FailoverStarted)),
                    Some(self.policy.promotion),
                )
            }
            Failover::Detecting => {
                self.failover = Failover::Promoting;
                (
                    Some((self.members[self.primary].how.station, Happening::FailoverStarted)),
                    Some(self.policy.promotion),
                )
            }
            Failover::Promoting => self.promote(at),
            Failover::Idle | Failover::Stuck => (None, None),
        }
    }

    /// Who takes over: the first of those that suit best.
    fn elect(&self, now: SimTime) -> Option<usize> {
        let is_split_off = |place: usize| self.split.is_some_and(|split| split.place == place);
        let candidates = (0..self.members.len()).filter(|&place| {
            place != self.primary
                && self.members[place].is_up
                && !is_split_off(place)
                && (!self.is_about_reach || self.is_out_of_reach(place))
        });
        match self.policy.election {
            Election::LeastLag => candidates.min_by_key(|&place| std::cmp::Reverse(self.members[place].received(now))),
            Election::Priority => candidates.min_by_key(|&place| self.members[place].how.priority),
            Election::Random => {
                let all: Vec<usize> = candidates.collect();
                // The timer's token differs from one failover to the next, and stays while one lasts.
                let drawn = mix(u64::from(self.token) ^ (u64::from(self.drawn_primary.0) << 32));
                (!all.is_empty()).then(|| all[(drawn % all.len() as u64) as usize])
            }
        }
    }

    /// When enough replicas should have confirmed the newest entry; `None` if it waits for none.
    fn confirmation(&mut self, at: &mut Surroundings<'_>) -> Option<SimDuration> {
        if self.policy.mode == ReplicationMode::Asynchronous || !self.has_replicas() {
            return None;
        }
        let mut first = None;
        let mut last = SimDuration::ZERO;
        for place in (0..self.members.len()).filter(|&place| place != self.primary && self.is_served(place)) {
            let Some(arrives) = self.members[place].pending.back().map(|entry| entry.arrives) else { continue };
            let after = arrives.since(at.now) + self.latency_to(place, at);
            first = Some(first.map_or(after, |first: SimDuration| first.min(after)));
            last = last.max(after);
        }
        match self.policy.mode {
            ReplicationMode::Synchronous => Some(last),
            // Without any replica it goes on alone, as MySQL does after a while.
            _ => first,
        }
    }

    /// Whether enough replicas have an entry.
    fn is_confirmed(&self, entry: u64, now: SimTime) -> bool {
        let mut replicas = (0..self.members.len()).filter(|&place| place != self.primary);
        let has = |place: usize| self.members[place].is_up && self.members[place].received(now) >= entry;
        match self.policy.mode {
            ReplicationMode::Asynchronous => true,
            ReplicationMode::Synchronous => replicas.all(has),
            ReplicationMode::SemiSynchronous => {
                let alone = replicas.clone().all(|place| !self.is_served(place));
                alone || replicas.any(has)
            }
        }
    }

    /// Whether a write can be taken at all.
    fn takes_writes(&self) -> bool {
        // A switch in good order waits for what is under way; a primary that others only believe lost knows nothing of it.
        let is_switching = self.failover == Failover::Promoting && !self.is_about_reach;
        !is_switching
            && !self.is_fenced
            && (self.policy.mode != ReplicationMode::Synchronous || self.members.iter().all(|member| member.is_up))
    }

    fn promote(&mut self, at: &mut Surroundings<'_>) -> (Option<(StationIdx, Happening)>, Option<SimDuration>) {
        let candidate = self.elect(at.now);
        let Some(candidate) = candidate else {
            self.failover = Failover::Stuck;
            return (Some((self.members[self.primary].how.station, Happening::NoReplicaToPromote)), None);
        };
        self.members[candidate].catch_up(at);
        // A replica first applies what it has received.
        if let Some(last) = self.members[candidate].pending.back() {
            return (None, Some(last.applied.since(at.now)));
        }
        let length = self.members[candidate].applied;
        // Whoever has not been told that a write is kept has not lost it.
        let unacknowledged = self.unacknowledged.split_off(&(length + 1)).len() as u64;
        let cut = self.length - length;
        let lost = cut - unacknowledged.min(cut);
        self.length = length;
        for _ in 0..cut {
            self.log.pop_back();
        }
        for change in &mut self.last_change {
            *change = (*change).min(length);
        }
        for member in &mut self.members {
            member.roll_back(length);
        }
        self.members[self.primary].applied = length;
        self.members[self.primary].received_when_lost = length;
        let old = core::mem::replace(&mut self.primary, candidate);
        self.failover = Failover::Idle;
        let is_split = core::mem::take(&mut self.is_about_reach);
        if is_split && self.policy.loss == LossDetection::Heartbeat {
            // It has them still, and goes on.
            self.split = Some(Split { place: old, writes: lost });
        }
        self.is_fenced = false;
        let lost = if self.split.is_some_and(|split| split.place == old) { 0 } else { lost };
        self.lost_writes += lost;
        at.window.stations[self.members[candidate].how.station.0 as usize].lost_writes += lost;
        self.members[candidate].is_cut = false;
        if is_split {
            for place in (0..self.members.len()).filter(|&place| place != candidate) {
                self.members[place].is_cut = self.members[place].is_linked != self.members[candidate].is_linked;
            }
        }
        for place in (0..self.members.len()).filter(|&place| place != candidate) {
            if self.members[place].is_up {
                self.ship_missing(place, at);
            }
        }
        (Some((self.members[candidate].how.station, Happening::Promoted { lost_writes: lost })), None)
    }
}
