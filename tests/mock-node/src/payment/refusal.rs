//! Why a payment, or a receipt, is not good enough (wire contract, section 7).

use std::fmt;

use ancp_core::{ErrorCode, Json};
use serde::Serialize;

use crate::Failure;

/// Why `ancp.pay` refuses a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownTransaction,
    Unconfirmed { confirmations: u64, required: u64 },
    Reverted,
    WrongChain,
    WrongToken,
    WrongRecipient,
    WrongPayer,
    InsufficientAmount { paid: String, price: String },
    AlreadyUsed,
}

impl Refusal {
    fn reason(&self) -> &'static str {
        match self {
            Self::UnknownTransaction => "unknown_transaction",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Reverted => "reverted",
            Self::WrongChain => "wrong_chain",
            Self::WrongToken => "wrong_token",
            Self::WrongRecipient => "wrong_recipient",
            Self::WrongPayer => "wrong_payer",
            Self::InsufficientAmount { .. } => "insufficient_amount",
            Self::AlreadyUsed => "already_used",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownTransaction => "the transaction is not known",
            Self::Unconfirmed {
                confirmations,
                required,
            } => {
                return write!(
                    f,
                    "the transaction has {confirmations} of {required} confirmations"
                );
            }
            Self::Reverted => "the transaction was reverted",
            Self::WrongChain => "no token of that chain is accepted",
            Self::WrongToken => "the transaction transfers no accepted token",
            Self::WrongRecipient => "the transfer does not go to the node's address",
            Self::WrongPayer => "the transfer does not come from the payer",
            Self::InsufficientAmount { paid, price } => {
                return write!(f, "{paid} was paid, the price is {price}");
            }
            Self::AlreadyUsed => "the transaction has bought a receipt before",
        })
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        #[derive(Serialize)]
        struct Details {
            reason: &'static str,
        }
        let reason = refusal.reason();
        let failure = Failure::new(ErrorCode::PaymentRequired, refusal.to_string())
            .retryable(matches!(refusal, Refusal::Unconfirmed { .. }));
        match Json::from_value(&Details { reason }) {
            Ok(details) => failure.with_details(details),
            Err(error) => error.into(),
        }
    }
}

/// Why a call with a receipt is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiptRefusal {
    Unknown,
    Mismatch,
    Expired,
}

impl ReceiptRefusal {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "receipt_unknown",
            Self::Mismatch => "receipt_mismatch",
            Self::Expired => "receipt_expired",
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Unknown => "the receipt is not known",
            Self::Mismatch => "the receipt is for another action",
            Self::Expired => "the receipt has expired",
        }
    }
}
