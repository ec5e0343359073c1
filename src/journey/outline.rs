//! A journey as it is told: titles, texts, users and what there is to watch, without the designs, which are read one by
//! one when somebody gets to them, and without the bounds that prove the claims.
//!
//! The files are read leniently, out of plain values: they come with the page, and [`Journey::read`](super::Journey)
//! has checked them strictly before.

use serde_json::Value as Json;

use crate::design::Design;
use crate::design::file::script_from_json;
use crate::design::script::ScriptEvent;

/// A journey in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of its folder.
    pub key: String,
    /// Title.
    pub title: String,
    /// What it tells, in a sentence or two.
    pub about: String,
    /// Number of its stages.
    pub stages: usize,
    /// Registered users that its last stage serves.
    pub users: u64,
}

/// A journey as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Title.
    pub title: String,
    /// Its stages in order.
    pub stages: Vec<StageOutline>,
}

/// A stage as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct StageOutline {
    /// Name of its design file, without the ending.
    pub key: String,
    /// Title.
    pub title: String,
    /// What happens here and why.
    pub text: String,
    /// Registered users that it serves.
    pub users: u64,
    /// Registered users that it no longer serves; `None` where load is not the point.
    pub breaks_at: Option<u64>,
    /// What there is to watch.
    pub claims: Vec<Claim>,
}

/// Something to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What can be seen, as a sentence.
    pub says: String,
    /// Registered users at which it can be seen, if they are not the stage's.
    pub users: Option<u64>,
    /// What is done for it, as a file of its own; empty if nothing is, or only what the design does by itself.
    script: Option<Json>,
}

/// Reads the list of all journeys; `None` if it is none.
pub fn read_index(text: &str) -> Option<Vec<Entry>> {
    let json: Json = serde_json::from_str(text).ok()?;
    json["journeys"].as_array()?.iter().map(entry).collect()
}

fn entry(json: &Json) -> Option<Entry> {
    Some(Entry {
        key: words(json, "key")?,
        title: words(json, "title")?,
        about: words(json, "about")?,
        stages: usize::try_from(json["stages"].as_u64()?).ok()?,
        users: json["users"].as_u64()?,
    })
}

impl Outline {
    /// Reads a `journey.json`; `None` if it is none.
    pub fn read(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let stages = json["stages"].as_array()?.iter().map(stage).collect::<Option<Vec<_>>>()?;
        Some(Self { title: words(&json, "title")?, stages })
    }

    /// Position of the stage of that key, or of the first.
    pub fn position(&self, key: Option<&str>) -> usize {
        key.and_then(|key| self.stages.iter().position(|stage| stage.key == key)).unwrap_or(0)
    }
}

fn stage(json: &Json) -> Option<StageOutline> {
    let design = words(json, "design")?;
    let claims = json["proof"].as_array().into_iter().flatten().map(claim).collect::<Option<Vec<_>>>()?;
    Some(StageOutline {
        key: design.strip_suffix(".json").unwrap_or(&design).to_owned(),
        title: words(json, "title")?,
        text: words(json, "text")?,
        users: json["users"].as_u64()?,
        breaks_at: json["breaks_at"].as_u64(),
        claims,
    })
}

fn claim(json: &Json) -> Option<Claim> {
    Some(Claim {
        says: words(json, "says")?,
        users: json["users"].as_u64(),
        script: json.get("script").filter(|script| script.as_array().is_some_and(|list| !list.is_empty())).cloned(),
    })
}

fn words(json: &Json, key: &str) -> Option<String> {
    json[key].as_str().map(str::to_owned)
}

impl Claim {
    /// What is done for it, in order; what is done at the same time stands together.
    pub fn acts(&self, design: &Design) -> Vec<Vec<ScriptEvent>> {
        let Some(script) = &self.script else { return Vec::new() };
        let file = serde_json::json!({"headroom": 1, "script": script}).to_string();
        let mut events = script_from_json(&file, design).unwrap_or_default();
        events.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
        events.chunk_by(|a, b| a.at_secs == b.at_secs).map(<[ScriptEvent]>::to_vec).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples;
    use crate::design::script::Action;

    #[test]
    fn acts_come_in_order_and_those_of_one_moment_together() {
        let outline = Outline::read(
            r#"{"title": "T", "stages": [{"design": "1.json", "title": "One", "text": "Words.", "users": 10,
                "proof": [{"says": "S", "script": [
                    {"at_secs": 9, "do": "restore", "component": "Database"},
                    {"at_secs": 3, "do": "kill", "component": "Database"},
                    {"at_secs": 3, "do": "set_users", "users": 7}]}, {"says": "Quiet."}]}]}"#,
        )
        .expect("well formed");
        let design = examples::starter();
        let acts = outline.stages[0].claims[0].acts(&design);
        let actions: Vec<Vec<Action>> =
            acts.into_iter().map(|acts| acts.into_iter().map(|event| event.action).collect()).collect();
        let database = design.component_named("Database").expect("the starter has one").id;
        assert_eq!(actions, [vec![Action::Kill(database), Action::SetUsers(7)], vec![Action::Restore(database)]]);
        assert!(outline.stages[0].claims[1].acts(&design).is_empty());
        assert_eq!((outline.position(Some("1")), outline.position(Some("2")), outline.position(None)), (0, 0, 0));
    }

    #[test]
    fn what_is_no_journey_is_refused() {
        assert_eq!(Outline::read("{}"), None);
        assert_eq!(Outline::read(r#"{"title": "T", "stages": [{"title": "One"}]}"#), None);
        assert_eq!(read_index("[]"), None);
    }
}
