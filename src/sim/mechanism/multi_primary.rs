//! Databases that take writes at several places and send each other their logs: two primaries, circles, meshes, and
//! replicas of these.
//!
//! A change goes on from server to server: whoever has applied it ships it to those that lack it, so in a circle the
//! lags add up. Each server applies what arrives one after the other. Two changes of one row are in conflict if neither
//! server knew of the other's; the later one wins everywhere (last writer wins), and the earlier one, though it was
//! acknowledged, is discarded. Conflicts are counted where the winner was written.
//!
//! Nothing here has an event of its own: whoever wants to know something, or changes something, first lets happen what
//! was due by then, in order of time. Left out: waiting for others before a write is acknowledged (certification), and
//! clocks that differ.
//!
//! # Sources
//! L. Lamport, *Time, Clocks, and the Ordering of Events in a Distributed System* (1978); MySQL, *Multi-Source and
//! Circular Replication* (`log_replica_updates`).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::design::fault::FaultKind;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::condition::Condition;
use crate::sim::core::{Core, LinkState};
use crate::sim::distribution::Sampler;
use crate::sim::metrics::Measurements;
use crate::sim::rng::Stream;
use crate::sim::snapshot::Particulars;
use crate::units::{SimDuration, SimTime};

/// No server.
const NOBODY: u32 = u32::MAX;

/// How a server takes part.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The server.
    pub station: StationIdx,
    /// Whether it takes writes; the others only apply them.
    pub takes_writes: bool,
    /// Time to apply one change.
    pub apply_work: Sampler,
    /// Where that is drawn from.
    pub apply_stream: Stream,
}

/// Servers that replicate among each other, as drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// All of them.
    pub participants: Vec<Participant>,
    /// Links by which logs go: positions of both ends, and the link.
    pub ways: Vec<(usize, usize, LinkIdx)>,
}

/// A change, told by where it was made and by its number there, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    committed: SimTime,
    origin: u32,
    number: u64,
}

/// No change.
const NOTHING: Stamp = Stamp { committed: SimTime::ZERO, origin: NOBODY, number: 0 };

#[derive(Clone, Debug)]
struct Member {
    how: Participant,
    is_up: bool,
    /// Grows with each death, which voids what was about to be applied.
    life: u32,
    /// When everything that has arrived will be applied.
    free_at: SimTime,
    /// Changes of each origin that have arrived, and that have been applied.
    received: Vec<u64>,
    applied: Vec<u64>,
    /// For each row, the change that it shows.
    rows: Vec<Stamp>,
    conflicts: u64,
}

/// A link at work.
#[derive(Clone, Debug)]
struct Way {
    from: usize,
    to: usize,
    link: LinkIdx,
    is_cut: bool,
    /// Grows with each cut, which voids what was on its way.
    era: u32,
    /// When the last change so far arrives: they do not overtake each other.
    last_arrival: SimTime,
}

/// The changes made at one server, as far as somebody may still ask for them.
#[derive(Clone, Debug, Default)]
struct Log {
    /// Row and time of each.
    entries: VecDeque<(u32, SimTime)>,
    /// What the server had applied when it made each: a number for each origin.
    known: VecDeque<u64>,
    /// Number of the last one.
    length: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// Arrives by a way, if that has not been cut since.
    Arrive { way: u32, era: u32 },
    /// Has been applied by a server, if that has not died since; came by a way.
    Apply { way: u32, life: u32 },
}

/// Something that happens to a change; ordered by time, then as planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    at: SimTime,
    order: u64,
    what: What,
    origin: u32,
    number: u64,
}

#[derive(Clone, Debug)]
struct Circle {
    members: Vec<Member>,
    ways: Vec<Way>,
    logs: Vec<Log>,
    /// For each row, its last change anywhere.
    latest: Vec<Stamp>,
    steps: BinaryHeap<Reverse<Step>>,
    planned: u64,
}

/// All such databases of a run.
#[derive(Clone, Debug, Default)]
pub struct Circles {
    circles: Vec<Circle>,
    /// Circle of each station, and its place there.
    places: Vec<Option<(usize, usize)>>,
}

/// What circles need of the core.
struct Surroundings<'a> {
    links: &'a mut [LinkState],
    window: &'a mut Measurements,
}

impl Log {
    /// Row, time, and what was known, of a change; `None` if everybody has had it for long.
    fn find(&self, number: u64, servers: usize) -> Option<(u32, SimTime, usize)> {
        let first = self.length - self.entries.len() as u64;
        let position = usize::try_from(number.checked_sub(first + 1)?).ok()?;
        let &(key, committed) = self.entries.get(position)?;
        Some((key, committed, position * servers))
    }
}

/// The entry of a row in a table that grows as needed.
fn row(rows: &mut Vec<Stamp>, key: u32) -> &mut Stamp {
    let key = key as usize;
    if key >= rows.len() {
        rows.resize(key + 1, NOTHING);
    }
    &mut rows[key]
}

impl Circle {
    /// Lets happen what is due by `until`.
    fn settle(&mut self, until: SimTime, at: &mut Surroundings<'_>) {
        while let Some(&Reverse(step)) = self.steps.peek()
            && step.at <= until
        {
            self.steps.pop();
            match step.what {
                What::Arrive { way, era } => self.arrive(step, way as usize, era),
                What::Apply { way, life } => self.apply(step, way as usize, life, at),
            }
        }
    }

    fn plan(&mut self, at: SimTime, what: What, origin: u32, number: u64) {
        self.planned += 1;
        self.steps.push(Reverse(Step { at, order: self.planned, what, origin, number }));
    }

    fn arrive(&mut self, step: Step, way: usize, era: u32) {
        if self.ways[way].era != era {
            return;
        }
        let member = &mut self.members[self.ways[way].to];
        let received = &mut member.received[step.origin as usize];
        // By another way it may have come before.
        if *received + 1 != step.number {
            return;
        }
        *received = step.number;
        let work = member.how.apply_work.sample(&mut member.how.apply_stream);
        member.free_at = member.free_at.max(step.at) + work;
        let (applied, life) = (member.free_at, member.life);
        self.plan(applied, What::Apply { way: way as u32, life }, step.origin, step.number);
    }

    fn apply(&mut self, step: Step, way: usize, life: u32, at: &mut Surroundings<'_>) {
        let place = self.ways[way].to;
        if self.members[place].life != life {
            return;
        }
        let servers = self.members.len();
        let Some((key, committed, known)) = self.logs[step.origin as usize].find(step.number, servers) else { return };
        let lag = step.at.since(committed);
        let station = self.members[place].how.station.0 as usize;
        let counts = &mut at.window.stations[station];
        counts.replication_lag.record(lag);
        counts.lag_writes_area += lag.as_secs_f64();
        at.window.links[self.ways[way].link.0 as usize].response.record(lag);
        let new = Stamp { committed, origin: step.origin, number: step.number };
        let old = *row(&mut self.members[place].rows, key);
        let is_ignorant = old.origin != NOBODY
            && old.origin != new.origin
            && self.logs[new.origin as usize].known[known + old.origin as usize] < old.number
            && !self.knows(old, new);
        let wins = (new.committed, new.origin) > (old.committed, old.origin) || old.origin == NOBODY;
        if wins {
            *row(&mut self.members[place].rows, key) = new;
        } else if is_ignorant && old.origin as usize == place {
            self.members[place].conflicts += 1;
            at.window.stations[station].conflicts += 1;
        }
        self.members[place].applied[step.origin as usize] = step.number;
        self.forward(place, step.origin, step.number, step.at, at);
    }

    /// Whether a change was made by a server that knew of another. What everybody has had for long was made before
    /// anything that is still on its way.
    fn knows(&self, change: Stamp, other: Stamp) -> bool {
        let log = &self.logs[change.origin as usize];
        let found = log.find(change.number, self.members.len());
        found.is_some_and(|(_, _, known)| log.known[known + other.origin as usize] >= other.number)
    }

    /// A server ships a change to those that lack it.
    fn forward(&mut self, from: usize, origin: u32, number: u64, now: SimTime, at: &mut Surroundings<'_>) {
        for way in 0..self.ways.len() {
            let Way { from: start, to, is_cut, .. } = self.ways[way];
            let lacks = start == from && to != origin as usize && self.members[to].received[origin as usize] < number;
            if lacks && !is_cut {
                self.ship(way, origin, number, now, at);
            }
        }
    }

    fn ship(&mut self, way: usize, origin: u32, number: u64, now: SimTime, at: &mut Surroundings<'_>) {
        let state = &mut self.ways[way];
        let link = state.link.0 as usize;
        at.window.links[link].attempts += 1;
        state.last_arrival = state.last_arrival.max(now + at.links[link].carry_forth(now));
        let (arrives, era) = (state.last_arrival, state.era);
        self.plan(arrives, What::Arrive { way: way as u32, era }, origin, number);
    }

    /// Sees which ways are open now. What was on its way by one that is cut does not arrive; when a way opens, everything
    /// goes by it that the other end lacks.
    fn look_at_ways(&mut self, now: SimTime, conditions: &[Condition], at: &mut Surroundings<'_>) {
        for way in 0..self.ways.len() {
            let Way { from, to, link, is_cut, .. } = self.ways[way];
            let end = self.members[to].how.station;
            let is_stopped = conditions[end.0 as usize].fault(FaultKind::StoppedReplication).is_some();
            let opens = self.members[from].is_up && self.members[to].is_up && at.links[link.0 as usize].is_open();
            let cut = !opens || is_stopped;
            if cut == is_cut {
                continue;
            }
            self.ways[way].is_cut = cut;
            if cut {
                self.ways[way].era = self.ways[way].era.wrapping_add(1);
                self.ways[way].last_arrival = now;
                continue;
            }
            for origin in (0..self.members.len()).filter(|&origin| origin != to) {
                for number in self.members[to].received[origin] + 1..=self.members[from].applied[origin] {
                    self.ship(way, origin as u32, number, now, at);
                }
            }
        }
    }

    fn commit(&mut self, place: usize, key: u32, now: SimTime, at: &mut Surroundings<'_>) -> u64 {
        let origin = place as u32;
        self.logs[place].length += 1;
        let number = self.logs[place].length;
        self.members[place].applied[place] = number;
        self.members[place].received[place] = number;
        self.logs[place].entries.push_back((key, now));
        self.logs[place].known.extend(&self.members[place].applied);
        let stamp = Stamp { committed: now, origin, number };
        *row(&mut self.members[place].rows, key) = stamp;
        *row(&mut self.latest, key) = stamp;
        self.forward(place, origin, number, now, at);
        number
    }

    /// When the oldest change was made that a server lacks; [`SimTime::NEVER`] if it lacks none.
    fn oldest_missing(&self, place: usize) -> SimTime {
        let missing = (0..self.logs.len()).filter_map(|origin| {
            let next = self.members[place].applied[origin] + 1;
            self.logs[origin].find(next, self.members.len()).map(|(_, committed, _)| committed)
        });
        missing.min().unwrap_or(SimTime::NEVER)
    }

    /// Forgets what nobody will ask for any more: everybody has it, and whatever is still on its way was made later.
    fn trim(&mut self) {
        let servers = self.members.len();
        let cutoff = (0..servers).map(|place| self.oldest_missing(place)).min().unwrap_or(SimTime::NEVER);
        for log in &mut self.logs {
            while log.entries.front().is_some_and(|(_, committed)| *committed < cutoff) {
                log.entries.pop_front();
                log.known.drain(..servers);
            }
        }
    }
}

impl Circles {
    fn place(&self, station: StationIdx) -> Option<(usize, usize)> {
        self.places.get(station.0 as usize).copied().flatten()
    }

    /// Sets up the circles of a new or edited network. A circle whose servers and links stay keeps what it has; any
    /// other starts with all servers alike.
    pub fn configure(&mut self, drawn: Vec<Drawn>, conditions: &[Condition]) {
        let mut before = core::mem::take(&mut self.circles);
        self.places = if drawn.is_empty() { Vec::new() } else { vec![None; conditions.len()] };
        for Drawn { participants, ways } in drawn {
            for (place, participant) in participants.iter().enumerate() {
                self.places[participant.station.0 as usize] = Some((self.circles.len(), place));
            }
            let is_same = |circle: &Circle| {
                circle.members.iter().map(|member| member.how.station).eq(participants.iter().map(|how| how.station))
                    && circle.ways.iter().map(|way| (way.from, way.to, way.link)).eq(ways.iter().copied())
            };
            if let Some(position) = before.iter().position(is_same) {
                let mut circle = before.swap_remove(position);
                for (member, how) in circle.members.iter_mut().zip(participants) {
                    member.how.apply_work = how.apply_work;
                }
                self.circles.push(circle);
                continue;
            }
            let servers = participants.len();
            let members = participants.into_iter().map(|how| Member {
                is_up: conditions[how.station.0 as usize].presence().works(),
                how,
                life: 0,
                free_at: SimTime::ZERO,
                received: vec![0; servers],
                applied: vec![0; servers],
                rows: Vec::new(),
                conflicts: 0,
            });
            let ways = ways.into_iter().map(|(from, to, link)| Way {
                from,
                to,
                link,
                is_cut: false,
                era: 0,
                last_arrival: SimTime::ZERO,
            });
            self.circles.push(Circle {
                members: members.collect(),
                ways: ways.collect(),
                logs: vec![Log::default(); servers],
                latest: Vec::new(),
                steps: BinaryHeap::new(),
                planned: 0,
            });
        }
    }

    /// Where the writes of whoever asks `station` go: there, if it takes writes; otherwise to the first server of its
    /// circle that does and is up. `None` if it belongs to no circle.
    pub fn writer_for(&self, station: StationIdx) -> Option<StationIdx> {
        let (circle, place) = self.place(station)?;
        let members = &self.circles[circle].members;
        if members[place].how.takes_writes {
            return Some(station);
        }
        let mut writers = members.iter().filter(|member| member.how.takes_writes);
        let up = writers.clone().find(|member| member.is_up);
        up.or_else(|| writers.next()).map(|member| member.how.station)
    }

    /// The first server of the circle of a station; `None` if it belongs to none.
    pub fn first_of(&self, station: StationIdx) -> Option<StationIdx> {
        let (circle, _) = self.place(station)?;
        Some(self.circles[circle].members[0].how.station)
    }
}

impl Core {
    /// The circle of a station, with what was due there already done.
    fn circle(&mut self, station: StationIdx) -> Option<(&mut Circle, usize, Surroundings<'_>)> {
        let (circle, place) = self.circles.place(station)?;
        let circle = &mut self.circles.circles[circle];
        let mut at = Surroundings { links: &mut self.links, window: &mut self.window };
        circle.settle(self.now, &mut at);
        Some((circle, place, at))
    }

    /// Commits a change of a row on a server of a circle; gives its number there, `None` if the server takes no writes.
    pub fn commit_in_circle(&mut self, station: StationIdx, key: u32) -> Option<u64> {
        let now = self.now;
        let (circle, place, mut at) = self.circle(station)?;
        circle.members[place].how.takes_writes.then(|| circle.commit(place, key, now, &mut at))
    }

    /// Whether a server of a circle lacks the last change of a row; counts that as a stale read.
    pub fn is_stale_in_circle(&mut self, station: StationIdx, key: u32) -> bool {
        let Some((circle, place, at)) = self.circle(station) else { return false };
        let latest = circle.latest.get(key as usize).copied().unwrap_or(NOTHING);
        let lacks = latest.origin != NOBODY && circle.members[place].applied[latest.origin as usize] < latest.number;
        at.window.stations[station.0 as usize].stale_reads += u64::from(lacks);
        lacks
    }

    /// Changes that a server of a circle has not applied; 0 for others.
    pub fn lag_in_circle(&mut self, station: StationIdx) -> u64 {
        let Some((circle, place, _)) = self.circle(station) else { return 0 };
        let applied = &circle.members[place].applied;
        circle.logs.iter().zip(applied).map(|(log, applied)| log.length - applied).sum()
    }

    /// A server of a circle has died, or is there again. What it had received and not applied it will ask for once more.
    pub fn set_up_in_circle(&mut self, station: StationIdx, is_up: bool) {
        let Some((circle, place, _)) = self.circle(station) else { return };
        let member = &mut circle.members[place];
        member.is_up = is_up;
        member.life = member.life.wrapping_add(1);
        member.free_at = SimTime::ZERO;
        member.received.clone_from(&member.applied);
        self.look_at_circles();
    }

    /// Ways between servers may have been cut or opened.
    pub fn look_at_circles(&mut self) {
        let now = self.now;
        let mut at = Surroundings { links: &mut self.links, window: &mut self.window };
        for circle in &mut self.circles.circles {
            circle.settle(now, &mut at);
            circle.look_at_ways(now, &self.conditions, &mut at);
        }
    }

    /// Lets everything happen in circles that is due, and forgets what is no longer needed.
    pub fn settle_circles(&mut self) {
        let now = self.now;
        let mut at = Surroundings { links: &mut self.links, window: &mut self.window };
        for circle in &mut self.circles.circles {
            circle.settle(now, &mut at);
            circle.trim();
        }
    }

    /// What a server of a circle has to tell of its replication.
    pub fn circle_particulars(&mut self, station: StationIdx, stale_reads: u64) -> Option<Particulars> {
        let now = self.now;
        let lag_writes = self.lag_in_circle(station);
        let (circle, place, _) = self.circle(station)?;
        let oldest = circle.oldest_missing(place);
        let lag = if oldest == SimTime::NEVER { SimDuration::ZERO } else { now.since(oldest) };
        Some(Particulars::Database {
            is_primary: circle.members[place].how.takes_writes,
            failing_over: false,
            lag_writes,
            lag_secs: lag.as_secs_f64(),
            stale_reads,
            lost_writes: 0,
            conflicts: circle.members[place].conflicts,
        })
    }
}
