//! Figures for people: `14.2k`, `1.8 s`, `97 %`. At most three significant digits, and the unit always with its number,
//! held together by a narrow no-break space. Also the way back, for what people type: `250k`, `2m`.
//!
//! Exact figures (reports, files) are not written here.

use crate::entry;

/// Narrow no-break space, between a number and its unit.
pub const THIN_SPACE: char = '\u{202f}';

/// Steps of a thousand with the letter that people know them by.
const MULTIPLES: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// Units of data, the largest first, each with its size [bytes].
const BYTES: [(f64, &str); 4] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];

/// Units of time, the longest first, each with its length [s].
const TIMES: [(f64, &str); 7] =
    [(86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];

/// `value` with at most three significant digits and no trailing zeros: `14.2`, `0.05`, `320`.
///
/// Whole parts are never shortened: 1234 stays `1234`. An infinite value is `∞`, an undefined one `–`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let magnitude = value.abs();
    let decimals = match magnitude {
        0.0 => 0,
        _ if magnitude >= 99.95 => 0,
        _ if magnitude >= 9.995 => 1,
        _ if magnitude >= 0.9995 => 2,
        // One more decimal for each leading zero; beyond nine there is nothing left that people could use.
        _ => (2 - libm::floor(libm::log10(magnitude)) as i32).clamp(3, 9) as u32,
    };
    let text = plain(magnitude, decimals);
    // A real minus sign is as wide as the digits; zero has none.
    if value < 0.0 && text != "0" { format!("−{text}") } else { text }
}

/// `value`, which is finite, with that many decimals at most, for machines: `-12.5`. Numbers of more than 19 digits,
/// decimals included, become the largest of so many.
///
/// The standard library writes any number exactly and takes tables and long arithmetic for it, a thirtieth of what the
/// page begins with. Two numbers that lie on either side of a half by less than they are exact may be rounded alike here.
pub fn plain(value: f64, decimals: u32) -> String {
    let power = 10_u64.pow(decimals);
    let scaled = (value.abs() * power as f64).round_ties_even() as u64;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let (whole, fraction) = (scaled / power, scaled % power);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let text = format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize);
    text.trim_end_matches('0').to_owned()
}

/// A number of things: `7`, `320`, `14.2k`, `2.5M`.
pub fn count(value: f64) -> String {
    let magnitude = value.abs();
    for (size, letter) in MULTIPLES {
        // 999.5k would be written `1000k`; it is `1M` already.
        if magnitude >= size * 0.9995 {
            return format!("{}{letter}", number(value / size));
        }
    }
    // Things are whole; means of them may be small fractions.
    if magnitude >= 99.5 { plain(value, 0) } else { number(value) }
}

/// A number of things with their unit: `14.2k req/s`.
pub fn quantity(value: f64, unit: &str) -> String {
    if unit.is_empty() { count(value) } else { format!("{}{THIN_SPACE}{unit}", count(value)) }
}

/// An amount of data or memory [bytes]: `16.4 GB`, `300 MB`. A thousand of one is one of the next, as everywhere here.
pub fn bytes(bytes: f64) -> String {
    let magnitude = bytes.abs();
    let (size, unit) = BYTES.into_iter().find(|&(size, _)| magnitude >= size * 0.9995).unwrap_or((1.0, "B"));
    format!("{}{THIN_SPACE}{unit}", number(bytes / size))
}

/// A span of time [s]: `250 µs`, `1.8 s`, `4 min`.
pub fn duration(secs: f64) -> String {
    if secs == 0.0 || !secs.is_finite() {
        return format!("{}{THIN_SPACE}s", number(secs));
    }
    let magnitude = secs.abs();
    // Two minutes and less read better in seconds; 999.5 of a unit belongs to the next one.
    let (size, unit) = TIMES
        .into_iter()
        .find(|&(size, _)| magnitude >= if size == 60.0 { 120.0 } else { size * 0.9995 })
        .unwrap_or((1e-9, "ns"));
    format!("{}{THIN_SPACE}{unit}", number(secs / size))
}

/// A share, 0 to 1: `97 %`, `4.2 %`, `0.03 %`. Only the whole is `100 %`, only nothing at all is `0 %`.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    let text = match percent {
        _ if percent.is_nan() => "–".to_owned(),
        _ if percent <= 0.0 => "0".to_owned(),
        _ if percent < 0.01 => "<0.01".to_owned(),
        _ if percent < 0.995 => plain(percent, 2),
        _ if percent < 9.95 => plain(percent, 1),
        // Between 99 % and the whole, the missing part is what matters; it is never rounded away.
        _ if percent > 99.0 && percent < 100.0 => plain((percent * 100.0).floor() / 100.0, 2),
        _ => plain(percent, 0),
    };
    format!("{text}{THIN_SPACE}%")
}

/// A whole number with its digits in groups of three: `14,200`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// US dollars, with cents below ten of them: `$1,240`, `$0.30`.
pub fn usd(usd: f64) -> String {
    let cents = (usd * 100.0).round() as u64;
    match cents {
        0 => "$0".to_owned(),
        1..1_000 => format!("${}.{:02}", cents / 100, cents % 100),
        _ => format!("${}", grouped(usd.round() as u64)),
    }
}

/// What a person means by `250k`, `2m`, `1.5 M`, `14,200`, `1e6`; `None` if it is no count.
pub fn parse_count(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, ',' | '_')).collect();
    let lower = text.to_ascii_lowercase();
    let (digits, factor) = match lower.strip_suffix(['k', 'm', 'g', 'b']) {
        Some(digits) if lower.ends_with('k') => (digits, 1e3),
        Some(digits) if lower.ends_with('m') => (digits, 1e6),
        Some(digits) => (digits, 1e9),
        None => (lower.as_str(), 1.0),
    };
    // `inf` and `nan` parse as numbers too.
    if !digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return None;
    }
    let value = entry::decimal(digits)? * factor;
    (value.is_finite() && value < u64::MAX as f64).then(|| value.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with ordinary spaces, to be readable in a test.
    fn plain(text: String) -> String {
        text.replace(THIN_SPACE, " ")
    }

    #[test]
    fn counts_have_three_significant_digits_at_most() {
        let cases = [
            (0.0, "0"),
            (0.052, "0.052"),
            (1.0, "1"),
            (7.25, "7.25"),
            (99.6, "100"),
            (320.4, "320"),
            (999.4, "999"),
            (999.6, "1k"),
            (14_200.0, "14.2k"),
            (14_249.0, "14.2k"),
            (999_700.0, "1M"),
            (2_500_000.0, "2.5M"),
            (100_000_000.0, "100M"),
            (-1500.0, "−1.5k"),
        ];
        for (value, text) in cases {
            assert_eq!(count(value), text, "{value}");
        }
    }

    #[test]
    fn machines_read_back_what_is_written_for_them() {
        for (value, decimals, text) in
            [(0.0, 3, "0"), (-0.000_4, 3, "0"), (-12.5, 2, "-12.5"), (0.05, 2, "0.05"), (1e15, 0, "1000000000000000")]
        {
            assert_eq!(super::plain(value, decimals), text);
        }
        for step in -3000..3000 {
            let value = f64::from(step) * 1.017 / 7.0;
            for decimals in 0..6_i32 {
                let exact = format!("{value:.width$}", width = decimals as usize);
                let read = super::plain(value, decimals as u32).parse::<f64>().expect("a number");
                // A number that is a half but for its last bits may go either way.
                let is_half = ((value.abs() * 10_f64.powi(decimals)).fract() - 0.5).abs() < 1e-9;
                assert!(is_half || read == exact.parse::<f64>().expect("a number"), "{value} {decimals}");
            }
        }
    }

    #[test]
    fn numbers_that_are_none_are_shown_as_such() {
        assert_eq!(number(f64::NAN), "–");
        assert_eq!(number(f64::INFINITY), "∞");
        assert_eq!(number(-0.0), "0");
    }

    #[test]
    fn times_take_the_unit_that_keeps_them_short() {
        let cases = [
            (0.0, "0 s"),
            (2.5e-9, "2.5 ns"),
            (0.000_25, "250 µs"),
            (0.001, "1 ms"),
            (0.009_999_9, "10 ms"),
            (0.999_7, "1 s"),
            (1.8, "1.8 s"),
            (1.804, "1.8 s"),
            (90.0, "90 s"),
            (240.0, "4 min"),
            (5400.0, "1.5 h"),
            (172_800.0, "2 d"),
        ];
        for (secs, text) in cases {
            assert_eq!(plain(duration(secs)), text, "{secs}");
        }
    }

    #[test]
    fn bytes_take_the_unit_that_keeps_them_short() {
        let cases =
            [(0.0, "0 B"), (999.0, "999 B"), (2e3, "2 kB"), (999.7e6, "1 GB"), (16_384e6, "16.4 GB"), (4e12, "4 TB")];
        for (bytes, text) in cases {
            assert_eq!(plain(super::bytes(bytes)), text, "{bytes}");
        }
    }

    #[test]
    fn shares_round_to_all_or_nothing_only_if_they_are() {
        let cases = [
            (0.0, "0 %"),
            (0.000_001, "<0.01 %"),
            (0.000_3, "0.03 %"),
            (0.042, "4.2 %"),
            (0.097, "9.7 %"),
            (0.973, "97 %"),
            (0.99, "99 %"),
            (0.999_52, "99.95 %"),
            (0.999_999, "99.99 %"),
            (1.0, "100 %"),
        ];
        for (value, text) in cases {
            assert_eq!(plain(share(value)), text, "{value}");
        }
    }

    #[test]
    fn units_stand_behind_a_narrow_space() {
        assert_eq!(quantity(14_200.0, "req/s"), "14.2k\u{202f}req/s");
        assert_eq!(quantity(3.0, ""), "3");
    }

    #[test]
    fn digits_are_grouped_by_threes() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(14_200), "14,200");
        assert_eq!(grouped(100_000_000), "100,000,000");
    }

    #[test]
    fn small_sums_have_cents() {
        assert_eq!(usd(0.0), "$0");
        assert_eq!(usd(0.3), "$0.30");
        assert_eq!(usd(0.314), "$0.31");
        assert_eq!(usd(9.994), "$9.99");
        assert_eq!(usd(9.996), "$10");
        assert_eq!(usd(1_240.4), "$1,240");
    }

    #[test]
    fn what_people_type_is_understood() {
        let cases = [
            ("250k", Some(250_000)),
            ("2m", Some(2_000_000)),
            ("1.5 M", Some(1_500_000)),
            ("14,200", Some(14_200)),
            (" 7 ", Some(7)),
            ("1e6", Some(1_000_000)),
            ("2g", Some(2_000_000_000)),
            ("", None),
            ("k", None),
            ("-5", None),
            ("inf", None),
            ("nan", None),
            ("12x", None),
        ];
        for (text, value) in cases {
            assert_eq!(parse_count(text), value, "{text}");
        }
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        for value in [1_u64, 320, 14_200, 250_000, 2_500_000, 100_000_000] {
            assert_eq!(parse_count(&count(value as f64)), Some(value));
        }
    }
}
