//! Everything that people read on the page, by key. It stands in `assets/text`, one folder a language, apart from the
//! code, so that it can be translated.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Texts of the catalogue (kinds, parameters, problems), of the diagram, of editing, of the page, and of journeys, tasks
/// and sharing, in English.
const ENGLISH: [&str; 5] = [
    include_str!("../assets/text/en/catalogue.json"),
    include_str!("../assets/text/en/canvas.json"),
    include_str!("../assets/text/en/editor.json"),
    include_str!("../assets/text/en/page.json"),
    include_str!("../assets/text/en/guide.json"),
];

/// The text of `key`, a path like `kinds.server.name`. A key without a text gives the key itself, which is ugly but
/// readable; a test keeps it from happening.
pub fn text(key: &str) -> &str {
    lookup(key).unwrap_or(key)
}

/// The text of `key`; `None` if there is none.
pub fn lookup(key: &str) -> Option<&'static str> {
    static TEXTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    TEXTS
        .get_or_init(|| {
            let mut texts = HashMap::new();
            for file in ENGLISH {
                let value = serde_json::from_str(file).expect("the texts in assets are well-formed JSON");
                flatten(String::new(), value, &mut texts);
            }
            texts
        })
        .get(key)
        .map(String::as_str)
}

/// The keys of all texts in a file of texts, each as [`lookup`] takes it.
///
/// # Panics
/// If `file` is not well-formed JSON, which files in assets are.
pub fn keys(file: &str) -> impl Iterator<Item = String> {
    let mut texts = HashMap::new();
    flatten(String::new(), serde_json::from_str(file).expect("a file of texts is JSON"), &mut texts);
    texts.into_keys()
}

/// The text of `key` with each `{name}` in it replaced by the value of that name.
pub fn fill(key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn flatten(path: String, value: serde_json::Value, into: &mut HashMap<String, String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                flatten(path, value, into);
            }
        }
        serde_json::Value::String(text) => {
            into.insert(path, text);
        }
        // Only objects and strings make sense here; the test of the texts would find a key missing.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// All strings in Rust sources under `folder` that look like keys.
    fn keys(folder: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                keys(&path, into);
            } else {
                let source = std::fs::read_to_string(&path).expect("sources can be read");
                let strings = source.split('"').skip(1).step_by(2);
                let is_key = |text: &&str| {
                    text.contains('.')
                        && text.split('.').all(|step| {
                            !step.is_empty() && step.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
                        })
                };
                into.extend(strings.filter(is_key).map(|key| (path.display().to_string(), key.to_owned())));
            }
        }
    }

    #[test]
    fn every_key_that_the_page_names_has_a_text() {
        let mut found = Vec::new();
        keys(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"), &mut found);
        assert!(found.len() > 100, "only {} keys found", found.len());
        // Names of files, storage entries and fields of the page that are no parameters.
        let others = ["headroom.", "objective."];
        for (path, key) in found {
            if !others.iter().any(|other| key.starts_with(other)) {
                assert!(lookup(&key).is_some(), "{path}: no text for `{key}`");
            }
        }
    }

    #[test]
    fn values_fill_their_places() {
        assert_eq!(fill("inspector.range", &[("min", "1"), ("max", "9")]), "1 to 9");
    }
}
