//! Delivery pipeline: brings new versions of what it is connected to into service, and takes bad ones back.
//!
//! It deploys when the script or a person says so, or at fixed times. What a new version is like is a parameter, so
//! that a bad one can be tried.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::Priced;

choice! {
    /// How a new version takes the place of the old one.
    pub enum Strategy {
        /// A few instances at a time.
        Rolling = "rolling",
        /// All at once: the new ones are started beside the old ones, then traffic moves over.
        BlueGreen = "blue_green",
        /// A few instances first; the others follow if these do well.
        Canary = "canary",
    }
}

config! {
    /// Parameters of a delivery pipeline.
    pub struct Pipeline {
        /// How a new version takes the place of the old one.
        strategy: Strategy = Strategy::Rolling, Control::Choice(Strategy::WORDS), "", "Kubernetes: RollingUpdate";
        /// Instances started beyond the usual number while a version rolls out, as a share of it; rounded up.
        surge_share: f64 = 0.25, field::number(0.0, 1.0), "", "Kubernetes maxSurge: 25 %";
        /// Instances that may be missing while a version rolls out, as a share of their number; rounded down.
        unavailable_share: f64 = 0.25, field::number(0.0, 1.0), "", "Kubernetes maxUnavailable: 25 %";
        /// How long a new instance must have been ready until it counts.
        health_gate_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "Kubernetes minReadySeconds: 0; 10 to 60 s are usual";
        /// Instances that a canary begins with, as a share of their number; one at least.
        canary_share: f64 = 0.1, field::number(0.0, 1.0), "", "Flagger and Argo Rollouts examples: 5 to 20 %";
        /// How long a canary, and each finished deployment, is watched.
        bake_secs: f64 = 60.0, field::number(0.0, 86_400.0), "s", "Flagger examples: minutes; large sites: an hour and more";
        /// Whether a version that does badly is taken back.
        automatic_rollback: bool = true, Control::Flag, "", "Flagger, Argo Rollouts, AWS CodeDeploy alarms";
        /// Share of the new version's calls that may fail.
        error_limit: f64 = 0.01, field::number(0.0, 1.0), "", "Flagger: a success rate of 99 %";
        /// How many times as long as those of the old version its answers may take.
        slow_limit: Option<f64> = Some(2.0), field::optional_number(1.0, 1000.0), "times", "Flagger compares with a limit of 500 ms";
        /// Calls that the new version must have ended before it is judged.
        least_calls: u32 = 50, field::whole(1, 1_000_000), "calls", "Hystrix: 20; Envoy success rate: 100";
        /// Time after which a deployment that has not come to its end is taken back.
        deadline_secs: f64 = 600.0, field::number(1.0, 86_400.0), "s", "Kubernetes progressDeadlineSeconds: 600 s";
        /// Time from one deployment to the next; none deploys on demand only.
        deploy_every_secs: Option<f64> = None, field::optional_number(1.0, 31_536_000.0), "s", "off; DORA: elite teams deploy several times a day";
        /// Share of calls that the next version fails.
        version_error_share: f64 = 0.0, field::number(0.0, 1.0), "", "a good version";
        /// How many times as long work takes in the next version.
        version_slow_factor: f64 = 1.0, field::number(0.01, 10_000.0), "times", "a good version";
        /// Whether the next version dies as soon as it is started.
        version_crashes: bool = false, Control::Flag, "", "a good version";
    }
}

impl Pipeline {
    /// Instances that a deployment of `n` may start beyond their usual number.
    pub fn spares(&self, n: u32) -> u32 {
        match self.strategy {
            Strategy::Rolling => self.surge(n),
            Strategy::BlueGreen => n,
            Strategy::Canary => self.surge(n).max(self.canaries(n)),
        }
    }

    /// Instances that a rolling deployment of `n` starts beyond their usual number.
    pub fn surge(&self, n: u32) -> u32 {
        libm::ceil(f64::from(n) * self.surge_share - 1e-9) as u32
    }

    /// Instances of `n` that may be missing while a version rolls out; one at least where none may be started first.
    pub fn unavailable(&self, n: u32) -> u32 {
        let allowed = libm::floor(f64::from(n) * self.unavailable_share + 1e-9) as u32;
        if self.surge(n) == 0 { allowed.max(1) } else { allowed }
    }

    /// Instances of `n` that a canary begins with.
    pub fn canaries(&self, n: u32) -> u32 {
        (libm::round(f64::from(n) * self.canary_share) as u32).clamp(1, n.max(1))
    }
}

impl Priced for Pipeline {
    /// It works for minutes a month.
    fn monthly_usd(&self) -> f64 {
        0.0
    }
}
