//! How groups of users are made and take over edited parameters: whom they ask, for what, and how often.

use std::sync::Arc;

use super::{Live, Pacing, Resolution, Users};
use crate::design::kind::cdn::WhenDown;
use crate::design::kind::users::{DemandModel, Users as Config};
use crate::design::{ComponentConfig, LinkRole};
use crate::distribution::Distribution;
use crate::network::LinkIdx;
use crate::sim::call::Deadlines;
use crate::sim::core::Core;
use crate::sim::distribution::Sampler;
use crate::sim::event::TOKEN_MASK;
use crate::sim::mechanism::hazard::HazardClock;
use crate::sim::mechanism::tide::Tide;
use crate::sim::popularity::Popularity;
use crate::sim::rng::{Purpose, Stream};
use crate::sim::snapshot::RequestClass;
use crate::sim::station::{Setup, dns};
use crate::units::{SimDuration, SimTime};

impl Users {
    pub(in crate::sim::station) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let (component, instance) = core.identities[setup.me.0 as usize];
        let demand = core.join_demand(setup.me);
        let stream = |purpose| Stream::of_component(core.seed, component, instance, purpose);
        let mut users = Self {
            me: setup.me,
            share: 0.0,
            attack: None,
            region: None,
            demand,
            pacing: Pacing::Open(0.0),
            clock: HazardClock::new(stream(Purpose::Arrivals)),
            thinking_stream: stream(Purpose::Thinking),
            requests_stream: stream(Purpose::Requests),
            population: 0,
            era: 0,
            thinking: 0,
            leaving: 0,
            patience: None,
            deadlines: Deadlines::default(),
            class_bounds: [1.0; RequestClass::ALL.len()],
            popularity: Arc::new(Popularity::new(1, 0.0)),
            file_popularity: Arc::new(Popularity::new(1, 0.0)),
            hot_key_share: 0.0,
            routes: Vec::new(),
            static_routes: Vec::new(),
            upload_routes: Vec::new(),
            with_fallback: Vec::new(),
            next_route: 0,
            next_static_route: 0,
            resolution: None,
            tide: None,
            tide_token: 0,
            static_per_page: 0.0,
            app_share: 0.0,
            is_gone: false,
            live_routes: Vec::new(),
            next_live_route: 0,
            live: Live { time: Sampler::Constant(SimDuration::ZERO), pause: 0.0, longest_pause: 0.0, jitter: 0.0 },
        };
        users.read(core, setup, config);
        users
    }

    pub(in crate::sim::station) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        let pacing_before = self.pacing.clone();
        self.read(core, setup, config);
        if core::mem::discriminant(&pacing_before) != core::mem::discriminant(&self.pacing) {
            self.era = (self.era + 1) & TOKEN_MASK;
            self.clock.set_rate(core.now, 0.0);
            self.population = 0;
            self.thinking = 0;
            self.leaving = 0;
        }
        self.set_users(core);
    }

    fn read(&mut self, core: &Core, setup: &Setup<'_>, config: &Config) {
        self.share = setup.user_share;
        self.attack = config.attack_rate_per_sec.map(|rate| (rate, config.attack_clients));
        self.region = setup.region;
        self.pacing = match (&config.demand_model, &config.think_time) {
            _ if self.attack.is_some() => Pacing::Open(0.0),
            (DemandModel::Open, _) => Pacing::Open(config.requests_per_user_per_sec),
            (DemandModel::Closed, Distribution::Exponential { mean_secs }) if *mean_secs > 0.0 => {
                Pacing::ClosedMemoryless(*mean_secs)
            }
            (DemandModel::Closed, time) => Pacing::Closed(Sampler::new(time)),
        };
        self.patience = config.patience_secs.map(SimDuration::from_secs_f64);
        self.class_bounds = class_bounds(config);
        if !self.popularity.is(config.keys, config.key_exponent) {
            self.popularity = Arc::new(Popularity::new(config.keys, config.key_exponent));
        }
        if !self.file_popularity.is(config.static_keys, config.static_key_exponent) {
            self.file_popularity = Arc::new(Popularity::new(config.static_keys, config.static_key_exponent));
        }
        self.hot_key_share = config.hot_key_share;
        self.static_per_page = config.static_per_page;
        self.app_share = config.app_share;
        self.live = Live {
            time: Sampler::new(&config.live_time),
            pause: config.reconnect_secs,
            longest_pause: config.reconnect_cap_secs,
            jitter: config.reconnect_jitter,
        };
        self.live_routes = setup.targets(core, |role| role == LinkRole::Live);
        let traffic = &setup.network.traffic;
        let delay_secs = config.traffic_delay_secs;
        if !self.tide.as_ref().is_some_and(|tide| tide.follows(traffic, delay_secs)) {
            self.tide = (!traffic.is_constant()).then(|| Box::new(Tide::new(traffic, delay_secs, core.now)));
        }
        self.routes = setup.targets(core, |role| role == LinkRole::Requests);
        self.static_routes = setup.targets(core, |role| role == LinkRole::Static);
        self.upload_routes = setup.targets(core, |role| role == LinkRole::Uploads);
        self.with_fallback =
            setup.links(core, LinkRole::Static).filter(|&link| falls_back(core, setup, link)).collect();
        let kept = self.resolution.take().map(|resolution| resolution.kept).unwrap_or_default();
        let link = setup.links(core, LinkRole::Resolve).next();
        self.resolution =
            link.and_then(|link| Some((link, *core.links[link.0 as usize].targets.first()?))).map(|(link, service)| {
                let (ttl_secs, resolvers) = dns::caching(setup, core, service);
                let mut kept = kept;
                kept.resize(resolvers.max(1) as usize, (SimTime::ZERO, 0));
                // An edit may leave no way to an address: whoever draws it expects users to ask again at once.
                for (until, component) in &mut kept {
                    if !self.routes.iter().any(|(route, _)| core.links[route.0 as usize].to.0 == *component) {
                        *until = SimTime::ZERO;
                    }
                }
                Resolution { link, service, ttl: SimDuration::from_secs_f64(ttl_secs), kept }
            });
    }
}

/// Whether files are asked for elsewhere when they do not come by a link.
fn falls_back(core: &Core, setup: &Setup<'_>, link: LinkIdx) -> bool {
    let target = setup.config_of(core.links[link.0 as usize].to);
    matches!(target, Some(ComponentConfig::Cdn(cdn)) if cdn.when_down == WhenDown::Fallback)
}

/// Where each class ends when their shares are laid one after the other on [0, 1).
fn class_bounds(config: &Config) -> [f64; RequestClass::ALL.len()] {
    let mut sum = 0.0;
    let sums = RequestClass::ALL.map(|class| {
        sum += match class {
            RequestClass::Read => config.read_share,
            RequestClass::Write => config.write_share,
            RequestClass::Static => config.static_share,
            RequestClass::Upload => config.upload_share,
            RequestClass::Job => config.job_share,
            RequestClass::Live => config.live_share,
        };
        sum
    });
    if sum > 0.0 { sums.map(|bound| bound / sum) } else { [1.0; RequestClass::ALL.len()] }
}
