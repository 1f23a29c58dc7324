//! What a node tells about itself (wire contract, section 9).

use ancp_core::Json;
use ancp_core::message::NodeId;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::action::Registered;

/// What a node says of itself in the discovery document and in `ancp.status`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Profile {
    /// A name for people.
    pub name: Option<String>,
    /// The node's version.
    pub version: Option<String>,
    /// Such as `production`.
    pub environment: Option<String>,
    /// The model that an agent runs on.
    pub ai_model: Option<String>,
    /// Whether the node acts without people.
    pub is_autonomous: bool,
    /// The resource id, for addressing.
    pub res_id: Option<String>,
    /// The decentralised identifier, for addressing.
    pub did: Option<String>,
    /// The blockchain address, for addressing and payment.
    pub evm_address: Option<String>,
    /// Operate ids, for addressing.
    pub operate_ids: Vec<String>,
    /// The node's URL as clients know it, where that is not the server's own: behind a proxy, or on
    /// another server, for which this one only has the discovery document.
    pub endpoint: Option<String>,
    /// The groups that the node belongs to.
    pub groups: Vec<Group>,
}

/// A group of nodes, for addressing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// The group's id.
    pub group_id: u64,
    /// The group's resource id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub res_id: Option<String>,
    /// Which member a call goes to.
    pub strategy: Strategy,
}

/// Which member of a group a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strategy {
    /// One after the other.
    RoundRobin,
    /// Any.
    Random,
    /// The first that answers.
    FirstAvailable,
    /// All.
    Broadcast,
}

/// What a program that serves a node says first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FirstLine<'a> {
    pub(crate) base_url: &'a str,
    #[serde(serialize_with = "node_id")]
    pub(crate) node_id: &'a NodeId,
    pub(crate) tenant_id: &'a str,
    pub(crate) api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<&'a str>,
}

/// The discovery document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    pub(crate) protocol_version: &'static str,
    pub(crate) nodes: Vec<NodeEntry<'a>>,
}

/// A node's part of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeEntry<'a> {
    #[serde(serialize_with = "node_id")]
    pub(crate) node_id: &'a NodeId,
    pub(crate) tenant_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    pub(crate) version: &'a str,
    pub(crate) endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) res_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) did: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) evm_address: Option<&'a str>,
    pub(crate) operate_ids: &'a [String],
    pub(crate) groups: &'a [Group],
    pub(crate) auth: Vec<&'static str>,
    pub(crate) features: Features,
    pub(crate) actions: Vec<Descriptor<'a>>,
}

/// What a node can do beside the patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Features {
    pub(crate) stream_resume: bool,
    pub(crate) task_events: bool,
}

/// An action's entry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor<'a> {
    action: &'a str,
    pattern: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    price_usdc: Option<&'a str>,
    input_schema: &'a Json,
    output_schema: &'a Json,
}

impl<'a> From<&'a Registered> for Descriptor<'a> {
    fn from(registered: &'a Registered) -> Self {
        let action = &registered.action;
        Self {
            action: &action.name,
            pattern: registered.pattern.as_str(),
            description: action.description.as_deref(),
            price_usdc: action.price_usdc.as_deref(),
            input_schema: &action.input_schema,
            output_schema: &action.output_schema,
        }
    }
}

/// Writes a node's id as the number or the text that it is.
pub(crate) fn node_id<S: Serializer>(id: &NodeId, serializer: S) -> Result<S::Ok, S::Error> {
    match id.as_str().parse() {
        Ok(number) if id.is_numeric() => serializer.serialize_u64(number),
        _ => serializer.serialize_str(id.as_str()),
    }
}

/// Reads a node's id from text: digits that a number would be written with are a number.
pub(crate) fn read_node_id(text: &str) -> Result<NodeId, ancp_core::message::InvalidId> {
    match text.parse::<u64>() {
        Ok(number) if number.to_string() == text => {
            NodeId::try_from(number).or_else(|_| NodeId::new(text.to_owned()))
        }
        _ => NodeId::new(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_ids() {
        for (text, numeric) in [
            ("42", true),
            ("0", true),
            ("042", false),
            ("orders", false),
            ("9007199254740992", false),
        ] {
            let id = read_node_id(text).unwrap();
            assert_eq!((id.as_str(), id.is_numeric()), (text, numeric));
        }
        assert!(read_node_id("a b").is_err());
    }
}
