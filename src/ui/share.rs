//! Giving a design to others: as a link, inside another page, as a picture, as a file. Nothing is sent anywhere: the
//! link carries all of it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlCanvasElement;

use super::canvas::paint::{Painter, Sight};
use super::editor::{Editor, use_editor};
use super::engine::{Engine, use_engine};
use super::keeping;
use super::notices::{Notices, Weight, use_notices};
use super::parts::{Dialog, Icon, IconButton};
use super::pieces::{Later, Sheets, use_pieces};
use super::preferences::use_preferences;
use crate::design::file::Shared;
use crate::geometry::Rect;
use crate::scene::{Camera, Figures, Theme, svg};
use crate::text::{fill, text};
use crate::web::{self, files, location};

/// Height of the frame that is suggested for other pages [CSS px].
const FRAME_HEIGHT: u32 = 480;
/// Device pixels per unit of the drawing in pictures.
const PICTURE_RATIO: f64 = 2.0;

/// Everything that a link is to carry, in its letters.
pub fn link_of(editor: Editor, engine: Engine) -> String {
    let design = editor.design().get_untracked();
    let (seed, sight) = (Some(engine.seed.get_untracked()), editor.sight.get_value());
    Shared { design, seed, sight, faults: engine.faults(editor) }.to_link()
}

/// The dialog; it is shown while `open` is true.
#[component]
pub fn ShareDialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let sheets = use_pieces().sheets;
    view! {
        <Dialog id="share-dialog" title=text("share.title") open=open>
            <Later piece=sheets view=|sheets: Sheets| (sheets.share)()/>
        </Dialog>
    }
}

/// The ways to share what is on the page as the dialog opens.
#[component]
pub fn Ways() -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    let notices = use_notices();
    let theme = use_preferences().shown_theme();
    let letters = link_of(editor, engine);
    let link = location::plain_address("", &letters);
    let title = editor.design().with_untracked(|design| design.settings().title.clone());
    let frame = fill(
        "share.frame",
        &[
            ("address", &escaped(&location::plain_address("?embed=1", &letters))),
            ("title", &escaped(&title)),
            ("height", &FRAME_HEIGHT.to_string()),
        ],
    );
    view! {
        <p class="help-about">{text("share.about")}</p>
        <CopyField id="share-link" label=text("share.link") value=link button="copy-link" words=text("share.copy_link")/>
        <CopyField id="share-frame" label=text("share.embed") value=frame button="copy-embed" words=text("share.copy_embed")/>
        <h3>{text("share.more")}</h3>
        <div class="share-ways">
            <IconButton
                id="copy-picture"
                wordy=true
                icon=Icon::Picture
                label=text("share.copy_picture")
                on_press=move |()| take_picture(editor, engine, notices, theme, Use::Copy)
            />
            <IconButton
                id="save-png"
                wordy=true
                icon=Icon::Save
                label=text("share.save_png")
                on_press=move |()| take_picture(editor, engine, notices, theme, Use::Save)
            />
            <IconButton
                id="save-svg"
                wordy=true
                icon=Icon::Save
                label=text("share.save_svg")
                on_press=move |()| save_svg(editor, engine, notices, theme)
            />
            <IconButton
                id="save-file"
                wordy=true
                icon=Icon::Save
                label=text("share.save_file")
                on_press=move |()| keeping::save_file(editor, notices)
            />
        </div>
    }
}

/// A text to be copied, with a button that does it.
#[component]
fn CopyField(
    /// Identity of the field.
    id: &'static str,
    /// What it is.
    label: &'static str,
    /// The text.
    value: String,
    /// Identity of the button.
    button: &'static str,
    /// What the button says.
    words: &'static str,
) -> impl IntoView {
    let notices = use_notices();
    let field = NodeRef::<leptos::html::Input>::new();
    let to_copy = value.clone();
    let copy = move |()| {
        let text_to_copy = to_copy.clone();
        web::spawn(async move {
            match files::copy(&text_to_copy).await {
                Ok(()) => notices.tell(Weight::Success, text("share.copied").to_owned()),
                Err(_) => {
                    if let Some(field) = field.get_untracked() {
                        // Refused only for an element that is not on the page.
                        let _ = field.focus();
                        field.select();
                    }
                    notices.tell(Weight::Failure, text("share.blocked").to_owned());
                }
            }
        });
    };
    view! {
        <label class="copy-field">
            <span>{label}</span>
            <input id=id type="text" readonly node_ref=field prop:value=value on:focus=move |event| {
                event_target::<web_sys::HtmlInputElement>(&event).select();
            }/>
            <IconButton id=button wordy=true icon=Icon::Link label=words on_press=copy/>
        </label>
    }
}

/// What becomes of a picture.
#[derive(Clone, Copy)]
enum Use {
    /// It goes on the clipboard.
    Copy,
    /// It becomes a file.
    Save,
}

/// The live figures of the moment.
fn figures(editor: Editor, engine: Engine) -> Figures {
    let mut figures = Figures::default();
    editor.design().with_untracked(|design| figures.observe(&engine.latest(), design));
    figures
}

fn title(editor: Editor) -> String {
    editor.design().with_untracked(|design| design.settings().title.clone())
}

fn save_svg(editor: Editor, engine: Engine, notices: Notices, theme: Theme) {
    let figures = figures(editor, engine);
    let svg = editor.design().with_untracked(|design| svg::still(design, &figures, theme));
    if files::save(&keeping::file_name(&title(editor), "svg"), &svg, "image/svg+xml").is_err() {
        notices.tell(Weight::Failure, text("notices.not_saved").to_owned());
    }
}

fn take_picture(editor: Editor, engine: Engine, notices: Notices, theme: Theme, purpose: Use) {
    let Some(canvas) = painted(editor, engine, theme) else {
        notices.tell(Weight::Failure, text("share.no_picture").to_owned());
        return;
    };
    web::spawn(async move {
        let result = async {
            let picture = files::picture_of(&canvas).await?;
            match purpose {
                Use::Copy => files::copy_picture(&picture).await,
                Use::Save => files::save_blob(&keeping::file_name(&title(editor), "png"), &picture),
            }
        };
        match (result.await, purpose) {
            (Ok(()), Use::Copy) => notices.tell(Weight::Success, text("share.picture_copied").to_owned()),
            (Ok(()), Use::Save) => {}
            (Err(_), _) => notices.tell(Weight::Failure, text("share.no_picture").to_owned()),
        }
    });
}

/// The drawing with its figures on a canvas of its own; `None` if the browser gives none.
fn painted(editor: Editor, engine: Engine, theme: Theme) -> Option<HtmlCanvasElement> {
    let figures = figures(editor, engine);
    let (shapes, bounds) = editor.design().with_untracked(|design| svg::still_shapes(design, &figures));
    let Rect { origin, width, height } = bounds;
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((width * PICTURE_RATIO).round() as u32);
    canvas.set_height((height * PICTURE_RATIO).round() as u32);
    let camera = Camera { origin, zoom: 1.0 };
    Painter::new(&canvas)?
        .paint(&shapes, Sight { camera, size: (width, height), ratio: PICTURE_RATIO, theme, has_grid: true });
    Some(canvas)
}

/// Text inside an attribute of HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}
