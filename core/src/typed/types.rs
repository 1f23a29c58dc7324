use serde::{Deserialize, Deserializer, Serialize};

use crate::json::Json;

/// The answer to `ping`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ping {
    /// The node's id, as text.
    #[serde(deserialize_with = "id")]
    pub node_id: String,
    /// The node's tenant.
    pub tenant_id: String,
    /// `ok`.
    pub status: String,
    /// The node's version.
    pub version: String,
    /// Seconds since the node was started.
    pub uptime_sec: f64,
    /// The node's clock, RFC 3339.
    pub timestamp: String,
}

/// The answer to `capabilities`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Capabilities {
    /// The node's id, as text.
    #[serde(deserialize_with = "id")]
    pub node_id: String,
    /// What can be called.
    pub actions: Vec<ActionDescriptor>,
}

/// What a node says of an action.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionDescriptor {
    /// Its name.
    pub action: String,
    /// `request-reply`, `fire-and-forget`, `streaming` or `task-start`.
    pub pattern: String,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
    /// Its price in USDC, a decimal string; free without.
    #[serde(default)]
    pub price_usdc: Option<String>,
    /// A JSON Schema of its payload.
    #[serde(default)]
    pub input_schema: Option<Json>,
    /// A JSON Schema of its result.
    #[serde(default)]
    pub output_schema: Option<Json>,
}

/// The answer to `negotiate`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Negotiation {
    /// Those of the actions that the node has.
    pub supported: Vec<ActionDescriptor>,
    /// Those that it has not.
    pub missing: Vec<String>,
}

/// The answer to `status`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeStatus {
    /// The node's id, as text.
    #[serde(deserialize_with = "id")]
    pub node_id: String,
    /// Such as `production`.
    #[serde(default)]
    pub environment: Option<String>,
    /// The model that the node works with.
    #[serde(default)]
    pub ai_model: Option<String>,
    /// Whether the node acts by itself.
    #[serde(default)]
    pub is_autonomous: bool,
    /// Whether the node takes calls now.
    #[serde(default)]
    pub accepting_calls: bool,
    /// The node's version.
    #[serde(default)]
    pub version: Option<String>,
}

/// The discovery document of a server.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscoveryDocument {
    /// `1.x`.
    pub protocol_version: String,
    /// The nodes.
    pub nodes: Vec<DiscoveredNode>,
}

/// A node in a discovery document.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscoveredNode {
    /// The node's id, as text.
    #[serde(deserialize_with = "id")]
    pub node_id: String,
    /// Its tenant.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// Where it is reached.
    pub endpoint: String,
    /// Its resource id.
    #[serde(default)]
    pub res_id: Option<String>,
    /// Its decentralised identifier.
    #[serde(default)]
    pub did: Option<String>,
    /// Its wallet.
    #[serde(default)]
    pub evm_address: Option<String>,
    /// Its operate ids.
    #[serde(default)]
    pub operate_ids: Vec<String>,
    /// The groups that it is a member of.
    #[serde(default)]
    pub groups: Vec<NodeGroup>,
    /// The credentials that it takes: `jwt`, `apiKey`, `did`.
    #[serde(default)]
    pub auth: Vec<String>,
    /// What it offers beyond the calls, such as `streamResume`; true or false by name.
    #[serde(default)]
    pub features: std::collections::BTreeMap<String, Json>,
    /// What can be called.
    #[serde(default)]
    pub actions: Vec<ActionDescriptor>,
}

/// A group of nodes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeGroup {
    /// The group's id, as text.
    #[serde(deserialize_with = "id")]
    pub group_id: String,
    /// Its resource id.
    #[serde(default)]
    pub res_id: Option<String>,
    /// `RoundRobin`, `Random`, `FirstAvailable` or `Broadcast`.
    #[serde(default)]
    pub strategy: Option<String>,
}

/// An id that is written as a number or as text.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Number(u64),
        Text(String),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Number(number) => number.to_string(),
        Id::Text(text) => text,
    })
}
