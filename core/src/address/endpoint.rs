use alloc::string::String;

use bytestring::ByteString;

use super::HttpUrl;
use crate::message::NodeId;
use crate::text::rsplit_once;

/// Where a node is reached: what an address resolves to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The node's URL (`N` of the wire contract), or a name where the transport has no URLs. Empty
    /// for what is asked of no node, such as the discovery document.
    pub url: ByteString,
    /// What discovery is asked below; unknown for an endpoint that is not `…/ncp/nodes/{id}`.
    pub base: Option<ByteString>,
    /// The node's id, where it is known.
    pub node_id: Option<NodeId>,
    /// The node's tenant, where the discovery document told it.
    pub tenant_id: Option<ByteString>,
}

const NODES: &str = "/ncp/nodes";

/// The URL of a node below a base URL.
pub(crate) fn below(base: &str, node_id: &NodeId) -> String {
    [base, NODES, "/", node_id.as_str()].concat()
}

impl Endpoint {
    /// The endpoint of a node below a base URL.
    pub(crate) fn below(base: &ByteString, node_id: NodeId) -> Self {
        Self {
            url: below(base, &node_id).into(),
            base: Some(base.clone()),
            node_id: Some(node_id),
            tenant_id: None,
        }
    }

    /// The endpoint that a whole URL names; discovery is asked below the base where one is known.
    pub(crate) fn at(url: &HttpUrl, base: Option<&ByteString>) -> Self {
        // An id holds no slash.
        let parts = rsplit_once(url.as_str(), b'/').and_then(|(before, id)| {
            let base = before.strip_suffix(NODES)?;
            Some((base, NodeId::from_text(id).ok()?))
        });
        Self {
            url: url.0.clone(),
            base: base
                .cloned()
                .or_else(|| parts.as_ref().map(|(base, _)| ByteString::from(*base))),
            node_id: parts.map(|(_, id)| id),
            tenant_id: None,
        }
    }

    /// Whether it is one of the nodes below a base URL, where an id names one node.
    pub(crate) fn is_below(&self, base: &str) -> bool {
        let path = self.url.strip_prefix(base);
        let id = path.and_then(|path| path.strip_prefix(NODES));
        id.is_some_and(|id| id.starts_with('/'))
    }

    /// Whether both are the same node, wherever it is reached.
    pub(crate) fn is_same_node(&self, other: &Self) -> bool {
        match self.node_id {
            Some(_) => self.node_id == other.node_id && self.tenant_id == other.tenant_id,
            None => self.url == other.url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direct_url_tells_its_base_and_node() {
        let url = HttpUrl::parse("https://host/tenant/ncp/nodes/42").unwrap();
        let endpoint = Endpoint::at(&url, None);
        assert_eq!(endpoint.base.as_deref(), Some("https://host/tenant"));
        assert_eq!(endpoint.node_id, Some(NodeId::from(42)));
        let other = Endpoint::at(&HttpUrl::parse("https://host/agents/a").unwrap(), None);
        assert_eq!((other.base, other.node_id), (None, None));
    }
}
