//! The script of a design as blocks on a timeline, and its curve of traffic as points: what is there, and what comes of
//! moving, resizing, adding and removing. Everything gives a new script or a new curve; the shell makes an edit of it.

use crate::design::fault::{Fault, FaultKind};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::traffic::{Pattern, Traffic};
use crate::sorted;

/// Shortest block, and least distance of two points [s].
pub const SHORTEST_SECS: f64 = 0.1;
/// Greatest multiple of demand that a point can be dragged to.
pub const GREATEST_FACTOR: f64 = 100.0;
/// Times are rounded to this [s].
const GRID_SECS: f64 = 0.1;

/// Something of the script that begins and may end.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Position of its begin in the script.
    pub begin: usize,
    /// Position of its end; `None` if nothing ends it.
    pub end: Option<usize>,
    /// When it begins [s].
    pub from_secs: f64,
    /// When it ends [s]; `None` if nothing ends it.
    pub until_secs: Option<f64>,
    /// What it is about; `None` for the users.
    pub target: Option<Target>,
}

/// What of a block is being moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// Its begin.
    Begin,
    /// All of it.
    Whole,
    /// Its end.
    End,
}

/// The blocks of a script, in order of their begins. An end that belongs to no begin is a block of its own.
pub fn blocks(script: &[ScriptEvent]) -> Vec<Block> {
    let mut is_end = vec![false; script.len()];
    let mut blocks: Vec<Block> = Vec::new();
    for (position, event) in script.iter().enumerate() {
        if is_end[position] {
            continue;
        }
        let end =
            (position + 1..script.len()).find(|&later| !is_end[later] && ends(&event.action, &script[later].action));
        if let Some(end) = end {
            is_end[end] = true;
        }
        blocks.push(Block {
            begin: position,
            end,
            from_secs: event.at_secs,
            until_secs: end.map(|end| script[end].at_secs),
            target: target(&event.action),
        });
    }
    blocks
}

/// What an action is about; `None` for the users.
pub const fn target(action: &Action) -> Option<Target> {
    match action {
        Action::SetUsers(_) => None,
        Action::Kill(id) | Action::Restore(id) | Action::Deploy(id) | Action::RestoreBackup(id) => {
            Some(Target::Component(*id))
        }
        Action::KillInstance(id, instance) => Some(Target::Instance(*id, *instance)),
        Action::Inject { target, .. } | Action::Clear { target, .. } | Action::SetParameter { target, .. } => {
            Some(*target)
        }
    }
}

/// Whether an action puts right what another one did.
fn ends(begin: &Action, end: &Action) -> bool {
    match (begin, end) {
        (Action::Kill(id) | Action::KillInstance(id, _), Action::Restore(restored)) => id == restored,
        (Action::Inject { target, fault }, Action::Clear { target: cleared, fault: kind }) => {
            target == cleared && kind.is_none_or(|kind| kind == fault.kind())
        }
        (Action::Inject { target: Target::Component(id), fault: Fault::Crash }, Action::Restore(restored)) => {
            id == restored
        }
        _ => false,
    }
}

/// The script with a block, or one end of it, moved to begin or end at `to_secs`.
pub fn moved(script: &[ScriptEvent], block: &Block, grip: Grip, to_secs: f64) -> Vec<ScriptEvent> {
    let to = rounded(to_secs);
    let mut script = script.to_vec();
    match (grip, block.end.zip(block.until_secs)) {
        (Grip::Whole | Grip::Begin, None) => script[block.begin].at_secs = to,
        (Grip::Whole, Some((end, until))) => {
            script[block.begin].at_secs = to;
            script[end].at_secs = rounded(to + until - block.from_secs);
        }
        (Grip::Begin, Some((_, until))) => script[block.begin].at_secs = to.min(until - SHORTEST_SECS).max(0.0),
        (Grip::End, Some((end, _))) => script[end].at_secs = to.max(block.from_secs + SHORTEST_SECS),
        // What nothing ends yet gets an end.
        (Grip::End, None) => {
            if let Some(action) = end_of(&script[block.begin].action) {
                script.push(ScriptEvent { at_secs: to.max(block.from_secs + SHORTEST_SECS), action });
            }
        }
    }
    in_order(script)
}

/// The script without a block.
pub fn removed(script: &[ScriptEvent], block: &Block) -> Vec<ScriptEvent> {
    let stays = |position: usize| position != block.begin && Some(position) != block.end;
    script.iter().enumerate().filter(|&(position, _)| stays(position)).map(|(_, event)| event.clone()).collect()
}

/// The script with a fault from `from_secs` on, for a while if it is one that lasts.
pub fn with_fault(
    script: &[ScriptEvent],
    target: Target,
    kind: FaultKind,
    from_secs: f64,
    secs: f64,
) -> Vec<ScriptEvent> {
    let mut script = script.to_vec();
    let action = Action::Inject { target, fault: kind.with_defaults() };
    let end = end_of(&action);
    let from = rounded(from_secs);
    script.push(ScriptEvent { at_secs: from, action });
    if let Some(action) = end {
        script.push(ScriptEvent { at_secs: rounded(from + secs.max(SHORTEST_SECS)), action });
    }
    in_order(script)
}

/// What puts right what an action does; `None` where there is nothing to put right.
fn end_of(action: &Action) -> Option<Action> {
    match action {
        Action::Kill(id) | Action::KillInstance(id, _) => Some(Action::Restore(*id)),
        Action::Inject { target, fault } => match fault.kind() {
            // Over in a moment, or by themselves.
            FaultKind::Flush | FaultKind::Disconnect | FaultKind::Restart => None,
            kind => Some(Action::Clear { target: *target, fault: Some(kind) }),
        },
        Action::SetUsers(_)
        | Action::Restore(_)
        | Action::Deploy(_)
        | Action::RestoreBackup(_)
        | Action::Clear { .. }
        | Action::SetParameter { .. } => None,
    }
}

/// The points of a curve that can be dragged; `None` if it has none.
pub fn points(traffic: &Traffic) -> Option<&[(f64, f64)]> {
    traffic.0.iter().find_map(|pattern| match pattern {
        Pattern::Points { points, .. } => Some(points.as_slice()),
        _ => None,
    })
}

/// The curve with other points; a curve without any gets them on top of its patterns.
pub fn with_points(traffic: &Traffic, new: Vec<(f64, f64)>) -> Traffic {
    let mut traffic = traffic.clone();
    let known = traffic.0.iter_mut().find_map(|pattern| match pattern {
        Pattern::Points { points, .. } => Some(points),
        _ => None,
    });
    match known {
        Some(points) => *points = new,
        None => traffic.0.push(Pattern::Points { points: new, repeats: false }),
    }
    traffic
}

/// The curve without its points.
pub fn without_points(traffic: &Traffic) -> Traffic {
    let stays = |pattern: &&Pattern| !matches!(pattern, Pattern::Points { .. });
    Traffic(traffic.0.iter().filter(stays).cloned().collect())
}

/// Points with one of them moved; it stays between its neighbours.
pub fn point_moved(points: &[(f64, f64)], index: usize, (secs, factor): (f64, f64)) -> Vec<(f64, f64)> {
    let mut points = points.to_vec();
    let least = index.checked_sub(1).map_or(0.0, |before| points[before].0 + SHORTEST_SECS);
    let most = points.get(index + 1).map_or(f64::INFINITY, |after| after.0 - SHORTEST_SECS);
    if let Some(point) = points.get_mut(index) {
        let factor = (factor * 100.0).round() / 100.0;
        *point = (rounded(secs).min(most).max(least), factor.clamp(0.0, GREATEST_FACTOR));
    }
    points
}

/// Points with another one; none if there is one at that time already.
pub fn point_added(points: &[(f64, f64)], (secs, factor): (f64, f64)) -> Vec<(f64, f64)> {
    let secs = rounded(secs);
    let mut points = points.to_vec();
    if points.iter().all(|point| (point.0 - secs).abs() >= SHORTEST_SECS) {
        let place = points.partition_point(|point| point.0 < secs);
        points.insert(place, (secs, (factor * 100.0).round().clamp(0.0, GREATEST_FACTOR * 100.0) / 100.0));
    }
    points
}

/// Points without one of them; two always stay.
pub fn point_removed(points: &[(f64, f64)], index: usize) -> Vec<(f64, f64)> {
    let mut points = points.to_vec();
    if points.len() > 2 && index < points.len() {
        points.remove(index);
    }
    points
}

/// How long the timeline has to be for a script, a curve and the present moment [s].
pub fn length_secs(script: &[ScriptEvent], traffic: &Traffic, now_secs: f64) -> f64 {
    let last = script.iter().map(|event| event.at_secs).fold(0.0, f64::max);
    let last = points(traffic).and_then(<[_]>::last).map_or(last, |point| last.max(point.0));
    let wanted = (last * 1.15).max(now_secs * 1.05);
    [60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0]
        .into_iter()
        .find(|&length| length >= wanted)
        .unwrap_or(wanted)
}

fn rounded(secs: f64) -> f64 {
    ((secs.max(0.0) / GRID_SECS).round() * GRID_SECS * 1e6).round() / 1e6
}

fn in_order(mut script: Vec<ScriptEvent>) -> Vec<ScriptEvent> {
    sorted::sort_by(&mut script, |a, b| a.at_secs.total_cmp(&b.at_secs));
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::edit::Edit;
    use crate::design::{Design, Settings};
    use crate::ids::{ComponentId, LinkId};

    const SERVER: Target = Target::Component(ComponentId(1));
    const WAY: Target = Target::Link(LinkId(9));

    fn script() -> Vec<ScriptEvent> {
        let script = with_fault(&[], SERVER, FaultKind::Slow, 10.0, 20.0);
        with_fault(&script, WAY, FaultKind::Partition, 15.0, 5.0)
    }

    fn spans(script: &[ScriptEvent]) -> Vec<(f64, Option<f64>)> {
        blocks(script).iter().map(|block| (block.from_secs, block.until_secs)).collect()
    }

    #[test]
    fn begins_find_their_ends() {
        assert_eq!(spans(&script()), [(10.0, Some(30.0)), (15.0, Some(20.0))]);
        let killed =
            [(5.0, Action::Kill(ComponentId(1))), (6.0, Action::SetUsers(7)), (9.0, Action::Restore(ComponentId(1)))];
        let killed = killed.map(|(at_secs, action)| ScriptEvent { at_secs, action });
        assert_eq!(spans(&killed), [(5.0, Some(9.0)), (6.0, None)]);
        assert_eq!(spans(&with_fault(&[], SERVER, FaultKind::Flush, 3.0, 9.0)), [(3.0, None)]);
    }

    #[test]
    fn blocks_are_moved_resized_and_removed() {
        let script = script();
        let slow = blocks(&script)[0].clone();
        assert_eq!(spans(&moved(&script, &slow, Grip::Whole, 40.04)), [(15.0, Some(20.0)), (40.0, Some(60.0))]);
        assert_eq!(spans(&moved(&script, &slow, Grip::Begin, 99.0))[1], (29.9, Some(30.0)));
        assert_eq!(spans(&moved(&script, &slow, Grip::End, 2.0))[0], (10.0, Some(10.1)));
        assert_eq!(spans(&moved(&script, &slow, Grip::Whole, -5.0))[0], (0.0, Some(20.0)));
        assert_eq!(spans(&removed(&script, &slow)), [(15.0, Some(20.0))]);
        let mut endless = script.clone();
        endless.retain(|event| !matches!(event.action, Action::Clear { .. }));
        let block = blocks(&endless)[0].clone();
        assert_eq!(spans(&moved(&endless, &block, Grip::End, 18.0))[0], (10.0, Some(18.0)));
    }

    #[test]
    fn points_stay_in_order_and_make_a_curve_that_a_design_takes() {
        let points = vec![(0.0, 1.0), (30.0, 2.0), (60.0, 1.0)];
        assert_eq!(point_moved(&points, 1, (75.0, 3.0))[1], (59.9, 3.0));
        assert_eq!(point_moved(&points, 0, (-3.0, 500.0))[0], (0.0, GREATEST_FACTOR));
        assert_eq!(point_added(&points, (45.0, 4.0)).len(), 4);
        assert_eq!(point_added(&points, (30.0, 4.0)), points);
        assert_eq!(point_removed(&points, 1), [(0.0, 1.0), (60.0, 1.0)]);
        assert_eq!(point_removed(&points[..2], 1).len(), 2);
        let day = Traffic(vec![Pattern::Constant { factor: 2.0 }]);
        let traffic = with_points(&day, point_moved(&points, 1, (75.0, 3.0)));
        assert_eq!((traffic.check(), traffic.factor(0.0)), (Ok(()), 2.0));
        assert_eq!(without_points(&traffic), day);
        let mut design = Design::new();
        let settings = Settings { traffic, script: script(), ..Settings::default() };
        design.apply(Edit::SetSettings(settings)).expect("both are in order");
    }

    #[test]
    fn the_timeline_is_as_long_as_what_stands_on_it() {
        assert_eq!(length_secs(&[], &Traffic::default(), 5.0), 60.0);
        assert_eq!(length_secs(&script(), &Traffic::default(), 100.0), 120.0);
        assert_eq!(
            length_secs(&script(), &with_points(&Traffic::default(), vec![(0.0, 1.0), (290.0, 1.0)]), 0.0),
            600.0
        );
    }
}
