//! The gate: lets calls pass that are paid, and turns payments into receipts.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, B256, hex};
use ancp_core::{ErrorCode, Json};
use serde::Deserialize;

use super::chain::Chain;
use super::check::{check_offer, check_price};
use super::offer::Offer;
use super::receipts::{Claims, Receipts};
use super::refusal::Refusal;
use super::transfer::Due;
use super::verify::Verifier;
use crate::Failure;
use crate::action::Action;
use crate::answer::random;
use crate::builder::BuildError;
use crate::clock::Clock;
use crate::context::read_payload;

/// How many transactions are remembered to have bought a receipt; beyond it nothing is sold.
const MAX_USED: usize = 1_000_000;

/// Prices, and the check that they were paid.
pub(crate) struct PaymentGate {
    offer: Offer,
    verifier: Verifier,
    receipts: Receipts,
    clock: Clock,
    /// The transactions that have bought a receipt.
    used: Mutex<HashSet<B256>>,
}

/// The payload of `ancp.pay`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayRequest {
    action: String,
    tx_hash: String,
    payer: String,
}

impl PaymentGate {
    pub(crate) fn new<'a>(
        offer: Offer,
        chains: Vec<Box<dyn Chain>>,
        mut actions: impl Iterator<Item = &'a Action>,
        clock: Clock,
    ) -> Result<Self, BuildError> {
        check_offer(&offer, &chains)?;
        actions.try_for_each(|action| check_price(action, &offer.terms.accepted_tokens))?;
        Ok(Self {
            offer,
            verifier: Verifier::new(chains),
            receipts: Receipts::new(random()),
            clock,
            used: Mutex::default(),
        })
    }

    /// Where the node is paid; none where it accepts no token.
    pub(crate) fn payee(&self) -> Option<Address> {
        let Offer { payee, terms } = &self.offer;
        payee.filter(|_| !terms.accepted_tokens.is_empty())
    }

    /// The result of `ancp.payment-info`.
    pub(crate) fn info<'a>(
        &self,
        actions: impl Iterator<Item = &'a Action>,
    ) -> Result<Json, Failure> {
        self.offer.info(actions)
    }

    /// Lets a call pass that costs nothing, or comes with a receipt for its action.
    pub(crate) fn check(&self, action: &Action, receipt_id: Option<&str>) -> Result<(), Failure> {
        let Some(price) = &action.price_usdc else {
            return Ok(());
        };
        let now = self.clock.unix_millis();
        let checked = receipt_id.map(|id| self.receipts.check(id, &action.name, now));
        match checked {
            Some(Ok(())) => Ok(()),
            refused => {
                let refusal = refused.and_then(Result::err);
                Err(self.offer.payment_required(&action.name, price, refusal))
            }
        }
    }

    /// The result of `ancp.pay`: a receipt, where the transaction pays for the action.
    pub(crate) async fn pay<'a>(
        &self,
        payload: &Json,
        find: impl FnOnce(&str) -> Option<&'a Action>,
    ) -> Result<Json, Failure> {
        let request: PayRequest = read_payload(payload)?;
        let price = find(&request.action).and_then(|action| action.price_usdc.as_deref());
        let price = price.ok_or_else(|| invalid("the action has no price"))?;
        let hash = read_hex(&request.tx_hash).map(B256::new);
        let hash = hash.ok_or_else(|| invalid("txHash is not 0x and 64 hexadecimal digits"))?;
        let payer = read_hex(&request.payer).map(Address::new);
        let payer = payer.ok_or_else(|| invalid("payer is not 0x and 40 hexadecimal digits"))?;
        let payee = self.payee().ok_or(Refusal::UnknownTransaction)?;
        if self.used().contains(&hash) {
            return Err(Refusal::AlreadyUsed.into());
        }
        let due = Due {
            payer,
            payee,
            price,
        };
        let amount = self.verifier.amount(hash, due, &self.offer.terms).await?;
        self.use_up(hash)?;
        let validity = u64::from(self.offer.terms.receipt_validity_sec) * 1000;
        let receipt = self.receipts.issue(Claims {
            action: request.action,
            tx_hash: hash.to_string(),
            payer: payer.to_string(),
            amount_usdc: amount,
            expires_at: self.clock.unix_millis().saturating_add(validity),
        })?;
        Ok(Json::from_value(&receipt)?)
    }

    /// Of several who come with the same transaction at once, one gets a receipt.
    fn use_up(&self, hash: B256) -> Result<(), Failure> {
        let mut used = self.used();
        if used.len() >= MAX_USED {
            let message = "the node remembers as many payments as it can";
            return Err(Failure::new(ErrorCode::Unavailable, message));
        }
        match used.insert(hash) {
            true => Ok(()),
            false => Err(Refusal::AlreadyUsed.into()),
        }
    }

    fn used(&self) -> MutexGuard<'_, HashSet<B256>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn invalid(message: &str) -> Failure {
    Failure::new(ErrorCode::InvalidPayload, message)
}

/// `0x` and exactly so many bytes, in any case.
fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x").filter(|text| text.len() == 2 * N)?;
    hex::decode_to_array(digits).ok()
}
