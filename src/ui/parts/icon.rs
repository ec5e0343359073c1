//! Icons of the controls: the same family as those of the kinds, lines on a square of 24 units.

use leptos::prelude::*;

use crate::scene::icon::{EXTENT, LINE_WIDTH};

/// What a control does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Take back.
    Undo,
    /// Repeat.
    Redo,
    /// Open a file.
    Open,
    /// Save a file.
    Save,
    /// Copy a link.
    Link,
    /// Start over.
    New,
    /// Follow the system's theme.
    ThemeAuto,
    /// Light theme.
    ThemeLight,
    /// Dark theme.
    ThemeDark,
    /// Help.
    Help,
    /// More actions.
    More,
    /// Run.
    Play,
    /// Rest.
    Pause,
    /// One event.
    Step,
    /// One event back.
    StepBack,
    /// From the start.
    Restart,
    /// Parts to add.
    Parts,
    /// Details of the selection.
    Details,
    /// Charts.
    Charts,
    /// Look for something.
    Search,
    /// Close.
    Close,
    /// Kill.
    Kill,
    /// Bring back.
    Restore,
    /// Make another like it.
    Duplicate,
    /// Remove.
    Delete,
    /// What something means.
    About,
    /// Something is wrong.
    Warning,
    /// All is well.
    Well,
    /// Collapse to the left.
    CollapseLeft,
    /// Collapse to the right.
    CollapseRight,
    /// Collapse downwards.
    CollapseDown,
    /// Open upwards.
    ExpandUp,
    /// A journey or a task.
    Guide,
    /// Give to others.
    Share,
    /// Saved designs.
    Designs,
    /// A picture.
    Picture,
    /// Elsewhere, in a window of its own.
    Elsewhere,
    /// The next step.
    Improve,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Undo => "M8.5 5L4 9.5 8.5 14M4 9.5h10.5a5.5 5.5 0 0 1 0 11H9",
            Self::Redo => "M15.5 5L20 9.5 15.5 14M20 9.5H9.5a5.5 5.5 0 0 0 0 11H15",
            Self::Open => {
                "M3.5 19V6a1.5 1.5 0 0 1 1.5-1.5h4.5L12 7.5h7A1.5 1.5 0 0 1 20.5 9v1.5M3.5 19l2.8-7.5h15.2L18.7 19z"
            }
            Self::Save => "M12 4v11M7.5 11l4.5 4.5L16.5 11M4 18.5v.5A1.5 1.5 0 0 0 5.5 20.5h13A1.5 1.5 0 0 0 20 19v-.5",
            Self::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3L11.8 6.5M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2"
            }
            Self::New => {
                "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5zM13.5 3.5v5h5M12 11.5v6M9 14.5h6"
            }
            Self::ThemeAuto => {
                "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17M12 7.5h4.5M12 12h8.3M12 16.5h4.5"
            }
            Self::ThemeLight => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"
            }
            Self::ThemeDark => "M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2z",
            Self::Help => {
                "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.5v.7M12 16.9v.1"
            }
            Self::More => "M5.5 12h.1M12 12h.1M18.5 12h.1",
            Self::Play => "M7 4.5l12 7.5-12 7.5z",
            Self::Pause => "M7.5 5v14M16.5 5v14",
            Self::Step => "M5 5l9.5 7L5 19zM18.5 5v14",
            Self::StepBack => "M19 5l-9.5 7 9.5 7zM5.5 5v14",
            Self::Restart => "M4.5 12a7.5 7.5 0 1 0 2.5-5.6L4.5 9M4.5 4v5h5",
            Self::Parts => "M4 4h6.5v6.5H4zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5zM16.750 4v6.5M13.5 7.250H20",
            Self::Details => "M4 6.5h8M16 6.5h4M4 12h3M11 12h9M4 17.5h10M18 17.5h2M14 4.5v4M9 10v4M16 15.5v4",
            Self::Charts => "M4 4v16h16M7.5 15.5l4-5 3 3 5-7",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Kill => "M12 3.5v8M7.4 6.2a7.5 7.5 0 1 0 9.2 0",
            Self::Restore => "M4.5 12a7.5 7.5 0 1 0 2.5-5.6L4.5 9M4.5 4v5h5M9 12l2.5 2.5L15.5 10",
            Self::Duplicate => "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
            Self::Delete => "M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l.8 13h9.4l.8-13M10.3 10v6M13.7 10v6",
            Self::About => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 7.6v.1",
            Self::Warning => "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.1",
            Self::Well => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8 12.2l2.8 2.8L16 9.5",
            Self::CollapseLeft => "M14 6l-6 6 6 6",
            Self::CollapseRight => "M10 6l6 6-6 6",
            Self::CollapseDown => "M6 9.5l6 6 6-6",
            Self::ExpandUp => "M6 14.5l6-6 6 6",
            Self::Guide => {
                "M12 6.5C9.5 4.8 6.5 4.5 3.5 5v13c3-.5 6-.2 8.5 1.5 2.5-1.7 5.5-2 8.5-1.5V5c-3-.5-6-.2-8.5 1.5zM12 6.5v13"
            }
            Self::Share => "M12 15V4M7.5 8.5L12 4l4.5 4.5M5 12.5V19a1.5 1.5 0 0 0 1.5 1.5h11A1.5 1.5 0 0 0 19 19v-6.5",
            Self::Designs => "M4 6.5h11.5V18H4zM8 6.5V3.5h12V15h-4.5",
            Self::Picture => "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5L20 17M15.5 9.5h.1",
            Self::Elsewhere => {
                "M13.5 4.5h6v6M19.5 4.5L11 13M17 14.5V18a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 18V8.5A1.5 1.5 0 0 1 6 7h3.5"
            }
            Self::Improve => "M4 17l5.5-5.5 3.5 3.5L20 8M14.5 7.5H20.5V13.5",
        }
    }
}

/// Draws the icon of a control.
#[component]
pub fn Icon(
    /// Which.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox=square() stroke-width=LINE_WIDTH aria-hidden="true">
            <path d=move || icon.get().path()></path>
        </svg>
    }
}

/// Draws an icon given as path data.
#[component]
pub fn PathIcon(
    /// SVG path data on a square of 24 units.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox=square() stroke-width=LINE_WIDTH aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

fn square() -> String {
    format!("0 0 {EXTENT} {EXTENT}")
}
