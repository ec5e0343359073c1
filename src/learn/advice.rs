//! The next best step: edits that may mend what gives way first, and which of them is worth making once all have been
//! measured. Guessing is done here, measuring elsewhere: what is offered to people has been tried.

use crate::design::edit::Edit;
use crate::design::field::{Configurable, Control, Value};
use crate::design::preset::PRESETS;
use crate::design::price::Priced;
use crate::design::{Component, Design, Kind, Link, LinkConfig, LinkRole};
use crate::editor::place::{self, Offer};
use crate::format;
use crate::geometry::Point;
use crate::ids::{ComponentId, LinkId};
use crate::network::{Network, compile};
use crate::text::fill;

/// Factor that a step must carry more users by to be worth a word.
const WORTHWHILE: f64 = 1.1;
/// The preset of a database that follows a primary and serves reads.
const REPLICA: &str = "replica";
/// Where a new part is put beside what it relieves, if there is room.
const BESIDE: Point = Point::new(0.0, -180.0);

/// A step that might help.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is, as words on a button.
    pub words: String,
    /// The edit.
    pub edit: Edit,
    /// The drawing after it, ready to run.
    pub network: Network,
    /// What it costs more [USD per month].
    pub extra_usd: f64,
}

/// A step with the users that the drawing carries after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The step.
    pub step: Step,
    /// Most users served within the objective.
    pub users: u64,
}

/// Steps that might relieve the component `about`: each of them can be made, and what comes of it can run.
///
/// # Complexity
/// O(components + links) for each step, of which there are a handful.
pub fn steps(design: &Design, about: ComponentId) -> Vec<Step> {
    let Some(component) = design.component(about) else { return Vec::new() };
    let grown =
        ["instances", "cores", "concurrency", "connection_limit"].into_iter().filter_map(|key| doubled(component, key));
    let added = [replica(design, component), cache(design, component)].into_iter().flatten();
    grown.chain(added).filter_map(|(words, edit)| step(design, words, edit)).collect()
}

/// The step most worth making: of those after which the drawing carries `wanted` users the cheapest, else the one that
/// carries most. `before` is what it carries without.
pub fn best(measured: Vec<Measured>, before: u64, wanted: u64) -> Option<Measured> {
    let is_worthwhile = |step: &Measured| step.users as f64 >= before as f64 * WORTHWHILE && step.users > before;
    measured.into_iter().filter(is_worthwhile).min_by(|a, b| {
        let falls_short = |step: &Measured| step.users < wanted;
        falls_short(a).cmp(&falls_short(b)).then_with(|| {
            if falls_short(a) { b.users.cmp(&a.users) } else { a.step.extra_usd.total_cmp(&b.step.extra_usd) }
        })
    })
}

fn step(design: &Design, words: String, edit: Edit) -> Option<Step> {
    let mut after = design.clone();
    after.apply(edit.clone()).ok()?;
    let network = compile(&after).ok()?;
    Some(Step { words, edit, network, extra_usd: rent(&after) - rent(design) })
}

/// Rent of all machines as drawn [USD per month].
fn rent(design: &Design) -> f64 {
    let of = |component: &Component| component.config.monthly_usd() * f64::from(component.config.stated_instances());
    design.components().filter(|component| !design.is_hosted(component.id)).map(of).sum()
}

/// Twice as many of something, as far as its range goes.
fn doubled(component: &Component, key: &str) -> Option<(String, Edit)> {
    let field = component.config.fields().into_iter().find(|field| field.key == key)?;
    let Some(Value::Number(before)) = component.config.get(key) else { return None };
    let Control::Number { max, .. } = field.control else { return None };
    let after = (before * 2.0).min(max);
    if after <= before {
        return None;
    }
    let words = fill(
        &format!("advice.{key}"),
        &[("name", &component.name), ("before", &format::number(before)), ("after", &format::number(after))],
    );
    Some((words, Edit::SetParameter(component.id, field.key, Value::Number(after))))
}

/// A read replica of a primary that everybody reads from.
fn replica(design: &Design, component: &Component) -> Option<(String, Edit)> {
    let is_replica = design.links_to(component.id).iter().any(|link| link.role == LinkRole::Replicate);
    if component.config.kind() != Kind::SqlDatabase || is_replica {
        return None;
    }
    let mut draft = design.clone();
    let id = ComponentId(draft.fresh_id());
    let at = place::free_place(design, component.position.offset(BESIDE.x, -BESIDE.y));
    let preset = PRESETS.iter().find(|preset| preset.key == REPLICA)?;
    let offer = Offer { kind: preset.kind(), preset: Some(preset) };
    let edit = place::plan(design, offer, at, id, || draft.fresh_id());
    Some((fill("advice.replica", &[("name", &component.name)]), edit))
}

/// A cache beside a database whose readers have none.
fn cache(design: &Design, component: &Component) -> Option<(String, Edit)> {
    if !matches!(component.config.kind(), Kind::SqlDatabase | Kind::NosqlDatabase) {
        return None;
    }
    let mut readers: Vec<ComponentId> = design
        .links_to(component.id)
        .into_iter()
        .filter(|link| matches!(link.role, LinkRole::Queries | LinkRole::Reads))
        .map(|link| link.from)
        .collect();
    readers.dedup();
    let has_cache = |id: &ComponentId| design.links_from(*id).iter().any(|link| link.role == LinkRole::Lookup);
    if readers.is_empty() || readers.iter().any(has_cache) {
        return None;
    }
    let mut draft = design.clone();
    let id = ComponentId(draft.fresh_id());
    let at = place::free_place(design, component.position.offset(BESIDE.x, BESIDE.y));
    let mut edits = vec![place::plan(design, Offer::plain(Kind::Cache), at, id, || draft.fresh_id())];
    edits.extend(readers.into_iter().map(|from| {
        let link = LinkId(draft.fresh_id());
        Edit::AddLink(Link { id: link, from, to: id, role: LinkRole::Lookup, config: LinkConfig::default() })
    }));
    Some((fill("advice.cache", &[("name", &component.name)]), Edit::Batch(edits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples;

    fn steps_for(name: &str) -> (Design, Vec<Step>) {
        let design = examples::starter();
        let id = design.component_named(name).expect("the starter has it").id;
        let steps = steps(&design, id);
        (design, steps)
    }

    #[test]
    fn every_step_can_be_made_and_is_told_in_words() {
        for name in ["Web server", "Database"] {
            let (design, steps) = steps_for(name);
            assert!(steps.len() >= 2, "{name}: {steps:?}");
            for step in steps {
                let mut after = design.clone();
                after.apply(step.edit.clone()).expect("tried before");
                assert_ne!(after, design);
                assert!(step.words.contains(name) && !step.words.contains('{'), "{}", step.words);
                assert!(step.extra_usd >= 0.0, "{}", step.words);
            }
        }
    }

    #[test]
    fn a_database_gets_a_cache_and_a_replica_only_where_there_is_none() {
        let (design, steps) = steps_for("Database");
        let kinds = |design: &Design, kind| design.components().filter(|part| part.config.kind() == kind).count();
        let mut after = design.clone();
        for step in steps {
            let mut with = design.clone();
            with.apply(step.edit).expect("tried before");
            if kinds(&with, Kind::Cache) > 0 {
                after = with;
            }
        }
        assert_eq!(kinds(&after, Kind::Cache), 1, "one of the steps adds a cache");
        let database = after.component_named("Database").expect("still there").id;
        assert!(super::steps(&after, database).iter().all(|step| {
            let mut with = after.clone();
            with.apply(step.edit.clone()).expect("tried before");
            kinds(&with, Kind::Cache) == 1
        }));
    }

    #[test]
    fn the_cheapest_that_is_enough_wins_else_the_one_that_carries_most() {
        let (_, steps) = steps_for("Web server");
        let measured = |extra_usd: f64, users| Measured { step: Step { extra_usd, ..steps[0].clone() }, users };
        let all = || vec![measured(50.0, 2000), measured(10.0, 1500), measured(90.0, 9000)];
        assert_eq!(best(all(), 1000, 1400).map(|best| best.users), Some(1500));
        assert_eq!(best(all(), 1000, 1800).map(|best| best.users), Some(2000));
        assert_eq!(best(all(), 1000, 100_000).map(|best| best.users), Some(9000));
        assert_eq!(best(vec![measured(0.0, 1050)], 1000, 5000), None);
    }
}
