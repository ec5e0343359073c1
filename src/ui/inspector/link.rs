//! Details of one link.

use leptos::prelude::*;

use super::actions::Actions;
use super::faults::{FaultButtons, RestoreButton};
use super::live::{Figures, LiveHeading, of_link};
use super::parameters::{Owner, Parameters};
use crate::design::LinkRole;
use crate::design::edit::Edit;
use crate::design::script::Target;
use crate::editor::faults;
use crate::ids::LinkId;
use crate::learn::figures;
use crate::text::{fill, text};
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::parts::Show;
use crate::ui::reaction::memo;
use crate::ui::words;

/// Role, live figures and parameters of the link `id`.
#[component]
pub fn LinkDetails(
    /// Which.
    id: LinkId,
) -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    let design = editor.design();
    let allowed: &'static [LinkRole] = design
        .with_untracked(|design| {
            let link = design.link(id)?;
            let (from, to) = design.component(link.from).zip(design.component(link.to))?;
            Some(from.config.kind().roles_to(to.config.kind()))
        })
        .unwrap_or_default();
    let role = memo(move || design.with(|design| design.link(id).map(|link| link.role)));
    let ends = move || {
        design.with(|design| {
            design.link(id).map(|link| {
                let (from, to) = (words::component(design, link.from), words::component(design, link.to));
                fill("inspector.from_to", &[("from", &from), ("to", &to)])
            })
        })
    };
    let rows = memo(move || figures::link(&engine.watched(), id).map(of_link).unwrap_or_default());
    let on_role = move |event: leptos::ev::Event| {
        if let Some(role) = LinkRole::from_word(&event_target_value(&event)) {
            editor.perform(Edit::SetRole(id, role));
        }
    };
    view! {
        <header class="subject">
            <div>
                <h2 class="subject-title">{ends}</h2>
            </div>
        </header>
        <div class="parameter" data-field="role">
            <label class="parameter-label" for="link-role">
                {text("inspector.role")}
            </label>
            <select
                id="link-role"
                prop:value=move || role.get().map(LinkRole::word)
                disabled=allowed.len() < 2
                on:change=on_role
            >
                {allowed
                    .iter()
                    .map(|&choice| {
                        view! {
                            <option value=choice.word() selected=move || role.get() == Some(choice)>
                                {words::role(choice)}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <p class="about">{move || role.get().map(words::about_role)}</p>
        </div>
        <div class="faults" role="group" aria-label=text("inspector.acts")>
            <RestoreButton target=Target::Link(id)/>
        </div>
        <FaultButtons target=Target::Link(id) kinds=faults::of_links().collect()/>
        <section class="live">
            <LiveHeading/>
            <Show
                when=move || rows.with(|rows| !rows.is_empty())
                fallback=|| view! { <p class="quiet">{text("inspector.no_figures")}</p> }
            >
                <Figures figures=rows/>
            </Show>
        </section>
        <Parameters owner=Owner::Link(id)/>
        <Actions/>
    }
}
