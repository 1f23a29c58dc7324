//! Numbers from 0 to 1, without the standard library's reading and writing of floating-point
//! numbers: its tables alone would be a good part of the WebAssembly module.

use super::write::{push_integer, push_padded};
use crate::text::split_once;
use alloc::string::String;

/// Writes a number from 0 to 1 as a decimal fraction, the shortest that [`parse_fraction`] reads
/// as the same number, of at most 17 places; what lies outside is moved to the nearer end.
pub(crate) fn push_fraction(text: &mut String, value: f64) {
    if value <= 0.0 || value >= 1.0 {
        text.push(if value <= 0.0 { '0' } else { '1' });
        return;
    }
    let mut scale: u64 = 1;
    for places in 0..=17 {
        let digits = (value * scale as f64 + 0.5) as u64;
        if digits as f64 / scale as f64 == value || places == 17 {
            push_integer(text, digits / scale);
            if places > 0 {
                text.push('.');
                push_padded(text, digits % scale, places);
            }
            return;
        }
        scale *= 10;
    }
}

/// Reads a JSON number from 0 to 1; nothing where it lies outside. The text is known to be a
/// JSON number. Exact for up to 15 digits, as a division of exact numbers is rounded once; for
/// more, the last digit may be off.
pub(crate) fn parse_fraction(number: &str) -> Option<f64> {
    let (mantissa, exponent) = split_once(number, b'e')
        .or_else(|| split_once(number, b'E'))
        .unwrap_or((number, ""));
    let mut digits: u64 = 0;
    // How many places the digits have to move to the right.
    let mut places: i32 = 0;
    let mut after_point = false;
    for byte in mantissa.bytes() {
        match byte {
            b'.' => after_point = true,
            b'0'..=b'9' => {
                let kept = digits < 1_000_000_000_000_000_000;
                if kept {
                    digits = digits * 10 + u64::from(byte - b'0');
                }
                match (kept, after_point) {
                    (true, true) => places = places.saturating_add(1),
                    (false, false) => places = places.saturating_sub(1),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if digits == 0 {
        return Some(0.0);
    }
    if number.starts_with('-') {
        return None;
    }
    places = places.saturating_sub(parse_exponent(exponent));
    // 10^22 is the highest power of ten that a double holds exactly.
    let mut value = digits as f64;
    while places > 0 && value > 0.0 {
        let step = places.min(22);
        value /= power_of_ten(step);
        places -= step;
    }
    (places >= 0 && value <= 1.0).then_some(value)
}

/// The number behind the `e`, at the nearer end where it is out of range.
fn parse_exponent(exponent: &str) -> i32 {
    let mut value: i32 = 0;
    for byte in exponent.bytes().filter(u8::is_ascii_digit) {
        value = value
            .saturating_mul(10)
            .saturating_add(i32::from(byte - b'0'));
    }
    if exponent.starts_with('-') {
        -value
    } else {
        value
    }
}

fn power_of_ten(power: i32) -> f64 {
    let mut value = 1.0;
    for _ in 0..power {
        value *= 10.0;
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: f64) -> String {
        let mut text = String::new();
        push_fraction(&mut text, value);
        text
    }

    #[test]
    fn write() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-3.0, "0"),
            (1.0, "1"),
            (2.0, "1"),
            (f64::NEG_INFINITY, "0"),
            (f64::INFINITY, "1"),
            (0.5, "0.5"),
            (0.1, "0.1"),
            (0.25, "0.25"),
            (0.07, "0.07"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e-17, "0.00000000000000001"),
            (1e-300, "0.00000000000000000"),
            (0.999_999_999_999_999, "0.999999999999999"),
        ] {
            assert_eq!(written(value), text, "{value}");
        }
    }

    #[test]
    fn read() {
        for (text, value) in [
            ("0", Some(0.0)),
            ("-0", Some(0.0)),
            ("-0.0e9", Some(0.0)),
            ("0e999999999999", Some(0.0)),
            ("1", Some(1.0)),
            ("1.000", Some(1.0)),
            ("10e-1", Some(1.0)),
            ("0.01E+2", Some(1.0)),
            ("5e-1", Some(0.5)),
            ("0.30000000000000000000000000000000", Some(0.3)),
            ("100000000000000000000000000000e-29", Some(1.0)),
            ("1e-999999999999", Some(0.0)),
            ("1.1", None),
            ("2", None),
            ("10", None),
            ("1e1", None),
            ("1e999999999999", None),
            ("-0.1", None),
            ("-1e-9", None),
            ("100000000000000000000000000000", None),
        ] {
            assert_eq!(parse_fraction(text), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn up_to_15_places_are_exact(digits in 0..1_000_000_000_000_000_u64) {
            let text = format!("0.{digits:015}");
            let value: f64 = text.parse().unwrap();
            prop_assert_eq!(parse_fraction(&text), Some(value));
            prop_assert_eq!(parse_fraction(&written(value)), Some(value));
        }

        #[test]
        fn others_are_close(value in 0.0..=1.0_f64) {
            let texts = [written(value), format!("{value:e}")];
            for text in texts {
                let read = parse_fraction(&text).unwrap();
                prop_assert!((read - value).abs() <= f64::EPSILON, "{} as {}", value, text);
            }
        }
    }
}
