//! What is wrong with the drawing; a click leads there.

use leptos::prelude::*;

use super::editor::{Selection, use_editor};
use super::engine::use_engine;
use super::parts::Icon;
use super::preferences::use_preferences;
use crate::network::{Problem, Severity};
use crate::text::text;
use crate::ui::words;

/// The list of problems.
#[component]
pub fn Problems() -> impl IntoView {
    let engine = use_engine();
    view! {
        <section id="problems" aria-label=text("whole.problems")>
            <h3>{text("whole.problems")}</h3>
            {move || {
                let problems = engine.problems.get();
                if problems.is_empty() {
                    view! { <p class="quiet">{text("whole.no_problems")}</p> }.into_any()
                } else {
                    let lines = problems.into_iter().map(|problem| view! { <Line problem=problem/> }).collect_view();
                    view! { <ul>{lines}</ul> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Line(problem: Problem) -> impl IntoView {
    let editor = use_editor();
    let preferences = use_preferences();
    let severity = problem.severity();
    let icon = match severity {
        Severity::Error => Icon::Kill,
        Severity::Warning => Icon::Warning,
    };
    let words = problem.to_string();
    let selection = match (problem.component, problem.link) {
        (_, Some(link)) => Some(Selection::link(link)),
        (Some(component), None) => Some(Selection::component(component)),
        (None, None) => None,
    };
    let select = move |_| {
        if let Some(selection) = selection.clone() {
            editor.selection.set(selection);
            preferences.show_inspector();
        }
    };
    view! {
        <li>
            <button type="button" class="problem" data-severity=severity.key() on:click=select>
                <Icon icon=icon/>
                <span>
                    <span class="visually-hidden">{words::say(&format!("severities.{}", severity.key()))} ": "</span>
                    {words}
                </span>
            </button>
        </li>
    }
}
