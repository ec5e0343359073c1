//! `cargo xtask`: everything about the project that is more than one command of Cargo.
//!
//! Needs nothing but Rust; what else a command needs it sets up itself, once, from the ordinary package registries.

mod bench;
mod command;
mod finish;
mod glue;
mod page;
mod split;
mod steps;
mod test;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve        Build the optimised page, serve it on this machine and print its address
  build        Build the optimised page into dist/: plain files for any folder of any static host
  test         Run every check: format, lints, tests, page, browser stories
  fuzz [N]     Try every property on N times as many cases as the tests do, fresh ones; 50 times if left out
  frames       Build the page; measure its weight, how soon it is there and what its frames cost in a browser
  soak         Let the built page run for 30 minutes, or as many as are given, and fail if anything grows
  bench        Measure the engine's speed natively and in a browser, beside loops written by hand
  setup        Set up what the commands above need, and nothing else
  screenshots  Build the page and take its pictures into target/screenshots, and the one of the README

`serve` and `build` hand further arguments on to Trunk, for example `cargo xtask serve --port 9000`.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let result = match arguments.first().map(String::as_str) {
        Some("serve") => page::serve(rest),
        Some("build") => page::build(rest),
        Some("test") => test::test(),
        Some("fuzz") => test::fuzz(rest),
        Some("frames") => test::frames(),
        Some("soak") => test::soak(rest),
        Some("bench") => bench::bench(),
        Some("setup") => tools::set_up_everything(),
        Some("screenshots") => test::screenshots(),
        Some("finish-dist") => finish::finish_dist(),
        None | Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => Err(format!("There is no command `{other}`.\n\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}");
            ExitCode::FAILURE
        }
    }
}
