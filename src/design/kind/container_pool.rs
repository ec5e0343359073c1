//! Container pool: nodes with cores and memory, and an orchestrator that runs containers on them.
//!
//! What a pool hosts runs as containers: each instance is placed on a node that has room for what it requests, starts
//! in seconds, shares the cores of its node, and is started again when it dies. The component's own number of
//! instances and its autoscaler say how many there are. A pool does nothing by itself: every instance of it is a node.

use super::size::{MEMORY_PER_CORE_MB, SizeClass};
use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_with_memory_usd};

choice! {
    /// Which of the nodes that have room gets a container.
    pub enum Packing {
        /// The one with most room left, so that load and failures spread.
        Spread = "spread",
        /// The first in order.
        FirstFit = "first_fit",
        /// The one with least room left, so that whole nodes stay free.
        BestFit = "best_fit",
    }
}

config! {
    /// Parameters of a container pool.
    pub struct ContainerPool {
        /// Nodes at the start, all alike.
        nodes: u32 = 3, field::whole(1, 1000), "nodes", "three, so that one may fail";
        /// Size of each node; anything but custom stands for the cores and the memory below.
        size: SizeClass = SizeClass::Custom, Control::Choice(SizeClass::WORDS), "", "general-purpose families: 4 GB per core";
        /// Processor cores of each node.
        cores: u32 = 16, field::whole(1, 256), "cores", "a large cloud machine: fewer, larger nodes waste less";
        /// Memory of each node; none for 4 GB per core.
        memory_mb: Option<f64> = None, field::optional_number(16.0, 4_000_000.0), "MB", "general-purpose families: 4 GB per core";
        /// Containers that fit on a node whatever they request.
        max_containers: u32 = 110, field::whole(1, 10_000), "containers", "Kubernetes: 110 pods per node";
        /// Which of the nodes that have room gets a container.
        packing: Packing = Packing::Spread, Control::Choice(Packing::WORDS), "",
            "Kubernetes: LeastAllocated; cluster operators who save choose MostAllocated";
        /// How fast a node loads images.
        pull_megabytes_per_sec: f64 = 100.0, field::number(0.1, 100_000.0), "MB/s", "a registry nearby, over 1 Gbit/s";
        /// Pause before the second restart of a container that dies again and again; the first comes at once, each
        /// further pause is twice as long.
        restart_backoff_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "Kubernetes: 10 s";
        /// Longest pause before a restart.
        restart_backoff_cap_secs: f64 = 300.0, field::number(0.0, 86_400.0), "s", "Kubernetes: 300 s";
        /// Time after which the containers of a dead node are started elsewhere.
        eviction_secs: f64 = 340.0, field::number(0.0, 86_400.0), "s",
            "Kubernetes: 40 s until a node counts as lost, and 300 s more";
        /// Fewest nodes that a node autoscaler keeps.
        min_nodes: u32 = 1, field::whole(1, 1000), "nodes", "two survive the loss of one";
        /// Most nodes that a node autoscaler starts; none leaves their number alone.
        max_nodes: Option<u32> = None, field::optional_whole(1, 1000), "nodes", "off";
        /// Time that a new node takes until it has room for containers.
        node_start_secs: f64 = 210.0, field::number(0.0, 3600.0), "s", "Kubernetes cluster autoscaler: 3 to 4 minutes";
        /// Time between two looks of the node autoscaler.
        node_scan_secs: f64 = 10.0, field::number(1.0, 3600.0), "s", "Kubernetes cluster autoscaler: 10 s";
        /// Share of a node that is requested below which the node may go.
        node_idle_share: f64 = 0.5, field::number(0.0, 1.0), "", "Kubernetes cluster autoscaler: 50 %";
        /// How long a node must have been below that.
        node_idle_secs: f64 = 600.0, field::number(0.0, 86_400.0), "s", "Kubernetes cluster autoscaler: 10 minutes";
    }
}

impl ContainerPool {
    /// Cores of each node, whichever way its size is stated.
    pub const fn node_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }

    /// Memory of each node, whichever way its size is stated [MB].
    pub fn node_memory_mb(&self) -> f64 {
        self.size.memory_mb(self.memory_mb.unwrap_or(f64::from(self.cores) * MEMORY_PER_CORE_MB))
    }

    /// Most nodes that there may ever be.
    pub fn most_nodes(&self) -> u32 {
        self.max_nodes.map_or(self.nodes, |max| max.max(self.nodes))
    }
}

impl Priced for ContainerPool {
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.node_cores(), self.node_memory_mb() / 1024.0)
    }
}
