//! `ancp-benches call | stream | memory | decoders`: one part of the native suite, as JSON on standard output.
//!
//! It runs itself as the node that it talks to (`serve`), and to measure memory apart (`held`, `long`).

mod calls;
mod clients;
mod decoders;
mod server;
mod statistics;
mod streams;
mod wire;

use std::alloc::System;

use anyhow::{Result, bail};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::server::Server;

/// Counts what everybody allocates.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() -> Result<()> {
    // A socket a stream; what is allowed without asking is often a thousand.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let results = match words[..] {
        ["serve"] => return server::serve().await,
        ["held", name, streams, url] => streams::held(name, streams.parse()?, url).await?.into(),
        ["long", name, url] => streams::long(name, url).await?.into(),
        ["call"] => calls::run(&Server::start().await?).await?,
        ["stream"] => streams::run(&Server::start().await?).await?,
        ["memory"] => streams::memory(&Server::start().await?).await?,
        ["decoders"] => decoders::run().await?,
        _ => bail!("there is no such part; there are: call, stream, memory, decoders"),
    };
    println!("{results}");
    Ok(())
}
