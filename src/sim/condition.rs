//! In what condition each station is: whether its process is there at all, and what is wrong with it.
//!
//! A call that arrives asks here first. A station that serves and has no fault costs one branch; everything else lives
//! in a box that only stations in trouble have.
//!
//! What a fault does to the calls that a station gets stands here; what is a kind's own business (a leak of memory, a
//! poisoned message, a stopped log) the kind reads off [`Troubles::find`].

use super::call::{CallIdx, CallRef, Operation, Stage};
use super::core::Core;
use super::distribution::Sampler;
use super::event::{TOKEN_MASK, Timer, Token};
use super::mechanism::token_bucket::TokenBucket;
use super::rng::{Purpose, Stream};
use super::snapshot::Outcome;
use crate::design::fault::{Fault, FaultKind, Unreliable};
use crate::network::StationIdx;
use crate::units::{SimDuration, SimTime};

/// Calls that a hanging process holds at least before it looks whether their callers are still there.
const LEAST_CROWD: usize = 1024;

/// Whether a process is there, and whether it takes calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It works.
    #[default]
    Serving,
    /// It is dead. Callers do not know before they notice.
    Down,
    /// It is being started. Whoever knows the registry does not call it yet.
    Starting,
    /// It is not there: a place that an autoscaler may fill.
    Absent,
    /// It finishes what it has and gets nothing new from those who know the registry.
    Draining,
}

impl Presence {
    /// Whether the process works on calls that reach it.
    pub const fn works(self) -> bool {
        matches!(self, Self::Serving | Self::Draining)
    }

    /// Whether a registry names it to callers. A dead process is still named: nobody took it out.
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Serving | Self::Down)
    }
}

/// The condition of one station.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    presence: Presence,
    /// Grows with each change of presence, so that a repair that was planned before is void.
    era: u32,
    troubles: Option<Box<Troubles>>,
}

/// What is wrong with a station.
#[derive(Clone, Debug)]
pub struct Troubles {
    faults: Vec<Fault>,
    /// How many times as long work takes, all faults together.
    slow_factor: f64,
    /// Share of calls that fail at once, all faults together.
    error_share: f64,
    allowance: Option<TokenBucket>,
    stream: Stream,
    /// Calls that were accepted by a process that hangs.
    held: Vec<CallRef>,
    /// Number of the breakdown that is planned.
    breakdown: u32,
    /// With so many of them, those that nobody waits for any more are let go.
    crowded: usize,
}

/// What becomes of a call that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It goes its usual way.
    Taken,
    /// It is answered like this at once.
    Rejected(Outcome),
    /// It is accepted, and that is all.
    Held,
}

impl Condition {
    /// Whether it serves and nothing is wrong.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.presence == Presence::Serving && self.troubles.is_none()
    }

    /// Whether its process is there, and whether it takes calls.
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// What is wrong with it; `None` if nothing is.
    pub fn troubles(&self) -> Option<&Troubles> {
        self.troubles.as_deref()
    }

    /// The fault of a kind that it has.
    pub fn fault(&self, kind: FaultKind) -> Option<&Fault> {
        self.troubles()?.find(kind)
    }

    /// Work as long as it takes here.
    #[inline]
    pub fn slowed(&self, work: SimDuration) -> SimDuration {
        match &self.troubles {
            None => work,
            Some(troubles) => troubles.slowed(work),
        }
    }

    /// What becomes of a call that arrives at `now`.
    pub fn admit(&mut self, operation: Operation, now: SimTime) -> Admission {
        if !self.presence.works() {
            return Admission::Rejected(Outcome::TargetDown);
        }
        self.troubles.as_mut().map_or(Admission::Taken, |troubles| troubles.admit(operation, now))
    }

    /// Takes out the calls that were held.
    pub fn release(&mut self) -> Vec<CallRef> {
        self.troubles.as_mut().map(|troubles| core::mem::take(&mut troubles.held)).unwrap_or_default()
    }

    /// Whether a health check that looks for an answer gets one now.
    pub fn passes_check(&self) -> bool {
        self.presence.works()
            && self.troubles.as_ref().is_none_or(|troubles| {
                troubles.find(FaultKind::Hang).is_none() && troubles.find(FaultKind::ExpiredCertificate).is_none()
            })
    }
}

impl Troubles {
    #[cold]
    fn slowed(&self, work: SimDuration) -> SimDuration {
        SimDuration::from_secs_f64(work.as_secs_f64() * self.slow_factor)
    }

    /// The fault of a kind that the station has.
    pub fn find(&self, kind: FaultKind) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.kind() == kind)
    }

    fn admit(&mut self, operation: Operation, now: SimTime) -> Admission {
        if self.find(FaultKind::ExpiredCertificate).is_some() {
            return Admission::Rejected(Outcome::Untrusted);
        }
        if self.find(FaultKind::Hang).is_some() {
            return Admission::Held;
        }
        if let Some(allowance) = &mut self.allowance
            && !allowance.take(now)
        {
            return Admission::Rejected(Outcome::RateLimited);
        }
        if operation.changes_data() && self.find(FaultKind::FullDisk).is_some() {
            return Admission::Rejected(Outcome::Failed);
        }
        if self.error_share > 0.0 && self.stream.uniform() < self.error_share {
            return Admission::Rejected(Outcome::Failed);
        }
        Admission::Taken
    }

    /// Works out what all faults do together.
    fn add_up(&mut self, now: SimTime) {
        self.slow_factor = 1.0;
        let mut success = 1.0;
        let mut limit = None;
        for fault in &self.faults {
            match fault {
                Fault::Slow(slow) => self.slow_factor *= slow.factor,
                Fault::Errors(errors) => success *= 1.0 - errors.share,
                Fault::BadVersion(version) => {
                    self.slow_factor *= version.slow_factor;
                    success *= 1.0 - version.error_share;
                }
                Fault::RateLimit(config) => limit = Some(config.rate_per_sec),
                _ => {}
            }
        }
        self.error_share = 1.0 - success;
        // A second's worth may come at once, one call at least.
        self.allowance = limit.map(|rate| TokenBucket::new(rate, rate.max(1.0), now));
    }
}

impl Core {
    /// Whether a call that has arrived at a station that is not plainly well goes its usual way. If not, it is answered
    /// or held already.
    #[cold]
    pub fn is_admitted(&mut self, idx: CallIdx) -> bool {
        let call = &self.calls[idx];
        let station = call.station.0 as usize;
        match self.conditions[station].admit(call.operation, self.now) {
            Admission::Taken => return true,
            Admission::Rejected(outcome) => self.answer(idx, outcome),
            Admission::Held => {
                self.calls[idx].stage = Stage::Waiting;
                self.levels[station].in_system.add(self.now, 1);
                self.hold(idx);
            }
        }
        false
    }

    /// Whether the station fails what it works on now, for those that get no calls.
    pub fn fails_at_random(&mut self, station: StationIdx) -> bool {
        self.conditions[station.0 as usize]
            .troubles
            .as_mut()
            .is_some_and(|troubles| troubles.error_share > 0.0 && troubles.stream.uniform() < troubles.error_share)
    }

    /// Keeps a call that a hanging process has accepted.
    fn hold(&mut self, idx: CallIdx) {
        let reference = self.calls.reference(idx);
        let station = self.calls[idx].station.0 as usize;
        let Some(troubles) = &mut self.conditions[station].troubles else { return };
        troubles.held.push(reference);
        if troubles.held.len() < troubles.crowded {
            return;
        }
        // Connections that the callers have closed do not pile up for ever.
        let held = core::mem::take(&mut troubles.held);
        let calls = &self.calls;
        let is_awaited = |call: &CallRef| calls.find(*call).is_some_and(|call| calls[call].parent != CallRef::NONE);
        let (awaited, given_up): (Vec<CallRef>, Vec<CallRef>) = held.into_iter().partition(is_awaited);
        troubles.crowded = 2 * awaited.len().max(LEAST_CROWD);
        troubles.held = awaited;
        for call in given_up {
            if let Some(call) = self.calls.find(call) {
                self.answer(call, Outcome::TimedOut);
            }
        }
    }

    /// Work as long as it takes at a station.
    #[inline]
    pub fn slowed(&self, station: StationIdx, work: SimDuration) -> SimDuration {
        if self.levels[station.0 as usize].is_plain { work } else { self.conditions[station.0 as usize].slowed(work) }
    }

    /// Whether the process of a station works on calls that reach it.
    #[inline]
    pub fn works(&self, station: StationIdx) -> bool {
        self.conditions[station.0 as usize].presence.works()
    }

    /// Whether a registry names the station to callers: it is neither absent nor starting nor draining. A dead one is
    /// still named, until somebody notices.
    #[inline]
    pub fn is_listed(&self, station: StationIdx) -> bool {
        self.conditions[station.0 as usize].presence.is_listed()
    }

    /// Changes whether a process is there; its calls are the caller's business. Gives the number of this change, for
    /// [`Core::is_present_era`].
    pub fn set_presence(&mut self, station: StationIdx, presence: Presence) -> u32 {
        let condition = &mut self.conditions[station.0 as usize];
        condition.presence = presence;
        condition.era = condition.era.wrapping_add(1);
        let era = condition.era;
        self.registry = self.registry.wrapping_add(1);
        let absent = presence == Presence::Absent;
        let is_plain = condition.is_plain();
        let levels = &mut self.levels[station.0 as usize];
        levels.is_plain = is_plain;
        levels.down.set(self.now, u64::from(!presence.works() && !absent));
        levels.absent.set(self.now, u64::from(absent));
        era
    }

    /// The number of the last change of a station's presence, for [`Core::is_present_era`].
    pub fn presence_era(&self, station: StationIdx) -> u32 {
        self.conditions[station.0 as usize].era
    }

    /// Whether the presence of a station has not changed since the change of that number (its low bits, as timers carry
    /// them).
    pub fn is_present_era(&self, station: StationIdx, token: u32) -> bool {
        self.conditions[station.0 as usize].era & TOKEN_MASK == token
    }

    /// Plans the next breakdown of a station that is unreliable; one that was planned before is void.
    pub fn plan_breakdown(&mut self, station: StationIdx) {
        let Some(troubles) = &mut self.conditions[station.0 as usize].troubles else { return };
        let Some(&Fault::Unreliable(Unreliable { mean_up_secs, .. })) = troubles.find(FaultKind::Unreliable) else {
            return;
        };
        let after = SimDuration::from_secs_f64(mean_up_secs * troubles.stream.exponential());
        troubles.breakdown = troubles.breakdown.wrapping_add(1);
        let token = troubles.breakdown;
        self.set_timer(station, after, Timer::Breakdown, token);
    }

    /// The time until a station is repaired whose breakdown of that number is due; `None` if that is void.
    pub fn break_down(&mut self, station: StationIdx, token: Token) -> Option<SimDuration> {
        let troubles = self.conditions[station.0 as usize].troubles.as_mut()?;
        let Some(Fault::Unreliable(Unreliable { repair_time, .. })) = troubles.find(FaultKind::Unreliable) else {
            return None;
        };
        let repair_time = Sampler::new(repair_time);
        (troubles.breakdown & TOKEN_MASK == token).then(|| repair_time.sample(&mut troubles.stream))
    }

    /// Adds a lasting fault to a station, in place of one of the same kind.
    pub fn add_trouble(&mut self, station: StationIdx, fault: Fault) {
        let (component, instance) = self.identities[station.0 as usize];
        let seed = self.seed;
        let condition = &mut self.conditions[station.0 as usize];
        let troubles = condition.troubles.get_or_insert_with(|| {
            Box::new(Troubles {
                faults: Vec::new(),
                slow_factor: 1.0,
                error_share: 0.0,
                allowance: None,
                stream: Stream::of_component(seed, component, instance, Purpose::Faults),
                held: Vec::new(),
                breakdown: 0,
                crowded: LEAST_CROWD,
            })
        });
        troubles.faults.retain(|other| other.kind() != fault.kind());
        troubles.faults.push(fault);
        troubles.add_up(self.now);
        self.levels[station.0 as usize].is_plain = false;
    }

    /// Takes a fault off a station, or all of them. Gives whether there was one, and the calls that it had held.
    pub fn remove_trouble(&mut self, station: StationIdx, kind: Option<FaultKind>) -> (bool, Vec<CallRef>) {
        let condition = &mut self.conditions[station.0 as usize];
        let Some(troubles) = &mut condition.troubles else { return (false, Vec::new()) };
        let before = troubles.faults.len();
        troubles.faults.retain(|fault| kind.is_some_and(|kind| fault.kind() != kind));
        let changed = troubles.faults.len() < before;
        troubles.add_up(self.now);
        let still_hangs = troubles.find(FaultKind::Hang).is_some();
        let held = if still_hangs { Vec::new() } else { core::mem::take(&mut troubles.held) };
        if troubles.faults.is_empty() {
            condition.troubles = None;
        }
        self.levels[station.0 as usize].is_plain = condition.is_plain();
        (changed, held)
    }
}
