//! From measurements by batch to figures with intervals.

use std::collections::BTreeMap;

use super::{
    ClassFigures, ComponentFigures, ConnectionFigures, CostFigures, LinkFigures, MessageFigures, ObjectiveFigures,
    OutcomeFigures, Outcomes, RecoveryFigures, RegionFigures, Report, RunOptions, StationFigures, ThirdPartyFigures,
    TimeFigures, use_of,
};
use crate::design::price::{MONTH_SECS, Priced};
use crate::design::{ComponentConfig, FrameKind};
use crate::ids::ComponentId;
use crate::network::{LinkSpec, Network, StationSpec};
use crate::sim::estimate::{Estimate, FEWEST_BATCHES, Growth, by_groups, values_needed};
use crate::sim::metrics::{
    ClassMeasurements, ConnectionMeasurements, Histogram, LinkMeasurements, Measurements, QueueMeasurements,
    StationMeasurements, ThirdPartyMeasurements,
};
use crate::sim::snapshot::{Outcome, OutcomeCounts, RequestClass, Resource};

/// One thing measured, batch by batch and as a whole. Batches are of equal length.
struct Series<T> {
    whole: T,
    batches: Vec<T>,
    batch_secs: f64,
}

impl<T: Clone + Default> Series<T> {
    fn new(batches: Vec<T>, batch_secs: f64, merge: impl Fn(&mut T, &T)) -> Self {
        let mut whole = T::default();
        for batch in &batches {
            merge(&mut whole, batch);
        }
        Self { whole, batches, batch_secs }
    }

    fn whole_secs(&self) -> f64 {
        self.batch_secs * self.batches.len() as f64
    }

    /// A figure per second of simulated time, or a time average of an area.
    fn per_sec(&self, figure: impl Fn(&T) -> f64) -> Estimate {
        let batches: Vec<f64> = self.batches.iter().map(|batch| figure(batch) / self.batch_secs).collect();
        Estimate::from_batches(figure(&self.whole) / self.whole_secs(), &batches)
    }

    /// A share: parts over whole, both counted; `None` if there was nothing to share.
    fn share(&self, counted: impl Fn(&T) -> (u64, u64)) -> Option<Estimate> {
        let share = |of: &T| {
            let (part, all) = counted(of);
            (all > 0).then(|| part as f64 / all as f64)
        };
        let batches: Vec<f64> = self.batches.iter().filter_map(share).collect();
        share(&self.whole).map(|value| Estimate::from_batches(value, &batches))
    }

    /// The mean of samples: their sum and their number; `None` if there are none.
    fn mean_of_samples(&self, sampled: impl Fn(&T) -> (f64, u64)) -> Option<Estimate> {
        let mean = |of: &T| {
            let (sum, samples) = sampled(of);
            (samples > 0).then(|| sum / samples as f64)
        };
        let batches: Vec<f64> = self.batches.iter().filter_map(mean).collect();
        mean(&self.whole).map(|value| Estimate::from_batches(value, &batches))
    }

    /// A part of something over all of it; `None` if there was nothing of it.
    fn ratio(&self, measured: impl Fn(&T) -> (f64, f64)) -> Option<Estimate> {
        let ratio = |of: &T| {
            let (part, all) = measured(of);
            (all > 0.0).then(|| part / all)
        };
        let batches: Vec<f64> = self.batches.iter().filter_map(ratio).collect();
        ratio(&self.whole).map(|value| Estimate::from_batches(value, &batches))
    }

    fn growth(&self, area: impl Fn(&T) -> f64) -> Growth {
        let levels: Vec<f64> = self.batches.iter().map(|batch| area(batch) / self.batch_secs).collect();
        Growth::of_levels(&levels, self.batch_secs)
    }

    /// A percentile in (0, 1), or the mean where `quantile` is `None`.
    fn time(&self, histogram: impl Fn(&T) -> &Histogram, quantile: Option<f64>) -> Estimate {
        let value = |of: &Histogram| quantile.map_or_else(|| of.mean_secs(), |quantile| of.quantile_secs(quantile));
        let needed = quantile.map_or(1.0, values_needed);
        let values = by_groups(
            &self.batches,
            |group: &mut Histogram, batch| group.merge(histogram(batch)),
            |group| (group.count() as f64 >= needed).then(|| value(group)),
        );
        let whole = histogram(&self.whole);
        if values.len() < FEWEST_BATCHES {
            return Estimate { value: value(whole), ci95_half_width: None };
        }
        Estimate::from_batches(value(whole), &values)
    }

    /// All figures of a time; `None` if there are no values.
    fn times(&self, histogram: impl Fn(&T) -> &Histogram) -> Option<TimeFigures> {
        let whole = histogram(&self.whole);
        (whole.count() > 0).then(|| TimeFigures {
            count: whole.count(),
            mean_secs: self.time(&histogram, None),
            p50_secs: self.time(&histogram, Some(0.5)),
            p90_secs: self.time(&histogram, Some(0.9)),
            p95_secs: self.time(&histogram, Some(0.95)),
            p99_secs: self.time(&histogram, Some(0.99)),
            p999_secs: self.time(&histogram, Some(0.999)),
            max_secs: whole.max_secs(),
        })
    }

    fn outcomes(&self, counts: impl Fn(&T) -> &OutcomeCounts) -> Outcomes {
        Outcome::ALL
            .into_iter()
            .map(|outcome| {
                let figures = OutcomeFigures {
                    count: counts(&self.whole).get(outcome),
                    rate_per_sec: self.per_sec(|of| counts(of).get(outcome) as f64),
                    share: self.share(|of| (counts(of).get(outcome), counts(of).total())),
                };
                (outcome.key().to_owned(), figures)
            })
            .collect()
    }
}

/// The report of a run, without what only the simulation knows: fingerprint and counts of events and requests.
pub(super) fn report(network: &Network, options: &RunOptions, batches: &[Measurements]) -> Report {
    let measured_secs = options.duration.as_secs_f64();
    let batch_secs = measured_secs / batches.len() as f64;
    let class_series = |of: &dyn Fn(&Measurements) -> ClassMeasurements| {
        Series::new(batches.iter().map(of).collect(), batch_secs, ClassMeasurements::merge)
    };

    let in_flight_areas =
        Series::new(batches.iter().map(|batch| batch.in_flight_area).collect(), batch_secs, |sum, area| *sum += area);
    let in_flight_growth = in_flight_areas.growth(|area| *area);
    let growing = in_flight_growth.growing;

    let all = class_series(&Measurements::all_classes);
    let mut total = class_figures(&all, growing);
    total.in_flight = Some(in_flight_areas.per_sec(|area| *area));
    total.in_flight_growth = Some(in_flight_growth);

    let classes = (0..)
        .zip(RequestClass::ALL)
        .map(|(position, class): (usize, _)| (class, class_series(&|batch| batch.classes[position].clone())))
        .filter(|(_, series)| series.whole.arrivals > 0 || series.whole.outcomes.total() > 0)
        .map(|(class, series)| (class.key().to_owned(), class_figures(&series, growing)))
        .collect();

    let components = component_figures(network, batches, batch_secs);
    Report {
        headroom_version: env!("CARGO_PKG_VERSION").to_owned(),
        title: String::new(),
        seed: options.seed,
        fingerprint: String::new(),
        events: 0,
        requests: 0,
        users: options.users,
        warm_up_secs: options.warm_up.as_secs_f64(),
        measured_secs,
        batches: options.batches,
        objective: objective_figures(options, &all, &total, growing),
        cost: cost_figures(options, &components),
        total,
        classes,
        regions: region_figures(network, batches, batch_secs, growing),
        components,
        links: link_figures(network, batches, batch_secs),
        alerts: Vec::new(),
        time_series: None,
        traces: None,
    }
}

fn class_figures(series: &Series<ClassMeasurements>, growing: bool) -> ClassFigures {
    let time = |of: fn(&ClassMeasurements) -> &Histogram| if growing { None } else { series.times(of) };
    ClassFigures {
        arrival_rate_per_sec: series.per_sec(|of| of.arrivals as f64),
        completion_rate_per_sec: series.per_sec(|of| of.outcomes.total() as f64),
        success_rate_per_sec: series.per_sec(|of| of.outcomes.get(Outcome::Answered) as f64),
        error_share: series.share(|of| (of.outcomes.failed(), of.outcomes.total())),
        outcomes: series.outcomes(|of| &of.outcomes),
        stale_share: series.share(|of| (of.stale, of.outcomes.get(Outcome::Answered))),
        degraded_share: series.share(|of| (of.degraded, of.outcomes.get(Outcome::Answered))),
        latency: time(|of| &of.latency),
        waiting: time(|of| &of.waiting),
        service: time(|of| &of.service),
        network: time(|of| &of.network),
        in_flight: None,
        in_flight_growth: None,
    }
}

fn objective_figures(
    options: &RunOptions,
    all: &Series<ClassMeasurements>,
    total: &ClassFigures,
    growing: bool,
) -> ObjectiveFigures {
    let objective = options.objective;
    let latency_secs = total.latency.is_some().then(|| all.time(|of| &of.latency, Some(objective.percentile / 100.0)));
    let burn = |estimate: Estimate| Estimate {
        value: estimate.value / objective.error_share,
        ci95_half_width: estimate.ci95_half_width.map(|half| half / objective.error_share),
    };
    let errors_kept = total.error_share.is_none_or(|share| share.value <= objective.error_share);
    let latency_kept = latency_secs.is_none_or(|latency| latency.value <= objective.latency_secs);
    ObjectiveFigures {
        percentile: objective.percentile,
        latency_limit_secs: objective.latency_secs,
        latency_secs,
        error_share_limit: objective.error_share,
        availability: all.share(|of| (of.outcomes.get(Outcome::Answered), of.outcomes.total())),
        error_budget_burn_rate: total.error_share.filter(|_| objective.error_share > 0.0).map(burn),
        kept: errors_kept && latency_kept && !growing,
    }
}

fn cost_figures(options: &RunOptions, components: &[ComponentFigures]) -> CostFigures {
    let monthly_rent_usd = components.iter().map(|component| component.monthly_usd).sum();
    let monthly_usage_usd =
        components.iter().filter_map(|component| component.monthly_usage_usd).map(|usage| usage.value).sum();
    let monthly_usd = monthly_rent_usd + monthly_usage_usd;
    CostFigures {
        monthly_usd,
        monthly_rent_usd,
        monthly_usage_usd,
        monthly_usd_per_thousand_users: monthly_usd / options.users as f64 * 1e3,
    }
}

fn region_figures(network: &Network, batches: &[Measurements], batch_secs: f64, growing: bool) -> Vec<RegionFigures> {
    let regions = network.frames.iter().filter(|frame| frame.kind == FrameKind::Region);
    (0..)
        .zip(regions)
        .map(|(position, region): (usize, _)| {
            let of_batches = batches.iter().map(|batch| batch.regions[position].clone()).collect();
            (region, Series::new(of_batches, batch_secs, ClassMeasurements::merge))
        })
        .filter(|(_, series)| series.whole.arrivals > 0 || series.whole.outcomes.total() > 0)
        .map(|(region, series)| RegionFigures {
            region: region.id.to_string(),
            name: String::new(),
            place: region.place.word().to_owned(),
            figures: class_figures(&series, growing),
        })
        .collect()
}

fn component_figures(network: &Network, batches: &[Measurements], batch_secs: f64) -> Vec<ComponentFigures> {
    network
        .stations
        .iter()
        .filter(|station| station.instance == 0)
        .map(|first| {
            let positions: Vec<usize> =
                network.stations_of(first.component).map(|position| position.0 as usize).collect();
            let series_of = |positions: &[usize]| {
                let together = |batch: &Measurements| {
                    let mut sum = StationMeasurements::default();
                    // Machines may have come or gone within the span.
                    for measured in positions.iter().filter_map(|&position| batch.stations.get(position)) {
                        sum.merge(measured);
                    }
                    sum
                };
                Series::new(batches.iter().map(together).collect(), batch_secs, StationMeasurements::merge)
            };
            let instances = if positions.len() > 1 {
                positions.iter().map(|&position| station_figures(network, first, &series_of(&[position]), 1)).collect()
            } else {
                Vec::new()
            };
            let together = series_of(&positions);
            ComponentFigures {
                component: first.component.to_string(),
                name: String::new(),
                kind: first.config.kind().key().to_owned(),
                monthly_usd: first.monthly_usd() * running(&together, positions.len()).value,
                monthly_usage_usd: usage(network, first, &together),
                connections: connections(network, first.component, batches, batch_secs),
                figures: station_figures(network, first, &together, positions.len()),
                instances,
            }
        })
        .collect()
}

/// Figures of `stations` stations alike, measured together.
fn station_figures(
    network: &Network,
    spec: &StationSpec,
    series: &Series<StationMeasurements>,
    stations: usize,
) -> StationFigures {
    // Machines that an autoscaler had not started neither serve nor fail.
    let running = running(series, stations);
    let stations = running.value.max(f64::MIN_POSITIVE);
    let utilisation: BTreeMap<String, Estimate> = Resource::ALL
        .into_iter()
        .filter_map(|resource| {
            let used = series.ratio(|of| use_of(network, spec, resource, stations, of));
            Some((resource.key().to_owned(), used?))
        })
        .collect();
    let is_database = matches!(spec.config, ComponentConfig::SqlDatabase(_));
    let is_cache = matches!(spec.config, ComponentConfig::Cache(_) | ComponentConfig::Cdn(_));
    let is_in_circle =
        network.stations_of(spec.component).next().is_some_and(|position| network.is_in_circle(position));
    let replicates = is_database && (spec.replication_group.is_some() || is_in_circle);
    StationFigures {
        arrival_rate_per_sec: series.per_sec(|of| of.arrivals as f64),
        completion_rate_per_sec: series.per_sec(|of| of.outcomes.total() as f64),
        success_rate_per_sec: series.per_sec(|of| of.outcomes.get(Outcome::Answered) as f64),
        error_share: series.share(|of| (of.outcomes.failed(), of.outcomes.total())),
        outcomes: series.outcomes(|of| &of.outcomes),
        in_system: series.per_sec(|of| of.in_system_area),
        queue_length: series.per_sec(|of| of.waiting_area),
        queue_growth: series.growth(|of| of.waiting_area),
        utilisation,
        wait: series.times(|of| &of.wait),
        service: series.times(|of| &of.service),
        response: series.times(|of| &of.response),
        memory_bytes: series.mean_of_samples(|of| (of.memory_sum * stations, of.memory_samples)),
        received_bytes_per_sec: (series.whole.files_in > 0).then(|| series.per_sec(|of| of.bytes_in)),
        sent_bytes_per_sec: (series.whole.files_out > 0).then(|| series.per_sec(|of| of.bytes_out)),
        availability: availability(series, stations),
        instances_running: (spec.spares > 0 || spec.config.instances_vary()).then_some(running),
        hit_ratio: series.share(|of| (of.hits, of.hits + of.misses)),
        stale_hit_share: is_cache.then(|| series.share(|of| (of.stale_hits, of.hits))).flatten(),
        eviction_rate_per_sec: is_cache.then(|| series.per_sec(|of| of.evictions as f64)),
        stale_read_rate_per_sec: (replicates || matches!(spec.config, ComponentConfig::NosqlDatabase(_)))
            .then(|| series.per_sec(|of| of.stale_reads as f64)),
        replication_lag: series.times(|of| &of.replication_lag),
        replication_lag_writes: replicates.then(|| series.per_sec(|of| of.lag_writes_area)),
        lost_writes: is_database.then_some(series.whole.lost_writes),
        conflicts: is_in_circle.then_some(series.whole.conflicts),
        conflict_rate_per_sec: is_in_circle.then(|| series.per_sec(|of| of.conflicts as f64)),
        diverging_writes: replicates.then_some(series.whole.diverging_writes),
        recovery: series.whole.recovery.as_deref().map(|recovery| RecoveryFigures {
            restores: recovery.restores,
            recovery_point_secs: recovery.point_secs,
            recovery_time_secs: recovery.time_secs,
        }),
        third_party: series.whole.third_party.is_some().then(|| third_party_figures(series)),
        messages: matches!(spec.config, ComponentConfig::Queue(_)).then(|| message_figures(series)),
        connections: matches!(spec.config, ComponentConfig::WebsocketService(_)).then(|| connection_figures(series)),
    }
}

fn third_party_figures(series: &Series<StationMeasurements>) -> ThirdPartyFigures {
    let count = |of: &StationMeasurements, count: fn(&ThirdPartyMeasurements) -> u64| {
        of.third_party.as_deref().map_or(0, count) as f64
    };
    let whole = series.whole.third_party.as_deref().cloned().unwrap_or_default();
    ThirdPartyFigures {
        carried_out_rate_per_sec: series.per_sec(|of| count(of, |counts| counts.carried_out)),
        recognised: whole.recognised,
        duplicates: whole.duplicates,
    }
}

fn message_figures(series: &Series<StationMeasurements>) -> MessageFigures {
    let batches = series.batches.iter().map(|batch| batch.queue.as_deref().cloned().unwrap_or_default()).collect();
    let series = Series::new(batches, series.batch_secs, QueueMeasurements::merge);
    MessageFigures {
        publish_rate_per_sec: series.per_sec(|of| of.published as f64),
        delivery_rate_per_sec: series.per_sec(|of| of.delivered as f64),
        completion_rate_per_sec: series.per_sec(|of| of.acknowledged as f64),
        redelivered_share: series.share(|of| (of.redelivered, of.delivered)),
        duplicates: series.whole.duplicates,
        dead_lettered: series.whole.dead_lettered,
        expired: series.whole.expired,
        lost: series.whole.lost,
        age: series.times(|of| &of.age),
        completion: series.times(|of| &of.completion),
    }
}

/// What the use of a component costs beside its rent [USD per month], as if what was measured went on all month; `None`
/// where only rent is paid.
fn usage(network: &Network, spec: &StationSpec, series: &Series<StationMeasurements>) -> Option<Estimate> {
    let price = spec.config.usage();
    if price.is_free() {
        return None;
    }
    let traffic = series.per_sec(|of| of.usage_usd(&price) * MONTH_SECS);
    Some(Estimate { value: traffic.value + network.monthly_keeping_usd(spec), ..traffic })
}

/// Attempts under way on all links that lead to a component, on average.
fn connections(network: &Network, component: ComponentId, batches: &[Measurements], batch_secs: f64) -> Estimate {
    let leads_here = |&(_, link): &(usize, &LinkSpec)| link.to == component;
    let incoming: Vec<usize> =
        network.links.iter().enumerate().filter(leads_here).map(|(position, _)| position).collect();
    let area =
        |batch: &Measurements| incoming.iter().map(|&position| batch.links[position].connections_area).sum::<f64>();
    Series::new(batches.iter().map(area).collect(), batch_secs, |sum, area| *sum += area).per_sec(|area| *area)
}

fn connection_figures(series: &Series<StationMeasurements>) -> ConnectionFigures {
    let open = series.per_sec(|of| of.used_slots_area);
    let of_batch = |batch: &StationMeasurements| batch.connections.as_deref().cloned().unwrap_or_default();
    let batches = series.batches.iter().map(of_batch).collect();
    let series = Series::new(batches, series.batch_secs, ConnectionMeasurements::merge);
    ConnectionFigures {
        open,
        open_rate_per_sec: series.per_sec(|of| of.opened as f64),
        close_rate_per_sec: series.per_sec(|of| of.closed as f64),
        broken: series.whole.broken,
        received_rate_per_sec: series.per_sec(|of| of.received as f64),
        failed_share: series.share(|of| (of.failed, of.received)),
        delivery_rate_per_sec: series.per_sec(|of| of.delivered as f64),
        delivery: series.times(|of| &of.delivery),
    }
}

/// Machines that were there, on average: those that an autoscaler had not started do not count.
fn running(series: &Series<StationMeasurements>, stations: usize) -> Estimate {
    let absent = series.per_sec(|of| of.absent_secs);
    Estimate { value: stations as f64 - absent.value, ..absent }
}

/// Share of the time in which stations were alive.
fn availability(series: &Series<StationMeasurements>, stations: f64) -> Estimate {
    let down = series.per_sec(|of| of.down_secs / stations);
    Estimate { value: 1.0 - down.value, ..down }
}

fn link_figures(network: &Network, batches: &[Measurements], batch_secs: f64) -> Vec<LinkFigures> {
    (0..)
        .zip(&network.links)
        .map(|(position, link): (usize, _)| {
            let of_batches = batches.iter().map(|batch| batch.links[position].clone()).collect();
            let series = Series::new(of_batches, batch_secs, LinkMeasurements::merge);
            LinkFigures {
                link: link.id.to_string(),
                from: link.from.to_string(),
                to: link.to.to_string(),
                role: link.role.word().to_owned(),
                attempt_rate_per_sec: series.per_sec(|of| of.attempts as f64),
                retry_rate_per_sec: series.per_sec(|of| of.retries as f64),
                error_share: series.share(|of| (of.outcomes.failed(), of.outcomes.total())),
                outcomes: series.outcomes(|of| &of.outcomes),
                response: series.times(|of| &of.response),
                waiting_mean_secs: part(&series, |of| of.waiting.nanos()),
                service_mean_secs: part(&series, |of| of.service.nanos()),
                network_mean_secs: part(&series, |of| {
                    of.response.sum_nanos().saturating_sub(of.waiting.nanos() + of.service.nanos())
                }),
                connections: series.per_sec(|of| of.connections_area),
            }
        })
        .collect()
}

/// The mean of one part of the response time of a link's answered attempts [s]; `None` if none was answered.
fn part(series: &Series<LinkMeasurements>, nanos: impl Fn(&LinkMeasurements) -> u128) -> Option<Estimate> {
    series.mean_of_samples(|of| (nanos(of) as f64 * 1e-9, of.outcomes.get(Outcome::Answered)))
}
