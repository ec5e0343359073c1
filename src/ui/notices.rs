//! Messages that stay until they are read: a file that could not be opened, a browser that keeps nothing.

use leptos::prelude::*;

use super::parts::{Icon, IconButton};
use crate::text::text;

/// Most messages shown at once; the oldest go first.
const SHOWN: usize = 4;

/// How long a message that reports a success stays [ms].
const SUCCESS_MS: u32 = 6000;

/// Whether a message is about something that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something worked.
    Success,
    /// Something did not.
    Failure,
}

#[derive(Clone, PartialEq)]
struct Notice {
    number: u32,
    weight: Weight,
    words: String,
}

/// Handle to the messages.
#[derive(Clone, Copy)]
pub struct Notices {
    list: RwSignal<Vec<Notice>>,
    count: StoredValue<u32>,
}

impl Notices {
    /// No messages yet.
    pub fn new() -> Self {
        Self { list: RwSignal::default(), count: StoredValue::new(0) }
    }

    /// Shows a message. One about a success goes by itself.
    pub fn tell(self, weight: Weight, words: String) {
        self.count.update_value(|count| *count += 1);
        let number = self.count.get_value();
        self.list.update(|list| {
            // Saying it twice does not help.
            list.retain(|notice| notice.words != words);
            list.push(Notice { number, weight, words });
            list.drain(..list.len().saturating_sub(SHOWN));
        });
        if weight == Weight::Success {
            gloo_timers::callback::Timeout::new(SUCCESS_MS, move || self.dismiss(number)).forget();
        }
    }

    fn dismiss(self, number: u32) {
        self.list.update(|list| list.retain(|notice| notice.number != number));
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self::new()
    }
}

/// The messages of the page.
pub fn use_notices() -> Notices {
    expect_context()
}

/// Shows the messages.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = use_notices();
    view! {
        <section id="notices" aria-label=text("notices.label") aria-live="polite">
            <For each=move || notices.list.get() key=|notice| notice.number let:notice>
                <div class="notice" class:failure=notice.weight == Weight::Failure>
                    <p>{notice.words.clone()}</p>
                    <IconButton
                        icon=Icon::Close
                        label=text("notices.dismiss")
                        on_press=move |()| notices.dismiss(notice.number)
                    />
                </div>
            </For>
        </section>
    }
}
