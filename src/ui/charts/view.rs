//! Which time the charts show, and the moment that is marked in all of them.

use leptos::prelude::*;

use crate::learn::series::Series;
use crate::ui::engine::{Engine, Turn, use_engine};
use crate::units::{SimDuration, SimTime};

/// Lengths of time to choose from [s]; the whole run is the other choice.
pub const LENGTHS: [u64; 4] = [60, 300, 1_800, 10_800];

/// Lengths of time that charts grow through as a run begins [s]: a line then always takes more than a third of its chart,
/// and the axis rests for a while between two steps.
const GROWING: [u64; 11] = [5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800];

/// Shortest time that charts show: a few samples.
const SHORTEST: SimDuration = SimDuration::from_millis(500);

/// Which time is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// The last seconds; it goes on with the run.
    Last(u64),
    /// Everything that is known.
    Whole,
    /// What has been picked.
    Picked(SimTime, SimTime),
}

/// What all charts have in common. One for the page: the charts of all tabs look at the same time.
#[derive(Clone, Copy)]
pub struct View {
    engine: Engine,
    /// The place of the chart in the panel.
    place: usize,
    /// The moment that is marked in all charts.
    pub cursor: RwSignal<Option<SimTime>>,
    /// Which time is shown.
    pub range: RwSignal<Range>,
    /// Whether figures are told in a table instead of painted.
    pub is_table: RwSignal<bool>,
}

impl View {
    /// The last minute, nothing marked.
    pub fn new() -> Self {
        Self {
            engine: use_engine(),
            place: 0,
            cursor: RwSignal::new(None),
            range: RwSignal::new(Range::Last(LENGTHS[0])),
            is_table: RwSignal::new(false),
        }
    }

    /// The same for the chart at this place of the panel: each is painted in a frame of its own.
    pub const fn at(self, place: usize) -> Self {
        Self { place, ..self }
    }

    /// Follows the run, when it is this chart's turn.
    pub fn follow(self) {
        self.engine.turn(Turn::Chart(self.place));
    }

    /// First and last moment shown; follows the run and the choice.
    pub fn span(self) -> (SimTime, SimTime) {
        self.follow();
        let range = self.range.get();
        self.engine.with_series(|series| span(range, series))
    }

    /// Shows the time between two moments, in any order.
    pub fn pick(self, one: SimTime, other: SimTime) {
        let (from, to) = (one.min(other), one.max(other));
        self.range.set(Range::Picked(from, to.max(from + SHORTEST)));
    }

    /// Shows the last minute again.
    pub fn reset(self) {
        self.range.set(Range::Last(LENGTHS[0]));
    }
}

fn span(range: Range, series: &Series) -> (SimTime, SimTime) {
    match range {
        Range::Last(secs) => last(series, SimDuration::from_secs(secs)),
        Range::Whole => last(series, series.ends().since(series.begins()).max(SimDuration::from_secs(GROWING[0]))),
        Range::Picked(from, to) => (from, to),
    }
}

/// The last time of this length, or as much as there has been yet, with a little room to go on.
fn last(series: &Series, length: SimDuration) -> (SimTime, SimTime) {
    let (begins, ends) = (series.begins(), series.ends());
    let steps = GROWING.into_iter().map(SimDuration::from_secs);
    let length = steps.filter(|&step| begins + step >= ends).fold(length, SimDuration::min);
    let to = ends.max(begins + length);
    (to - length, to)
}

/// What the charts have in common, as the panel provided it.
pub fn use_view() -> View {
    expect_context()
}
