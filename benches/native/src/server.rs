//! A node on loopback, in a process of its own so that neither its time nor its memory count as a client's.
//!
//! The path says what is wanted: `/call/{bytes}/…` a result of that size, `/stream/{chunks}/{bytes}/…` a stream of so many
//! chunks, `/hold/…` a stream that gives one chunk and then stays open.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::wire;

/// How much of a stream the server hands to the network at once.
const WRITE: usize = 16 * 1024;

/// Serves until the process is ended; the port is the first line of the output.
pub(crate) async fn serve() -> Result<()> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    // Thousands of clients connect at a time.
    let listener = socket.listen(16_384)?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, Router::new().fallback(answer)).await?;
    Ok(())
}

async fn answer(request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Ok(body) = axum::body::to_bytes(request.into_body(), usize::MAX).await else {
        return axum::http::StatusCode::BAD_REQUEST.into_response();
    };
    let mut words = path.split('/').skip(1);
    let kind = words.next();
    let mut numbers = words.map_while(|word| word.parse::<u32>().ok());
    match kind {
        Some("call") => result(&body, numbers.next().unwrap_or(100)),
        Some("stream") => events(numbers.next().unwrap_or(1), numbers.next() == Some(1)),
        _ => held(),
    }
}

/// The answers of each size around the correlation id, made once.
static ANSWERS: Mutex<BTreeMap<u32, (String, String)>> = Mutex::new(BTreeMap::new());

fn result(body: &Bytes, bytes: u32) -> Response {
    const ID: &str = "(the request's id)";
    // The id stands first in every client's message.
    let start = String::from_utf8_lossy(body.get(..60).unwrap_or_default());
    let id = start.split('"').nth(3).unwrap_or_default();
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    let (head, tail) = answers.entry(bytes).or_insert_with(|| {
        let text = wire::envelope(Some(ID), &wire::payload(bytes as usize), Value::Null);
        let (head, tail) = text.split_once(ID).unwrap_or((&text, ""));
        (head.to_owned(), tail.to_owned())
    });
    (
        [(CONTENT_TYPE, "application/json")],
        [head, id, tail].concat(),
    )
        .into_response()
}

fn events(count: u32, large: bool) -> Response {
    let events = wire::Events::new(&wire::chunk_payload(large));
    let mut next = 1;
    let parts = std::iter::from_fn(move || {
        let mut part = String::with_capacity(WRITE + WRITE / 2);
        while next <= count + 1 && part.len() < WRITE {
            match next <= count {
                true => part.push_str(&events.chunk(next)),
                false => part.push_str(&wire::done(count)),
            }
            next += 1;
        }
        (!part.is_empty()).then(|| Ok::<_, std::io::Error>(Bytes::from(part)))
    });
    event_stream(Body::from_stream(stream::iter(parts)))
}

fn held() -> Response {
    let first = Bytes::from(wire::Events::new(&wire::chunk_payload(false)).chunk(1));
    let parts = stream::iter([Ok::<_, std::io::Error>(first)]).chain(stream::pending());
    event_stream(Body::from_stream(parts))
}

fn event_stream(body: Body) -> Response {
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// A server that is running; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    origin: String,
    _child: Child,
}

impl Server {
    pub(crate) async fn start() -> Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command
            .arg("serve")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().context("no output")?;
        let port = BufReader::new(output)
            .lines()
            .next_line()
            .await?
            .context("no port")?;
        Ok(Server {
            origin: format!("http://127.0.0.1:{port}"),
            _child: child,
        })
    }

    /// The base URL for what `path` says.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin)
    }
}
