//! Computers that several stations share: their cores go to whoever asked first, whichever station that is.

use std::collections::VecDeque;

use crate::network::StationIdx;
use crate::sim::core::Core;
use crate::sim::event::Timer;
use crate::units::SimDuration;

/// Position of a computer in [`Core::hosts`]; never given out twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostIdx(u32);

/// A computer that several stations share.
#[derive(Clone, Debug)]
pub struct Host {
    /// The station that stands for it.
    station: StationIdx,
    cores: u32,
    /// Cores that work, or are kept for a station that is about to take one.
    busy: u32,
    /// Stations whose calls wait for a core, one entry for each call, in the order in which they asked.
    waiting: VecDeque<StationIdx>,
}

impl Core {
    /// The computer that `station` stands for, with so many cores from now on.
    pub fn host_at(&mut self, station: StationIdx, cores: u32) -> HostIdx {
        let known = self.hosts.iter().position(|host| host.station == station);
        let position = known.unwrap_or_else(|| {
            self.hosts.push(Host { station, cores, busy: 0, waiting: VecDeque::new() });
            self.hosts.len() - 1
        });
        self.hosts[position].cores = cores;
        let host = HostIdx(position as u32);
        self.hand_out(host);
        host
    }

    /// Number of cores of a computer.
    pub fn host_cores(&self, host: HostIdx) -> u32 {
        self.hosts[host.0 as usize].cores
    }

    /// Takes a free core for a call of `station`. Without one the call has to wait, and is noted down.
    pub fn take_host_core(&mut self, host: HostIdx, station: StationIdx) -> bool {
        let state = &mut self.hosts[host.0 as usize];
        if state.busy >= state.cores {
            state.waiting.push_back(station);
            return false;
        }
        self.set_busy(host, 1);
        true
    }

    /// A core is free again; it is kept for the station whose call has waited longest, which learns it by
    /// [`Timer::HostCore`].
    pub fn free_host_core(&mut self, host: HostIdx) {
        self.set_busy(host, -1);
        self.hand_out(host);
    }

    /// A station has died or moved: its cores are free, its calls do not wait any more.
    pub fn leave_host(&mut self, host: HostIdx, station: StationIdx, busy: u32) {
        self.hosts[host.0 as usize].waiting.retain(|&other| other != station);
        self.set_busy(host, -i64::from(busy));
        self.hand_out(host);
    }

    /// A station has moved here with so many calls in service.
    pub fn join_host(&mut self, host: HostIdx, busy: u32) {
        self.set_busy(host, i64::from(busy));
    }

    fn hand_out(&mut self, host: HostIdx) {
        loop {
            let state = &mut self.hosts[host.0 as usize];
            if state.busy >= state.cores {
                return;
            }
            let Some(next) = state.waiting.pop_front() else { return };
            self.set_busy(host, 1);
            self.set_timer(next, SimDuration::ZERO, Timer::HostCore, 0);
        }
    }

    fn set_busy(&mut self, host: HostIdx, change: i64) {
        let state = &mut self.hosts[host.0 as usize];
        state.busy = state.busy.saturating_add_signed(change as i32);
        let (station, busy) = (state.station, state.busy);
        self.levels[station.0 as usize].busy_cores.set(self.now, u64::from(busy));
    }
}
