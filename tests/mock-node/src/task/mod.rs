//! Tasks: their states, their events and their store (wire contract, section 5).

mod entry;
mod handle;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ancp_core::{ErrorCode, Json, TaskState};
use tokio::time::Instant;

pub(crate) use entry::{About, TaskStatus};
pub(crate) use handle::TaskHandle;
pub use watch::TaskWatch;

use crate::Failure;
use crate::auth::{Caller, CallerKey};
use crate::handler::Run;
use crate::limits::Limits;
use entry::{Entry, work};

/// The tasks of a node.
pub(crate) struct Tasks {
    limits: Limits,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    by_id: HashMap<String, Slot>,
    purged: Option<Instant>,
}

enum Slot {
    Kept(Arc<Entry>),
    /// Once there: `task_expired` until then, unknown later.
    Expired(CallerKey, Instant),
}

const PURGE_INTERVAL: Duration = Duration::from_secs(1);
/// How many times longer than the task itself it is remembered that there was one.
const EXPIRED_FACTOR: u32 = 24;

impl Tasks {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            slots: Mutex::default(),
        }
    }

    /// Begins a task and gives its first status.
    pub(crate) fn start(
        &self,
        about: About,
        run: impl FnOnce(TaskHandle) -> Result<Run, Failure>,
    ) -> Result<TaskStatus, Failure> {
        let mut slots = self.lock();
        slots.purge(&self.limits);
        if slots.by_id.len() >= self.limits.max_live {
            return Err(Failure::new(ErrorCode::Unavailable, "too many tasks"));
        }
        let entry = Arc::new(Entry::new(about));
        let run = run(TaskHandle::new(entry.clone()))?;
        let status = entry.status(&entry.about.caller);
        tokio::spawn(work(entry.clone(), run));
        slots.by_id.insert(entry.id.clone(), Slot::Kept(entry));
        Ok(status)
    }

    /// How a task stands.
    pub(crate) fn status(&self, caller: &Caller, id: &str) -> Result<TaskStatus, Failure> {
        Ok(self.find(caller, id)?.status(caller))
    }

    /// The action of a task.
    pub(crate) fn action(&self, caller: &Caller, id: &str) -> Result<String, Failure> {
        Ok(self.find(caller, id)?.about.action.clone())
    }

    /// Follows a task.
    pub(crate) fn watch(&self, caller: &Caller, id: &str) -> Result<TaskWatch, Failure> {
        let entry = self.find(caller, id)?;
        Ok(TaskWatch::new(entry, caller.to_meta()))
    }

    /// Cancels a task; one that is over stays as it is.
    pub(crate) fn cancel(&self, caller: &Caller, id: &str) -> Result<TaskStatus, Failure> {
        let entry = self.find(caller, id)?;
        entry.finish(TaskState::Cancelled, Json::null(), None);
        entry.about.cancellation.cancel();
        Ok(entry.status(caller))
    }

    /// Gives a task the input that it waits for.
    pub(crate) fn input(
        &self,
        caller: &Caller,
        id: &str,
        input: &Json,
    ) -> Result<TaskStatus, Failure> {
        let entry = self.find(caller, id)?;
        entry.take_input(input)?;
        Ok(entry.status(caller))
    }

    /// Cancels all tasks.
    pub(crate) fn shut_down(&self) {
        for slot in self.lock().by_id.values() {
            if let Slot::Kept(entry) = slot {
                entry.finish(TaskState::Cancelled, Json::null(), None);
                entry.about.cancellation.cancel();
            }
        }
    }

    fn find(&self, caller: &Caller, id: &str) -> Result<Arc<Entry>, Failure> {
        let slots = self.lock();
        let visible = |owner: &CallerKey| caller.is_admin() || *owner == caller.key();
        let expired = || Failure::new(ErrorCode::TaskExpired, "the task is no longer kept");
        match slots.by_id.get(id) {
            Some(Slot::Kept(entry)) if visible(&entry.owner) => {
                match entry.is_outdated(&self.limits) {
                    true => Err(expired()),
                    false => Ok(entry.clone()),
                }
            }
            Some(Slot::Expired(owner, until)) if visible(owner) && Instant::now() < *until => {
                Err(expired())
            }
            _ => Err(Failure::new(ErrorCode::TaskNotFound, "no such task")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// Forgets what is over, but not at every call: it looks at all of them.
    fn purge(&mut self, limits: &Limits) {
        let now = Instant::now();
        if self.purged.is_some_and(|at| now < at + PURGE_INTERVAL) {
            return;
        }
        self.purged = Some(now);
        self.by_id
            .retain(|_, slot| !matches!(slot, Slot::Expired(_, until) if *until <= now));
        for slot in self.by_id.values_mut() {
            if let Slot::Kept(entry) = slot
                && entry.is_outdated(limits)
            {
                let until = now + limits.task_retention * EXPIRED_FACTOR;
                *slot = Slot::Expired(entry.owner.clone(), until);
            }
        }
    }
}
