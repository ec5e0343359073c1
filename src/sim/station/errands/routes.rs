//! Ways to caches and databases: which node holds a key, who answers a query.

use super::{CacheRoute, Databases};
use crate::design::kind::cache::WritePolicy;
use crate::design::{ComponentConfig, LinkRole};
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::Operation;
use crate::sim::core::Core;
use crate::sim::mechanism::avoidance::Avoidance;
use crate::sim::mechanism::turns::in_turn;
use crate::sim::rng::mix;
use crate::sim::station::Setup;

impl CacheRoute {
    pub(super) fn new(core: &Core, setup: &Setup<'_>, link: LinkIdx) -> Self {
        let state = &core.links[link.0 as usize];
        let (nodes, write_policy) = match setup.config_of(state.to) {
            Some(ComponentConfig::Cache(cache)) => (cache.nodes, cache.write_policy),
            _ => (1, WritePolicy::Invalidate),
        };
        Self { link, stations: state.targets.clone(), nodes, write_policy }
    }

    /// The node that holds a key, and its copies.
    pub(super) fn nodes_of(&self, key: u32) -> impl Iterator<Item = StationIdx> {
        // One node needs no hash.
        let node = if self.nodes <= 1 { 0 } else { hash_slot(key, self.nodes) };
        self.stations.iter().copied().skip(node as usize).step_by(self.nodes.max(1) as usize)
    }
}

/// The node of `nodes` that holds a key, by 16,384 hash slots as in Redis Cluster.
fn hash_slot(key: u32, nodes: u32) -> u32 {
    (mix(u64::from(key)) as u32 % 16_384) * nodes / 16_384
}

impl Databases {
    /// Takes over links.
    pub(in crate::sim::station) fn configure(&mut self, core: &Core, setup: &Setup<'_>) {
        self.for_reads = setup.targets(core, LinkRole::carries_reads);
        self.for_writes = setup.targets(core, LinkRole::carries_writes);
        self.all = setup.targets(core, |role| role.carries_reads() || role.carries_writes());
    }

    /// Where a query goes. Writes go to the acting primary of their group, by whichever link leads there; reads in turn
    /// to the servers that answer reads, and if none of them answers the door, to any other.
    pub(in crate::sim::station) fn pick(
        &mut self,
        core: &Core,
        avoidance: &Avoidance,
        operation: Operation,
    ) -> Option<(LinkIdx, StationIdx)> {
        if operation == Operation::WriteQuery {
            // Whoever may coordinate a write is avoided like any other; for a primary there is nobody else.
            let answers = |target| core.groups.primary_for(target).is_some() || !avoidance.avoids(target, core.now);
            let chosen = pick(&self.for_writes, &mut self.next_write, answers);
            let (link, drawn) = chosen.or_else(|| pick(&self.for_writes, &mut self.next_write, |_| true))?;
            let acting = core.primary_seen(link, drawn).unwrap_or(drawn);
            return self.all.iter().copied().find(|&(_, target)| target == acting);
        }
        let n = self.for_reads.len() as u32;
        if n > 0 && avoidance.is_empty() {
            let turn = in_turn(self.next_read, n);
            self.next_read = turn + 1;
            return self.for_reads.get(turn as usize).copied();
        }
        let answers = |target| !avoidance.avoids(target, core.now);
        pick(&self.for_reads, &mut self.next_read, answers)
            .or_else(|| pick(&self.all, &mut self.next_read, answers))
            .or_else(|| pick(&self.for_reads, &mut self.next_read, |_| true))
    }
}

/// The next of `targets` in turn that fulfils a condition.
fn pick(
    targets: &[(LinkIdx, StationIdx)],
    next: &mut u32,
    condition: impl Fn(StationIdx) -> bool,
) -> Option<(LinkIdx, StationIdx)> {
    let n = targets.len() as u32;
    let chosen =
        (0..n).map(|step| in_turn(*next + step, n)).find(|&position| condition(targets[position as usize].1))?;
    *next = chosen + 1;
    Some(targets[chosen as usize])
}
