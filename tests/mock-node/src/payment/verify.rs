//! Whether a transaction pays, as the chains see it at this moment.

use alloy_primitives::B256;
use ancp_core::ErrorCode;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::chain::{Chain, ChainError, Mined, Transaction};
use super::refusal::Refusal;
use super::terms::PaymentTerms;
use super::transfer::Due;
use crate::Failure;

/// How many transactions are looked up at once: `ancp.pay` needs no credential, and a chain's
/// server must not be flooded through the node.
const MAX_LOOK_UPS: usize = 32;

/// The chains that a node looks payments up on.
pub(crate) struct Verifier {
    chains: Vec<Box<dyn Chain>>,
    look_ups: Semaphore,
}

impl Verifier {
    pub(crate) fn new(chains: Vec<Box<dyn Chain>>) -> Self {
        Self {
            chains,
            look_ups: Semaphore::new(MAX_LOOK_UPS),
        }
    }

    /// The amount that the transaction pays, as a decimal number.
    ///
    /// What a transaction did is judged only when it has its confirmations, so that the chain can't
    /// prove a refusal wrong after the payer has paid again.
    pub(crate) async fn amount(
        &self,
        hash: B256,
        due: Due<'_>,
        terms: &PaymentTerms,
    ) -> Result<String, Failure> {
        let Ok(_permit) = self.look_ups.try_acquire() else {
            let message = "too many payments are being verified";
            return Err(Failure::new(ErrorCode::RateLimited, message));
        };
        let (chain, mined) = self.find(hash, terms).await?;
        confirm(chain, &mined, terms).await?;
        if !mined.succeeded {
            return Err(Refusal::Reverted.into());
        }
        let accepted = terms.accepted_tokens.iter();
        let accepted = accepted.filter(|token| token.chain_id == chain.id());
        Ok(due.paid_by(&mined.logs, accepted)?)
    }

    /// Finds the chain that has the transaction in a block.
    async fn find(&self, hash: B256, terms: &PaymentTerms) -> Result<(&dyn Chain, Mined), Failure> {
        let look_ups = self.chains.iter().map(|chain| chain.transaction(hash));
        let found = join_all(look_ups).await;
        let mut nowhere = Failure::from(Refusal::UnknownTransaction);
        for (chain, transaction) in self.chains.iter().map(|chain| &**chain).zip(found) {
            let mut tokens = terms.accepted_tokens.iter();
            let accepted = tokens.any(|token| token.chain_id == chain.id());
            match transaction {
                Ok(Transaction::Unknown) => {}
                Ok(_) if !accepted => nowhere = Refusal::WrongChain.into(),
                Ok(Transaction::Pending) => nowhere = unconfirmed(0, terms),
                Ok(Transaction::Mined(mined)) => return Ok((chain, mined)),
                // It may be there: nobody may conclude that it is unknown.
                Err(error) => nowhere = unavailable(chain, &error),
            }
        }
        Err(nowhere)
    }
}

/// Checks that the transaction's block is part of the chain, and has enough blocks behind it.
async fn confirm(chain: &dyn Chain, mined: &Mined, terms: &PaymentTerms) -> Result<(), Failure> {
    let not_asked = |error| unavailable(chain, &error);
    let current = chain.block_hash(mined.block_number).await;
    if current.map_err(not_asked)? != Some(mined.block_hash) {
        // The chain was reorganised meanwhile: the transaction may be mined again, or be gone.
        return Err(unconfirmed(0, terms));
    }
    let head = chain.head().await.map_err(not_asked)?;
    // A head before the block comes from a server that lags behind another.
    let behind = head.checked_sub(mined.block_number);
    let confirmations = behind.map_or(0, |blocks| blocks.saturating_add(1));
    if confirmations < u64::from(terms.required_confirmations) {
        return Err(unconfirmed(confirmations, terms));
    }
    Ok(())
}

fn unconfirmed(confirmations: u64, terms: &PaymentTerms) -> Failure {
    let required = u64::from(terms.required_confirmations);
    let refusal = Refusal::Unconfirmed {
        confirmations,
        required,
    };
    refusal.into()
}

/// The particulars are for the node's log, and none of the caller's business.
fn unavailable(chain: &dyn Chain, error: &ChainError) -> Failure {
    tracing::warn!(chain = chain.id(), %error, "a payment can't be verified");
    let message = "the chain can't be asked at the moment";
    Failure::new(ErrorCode::Unavailable, message)
}
