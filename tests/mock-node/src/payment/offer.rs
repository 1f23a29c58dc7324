//! What callers are told about prices, and how to pay them.

use alloy_primitives::Address;
use ancp_core::{ErrorCode, Json};
use serde::{Serialize, Serializer};

use super::refusal::ReceiptRefusal;
use super::terms::{AcceptedToken, PaymentTerms};
use crate::Failure;
use crate::action::Action;

/// What a node takes for its actions.
pub(crate) struct Offer {
    /// Whom payments go to; known wherever tokens are accepted.
    pub(crate) payee: Option<Address>,
    pub(crate) terms: PaymentTerms,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Required<'a> {
    action: &'a str,
    price_usdc: &'a str,
    #[serde(serialize_with = "checksummed")]
    evm_address: Option<Address>,
    accepted_tokens: &'a [AcceptedToken],
    required_confirmations: u32,
    receipt_validity_sec: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    #[serde(serialize_with = "checksummed")]
    evm_address: Option<Address>,
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

impl Offer {
    /// The failure of a call that is not paid, or whose receipt is no good.
    pub(crate) fn payment_required(
        &self,
        action: &str,
        price: &str,
        refusal: Option<ReceiptRefusal>,
    ) -> Failure {
        let message = refusal.map(ReceiptRefusal::message);
        let message = message.unwrap_or("the action must be paid first");
        let details = Json::from_value(&Required {
            action,
            price_usdc: price,
            evm_address: self.payee,
            accepted_tokens: &self.terms.accepted_tokens,
            required_confirmations: self.terms.required_confirmations,
            receipt_validity_sec: self.terms.receipt_validity_sec,
            reason: refusal.map(ReceiptRefusal::reason),
        });
        match details {
            Ok(details) => Failure::new(ErrorCode::PaymentRequired, message).with_details(details),
            Err(error) => error.into(),
        }
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
            evm_address: self.payee,
            accepted_tokens: &self.terms.accepted_tokens,
            required_confirmations: self.terms.required_confirmations,
            prices: actions.filter_map(price).collect(),
        })?)
    }
}

/// `Address` itself is written in lower case.
fn checksummed<S: Serializer>(address: &Option<Address>, serializer: S) -> Result<S::Ok, S::Error> {
    let shown = address.map(|address| address.to_string());
    shown.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";

    fn offer() -> Offer {
        let address: Address = SHOWN.to_lowercase().parse().unwrap();
        let usdc = AcceptedToken {
            symbol: "USDC".into(),
            chain_id: 8453,
            contract: address,
            decimals: 6,
        };
        Offer {
            payee: Some(address),
            terms: PaymentTerms {
                accepted_tokens: vec![usdc],
                ..PaymentTerms::default()
            },
        }
    }

    fn how_to_pay() -> String {
        format!(
            r#""evmAddress":"{SHOWN}","acceptedTokens":[{{"symbol":"USDC","chainId":8453,"contract":"{SHOWN}","decimals":6}}],"requiredConfirmations":3"#
        )
    }

    #[test]
    fn what_a_call_without_payment_is_told() {
        for (refusal, reason) in [
            (None, ""),
            (
                Some(ReceiptRefusal::Unknown),
                r#","reason":"receipt_unknown""#,
            ),
            (
                Some(ReceiptRefusal::Mismatch),
                r#","reason":"receipt_mismatch""#,
            ),
            (
                Some(ReceiptRefusal::Expired),
                r#","reason":"receipt_expired""#,
            ),
        ] {
            let failure = offer().payment_required("dear", "5.00", refusal);
            assert_eq!((failure.status(), failure.is_retryable()), (402, false));
            let how = how_to_pay();
            let expected = format!(
                r#"{{"action":"dear","priceUsdc":"5.00",{how},"receiptValiditySec":300{reason}}}"#
            );
            assert_eq!(failure.to_meta().details.unwrap().as_str(), expected);
        }
    }

    #[test]
    fn info_lists_prices() {
        let actions = [Action::new("free"), Action::new("dear").price_usdc("5.00")];
        let info = offer().info(actions.iter()).unwrap();
        let how = how_to_pay();
        let prices = r#"[{"action":"dear","priceUsdc":"5.00","receiptValiditySec":300}]"#;
        assert_eq!(info.as_str(), format!(r#"{{{how},"prices":{prices}}}"#));
    }
}
