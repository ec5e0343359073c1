//! What a component asks of a container pool that hosts it: parameters that servers, workers and services with open
//! connections share. Without a pool they mean nothing.
//!
//! The limits of a container are the cores and the memory of the component itself.

use crate::design::field::{self, config};

config! {
    /// Parameters of a container.
    pub struct Container {
        /// Cores that the pool sets aside for each container; none for as many as it may use.
        requested_cores: Option<f64> = None, field::optional_number(0.01, 256.0), "cores",
            "Kubernetes: the limit, where nothing is requested";
        /// Memory that the pool sets aside for each container; none for as much as it may use.
        requested_memory_mb: Option<f64> = None, field::optional_number(1.0, 4_000_000.0), "MB",
            "Kubernetes: the limit, where nothing is requested";
        /// Size of the image that a node loads before the first container of a kind starts there.
        image_mb: f64 = 300.0, field::number(0.0, 1_000_000.0), "MB", "a runtime with its libraries: 100 MB to 1 GB";
        /// Time from the start of a container until it is ready to serve.
        ready_secs: f64 = 5.0, field::number(0.0, 3600.0), "s", "a process that loads its code and opens its connections";
    }
}
