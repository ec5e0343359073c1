//! How right the engine is: simulated figures beside closed forms.
//!
//! `cargo bench --bench accuracy` prints a table of the cases that `tests/it/theory` checks, here with three times as
//! many replications; it stops where a case disagrees. The interval is that of the mean of the replications, at 95 %.

use headroom::format::THIN_SPACE;
use headroom::sim::estimate::student_t_975;

#[path = "../tests/it/theory/cases.rs"]
mod cases;
#[path = "../tests/it/drawing.rs"]
mod drawing;

/// Seeds that each case is run with.
const REPLICATIONS: u32 = 30;

fn main() {
    // Test runners list or try every target; only `cargo bench` asks for measurements.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("| case | formula | theory | simulated, 95 % | difference |");
    println!("|---|---|--:|--:|--:|");
    for case in cases::all() {
        let simulated = case.check(REPLICATIONS);
        let half = student_t_975(REPLICATIONS as usize - 1) * simulated.standard_error;
        // Four significant digits of the theory, and one more for the interval.
        let decimals = (3.0 - libm::floor(libm::log10(case.theory))).max(0.0) as usize;
        println!(
            "| {} | {} | {:.decimals$} | {:.decimals$} ± {:.*} | {:+.2}{THIN_SPACE}% |",
            case.name,
            case.formula,
            case.theory,
            simulated.mean,
            decimals + 1,
            half,
            (simulated.mean / case.theory - 1.0) * 100.0
        );
    }
}
