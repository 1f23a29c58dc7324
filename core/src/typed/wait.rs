use std::future::IntoFuture;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::typed;
use crate::Result;
use crate::client::{CallOptions, Client, WaitOptions};
use crate::json::Json;
use crate::platform::{BoxFuture, MaybeSend};
use crate::task::TaskStatus;

/// A wait that has not begun: awaiting it begins it.
#[must_use = "nothing is sent until the wait is awaited"]
pub struct WaitCall<'a, R> {
    client: &'a Client<Json>,
    task_id: String,
    options: WaitOptions,
    on_progress: Option<OnProgress<'a>>,
    result: std::marker::PhantomData<fn() -> R>,
}

#[cfg(not(target_arch = "wasm32"))]
type OnProgress<'a> = Box<dyn FnMut(&TaskStatus) + Send + 'a>;
#[cfg(target_arch = "wasm32")]
type OnProgress<'a> = Box<dyn FnMut(&TaskStatus) + 'a>;

impl<'a, R> WaitCall<'a, R> {
    pub(super) fn new(client: &'a Client<Json>, task_id: &str) -> Self {
        Self {
            client,
            task_id: task_id.to_owned(),
            options: WaitOptions::new(),
            on_progress: None,
            result: std::marker::PhantomData,
        }
    }

    /// How long to wait; it bounds the wait, not the task. Default one hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.timeout(timeout);
        self
    }

    /// Asks for the status at this interval. Default: the node's events where it offers them, else
    /// every second.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options = self.options.poll_interval(interval);
        self
    }

    /// Tells each status that differs from the one before, the last included.
    pub fn on_progress(mut self, tell: impl FnMut(&TaskStatus) + MaybeSend + 'a) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// The options of each request: their time-out, headers and cancellation.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = self.options.call(options);
        self
    }
}

impl<'a, R: DeserializeOwned + 'a> IntoFuture for WaitCall<'a, R> {
    type Output = Result<TaskStatus<R>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            task_id,
            options,
            on_progress,
            result: _,
        } = self;
        Box::pin(async move {
            let mut on_progress = on_progress;
            let tell = |status: &TaskStatus| {
                if let Some(tell) = &mut on_progress {
                    tell(status);
                }
            };
            typed(client.wait_for_task(&task_id, options, tell).await?)
        })
    }
}
