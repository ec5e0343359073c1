//! From the texts of a journey's folder to a journey.

use serde::Deserialize;

use super::{Journey, Proof, Stage, VERSION};
use crate::design::Design;
use crate::design::file::FileError;
use crate::design::file::path_of_error;

/// What is wrong with a journey.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The folder has no `journey.json`.
    #[error("{journey}: there is no journey.json")]
    NoFile {
        /// Name of the folder.
        journey: String,
    },
    /// `journey.json` is malformed.
    #[error("{journey}/journey.json: `{path}`: {message}")]
    Malformed {
        /// Name of the folder.
        journey: String,
        /// Path inside the file.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// A design that a stage names is not there.
    #[error("{journey}/journey.json: `stages[{stage}].design`: there is no {file}")]
    NoDesign {
        /// Name of the folder.
        journey: String,
        /// Position of the stage.
        stage: usize,
        /// The file that it names.
        file: String,
    },
    /// A design is malformed.
    #[error("{journey}/{file}: {error}")]
    Design {
        /// Name of the folder.
        journey: String,
        /// The file.
        file: String,
        /// What is wrong with it.
        error: FileError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JourneyV1 {
    headroom_journey: u64,
    title: String,
    about: String,
    stages: Vec<StageV1>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageV1 {
    design: String,
    title: String,
    text: String,
    users: u64,
    #[serde(default)]
    breaks_at: Option<u64>,
    #[serde(default)]
    proof: Vec<Proof>,
}

impl Journey {
    /// Reads the journey of a folder called `key`; `text_of` gives the text of a file in it.
    ///
    /// # Errors
    /// What is wrong, and in which file.
    pub fn read<'a>(key: &str, text_of: impl Fn(&str) -> Option<&'a str>) -> Result<Self, JourneyError> {
        let journey = || key.to_owned();
        let text = text_of("journey.json").ok_or_else(|| JourneyError::NoFile { journey: journey() })?;
        let malformed =
            |path: &str, message| JourneyError::Malformed { journey: journey(), path: path.to_owned(), message };
        let file: JourneyV1 =
            serde_json::from_str(text).map_err(|error| malformed(&path_of_error(text, &error), error.to_string()))?;
        if file.headroom_journey != VERSION {
            return Err(malformed("headroom_journey", format!("expected {VERSION}")));
        }
        let stages = file.stages.into_iter().enumerate().map(|(position, stage)| {
            check_windows(&stage)
                .map_err(|(path, message)| malformed(&format!("stages[{position}].{path}"), message))?;
            let name = stage.design;
            let text = text_of(&name).ok_or_else(|| JourneyError::NoDesign {
                journey: journey(),
                stage: position,
                file: name.clone(),
            })?;
            let design = Design::from_json(text).map_err(|error| JourneyError::Design {
                journey: journey(),
                file: name.clone(),
                error,
            })?;
            Ok(Stage {
                key: name.strip_suffix(".json").unwrap_or(&name).to_owned(),
                title: stage.title,
                text: stage.text,
                users: stage.users,
                breaks_at: stage.breaks_at,
                proof: stage.proof,
                design,
            })
        });
        let stages = stages.collect::<Result<_, JourneyError>>()?;
        Ok(Self { key: key.to_owned(), title: file.title, about: file.about, stages })
    }
}

/// That windows are spans which do not overlap, and that figures are measured in windows that there are.
fn check_windows(stage: &StageV1) -> Result<(), (String, String)> {
    for (position, proof) in stage.proof.iter().enumerate() {
        let fail = |part: &str, message: &str| Err((format!("proof[{position}].{part}"), message.to_owned()));
        let mut spans: Vec<[f64; 2]> = proof.windows.values().copied().collect();
        spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
        if spans.iter().any(|[from, until]| !(*from >= 0.0 && until > from && until.is_finite())) {
            return fail("windows", "a window starts at 0 s or later and ends after that");
        }
        if spans.windows(2).any(|pair| pair[0][1] > pair[1][0]) {
            return fail("windows", "windows overlap");
        }
        for (place, expectation) in proof.expect.iter().enumerate() {
            let reference = expectation.times.as_ref().and_then(|times| times.window.as_ref());
            if [Some(&expectation.window), reference]
                .into_iter()
                .flatten()
                .any(|name| !proof.windows.contains_key(name))
            {
                return fail(&format!("expect[{place}].in"), "there is no such window");
            }
            if expectation.at_least.is_none() && expectation.at_most.is_none() {
                return fail(&format!("expect[{place}]"), "needs `at_least` or `at_most`");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESIGN: &str = r#"{"headroom": 1, "components": []}"#;

    fn read(journey: &str) -> Result<Journey, JourneyError> {
        let files = [("journey.json", journey), ("one.json", DESIGN), ("bad.json", "{\"headroom\": 1,")];
        Journey::read("trip", |wanted| files.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text))
    }

    fn with_stage(stage: &str) -> String {
        format!(r#"{{"headroom_journey": 1, "title": "T", "about": "A", "stages": [{stage}]}}"#)
    }

    #[test]
    fn a_stage_is_its_design_with_words_and_numbers() {
        let journey = read(&with_stage(
            r#"{"design": "one.json", "title": "One", "text": "Words.", "users": 10, "breaks_at": 20,
                "proof": [{"says": "S", "windows": {"w": [0, 5]},
                           "expect": [{"figure": "total/error_share", "in": "w", "at_most": 0}]}]}"#,
        ))
        .expect("well formed");
        let stage = &journey.stages[0];
        assert_eq!((journey.key.as_str(), stage.key.as_str()), ("trip", "one"));
        assert_eq!((stage.users, stage.breaks_at, stage.proof.len()), (10, Some(20), 1));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let stage = |rest: &str| with_stage(&format!(r#"{{"title": "One", "text": "W", "users": 10, {rest}}}"#));
        let proof = |windows: &str, expect: &str| {
            stage(&format!(
                r#""design": "one.json", "proof": [{{"says": "S", "windows": {windows}, "expect": [{expect}]}}]"#
            ))
        };
        for (journey, place) in [
            (r#"{"headroom_journey": 2, "title": "", "about": "", "stages": []}"#.to_owned(), "headroom_journey"),
            (stage(r#""design": "one.json", "user": 3"#), "stages[0]"),
            (stage(r#""design": "none.json""#), "there is no none.json"),
            (stage(r#""design": "bad.json""#), "trip/bad.json"),
            (proof(r#"{"a": [3, 2]}"#, ""), "stages[0].proof[0].windows"),
            (proof(r#"{"a": [0, 2], "b": [1, 3]}"#, ""), "windows overlap"),
            (proof(r#"{"a": [0, 2]}"#, r#"{"figure": "f", "in": "b", "at_most": 1}"#), "expect[0].in"),
            (proof(r#"{"a": [0, 2]}"#, r#"{"figure": "f", "in": "a"}"#), "needs `at_least` or `at_most`"),
        ] {
            let error = read(&journey).expect_err(place).to_string();
            assert!(error.contains(place), "{error}");
        }
    }
}
