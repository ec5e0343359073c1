//! Who is logged in where. A session that a machine keeps in its memory is known to that machine only, and gone when it
//! dies. Sessions in a store are the business of errands and of the store.
//!
//! Clients are told apart as load balancers see them. Left out: logging in again is part of the request that finds the
//! session missing, and takes no time of its own.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::ids::ComponentId;
use crate::network::StationIdx;
use crate::sim::core::Core;
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

/// Sessions by component and client; looked up only, never walked through.
#[derive(Clone, Debug, Default)]
pub struct Logins(BTreeMap<ComponentId, FxHashMap<u32, Login>>);

impl Core {
    /// A request of `client` looks for its session in the memory of `station`, in its present life. Whatever it finds,
    /// the user is logged in there from now on, for `ttl` without another request.
    pub fn visit(&mut self, station: StationIdx, life: u32, client: u32, ttl: SimDuration) -> Visit {
        let (component, _) = self.identities[station.0 as usize];
        let login = Login { station, life, until: self.now + ttl };
        match self.logins.0.entry(component).or_default().insert(client, login) {
            Some(before) if before.until <= self.now => Visit::First,
            Some(before) if before.station == station && before.life == life => Visit::Known,
            Some(_) => Visit::Lost,
            None => Visit::First,
        }
    }
}
