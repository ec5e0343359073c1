//! No event allocates: memory is asked for when there is more of something than ever before, at the ends of intervals and
//! for sampled traces, but not for an event.
//!
//! A binary of its own, because it counts every allocation of the process.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use headroom::design::examples::Example;
use headroom::network::compile;
use headroom::sim::Simulation;
use headroom::units::{SimDuration, SimTime};

/// The system's allocator, which counts what it is asked for.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
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
        let (mut allocations, mut events) = (0, 0);
        for interval in 0..INTERVALS {
            // Intervals are 100 ms long; samples are made at their ends.
            let begin = SimTime::ZERO + SimDuration::from_millis(WARM_UP_SECS * 1000 + interval * 100);
            simulation.advance(begin);
            let before = (ALLOCATIONS.load(Ordering::Relaxed), simulation.events());
            simulation.advance(begin + SimDuration::from_millis(99));
            allocations += ALLOCATIONS.load(Ordering::Relaxed) - before.0;
            events += simulation.events() - before.1;
        }
        assert!(events > 100_000, "{events} events prove nothing");
        assert!(allocations <= growths, "{allocations} in {events} events");
    }
}
