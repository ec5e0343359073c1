//! Fields for the parameters of a configuration, made from its table: the unit, range, default and source of each stand
//! there.

use leptos::prelude::*;

use crate::design::edit::{Edit, EditError};
use crate::design::fault::FaultKind;
use crate::design::field::{Configurable, Control, Field, Value};
use crate::design::script::Target;
use crate::distribution::Distribution;
use crate::editor::scale::Scale;
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::text::{fill, text};
use crate::ui::desk::{Desk, use_desk};
use crate::ui::editor::{Editor, use_editor};
use crate::ui::parts::{DistributionField, Icon, NumberField, Range, Show};
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// Whose parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A component's.
    Component(ComponentId),
    /// A link's.
    Link(LinkId),
    /// A frame's.
    Frame(FrameId),
    /// A fault's, where it strikes.
    Fault(Target, FaultKind),
}

impl Owner {
    /// Where texts about the parameters stand.
    fn texts(self, editor: Editor) -> String {
        match self {
            Self::Component(id) => editor.design().with_untracked(|design| {
                design.component(id).map_or("", |component| component.config.kind().key()).to_owned()
            }),
            Self::Link(_) => "link".to_owned(),
            Self::Frame(_) => "frame".to_owned(),
            Self::Fault(_, kind) => kind.key().to_owned(),
        }
    }

    /// What stands above them.
    fn title(self) -> String {
        match self {
            Self::Fault(_, kind) => words::say(&format!("faults.{}.name", kind.key())),
            _ => words::say("inspector.parameters"),
        }
    }

    fn fields(self, editor: Editor) -> Vec<Field> {
        editor.design().with_untracked(|design| match self {
            Self::Fault(_, kind) => kind.with_defaults().fields(),
            Self::Component(id) => design.component(id).map(|component| component.config.fields()).unwrap_or_default(),
            Self::Link(id) => design.link(id).map(|link| link.config.fields()).unwrap_or_default(),
            Self::Frame(id) => design.frame(id).map(|frame| frame.config.fields()).unwrap_or_default(),
        })
    }

    fn get(self, desk: Desk, key: &str) -> Option<Value> {
        if let Self::Fault(target, kind) = self {
            return desk.engine.fault(desk.editor, target, kind).get(key);
        }
        desk.editor.design().with(|design| match self {
            Self::Fault(..) => None,
            Self::Component(id) => design.component(id)?.config.get(key),
            Self::Link(id) => design.link(id)?.config.get(key),
            Self::Frame(id) => design.frame(id)?.config.get(key),
        })
    }

    /// Sets one, for good if that `is_final`: a slider that is being pulled is still going to change.
    fn set(self, desk: Desk, key: &'static str, value: Value, is_final: bool) -> Result<(), EditError> {
        let edit = match self {
            Self::Component(id) => Edit::SetParameter(id, key, value),
            Self::Link(id) => Edit::SetLinkParameter(id, key, value),
            Self::Frame(id) => Edit::SetFrameParameter(id, key, value),
            Self::Fault(target, kind) => {
                let mut fault = untrack(|| desk.engine.fault(desk.editor, target, kind));
                fault.set(key, value).map_err(|error| EditError::Parameter {
                    component: kind.key().to_owned(),
                    key: key.to_owned(),
                    error,
                })?;
                desk.engine.tune_fault(desk.editor, target, fault, is_final);
                return Ok(());
            }
        };
        desk.editor.try_perform(edit)
    }
}

/// All parameters of `owner`.
#[component]
pub fn Parameters(
    /// Whose.
    owner: Owner,
) -> impl IntoView {
    let editor = use_editor();
    let texts = owner.texts(editor);
    let (title, label) = (owner.title(), owner.title());
    let rows = owner
        .fields(editor)
        .into_iter()
        .map(|field| view! { <Parameter owner=owner texts=texts.clone() field=field/> })
        .collect_view();
    view! {
        <section class="parameters" aria-label=label>
            <h3>{title}</h3>
            {rows}
        </section>
    }
}

#[component]
fn Parameter(owner: Owner, texts: String, field: Field) -> impl IntoView {
    let desk = use_desk();
    let key = field.key;
    let label = words::field_label(&texts, &field);
    let default = field.default.clone();
    // What a removed component showed last, until its fields are gone.
    let fallback = field.default.clone();
    let value = memo(move || owner.get(desk, key).unwrap_or_else(|| fallback.clone()));
    let is_default = {
        let default = default.clone();
        move || value.with(|value| *value == default)
    };
    let is_pulled = StoredValue::new(false);
    let enter = {
        let field = field.clone();
        Callback::new(move |value: Value| -> Result<(), String> {
            owner.set(desk, key, value, !is_pulled.get_value()).map_err(|error| match &error {
                EditError::Parameter { error, .. } => words::field_error(&field, error),
                other => format!("{other}."),
            })
        })
    };
    // A pull of a slider is one gesture, undone as one.
    let on_start = Callback::new(move |()| {
        is_pulled.set_value(true);
        desk.editor.begin_gesture();
    });
    let on_done = Callback::new(move |()| {
        is_pulled.set_value(false);
        desk.editor.end_gesture();
        if let Owner::Fault(..) = owner {
            let _ = owner.set(desk, key, value.get_untracked(), true);
        }
    });
    let control = control(&field, &label, value, enter, on_start, on_done);
    let note = note(&texts, &field);
    let about = fill("inspector.about_field", &[("label", &label)]);
    let group_label = label.clone();
    view! {
        <div class="parameter" data-field=key role="group" aria-label=group_label>
            <details class="hint">
                <summary>
                    <span class="parameter-label">{label}</span>
                    <span class="hint-mark" title=about>
                        <Icon icon=Icon::About/>
                    </span>
                </summary>
                <div class="hint-text">
                    {note}
                    <button
                        type="button"
                        class="text-button"
                        disabled=is_default
                        on:click=move |_| {
                            let _ = enter.run(default.clone());
                        }
                    >
                        {text("inspector.reset")}
                    </button>
                </div>
            </details>
            {control}
        </div>
    }
}

/// What there is to know about a parameter: a sentence, its range, its default and where that comes from.
fn note(texts: &str, field: &Field) -> impl IntoView + use<> {
    let range = match field.control {
        Control::Number { min, max, .. } | Control::Time { min, max } => {
            let write = |number| words::value(field, &Value::Number(number));
            Some(fill("inspector.range", &[("min", &write(min)), ("max", &write(max))]))
        }
        Control::Choice(_) | Control::Flag => None,
    };
    let default =
        fill("inspector.default", &[("value", &words::value(field, &field.default)), ("source", field.source)]);
    view! {
        <p>{words::field_help(texts, field)}</p>
        {range.map(|range| view! { <p>{range}</p> })}
        <p>{default}</p>
    }
}

type Enter = Callback<Value, Result<(), String>>;

fn control(
    field: &Field,
    label: &str,
    value: Memo<Value>,
    enter: Enter,
    on_start: Callback<()>,
    on_done: Callback<()>,
) -> AnyView {
    let label = label.to_owned();
    match field.control {
        Control::Number { min, max, whole, optional } => {
            let scale = Scale::suiting(min, max, whole);
            number(field, label, scale, optional, value, enter, on_start, on_done)
        }
        Control::Choice(words) => choice(words, label, value, enter),
        Control::Flag => {
            let is_on = move || value.with(|value| *value == Value::Flag(true));
            view! {
                <label class="switch">
                    <input
                        type="checkbox"
                        aria-label=label
                        prop:checked=is_on
                        on:change=move |event| {
                            let _ = enter.run(Value::Flag(event_target_checked(&event)));
                        }
                    />
                    <span>{move || text(if is_on() { "inspector.yes" } else { "inspector.no" })}</span>
                </label>
            }
            .into_any()
        }
        Control::Time { min, max } => {
            let time = derived(move || match value.get() {
                Value::Time(time) => time,
                _ => Distribution::constant(min),
            });
            view! {
                <DistributionField
                    value=time
                    label=label
                    bounds=(min, max)
                    on_enter=Callback::new(move |time| enter.run(Value::Time(time)))
                    on_start=on_start
                    on_done=on_done
                />
            }
            .into_any()
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "everything that a number's row is made of")]
fn number(
    field: &Field,
    label: String,
    scale: Scale,
    optional: bool,
    value: Memo<Value>,
    enter: Enter,
    on_start: Callback<()>,
    on_done: Callback<()>,
) -> AnyView {
    let writing = words::writing(field);
    let unit = if field.unit == "s" { "" } else { field.unit };
    // What an unlimited number becomes when it is limited again: what it was last, or the default.
    let resting = StoredValue::new(match (&field.default, &field.control) {
        (Value::Number(number), _) => *number,
        (_, Control::Number { min, .. }) => *min,
        _ => 0.0,
    });
    let number = derived(move || match value.get() {
        Value::Number(number) => {
            resting.set_value(number);
            number
        }
        _ => resting.get_value(),
    });
    let is_off = move || value.with(|value| *value == Value::Off);
    let spoken = {
        let field = field.clone();
        derived(move || words::value(&field, &Value::Number(number.get())))
    };
    let off_label = format!("{label}: {}", text("inspector.off"));
    view! {
        <div class="field-row">
            <NumberField
                value=number
                writing=writing
                label=label.clone()
                unit=unit
                disabled=Signal::derive(is_off)
                on_enter=move |number| enter.run(Value::Number(number))
            />
            {optional
                .then(|| {
                    view! {
                        <label class="switch">
                            <input
                                type="checkbox"
                                aria-label=off_label
                                prop:checked=is_off
                                on:change=move |event| {
                                    let is_off = event_target_checked(&event);
                                    let value = if is_off { Value::Off } else { Value::Number(resting.get_value()) };
                                    let _ = enter.run(value);
                                }
                            />
                            <span>{text("inspector.off")}</span>
                        </label>
                    }
                })}
        </div>
        <Show when=move || !is_off()>
            <Range
                value=number
                scale=scale
                label=label.clone()
                spoken=spoken
                on_start=on_start
                on_input=Callback::new(move |number| {
                    let _ = enter.run(Value::Number(number));
                })
                on_done=on_done
            />
        </Show>
    }
    .into_any()
}

fn choice(choices: &'static [&'static str], label: String, value: Memo<Value>, enter: Enter) -> AnyView {
    let present = move || match value.get() {
        Value::Choice(word) => word,
        _ => "",
    };
    view! {
        <select
            aria-label=label
            prop:value=present
            on:change=move |event| {
                let chosen = event_target_value(&event);
                if let Some(&word) = choices.iter().find(|&&word| word == chosen) {
                    let _ = enter.run(Value::Choice(word));
                }
            }
        >
            {choices
                .iter()
                .map(|&word| {
                    view! {
                        <option value=word selected=move || present() == word>
                            {words::choice(word)}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    }
    .into_any()
}
