//! The shelf of designs that the person has put by, under their titles, and what else there is to begin with. Kept by
//! the browser as links, which are short.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::editor::use_editor;
use super::notices::{Weight, use_notices};
use super::parts::{Dialog, Icon, IconButton};
use super::pieces::{Later, Sheets, use_pieces};
use crate::design::Design;
use crate::design::examples::Example;
use crate::text::{fill, text};
use crate::web::storage;

/// Where the browser keeps the shelf.
const KEY: &str = "headroom.shelf";

/// A design on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Saved {
    title: String,
    link: String,
}

/// The shelf as the browser keeps it; empty if it keeps none, or something else.
fn shelf() -> Vec<Saved> {
    storage::read(KEY).ok().flatten().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// The dialog; it is shown while `open` is true.
#[component]
pub fn DesignsDialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let sheets = use_pieces().sheets;
    view! {
        <Dialog id="designs-dialog" title=text("designs.title") open=open>
            <Later piece=sheets view=move |sheets: Sheets| (sheets.designs)(open)/>
        </Dialog>
    }
}

/// What the dialog holds; `open` closes it.
#[component]
pub fn Shelf(open: RwSignal<bool>) -> impl IntoView {
    let editor = use_editor();
    let notices = use_notices();
    let saved = RwSignal::new(shelf());
    let removed = RwSignal::new(None::<Saved>);
    let keep = move |list: Vec<Saved>| {
        let json = serde_json::to_string(&list).expect("titles and links can be written");
        match storage::write(KEY, &json) {
            Ok(()) => saved.set(list),
            Err(_) => notices.tell(Weight::Failure, text("notices.no_storage").to_owned()),
        }
    };
    let put_by = move |()| {
        let (title, link) =
            editor.design().with_untracked(|design| (design.settings().title.clone(), design.to_link()));
        let mut list = saved.get_untracked();
        // A title stands for one design: the newer one.
        list.retain(|other| other.title != title);
        list.insert(0, Saved { title, link });
        keep(list);
    };
    let remove = move |gone: Saved| {
        let mut list = saved.get_untracked();
        list.retain(|other| *other != gone);
        keep(list);
        removed.set(Some(gone));
    };
    let put_back = move |()| {
        if let Some(back) = removed.get_untracked() {
            removed.set(None);
            let mut list = saved.get_untracked();
            list.insert(0, back);
            keep(list);
        }
    };
    let take = move |design: Design| {
        open.set(false);
        notices.tell(Weight::Success, fill("designs.opened", &[("title", &design.settings().title)]));
        editor.open(design);
    };
    let row = move |entry: Saved| {
        let (opened, gone) = (entry.clone(), entry.clone());
        view! {
            <li class="design-row">
                <button
                    type="button"
                    class="text-button"
                    on:click=move |_| match Design::from_link(&opened.link) {
                        Ok(design) => take(design),
                        Err(error) => {
                            notices.tell(Weight::Failure, fill("notices.bad_link", &[("reason", &error.to_string())]));
                        }
                    }
                >
                    {entry.title.clone()}
                </button>
                <IconButton
                    icon=Icon::Delete
                    label=fill("designs.remove", &[("title", &entry.title)])
                    on_press=move |()| remove(gone.clone())
                />
            </li>
        }
    };
    let example = move |id: &'static str, words: &'static str, make: fn() -> Design| {
        view! { <IconButton id=id wordy=true icon=Icon::New label=words on_press=move |()| take(make())/> }
    };
    view! {
        <p class="help-about">{text("designs.about")}</p>
        <IconButton id="put-by" wordy=true icon=Icon::Save label=text("designs.put_by") on_press=put_by/>
        <ul class="design-list">
            {move || saved.get().into_iter().map(row).collect_view()}
        </ul>
        {move || {
            removed
                .get()
                .map(|gone| {
                    let label = fill("designs.put_back", &[("title", &gone.title)]);
                    view! { <IconButton wordy=true icon=Icon::Undo label=label on_press=put_back/> }
                })
        }}
        <h3>{text("designs.begin")}</h3>
        <div class="share-ways">
            {example("fresh", text("designs.starter"), || Example::STARTER.design())}
            {example("replicated", text("designs.replicated"), || Example::REPLICATED.design())}
            {example("blank", text("designs.blank"), Design::new)}
        </div>
    }
}
