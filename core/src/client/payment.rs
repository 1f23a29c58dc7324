//! Paying for a call, and repeating it with the receipt.
//!
//! Each action of a node has an account of its own, where calls take turns: one asks the payer, or shows a
//! transaction to the node, and the others find what came of that. The payer itself runs in the background: a
//! transaction can't be taken back, so what it answers is kept, whatever becomes of the call that asked it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::time::Duration;

use bytestring::ByteString;

use super::call::check_answer;
use super::target::direct;
use super::{CallOptions, Client};
use crate::address::{Endpoint, Origin, normal, origin_of};
use crate::json::Json;
use crate::message::{NodeId, Pattern, Route, timestamp, uuid_v4};
use crate::payment::{
    Account, Amount, CheckedPayer, Next, Pay, Payer, Payment, Purse, Receipt, Refused, Sent, Terms,
    judge, object,
};
use crate::platform::{BoxFuture, Platform};
use crate::sync::{Gate, Lock};
use crate::text::number;
use crate::transport::{Operation, Payload, Reply, Request, unexpected};
use crate::{Error, ErrorCode, Result};

/// A client's payer, its purse and its accounts.
pub(crate) struct Payments {
    pay: Arc<dyn Pay>,
    purse: Arc<Lock<Purse>>,
    timeout: Duration,
    accounts: Lock<Vec<Entry>>,
}

/// What a call has paid so far, at whichever nodes.
pub(crate) type Spent = Arc<Lock<Amount>>;

/// Whose account it is.
struct Entry {
    /// The node's URL, written in one way.
    url: ByteString,
    action: ByteString,
    node: Arc<Endpoint>,
    desk: Arc<Desk>,
}

/// An account, and where calls wait for it.
struct Desk {
    account: Lock<Account>,
    /// One call at a time pays or redeems.
    turn: Gate,
    /// Opened when the payer has answered.
    answered: Gate,
}

impl Payments {
    pub(crate) fn new(payer: Payer) -> Result<Self> {
        let CheckedPayer {
            pay,
            purse,
            timeout,
        } = payer.check()?;
        // The core's type; in a browser there is one thread.
        #[allow(clippy::arc_with_non_send_sync)]
        let purse = Arc::new(Lock::new(purse));
        Ok(Self {
            pay,
            purse,
            timeout,
            accounts: Lock::default(),
        })
    }

    /// The account of an action, opened where there is none; others that hold nothing are forgotten.
    fn desk(&self, node: &Arc<Endpoint>, action: &ByteString, now: Duration) -> Arc<Desk> {
        let url = normal(&node.url);
        let mut accounts = self.accounts.lock();
        let mut known = accounts.iter();
        if let Some(entry) = known.find(|entry| entry.url == url && entry.action == *action) {
            return Arc::clone(&entry.desk);
        }
        // The core's type; in a browser there is one thread.
        #[allow(clippy::arc_with_non_send_sync)]
        let desk = Arc::new(Desk {
            account: Lock::default(),
            turn: Gate::new(true),
            answered: Gate::new(false),
        });
        accounts.retain(|Entry { desk, .. }| {
            let in_use = Arc::strong_count(desk) > 1;
            in_use || !desk.account.lock().is_empty(now)
        });
        accounts.push(Entry {
            url,
            action: action.clone(),
            node: Arc::clone(node),
            desk: Arc::clone(&desk),
        });
        desk
    }

    /// A transaction that this payee got for the action, at another URL that the node had then. Nobody works on it
    /// there.
    fn moved(&self, node: &Endpoint, action: &str, payee: &str) -> Option<Arc<Sent>> {
        let accounts = self.accounts.lock();
        let mut moved = accounts.iter().filter(|entry| {
            let is_free = Arc::strong_count(&entry.desk) == 1;
            is_free && entry.action == action && entry.node.is_same_node(node)
        });
        moved.find_map(|entry| entry.desk.account.lock().hand_over(payee))
    }
}

/// A call that may have to be paid. Dropping it takes it off its account.
struct Customer<'a> {
    payments: &'a Payments,
    action: ByteString,
    desk: Arc<Desk>,
    /// The receipt that it came with.
    kept: Option<ByteString>,
    /// What the node answered when it wanted to be paid.
    refusal: Option<Error>,
    /// Until when it waits for a receipt.
    deadline: Duration,
    /// What the account told it when it entered; it is there until it leaves.
    entered: Option<u32>,
    has_turn: bool,
    /// The transaction that it shows to the node.
    shown: Option<Arc<Sent>>,
    /// How often it has been shown.
    tries: u32,
}

impl Customer<'_> {
    fn leave(&mut self) {
        if core::mem::take(&mut self.has_turn) {
            self.desk.turn.open();
        }
        if self.entered.take().is_some() {
            let unwanted = self.desk.account.lock().leave();
            if let Some(payment) = unwanted {
                self.payments.pay.unwanted(payment);
            }
        }
    }
}

impl Drop for Customer<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What a call does next.
enum Step<P> {
    /// It is over.
    Done(Result<Reply>),
    /// It sends itself, or another request in its place.
    Send(Option<Box<Request<P>>>),
    /// It waits: for its turn, for the payer, or for the chain.
    Wait(BoxFuture<'static, ()>),
}

impl<P: Payload> Client<P> {
    /// Makes a call's attempts at its endpoint. Where the node wants it paid, pays, and makes those of another message,
    /// with the receipt. That one has as much time as the first, and the deadline is moved by what paying took.
    // One loop with two places to wait, rather than a future within a future for each: those would double its size.
    pub(super) fn paid<'a>(
        &'a self,
        request: &'a mut Request<P>,
        deadline: &'a mut Duration,
        retry: &'a (dyn Fn(&Error) -> bool + Sync),
    ) -> BoxFuture<'a, Result<Reply>> {
        let limit = deadline.saturating_sub(self.now());
        Box::pin(async move {
            let mut customer = self.customer(request);
            let mut other: Option<Box<Request<P>>> = None;
            loop {
                let attempts = match &mut other {
                    Some(other) => {
                        let limit = limit.min(self.left(&customer));
                        self.attempts_here(other, limit, &|_| true)
                    }
                    None => self.attempts_here(request, limit, retry),
                };
                let reply = attempts.await;
                let Some(customer) = &mut customer else {
                    return reply;
                };
                let mut step = match other.take() {
                    Some(other) => self.redeemed(customer, request, &other, reply),
                    None => self.answered(customer, request, reply),
                };
                other = loop {
                    match step {
                        Step::Done(reply) => {
                            if reply.is_err() {
                                // Another node that is tried next gets no receipt of this one's.
                                set_receipt(request, None);
                            }
                            return reply;
                        }
                        Step::Send(other) => {
                            if other.is_none() {
                                *deadline = self.now().saturating_add(limit);
                            }
                            break other;
                        }
                        Step::Wait(wait) => {
                            let left = customer.deadline.saturating_sub(self.now());
                            let in_time = self.within(left, wait).await;
                            customer.has_turn |= in_time.is_some();
                            step = match in_time {
                                Some(()) => self.proceed(customer, request),
                                None => Step::Done(Err(too_late(customer))),
                            };
                        }
                    }
                };
            }
        })
    }

    fn left(&self, customer: &Option<Customer<'_>>) -> Duration {
        let deadline = customer.as_ref().map(|customer| customer.deadline);
        deadline.unwrap_or_default().saturating_sub(self.now())
    }

    /// A call that is paid where the node wants that, with the receipt that there is already. System actions are free,
    /// and a caller who brings a receipt sees to it.
    fn customer(&self, request: &mut Request<P>) -> Option<Customer<'_>> {
        let payments = self.shared.payments.as_ref()?;
        let Operation::Call(message) = &mut request.operation else {
            return None;
        };
        let ncp = message.ncp.as_mut()?;
        let action = ncp.action.clone()?;
        if ncp.receipt_id.is_some() || action.starts_with("ancp.") {
            return None;
        }
        let desk = payments.desk(&request.endpoint, &action, self.now());
        let kept = desk.account.lock().receipt(self.now());
        ncp.receipt_id.clone_from(&kept);
        Some(Customer {
            payments,
            action,
            desk,
            kept,
            refusal: None,
            deadline: Duration::ZERO,
            entered: None,
            has_turn: false,
            shown: None,
            tries: 0,
        })
    }

    /// What the node says to the call itself.
    fn answered(
        &self,
        customer: &mut Customer<'_>,
        request: &Request<P>,
        reply: Result<Reply>,
    ) -> Step<P> {
        let refusal = match reply {
            Err(error) if error.code() == &ErrorCode::PaymentRequired => error,
            reply => return Step::Done(reply),
        };
        // Another receipt would fare no better, unless this one was merely too old.
        let too_old = matches!(
            refusal.reason().as_deref(),
            Some("receipt_expired" | "receipt_unknown")
        );
        if customer.refusal.is_some() || (customer.kept.is_some() && !too_old) {
            // One that was just bought has another chance; one that was kept is not shown again.
            if customer.refusal.is_none() {
                let mut account = customer.desk.account.lock();
                account.refused(customer.kept.as_deref());
            }
            return Step::Done(Err(refusal));
        }
        if !self.may_pay(&request.endpoint.url) {
            return Step::Done(Err(unpayable(refusal, &request.endpoint.url)));
        }
        customer.refusal = Some(refusal);
        customer.deadline = self.now().saturating_add(customer.payments.timeout);
        customer.entered = Some(customer.desk.account.lock().enter());
        Step::Wait(pass(&customer.desk, |desk| &desk.turn))
    }

    /// What a call does whose turn it is.
    fn proceed(&self, customer: &mut Customer<'_>, request: &mut Request<P>) -> Step<P> {
        let failures = customer.entered.unwrap_or_default();
        let kept = customer.kept.as_deref();
        let next = {
            let mut account = customer.desk.account.lock();
            account.next(kept, failures, self.now())
        };
        let terms = match &next {
            Next::Pay => match terms_of(customer) {
                Ok(terms) => Some(terms),
                Err(error) => return Step::Done(Err(error)),
            },
            _ => None,
        };
        let payee = terms.as_ref().and_then(|terms| terms.payee.as_deref());
        let payments = customer.payments;
        let moved = payee.and_then(|to| payments.moved(&request.endpoint, &customer.action, to));
        let next = match moved {
            Some(sent) => {
                customer.desk.account.lock().paid(Arc::clone(&sent));
                Next::Redeem(sent)
            }
            None => next,
        };
        match next {
            Next::Use(receipt) => self.repeat(customer, request, receipt),
            Next::Fail(error) => Step::Done(Err(error)),
            Next::Redeem(sent) => match self.redemption(request, &sent) {
                Ok(redemption) => {
                    customer.shown = Some(sent);
                    Step::Send(Some(Box::new(redemption)))
                }
                Err(error) => Step::Done(Err(error)),
            },
            Next::Pay => match self.ask(customer, request, terms) {
                Ok(()) => Step::Wait(pass(&customer.desk, |desk| &desk.answered)),
                Err(error) => Step::Done(Err(error)),
            },
            Next::Wait => Step::Wait(pass(&customer.desk, |desk| &desk.answered)),
        }
    }

    /// Repeats a call with a receipt, as another message: an id stands for its bytes.
    fn repeat(
        &self,
        customer: &mut Customer<'_>,
        request: &mut Request<P>,
        receipt: ByteString,
    ) -> Step<P> {
        customer.leave();
        if let Operation::Call(message) = &mut request.operation {
            let (id, timestamp) = stamp(&*self.shared.platform);
            if message.correlation_id.as_ref() == Some(&message.id) {
                message.correlation_id = Some(id.clone());
            }
            message.id = id;
            message.timestamp = timestamp;
        }
        set_receipt(request, Some(receipt));
        Step::Send(None)
    }

    /// What `ancp.pay` gives, as far as it is needed.
    fn receipt(&self, customer: &Customer<'_>, json: &Json) -> Result<Receipt> {
        let id = json.get("receiptId").and_then(|id| id.text());
        let terms = customer.refusal.as_ref().and_then(Error::details);
        let validity = terms
            .and_then(|terms| terms.get("receiptValiditySec"))
            .and_then(|seconds| number(seconds.as_str().as_bytes()));
        Ok(Receipt {
            id: id.ok_or_else(|| unexpected("the receipt has no receiptId"))?,
            expires_at: validity
                .and_then(|seconds| self.now().checked_add(Duration::from_secs(seconds))),
        })
    }

    /// The request that shows a transaction to the node that it is for.
    fn redemption(&self, call: &Request<P>, sent: &Sent) -> Result<Request<P>> {
        let options = CallOptions::new();
        let payload = sent.order.clone().into();
        let mut message = self.message("ancp.pay", Pattern::RequestReply, payload, &options)?;
        (message.id, message.timestamp) = sent.message.clone();
        message.correlation_id = Some(message.id.clone());
        let mut request = self.request(Operation::Call(message), &options);
        direct(&self.shared.settings, &mut request, &call.endpoint);
        if let Operation::Call(message) = &mut request.operation {
            message.route.clone_from(&sent.route);
            if let Some(ncp) = &mut message.ncp {
                ncp.node_id.clone_from(&sent.node_id);
            }
        }
        // What lets the call through, such as a gateway's key, lets this through.
        request.headers.clone_from(&call.headers);
        Ok(request)
    }

    /// What the node says to a transaction.
    fn redeemed(
        &self,
        customer: &mut Customer<'_>,
        request: &mut Request<P>,
        redemption: &Request<P>,
        reply: Result<Reply>,
    ) -> Step<P> {
        let Some(sent) = customer.shown.take() else {
            return Step::Done(reply);
        };
        let receipt = reply
            .and_then(Reply::answer)
            .and_then(|answer| check_answer(redemption, answer)?.into_result())
            .and_then(|json| self.receipt(customer, &json));
        let error = match receipt {
            Ok(receipt) => {
                // It serves the call that bought it, however soon it expires: nothing is paid twice for one call.
                let id = receipt.id.clone();
                customer.desk.account.lock().redeemed(receipt);
                return self.repeat(customer, request, id);
            }
            Err(error) => error,
        };
        if error.code() == &ErrorCode::DuplicateId {
            let message = stamp(&*self.shared.platform);
            customer.desk.account.lock().renew(message);
        }
        let verdict = judge(&error, self.now().saturating_sub(sent.at), customer.tries);
        customer.tries += 1;
        match verdict {
            Refused::Later(wait) if self.now().saturating_add(wait) < customer.deadline => {
                Step::Wait(self.shared.platform.sleep(wait))
            }
            Refused::Later(_) | Refused::Keep => Step::Done(Err(unredeemed(error, &sent, KEPT))),
            Refused::Drop => {
                let error = unredeemed(error, &sent, DROPPED);
                customer.desk.account.lock().dropped(error.clone());
                Step::Done(Err(error))
            }
        }
    }

    /// Whether the payer pays a node at this URL: where credentials may go to, or where a transport of the user's own
    /// has it, which is no URL.
    fn may_pay(&self, url: &str) -> bool {
        Origin::of(url).is_none() || self.shared.origins.contain(url)
    }

    /// Asks the payer, in the background.
    fn ask(
        &self,
        customer: &Customer<'_>,
        request: &Request<P>,
        terms: Option<Terms>,
    ) -> Result<()> {
        let (Some(refusal), Some(terms)) = (&customer.refusal, terms) else {
            return Ok(());
        };
        let Customer { payments, desk, .. } = customer;
        let Terms { price, payee, json } = terms;
        let spent = request.spent.clone().unwrap_or_default();
        let taken = payments.purse.lock().take(price, &mut spent.lock());
        taken.map_err(|why| not_paid(refusal, why))?;
        let (number, answer) = payments.pay.pay(json);
        desk.account.lock().begin(number);
        let route = match &request.operation {
            Operation::Call(message) => message.route.clone(),
            _ => None,
        };
        let mut asked = Asked {
            desk: Arc::clone(desk),
            purse: Arc::clone(&payments.purse),
            platform: Arc::clone(&self.shared.platform),
            price,
            spent,
            action: customer.action.clone(),
            route,
            node_id: request.endpoint.node_id.clone(),
            payee,
            refusal: refusal.clone(),
            answered: false,
        };
        self.shared.platform.spawn(Box::pin(async move {
            let answer = answer.await;
            asked.answer(answer);
        }));
        Ok(())
    }
}

/// A payer that has been asked. Dropping it unanswered, as by a runtime that ends, counts as an answer.
struct Asked {
    desk: Arc<Desk>,
    purse: Arc<Lock<Purse>>,
    platform: Arc<dyn Platform>,
    price: Amount,
    spent: Spent,
    action: ByteString,
    route: Option<Route>,
    node_id: Option<NodeId>,
    payee: Option<ByteString>,
    refusal: Error,
    answered: bool,
}

impl Asked {
    fn answer(&mut self, answer: Result<Payment>) {
        self.answered = true;
        let wrong = |what| Error::new(ErrorCode::InvalidOptions, what);
        let answer = answer.and_then(|Payment { tx_hash, payer }| {
            if tx_hash.is_empty() || payer.is_empty() {
                return Err(wrong("payer: it gave no transaction hash, or no address"));
            }
            Ok(Sent {
                order: object(&[
                    ("action", Json::string(&self.action)),
                    ("txHash", Json::string(&tx_hash)),
                    ("payer", Json::string(&payer)),
                ]),
                at: self.platform.now(),
                message: stamp(&*self.platform),
                route: self.route.take(),
                node_id: self.node_id.take(),
                payee: self.payee.take(),
            })
        });
        match answer {
            Ok(sent) => self.desk.account.lock().paid(Arc::new(sent)),
            Err(error) => {
                // Who answers in a wrong way may have paid all the same.
                if error.code() == &ErrorCode::PaymentRequired {
                    let mut purse = self.purse.lock();
                    purse.put_back(self.price, &mut self.spent.lock());
                }
                let details = self.refusal.details().cloned();
                let error = error.with_details(details.unwrap_or_else(Json::null));
                self.desk.account.lock().not_paid(error);
            }
        }
        self.desk.answered.open();
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.answered {
            let why = "payer: it ended without an answer";
            self.answer(Err(Error::new(ErrorCode::InvalidOptions, why)));
        }
    }
}

/// Waits at a gate and shuts it behind itself.
fn pass(desk: &Arc<Desk>, gate: fn(&Desk) -> &Gate) -> BoxFuture<'static, ()> {
    let desk = Arc::clone(desk);
    Box::pin(async move {
        let mut visit = gate(&desk).visit();
        poll_fn(|cx| visit.poll(cx, true)).await;
    })
}

fn set_receipt<P>(request: &mut Request<P>, receipt: Option<ByteString>) {
    if let Operation::Call(message) = &mut request.operation
        && let Some(ncp) = &mut message.ncp
    {
        ncp.receipt_id = receipt;
    }
}

/// A new message's id and timestamp.
fn stamp(platform: &dyn Platform) -> (ByteString, ByteString) {
    let timestamp = timestamp::from_unix_millis(platform.unix_millis());
    (uuid_v4(platform.random()), timestamp.into())
}

/// What the payer is asked to pay.
fn terms_of(customer: &Customer<'_>) -> Result<Terms> {
    let refusal = customer.refusal.as_ref();
    let refusal = refusal.ok_or_else(|| unexpected("it is no refusal"))?;
    let details = refusal.details().cloned().unwrap_or_else(Json::null);
    Terms::read(&details, &customer.action).map_err(|why| not_paid(refusal, why))
}

fn not_paid(refusal: &Error, why: &str) -> Error {
    let message = ["the call must be paid, and was not: ", why].concat();
    refusal.clone().with_message(message)
}

/// What to do about a node's 402 that the payer does not pay.
fn unpayable(refusal: Error, url: &str) -> Error {
    let message = [
        "the call must be paid, and was not: ",
        origin_of(url),
        " is not the baseUrl's origin; if the payer may pay there, name it in credentialOrigins (the node says: ",
        refusal.message(),
        ")",
    ];
    let message = message.concat();
    refusal.with_message(message)
}

const KEPT: &str =
    "); it is kept: the next call of the action shows it to the node again, and so does `pay`";
const DROPPED: &str = "); only `pay` shows it to the node again";

/// The error of a transaction that has bought no receipt. It carries the transaction. Whatever it was, it is about the
/// payment: the call itself is not tried elsewhere, where it would be paid once more.
fn unredeemed(error: Error, sent: &Sent, what_now: &str) -> Error {
    let message = [
        "the transaction in the details has bought no receipt (",
        error.message(),
        what_now,
    ]
    .concat();
    let order = sent.order.as_str();
    let details = match (error.reason(), order.strip_prefix('{')) {
        (Some(reason), Some(rest)) => {
            let reason = Json::string(&reason);
            Json::parse(["{\"reason\":", reason.as_str(), ",", rest].concat()).ok()
        }
        _ => None,
    };
    let details = details.unwrap_or_else(|| sent.order.clone());
    let error = error.with_message(message).with_details(details);
    error.with_code(ErrorCode::PaymentRequired)
}

/// The error of a call that has waited for as long as it may.
fn too_late(customer: &mut Customer<'_>) -> Error {
    let refusal = customer.refusal.take();
    let refusal = refusal.unwrap_or_else(|| super::timed_out("no receipt in time"));
    let refusal = refusal.retryable(true);
    match customer.desk.account.lock().sent() {
        Some(sent) => unredeemed(refusal, sent, KEPT),
        None => refusal.with_message(
            "the payer has not answered in time; what it pays yet is kept for the next call",
        ),
    }
}
