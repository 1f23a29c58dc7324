//! The two clients: ours, and what one would write with `reqwest`, `eventsource-stream` and `serde_json`.

use ancp_core::{AncpClient, Auth};
use anyhow::{Context, Result, ensure};
use eventsource_stream::Eventsource;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const OURS: &str = "ancp-core";
pub(crate) const BARE_CALL: &str = "reqwest + serde_json";
pub(crate) const BARE_STREAM: &str = "reqwest + eventsource-stream + serde_json";

/// Ours for this base URL.
pub(crate) fn ours(base_url: &str) -> Result<AncpClient> {
    let builder = AncpClient::builder().base_url(base_url).node_id(42);
    Ok(builder.auth(Auth::api_key("bfk_bench")).build()?)
}

/// What the bare client reads of a message; the rest of the header it trusts.
#[derive(Deserialize)]
struct Envelope {
    body: EnvelopeBody,
}

#[derive(Deserialize)]
struct EnvelopeBody {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    payload: Value,
}

/// A message as ours is, with a payload that is not copied to write it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    id: &'a str,
    r#type: &'a str,
    timestamp: &'a str,
    protocol_version: &'a str,
    correlation_id: &'a str,
    body: RequestBody<'a>,
}

#[derive(Serialize)]
struct RequestBody<'a> {
    data: RequestData<'a>,
}

#[derive(Serialize)]
struct RequestData<'a> {
    payload: &'a Value,
    metadata: Value,
}

fn request(
    client: &reqwest::Client,
    base_url: &str,
    path: &str,
    payload: &Value,
) -> Result<reqwest::RequestBuilder> {
    let ncp = json!({ "action": "get-order", "pattern": "request-reply", "nodeId": 42 });
    let message = Request {
        id: "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        r#type: "Query",
        timestamp: "2026-05-25T09:14:00.000Z",
        protocol_version: "1.0",
        correlation_id: "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        body: RequestBody {
            data: RequestData {
                payload,
                metadata: json!({ "extensions": { "ncp": ncp } }),
            },
        },
    };
    Ok(client
        .post(format!("{base_url}/ncp/nodes/42/{path}"))
        .header("content-type", "application/json")
        .header("x-ancp-api-key", "bfk_bench")
        .body(serde_json::to_vec(&message)?))
}

/// A call by the bare client.
pub(crate) async fn bare_call(
    client: &reqwest::Client,
    base_url: &str,
    payload: &Value,
) -> Result<Value> {
    let response = request(client, base_url, "invoke", payload)?
        .send()
        .await?
        .error_for_status()?;
    let envelope: Envelope = serde_json::from_slice(&response.bytes().await?)?;
    Ok(envelope.body.data.payload)
}

/// The head of a stream's answer, before anything of its body is read.
pub(crate) async fn bare_response(
    client: &reqwest::Client,
    base_url: &str,
) -> Result<reqwest::Response> {
    let response = request(client, base_url, "stream", &Value::Null)?
        .send()
        .await?;
    Ok(response.error_for_status()?)
}

/// A stream by the bare client: the chunks up to `done`.
pub(crate) async fn bare_stream(
    client: &reqwest::Client,
    base_url: &str,
) -> Result<impl Stream<Item = Result<Value>> + Send + use<>> {
    let events = bare_response(client, base_url)
        .await?
        .bytes_stream()
        .eventsource();
    Ok(events
        .take_while(|event| {
            std::future::ready(!matches!(event, Ok(event) if event.event == "done"))
        })
        .map(|event| {
            let envelope: Envelope =
                serde_json::from_str(&event.context("the connection broke")?.data)?;
            Ok(envelope.body.data.payload)
        }))
}

/// Reads a stream to its end, which must come after so many chunks.
pub(crate) async fn count<E: Into<anyhow::Error>>(
    chunks: impl Stream<Item = Result<Value, E>>,
    expected: u32,
) -> Result<()> {
    let mut chunks = std::pin::pin!(chunks);
    let mut seen = 0;
    while let Some(chunk) = chunks.next().await {
        chunk.map_err(Into::into)?;
        seen += 1;
    }
    ensure!(seen == expected, "{seen} chunks came instead of {expected}");
    Ok(())
}
