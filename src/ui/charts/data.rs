//! What the charts show: lines and stacks, made from the series of a run.

use crate::design::Design;
use crate::ids::ComponentId;
use crate::learn::series::{Point, Series};
use crate::scene::axis::{Axis, Measure};
use crate::sim::snapshot::Outcome;
use crate::sorted;
use crate::units::{SimDuration, SimTime};

/// Components in the chart of utilisation.
const BUSIEST: usize = 5;

/// What a chart is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Answered and failed requests.
    Throughput,
    /// Percentiles of latency.
    Latency,
    /// Failures by cause.
    Errors,
    /// Utilisation of the busiest components.
    Utilisation,
}

impl Subject {
    /// All charts in order.
    pub const ALL: [Self; 4] = [Self::Throughput, Self::Latency, Self::Errors, Self::Utilisation];

    /// Name in texts and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Utilisation => "utilisation",
        }
    }

    /// What its axis measures.
    pub const fn measure(self) -> Measure {
        match self {
            Self::Throughput | Self::Errors => Measure::Rate,
            Self::Latency => Measure::Time,
            Self::Utilisation => Measure::Share,
        }
    }

    /// Whether its lines are stacked areas.
    pub const fn is_stacked(self) -> bool {
        matches!(self, Self::Throughput | Self::Errors)
    }
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What people call it.
    pub name: String,
    /// Class of its colour in the style sheet.
    pub class: String,
    /// Value at each time, by position in [`Data::times`]; undefined where there is none.
    pub values: Vec<f64>,
}

/// What a chart shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Ends of the intervals, oldest first.
    pub times: Vec<SimTime>,
    /// The lines; in a stack the lowest first.
    pub lines: Vec<Line>,
    /// From value to height.
    pub axis: Axis,
}

impl Data {
    /// What `subject` shows of the time between two moments.
    pub fn of(
        subject: Subject,
        series: &Series,
        (from, to): (SimTime, SimTime),
        design: &Design,
        say: impl Fn(&str) -> String,
    ) -> Self {
        let points: Vec<&Point> = series.between(from, to).collect();
        let times: Vec<SimTime> = points.iter().map(|point| point.sample.at).collect();
        let lines = match subject {
            Subject::Throughput => throughput(&points, say),
            Subject::Latency => latency(&points, say),
            Subject::Errors => errors(&points, say),
            Subject::Utilisation => utilisation(&points, design),
        };
        let axis = axis(subject, &lines, times.len());
        Self { times, lines, axis }
    }

    /// Position of the interval that holds `at`; `None` if there is nothing.
    pub fn position(&self, at: SimTime) -> Option<usize> {
        let position = self.times.partition_point(|&time| time < at);
        (!self.times.is_empty()).then(|| position.min(self.times.len() - 1))
    }
}

/// Sums over the last second around each point: single requests in intervals of a tenth would make a comb of the line,
/// and a sum of counts over more time is still exact.
fn per_sec(points: &[&Point], count: impl Fn(&Point) -> u64) -> Vec<f64> {
    let window = SimDuration::from_secs(1);
    let mut first = 0;
    let (mut sum, mut secs) = (0_u64, 0.0);
    points
        .iter()
        .enumerate()
        .map(|(position, point)| {
            sum += count(point);
            secs += point.sample.interval.as_secs_f64();
            while first < position && points[first].sample.at <= point.sample.at - window {
                sum -= count(points[first]);
                secs -= points[first].sample.interval.as_secs_f64();
                first += 1;
            }
            if secs > 0.0 { sum as f64 / secs } else { f64::NAN }
        })
        .collect()
}

fn throughput(points: &[&Point], say: impl Fn(&str) -> String) -> Vec<Line> {
    let answered = per_sec(points, |point| point.sample.outcomes.get(Outcome::Answered));
    let failed = per_sec(points, |point| point.sample.outcomes.failed());
    vec![
        Line { name: say("charts.answered"), class: "answered".to_owned(), values: answered },
        Line { name: say("charts.failed"), class: "failed".to_owned(), values: failed },
    ]
}

fn latency(points: &[&Point], say: impl Fn(&str) -> String) -> Vec<Line> {
    let line = |key: &str, value: fn(&Point) -> f64| Line {
        name: say(&format!("charts.{key}")),
        class: key.to_owned(),
        values: points
            .iter()
            .map(|point| if point.sample.latency.count == 0 { f64::NAN } else { value(point) })
            .collect(),
    };
    vec![
        line("p50", |point| point.sample.latency.p50_secs),
        line("p95", |point| point.sample.latency.p95_secs),
        line("p99", |point| point.sample.latency.p99_secs),
    ]
}

fn errors(points: &[&Point], say: impl Fn(&str) -> String) -> Vec<Line> {
    Outcome::ALL
        .into_iter()
        .filter(|outcome| !outcome.is_success())
        .filter(|&outcome| points.iter().any(|point| point.sample.outcomes.get(outcome) > 0))
        .map(|outcome| Line {
            name: say(&format!("outcomes.{}.name", outcome.key())),
            class: outcome.key().replace('_', "-"),
            values: per_sec(points, |point| point.sample.outcomes.get(outcome)),
        })
        .collect()
}

fn utilisation(points: &[&Point], design: &Design) -> Vec<Line> {
    let lately = &points[points.len().saturating_sub(20)..];
    let mut components: Vec<(f64, &crate::design::Component)> = design
        .components()
        .filter(|component| component.config.kind() != crate::design::Kind::Users)
        .filter_map(|component| {
            let (count, sum) = shares(lately, component.id)
                .flatten()
                .fold((0_u32, 0.0), |(count, sum), share| (count + 1, sum + share));
            (count > 0).then(|| (sum / f64::from(count), component))
        })
        .collect();
    // Whoever is busiest is chosen, but the order is that of the drawing, so that colours do not jump about.
    sorted::sort_by(&mut components, |a, b| b.0.total_cmp(&a.0));
    components.truncate(BUSIEST);
    sorted::sort_by(&mut components, |a, b| a.1.id.cmp(&b.1.id));
    components
        .into_iter()
        .enumerate()
        .map(|(position, (_, component))| Line {
            name: component.name.clone(),
            class: format!("line-{position}"),
            values: mean_of_second(points, component.id),
        })
        .collect()
}

/// Mean utilisation over the last second at each point.
fn mean_of_second(points: &[&Point], id: ComponentId) -> Vec<f64> {
    let window = SimDuration::from_secs(1);
    let shares: Vec<Option<f64>> = shares(points, id).collect();
    let mut first = 0;
    let mut values = Vec::with_capacity(points.len());
    for (position, point) in points.iter().enumerate() {
        while first < position && points[first].sample.at <= point.sample.at - window {
            first += 1;
        }
        let (mut busy_secs, mut secs) = (0.0, 0.0);
        for (point, share) in points[first..=position].iter().zip(&shares[first..=position]) {
            if let Some(share) = share {
                let length = point.sample.interval.as_secs_f64();
                busy_secs += share * length;
                secs += length;
            }
        }
        values.push(if secs > 0.0 { busy_secs / secs } else { f64::NAN });
    }
    values
}

/// The utilisation of a component in each point; `None` in those that do not know it.
fn shares(points: &[&Point], id: ComponentId) -> impl Iterator<Item = Option<f64>> {
    let mut place = 0;
    points.iter().map(move |point| {
        // Mostly it stands where it stood in the point before: nothing has to be searched for.
        if point.sample.utilisation.get(place).is_none_or(|(component, _)| *component != id) {
            place = point.sample.utilisation.iter().position(|(component, _)| *component == id)?;
        }
        Some(f64::from(point.sample.utilisation[place].1))
    })
}

fn axis(subject: Subject, lines: &[Line], n_times: usize) -> Axis {
    let values = || lines.iter().flat_map(|line| &line.values).copied().filter(|value| value.is_finite());
    match subject {
        Subject::Utilisation => Axis::from_zero(1.0, 1.0),
        Subject::Latency => {
            let least = values().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
            let greatest = values().fold(0.0, f64::max);
            if least.is_finite() { Axis::decades(least, greatest) } else { Axis::decades(0.001, 1.0) }
        }
        Subject::Throughput | Subject::Errors => {
            let sum = |position: usize| {
                lines.iter().map(|line| line.values[position]).filter(|value| value.is_finite()).sum::<f64>()
            };
            Axis::from_zero((0..n_times).map(sum).fold(0.0, f64::max), 1.0)
        }
    }
}
