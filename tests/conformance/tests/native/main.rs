//! Plays the client vectors with the native client. An argument names the vectors to play: those whose key holds it.

mod call;
mod client;
mod outcome;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ancp_conformance::server::Server;
use ancp_conformance::vector::{ClientVector, Loaded, OneStep, Runtime, Step, load};
use ancp_core::AncpClient;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::Value;

use client::{PayerAsked, build};

/// Vectors at the same time. They wait more than they work.
const AT_ONCE: usize = 16;
/// How long one vector may take.
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let filter = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .unwrap_or_default();
    let server = Server::start().await.expect("the vectors are well-formed");
    let mut vectors: Vec<Loaded<ClientVector>> =
        load("client").expect("they have been read before");
    vectors.retain(|Loaded { key, vector, .. }| {
        let runs_here = vector
            .only
            .as_ref()
            .is_none_or(|only| only.runtimes.contains(&Runtime::Native));
        key.contains(&filter) && runs_here
    });
    let base_url = server.base_url();
    let mut results = futures_util::stream::iter(vectors)
        .map(|vector| play(vector, &base_url))
        .buffer_unordered(AT_ONCE);
    let (mut passed, mut failed) = (0, 0);
    while let Some((vector, problems)) = results.next().await {
        if problems.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        println!("FAILED {} ({})", vector.key, vector.vector.why);
        for problem in problems {
            println!("    {problem}");
        }
    }
    println!("native: {passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

async fn play(loaded: Loaded<ClientVector>, server: &str) -> (Loaded<ClientVector>, Vec<String>) {
    let mut problems = Vec::new();
    let played = tokio::time::timeout(DEADLINE, steps(&loaded, server, &mut problems));
    if played.await.is_err() {
        problems.push("the vector has not ended in time".into());
    }
    match report(server, &loaded.key).await {
        Ok(report) => {
            let wrong = report["problems"].as_array().into_iter().flatten();
            problems.extend(wrong.map(|problem| problem.as_str().unwrap_or_default().to_owned()));
        }
        Err(error) => problems.push(format!("there is no report: {error}")),
    }
    (loaded, problems)
}

async fn steps(loaded: &Loaded<ClientVector>, server: &str, problems: &mut Vec<String>) {
    let Loaded { key, vector, .. } = loaded;
    let begun = format!("{server}/begun/{key}/native");
    let asked = Arc::default();
    let payer_asked = PayerAsked::default();
    let base_url = format!("{server}/v/{key}/native");
    let client = build(&vector.client, &base_url, &asked, &payer_asked);
    for step in vector.steps() {
        let together = match step {
            Step::Together { together } => together,
            Step::One(step) => vec![*step],
        };
        let calls = together
            .iter()
            .map(|step| one(vector, client.as_ref(), step, &begun));
        problems.extend(join_all(calls).await.into_iter().flatten());
    }
    let asked = asked.load(Ordering::SeqCst);
    if vector.provider_asked.unwrap_or(asked) != asked {
        problems.push(format!("the provider was asked {asked} times"));
    }
    let payer_asked = payer_asked.count();
    if vector
        .payer_asked
        .is_some_and(|expected| expected != payer_asked)
    {
        problems.push(format!("the payer was asked {payer_asked} times"));
    }
}

async fn one(
    vector: &ClientVector,
    client: Result<&AncpClient, &ancp_core::Error>,
    step: &OneStep,
    begun: &str,
) -> Vec<String> {
    let actual = match client {
        Ok(client) => call::make(client, &step.call, begun).await,
        // The WebAssembly client says at the first call what is wrong with its options.
        Err(error) => call::Actual {
            error: Some(error.clone()),
            ..call::Actual::default()
        },
    };
    outcome::problems(&step.outcome, &actual, vector.client.auth.as_ref())
}

async fn report(server: &str, key: &str) -> reqwest::Result<Value> {
    let report = call::http().get(format!("{server}/report/{key}/native"));
    let text = report.send().await?.text().await?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
