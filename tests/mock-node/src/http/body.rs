//! The bodies of responses, with what faults do to them and what the log of calls sees of them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use futures_util::{StreamExt, TryStreamExt};

use super::sse::Cut;
use crate::calls::Tracker;
use crate::faults::Fault;

/// A body that stands complete.
pub(super) fn whole(bytes: Bytes, fault: &Fault, tracker: Option<Tracker>) -> Body {
    if fault.split_bytes.is_none() && fault.drop_after_bytes.is_none() {
        if let Some(tracker) = tracker {
            tracker.complete();
        }
        return Body::from(bytes);
    }
    let once = stream::once(std::future::ready(Ok::<_, Infallible>(bytes)));
    streamed(once.map_err(|never| match never {}), fault, tracker)
}

/// A body that comes in pieces.
pub(super) fn streamed(
    pieces: impl Stream<Item = Result<Bytes, Cut>> + Send + 'static,
    fault: &Fault,
    tracker: Option<Tracker>,
) -> Body {
    let mut pieces = pieces.boxed();
    if let Some(size) = fault.split_bytes {
        pieces = pieces
            .flat_map(move |piece| stream::iter(split(piece, size.max(1))))
            .boxed();
    }
    if let Some(limit) = fault.drop_after_bytes {
        pieces = cut_after(pieces, limit).boxed();
    }
    Body::from_stream(Tracked { pieces, tracker })
}

fn split(piece: Result<Bytes, Cut>, size: usize) -> Vec<Result<Bytes, Cut>> {
    let Ok(mut rest) = piece else {
        return vec![Err(Cut)];
    };
    let mut parts = Vec::new();
    while rest.len() > size {
        parts.push(Ok(rest.split_to(size)));
    }
    parts.push(Ok(rest));
    parts
}

/// Ends the pieces with an error once so many bytes have gone.
fn cut_after(
    pieces: impl Stream<Item = Result<Bytes, Cut>> + Send,
    limit: usize,
) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
    let mut left = limit;
    pieces.flat_map(move |piece| {
        let mut last = None;
        let piece = piece.map(|mut bytes| {
            if bytes.len() >= left {
                bytes.truncate(left);
                last = Some(cut());
            }
            left -= bytes.len();
            bytes
        });
        stream::once(std::future::ready(piece)).chain(stream::iter(last).then(|cut| cut))
    })
}

/// Gives the server the chance to send what it has before it drops the connection.
pub(super) async fn cut<T>() -> Result<T, Cut> {
    tokio::task::yield_now().await;
    Err(Cut)
}

/// Tells the log of calls whether the body was taken to its end.
struct Tracked<S> {
    pieces: S,
    tracker: Option<Tracker>,
}

impl<S: Stream + Unpin> Stream for Tracked<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let polled = self.pieces.poll_next_unpin(cx);
        if matches!(polled, Poll::Ready(None))
            && let Some(tracker) = self.tracker.take()
        {
            tracker.complete();
        }
        polled
    }
}
