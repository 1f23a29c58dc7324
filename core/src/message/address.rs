use core::fmt;

use bytestring::ByteString;

use super::NodeId;
use super::ids::{InvalidId, check_tenant_id};
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
pub struct AddressUri(pub(super) ByteString);

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

    /// Reads a scheme; it is always in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Node,
            Self::Agent,
            Self::Service,
            Self::Topic,
            Self::User,
        ]
        .into_iter()
        .find(|scheme| scheme.as_str() == text)
    }
}

impl AddressUri {
    /// Reads an address. A subscription's patterns (`*`, `**`) are none.
    pub fn parse(text: impl Into<ByteString>) -> Result<Self, InvalidId> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    /// The address of a node.
    pub fn node(tenant: &str, node: &NodeId) -> Result<Self, InvalidId> {
        check_tenant_id(tenant)?;
        Self::parse(["node://", tenant, "/", node.as_str()].concat())
    }

    /// The address of a service, such as `ancp-client`.
    pub fn service(tenant: &str, path: &str) -> Result<Self, InvalidId> {
        check_tenant_id(tenant)?;
        Self::parse(["service://", tenant, "/", path].concat())
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of thing it names.
    pub fn scheme(&self) -> Scheme {
        // The text was checked when it was read: the fallbacks here are never taken.
        split(&self.0).map_or(Scheme::Service, |(scheme, ..)| scheme)
    }

    /// The tenant that it belongs to.
    pub fn tenant(&self) -> &str {
        split(&self.0).map_or("", |(_, tenant, _)| tenant)
    }

    /// What stands behind the tenant, with its percent-escapes.
    pub fn path(&self) -> &str {
        split(&self.0).map_or("", |(.., path)| path)
    }
}

pub(super) fn check(text: &str) -> Result<(), InvalidId> {
    let (_, tenant, path) = split(text).ok_or(RULE)?;
    let mut segments = path.as_bytes().split(|byte| *byte == b'/');
    (check_tenant_id(tenant).is_ok() && segments.all(is_segment))
        .then_some(())
        .ok_or(RULE)
}

fn split(text: &str) -> Option<(Scheme, &str, &str)> {
    let (scheme, rest) = split_once(text, b':')?;
    let (tenant, path) = split_once(rest.strip_prefix("//")?, b'/')?;
    Some((Scheme::parse(scheme)?, tenant, path))
}

/// One or more unreserved characters or percent-escapes (RFC 3986).
fn is_segment(segment: &[u8]) -> bool {
    let mut rest = segment;
    while let [byte, following @ ..] = rest {
        rest = match (byte, following) {
            (b'%', [high, low, rest @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                rest
            }
            (b'-' | b'.' | b'_' | b'~', rest) => rest,
            (byte, rest) if byte.is_ascii_alphanumeric() => rest,
            _ => return false,
        };
    }
    !segment.is_empty()
}

impl fmt::Display for AddressUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AddressUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
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
