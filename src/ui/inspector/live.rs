//! Live figures as a list of names and values.

use leptos::prelude::*;

use crate::format;
use crate::learn::figures::ComponentFigures;
use crate::sim::snapshot::{LinkSnapshot, Outcome, OutcomeCounts, Particulars, Percentiles, Resource};
use crate::text::{fill, text};
use crate::ui::reaction::memo;
use crate::ui::words;

/// One figure: its name, its value in words, and for shares a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    name: String,
    value: String,
    bar: Option<f64>,
}

impl Figure {
    /// A figure in words.
    pub fn new(key: &str, value: String) -> Self {
        Self { name: words::say(key), value, bar: None }
    }

    /// A figure with a bar, 0 to 1.
    fn with_bar(name: String, value: String, share: f64) -> Self {
        Self { name, value, bar: Some(share) }
    }
}

/// Shows figures. The names seldom change, so rows stay and only their values are written anew.
#[component]
pub fn Figures(
    /// What to show.
    #[prop(into)]
    figures: Signal<Vec<Figure>>,
) -> impl IntoView {
    let names =
        memo(move || figures.with(|figures| figures.iter().map(|figure| figure.name.clone()).collect::<Vec<_>>()));
    view! {
        <dl class="figures">
            {move || {
                names
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(position, name)| {
                        let figure = memo(move || figures.with(|figures| figures.get(position).cloned()));
                        let bar = move || figure.get().and_then(|figure| figure.bar);
                        view! {
                            <div>
                                <dt>{name}</dt>
                                <dd class="figure">
                                    {move || figure.get().map(|figure| figure.value)}
                                    {move || {
                                        bar().map(|share| {
                                            view! {
                                                <span
                                                    class="bar"
                                                    data-tone=crate::learn::explain::Tone::of_utilisation(share).key()
                                                    style=("--share", format!("{share:.3}"))
                                                ></span>
                                            }
                                        })
                                    }}
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </dl>
    }
}

/// A sum of money that is paid every month [USD].
pub fn a_month(usd: f64) -> String {
    fill("figures.a_month", &[("cost", &format::usd(usd))])
}

/// The figures of a component, of which each machine costs so much [USD per month].
pub fn of_component(figures: &ComponentFigures, is_database_group: bool, machine_usd: f64) -> Vec<Figure> {
    let mut list = vec![
        Figure::new("figures.arrival_rate", format::quantity(figures.arrival_rate, text("diagram.per_second"))),
        Figure::new("figures.throughput", format::quantity(figures.throughput, text("diagram.per_second"))),
        Figure::new("figures.errors", errors(&figures.outcomes)),
    ];
    for used in &figures.resources {
        let write = if used.resource == Resource::Memory { format::bytes } else { format::count };
        let value = format!("{} · {} / {}", format::share(used.utilisation()), write(used.used), write(used.capacity));
        let name = words::say(&format!("resources.{}", used.resource.key()));
        list.push(Figure::with_bar(name, value, used.utilisation()));
    }
    let waiting = format::count(figures.waiting as f64);
    list.push(match figures.queue_limit {
        Some(limit) if limit > 0 => Figure::with_bar(
            words::say("figures.queue"),
            fill("figures.queue_of", &[("waiting", &waiting), ("limit", &format::count(limit as f64))]),
            figures.waiting as f64 / limit as f64,
        ),
        _ => Figure::new("figures.queue", waiting),
    });
    list.push(Figure::new("figures.wait", two(&figures.wait)));
    list.push(Figure::new("figures.response", two(&figures.response)));
    if figures.n_machines > 1 {
        let value =
            fill("health.partly", &[("up", &figures.n_up.to_string()), ("machines", &figures.n_machines.to_string())]);
        list.push(Figure::new("figures.machines", value));
    }
    list.extend(of_particulars(&figures.particulars, is_database_group));
    if machine_usd > 0.0 {
        list.push(Figure::new("figures.rent", a_month(machine_usd * f64::from(figures.n_machines))));
    }
    list
}

fn of_particulars(particulars: &Particulars, is_database_group: bool) -> Vec<Figure> {
    let share =
        |part: u64, whole: u64| if whole == 0 { "–".to_owned() } else { format::share(part as f64 / whole as f64) };
    match *particulars {
        Particulars::None => Vec::new(),
        Particulars::Dns { cached, asked } => {
            vec![Figure::new("figures.resolver_hits", share(cached, cached + asked))]
        }
        Particulars::Cache { hits, misses, stale_hits, entries, capacity, evictions } => vec![
            Figure::new("figures.hit_ratio", share(hits, hits + misses)),
            Figure::new("figures.stale_hits", share(stale_hits, hits)),
            Figure::new(
                "figures.entries",
                fill(
                    "figures.entries_of",
                    &[("entries", &format::count(entries as f64)), ("capacity", &format::count(capacity as f64))],
                ),
            ),
            Figure::new("figures.evictions", format::count(evictions as f64)),
        ],
        Particulars::LoadBalancer { healthy, targets } => vec![Figure::new(
            "figures.targets",
            fill("figures.targets_of", &[("healthy", &healthy.to_string()), ("targets", &targets.to_string())]),
        )],
        Particulars::ShardRouter { shards, moved_share } => vec![
            Figure::new("figures.shards", shards.to_string()),
            Figure::new("figures.moved_share", format::share(moved_share)),
        ],
        Particulars::ThirdParty { recognised, duplicates, .. } => vec![
            Figure::new("figures.recognised", format::count(recognised as f64)),
            Figure::new("figures.done_twice", format::count(duplicates as f64)),
        ],
        Particulars::Monitoring { watched, pending, firing } => vec![
            Figure::new("figures.watched", watched.to_string()),
            Figure::new("figures.pending", pending.to_string()),
            Figure::new("figures.alerts", firing.to_string()),
        ],
        Particulars::NosqlDatabase { stale_reads } => {
            vec![Figure::new("figures.stale_reads", format::count(stale_reads as f64))]
        }
        Particulars::Cdn { hits, misses, stale_hits, entries, bytes, capacity_bytes } => vec![
            Figure::new("figures.hit_ratio", share(hits, hits + misses)),
            Figure::new("figures.stale_hits", share(stale_hits, hits)),
            Figure::new("figures.copies", format::count(entries as f64)),
            Figure::new(
                "figures.room_used",
                fill(
                    "figures.entries_of",
                    &[("entries", &format::bytes(bytes as f64)), ("capacity", &format::bytes(capacity_bytes as f64))],
                ),
            ),
        ],
        Particulars::WebsocketService { open, limit, received, delivered, broken } => vec![
            Figure::with_bar(
                words::say("figures.open_connections"),
                fill(
                    "figures.entries_of",
                    &[("entries", &format::count(open as f64)), ("capacity", &format::count(limit as f64))],
                ),
                open as f64 / limit.max(1) as f64,
            ),
            Figure::new("figures.messages_received", format::count(received as f64)),
            Figure::new("figures.messages_handed_out", format::count(delivered as f64)),
            Figure::new("figures.broken_connections", format::count(broken as f64)),
        ],
        Particulars::Queue { waiting, delivered, oldest_secs, redelivered, dead_letters, .. } => vec![
            Figure::new("figures.messages_waiting", format::count(waiting as f64)),
            Figure::new("figures.messages_delivered", format::count(delivered as f64)),
            Figure::new("figures.oldest_message", format::duration(oldest_secs)),
            Figure::new("figures.redelivered", format::count(redelivered as f64)),
            Figure::new("figures.dead_letters", format::count(dead_letters as f64)),
        ],
        Particulars::Database {
            is_primary,
            failing_over,
            lag_writes,
            lag_secs,
            stale_reads,
            lost_writes,
            conflicts,
        } => {
            let part = match (failing_over, is_primary) {
                (true, _) => "figures.failing_over",
                (false, true) => "figures.primary",
                (false, false) => "figures.replica",
            };
            let mut list = vec![Figure::new("figures.part", words::say(part))];
            if is_database_group {
                let lag = fill(
                    "figures.lag_value",
                    &[("writes", &format::count(lag_writes as f64)), ("age", &format::duration(lag_secs))],
                );
                if !is_primary {
                    list.push(Figure::new("figures.lag", lag));
                    list.push(Figure::new("figures.stale_reads", format::count(stale_reads as f64)));
                }
                list.push(Figure::new("figures.lost_writes", format::count(lost_writes as f64)));
                if conflicts > 0 {
                    list.push(Figure::new("figures.conflicts", format::count(conflicts as f64)));
                }
            }
            list
        }
    }
}

/// The figures of a link.
pub fn of_link(link: &LinkSnapshot) -> Vec<Figure> {
    vec![
        Figure::new("figures.attempts", format::quantity(link.attempt_rate, text("diagram.per_second"))),
        Figure::new("figures.retries", format::quantity(link.retry_rate, text("diagram.per_second"))),
        Figure::new("figures.errors", errors(&link.outcomes)),
        Figure::new("figures.response", two(&link.response)),
    ]
}

/// Share of failures, with the causes that there are.
pub fn errors(outcomes: &OutcomeCounts) -> String {
    let causes: Vec<String> = Outcome::ALL
        .into_iter()
        .filter(|&outcome| !outcome.is_success() && outcomes.get(outcome) > 0)
        .map(|outcome| words::say(&format!("outcomes.{}.name", outcome.key())))
        .collect();
    let share = format::share(outcomes.error_share());
    if causes.is_empty() { share } else { format!("{share} · {}", causes.join(", ")) }
}

/// Median and 99th percentile.
fn two(times: &Percentiles) -> String {
    if times.count == 0 {
        return "–".to_owned();
    }
    format!("{} · {}", format::duration(times.p50_secs), format::duration(times.p99_secs))
}

/// The heading of a list of live figures.
#[component]
pub fn LiveHeading() -> impl IntoView {
    view! { <h3>{text("inspector.live")}</h3> }
}
