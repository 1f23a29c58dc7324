//! What the engine waits for: ops that JavaScript completes.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::{Poll, Waker};

use core::cell::RefCell;

use super::executor::Executor;
use crate::failure::Failure;
use crate::host::Host;
use crate::table::Table;

/// What an engine's futures share.
pub(crate) struct Shared {
    pub(crate) host: Host,
    pub(crate) executor: Executor,
    ops: RefCell<Table<Slot>>,
}

struct Slot {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

/// How an op came out.
pub(crate) enum Outcome {
    /// A timer, or a wait for the consumer, is over.
    Fired,
    /// A whole answer.
    Answered {
        status: u16,
        headers: String,
        body: Vec<u8>,
    },
    /// The head of an answer.
    Opened { status: u16, headers: String },
    /// The next bytes of an answer, nothing at its end.
    Read(Option<Vec<u8>>),
    /// A credential, or a payment.
    Token(String),
    /// It failed.
    Failed(Failure),
}

impl Shared {
    pub(crate) fn new(host: Host) -> Self {
        Self {
            host,
            executor: Executor::new(),
            ops: RefCell::new(Table::new()),
        }
    }

    /// Completes an op and runs what waited for it.
    pub(crate) fn complete(&self, op: u32, outcome: Outcome) {
        let waker = match self.ops.borrow_mut().get_mut(op) {
            Some(slot) => {
                slot.outcome = Some(outcome);
                slot.waker.take()
            }
            // Given up in the meantime.
            None => return,
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        self.executor.run();
    }
}

/// A running op. Dropping it gives it up.
pub(crate) struct Op {
    shared: Rc<Shared>,
    id: u32,
    /// Whether JavaScript holds something for it.
    held: bool,
}

impl Op {
    /// A new op; `begin` asks the host for it.
    pub(crate) fn new(shared: &Rc<Shared>, begin: impl FnOnce(&Host, u32)) -> Self {
        let id = shared.ops.borrow_mut().insert(Slot {
            outcome: None,
            waker: None,
        });
        let op = Self {
            shared: Rc::clone(shared),
            id,
            held: true,
        };
        begin(&shared.host, id);
        op
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Asks the host for more under the same op.
    pub(crate) fn again(&self, ask: impl FnOnce(&Host, u32)) {
        ask(&self.shared.host, self.id);
    }

    /// Waits for the next outcome. Only after [`Outcome::Opened`] and [`Outcome::Read`] another one
    /// can come.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        let outcome = poll_fn(|cx| {
            let mut ops = self.shared.ops.borrow_mut();
            let Some(slot) = ops.get_mut(self.id) else {
                return Poll::Pending;
            };
            match slot.outcome.take() {
                Some(outcome) => Poll::Ready(outcome),
                None => {
                    slot.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await;
        self.held = matches!(outcome, Outcome::Opened { .. } | Outcome::Read(Some(_)));
        outcome
    }
}

impl Drop for Op {
    fn drop(&mut self) {
        let slot = self.shared.ops.borrow_mut().remove(self.id);
        // Completed, but nobody looked: an opened answer still holds its connection.
        let unseen = slot.and_then(|slot| slot.outcome);
        let over = unseen.is_some_and(|outcome| {
            !matches!(outcome, Outcome::Opened { .. } | Outcome::Read(Some(_)))
        });
        if self.held && !over {
            self.shared.host.cancel(self.id);
        }
    }
}
