//! Headroom: draw a web system, pull the users slider, see what gives way first and why.
//!
//! # The flow
//!
//! ```text
//!  design ──compile──▶ network ──▶ sim ──▶ snapshot ──▶ scene, ui
//!  (the drawing,       (dense,     (every    (plain        (what is painted
//!   undoable)           checked)    request)  figures)       and read)
//!     ▲                                                        │
//!     └──────── Edit: undoable ── ToEngine: run control ───────┘
//! ```
//!
//! What people do comes back as an [`Edit`](design::edit::Edit), which is undoable, as a
//! [`ToEngine`](bridge::message::ToEngine) message, which controls the run, or as a setting of the view, which is
//! neither.
//!
//! # The map
//!
//! | module | what |
//! |---|---|
//! | [`units`], [`ids`], [`geometry`], [`distribution`], [`objective`], [`sorted`] | what everything else is made of |
//! | [`mod@format`], [`text`] | figures and words for people |
//! | [`design`] | the drawing: kinds, parameters, edits, history, files |
//! | [`network`] | the drawing made ready to run, or what is in the way |
//! | [`sim`] | the engine, and what is concluded from its runs: reports, sweeps |
//! | [`theory`] | closed forms that the engine is held against |
//! | [`interview`] | tasks, and the report about an answer, measured by simulation |
//! | [`bridge`] | messages between page and worker, and the worker's loop |
//! | [`editor`], [`scene`] | gestures into plans, drawings into shapes; no browser in either |
//! | [`journey`] | designs that grow stage by stage, and the proof of what each stage claims |
//! | [`learn`], [`embed`] | explanations of a run; the address and the host page |
//! | `cli` (native), `ui` and `web` (browser) | the three borders to the outside |
//!
//! Three programs are made of it: `app` is the page, `worker` the engine beside it, `headroom` the command line.
//!
//! # What always holds
//!
//! - A run is a function of network, seed and timed interventions, to the bit, natively and in the browser.
//! - `sim` knows no browser and no clock but its own; `ui` and `web` are compiled for the browser only.
//! - The drawing may be unfinished; whether it can run is decided by [`network::compile`] alone.
//! - What stands lower in the map never uses what stands higher; a test reads this off the `use` lines.

#![allow(rustdoc::broken_intra_doc_links, reason = "units stand in brackets, as in [s]")]

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
pub mod interview;
pub mod journey;
pub mod learn;
pub mod network;
pub mod objective;
pub mod scene;
pub mod sim;
pub mod sorted;
pub mod text;
pub mod theory;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod ui;
pub mod units;
#[cfg(target_arch = "wasm32")]
pub mod web;
