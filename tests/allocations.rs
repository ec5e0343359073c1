//! No event allocates, and no dot in a frame: memory is asked for when there is more of something than ever before, at the
//! ends of intervals and for sampled traces, but neither for an event nor for painting what moves.
//!
//! A binary of its own, because it counts the allocations of each thread.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use headroom::design::Design;
use headroom::design::examples::Example;
use headroom::network::compile;
use headroom::scene::pixels::Pixels;
use headroom::scene::replay::Replay;
use headroom::scene::{self, Theme};
use headroom::sim::Simulation;
use headroom::sim::snapshot::{Outcome, RequestClass, Snapshot, Span, Trace};
use headroom::units::{SimDuration, SimTime};

/// The system's allocator, which counts what it is asked for.
struct Counting;

thread_local! {
    /// Of this thread: tests run beside each other.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn allocations() -> u64 {
    ALLOCATIONS.get()
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Simulated time before anything is counted [s].
const WARM_UP_SECS: u64 = 30;
/// Intervals looked into.
const INTERVALS: u64 = 100;

#[test]
fn no_event_allocates() {
    // Under writes, tables still grow now and then: when an item is changed that none so rare was changed before.
    for (example, growths) in [(Example::REFERENCE, 0), (Example::REPLICATED, 10)] {
        let network = compile(&example.design()).expect("the examples run");
        let mut simulation = Simulation::new(network, 1);
        // Traces are handed over one by one, and so allocated one by one.
        simulation.set_trace_rate(0.0);
        simulation.advance(SimTime::ZERO + SimDuration::from_secs(WARM_UP_SECS));
        let (mut allocated, mut events) = (0, 0);
        for interval in 0..INTERVALS {
            // Intervals are 100 ms long; samples are made at their ends.
            let begin = SimTime::ZERO + SimDuration::from_millis(WARM_UP_SECS * 1000 + interval * 100);
            simulation.advance(begin);
            let before = (allocations(), simulation.events());
            simulation.advance(begin + SimDuration::from_millis(99));
            allocated += allocations() - before.0;
            events += simulation.events() - before.1;
        }
        assert!(events > 100_000, "{events} events prove nothing");
        assert!(allocated <= growths, "{allocated} in {events} events");
    }
}

/// Dots that a frame is to show at least.
const DOTS: usize = 5_000;
/// Time between two frames [ms].
const FRAME_MS: f64 = 1000.0 / 60.0;

/// Requests under way at `now`, each on the way along one link of `design`, in turn.
fn under_way(design: &Design, now: SimTime, count: usize) -> Vec<Trace> {
    let links: Vec<_> = design.links().collect();
    let (before, after) = (now - SimDuration::from_millis(50), now + SimDuration::from_secs(1));
    let of_link = |(request, link): (usize, &&headroom::design::Link)| Trace {
        request: request as u64,
        class: RequestClass::Read,
        users: link.from,
        wanted: before,
        ended: SimTime::NEVER,
        outcome: Outcome::Answered,
        stale: false,
        spans: vec![Span {
            parent: None,
            link: link.id,
            component: link.to,
            instance: 0,
            sent: before,
            arrived: after,
            waited: SimDuration::ZERO,
            served: SimDuration::ZERO,
            finished: SimTime::NEVER,
            answered: SimTime::NEVER,
            outcome: Outcome::Answered,
            hit: None,
            stale: false,
        }],
    };
    links.iter().cycle().take(count).enumerate().map(of_link).collect()
}

/// Requests that went along the links of `design` one after the other, a tenth of a second each.
fn ended(design: &Design, first: u64, count: u64) -> Vec<Trace> {
    let at = |tenths: f64| SimTime::from_secs_f64(10.0 + tenths / 10.0);
    let spans = |count: usize| {
        let links = design.links().take(count).enumerate();
        links.map(|(position, link)| (position as f64, link)).map(|(tenths, link)| Span {
            parent: None,
            link: link.id,
            component: link.to,
            instance: 0,
            sent: at(tenths),
            arrived: at(tenths + 0.2),
            waited: SimDuration::from_millis(20),
            served: SimDuration::from_millis(30),
            finished: at(tenths + 0.8),
            answered: at(tenths + 1.0),
            outcome: Outcome::Answered,
            hit: None,
            stale: false,
        })
    };
    let of_request = |request| Trace {
        request,
        class: RequestClass::Write,
        users: design.components().next().expect("there are users").id,
        wanted: at(0.0),
        ended: at(10.0),
        outcome: Outcome::Answered,
        stale: false,
        spans: spans(10).collect(),
    };
    (first..first + count).map(of_request).collect()
}

#[test]
fn no_dot_allocates_in_a_frame() {
    let design = Example::REFERENCE.design();
    let layout = scene::Layout::of(&design);
    for is_exact in [true, false] {
        let (mut replay, mut pixels) = (Replay::default(), Pixels::default());
        let (mut allocated, mut frames, mut most, mut now_ms) = (0, 0, 0, 0.0);
        for taken in 0_u32..300 {
            let now = SimTime::from_secs_f64(20.0 + 0.1 * f64::from(taken));
            let (traces, under_way) = if is_exact {
                (Vec::new(), Some(under_way(&design, now, DOTS + 1_000)))
            } else {
                (ended(&design, u64::from(taken) * 30, 30), None)
            };
            let snapshot = Snapshot { now, traces, under_way, trace_stride: 1, ..Snapshot::default() };
            replay.take_in(&snapshot, &design, &layout, now_ms);
            for _ in 0..6 {
                now_ms += FRAME_MS;
                let before = allocations();
                replay.advance(now_ms, true, &layout);
                pixels.begin(900, 450);
                for dot in replay.dots() {
                    pixels.square(dot.at, 3.0, Theme::Light.rgb(dot.ink));
                }
                // At first there is more of everything than ever before.
                if taken >= 200 {
                    allocated += allocations() - before;
                    frames += 1;
                    most = most.max(replay.dots().len());
                }
            }
        }
        let least = if is_exact { DOTS } else { DOTS / 10 };
        assert!(most >= least, "{most} dots prove nothing");
        assert_eq!(allocated, 0, "in {frames} frames of up to {most} dots");
    }
}
