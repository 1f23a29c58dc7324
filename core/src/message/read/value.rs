//! Values that are not objects. What is not what a field takes is skipped, and the slip noted.

use alloc::borrow::Cow;

use bytestring::ByteString;

use super::super::Ncp;
use super::super::address::Parts;
use super::super::ids::{InvalidId, any, check_node_id};
use super::super::node_id::{MAX_INTEGER, NodeId};
use super::{Keep, Party, Reader};
use crate::json::Json;
use crate::json::fraction::parse_fraction;
use crate::text::number;

type Check = fn(&str) -> Result<(), InvalidId>;

impl<'a, K: Keep> Reader<'a, K> {
    pub(super) fn json(&mut self) -> Json {
        let value = self.scanner.value();
        self.kept_json(value)
    }

    /// The text of a value that has been gone over.
    pub(super) fn kept_json(&self, value: Option<&'a str>) -> Json {
        value.map_or_else(Json::null, |value| {
            Json::from_scanned(self.text.slice_ref(value))
        })
    }

    /// Takes a `null`, if one is next.
    pub(super) fn null(&mut self) -> bool {
        let null = self.scanner.peek() == Some(b'n');
        if null {
            self.scanner.value();
        }
        null
    }

    pub(super) fn boolean(&mut self) -> bool {
        match self.scanner.peek() {
            Some(b't' | b'f') => self.scanner.value() == Some("true"),
            _ => {
                self.not("is not true or false");
                false
            }
        }
    }

    /// An integer, and its digits.
    pub(super) fn integer(&mut self) -> Option<(u64, &'a str)> {
        let integer = self
            .number()
            .and_then(|digits| Some((parse_integer(digits)?, digits)));
        if integer.is_none() {
            self.slip("is not an integer from 0 to 2^53-1");
        }
        integer
    }

    pub(super) fn fraction(&mut self) -> Option<f64> {
        let fraction = self.number().and_then(parse_fraction);
        if fraction.is_none() {
            self.slip("is not a number from 0 to 1");
        }
        fraction
    }

    fn number(&mut self) -> Option<&'a str> {
        match self.scanner.peek() {
            Some(b'0'..=b'9' | b'-') => self.scanner.value(),
            _ => {
                self.not("is not a number");
                None
            }
        }
    }

    pub(super) fn node_id(&mut self) -> Option<NodeId> {
        let string = self.scanner.peek() == Some(b'"');
        let text = match string {
            true => self.string(check_node_id),
            false => self.integer().map(|(_, digits)| Cow::Borrowed(digits)),
        };
        match K::WHOLE {
            true => Some(NodeId::checked(self.kept(text?), !string)),
            false => None,
        }
    }

    /// Reads one of a few names.
    pub(super) fn named<T>(&mut self, into: &mut T, parse: fn(&str) -> Option<T>) {
        let text = self.string(any);
        match parse(text.as_deref().unwrap_or_default()) {
            Some(value) => *into = value,
            None => self.slip("is not one of the names that the contract has for it"),
        }
    }

    pub(super) fn address(&mut self) -> Option<Party<'a>> {
        let text = self.string(any)?;
        match Parts::of(&text) {
            Ok(parts) => return Some(Party { text, parts }),
            Err(invalid) => self.slip(invalid.rule()),
        }
        None
    }

    pub(super) fn text(&mut self, into: &mut ByteString, check: Check) {
        if let Some(text) = self.string(check) {
            *into = self.kept(text);
        }
    }

    pub(super) fn optional(&mut self, into: &mut Option<ByteString>, check: Check) {
        *into = self.string(check).map(|text| self.kept(text));
    }

    /// A text that no client looks at in an answer.
    pub(super) fn unused(
        &mut self,
        into: &mut K,
        place: fn(&mut Ncp) -> &mut Option<ByteString>,
        check: Check,
    ) {
        let text = self.string(check);
        if K::WHOLE
            && let Some(ncp) = into.ncp()
        {
            *place(ncp) = text.map(|text| self.kept(text));
        }
    }

    pub(super) fn string(&mut self, check: Check) -> Option<Cow<'a, str>> {
        if self.scanner.peek() != Some(b'"') {
            self.not("is not a string");
            return None;
        }
        let text = self.scanner.string()?.unescape();
        let checked = match &text {
            Some(text) => check(text),
            None => Err(InvalidId::new("is not Unicode")),
        };
        match checked {
            Ok(()) => text,
            Err(invalid) => {
                self.slip(invalid.rule());
                None
            }
        }
    }

    /// The same text, without copying it where it stands in the message as it is.
    pub(super) fn kept(&self, text: Cow<'a, str>) -> ByteString {
        match text {
            Cow::Borrowed(text) => self.text.slice_ref(text),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// Reads digits (a JSON number has no needless zeros before them) up to 2^53-1.
fn parse_integer(digits: &str) -> Option<u64> {
    number(digits.as_bytes()).filter(|value| *value <= MAX_INTEGER)
}
