//! What a host page may ask of the playground.

pub mod params;
