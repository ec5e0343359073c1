//! Hit ratios of caches under independent requests: least recently used (Che's approximation), first in first out and
//! random, least frequently used, and time to live.

/// Popularity of `keys` keys under a Zipf law: key `i`, from 1, is asked for in proportion to `i^−exponent`.
/// `popularity[key]`, most popular first, sums to 1.
///
/// # Complexity
/// O(keys).
///
/// # Sources
/// L. Breslau et al., *Web caching and Zipf-like distributions*, INFOCOM (1999).
pub fn zipf_popularity(keys: u32, exponent: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=keys).map(|rank| libm::pow(f64::from(rank), -exponent)).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Share of look-ups that find their key in a cache of `capacity` entries that evicts the least recently used, by Che's
/// approximation. `popularity[key]` is the share of look-ups for that key and sums to 1.
///
/// An entry is taken to stay for one characteristic time t after its last use, the same for all keys, where t is such
/// that the expected number of entries is the capacity. Good to a few tenths of a per cent from some tens of entries
/// on; exact for equally popular keys.
///
/// # Complexity
/// O(keys) for each of at most 200 steps of bisection.
///
/// # Sources
/// H. Che, Y. Tung, Z. Wang, *Hierarchical Web caching systems*, IEEE JSAC 20 (2002); C. Fricker, P. Robert, J. Roberts,
/// *A versatile and accurate approximation for LRU cache performance*, ITC 24 (2012).
pub fn lru_hit_ratio(popularity: &[f64], capacity: u32) -> f64 {
    if capacity == 0 {
        return 0.0;
    }
    if popularity.iter().filter(|&&share| share > 0.0).count() <= capacity as usize {
        return 1.0;
    }
    // Time is counted in look-ups, so a key's rate is its popularity.
    let entries = |time: f64| popularity.iter().map(|share| -libm::expm1(-share * time)).sum::<f64>();
    let (mut low, mut high) = (0.0, f64::from(capacity));
    while entries(high) < f64::from(capacity) {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if entries(middle) < f64::from(capacity) { low = middle } else { high = middle }
    }
    popularity.iter().map(|share| share * -libm::expm1(-share * high)).sum()
}

/// Share of look-ups that find their key in a cache of `capacity` entries that evicts a random one, or the one stored
/// first: both hit equally often. `popularity[key]` is the share of look-ups for that key and sums to 1.
///
/// A key is in the cache with probability p·t/(1 + p·t), where t is such that the expected number of entries is the
/// capacity.
///
/// # Complexity
/// O(keys) for each of at most 200 steps of bisection.
///
/// # Sources
/// E. Gelenbe, *A unified approach to the evaluation of a class of replacement algorithms*, IEEE TC 22 (1973), for both
/// being equal; M. Gallo et al., *Performance evaluation of the random replacement policy for networks of caches*,
/// SIGMETRICS (2012), for the approximation.
pub fn random_hit_ratio(popularity: &[f64], capacity: u32) -> f64 {
    if capacity == 0 {
        return 0.0;
    }
    if popularity.iter().filter(|&&share| share > 0.0).count() <= capacity as usize {
        return 1.0;
    }
    let held = |share: f64, time: f64| share * time / (1.0 + share * time);
    let entries = |time: f64| popularity.iter().map(|&share| held(share, time)).sum::<f64>();
    let (mut low, mut high) = (0.0, f64::from(capacity));
    while entries(high) < f64::from(capacity) {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if entries(middle) < f64::from(capacity) { low = middle } else { high = middle }
    }
    popularity.iter().map(|&share| share * held(share, high)).sum()
}

/// Share of look-ups that find their key in a cache of `capacity` entries that knows how often each key was asked for
/// and evicts the least popular: the most popular keys but one, and what is asked for now in the last place.
///
/// # Complexity
/// O(keys).
///
/// # Sources
/// E. G. Coffman, P. J. Denning, *Operating Systems Theory* (1973), §6.6 (the A₀ algorithm).
pub fn lfu_hit_ratio(popularity: &[f64], capacity: u32) -> f64 {
    let kept = (capacity as usize).saturating_sub(1).min(popularity.len());
    let (top, rest) = popularity.split_at(kept);
    let left: f64 = rest.iter().sum();
    // The last place holds the key that was asked for last among the others.
    let last =
        if capacity == 0 || left <= 0.0 { 0.0 } else { rest.iter().map(|share| share * share).sum::<f64>() / left };
    top.iter().sum::<f64>() + last
}

/// Share of look-ups that find their key in a cache with room for everything, where an entry may be used for `ttl` [s]
/// after it was stored, used or not. `popularity[key]` is the share of look-ups for that key and sums to 1.
///
/// `lookup_rate` in [1/s], Poisson. Exact: with rate r of a key, each miss is followed by r·ttl hits on average.
///
/// # Complexity
/// O(keys).
///
/// # Sources
/// J. Jung, A. Berger, H. Balakrishnan, *Modeling TTL-based Internet caches*, INFOCOM (2003).
pub fn ttl_hit_ratio(popularity: &[f64], lookup_rate: f64, ttl: f64) -> f64 {
    popularity
        .iter()
        .map(|share| {
            let hits_per_miss = share * lookup_rate * ttl;
            share * hits_per_miss / (1.0 + hits_per_miss)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;

    /// An LRU list, slow and obvious, under `lookups` look-ups from a fixed stream.
    fn simulated_hit_ratio(popularity: &[f64], capacity: usize, lookups: u32) -> f64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut list: Vec<usize> = Vec::new();
        let mut hits = 0_u32;
        let warm_up = lookups / 5;
        for lookup in 0..lookups {
            // xorshift64*, by S. Vigna.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let mut point = (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64;
            let key = popularity.iter().position(|share| {
                point -= share;
                point < 0.0
            });
            let key = key.unwrap_or(popularity.len() - 1);
            if let Some(place) = list.iter().position(|&kept| kept == key) {
                list.remove(place);
                hits += u32::from(lookup >= warm_up);
            } else if list.len() == capacity {
                list.pop();
            }
            list.insert(0, key);
        }
        f64::from(hits) / f64::from(lookups - warm_up)
    }

    #[test]
    fn equal_keys_are_hit_by_the_share_that_fits() {
        assert_close(lru_hit_ratio(&zipf_popularity(1000, 0.0), 250), 0.25, 12);
        assert_close(lru_hit_ratio(&zipf_popularity(100, 1.0), 100), 1.0, 12);
        assert_close(lru_hit_ratio(&zipf_popularity(100, 1.0), 0), 0.0, 12);
    }

    #[test]
    fn zipf_keys_are_hit_as_often_as_in_a_list() {
        for exponent in [0.6, 0.99] {
            let popularity = zipf_popularity(500, exponent);
            let simulated = simulated_hit_ratio(&popularity, 50, 200_000);
            // Standard error of the share is about 0.0013; the approximation is far better than that.
            assert!((lru_hit_ratio(&popularity, 50) - simulated).abs() < 0.006, "{exponent}: {simulated}");
        }
    }

    #[test]
    fn ttl_hits_follow_each_miss() {
        // One key, 10 look-ups per second, 1 s: 10 hits for each miss.
        assert_close(ttl_hit_ratio(&[1.0], 10.0, 1.0), 10.0 / 11.0, 12);
        assert_close(ttl_hit_ratio(&zipf_popularity(100, 1.0), 10.0, 0.0), 0.0, 12);
    }
}
