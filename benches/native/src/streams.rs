//! Streams over loopback: from one to ten thousand at a time, and what each holds while it waits.

use std::alloc::System;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::stream::{self, TryStreamExt};
use serde_json::{Value, json};
use stats_alloc::Region;

use crate::ALLOCATOR;
use crate::clients::{self, BARE_STREAM, OURS, bare_response, bare_stream, ours};
use crate::server::Server;
use crate::statistics::{compare, results};

/// How many streams run at a time, and how many chunks each has.
const SCALES: [(u32, u32); 5] = [
    (1, 20_000),
    (10, 2000),
    (100, 200),
    (1000, 50),
    (10_000, 20),
];

/// How many connections are opened at a time.
const OPENING: usize = 100;

/// Chunks a second, against the bare client.
pub(crate) async fn run(server: &Server) -> Result<Value> {
    let mut cases = Vec::new();
    for (large, chunks) in [(false, "small chunks"), (true, "large chunks")] {
        for (streams, each) in SCALES {
            // A document is three hundred times as long as a token.
            let each = if large { (each / 20).max(2) } else { each };
            let base_url = server.url(&format!("stream/{each}/{}", u8::from(large)));
            let samples = compare([BARE_STREAM, OURS], async |name, times| {
                if times == 0 {
                    connections_closed().await;
                }
                for _ in 0..times {
                    // Fresh ones: idle connections of both for the largest case would be too many files.
                    let (bare, client) = (reqwest::Client::new(), ours(&base_url)?);
                    let running = (0..streams).map(|_| {
                        let (bare, base_url, client) =
                            (bare.clone(), base_url.clone(), client.clone());
                        tokio::spawn(async move {
                            match name {
                                OURS => {
                                    clients::count(
                                        client.stream::<Value>("report", &Value::Null),
                                        each,
                                    )
                                    .await
                                }
                                _ => {
                                    clients::count(bare_stream(&bare, &base_url).await?, each).await
                                }
                            }
                        })
                    });
                    for stream in running.collect::<Vec<_>>() {
                        stream.await??;
                    }
                }
                Ok(())
            })
            .await
            .with_context(|| format!("{streams} streams"))?;
            let microsecond_a_chunk = 1e-6 * f64::from(streams * each);
            let (rounds, compared) = results(&samples, BARE_STREAM, microsecond_a_chunk);
            eprintln!("{streams} streams of {each} {chunks}");
            cases.push(json!({ "chunks": chunks, "streams": streams, "rounds": rounds, "results": compared }));
        }
    }
    Ok(json!({ "base": BARE_STREAM, "unit": "µs", "cases": cases }))
}

/// Waits until the connections of dropped clients are gone.
async fn connections_closed() {
    const FEW: usize = 200;
    let open = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    for _ in 0..200 {
        if open() <= FEW {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

const SOCKET: &str = "reqwest's response alone";

/// What a stream holds on the heap while it waits for its second chunk, and while a million chunks pass. Each is measured
/// in a process of its own, as connections end some time after their clients.
pub(crate) async fn memory(server: &Server) -> Result<Value> {
    let mut cases = Vec::new();
    for streams in [1_u32, 100, 10_000] {
        let mut results = serde_json::Map::new();
        for name in [SOCKET, BARE_STREAM, OURS] {
            let bytes =
                in_process(&["held", name, &streams.to_string(), &server.url("hold")]).await?;
            results.insert(name.to_owned(), json!({ "bytes": bytes }));
        }
        eprintln!("{streams} held");
        cases.push(json!({ "case": format!("held by each of {streams} waiting streams"), "results": results }));
    }
    let mut results = serde_json::Map::new();
    for name in [BARE_STREAM, OURS] {
        let url = server.url(&format!("stream/{LONG}/0"));
        results.insert(
            name.to_owned(),
            json!({ "bytes": in_process(&["long", name, &url]).await? }),
        );
    }
    cases.push(
        json!({ "case": format!("most that a stream of {LONG} chunks adds"), "results": results }),
    );
    Ok(json!({ "base": SOCKET, "unit": "KB", "cases": cases }))
}

/// How many chunks a long stream has.
const LONG: u32 = 1_000_000;

async fn in_process(arguments: &[&str]) -> Result<u64> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    let output = command
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .await?;
    let text = String::from_utf8(output.stdout)?;
    text.trim()
        .parse()
        .with_context(|| format!("{} gave no number", arguments.join(" ")))
}

/// Bytes for each of so many streams that are open and wait.
pub(crate) async fn held(name: &str, streams: u32, base_url: &str) -> Result<u64> {
    let (bare, client) = (reqwest::Client::new(), ours(base_url)?);
    let region = Region::new(ALLOCATOR);
    let open = stream::iter(0..streams).map(|_| open(name, &bare, &client, base_url));
    let all: Vec<_> = open.buffer_unordered(OPENING).try_collect().await?;
    let live = live(&region) / u64::from(streams);
    drop(all);
    Ok(live)
}

fn live(region: &Region<'_, System>) -> u64 {
    let change = region.change();
    change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated) as u64
}

/// Keeps a stream open by keeping the value.
type Held = Box<dyn std::any::Any>;

async fn open(
    name: &str,
    bare: &reqwest::Client,
    client: &ancp_core::AncpClient,
    base_url: &str,
) -> Result<Held> {
    if name == OURS {
        let mut chunks = client.stream::<Value>("report", &Value::Null);
        chunks.next().await.context("no chunk")??;
        return Ok(Box::new(chunks));
    }
    if name == BARE_STREAM {
        let mut chunks = Box::pin(bare_stream(bare, base_url).await?);
        chunks.next().await.context("no chunk")??;
        return Ok(Box::new(chunks));
    }
    let mut response = bare_response(bare, base_url).await?;
    response.chunk().await?.context("no chunk")?;
    Ok(Box::new(response))
}

/// The most that is alive while a stream passes, above what was when the first chunk came.
pub(crate) async fn long(name: &str, base_url: &str) -> Result<u64> {
    let (bare, client) = (reqwest::Client::new(), ours(base_url)?);
    let mut chunks = match name {
        OURS => client
            .stream::<Value>("report", &Value::Null)
            .map_err(anyhow::Error::from)
            .boxed(),
        _ => bare_stream(&bare, base_url).await?.boxed(),
    };
    chunks.next().await.context("no chunk")??;
    let region = Region::new(ALLOCATOR);
    let mut peak = 0;
    while let Some(chunk) = chunks.next().await {
        chunk?;
        peak = peak.max(live(&region));
    }
    Ok(peak)
}
