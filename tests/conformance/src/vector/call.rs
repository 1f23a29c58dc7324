use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Options of a client. Runners begin with base URL `{{base}}`, node 42, a time-out of 5 s, and retries after 1 to 5 ms,
/// so that nothing waits for long.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientOptions {
    /// `{{base}}` stands for the run's own base URL, `{{elsewhere}}` for the same by another origin; in addresses, too.
    pub base_url: Option<String>,
    /// An address in its string form, in the place of `nodeId`; a URL stands for `baseUrl`, too, unless that is given.
    pub address: Option<String>,
    /// A number or a name.
    pub node_id: Option<Value>,
    /// A number or a name.
    pub tenant_id: Option<Value>,
    /// The credential. With a DID, every request but discovery's must have a proof of its own, unless its expectation
    /// names the header among `absentHeaders`.
    pub auth: Option<Secrets>,
    /// Who pays.
    pub payer: Option<PayerOptions>,
    /// Further origins that may have the credential.
    #[serde(default)]
    pub credential_origins: Vec<String>,
    /// Milliseconds.
    pub timeout: Option<u64>,
    /// Milliseconds.
    pub liveness_timeout: Option<u64>,
    /// Milliseconds.
    pub idle_timeout: Option<u64>,
    /// Retries.
    pub retry: Option<RetryOptions>,
    /// Headers for every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A credential, or what a provider gives one after the other (the last one from then on; `null`: it throws).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Secrets {
    /// A fixed key.
    ApiKey(String),
    /// A fixed token.
    JwtToken(String),
    /// A provider of keys.
    ApiKeys(Vec<Option<String>>),
    /// A provider of tokens.
    JwtTokens(Vec<Option<String>>),
    /// A fixed signer.
    Did(Signer),
    /// A provider of signers.
    Dids(Vec<Option<Signer>>),
}

/// What a signer does when it is asked for a signature.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signer {
    /// It signs, with a key of its own under its `did:key`.
    Signs,
    /// It throws.
    Throws,
    /// It gives something that is no signature.
    Misfires,
    /// It does not answer.
    Hangs,
}

/// A payer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayerOptions {
    /// What it pays, one after the other (the last one from then on; `null`: it throws).
    pub payments: Vec<Option<Payment>>,
    /// USDC.
    pub max_per_call: Option<String>,
    /// The price that it must be told; told another one, it throws.
    pub price_usdc: Option<String>,
    /// USDC.
    pub max_total: Option<String>,
    /// Milliseconds.
    pub timeout: Option<u64>,
}

/// A transaction.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payment {
    /// Its hash.
    pub tx_hash: String,
    /// Who paid.
    pub payer: String,
}

/// Retries.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryOptions {
    /// How many.
    pub max_retries: Option<u32>,
    /// Milliseconds.
    pub base_delay_ms: Option<u64>,
    /// Milliseconds.
    pub max_delay_ms: Option<u64>,
}

/// What the client is asked to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// The verb.
    pub verb: Verb,
    /// The action, where the verb takes one.
    #[serde(default)]
    pub action: String,
    /// The task, where the verb takes one.
    #[serde(default)]
    pub task_id: String,
    /// The payload, the input, the names to negotiate, or what `pay` takes.
    #[serde(default)]
    pub payload: Value,
    /// Options of the call.
    #[serde(default)]
    pub options: CallOptions,
    /// Chunks to take before the stream is given up.
    #[serde(default)]
    pub take: Option<usize>,
    /// Milliseconds to wait before the next chunk is asked for, or the stream given up, after the first one.
    #[serde(default)]
    pub pause_ms: u64,
    /// Milliseconds from the first request until the call is aborted; 0: before the call begins.
    #[serde(default)]
    pub abort_after_ms: Option<u64>,
    /// Milliseconds from the first request until the client is closed.
    #[serde(default)]
    pub close_after_ms: Option<u64>,
}

/// The client's verbs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they are those of the TypeScript client")]
pub enum Verb {
    Invoke,
    FireAndForget,
    Stream,
    StartTask,
    GetTask,
    WaitForTask,
    ProvideInput,
    CancelTask,
    Ping,
    GetCapabilities,
    Negotiate,
    GetStatus,
    GetPaymentInfo,
    Pay,
    Discover,
    /// Its result is a list of `{ nodeId, ok, result }` and `{ nodeId, ok, code }`.
    InvokeAll,
    Close,
}

/// Options of one call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallOptions {
    /// An address in its string form, with the placeholders of the client's.
    pub address: Option<String>,
    /// Milliseconds.
    pub timeout: Option<u64>,
    /// The correlation id.
    pub correlation_id: Option<String>,
    /// The receipt.
    pub receipt_id: Option<String>,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Of `waitForTask`, milliseconds.
    pub poll_interval_ms: Option<u64>,
    /// Of `waitForTask`, milliseconds.
    pub timeout_ms: Option<u64>,
}
