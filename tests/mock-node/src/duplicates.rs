//! Which calls were made before (wire contract, section 3, "Duplicates").
//!
//! ```text
//!            claim                 answer, not retryable
//!  (unknown) -----> Running --------------------------------> Answered --(window over)--> (unknown)
//!      ^              |  \  refused before the handler,
//!      |              |   \ or retryable
//!      +--------------+----+
//!      ^              | late (504)
//!      +-- ended -- Draining
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ancp_core::ErrorCode;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::Failure;
use crate::answer::Reply;
use crate::auth::CallerKey;

/// What an id stands for: the caller and the message's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallKey {
    pub(crate) caller: CallerKey,
    pub(crate) id: String,
}

/// Tells requests apart that have the same id: a hash of path and body.
pub(crate) type Fingerprint = [u8; 32];

/// What a repeated call is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// A message.
    Reply(Box<Reply>),
    /// A stream, from its beginning.
    Stream(String),
}

impl Outcome {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Reply(reply) if reply.is_retryable())
    }
}

/// The calls of a node that are running or were answered lately.
pub(crate) struct Duplicates {
    window: Duration,
    capacity: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    entries: HashMap<CallKey, Entry>,
    /// When answers are forgotten, earliest first.
    expiries: VecDeque<(Instant, CallKey)>,
}

enum Entry {
    Running(Fingerprint, watch::Receiver<Option<Outcome>>),
    /// Answered with 504, and the handler has not ended yet. The sender closes when it has.
    Draining(watch::Receiver<Option<Outcome>>),
    Answered(Fingerprint, Outcome),
}

/// What becomes of a call.
pub(crate) enum Claim {
    /// It is new: run it.
    New(Ticket),
    /// It was made before.
    Repeat(Outcome),
}

impl Duplicates {
    pub(crate) fn new(window: Duration, capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            window,
            capacity,
            table: Mutex::default(),
        })
    }

    /// Claims a call. Where its first attempt is running, waits for what comes of it; where that
    /// has timed out, waits for its end, but no longer than `patience`.
    pub(crate) async fn claim(
        self: &Arc<Self>,
        key: CallKey,
        print: Fingerprint,
        patience: Duration,
    ) -> Result<Claim, Failure> {
        loop {
            let mut pending = match self.look(&key, print)? {
                Look::Claim(claim) => return Ok(claim),
                Look::Running(pending) => pending,
                Look::Draining(mut pending) => {
                    let ended =
                        timeout(patience, async { while pending.changed().await.is_ok() {} });
                    if ended.await.is_err() {
                        let message = "an earlier attempt of this call has not ended yet";
                        return Err(Failure::new(ErrorCode::Timeout, message));
                    }
                    continue;
                }
            };
            // An error: the first attempt was refused before the handler. Judge this one afresh.
            if let Ok(outcome) = pending.wait_for(Option::is_some).await
                && let Some(outcome) = outcome.clone()
            {
                return Ok(Claim::Repeat(outcome));
            }
        }
    }

    fn look(self: &Arc<Self>, key: &CallKey, print: Fingerprint) -> Result<Look, Failure> {
        let mut table = self.lock();
        table.forget_expired();
        match table.entries.get(key) {
            Some(Entry::Running(first, _) | Entry::Answered(first, _)) if *first != print => {
                let message = "the id was used before, with other bytes or on another path";
                Err(Failure::new(ErrorCode::DuplicateId, message))
            }
            Some(Entry::Running(_, pending)) => Ok(Look::Running(pending.clone())),
            Some(Entry::Draining(pending)) => Ok(Look::Draining(pending.clone())),
            Some(Entry::Answered(_, outcome)) => Ok(Look::Claim(Claim::Repeat(outcome.clone()))),
            None if table.entries.len() >= self.capacity => {
                let message = "the node remembers as many calls as it can";
                Err(Failure::new(ErrorCode::Unavailable, message))
            }
            None => {
                let (result, pending) = watch::channel(None);
                table
                    .entries
                    .insert(key.clone(), Entry::Running(print, pending));
                Ok(Look::Claim(Claim::New(Ticket {
                    duplicates: self.clone(),
                    key: key.clone(),
                    print,
                    result,
                    settled: false,
                })))
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Look {
    Claim(Claim),
    Running(watch::Receiver<Option<Outcome>>),
    Draining(watch::Receiver<Option<Outcome>>),
}

impl Table {
    fn forget_expired(&mut self) {
        let now = Instant::now();
        while let Some((expiry, _)) = self.expiries.front()
            && *expiry <= now
            && let Some((_, key)) = self.expiries.pop_front()
        {
            self.entries.remove(&key);
        }
    }
}

/// The right to run a call. Dropped without an answer, it makes the call unknown again.
pub(crate) struct Ticket {
    duplicates: Arc<Duplicates>,
    key: CallKey,
    print: Fingerprint,
    result: watch::Sender<Option<Outcome>>,
    settled: bool,
}

impl Ticket {
    /// Waits for the answer; without one the handler was lost.
    pub(crate) fn outcome(&self) -> impl Future<Output = Option<Outcome>> + Send + use<> {
        let mut pending = self.result.subscribe();
        async move {
            let outcome = pending.wait_for(Option::is_some).await.ok()?;
            outcome.clone()
        }
    }

    /// Gives the answer to everybody who waits, and remembers it unless it is retryable.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        if !outcome.is_retryable() {
            let mut table = self.duplicates.lock();
            let answered = Entry::Answered(self.print, outcome.clone());
            table.entries.insert(self.key.clone(), answered);
            let expiry = Instant::now() + self.duplicates.window;
            table.expiries.push_back((expiry, self.key.clone()));
            self.settled = true;
        }
        self.result.send_replace(Some(outcome));
    }

    /// Gives a 504 to everybody who waits; repeats wait until this ticket is dropped.
    pub(crate) fn late(&self, outcome: Outcome) {
        let pending = self.result.subscribe();
        let mut table = self.duplicates.lock();
        table
            .entries
            .insert(self.key.clone(), Entry::Draining(pending));
        drop(table);
        self.result.send_replace(Some(outcome));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.settled {
            self.duplicates.lock().entries.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Caller;

    const WINDOW: Duration = Duration::from_secs(600);
    const PATIENCE: Duration = Duration::from_secs(30);

    fn key(id: &str) -> CallKey {
        CallKey {
            caller: Caller::anonymous([127, 0, 0, 1].into()).key(),
            id: id.into(),
        }
    }

    fn stream(id: &str) -> Outcome {
        Outcome::Stream(id.into())
    }

    fn retryable() -> Outcome {
        let failure = Failure::new(ErrorCode::Unavailable, "");
        let reply = crate::answer::failure_of_no_node(&Default::default(), &failure);
        Outcome::Reply(Box::new(reply))
    }

    async fn new(duplicates: &Arc<Duplicates>, id: &str, print: u8) -> Ticket {
        match duplicates.claim(key(id), [print; 32], PATIENCE).await {
            Ok(Claim::New(ticket)) => ticket,
            Ok(Claim::Repeat(outcome)) => panic!("repeat: {outcome:?}"),
            Err(failure) => panic!("{failure}"),
        }
    }

    async fn repeat(duplicates: &Arc<Duplicates>, id: &str, print: u8) -> Result<String, Failure> {
        match duplicates.claim(key(id), [print; 32], PATIENCE).await? {
            Claim::Repeat(Outcome::Stream(id)) => Ok(id),
            Claim::Repeat(Outcome::Reply(reply)) => Ok(reply.status.to_string()),
            Claim::New(_) => Ok("new".into()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn answered_calls_are_remembered_for_the_window() {
        let duplicates = Duplicates::new(WINDOW, 10);
        new(&duplicates, "a", 1).await.settle(stream("s"));
        tokio::time::advance(WINDOW - Duration::from_secs(1)).await;
        assert_eq!(repeat(&duplicates, "a", 1).await.unwrap(), "s");
        let other = repeat(&duplicates, "a", 2).await.unwrap_err();
        assert_eq!(other.code(), &ErrorCode::DuplicateId);
        assert_eq!(repeat(&duplicates, "b", 2).await.unwrap(), "new");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(repeat(&duplicates, "a", 2).await.unwrap(), "new");
    }

    #[tokio::test(start_paused = true)]
    async fn repeats_wait_for_the_first() {
        let duplicates = Duplicates::new(WINDOW, 10);
        let ticket = new(&duplicates, "a", 1).await;
        let repeated = tokio::spawn({
            let duplicates = duplicates.clone();
            async move { repeat(&duplicates, "a", 1).await }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        let other = repeat(&duplicates, "a", 2).await.unwrap_err();
        assert_eq!(other.code(), &ErrorCode::DuplicateId);
        ticket.settle(stream("s"));
        assert_eq!(repeated.await.unwrap().unwrap(), "s");
    }

    #[tokio::test(start_paused = true)]
    async fn refused_and_retryable_calls_are_forgotten() {
        let duplicates = Duplicates::new(WINDOW, 10);
        drop(new(&duplicates, "a", 1).await);
        let ticket = new(&duplicates, "a", 2).await;
        let outcome = ticket.outcome();
        ticket.settle(retryable());
        assert!(outcome.await.is_some());
        assert_eq!(repeat(&duplicates, "a", 3).await.unwrap(), "new");
    }

    #[tokio::test(start_paused = true)]
    async fn a_repeat_of_a_late_call_waits_for_its_end() {
        let duplicates = Duplicates::new(WINDOW, 10);
        let ticket = new(&duplicates, "a", 1).await;
        let outcome = ticket.outcome();
        ticket.late(retryable());
        assert!(outcome.await.is_some());
        let impatient = repeat(&duplicates, "a", 1).await.unwrap_err();
        assert_eq!(impatient.code(), &ErrorCode::Timeout);
        let patient = tokio::spawn({
            let duplicates = duplicates.clone();
            async move { repeat(&duplicates, "a", 2).await }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!patient.is_finished());
        drop(ticket);
        assert_eq!(patient.await.unwrap().unwrap(), "new");
    }

    #[tokio::test]
    async fn bounded() {
        let duplicates = Duplicates::new(WINDOW, 1);
        let _ticket = new(&duplicates, "a", 1).await;
        let full = repeat(&duplicates, "b", 1).await.unwrap_err();
        assert_eq!(full.code(), &ErrorCode::Unavailable);
    }
}
