//! The decoder of server-sent events alone, on bytes in memory, against the crates that do the same.

use std::convert::Infallible;

use ancp_core::sse::Decoder;
use anyhow::{Result, ensure};
use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use crate::statistics::{compare, results};
use crate::wire;

const OURS: &str = "ancp-core";
const BASE: &str = "eventsource-stream";
const OTHER: &str = "sse-stream";

const READS: [(&str, usize); 5] = [
    ("1 B", 1),
    ("64 B", 64),
    ("1 KB", 1024),
    ("16 KB", 16_384),
    ("64 KB", 65_536),
];

pub(crate) async fn run() -> Result<Value> {
    let mut cases = Vec::new();
    for (large, chunks) in [(false, "small chunks"), (true, "large chunks")] {
        for (read, size) in READS {
            // Few where the reads are small: some take quadratic time then.
            let events = if size < 1024 { 4 } else { 500 };
            let chunks_of = wire::Events::new(&wire::chunk_payload(large));
            let bytes = Bytes::from(
                (1..=events)
                    .map(|at| chunks_of.chunk(at))
                    .collect::<String>(),
            );
            let reads: Vec<Bytes> = (0..bytes.len())
                .step_by(size)
                .map(|at| bytes.slice(at..bytes.len().min(at + size)))
                .collect();
            let samples = compare([BASE, OTHER, OURS], async |name, times| {
                for _ in 0..times {
                    let seen = match name {
                        OURS => ours(&reads)?,
                        BASE => drain(source(&reads).eventsource()).await,
                        _ => drain(sse_stream::SseStream::from_bytes_stream(source(&reads))).await,
                    };
                    ensure!(seen == events as usize, "{name} found {seen} events");
                }
                Ok(())
            })
            .await?;
            let (rounds, compared) = results(
                &samples,
                BASE,
                1e-9 * f64::from(u32::try_from(bytes.len())?),
            );
            eprintln!("decoders, {chunks}, {read}");
            cases.push(
                json!({ "chunks": chunks, "read": read, "rounds": rounds, "results": compared }),
            );
        }
    }
    Ok(json!({ "base": BASE, "unit": "s/GB", "cases": cases }))
}

fn ours(reads: &[Bytes]) -> Result<usize> {
    let mut decoder = Decoder::new(1 << 20);
    let mut seen = 0;
    for bytes in reads {
        decoder.push(bytes.clone());
        while let Some(event) = decoder.next_event()? {
            std::hint::black_box(event);
            seen += 1;
        }
    }
    Ok(seen)
}

fn source(reads: &[Bytes]) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter(reads.iter().cloned().map(Ok))
}

async fn drain<T, E>(events: impl Stream<Item = Result<T, E>>) -> usize {
    let mut events = std::pin::pin!(events);
    let mut seen = 0;
    while let Some(Ok(event)) = events.next().await {
        std::hint::black_box(event);
        seen += 1;
    }
    seen
}
