//! Every check of the project, in the order of how soon it can fail.

use crate::command::{cargo, output, run};
use crate::page;
use crate::steps::Steps;
use crate::tools::{Browser, PageTools, axe, checks};

/// Runs every check; all of them, even if one fails.
///
/// # Errors
/// In words, what failed and what to do.
pub fn test() -> Result<(), String> {
    println!("Everything takes about 15 minutes on two cores the first time, and about 5 later.");
    let mut steps = Steps::default();
    steps.step("set up", "See `cargo xtask setup`.", || {
        checks()?;
        PageTools::set_up()?;
        axe()?;
        Browser::set_up().map(drop)
    });
    if !steps.all_well() {
        return steps.finish();
    }
    steps.step("format", "`cargo fmt --all` mends it.", || run(&mut cargo("fmt --all --check")));
    let lint = "Mend what it says; nothing is allowed without a reason beside it.";
    steps.step("lints, native", lint, || {
        // The browser stories are not among all targets, for a plain `cargo test` leaves them out.
        run(&mut cargo("clippy --workspace --all-targets --test e2e -- -D warnings"))
    });
    steps.step("lints, page", lint, || {
        run(&mut cargo("clippy --target wasm32-unknown-unknown --lib --bin app -- -D warnings"))
    });
    steps.step("lints, worker", lint, || {
        run(&mut cargo(
            "clippy --target wasm32-unknown-unknown --no-default-features --features bench --lib --bin worker \
             --bin speed -- -D warnings",
        ))
    });
    let alone = "`cargo test NAME` runs one alone; a changed golden file is rewritten by UPDATE_GOLDEN=1.";
    steps.step("tests", alone, || {
        if output(&mut cargo("nextest --version")).is_some() {
            run(&mut cargo("nextest run --workspace"))
        } else {
            run(&mut cargo("test --workspace --lib --bins --tests"))
        }
    });
    let advice = "`cargo run --release -- journeys check JOURNEY/STAGE` proves one stage alone.";
    steps.step("journeys", advice, || run(&mut cargo("run --release --bin headroom -- journeys check")));
    steps.step("page", "`cargo xtask build` builds it alone.", || page::build(&[]));
    if steps.all_well() {
        let advice = "`cargo test --test e2e -- NAME` runs one alone; pictures of failures are in target/e2e.";
        steps.step("browser stories", advice, || stories(&[]));
    }
    steps.finish()
}

/// Tries the properties on many more cases than the tests do, fresh ones each time. A seed that fails is kept beside the
/// tests, which try it first from then on.
///
/// # Errors
/// In words, what failed.
pub fn fuzz(arguments: &[String]) -> Result<(), String> {
    let factor = arguments.first().map_or("50", String::as_str);
    if factor.parse::<u32>().is_err() {
        return Err(format!(
            "`{factor}` is no number of times; `cargo xtask fuzz 50` tries fifty times as many cases."
        ));
    }
    println!("Fifty times as many cases take about 10 minutes on two cores.");
    let mut command = cargo("test --test it --");
    command.args(["design::", "files::", "runs::", "conservation::", "messages::"]);
    run(command.env("HEADROOM_FUZZ_FACTOR", factor))
}

/// Builds the page and takes its pictures.
///
/// # Errors
/// In words, what failed.
pub fn screenshots() -> Result<(), String> {
    page::build(&[])?;
    stories(&["--pictures"])?;
    println!("The pictures are in target/screenshots, the one of the README in assets/screenshot.png.");
    Ok(())
}

/// Builds the page, which prints its weight, and measures how soon it is there and what its frames cost.
///
/// # Errors
/// In words, what failed.
pub fn frames() -> Result<(), String> {
    page::build(&[])?;
    stories(&["--frames"])
}

/// Lets the page that has been built run on for a while, and fails if anything grows.
///
/// # Errors
/// In words, what failed.
pub fn soak(arguments: &[String]) -> Result<(), String> {
    let minutes = arguments.first().map_or("30", String::as_str);
    stories(&["--soak", minutes])
}

/// Runs stories of the built page in a browser.
fn stories(arguments: &[&str]) -> Result<(), String> {
    let Browser { browser, driver } = Browser::set_up()?;
    let mut command = cargo("test --test e2e --");
    command.args(arguments).env("CHROMIUM", browser).env("CHROMEDRIVER", driver).env("AXE", axe()?);
    run(&mut command)
}
