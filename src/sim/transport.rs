//! What happens between the two ends of a link beside the time it takes: losses, delays, a limited bandwidth, and the
//! faults that change them. Only links that have something of the kind have a [`Transport`].
//!
//! A limited bandwidth is a pipe for each direction: messages go through one after the other, each for as long as its
//! size takes, and wait for those before them. Left out: packets, congestion control, and TCP's own repetitions; a lost
//! message is lost until its sender gives up.

use super::rng::{Purpose, Stream};
use crate::design::LinkConfig;
use crate::design::fault::{Fault, FaultKind};
use crate::ids::LinkId;
use crate::units::{SimDuration, SimTime};

/// When a sender without a timeout of its own gives up a message that nobody acknowledges: Linux repeats 15 times,
/// which takes about 925 s (`tcp_retries2`, ip-sysctl.rst).
pub const GIVE_UP: SimDuration = SimDuration::from_secs(925);

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the station that is called.
    Forth,
    /// Back to the caller.
    Back,
}

/// What befalls messages on a link.
#[derive(Clone, Debug)]
pub struct Transport {
    faults: Vec<Fault>,
    /// Without any fault.
    usual: Pipe,
    pipes: [Pipe; 2],
    stream: Stream,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pipe {
    loss_share: f64,
    added: SimDuration,
    jitter_secs: f64,
    bits_per_sec: Option<f64>,
    /// When the last message so far has gone through.
    free_at: SimTime,
}

impl Transport {
    /// A transport without anything special yet.
    pub fn new(seed: u64, link: LinkId) -> Self {
        Self {
            faults: Vec::new(),
            usual: Pipe::default(),
            pipes: [Pipe::default(); 2],
            stream: Stream::of_link(seed, link, Purpose::Faults),
        }
    }

    /// Whether a link of these parameters needs one even without faults.
    pub fn is_needed_by(config: &LinkConfig) -> bool {
        Self::usual(config) != Pipe::default()
    }

    fn usual(config: &LinkConfig) -> Pipe {
        Pipe {
            loss_share: config.loss_share,
            bits_per_sec: config.bandwidth_megabits_per_sec.map(|megabits| megabits * 1e6),
            ..Pipe::default()
        }
    }

    /// Takes over the parameters of a link; faults stay.
    pub fn configure(&mut self, config: &LinkConfig) {
        self.usual = Self::usual(config);
        self.add_up();
    }

    /// Adds a fault, in place of one of the same kind.
    pub fn add(&mut self, fault: Fault) {
        self.faults.retain(|other| other.kind() != fault.kind());
        self.faults.push(fault);
        self.add_up();
    }

    /// Takes a fault away, or all of them; gives whether there was one.
    pub fn remove(&mut self, kind: Option<FaultKind>) -> bool {
        let before = self.faults.len();
        self.faults.retain(|fault| kind.is_some_and(|kind| fault.kind() != kind));
        self.add_up();
        self.faults.len() < before
    }

    /// What is added to the way there and back; `None` if nothing comes through.
    pub fn added_round_trip(&self) -> Option<SimDuration> {
        let [forth, back] = &self.pipes;
        (forth.loss_share < 1.0 && back.loss_share < 1.0).then(|| forth.added + back.added)
    }

    /// Sends `bytes` one way, which would take `latency` otherwise. Gives how long it takes, `None` if it is lost.
    pub fn pass(&mut self, way: Way, bytes: f64, latency: SimDuration, now: SimTime) -> Option<SimDuration> {
        let pipe = &mut self.pipes[way as usize];
        if pipe.loss_share > 0.0 && self.stream.uniform() < pipe.loss_share {
            return None;
        }
        let mut takes = latency + pipe.added;
        if pipe.jitter_secs > 0.0 {
            takes += SimDuration::from_secs_f64(pipe.jitter_secs * self.stream.uniform());
        }
        if let Some(bits_per_sec) = pipe.bits_per_sec {
            let through = pipe.free_at.max(now) + SimDuration::from_secs_f64(bytes * 8.0 / bits_per_sec);
            pipe.free_at = through;
            takes += through.since(now);
        }
        Some(takes)
    }

    /// Works out what the usual and all faults do together.
    fn add_up(&mut self) {
        for (position, pipe) in self.pipes.iter_mut().enumerate() {
            let is_forth = position == Way::Forth as usize;
            let mut now = Pipe { free_at: pipe.free_at, ..self.usual };
            let mut arrives = 1.0 - self.usual.loss_share;
            for fault in &self.faults {
                let concerns = |direction: crate::design::fault::Direction| {
                    if is_forth { direction.is_forth() } else { direction.is_back() }
                };
                match fault {
                    Fault::Loss(loss) if concerns(loss.direction) => arrives *= 1.0 - loss.share,
                    Fault::Partition(partition) if concerns(partition.direction) => arrives = 0.0,
                    Fault::Delay(delay) if concerns(delay.direction) => {
                        now.added += SimDuration::from_secs_f64(delay.added_secs);
                        now.jitter_secs += delay.jitter_secs;
                    }
                    Fault::BandwidthCut(cut) if concerns(cut.direction) => {
                        let left = cut.megabits_per_sec * 1e6;
                        now.bits_per_sec = Some(now.bits_per_sec.map_or(left, |before| before.min(left)));
                    }
                    _ => {}
                }
            }
            now.loss_share = 1.0 - arrives;
            *pipe = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::fault::{BandwidthCut, Direction, Loss, Partition};

    #[test]
    fn faults_concern_their_direction_and_end() {
        let mut transport = Transport::new(1, LinkId(1));
        transport.add(Fault::Partition(Partition { direction: Direction::Back }));
        assert_eq!(transport.added_round_trip(), None);
        let now = SimTime::ZERO;
        assert_eq!(transport.pass(Way::Forth, 100.0, SimDuration::from_secs(1), now), Some(SimDuration::from_secs(1)));
        assert_eq!(transport.pass(Way::Back, 100.0, SimDuration::from_secs(1), now), None);
        assert!(transport.remove(None));
        assert_eq!(transport.added_round_trip(), Some(SimDuration::ZERO));
    }

    #[test]
    fn losses_add_up_as_independent_ones() {
        let mut transport = Transport::new(1, LinkId(1));
        let config = LinkConfig { loss_share: 0.5, ..LinkConfig::default() };
        transport.configure(&config);
        transport.add(Fault::Loss(Loss { direction: Direction::Forth, share: 0.5 }));
        assert_eq!(transport.pipes[0].loss_share, 0.75);
        assert_eq!(transport.pipes[1].loss_share, 0.5);
    }

    #[test]
    fn messages_wait_for_those_before_them_in_a_narrow_pipe() {
        let mut transport = Transport::new(1, LinkId(1));
        // 1 Mbit/s: 125,000 bytes take a second.
        transport.add(Fault::BandwidthCut(BandwidthCut { direction: Direction::Both, megabits_per_sec: 1.0 }));
        let mut pass = |at: u64| transport.pass(Way::Forth, 125_000.0, SimDuration::ZERO, SimTime::from_nanos(at));
        assert_eq!(pass(0), Some(SimDuration::from_secs(1)));
        assert_eq!(pass(0), Some(SimDuration::from_secs(2)));
        assert_eq!(pass(5_000_000_000), Some(SimDuration::from_secs(1)));
    }
}
