//! What a handler gets.

use std::ops::Deref;

use ancp_core::Json;
use ancp_core::message::NodeId;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::task::TaskHandle;
use crate::{ErrorCode, Failure};

/// One call of an action. `T` is the payload: any type that serde reads, or [`Json`] for the text as
/// it came.
#[derive(Clone, Debug)]
pub struct ActionContext<T = Json> {
    /// The payload.
    pub payload: T,
    /// What stands around it.
    pub call: CallContext,
}

/// The circumstances of a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallContext {
    /// The action called.
    pub action: String,
    /// The node called.
    pub node_id: NodeId,
    /// The node's tenant.
    pub tenant_id: String,
    /// Who calls.
    pub caller: Caller,
    /// The id of the message.
    pub message_id: String,
    /// The correlation id of the answers.
    pub correlation_id: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// W3C trace context, vendors' part.
    pub tracestate: Option<String>,
    /// Proof of payment.
    pub receipt_id: Option<String>,
    /// Cancelled when nobody waits for the work any more: the handler timed out, the task was
    /// cancelled, the stream was ended, or the node shuts down.
    pub cancellation: CancellationToken,
}

impl ActionContext<Json> {
    /// Reads the payload; a failure refuses the call before it reaches the handler.
    pub(crate) fn typed<T: DeserializeOwned>(self) -> Result<ActionContext<T>, Failure> {
        let payload = read_payload(&self.payload)?;
        Ok(ActionContext {
            payload,
            call: self.call,
        })
    }
}

pub(crate) fn read_payload<T: DeserializeOwned>(payload: &Json) -> Result<T, Failure> {
    payload.to().map_err(|error| {
        let message = format!("the payload is not what the action takes: {error}");
        Failure::new(ErrorCode::InvalidPayload, message)
    })
}

impl<T> Deref for ActionContext<T> {
    type Target = CallContext;

    fn deref(&self) -> &CallContext {
        &self.call
    }
}

/// The run of a task: the call that began it, and the way to report.
#[derive(Clone, Debug)]
pub struct TaskContext<T = Json> {
    /// The payload.
    pub payload: T,
    /// What stands around it.
    pub call: CallContext,
    pub(crate) task: TaskHandle,
}

impl<T> TaskContext<T> {
    /// The task's id.
    pub fn task_id(&self) -> &str {
        self.task.id()
    }

    /// Reports progress from 0 to 1, with a sentence for people.
    pub fn progress(&self, progress: f64, message: impl Into<String>) {
        self.task.progress(progress, message.into());
    }

    /// Puts the task into `InputRequired` and waits for input. Input that is no `I` is refused with
    /// `invalid_payload`, and the task waits on. Fails when the task is cancelled meanwhile.
    pub async fn request_input<I>(&self, message: impl Into<String>) -> Result<I, Failure>
    where
        I: DeserializeOwned + Send + 'static,
    {
        self.task.request_input(message.into()).await
    }
}

impl<T> Deref for TaskContext<T> {
    type Target = CallContext;

    fn deref(&self) -> &CallContext {
        &self.call
    }
}
