//! The command line: the same designs and the same engine without a browser, for tests, batches, authors and
//! continuous integration. One file a command; this one has what they share.
//!
//! Results go to standard output, everything else to standard error. The exit status is 0 if the work is done, 1 if an
//! objective that was asked about is missed, 2 if the input is bad.

mod catalogue;
mod check;
mod compare;
mod input;
mod journeys;
mod options;
mod progress;
mod render;
mod run;
mod schema;
mod sweep;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::design::file::FileError;
use crate::journey::JourneyError;
use crate::objective::ObjectiveError;
use crate::units::SimDuration;

/// Simulates every request of a web architecture: what it carries, what gives way first, and why.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "DESIGN is a file, `-` for standard input, or the name of an example (starter, replicated, reference).\n\
                  Exit status: 0 done, 1 objective missed, 2 bad input."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Sweep(sweep::Arguments),
    Compare(compare::Arguments),
    Check(check::Arguments),
    Schema(schema::Arguments),
    Catalogue(catalogue::Arguments),
    Render(render::Arguments),
    Journeys(journeys::Arguments),
}

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Done, and an objective, if one was asked about, is kept.
    Done,
    /// Done, and the objective that was asked about is missed.
    Missed,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A file cannot be read.
    #[error("{file}: cannot be read: {error}")]
    Unreadable {
        /// Its name as given.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A file is larger than any design.
    #[error("{file}: larger than {limit_bytes} bytes; expected a design, which is far smaller")]
    TooLarge {
        /// Its name as given.
        file: String,
        /// The limit [bytes].
        limit_bytes: usize,
    },
    /// A file is no text.
    #[error("{file}: not UTF-8 text; expected JSON")]
    NotText {
        /// Its name as given.
        file: String,
    },
    /// A file is malformed.
    #[error("{file}: {error}")]
    Malformed {
        /// Its name as given.
        file: String,
        /// What, where in the file, and what was expected.
        error: FileError,
    },
    /// A design cannot run.
    #[error("{file}: this design cannot run\n{problems}")]
    CannotRun {
        /// Its name as given.
        file: String,
        /// Its problems, a line each.
        problems: String,
    },
    /// The text of an objective cannot be read.
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
    /// The simulated time asked for cannot be measured.
    #[error("--for {for_secs} s cannot be cut into {batches} batches; expected a longer time or fewer batches")]
    TooShort {
        /// Time asked for [s].
        for_secs: f64,
        /// Batches asked for.
        batches: u32,
    },
    /// The interval of the figures over time is too short.
    #[error("--interval {interval_secs} s cuts the run into more than {most} parts; expected a longer one")]
    TooFine {
        /// Interval asked for [s].
        interval_secs: f64,
        /// Parts that there may be.
        most: u64,
    },
    /// There is no such kind of component.
    #[error("there is no kind `{kind}`; expected one of {known}")]
    UnknownKind {
        /// What was asked for.
        kind: String,
        /// What there is.
        known: String,
    },
    /// There is no such journey.
    #[error("there is no journey `{journey}`; expected one of {known}")]
    UnknownJourney {
        /// What was asked for.
        journey: String,
        /// What there is.
        known: String,
    },
    /// A journey is malformed.
    #[error(transparent)]
    Journey(#[from] JourneyError),
    /// A stage of a journey cannot run.
    #[error("{journey}/{stage}: {reason}")]
    Stage {
        /// The journey.
        journey: String,
        /// The stage.
        stage: String,
        /// Why, in words.
        reason: String,
    },
    /// The result cannot be written.
    #[error("{file}: cannot be written: {error}")]
    Unwritable {
        /// Where to.
        file: String,
        /// Why.
        error: io::Error,
    },
}

impl Failure {
    /// Writing to standard output has failed.
    fn output(error: io::Error) -> Self {
        Self::Unwritable { file: "standard output".to_owned(), error }
    }

    /// Whether the reader of the output has gone, as `head` does; that is nobody's mistake.
    fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Unwritable { error, .. } if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Does what the arguments of the process say. Prints its own messages; wrong arguments end the process.
pub fn main() -> ExitCode {
    let mut output = Vec::new();
    let verdict = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments, &mut output),
        Command::Sweep(arguments) => sweep::run(&arguments, &mut output),
        Command::Compare(arguments) => compare::run(&arguments, &mut output),
        Command::Check(arguments) => check::run(&arguments, &mut output),
        Command::Schema(arguments) => schema::run(&arguments, &mut output),
        Command::Catalogue(arguments) => catalogue::run(&arguments, &mut output),
        Command::Render(arguments) => render::run(&arguments, &mut output),
        Command::Journeys(arguments) => journeys::run(&arguments, &mut output),
    };
    // A result is written whole or not at all, so that no program reads half a report.
    let written = io::stdout().lock().write_all(&output).map_err(Failure::output);
    match written.and(verdict) {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Missed) => ExitCode::from(1),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("headroom: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Writes `value` as indented JSON and a newline.
fn write_json(output: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer_pretty(&mut *output, value).expect("plain data written to memory");
    output.push(b'\n');
}

/// Reads a span of time as `60s`, `1.5m`, `2h`, `250ms`; a bare number is seconds.
fn parse_duration(text: &str) -> Result<SimDuration, String> {
    const UNITS: [(&str, f64); 6] = [("µs", 1e-6), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let text = text.trim();
    let (digits, size) = UNITS
        .iter()
        .find_map(|&(unit, size)| text.strip_suffix(unit).map(|digits| (digits, size)))
        .unwrap_or((text, 1.0));
    match digits.trim().parse::<f64>() {
        // A year of simulated time is far more than anyone can wait for.
        Ok(number) if (0.0..=31_536_000.0).contains(&(number * size)) => Ok(SimDuration::from_secs_f64(number * size)),
        _ => Err("expected a time like 60s, 1.5m, 2h or 250ms, up to a year".to_owned()),
    }
}

/// Reads a number of users as `250000`, `250k` or `2m`.
fn parse_users(text: &str) -> Result<u64, String> {
    crate::format::parse_count(text)
        .filter(|users| crate::design::USERS_RANGE.contains(users))
        .ok_or_else(|| "expected a number from 1 to 100,000,000, like 250000, 250k or 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        for (text, secs) in
            [("60s", 60.0), ("1.5m", 90.0), ("250ms", 0.25), ("2h", 7200.0), ("3", 3.0), (" 5 µs", 5e-6)]
        {
            assert_eq!(parse_duration(text), Ok(SimDuration::from_secs_f64(secs)), "{text}");
        }
        for text in ["", "s", "-1s", "infs", "NaN", "1d", "1e99h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn users_are_within_the_range_of_the_slider() {
        assert_eq!(parse_users("250k"), Ok(250_000));
        assert!(parse_users("0").is_err());
        assert!(parse_users("101m").is_err());
        assert!(parse_users("many").is_err());
    }
}
