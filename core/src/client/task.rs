//! The verbs of long-running tasks, and waiting for them.

use alloc::boxed::Box;
use core::pin::pin;
use core::time::Duration;

use bytestring::ByteString;

use super::call::{check_answer, check_response};
use super::{CallOptions, Client, Target, invalid, is_late};
use crate::message::Pattern;
use crate::retry::is_passing;
use crate::task::TaskStatus;
use crate::transport::{Answer, EventKind, Operation, Payload, checked_task_id};
use crate::{Error, ErrorCode, Result};

/// How to wait for a task.
#[derive(Debug, Default)]
#[must_use]
pub struct WaitOptions {
    timeout: Option<Duration>,
    poll_interval: Option<Duration>,
    call: CallOptions,
}

impl WaitOptions {
    /// The defaults: one hour, server events where the node offers them, else a look every second.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long to wait. It bounds the wait, not the task. Default one hour: as long as a node
    /// keeps a finished task at the least.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Asks for the status at this interval instead of listening to the node's events.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = Some(interval);
        self
    }

    /// The options of each request: their time-out, headers and cancellation.
    pub fn call(mut self, call: CallOptions) -> Self {
        self.call = call;
        self
    }
}

const DEFAULT_WAIT: Duration = Duration::from_secs(3600);
const DEFAULT_POLL_INTERVAL: Duration = Duration::from_millis(1000);

impl<P: Payload> Client<P> {
    /// Starts a long-running task and returns its first status, with its id.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub async fn start_task(
        &self,
        action: &str,
        payload: P,
        options: CallOptions,
    ) -> Result<TaskStatus> {
        let call = self.call(action, Pattern::TaskStart, payload, &options)?;
        self.exchange(call, options).await?.into_status()
    }

    /// Asks for a task's status.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke); `task_not_found` and `task_expired` among them.
    pub async fn task_status(&self, task_id: &str, options: CallOptions) -> Result<TaskStatus> {
        let operation = Operation::task_status(task_id)?;
        self.exchange(operation, options).await?.into_status()
    }

    /// Cancels a task and returns its status. Cancelling a finished task changes nothing.
    ///
    /// # Errors
    /// As for [`task_status`](Self::task_status).
    pub async fn cancel_task(&self, task_id: &str, options: CallOptions) -> Result<TaskStatus> {
        let operation = Operation::cancel_task(task_id)?;
        self.exchange(operation, options).await?.into_status()
    }

    /// Gives a task the input that it waits for.
    ///
    /// # Errors
    /// As for [`task_status`](Self::task_status); `task_not_waiting` where it waits for none.
    pub async fn provide_input(
        &self,
        task_id: &str,
        payload: P,
        mut options: CallOptions,
    ) -> Result<TaskStatus> {
        let task_id = checked_task_id(task_id)?;
        options.check()?;
        let limit = options.timeout.unwrap_or(self.shared.settings.timeout);
        let begun = self.now();
        // The input names the task's action, which only the node knows for certain.
        let look_up = Operation::task_status(&task_id)?;
        let answer = Box::pin(self.exchange_within(look_up, &mut options, limit)).await?;
        let action = answer.into_status()?.action.clone();
        let message = self.message(&action, Pattern::TaskStart, payload, &options)?;
        let left = limit.saturating_sub(self.now().saturating_sub(begun));
        let operation = Operation::TaskInput { task_id, message };
        let answer = Box::pin(self.exchange_within(operation, &mut options, left)).await?;
        answer.into_status()
    }

    /// Waits until a task is `Completed`, `Failed`, `Cancelled` or `Rejected`, and tells
    /// `on_progress` each status that differs from the one before.
    ///
    /// # Errors
    /// `timeout`, `aborted`, or an error that lasts: 401, 403, 404, 410. Passing failures do not
    /// end the wait.
    pub async fn wait_for_task(
        &self,
        task_id: &str,
        options: WaitOptions,
        on_progress: impl FnMut(&TaskStatus),
    ) -> Result<TaskStatus> {
        let task_id = checked_task_id(task_id)?;
        let WaitOptions {
            timeout,
            poll_interval,
            mut call,
        } = options;
        call.check()?;
        if poll_interval.is_some_and(|interval| interval.is_zero()) {
            return Err(invalid("pollIntervalMs", "must be more than 0"));
        }
        let limit = timeout.unwrap_or(DEFAULT_WAIT);
        let mut cancel = call.cancel.take();
        let mut wait = Wait {
            client: self,
            target: self.task_target(&task_id, &call)?,
            task_id,
            call,
            on_progress,
            last: None,
        };
        let work = pin!(wait.run(poll_interval));
        self.guard(&mut cancel, self.in_time(limit, work))
            .await
            .map_err(|error| error.with_operation("wait for task"))
    }
}

struct Wait<'a, P: Payload, F> {
    client: &'a Client<P>,
    target: Target,
    task_id: ByteString,
    call: CallOptions,
    on_progress: F,
    last: Option<TaskStatus>,
}

impl<P: Payload, F: FnMut(&TaskStatus)> Wait<'_, P, F> {
    async fn run(&mut self, poll_interval: Option<Duration>) -> Result<TaskStatus> {
        if poll_interval.is_none()
            && self.client.has_feature(&self.target, "taskEvents").await
            && let Some(status) = self.listen().await
        {
            return Ok(status);
        }
        self.poll(poll_interval.unwrap_or(DEFAULT_POLL_INTERVAL))
            .await
    }

    /// Listens to the task's events. `None`: they failed, for whatever reason; polling goes on,
    /// and meets the reason again where it lasts.
    async fn listen(&mut self) -> Option<TaskStatus> {
        let operation = Operation::TaskEvents {
            task_id: self.task_id.clone(),
        };
        let mut request = self.client.request(operation, &self.call);
        let limit = self.limit();
        let attempts = self
            .client
            .attempts(&mut self.target, &mut request, limit, true);
        let reply = attempts.await;
        let mut events = reply.ok()?.opened().ok()?.events;
        let silence = self.client.shared.settings.liveness_timeout;
        while let Some(Ok(Some(batch))) = self.client.within(silence, events.next()).await {
            for event in batch.events {
                if event.kind != EventKind::Status {
                    continue;
                }
                check_response(&event.message, None).ok()?;
                let answer = Answer::Message(Box::new(event.message));
                if let Some(last) = self.observe(answer.into_status().ok()?) {
                    return Some(last);
                }
            }
            if batch.failure.is_some() {
                return None;
            }
        }
        None
    }

    async fn poll(&mut self, interval: Duration) -> Result<TaskStatus> {
        loop {
            let operation = Operation::TaskStatus {
                task_id: self.task_id.clone(),
            };
            let mut request = self.client.request(operation, &self.call);
            let limit = self.limit();
            // The next look is the retry.
            let attempts = self
                .client
                .attempts(&mut self.target, &mut request, limit, false);
            let reply = attempts.await;
            let mut delay = interval;
            match reply {
                Ok(reply) => {
                    let answer = check_answer(&request, reply.answer()?)?;
                    if let Some(last) = self.observe(answer.into_status()?) {
                        return Ok(last);
                    }
                }
                Err(error) if may_pass(&error) => {
                    delay = delay.max(error.retry_after().unwrap_or_default());
                }
                Err(error) => return Err(error),
            }
            self.client.shared.platform.sleep(delay).await;
        }
    }

    fn limit(&self) -> Duration {
        self.call
            .timeout
            .unwrap_or(self.client.shared.settings.timeout)
    }

    /// Tells a status that is news, and gives the final one back.
    fn observe(&mut self, status: TaskStatus) -> Option<TaskStatus> {
        if self.last.as_ref() != Some(&status) {
            (self.on_progress)(&status);
        }
        if status.state.is_final() {
            return Some(status);
        }
        self.last = Some(status);
        None
    }
}

/// Whether a later look may succeed: also where the node could not be looked up for the time being.
fn may_pass(error: &Error) -> bool {
    let not_located = *error.code() == ErrorCode::AddressNotFound && error.is_retryable();
    is_passing(error) || is_late(error) || not_located
}
