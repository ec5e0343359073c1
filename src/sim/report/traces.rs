//! Single requests of a run with all their spans: some chosen without bias, and the slowest of all.
//!
//! The run is made once more with every request traced. Tracing draws from no random stream and changes nothing, so
//! these are the very requests that the report counted.

use serde::Serialize;

use super::RunOptions;
use crate::network::Network;
use crate::sim::Simulation;
use crate::sim::snapshot::{Span, Trace};
use crate::units::{SimDuration, SimTime};

/// Simulated time between two looks at what has been traced: few enough requests end in it to be kept meanwhile.
const LOOK: SimDuration = SimDuration::from_millis(1);

/// Traced requests of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Traces {
    /// Chosen without bias: every so-manieth request, in order of their beginning.
    pub sampled: Vec<RequestTrace>,
    /// The slowest, the slowest first.
    pub slowest: Vec<RequestTrace>,
}

/// A request and everything that was done for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RequestTrace {
    /// Number of the request in the run, from 0.
    pub request: u64,
    /// What it wanted: `read`, `write`, `static` …
    pub class: String,
    /// The users that sent it, as `c1`.
    pub users: String,
    /// When the user wanted the answer [s since the start].
    pub wanted_secs: f64,
    /// Until the user had it, or gave up [s].
    pub latency_secs: f64,
    /// How it ended.
    pub outcome: String,
    /// Its spans, in the order in which they were sent.
    pub spans: Vec<RequestSpan>,
}

/// One visit of a request to a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RequestSpan {
    /// Position of the span that called; null for calls by the user.
    pub parent: Option<u32>,
    /// Where it went, as `c3`.
    pub component: String,
    /// Which instance, from 0.
    pub instance: u32,
    /// When the caller sent it [s since the user wanted the answer].
    pub sent_secs: f64,
    /// Until the caller had the answer [s].
    pub duration_secs: f64,
    /// Of it, waiting there for a slot or a core [s].
    pub waiting_secs: f64,
    /// Of it, in service there [s].
    pub service_secs: f64,
    /// Of it, on the way there and back [s].
    pub network_secs: f64,
    /// How it ended.
    pub outcome: String,
    /// For a look-up in a cache, whether it was a hit.
    pub hit: Option<bool>,
    /// Whether what it answered was out of date.
    pub stale: bool,
}

impl From<&Trace> for RequestTrace {
    fn from(trace: &Trace) -> Self {
        Self {
            request: trace.request,
            class: trace.class.key().to_owned(),
            users: trace.users.to_string(),
            wanted_secs: trace.wanted.as_secs_f64(),
            latency_secs: latency(trace).as_secs_f64(),
            outcome: trace.outcome.key().to_owned(),
            spans: trace.spans.iter().map(|span| request_span(span, trace.wanted)).collect(),
        }
    }
}

fn request_span(span: &Span, wanted: SimTime) -> RequestSpan {
    let there = span.arrived.since(span.sent);
    let back = span.answered.since(span.finished);
    RequestSpan {
        parent: span.parent,
        component: span.component.to_string(),
        instance: span.instance,
        sent_secs: span.sent.since(wanted).as_secs_f64(),
        duration_secs: span.answered.since(span.sent).as_secs_f64(),
        waiting_secs: span.waited.as_secs_f64(),
        service_secs: span.served.as_secs_f64(),
        network_secs: (there + back).as_secs_f64(),
        outcome: span.outcome.key().to_owned(),
        hit: span.hit,
        stale: span.stale,
    }
}

fn latency(trace: &Trace) -> SimDuration {
    trace.ended.since(trace.wanted)
}

/// Up to `count` requests chosen without bias among those that ended in the measured time, and the `count` slowest of
/// them. `progress` is called now and then with the share of simulated time done, 0 to 1.
pub fn traces(network: Network, options: &RunOptions, count: usize, mut progress: impl FnMut(f64)) -> Traces {
    let mut simulation = Simulation::new(Network { users: options.users, ..network }, options.seed);
    simulation.set_trace_rate(f64::INFINITY);
    let start = SimTime::ZERO + options.warm_up;
    let end = start + options.duration;
    simulation.advance(start);
    simulation.take_traces();
    let (mut sampled, mut slowest): (Vec<Trace>, Vec<Trace>) = (Vec::new(), Vec::new());
    let mut stride = 1;
    while simulation.now() < end {
        simulation.advance(end.min(simulation.now() + LOOK));
        for trace in simulation.take_traces() {
            if trace.request.is_multiple_of(stride) {
                sampled.push(trace.clone());
            }
            slowest.push(trace);
        }
        while sampled.len() > 2 * count.max(1) {
            stride *= 2;
            sampled.retain(|trace| trace.request.is_multiple_of(stride));
        }
        if slowest.len() > 4 * count {
            keep_slowest(&mut slowest, count);
        }
        progress(simulation.now().as_secs_f64() / end.as_secs_f64());
    }
    keep_slowest(&mut slowest, count);
    sampled.sort_by_key(|trace| trace.request);
    // Evenly spread again down to the number asked for.
    let excess = sampled.len().div_ceil(count.max(1)).max(1);
    Traces {
        sampled: sampled.iter().step_by(excess).take(count).map(RequestTrace::from).collect(),
        slowest: slowest.iter().map(RequestTrace::from).collect(),
    }
}

fn keep_slowest(traces: &mut Vec<Trace>, count: usize) {
    traces.sort_by_key(|trace| (core::cmp::Reverse(latency(trace)), trace.request));
    traces.truncate(count);
}
