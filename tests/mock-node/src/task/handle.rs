//! The handler's side of a task.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::entry::Entry;
use crate::Failure;
use crate::context::read_payload;

/// The handler's side of a task.
#[derive(Clone)]
pub(crate) struct TaskHandle(Arc<Entry>);

impl TaskHandle {
    pub(super) fn new(entry: Arc<Entry>) -> Self {
        Self(entry)
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    pub(crate) fn progress(&self, progress: f64, message: String) {
        if progress.is_nan() {
            return;
        }
        self.0.update(|snapshot| {
            snapshot.begun = true;
            snapshot.progress = Some(progress.clamp(0.0, 1.0));
            snapshot.message = Some(message.into());
        });
    }

    pub(crate) async fn request_input<I>(&self, message: String) -> Result<I, Failure>
    where
        I: DeserializeOwned + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        self.0.wait_for_input(message, move |input| {
            let input = read_payload::<I>(input)?;
            // A handler that no longer waits does not mind.
            sender.take().map(|sender| sender.send(input).ok());
            Ok(())
        });
        tokio::select! {
            input = receiver => Ok(input?),
            () = self.0.about.cancellation.cancelled() => {
                Err(Failure::handler("cancelled while waiting for input"))
            }
        }
    }
}

impl std::fmt::Debug for TaskHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TaskHandle").field(&self.id()).finish()
    }
}
