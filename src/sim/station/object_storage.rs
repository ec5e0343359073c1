//! Object storage: takes in and hands out files. Nothing queues: each call takes its own time, by what it waits for
//! first and by its size; whoever asks a prefix more often than it allows is turned away.
//!
//! Left out: copies in several places, and losing any.

use super::Setup;
use crate::design::kind::object_storage::ObjectStorage as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::network::StationIdx;
use crate::sim::call::CallIdx;
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::token_bucket::TokenBucket;
use crate::sim::rng::{Purpose, Stream, mix};
use crate::sim::sizes::Sizes;
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// It is as large as needed.
const SIZE: MachineSize =
    MachineSize { slots: None, queue_limit: None, cores: None, discipline: CpuDiscipline::FirstComeFirstServed };
/// Seconds of its rate that a prefix lets through at once.
const BURST_SECS: f64 = 1.0;

/// An object storage at work.
#[derive(Clone, Debug)]
pub struct ObjectStorage {
    me: StationIdx,
    pub(super) machine: Machine,
    get_time: Sampler,
    put_time: Sampler,
    bytes_per_sec: f64,
    service: Stream,
    files: Sizes,
    uploads: Sizes,
    rates: (f64, f64),
    /// What each prefix still allows: reads and writes.
    prefixes: Vec<(TokenBucket, TokenBucket)>,
}

impl ObjectStorage {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let mut storage = Self {
            me: setup.me,
            machine: Machine::new(setup.me, SIZE),
            get_time: Sampler::new(&config.get_time),
            put_time: Sampler::new(&config.put_time),
            bytes_per_sec: config.bytes_per_sec,
            service: Stream::of_component(core.seed, component, instance, Purpose::Service),
            files: Sizes::of_files(setup.network),
            uploads: Sizes::of_uploads(setup.network),
            rates: (0.0, 0.0),
            prefixes: Vec::new(),
        };
        storage.configure(core, setup, config);
        storage
    }

    pub(super) fn configure(&mut self, core: &Core, setup: &Setup<'_>, config: &Config) {
        self.get_time = Sampler::new(&config.get_time);
        self.put_time = Sampler::new(&config.put_time);
        self.bytes_per_sec = config.bytes_per_sec;
        self.files = Sizes::of_files(setup.network);
        self.uploads = Sizes::of_uploads(setup.network);
        let rates = (config.gets_per_sec, config.puts_per_sec);
        if self.rates != rates || self.prefixes.len() != config.prefixes as usize {
            self.rates = rates;
            let bucket = |rate: f64| TokenBucket::new(rate, (rate * BURST_SECS).max(1.0), core.now);
            self.prefixes = vec![(bucket(rates.0), bucket(rates.1)); config.prefixes as usize];
        }
    }

    pub(super) fn on_arrive(&mut self, core: &mut Core, call: CallIdx) {
        let key = core.calls[call].key;
        let prefix = mix(u64::from(key)) % self.prefixes.len() as u64;
        let (gets, puts) = &mut self.prefixes[prefix as usize];
        let (allowed, first_byte, bytes) = match is_put(core.calls[call].class) {
            true => (puts.take(core.now), &self.put_time, self.uploads.of(key)),
            false => (gets.take(core.now), &self.get_time, self.files.of(key)),
        };
        if !allowed {
            core.answer(call, Outcome::RateLimited);
            return;
        }
        let transfer = SimDuration::from_secs_f64(f64::from(bytes) / self.bytes_per_sec);
        let time = first_byte.sample(&mut self.service) + transfer;
        if self.machine.arrive(core, call) {
            self.machine.work(core, call, time);
        }
    }

    pub(super) fn on_served(&mut self, core: &mut Core, call: CallIdx) {
        let (key, class) = (core.calls[call].key, core.calls[call].class);
        let is_put = is_put(class);
        if class == RequestClass::Upload {
            core.change_file(key);
        }
        core.calls[call].version = core.file_version(key);
        let counts = &mut core.window.stations[self.me.0 as usize];
        if is_put {
            counts.files_in += 1;
            counts.bytes_in += f64::from(self.uploads.of(key));
        } else {
            counts.files_out += 1;
            counts.bytes_out += f64::from(self.files.of(key));
        }
        // It has room for everyone, so nobody waits for the place that becomes free.
        self.machine.answer(core, call, Outcome::Answered);
    }
}

/// Whether a call of this class brings a file.
const fn is_put(class: RequestClass) -> bool {
    matches!(class, RequestClass::Upload | RequestClass::Job)
}
