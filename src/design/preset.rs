//! Presets: parts of usual shape, ready to drop. A preset is one component with parameters of its own, or a small group
//! of components that are linked already.
//!
//! What people read about a preset stands in `assets/text` under `presets`: its name and a sentence, and the names of
//! further parts. Once placed, its components are components like any other.

use super::field::{Configurable, Value};
use super::kind::{ComponentConfig, Kind};
use super::link::{LinkConfig, LinkRole};
use crate::distribution::Distribution;

/// A part of usual shape.
#[derive(Debug)]
pub struct Preset {
    /// Name in files' neighbours: texts, style sheets, the catalogue.
    pub key: &'static str,
    /// Its components; the palette lists it after the kind of the first.
    pub parts: &'static [Part],
    /// Links between its components.
    pub links: &'static [Joint],
    /// Whether it is a replica, which is linked to the primary and to those who read there, if there are any.
    pub is_replica: bool,
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Preset {}

/// A component of a preset.
#[derive(Debug)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// Its name's key in `assets/text`, below that of the preset.
    pub name: &'static str,
    /// Where it goes, in columns to the right of the first part and rows below it.
    pub place: (i8, i8),
    /// Parameters that differ from the defaults of the kind.
    pub values: &'static [(&'static str, Setting)],
}

/// A link of a preset.
#[derive(Debug)]
pub struct Joint {
    /// Position of the part that asks.
    pub from: usize,
    /// Position of the part that answers.
    pub to: usize,
    /// What travels.
    pub role: LinkRole,
    /// Parameters that differ from the defaults of links.
    pub values: &'static [(&'static str, Setting)],
}

/// A parameter's value as a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A number in the field's unit.
    Number(f64),
    /// One of the words of a choice.
    Word(&'static str),
    /// Yes or no.
    Flag(bool),
    /// No limit, or never.
    Off,
    /// Always the same time [s].
    Constant(f64),
    /// Lognormal time: mean [s] and standard deviation over mean.
    Lognormal(f64, f64),
}

use Setting::{Constant, Flag, Lognormal, Number, Off, Word};

impl Setting {
    /// The value as parameters take it.
    pub const fn value(self) -> Value {
        match self {
            Number(number) => Value::Number(number),
            Word(word) => Value::Choice(word),
            Flag(flag) => Value::Flag(flag),
            Off => Value::Off,
            Constant(secs) => Value::Time(Distribution::constant(secs)),
            Lognormal(mean_secs, cv) => Value::Time(Distribution::Lognormal { mean_secs, cv }),
        }
    }
}

/// A preset of one component.
const fn single(key: &'static str, part: &'static [Part]) -> Preset {
    Preset { key, parts: part, links: &[], is_replica: false }
}

/// A part at the place of the first.
const fn first(kind: Kind, values: &'static [(&'static str, Setting)]) -> Part {
    Part { kind, name: "name", place: (0, 0), values }
}

/// A link with default parameters.
const fn joint(from: usize, to: usize, role: LinkRole) -> Joint {
    Joint { from, to, role, values: &[] }
}

/// All presets, in the order of the palette within their kinds.
///
/// # Sources
/// Where the values come from is said by the defaults that they differ from; nginx, Tomcat, Elasticsearch, Stripe and
/// the usual shape of such services.
pub static PRESETS: &[Preset] = &[
    Preset { key: "replica", parts: &[first(Kind::SqlDatabase, &[])], links: &[], is_replica: true },
    Preset {
        key: "balanced",
        parts: &[
            Part { kind: Kind::LoadBalancer, name: "balancer", place: (0, 0), values: &[] },
            Part { kind: Kind::Server, name: "server", place: (1, 0), values: &[] },
            Part { kind: Kind::Server, name: "server", place: (1, 1), values: &[] },
        ],
        links: &[joint(0, 1, LinkRole::Requests), joint(0, 2, LinkRole::Requests)],
        is_replica: false,
    },
    single(
        "web_server",
        &[first(
            Kind::Server,
            &[
                ("concurrency", Number(1024.0)),
                ("read_work", Lognormal(0.002, 0.5)),
                ("write_work", Lognormal(0.002, 0.5)),
                ("memory_per_request_mb", Number(0.1)),
            ],
        )],
    ),
    single(
        "api_server",
        &[first(
            Kind::Server,
            &[
                ("instances", Number(2.0)),
                ("concurrency", Number(500.0)),
                ("read_work", Lognormal(0.005, 1.0)),
                ("write_work", Lognormal(0.008, 1.0)),
                ("queries_per_read", Number(2.0)),
            ],
        )],
    ),
    single(
        "app_server",
        &[first(
            Kind::Server,
            &[
                ("instances", Number(2.0)),
                ("read_work", Lognormal(0.015, 1.0)),
                ("write_work", Lognormal(0.02, 1.0)),
                ("queries_per_read", Number(3.0)),
                ("queries_per_write", Number(2.0)),
            ],
        )],
    ),
    single(
        "web_client_server",
        &[first(
            Kind::Server,
            &[
                ("cores", Number(2.0)),
                ("memory_mb", Number(8192.0)),
                ("concurrency", Number(1024.0)),
                ("read_work", Lognormal(0.003, 0.5)),
                ("static_work", Constant(0.000_2)),
                ("memory_per_request_mb", Number(0.1)),
                ("queries_per_read", Number(0.0)),
            ],
        )],
    ),
    Preset {
        key: "search_service",
        parts: &[
            first(
                Kind::Server,
                &[
                    ("calls", Word("all")),
                    ("scatter", Flag(true)),
                    ("read_work", Lognormal(0.002, 0.5)),
                    ("queries_per_read", Number(0.0)),
                ],
            ),
            Part {
                kind: Kind::Server,
                name: "shards",
                place: (1, 0),
                values: &[("instances", Number(4.0)), ("concurrency", Number(13.0)), ("queries_per_read", Number(0.0))],
            },
        ],
        links: &[Joint { from: 0, to: 1, role: LinkRole::Requests, values: &[("timeout_secs", Number(1.0))] }],
        is_replica: false,
    },
    Preset {
        key: "notification_service",
        parts: &[
            first(
                Kind::Server,
                &[
                    ("read_work", Lognormal(0.002, 0.5)),
                    ("write_work", Lognormal(0.003, 0.5)),
                    ("messages_per_write", Number(5.0)),
                ],
            ),
            Part { kind: Kind::Queue, name: "queue", place: (1, 0), values: &[] },
            Part {
                kind: Kind::Worker,
                name: "sender",
                place: (2, 0),
                values: &[("concurrency", Number(50.0)), ("job_work", Lognormal(0.002, 0.5))],
            },
            Part {
                kind: Kind::ThirdParty,
                name: "push",
                place: (3, 0),
                values: &[
                    ("response_time", Lognormal(0.1, 0.8)),
                    ("rate_limit_per_sec", Number(1000.0)),
                    ("burst", Number(1000.0)),
                    ("usd_per_call", Number(0.0)),
                ],
            },
        ],
        links: &[
            joint(0, 1, LinkRole::Publish),
            joint(2, 1, LinkRole::Consume),
            Joint { from: 2, to: 3, role: LinkRole::Requests, values: &[("retries", Number(2.0))] },
        ],
        is_replica: false,
    },
    Preset {
        key: "payment_service",
        parts: &[
            first(
                Kind::Server,
                &[
                    ("read_work", Lognormal(0.005, 1.0)),
                    ("write_work", Lognormal(0.01, 1.0)),
                    ("concurrency", Number(400.0)),
                ],
            ),
            Part { kind: Kind::ThirdParty, name: "provider", place: (1, 0), values: &[("usd_per_call", Number(0.05))] },
        ],
        links: &[Joint {
            from: 0,
            to: 1,
            role: LinkRole::Requests,
            values: &[
                ("latency", Constant(0.02)),
                ("timeout_secs", Number(5.0)),
                ("retries", Number(2.0)),
                ("retry_backoff_secs", Number(0.5)),
                ("retry_budget_share", Number(0.2)),
                ("breaker_error_share", Number(0.5)),
            ],
        }],
        is_replica: false,
    },
    Preset {
        key: "user_service",
        parts: &[
            first(Kind::Server, &[("instances", Number(2.0)), ("read_work", Lognormal(0.004, 1.0))]),
            Part {
                kind: Kind::SqlDatabase,
                name: "database",
                place: (1, 0),
                values: &[("cores", Number(4.0)), ("read_work", Lognormal(0.001, 1.0))],
            },
        ],
        links: &[joint(0, 1, LinkRole::Queries)],
        is_replica: false,
    },
    Preset {
        key: "content_service",
        parts: &[
            first(Kind::Server, &[("instances", Number(2.0)), ("read_work", Lognormal(0.006, 1.0))]),
            Part { kind: Kind::Cache, name: "cache", place: (1, 0), values: &[("ttl_secs", Number(60.0))] },
            Part {
                kind: Kind::SqlDatabase,
                name: "database",
                place: (1, 1),
                values: &[("queue_limit", Off), ("cores", Number(4.0))],
            },
        ],
        links: &[joint(0, 1, LinkRole::Lookup), joint(0, 2, LinkRole::Queries)],
        is_replica: false,
    },
];

impl Preset {
    /// The kind that the palette lists it after.
    pub const fn kind(&self) -> Kind {
        self.parts[0].kind
    }
}

impl Part {
    /// The configuration of the component.
    pub fn config(&self) -> ComponentConfig {
        let mut config = self.kind.default_config();
        for &(key, setting) in self.values {
            config.set(key, setting.value()).expect("presets are tested");
        }
        config
    }
}

impl Joint {
    /// The parameters of the link.
    pub fn config(&self) -> LinkConfig {
        let mut config = LinkConfig::default();
        for &(key, setting) in self.values {
            config.set(key, setting.value()).expect("presets are tested");
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_sets_what_there_is_and_links_what_may_be_linked() {
        for preset in PRESETS {
            for part in preset.parts {
                let config = part.config();
                for (key, setting) in part.values {
                    assert_eq!(config.get(key), Some(setting.value()), "{}: {key}", preset.key);
                    let default = part.kind.default_config().get(key);
                    assert_ne!(default, Some(setting.value()), "{}: {key} is at its default", preset.key);
                }
            }
            for link in preset.links {
                let (from, to) = (preset.parts[link.from].kind, preset.parts[link.to].kind);
                assert!(from.roles_to(to).contains(&link.role), "{}", preset.key);
                assert_eq!(link.config() == LinkConfig::default(), link.values.is_empty(), "{}", preset.key);
            }
        }
    }

    #[test]
    fn keys_and_places_are_told_apart() {
        for (position, preset) in PRESETS.iter().enumerate() {
            assert!(PRESETS[..position].iter().all(|other| other.key != preset.key), "{}", preset.key);
            for (position, part) in preset.parts.iter().enumerate() {
                assert!(preset.parts[..position].iter().all(|other| other.place != part.place), "{}", preset.key);
            }
        }
    }
}
