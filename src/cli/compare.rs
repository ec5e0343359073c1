//! `headroom compare`: two designs under the same users, and how sure their differences are.

use std::io::Write;

use clap::Args;

use super::options::Options;
use super::progress::Progress;
use super::table::{Table, or_nothing};
use super::{Failure, Verdict, input, write_json};
use crate::format;
use crate::sim::report::compare::{Comparison, compare};

/// Runs two designs on common random numbers and prints the paired differences with their 95 % confidence intervals.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of the first design, `-` for standard input, or the name of an example (starter, replicated, reference).
    first: String,
    /// File of the second design, or the name of an example.
    second: String,
    #[command(flatten)]
    options: Options,
    /// Print JSON; its schema is printed by `schema comparison`.
    #[arg(long)]
    json: bool,
}

/// Compares and prints.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let (first, second) = (input::design(&arguments.first)?, input::design(&arguments.second)?);
    let networks = (input::network(&arguments.first, &first)?, input::network(&arguments.second, &second)?);
    let options = arguments.options.of(&first, None)?;
    let progress = Progress::new("simulating");
    let mut comparison = compare(networks.0, networks.1, &options, |done| progress.show(done));
    drop(progress);
    comparison.first.clone_from(&first.settings().title);
    comparison.second.clone_from(&second.settings().title);
    if arguments.json {
        write_json(output, &comparison);
    } else {
        output.write_all(text(&comparison).as_bytes()).map_err(Failure::output)?;
    }
    Ok(Verdict::Done)
}

fn text(comparison: &Comparison) -> String {
    let mut text = format!(
        "A: {}\nB: {}\n{} users, {} s measured, seed {}\n\n",
        comparison.first,
        comparison.second,
        format::grouped(comparison.users),
        comparison.measured_secs,
        comparison.seed,
    );
    let mut rows = Table::new(["figure", "A", "B", "B less A", "±", "beyond chance"]);
    for compared in &comparison.figures {
        let write = |value: f64| write(&compared.figure, value);
        rows.row([
            compared.figure.clone(),
            or_nothing(compared.first, write),
            or_nothing(compared.second, write),
            or_nothing(compared.difference, |difference| write(difference.value)),
            or_nothing(compared.difference.and_then(|difference| difference.ci95_half_width), write),
            if compared.significant { "yes" } else { "no" }.to_owned(),
        ]);
    }
    text += &rows.print();
    text.push_str("\n± half of the 95 % confidence interval of the paired differences of batches\n");
    text.replace(format::THIN_SPACE, " ")
}

/// The number in the unit that the name of the figure ends in.
fn write(figure: &str, value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    let digits = match figure {
        _ if figure.ends_with("_secs") => format::duration(size),
        _ if figure.ends_with("_share") => format::share(size),
        _ => format::count(size),
    };
    format!("{sign}{digits}")
}
