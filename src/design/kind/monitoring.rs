//! Monitoring: looks at components at intervals, raises alerts, and has something done about them.
//!
//! It sees what it is connected to, and of that only what it scrapes: counters (calls, errors, times, busy seconds) tell
//! of all that happened since the scrape before; gauges (queues, lags, ages) only of the moment. What it cannot reach,
//! it knows nothing of but that.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};

choice! {
    /// What is done about an alert.
    pub enum Remedy {
        /// Nothing; it is on a screen.
        Watch = "watch",
        /// A person is called, who puts everything right that is wrong with the component.
        Page = "page",
        /// The process is started again: that which does not answer, or else the slowest.
        Restart = "restart",
        /// Another machine takes the place of the one that does not answer, or else of the slowest.
        Replace = "replace",
        /// One machine more.
        ScaleOut = "scale_out",
        /// Another database becomes the primary.
        FailOver = "fail_over",
    }
}

config! {
    /// Parameters of a monitoring system.
    pub struct Monitoring {
        /// Time between two looks.
        scrape_interval_secs: f64 = 15.0, field::number(1.0, 3600.0), "s", "Prometheus: 15 s in its example, 60 s by default";
        /// How long something must have been wrong at every look before there is an alert.
        for_secs: f64 = 60.0, field::number(0.0, 86_400.0), "s", "Prometheus rules: one to fifteen minutes";
        /// Whether it is an alert when a machine does not answer.
        alert_unreachable: bool = true, Control::Flag, "", "Prometheus rule InstanceDown";
        /// Share of failed calls that is too many.
        error_share_above: Option<f64> = Some(0.05), field::optional_number(0.0, 1.0), "", "common rule: one in twenty";
        /// 99th percentile of the time to an answer that is too long.
        p99_above_secs: Option<f64> = None, field::optional_number(0.000_001, 3600.0), "s", "off; the objective, as 0.5 s";
        /// 99th percentile of the time in service that is too long, waiting and calls to others apart: slow queries.
        slow_query_above_secs: Option<f64> = None, field::optional_number(0.000_001, 3600.0), "s",
            "off; MySQL long_query_time 10 s, in practice 0.1 to 1 s";
        /// Busy share of the cores that is too much.
        utilisation_above: Option<f64> = Some(0.9), field::optional_number(0.0, 1.0), "", "common rule: 80 to 90 %";
        /// Calls or messages waiting that are too many.
        queue_length_above: Option<f64> = None, field::optional_number(0.0, 1e12), "calls", "off";
        /// Replication lag that is too long.
        replication_lag_above_secs: Option<f64> = None, field::optional_number(0.0, 86_400.0), "s",
            "off; common rule for replicas: 30 s";
        /// Age of the oldest message waiting that is too high.
        backlog_age_above_secs: Option<f64> = None, field::optional_number(0.0, 1e7), "s", "off; what the readers of a queue put up with";
        /// How many times as fast as allowed the error budget burns, over both windows, that is too fast.
        burn_rate_above: Option<f64> = None, field::optional_number(0.0, 1e6), "",
            "off; SRE Workbook ch. 5: 14.4 spends 2 % of a month's budget in an hour";
        /// Share of calls that may fail: the error budget.
        error_budget_share: f64 = 0.001, field::number(0.000_001, 1.0), "", "an objective of 99.9 %";
        /// The long window of the burn rate.
        burn_long_secs: f64 = 3600.0, field::number(1.0, 86_400.0), "s", "SRE Workbook ch. 5: 1 h";
        /// The short window of the burn rate, so that an alert ends soon after the errors do.
        burn_short_secs: f64 = 300.0, field::number(1.0, 86_400.0), "s", "SRE Workbook ch. 5: a twelfth of the long one";
        /// What is done about an alert.
        remedy: Remedy = Remedy::Page, Control::Choice(Remedy::WORDS), "", "people, until something better is automated";
        /// Time from the call until a person has put things right.
        reaction_secs: f64 = 900.0, field::number(0.0, 604_800.0), "s", "5 min to answer the page, as long again to find out and act";
        /// Time that a restart, or another machine, takes.
        restart_secs: f64 = 30.0, field::number(0.0, 86_400.0), "s", "start-up of a usual service: seconds to tens of seconds";
        /// How long after something was done about a component nothing is done again; then, if the alert stands, it is.
        cooldown_secs: f64 = 300.0, field::number(0.0, 86_400.0), "s", "AWS Auto Scaling: 300 s";
        /// Machines that scaling out stops at.
        most_instances: u32 = 20, field::whole(1, 1000), "machines", "what a budget allows";
    }
}

impl Priced for Monitoring {
    fn monthly_usd(&self) -> f64 {
        machine_usd(2)
    }
}
