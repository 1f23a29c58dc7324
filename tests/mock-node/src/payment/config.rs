//! How a node is paid, as a configuration file has it.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use super::rpc::JsonRpc;
use super::terms::{AcceptedToken, PaymentTerms};
use crate::BuildError;

/// How a node of a configuration file is paid.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PaymentConfig {
    /// The tokens taken.
    pub accepted_tokens: Vec<AcceptedToken>,
    /// How many blocks must hold the payment, counted from its own on.
    pub required_confirmations: u32,
    /// How many seconds a receipt is valid.
    pub receipt_validity_sec: u32,
    /// Where payments are looked up: the chain of every token taken. Payments on others of these
    /// chains are recognised, and refused with `wrong_chain`.
    pub chains: Vec<ChainConfig>,
}

/// A chain of a configuration file. `Debug` does not show the URL, which may hold a key.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChainConfig {
    /// The chain's number (EIP-155).
    pub chain_id: u64,
    /// Where its JSON-RPC server is.
    pub rpc_url: String,
    /// How many milliseconds a request may take (5000).
    pub rpc_timeout_ms: Option<u64>,
}

impl Default for PaymentConfig {
    fn default() -> Self {
        let PaymentTerms {
            accepted_tokens,
            required_confirmations,
            receipt_validity_sec,
        } = PaymentTerms::default();
        Self {
            accepted_tokens,
            required_confirmations,
            receipt_validity_sec,
            chains: Vec::new(),
        }
    }
}

impl PaymentConfig {
    pub(crate) fn terms(&self) -> PaymentTerms {
        PaymentTerms {
            accepted_tokens: self.accepted_tokens.clone(),
            required_confirmations: self.required_confirmations,
            receipt_validity_sec: self.receipt_validity_sec,
        }
    }
}

impl ChainConfig {
    pub(crate) fn open(&self) -> Result<JsonRpc, BuildError> {
        let chain = JsonRpc::new(self.chain_id, &self.rpc_url)?;
        Ok(match self.rpc_timeout_ms {
            Some(ms) => chain.timeout(Duration::from_millis(ms)),
            None => chain,
        })
    }
}

impl fmt::Debug for ChainConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            chain_id,
            rpc_url: _,
            rpc_timeout_ms,
        } = self;
        let mut shown = f.debug_struct("ChainConfig");
        shown.field("chain_id", chain_id);
        shown.field("rpc_timeout_ms", rpc_timeout_ms);
        shown.finish_non_exhaustive()
    }
}
