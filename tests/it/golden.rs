//! Texts that are compared with files, most of them under `tests/it/golden`. `UPDATE_GOLDEN=1` rewrites them; the
//! difference is for people to read.

use std::fs;
use std::path::Path;

/// Compares `found` with the golden file `name`.
///
/// # Panics
/// If they differ, unless `UPDATE_GOLDEN` is set.
pub fn assert_golden(name: &str, found: &str) {
    assert_file(&format!("tests/it/golden/{name}"), found);
}

/// Compares `found` with a file of the project that is made from its sources.
///
/// # Panics
/// If they differ, unless `UPDATE_GOLDEN` is set.
pub fn assert_file(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the tests may write there");
        fs::write(&path, found).expect("the tests may write there");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != found {
        let line = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
        let line = line.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
        panic!(
            "{name} differs from line {} on:\nexpected {:?}\nfound    {:?}\nUPDATE_GOLDEN=1 accepts what was found",
            line + 1,
            expected.lines().nth(line),
            found.lines().nth(line),
        );
    }
}
