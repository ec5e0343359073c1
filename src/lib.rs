//! Headroom: draw a web system, pull the users slider, see what gives way first and why.

pub mod bridge;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod design;
pub mod distribution;
pub mod editor;
pub mod embed;
pub mod entry;
pub mod format;
pub mod geometry;
pub mod ids;
pub mod learn;
pub mod network;
pub mod objective;
pub mod scene;
pub mod sim;
pub mod text;
pub mod theory;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod ui;
pub mod units;
#[cfg(target_arch = "wasm32")]
pub mod web;
