//! A list of steps that are run one after the other, and told about at the end.

use std::time::{Duration, Instant};

/// What has been run so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    /// What failed and what to do about it.
    failure: Option<String>,
}

impl Steps {
    /// Runs a step, even if one before has failed: who mends things wants to know all of them. `advice` says what to do
    /// if it fails.
    pub fn step(&mut self, name: &'static str, advice: &str, work: impl FnOnce() -> Result<(), String>) {
        println!("\n── {name} ──");
        let start = Instant::now();
        let failure = work().err().map(|error| format!("{error}\n    {advice}"));
        if let Some(failure) = &failure {
            eprintln!("{failure}");
        }
        self.done.push(Step { name, took: start.elapsed(), failure });
    }

    /// Whether everything has gone well so far.
    pub fn all_well(&self) -> bool {
        self.done.iter().all(|step| step.failure.is_none())
    }

    /// Prints the table of all steps.
    ///
    /// # Errors
    /// In words, what failed and what to do.
    pub fn finish(self) -> Result<(), String> {
        println!("\n{:<28} {:>8}", "step", "seconds");
        for Step { name, took, failure } in &self.done {
            let mark = if failure.is_some() { "  FAILED" } else { "" };
            println!("{name:<28} {:>8.1}{mark}", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|step| step.took).sum();
        println!("{:<28} {:>8.1}", "all", total.as_secs_f64());
        let failures: Vec<String> = self
            .done
            .iter()
            .filter_map(|step| step.failure.as_ref().map(|failure| format!("{}: {failure}", step.name)))
            .collect();
        if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
    }
}
