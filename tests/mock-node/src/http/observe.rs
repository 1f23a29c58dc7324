//! What fault rules and the log of calls see of a request.

use std::collections::BTreeMap;

use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::handle::Exchange;
use super::request::RequestBody;
use super::route::Endpoint;
use crate::answer::now;
use crate::calls::{BodyProgress, RecordedCall, Tracker};
use crate::faults::{Facts, Fault, Operation};

impl Exchange<'_> {
    /// Notes the request, and asks whether something is to happen to it.
    pub(super) fn observe(&self, path: &str) -> (Tracker, Fault) {
        let Head {
            method, headers, ..
        } = &self.head;
        let body: &[u8] = match &self.body {
            RequestBody::Read(body) => body,
            RequestBody::TooLarge => &[],
        };
        let seen = Seen::of(body);
        let endpoint = self.endpoint.as_ref();
        let operation = endpoint.map_or(Operation::Unknown, |endpoint| endpoint.operation(method));
        let node_id = match endpoint {
            Some(Endpoint::Node { node, .. }) => Some(&**node),
            _ => None,
        };
        let fault = self.app.faults.take(&Facts {
            method: method.as_str(),
            path,
            operation,
            action: seen.action.as_deref(),
            node_id,
        });
        let tracker = self.app.calls.record(RecordedCall {
            number: 0,
            method: method.to_string(),
            path: path.to_owned(),
            operation,
            headers: recorded_headers(headers),
            message_id: seen.id,
            correlation_id: seen.correlation_id,
            action: seen.action,
            body_sha256: (!body.is_empty()).then(|| format!("{:x}", Sha256::digest(body))),
            received_at: now().to_string(),
            status: None,
            body: BodyProgress::Open,
        });
        (tracker, fault)
    }
}

/// What rules and log want to know of a message, whether or not it is a good one.
#[derive(Default)]
struct Seen {
    id: Option<String>,
    correlation_id: Option<String>,
    action: Option<String>,
}

impl Seen {
    fn of(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
            return Self::default();
        };
        let text = |pointer| value.pointer(pointer)?.as_str().map(Into::into);
        Self {
            id: text("/id"),
            correlation_id: text("/correlationId"),
            action: text("/body/data/metadata/extensions/ncp/action"),
        }
    }
}

fn recorded_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    const CREDENTIALS: [&str; 4] = [
        "authorization",
        "x-ancp-api-key",
        "x-ancp-did-proof",
        "cookie",
    ];
    let shown = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = match CREDENTIALS.contains(&name.as_str()) {
            true => "[redacted]".into(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        (name.to_string(), value)
    };
    headers.iter().map(shown).collect()
}
