//! The task.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::Terms;
use crate::design::edit::{Edit, EditError};
use crate::design::field::{Configurable, FieldError, Value};
use crate::design::traffic::Traffic;
use crate::design::{Component, ComponentConfig, Design, Kind, Settings};
use crate::geometry::Point;
use crate::ids::ComponentId;
use crate::network::{Network, Problem, compile};
use crate::objective::Objective;

/// The version of prompts.
const VERSION: u64 = 1;
/// What the users are called on the canvas at the beginning.
const USERS: &str = "Users";

/// What is wrong with a prompt.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// It is malformed.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of a version that is not known.
    #[error("`headroom_interview` is {0}; expected {VERSION}")]
    Version(u64),
    /// A parameter of the traffic does not fit.
    #[error("`traffic.{key}`: {error}")]
    Traffic {
        /// The parameter.
        key: String,
        /// What is wrong with it.
        error: FieldError,
    },
    /// Users or objective are out of range.
    #[error("{0}")]
    Edit(#[from] EditError),
}

/// A task in the list of all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PromptEntry {
    /// Name of its folder.
    pub key: String,
    /// Title.
    pub title: String,
    /// What it asks for, in a sentence.
    pub about: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// Title.
    pub title: String,
    /// What is to be designed, in a few sentences.
    pub statement: String,
    /// What is known about the traffic, a sentence each.
    pub facts: Vec<String>,
    /// Registered users that the answer must serve.
    pub users: u64,
    /// Registered users that it must grow to.
    pub growth_users: u64,
    /// What must be kept.
    pub objective: Objective,
    /// Longest time without service when a machine dies [s].
    pub recovery_secs: f64,
    /// Greatest rent of all machines [USD per month].
    pub monthly_usd: f64,
    /// How each user behaves: parameters of users.
    traffic: Vec<(&'static str, Value)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromptV1 {
    headroom_interview: u64,
    title: String,
    statement: String,
    facts: Vec<String>,
    users: u64,
    growth_users: u64,
    traffic: Map<String, Json>,
    objective: Objective,
    recovery_secs: f64,
    monthly_usd: f64,
}

/// Reads the list of all tasks; `None` if it is none.
pub fn read_index(text: &str) -> Option<Vec<PromptEntry>> {
    serde_json::from_str(text).ok()
}

impl Prompt {
    /// Reads a `prompt.json`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, PromptError> {
        let file: PromptV1 = serde_json::from_str(text)?;
        if file.headroom_interview != VERSION {
            return Err(PromptError::Version(file.headroom_interview));
        }
        let fields = Kind::Users.default_config().fields();
        let parameter = |(key, json): (String, Json)| {
            let field = fields.iter().find(|field| field.key == key);
            match field
                .ok_or_else(|| FieldError::Unknown { key: key.clone() })
                .and_then(|field| Ok((field.key, field.parse(&json)?)))
            {
                Ok(parameter) => Ok(parameter),
                Err(error) => Err(PromptError::Traffic { key, error }),
            }
        };
        let prompt = Self {
            title: file.title,
            statement: file.statement,
            facts: file.facts,
            users: file.users,
            growth_users: file.growth_users,
            objective: file.objective,
            recovery_secs: file.recovery_secs,
            monthly_usd: file.monthly_usd,
            traffic: file.traffic.into_iter().map(parameter).collect::<Result<_, _>>()?,
        };
        // A canvas that can be made shows that users and objective make sense.
        prompt.try_canvas()?;
        Ok(prompt)
    }

    /// The canvas at the beginning: the users, and nothing else.
    pub fn canvas(&self) -> Design {
        self.try_canvas().expect("tried when the prompt was read")
    }

    fn try_canvas(&self) -> Result<Design, EditError> {
        let mut design = Design::new();
        let users = Component {
            id: ComponentId(design.fresh_id()),
            name: USERS.to_owned(),
            config: Kind::Users.default_config(),
            position: Point::default(),
            frame: None,
        };
        design.apply(Edit::AddComponent(users))?;
        self.impose(&mut design)?;
        Ok(design)
    }

    /// What the answer is measured against.
    pub const fn terms(&self, seed: u64) -> Terms {
        Terms {
            users: self.users,
            growth_users: self.growth_users,
            objective: self.objective,
            recovery_secs: self.recovery_secs,
            monthly_usd: self.monthly_usd,
            seed,
        }
    }

    /// The answer made ready to run under the task's own traffic.
    ///
    /// # Errors
    /// What is in the way.
    pub fn network(&self, answer: &Design) -> Result<Network, Vec<Problem>> {
        let mut design = answer.clone();
        self.impose(&mut design).expect("tried when the prompt was read, and groups of users are all alike");
        compile(&design)
    }

    /// Gives a design the task's title, users, objective and traffic.
    fn impose(&self, design: &mut Design) -> Result<(), EditError> {
        let is_of_users = |component: &&Component| match &component.config {
            ComponentConfig::Users(users) => users.attack_rate_per_sec.is_none(),
            _ => false,
        };
        let groups: Vec<ComponentId> = design.components().filter(is_of_users).map(|component| component.id).collect();
        for id in groups {
            for (key, value) in &self.traffic {
                design.apply(Edit::SetParameter(id, key, value.clone()))?;
            }
        }
        design.apply(Edit::SetSettings(Settings {
            title: self.title.clone(),
            users: self.users,
            objective: self.objective,
            traffic: Traffic::default(),
            script: Vec::new(),
        }))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(traffic: &str, users: u64) -> String {
        format!(
            r#"{{"headroom_interview": 1, "title": "T", "statement": "S", "facts": [], "users": {users},
                "growth_users": 20, "traffic": {traffic}, "recovery_secs": 30, "monthly_usd": 100,
                "objective": {{"percentile": 99, "latency_secs": 0.3, "error_share": 0.001}}}}"#
        )
    }

    #[test]
    fn the_canvas_has_users_who_behave_as_the_task_says() {
        let prompt = Prompt::read(&prompt(r#"{"write_share": 7}"#, 10)).expect("well formed");
        let canvas = prompt.canvas();
        assert_eq!((canvas.settings().users, canvas.components().count()), (10, 1));
        let users = canvas.component_named(USERS).expect("they are there");
        assert_eq!(users.config.get("write_share"), Some(Value::Number(7.0)));
        assert!(prompt.network(&canvas).is_err(), "users alone cannot run");
    }

    #[test]
    fn answers_cannot_choose_their_own_traffic() {
        let prompt = Prompt::read(&prompt(r#"{"requests_per_user_per_sec": 0.5}"#, 10)).expect("well formed");
        let mut answer = crate::design::examples::starter();
        let users = answer.component_named(USERS).expect("the starter has them").id;
        answer.apply(Edit::SetParameter(users, "requests_per_user_per_sec", Value::Number(0.0))).unwrap();
        let network = prompt.network(&answer).expect("the starter runs");
        let ComponentConfig::Users(users) = &network.stations[0].config else { panic!("users come first") };
        assert_eq!((users.requests_per_user_per_sec, network.users), (0.5, 10));
    }

    #[test]
    fn mistakes_are_told() {
        for (text, words) in [
            (prompt(r#"{"write_shares": 1}"#, 10), "write_shares"),
            (prompt(r#"{"write_share": -1}"#, 10), "write_share"),
            (prompt("{}", 0), "0 users"),
            (prompt("{}", 10).replace("\"title\"", "\"titel\""), "titel"),
            (prompt("{}", 10).replace(": 1,", ": 9,"), "9"),
        ] {
            let error = Prompt::read(&text).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
