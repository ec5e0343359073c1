//! What a host page may ask of the playground, and where its address leads.

pub mod fragment;
pub mod params;
pub mod protocol;

use crate::design::{Component, Design};

/// The component of that identity or name, as addresses and messages call it.
fn component<'a>(design: &'a Design, name: &str) -> Option<&'a Component> {
    let by_identity = design.components().find(|component| component.id.to_string() == name);
    by_identity.or_else(|| design.component_named(name))
}
