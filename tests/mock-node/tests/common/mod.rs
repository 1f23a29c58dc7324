//! What the tests share.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

pub mod http;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ancp_mock_node::TestKey;
use serde_json::{Value, json};

/// No test runs for ever. Where time is paused this is virtual, and a deadlock is found at once.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub async fn within<F: Future>(future: F) -> F::Output {
    within_limit(LIMIT, future).await
}

pub async fn within_limit<F: Future>(limit: Duration, future: F) -> F::Output {
    match tokio::time::timeout(limit, future).await {
        Ok(output) => output,
        Err(_) => panic!("not done within {limit:?}"),
    }
}

/// A request in the making.
#[derive(Clone, Debug)]
pub struct Call(pub Value);

impl Call {
    pub fn new(action: &str, pattern: &str, payload: Value) -> Self {
        let kind = match pattern {
            "fire-and-forget" | "task-start" => "Command",
            _ => "Query",
        };
        Self(json!({
            "id": id(),
            "type": kind,
            "timestamp": "2026-05-25T09:14:00.000Z",
            "protocolVersion": "1.0",
            "body": { "data": {
                "payload": payload,
                "metadata": { "extensions": { "ncp": { "action": action, "pattern": pattern } } },
            } },
        }))
    }

    pub fn invoke(action: &str, payload: Value) -> Self {
        Self::new(action, "request-reply", payload)
    }

    pub fn fire(action: &str, payload: Value) -> Self {
        Self::new(action, "fire-and-forget", payload)
    }

    pub fn stream(action: &str, payload: Value) -> Self {
        Self::new(action, "streaming", payload)
    }

    pub fn task(action: &str, payload: Value) -> Self {
        Self::new(action, "task-start", payload)
    }

    /// Sets a field of the header.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.as_object_mut().unwrap().remove(name);
        self
    }

    /// Sets a field of the `ncp` metadata.
    pub fn with_ncp(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0["body"]["data"]["metadata"]["extensions"]["ncp"][name] = value.into();
        self
    }

    pub fn with_payload(mut self, payload: Value) -> Self {
        self.0["body"]["data"]["payload"] = payload;
        self
    }

    /// Sets the three that stand together.
    pub fn routed(self, source: &str, destination: &str, tenant: &str) -> Self {
        self.with("source", source)
            .with("destination", destination)
            .with("tenantId", tenant)
    }

    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A fresh message id.
pub fn id() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).unwrap();
    ancp_core::message::uuid_v4(random).to_string()
}

/// `ncp` of an envelope.
pub fn ncp(envelope: &Value) -> &Value {
    &envelope["body"]["data"]["metadata"]["extensions"]["ncp"]
}

/// The payload of an envelope.
pub fn payload(envelope: &Value) -> &Value {
    &envelope["body"]["data"]["payload"]
}

/// Seconds since 1970.
pub fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// A good DID proof for a node.
pub fn did_proof(key: &TestKey, endpoint: &str) -> String {
    did_proof_with(key, endpoint, unix_now(), &json!({}), &json!({}))
}

/// A proof with other fields in its header and its claims; `null` takes one away.
pub fn did_proof_with(
    key: &TestKey,
    endpoint: &str,
    now: u64,
    header: &Value,
    claims: &Value,
) -> String {
    let did = key.did().unwrap();
    let fragment = did.strip_prefix("did:key:").unwrap();
    let mut signed_header = json!({ "alg": "EdDSA", "kid": format!("{did}#{fragment}") });
    change(&mut signed_header, header);
    let mut signed_claims = json!({
        "iss": did,
        "sub": did,
        "aud": endpoint,
        "iat": now,
        "exp": now + 60,
        "jti": id(),
    });
    change(&mut signed_claims, claims);
    key.sign(&signed_header, &signed_claims)
}

fn change(fields: &mut Value, changes: &Value) {
    let fields = fields.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
}
