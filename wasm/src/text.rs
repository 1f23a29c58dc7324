//! JSON for JavaScript: errors and statuses.

use alloc::string::String;
use core::error::Error as _;

use ancp_core::{Error, Json, MemberOutcome, TaskStatus};

use crate::ops::HostCause;

/// Takes the next line off a text; nothing where none is left.
pub(crate) fn line<'a>(text: &mut &'a str) -> Option<&'a str> {
    let length = text.bytes().position(|byte| byte == b'\n');
    let line = text.get(..length.unwrap_or(text.len()))?;
    let rest = text.get(line.len() + 1..).unwrap_or_default();
    let used_up = text.is_empty();
    *text = rest;
    (!used_up).then_some(line)
}

/// An object that is being written. Every field is preceded by a comma but the first.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn json(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.json(name, Json::string(value).as_str());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.json(name, if value { "true" } else { "false" });
    }

    fn end(mut self) -> String {
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

/// A task's status, as TypeScript's `TaskStatus`.
pub(crate) fn status(status: &TaskStatus) -> String {
    let mut json = Object::new();
    json.text("taskId", &status.task_id);
    json.text("action", &status.action);
    json.text("state", status.state.as_str());
    match status.progress {
        Some(progress) => json.json("progress", Json::fraction(progress).as_str()),
        None => json.json("progress", "null"),
    }
    match &status.message {
        Some(message) => json.text("message", message),
        None => json.json("message", "null"),
    }
    json.text("createdAt", &status.created_at);
    json.text("updatedAt", &status.updated_at);
    if let Some(result) = &status.result {
        json.json("result", result.as_str());
    }
    if let Some(error) = &status.error {
        let mut meta = Object::new();
        meta.text("code", error.code.as_str());
        meta.text("message", &error.message);
        meta.flag("retryable", error.retryable);
        if let Some(details) = &error.details {
            meta.json("details", details.as_str());
        }
        json.json("error", &meta.end());
    }
    json.end()
}

/// The outcomes of a group's members, as TypeScript's `MemberOutcome`s but for their errors.
pub(crate) fn outcomes(outcomes: &[MemberOutcome]) -> String {
    let mut json = String::from("[");
    for outcome in outcomes {
        if json.len() > 1 {
            json.push(',');
        }
        let mut member = Object::new();
        if let Some(id) = &outcome.node_id {
            match id.is_numeric() {
                true => member.json("nodeId", id.as_str()),
                false => member.text("nodeId", id.as_str()),
            }
        }
        member.text("endpoint", &outcome.endpoint);
        member.flag("ok", outcome.result.is_ok());
        match &outcome.result {
            Ok(result) => member.json("result", result.as_str()),
            Err(failure) => member.json("error", &error(failure)),
        }
        json.push_str(&member.end());
    }
    json.push(']');
    json
}

/// A JSON array of values.
pub(crate) fn array(values: &[Json]) -> String {
    let length = values
        .iter()
        .map(|value| value.as_str().len() + 1)
        .sum::<usize>();
    let mut json = String::with_capacity(length + 1);
    for value in values {
        json.push(if json.is_empty() { '[' } else { ',' });
        json.push_str(value.as_str());
    }
    json.push(']');
    json
}
