//! What actions cost (wire contract, section 7).
//!
//! Verifying payments on a chain has its place here and is not there yet: no receipt is ever issued,
//! so an action with a price answers 402 whatever comes.

use ancp_core::{ErrorCode, Json};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::action::Action;

/// A token that a node is paid in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptedToken {
    /// Such as `USDC`.
    pub symbol: String,
    /// The chain's number.
    pub chain_id: u64,
    /// The token contract's address.
    pub contract: String,
    /// How many decimal digits an amount has.
    pub decimals: u8,
}

/// How a node is paid.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PaymentTerms {
    /// The tokens taken.
    pub accepted_tokens: Vec<AcceptedToken>,
    /// How many blocks must follow the payment's.
    pub required_confirmations: u32,
    /// How long a receipt is valid.
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

/// Prices, and the check that they were paid.
pub(crate) struct PaymentGate {
    pub(crate) evm_address: Option<String>,
    pub(crate) terms: PaymentTerms,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Required<'a> {
    action: &'a str,
    price_usdc: &'a str,
    evm_address: Option<&'a str>,
    accepted_tokens: &'a [AcceptedToken],
    required_confirmations: u32,
    receipt_validity_sec: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    evm_address: Option<&'a str>,
    accepted_tokens: &'a [AcceptedToken],
    required_confirmations: u32,
    prices: Vec<Price<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Price<'a> {
    action: &'a str,
    price_usdc: &'a str,
    receipt_validity_sec: u32,
}

/// The payload of `ancp.pay`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayRequest {
    pub(crate) action: String,
    #[serde(rename = "txHash")]
    _tx_hash: String,
    #[serde(rename = "payer")]
    _payer: String,
}

impl PaymentGate {
    /// Lets a call pass that costs nothing.
    pub(crate) fn check(&self, action: &Action, receipt_id: Option<&str>) -> Result<(), Failure> {
        let Some(price) = &action.price_usdc else {
            return Ok(());
        };
        let reason = receipt_id.map(|_| "receipt_unknown");
        let required = Required {
            action: &action.name,
            price_usdc: price,
            evm_address: self.evm_address.as_deref(),
            accepted_tokens: &self.terms.accepted_tokens,
            required_confirmations: self.terms.required_confirmations,
            receipt_validity_sec: self.terms.receipt_validity_sec,
            reason,
        };
        let message = match reason {
            Some(_) => "the receipt is not known",
            None => "the action must be paid first",
        };
        let failure = Failure::new(ErrorCode::PaymentRequired, message);
        Err(failure.with_details(Json::from_value(&required)?))
    }

    /// The result of `ancp.payment-info`.
    pub(crate) fn info<'a>(
        &self,
        actions: impl Iterator<Item = &'a Action>,
    ) -> Result<Json, Failure> {
        let price = |action: &'a Action| {
            Some(Price {
                action: &action.name,
                price_usdc: action.price_usdc.as_deref()?,
                receipt_validity_sec: self.terms.receipt_validity_sec,
            })
        };
        Ok(Json::from_value(&Info {
            evm_address: self.evm_address.as_deref(),
            accepted_tokens: &self.terms.accepted_tokens,
            required_confirmations: self.terms.required_confirmations,
            prices: actions.filter_map(price).collect(),
        })?)
    }

    /// The result of `ancp.pay`: without a chain no transaction is known.
    pub(crate) fn pay(&self, action: Option<&Action>) -> Result<Json, Failure> {
        let priced = action.is_some_and(|action| action.price_usdc.is_some());
        if !priced {
            let message = "the action has no price";
            return Err(Failure::new(ErrorCode::InvalidPayload, message));
        }
        let failure = Failure::new(ErrorCode::PaymentRequired, "the transaction is not known");
        let details = serde_json::json!({ "reason": "unknown_transaction" });
        Err(failure.with_details(Json::from_value(&details)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> PaymentGate {
        PaymentGate {
            evm_address: Some("0xabc".into()),
            terms: PaymentTerms::default(),
        }
    }

    #[test]
    fn only_priced_actions_are_refused() {
        assert!(gate().check(&Action::new("free"), None).is_ok());
        let priced = Action::new("dear").price_usdc("5.00");
        for (receipt, reason) in [(None, ""), (Some("r"), r#","reason":"receipt_unknown""#)] {
            let failure = gate().check(&priced, receipt).unwrap_err();
            let details = failure.to_meta().details.unwrap();
            let expected = format!(
                r#"{{"action":"dear","priceUsdc":"5.00","evmAddress":"0xabc","acceptedTokens":[],"requiredConfirmations":3,"receiptValiditySec":300{reason}}}"#
            );
            assert_eq!(details.as_str(), expected);
        }
    }

    #[test]
    fn info_lists_prices() {
        let actions = [Action::new("free"), Action::new("dear").price_usdc("5.00")];
        let info = gate().info(actions.iter()).unwrap();
        assert_eq!(
            info.as_str(),
            r#"{"evmAddress":"0xabc","acceptedTokens":[],"requiredConfirmations":3,"prices":[{"action":"dear","priceUsdc":"5.00","receiptValiditySec":300}]}"#
        );
    }

    #[test]
    fn nothing_can_be_bought() {
        let dear = Action::new("dear").price_usdc("5.00");
        let free = Action::new("free");
        let code = |action| gate().pay(action).unwrap_err().code().clone();
        assert_eq!(code(None), ErrorCode::InvalidPayload);
        assert_eq!(code(Some(&free)), ErrorCode::InvalidPayload);
        assert_eq!(code(Some(&dear)), ErrorCode::PaymentRequired);
    }
}
