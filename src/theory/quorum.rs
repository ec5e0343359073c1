//! Quorums: how long the k-th of n answers takes, and how often a read misses a confirmed write.
//!
//! # Sources
//! H. A. David, H. N. Nagaraja, *Order Statistics* (2003), §2.5 (exponential case, Rényi); P. Bailis et al.,
//! *Probabilistically bounded staleness for practical partial quorums*, VLDB (2012).

/// Mean time until `k` of `n` answers have come, each exponential with mean `mean` [s]: mean·(1/n + … + 1/(n−k+1)).
///
/// # Panics
/// Unless `k` is from 1 to `n`.
pub fn order_statistic_mean(n: u32, k: u32, mean: f64) -> f64 {
    assert!((1..=n).contains(&k), "one of {n} answers is asked for, not number {k}");
    (n - k + 1..=n).map(|left| mean / f64::from(left)).sum()
}

/// Share of reads of an item that miss its newest confirmed write, where one of `copies` nodes confirms a write and one
/// answers a read (R = W = 1).
///
/// Writes come at `write_rate` [1/s], seldom enough not to overlap; each copy gets a write after an exponential time of
/// mean `write_mean` [s] and `flight` [s] each way; a copy is read after the same flight and an exponential time of mean
/// `read_mean` [s], and the fastest answer counts. The write is confirmed by the first of n copies, and the others are
/// still to get it, each after another exponential time (which forgets), so at time t after that a read from a copy
/// chosen by chance misses it with probability (n−1)/n·e^(−t/write_mean).
pub fn quorum_stale_share(copies: u32, write_rate: f64, write_mean: f64, read_mean: f64, flight: f64) -> f64 {
    let n = f64::from(copies);
    // The confirmation flies back and the read flies forth before the copy is looked at.
    let unseen = libm::exp(-2.0 * flight / write_mean);
    // The fastest of n reads takes an exponential time of mean read_mean/n.
    let while_reading = 1.0 / (1.0 + read_mean / (n * write_mean));
    write_rate * write_mean * (n - 1.0) / n * unseen * while_reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;

    #[test]
    fn the_first_and_the_last_of_three() {
        assert_close(order_statistic_mean(3, 1, 6.0), 2.0, 12);
        assert_close(order_statistic_mean(3, 3, 6.0), 11.0, 12);
    }

    #[test]
    fn a_single_copy_is_never_stale() {
        assert_close(quorum_stale_share(1, 0.1, 0.05, 0.001, 0.0), 0.0, 12);
        assert_close(quorum_stale_share(2, 0.1, 0.05, 0.0, 0.0), 0.0025, 12);
    }
}
