//! The simulation against closed forms: agreement within the simulation's own error, which must be small enough to
//! prove something.

mod cases;

macro_rules! agrees_with {
    ($($(#[$meta:meta])* $case:ident,)+) => {
    $(
        $(#[$meta])*
        #[test]
        fn $case() {
            cases::$case().check(10);
        }
    )+

    const TESTED: usize = [$(stringify!($case)),+].len();
    };
}

agrees_with! {
    /// M/M/1, mean wait.
    mm1_wait,
    /// M/M/1, quantile of the response time.
    mm1_p99,
    /// M/M/c, Erlang C.
    mmc_waiting_probability,
    /// M/M/c, mean wait.
    mmc_wait,
    /// M/D/1.
    md1_wait,
    /// M/G/1, Pollaczek–Khinchine.
    mg1_lognormal_wait,
    /// M/M/1/K.
    mm1k_blocking,
    /// M/G/1 processor sharing.
    mg1_ps_response,
    /// Closed network, exact mean value analysis.
    closed_response,
    /// Closed network, exact mean value analysis.
    closed_throughput,
    /// LRU under Zipf, Che's approximation.
    lru_hit_ratio,
    /// Random eviction under Zipf.
    random_hit_ratio,
    /// First in, first out under Zipf.
    fifo_hit_ratio,
    /// Expiry, exact.
    ttl_hit_ratio,
    /// M/M/1 apply queue.
    replication_lag_mean,
    /// M/M/1 apply queue.
    replication_lag_p99,
    /// Poisson writes within the lag before a read, exact.
    asynchronous_staleness,
    /// M/M/c, with a broker between the line and its servers.
    message_age,
    /// Order statistics.
    quorum_latency,
    /// Probabilistically bounded staleness.
    quorum_staleness,
}

/// The list that the accuracy table is printed from is the list that is tested.
#[test]
fn every_case_of_the_table_is_tested() {
    assert_eq!(cases::all().len(), TESTED);
}
