//! How a node is paid.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize, Serializer};

/// A token that a node is paid in.
///
/// ```
/// use ancp_mock_node::AcceptedToken;
/// let usdc = AcceptedToken {
///     symbol: "USDC".into(),
///     chain_id: 8453,
///     contract: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913".parse()?,
///     decimals: 6,
/// };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptedToken {
    /// Such as `USDC`.
    pub symbol: String,
    /// The chain's number (EIP-155).
    pub chain_id: u64,
    /// The token contract's address; shown with its EIP-55 checksum.
    #[serde(serialize_with = "checksummed")]
    pub contract: Address,
    /// How many decimal places an amount has.
    pub decimals: u8,
}

/// How a node is paid.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentTerms {
    /// The tokens taken (none). The node must be given the [`Chain`](crate::Chain) of each.
    pub accepted_tokens: Vec<AcceptedToken>,
    /// How many blocks must hold the payment, counted from its own on, as wallets do (3).
    pub required_confirmations: u32,
    /// How many seconds a receipt is valid (300).
    pub receipt_validity_sec: u32,
}

impl Default for PaymentTerms {
    fn default() -> Self {
        Self {
            accepted_tokens: Vec::new(),
            required_confirmations: 3,
            receipt_validity_sec: 300,
        }
    }
}

/// `Address` itself is written in lower case.
fn checksummed<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}
