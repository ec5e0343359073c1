//! Why a sampled request took as long as it did: its spans as a waterfall, the critical path through them, and the one
//! thing that most of its time went into, as a sentence.
//!
//! The critical path is followed from the end: the call that was answered last held its caller up, before it the one that
//! was answered last before that one was sent, and so on, each with the calls that it made itself.

use crate::design::Design;
use crate::format;
use crate::ids::ComponentId;
use crate::sim::snapshot::{Outcome, Span, Trace};
use crate::sorted;
use crate::text::{fill, text};
use crate::units::SimTime;

/// What time can go into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Waiting for a slot or a core.
    Waiting,
    /// Being worked on.
    Service,
    /// On the way, there or back.
    Network,
    /// Waiting for an answer that did not come in time.
    InVain,
    /// Between calls: pauses before repetitions.
    Pause,
}

impl Cause {
    /// Name in texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Service => "service",
            Self::Network => "network",
            Self::InVain => "in_vain",
            Self::Pause => "pause",
        }
    }
}

/// A part of the time that a request took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// What it went into.
    pub cause: Cause,
    /// Where; for the way the component at its end.
    pub component: ComponentId,
    /// How long [s].
    pub secs: f64,
}

/// A line of a waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Position of the span in the trace.
    pub span: usize,
    /// How many calls stand above it.
    pub depth: usize,
    /// Whether it held up the answer.
    pub is_critical: bool,
}

/// The lines of a trace's waterfall: each call below its caller, in the order in which they were sent.
pub fn waterfall(trace: &Trace) -> Vec<Row> {
    let critical = critical_path(trace);
    let mut rows = Vec::with_capacity(trace.spans.len());
    let mut open: Vec<(usize, usize)> = children(trace, None).rev().map(|span| (span, 0)).collect();
    while let Some((span, depth)) = open.pop() {
        rows.push(Row { span, depth, is_critical: critical.contains(&span) });
        open.extend(children(trace, Some(span)).rev().map(|child| (child, depth + 1)));
    }
    rows
}

/// What the time of a trace went into, along its critical path; the greatest part first.
pub fn parts(trace: &Trace) -> Vec<Part> {
    let critical = critical_path(trace);
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |cause, component, secs: f64| {
        if secs <= 0.0 {
            return;
        }
        match parts.iter_mut().find(|part| part.cause == cause && part.component == component) {
            Some(part) => part.secs += secs,
            None => parts.push(Part { cause, component, secs }),
        }
    };
    let total = trace.ended.since(trace.wanted).as_secs_f64();
    let mut explained = 0.0;
    for &position in &critical {
        let span = &trace.spans[position];
        if is_in_vain(span) {
            let secs = span.answered.since(span.sent).as_secs_f64();
            add(Cause::InVain, span.component, secs);
            explained += secs;
            continue;
        }
        let (there, back) = (span.arrived.since(span.sent), span.answered.since(span.finished));
        let pieces = [
            (Cause::Waiting, span.waited.as_secs_f64()),
            (Cause::Service, span.served.as_secs_f64()),
            (Cause::Network, there.as_secs_f64() + back.as_secs_f64()),
        ];
        for (cause, secs) in pieces {
            add(cause, span.component, secs);
            explained += secs;
        }
    }
    // What is left, but for rounding, went by while nothing of it was under way.
    if total - explained > 1e-6 {
        add(Cause::Pause, trace.users, total - explained);
    }
    sorted::sort_by(&mut parts, |a, b| b.secs.total_cmp(&a.secs));
    parts
}

/// Why a request took as long as it did, or failed, in a sentence or two.
pub fn why(trace: &Trace, design: &Design) -> String {
    let total = trace.ended.since(trace.wanted).as_secs_f64();
    let name = |id| design.component(id).map_or_else(|| text("events.gone").to_owned(), |found| found.name.clone());
    let mut sentence = match trace.outcome {
        Outcome::Answered => String::new(),
        outcome => {
            let outcome = format!("outcomes.{}.name", outcome.key());
            fill("traces.failed", &[("total", &format::duration(total)), ("outcome", text(&outcome))]) + " "
        }
    };
    let Some(most) = parts(trace).into_iter().next().filter(|_| total > 0.0) else {
        return sentence + text("traces.why.nothing");
    };
    sentence += &fill(
        &format!("traces.why.{}", most.cause.key()),
        &[
            ("name", &name(most.component)),
            ("time", &format::duration(most.secs)),
            ("total", &format::duration(total)),
            ("share", &format::share((most.secs / total).min(1.0))),
        ],
    );
    sentence
}

/// Positions of the spans that held up the answer.
fn critical_path(trace: &Trace) -> Vec<usize> {
    let mut path = Vec::new();
    let mut open = vec![(None, trace.ended)];
    while let Some((parent, ends)) = open.pop() {
        let mut until = ends;
        let is_before = |span: &Span, until: SimTime| span.answered <= until;
        while let Some(last) = children(trace, parent)
            .filter(|child| !path.contains(child) && is_before(&trace.spans[*child], until))
            .max_by_key(|&child| (trace.spans[child].answered, trace.spans[child].sent))
        {
            let span = &trace.spans[last];
            path.push(last);
            until = span.sent;
            // What happened below somebody who was waited for in vain held nobody up any more.
            if !is_in_vain(span) {
                open.push((Some(last), span.finished));
            }
        }
    }
    path.sort_unstable();
    path
}

/// Whether the caller gave up on it.
const fn is_in_vain(span: &Span) -> bool {
    matches!(span.outcome, Outcome::TimedOut | Outcome::Abandoned)
}

/// Positions of the calls that a span made, or the user, in the order in which they were sent.
fn children(trace: &Trace, parent: Option<usize>) -> impl DoubleEndedIterator<Item = usize> {
    let parent = parent.map(|position| position as u32);
    let spans = trace.spans.iter().enumerate();
    spans.filter(move |(_, span)| span.parent == parent).map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LinkId;
    use crate::scene::tests::three_in_a_row;
    use crate::sim::snapshot::RequestClass;
    use crate::units::SimDuration;

    const SERVER: ComponentId = ComponentId(2);
    const DATABASE: ComponentId = ComponentId(3);

    fn at(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    /// A span with 1 ms of network each way.
    fn span(parent: Option<u32>, component: ComponentId, sent: u64, waited: u64, served: u64, answered: u64) -> Span {
        Span {
            parent,
            link: LinkId(4),
            component,
            instance: 0,
            sent: at(sent),
            arrived: at(sent + 1),
            waited: SimDuration::from_millis(waited),
            served: SimDuration::from_millis(served),
            finished: at(answered - 1),
            answered: at(answered),
            outcome: Outcome::Answered,
            hit: None,
            stale: false,
        }
    }

    fn trace(spans: Vec<Span>, ended: u64) -> Trace {
        Trace {
            request: 8,
            class: RequestClass::Read,
            users: ComponentId(1),
            wanted: at(0),
            ended: at(ended),
            outcome: Outcome::Answered,
            stale: false,
            spans,
        }
    }

    /// A server that works 5 ms, asks a database twice at once, and waits for the slower answer.
    fn usual() -> Trace {
        let spans = vec![
            span(None, SERVER, 0, 2, 5, 60),
            span(Some(0), DATABASE, 8, 1, 4, 15),
            span(Some(0), DATABASE, 8, 40, 8, 58),
        ];
        trace(spans, 60)
    }

    #[test]
    fn the_call_that_ended_last_held_the_answer_up() {
        let rows = waterfall(&usual());
        let told: Vec<_> = rows.iter().map(|row| (row.span, row.depth, row.is_critical)).collect();
        assert_eq!(told, [(0, 0, true), (1, 1, false), (2, 1, true)]);
    }

    #[test]
    fn calls_after_each_other_are_all_critical() {
        let spans = vec![
            span(None, SERVER, 0, 0, 5, 60),
            span(Some(0), DATABASE, 8, 1, 4, 15),
            span(Some(0), DATABASE, 16, 30, 8, 58),
        ];
        assert!(waterfall(&trace(spans, 60)).iter().all(|row| row.is_critical));
    }

    #[test]
    fn parts_add_up_to_the_whole_and_the_greatest_is_told() {
        let trace = usual();
        let parts = parts(&trace);
        assert_eq!((parts[0].cause, parts[0].component), (Cause::Waiting, DATABASE));
        assert!((parts.iter().map(|part| part.secs).sum::<f64>() - 0.06).abs() < 1e-6, "{parts:?}");
        let sentence = why(&trace, &three_in_a_row()).replace(format::THIN_SPACE, " ");
        assert!(sentence.contains("Part 3") && sentence.contains("40 ms") && sentence.contains("60 ms"), "{sentence}");
        assert!(!sentence.contains(['{', '}']), "{sentence}");
    }

    #[test]
    fn an_answer_that_never_came_is_blamed_on_who_was_asked() {
        let mut spans = vec![span(None, SERVER, 0, 0, 5, 1_010), span(Some(0), DATABASE, 6, 900, 0, 1_008)];
        spans[1].outcome = Outcome::TimedOut;
        let mut trace = trace(spans, 1_010);
        trace.outcome = Outcome::TimedOut;
        assert_eq!((parts(&trace)[0].cause, parts(&trace)[0].component), (Cause::InVain, DATABASE));
        let sentence = why(&trace, &three_in_a_row());
        assert!(sentence.contains("Part 3") && !sentence.contains("traces."), "{sentence}");
    }

    #[test]
    fn pauses_between_repetitions_belong_to_nobody() {
        let mut spans = vec![span(None, SERVER, 0, 0, 1, 4), span(None, SERVER, 204, 0, 1, 208)];
        spans[0].outcome = Outcome::Refused;
        let parts = parts(&trace(spans, 208));
        assert_eq!(parts[0].cause, Cause::Pause);
        assert!((parts[0].secs - 0.202).abs() < 2e-3, "{parts:?}");
    }
}
