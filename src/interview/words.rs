//! The report in sentences, for the page and for whoever prints it.

use super::{Goal, GoalKind, Load, Loss, LossOutcome, Report, Terms};
use crate::design::Design;
use crate::entry::significant;
use crate::format;
use crate::ids::ComponentId;
use crate::text::{fill, text};

/// How many of the goals are met.
pub fn headline(report: &Report, terms: &Terms) -> String {
    let goals = report.goals(terms);
    let met = goals.iter().filter(|goal| goal.met).count();
    if met == goals.len() {
        return text("report.passes").to_owned();
    }
    fill("report.misses", &[("met", &met.to_string()), ("goals", &goals.len().to_string())])
}

/// What was asked for, what was measured, and when it was missed.
pub fn goal(goal: Goal, report: &Report, terms: &Terms, answer: &Design) -> String {
    match goal.kind {
        GoalKind::Stated => load(&report.stated, terms),
        GoalKind::Growth => load(&report.growth, terms),
        GoalKind::Losses => losses(report, terms, answer),
        GoalKind::Cost => fill(
            "report.cost",
            &[("cost", &format::usd(report.monthly_usd)), ("limit", &format::usd(terms.monthly_usd))],
        ),
    }
}

fn load(load: &Load, terms: &Terms) -> String {
    let latency = match load.latency_secs {
        Some(secs) => fill(
            "report.latency",
            &[
                ("percentile", &format::number(terms.objective.percentile)),
                ("latency", &format::duration(secs)),
                ("limit", &format::duration(terms.objective.latency_secs)),
            ],
        ),
        None => text("report.backlog").to_owned(),
    };
    let figures = fill(
        "report.load",
        &[
            ("users", &format::grouped(load.users)),
            ("rate", &format::count(significant(load.arrival_rate, 2))),
            ("latency", &latency),
            ("failed", &format::share(load.error_share)),
            ("limit", &format::share(terms.objective.error_share)),
        ],
    );
    let moment = match (load.kept, load.missed_from_secs) {
        (true, _) => return figures,
        (false, Some(secs)) => fill("report.missed_from", &[("secs", &secs.to_string())]),
        (false, None) => text("report.missed_at_times").to_owned(),
    };
    format!("{figures} {moment}")
}

fn losses(report: &Report, terms: &Terms, answer: &Design) -> String {
    let limit = format::duration(terms.recovery_secs);
    let lost: Vec<&str> = report.single_points_of_failure().map(|loss| name(answer, loss.component)).collect();
    let late = report.losses.iter().filter(|loss| !loss.is_survived(terms)).count();
    match (lost.is_empty(), late) {
        (true, 0) => fill("report.survives", &[("limit", &limit)]),
        (true, _) => fill("report.late", &[("count", &late.to_string()), ("limit", &limit)]),
        (false, _) => fill("report.single_points", &[("names", &lost.join(", "))]),
    }
}

/// What came of the loss of one machine.
pub fn loss(loss: &Loss, answer: &Design) -> (String, String) {
    let name = name(answer, loss.component);
    let who = if loss.machines > 1 {
        fill("report.one_of", &[("name", name), ("machines", &loss.machines.to_string())])
    } else {
        name.to_owned()
    };
    let failed = format::grouped(loss.failed);
    let what = match loss.outcome {
        LossOutcome::Unnoticed => fill("report.unnoticed", &[("failed", &failed)]),
        LossOutcome::Recovered { secs } => {
            fill("report.recovered", &[("secs", &format::duration(secs)), ("failed", &failed)])
        }
        LossOutcome::Slow => text("report.slow").to_owned(),
        LossOutcome::Lost => fill("report.lost", &[("failed", &failed)]),
    };
    (who, what)
}

/// How many users it carries, and what gives way then.
pub fn limit(report: &Report, answer: &Design) -> String {
    let first = report.limiting.as_ref().and_then(|limiting| {
        answer.components().find(|component| component.id.to_string() == *limiting).map(|component| &component.name)
    });
    let Some(users) = report.capacity else { return text("report.carries_none").to_owned() };
    let users = format::count(significant(users as f64, 2));
    match first {
        Some(name) => fill("report.first", &[("users", &users), ("name", name)]),
        None => fill("report.carries", &[("users", &users)]),
    }
}

fn name(answer: &Design, id: ComponentId) -> &str {
    answer.component(id).map_or("", |component| component.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Objective;

    #[test]
    fn the_report_tells_figures_limits_and_the_moment() {
        let design = crate::design::examples::starter();
        let web = design.component_named("Web server").expect("the starter has one").id;
        let terms = Terms {
            users: 1000,
            growth_users: 50_000,
            objective: Objective::default(),
            recovery_secs: 40.0,
            monthly_usd: 1000.0,
            seed: 1,
        };
        let stated = Load {
            users: 1000,
            arrival_rate: 12.0,
            latency_secs: Some(0.18),
            error_share: 0.0,
            kept: true,
            missed_from_secs: None,
        };
        let growth = Load {
            users: 50_000,
            arrival_rate: 600.0,
            latency_secs: None,
            error_share: 0.31,
            kept: false,
            missed_from_secs: Some(7),
        };
        let lost = Loss { component: web, machines: 1, outcome: LossOutcome::Lost, failed: 700 };
        let report = Report {
            stated,
            growth,
            losses: vec![lost],
            capacity: Some(33_000),
            limiting: Some(web.to_string()),
            monthly_usd: 280.4,
        };
        let words: Vec<String> =
            report.goals(&terms).into_iter().map(|asked| goal(asked, &report, &terms, &design)).collect();
        let thin = crate::format::THIN_SPACE.to_string();
        let all = [words.join("\n"), headline(&report, &terms), limit(&report, &design), loss(&lost, &design).1]
            .join("\n")
            .replace(&thin, " ");
        for part in ["180 ms", "500 ms", "31 %", "second 7", "Web server", "$280", "$1", "2 of 4", "33", "700"] {
            assert!(all.contains(part), "{part} is not in\n{all}");
        }
        assert!(!all.contains('{') && !all.contains("report."), "{all}");
    }
}
