//! Calls: one station working on behalf of a caller. A user's request is the root of a tree of calls; every level holds
//! its place (slot, connection) until the level below has answered.

use super::snapshot::{Outcome, RequestClass};
use crate::network::{LinkIdx, StationIdx};
use crate::units::{SimDuration, SimTime};

/// Position of a call in [`Calls`]; used again after the call is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallIdx(pub u32);

impl CallIdx {
    /// No call.
    pub const NONE: Self = Self(u32::MAX);
}

/// The link of a root: the user's wish came by none.
pub const NO_LINK: LinkIdx = LinkIdx(u32::MAX);

/// Phase of every call of a live connection from when its user knows that it is open.
pub const OPEN: u8 = u8::MAX;

/// A call that may be gone by the time it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRef {
    /// Where it was.
    pub idx: CallIdx,
    /// Which of those that were there.
    pub generation: u32,
}

impl CallRef {
    /// No call.
    pub const NONE: Self = Self { idx: CallIdx::NONE, generation: 0 };
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Serve the user's request, or the part of it that is passed on.
    Serve,
    /// Tell an address.
    Resolve,
    /// Look a value up.
    Get,
    /// Keep a value.
    Set,
    /// Forget a value.
    Delete,
    /// Read rows.
    ReadQuery,
    /// Change rows.
    WriteQuery,
    /// Read one copy of a value.
    ReadCopy,
    /// Write one copy of a value.
    WriteCopy,
    /// Keep a message.
    Publish,
    /// Hand out messages, as soon as there are some.
    Receive,
    /// A message has been dealt with. Which one stands in the version, its receipt in the key.
    Acknowledge,
}

/// Where the time of a call has gone; the rest of it was network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Waiting for slots and cores, before repetitions, and in vain for answers.
    pub waiting: SimDuration,
    /// In service.
    pub service: SimDuration,
}

impl core::ops::AddAssign for Split {
    fn add_assign(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.service += other.service;
    }
}

impl Operation {
    /// Whether it writes what has to last.
    pub const fn changes_data(self) -> bool {
        matches!(self, Self::WriteQuery | Self::WriteCopy | Self::Publish)
    }
}

/// Where a call is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The place is free.
    Gone,
    /// Waits before it is sent again.
    Pausing,
    /// Waits for a connection before it is sent.
    Pooled,
    /// On the way to its station.
    Travelling,
    /// Waits for a slot.
    Waiting,
    /// Waits for a core.
    Ready,
    /// Has a core, or a share of one.
    Serving,
    /// Waits for a call of its own.
    Calling,
    /// On the way back.
    Returning,
    /// Got lost on the way, there or back; its caller does not know yet.
    Lost,
}

/// One call. With many calls in flight, what their records cost is getting at them: two lines of the processor's caches.
///
/// The order of fields matters. What is copied together does not stand together: read as one word just after it was
/// written as two, it would have to wait until both have reached the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct Call {
    /// Grows each time the place is given out.
    pub generation: u32,
    /// Where it is on its way.
    pub stage: Stage,
    /// What it asks for.
    pub operation: Operation,
    /// What the user wants.
    pub class: RequestClass,
    /// How far its station has come with it; the station's own business.
    pub phase: u8,
    /// Who works on it; the users themselves at the root.
    pub station: StationIdx,
    /// How it came; [`NO_LINK`] at the root.
    pub link: LinkIdx,
    /// Who waits for the answer; nobody at the root, and once the caller has given up. Chains free places.
    pub parent: CallRef,
    /// When it arrived.
    pub arrived: SimTime,
    /// When its present stage began.
    pub since: SimTime,
    /// Time spent waiting here so far.
    pub waited: SimDuration,
    /// Time spent in service here so far.
    pub served: SimDuration,
    /// The item that the user asks for.
    pub key: u32,
    /// Its span in the trace.
    pub span: u32,
    /// What the calls that it waited for have spent at stations, theirs included.
    pub below: Split,
    /// When the caller sent it; at the root, when the user wanted the answer.
    pub sent: SimTime,
    /// When its caller gives up.
    pub deadline: SimTime,
    /// The user, as load balancers see them.
    pub client: u32,
    /// A number that its station keeps with it; the station's own business.
    pub memo: u32,
    /// The sampled trace that it belongs to.
    pub trace: u32,
    /// What it answers, where that is not a value: for a resolution the component.
    pub answer: u32,
    /// Repetitions before this one.
    pub attempt: u8,
    /// How it ended, once it has.
    pub outcome: Outcome,
    /// A look-up found a value.
    pub found: bool,
    /// A value that it brings was out of date.
    pub stale: bool,
    /// Something optional is missing in what it brings.
    pub degraded: bool,
    /// It comes from an attacker, which only a firewall may notice.
    pub is_attack: bool,
    /// Version of the value that it brings; of a live connection, how long it is to be open [ms].
    pub version: u32,
    /// Who waits for the answer of its caller; only to be glanced at, because that may be gone.
    pub beyond: CallIdx,
}

/// Places next to one in a list of deadlines.
#[derive(Clone, Copy, Debug)]
struct Neighbours {
    previous: CallIdx,
    next: CallIdx,
}

/// Calls whose records fill the nearest cache.
const MANY: u32 = 256;

/// Callers that are looked at together on the way back: so many records are waited for as long as one.
const LEVELS: u32 = 8;

const ALONE: Neighbours = Neighbours { previous: CallIdx::NONE, next: CallIdx::NONE };

/// All calls in flight, in places that are used again.
#[derive(Clone, Debug)]
pub struct Calls {
    places: Vec<Call>,
    free: CallIdx,
    in_use: u32,
    /// By place, as far as calls there have had deadlines.
    neighbours: Vec<Neighbours>,
    /// Who waits for each call, by place, where that can be found without waiting for the record of the call. Only to be
    /// glanced at, because they may be gone.
    callers: Vec<CallIdx>,
    ahead: Ahead,
}

/// How far an answer that goes back has been looked ahead of.
#[derive(Clone, Copy, Debug)]
struct Ahead {
    /// Whom it comes to next.
    next: CallIdx,
    /// How many from there on need not be looked at.
    left: u32,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: CallIdx::NONE,
            in_use: 0,
            neighbours: Vec::new(),
            callers: Vec::new(),
            ahead: Ahead { next: CallIdx::NONE, left: 0 },
        }
    }
}

impl core::ops::Index<CallIdx> for Calls {
    type Output = Call;

    #[inline]
    fn index(&self, call: CallIdx) -> &Call {
        &self.places[call.0 as usize]
    }
}

impl core::ops::IndexMut<CallIdx> for Calls {
    #[inline]
    fn index_mut(&mut self, call: CallIdx) -> &mut Call {
        &mut self.places[call.0 as usize]
    }
}

impl Calls {
    /// Puts a call into a free place.
    pub fn insert(&mut self, call: Call) -> CallIdx {
        let idx = self.claim();
        let place = &mut self[idx];
        *place = Call { generation: place.generation, ..call };
        self.note_caller(idx, CallIdx::NONE);
        idx
    }

    /// Gives out a free place. Whoever gets it writes a call there at once, of the generation that is there; a call that
    /// was made elsewhere would have to be copied.
    #[inline]
    pub fn claim(&mut self) -> CallIdx {
        self.in_use += 1;
        let idx = self.free;
        let Some(place) = self.places.get_mut(idx.0 as usize) else { return self.grow() };
        self.free = place.parent.idx;
        place.generation = place.generation.wrapping_add(1);
        idx
    }

    #[cold]
    fn grow(&mut self) -> CallIdx {
        self.places.push(Call::new(StationIdx(0), NO_LINK, Operation::Serve, SimTime::ZERO));
        self.callers.push(CallIdx::NONE);
        CallIdx(u32::try_from(self.places.len() - 1).expect("fewer than 2³² calls are in flight"))
    }

    /// The call at a place, if there is such a place.
    #[inline]
    pub fn get_mut(&mut self, idx: CallIdx) -> Option<&mut Call> {
        self.places.get_mut(idx.0 as usize)
    }

    /// Two different calls.
    #[inline]
    pub fn pair_mut(&mut self, first: CallIdx, second: CallIdx) -> (&mut Call, &mut Call) {
        let [first, second] = self
            .places
            .get_disjoint_mut([first.0 as usize, second.0 as usize])
            .expect("the calls are there, and not the same");
        (first, second)
    }

    /// Frees the place of a call, which must not be in a list of deadlines any more.
    #[inline]
    pub fn remove(&mut self, idx: CallIdx) {
        let place = &mut self.places[idx.0 as usize];
        debug_assert!(place.stage != Stage::Gone, "a call ends once");
        place.stage = Stage::Gone;
        // Whoever still refers to this call must find it gone at once, not only when the place is given out again.
        place.generation = place.generation.wrapping_add(1);
        place.parent.idx = core::mem::replace(&mut self.free, idx);
        self.in_use -= 1;
    }

    fn neighbours(&mut self, idx: CallIdx) -> &mut Neighbours {
        let place = idx.0 as usize;
        if place >= self.neighbours.len() {
            self.neighbours.resize(self.places.len(), ALONE);
        }
        &mut self.neighbours[place]
    }

    /// Notes who waits for a call, for those who look ahead.
    #[inline]
    pub fn note_caller(&mut self, idx: CallIdx, caller: CallIdx) {
        if let Some(noted) = self.callers.get_mut(idx.0 as usize) {
            *noted = caller;
        }
    }

    /// Looks at a call without waiting for it, so that it is at hand when its turn comes. Any place will do; what is given
    /// means nothing.
    #[inline]
    pub fn glance(&self, idx: CallIdx) -> u32 {
        // Something from each of its two lines.
        self.places.get(idx.0 as usize).map_or(0, |call| call.generation ^ call.memo)
    }

    /// The link of the call at a place, if there is such a place.
    #[inline]
    pub fn link_at(&self, idx: CallIdx) -> Option<LinkIdx> {
        self.places.get(idx.0 as usize).map(|call| call.link)
    }

    /// Looks at the call that waits for one, and at the one that waits for that, like [`Calls::glance`].
    #[inline]
    pub fn glance_at_callers(&self, idx: CallIdx) -> u32 {
        self.places.get(idx.0 as usize).map_or(0, |call| self.glance(call.parent.idx) ^ self.glance(call.beyond))
    }

    /// Looks at those who wait for a call to which an answer has come that goes on to them at this very moment. At first
    /// these are the two that the call knows; if it goes further, several at once.
    #[inline]
    pub fn glance_upwards(&mut self, idx: CallIdx) {
        let Some(call) = self.places.get(idx.0 as usize) else { return };
        let caller = call.parent.idx;
        if idx != self.ahead.next {
            core::hint::black_box(self.glance(caller) ^ self.glance(call.beyond));
            self.ahead = Ahead { next: caller, left: 1 };
        } else if self.ahead.left > 0 {
            self.ahead = Ahead { next: caller, left: self.ahead.left - 1 };
        } else {
            self.glance_far(caller);
        }
    }

    /// Looks at a call, and at all who wait for it, up to [`LEVELS`]. Their records need not be waited for to find them.
    #[inline(never)]
    fn glance_far(&mut self, first: CallIdx) {
        let mut seen = 0;
        let mut at = first;
        for _ in 0..LEVELS {
            seen ^= self.glance(at);
            let Some(&caller) = self.callers.get(at.0 as usize) else { break };
            at = caller;
        }
        core::hint::black_box(seen);
        self.ahead = Ahead { next: first, left: LEVELS - 1 };
    }

    /// A reference that notices when the call is gone.
    #[inline]
    pub fn reference(&self, idx: CallIdx) -> CallRef {
        CallRef { idx, generation: self[idx].generation }
    }

    /// The call, if it is still there.
    #[inline]
    pub fn find(&self, reference: CallRef) -> Option<CallIdx> {
        let place = self.places.get(reference.idx.0 as usize)?;
        (place.generation == reference.generation && place.stage != Stage::Gone).then_some(reference.idx)
    }

    /// Whether there are so many calls that their records do not stay in the nearest caches by themselves.
    #[inline]
    pub const fn are_many(&self) -> bool {
        self.in_use > MANY
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.places.capacity() * size_of::<Call>() + self.callers.capacity() * size_of::<CallIdx>()
    }

    /// Calls in flight, roots included.
    pub const fn len(&self) -> u32 {
        self.in_use
    }

    /// All calls that fulfil a condition, in order of place.
    pub fn filter(&self, condition: impl Fn(&Call) -> bool) -> Vec<CallIdx> {
        (0..)
            .map(CallIdx)
            .zip(&self.places)
            .filter(|(_, call)| call.stage != Stage::Gone && condition(call))
            .map(|(idx, _)| idx)
            .collect()
    }
}

impl Call {
    /// Whether this is the user's request itself.
    pub fn is_root(&self) -> bool {
        self.link == NO_LINK
    }

    /// Whether it is a connection that is open, or holds one for its caller.
    pub fn is_open(&self) -> bool {
        self.phase == OPEN && self.class == RequestClass::Live
    }

    /// What it has spent here and below.
    pub fn split(&self) -> Split {
        Split { waiting: self.below.waiting + self.waited, service: self.below.service + self.served }
    }

    /// A call about to be sent on behalf of nobody, with neutral contents.
    #[inline]
    pub const fn new(station: StationIdx, link: LinkIdx, operation: Operation, now: SimTime) -> Self {
        Self {
            generation: 0,
            stage: Stage::Travelling,
            operation,
            class: RequestClass::Read,
            phase: 0,
            station,
            link,
            parent: CallRef::NONE,
            arrived: now,
            since: now,
            waited: SimDuration::ZERO,
            served: SimDuration::ZERO,
            key: 0,
            span: u32::MAX,
            below: Split { waiting: SimDuration::ZERO, service: SimDuration::ZERO },
            sent: now,
            deadline: SimTime::NEVER,
            client: 0,
            memo: 0,
            trace: u32::MAX,
            answer: 0,
            attempt: 0,
            outcome: Outcome::Answered,
            found: false,
            stale: false,
            degraded: false,
            is_attack: false,
            version: 0,
            beyond: CallIdx::NONE,
        }
    }
}

/// Calls in order of their deadlines, linked through the calls themselves: entering and leaving take constant time as
/// long as all have the same timeout, and memory is that of the calls in flight.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    first: CallIdx,
    last: CallIdx,
    /// When an event will look at the list next; [`SimTime::NEVER`] if none will.
    pub wake: SimTime,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { first: CallIdx::NONE, last: CallIdx::NONE, wake: SimTime::NEVER }
    }
}

impl Deadlines {
    /// Enters a call, whose deadline is set.
    pub fn insert(&mut self, calls: &mut Calls, idx: CallIdx) {
        let deadline = calls[idx].deadline;
        let mut previous = self.last;
        // Only after a timeout was shortened does a newcomer pass those that came earlier.
        while previous != CallIdx::NONE && calls[previous].deadline > deadline {
            previous = calls.neighbours(previous).previous;
        }
        let next = if previous == CallIdx::NONE { self.first } else { calls.neighbours(previous).next };
        *calls.neighbours(idx) = Neighbours { previous, next };
        if previous == CallIdx::NONE {
            self.first = idx
        } else {
            calls.neighbours(previous).next = idx
        }
        if next == CallIdx::NONE { self.last = idx } else { calls.neighbours(next).previous = idx }
    }

    /// Takes a call out; does nothing if it has no deadline.
    #[allow(clippy::inline_always, reason = "most calls have no deadline")]
    #[inline(always)]
    pub fn remove(&mut self, calls: &mut Calls, idx: CallIdx) {
        if calls[idx].deadline != SimTime::NEVER {
            self.unlink(calls, idx);
        }
    }

    #[inline(never)]
    fn unlink(&mut self, calls: &mut Calls, idx: CallIdx) {
        calls[idx].deadline = SimTime::NEVER;
        let Neighbours { previous, next } = core::mem::replace(calls.neighbours(idx), ALONE);
        if previous == CallIdx::NONE {
            self.first = next
        } else {
            calls.neighbours(previous).next = next
        }
        if next == CallIdx::NONE { self.last = previous } else { calls.neighbours(next).previous = previous }
    }

    /// Takes the first call out if its deadline has come.
    pub fn pop_due(&mut self, calls: &mut Calls, now: SimTime) -> Option<CallIdx> {
        let first = self.first;
        if first == CallIdx::NONE || calls[first].deadline > now {
            return None;
        }
        self.remove(calls, first);
        Some(first)
    }

    /// The earliest deadline; [`SimTime::NEVER`] if there is none.
    pub fn next_at(&self, calls: &Calls) -> SimTime {
        if self.first == CallIdx::NONE { SimTime::NEVER } else { calls[self.first].deadline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls_with_deadlines(deadlines: &[u64]) -> (Calls, Vec<CallIdx>) {
        let mut calls = Calls::default();
        let ids = deadlines
            .iter()
            .map(|&deadline| {
                let mut call = Call::new(StationIdx(0), LinkIdx(0), Operation::Serve, SimTime::ZERO);
                call.deadline = SimTime::from_nanos(deadline);
                calls.insert(call)
            })
            .collect();
        (calls, ids)
    }

    #[test]
    fn a_call_stays_small() {
        assert_eq!(size_of::<Call>(), 128);
    }

    #[test]
    fn a_reference_notices_that_its_call_is_gone() {
        let (mut calls, ids) = calls_with_deadlines(&[5]);
        let reference = calls.reference(ids[0]);
        assert_eq!(calls.find(reference), Some(ids[0]));
        calls.remove(ids[0]);
        assert_eq!(calls.find(reference), None);
        let again = calls.insert(Call::new(StationIdx(0), LinkIdx(0), Operation::Get, SimTime::ZERO));
        assert_eq!(again, ids[0], "the place is used again");
        assert_eq!(calls.find(reference), None);
        assert_eq!(calls.len(), 1);
    }

    #[test]
    fn deadlines_come_in_order_even_when_entered_out_of_order() {
        let (mut calls, ids) = calls_with_deadlines(&[10, 20, 15, 5]);
        let mut list = Deadlines::default();
        for &id in &ids {
            list.insert(&mut calls, id);
        }
        list.remove(&mut calls, ids[1]);
        assert_eq!(list.next_at(&calls), SimTime::from_nanos(5));
        assert_eq!(list.pop_due(&mut calls, SimTime::from_nanos(12)), Some(ids[3]));
        assert_eq!(list.pop_due(&mut calls, SimTime::from_nanos(12)), Some(ids[0]));
        assert_eq!(list.pop_due(&mut calls, SimTime::from_nanos(12)), None);
        assert_eq!(list.pop_due(&mut calls, SimTime::from_nanos(15)), Some(ids[2]));
        assert_eq!(list.next_at(&calls), SimTime::NEVER);
    }
}
