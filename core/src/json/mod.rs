//! JSON as text: payloads are carried, not parsed.

#![deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod access;
pub(crate) mod fraction;
mod invalid;
mod name;
pub(crate) mod scan;
#[cfg(feature = "serde")]
mod serde;
mod skim;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use alloc::string::String;
use core::fmt;

use bytestring::ByteString;

pub use invalid::InvalidJson;
pub(crate) use name::Name;

/// A JSON value as the text it came in, known to be valid JSON and nested at most 128 deep.
/// Cloning it is cheap. Two are equal where their texts are.
///
/// ```
/// use ancp_core::json::Json;
/// let json = Json::parse(r#" {"orderId": "ORD-123"} "#)?;
/// assert_eq!(json.as_str(), r#"{"orderId": "ORD-123"}"#);
/// assert!(Json::parse("{'orderId': 1}").is_err());
/// # Ok::<(), ancp_core::json::InvalidJson>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(ByteString);

impl Json {
    /// The value `null`.
    pub fn null() -> Self {
        Self(ByteString::from_static("null"))
    }

    /// A JSON string that means this text.
    pub fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        write::push_string(&mut json, text);
        Self(json.into())
    }

    /// A number that is an integer.
    pub fn integer(value: u64) -> Self {
        Self(write::integer(value).into())
    }

    /// A number from 0 to 1; what lies outside is moved to the nearer end.
    pub fn fraction(value: f64) -> Self {
        let mut json = String::new();
        fraction::push_fraction(&mut json, value);
        Self(json.into())
    }

    /// Takes a text that is one JSON value (RFC 8259) nested at most 128 deep. Whitespace around
    /// it is left out; the text is not copied.
    pub fn parse(text: impl Into<ByteString>) -> Result<Self, InvalidJson> {
        let text = text.into();
        let mut scanner = scan::Scanner::new(&text);
        let value = scanner.whole().unwrap_or_default();
        match scanner.why() {
            None => Ok(Self(text.slice_ref(value))),
            Some(why) => Err(why.clone()),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, without copying it.
    pub fn into_text(self) -> ByteString {
        self.0
    }

    /// Takes a text that the scanner has gone over.
    pub(crate) fn from_scanned(text: ByteString) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
