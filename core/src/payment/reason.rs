use alloc::boxed::Box;
use core::fmt;

use bytestring::ByteString;

use crate::{Error, ErrorCode};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $variant:ident $text:literal)*) => {
        /// Why a node refused a payment or a receipt.
        ///
        /// ```
        /// use ancp_core::PaymentReason;
        /// assert_eq!(PaymentReason::from("reverted"), PaymentReason::Reverted);
        /// assert_eq!(PaymentReason::Unconfirmed.as_str(), "unconfirmed");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum PaymentReason {
            $($(#[doc = $doc])* $variant,)*
            /// A reason that this version does not know.
            Other(Box<str>),
        }

        impl PaymentReason {
            /// The reason as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for PaymentReason {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}

reasons! {
    /// The node knows no such transaction.
    UnknownTransaction "unknown_transaction"
    /// Too few blocks follow the transaction's yet.
    Unconfirmed "unconfirmed"
    /// The transaction failed on chain.
    Reverted "reverted"
    /// The transaction is on a chain that the node does not take.
    WrongChain "wrong_chain"
    /// The transaction moved a token that the node does not take.
    WrongToken "wrong_token"
    /// The tokens went to somebody else.
    WrongRecipient "wrong_recipient"
    /// The tokens came from somebody else.
    WrongPayer "wrong_payer"
    /// The tokens are fewer than the price.
    InsufficientAmount "insufficient_amount"
    /// The transaction has bought a receipt already.
    AlreadyUsed "already_used"
    /// The node knows no such receipt.
    ReceiptUnknown "receipt_unknown"
    /// The receipt is of another action.
    ReceiptMismatch "receipt_mismatch"
    /// The receipt is out of date.
    ReceiptExpired "receipt_expired"
}

impl fmt::Display for PaymentReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// Why the node refused the payment or the receipt, where this is a `payment_required` that says so. One
    /// without a reason asks for a payment that was not made yet.
    pub fn payment_reason(&self) -> Option<PaymentReason> {
        self.reason().map(|reason| PaymentReason::from(&*reason))
    }

    /// The same as text, which is less code where it is only compared.
    pub(crate) fn reason(&self) -> Option<ByteString> {
        if self.code() != &ErrorCode::PaymentRequired {
            return None;
        }
        self.details()?.get("reason")?.text()
    }
}
