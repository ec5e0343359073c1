//! How fast the engine is natively: requests and events per second on fixed designs, beside loops written by hand for
//! two of them. Where the system tells it, time is that of the processor, so that it does not count what other programs
//! do meanwhile.
//!
//! `cargo bench --bench engine` prints the table; `cargo xtask bench` the same table for WebAssembly in a browser, too.

mod cases;

use std::time::Instant;

use cases::Machine;

/// Requests per second that the reference design should reach at least.
const TARGET: f64 = 2.5e6;

fn main() {
    // Test runners list or try every target; only `cargo bench` asks for measurements.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let start = Instant::now();
    let clock = || processor_secs().unwrap_or_else(|| start.elapsed().as_secs_f64());
    let machine = Machine { clock: &clock, peak_memory: &peak_memory };
    cases::measure(&machine, TARGET, |line| println!("{line}"));
}

/// Time that a processor has worked for this process, as Linux tells, exact to a few milliseconds; nothing elsewhere.
fn processor_secs() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: f64 = status.split_whitespace().next()?.parse().ok()?;
    (nanos > 0.0).then_some(nanos * 1e-9)
}

/// Most memory that the process has held so far [bytes], as Linux tells; nothing elsewhere.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024.0)
}
