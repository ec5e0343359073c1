//! Designs that come with the product, as files that read like any other.

use super::link::{Link, LinkConfig};
use super::{Component, ComponentConfig, Design, LinkRole, Settings};
use crate::distribution::Distribution;
use crate::geometry::Point;
use crate::ids::{ComponentId, LinkId};

/// Time between people and the system, one way [s].
const WAY_SECS: f64 = 0.02;

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

/// The design that a visitor meets first: [`Example::STARTER`], put together without reading its file, which would take
/// longer than everything else that a first visit needs.
pub fn starter() -> Design {
    let component = |id, name: &str, config, x, y| Component {
        id: ComponentId(id),
        name: name.to_owned(),
        config,
        position: Point::new(x, y),
        frame: None,
    };
    let link = |id, from, to, role, config| Link {
        id: LinkId(id),
        from: ComponentId(from),
        to: ComponentId(to),
        role,
        config,
    };
    let near = LinkConfig::default;
    let far = || LinkConfig { latency: Distribution::constant(WAY_SECS), ..near() };
    Design::of(
        Settings { title: "From one web server".to_owned(), ..Settings::default() },
        [
            component(1, "Users", ComponentConfig::Users(Default::default()), 0.0, 0.0),
            component(2, "DNS", ComponentConfig::Dns(Default::default()), 148.0, -180.0),
            component(3, "Web server", ComponentConfig::Server(Default::default()), 296.0, 0.0),
            component(4, "Database", ComponentConfig::SqlDatabase(Default::default()), 592.0, 0.0),
        ],
        [
            link(5, 1, 2, LinkRole::Resolve, far()),
            link(6, 2, 3, LinkRole::Record, near()),
            link(7, 1, 3, LinkRole::Requests, far()),
            link(8, 3, 4, LinkRole::Queries, near()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_is_what_its_file_says() {
        assert_eq!(starter(), Example::STARTER.design());
    }
}
