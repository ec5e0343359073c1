//! Which shard holds which key.

use crate::design::kind::shard_router::Sharding;
use crate::sim::rng::mix;
use crate::sorted::sort_by;

/// The way keys are spread over `shards` shards.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    method: Sharding,
    keys: u32,
    /// Identity of each shard, which decides its places on the ring.
    shards: Vec<u32>,
    /// Consistent hashing: places on the ring in order, with the shard that each belongs to.
    ring: Vec<(u64, u32)>,
    /// Directory: the shard of each key.
    table: Vec<u32>,
}

impl Layout {
    /// The layout of `keys` keys over shards of these identities. A directory is carried on from the layout `before`,
    /// so that only as many keys move as must.
    pub fn new(method: Sharding, keys: u32, shards: Vec<u32>, virtual_nodes: u32, before: Option<&Self>) -> Self {
        let mut layout = Self { method, keys: keys.max(1), shards, ring: Vec::new(), table: Vec::new() };
        match method {
            Sharding::ConsistentHash => {
                for (shard, &identity) in (0..).zip(&layout.shards) {
                    for number in 0..virtual_nodes {
                        layout.ring.push((mix(mix(u64::from(identity)) ^ u64::from(number)), shard));
                    }
                }
                sort_by(&mut layout.ring, Ord::cmp);
            }
            Sharding::Directory => layout.table = layout.directory(before),
            Sharding::Hash | Sharding::Range => {}
        }
        layout
    }

    /// Every key where it was, as far as that shard is still there and holds no more than its part.
    fn directory(&self, before: Option<&Self>) -> Vec<u32> {
        let n = self.shards.len() as u32;
        if n == 0 {
            return Vec::new();
        }
        // The rank of a key is its popularity, so dealing keys out in turn is what a directory that watches load does.
        let Some(before) = before.filter(|before| before.method == Sharding::Directory && before.keys == self.keys)
        else {
            return (0..self.keys).map(|key| key % n).collect();
        };
        let now_at = |identity: u32| self.shards.iter().position(|&shard| shard == identity).map(|shard| shard as u32);
        let fair = self.keys.div_ceil(n);
        let mut held = vec![0; n as usize];
        let mut table: Vec<Option<u32>> = Vec::with_capacity(self.keys as usize);
        let n_before = before.shards.len() as u32;
        for key in 0..self.keys {
            let stays = before.table.get(key as usize).and_then(|&shard| now_at(before.shards[shard as usize]));
            // Those that leave a full shard are taken from all ranks alike.
            let leaves = n > n_before && (key / n_before.max(1)) % n >= n_before;
            let stays = stays.filter(|&shard| !leaves && held[shard as usize] < fair);
            if let Some(shard) = stays {
                held[shard as usize] += 1;
            }
            table.push(stays);
        }
        let mut next = 0;
        table
            .into_iter()
            .map(|place| {
                place.unwrap_or_else(|| {
                    while held[next] >= fair && next + 1 < held.len() {
                        next += 1;
                    }
                    // Shards with the most room come first: new ones are empty.
                    let shard = (0..held.len()).min_by_key(|&shard| held[shard]).unwrap_or(next);
                    held[shard] += 1;
                    shard as u32
                })
            })
            .collect()
    }

    /// The place of the shard of a key in the list of shards; `None` if there are no shards.
    pub fn shard_of(&self, key: u32) -> Option<usize> {
        let n = self.shards.len() as u64;
        if n == 0 {
            return None;
        }
        Some(match self.method {
            Sharding::Hash => (mix(u64::from(key)) % n) as usize,
            Sharding::Range => (u64::from(key.min(self.keys - 1)) * n / u64::from(self.keys)) as usize,
            Sharding::Directory => {
                self.table.get(key as usize).map_or((u64::from(key) % n) as usize, |&at| at as usize)
            }
            Sharding::ConsistentHash => {
                let hash = mix(u64::from(key) ^ 0x5bd1_e995_0000_0000);
                let place = self.ring.partition_point(|&(at, _)| at < hash);
                self.ring[place % self.ring.len()].1 as usize
            }
        })
    }

    /// Identity of the shard of a key.
    pub fn identity_of(&self, key: u32) -> Option<u32> {
        Some(self.shards[self.shard_of(key)?])
    }

    /// Number of keys.
    pub const fn keys(&self) -> u32 {
        self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(method: Sharding, keys: u32, from: u32, to: u32) -> f64 {
        let before = Layout::new(method, keys, (0..from).collect(), 200, None);
        let after = Layout::new(method, keys, (0..to).collect(), 200, Some(&before));
        let moved = (0..keys).filter(|&key| before.identity_of(key) != after.identity_of(key)).count();
        moved as f64 / f64::from(keys)
    }

    /// Modulo hashing moves n/(n + 1) of all keys when a shard is added, consistent hashing 1/(n + 1) (D. Karger et al.,
    /// *Consistent hashing and random trees*, STOC 1997), a directory as few.
    #[test]
    fn adding_a_shard_moves_few_keys_or_nearly_all() {
        let near =
            |value: f64, expected: f64, room: f64| assert!((value - expected).abs() < room, "{value}, {expected}");
        near(moved(Sharding::Hash, 100_000, 4, 5), 0.8, 0.01);
        near(moved(Sharding::ConsistentHash, 100_000, 4, 5), 0.2, 0.05);
        near(moved(Sharding::Directory, 100_000, 4, 5), 0.2, 0.01);
        near(moved(Sharding::Directory, 100_000, 5, 4), 0.2, 0.01);
    }

    /// With v places each, the shares of n shards have a coefficient of variation of √((n − 1)/(nv + 1)): the places cut
    /// the ring as a uniform sample does (Dirichlet; H. A. David, H. N. Nagaraja, *Order Statistics*, 2003, §6.4).
    #[test]
    fn virtual_nodes_even_the_shares_out_as_theory_says() {
        let (shards, keys, rings) = (8_u32, 20_000, 60);
        for virtual_nodes in [1, 16, 128] {
            let mut squares = 0.0;
            for ring in 0..rings {
                let identities = (0..shards).map(|shard| 1000 * ring + shard).collect();
                let layout = Layout::new(Sharding::ConsistentHash, keys, identities, virtual_nodes, None);
                let mut counts = vec![0_u32; shards as usize];
                (0..keys).for_each(|key| counts[layout.shard_of(key).expect("there are shards")] += 1);
                let mean = f64::from(keys) / f64::from(shards);
                squares += counts.iter().map(|&count| (f64::from(count) / mean - 1.0).powi(2)).sum::<f64>();
            }
            let simulated = (squares / f64::from(rings * shards)).sqrt();
            let (n, v) = (f64::from(shards), f64::from(virtual_nodes));
            let theory = ((n - 1.0) / (n * v + 1.0)).sqrt();
            // 480 shares; keys at random add a little at many places.
            assert!((simulated / theory - 1.0).abs() < 0.15, "{virtual_nodes}: {simulated}, theory {theory}");
        }
    }

    #[test]
    fn ranges_hold_neighbours_together() {
        let layout = Layout::new(Sharding::Range, 100, vec![7, 8, 9, 10], 1, None);
        assert_eq!(layout.identity_of(0), Some(7));
        assert_eq!(layout.identity_of(24), Some(7));
        assert_eq!(layout.identity_of(25), Some(8));
        assert_eq!(layout.identity_of(99), Some(10));
        assert_eq!(Layout::new(Sharding::Hash, 10, Vec::new(), 1, None).shard_of(3), None);
    }
}
