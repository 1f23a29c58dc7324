//! What is known of a long-running task.

use alloc::boxed::Box;
use core::fmt;

use bytestring::ByteString;

use crate::json::Json;
use crate::message::{ErrorMeta, TaskMeta};

/// A task's status. `R` is the type of its result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaskStatus<R = Json> {
    /// The task's id: letters, digits, `_` and `-`.
    pub task_id: ByteString,
    /// The action that runs.
    pub action: ByteString,
    /// Where it stands.
    pub state: TaskState,
    /// From 0 to 1, where the handler tells.
    pub progress: Option<f64>,
    /// What it is at, for people.
    pub message: Option<ByteString>,
    /// RFC 3339.
    pub created_at: ByteString,
    /// RFC 3339.
    pub updated_at: ByteString,
    /// Why it failed.
    pub error: Option<ErrorMeta>,
    /// What it came to; `Completed` tasks only.
    pub result: Option<R>,
}

#[cfg(feature = "serde")]
impl<R> TaskStatus<R> {
    /// The same status with its result as another type.
    pub(crate) fn try_map<T, E>(
        self,
        map: impl FnOnce(R) -> Result<T, E>,
    ) -> Result<TaskStatus<T>, E> {
        Ok(TaskStatus {
            result: self.result.map(map).transpose()?,
            task_id: self.task_id,
            action: self.action,
            state: self.state,
            progress: self.progress,
            message: self.message,
            created_at: self.created_at,
            updated_at: self.updated_at,
            error: self.error,
        })
    }
}

impl TaskStatus {
    pub(crate) fn new(task: TaskMeta, payload: Json) -> Self {
        let state = TaskState::from(task.state.as_ref());
        Self {
            task_id: task.task_id,
            action: task.action,
            result: (state == TaskState::Completed).then_some(payload),
            state,
            progress: task.progress,
            message: task.message,
            created_at: task.created_at,
            updated_at: task.updated_at,
            error: task.error.map(|error| *error),
        }
    }
}

/// Where a task stands. The last four of the known states are final and never change.
///
/// ```
/// use ancp_core::TaskState;
/// assert!(TaskState::from("Completed").is_final());
/// assert!(!TaskState::from("Paused").is_final()); // unknown states are kept, and not final
/// assert_eq!(TaskState::from("Paused").as_str(), "Paused");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// Not begun.
    Pending,
    /// At work.
    Running,
    /// Waits for `provide_input`.
    InputRequired,
    /// Done, with a result.
    Completed,
    /// Failed, with an error.
    Failed,
    /// Cancelled.
    Cancelled,
    /// Refused by the handler before any work.
    Rejected,
    /// A state that this version does not know.
    Other(Box<str>),
}

impl TaskState {
    /// The state as it stands on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::InputRequired => "InputRequired",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Rejected => "Rejected",
            Self::Other(text) => text,
        }
    }

    /// Whether the task is over.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Rejected
        )
    }
}

impl From<&str> for TaskState {
    fn from(text: &str) -> Self {
        match text {
            "Pending" => Self::Pending,
            "Running" => Self::Running,
            "InputRequired" => Self::InputRequired,
            "Completed" => Self::Completed,
            "Failed" => Self::Failed,
            "Cancelled" => Self::Cancelled,
            "Rejected" => Self::Rejected,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
