//! Following a task.

use std::sync::Arc;

use ancp_core::Json;
use ancp_core::message::{Caller as CallerMeta, Message};
use tokio::sync::watch;

use super::entry::{Entry, Snapshot};

/// Follows the states of a task: the present one at once, then each change, to the end.
pub struct TaskWatch {
    entry: Arc<Entry>,
    caller: CallerMeta,
    snapshot: watch::Receiver<Snapshot>,
    first: bool,
    ended: bool,
}

impl TaskWatch {
    pub(super) fn new(entry: Arc<Entry>, caller: CallerMeta) -> Self {
        Self {
            snapshot: entry.snapshot.subscribe(),
            entry,
            caller,
            first: true,
            ended: false,
        }
    }

    /// The next status. `None` behind a final one. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Message<Json>> {
        if self.ended {
            return None;
        }
        if !self.first {
            self.snapshot.changed().await.ok()?;
        }
        self.first = false;
        let snapshot = self.snapshot.borrow_and_update();
        self.ended = snapshot.state.is_final();
        Some(self.entry.message(&snapshot, self.caller.clone()))
    }
}
