//! Designs that come with the product, as files that read like any other.

use super::Design;

/// A design that comes with the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Name of its file, without ending.
    pub key: &'static str,
    file: &'static str,
}

impl Example {
    /// What a visitor meets first: users, DNS, one web server and its database. Healthy, until the slider is pulled.
    pub const STARTER: Self = Self { key: "starter", file: include_str!("../../assets/designs/starter.json") };
    /// DNS, a load balancer, three web servers, a cache, a primary and two replicas.
    pub const REPLICATED: Self = Self { key: "replicated", file: include_str!("../../assets/designs/replicated.json") };
    /// What the engine's speed is measured with: Poisson users, a balancer (round robin), four servers of eight cores
    /// with exponential work, a cache (LRU, a tenth of the items, Zipf 0.9, read-through, constant time) and a
    /// database of 32 connections with exponential work. No network time, no timeouts. Servers and database are each
    /// about 70 % busy.
    pub const REFERENCE: Self = Self { key: "reference", file: include_str!("../../assets/designs/reference.json") };
    /// All of them.
    pub const ALL: [Self; 3] = [Self::STARTER, Self::REPLICATED, Self::REFERENCE];

    /// The text of its file.
    pub const fn file(self) -> &'static str {
        self.file
    }

    /// The design, fresh.
    pub fn design(self) -> Design {
        Design::from_json(self.file).expect("the examples are tested")
    }
}

/// The design that a visitor meets first.
pub fn starter() -> Design {
    Example::STARTER.design()
}
