//! Object storage: keeps files of any number and size; slow to begin, and limited only in how often it is asked.

use crate::design::field::{self, config};
use crate::design::price::{Priced, UsagePrice};
use crate::distribution::Distribution;

config! {
    /// Parameters of an object storage.
    pub struct ObjectStorage {
        /// Time until the first byte of a file comes.
        get_time: Distribution = Distribution::Lognormal { mean_secs: 0.08, cv: 0.6 }, field::time(0.0, 60.0), "s",
            "napkin-math: blob GET 80 ms; S3 guide: first byte 100 to 200 ms";
        /// Time until a file is kept, its transfer apart.
        put_time: Distribution = Distribution::Lognormal { mean_secs: 0.2, cv: 0.6 }, field::time(0.0, 60.0), "s",
            "napkin-math: blob PUT 200 ms";
        /// How fast one file goes in or out.
        bytes_per_sec: f64 = 90_000_000.0, field::number(1000.0, 1e12), "bytes/s", "S3 guide: 85 to 90 MB/s for each connection";
        /// Prefixes of names that files are spread over; each has limits of its own.
        prefixes: u32 = 1, field::whole(1, 100_000), "", "one folder";
        /// Reads of each prefix.
        gets_per_sec: f64 = 5500.0, field::number(1.0, 1e9), "1/s for each prefix", "S3: 5,500 GET/s for each prefix";
        /// Writes of each prefix.
        puts_per_sec: f64 = 3500.0, field::number(1.0, 1e9), "1/s for each prefix", "S3: 3,500 PUT/s for each prefix";
        /// Price of a gigabyte kept for a month.
        usd_per_gb_month: f64 = 0.02, field::number(0.0, 100.0), "USD", "napkin-math: GB object $0.02";
        /// Price of a million reads.
        usd_per_million_gets: f64 = 0.4, field::number(0.0, 1000.0), "USD", "napkin-math: object reads $0.4/M";
        /// Price of a million writes.
        usd_per_million_puts: f64 = 5.0, field::number(0.0, 1000.0), "USD", "napkin-math: object writes $5/M";
    }
}

impl Priced for ObjectStorage {
    /// It is paid by what it keeps and by requests.
    fn monthly_usd(&self) -> f64 {
        0.0
    }

    fn usage(&self) -> UsagePrice {
        UsagePrice {
            gb_out_usd: 0.0,
            gb_month_usd: self.usd_per_gb_month,
            million_gets_usd: self.usd_per_million_gets,
            million_puts_usd: self.usd_per_million_puts,
            call_usd: 0.0,
        }
    }
}
