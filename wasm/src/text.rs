//! JSON for JavaScript: errors and statuses.

use alloc::string::String;
use core::error::Error as _;
use core::time::Duration;

use ancp_core::{Error, Json};

use crate::failure::HostCause;

/// Takes the next line off a text; nothing where none is left.
pub(crate) fn line<'a>(text: &mut &'a str) -> Option<&'a str> {
    let length = text.bytes().position(|byte| byte == b'\n');
    let line = text.get(..length.unwrap_or(text.len()))?;
    let rest = text.get(line.len() + 1..).unwrap_or_default();
    let used_up = text.is_empty();
    *text = rest;
    (!used_up).then_some(line)
}

/// What digits mean.
pub(crate) fn number(digits: &str) -> u64 {
    let digits = digits.bytes().map(|byte| u64::from(byte & 15));
    digits.fold(0, |number, digit| {
        number.wrapping_mul(10).wrapping_add(digit)
    })
}

/// The same of milliseconds.
pub(crate) fn duration(digits: &str) -> Duration {
    Duration::from_millis(number(digits))
}

/// An object that is being written. Every field is preceded by a comma but the first.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    pub(crate) fn json(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(value);
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.json(name, Json::string(value).as_str());
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.json(name, if value { "true" } else { "false" });
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// An error, with the names of TypeScript's `AncpErrorOptions`. `cause` is a number of the host's.
pub(crate) fn error(error: &Error) -> String {
    let mut json = Object::new();
    json.text("code", error.code().as_str());
    json.text("message", error.message());
    json.json("status", Json::integer(error.status().into()).as_str());
    json.flag("retryable", error.is_retryable());
    json.flag("mayHaveBeenDelivered", error.may_have_been_delivered());
    if let Some(id) = error.request_id() {
        json.text("requestId", id);
    }
    if let Some(operation) = error.operation() {
        json.text("operation", operation);
    }
    if let Some(details) = error.details() {
        json.json("details", details.as_str());
    }
    if let Some(HostCause(number)) = error.source().and_then(|source| source.downcast_ref()) {
        json.json("cause", Json::integer((*number).into()).as_str());
    }
    json.end()
}
