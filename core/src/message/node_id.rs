use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

use bytestring::ByteString;

use super::ids::{InvalidId, check_node_id};
use crate::json::write::push_integer;
use crate::text::number;

/// The highest integer that every JSON reader keeps exactly.
pub(super) const MAX_INTEGER: u64 = (1 << 53) - 1;

/// A node's id: an integer or a name. Two are compared as text, so that `42` is `"42"`.
///
/// ```
/// use ancp_core::message::NodeId;
/// assert_eq!(NodeId::from(42), NodeId::new("42")?);
/// assert!(NodeId::new("no spaces").is_err());
/// # Ok::<(), ancp_core::message::InvalidId>(())
/// ```
#[derive(Clone)]
pub struct NodeId {
    text: ByteString,
    /// Written as a JSON number.
    numeric: bool,
}

impl NodeId {
    /// Takes a name: 1 to 128 of `A-Z a-z 0-9 . _ -`, neither `.` nor `..`.
    pub fn new(text: impl Into<ByteString>) -> Result<Self, InvalidId> {
        let text = text.into();
        check_node_id(&text)?;
        Ok(Self {
            text,
            numeric: false,
        })
    }

    /// Takes an id from where all is text, such as a URL: an integer if it reads as one.
    ///
    /// ```
    /// use ancp_core::message::NodeId;
    /// assert!(NodeId::from_text("42")?.is_numeric());
    /// assert!(!NodeId::from_text("042")?.is_numeric());
    /// # Ok::<(), ancp_core::message::InvalidId>(())
    /// ```
    pub fn from_text(text: &str) -> Result<Self, InvalidId> {
        let id = Self::new(text)?;
        let canonical = text == "0" || !text.starts_with('0');
        let numeric = canonical && number(text.as_bytes()).is_some_and(|id| id <= MAX_INTEGER);
        Ok(Self { numeric, ..id })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the id is an integer, and is written as one.
    pub fn is_numeric(&self) -> bool {
        self.numeric
    }

    /// Takes a text that has been checked.
    pub(super) fn checked(text: ByteString, numeric: bool) -> Self {
        Self { text, numeric }
    }

    fn from_integer(value: u64) -> Self {
        let mut text = String::new();
        push_integer(&mut text, value);
        Self {
            text: text.into(),
            numeric: true,
        }
    }
}

impl From<u32> for NodeId {
    fn from(value: u32) -> Self {
        Self::from_integer(value.into())
    }
}

impl TryFrom<u64> for NodeId {
    type Error = InvalidId;

    fn try_from(value: u64) -> Result<Self, InvalidId> {
        if value > MAX_INTEGER {
            return Err(InvalidId::new(
                "is not a node id (an integer from 0 to 2^53-1)",
            ));
        }
        Ok(Self::from_integer(value))
    }
}

impl PartialEq for NodeId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for NodeId {}

impl Hash for NodeId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.numeric {
            f.write_str(&self.text)
        } else {
            fmt::Debug::fmt(&self.text, f)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compared_as_text() {
        let number = NodeId::from(42);
        let name = NodeId::new("42").unwrap();
        assert_eq!(number, name);
        assert_ne!(number, NodeId::new("042").unwrap());
        assert!(number.is_numeric() && !name.is_numeric());
        assert_eq!(number.to_string(), "42");
        assert_eq!(format!("{number:?} {name:?}"), "42 \"42\"");
        let set = std::collections::HashSet::from([number, name]);
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn bounds() {
        assert_eq!(NodeId::from(0).as_str(), "0");
        assert_eq!(
            NodeId::try_from(MAX_INTEGER).unwrap().as_str(),
            "9007199254740991"
        );
        assert!(NodeId::try_from(MAX_INTEGER + 1).is_err());
        for bad in ["", ".", "..", "a/b", "a b", "a%20b", &"x".repeat(129)] {
            assert!(NodeId::new(bad).is_err(), "{bad}");
        }
        for good in ["...", "-", "orders.v2", &"x".repeat(128)] {
            assert!(NodeId::new(good).is_ok(), "{good}");
        }
    }
}
