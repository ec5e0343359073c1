//! The methods by which a load balancer picks the target of a request.

use super::{LEAST_START_SHARE, LoadBalancer, Target};
use crate::design::kind::load_balancer::{BalancingMethod, HashOn};
use crate::sim::core::Core;
use crate::sim::rng::mix;
use crate::units::SimTime;

impl LoadBalancer {
    pub(super) fn pick(&mut self, core: &Core, client: u32, key: u32) -> Option<u32> {
        let n = self.used.len() as u32;
        Some(match self.method {
            BalancingMethod::RoundRobin if self.is_even => {
                let turn = self.take_turn(n);
                self.used[turn as usize]
            }
            BalancingMethod::RoundRobin => self.next_by_weight(core.now)?,
            BalancingMethod::Random if self.is_even => self.used[self.choice.below(n) as usize],
            BalancingMethod::Random => self.draw_by_weight(core.now)?,
            BalancingMethod::LeastConnections => {
                let turn = self.take_turn(n);
                let rotated = self.used[turn as usize..].iter().chain(&self.used[..turn as usize]);
                if self.is_even {
                    *rotated.min_by_key(|&&position| self.targets[position as usize].in_flight)?
                } else {
                    let load = |position: u32| self.load(position, core.now);
                    *rotated.min_by(|a, b| load(**a).total_cmp(&load(**b)))?
                }
            }
            BalancingMethod::TwoChoices => self.better_of_two(|balancer, position| balancer.load(position, core.now)),
            BalancingMethod::LeastTime => self.better_of_two(|balancer, position| {
                balancer.targets[position as usize].expected_secs(core.now) * balancer.load(position, core.now)
            }),
            BalancingMethod::IpHash => {
                let all = self.targets.len() as u64;
                let start = mix(u64::from(client)) % all;
                // A client whose target is out goes to the next one that works, and returns when it does.
                (0..all)
                    .map(|step| ((start + step) % all) as u32)
                    .find(|&position| self.targets[position as usize].is_used)?
            }
            BalancingMethod::ConsistentHash => {
                let hashed = match self.hash_on {
                    HashOn::Client => u64::from(client),
                    HashOn::Item => u64::from(key),
                };
                let in_flight: u64 =
                    self.used.iter().map(|&used| u64::from(self.targets[used as usize].in_flight)).sum();
                // The one to come counts too, so that there is room somewhere.
                let limit = self.load_bound.map(|bound| (bound * (in_flight + 1) as f64 / f64::from(n)).ceil());
                let has_room = |target: &Target| limit.is_none_or(|limit| f64::from(target.in_flight) < limit);
                self.ring.targets(hashed).find(|&position| {
                    let target = &self.targets[position as usize];
                    target.is_used && has_room(target)
                })?
            }
        })
    }

    /// Requests in flight of a target, the one to come included, over its weight.
    fn load(&self, position: u32, now: SimTime) -> f64 {
        let target = &self.targets[position as usize];
        (f64::from(target.in_flight) + 1.0) / self.weight(target, now)
    }

    /// Weight of a target now: less while it starts slowly.
    fn weight(&self, target: &Target, now: SimTime) -> f64 {
        let started = match (self.slow_start, target.fresh_since) {
            (Some(span), Some(since)) => now.since(since).as_secs_f64() / span.as_secs_f64(),
            _ => 1.0,
        };
        target.weight * started.clamp(LEAST_START_SHARE, 1.0)
    }

    /// The one of two different targets, drawn at random, for which `cost` is less.
    fn better_of_two(&mut self, cost: impl Fn(&Self, u32) -> f64) -> u32 {
        let n = self.used.len() as u32;
        let first = self.choice.below(n);
        if n == 1 {
            return self.used[0];
        }
        let second = (first + 1 + self.choice.below(n - 1)) % n;
        let [first, second] = [first, second].map(|place| self.used[place as usize]);
        if cost(self, second) < cost(self, first) { second } else { first }
    }

    /// Smooth weighted round robin: each gains its weight, the richest is taken and pays for all.
    fn next_by_weight(&mut self, now: SimTime) -> Option<u32> {
        let mut total = 0.0;
        let mut richest: Option<u32> = None;
        for place in 0..self.used.len() {
            let position = self.used[place];
            let weight = self.weight(&self.targets[position as usize], now);
            total += weight;
            self.targets[position as usize].credit += weight;
            let credit = |position: u32| self.targets[position as usize].credit;
            if richest.is_none_or(|richest| credit(position) > credit(richest)) {
                richest = Some(position);
            }
        }
        self.targets[richest? as usize].credit -= total;
        richest
    }

    fn draw_by_weight(&mut self, now: SimTime) -> Option<u32> {
        let weight = |position: u32| self.weight(&self.targets[position as usize], now);
        let total: f64 = self.used.iter().map(|&position| weight(position)).sum();
        let drawn = total * self.choice.uniform();
        let mut sum = 0.0;
        self.used
            .iter()
            .copied()
            .find(|&position| {
                sum += self.weight(&self.targets[position as usize], now);
                drawn < sum
            })
            .or(self.used.last().copied())
    }
}
