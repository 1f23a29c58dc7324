use serde::Deserialize;
use serde_json::Value;

use super::present;

/// What comes of a call. Without `error`, it succeeds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outcome {
    /// The result, exactly.
    #[serde(default, deserialize_with = "present")]
    pub result: Option<Value>,
    /// Parts of the result.
    #[serde(default, deserialize_with = "present")]
    pub result_includes: Option<Value>,
    /// The result's text, where a runtime keeps it; elsewhere its value.
    pub result_text: Option<String>,
    /// Parts of the task's status.
    pub task: Option<Value>,
    /// The states that the progress callback was told.
    pub progress: Option<Vec<String>>,
    /// The chunks, exactly; also those before an error.
    pub chunks: Option<Vec<Value>>,
    /// The stream's summary.
    #[serde(default, deserialize_with = "present")]
    pub summary: Option<Value>,
    /// The error.
    pub error: Option<ErrorOutcome>,
    /// Milliseconds that the call takes at most.
    pub within_ms: Option<u64>,
}

/// What an error is like.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErrorOutcome {
    /// Its code.
    pub code: String,
    /// Its HTTP status.
    pub status: Option<u16>,
    /// Whether trying again may help.
    pub retryable: Option<bool>,
    /// Its message, exactly.
    pub message: Option<String>,
    /// The node's details.
    #[serde(default, deserialize_with = "present")]
    pub details: Option<Value>,
    /// Parts of the price and the terms.
    pub payment: Option<Value>,
    /// Why a payment or receipt was refused.
    pub payment_reason: Option<String>,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
    /// Whether the node may have seen the call.
    pub may_have_been_delivered: Option<bool>,
}
