//! The log of calls, for tests that want to know what their client sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::faults::Operation;

/// How many calls are kept; older ones make way.
const CAPACITY: usize = 10_000;

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedCall {
    /// Counted from 1.
    pub number: u64,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// What was asked for.
    pub operation: Operation,
    /// The headers, with names in lower case, and without what credentials say.
    pub headers: BTreeMap<String, String>,
    /// The id of the message.
    pub message_id: Option<String>,
    /// The correlation id of the message.
    pub correlation_id: Option<String>,
    /// The action that the message names.
    pub action: Option<String>,
    /// A hash of the body: attempts of one call must have the same.
    pub body_sha256: Option<String>,
    /// When it came.
    pub received_at: String,
    /// The status of the answer; none while it is being handled, or where the connection was closed
    /// without an answer.
    pub status: Option<u16>,
    /// How far the answer's body got.
    pub body: BodyProgress,
}

/// How far the body of an answer got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyProgress {
    /// It is not over.
    Open,
    /// It was taken to its end.
    Complete,
    /// The connection was closed before its end.
    Aborted,
}

/// The log of a server. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CallLog(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    calls: VecDeque<RecordedCall>,
    count: u64,
}

impl CallLog {
    /// The calls, oldest first.
    pub fn list(&self) -> Vec<RecordedCall> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets the calls.
    pub fn clear(&self) {
        self.lock().calls.clear();
    }

    pub(crate) fn record(&self, mut call: RecordedCall) -> Tracker {
        let mut log = self.lock();
        log.count += 1;
        call.number = log.count;
        if log.calls.len() >= CAPACITY {
            log.calls.pop_front();
        }
        log.calls.push_back(call);
        Tracker {
            log: self.clone(),
            number: log.count,
            complete: false,
        }
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut RecordedCall)) {
        let mut log = self.lock();
        if let Some(call) = log
            .calls
            .iter_mut()
            .rev()
            .find(|call| call.number == number)
        {
            change(call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows one call. Dropped early, it says that the connection was closed.
pub(crate) struct Tracker {
    log: CallLog,
    number: u64,
    complete: bool,
}

impl Tracker {
    pub(crate) fn status(&self, status: u16) {
        self.log
            .update(self.number, |call| call.status = Some(status));
    }

    pub(crate) fn complete(mut self) {
        self.complete = true;
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        let body = match self.complete {
            true => BodyProgress::Complete,
            false => BodyProgress::Aborted,
        };
        self.log.update(self.number, |call| call.body = body);
    }
}
