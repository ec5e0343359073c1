//! Times of answers on their way into the counts of stations and links.
//!
//! What one answer counts lies on half a dozen lines of the processor's caches. In a small design these are at hand; in a
//! large one each of them would have to be waited for, answer by answer. There, times are written down one after the
//! other first and entered many at a time: then the processor fetches what several of them need at once.

use super::Core;
use crate::network::{LinkIdx, StationIdx};
use crate::sim::call::Split;
use crate::sim::metrics::{ClassMeasurements, LinkMeasurements, StationMeasurements};
use crate::sim::snapshot::{Outcome, RequestClass};
use crate::units::SimDuration;

/// From so many stations on, their counts do not stay in the nearest cache.
const MANY_STATIONS: usize = 24;
/// Answers of each sort that are written down before they are entered.
const ROOM: usize = 256;

/// Where the time of a call went at a station that answered it well.
#[derive(Clone, Copy, Debug)]
struct AtStation {
    station: StationIdx,
    waited: SimDuration,
    served: SimDuration,
    response: SimDuration,
}

/// Where the time of an attempt went that was answered well.
#[derive(Clone, Copy, Debug)]
struct OnLink {
    link: LinkIdx,
    took: SimDuration,
    split: Split,
}

/// Requests of one group of users, attackers apart: counted once, and entered both where their class is counted and where
/// the group is.
#[derive(Clone, Debug)]
pub struct Demand {
    station: StationIdx,
    /// By position in [`RequestClass::ALL`].
    pub classes: [ClassMeasurements; RequestClass::ALL.len()],
}

/// Answers that are still to be entered.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Whether they are written down at all.
    are_kept: bool,
    at_stations: Vec<AtStation>,
    on_links: Vec<OnLink>,
}

impl Core {
    /// Finds out whether answers are to be written down before they are entered.
    pub fn choose_counting(&mut self) {
        self.enter_answers();
        self.answers.are_kept = self.identities.len() >= MANY_STATIONS;
        if self.answers.are_kept {
            self.answers.at_stations.reserve(ROOM);
            self.answers.on_links.reserve(ROOM);
        }
    }

    /// Counts that a station has answered a call well.
    #[allow(clippy::inline_always, reason = "where nearly every call is answered")]
    #[inline(always)]
    pub(super) fn count_at_station(
        &mut self,
        station: StationIdx,
        waited: SimDuration,
        served: SimDuration,
        response: SimDuration,
    ) {
        if self.answers.are_kept {
            self.answers.at_stations.push(AtStation { station, waited, served, response });
            if self.answers.at_stations.len() == ROOM {
                self.enter_answers();
            }
        } else {
            enter_at_station(&mut self.window.stations[station.0 as usize], waited, served, response);
        }
    }

    /// Counts that an attempt has been answered well.
    #[allow(clippy::inline_always, reason = "where nearly every attempt ends")]
    #[inline(always)]
    pub(super) fn count_on_link(&mut self, link: LinkIdx, took: SimDuration, split: Split) {
        if self.answers.are_kept {
            self.answers.on_links.push(OnLink { link, took, split });
            if self.answers.on_links.len() == ROOM {
                self.enter_answers();
            }
        } else {
            enter_on_link(&mut self.window.links[link.0 as usize], took, split);
        }
    }

    /// Gives a group of users a place in [`Core::demand`].
    pub fn join_demand(&mut self, station: StationIdx) -> usize {
        self.demand.push(Demand { station, classes: Default::default() });
        self.demand.len() - 1
    }

    /// Enters what users have asked for. To be done once, when an interval is closed.
    pub fn enter_demand(&mut self) {
        for (place, demand) in self.demand.iter_mut().enumerate() {
            let station = &mut self.window.stations[demand.station.0 as usize];
            for (class, all) in demand.classes.iter_mut().zip(&mut self.window.classes) {
                station.merge_requests(class);
                if place == 0 {
                    // Nothing has been entered there before.
                    core::mem::swap(class, all);
                } else {
                    all.merge(class);
                    class.clear();
                }
            }
        }
    }

    /// Adds the times of what users at a station have asked for and what has not been entered yet.
    pub fn add_demand_of(&self, station: StationIdx, into: &mut StationMeasurements) {
        let here = self.demand.iter().filter(|demand| demand.station == station);
        here.flat_map(|demand| &demand.classes).for_each(|class| into.merge_requests(class));
    }

    /// Enters what has been written down. To be done before anybody looks at what has been counted.
    #[inline(never)]
    pub fn enter_answers(&mut self) {
        for &AtStation { station, waited, served, response } in &self.answers.at_stations {
            enter_at_station(&mut self.window.stations[station.0 as usize], waited, served, response);
        }
        self.answers.at_stations.clear();
        for &OnLink { link, took, split } in &self.answers.on_links {
            enter_on_link(&mut self.window.links[link.0 as usize], took, split);
        }
        self.answers.on_links.clear();
    }
}

#[allow(clippy::inline_always, reason = "in small designs, where nearly every call is answered")]
#[inline(always)]
fn enter_at_station(counts: &mut StationMeasurements, waited: SimDuration, served: SimDuration, response: SimDuration) {
    counts.outcomes.record(Outcome::Answered);
    counts.wait.record_or_none(waited);
    counts.service.record_or_none(served);
    counts.response.record(response);
}

#[allow(clippy::inline_always, reason = "in small designs, where nearly every attempt ends")]
#[inline(always)]
fn enter_on_link(counts: &mut LinkMeasurements, took: SimDuration, split: Split) {
    counts.outcomes.record(Outcome::Answered);
    counts.record_answer(took, split);
}
