//! The rules for ids and names on the wire.

use alloc::string::String;
use core::fmt;

use bytestring::ByteString;

use crate::json::write::{hex_digit, push_ascii};

/// An id, name or address is not what the contract allows. The message says what is allowed and
/// does not repeat the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(&'static str);

impl InvalidId {
    pub(super) const fn new(rule: &'static str) -> Self {
        Self(rule)
    }

    /// The sentence of `Display`, without the formatting machinery.
    pub(crate) fn describe(&self) -> String {
        ["the text ", self.0].concat()
    }

    /// What was wrong, to stand behind the name of a field: "is not …".
    pub(crate) fn rule(&self) -> &'static str {
        self.0
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl core::error::Error for InvalidId {}

/// Checks a tenant's id.
pub fn check_tenant_id(text: &str) -> Result<(), InvalidId> {
    let rule = "is not a tenant id (1 to 128 of A-Z a-z 0-9 . _ -)";
    check(text, NAME, rule)
}

/// Checks the name of an action.
pub fn check_action(text: &str) -> Result<(), InvalidId> {
    let rule = "is not an action name (1 to 128 of A-Z a-z 0-9 . _ - : /)";
    check(text, ACTION, rule)
}

/// Checks the id of a task or stream.
pub fn check_task_id(text: &str) -> Result<(), InvalidId> {
    let rule = "is not a task or stream id (1 to 128 of A-Z a-z 0-9 _ -)";
    check(text, TASK, rule)
}

/// Checks the name of a node (a number's digits are one too).
pub(super) fn check_node_id(text: &str) -> Result<(), InvalidId> {
    let rule = "is not a node id (an integer from 0 to 2^53-1, or 1 to 128 of A-Z a-z 0-9 . _ -)";
    // `.` and `..` would be taken out of a URL's path.
    if matches!(text, "." | "..") {
        return Err(InvalidId(rule));
    }
    check(text, NAME, rule)
}

fn check(text: &str, class: u8, rule: &'static str) -> Result<(), InvalidId> {
    let length = leading(text.as_bytes(), class);
    (length == text.len() && (1..=LONGEST).contains(&length))
        .then_some(())
        .ok_or(InvalidId(rule))
}

/// The most characters that an id or name may have.
pub(super) const LONGEST: usize = 128;

// Classes of characters, one bit each.
/// What the names of tenants and nodes are made of.
pub(super) const NAME: u8 = 1;
const ACTION: u8 = 2;
const TASK: u8 = 4;
/// What stands in a segment of an address's path as itself.
pub(super) const UNRESERVED: u8 = 8;
pub(super) const DIGIT: u8 = 16;
/// A hexadecimal digit in lower case.
const HEX: u8 = 32;

/// The classes of each byte: looking one up is faster than comparing it with what is allowed.
static CLASSES: [u8; 256] = classes();

// It runs when this is compiled.
#[allow(clippy::indexing_slicing)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => NAME | ACTION | TASK | UNRESERVED | DIGIT | HEX,
            b'a'..=b'f' => NAME | ACTION | TASK | UNRESERVED | HEX,
            b'A'..=b'Z' | b'g'..=b'z' | b'_' | b'-' => NAME | ACTION | TASK | UNRESERVED,
            b'.' => NAME | ACTION | UNRESERVED,
            b':' | b'/' => ACTION,
            b'~' => UNRESERVED,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

#[inline(always)]
pub(super) fn is(byte: u8, class: u8) -> bool {
    // Every byte has its place.
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|classes| classes & class != 0)
}

/// How many of the first bytes are of a class.
pub(super) fn leading(bytes: &[u8], class: u8) -> usize {
    let mut length = 0;
    while bytes.get(length).is_some_and(|byte| is(*byte, class)) {
        length += 1;
    }
    length
}

/// Checks nothing: for fields that may hold any text.
pub(super) fn any(_: &str) -> Result<(), InvalidId> {
    Ok(())
}

/// Checks the id of a message: a UUID of version 4, in lower case.
pub fn check_uuid_v4(text: &str) -> Result<(), InvalidId> {
    is_uuid_v4(text.as_bytes())
        .then_some(())
        .ok_or(InvalidId("is not a UUID of version 4 in lower case"))
}

fn is_uuid_v4(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else {
        return false;
    };
    for (place, byte) in text.iter().enumerate() {
        let fits = match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => is(*byte, HEX),
        };
        if !fits {
            return false;
        }
    }
    text[14] == b'4' && matches!(text[19], b'8' | b'9' | b'a' | b'b')
}

/// Makes the id of a message from random bytes.
///
/// ```
/// use ancp_core::message::uuid_v4;
/// assert_eq!(uuid_v4([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
/// ```
pub fn uuid_v4(random: [u8; 16]) -> ByteString {
    let mut bytes = random;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = [b'-'; 36];
    let mut place = 0;
    for byte in bytes {
        if matches!(place, 8 | 13 | 18 | 23) {
            place += 1;
        }
        for digit in [byte >> 4, byte] {
            if let Some(char) = text.get_mut(place) {
                *char = hex_digit(digit);
            }
            place += 1;
        }
    }
    let mut id = String::with_capacity(text.len());
    push_ascii(&mut id, &text);
    id.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_ids() {
        for good in ["7", "A.b_c-9", "..", &"x".repeat(128)] {
            assert!(check_tenant_id(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "é", "a:b", "a\n", &"x".repeat(129)] {
            assert!(check_tenant_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn actions() {
        for good in ["get-order", "ancp.ping", "a/b:c", &"x".repeat(128)] {
            assert!(check_action(good).is_ok(), "{good}");
        }
        for bad in ["", "get order", "a?b", "a#b", &"x".repeat(129)] {
            assert!(check_action(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn task_ids() {
        for good in ["t", "A_b-9", &"x".repeat(128)] {
            assert!(check_task_id(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "a.b", "a/b", "a%2f", &"x".repeat(129)] {
            assert!(check_task_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn uuids() {
        assert!(check_uuid_v4("3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d").is_ok());
        for bad in [
            "",
            "3F7A9C1E-4B2D-4E8F-9A1C-0D5E7F8B3A2D",
            "3f7a9c1e-4b2d-1e8f-9a1c-0d5e7f8b3a2d",
            "3f7a9c1e-4b2d-4e8f-7a1c-0d5e7f8b3a2d",
            "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2",
            "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d0",
            "3f7a9c1e04b2d-4e8f-9a1c-0d5e7f8b3a2d",
            "3g7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
            "{f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2}",
        ] {
            assert!(check_uuid_v4(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn uuids_that_are_made_are_valid() {
        for byte in 0..=u8::MAX {
            assert!(check_uuid_v4(&uuid_v4([byte; 16])).is_ok());
        }
        let counting: [u8; 16] = std::array::from_fn(|place| place as u8);
        assert_eq!(uuid_v4(counting), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }
}
