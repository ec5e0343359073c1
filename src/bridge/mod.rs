//! Between page and engine: messages, the worker's loop without the worker, and the past of a run.

pub mod driver;
pub mod message;
mod past;
