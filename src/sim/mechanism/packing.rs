//! Bin packing: which node a container goes to.
//!
//! # Sources
//! Kubernetes scheduler, plugin `NodeResourcesFit`, strategies LeastAllocated and MostAllocated; first fit and best fit:
//! D. S. Johnson et al., SIAM Journal on Computing 3 (1974).

use crate::design::kind::container_pool::Packing;

/// Cores, memory and places: what a container asks for, or what a node has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amount {
    /// Cores.
    pub cores: f64,
    /// Memory [MB].
    pub memory_mb: f64,
    /// Containers.
    pub containers: u32,
}

impl Amount {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            cores: self.cores + other.cores,
            memory_mb: self.memory_mb + other.memory_mb,
            containers: self.containers + other.containers,
        }
    }

    /// Whether there is room in `capacity` for this; a rounding error does not count.
    pub fn fits(self, capacity: Self) -> bool {
        self.cores <= capacity.cores + 1e-9
            && self.memory_mb <= capacity.memory_mb + 1e-6
            && self.containers <= capacity.containers
    }

    /// Share of `capacity` that this is: the larger of cores and memory.
    pub fn share_of(self, capacity: Self) -> f64 {
        (self.cores / capacity.cores).max(self.memory_mb / capacity.memory_mb)
    }

    /// Mean share of cores and memory, by which nodes are compared.
    fn score(self, capacity: Self) -> f64 {
        0.5 * (self.cores / capacity.cores + self.memory_mb / capacity.memory_mb)
    }
}

/// Chooses among nodes of the same `capacity`, given what is taken of each; `None` for a node that takes no more. Gives
/// the position of the node; `None` if none has room for `wanted`. Of equals, the first.
///
/// # Complexity
/// O(nodes).
pub fn choose(packing: Packing, capacity: Amount, taken: &[Option<Amount>], wanted: Amount) -> Option<usize> {
    let mut chosen: Option<(usize, f64)> = None;
    for (position, taken) in taken.iter().enumerate() {
        let Some(after) = taken.map(|taken| taken.plus(wanted)).filter(|after| after.fits(capacity)) else { continue };
        let cost = match packing {
            Packing::FirstFit => return Some(position),
            Packing::Spread => after.score(capacity),
            Packing::BestFit => -after.score(capacity),
        };
        if chosen.is_none_or(|(_, least)| cost < least) {
            chosen = Some((position, cost));
        }
    }
    chosen.map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: Amount = Amount { cores: 10.0, memory_mb: 10.0, containers: 100 };

    fn item(size: f64) -> Amount {
        Amount { cores: size, memory_mb: size, containers: 1 }
    }

    /// Nodes that are needed for items in order, if there are as many as are wanted.
    fn nodes_for(packing: Packing, items: &[f64]) -> usize {
        let mut taken = vec![Some(Amount::default()); items.len()];
        for &size in items {
            let node = choose(packing, CAPACITY, &taken, item(size)).expect("as many nodes as items");
            taken[node] = taken[node].map(|taken| taken.plus(item(size)));
        }
        taken.iter().flatten().filter(|taken| taken.containers > 0).count()
    }

    /// After 5, 7, best fit puts 3 beside the 7 and has room for the 5; first fit puts it beside the 5 and has not.
    #[test]
    fn best_fit_needs_fewer_nodes_where_first_fit_wastes_a_gap() {
        let items = [5.0, 7.0, 3.0, 5.0];
        assert_eq!(nodes_for(Packing::FirstFit, &items), 3);
        assert_eq!(nodes_for(Packing::BestFit, &items), 2);
        assert_eq!(nodes_for(Packing::Spread, &items), 4);
    }

    /// First fit never needs more than 1.7 times the fewest nodes (G. Dósa, J. Sgall 2013): items of 1/6, 1/3 and 1/2, and a
    /// little more, in this order come to n/6 + n/2 + n nodes, where n would do.
    #[test]
    fn first_fit_is_as_bad_as_the_formula_says() {
        let n = 12;
        let items: Vec<f64> = [1.0 / 6.0 - 0.02, 1.0 / 3.0 + 0.005, 0.5 + 0.005]
            .into_iter()
            .flat_map(|share| std::iter::repeat_n(share * 10.0, n))
            .collect();
        assert_eq!(nodes_for(Packing::FirstFit, &items), n / 6 + n / 2 + n);
    }

    #[test]
    fn what_fits_nowhere_goes_nowhere() {
        let full = [Some(item(8.0)), None];
        for packing in [Packing::Spread, Packing::FirstFit, Packing::BestFit] {
            assert_eq!(choose(packing, CAPACITY, &full, item(3.0)), None);
            assert_eq!(choose(packing, CAPACITY, &full, item(2.0)), Some(0));
        }
        let many = Amount { containers: 100, ..Amount::default() };
        assert_eq!(choose(Packing::Spread, CAPACITY, &[Some(many)], item(0.1)), None, "no place left");
    }
}
