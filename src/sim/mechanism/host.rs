//! Computers that several stations share: their cores go to whoever asked first, whichever station that is. How many
//! of them a container may use at a time is its own business.

use std::collections::VecDeque;

use crate::network::StationIdx;
use crate::sim::core::Core;
use crate::sim::event::Timer;
use crate::units::SimDuration;

/// Position of a computer in [`Core::hosts`]; never given out twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostIdx(pub u32);

/// A computer that several stations share.
#[derive(Clone, Debug)]
pub struct Host {
    /// The station that stands for it.
    station: StationIdx,
    cores: u32,
    /// Memory that all stations on it have together [bytes].
    memory: f64,
    /// Cores that work, or are kept for a station that is about to take one.
    busy: u32,
    /// Stations whose calls wait for a core, one entry for each call, in the order in which they asked.
    waiting: VecDeque<StationIdx>,
}

impl Core {
    /// The computer that `station` stands for, with so many cores and so much memory [bytes] from now on.
    pub fn host_at(&mut self, station: StationIdx, cores: u32, memory: f64) -> HostIdx {
        let known = self.hosts.iter().position(|host| host.station == station);
        let position = known.unwrap_or_else(|| {
            self.hosts.push(Host { station, cores, memory, busy: 0, waiting: VecDeque::new() });
            self.hosts.len() - 1
        });
        self.hosts[position].cores = cores;
        self.hosts[position].memory = memory;
        let host = HostIdx(position as u32);
        self.hand_out(host);
        host
    }

    /// Number of cores of a computer.
    pub fn host_cores(&self, host: HostIdx) -> u32 {
        self.hosts[host.0 as usize].cores
    }

    /// Memory of a computer [bytes].
    pub fn host_memory(&self, host: HostIdx) -> f64 {
        self.hosts[host.0 as usize].memory
    }

    /// Memory of the computer that a station stands for [bytes]; `None` if it stands for none.
    pub fn memory_at(&self, station: StationIdx) -> Option<f64> {
        self.hosts.iter().find(|host| host.station == station).map(|host| host.memory)
    }

    /// Counts how much memory all that runs on the computer that a station stands for takes together [bytes].
    pub fn note_memory(&mut self, station: StationIdx, bytes: f64) {
        let limit = self.memory_at(station).unwrap_or(0.0);
        let counts = &mut self.window.stations[station.0 as usize];
        counts.memory_sum += bytes;
        counts.memory_limit_sum += limit;
        counts.memory_samples += 1;
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
            self.set_timer(next, SimDuration::ZERO, Timer::HostCore, host.0);
        }
    }

    fn set_busy(&mut self, host: HostIdx, change: i64) {
        let state = &mut self.hosts[host.0 as usize];
        state.busy = state.busy.saturating_add_signed(change as i32);
        let (station, busy) = (state.station, state.busy);
        self.levels[station.0 as usize].busy_cores.set(self.now, u64::from(busy));
    }
}
