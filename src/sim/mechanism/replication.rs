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

use std::collections::{BTreeSet, VecDeque};

use crate::design::fault::FaultKind;
use crate::design::kind::sql_database::{Election, LossDetection, ReplicationMode};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::condition::Condition;
use crate::sim::core::{Core, LinkState};
use crate::sim::distribution::Sampler;
use crate::sim::event::{TOKEN_MASK, Timer, Token};
use crate::sim::metrics::Measurements;
use crate::sim::rng::{Stream, mix};
use crate::sim::snapshot::{Happening, Particulars};
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

impl Groups {
    fn place(&self, station: StationIdx) -> Option<(usize, usize)> {
        self.places.get(station.0 as usize).copied().flatten()
    }

    /// Sets up the groups of a new or edited network. Members that stay keep what they have; newcomers start from a copy
    /// of the primary's data. The first member of each group is the primary as drawn.
    pub fn configure(&mut self, drawn: Vec<(FailoverPolicy, Vec<Membership>)>, conditions: &[Condition]) {
        let mut before = core::mem::take(&mut self.groups);
        self.places = vec![None; conditions.len()];
        for (policy, memberships) in drawn {
            let drawn_primary = memberships[0].station;
            let kept = before.iter().position(|group| group.drawn_primary == drawn_primary);
            let mut old = kept.map(|position| before.swap_remove(position));
            let primary_station = old.as_ref().map(|group| group.members[group.primary].how.station);
            let split_station = old.as_ref().and_then(|group| Some(group.members[group.split?.place].how.station));
            let length = old.as_ref().map_or(0, |group| group.length);
            let members: Vec<Member> = memberships
                .into_iter()
                .map(|how| {
                    let kept = old.as_mut().and_then(|group| {
                        let place = group.members.iter().position(|member| member.how.station == how.station)?;
                        Some(group.members.swap_remove(place))
                    });
                    match kept {
                        Some(mut member) => {
                            member.how.link = how.link;
                            member.how.apply_work = how.apply_work;
                            member.how.priority = how.priority;
                            member
                        }
                        None => Member {
                            is_up: conditions[how.station.0 as usize].presence().works(),
                            is_linked: true,
                            is_cut: false,
                            how,
                            applied: length,
                            pending: VecDeque::new(),
                            received_when_lost: length,
                        },
                    }
                })
                .collect();
            // If the server that was promoted is no longer there, the one that is drawn as primary is it again.
            let primary = members.iter().position(|member| Some(member.how.station) == primary_station).unwrap_or(0);
            for (place, member) in members.iter().enumerate() {
                self.places[member.how.station.0 as usize] = Some((self.groups.len(), place));
            }
            let split = old.as_ref().and_then(|group| group.split.zip(split_station));
            let split = split.and_then(|(split, station)| {
                let place = members.iter().position(|member| member.how.station == station)?;
                Some(Split { place, ..split })
            });
            let group = match old {
                Some(group) => Group { policy, members, primary, split, ..group },
                None => Group {
                    drawn_primary,
                    policy,
                    members,
                    primary,
                    failover: Failover::Idle,
                    token: 0,
                    length: 0,
                    log: VecDeque::new(),
                    last_change: Vec::new(),
                    unacknowledged: BTreeSet::new(),
                    lost_writes: 0,
                    split: None,
                    is_fenced: false,
                    is_about_reach: false,
                },
            };
            self.groups.push(group);
        }
    }

    /// The primary as drawn of the group of a server; `None` if the station is no database.
    pub fn drawn_primary(&self, station: StationIdx) -> Option<StationIdx> {
        let (group, _) = self.place(station)?;
        Some(self.groups[group].drawn_primary)
    }

    /// The primary that a server of a group should be written to: the acting one, even if it has died and nobody has
    /// noticed. `None` if the station is no database.
    pub fn primary_for(&self, station: StationIdx) -> Option<StationIdx> {
        let (group, _) = self.place(station)?;
        let group = &self.groups[group];
        Some(group.members[group.primary].how.station)
    }

    /// Whether a server is an old primary that goes on beside another.
    fn goes_on_alone(&self, station: StationIdx) -> bool {
        self.place(station)
            .is_some_and(|(group, place)| self.groups[group].split.is_some_and(|split| split.place == place))
    }
}

impl Core {
    fn split_groups(&mut self) -> (&mut Groups, Surroundings<'_>) {
        (&mut self.groups, Surroundings { now: self.now, links: &mut self.links, window: &mut self.window })
    }

    /// Commits a change of an item on `station`; `None` if it cannot, not being the primary of its group for example. Whether the item itself
    /// counts as changed by it is the caller's to say.
    pub fn commit(&mut self, station: StationIdx, key: u32) -> Option<Commit> {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else {
            let entry = self.commit_in_circle(station, key)?;
            return Some(Commit { entry, confirmed_after: None });
        };
        let group = &mut groups.groups[group];
        if let Some(split) = group.split.as_mut().filter(|split| split.place == place) {
            split.writes += 1;
            at.window.stations[station.0 as usize].diverging_writes += 1;
            return Some(Commit { entry: split.writes, confirmed_after: None });
        }
        if group.primary != place || !group.takes_writes() {
            return None;
        }
        let mut confirmed_after = None;
        group.length += 1;
        group.members[place].applied = group.length;
        if group.has_replicas() {
            group.log.push_back(at.now);
            if key as usize >= group.last_change.len() {
                group.last_change.resize(key as usize + 1, 0);
            }
            group.last_change[key as usize] = group.length;
            for replica in (0..group.members.len()).filter(|&replica| replica != place) {
                if group.is_served(replica) {
                    group.members[replica].catch_up(&mut at);
                    group.ship_missing(replica, &mut at);
                }
            }
            confirmed_after = group.confirmation(&mut at);
            if confirmed_after.is_some() {
                group.unacknowledged.insert(group.length);
            }
            group.trim();
        }
        Some(Commit { entry: group.length, confirmed_after })
    }

    /// Whether enough replicas have confirmed the entry of a commit on `station`, of which the low bits are given; it is
    /// acknowledged then.
    pub fn confirm_commit(&mut self, station: StationIdx, entry: u32) -> bool {
        let (groups, at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else { return true };
        let group = &mut groups.groups[group];
        if group.primary != place {
            return false;
        }
        // The entry is one of the last four thousand millions.
        let behind = (group.length as u32).wrapping_sub(entry);
        let entry = group.length.saturating_sub(u64::from(behind));
        let confirmed = group.is_confirmed(entry, at.now);
        if confirmed {
            group.unacknowledged.remove(&entry);
        }
        confirmed
    }

    /// Writes of a database that has lost its disk, and is the only one of its group to have had them.
    pub fn lose_writes(&mut self, station: StationIdx, lost: u64) {
        let (groups, at) = self.split_groups();
        let Some((group, _)) = groups.place(station) else { return };
        groups.groups[group].lost_writes += lost;
        at.window.stations[station.0 as usize].lost_writes += lost;
    }

    /// Writes that `station` has not applied and its primary has; 0 for what is no replica.
    pub fn lag_writes(&mut self, station: StationIdx) -> u64 {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else { return self.lag_in_circle(station) };
        let group = &mut groups.groups[group];
        group.members[place].catch_up(&mut at);
        group.length.saturating_sub(group.members[place].applied)
    }

    /// Whether `station` lacks the last change of an item that its primary has; counts it as a stale read.
    pub fn read_is_stale(&mut self, station: StationIdx, key: u32) -> bool {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else { return self.is_stale_in_circle(station, key) };
        let group = &mut groups.groups[group];
        if group.primary == place {
            return false;
        }
        group.members[place].catch_up(&mut at);
        let member = &group.members[place];
        let stale = group.last_change.get(key as usize).is_some_and(|&change| change > member.applied);
        if stale {
            at.window.stations[station.0 as usize].stale_reads += 1;
        }
        stale
    }

    /// A database has died.
    pub fn database_lost(&mut self, station: StationIdx) {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else { return self.set_up_in_circle(station, false) };
        let group = &mut groups.groups[group];
        let timer = group.lose_member(place, &mut at).map(|after| (group.drawn_primary, after, group.token));
        self.set_group_timer(timer);
    }

    /// A database has come back.
    pub fn database_regained(&mut self, station: StationIdx) {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else { return self.set_up_in_circle(station, true) };
        let group = &mut groups.groups[group];
        let (happening, after) = group.regain_member(place, &mut at);
        let timer = after.map(|after| (group.drawn_primary, after, group.token));
        if let Some(happening) = happening {
            self.note(station, happening);
        }
        self.set_group_timer(timer);
        self.look_at_replication();
    }

    /// Has another member of the group of `station` become the primary, at once where the present one is lost, after the
    /// time that a promotion takes; writes wait for it. Gives whether that could be begun.
    pub fn order_failover(&mut self, station: StationIdx) -> bool {
        let Some((group, _)) = self.groups.place(station) else { return false };
        let group = &mut self.groups.groups[group];
        if !group.has_replicas() || group.failover == Failover::Promoting {
            return false;
        }
        group.failover = Failover::Promoting;
        group.token = group.token.wrapping_add(1);
        let timer = (group.drawn_primary, group.policy.promotion, group.token);
        self.note(timer.0, Happening::FailoverStarted);
        self.set_group_timer(Some(timer));
        true
    }

    /// The failover timer of the group of `station` rings.
    pub fn failover_timer(&mut self, station: StationIdx, token: Token) {
        let (groups, mut at) = self.split_groups();
        let Some((group, _)) = groups.place(station) else { return };
        let group = &mut groups.groups[group];
        if token != group.token & TOKEN_MASK {
            return;
        }
        let (happening, after) = group.advance_failover(&mut at);
        let timer = after.map(|after| (group.drawn_primary, after, group.token));
        if let Some((station, happening)) = happening {
            self.note(station, happening);
        }
        self.set_group_timer(timer);
        // Whoever is the primary now may be reached by others than the one before.
        self.look_at_replication();
    }

    /// Counts what all replicas have applied by now.
    pub fn settle_replication(&mut self) {
        let (groups, mut at) = self.split_groups();
        for group in &mut groups.groups {
            for member in &mut group.members {
                member.catch_up(&mut at);
            }
            group.trim();
        }
        self.settle_circles();
    }

    /// Ways of logs may have been cut or opened.
    pub fn look_at_replication(&mut self) {
        self.look_at_circles();
        for group in 0..self.groups.groups.len() {
            let group = &mut self.groups.groups[group];
            let mut at = Surroundings { now: self.now, links: &mut self.links, window: &mut self.window };
            let (told, after) = group.look_at_ways(&self.conditions, &mut at);
            let timer = after.map(|after| (group.drawn_primary, after, group.token));
            if let Some((station, happening)) = told {
                self.note(station, happening);
            }
            self.set_group_timer(timer);
        }
    }

    /// Where a write goes that is meant for `station`, asked by a link: there, if it is a primary and can be reached;
    /// otherwise to the newest primary of its group. `None` if the station is no relational database.
    pub fn primary_seen(&self, link: LinkIdx, station: StationIdx) -> Option<StationIdx> {
        if self.groups.goes_on_alone(station) && self.links[link.0 as usize].is_open() {
            return Some(station);
        }
        self.groups.primary_for(station).or_else(|| self.circles.writer_for(station))
    }

    /// What a database has to tell of its replication.
    pub fn replication_particulars(&mut self, station: StationIdx, stale_reads: u64) -> Particulars {
        let (groups, mut at) = self.split_groups();
        let Some((group, place)) = groups.place(station) else {
            return self.circle_particulars(station, stale_reads).unwrap_or(Particulars::None);
        };
        let group = &mut groups.groups[group];
        group.members[place].catch_up(&mut at);
        let applied = group.members[place].applied;
        let oldest = (applied < group.length).then(|| group.committed_at(applied));
        Particulars::Database {
            is_primary: group.primary == place || group.split.is_some_and(|split| split.place == place),
            failing_over: matches!(group.failover, Failover::Promoting | Failover::Stuck),
            lag_writes: group.length.saturating_sub(applied),
            lag_secs: oldest.map_or(0.0, |committed| at.now.since(committed).as_secs_f64()),
            stale_reads,
            lost_writes: group.lost_writes,
            conflicts: 0,
        }
    }

    fn set_group_timer(&mut self, timer: Option<(StationIdx, SimDuration, Token)>) {
        if let Some((station, after, token)) = timer {
            self.set_timer(station, after, Timer::Failover, token);
        }
    }
}
