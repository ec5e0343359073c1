//! Users: the demand.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::Priced;
use crate::distribution::Distribution;

choice! {
    /// Whether slow answers hold users back.
    pub enum DemandModel {
        /// Requests keep coming at the same rate however slow the answers are (Poisson arrivals).
        Open = "open",
        /// Each user waits for the answer, thinks, then asks again (finite source).
        Closed = "closed",
    }
}

config! {
    /// Parameters of a group of users.
    pub struct Users {
        /// Weight of this group among all groups of users.
        share: f64 = 1.0, field::number(0.0, 1_000_000.0), "", "equal groups";
        /// Open or closed.
        demand_model: DemandModel = DemandModel::Open, Control::Choice(DemandModel::WORDS), "",
            "k6 constant-arrival-rate: load keeps coming when answers are slow";
        /// Requests that one registered user sends per second, on average (open).
        requests_per_user_per_sec: f64 = 0.012, field::number(0.0, 1000.0), "req/s",
            "0.004 per registered user (system-design-primer, scaling_aws), times three at peak";
        /// Pause between an answer and the user's next request (closed).
        think_time: Distribution = Distribution::exponential(10.0), field::time(0.001, 86_400.0), "s",
            "a page every ten seconds, common in load-test plans";
        /// How much later than the design's traffic curve this group's day is.
        traffic_delay_secs: f64 = 0.0, field::number(0.0, 604_800.0), "s", "one time zone; 32,400 s from Berlin to Los Angeles";
        /// How long a user waits before giving up.
        patience_secs: Option<f64> = Some(10.0), field::optional_number(0.001, 3600.0), "s",
            "Nielsen's limit for keeping attention: ten seconds";
        /// Weight of reads of dynamic content.
        read_share: f64 = 0.65, field::number(0.0, 1_000_000.0), "", "YCSB B is 95/5; public sites write more";
        /// Weight of writes.
        write_share: f64 = 0.05, field::number(0.0, 1_000_000.0), "", "YCSB B is 95/5";
        /// Weight of static files.
        static_share: f64 = 0.3, field::number(0.0, 1_000_000.0), "", "one file in three requests after browser caching";
        /// Weight of files that users send.
        upload_share: f64 = 0.0, field::number(0.0, 1_000_000.0), "", "off; photo sites: about one in a hundred requests";
        /// Weight of long jobs.
        job_share: f64 = 0.0, field::number(0.0, 1_000_000.0), "", "off; e-mails, reports and transcoding: a few in a hundred";
        /// Weight of connections that users open, and keep open for messages either way.
        live_share: f64 = 0.0, field::number(0.0, 1_000_000.0), "", "off; a chat opens one for each visit";
        /// How long a user keeps a connection open.
        live_time: Distribution = Distribution::exponential(300.0), field::time(0.001, 86_400.0), "s",
            "a visit of some minutes";
        /// Messages that each open connection sends per second.
        live_messages_per_sec: f64 = 0.05, field::number(0.0, 10_000.0), "messages/s",
            "one in 20 s: a chat with its heartbeats (Socket.IO: every 25 s)";
        /// Pause before a client opens a connection again that broke or could not be opened; each further pause is twice as
        /// long.
        reconnect_secs: f64 = 1.0, field::number(0.0, 3600.0), "s", "Socket.IO reconnectionDelay: 1 s";
        /// Longest such pause.
        reconnect_cap_secs: f64 = 5.0, field::number(0.0, 3600.0), "s", "Socket.IO reconnectionDelayMax: 5 s";
        /// How far such pauses are spread, as a share of the pause; with 0 all come back at once.
        reconnect_jitter: f64 = 0.5, field::number(0.0, 1.0), "", "Socket.IO randomizationFactor: 0.5";
        /// Static files that a browser loads at once when a page has come.
        static_per_page: f64 = 0.0, field::number(0.0, 200.0), "files",
            "off: the weight above counts files; HTTP Archive: some 70 requests per page before caching";
        /// Share of users with an app, which brings its static files along.
        app_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; about half of all traffic is mobile";
        /// Number of different items that requests ask for.
        keys: u32 = 100_000, field::whole(1, 10_000_000), "", "a mid-sized catalogue";
        /// Exponent of the Zipf law of their popularity; 0 makes all alike.
        key_exponent: f64 = 0.99, field::number(0.0, 3.0), "", "YCSB ZipfianGenerator";
        /// Number of different static files.
        static_keys: u32 = 10_000, field::whole(1, 10_000_000), "", "scripts, styles, and a few pictures for each page";
        /// Exponent of the Zipf law of their popularity; 0 makes all alike.
        static_key_exponent: f64 = 0.8, field::number(0.0, 3.0), "", "Breslau et al. 1999: 0.64 to 0.83 at web proxies";
        /// Mean size of a static file.
        static_bytes: f64 = 50_000.0, field::number(1.0, 1e9), "bytes", "HTTP Archive: pages of 2 to 3 MB in some 70 files";
        /// Spread of their sizes: standard deviation over mean.
        static_bytes_cv: f64 = 1.5, field::number(0.0, 10.0), "", "few large pictures, many small files";
        /// Mean size of a file that users send.
        upload_bytes: f64 = 2_000_000.0, field::number(1.0, 1e9), "bytes", "a compressed photo";
        /// Spread of their sizes: standard deviation over mean.
        upload_bytes_cv: f64 = 1.0, field::number(0.0, 10.0), "", "photos differ by a factor of a few";
        /// Share of requests that all want one single item.
        hot_key_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; 0.3 is usual for a hot-key fault";
        /// Requests per second of an attack. If it is set, these are no users but attackers: so many requests come
        /// whatever the number of users, and they count neither as requests of users nor against the objective.
        attack_rate_per_sec: Option<f64> = None, field::optional_number(0.001, 1e9), "req/s",
            "off; floods of 10,000 req/s are usual, records are above 100 million (Google Cloud, 2023: 398 million)";
        /// Different clients that an attack comes from.
        attack_clients: u32 = 10_000, field::whole(1, 2_000_000_000), "", "a botnet of medium size";
    }
}

impl Priced for Users {
    /// People pay for themselves.
    fn monthly_usd(&self) -> f64 {
        0.0
    }
}
