//! One task: its state, its run and its messages.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ancp_core::message::{Caller as CallerMeta, ErrorMeta, Message, Ncp, TaskMeta};
use ancp_core::{ErrorCode, Json, TaskState};
use bytestring::ByteString;
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Failure;
use crate::answer::{Identity, Thread, now, random_name};
use crate::auth::{Caller, CallerKey};
use crate::handler::Run;
use crate::limits::Limits;

/// What a task is about.
pub(crate) struct About {
    pub(crate) identity: Arc<Identity>,
    pub(crate) thread: Thread,
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) cancellation: CancellationToken,
}

pub(super) struct Entry {
    pub(super) id: String,
    pub(super) owner: CallerKey,
    pub(super) about: About,
    created_at: ByteString,
    pub(super) snapshot: watch::Sender<Snapshot>,
    /// Takes the input where the task waits for it.
    input: Mutex<Option<TakeInput>>,
}

/// Refuses input that is not what the handler asked for.
type TakeInput = Box<dyn FnMut(&Json) -> Result<(), Failure> + Send>;

#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) state: TaskState,
    pub(super) progress: Option<f64>,
    pub(super) message: Option<ByteString>,
    updated_at: ByteString,
    result: Json,
    error: Option<ErrorMeta>,
    finished: Option<Instant>,
    /// The handler has reported something: it can't reject the work any more.
    pub(super) begun: bool,
}

impl Snapshot {
    fn new() -> Self {
        Self {
            state: TaskState::Pending,
            progress: None,
            message: None,
            updated_at: now(),
            result: Json::null(),
            error: None,
            finished: None,
            begun: false,
        }
    }
}

impl Entry {
    pub(super) fn new(about: About) -> Self {
        Self {
            id: random_name(),
            owner: about.caller.key(),
            about,
            created_at: now(),
            snapshot: watch::Sender::new(Snapshot::new()),
            input: Mutex::default(),
        }
    }

    /// Changes the snapshot, unless the task is over: a final state never changes.
    pub(super) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshot.send_if_modified(|snapshot| {
            if snapshot.state.is_final() {
                return false;
            }
            change(snapshot);
            snapshot.updated_at = now();
            true
        });
    }

    pub(super) fn finish(&self, state: TaskState, result: Json, error: Option<ErrorMeta>) {
        self.update(|snapshot| {
            snapshot.finished = Some(Instant::now());
            if state == TaskState::Completed {
                snapshot.progress = Some(1.0);
            }
            snapshot.state = state;
            snapshot.result = result;
            snapshot.error = error;
        });
        self.lock_input().take();
    }

    pub(super) fn wait_for_input(
        &self,
        message: String,
        take: impl FnMut(&Json) -> Result<(), Failure> + Send + 'static,
    ) {
        // Under the lock: whoever sees the state finds who takes the input.
        let mut slot = self.lock_input();
        *slot = Some(Box::new(take));
        self.update(|snapshot| {
            snapshot.begun = true;
            snapshot.state = TaskState::InputRequired;
            snapshot.message = Some(message.into());
        });
    }

    pub(super) fn take_input(&self, input: &Json) -> Result<(), Failure> {
        let mut slot = self.lock_input();
        let waiting = self.snapshot.borrow().state == TaskState::InputRequired;
        let Some(take) = slot.as_mut().filter(|_| waiting) else {
            let message = "the task does not wait for input";
            return Err(Failure::new(ErrorCode::TaskNotWaiting, message));
        };
        take(input)?;
        *slot = None;
        self.update(|snapshot| snapshot.state = TaskState::Running);
        Ok(())
    }

    pub(super) fn is_outdated(&self, limits: &Limits) -> bool {
        let finished = self.snapshot.borrow().finished;
        finished.is_some_and(|at| Instant::now() >= at + limits.task_retention)
    }

    pub(super) fn status(&self, caller: &Caller) -> TaskStatus {
        TaskStatus {
            id: self.id.clone(),
            message: self.message(&self.snapshot.borrow(), caller.to_meta()),
        }
    }

    /// The answer to whoever began the task; `caller` is who asks.
    pub(super) fn message(&self, snapshot: &Snapshot, caller: CallerMeta) -> Message<Json> {
        let task = TaskMeta {
            task_id: self.id.as_str().into(),
            action: self.about.action.as_str().into(),
            state: snapshot.state.as_str().into(),
            progress: snapshot.progress,
            message: snapshot.message.clone(),
            created_at: self.created_at.clone(),
            updated_at: snapshot.updated_at.clone(),
            error: snapshot.error.clone().map(Box::new),
        };
        let ncp = Ncp {
            caller: Some(Box::new(caller)),
            task: Some(Box::new(task)),
            ..Ncp::default()
        };
        let About {
            identity, thread, ..
        } = &self.about;
        identity.answer(thread, ncp, snapshot.result.clone())
    }

    fn lock_input(&self) -> MutexGuard<'_, Option<TakeInput>> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a task stood, as an answer.
pub(crate) struct TaskStatus {
    pub(crate) id: String,
    pub(crate) message: Message<Json>,
}

/// Runs the handler to its end.
pub(super) async fn work(entry: Arc<Entry>, run: Run) {
    entry.update(|snapshot| snapshot.state = TaskState::Running);
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|_| Err(Failure::handler("the handler panicked")));
    match outcome {
        Ok(result) => entry.finish(TaskState::Completed, result, None),
        Err(failure) => {
            let begun = entry.snapshot.borrow().begun;
            let state = match failure.is_rejection() && !begun {
                true => TaskState::Rejected,
                false => TaskState::Failed,
            };
            entry.finish(state, Json::null(), Some(failure.to_meta()));
        }
    }
}
