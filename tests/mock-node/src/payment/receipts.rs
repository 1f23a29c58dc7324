//! Receipts: what a payment buys.
//!
//! A receipt's id holds what the receipt says and the node's seal on it (HMAC-SHA-256), so the node
//! need not remember it: `base64url(claims) "." base64url(seal)`. Nobody but the node has to check
//! the seal, so no public key has to be known; the key is made anew when the node starts.

use ancp_core::message::timestamp;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::refusal::ReceiptRefusal;
use crate::Failure;

/// What a receipt says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claims {
    pub(crate) action: String,
    pub(crate) tx_hash: String,
    pub(crate) payer: String,
    pub(crate) amount_usdc: String,
    /// Milliseconds since 1970.
    pub(crate) expires_at: u64,
}

/// The result of `ancp.pay`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) receipt_id: String,
    action: String,
    tx_hash: String,
    payer: String,
    amount_usdc: String,
    expires_at: String,
    signature: String,
}

/// Issues receipts, and knows its own.
pub(crate) struct Receipts {
    key: hmac::Key,
}

impl Receipts {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self { key }
    }

    pub(crate) fn issue(&self, claims: Claims) -> Result<Receipt, Failure> {
        let body = BASE64.encode(serde_json::to_string(&claims)?);
        let signature = BASE64.encode(hmac::sign(&self.key, body.as_bytes()));
        Ok(Receipt {
            receipt_id: format!("{body}.{signature}"),
            expires_at: timestamp::from_unix_millis(claims.expires_at),
            action: claims.action,
            tx_hash: claims.tx_hash,
            payer: claims.payer,
            amount_usdc: claims.amount_usdc,
            signature,
        })
    }

    /// Whether the receipt pays for a call of the action at this time, in milliseconds since 1970.
    pub(crate) fn check(&self, id: &str, action: &str, now: u64) -> Result<(), ReceiptRefusal> {
        let claims = self.open(id).ok_or(ReceiptRefusal::Unknown)?;
        if claims.action != action {
            return Err(ReceiptRefusal::Mismatch);
        }
        if claims.expires_at <= now {
            return Err(ReceiptRefusal::Expired);
        }
        Ok(())
    }

    /// What the receipt says; nothing where it is not from here.
    fn open(&self, id: &str) -> Option<Claims> {
        let (body, signature) = id.split_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        hmac::verify(&self.key, body.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&BASE64.decode(body).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claims() -> Claims {
        Claims {
            action: "get-order".into(),
            tx_hash: "0x01".into(),
            payer: "0x02".into(),
            amount_usdc: "5.00".into(),
            expires_at: 1_000,
        }
    }

    #[test]
    fn a_receipt_serves_its_action_until_it_expires() {
        let receipts = Receipts::new([1; 32]);
        let receipt = receipts.issue(claims()).unwrap();
        assert_eq!(receipt.expires_at, "1970-01-01T00:00:01.000Z");
        let check = |action, now| receipts.check(&receipt.receipt_id, action, now);
        assert_eq!(check("get-order", 999), Ok(()));
        assert_eq!(check("get-order", 1_000), Err(ReceiptRefusal::Expired));
        assert_eq!(check("other", 999), Err(ReceiptRefusal::Mismatch));
    }

    #[test]
    fn forged_receipts_are_unknown() {
        let receipts = Receipts::new([1; 32]);
        let Receipt {
            receipt_id,
            signature,
            ..
        } = receipts.issue(claims()).unwrap();
        let other = Claims {
            expires_at: u64::MAX,
            ..claims()
        };
        let prolonged = BASE64.encode(serde_json::to_string(&other).unwrap());
        let elsewhere = Receipts::new([2; 32]).issue(claims()).unwrap();
        for forged in [
            format!("{prolonged}.{signature}"),
            format!("{prolonged}."),
            prolonged,
            elsewhere.receipt_id,
            format!("{receipt_id}A"),
            format!("{receipt_id}."),
            receipt_id.replacen('.', "", 1),
            String::new(),
        ] {
            let refused = receipts.check(&forged, "get-order", 0);
            assert_eq!(refused, Err(ReceiptRefusal::Unknown), "{forged}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_receipt_is_unknown(place: prop::sample::Index, with in "[A-Za-z0-9_.-]") {
            let receipts = Receipts::new([1; 32]);
            let id = receipts.issue(claims()).unwrap().receipt_id;
            let place = place.index(id.len());
            let mut changed = id.clone();
            changed.replace_range(place..=place, &with);
            // Base64 of the seal has two bits to spare, which must not make a second id of it.
            prop_assert_eq!(receipts.check(&changed, "get-order", 0).is_ok(), changed == id);
        }

        #[test]
        fn any_text_is_refused(text: String) {
            let refused = Receipts::new([1; 32]).check(&text, "get-order", 0);
            prop_assert_eq!(refused, Err(ReceiptRefusal::Unknown));
        }
    }
}
