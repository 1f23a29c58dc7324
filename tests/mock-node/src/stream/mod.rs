//! Streams: their buffers, their connections and their end (wire contract, section 4).

mod buffer;
mod connection;
mod entry;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ancp_core::ErrorCode;
use ancp_core::message::Caller as CallerMeta;
use tokio::sync::watch;
use tokio::time::Instant;

pub use connection::{StreamConnection, StreamEvent};
pub(crate) use entry::About;

use crate::Failure;
use crate::answer::random_name;
use crate::auth::{Caller, CallerKey};
use crate::handler::Items;
use crate::limits::Limits;
use buffer::State;
use entry::{End, Entry, produce};

/// The streams of a node.
pub(crate) struct Streams {
    limits: Limits,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    by_id: HashMap<String, Slot>,
    purged: Option<Instant>,
}

impl Slots {
    /// Forgets what is over, but not at every call: it looks at all of them.
    fn purge(&mut self) {
        let now = Instant::now();
        if self.purged.is_none_or(|at| now >= at + PURGE_INTERVAL) {
            self.purged = Some(now);
            self.by_id
                .retain(|_, slot| !matches!(slot, Slot::Gone(_, until) if *until <= now));
        }
    }
}

const PURGE_INTERVAL: Duration = Duration::from_secs(1);

enum Slot {
    Live(Arc<Entry>),
    /// Ended: `stream_expired` until then, unknown later.
    Gone(CallerKey, Instant),
}

impl Streams {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            slots: Mutex::default(),
        })
    }

    /// Begins a stream, with the connection of whoever began it.
    pub(crate) fn open(
        self: &Arc<Self>,
        about: About,
        items: impl FnOnce() -> Result<Items, Failure>,
    ) -> Result<StreamConnection, Failure> {
        let mut slots = self.lock();
        slots.purge();
        if slots.by_id.len() >= self.limits.max_live {
            return Err(Failure::new(ErrorCode::Unavailable, "too many streams"));
        }
        let entry = Arc::new(Entry {
            id: random_name(),
            owner: about.caller.key(),
            about,
            limits: self.limits,
            state: watch::Sender::new(State::default()),
        });
        tokio::spawn(produce(entry.clone(), items()?));
        slots
            .by_id
            .insert(entry.id.clone(), Slot::Live(entry.clone()));
        drop(slots);
        let caller = entry.about.caller.to_meta();
        self.connect(entry, caller, 0)
    }

    /// Connects to a stream behind the chunk `after`. The old connection ends.
    pub(crate) fn resume(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        after: u64,
    ) -> Result<StreamConnection, Failure> {
        let entry = self.find(caller, id)?;
        if !entry.about.resumable {
            return Err(expired("the stream can't be resumed"));
        }
        self.connect(entry, caller.to_meta(), after)
    }

    fn connect(
        self: &Arc<Self>,
        entry: Arc<Entry>,
        caller: CallerMeta,
        after: u64,
    ) -> Result<StreamConnection, Failure> {
        StreamConnection::new(self.clone(), entry, caller, after)
            .ok_or_else(|| expired("the stream does not reach from there, or no longer"))
    }

    /// Ends a stream. One that is not there, or not the caller's, is left as it is.
    pub(crate) fn end(&self, caller: &Caller, id: &str) {
        if let Ok(entry) = self.find(caller, id) {
            self.close(&entry, self.limits.resume_window, |_| true);
        }
    }

    /// Ends all streams with an error.
    pub(crate) fn shut_down(&self) {
        for slot in self.lock().by_id.values() {
            if let Slot::Live(entry) = slot {
                entry.end(End::Error(Failure::new(
                    ErrorCode::Unavailable,
                    "the node is shutting down",
                )));
                entry.about.cancellation.cancel();
            }
        }
    }

    fn find(&self, caller: &Caller, id: &str) -> Result<Arc<Entry>, Failure> {
        let slots = self.lock();
        let visible = |owner: &CallerKey| caller.is_admin() || *owner == caller.key();
        match slots.by_id.get(id) {
            Some(Slot::Live(entry)) if visible(&entry.owner) => Ok(entry.clone()),
            Some(Slot::Gone(owner, until)) if visible(owner) && Instant::now() < *until => {
                Err(expired("the stream has ended"))
            }
            _ => Err(Failure::new(ErrorCode::StreamNotFound, "no such stream")),
        }
    }

    fn close(&self, entry: &Entry, remembered: Duration, wanted: impl FnOnce(&State) -> bool) {
        let closed = entry.state.send_if_modified(|state| {
            let closes = !state.closed && wanted(state);
            state.closed |= closes;
            closes
        });
        if closed {
            entry.about.cancellation.cancel();
            let gone = Slot::Gone(entry.owner.clone(), Instant::now() + remembered);
            self.lock().by_id.insert(entry.id.clone(), gone);
        }
    }

    /// Forgets a stream that nobody has come back to.
    fn expire(&self, entry: &Entry, connection: u64) {
        let abandoned = |state: &State| state.connection == connection;
        self.close(entry, self.limits.duplicate_window, abandoned);
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn expired(message: &str) -> Failure {
    Failure::new(ErrorCode::StreamExpired, message)
}
