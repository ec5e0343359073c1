//! Between page and engine: messages, and the worker's loop without the worker.

pub mod driver;
pub mod message;
