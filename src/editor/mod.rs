//! Pointer and keys as plans, without a DOM: what is under the pointer, what a gesture does, what a key means, which
//! links may be drawn, and how fields of the page turn what people enter into values. The page carries the plans out.

pub mod clip;
pub mod command;
pub mod connect;
pub mod gesture;
pub mod hit;
pub mod place;
pub mod scale;
pub mod shape;
pub mod snap;
