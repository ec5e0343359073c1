//! Details of what is selected, or of the whole design when nothing is.

mod actions;
mod component;
mod faults;
mod frame;
mod link;
mod live;
mod parameters;
mod several;
mod whole;

use leptos::prelude::*;

use super::editor::{Selection, use_editor};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::ui::reaction::memo;

/// What the details are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Whole,
    Component(ComponentId),
    Link(LinkId),
    Frame(FrameId),
    Several,
}

impl Subject {
    fn of(selection: &Selection) -> Self {
        let mut components = selection.components.iter();
        let mut links = selection.links.iter();
        let mut frames = selection.frames.iter();
        match (components.next(), links.next(), frames.next()) {
            (None, None, None) => Self::Whole,
            (Some(&id), None, None) if components.next().is_none() => Self::Component(id),
            (None, Some(&id), None) if links.next().is_none() => Self::Link(id),
            (None, None, Some(&id)) if frames.next().is_none() => Self::Frame(id),
            _ => Self::Several,
        }
    }
}

/// The details.
#[component]
pub fn Inspector() -> impl IntoView {
    let editor = use_editor();
    // A memo, so that moving what is selected does not build its fields anew.
    let subject = memo(move || editor.selection.with(Subject::of));
    move || match subject.get() {
        Subject::Whole => view! { <whole::Whole/> }.into_any(),
        Subject::Component(id) => view! { <component::ComponentDetails id=id/> }.into_any(),
        Subject::Link(id) => view! { <link::LinkDetails id=id/> }.into_any(),
        Subject::Frame(id) => view! { <frame::FrameDetails id=id/> }.into_any(),
        Subject::Several => view! { <several::Several/> }.into_any(),
    }
}
