//! Pointer and keys as plans, without a DOM: what is under the pointer, what a gesture does, what a key means, what a
//! menu offers, which links may be drawn, and how fields of the page turn what people enter into values. The page
//! carries the plans out.

pub mod align;
pub mod arrange;
pub mod clip;
pub mod command;
pub mod connect;
pub mod faults;
pub mod frames;
pub mod gesture;
pub mod hit;
pub mod menu;
pub mod place;
pub mod scale;
pub mod search;
pub mod shape;
pub mod snap;
pub mod timeline;
