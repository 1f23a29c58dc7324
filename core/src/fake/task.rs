use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::task::Waker;
use core::time::Duration;

use bytestring::ByteString;

use crate::json::Json;
use crate::message::{ErrorMeta, TaskMeta};
use crate::task::TaskState;
use crate::{Error, ErrorCode};

/// The scripted life of a task. It begins `Pending` and takes a step each time that it is looked
/// at, once the step's wait is over. At `InputRequired` it stays until input is provided.
///
/// ```
/// use ancp_core::fake::{FakeStep, FakeTask};
/// use ancp_core::Json;
/// let task = FakeTask::new([
///     FakeStep::running(0.5),
///     FakeStep::completed(Json::parse(r#"{"paid": 12}"#)?),
/// ]);
/// # Ok::<(), ancp_core::json::InvalidJson>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeTask {
    steps: VecDeque<FakeStep>,
}

impl FakeTask {
    /// A task that takes these steps.
    pub fn new(steps: impl IntoIterator<Item = FakeStep>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }

    /// A task that completes at once.
    pub fn completes(result: Json) -> Self {
        Self::new([FakeStep::completed(result)])
    }
}

/// One step in the life of a fake task.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeStep {
    state: TaskState,
    progress: Option<f64>,
    message: Option<ByteString>,
    result: Json,
    error: Option<ErrorMeta>,
    delay: Duration,
}

impl FakeStep {
    /// A step to a state.
    pub fn new(state: TaskState) -> Self {
        Self {
            state,
            progress: None,
            message: None,
            result: Json::null(),
            error: None,
            delay: Duration::ZERO,
        }
    }

    /// At work, with a progress from 0 to 1.
    pub fn running(progress: f64) -> Self {
        let mut step = Self::new(TaskState::Running);
        step.progress = Some(progress);
        step
    }

    /// Waiting for input; the message says for what.
    pub fn input_required(message: impl Into<String>) -> Self {
        Self::new(TaskState::InputRequired).message(message)
    }

    /// Done.
    pub fn completed(result: Json) -> Self {
        let mut step = Self::new(TaskState::Completed);
        step.progress = Some(1.0);
        step.result = result;
        step
    }

    /// Failed.
    pub fn failed(error: &Error) -> Self {
        let mut step = Self::new(TaskState::Failed);
        step.error = Some(error_meta(error));
        step
    }

    /// What the step says, for people.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(ByteString::from(message.into()));
        self
    }

    /// The wait before the step.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

pub(super) fn error_meta(error: &Error) -> ErrorMeta {
    ErrorMeta {
        code: error.code().clone(),
        message: error.message().into(),
        retryable: error.is_retryable(),
        details: error.details().cloned(),
    }
}

/// A task at work.
pub(super) struct TaskRun {
    pub(super) meta: TaskMeta,
    pub(super) result: Json,
    pub(super) correlation_id: Option<ByteString>,
    steps: VecDeque<FakeStep>,
    /// When it came to where it is.
    since: Duration,
    waiting: Vec<Waker>,
}

/// Whether a look at a task found it where it was before.
pub(super) enum Look {
    /// It has taken a step.
    News,
    /// It will take one after a while; without one, when something is done to it.
    Wait(Option<Duration>),
}

impl TaskRun {
    pub(super) fn new(
        meta: TaskMeta,
        correlation_id: Option<ByteString>,
        task: FakeTask,
        now: Duration,
    ) -> Self {
        Self {
            meta,
            result: Json::null(),
            correlation_id,
            steps: task.steps,
            since: now,
            waiting: Vec::new(),
        }
    }

    fn state(&self) -> TaskState {
        TaskState::from(&*self.meta.state)
    }

    pub(super) fn is_final(&self) -> bool {
        self.state().is_final()
    }

    /// Takes the next step, if it is due.
    pub(super) fn look(&mut self, now: Duration, timestamp: &ByteString) -> Look {
        if self.is_final() || self.state() == TaskState::InputRequired {
            return Look::Wait(None);
        }
        let Some(next) = self.steps.front() else {
            return Look::Wait(None);
        };
        let waited = now.saturating_sub(self.since);
        if waited < next.delay {
            return Look::Wait(Some(next.delay - waited));
        }
        if let Some(step) = self.steps.pop_front() {
            self.take(step, now, timestamp);
        }
        Look::News
    }

    fn take(&mut self, step: FakeStep, now: Duration, timestamp: &ByteString) {
        let FakeStep {
            state,
            progress,
            message,
            result,
            error,
            delay: _,
        } = step;
        self.meta.state = state.as_str().into();
        self.meta.progress = progress.or(self.meta.progress);
        self.meta.message = message;
        self.meta.error = error.map(Box::new);
        self.meta.updated_at = timestamp.clone();
        self.result = result;
        self.since = now;
        self.wake();
    }

    /// Another step at the end of the script.
    pub(super) fn push(&mut self, step: FakeStep) {
        self.steps.push_back(step);
        self.wake();
    }

    pub(super) fn provide_input(
        &mut self,
        now: Duration,
        timestamp: &ByteString,
    ) -> Result<(), Error> {
        if self.state() != TaskState::InputRequired {
            return Err(Error::new(
                ErrorCode::TaskNotWaiting,
                "the task waits for no input",
            ));
        }
        self.take(FakeStep::new(TaskState::Running), now, timestamp);
        Ok(())
    }

    pub(super) fn cancel(&mut self, now: Duration, timestamp: &ByteString) {
        if !self.is_final() {
            self.take(FakeStep::new(TaskState::Cancelled), now, timestamp);
        }
    }

    /// Wakes a listener when something is done to the task.
    pub(super) fn wait(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|waiting| waiting.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    fn wake(&mut self) {
        self.waiting.drain(..).for_each(Waker::wake);
    }
}
