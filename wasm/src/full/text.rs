//! JSON for JavaScript: statuses, the outcomes of groups, and batches of chunks.

use alloc::string::String;

use ancp_core::{Json, MemberOutcome, TaskStatus};

use crate::text::{Object, error};

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
