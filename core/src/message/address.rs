use alloc::string::String;
use core::fmt;

use bytestring::ByteString;

use super::NodeId;
use super::ids::{self, InvalidId, check_tenant_id};
use crate::text::split_once;

const RULE: InvalidId = InvalidId::new("is not an address URI ({scheme}://{tenantId}/{path})");

/// Who sends or receives: `{scheme}://{tenantId}/{path}`.
///
/// ```
/// use ancp_core::message::{AddressUri, NodeId, Scheme};
/// let address = AddressUri::parse("node://7/42")?;
/// assert_eq!(address.scheme(), Scheme::Node);
/// assert_eq!(address.tenant(), "7");
/// assert_eq!(address.path(), "42");
/// assert_eq!(address, AddressUri::node("7", &NodeId::from(42))?);
/// # Ok::<(), ancp_core::message::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AddressUri {
    text: ByteString,
    parts: Parts,
}

/// What kind of thing an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// A node.
    Node,
    /// An agent.
    Agent,
    /// A service, such as a client program.
    Service,
    /// A topic that events are sent to.
    Topic,
    /// A person.
    User,
}

impl Scheme {
    /// The scheme as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Agent => "agent",
            Self::Service => "service",
            Self::Topic => "topic",
            Self::User => "user",
        }
    }

    const ALL: [Self; 5] = [
        Self::Node,
        Self::Agent,
        Self::Service,
        Self::Topic,
        Self::User,
    ];

    /// Reads a scheme; it is always in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text)
    }
}

impl AddressUri {
    /// Reads an address. A subscription's patterns (`*`, `**`) are none.
    pub fn parse(text: impl Into<ByteString>) -> Result<Self, InvalidId> {
        let text = text.into();
        let parts = Parts::of(&text)?;
        Ok(Self { text, parts })
    }

    /// Takes what has been read already.
    pub(super) fn from_parts(text: ByteString, parts: Parts) -> Self {
        Self { text, parts }
    }

    /// The address of a node.
    pub fn node(tenant: &str, node: &NodeId) -> Result<Self, InvalidId> {
        check_tenant_id(tenant)?;
        Self::parse(node_text(tenant, node))
    }

    /// The address of a service, such as `ancp-client`.
    pub fn service(tenant: &str, path: &str) -> Result<Self, InvalidId> {
        check_tenant_id(tenant)?;
        Self::parse(service_text(tenant, path))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What kind of thing it names.
    pub fn scheme(&self) -> Scheme {
        self.parts.scheme
    }

    /// The tenant that it belongs to.
    pub fn tenant(&self) -> &str {
        self.parts.tenant(&self.text)
    }

    /// What stands behind the tenant, with its percent-escapes.
    pub fn path(&self) -> &str {
        let start = usize::from(self.parts.tenant_end) + 1;
        self.text.get(start..).unwrap_or_default()
    }
}

/// The address of a node, of parts that have been checked.
pub(crate) fn node_text(tenant: &str, node: &NodeId) -> String {
    ["node://", tenant, "/", node.as_str()].concat()
}

/// The same of a service.
pub(crate) fn service_text(tenant: &str, path: &str) -> String {
    ["service://", tenant, "/", path].concat()
}

/// What the text of an address is made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    pub(super) scheme: Scheme,
    /// Where the tenant ends.
    tenant_end: u8,
}

impl Parts {
    pub(super) fn of(text: &str) -> Result<Self, InvalidId> {
        let (scheme, rest) = split_once(text, b':').ok_or(RULE)?;
        let scheme = Scheme::parse(scheme).ok_or(RULE)?;
        let [b'/', b'/', rest @ ..] = rest.as_bytes() else {
            return Err(RULE);
        };
        let tenant = ids::leading(rest, ids::NAME);
        let path = rest.get(tenant..).unwrap_or_default();
        // Not longer than 128, it ends at a place that fits.
        let tenant_end = (text.len() - path.len()) as u8;
        ((1..=ids::LONGEST).contains(&tenant) && is_path(path))
            .then_some(Self { scheme, tenant_end })
            .ok_or(RULE)
    }

    /// The tenant of the address with this text.
    pub(super) fn tenant(self, text: &str) -> &str {
        let start = self.scheme.as_str().len() + "://".len();
        // The places are right: the fallback is never taken.
        text.get(start..self.tenant_end.into()).unwrap_or_default()
    }
}

/// Segments with a `/` before each, of one or more unreserved characters or percent-escapes (RFC 3986).
fn is_path(path: &[u8]) -> bool {
    let mut before = None;
    let mut rest = path;
    while let [byte, following @ ..] = rest {
        rest = following;
        match byte {
            b'/' if before == Some(b'/') => return false,
            b'%' => match following {
                [high, low, following @ ..]
                    if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
                {
                    rest = following;
                }
                _ => return false,
            },
            b'/' => {}
            byte if before.is_some() && ids::is(*byte, ids::UNRESERVED) => {}
            _ => return false,
        }
        before = Some(*byte);
    }
    !matches!(before, None | Some(b'/'))
}

impl fmt::Display for AddressUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for AddressUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let address = AddressUri::parse("topic://acme.eu/orders/new%20ones/~a").unwrap();
        assert_eq!(address.scheme(), Scheme::Topic);
        assert_eq!(address.tenant(), "acme.eu");
        assert_eq!(address.path(), "orders/new%20ones/~a");
        assert_eq!(address.to_string(), "topic://acme.eu/orders/new%20ones/~a");
    }

    #[test]
    fn schemes() {
        for scheme in ["node", "agent", "service", "topic", "user"] {
            let address = AddressUri::parse(format!("{scheme}://7/x")).unwrap();
            assert_eq!(address.scheme().as_str(), scheme);
        }
    }

    #[test]
    fn malformed() {
        for bad in [
            "",
            "node",
            "node:7/42",
            "node://",
            "node://7",
            "node://7/",
            "node:///42",
            "node://7//42",
            "node://7/42/",
            "Node://7/42",
            "http://7/42",
            "node://a:b/42",
            "node://7/4 2",
            "node://7/é",
            "node://7/42?x=1",
            "node://7/42#x",
            "node://7/%",
            "node://7/%2",
            "node://7/%zz",
            "topic://7/orders/*",
            "topic://7/orders/**",
            " node://7/42",
            "node://7/42\n",
        ] {
            assert!(AddressUri::parse(bad).is_err(), "{bad}");
        }
        let long = "x".repeat(129);
        assert!(AddressUri::parse(format!("node://{long}/42")).is_err());
    }

    #[test]
    fn made() {
        let node = NodeId::new("orders.v2").unwrap();
        assert_eq!(
            AddressUri::node("7", &node).unwrap().as_str(),
            "node://7/orders.v2"
        );
        assert_eq!(
            AddressUri::service("7", "ancp-client").unwrap().as_str(),
            "service://7/ancp-client"
        );
        assert!(AddressUri::service("7", "").is_err());
        assert!(AddressUri::service("a/b", "c").is_err());
    }
}
