//! Where a value stands in a text: from a path inside a file to line and column, and back.

use core::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A path inside a file; prints as `components[2].params.cores`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

impl Path {
    /// This path and one step into an object.
    pub(super) fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// This path and one step into a list.
    pub(super) fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Line and column, both from 1, of the value at `path` in `text`, which must be well-formed JSON. If the path leads
/// nowhere, the place of the last value on the way.
pub(super) fn locate(text: &str, path: &Path) -> (usize, usize) {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    scan.space();
    let mut found = scan.at;
    for step in &path.0 {
        if !scan.enter(step) {
            break;
        }
        found = scan.at;
    }
    let before = &text[..found];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The path to what ends, or goes on, `column` bytes after the start of `line` in `text`: what a reader was at who
/// stopped there. `text` must be well-formed JSON, `line` counts from 1.
pub(super) fn path_at(text: &str, line: usize, column: usize) -> Path {
    let lines_before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let end = lines_before.map(str::len).sum::<usize>() + column;
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    // One step for each object and list that is open; none in an object before its first name.
    let mut open: Vec<Option<Step>> = Vec::new();
    let mut is_name_next = false;
    while scan.at < end.min(text.len()) {
        match scan.peek() {
            b'{' => open.push(None),
            b'[' => open.push(Some(Step::Index(0))),
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(Some(Step::Index(index))) = open.last_mut() {
                    *index += 1;
                }
            }
            b'"' => {
                let token = scan.string();
                if is_name_next && let Some(step) = open.last_mut() {
                    *step = Some(Step::Key(serde_json::from_slice(token).unwrap_or_default()));
                }
                is_name_next = false;
                continue;
            }
            _ => {}
        }
        if !scan.peek().is_ascii_whitespace() {
            let is_in_object = !matches!(open.last(), None | Some(Some(Step::Index(_))));
            is_name_next = matches!(scan.peek(), b'{' | b',') && is_in_object;
        }
        scan.at += 1;
    }
    Path(open.into_iter().flatten().collect())
}

/// A reader that knows just enough of JSON to skip values.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Moves from the start of an object or list to the start of a value in it.
    fn enter(&mut self, step: &Step) -> bool {
        let (open, close) = match step {
            Step::Key(_) => (b'{', b'}'),
            Step::Index(_) => (b'[', b']'),
        };
        if self.peek() != open {
            return false;
        }
        self.at += 1;
        for position in 0.. {
            self.space();
            if self.peek() == close || self.at >= self.text.len() {
                return false;
            }
            let here = match step {
                Step::Index(index) => *index == position,
                Step::Key(key) => {
                    let name = self.string();
                    self.space();
                    self.at += 1; // the colon
                    self.space();
                    serde_json::from_slice::<String>(name).is_ok_and(|name| name == *key)
                }
            };
            if here {
                return true;
            }
            self.skip();
            self.space();
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        false
    }

    /// Moves over a string and gives it back with its quotes.
    fn string(&mut self) -> &'a [u8] {
        let (text, start) = (self.text, self.at);
        self.at += 1;
        while self.at < self.text.len() && self.peek() != b'"' {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(self.text.len());
        &text[start..self.at]
    }

    /// Moves over one value.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => {
                    while !matches!(self.peek(), 0 | b',' | b':' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"a\": [1, {\"ü\\\"\": [\"]}\", {}], \"b\": -2.5e3}],\n  \"c\": null\n}";

    #[test]
    fn values_are_found_by_line_and_column() {
        let root = Path::default();
        assert_eq!(locate(TEXT, &root), (1, 1));
        assert_eq!(locate(TEXT, &root.key("a").index(0)), (2, 9));
        assert_eq!(locate(TEXT, &root.key("a").index(1).key("ü\"").index(1)), (2, 27));
        assert_eq!(locate(TEXT, &root.key("a").index(1).key("b")), (2, 37));
        assert_eq!(locate(TEXT, &root.key("c")), (3, 8));
    }

    #[test]
    fn the_path_to_a_place_is_the_one_that_leads_there() {
        let (root, a) = (Path::default(), Path::default().key("a"));
        // Right after the bytes of: 1, the name in quotes, its list, -2.5e3, the list of `a`, null, everything.
        let cases = [
            ((2, 9), a.index(0)),
            ((2, 18), a.index(1).key("ü\"")),
            ((2, 25), a.index(1).key("ü\"").index(0)),
            ((2, 30), a.index(1).key("ü\"")),
            ((2, 43), a.index(1).key("b")),
            ((2, 44), a.index(1)),
            ((2, 45), a.clone()),
            ((3, 11), root.key("c")),
            ((4, 1), root),
        ];
        for ((line, column), path) in cases {
            assert_eq!(path_at(TEXT, line, column), path, "{line}:{column}");
        }
    }

    #[test]
    fn a_path_to_nowhere_ends_at_the_last_value_on_the_way() {
        let a = Path::default().key("a");
        assert_eq!(locate(TEXT, &a.index(7)), locate(TEXT, &a));
        assert_eq!(locate(TEXT, &a.index(0).key("x")), (2, 9));
        assert_eq!(a.index(1).key("b").to_string(), "a[1].b");
    }
}
