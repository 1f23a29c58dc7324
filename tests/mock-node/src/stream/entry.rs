//! One stream: its handler and its messages.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use ancp_core::Json;
use ancp_core::message::{Message, Ncp, StreamMeta};
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::buffer::State;
use crate::Failure;
use crate::answer::{Identity, Thread, error_ncp};
use crate::auth::{Caller, CallerKey};
use crate::handler::Items;
use crate::limits::Limits;

/// What a stream is about.
pub(crate) struct About {
    pub(crate) identity: Arc<Identity>,
    pub(crate) thread: Thread,
    pub(crate) caller: Caller,
    pub(crate) resumable: bool,
    /// Cancelled when nobody wants the stream any more.
    pub(crate) cancellation: CancellationToken,
}

pub(super) struct Entry {
    pub(super) id: String,
    pub(super) owner: CallerKey,
    pub(super) about: About,
    pub(super) limits: Limits,
    pub(super) state: watch::Sender<State>,
}

pub(super) enum End {
    Done,
    Error(Failure),
}

impl Entry {
    fn message(&self, stream: Option<StreamMeta>, payload: Json) -> Message<Json> {
        let ncp = Ncp {
            stream,
            ..Ncp::default()
        };
        self.about.identity.answer(&self.about.thread, ncp, payload)
    }

    fn chunk(&self, payload: Json) {
        self.state.send_modify(|state| {
            if state.end.is_some() || state.closed {
                return;
            }
            let meta = StreamMeta {
                stream_id: self.id.as_str().into(),
                sequence: state.last + 1,
                resumable: self.about.resumable,
                is_final: false,
            };
            state.push(self.message(Some(meta), payload), &self.limits);
        });
    }

    /// Ends the stream, once.
    pub(super) fn end(&self, end: End) {
        self.state.send_modify(|state| {
            if state.end.is_some() {
                return;
            }
            state.failed = matches!(end, End::Error(_));
            state.end = Some(match end {
                End::Done => {
                    let meta = StreamMeta {
                        stream_id: self.id.as_str().into(),
                        sequence: state.last,
                        // Stands on chunks only.
                        resumable: false,
                        is_final: true,
                    };
                    self.message(Some(meta), Json::null())
                }
                End::Error(failure) => {
                    let About {
                        identity, thread, ..
                    } = &self.about;
                    identity.answer(thread, error_ncp(&failure), Json::null())
                }
            });
        });
    }
}

/// Runs the handler, as far ahead of the reader as the buffer allows.
pub(super) async fn produce(entry: Arc<Entry>, items: Items) {
    let mut items = AssertUnwindSafe(items).catch_unwind();
    let mut state = entry.state.subscribe();
    let work = async {
        loop {
            let room = |state: &State| state.has_room(&entry.limits);
            if state.wait_for(room).await.is_err() {
                return;
            }
            match items.next().await {
                Some(Ok(Ok(payload))) => entry.chunk(payload),
                Some(Ok(Err(failure))) => return entry.end(End::Error(failure)),
                Some(Err(_)) => {
                    return entry.end(End::Error(Failure::handler("the handler panicked")));
                }
                None => return entry.end(End::Done),
            }
        }
    };
    tokio::select! {
        () = entry.about.cancellation.cancelled() => {}
        () = work => {}
    }
}
