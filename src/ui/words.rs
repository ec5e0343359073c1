//! Words for what the types of the product say in figures and keys. The sentences stand in `assets/text`; here is which
//! one applies.

use crate::design::fault::FaultKind;
use crate::design::field::{Configurable, Field, FieldError, Value};
use crate::design::script::{Action, Target};
use crate::design::{Design, Kind, LinkConfig, LinkRole};
use crate::entry;
use crate::format;
use crate::ids::ComponentId;
use crate::sim::snapshot::{Happening, LogEntry};
use crate::text::{fill, lookup, text};
use crate::ui::parts::Writing;
use crate::web::worker::EngineFailure;

/// The text of a key that is put together at run time.
pub fn say(key: &str) -> String {
    text(key).to_owned()
}

/// What people call a kind.
pub fn kind(kind: Kind) -> String {
    say(&format!("kinds.{}.name", kind.key()))
}

/// A sentence about a kind.
pub fn about_kind(kind: Kind) -> String {
    say(&format!("kinds.{}.about", kind.key()))
}

/// What people call a role.
pub fn role(role: LinkRole) -> String {
    say(&format!("roles.{}.name", role.word()))
}

/// A sentence about a role.
pub fn about_role(role: LinkRole) -> String {
    say(&format!("roles.{}.about", role.word()))
}

/// Where the texts of a configuration's parameters stand: a kind's key, or `link`.
pub fn field_label(owner: &str, field: &Field) -> String {
    say(&format!("fields.{}.{}.label", field.texts(owner), field.key))
}

/// A sentence about a parameter.
pub fn field_help(owner: &str, field: &Field) -> String {
    say(&format!("fields.{}.{}.help", field.texts(owner), field.key))
}

/// What people call one of the words of a choice.
pub fn choice(word: &str) -> String {
    lookup(&format!("choices.{word}")).map_or_else(|| word.replace('_', " "), str::to_owned)
}

/// How a parameter's number is written.
pub fn writing(field: &Field) -> Writing {
    if field.unit == "s" { Writing::Secs } else { Writing::Plain }
}

/// A parameter's value as people read it.
pub fn value(field: &Field, value: &Value) -> String {
    match value {
        Value::Number(number) if field.unit == "s" => format::duration(*number),
        Value::Number(number) if field.unit.is_empty() => entry::editable_number(*number),
        Value::Number(number) => format!("{} {}", entry::editable_number(*number), field.unit),
        Value::Off => say("inspector.off"),
        Value::Choice(word) => choice(word),
        Value::Flag(flag) => say(if *flag { "inspector.yes" } else { "inspector.no" }),
        Value::Time(time) => {
            format!("{}, {}", format::duration(time.mean_secs()), say(&format!("shapes.{}", time.shape())))
        }
    }
}

/// Why a text is no number.
pub fn not_a_number(entered: &str) -> String {
    fill("refusals.not_a_number", &[("entered", entered.trim())])
}

/// A refusal, and what stays.
pub fn refused(reason: &str, stays: &str) -> String {
    fill("refusals.stays", &[("reason", reason), ("value", stays)])
}

/// Why a parameter was refused.
pub fn field_error(field: &Field, error: &FieldError) -> String {
    let number = |value: f64| self::value(field, &Value::Number(value));
    match error {
        FieldError::OutOfRange { value, min, max, .. } => fill(
            "refusals.out_of_range",
            &[("entered", &number(*value)), ("min", &number(*min)), ("max", &number(*max))],
        ),
        FieldError::NotWhole { value } => fill("refusals.not_whole", &[("entered", &number(*value))]),
        FieldError::Unknown { .. }
        | FieldError::WrongType { .. }
        | FieldError::MalformedDistribution { .. }
        | FieldError::Distribution(_) => {
            format!("{error}.")
        }
    }
}

/// The name of a component; words for one that has been removed.
pub fn component(design: &Design, id: ComponentId) -> String {
    design.component(id).map_or_else(|| say("events.gone"), |component| component.name.clone())
}

/// A line of the log.
pub fn event(design: &Design, entry: &LogEntry, n_machines: impl Fn(ComponentId) -> usize) -> String {
    let machine = |id: ComponentId, instance: u32| {
        let name = component(design, id);
        if n_machines(id) > 1 {
            fill("events.machine", &[("name", &name), ("number", &(instance + 1).to_string())])
        } else {
            name
        }
    };
    let name = match entry.link {
        None => machine(entry.component, entry.instance),
        Some(link) => match design.link(link) {
            Some(link) => {
                fill("events.link", &[("from", &component(design, link.from)), ("to", &component(design, link.to))])
            }
            None => say("events.gone"),
        },
    };
    let with_fault =
        |key, fault: FaultKind| fill(key, &[("name", &name), ("fault", text(&format!("faults.{}.name", fault.key())))]);
    let with_target = |key, id, instance| fill(key, &[("name", &name), ("target", &machine(id, instance))]);
    let plain = |key| fill(key, &[("name", &name)]);
    match &entry.happening {
        Happening::Killed => plain("events.killed"),
        Happening::OutOfMemory => plain("events.out_of_memory"),
        Happening::Restored => plain("events.restored"),
        Happening::Starting => plain("events.starting"),
        Happening::Started => plain("events.started"),
        Happening::Stopped => plain("events.stopped"),
        Happening::DeploymentStarted => plain("events.deployment_started"),
        Happening::DeploymentFinished => plain("events.deployment_finished"),
        Happening::DeploymentRolledBack => plain("events.deployment_rolled_back"),
        Happening::FaultBegan(fault) => with_fault("events.fault_began", *fault),
        Happening::FaultEnded(Some(fault)) => with_fault("events.fault_ended", *fault),
        Happening::FaultEnded(None) => plain("events.faults_ended"),
        Happening::TargetEjected(id, instance) => with_target("events.target_ejected", *id, *instance),
        Happening::TargetReturned(id, instance) => with_target("events.target_returned", *id, *instance),
        Happening::CircuitOpened => plain("events.circuit_opened"),
        Happening::CircuitClosed => plain("events.circuit_closed"),
        Happening::FailoverStarted => plain("events.failover_started"),
        Happening::Promoted { lost_writes: 0 } => plain("events.promoted"),
        Happening::Promoted { lost_writes } => {
            fill("events.promoted_with_loss", &[("name", &name), ("lost", &format::grouped(*lost_writes))])
        }
        Happening::NoReplicaToPromote => plain("events.no_replica"),
        Happening::Rejoined => plain("events.rejoined"),
        Happening::SplitEnded { lost_writes } => {
            fill("events.split_ended", &[("name", &name), ("lost", &format::grouped(*lost_writes))])
        }
        Happening::RestoreBegan { lost_writes, lost_secs } => {
            let (lost, age) = (format::grouped(*lost_writes), format::duration(*lost_secs as f64));
            fill("events.restore_began", &[("name", &name), ("lost", &lost), ("age", &age)])
        }
        Happening::AlertFired { rule, fault_at } => {
            let rule = say(&format!("alerts.{}", rule.key()));
            match fault_at {
                Some(fault_at) => {
                    let after = format::duration(entry.at.since(*fault_at).as_secs_f64());
                    fill("events.alert_after", &[("name", &name), ("rule", &rule), ("after", &after)])
                }
                None => fill("events.alert", &[("name", &name), ("rule", &rule)]),
            }
        }
        Happening::AlertResolved(rule) => {
            fill("events.alert_over", &[("name", &name), ("rule", text(&format!("alerts.{}", rule.key())))])
        }
        Happening::Acted(remedy) => {
            fill("events.acted", &[("name", &name), ("remedy", text(&format!("choices.{}", remedy.word())))])
        }
    }
}

/// What an action of a script does, as the words of a button.
pub fn action(design: &Design, action: &Action) -> String {
    let of = |key: &str, target: &Target| fill(key, &[("name", &self::target(design, target))]);
    let fault = |key: &str, target: &Target, fault: FaultKind| {
        let words = text(&format!("faults.{}.name", fault.key())).to_owned();
        fill(key, &[("name", &self::target(design, target)), ("fault", &words)])
    };
    match action {
        Action::SetUsers(users) => fill("acts.users", &[("users", &format::grouped(*users))]),
        Action::Kill(id) => of("acts.kill", &Target::Component(*id)),
        Action::KillInstance(id, machine) => of("acts.kill", &Target::Instance(*id, *machine)),
        Action::Restore(id) => of("acts.restore", &Target::Component(*id)),
        Action::RestoreBackup(id) => of("acts.restore_backup", &Target::Component(*id)),
        Action::Deploy(id) => of("acts.deploy", &Target::Component(*id)),
        Action::Inject { target, fault: injected } => fault("acts.inject", target, injected.kind()),
        Action::Clear { target, fault: Some(kind) } => fault("acts.clear", target, *kind),
        Action::Clear { target, fault: None } => of("acts.mend", target),
        Action::SetParameter { target, key, value } => {
            let (owner, fields) = match target {
                Target::Component(id) | Target::Instance(id, _) => design
                    .component(*id)
                    .map_or(("link", Vec::new()), |found| (found.config.kind().key(), found.config.fields())),
                Target::Link(_) => ("link", LinkConfig::default().fields()),
                Target::Frame(_) => ("frame", Vec::new()),
            };
            let field = fields.into_iter().find(|field| field.key == *key);
            let (label, value) = field.map_or_else(
                || (key.clone(), String::new()),
                |field| (field_label(owner, &field), self::value(&field, value)),
            );
            fill("acts.set", &[("name", &self::target(design, target)), ("label", &label), ("value", &value)])
        }
    }
}

/// What people call whatever a script speaks of.
pub fn target(design: &Design, target: &Target) -> String {
    match target {
        Target::Component(id) => component(design, *id),
        Target::Instance(id, machine) => {
            fill("events.machine", &[("name", &component(design, *id)), ("number", &(machine + 1).to_string())])
        }
        Target::Link(id) => design.link(*id).map_or_else(
            || say("events.gone"),
            |link| fill("events.link", &[("from", &component(design, link.from)), ("to", &component(design, link.to))]),
        ),
        Target::Frame(id) => design.frame(*id).map_or_else(|| say("events.gone"), |frame| frame.name.clone()),
    }
}

/// Why the engine cannot be used.
pub fn engine_failure(failure: &EngineFailure) -> String {
    match failure {
        EngineFailure::NotStarted(said) => fill("engine.not_started", &[("said", said)]),
        EngineFailure::Script(said) => fill("engine.script", &[("said", said)]),
        EngineFailure::Silent => say("engine.silent"),
        EngineFailure::OtherBuild { .. } => say("engine.other_build"),
        EngineFailure::Garbled(said) => fill("engine.garbled", &[("said", said)]),
        EngineFailure::Crashed(said) => fill("engine.crashed", &[("said", said)]),
    }
}

/// A point of simulated time: `01:23.4`.
pub fn clock(secs: f64) -> String {
    let tenths = (secs * 10.0) as u64;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    if minutes >= 60 {
        format!("{}:{:02}:{:02}", minutes / 60, minutes % 60, rest / 10)
    } else {
        format!("{minutes:02}:{:02}.{}", rest / 10, rest % 10)
    }
}

/// A point of simulated time to the nanosecond, for slow motion: `1.000 250 s`.
pub fn fine_clock(secs: f64) -> String {
    format!("{secs:.6} s")
}

/// A factor of time: `1x`, `1/20x`, `0.6x`.
pub fn speed(factor: f64) -> String {
    let inverse = 1.0 / factor;
    if factor < 0.1 && (inverse - inverse.round()).abs() < 0.02 * inverse {
        format!("1/{}x", format::grouped(inverse.round() as u64))
    } else {
        format!("{}x", format::number(entry::significant(factor, 2)))
    }
}
