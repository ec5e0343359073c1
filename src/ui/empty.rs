//! What a blank canvas offers.

use leptos::prelude::*;

use super::editor::{Editor, use_editor};
use super::parts::{Icon, IconButton, Show};
use super::places::use_places;
use crate::design::edit::Edit;
use crate::design::{Design, Kind, examples};
use crate::editor::connect;
use crate::editor::place::{self, Offer};
use crate::embed::fragment::Fragment;
use crate::embed::params::Access;
use crate::geometry::Point;
use crate::ids::ComponentId;
use crate::text::text;
use crate::ui::reaction::memo;

/// Distance between the first parts.
const STEP: f64 = 296.0;

/// Ways to begin, while there is nothing on the drawing.
#[component]
pub fn EmptyState() -> impl IntoView {
    let editor = use_editor();
    let places = use_places();
    let is_empty = memo(move || {
        editor.access() == Access::Edit && editor.design().with(|design| design.components().next().is_none())
    });
    view! {
        <Show when=move || is_empty.get()>
            <section class="empty" aria-label=text("empty.title")>
                <h2>{text("empty.title")}</h2>
                <p>{text("empty.about")}</p>
                <div class="share-ways">
                    <IconButton
                        id="begin"
                        wordy=true
                        icon=Icon::Parts
                        label=text("empty.begin")
                        on_press=move |()| begin(editor)
                    />
                    <IconButton
                        wordy=true
                        icon=Icon::New
                        label=text("empty.starter")
                        on_press=move |()| editor.open(examples::starter())
                    />
                    <IconButton
                        wordy=true
                        icon=Icon::Guide
                        label=text("empty.learn")
                        on_press=move |()| places.go(Fragment::Journey { journey: None, stage: None })
                    />
                </div>
            </section>
        </Show>
    }
}

/// Adds users, a server and a database in a row, connected, as one edit.
fn begin(editor: Editor) {
    // A copy, for giving out identities needs the drawing to itself.
    let mut draft = editor.design().get_untracked();
    let mut edits = Vec::new();
    let mut add = |draft: &mut Design, edit: Edit| {
        draft.apply(edit.clone()).expect("the drawing is empty, and these parts fit each other");
        edits.push(edit);
    };
    let ids = [Kind::Users, Kind::Server, Kind::SqlDatabase].map(|kind| (ComponentId(editor.fresh_id()), kind));
    for (position, (id, kind)) in (0_u32..).zip(ids) {
        let at = Point::new(f64::from(position) * STEP, 0.0);
        let edit = place::plan(&draft, Offer::plain(kind), at, id, || editor.fresh_id());
        add(&mut draft, edit);
    }
    for pair in ids.windows(2) {
        let links = connect::links(&draft, pair[0].0, pair[1].0).unwrap_or_default();
        let edit = connect::edit(&links, || editor.fresh_id());
        add(&mut draft, edit);
    }
    editor.perform(Edit::Batch(edits));
}
