//! Reading text byte by byte. The standard library's methods would bring their searchers and parsers
//! into the WebAssembly module.

use alloc::string::String;

/// What stands before and after the first such byte, which is ASCII.
pub(crate) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    around(text, text.bytes().position(|other| other == byte)?)
}

/// What stands before and after the last such byte, which is ASCII.
pub(crate) fn rsplit_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    around(text, text.bytes().rposition(|other| other == byte)?)
}

fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Decimal digits and nothing else; a number too large is the largest.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    const LAST: u64 = u64::MAX % 10;
    let mut number: u64 = 0;
    for byte in digits {
        let digit = u64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        // `saturating_mul` would multiply 128 bits wide.
        let fits = number < u64::MAX / 10 || number == u64::MAX / 10 && digit <= LAST;
        number = if fits { number * 10 + digit } else { u64::MAX };
    }
    (!digits.is_empty()).then_some(number)
}

/// Secrets shorter than this are found in too many places to be told from other text.
const SHORTEST_SECRET: usize = 8;

/// The text with `…` for each place where a secret stands; nothing where there is none.
pub(crate) fn without(text: &str, secret: &str) -> Option<String> {
    if secret.len() < SHORTEST_SECRET {
        return None;
    }
    let mut cleaned = String::new();
    let mut rest = text;
    while let Some(at) = position(rest, secret) {
        cleaned.push_str(rest.get(..at)?);
        cleaned.push('…');
        rest = rest.get(at + secret.len()..)?;
    }
    if cleaned.is_empty() {
        return None;
    }
    cleaned.push_str(rest);
    Some(cleaned)
}

/// Where a text first stands within another one.
fn position(text: &str, part: &str) -> Option<usize> {
    let mut windows = text.as_bytes().windows(part.len());
    windows.position(|window| window == part.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(number(b"0120"), Some(120));
        assert_eq!(number(b"18446744073709551614"), Some(u64::MAX - 1));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), Some(u64::MAX));
        assert_eq!(number(b"99999999999999999999999"), Some(u64::MAX));
        for bad in [&b""[..], b"+1", b"-1", b"1.5", b" 1"] {
            assert_eq!(number(bad), None);
        }
    }

    #[test]
    fn texts_are_cut_at_the_first_or_last_byte() {
        assert_eq!(split_once("a:b:c", b':'), Some(("a", "b:c")));
        assert_eq!(rsplit_once("a:b:c", b':'), Some(("a:b", "c")));
        assert_eq!(split_once("é:", b':'), Some(("é", "")));
        assert_eq!(rsplit_once("abc", b':'), None);
    }

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        let without = |text| without(text, "bfk_12345");
        for (text, cleaned) in [
            ("bfk_12345", "…"),
            ("é bfk_12345bfk_12345 ü", "é …… ü"),
            ("token bfk_12345, bfk_1234", "token …, bfk_1234"),
        ] {
            assert_eq!(without(text).as_deref(), Some(cleaned));
        }
        assert_eq!(without("bfk_1234"), None);
        assert_eq!(super::without("a key", "a"), None);
    }
}
