//! Maps and sets as sorted vectors, and one sort for all types.
//!
//! A drawing has hundreds of parts, not millions: a sorted vector is found through as quickly as a tree, read in order
//! more quickly, and its code is a fraction of a tree's for each type that is kept in one. On the page, where code has
//! to be loaded before anything is seen, that counts. Left out: what grows large and loses from its middle, for each
//! insertion moves all that comes after it.

use core::cmp::Ordering;
use core::ops::Index;

/// A map in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Map<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Where `key` is, or where it would have to be put.
    fn find(&self, key: &K) -> Result<usize, usize> {
        match self.0.last() {
            // Most maps are filled in order.
            Some(last) if last.0 < *key => Err(self.0.len()),
            _ => self.0.binary_search_by(|entry| entry.0.cmp(key)),
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is a value for `key`.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of `key` and gives back the one before.
    ///
    /// # Complexity
    /// O(1) if `key` is the greatest, else O(n).
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => Some(core::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// The value of `key`, which is made if there is none.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, make()));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Takes `key` out and gives back its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|at| self.0.remove(at).1)
    }

    /// Keys from `first` to `last`, both included, and their values, in the order of the keys.
    pub fn range(&self, first: &K, last: &K) -> impl Iterator<Item = (&K, &V)> {
        let begin = self.find(first).unwrap_or_else(|at| at);
        self.0[begin..].iter().take_while(move |entry| entry.0 <= *last).map(|(key, value)| (key, value))
    }
}

impl<K, V> Map<K, V> {
    /// Keys and values in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Keys and values in the order of the keys, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Keeps only what `is_kept` says.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| is_kept(key, value));
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many keys there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord, V> Index<&K> for Map<K, V> {
    type Output = V;

    /// # Panics
    /// If there is no value for `key`.
    fn index(&self, key: &K) -> &V {
        self.get(key).expect("whoever indexes a map knows that the key is there")
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A set in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<K>(Vec<K>);

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord> Set<K> {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether `key` is in it.
    pub fn contains(&self, key: &K) -> bool {
        self.0.binary_search(key).is_ok()
    }

    /// Puts `key` in; whether it was not there before.
    pub fn insert(&mut self, key: K) -> bool {
        let at = match self.0.last() {
            Some(last) if *last < key => Err(self.0.len()),
            _ => self.0.binary_search(&key),
        };
        if let Err(at) = at {
            self.0.insert(at, key);
        }
        at.is_err()
    }

    /// Takes `key` out; whether it was there.
    pub fn remove(&mut self, key: &K) -> bool {
        let at = self.0.binary_search(key);
        if let Ok(at) = at {
            self.0.remove(at);
        }
        at.is_ok()
    }
}

impl<K> Set<K> {
    /// All in order.
    pub fn iter(&self) -> core::slice::Iter<'_, K> {
        self.0.iter()
    }

    /// Keeps only what `is_kept` says.
    pub fn retain(&mut self, is_kept: impl FnMut(&K) -> bool) {
        self.0.retain(is_kept);
    }

    /// The least one.
    pub fn first(&self) -> Option<&K> {
        self.0.first()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord> Extend<K> for Set<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

impl<K: Ord, const N: usize> From<[K; N]> for Set<K> {
    fn from(keys: [K; N]) -> Self {
        keys.into_iter().collect()
    }
}

impl<K> IntoIterator for Set<K> {
    type Item = K;
    type IntoIter = std::vec::IntoIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K> IntoIterator for &'a Set<K> {
    type Item = &'a K;
    type IntoIter = core::slice::Iter<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Sorts `items`; equals keep their order. What the standard library's sort does, in one piece of code for all types.
///
/// # Complexity
/// O(n log n), and a list of n positions.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut wanted = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    // Each item goes where it belongs, along the circles that the order consists of.
    for at in 0..wanted.len() {
        let mut from = wanted[at];
        // What was here has been swapped to where it was wanted from.
        while from < at {
            from = wanted[from];
        }
        items.swap(at, from);
        wanted[at] = from;
    }
}

/// The positions from 0 to `count` in the order in which `compare` puts them.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..count).collect();
    positions.sort_by(|&a, &b| compare(a, b));
    positions
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Numbers that look random.
    fn numbers(count: u32, below: u32) -> Vec<u32> {
        (1..=count).map(|step| (step.wrapping_mul(2_654_435_761) >> 7) % below).collect()
    }

    #[test]
    fn a_map_is_the_map_of_the_standard_library() {
        let mut map = Map::new();
        let mut tree = BTreeMap::new();
        for (value, key) in numbers(500, 100).into_iter().enumerate() {
            if value % 3 == 0 {
                assert_eq!(map.remove(&key), tree.remove(&key));
            } else {
                assert_eq!(map.insert(key, value), tree.insert(key, value));
            }
            *map.get_or_insert_with(key / 2, || 7) += 1;
            *tree.entry(key / 2).or_insert(7) += 1;
            assert!(map.iter().eq(tree.iter()));
        }
        for key in 0..100 {
            assert_eq!(map.get(&key), tree.get(&key));
            assert_eq!(map.contains_key(&key), tree.contains_key(&key));
            assert!(map.range(&key, &(key + 9)).eq(tree.range(key..=key + 9)));
        }
        map.retain(|key, _| key % 2 == 0);
        tree.retain(|key, _| key % 2 == 0);
        assert!(map.into_iter().eq(tree));
    }

    #[test]
    fn a_set_is_the_set_of_the_standard_library() {
        let (mut set, mut tree) = (Set::new(), BTreeSet::new());
        for (step, key) in numbers(500, 100).into_iter().enumerate() {
            if step % 3 == 0 {
                assert_eq!(set.remove(&key), tree.remove(&key));
            } else {
                assert_eq!(set.insert(key), tree.insert(key));
            }
            assert!(set.iter().eq(tree.iter()));
        }
        assert!((0..100).all(|key| set.contains(&key) == tree.contains(&key)));
    }

    #[test]
    fn sorting_is_that_of_the_standard_library_and_keeps_equals_in_order() {
        for count in [0, 1, 2, 3, 10, 100, 1000] {
            let mut items: Vec<(u32, usize)> =
                numbers(count, 40).into_iter().enumerate().map(|(at, key)| (key, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            assert_eq!(items, expected);
        }
    }
}
