//! Random drawings and random changes to them, for property tests.

use headroom::design::edit::Edit;
use headroom::design::fault::FaultKind;
use headroom::design::field::{Configurable, Control, Field, Value};
use headroom::design::script::{Action, ScriptEvent, Target};
use headroom::design::traffic::{Pattern, Traffic};
use headroom::design::{Component, Design, Frame, FrameConfig, FrameKind, Kind, Link, LinkConfig, LinkRole, Settings};
use headroom::distribution::Distribution;
use headroom::geometry::{Point, Rect};
use headroom::ids::{ComponentId, FrameId, LinkId};
use headroom::objective::Objective;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

/// The environment variable that asks for so many times as many cases, fresh ones each time: `cargo xtask fuzz` sets it.
const FUZZ_FACTOR: &str = "HEADROOM_FUZZ_FACTOR";

/// How a property is tried: on so many cases, the same ones each time, so that nobody's change fails by the luck of the
/// draw; seeds that failed once are tried first.
pub fn property(cases: u32) -> ProptestConfig {
    let factor: Option<u32> = std::env::var(FUZZ_FACTOR).ok().and_then(|factor| factor.parse().ok());
    match factor {
        Some(factor) => ProptestConfig { cases: cases.saturating_mul(factor), ..ProptestConfig::default() },
        None => ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() },
    }
}

/// A change whose targets are chosen once there is a drawing to choose from, so that most of them can be made.
#[derive(Clone, Debug)]
pub enum Change {
    AddComponent {
        kind: Kind,
        name: String,
        at: Point,
        frame: Option<Index>,
    },
    /// Users and a server that they reach: the least that runs.
    AddSite,
    /// `forwards` links lead to what was drawn later only, so that they close no circle.
    AddLink {
        from: Index,
        to: Index,
        role: Index,
        forwards: bool,
    },
    AddFrame {
        kind: FrameKind,
        name: String,
        area: Rect,
    },
    RemoveComponent(Index),
    RemoveLink(Index),
    RemoveFrame(Index),
    Move(Index, Point),
    SetFrame(Index, Option<Index>),
    SetArea(Index, Rect),
    Rename(Index, String),
    RenameFrame(Index, String),
    SetParameter {
        component: Index,
        field: Index,
        value: Draw,
    },
    SetLinkParameter {
        link: Index,
        field: Index,
        value: Draw,
    },
    SetRole(Index, Index),
    SetSettings {
        title: String,
        users: u64,
        objective: Objective,
        traffic: Vec<Pattern>,
        script: Vec<(f64, Index, u8)>,
    },
    /// Several at once; the second of the pair makes the batch fail at its end.
    Batch(Vec<Change>, bool),
}

/// Random bits to make a value of whatever type a parameter has.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Where between its bounds a number lies, 0 to 1.
    share: f64,
    choice: u8,
}

/// Sequences of changes.
pub fn changes(length: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec(change(), length)
}

/// One change, most often one that adds something.
pub fn change() -> impl Strategy<Value = Change> {
    let single = single().boxed();
    prop_oneof![
        12 => single.clone(),
        1 => (proptest::collection::vec(single, 0..6), any::<bool>())
            .prop_map(|(changes, fails)| Change::Batch(changes, fails)),
    ]
}

fn single() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    let frame = || proptest::option::of(any::<Index>());
    prop_oneof![
        8 => (kind(), name(), point(), frame())
            .prop_map(|(kind, name, at, frame)| Change::AddComponent { kind, name, at, frame }),
        3 => Just(Change::AddSite),
        12 => (index(), index(), index(), proptest::bool::weighted(0.9))
            .prop_map(|(from, to, role, forwards)| Change::AddLink { from, to, role, forwards }),
        1 => (frame_kind(), name(), area()).prop_map(|(kind, name, area)| Change::AddFrame { kind, name, area }),
        1 => index().prop_map(Change::RemoveComponent),
        1 => index().prop_map(Change::RemoveLink),
        1 => index().prop_map(Change::RemoveFrame),
        1 => (index(), point()).prop_map(|(component, at)| Change::Move(component, at)),
        1 => (index(), frame()).prop_map(|(component, frame)| Change::SetFrame(component, frame)),
        1 => (index(), area()).prop_map(|(frame, area)| Change::SetArea(frame, area)),
        1 => (index(), name()).prop_map(|(component, name)| Change::Rename(component, name)),
        1 => (index(), name()).prop_map(|(frame, name)| Change::RenameFrame(frame, name)),
        4 => (index(), index(), draw())
            .prop_map(|(component, field, value)| Change::SetParameter { component, field, value }),
        2 => (index(), index(), draw()).prop_map(|(link, field, value)| Change::SetLinkParameter { link, field, value }),
        1 => (index(), index()).prop_map(|(link, role)| Change::SetRole(link, role)),
        1 => settings(),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select(Kind::ALL)
}

fn frame_kind() -> impl Strategy<Value = FrameKind> {
    proptest::sample::select(&FrameKind::ALL[..])
}

/// Names that repeat often, and some with every letter there is.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ab]", 1 => any::<String>().prop_map(|name| name.chars().take(20).collect())]
}

fn point() -> impl Strategy<Value = Point> {
    (-1e6..1e6, -1e6..1e6_f64).prop_map(|(x, y)| Point::new(x, y))
}

fn area() -> impl Strategy<Value = Rect> {
    (point(), 0.0..1e4, 0.0..1e4_f64).prop_map(|(origin, width, height)| Rect { origin, width, height })
}

fn draw() -> impl Strategy<Value = Draw> {
    (prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0], any::<u8>()).prop_map(|(share, choice)| Draw { share, choice })
}

fn settings() -> impl Strategy<Value = Change> {
    let objective = (0.001..99.999, 1e-6..1e3, 0.0..=1.0_f64)
        .prop_map(|(percentile, latency_secs, error_share)| Objective { percentile, latency_secs, error_share });
    let script = proptest::collection::vec((0.0..1e5_f64, any::<Index>(), any::<u8>()), 0..4);
    let traffic = proptest::collection::vec(pattern(), 0..3);
    (name(), 1..=100_000_000_u64, objective, traffic, script).prop_map(|(title, users, objective, traffic, script)| {
        Change::SetSettings { title, users, objective, traffic, script }
    })
}

/// Any pattern of traffic, with numbers that files keep to the bit.
fn pattern() -> impl Strategy<Value = Pattern> {
    // No more than usual: the greatest demand is as much as a run can take.
    let factor = || 0.0..1.0_f64;
    let secs = || 0.0..1e4_f64;
    prop_oneof![
        factor().prop_map(|factor| Pattern::Constant { factor }),
        (secs(), secs(), factor()).prop_map(|(from_secs, length, factor)| Pattern::Ramp {
            from_secs,
            until_secs: from_secs + length,
            factor,
        }),
        (secs(), factor()).prop_map(|(at_secs, factor)| Pattern::Step { at_secs, factor }),
        (secs(), secs(), factor(), any::<bool>()).prop_map(|(at_secs, part, factor, again)| Pattern::Spike {
            at_secs,
            rise_secs: part,
            hold_secs: part,
            fall_secs: part,
            factor,
            every_secs: again.then_some(3.5 * part + 1.0),
        }),
        (factor(), secs(), 0.01..1e5_f64).prop_map(|(lowest, peak_at_secs, day_secs)| Pattern::Day {
            lowest,
            peak_at_secs,
            day_secs,
        }),
        (proptest::array::uniform7(factor()), 0.01..1e5_f64)
            .prop_map(|(factors, day_secs)| Pattern::Week { factors, day_secs }),
        (secs(), proptest::collection::vec((0.001..100.0_f64, factor()), 2..6), any::<bool>()).prop_map(
            |(start, steps, repeats)| {
                let mut at = start;
                let points = steps.into_iter().map(|(step, factor)| {
                    at += step.max(0.01);
                    (at, factor)
                });
                Pattern::Points { points: points.collect(), repeats }
            }
        ),
    ]
}

/// The edit that `change` means for `design`; `None` if there is nothing to choose from.
pub fn edit(design: &mut Design, change: &Change) -> Option<Edit> {
    Some(match change {
        Change::AddComponent { kind, name, at, frame } => {
            let frame = frame.and_then(|frame| pick_frame(design, frame));
            Edit::AddComponent(Component {
                id: ComponentId(design.fresh_id()),
                name: name.clone(),
                config: kind.default_config(),
                position: *at,
                frame,
            })
        }
        Change::AddSite => {
            let mut add = |name: &str, kind: Kind| Component {
                id: ComponentId(design.fresh_id()),
                name: name.to_owned(),
                config: kind.default_config(),
                position: Point::default(),
                frame: None,
            };
            let (users, server) = (add("Visitors", Kind::Users), add("Site", Kind::Server));
            let link = Link {
                id: LinkId(design.fresh_id()),
                from: users.id,
                to: server.id,
                role: LinkRole::Requests,
                config: LinkConfig::default(),
            };
            Edit::Batch(vec![Edit::AddComponent(users), Edit::AddComponent(server), Edit::AddLink(link)])
        }
        Change::AddLink { from, to, role, forwards } => {
            let (from, from_kind) = pick_component(design, *from)?;
            let targets: Vec<(ComponentId, &[LinkRole])> = design
                .components()
                .filter(|target| !forwards || target.id > from)
                .map(|target| (target.id, from_kind.roles_to(target.config.kind())))
                .filter(|(_, roles)| !roles.is_empty())
                .collect();
            let (to, roles) = *pick(&targets, *to)?;
            let role = *pick(roles, *role)?;
            Edit::AddLink(Link { id: LinkId(design.fresh_id()), from, to, role, config: LinkConfig::default() })
        }
        Change::AddFrame { kind, name, area } => Edit::AddFrame(Frame {
            id: FrameId(design.fresh_id()),
            name: name.clone(),
            kind: *kind,
            area: *area,
            config: FrameConfig::default(),
        }),
        Change::RemoveComponent(id) => Edit::RemoveComponent(pick_component(design, *id)?.0),
        Change::RemoveLink(id) => Edit::RemoveLink(pick_link(design, *id)?),
        Change::RemoveFrame(id) => Edit::RemoveFrame(pick_frame(design, *id)?),
        Change::Move(id, at) => Edit::Move(pick_component(design, *id)?.0, *at),
        Change::SetFrame(id, frame) => {
            let frame = frame.and_then(|frame| pick_frame(design, frame));
            Edit::SetFrame(pick_component(design, *id)?.0, frame)
        }
        Change::SetArea(id, area) => Edit::SetArea(pick_frame(design, *id)?, *area),
        Change::Rename(id, name) => Edit::Rename(pick_component(design, *id)?.0, name.clone()),
        Change::RenameFrame(id, name) => Edit::RenameFrame(pick_frame(design, *id)?, name.clone()),
        Change::SetParameter { component, field, value } => {
            let id = pick_component(design, *component)?.0;
            let fields = design.component(id)?.config.fields();
            let field = pick(&fields, *field)?;
            Edit::SetParameter(id, field.key, value_of(field, *value))
        }
        Change::SetLinkParameter { link, field, value } => {
            let id = pick_link(design, *link)?;
            let fields = LinkConfig::default().fields();
            let field = pick(&fields, *field)?;
            Edit::SetLinkParameter(id, field.key, value_of(field, *value))
        }
        Change::SetRole(id, role) => {
            let id = pick_link(design, *id)?;
            let link = design.link(id)?;
            let kind = |id| design.component(id).map(|component| component.config.kind());
            Edit::SetRole(id, *pick(kind(link.from)?.roles_to(kind(link.to)?), *role)?)
        }
        Change::SetSettings { title, users, objective, traffic, script } => {
            let script = script
                .iter()
                .filter_map(|&(at_secs, target, action)| {
                    let (id, _) = pick_component(design, target)?;
                    let fault = FaultKind::ALL[usize::from(action / 8) % FaultKind::ALL.len()];
                    let action = match action % 8 {
                        0 => Action::Kill(id),
                        1 => Action::KillInstance(id, u32::from(action / 100)),
                        2 => Action::Restore(id),
                        3 => Action::Inject { target: Target::Component(id), fault: fault.with_defaults() },
                        4 => Action::Clear { target: Target::Component(id), fault: Some(fault) },
                        5 => Action::Clear { target: Target::Component(id), fault: None },
                        _ => Action::SetUsers(u64::from(action)),
                    };
                    Some(ScriptEvent { at_secs, action })
                })
                .collect();
            Edit::SetSettings(Settings {
                title: title.clone(),
                users: *users,
                objective: *objective,
                traffic: Traffic(traffic.clone()),
                script,
            })
        }
        Change::Batch(changes, fails) => {
            // Each part is chosen for the drawing as the parts before leave it.
            let mut copy = design.clone();
            let mut edits = Vec::new();
            for change in changes {
                if let Some(edit) = edit(&mut copy, change)
                    && copy.apply(edit.clone()).is_ok()
                {
                    edits.push(edit);
                }
            }
            if *fails {
                edits.push(Edit::RemoveComponent(ComponentId(u32::MAX)));
            }
            Edit::Batch(edits)
        }
    })
}

/// The drawing that `changes` make of an empty one; those that cannot be made are left out.
pub fn drawn(changes: &[Change]) -> Design {
    let mut design = Design::new();
    for change in changes {
        if let Some(edit) = edit(&mut design, change) {
            // A refusal leaves the drawing as it was, which is what is wanted here.
            let _refused = design.apply(edit);
        }
    }
    design
}

fn value_of(field: &Field, draw: Draw) -> Value {
    let between = |min: f64, max: f64| min + (max - min) * draw.share;
    match field.control {
        Control::Number { optional: true, .. } if draw.choice.is_multiple_of(4) => Value::Off,
        Control::Number { min, max, whole: true, .. } => Value::Number(between(min, max).round()),
        Control::Number { min, max, .. } => Value::Number(between(min, max)),
        Control::Choice(words) => Value::Choice(words[usize::from(draw.choice) % words.len()]),
        Control::Flag => Value::Flag(draw.choice.is_multiple_of(2)),
        Control::Time { min, max } => {
            let mean_secs = between(min, max);
            Value::Time(match draw.choice % 6 {
                0 => Distribution::Constant { mean_secs },
                1 => Distribution::Exponential { mean_secs },
                2 => Distribution::Lognormal { mean_secs, cv: 20.0 * draw.share },
                3 => Distribution::Erlang { mean_secs, stages: 1 + u32::from(draw.choice) % 64 },
                4 => Distribution::Uniform { min_secs: mean_secs / 3.0, max_secs: mean_secs },
                _ => Distribution::BoundedPareto {
                    min_secs: mean_secs / 7.0 + 1e-9,
                    max_secs: mean_secs + 1e-9,
                    alpha: 1.1,
                },
            })
        }
    }
}

fn pick<T>(all: &[T], index: Index) -> Option<&T> {
    (!all.is_empty()).then(|| index.get(all))
}

fn pick_component(design: &Design, index: Index) -> Option<(ComponentId, Kind)> {
    let all: Vec<_> = design.components().map(|component| (component.id, component.config.kind())).collect();
    pick(&all, index).copied()
}

fn pick_link(design: &Design, index: Index) -> Option<LinkId> {
    pick(&design.links().map(|link| link.id).collect::<Vec<_>>(), index).copied()
}

fn pick_frame(design: &Design, index: Index) -> Option<FrameId> {
    pick(&design.frames().map(|frame| frame.id).collect::<Vec<_>>(), index).copied()
}
