//! Charts over simulated time and the log of events, below the diagram.
//!
//! Each chart looks at the same points of time; the one under the pointer is marked in all of them.

mod chart;
mod data;
mod events;
mod paint;

use leptos::prelude::*;

use self::chart::Chart;
use self::data::Subject;
use self::events::Events;
use crate::units::SimTime;

/// The time that the pointer marks in all charts; `None` if it marks none.
#[derive(Clone, Copy)]
struct Cursor(RwSignal<Option<SimTime>>);

/// All charts and the log.
#[component]
pub fn Charts() -> impl IntoView {
    provide_context(Cursor(RwSignal::new(None)));
    view! {
        <div class="charts-grid">
            {Subject::ALL.into_iter().map(|subject| view! { <Chart subject=subject/> }).collect_view()}
            <Events/>
        </div>
    }
}
