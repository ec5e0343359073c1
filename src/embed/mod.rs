//! What a host page may ask of the playground, and where its address leads.

pub mod fragment;
pub mod params;
pub mod protocol;
