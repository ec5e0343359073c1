//! Node of a NoSQL database. Any node coordinates: it asks all nodes that keep the key and answers when enough of them
//! have (Dynamo). Only the copies cost work; whoever coordinates holds nothing but the call.
//!
//! A read that does not get the newest confirmed value is stale, and counted. A write that too few nodes confirm fails,
//! and may be found nevertheless. Left out: read repair, anti-entropy.
//!
//! # Sources
//! G. DeCandia et al., *Dynamo: Amazon's highly available key-value store*, SOSP (2007); hints as in Cassandra: they do
//! not count as confirmations.

use std::collections::BTreeMap;

use super::Setup;
use crate::design::LinkRole;
use crate::design::kind::nosql_database::NosqlDatabase as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::ids::ComponentId;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{Call, CallIdx, NO_LINK, Operation, Stage};
use crate::sim::core::{Core, Reply};
use crate::sim::distribution::Sampler;
use crate::sim::event::Timer;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::rng::{Purpose, Stream, mix};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// How often a node looks whether those that missed writes are back.
const HINT_INTERVAL: SimDuration = SimDuration::from_secs(1);

/// A node at work.
#[derive(Clone, Debug)]
pub struct NosqlDatabase {
    me: StationIdx,
    component: ComponentId,
    pub(super) machine: Machine,
    read_work: Sampler,
    write_work: Sampler,
    service: Stream,
    nodes: Vec<StationIdx>,
    peers: Option<LinkIdx>,
    copies: u32,
    read_quorum: u32,
    write_quorum: u32,
    keeps_hints: bool,
    /// The number of the last write of each item that this node has.
    written: Vec<u32>,
    /// Writes that other nodes have missed: by node and item, the number.
    hints: BTreeMap<(StationIdx, u32), u32>,
    is_watching: bool,
}

impl NosqlDatabase {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut node = Self {
            me: setup.me,
            component,
            machine: Machine::new(setup.me, Self::size(config)),
            read_work: Sampler::new(&config.read_work),
            write_work: Sampler::new(&config.write_work),
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            nodes: Vec::new(),
            peers: None,
            copies: 1,
            read_quorum: 1,
            write_quorum: 1,
            keeps_hints: true,
            written: Vec::new(),
            hints: BTreeMap::new(),
            is_watching: false,
        };
        node.configure(core, setup, config);
        node
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.concurrency),
            queue_limit: config.queue_limit,
            cores: Some(config.cores),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.read_work = Sampler::new(&config.read_work);
        self.write_work = Sampler::new(&config.write_work);
        self.peers = setup.links(core, LinkRole::Peers).next();
        self.nodes = self.peers.map_or_else(Vec::new, |peers| core.links[peers.0 as usize].targets.clone());
        self.copies = config.replication_factor.min(self.nodes.len() as u32).max(1);
        self.read_quorum = config.read_quorum.min(self.copies);
        self.write_quorum = config.write_quorum.min(self.copies);
        self.keeps_hints = config.hinted_handoff;
        if !self.keeps_hints {
            self.hints.clear();
        }
        let (reads, writes) = (config.reads_per_partition_per_sec, config.writes_per_partition_per_sec);
        core.quorums.configure(self.component, config.partitions, reads, writes, core.now);
        for call in self.machine.resize(core, Self::size(config)) {
            self.begin(core, call);
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        match core.calls[call].operation {
            Operation::ReadCopy | Operation::WriteCopy => {
                if self.machine.arrive(core, call) {
                    self.begin(core, call);
                }
            }
            Operation::ReadQuery | Operation::WriteQuery => self.coordinate(core, call),
            _ => core.answer(call, Outcome::Unavailable),
        }
    }

    /// Asks all nodes that keep the item.
    fn coordinate(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        let hash = mix(u64::from(key));
        let is_write = core.calls[call].operation == Operation::WriteQuery;
        if !core.quorums.allows(self.component, hash, is_write, core.now) {
            core.answer(call, Outcome::RateLimited);
            return;
        }
        let Some(peers) = self.peers else {
            core.answer(call, Outcome::Unavailable);
            return;
        };
        let operation = if is_write {
            core.calls[call].version = core.quorums.begin(self.component, key);
            Operation::WriteCopy
        } else {
            core.calls[call].version = 0;
            core.calls[call].answer = core.quorums.confirmed(self.component, key);
            Operation::ReadCopy
        };
        core.calls[call].memo = 0;
        let n = self.nodes.len() as u64;
        for copy in 0..u64::from(self.copies) {
            let node = self.nodes[((hash + copy) % n) as usize];
            // Nodes tell each other who is there, so nobody has to wait for the one that is not.
            if is_write && !core.works(node) {
                let number = core.calls[call].version;
                self.keep_hint(core, node, key, number);
            }
            core.send(call, peers, node, operation);
        }
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx) {
        let work = match core.calls[call].operation {
            Operation::WriteCopy => &self.write_work,
            _ => &self.read_work,
        };
        let work = work.sample(&mut self.service);
        self.machine.work(core, call, work);
    }

    /// A copy has been read or written.
    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key as usize;
        let has = self.written.get(key).copied().unwrap_or(0);
        if core.calls[call].operation == Operation::WriteCopy {
            if key >= self.written.len() {
                self.written.resize(key + 1, 0);
            }
            self.written[key] = has.max(core.calls[call].version);
        } else {
            core.calls[call].version = has;
        }
        if let Some(next) = self.machine.answer(core, call, Outcome::Answered) {
            self.begin(core, next);
        }
    }

    /// A node has answered; the calls that have their quorum are gone by the time the others do.
    pub(super) fn on_reply(&mut self, core: &mut Core, call: CallIdx, reply: &Reply) {
        let is_write = reply.operation == Operation::WriteCopy;
        let key = core.calls[call].key;
        if core.calls[call].is_root() {
            // A hint that was passed on.
            if !reply.outcome.is_success() {
                let number = core.calls[call].version;
                self.keep_hint(core, reply.target, key, number);
            }
            core.calls.remove(call);
            return;
        }
        // Two counts in one number: answers, and failures above them.
        let memo = core.calls[call].memo + if reply.outcome.is_success() { 1 } else { 1 << 16 };
        core.calls[call].memo = memo;
        let (answers, failures) = (memo & 0xffff, memo >> 16);
        let quorum = if is_write { self.write_quorum } else { self.read_quorum };
        if !reply.outcome.is_success() {
            if is_write {
                let number = core.calls[call].version;
                self.keep_hint(core, reply.target, key, number);
            }
            if failures > self.copies - quorum {
                core.answer(call, Outcome::Unavailable);
            }
            return;
        }
        if is_write {
            if answers == quorum {
                let number = core.calls[call].version;
                core.quorums.confirm(self.component, key, number);
                core.change_item(key);
                core.calls[call].version = core.version_of(key);
                core.answer(call, Outcome::Answered);
            }
            return;
        }
        let newest = core.calls[call].version.max(reply.version);
        core.calls[call].version = newest;
        if answers == quorum {
            let stale = newest < core.calls[call].answer;
            let present = core.version_of(key);
            core.calls[call].stale = stale;
            core.calls[call].version = if stale { present.wrapping_sub(1) } else { present };
            core.window.stations[self.me.0 as usize].stale_reads += u64::from(stale);
            core.answer(call, Outcome::Answered);
        }
    }

    /// A node has missed a write: it gets it when it is back.
    fn keep_hint(&mut self, core: &mut Core, node: StationIdx, key: u32, number: u32) {
        if !self.keeps_hints {
            return;
        }
        let hint = self.hints.entry((node, key)).or_insert(number);
        *hint = number.max(*hint);
        self.watch(core);
    }

    fn watch(&mut self, core: &mut Core) {
        if !self.is_watching {
            self.is_watching = true;
            core.set_timer(self.me, HINT_INTERVAL, Timer::Own, 0);
        }
    }

    /// Passes hints on to those that are back.
    pub(super) fn on_timer(&mut self, core: &mut Core) {
        self.is_watching = false;
        if !core.works(self.me) {
            return;
        }
        if let Some(peers) = self.peers {
            let back: Vec<((StationIdx, u32), u32)> = self
                .hints
                .iter()
                .filter(|((node, _), _)| core.works(*node) && self.nodes.contains(node))
                .map(|(&to, &number)| (to, number))
                .collect();
            for ((node, key), number) in back {
                self.hints.remove(&(node, key));
                let mut carrier = Call::new(self.me, NO_LINK, Operation::WriteCopy, core.now);
                carrier.stage = Stage::Calling;
                carrier.class = RequestClass::Write;
                carrier.key = key;
                carrier.version = number;
                let carrier = core.calls.insert(carrier);
                core.send(carrier, peers, node, Operation::WriteCopy);
            }
        }
        if !self.hints.is_empty() {
            self.watch(core);
        }
    }

    /// It comes back with what it had on its disk.
    pub(super) fn on_up(&mut self, core: &mut Core) {
        if !self.hints.is_empty() {
            self.watch(core);
        }
    }
}
