//! What is known of the payments for one action of one node, and what to do next.

use alloc::sync::Arc;
use core::time::Duration;

use bytestring::ByteString;

use crate::client::is_late;
use crate::json::Json;
use crate::message::{NodeId, Route};
use crate::retry::is_passing;
use crate::{Error, ErrorCode};

/// How long after a payment a node's word is not taken that there is no such transaction: it may see the chain later
/// than the wallet does.
const UNKNOWN_FOR: Duration = Duration::from_secs(600);

/// The waits before a transaction is shown to the node again double from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// A receipt that serves calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) id: ByteString,
    /// On the platform's clock, which need not agree with the node's on what time it is. `None`: the node will say.
    pub(crate) expires_at: Option<Duration>,
}

/// A transaction that has not bought its receipt yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    /// The payload that shows it to the node: `action`, `txHash` and `payer`.
    pub(crate) order: Json,
    /// On the platform's clock.
    pub(crate) at: Duration,
    /// Id and timestamp of the message that shows it to the node: always the same one, so that a node that has sold
    /// a receipt, though its answer was lost, gives that answer again rather than `already_used`.
    pub(crate) message: (ByteString, ByteString),
    /// What else stands in that message, and depends on the address of the call that shows it.
    pub(crate) route: Option<Route>,
    pub(crate) node_id: Option<NodeId>,
    /// Whom the terms named as the one to be paid.
    pub(crate) payee: Option<ByteString>,
}

/// What a call that needs a receipt does next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Repeats itself with this receipt.
    Use(ByteString),
    /// Shows this transaction to the node.
    Redeem(Arc<Sent>),
    /// Waits for what the payer says.
    Wait,
    /// Asks the payer.
    Pay,
    /// Fails: what it waited for has failed.
    Fail(Error),
}

/// What to do when the node has not given a receipt for a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Show it again after a while.
    Later(Duration),
    /// Leave it to the next call.
    Keep,
    /// It is worth nothing.
    Drop,
}

/// The payments for one action of one node.
#[derive(Default)]
pub(crate) struct Account {
    receipt: Option<Receipt>,
    sent: Option<Arc<Sent>>,
    /// The payer has been asked and has not answered: the number of the payment.
    paying: Option<u32>,
    /// All that waited for the payer's answer have left since it was asked.
    unwanted: bool,
    /// Calls that need a receipt.
    callers: u32,
    /// How often there was no receipt for good, and why the last time.
    failures: u32,
    failure: Option<Error>,
}

impl Account {
    /// The receipt that a call begins with.
    pub(crate) fn receipt(&mut self, now: Duration) -> Option<ByteString> {
        let is_over = |receipt: &Receipt| receipt.expires_at.is_some_and(|at| at <= now);
        if self.receipt.as_ref().is_some_and(is_over) {
            self.receipt = None;
        }
        self.receipt.as_ref().map(|receipt| receipt.id.clone())
    }

    /// The transaction that has not bought its receipt yet.
    pub(crate) fn sent(&self) -> Option<&Sent> {
        self.sent.as_deref()
    }

    /// Whether there is nothing worth remembering, where nothing is at work on it.
    pub(crate) fn is_empty(&mut self, now: Duration) -> bool {
        self.receipt(now).is_none() && self.sent.is_none()
    }

    /// A call needs a receipt. Gives what [`next`](Self::next) wants to be told.
    pub(crate) fn enter(&mut self) -> u32 {
        self.callers += 1;
        self.failures
    }

    /// A call has its receipt, or has given up. Gives the payment that nobody waits for any more.
    pub(crate) fn leave(&mut self) -> Option<u32> {
        self.callers -= 1;
        if self.callers > 0 || self.unwanted {
            return None;
        }
        self.unwanted = self.paying.is_some();
        self.paying
    }

    /// The node does not take this receipt.
    pub(crate) fn refused(&mut self, receipt: Option<&str>) {
        if receipt.is_some() && self.receipt.as_ref().map(|receipt| &*receipt.id) == receipt {
            self.receipt = None;
        }
    }

    /// What a call does next whose turn it is.
    ///
    /// `refused` is the receipt that it came with, `failures` what it was told when it entered: of calls at the same
    /// time one pays, and the others share what comes of that.
    pub(crate) fn next(&mut self, refused: Option<&str>, failures: u32, now: Duration) -> Next {
        self.refused(refused);
        if let Some(receipt) = self.receipt(now) {
            return Next::Use(receipt);
        }
        if let Some(sent) = &self.sent {
            return Next::Redeem(Arc::clone(sent));
        }
        match &self.failure {
            _ if self.paying.is_some() => Next::Wait,
            Some(failure) if failures != self.failures => Next::Fail(failure.clone()),
            _ => Next::Pay,
        }
    }

    /// The payer is being asked.
    pub(crate) fn begin(&mut self, payment: u32) {
        self.paying = Some(payment);
        self.unwanted = false;
    }

    /// The payer has paid.
    pub(crate) fn paid(&mut self, sent: Arc<Sent>) {
        self.paying = None;
        self.sent = Some(sent);
    }

    /// The payer has not paid.
    pub(crate) fn not_paid(&mut self, why: Error) {
        self.paying = None;
        // Those who wait now came after it was told that nobody does.
        if !self.unwanted {
            self.fail(why);
        }
    }

    /// The node has given a receipt for the transaction.
    pub(crate) fn redeemed(&mut self, receipt: Receipt) {
        self.sent = None;
        self.receipt = Some(receipt);
    }

    /// A transaction to this payee, taken away: it is shown to the node where that is now.
    pub(crate) fn hand_over(&mut self, payee: &str) -> Option<Arc<Sent>> {
        let pays = |sent: &mut Arc<Sent>| {
            let paid = sent.payee.as_deref();
            paid.is_some_and(|paid| paid.eq_ignore_ascii_case(payee))
        };
        self.sent.take_if(pays)
    }

    /// The node has seen another message under the id of the one that shows the transaction.
    pub(crate) fn renew(&mut self, message: (ByteString, ByteString)) {
        if let Some(sent) = &mut self.sent {
            Arc::make_mut(sent).message = message;
        }
    }

    /// The transaction bought no receipt; what was told to the caller about that.
    pub(crate) fn dropped(&mut self, why: Error) {
        self.sent = None;
        self.fail(why);
    }

    fn fail(&mut self, why: Error) {
        self.failures = self.failures.wrapping_add(1);
        self.failure = Some(why);
    }
}

/// What a node's answer to `ancp.pay` means for the transaction, after so many tries.
pub(crate) fn judge(error: &Error, sent_for: Duration, tries: u32) -> Refused {
    let wait = FIRST_WAIT.saturating_mul(1 << tries.min(8)).min(LAST_WAIT);
    let later = Refused::Later(wait.max(error.retry_after().unwrap_or_default()));
    let taken = error.code() == &ErrorCode::DuplicateId;
    if is_passing(error) || is_late(error) || error.is_retryable() || taken {
        return later;
    }
    match error.reason().as_deref() {
        Some("unconfirmed") => later,
        Some("unknown_transaction") if sent_for < UNKNOWN_FOR => later,
        Some(
            "unknown_transaction"
            | "reverted"
            | "wrong_chain"
            | "wrong_token"
            | "wrong_recipient"
            | "wrong_payer"
            | "insufficient_amount"
            | "already_used",
        ) => Refused::Drop,
        // It says nothing about the transaction.
        _ => Refused::Keep,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn sent() -> Arc<Sent> {
        Arc::new(Sent {
            order: Json::null(),
            at: Duration::ZERO,
            message: ("id".into(), "timestamp".into()),
            route: None,
            node_id: None,
            payee: Some("0xAb".into()),
        })
    }

    fn receipt(id: &'static str, expires_at: Option<Duration>) -> Receipt {
        Receipt {
            id: id.into(),
            expires_at,
        }
    }

    fn refusal(reason: &str) -> Error {
        let details = Json::parse(format!(r#"{{"reason":"{reason}"}}"#)).unwrap();
        Error::new(ErrorCode::PaymentRequired, "no").with_details(details)
    }

    #[test]
    fn one_call_pays_and_the_others_wait_for_its_receipt() {
        let mut account = Account::default();
        let (first, second) = (account.enter(), account.enter());
        assert!(matches!(account.next(None, first, NOW), Next::Pay));
        account.begin(7);
        assert!(matches!(account.next(None, second, NOW), Next::Wait));
        account.paid(sent());
        assert!(matches!(account.next(None, first, NOW), Next::Redeem(_)));
        account.redeemed(receipt("r", None));
        for call in [first, second] {
            assert!(matches!(account.next(None, call, NOW), Next::Use(id) if id == "r"));
            assert_eq!(account.leave(), None);
        }
    }

    #[test]
    fn a_receipt_serves_until_it_expires_or_is_refused() {
        let mut account = Account::default();
        let (before, after) = (Duration::from_secs(299), Duration::from_secs(300));
        account.redeemed(receipt("r", Some(after)));
        assert_eq!(account.receipt(before).as_deref(), Some("r"));
        assert!(
            matches!(account.next(Some("old"), 0, before), Next::Use(_)),
            "another call has paid"
        );
        assert_eq!(account.receipt(after), None);
        assert!(account.is_empty(after));
        account.redeemed(receipt("r", None));
        assert!(matches!(account.next(Some("r"), 0, NOW), Next::Pay));
    }

    #[test]
    fn a_failure_is_shared_by_those_that_waited_and_the_next_call_pays() {
        let mut account = Account::default();
        let (first, waiting) = (account.enter(), account.enter());
        for redeem in [false, true] {
            account.begin(1);
            match redeem {
                true => {
                    account.paid(sent());
                    account.dropped(refusal("reverted"));
                }
                false => account.not_paid(refusal("")),
            }
            for call in [first, waiting] {
                assert!(matches!(account.next(None, call, NOW), Next::Fail(_)));
            }
            let later = account.enter();
            assert!(matches!(account.next(None, later, NOW), Next::Pay));
        }
    }

    #[test]
    fn what_is_paid_for_a_call_that_has_left_is_redeemed_by_the_next() {
        let mut account = Account::default();
        account.enter();
        account.begin(7);
        assert_eq!(account.leave(), Some(7), "it is told that nobody waits");
        let next = account.enter();
        assert!(matches!(account.next(None, next, NOW), Next::Wait));
        account.paid(sent());
        assert!(matches!(account.next(None, next, NOW), Next::Redeem(_)));
        assert!(!account.is_empty(NOW));
    }

    #[test]
    fn a_transaction_is_handed_over_for_the_same_payee_alone() {
        let mut account = Account::default();
        account.paid(sent());
        assert_eq!(account.hand_over("0xac"), None);
        assert_eq!(account.hand_over("0xaB"), Some(sent()));
        assert_eq!(account.hand_over("0xab"), None);
        assert!(account.is_empty(NOW));
    }

    #[test]
    fn what_an_unwanted_payer_did_not_pay_is_no_failure_of_later_calls() {
        let mut account = Account::default();
        account.enter();
        account.begin(7);
        account.leave();
        let next = account.enter();
        account.not_paid(refusal(""));
        assert!(matches!(account.next(None, next, NOW), Next::Pay));
    }

    #[test]
    fn a_refusal_means_later_never_or_nothing() {
        let young = Duration::from_secs(1);
        let first = Refused::Later(FIRST_WAIT);
        assert_eq!(judge(&refusal("unconfirmed"), young, 0), first);
        assert_eq!(judge(&refusal("unknown_transaction"), young, 0), first);
        assert_eq!(
            judge(&refusal("unknown_transaction"), UNKNOWN_FOR, 0),
            Refused::Drop
        );
        for reason in [
            "reverted",
            "wrong_chain",
            "wrong_token",
            "wrong_recipient",
            "wrong_payer",
            "insufficient_amount",
            "already_used",
        ] {
            assert_eq!(judge(&refusal(reason), young, 0), Refused::Drop, "{reason}");
        }
        for reason in ["receipt_unknown", "out_of_gas"] {
            assert_eq!(judge(&refusal(reason), young, 0), Refused::Keep, "{reason}");
        }
        let error = |code| Error::new(code, "no");
        assert_eq!(judge(&error(ErrorCode::Network), young, 0), first);
        assert_eq!(judge(&error(ErrorCode::Unavailable), young, 0), first);
        assert_eq!(judge(&error(ErrorCode::DuplicateId), young, 0), first);
        assert_eq!(judge(&error(ErrorCode::Forbidden), young, 0), Refused::Keep);
        let asked = error(ErrorCode::Unavailable).with_retry_after(Some(Duration::from_secs(30)));
        assert_eq!(
            judge(&asked, young, 0),
            Refused::Later(Duration::from_secs(30))
        );
        assert_eq!(
            judge(&refusal("unconfirmed"), young, u32::MAX),
            Refused::Later(LAST_WAIT)
        );
    }

    /// What can happen to an account, in any order.
    #[derive(Clone, Debug)]
    enum Event {
        Enter,
        Leave,
        Next { refused: bool },
        Paid,
        NotPaid,
        Redeemed,
        Dropped,
    }

    proptest! {
        /// While a transaction may be on its way or is not redeemed, nobody pays again.
        #[test]
        fn nothing_is_paid_twice(events in prop::collection::vec(
            prop_oneof![
                Just(Event::Enter), Just(Event::Leave), any::<bool>().prop_map(|refused| Event::Next { refused }),
                Just(Event::Paid), Just(Event::NotPaid), Just(Event::Redeemed), Just(Event::Dropped),
            ],
            0..100,
        )) {
            let mut account = Account::default();
            let mut inside = Vec::new();
            let (mut paying, mut open) = (false, false);
            for event in events {
                match event {
                    Event::Enter => inside.push(account.enter()),
                    Event::Leave if !inside.is_empty() => {
                        inside.pop();
                        account.leave();
                    }
                    Event::Next { refused } if !inside.is_empty() => {
                        match account.next(refused.then_some("r"), inside[0], NOW) {
                            Next::Pay => {
                                prop_assert!(!paying && !open);
                                paying = true;
                                account.begin(1);
                            }
                            Next::Redeem(_) => prop_assert!(open),
                            Next::Wait => prop_assert!(paying),
                            Next::Use(_) | Next::Fail(_) => {}
                        }
                    }
                    Event::Paid if paying => {
                        (paying, open) = (false, true);
                        account.paid(sent());
                    }
                    Event::NotPaid if paying => {
                        paying = false;
                        account.not_paid(refusal(""));
                    }
                    Event::Redeemed if open => {
                        open = false;
                        account.redeemed(receipt("r", None));
                    }
                    Event::Dropped if open => {
                        open = false;
                        account.dropped(refusal("reverted"));
                    }
                    _ => {}
                }
            }
        }
    }
}
