//! `headroom sweep`: how many users a design serves within an objective.

use std::io::Write;

use clap::Args;

use super::progress::Progress;
use super::table::{self, Table, or_nothing};
use super::{Failure, Verdict, input, write_json};
use crate::design::Design;
use crate::format;
use crate::objective::Objective;
use crate::sim::sweep::{Breach, Capacity, SweepOptions, find_capacity};

/// Measures the most users that a design serves within an objective, and what gives way beyond.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of the design, `-` for standard input, or the name of an example (starter, replicated, reference).
    design: String,
    /// Objective, like `p99<500ms,errors<0.1%`; that of the design if left out.
    #[arg(long)]
    objective: Option<String>,
    /// Users that have to be served, like 250k: the exit status says whether they are. At least one if left out.
    #[arg(long, value_parser = super::parse_users)]
    users: Option<u64>,
    /// Seed of all random streams.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Answer within seconds, to two digits.
    #[arg(long)]
    quick: bool,
    /// Print JSON; its schema is printed by `schema capacity`.
    #[arg(long)]
    json: bool,
}

/// Searches and prints.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let design = input::design(&arguments.design)?;
    let network = input::network(&arguments.design, &design)?;
    let objective = match &arguments.objective {
        Some(text) => text.parse()?,
        None => design.settings().objective,
    };
    let options =
        if arguments.quick { SweepOptions::quick(arguments.seed) } else { SweepOptions::thorough(arguments.seed) };
    let progress = Progress::new("searching");
    let capacity = find_capacity(&network, &objective, &options, |done| progress.show(done));
    drop(progress);
    if arguments.json {
        write_json(output, &capacity);
    } else {
        output.write_all(text(&design, &objective, &capacity).as_bytes()).map_err(Failure::output)?;
    }
    let served = capacity.users.is_some_and(|users| users >= arguments.users.unwrap_or(1));
    Ok(if served { Verdict::Done } else { Verdict::Missed })
}

/// The answer for people.
fn text(design: &Design, objective: &Objective, capacity: &Capacity) -> String {
    let mut text = format!(
        "{}\nObjective p{} < {}, errors < {}\n\n",
        design.settings().title,
        objective.percentile,
        format::duration(objective.latency_secs),
        format::share(objective.error_share),
    );
    text += &match (capacity.users, capacity.missed_at) {
        (Some(users), Some(missed)) => {
            format!("Serves {} users; misses it at {}.\n", format::grouped(users), format::grouped(missed))
        }
        (Some(users), None) => format!("Serves {} users, the whole range.\n", format::grouped(users)),
        (None, _) => "Misses it with a single user.\n".to_owned(),
    };
    if let Some(breach) = capacity.breach {
        text += &format!("Beyond, {}.\n", words(breach));
    }
    if let Some(limiting) = &capacity.limiting {
        let name = design
            .components()
            .find(|component| component.id.to_string() == limiting.component)
            .map_or(limiting.component.as_str(), |component| component.name.as_str());
        text += &format!(
            "What runs out is the {} of {name}: {} used",
            limiting.resource,
            format::share(limiting.utilisation)
        );
        text += &limiting
            .main_failure
            .as_ref()
            .map_or_else(|| ".\n".to_owned(), |failure| format!("; most failed requests end as `{failure}`.\n"));
    }
    text.push('\n');
    let latency = format!("p{}", objective.percentile);
    let mut rows = Table::new(["users", "sent/s", &latency, "failed", "in flight grows", "measured", "objective"]);
    let mut points: Vec<_> = capacity.points.iter().collect();
    points.sort_by_key(|point| point.users);
    for point in points {
        let growth = point.in_flight_growth;
        rows.row([
            format::grouped(point.users),
            format::count(point.arrival_rate_per_sec),
            table::time(point.latency_secs),
            table::share(point.error_share),
            or_nothing(growth.growing.then_some(growth.per_sec), |growth| format!("{}/s", table::count(growth))),
            format::duration(point.measured_secs),
            match point.breach {
                None if point.certain => "kept".to_owned(),
                None => "kept, by chance perhaps".to_owned(),
                Some(breach) if point.certain => format!("missed: {}", word(breach)),
                Some(breach) => format!("missed, by chance perhaps: {}", word(breach)),
            },
        ]);
    }
    text += &rows.print();
    text.push_str("\n± half of the 95 % confidence interval, by batch means\n");
    text.replace(format::THIN_SPACE, " ")
}

const fn word(breach: Breach) -> &'static str {
    match breach {
        Breach::Errors => "errors",
        Breach::Latency => "latency",
        Breach::Backlog => "backlog",
    }
}

const fn words(breach: Breach) -> &'static str {
    match breach {
        Breach::Errors => "too many requests fail",
        Breach::Latency => "answers take too long",
        Breach::Backlog => "requests pile up without end",
    }
}
