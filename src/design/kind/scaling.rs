//! How the number of machines of a component follows its load: parameters that servers, workers and services with open
//! connections share, whether they run on machines of their own or as containers.

use crate::design::field::{self, Control, choice, config};

choice! {
    /// What an autoscaler looks at.
    pub enum ScalingMetric {
        /// How busy the cores are.
        Cores = "cores",
        /// Requests or jobs that come per second.
        Arrivals = "arrivals",
        /// Requests being worked on, or connections that are open.
        InProgress = "in_progress",
    }
}

config! {
    /// Parameters of an autoscaler.
    pub struct Autoscaling {
        /// Fewest machines that an autoscaler keeps.
        min_instances: u32 = 1, field::whole(1, 1000), "machines", "two survive the loss of one";
        /// Most machines that an autoscaler starts; none leaves their number alone.
        max_instances: Option<u32> = None, field::optional_whole(1, 1000), "machines", "off";
        /// What it looks at.
        scaling_metric: ScalingMetric = ScalingMetric::Cores, Control::Choice(ScalingMetric::WORDS), "",
            "processor time is what most autoscalers are set to (Kubernetes: resource metric cpu)";
        /// Utilisation of the cores that an autoscaler aims at, where it looks at the cores.
        target_utilisation: f64 = 0.6, field::number(0.05, 1.0), "", "50 to 70 % leave room while machines start";
        /// What each machine is to get, where it looks at arrivals or at what is in progress.
        target_per_instance: f64 = 100.0, field::number(0.001, 10_000_000.0), "1/s or in progress",
            "half of what a machine was measured to carry; Cloud Run: 80 requests at a time";
        /// Time between two looks of an autoscaler.
        scaling_interval_secs: f64 = 15.0, field::number(1.0, 3600.0), "s", "Kubernetes: 15 s";
        /// How long the load must have been low before an autoscaler lets machines go.
        scale_in_delay_secs: f64 = 300.0, field::number(0.0, 86_400.0), "s", "Kubernetes stabilisation window: 300 s";
        /// Time that a new machine takes until it serves. Containers have a time of their own.
        start_secs: f64 = 120.0, field::number(0.0, 3600.0), "s", "virtual machines: one to four minutes";
    }
}

impl Autoscaling {
    /// Most machines, not fewer than the fewest; `None` if there is no autoscaler.
    pub fn max(&self) -> Option<u32> {
        self.max_instances.map(|max| max.max(self.min_instances))
    }

    /// What each machine is to have of the metric.
    pub const fn target(&self) -> f64 {
        match self.scaling_metric {
            ScalingMetric::Cores => self.target_utilisation,
            ScalingMetric::Arrivals | ScalingMetric::InProgress => self.target_per_instance,
        }
    }
}
