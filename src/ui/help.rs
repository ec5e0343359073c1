//! The sheet of keys.

use leptos::prelude::*;

use super::parts::Dialog;
use crate::text::text;

/// Keys by group: the group's text, then the keys and what they do.
const GROUPS: [(&str, &[(&str, &str)]); 3] = [
    (
        "help.run",
        &[
            ("Space · K", "help.keys.play"),
            (".", "help.keys.step"),
            ("[ · ]", "help.keys.speed"),
            ("R", "help.keys.restart"),
            ("← · →", "help.keys.users"),
            ("PgUp · PgDn", "help.keys.users_ten"),
        ],
    ),
    (
        "help.edit",
        &[
            ("Ctrl Z · Ctrl Shift Z", "help.keys.undo"),
            ("Ctrl D", "help.keys.duplicate"),
            ("Del", "help.keys.delete"),
            ("Ctrl A", "help.keys.all"),
            ("C", "help.keys.connect"),
            ("← ↑ → ↓", "help.keys.nudge"),
            ("Esc", "help.keys.cancel"),
            ("Ctrl S", "help.keys.save"),
        ],
    ),
    (
        "help.view",
        &[
            ("Ctrl + · Ctrl −", "help.keys.zoom"),
            ("F · Shift 1", "help.keys.fit"),
            ("Space", "help.keys.pan"),
            ("?", "help.keys.help"),
        ],
    ),
];

/// The sheet; it is shown while `open` is true.
#[component]
pub fn HelpSheet(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog id="keys" title=text("help.title") open=open>
            <p class="help-about">{text("help.about")}</p>
            <div class="help-groups">
                {GROUPS
                    .iter()
                    .map(|(group, keys)| {
                        view! {
                            <section>
                                <h3>{text(group)}</h3>
                                <dl>
                                    {keys
                                        .iter()
                                        .map(|(keys, words)| {
                                            view! {
                                                <div>
                                                    <dt><kbd>{*keys}</kbd></dt>
                                                    <dd>{text(words)}</dd>
                                                </div>
                                            }
                                        })
                                        .collect_view()}
                                </dl>
                            </section>
                        }
                    })
                    .collect_view()}
            </div>
        </Dialog>
    }
}
