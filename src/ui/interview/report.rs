//! The report at the end.

use leptos::prelude::*;

use super::{Interviews, Progress};
use crate::interview::{LossOutcome, Report, Terms, words};
use crate::text::text;
use crate::ui::editor::use_editor;
use crate::ui::parts::{Dialog, Icon, IconButton};

/// The report; it is shown when it has come.
#[component]
pub fn ReportDialog() -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    view! {
        <Dialog id="report" title=text("report.title") open=interviews.report_open>
            {move || {
                let terms = interviews.terms()?;
                match interviews.progress.get() {
                    Progress::Measured(report) => Some(view! { <Findings report=*report terms/> }),
                    _ => None,
                }
            }}
        </Dialog>
    }
}

#[component]
fn Findings(
    /// What was measured.
    report: Report,
    /// What it was measured against.
    terms: Terms,
) -> impl IntoView {
    let interviews = expect_context::<Interviews>();
    let answer = use_editor().design().get_untracked();
    let passes = report.passes(&terms);
    let goals: Vec<_> = report
        .goals(&terms)
        .into_iter()
        .map(|goal| {
            let icon = if goal.met { Icon::Well } else { Icon::Warning };
            let verdict = text(if goal.met { "report.met" } else { "report.missed" });
            view! {
                <li class="goal" data-goal=goal.kind.key() data-met=goal.met.to_string()>
                    <Icon icon=icon/>
                    <div>
                        <strong>{text(&format!("report.goals.{}", goal.kind.key())).to_owned()} " · " {verdict}</strong>
                        <p>{words::goal(goal, &report, &terms, &answer)}</p>
                    </div>
                </li>
            }
        })
        .collect();
    let losses: Vec<_> = report
        .losses
        .iter()
        .map(|loss| {
            let (who, what) = words::loss(loss, &answer);
            let is_survived = loss.is_survived(&terms);
            view! {
                <tr data-survived=is_survived.to_string() data-lost=(loss.outcome == LossOutcome::Lost).to_string()>
                    <th scope="row">{who}</th>
                    <td>{what}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <p class="report-headline" data-passes=passes.to_string()>{words::headline(&report, &terms)}</p>
        <ul class="goals">{goals}</ul>
        <h3>{text("report.first_title")}</h3>
        <p id="report-first">{words::limit(&report, &answer)}</p>
        <h3>{text("report.losses_title")}</h3>
        <table class="losses">
            <tbody>{losses}</tbody>
        </table>
        <p class="quiet report-how">{text("report.how")}</p>
        <div class="share-ways">
            <IconButton
                wordy=true
                icon=Icon::Undo
                label=text("report.back")
                on_press=move |()| {
                    interviews.report_open.set(false);
                    interviews.go_on();
                }
            />
            <IconButton
                id="show-reference"
                wordy=true
                icon=Icon::Well
                label=text("report.reference")
                on_press=move |()| interviews.show_reference()
            />
        </div>
    }
}
