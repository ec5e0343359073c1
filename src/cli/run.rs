//! `headroom run`: one run, all its figures.

use std::io::Write;

use clap::Args;

use super::options::Options;
use super::progress::Progress;
use super::table::{self, NOTHING, Table, or_nothing};
use super::{Failure, Verdict, input, write_json};
use crate::design::LinkRole;
use crate::format;
use crate::network::Network;
use crate::objective::Objective;
use crate::sim::report::traces::{RequestTrace, traces};
use crate::sim::report::{ClassFigures, ComponentFigures, Outcomes, Report, run_with_series};
use crate::units::SimDuration;

/// Intervals that figures over time may have: as many as keep the output readable by other programs.
const MOST_POINTS_ASKED: u64 = 10_000;

/// Runs a design and prints every figure with its 95 % confidence interval.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of the design, `-` for standard input, or the name of an example (starter, replicated, reference).
    design: String,
    #[command(flatten)]
    options: Options,
    /// File with a list of script events, in place of the design's own.
    #[arg(long, value_name = "FILE")]
    script: Option<String>,
    /// Print also so many requests chosen without bias, and as many of the slowest, with all that was done for them.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1000))]
    trace: Option<usize>,
    /// Length of the intervals of the figures over time, like 500ms; a round one that gives 60 to 120 points if left
    /// out. They are printed with --json.
    #[arg(long, value_name = "TIME", value_parser = super::parse_duration)]
    interval: Option<SimDuration>,
    /// Objective to be kept, like `p99<500ms,errors<0.1%`: the exit status says whether it is.
    #[arg(long)]
    objective: Option<String>,
    /// Print JSON; its schema is printed by `schema report`.
    #[arg(long)]
    json: bool,
}

/// Runs and prints.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let design = input::design(&arguments.design)?;
    let mut network = input::network(&arguments.design, &design)?;
    if let Some(script) = &arguments.script {
        network = Network { script: input::script(script, &design)?, ..network };
    }
    let asked: Option<Objective> = arguments.objective.as_deref().map(str::parse).transpose()?;
    let options = arguments.options.of(&design, asked)?;
    let whole = options.warm_up + options.duration;
    if let Some(interval) = arguments.interval
        && whole.as_nanos() > interval.as_nanos().saturating_mul(MOST_POINTS_ASKED)
    {
        return Err(Failure::TooFine { interval_secs: interval.as_secs_f64(), most: MOST_POINTS_ASKED });
    }
    let progress = Progress::new("simulating");
    let mut report = run_with_series(network.clone(), &options, arguments.interval, |done| progress.show(done));
    drop(progress);
    if let Some(count) = arguments.trace {
        let progress = Progress::new("tracing");
        report.traces = Some(traces(network, &options, count, |done| progress.show(done)));
    }
    report.name(&design.settings().title, |id| design.name_of(id));
    if arguments.json {
        write_json(output, &report);
    } else {
        output.write_all(text(&report).as_bytes()).map_err(Failure::output)?;
    }
    Ok(if asked.is_some() && !report.objective.kept { Verdict::Missed } else { Verdict::Done })
}

/// The report for people.
fn text(report: &Report) -> String {
    let mut text = format!(
        "{}\n{} users, {} s measured after {} s, seed {}, fingerprint {}, {} events\n\n",
        report.title,
        format::grouped(report.users),
        report.measured_secs,
        report.warm_up_secs,
        report.seed,
        report.fingerprint,
        format::grouped(report.events),
    );
    text += &verdict(report);
    text += &format!(
        "Cost: {} USD a month ({} rent, {} use), {} USD for every thousand users\n",
        format::grouped(report.cost.monthly_usd.round() as u64),
        format::grouped(report.cost.monthly_rent_usd.round() as u64),
        format::grouped(report.cost.monthly_usage_usd.round() as u64),
        format::number(report.cost.monthly_usd_per_thousand_users),
    );
    text.push('\n');
    text += &classes(report);
    text.push('\n');
    text += &components(report);
    text.push('\n');
    text += &links(report);
    text.push_str("\n± half of the 95 % confidence interval, by batch means\n");
    if let Some(traces) = &report.traces {
        text += "\nRequests chosen without bias\n";
        text.extend(traces.sampled.iter().map(|trace| waterfall(report, trace)));
        text += "\nThe slowest requests\n";
        text.extend(traces.slowest.iter().map(|trace| waterfall(report, trace)));
    }
    text.replace(format::THIN_SPACE, " ")
}

/// Sentences about the whole: backlog and objective.
fn verdict(report: &Report) -> String {
    let mut text = String::new();
    if let Some(growth) = report.total.in_flight_growth.filter(|growth| growth.growing) {
        text += &format!(
            "Overloaded: requests in flight grow by {} a second, and latency with them; there is no steady state.\n",
            table::count(growth.per_sec)
        );
    }
    let objective = &report.objective;
    text += &format!(
        "Objective p{} < {}, errors < {}: {}\n",
        objective.percentile,
        format::duration(objective.latency_limit_secs),
        format::share(objective.error_share_limit),
        if objective.kept { "kept" } else { "missed" },
    );
    text.replace(format::THIN_SPACE, " ")
}

fn classes(report: &Report) -> String {
    let mut rows = Table::new([
        "requests",
        "sent/s",
        "answered/s",
        "failed",
        "mean",
        "p50",
        "p95",
        "p99",
        "p99.9",
        "max",
        "stale",
    ]);
    let mut add = |name: &str, class: &ClassFigures| {
        let time = |figure: fn(&crate::sim::report::TimeFigures) -> crate::sim::report::Estimate| {
            or_nothing(class.latency.as_ref(), |latency| table::time(figure(latency)))
        };
        rows.row([
            name.to_owned(),
            table::count(class.arrival_rate_per_sec),
            table::count(class.success_rate_per_sec),
            or_nothing(class.error_share, table::share),
            time(|latency| latency.mean_secs),
            time(|latency| latency.p50_secs),
            time(|latency| latency.p95_secs),
            time(|latency| latency.p99_secs),
            time(|latency| latency.p999_secs),
            or_nothing(class.latency.as_ref(), |latency| format::duration(latency.max_secs)),
            or_nothing(class.stale_share.filter(|share| share.value > 0.0), table::share),
        ]);
    };
    for (name, class) in &report.classes {
        add(name, class);
    }
    for region in &report.regions {
        add(&format!("in {}", if region.name.is_empty() { &region.region } else { &region.name }), &region.figures);
    }
    add("all", &report.total);
    let mut text = rows.print();
    text += &split(&report.total);
    let failures = failures(&report.total.outcomes);
    if !failures.is_empty() {
        text += &format!("failed: {failures}\n");
    }
    text
}

/// Where the time of all requests goes.
fn split(total: &ClassFigures) -> String {
    let parts = [("waiting", &total.waiting), ("service", &total.service), ("network", &total.network)];
    let mut rows = Table::new(["of the latency", "mean", "p50", "p95", "p99", "p99.9"]);
    for (name, times) in parts {
        let Some(times) = times else { return String::new() };
        rows.row([
            name.to_owned(),
            table::time(times.mean_secs),
            table::time(times.p50_secs),
            table::time(times.p95_secs),
            table::time(times.p99_secs),
            table::time(times.p999_secs),
        ]);
    }
    format!("\n{}", rows.print())
}

/// What went wrong and how often: `refused 2.1 ± 0.3 %, timed_out 0.4 %`.
fn failures(outcomes: &Outcomes) -> String {
    outcomes
        .iter()
        .filter(|(name, figures)| *name != "answered" && figures.count > 0)
        .filter_map(|(name, figures)| Some(format!("{name} {}", table::share(figures.share?))))
        .collect::<Vec<_>>()
        .join(", ")
        .replace(format::THIN_SPACE, " ")
}

fn components(report: &Report) -> String {
    let mut rows = Table::new([
        "component",
        "calls/s",
        "failed",
        "cores",
        "slots",
        "queue",
        "wait p99",
        "response p99",
        "hits",
        "lag p99",
        "alive",
    ]);
    let mut add = |name: String, figures: &crate::sim::report::StationFigures| {
        let used = |resource: &str| or_nothing(figures.utilisation.get(resource).copied(), table::share);
        let queue = if figures.queue_growth.growing {
            format!("grows {}/s", table::count(figures.queue_growth.per_sec))
        } else if figures.utilisation.is_empty() {
            NOTHING.to_owned()
        } else {
            table::count(figures.queue_length)
        };
        rows.row([
            name,
            table::count(figures.arrival_rate_per_sec),
            or_nothing(figures.error_share.filter(|share| share.value > 0.0), table::share),
            used("cores"),
            used("slots"),
            queue,
            or_nothing(figures.wait.as_ref(), |wait| table::time(wait.p99_secs)),
            or_nothing(figures.response.as_ref(), |response| table::time(response.p99_secs)),
            or_nothing(figures.hit_ratio, table::share),
            or_nothing(figures.replication_lag.as_ref(), |lag| table::time(lag.p99_secs)),
            or_nothing(Some(figures.availability).filter(|alive| alive.value < 1.0), table::share),
        ]);
    };
    for component in &report.components {
        add(called(component), &component.figures);
        for (number, instance) in (1..).zip(&component.instances) {
            add(format!("  {number}"), instance);
        }
    }
    rows.print()
}

fn called(component: &ComponentFigures) -> String {
    if component.name.is_empty() { component.component.clone() } else { component.name.clone() }
}

fn links(report: &Report) -> String {
    let name = |id: &str| {
        report.components.iter().find(|component| component.component == id).map_or_else(|| id.to_owned(), called)
    };
    let mut rows = Table::new([
        "link",
        "attempts/s",
        "retries/s",
        "failed",
        "p50",
        "p99",
        "mean",
        "waiting",
        "service",
        "network",
        "open",
    ]);
    // Nothing travels along the records of a DNS service.
    for link in report.links.iter().filter(|link| link.role != LinkRole::Record.word()) {
        rows.row([
            format!("{} → {} ({})", name(&link.from), name(&link.to), link.role),
            table::count(link.attempt_rate_per_sec),
            or_nothing(Some(link.retry_rate_per_sec).filter(|rate| rate.value > 0.0), table::count),
            or_nothing(link.error_share.filter(|share| share.value > 0.0), table::share),
            or_nothing(link.response.as_ref(), |response| table::time(response.p50_secs)),
            or_nothing(link.response.as_ref(), |response| table::time(response.p99_secs)),
            or_nothing(link.response.as_ref(), |response| table::time(response.mean_secs)),
            or_nothing(link.waiting_mean_secs, table::time),
            or_nothing(link.service_mean_secs, table::time),
            or_nothing(link.network_mean_secs, table::time),
            table::count(link.connections),
        ]);
    }
    rows.print()
}

/// A request as a tree of its calls, with where the time of each went.
fn waterfall(report: &Report, trace: &RequestTrace) -> String {
    let text = format!(
        "\n#{} {} at {} s: {} after {}\n",
        trace.request,
        trace.class,
        trace.wanted_secs,
        trace.outcome,
        format::duration(trace.latency_secs),
    );
    let mut rows = Table::new(["call", "sent after", "took", "waiting", "service", "network", "ended"]);
    for span in &trace.spans {
        let mut depth = 0;
        let mut parent = span.parent;
        while let Some(position) = parent {
            depth += 1;
            parent = trace.spans[position as usize].parent;
        }
        let hit = match span.hit {
            Some(true) => ", hit",
            Some(false) => ", miss",
            None => "",
        };
        let known = report.components.iter().find(|component| component.component == span.component);
        let instances = known.map_or(0, |component| component.instances.len());
        let instance = if instances > 1 { format!(" {}", span.instance + 1) } else { String::new() };
        rows.row([
            format!("{}{}{instance}", "  ".repeat(depth), known.map_or_else(|| span.component.clone(), called)),
            format::duration(span.sent_secs),
            format::duration(span.duration_secs),
            format::duration(span.waiting_secs),
            format::duration(span.service_secs),
            format::duration(span.network_secs),
            format!("{}{hit}{}", span.outcome, if span.stale { ", stale" } else { "" }),
        ]);
    }
    text + rows.print().as_str()
}
