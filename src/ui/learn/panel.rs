//! The panel beside the diagram that tells a journey.

use leptos::prelude::*;

use super::{Lessons, Loading, users_of, words_of};
use crate::design::script::ScriptEvent;
use crate::embed::fragment::Fragment;
use crate::format;
use crate::journey::outline::{Claim, Entry, StageOutline};
use crate::text::{fill, text};
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::notices::{Weight, use_notices};
use crate::ui::parts::{Icon, IconButton};
use crate::ui::places::use_places;
use crate::ui::reaction::memo;
use crate::web::{self, files, location};

/// The list of all journeys, or the stage that is on the page.
#[component]
pub fn LearnPanel() -> impl IntoView {
    let places = use_places();
    let has_chosen =
        memo(move || places.place.with(|place| matches!(place, Fragment::Journey { journey: Some(_), .. })));
    move || if has_chosen.get() { view! { <Journey/> }.into_any() } else { view! { <List/> }.into_any() }
}

/// The list of all journeys.
#[component]
fn List() -> impl IntoView {
    let lessons = expect_context::<Lessons>();
    view! {
        <p class="quiet guide-lead">{text("learn.lead")}</p>
        {move || match lessons.index.get() {
            Loading::Unasked | Loading::Asked => waiting(),
            Loading::Failed(reason) => failed(reason),
            Loading::Loaded(entries) => {
                view! { <ul class="journeys">{entries.into_iter().map(card).collect_view()}</ul> }.into_any()
            }
        }}
    }
}

/// Words while something is on its way.
pub fn waiting() -> AnyView {
    view! { <p class="quiet" role="status">{text("learn.loading")}</p> }.into_any()
}

/// Words for what did not come.
pub fn failed(reason: String) -> AnyView {
    view! { <p class="refusal" role="alert">{reason}</p> }.into_any()
}

fn card(entry: Entry) -> impl IntoView {
    let places = use_places();
    let size =
        fill("learn.size", &[("stages", &entry.stages.to_string()), ("users", &format::count(entry.users as f64))]);
    let place = Fragment::Journey { journey: Some(entry.key.clone()), stage: None };
    view! {
        <li>
            <button type="button" class="guide-card" data-journey=entry.key on:click=move |_| places.go(place.clone())>
                <strong>{entry.title}</strong>
                <span class="quiet">{entry.about}</span>
                <span class="guide-size figure">{size}</span>
            </button>
        </li>
    }
}

/// The journey that is open, at the stage on the page.
#[component]
fn Journey() -> impl IntoView {
    let lessons = expect_context::<Lessons>();
    let places = use_places();
    let all = Fragment::Journey { journey: None, stage: None };
    let title = move || {
        lessons.open.with(|open| match open {
            Loading::Loaded(open) => open.outline.title.clone(),
            _ => String::new(),
        })
    };
    let body = move || {
        let shown = lessons.shown.get();
        lessons.open.with(|open| match (open, shown) {
            (Loading::Failed(reason), _) => failed(reason.clone()),
            (Loading::Loaded(open), Some(position)) => {
                let stage = open.outline.stages[position].clone();
                let titles = open.outline.stages.iter().map(|stage| stage.title.clone()).collect();
                view! { <Stage stage position titles/> }.into_any()
            }
            _ => waiting(),
        })
    };
    view! {
        <button type="button" class="text-button guide-back" on:click=move |_| places.go(all.clone())>
            {text("learn.all")}
        </button>
        <h3 class="journey-title">{title}</h3>
        {body}
    }
}

/// One stage: what happens, what to watch, and the way on.
#[component]
fn Stage(
    /// What it tells.
    stage: StageOutline,
    /// Its position.
    position: usize,
    /// What all stages are called, in order.
    titles: Vec<String>,
) -> impl IntoView {
    let count = titles.len();
    let lessons = expect_context::<Lessons>();
    let places = use_places();
    let engine = use_engine();
    let go = move |position: usize| {
        if let Some(place) = lessons.place_of(position) {
            places.go(place);
        }
    };
    let notices = use_notices();
    let copy_link = move |_| {
        let link = location::plain_address("", &places.place.with_untracked(Fragment::print));
        web::spawn(async move {
            match files::copy(&link).await {
                Ok(()) => notices.tell(Weight::Success, text("share.copied").to_owned()),
                // The address bar shows it all the same.
                Err(_) => notices.tell(Weight::Failure, text("learn.not_copied").to_owned()),
            }
        });
    };
    let number = fill("learn.number", &[("number", &(position + 1).to_string()), ("count", &count.to_string())]);
    let serves = match stage.breaks_at {
        Some(breaks_at) => fill("learn.serves_until", &[("users", &users(stage.users)), ("more", &users(breaks_at))]),
        None => fill("learn.serves", &[("users", &users(stage.users))]),
    };
    let pull = [Some(stage.users), stage.breaks_at].into_iter().flatten().map(|number| {
        view! {
            <button type="button" class="act" data-users=number on:click=move |_| engine.users.set(number)>
                {fill("learn.pull", &[("users", &users(number))])}
            </button>
        }
    });
    view! {
        <div class="stage-head">
            <ol class="steps" aria-label=text("learn.steps")>
                {titles
                    .into_iter()
                    .enumerate()
                    .map(|(step, title)| {
                        let label = fill("learn.step", &[("number", &(step + 1).to_string()), ("title", &title)]);
                        view! {
                            <li>
                                <button
                                    type="button"
                                    aria-label=label.clone()
                                    title=label
                                    aria-current=(step == position).then_some("step")
                                    class:done=step < position
                                    on:click=move |_| go(step)
                                ></button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            <p class="quiet">{number}</p>
        </div>
        <h4 id="stage-title" tabindex="-1">{stage.title}</h4>
        <p class="stage-text">{stage.text}</p>
        <p class="stage-users">{serves}</p>
        <p class="acts">{pull.collect_view()}</p>
        <section class="watch">
            <h5>{text("learn.watch")}</h5>
            <ul>{stage.claims.into_iter().map(|claim| view! { <Watch claim/> }).collect_view()}</ul>
        </section>
        <div class="stage-ways">
            <IconButton
                id="previous-stage"
                wordy=true
                icon=Icon::CollapseLeft
                label=text("learn.previous")
                disabled=Signal::stored(position == 0)
                on_press=move |()| go(position - 1)
            />
            <IconButton
                id="next-stage"
                wordy=true
                class="onward"
                icon=Icon::CollapseRight
                label=text("learn.next")
                disabled=Signal::stored(position + 1 == count)
                on_press=move |()| go(position + 1)
            />
        </div>
        <p class="acts">
            <button type="button" id="make-own" class="text-button" on:click=move |_| places.make_own()>
                {text("learn.make_own")}
            </button>
            <button type="button" id="copy-stage" class="text-button" on:click=copy_link>
                {text("learn.copy_link")}
            </button>
        </p>
    }
}

/// Something to watch, with what brings it about.
#[component]
fn Watch(claim: Claim) -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let moments = editor.design().with_untracked(|design| {
        let moments = claim.acts(design);
        moments.into_iter().map(|acts| (words_of(design, &acts), acts)).collect::<Vec<_>>()
    });
    let act = move |acts: &[ScriptEvent]| {
        for event in acts {
            match users_of(&event.action) {
                // By way of the slider, so that it shows where it stands.
                Some(users) => engine.users.set(users),
                None => engine.act(event.action.clone()),
            }
        }
        engine.playing.set(true);
    };
    view! {
        <li>
            <p>{claim.says.clone()}</p>
            <p class="acts">
                {claim
                    .users
                    .map(|number| {
                        view! {
                            <button type="button" class="act" on:click=move |_| engine.users.set(number)>
                                {fill("learn.pull", &[("users", &users(number))])}
                            </button>
                        }
                    })}
                {moments
                    .into_iter()
                    .map(|(words, acts)| {
                        view! { <button type="button" class="act" on:click=move |_| act(&acts)>{words}</button> }
                    })
                    .collect_view()}
            </p>
        </li>
    }
}

fn users(number: u64) -> String {
    format::grouped(number)
}
