//! Everything that people read on the page, by key. It stands in `assets/text`, one folder a language, apart from the
//! code, so that it can be translated.

use std::sync::{Once, RwLock};

/// Texts that the first picture may need.
const FIRST: &str = include_str!(concat!(env!("OUT_DIR"), "/texts_first"));
/// All others; the page fetches them with what stands around the diagram.
pub const LATER: &str = include_str!(concat!(env!("OUT_DIR"), "/texts_later"));
/// Whether it takes [`add`] to know the later texts.
const ARE_FETCHED: bool = cfg!(all(target_arch = "wasm32", feature = "page"));

/// Lists of texts by key, each in order.
static LISTS: RwLock<Vec<Vec<(&str, &str)>>> = RwLock::new(Vec::new());

/// The text of `key`, a path like `kinds.server.name`. A key without a text gives the key itself, which is ugly but
/// readable; a test keeps it from happening.
pub fn text(key: &str) -> &str {
    lookup(key).unwrap_or(key)
}

/// The text of `key`; `None` if there is none.
pub fn lookup(key: &str) -> Option<&'static str> {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        add(FIRST);
        if !ARE_FETCHED {
            add(LATER);
        }
    });
    let lists = LISTS.read().expect("nobody fails in between");
    lists.iter().find_map(|list| {
        let at = list.binary_search_by_key(&key, |(key, _)| key).ok()?;
        Some(list[at].1)
    })
}

/// Makes more texts known, as the build lists them.
pub fn add(list: &'static str) {
    let texts = list.split_terminator('\u{1e}').filter_map(|text| text.split_once('\u{1f}')).collect();
    LISTS.write().expect("nobody fails in between").push(texts);
}

/// The text of `key` with each `{name}` in it replaced by the value of that name.
pub fn fill(key: &str, values: &[(&str, &str)]) -> String {
    let mut rest = text(key);
    let mut filled = String::with_capacity(rest.len());
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let known = from
            .split_once('}')
            .and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        let (value, after) = known.unwrap_or(("{", from));
        filled.push_str(value);
        rest = after;
    }
    filled + rest
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
            if !others.iter().any(|other| key.starts_with(other)) && !key.ends_with(".css") {
                assert!(lookup(&key).is_some(), "{path}: no text for `{key}`");
            }
        }
    }

    #[test]
    fn values_fill_their_places() {
        assert_eq!(fill("inspector.range", &[("min", "1"), ("max", "9")]), "1 to 9");
    }
}
