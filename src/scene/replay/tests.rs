use super::*;
use crate::ids::ComponentId;
use crate::scene::route::CARD_WIDTH;
use crate::scene::tests::three_in_a_row;
use crate::sim::snapshot::RequestClass;
use crate::units::{SimDuration, SimTime};

fn at(millis: f64) -> SimTime {
    SimTime::from_secs_f64(millis / 1000.0)
}

fn lasting(millis: f64) -> SimDuration {
    SimDuration::from_secs_f64(millis / 1000.0)
}

/// A request to the server, which waits there, works, and asks the database once.
fn trace(request: u64, waited: f64) -> Trace {
    let span = |link, component, times: [f64; 4], waited, served| Span {
        parent: None,
        link: LinkId(link),
        component: ComponentId(component),
        instance: 0,
        sent: at(times[0]),
        arrived: at(times[1]),
        waited: lasting(waited),
        served: lasting(served),
        finished: at(times[2]),
        answered: at(times[3]),
        outcome: Outcome::Answered,
        hit: None,
        stale: false,
    };
    let done = 20.0 + waited;
    let database = span(5, 3, [done, done + 0.25, done + 3.25, done + 3.5], 0.0, 3.0);
    let server = span(4, 2, [0.0, 10.0, done + 3.5, done + 13.5], waited, 10.0);
    Trace {
        request,
        class: RequestClass::Read,
        users: ComponentId(1),
        wanted: at(0.0),
        ended: at(done + 13.5),
        outcome: Outcome::Answered,
        stale: false,
        spans: vec![database, server],
    }
}

fn snapshot(secs: f64, traces: Vec<Trace>) -> Snapshot {
    Snapshot { now: SimTime::from_secs_f64(secs), traces, trace_stride: 4, ..Snapshot::default() }
}

/// Plays one trace to its end; for each frame of 10 ms, its dots.
fn play(replay: &mut Replay, trace: Trace) -> Vec<Vec<Dot>> {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    replay.advance(0.0, true, &layout);
    replay.take_in(&snapshot(1.0, vec![trace]), &design, &layout, 0.0);
    let mut frames = Vec::new();
    for frame in 0..6000 {
        replay.advance(f64::from(frame) * 10.0, true, &layout);
        frames.push(replay.dots().to_vec());
        if replay.is_empty() {
            break;
        }
    }
    assert!(replay.is_empty(), "everything comes to an end");
    frames
}

#[test]
fn one_dot_goes_there_waits_and_comes_back_without_ever_jumping() {
    let frames = play(&mut Replay::default(), trace(0, 30.0));
    let layout = Layout::of(&three_in_a_row());
    for frame in &frames {
        assert!(frame.len() <= 1, "a request is in one place at a time: {frame:?}");
    }
    let marks: Vec<Mark> = frames.iter().flatten().map(|dot| dot.mark).collect();
    let mut order = marks.clone();
    order.dedup();
    // To the server, to the database; back from the database, back from the server.
    assert_eq!(order, [Mark::Request, Mark::Answer]);
    let near_users = layout.routes[&LinkId(4)].at(0.0);
    let (first, last) = (frames.iter().flatten().next().unwrap(), frames.iter().flatten().last().unwrap());
    assert!(first.at.distance(near_users) < 8.0 && last.at.distance(near_users) < 8.0);
    for pair in frames.windows(2) {
        if let ([before], [after]) = (&pair[0][..], &pair[1][..]) {
            // Through a card it goes unseen.
            assert!(before.at.distance(after.at) < 40.0 + CARD_WIDTH, "{before:?} {after:?}");
        }
    }
}

#[test]
fn who_waits_twice_as_long_is_seen_to_wait_twice_as_long() {
    let mut replay = Replay::default();
    // Learns the usual pace first.
    play(&mut replay, trace(0, 30.0));
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut waits = |waited| {
        replay.timeline.lay_out(&trace(1, waited), &layout);
        let server = &trace(1, waited).spans[1];
        replay.timeline.of(server).waits
    };
    let (one, two) = (waits(15.0), waits(30.0));
    assert!(one > 100.0, "{one}");
    assert!((two / one - 2.0).abs() < 1e-6, "{one} {two}");
}

#[test]
fn dots_rest_while_the_run_rests() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut replay = Replay::default();
    replay.advance(0.0, true, &layout);
    replay.take_in(&snapshot(1.0, vec![trace(0, 30.0)]), &design, &layout, 0.0);
    replay.advance(90.0, true, &layout);
    let before = replay.dots().to_vec();
    assert_eq!(before.len(), 1);
    replay.advance(5000.0, false, &layout);
    assert_eq!(replay.dots(), before);
}

#[test]
fn many_requests_are_thinned_out_and_the_legend_says_so() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut replay = Replay::default();
    for batch in 0..200 {
        let traces = (0..50).map(|position| trace(batch * 50 + position, 1.0)).collect();
        let now_ms = batch as f64 * 33.0;
        replay.take_in(&snapshot(1.0 + batch as f64, traces), &design, &layout, now_ms);
        replay.advance(now_ms, true, &layout);
    }
    let legend = replay.legend(1.0).unwrap();
    assert!(legend.requests_per_dot >= 16 && legend.requests_per_dot % 4 == 0, "{legend:?}");
    assert!(replay.dots().len() < 1500, "{}", replay.dots().len());
    assert!(replay.dots().len() > 50, "{}", replay.dots().len());
}

#[test]
fn failures_are_seen_where_they_happen() {
    let mut refused = trace(0, 0.0);
    refused.spans = vec![Span { outcome: Outcome::Refused, ..refused.spans[1].clone() }];
    let frames = play(&mut Replay::default(), refused);
    assert!(frames.iter().flatten().any(|dot| dot.mark == Mark::Refused && dot.ink == Ink::Saturated));

    let mut in_vain = trace(0, 0.0);
    in_vain.spans = vec![Span { outcome: Outcome::TimedOut, finished: at(9000.0), ..in_vain.spans[1].clone() }];
    let frames = play(&mut Replay::default(), in_vain);
    let layout = Layout::of(&three_in_a_row());
    let mark = frames.iter().flatten().find(|dot| dot.mark == Mark::TimedOut).expect("a timeout is seen");
    assert!(mark.at.distance(layout.routes[&LinkId(4)].at(0.0)) < 10.0, "at the caller");
}

#[test]
fn another_run_starts_with_an_empty_picture() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut replay = Replay::default();
    replay.take_in(&snapshot(50.0, vec![trace(0, 30.0)]), &design, &layout, 0.0);
    replay.take_in(&snapshot(0.1, Vec::new()), &design, &layout, 50.0);
    assert!(replay.is_empty());
}

/// A snapshot in slow motion, with a request on its way to the server.
fn slow(now: f64, under_way: Vec<Trace>) -> Snapshot {
    Snapshot { now: at(now), in_flight: under_way.len() as u64, under_way: Some(under_way), ..Snapshot::default() }
}

#[test]
fn in_slow_motion_a_dot_is_where_its_request_is() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let route = &layout.routes[&LinkId(4)];
    let mut request = trace(1, 0.0);
    request.spans.remove(0);
    // Sent at 0, there at 10 ms, done at some time that is not known yet.
    (request.spans[0].finished, request.spans[0].answered) = (SimTime::NEVER, SimTime::NEVER);
    let mut replay = Replay::default();
    replay.take_in(&slow(2.0, vec![request.clone()]), &design, &layout, 1000.0);
    replay.take_in(&slow(6.0, vec![request.clone()]), &design, &layout, 1100.0);
    // Halfway from the one snapshot to the other.
    replay.advance(1150.0, true, &layout);
    let legend = replay.legend(0.01).unwrap();
    assert_eq!((legend.requests_per_dot, legend.is_exact), (1, true));
    assert!((legend.slowness - 100.0).abs() < 1e-9);
    let [dot] = replay.dots() else { panic!("{:?}", replay.dots()) };
    assert!(dot.at.distance(route.at(0.4)) < 2.0 * LANE, "{dot:?}");
    // It arrives, stays, and is gone when it is told of no more.
    replay.take_in(&slow(12.0, vec![request]), &design, &layout, 1200.0);
    replay.advance(1300.0, true, &layout);
    let [dot] = replay.dots() else { panic!("{:?}", replay.dots()) };
    assert!(dot.at.distance(route.at(1.0)) < 25.0 && dot.mark == Mark::Request, "{dot:?}");
    replay.take_in(&slow(14.0, Vec::new()), &design, &layout, 1300.0);
    replay.advance(1400.0, true, &layout);
    assert!(replay.dots().is_empty());
}

#[test]
fn in_slow_motion_an_answer_comes_back_and_a_failure_stays_to_be_seen() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut coming_back = trace(1, 0.0);
    coming_back.spans.remove(0);
    (coming_back.spans[0].finished, coming_back.spans[0].answered) = (at(20.0), at(30.0));
    let mut refused = trace(2, 0.0);
    refused.spans.remove(0);
    (refused.spans[0].finished, refused.spans[0].answered) = (at(10.0), at(22.0));
    refused.spans[0].outcome = Outcome::Refused;
    let mut replay = Replay::default();
    replay.take_in(&slow(21.0, vec![coming_back.clone()]), &design, &layout, 0.0);
    let ended = Snapshot { traces: vec![refused], ..slow(25.0, vec![coming_back]) };
    replay.take_in(&ended, &design, &layout, 100.0);
    replay.advance(200.0, true, &layout);
    let marks: Vec<Mark> = replay.dots().iter().map(|dot| dot.mark).collect();
    assert_eq!(marks, [Mark::Answer, Mark::Refused]);
    let halfway = layout.routes[&LinkId(4)].at(0.5);
    assert!(replay.dots()[0].at.distance(halfway) < 2.0 * LANE);
    replay.advance(200.0 + FAILURE_MS + 1.0, true, &layout);
    assert!(replay.dots().iter().all(|dot| dot.mark == Mark::Answer));
}

#[test]
fn a_dot_leads_to_its_request() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut replay = Replay::default();
    replay.advance(0.0, true, &layout);
    replay.take_in(&snapshot(1.0, vec![trace(7, 30.0)]), &design, &layout, 0.0);
    replay.advance(90.0, true, &layout);
    let at = replay.dots()[0].at;
    assert_eq!(replay.request_near(at.offset(2.0, 2.0), 5.0, &layout), Some(7));
    assert_eq!(replay.request_near(at.offset(20.0, 0.0), 5.0, &layout), None);
    assert_eq!(replay.places_of(7, &layout).collect::<Vec<_>>(), [at]);
    assert_eq!(replay.places_of(8, &layout).count(), 0);
}

#[test]
fn in_slow_motion_a_dot_leads_to_its_request_too() {
    let design = three_in_a_row();
    let layout = Layout::of(&design);
    let mut replay = Replay::default();
    let mut coming = trace(9, 0.0);
    coming.spans.remove(0);
    replay.advance(0.0, true, &layout);
    for (now, frame_ms) in [(3.0, 0.0), (5.0, 100.0)] {
        replay.take_in(&slow(now, vec![coming.clone()]), &design, &layout, frame_ms);
    }
    replay.advance(150.0, true, &layout);
    let at = replay.dots()[0].at;
    assert_eq!(replay.request_near(at.offset(1.0, -2.0), 5.0, &layout), Some(9));
    assert_eq!(replay.places_of(9, &layout).collect::<Vec<_>>(), [at]);
}
