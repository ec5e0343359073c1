//! Monitoring: looks at components at intervals, raises alerts, and has something done about them.
//!
//! Counters tell of all that happened since the look before, gauges of the moment only. A machine that does not answer
//! the scrape tells nothing, and what is not connected is not seen. Looks fall on the ends of intervals of measurement;
//! the first is somewhere within the first scrape interval, by the identity of the monitoring.
//!
//! Left out: the work that scraping makes, and evaluation at times of its own.
//!
//! # Sources
//! Prometheus, *Alerting rules* (`for`); B. Beyer et al., *The Site Reliability Workbook* (2018), ch. 5 (burn rates over
//! two windows).

use std::collections::VecDeque;

use super::Simulation;
use crate::design::kind::monitoring::{Monitoring as Config, Remedy};
use crate::design::{ComponentConfig, LinkRole};
use crate::ids::ComponentId;
use crate::network::{LinkIdx, Network, StationIdx};
use crate::sim::condition::Presence;
use crate::sim::event::Timer;
use crate::sim::metrics::{Histogram, StationMeasurements};
use crate::sim::observer::INTERVAL;
use crate::sim::rng::mix;
use crate::sim::snapshot::{Alert, AlertRule, Happening, Particulars};
use crate::sim::station::Station;
use crate::sorted::Map;
use crate::units::{SimDuration, SimTime};

/// Alerts that are remembered; the oldest go first.
const ALERTS_KEPT: usize = 1000;
/// How long a scrape waits for its answer, at most.
const LONGEST_SCRAPE: SimDuration = SimDuration::from_secs(10);
/// Parts that the long window of a burn rate is kept in, at most.
const BUDGET_PARTS: f64 = 240.0;

/// One monitoring system.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    station: StationIdx,
    config: Config,
    next_look: SimTime,
    watched: Vec<Watched>,
    planned: Vec<Planned>,
    /// When something was last done about a component.
    acted: Map<ComponentId, SimTime>,
}

/// A component that is looked at.
#[derive(Clone, Debug)]
struct Watched {
    component: ComponentId,
    link: LinkIdx,
    machines: Map<StationIdx, Counters>,
    /// Calls that failed and all calls, for each part of the long window: when it ended.
    budget: VecDeque<(SimTime, u64, u64)>,
    rules: [State; AlertRule::ALL.len()],
    /// When each rule was last not broken.
    quiet: [SimTime; AlertRule::ALL.len()],
}

/// What a machine has counted since it was scraped last.
#[derive(Clone, Debug, Default)]
struct Counters {
    failed: u64,
    ended: u64,
    response: Histogram,
    service: Histogram,
    busy_area: f64,
    core_secs: f64,
    /// 99th percentile of the times of the scrape before [s].
    p99_secs: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Quiet,
    /// Broken since.
    Pending(SimTime),
    /// An alert, of that number.
    Firing(u64),
}

/// Something that will be done.
#[derive(Clone, Copy, Debug)]
struct Planned {
    at: SimTime,
    component: ComponentId,
    alert: u64,
}

/// Alerts of a run, of many only the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct Alerts {
    list: VecDeque<Alert>,
    /// Alerts that have been forgotten.
    forgotten: u64,
}

impl Alerts {
    fn push(&mut self, alert: Alert) -> u64 {
        if self.list.len() == ALERTS_KEPT {
            self.list.pop_front();
            self.forgotten += 1;
        }
        self.list.push_back(alert);
        self.forgotten + self.list.len() as u64 - 1
    }

    fn get(&mut self, number: u64) -> Option<&mut Alert> {
        self.list.get_mut(usize::try_from(number.checked_sub(self.forgotten)?).ok()?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.list.iter()
    }
}

/// What one look at a component shows, where it shows anything.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    is_unreachable: bool,
    error_share: Option<f64>,
    p99_secs: Option<f64>,
    slow_secs: Option<f64>,
    utilisation: Option<f64>,
    queue_length: f64,
    lag_secs: f64,
    backlog_secs: f64,
    /// Over the long and over the short window.
    burn_rates: Option<(f64, f64)>,
}

impl Look {
    /// Whether a rule is broken.
    fn breaks(&self, rule: AlertRule, config: &Config) -> bool {
        let above =
            |value: Option<f64>, limit: Option<f64>| value.zip(limit).is_some_and(|(value, limit)| value > limit);
        match rule {
            AlertRule::Unreachable => config.alert_unreachable && self.is_unreachable,
            AlertRule::Errors => above(self.error_share, config.error_share_above),
            AlertRule::Latency => above(self.p99_secs, config.p99_above_secs),
            AlertRule::SlowQueries => above(self.slow_secs, config.slow_query_above_secs),
            AlertRule::Utilisation => above(self.utilisation, config.utilisation_above),
            AlertRule::QueueLength => above(Some(self.queue_length), config.queue_length_above),
            AlertRule::ReplicationLag => above(Some(self.lag_secs), config.replication_lag_above_secs),
            AlertRule::BacklogAge => above(Some(self.backlog_secs), config.backlog_age_above_secs),
            AlertRule::BurnRate => {
                let (long, short) = self.burn_rates.unzip();
                above(long, config.burn_rate_above) && above(short, config.burn_rate_above)
            }
        }
    }
}

impl Watched {
    fn new(component: ComponentId, link: LinkIdx) -> Self {
        let (machines, budget) = (Map::new(), VecDeque::new());
        let rules = [State::Quiet; AlertRule::ALL.len()];
        Self { component, link, machines, budget, rules, quiet: [SimTime::ZERO; AlertRule::ALL.len()] }
    }

    /// Share of failed calls since a moment, over the share that may fail; `None` without calls.
    fn burn_rate(&self, since: SimTime, budget: f64) -> Option<f64> {
        let parts = self.budget.iter().rev().take_while(|(ended, ..)| *ended > since);
        let (failed, all) = parts.fold((0, 0), |(failed, all), part| (failed + part.1, all + part.2));
        (all > 0).then(|| failed as f64 / all as f64 / budget)
    }
}

impl Monitor {
    /// Has something done about an alert, unless it is planned already or something was done a short while ago.
    fn plan(&mut self, now: SimTime, component: ComponentId, alert: u64) {
        let cooldown = SimDuration::from_secs_f64(self.config.cooldown_secs);
        let is_resting = self.acted.get(&component).is_some_and(|&acted| now.since(acted) < cooldown);
        let is_planned = self.planned.iter().any(|planned| planned.component == component);
        if self.config.remedy == Remedy::Watch || is_resting || is_planned {
            return;
        }
        let reaction_secs = if self.config.remedy == Remedy::Page { self.config.reaction_secs } else { 0.0 };
        self.planned.push(Planned { at: now + SimDuration::from_secs_f64(reaction_secs), component, alert });
    }
}

impl Simulation {
    /// Alerts so far, oldest first; of many only the newest.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter()
    }

    /// Takes over the monitoring of a network that is about to be installed; its places are known.
    pub(super) fn place_monitors(&mut self, network: &Network) {
        let mut before = core::mem::take(&mut self.monitors);
        for (spec, &station) in network.stations.iter().zip(&self.shown_stations) {
            let ComponentConfig::Monitoring(config) = &spec.config else { continue };
            let known = before.iter().position(|monitor| monitor.station == station);
            let mut monitor = known.map_or_else(
                || {
                    let steps = (config.scrape_interval_secs / INTERVAL.as_secs_f64()) as u64;
                    let phase = mix(u64::from(spec.component.0)) % steps.max(1);
                    Monitor {
                        station,
                        config: *config,
                        next_look: self.core.now + SimDuration::from_nanos(INTERVAL.as_nanos() * (phase + 1)),
                        watched: Vec::new(),
                        planned: Vec::new(),
                        acted: Map::new(),
                    }
                },
                |position| before.swap_remove(position),
            );
            monitor.config.clone_from(config);
            let mut watched = core::mem::take(&mut monitor.watched);
            for link in &spec.outgoing {
                let spec = &network.links[link.0 as usize];
                if spec.role != LinkRole::Observe {
                    continue;
                }
                let known = watched.iter().position(|watched| watched.component == spec.to);
                let link = self.shown_links[link.0 as usize];
                let of = known.map_or_else(|| Watched::new(spec.to, link), |position| watched.swap_remove(position));
                monitor.watched.push(Watched { link, ..of });
            }
            self.monitors.push(monitor);
        }
        self.observer.watch_times(!self.monitors.is_empty());
    }

    /// The end of an interval of measurement: monitoring counts, looks and acts.
    pub(super) fn monitor(&mut self) {
        if self.monitors.is_empty() {
            return;
        }
        let mut monitors = core::mem::take(&mut self.monitors);
        for monitor in &mut monitors {
            for watched in &mut monitor.watched {
                self.count(watched);
            }
            if monitor.next_look <= self.core.now {
                let interval = SimDuration::from_secs_f64(monitor.config.scrape_interval_secs);
                // Scrapes keep to their times whatever the intervals of measurement are.
                while monitor.next_look <= self.core.now {
                    monitor.next_look += interval;
                }
                self.look_around(monitor);
            }
            self.act_on_alerts(monitor);
        }
        // What was done may have installed the network anew, and with it monitors without a memory.
        self.monitors = monitors;
    }

    /// Adds the interval that has just ended to what the machines of a component have counted.
    fn count(&self, watched: &mut Watched) {
        let last = self.observer.last();
        let is_users = self
            .network
            .stations
            .iter()
            .any(|spec| spec.component == watched.component && matches!(spec.config, ComponentConfig::Users(_)));
        for station in self.stations_of(watched.component) {
            let place = station.0 as usize;
            let Some(counts) = last.stations.get(place) else { continue };
            let counters = watched.machines.get_or_insert_with(station, Default::default);
            if is_users {
                // Whoever asks the users themselves hears of all that they got.
                for class in &last.classes {
                    counters.failed += class.outcomes.failed();
                    counters.ended += class.outcomes.total();
                    counters.response.merge(&class.latency);
                }
                continue;
            }
            counters.add(counts);
            if self.core.conditions[place].presence().works() {
                let cores = self.stations[place].machine().and_then(|machine| machine.size().cores);
                counters.core_secs += last.span.as_secs_f64() * cores.map_or(0.0, f64::from);
            }
        }
    }

    /// One look at everything that a monitoring system is connected to.
    fn look_around(&mut self, monitor: &mut Monitor) {
        let blind = !self.core.conditions[monitor.station.0 as usize].passes_check();
        let (mut pending, mut firing) = (0, 0);
        for position in 0..monitor.watched.len() {
            if blind {
                monitor.watched[position]
                    .rules
                    .iter_mut()
                    .filter(|state| matches!(state, State::Pending(_)))
                    .for_each(|state| *state = State::Quiet);
                continue;
            }
            let look = self.scrape(&mut monitor.watched[position], &monitor.config);
            for (number, rule) in AlertRule::ALL.into_iter().enumerate() {
                self.judge(monitor, position, number, look.breaks(rule, &monitor.config));
                match monitor.watched[position].rules[number] {
                    State::Quiet => {}
                    State::Pending(_) => pending += 1,
                    State::Firing(_) => firing += 1,
                }
            }
        }
        let watched = monitor.watched.len() as u32;
        if let Station::Monitoring(station) = &mut self.stations[monitor.station.0 as usize]
            && !blind
        {
            (station.watched, station.pending, station.firing) = (watched, pending, firing);
        }
    }

    /// Reads what the machines of a component tell.
    fn scrape(&mut self, watched: &mut Watched, config: &Config) -> Look {
        let timeout = SimDuration::from_secs_f64(config.scrape_interval_secs).min(LONGEST_SCRAPE);
        let mut sum = Counters::default();
        let mut look = Look::default();
        for station in self.stations_of(watched.component) {
            let place = station.0 as usize;
            let is_listed = matches!(
                self.core.conditions[place].presence(),
                Presence::Serving | Presence::Draining | Presence::Down
            );
            if !is_listed {
                continue;
            }
            if !self.core.passes_check(watched.link, station, SimDuration::ZERO, timeout) {
                look.is_unreachable = true;
                continue;
            }
            look.queue_length += self.core.levels[place].waiting.value() as f64;
            match self.stations[place].particulars(&mut self.core, station, &StationMeasurements::default()) {
                Particulars::Database { lag_secs, .. } => look.lag_secs = look.lag_secs.max(lag_secs),
                Particulars::Queue { oldest_secs, waiting, .. } => {
                    look.backlog_secs = look.backlog_secs.max(oldest_secs);
                    look.queue_length += waiting as f64;
                }
                _ => {}
            }
            if let Some(counters) = watched.machines.get_mut(&station) {
                let p99_secs = counters.response.quantile_secs(0.99);
                sum.merge(&core::mem::replace(counters, Counters { p99_secs, ..Counters::default() }));
            }
        }
        let ended = sum.ended > 0;
        look.error_share = ended.then(|| sum.failed as f64 / sum.ended as f64);
        look.p99_secs = (sum.response.count() > 0).then(|| sum.response.quantile_secs(0.99));
        look.slow_secs = (sum.service.count() > 0).then(|| sum.service.quantile_secs(0.99));
        look.utilisation = (sum.core_secs > 0.0).then(|| sum.busy_area / sum.core_secs);
        if config.burn_rate_above.is_some() {
            self.note_budget(watched, config, &sum);
            let back = |secs: f64| {
                let since = self.core.now.since(SimTime::from_secs_f64(secs));
                watched.burn_rate(SimTime::ZERO + since, config.error_budget_share)
            };
            look.burn_rates = back(config.burn_long_secs).zip(back(config.burn_short_secs));
        }
        look
    }

    /// Keeps the calls of a scrape for the windows of the burn rate, in parts that are not too many.
    fn note_budget(&self, watched: &mut Watched, config: &Config, sum: &Counters) {
        let now = self.core.now;
        let part = SimDuration::from_secs_f64(config.burn_long_secs / BUDGET_PARTS);
        let begun = watched.budget.len().checked_sub(2).map_or(SimTime::ZERO, |before| watched.budget[before].0);
        match watched.budget.back_mut() {
            // The newest part grows until it is long enough.
            Some(newest) if now.since(begun) < part => {
                *newest = (now, newest.1 + sum.failed, newest.2 + sum.ended);
            }
            _ => watched.budget.push_back((now, sum.failed, sum.ended)),
        }
        let long = SimDuration::from_secs_f64(config.burn_long_secs);
        while watched.budget.front().is_some_and(|(ended, ..)| now.since(*ended) >= long) {
            watched.budget.pop_front();
        }
    }

    /// Goes on with one rule about one component.
    fn judge(&mut self, monitor: &mut Monitor, position: usize, number: usize, is_broken: bool) {
        let now = self.core.now;
        let watched = &mut monitor.watched[position];
        let (component, rule) = (watched.component, AlertRule::ALL[number]);
        let Some(&at) = self.stations_of(component).first() else { return };
        if !is_broken {
            if let State::Firing(alert) = watched.rules[number] {
                if let Some(alert) = self.alerts.get(alert) {
                    alert.resolved_at = Some(now);
                }
                self.core.note(at, Happening::AlertResolved(rule));
            }
            watched.rules[number] = State::Quiet;
            watched.quiet[number] = now;
            return;
        }
        let since = match watched.rules[number] {
            // What was done has not been enough, or not yet.
            State::Firing(alert) => return monitor.plan(now, component, alert),
            State::Pending(since) => since,
            State::Quiet => now,
        };
        watched.rules[number] = State::Pending(since);
        if now.since(since) < SimDuration::from_secs_f64(monitor.config.for_secs) {
            return;
        }
        let fault_at = self.core.trouble_between(component, watched.quiet[number], since);
        let (monitor_component, _) = self.core.identities[monitor.station.0 as usize];
        let alert = self.alerts.push(Alert {
            monitor: monitor_component,
            component,
            rule,
            fault_at,
            seen_at: since,
            fired_at: now,
            acted_at: None,
            resolved_at: None,
        });
        watched.rules[number] = State::Firing(alert);
        self.core.note(at, Happening::AlertFired { rule, fault_at });
        monitor.plan(now, component, alert);
    }

    /// Does what is due.
    fn act_on_alerts(&mut self, monitor: &mut Monitor) {
        let now = self.core.now;
        let due: Vec<Planned> = monitor.planned.extract_if(.., |planned| planned.at <= now).collect();
        for Planned { component, alert, .. } in due {
            monitor.acted.insert(component, now);
            if !self.remedy(monitor, component) {
                continue;
            }
            if let Some(alert) = self.alerts.get(alert) {
                alert.acted_at.get_or_insert(now);
            }
            if let Some(&at) = self.stations_of(component).first() {
                self.core.note(at, Happening::Acted(monitor.config.remedy));
            }
        }
    }

    /// Does something about a component. Gives whether there was anything that could be done.
    fn remedy(&mut self, monitor: &Monitor, component: ComponentId) -> bool {
        match monitor.config.remedy {
            Remedy::Watch => false,
            Remedy::Page => {
                self.put_right(component);
                true
            }
            Remedy::Restart | Remedy::Replace => self.start_again(monitor, component),
            Remedy::ScaleOut => self.add_machine(component, monitor.config.most_instances),
            Remedy::FailOver => {
                let stations = self.stations_of(component);
                stations.first().is_some_and(|&station| self.core.order_failover(station))
            }
        }
    }

    /// Starts the machines again that do not answer, or else the slowest; as new machines, if they are to be replaced.
    fn start_again(&mut self, monitor: &Monitor, component: ComponentId) -> bool {
        let Some(watched) = monitor.watched.iter().find(|watched| watched.component == component) else { return false };
        let mut machines: Vec<StationIdx> = self.stations_of(component);
        machines.retain(|station| {
            let presence = self.core.conditions[station.0 as usize].presence();
            matches!(presence, Presence::Serving | Presence::Down)
                && self.stations[station.0 as usize].can_fail()
                && !self.is_dark(*station)
        });
        let mut chosen = machines.clone();
        chosen.retain(|station| !self.core.conditions[station.0 as usize].passes_check());
        if chosen.is_empty() {
            let p99_secs =
                |station: &StationIdx| watched.machines.get(station).map_or(0.0, |counters| counters.p99_secs);
            chosen.extend(machines.into_iter().max_by(|a, b| p99_secs(a).total_cmp(&p99_secs(b))));
        }
        for &station in &chosen {
            if monitor.config.remedy == Remedy::Replace {
                self.core.remove_trouble(station, None);
            }
            self.kill(station);
            let era = self.core.set_presence(station, Presence::Down);
            self.core.set_timer(station, SimDuration::from_secs_f64(monitor.config.restart_secs), Timer::Repair, era);
        }
        !chosen.is_empty()
    }

    /// Starts a machine of a component that is not there yet, as long as there are not too many.
    fn add_machine(&mut self, component: ComponentId, most: u32) -> bool {
        let Some(spec) = self.network.stations.iter().find(|spec| spec.component == component) else { return false };
        let start_secs = match &spec.config {
            ComponentConfig::Server(server) => server.scaling.start_secs,
            ComponentConfig::Worker(worker) => worker.scaling.start_secs,
            _ => return false,
        };
        let stations = self.stations_of(component);
        let (absent, present): (Vec<StationIdx>, Vec<StationIdx>) = stations
            .into_iter()
            .partition(|station| self.core.conditions[station.0 as usize].presence() == Presence::Absent);
        let Some(&station) = absent.first().filter(|_| present.len() < most as usize) else { return false };
        self.start_instance(station, SimDuration::from_secs_f64(start_secs));
        true
    }
}

impl Counters {
    fn add(&mut self, counts: &StationMeasurements) {
        self.failed += counts.outcomes.failed();
        self.ended += counts.outcomes.total();
        self.response.merge(&counts.response);
        self.service.merge(&counts.service);
        self.busy_area += counts.busy_cores_area;
    }

    fn merge(&mut self, other: &Self) {
        self.failed += other.failed;
        self.ended += other.ended;
        self.response.merge(&other.response);
        self.service.merge(&other.service);
        self.busy_area += other.busy_area;
        self.core_secs += other.core_secs;
    }
}
