//! Looking for single values in a JSON text that is otherwise carried unread.

use super::Json;
use super::scan::Scanner;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use bytestring::ByteString;

impl Json {
    /// The value of an object's field; nothing where this is no object or has no such field.
    ///
    /// ```
    /// # use ancp_core::Json;
    /// let json = Json::parse(r#"{"a": [1, "two"]}"#)?;
    /// assert_eq!(json.get("a").unwrap().elements()[1].as_str(), r#""two""#);
    /// assert!(json.get("b").is_none());
    /// # Ok::<(), ancp_core::json::InvalidJson>(())
    /// ```
    pub fn get(&self, field: &str) -> Option<Json> {
        let mut scanner = Scanner::new(&self.0);
        scanner.open_object()?;
        let mut first = true;
        while scanner.another(first) {
            let key = scanner.string()?;
            scanner.colon()?;
            let value = scanner.value()?;
            if key.unescape().as_deref() == Some(field) {
                return Some(Self(self.0.slice_ref(value)));
            }
            first = false;
        }
        None
    }

    /// The text that a JSON string means; nothing where this is no string.
    ///
    /// ```
    /// # use ancp_core::Json;
    /// assert_eq!(Json::parse(r#""a\nb""#)?.text().as_deref(), Some("a\nb"));
    /// assert_eq!(Json::parse("5")?.text(), None);
    /// # Ok::<(), ancp_core::json::InvalidJson>(())
    /// ```
    pub fn text(&self) -> Option<ByteString> {
        let string = Scanner::new(&self.0).string()?;
        Some(match string.unescape()? {
            Cow::Borrowed(text) => self.0.slice_ref(text),
            Cow::Owned(text) => text.into(),
        })
    }

    /// The elements of an array; none where this is no array.
    pub fn elements(&self) -> Vec<Json> {
        let mut elements = Vec::new();
        let mut scanner = Scanner::new(&self.0);
        if scanner.open_array().is_some() {
            while scanner.element(elements.is_empty())
                && let Some(value) = scanner.value()
            {
                elements.push(Self(self.0.slice_ref(value)));
            }
        }
        elements
    }
}
