use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::present;

/// Requests to a node, one after the other, and what it must answer.
///
/// The node is number 42 of tenant 7. It has the mock node's sample actions, the API keys `key-usual` (roles `invoke`,
/// `stream`, `task`), `key-invoke`, `key-stream`, `key-task` and `key-admin`. It takes JWTs of `https://issuer.test` for the
/// audience `orders`, and DID proofs of `did:key`.
///
/// It sells two request-reply actions that give their payload back, `priced` for 5.00 USDC and `dear` for 7.50, is paid at
/// `0xee…ee` in the token `0xcc…cc` of chain 8453 (6 decimals, 3 confirmations), and knows chain 1, too. The payer `0xaa…aa` has
/// sent these transactions: `paid` (5.00) and `more` (9.999999); `young`, which lacks a confirmation, and `waiting` for a block;
/// `reverted`; `elsewhere`, on chain 1; `other-token`; `other-payee`; `too-little` (4.999999). `other-payer` comes from `0x99…99`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeVector {
    /// Its name, unique in its file.
    pub name: String,
    /// The rule, with the section of the contract.
    pub why: String,
    /// The requests.
    pub requests: Vec<NodeRequest>,
}

/// A request. In its path and body `{{last}}` is the last segment of the last `Location`, `{{tx:name}}` a transaction's hash,
/// `{{receipt}}` the id of the receipt sold last, `{{x:N}}` N letters and `{{nest:N}}` N arrays in each other.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeRequest {
    /// The method.
    pub method: String,
    /// Below the base URL. One that begins with `~/` is below the node's own URL.
    pub path: String,
    /// Headers besides `Content-Type: application/json` and `X-Ancp-Api-Key: key-usual`; `null` takes one of these away.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// A JWT to send as `Authorization: Bearer`: of the node's issuer, with `sub` `ada`, no `roles`, and a minute to live, but
    /// for what is said here.
    pub jwt: Option<Signed>,
    /// A DID proof to send as `X-Ancp-Did-Proof`: of a caller with a `did:key`, for this node, and a minute to live, but for
    /// what is said here.
    pub proof: Option<Signed>,
    /// The request whose JWT and proof are sent once more.
    pub credentials_of: Option<usize>,
    /// The action of the message. Default: `get-order`.
    pub action: Option<String>,
    /// The payload of the message. Default: what `get-order` takes.
    pub payload: Option<Value>,
    /// Changes to the message, by JSON pointers.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What is taken out of the message.
    #[serde(default)]
    pub remove: Vec<String>,
    /// A body of any text, in the place of the message that a POST has.
    pub text: Option<String>,
    /// The request whose body this one has, to the byte.
    pub repeats: Option<usize>,
    /// The request whose id this one's message has.
    pub same_id_as: Option<usize>,
    /// Milliseconds to wait before.
    #[serde(default)]
    pub wait_ms: u64,
    /// What must come.
    pub expect: NodeAnswer,
}

/// How a JWT or a DID proof differs from a good one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Signed {
    /// Fields of the header; `null` takes one away.
    pub header: Map<String, Value>,
    /// Claims; `null` takes one away, and `{{x:N}}` is N letters.
    pub claims: Map<String, Value>,
    /// Claims that are times, in seconds from now.
    pub claims_in: BTreeMap<String, i64>,
    /// Signed with somebody else's key.
    pub by_stranger: bool,
    /// What stands in the signature's place.
    pub signature: Option<Signature>,
}

/// A signature that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signature {
    /// Nothing.
    None,
    /// That of the good one, before the changes.
    OfAnother,
}

/// What an answer must be like. Beyond that, every answer must keep the rules that hold for all of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeAnswer {
    /// The status.
    pub status: u16,
    /// Headers, in any case.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The code of `ncp.error`.
    pub error: Option<String>,
    /// The payload, exactly.
    #[serde(default, deserialize_with = "present")]
    pub payload: Option<Value>,
    /// Parts of the payload.
    pub payload_includes: Option<Value>,
    /// Text that the body must hold.
    pub body_text: Option<String>,
    /// Parts of `ncp`.
    pub ncp: Option<Value>,
    /// Parts of the body.
    pub body: Option<Value>,
    /// The events of the body, which ends: `event`, `id`, `payload` and `ncp`, each of them or not.
    pub events: Option<Vec<Value>>,
    /// The answer whose body this one has, to the byte.
    pub same_body_as: Option<usize>,
    /// The body is empty.
    #[serde(default)]
    pub empty: bool,
}
