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
                json.push(hex_digit(char as u8 >> 4));
                json.push(hex_digit(char as u8));
            }
            None => break,
        }
        rest = following.as_str();
    }
    json.push('"');
}

/// The lower four bits as a hexadecimal digit in lower case.
pub(crate) fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value & 15), 16).unwrap_or_default()
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
    let digits = digits.iter().skip(20 - used);
    text.extend(digits.map(|digit| char::from(*digit)));
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
