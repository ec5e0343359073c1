//! Third party: answers after a time of its own, to as many calls as its limit allows, as long as it is there.
//!
//! What it has been asked to do it does, whether or not the caller still waits. A repetition is told by what it was
//! made for: the same request of the same user, by the same link. With idempotency keys a repetition gets the answer of
//! the first call when that is ready; without, the thing is done twice, and counted.
//!
//! Left out: a caller that is itself asked again by somebody who had given up on it starts anew; its key is another.

use rustc_hash::FxHashMap;

use super::Setup;
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::third_party::ThirdParty as Config;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::{CallIdx, CallRef};
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::event::{Timer, Token};
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::token_bucket::TokenBucket;
use crate::sim::metrics::ThirdPartyMeasurements;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::{Outcome, Particulars};
use crate::units::{SimDuration, SimTime};

/// It is as large as needed.
const SIZE: MachineSize =
    MachineSize { slots: None, queue_limit: None, cores: None, discipline: CpuDiscipline::FirstComeFirstServed };

/// A call that is carried out.
const CARRIED_OUT: u8 = 1;
/// A repetition that waits for the answer of the first call.
const RECOGNISED: u8 = 2;

/// A third party at work.
#[derive(Clone, Debug)]
pub struct ThirdParty {
    me: StationIdx,
    pub(super) machine: Machine,
    response_time: Sampler,
    service: Stream,
    chance: Stream,
    limit: Option<TokenBucket>,
    error_share: f64,
    recognises: bool,
    /// Mean times of being there and of being away [s]; `None` if it is always there.
    outages: Option<(f64, f64)>,
    is_away: bool,
    /// Tells the timer that was set last from earlier ones.
    token: Token,
    /// What has been asked for, by place of the request that it was for and by link. Places are used again, so there
    /// are not more of these than requests have been in flight at the same time.
    seen: FxHashMap<(CallIdx, LinkIdx), Seen>,
}

/// The first call for something.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The request that it was for.
    request: CallRef,
    /// When that began: a worker's place works on one message after the other.
    begun: SimTime,
    /// When it is done.
    done: SimTime,
}

impl ThirdParty {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut party = Self {
            me: setup.me,
            machine: Machine::new(setup.me, SIZE),
            response_time: Sampler::new(&config.response_time),
            service: stream(Purpose::Service),
            chance: stream(Purpose::Choice),
            limit: None,
            error_share: 0.0,
            recognises: true,
            outages: None,
            is_away: false,
            token: 0,
            seen: FxHashMap::default(),
        };
        party.configure(core, config);
        party
    }

    pub(super) fn configure(&mut self, core: &mut Core, config: &Config) {
        self.response_time = Sampler::new(&config.response_time);
        self.error_share = config.error_share;
        self.recognises = config.idempotency_keys;
        match (&mut self.limit, config.rate_limit_per_sec) {
            (Some(limit), Some(rate)) => limit.configure(rate, config.burst),
            (limit, rate) => *limit = rate.map(|rate| TokenBucket::new(rate, config.burst, core.now)),
        }
        let up_secs = config.outage_secs * config.availability / (1.0 - config.availability);
        let outages = (config.availability < 1.0).then_some((up_secs, config.outage_secs));
        if self.outages != outages {
            self.outages = outages;
            self.is_away = false;
            self.plan(core);
        }
    }

    /// Plans when it fails next, or when it is back.
    fn plan(&mut self, core: &mut Core) {
        self.token = self.token.wrapping_add(1);
        let Some((up_secs, away_secs)) = self.outages else { return };
        let mean_secs = if self.is_away { away_secs } else { up_secs };
        let after = SimDuration::from_secs_f64(mean_secs * self.chance.exponential());
        core.set_timer(self.me, after, Timer::Own, self.token);
    }

    pub(super) fn on_timer(&mut self, core: &mut Core, token: Token) {
        if token == self.token & crate::sim::event::TOKEN_MASK {
            self.is_away = !self.is_away;
            self.plan(core);
        }
    }

    fn counts<'a>(&self, core: &'a mut Core) -> &'a mut ThirdPartyMeasurements {
        core.window.stations[self.me.0 as usize].third_party.get_or_insert_default()
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        if self.is_away {
            core.answer(call, Outcome::Unavailable);
            return;
        }
        let now = core.now;
        if self.limit.as_mut().is_some_and(|limit| !limit.take(now)) {
            core.answer(call, Outcome::RateLimited);
            return;
        }
        let (request, begun) = self.request_of(core, call);
        let place = (request.idx, core.calls[call].link);
        let before = self.seen.get(&place).filter(|seen| seen.request == request && seen.begun == begun).copied();
        if let Some(seen) = before.filter(|_| self.recognises) {
            self.counts(core).recognised += 1;
            core.calls[call].phase = RECOGNISED;
            self.begin(core, call, seen.done.since(now));
            return;
        }
        if self.error_share > 0.0 && self.chance.uniform() < self.error_share {
            core.answer(call, Outcome::Failed);
            return;
        }
        let time = core.conditions[self.me.0 as usize].slowed(self.response_time.sample(&mut self.service));
        self.counts(core).duplicates += u64::from(before.is_some());
        self.seen.insert(place, Seen { request, begun, done: now + time });
        core.calls[call].phase = CARRIED_OUT;
        self.begin(core, call, time);
    }

    fn begin(&mut self, core: &mut Core, call: CallIdx, time: SimDuration) {
        if self.machine.arrive(core, call) {
            core.wait(call, time);
        }
    }

    /// The request that a call is made for, as far as its callers still wait, and when that began.
    fn request_of(&self, core: &Core, call: CallIdx) -> (CallRef, SimTime) {
        let mut at = call;
        while let Some(parent) = core.calls.find(core.calls[at].parent) {
            at = parent;
        }
        (core.calls.reference(at), core.calls[at].arrived)
    }

    /// The time of a call is over.
    pub(super) fn on_waited(&mut self, core: &mut Core, call: CallIdx) {
        if core.calls[call].phase == CARRIED_OUT {
            self.counts(core).carried_out += 1;
        }
        // It has room for everyone, so nobody waits for the place that becomes free.
        self.machine.answer(core, call, Outcome::Answered);
    }

    /// What it has to tell.
    pub(super) fn particulars(&self, counts: Option<&ThirdPartyMeasurements>) -> Particulars {
        let counts = counts.cloned().unwrap_or_default();
        Particulars::ThirdParty { is_away: self.is_away, recognised: counts.recognised, duplicates: counts.duplicates }
    }
}
