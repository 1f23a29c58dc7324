//! The node's part in one exchange.

use std::io;
use std::time::Duration;

use super::check::DISCOVERY;
use super::http::{Connection, Head, Request};
use super::render::{Answer, Part, render};
use super::run::{Run, Taken};
use crate::vector::{Repeat, Respond, Then};

/// How long a hanging answer hangs: beyond any vector's patience.
const HANG: Duration = Duration::from_secs(60);
/// How long a client may take to close a connection.
const CLOSING: Duration = Duration::from_secs(3);

/// Answers a request as the vector says.
pub(super) async fn play(
    run: &Run,
    prefix: &str,
    request: Request,
    mut connection: Connection,
) -> io::Result<()> {
    let path = request.path.strip_prefix(prefix).unwrap_or_default();
    let Taken { exchange, known } = run.take(&request, path, prefix);
    let respond = match (exchange, &run.vector.discovery) {
        (Some(exchange), _) => exchange.respond,
        (None, Some(discovery)) if path == DISCOVERY => discovery.clone(),
        // A status that no client tries again, so that the run ends soon.
        (None, _) => {
            let status = if path == DISCOVERY { 404 } else { 418 };
            return connection.answer(Head::new(status, &request), b"").await;
        }
    };
    if let Some(count) = respond.hold_until {
        run.requests(count).await;
    }
    tokio::time::sleep(Duration::from_millis(respond.delay_ms)).await;
    run.answering(respond.closed_by_client);
    let written = write(
        run,
        &respond,
        render(&run.vector, &respond, &request, path, &known),
        &mut connection,
    )
    .await;
    if respond.closed_by_client {
        // One that has broken while it was written to is closed.
        if written.is_err()
            || tokio::time::timeout(CLOSING, connection.closed())
                .await
                .is_ok()
        {
            run.closed();
        }
    } else if respond.then == Then::Hang {
        let _ = tokio::time::timeout(HANG, connection.closed()).await;
    }
    written
}

async fn write(
    run: &Run,
    respond: &Respond,
    answer: Answer,
    connection: &mut Connection,
) -> io::Result<()> {
    if respond.refuse {
        return connection.cut().await;
    }
    let Answer {
        head,
        mut parts,
        chunked,
    } = answer;
    let length = parts
        .iter()
        .map(|part| {
            if let Part::Bytes(bytes) = part {
                bytes.len()
            } else {
                0
            }
        })
        .sum();
    if respond.then != Then::End && !chunked {
        // Whoever reads half of a body must not take it for the whole.
        for part in &mut parts {
            if let Part::Bytes(bytes) = part {
                bytes.truncate(bytes.len() / 2);
            }
        }
    }
    connection.begin(head, (!chunked).then_some(length)).await?;
    for part in parts {
        match part {
            Part::WaitMs(wait) => tokio::time::sleep(Duration::from_millis(wait)).await,
            Part::Bytes(bytes) => {
                for piece in bytes.chunks(respond.split.unwrap_or(usize::MAX)) {
                    connection.write(piece).await?;
                    // Others get their turn, and the client reads what there is.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
    if let Some(repeat) = &respond.repeat {
        repeated(run, repeat, connection).await?;
    }
    match respond.then {
        Then::End => connection.end().await,
        Then::Cut => connection.cut().await,
        Then::Hang => Ok(()),
    }
}

async fn repeated(run: &Run, repeat: &Repeat, connection: &mut Connection) -> io::Result<()> {
    // Large writes, as the text may be short.
    let at_once = (64 * 1024 / repeat.text.len().max(1)).clamp(1, repeat.times.max(1));
    let mut written = 0;
    for _ in 0..repeat.times / at_once {
        let text = repeat.text.repeat(at_once);
        connection.write(text.as_bytes()).await?;
        written += text.len();
        if repeat.stops_before.is_some_and(|limit| written >= limit) {
            run.problem(format!(
                "the client has read {written} bytes and not stopped"
            ));
            return Err(io::Error::other("the client reads on"));
        }
    }
    Ok(())
}
