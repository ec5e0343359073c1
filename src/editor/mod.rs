//! Pointer and key gestures as plans, without a DOM.

pub mod place;
pub mod scale;
pub mod shape;
