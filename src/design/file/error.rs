//! Why a file cannot be read: what, where, and what was expected.

use core::fmt;

use super::{COMPONENT_LIMIT, FILE_LIMIT_BYTES, LINK_LIMIT, NAME_LIMIT, SCRIPT_LIMIT, TRAFFIC_LIMIT, VERSION};
use crate::design::edit::EditError;
use crate::design::field::FieldError;
use crate::entry::small_letter;

/// Why a file cannot be read, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct FileError {
    /// Path inside the file, like `components[2].params.cores`; empty for the whole.
    pub path: String,
    /// Line, from 1; 0 if the whole file is meant.
    pub line: usize,
    /// Column in that line, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path.as_str(), self.line) {
            ("", 0) => {}
            ("", line) => write!(f, "line {line}, column {}: ", self.column)?,
            (path, 0) => write!(f, "`{path}`: ")?,
            (path, line) => write!(f, "`{path}` (line {line}, column {}): ", self.column)?,
        }
        self.reason.fmt(f)
    }
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Reason {
    /// It is too large to be a design.
    #[error("{size_bytes} bytes are too many; expected at most {FILE_LIMIT_BYTES}")]
    TooLarge {
        /// Its size [bytes].
        size_bytes: usize,
    },
    /// It is not JSON, or ends too early.
    #[error("this is not JSON: {0}")]
    Syntax(String),
    /// It is JSON, but states no version.
    #[error("this is no Headroom file; expected an object with `\"headroom\": {VERSION}`")]
    Foreign,
    /// It comes from a version that is not known here.
    #[error("version {found} is not known; expected `\"headroom\": {VERSION}`")]
    Version {
        /// What it states.
        found: String,
    },
    /// Something has the wrong type, is missing, or has a name that is not known.
    #[error("{message}{}", suggested(.suggestion))]
    Shape {
        /// What is wrong with it.
        message: String,
        /// A known name that resembles the one found.
        suggestion: Option<String>,
    },
    /// A word that is none of those expected there.
    #[error("`{found}` is not known; expected one of {}{}", .expected.join(", "), suggested(.suggestion))]
    UnknownWord {
        /// What was found.
        found: String,
        /// What is accepted.
        expected: Vec<&'static str>,
        /// An accepted word that resembles the one found.
        suggestion: Option<String>,
    },
    /// A parameter that the kind does not have.
    #[error("{owner} has no parameter `{found}`{}", suggested(.suggestion))]
    UnknownParameter {
        /// Whose parameter it should be.
        owner: &'static str,
        /// What was found.
        found: String,
        /// A parameter that resembles the one found.
        suggestion: Option<String>,
    },
    /// A parameter has a value that it cannot have.
    #[error(transparent)]
    Parameter(FieldError),
    /// A name that nothing in the file has.
    #[error("there is no {what} `{name}`{}", suggested(.suggestion))]
    NoSuchName {
        /// Component or frame.
        what: &'static str,
        /// What was found.
        name: String,
        /// A name that resembles it.
        suggestion: Option<String>,
    },
    /// A name that several parts have.
    #[error("`{name}` could mean any of {count} {what}s; give its `id` instead")]
    Ambiguous {
        /// Component or frame.
        what: &'static str,
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// These two cannot be connected that way round.
    #[error("{from} cannot be connected to {to}")]
    NoRole {
        /// Kind at the start.
        from: &'static str,
        /// Kind at the end.
        to: &'static str,
    },
    /// More of something than a file may have.
    #[error(
        "there are {count} {what}; expected at most {}",
        match *.what {
            "links" => LINK_LIMIT,
            "script events" => SCRIPT_LIMIT,
            "traffic patterns" | "traffic points" => TRAFFIC_LIMIT,
            "characters" => NAME_LIMIT,
            _ => COMPONENT_LIMIT,
        }
    )]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
    },
    /// A script event lacks something that its action needs, or has what it does not take.
    #[error("`{action}` {problem}")]
    Event {
        /// The action.
        action: String,
        /// What is wrong.
        problem: String,
    },
    /// No link leads from the one to the other.
    #[error("there is no such link")]
    NoSuchLink,
    /// Several links do.
    #[error("this could mean any of {count} links; give its `role`, or its `id` instead")]
    AmbiguousLink {
        /// How many.
        count: usize,
    },
    /// What the file describes cannot be drawn.
    #[error(transparent)]
    Edit(EditError),
}

fn suggested(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

/// The candidate that `word` is most likely a slip of; `None` if none is near.
pub(super) fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // Comparing costs the product of the lengths; nobody misspells a word of hundreds of letters.
    let word: Vec<char> = word.chars().map(small_letter).take(NAME_LIMIT).collect();
    let tolerance = word.len().div_ceil(3).min(3);
    candidates
        .into_iter()
        .map(|candidate| (slips(&word, candidate), candidate))
        .filter(|&(slips, _)| slips <= tolerance)
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Letters to insert, delete or replace to make `candidate` of `word` (Levenshtein distance), capitals aside.
fn slips(word: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.chars().map(small_letter).take(NAME_LIMIT).collect();
    let mut row: Vec<usize> = (0..=candidate.len()).collect();
    for (i, letter) in word.iter().enumerate() {
        let mut diagonal = core::mem::replace(&mut row[0], i + 1);
        for (j, other) in candidate.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[candidate.len()]
}
