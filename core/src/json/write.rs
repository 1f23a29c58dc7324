//! Writing JSON text.

use super::scan::plain_length;
use alloc::string::String;

/// Writes a JSON string: quotes, backslashes and control characters are escaped, nothing else.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    loop {
        // The fallback is never taken; a plain `split_at` would bring its panic along.
        let at = plain_length(rest.as_bytes());
        let (plain, special) = rest.split_at_checked(at).unwrap_or_default();
        json.push_str(plain);
        let mut following = special.chars();
        match following.next() {
            Some('\n') => json.push_str("\\n"),
            Some('\r') => json.push_str("\\r"),
            Some('\t') => json.push_str("\\t"),
            Some(char @ ('"' | '\\')) => {
                json.push('\\');
                json.push(char);
            }
            Some(char) => {
                json.push_str("\\u00");
                push_ascii(json, &[hex_digit(char as u8 >> 4), hex_digit(char as u8)]);
            }
            None => break,
        }
        rest = following.as_str();
    }
    json.push('"');
}

/// The lower four bits as a hexadecimal digit in lower case.
pub(crate) fn hex_digit(value: u8) -> u8 {
    match value & 15 {
        digit @ 0..=9 => b'0' + digit,
        letter => b'a' - 10 + letter,
    }
}

/// Writes bytes that are ASCII, at once: one by one takes ten times as long.
pub(crate) fn push_ascii(text: &mut String, bytes: &[u8]) {
    text.push_str(core::str::from_utf8(bytes).unwrap_or_default());
}

/// Writes an integer, without the formatting machinery.
pub(crate) fn push_integer(text: &mut String, value: u64) {
    push_padded(text, value, 1);
}

/// An integer as text.
pub(crate) fn integer(value: u64) -> String {
    let mut text = String::new();
    push_integer(&mut text, value);
    text
}

/// Writes an integer of at least `width` digits (at most 20), with zeros before it.
pub(crate) fn push_padded(text: &mut String, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *digit += (rest % 10) as u8;
        rest /= 10;
        used += 1;
    }
    push_ascii(text, digits.get(20 - used..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let mut json = String::new();
        push_string(&mut json, "a\"b\\c/\n\r\t\u{0}\u{1f}\u{7f}é😀");
        assert_eq!(json, "\"a\\\"b\\\\c/\\n\\r\\t\\u0000\\u001f\u{7f}é😀\"");
        json.clear();
        push_string(&mut json, "");
        assert_eq!(json, "\"\"");
    }

    #[test]
    fn integers() {
        for value in [0, 7, 10, 42, 9_007_199_254_740_991, u64::MAX] {
            let mut text = String::new();
            push_integer(&mut text, value);
            assert_eq!(text, value.to_string());
        }
        let mut text = String::new();
        push_padded(&mut text, 7, 3);
        push_padded(&mut text, 1234, 3);
        push_padded(&mut text, 0, 2);
        assert_eq!(text, "007123400");
    }
}
