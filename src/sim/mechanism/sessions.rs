//! Who is logged in where. A session that a machine keeps in its memory is known to that machine only, and gone when it
//! dies. Sessions in a store are the business of errands and of the store.
//!
//! Machines that serve the same users know them by the same names, whether they are machines of one component or
//! components behind one balancer: who lands on another of them is a stranger there.
//!
//! Clients are told apart as load balancers see them. Left out: logging in again is part of the request that finds the
//! session missing, and takes no time of its own.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::design::{ComponentConfig, LinkRole};
use crate::ids::ComponentId;
use crate::network::{Network, StationIdx};
use crate::sim::core::Core;
use crate::sorted::Map;
use crate::units::{SimDuration, SimTime};

/// What a request finds of its user's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The user comes for the first time, or after the session had run out: logs in.
    First,
    /// The session is where it is looked for.
    Known,
    /// The user had logged in, but not here, or here before the machine died: logged out.
    Lost,
}

/// Where the session of one user is.
#[derive(Clone, Copy, Debug)]
struct Login {
    station: StationIdx,
    /// Which life of the machine.
    life: u32,
    until: SimTime,
}

/// Sessions by site and client; looked up only, never walked through.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    sites: Map<ComponentId, FxHashMap<u32, Login>>,
    /// Sessions that machines hold, by the time at which they run out.
    held: Map<StationIdx, Held>,
}

/// Parts that the life of a session is counted in: sessions run out that much of it late, at most.
const PARTS: u64 = 64;

/// The sessions that one machine holds in memory, counted by when they run out.
#[derive(Clone, Debug, Default)]
struct Held {
    life: u32,
    /// Length of a part, and the number of the first one that is kept.
    part_nanos: u64,
    first: u64,
    parts: VecDeque<u32>,
    total: u64,
}

impl Held {
    /// Forgets what has run out, and everything if the machine has died since or sessions have another life now.
    fn settle(&mut self, life: u32, part_nanos: u64, now: SimTime) {
        if self.life != life || self.part_nanos != part_nanos {
            *self = Self { life, part_nanos, first: now.as_nanos() / part_nanos, ..Self::default() };
        }
        let present = now.as_nanos() / part_nanos;
        while self.first < present {
            self.total -= u64::from(self.parts.pop_front().unwrap_or(0));
            self.first += 1;
        }
    }

    /// One session more, or less, that runs out at a moment.
    fn change(&mut self, until: SimTime, more: bool) {
        let Some(part) = (until.as_nanos() / self.part_nanos.max(1)).checked_sub(self.first) else { return };
        let part = part as usize;
        if more {
            if self.parts.len() <= part {
                self.parts.resize(part + 1, 0);
            }
            self.parts[part] += 1;
            self.total += 1;
        } else if let Some(count) = self.parts.get_mut(part).filter(|count| **count > 0) {
            *count -= 1;
            self.total -= 1;
        }
    }
}

impl Logins {
    /// Sessions that a machine holds in its present life.
    pub fn held_by(&mut self, station: StationIdx, life: u32, ttl: SimDuration, now: SimTime) -> u64 {
        self.held.get_mut(&station).map_or(0, |held| {
            held.settle(life, part_of(ttl), now);
            held.total
        })
    }
}

/// Length of the parts that sessions of this life are counted by [ns].
fn part_of(ttl: SimDuration) -> u64 {
    (ttl.as_nanos() / PARTS).max(1)
}

/// The site that a server belongs to: the first of all servers that whoever calls it calls too.
pub fn site_of(network: &Network, component: ComponentId) -> ComponentId {
    let is_server = |id: ComponentId| {
        network.stations.iter().any(|spec| spec.component == id && matches!(spec.config, ComponentConfig::Server(_)))
    };
    let asks = |role: LinkRole| matches!(role, LinkRole::Requests);
    let callers = network.links.iter().filter(|link| link.to == component && asks(link.role)).map(|link| link.from);
    let callers: Vec<ComponentId> = callers.collect();
    let together = network.links.iter().filter(|link| callers.contains(&link.from) && asks(link.role));
    together.map(|link| link.to).filter(|&id| is_server(id)).min().unwrap_or(component)
}

impl Core {
    /// A request of `client` looks for its session in the memory of `station`, in its present life. Whatever it finds,
    /// the user is logged in there from now on, for `ttl` without another request.
    pub fn visit(&mut self, site: ComponentId, station: StationIdx, life: u32, client: u32, ttl: SimDuration) -> Visit {
        let now = self.now;
        let login = Login { station, life, until: now + ttl };
        let before = self.logins.sites.get_or_insert_with(site, Default::default).insert(client, login);
        let held = self.logins.held.get_or_insert_with(station, Default::default);
        held.settle(life, part_of(ttl), now);
        held.change(login.until, true);
        let Some(before) = before else { return Visit::First };
        // Where the user was before, the session is kept until it runs out there.
        if before.station == station && before.life == life {
            held.change(before.until, false);
        }
        if before.until <= now {
            Visit::First
        } else if before.station == station && before.life == life {
            Visit::Known
        } else {
            Visit::Lost
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_held_until_they_run_out() {
        let ttl = SimDuration::from_secs(64);
        let at = SimTime::from_secs_f64;
        let mut held = Held::default();
        held.settle(0, part_of(ttl), at(0.0));
        for second in 0..10 {
            held.change(at(f64::from(second)) + ttl, true);
        }
        assert_eq!(held.total, 10);
        held.change(at(3.0) + ttl, false);
        assert_eq!(held.total, 9, "one was renewed");
        held.settle(0, part_of(ttl), at(64.0 + 5.0));
        assert_eq!(held.total, 5, "of seconds 5 to 9");
        held.settle(1, part_of(ttl), at(70.0));
        assert_eq!(held.total, 0, "the machine has died");
    }
}
