//! Plays the node vectors against the mock node over HTTP.

mod answer;
mod credential;
mod message;
mod shop;

use std::collections::BTreeMap;
use std::time::Duration;

use ancp_conformance::vector::{Loaded, NodeRequest, NodeVector, load};
use ancp_mock_node::{DidOptions, MockNode, Role, samples};
use credential::Signers;
use futures_util::StreamExt;
use reqwest::Method;
use shop::Shop;

/// What an exchange has left behind for those after it.
#[derive(Debug, Default)]
struct Exchange {
    /// The body of the request.
    sent: String,
    /// Whether it is the message that began a task, a stream or a call.
    begins: bool,
    id: Option<String>,
    correlation_id: Option<String>,
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
    /// Headers with signed credentials.
    credentials: Vec<(&'static str, String)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mock_node_answers_as_the_contract_says() {
    let vectors: Vec<Loaded<NodeVector>> = load("node").expect("the vectors are well-formed");
    assert!(!vectors.is_empty());
    let count = vectors.len();
    let failures: Vec<String> = futures_util::stream::iter(vectors)
        .map(|Loaded { key, vector, .. }| async move {
            let played = tokio::time::timeout(Duration::from_secs(30), play(&vector)).await;
            let problems = played.unwrap_or_else(|_| vec!["it has not ended in time".into()]);
            let problems = problems.into_iter();
            problems
                .map(|problem| format!("{key} ({}): {problem}", vector.why))
                .collect::<Vec<_>>()
        })
        .buffer_unordered(8)
        .flat_map(futures_util::stream::iter)
        .collect()
        .await;
    assert!(
        failures.is_empty(),
        "of {count} vectors:\n{}",
        failures.join("\n")
    );
}

async fn play(vector: &NodeVector) -> Vec<String> {
    let signers = Signers::new();
    let builder = samples::node()
        .jwt(signers.issuer.options())
        .did(DidOptions::new())
        .api_key("usual", "key-usual", Role::USUAL)
        .api_key("invoke", "key-invoke", [Role::Invoke])
        .api_key("stream", "key-stream", [Role::Stream])
        .api_key("task", "key-task", [Role::Task])
        .api_key("admin", "key-admin", [Role::Admin]);
    let shop = Shop::new();
    let node = MockNode::serve(shop.open(builder))
        .await
        .expect("the sample node can be served");
    let mut problems = Vec::new();
    let mut before: Vec<Exchange> = Vec::new();
    for (place, request) in vector.requests.iter().enumerate() {
        tokio::time::sleep(Duration::from_millis(request.wait_ms)).await;
        match send(node.base_url(), request, &before, &signers, &shop).await {
            Ok(exchange) => {
                let found = answer::problems(&request.expect, request, &exchange, &before);
                problems.extend(
                    found
                        .into_iter()
                        .map(|problem| format!("request {place}: {problem}")),
                );
                before.push(exchange);
            }
            Err(error) => {
                problems.push(format!("request {place}: {error:?}"));
                return problems;
            }
        }
    }
    problems
}

async fn send(
    base_url: &str,
    request: &NodeRequest,
    before: &[Exchange],
    signers: &Signers,
    shop: &Shop,
) -> reqwest::Result<Exchange> {
    let path = match request.path.strip_prefix('~') {
        Some(rest) => format!("/ncp/nodes/42{rest}"),
        None => request.path.clone(),
    };
    let url = format!("{base_url}{}", message::fill(&path, before));
    let method = Method::from_bytes(request.method.as_bytes()).expect("a vector names a method");
    let mut headers = BTreeMap::from([("x-ancp-api-key".into(), Some("key-usual".into()))]);
    if method == Method::POST {
        headers.insert("content-type".into(), Some("application/json".into()));
    }
    for (name, value) in &request.headers {
        headers.insert(name.to_ascii_lowercase(), value.clone());
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()?;
    let mut sending = client.request(method.clone(), url);
    for (name, value) in &headers {
        if let Some(value) = value {
            sending = sending.header(name, value);
        }
    }
    let mut exchange = Exchange {
        credentials: credentials(base_url, request, before, signers),
        ..Exchange::default()
    };
    for (name, value) in &exchange.credentials {
        sending = sending.header(*name, value);
    }
    if method == Method::POST {
        exchange.sent = shop.fill(&message::body(request, before));
        exchange.begins = !path.ends_with("/input");
        (exchange.id, exchange.correlation_id) = message::ids(&exchange.sent);
        sending = sending.body(exchange.sent.clone());
    }
    let response = sending.send().await?;
    exchange.status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    exchange.headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    exchange.body = response.text().await?;
    Ok(exchange)
}

/// What a request has to sign, or has of an earlier one.
fn credentials(
    base_url: &str,
    request: &NodeRequest,
    before: &[Exchange],
    signers: &Signers,
) -> Vec<(&'static str, String)> {
    if let Some(place) = request.credentials_of {
        return before[place].credentials.clone();
    }
    let jwt = request.jwt.as_ref();
    let jwt = jwt.map(|jwt| ("authorization", format!("Bearer {}", signers.jwt(jwt))));
    let endpoint = format!("{base_url}/ncp/nodes/42");
    let proof = request.proof.as_ref();
    let proof = proof.map(|proof| ("x-ancp-did-proof", signers.proof(&endpoint, proof)));
    jwt.into_iter().chain(proof).collect()
}
