//! Autoscalers: at fixed intervals each compares what its machines have to do with its target, and starts machines or
//! lets them go, as the Kubernetes horizontal pod autoscaler does. Whether they are machines or containers of a pool
//! makes no difference here. An autoscaler rests while its component is deployed.
//!
//! Every machine that may ever run has its place from the start and is absent until it is started. A machine that goes
//! finishes what it has and is gone then, or once its grace is over. A dead one does not count: another takes its place.
//!
//! # Sources
//! kubernetes/website, *Horizontal Pod Autoscaling*: desired = ⌈n × current/target⌉, tolerance 10 %, machines not ready
//! count as idle when scaling out, at most max(2n, n + 4) at a time, scaling in by the greatest recommendation of the
//! window.

use std::collections::VecDeque;

use super::Simulation;
use crate::design::kind::scaling::{Autoscaling, ScalingMetric};
use crate::ids::ComponentId;
use crate::network::{Network, StationIdx};
use crate::sim::condition::Presence;
use crate::sim::observer::Load;
use crate::sim::snapshot::Happening;
use crate::units::{SimDuration, SimTime};

/// Share by which utilisation may miss its target without consequence.
const TOLERANCE: f64 = 0.1;
/// How long a machine that goes may still work on what it has (Kubernetes: termination grace period).
pub(super) const GRACE: SimDuration = SimDuration::from_secs(30);

/// The autoscaler of one component.
#[derive(Clone, Debug)]
pub(super) struct Scaler {
    component: ComponentId,
    rules: Autoscaling,
    next_look: SimTime,
    /// What the metric has come to since the last look: busy cores or things in progress, times seconds, or arrivals.
    amount: f64,
    /// Cores of machines that served, or these machines, times seconds, since the last look.
    capacity_secs: f64,
    /// How many machines it has recommended lately, and when.
    recommended: VecDeque<(SimTime, u32)>,
    /// Machines that go, and when they began to.
    going: Vec<(StationIdx, SimTime)>,
}

impl Simulation {
    /// Takes over the autoscalers of a network that is about to be installed. `fresh` are stations that are new: those
    /// beyond the number to start with are absent.
    pub(super) fn place_scalers(&mut self, network: &Network, fresh: &[StationIdx]) {
        let before = core::mem::take(&mut self.scalers);
        for spec in network.stations.iter().filter(|spec| spec.instance == 0) {
            let Some(rules) = spec.config.scaling() else { continue };
            let known = before.iter().find(|scaler| scaler.component == spec.component).cloned();
            self.scalers.push(known.map_or_else(
                || Scaler {
                    component: spec.component,
                    rules: *rules,
                    next_look: self.core.now + SimDuration::from_secs_f64(rules.scaling_interval_secs),
                    amount: 0.0,
                    capacity_secs: 0.0,
                    recommended: VecDeque::new(),
                    going: Vec::new(),
                },
                |known| Scaler { rules: *rules, ..known },
            ));
        }
        self.observer.watch_load(!self.scalers.is_empty() || !self.pipelines.is_empty());
        for (spec, &place) in network.stations.iter().zip(&self.shown_stations) {
            let is_absent = self.core.conditions[place.0 as usize].presence() == Presence::Absent;
            let varies = spec.spares > 0 || spec.config.instances_vary();
            if fresh.contains(&place) {
                if spec.instance >= spec.config.first_instances() {
                    self.core.set_presence(place, Presence::Absent);
                }
            } else if is_absent && !varies {
                // Without an autoscaler every drawn machine is there.
                self.core.set_presence(place, Presence::Serving);
            }
        }
    }

    /// The end of an interval of measurement: autoscalers see what it was like, by `load` of each station over `span`.
    pub(super) fn scale(&mut self, load: &[Load], span: SimDuration) {
        let mut scalers = core::mem::take(&mut self.scalers);
        let mut changed = false;
        for scaler in &mut scalers {
            self.observe(scaler, load, span);
            changed |= self.let_go(scaler);
            if scaler.next_look <= self.core.now && !self.is_deployed(scaler.component) {
                scaler.next_look = self.core.now + SimDuration::from_secs_f64(scaler.rules.scaling_interval_secs);
                changed |= self.look(scaler);
            }
        }
        self.scalers = scalers;
        if changed {
            self.relist();
        }
    }

    fn observe(&self, scaler: &mut Scaler, load: &[Load], span: SimDuration) {
        for station in self.stations_of(scaler.component) {
            let place = station.0 as usize;
            if self.core.conditions[place].presence() == Presence::Serving
                && let Some(load) = load.get(place)
            {
                let cores = self.stations[place].machine().and_then(|machine| machine.size().cores).unwrap_or(1);
                let (amount, capacity) = match scaler.rules.scaling_metric {
                    ScalingMetric::Cores => (load.busy_area, f64::from(cores)),
                    ScalingMetric::Arrivals => (load.arrivals as f64, 1.0),
                    ScalingMetric::InProgress => (load.in_system_area, 1.0),
                };
                scaler.amount += amount;
                scaler.capacity_secs += span.as_secs_f64() * capacity;
            }
        }
    }

    /// Machines that have finished what they had are gone. Gives whether any was to go.
    fn let_go(&mut self, scaler: &mut Scaler) -> bool {
        let before = scaler.going.len();
        let mut going = core::mem::take(&mut scaler.going);
        going.retain(|&(station, since)| {
            if self.core.conditions[station.0 as usize].presence() != Presence::Draining {
                return false;
            }
            let is_idle = self.core.levels[station.0 as usize].in_system.value() == 0;
            if is_idle || self.core.now.since(since) >= GRACE {
                self.take_down(station, Presence::Absent);
                self.core.note(station, Happening::Stopped);
                return false;
            }
            true
        });
        scaler.going = going;
        scaler.going.len() < before
    }

    /// One look at the load. Gives whether machines come or go.
    fn look(&mut self, scaler: &mut Scaler) -> bool {
        let of_presence = |simulation: &Self, wanted: Presence| -> Vec<StationIdx> {
            let all = simulation.stations_of(scaler.component).into_iter();
            all.filter(|station| simulation.core.conditions[station.0 as usize].presence() == wanted).collect()
        };
        let serving = of_presence(self, Presence::Serving);
        let starting = of_presence(self, Presence::Starting);
        let absent = of_presence(self, Presence::Absent);
        let (amount, capacity) = (core::mem::take(&mut scaler.amount), core::mem::take(&mut scaler.capacity_secs));
        let per_machine = if capacity > 0.0 { amount / capacity } else { 0.0 };
        let present = (serving.len() + starting.len()) as u32;
        let desired = desired(&scaler.rules, per_machine, serving.len() as u32, starting.len() as u32);
        let now = self.core.now;
        scaler.recommended.push_back((now, desired));
        let window = SimDuration::from_secs_f64(scaler.rules.scale_in_delay_secs);
        scaler.recommended.retain(|&(at, _)| now.since(at) <= window);
        if desired > present {
            let start = SimDuration::from_secs_f64(scaler.rules.start_secs);
            for &station in absent.iter().take((desired - present) as usize) {
                self.start_instance(station, start);
            }
            return false;
        }
        let keep = scaler.recommended.iter().map(|&(_, number)| number).max().unwrap_or(desired);
        let mut excess = present.saturating_sub(keep) as usize;
        // What is not there yet goes first, then the youngest.
        for station in starting.into_iter().rev().take(excess) {
            self.core.set_presence(station, Presence::Absent);
            self.core.note(station, Happening::Stopped);
            excess -= 1;
        }
        let mut changed = false;
        for station in serving.into_iter().rev().take(excess) {
            self.core.set_presence(station, Presence::Draining);
            scaler.going.push((station, now));
            changed = true;
        }
        changed
    }

    /// A machine that was being started is there.
    pub(super) fn ready(&mut self, station: StationIdx) {
        self.note_ready(station);
        self.core.note(station, Happening::Started);
        if self.dies_at_start(station) || self.is_dark(station) {
            self.kill(station);
            return;
        }
        if self.is_to_be_hidden(station) {
            self.hidden.insert(station);
            return;
        }
        self.core.set_presence(station, Presence::Serving);
        self.stations[station.0 as usize].on_up(&mut self.core, station);
        self.relist();
    }

    /// Lets every caller know which machines are to be called now.
    pub(super) fn relist(&mut self) {
        let network = self.network.clone();
        self.install(network);
    }
}

/// The next whole number; what exceeds one by less than a rounding error does not count.
fn ceil(number: f64) -> u32 {
    libm::ceil(number - 1e-6) as u32
}

/// How many machines there should be, `serving` of which have had so much to do and `starting` of which are on their
/// way.
fn desired(rules: &Autoscaling, per_machine: f64, serving: u32, starting: u32) -> u32 {
    let present = serving + starting;
    let ratio = per_machine / rules.target();
    let wanted = if (ratio - 1.0).abs() <= TOLERANCE || serving == 0 {
        present
    } else if ratio < 1.0 {
        ceil(f64::from(serving) * ratio)
    } else {
        // Machines on their way will take their share.
        let share = ratio * f64::from(serving) / f64::from(present);
        if share <= 1.0 + TOLERANCE { present } else { ceil(f64::from(present) * share) }
    };
    let most = present.saturating_mul(2).max(present + 4);
    wanted.min(most).clamp(rules.min_instances, rules.max().unwrap_or(present).max(rules.min_instances))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Autoscaling {
        Autoscaling { min_instances: 2, max_instances: Some(50), target_utilisation: 0.5, ..Autoscaling::default() }
    }

    #[test]
    fn the_number_follows_the_ratio() {
        for (utilisation, serving, starting, expected) in [
            (0.5, 4, 0, 4),
            (0.54, 4, 0, 4),
            (0.6, 4, 0, 5),
            (1.0, 4, 0, 8),
            (1.0, 10, 0, 20),
            (0.25, 8, 0, 4),
            (0.1, 8, 0, 2),
            (0.0, 0, 0, 2),
            (1.0, 40, 0, 50),
            // Four serve at double the target: the four on their way are just what is needed.
            (1.0, 4, 4, 8),
            (0.3, 4, 4, 3),
        ] {
            let found = desired(&rules(), utilisation, serving, starting);
            assert_eq!(found, expected, "{utilisation} with {serving} and {starting}");
        }
    }

    #[test]
    fn open_connections_count_like_cores() {
        let rules = Autoscaling { scaling_metric: ScalingMetric::InProgress, target_per_instance: 1000.0, ..rules() };
        assert_eq!(desired(&rules, 2500.0, 4, 0), 8, "ten are wanted, no more than twice as many at a time");
        assert_eq!(desired(&rules, 1500.0, 4, 0), 6);
        assert_eq!(desired(&rules, 1000.0, 4, 0), 4);
    }
}
