//! What people type into fields: numbers with or without a unit, and how values are written for editing. Figures that
//! are only read are written by [`crate::format`].

use crate::format;

/// Units of time that people type, each with its length [s]; the first that fits is taken, so longer names come first.
const TIMES: [(&str, f64); 9] = [
    ("min", 60.0),
    ("ms", 1e-3),
    ("µs", 1e-6),
    ("us", 1e-6),
    ("ns", 1e-9),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

/// The number that a text is to the letter: `12`, `-0.5`, `.5`, `3.`, `1e6`; `None` if it is none, or none that is finite.
///
/// The standard library's own would do, but comes with tables of its own, a hundredth of what the page weighs; this one
/// leaves the reading to the code that reads files, and knows only how the two ways of writing numbers differ.
pub fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !digits.contains(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let written = [or_nought(whole), ".", or_nought(fraction), exponent].concat();
    serde_json::from_str::<f64>(&written).ok().map(|number| sign * number)
}

fn or_nought(digits: &str) -> &str {
    if digits.is_empty() { "0" } else { digits }
}

/// The text in small letters, for finding and comparing names: those of Latin, Greek and Cyrillic alphabets. Other
/// capitals stay as they are; a table of all there are would be a hundredth of what the page weighs.
pub fn small(text: &str) -> String {
    text.chars().map(small_letter).collect()
}

/// The small letter of a capital, as [`small`] knows them.
pub fn small_letter(letter: char) -> char {
    let code = u32::from(letter);
    let ahead = match letter {
        'Ÿ' => return 'ÿ',
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => 32,
        'Ѐ'..='Џ' => 80,
        // Here capitals and small letters take turns.
        'Ā'..='į' | 'Ĳ'..='ķ' | 'Ŋ'..='ŷ' => 1 - code % 2,
        'Ĺ'..='ň' | 'Ź'..='ž' => code % 2,
        _ => 0,
    };
    char::from_u32(code + ahead).unwrap_or(letter)
}

/// A number as typed: `0.5`, `14,200`, `250k`, `2m`, `-3`; `None` if it is none.
pub fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    decimal(&text.replace([',', '_', ' ', format::THIN_SPACE], ""))
        .or_else(|| format::parse_count(text).map(|count| count as f64))
}

/// A span of time as typed [s]: `25 ms`, `1.5s`, `2 min`; a bare number is in seconds. `None` if it is none.
pub fn parse_secs(text: &str) -> Option<f64> {
    let text = text.trim();
    TIMES
        .iter()
        .find_map(|&(unit, secs)| text.strip_suffix(unit).and_then(|digits| Some(parse_number(digits)? * secs)))
        .or_else(|| parse_number(text))
}

/// A share as typed: `5 %`, `0.05`; `None` if it is none.
pub fn parse_share(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(digits) => Some(parse_number(digits)? / 100.0),
        None => parse_number(text),
    }
}

/// A number written for editing: every digit that counts, no unit.
pub fn editable_number(value: f64) -> String {
    if value.fract() == 0.0 && (0.0..1e15).contains(&value) {
        format::grouped(value as u64)
    } else {
        format!("{value}")
    }
}

/// A span of time [s] written for editing, in the unit that keeps it short, without losing a digit.
pub fn editable_secs(secs: f64) -> String {
    let (unit, size) = if secs == 0.0 || secs >= 1.0 {
        ("s", 1.0)
    } else if secs >= 1e-3 {
        ("ms", 1e-3)
    } else {
        ("µs", 1e-6)
    };
    // Twelve significant digits hide the rounding of the division and keep whatever anyone typed.
    let value = significant(secs / size, 12);
    format!("{} {unit}", editable_number(value))
}

/// `value` rounded to so many significant digits.
pub fn significant(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = digits - 1 - libm::floor(libm::log10(value.abs())) as i32;
    // Dividing by a whole power of ten is exact where multiplying by a fraction is not.
    if exponent >= 0 {
        let power = libm::pow(10.0, f64::from(exponent));
        (value * power).round() / power
    } else {
        let power = libm::pow(10.0, f64::from(-exponent));
        (value / power).round() * power
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_to_the_bit() {
        for text in
            ["0", "12", "-0.5", "+7", ".5", "3.", "007", "1e6", "1E-3", "0.1", "4.35", "9007199254740993", "-.25e+2"]
        {
            assert_eq!(decimal(text).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
        for text in ["", ".", "-", "e5", "1e", "1.2.3", "0x10", "inf", "NaN", "1e400", "four", "1 2", "１"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn capitals_of_common_alphabets_become_small() {
        // Two letters of Turkish have no small letter of their own, and final sigma is another letter.
        let alphabets = ('\0'..='ž').chain('Α'..='ώ').chain('Ѐ'..='џ').filter(|letter| !matches!(letter, 'İ' | 'ı'));
        for letter in alphabets {
            assert!(letter.to_lowercase().eq([small_letter(letter)]), "{letter}");
        }
        assert_eq!(small("Étage Ödön ΑΘΗΝΑ Москва"), "étage ödön αθηνα москва");
    }

    #[test]
    fn numbers_are_read_with_and_without_letters() {
        assert_eq!(parse_number("14,200"), Some(14_200.0));
        assert_eq!(parse_number(" 0.5 "), Some(0.5));
        assert_eq!(parse_number("250k"), Some(250_000.0));
        assert_eq!(parse_number("-3"), Some(-3.0));
        for text in ["", "four", "inf", "NaN", "1 2 x"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_in_their_unit() {
        let cases =
            [("25 ms", 0.025), ("1.5s", 1.5), ("2 min", 120.0), ("250 µs", 0.000_25), ("3", 3.0), ("1 h", 3600.0)];
        for (text, secs) in cases {
            assert!((parse_secs(text).expect(text) - secs).abs() < 1e-12, "{text}");
        }
        assert_eq!(parse_secs("soon"), None);
        assert_eq!(parse_secs("ms"), None);
    }

    #[test]
    fn what_is_shown_for_editing_reads_back_as_the_same() {
        for secs in [0.0, 0.000_008, 0.000_25, 0.01, 0.025, 0.3, 1.0, 15.0, 90.5, 3600.0] {
            let text = editable_secs(secs);
            assert!((parse_secs(&text).expect("reads back") - secs).abs() <= secs * 1e-11, "{text}");
        }
        for number in [0.0, 0.012, 0.99, 4.0, 100_000.0] {
            assert_eq!(parse_number(&editable_number(number)), Some(number));
        }
        assert_eq!(editable_secs(0.025), "25 ms");
        assert_eq!(editable_secs(0.003), "3 ms");
        assert_eq!(parse_share("5 %"), Some(0.05));
    }
}
