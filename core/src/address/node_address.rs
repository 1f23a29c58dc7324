use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use bytestring::ByteString;

use super::HttpUrl;
use crate::message::NodeId;
use crate::text::split_once;
use crate::{Error, ErrorCode, Result};

/// Which node, or group of nodes, a call is for, in one of the eight modes of the wire contract.
///
/// An address parses from and prints to a string: `node:42`, `res:res-orders`, `did:web:example.com`,
/// `evm:0x…`, `group:5`, `group-res:grp-orders`, `operate:op-9`, `https://…`. A node's id and a URL
/// need no look-up; all others are looked up in the discovery document of the client's base URL.
///
/// ```
/// use ancp_core::NodeAddress;
/// let orders = NodeAddress::from_res_id("res-orders")?;
/// assert_eq!(orders.to_string(), "res:res-orders");
/// assert_eq!("res:res-orders".parse::<NodeAddress>()?, orders);
/// assert!(NodeAddress::from_url("ftp://api.example.com").is_err());
/// # Ok::<(), ancp_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NodeAddress {
    mode: AddressMode,
    value: ByteString,
}

/// How a [`NodeAddress`] names what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressMode {
    /// A node below the client's base URL, by its id.
    NodeId,
    /// A node by its resource id.
    ResId,
    /// A node by its decentralised identifier.
    Did,
    /// A node by its EVM address.
    BlockchainAddress,
    /// A group by its id.
    NodeGroupId,
    /// A group by its resource id.
    NodeGroupResId,
    /// A node by one of its operate ids.
    OperateId,
    /// A node by its endpoint's whole URL.
    Url,
}

impl AddressMode {
    /// What an address of this mode begins with. A DID and a URL are written as they are.
    const fn prefix(self) -> &'static str {
        match self {
            Self::NodeId => "node:",
            Self::ResId => "res:",
            Self::BlockchainAddress => "evm:",
            Self::NodeGroupId => "group:",
            Self::NodeGroupResId => "group-res:",
            Self::OperateId => "operate:",
            Self::Did | Self::Url => "",
        }
    }
}

impl NodeAddress {
    /// A node below the client's base URL: a number or a name.
    ///
    /// # Errors
    /// `invalid_options` for what is no node's id, as for all of these.
    pub fn from_node_id(id: impl ToString) -> Result<Self> {
        Self::new(AddressMode::NodeId, &id.to_string())
    }

    /// A node by its resource id.
    ///
    /// # Errors
    /// `invalid_options` where it is empty, over 256 bytes, or holds a space or control character.
    pub fn from_res_id(id: &str) -> Result<Self> {
        Self::new(AddressMode::ResId, id)
    }

    /// A node by its decentralised identifier. A `did:web` that the discovery document does not know
    /// is looked up at the host that it names, where that is a domain and no IP address.
    ///
    /// # Errors
    /// `invalid_options` for what is no DID of W3C DID Core, or has a path, query or fragment.
    pub fn from_did(did: &str) -> Result<Self> {
        Self::new(AddressMode::Did, did)
    }

    /// A node by its EVM address, `0x` and 40 hexadecimal digits, compared without case.
    ///
    /// # Errors
    /// `invalid_options` where it is none.
    pub fn from_blockchain_address(address: &str) -> Result<Self> {
        Self::new(AddressMode::BlockchainAddress, address)
    }

    /// A group of nodes: a number or a name. Its strategy says which members a call goes to.
    ///
    /// # Errors
    /// `invalid_options` for what is no group's id; the same is allowed as for a node's.
    pub fn from_node_group_id(id: impl ToString) -> Result<Self> {
        Self::new(AddressMode::NodeGroupId, &id.to_string())
    }

    /// A group of nodes by its resource id.
    ///
    /// # Errors
    /// As for [`from_res_id`](Self::from_res_id).
    pub fn from_node_group_res_id(id: &str) -> Result<Self> {
        Self::new(AddressMode::NodeGroupResId, id)
    }

    /// A node by one of its operate ids.
    ///
    /// # Errors
    /// As for [`from_res_id`](Self::from_res_id).
    pub fn from_operate_id(id: &str) -> Result<Self> {
        Self::new(AddressMode::OperateId, id)
    }

    /// A node by its whole endpoint URL, such as `https://api.example.com/ncp/nodes/42`.
    ///
    /// # Errors
    /// `invalid_options` where it is no `http` or `https` URL, or has a query or user info.
    pub fn from_url(url: &str) -> Result<Self> {
        Self::new(AddressMode::Url, url)
    }

    /// How it names what it names.
    pub fn mode(&self) -> AddressMode {
        self.mode
    }

    /// The id, DID, EVM address (in lower case) or URL itself.
    pub fn value(&self) -> &str {
        &self.value
    }

    fn new(mode: AddressMode, value: &str) -> Result<Self> {
        let wrong = match mode {
            AddressMode::NodeId | AddressMode::NodeGroupId => NodeId::new(value).is_err().then_some(
                "an id of a node or group must be an integer from 0 to 2^53-1 or 1 to 128 of A-Z a-z 0-9 . _ -",
            ),
            AddressMode::ResId | AddressMode::NodeGroupResId | AddressMode::OperateId => {
                let fits = (1..=256).contains(&value.len());
                let plain = value.bytes().all(|byte| byte > b' ' && byte != 0x7f);
                (!(fits && plain)).then_some(
                    "a resource or operate id must have 1 to 256 bytes, without spaces and control characters",
                )
            }
            AddressMode::Did => (!is_did(value)).then_some("a DID must look like did:method:id"),
            AddressMode::BlockchainAddress => (!is_evm(value))
                .then_some("a blockchain address must be 0x and 40 hexadecimal digits"),
            AddressMode::Url => {
                return HttpUrl::parse(value).map(|HttpUrl(value)| Self { mode, value });
            }
        };
        if let Some(wrong) = wrong {
            return Err(Error::new(ErrorCode::InvalidOptions, wrong));
        }
        let value = match mode {
            AddressMode::BlockchainAddress => value.to_ascii_lowercase().into(),
            _ => ByteString::from(value),
        };
        Ok(Self { mode, value })
    }

    /// The address as a string, made without the formatting machinery.
    pub(crate) fn text(&self) -> String {
        [self.mode.prefix(), &self.value].concat()
    }

    /// Whether it names a group.
    pub(crate) fn is_group(&self) -> bool {
        matches!(
            self.mode,
            AddressMode::NodeGroupId | AddressMode::NodeGroupResId
        )
    }

    /// The address of a node by its id.
    pub(crate) fn of_node(id: &NodeId) -> Self {
        Self {
            mode: AddressMode::NodeId,
            value: id.as_str().into(),
        }
    }

    /// The node's id, where that is what it is.
    pub(crate) fn node_id(&self) -> Option<NodeId> {
        match self.mode {
            AddressMode::NodeId => NodeId::from_text(&self.value).ok(),
            _ => None,
        }
    }

    /// The URL, where that is what it is.
    pub(crate) fn url(&self) -> Option<HttpUrl> {
        (self.mode == AddressMode::Url).then(|| HttpUrl(self.value.clone()))
    }
}

impl FromStr for NodeAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (scheme, value) = split_once(text, b':').unwrap_or_default();
        let mode = match scheme {
            "node" => AddressMode::NodeId,
            "res" => AddressMode::ResId,
            "evm" => AddressMode::BlockchainAddress,
            "group" => AddressMode::NodeGroupId,
            "group-res" => AddressMode::NodeGroupResId,
            "operate" => AddressMode::OperateId,
            "did" => return Self::new(AddressMode::Did, text),
            _ if value.starts_with("//") => return Self::new(AddressMode::Url, text),
            _ => {
                return Err(Error::new(
                    ErrorCode::InvalidOptions,
                    "an address must begin with node:, res:, did:, evm:, group:, group-res:, operate:, http:// or https://",
                ));
            }
        };
        Self::new(mode, value)
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// `did:{method}:{id}` of W3C DID Core, at most 512 bytes.
fn is_did(text: &str) -> bool {
    let rest = text.strip_prefix("did:").unwrap_or_default();
    let Some((method, id)) = split_once(rest, b':') else {
        return false;
    };
    let is_method = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut bytes = id.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
                hex() && hex()
            }
            _ => byte.is_ascii_alphanumeric() || b"._-:".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    text.len() <= 512
        && !method.is_empty()
        && method.bytes().all(is_method)
        && !id.is_empty()
        && !id.ends_with(':')
}

fn is_evm(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_address() -> impl Strategy<Value = NodeAddress> {
        prop_oneof![
            any::<u32>().prop_map(|id| NodeAddress::from_node_id(id).unwrap()),
            "[A-Za-z0-9_-]{1,128}".prop_map(|id| NodeAddress::from_node_group_id(id).unwrap()),
            "[!-~\u{e4}:]{1,80}".prop_map(|id| NodeAddress::from_res_id(&id).unwrap()),
            "[!-~]{1,256}".prop_map(|id| NodeAddress::from_node_group_res_id(&id).unwrap()),
            "[!-~]{1,256}".prop_map(|id| NodeAddress::from_operate_id(&id).unwrap()),
            "did:[a-z0-9]{1,9}:([A-Za-z0-9._:-]|%[0-9a-fA-F]{2}){0,40}[a-z]"
                .prop_map(|did| NodeAddress::from_did(&did).unwrap()),
            "0x[0-9a-fA-F]{40}".prop_map(|a| NodeAddress::from_blockchain_address(&a).unwrap()),
            "https?://[a-z]{1,9}(:[1-9][0-9]{0,3})?(/[a-z0-9%]{1,5}){0,3}/{0,2}"
                .prop_map(|url| NodeAddress::from_url(&url).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(address in any_address()) {
            let printed = address.to_string();
            prop_assert_eq!(printed.parse::<NodeAddress>().unwrap(), address.clone());
            prop_assert_eq!(format!("{address:?}"), printed);
        }

        #[test]
        fn what_parses_prints_to_the_same_but_for_case_and_last_slashes(text in "(node|res|did|evm|group|group-res|operate|https):.{0,50}") {
            if let Ok(address) = text.parse::<NodeAddress>() {
                let printed = address.to_string();
                prop_assert!(printed.eq_ignore_ascii_case(text.trim_end_matches('/')) || printed == text);
                prop_assert_eq!(printed.parse::<NodeAddress>().unwrap(), address);
            }
        }
    }

    #[test]
    fn a_blockchain_address_has_no_case() {
        let upper = NodeAddress::from_blockchain_address(&format!("0x{}", "A".repeat(40)));
        let lower = NodeAddress::from_blockchain_address(&format!("0x{}", "a".repeat(40)));
        assert_eq!(upper.unwrap(), lower.unwrap());
    }
}
