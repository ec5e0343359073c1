//! The groups of a run, and what stations and the engine ask of them: to commit, whether a read is out of date, who is the
//! primary, and what becomes of a group that loses or regains a member.

use std::collections::{BTreeSet, VecDeque};

use super::{Commit, Failover, FailoverPolicy, Group, Groups, Member, Membership, Split, Surroundings};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::condition::Condition;
use crate::sim::core::Core;
use crate::sim::event::{TOKEN_MASK, Timer, Token};
use crate::sim::snapshot::{Happening, Particulars};
use crate::units::SimDuration;

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
