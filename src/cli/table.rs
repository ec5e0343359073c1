//! Tables of plain text with aligned columns, and figures with their intervals.

use crate::format::{self, THIN_SPACE};
use crate::sim::estimate::Estimate;

/// Rows of text under a heading.
#[derive(Clone, Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    /// Number of columns, from the first, that are aligned left; the others are aligned right.
    left: usize,
}

impl Table {
    /// A table of figures: the first column is aligned left, the others right.
    pub fn new<const COLUMNS: usize>(headings: [&str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()], left: 1 }
    }

    /// A table of words: all columns are aligned left.
    pub fn left<const COLUMNS: usize>(headings: [&str; COLUMNS]) -> Self {
        Self { left: COLUMNS, ..Self::new(headings) }
    }

    /// Adds a row with as many cells as there are headings.
    pub fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| cell.replace(THIN_SPACE, " ")).to_vec());
    }

    /// The table as lines, each ended by a newline. Columns with nothing but dashes are left out.
    pub fn print(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let says_something = |column: &usize| self.rows.iter().skip(1).any(|row| row[*column] != NOTHING);
        let shown: Vec<(usize, usize)> =
            (0..columns).filter(says_something).map(|column| (column, width(column))).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for &(column, width) in &shown {
                let cell = &row[column];
                let room = " ".repeat(width - cell.chars().count());
                let gap = if column == 0 { "" } else { "  " };
                line += &if column < self.left { format!("{gap}{cell}{room}") } else { format!("{gap}{room}{cell}") };
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// What stands in a cell that has nothing to say.
pub const NOTHING: &str = "–";

/// The text of a figure that may be missing.
pub fn or_nothing<T>(figure: Option<T>, text: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| NOTHING.to_owned(), text)
}

/// Half the width of the interval, unless there is none or nothing in it.
fn half_width(estimate: Estimate) -> Option<f64> {
    estimate.ci95_half_width.filter(|half| *half > 0.0)
}

/// A time [s] with its interval in the same unit: `12.3 ± 0.4 ms`.
pub fn time(estimate: Estimate) -> String {
    let text = format::duration(estimate.value);
    let Some((digits, unit)) = text.split_once(THIN_SPACE) else { return text };
    let Some(half) = half_width(estimate) else { return text };
    let size = match unit {
        "ns" => 1e-9,
        "µs" => 1e-6,
        "ms" => 1e-3,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => 1.0,
    };
    format!("{digits} ± {}{THIN_SPACE}{unit}", format::number(half / size))
}

/// A number of things with its interval: `240 ± 3`.
pub fn count(estimate: Estimate) -> String {
    let text = format::count(estimate.value);
    half_width(estimate).map_or_else(|| text.clone(), |half| format!("{text} ± {}", format::count(half)))
}

/// A share, 0 to 1, with its interval in per cent: `4.2 ± 0.1 %`.
pub fn share(estimate: Estimate) -> String {
    let text = format::share(estimate.value);
    match (half_width(estimate), text.strip_suffix('%')) {
        (Some(half), Some(digits)) if estimate.value > 0.0 => {
            format!("{} ± {}", digits.trim_end_matches(THIN_SPACE), format::share(half))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_empty_ones_are_left_out() {
        let mut table = Table::new(["name", "rate", "lag"]);
        table.row(["web".to_owned(), "1.5k".to_owned(), NOTHING.to_owned()]);
        table.row(["database".to_owned(), "20".to_owned(), NOTHING.to_owned()]);
        assert_eq!(table.print(), "name      rate\nweb       1.5k\ndatabase    20\n");
    }

    #[test]
    fn figure_and_interval_have_one_unit() {
        let estimate = |value, half| Estimate { value, ci95_half_width: Some(half) };
        assert_eq!(time(estimate(0.0123, 0.0004)).replace(THIN_SPACE, " "), "12.3 ± 0.4 ms");
        assert_eq!(share(estimate(0.042, 0.001)).replace(THIN_SPACE, " "), "4.2 ± 0.1 %");
        assert_eq!(count(estimate(14_200.0, 30.0)), "14.2k ± 30");
        assert_eq!(time(Estimate { value: 2.0, ci95_half_width: None }).replace(THIN_SPACE, " "), "2 s");
    }
}
