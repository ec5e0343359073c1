//! Interviews: a task, a blank canvas, and a report about the answer, measured by simulation.
//!
//! A task is a folder under `assets/interviews` with a `prompt.json`, and two designs that show what it asks for: a
//! `reference.json` that passes and a `naive.json` that does not.
//!
//! ```json
//! {
//!   "headroom_interview": 1,
//!   "title": "URL shortener",
//!   "statement": "Design a service that makes short links and follows them.",
//!   "facts": ["100 links are followed for one that is made."],
//!   "users": 100000,
//!   "growth_users": 1000000,
//!   "traffic": {"requests_per_user_per_sec": 0.01, "read_share": 0.99, "write_share": 0.01},
//!   "objective": {"percentile": 99, "latency_secs": 0.3, "error_share": 0.001},
//!   "recovery_secs": 40,
//!   "monthly_usd": 2000
//! }
//! ```
//!
//! [`Examination`] runs the answer at the stated load and at the growth target, lets each of its components lose a
//! machine in turn, and measures how many users it carries; it works in slices, so that a browser's worker can do it.
//! Whatever the answer says about its users' behaviour, its script and its traffic is replaced by what the task says.
//!
//! Reading and measuring know nothing of files on disk. Left out: what only people can judge.

mod examine;
mod prompt;
mod run;
pub mod words;

pub use self::examine::{Examination, Goal, GoalKind, Load, Loss, LossOutcome, Report, Terms, examine};
pub use self::prompt::{Prompt, PromptEntry, PromptError, read_index};
