//! What goes beyond plain calls. The npm package loads a module with it once it is needed.

pub(crate) mod options;
mod payer;
mod signer;
mod text;

use alloc::boxed::Box;

use ancp_core::message::Pattern;
use ancp_core::platform::BoxFuture;
use ancp_core::transport::Operation;
use ancp_core::{Client, Json, Result};

use crate::call::{Call, INVOKE_ALL, Text};
use crate::http::Payload;
use crate::ops::Op;
use crate::options::call as call_options;

/// Carries a call out.
pub(crate) fn outcome<'a>(
    call: &'a Call,
    client: &'a Client<Payload>,
) -> BoxFuture<'a, Result<Text>> {
    Box::pin(carry_out(call, client))
}

async fn carry_out(call: &Call, client: &Client<Payload>) -> Result<Text> {
    let options = call_options(&call.options)?;
    let name = call.name.as_str();
    // The numbers are those of `VERBS` in npm/src/engine/wasm.ts.
    let status = match call.verb {
        2 => return stream(call, client).await.map(Text::Json),
        INVOKE_ALL => {
            let outcomes = client.invoke_all(name, call.payload(), options).await?;
            return Ok(text::outcomes(&outcomes).into());
        }
        5 => {
            let tell = |status: &_| {
                let status = text::status(status);
                call.shared.host.progress(call.host.number, &status, 0);
            };
            let wait = options::wait(&call.options)?.call(options);
            client.wait_for_task(name, wait, tell).await?
        }
        7 => client.provide_input(name, call.payload(), options).await?,
        // The others share an exchange: the code of each would be that of the others once more.
        verb => {
            let operation = match verb {
                3 => client.call(name, Pattern::TaskStart, call.payload(), &options),
                4 => Operation::task_status(name),
                6 => Operation::cancel_task(name),
                _ => Ok(Operation::Discover),
            };
            let answer = client.exchange(operation?, options).await?;
            match verb {
                3 | 4 | 6 => answer.into_status()?,
                _ => return answer.into_document().map(Text::Json),
            }
        }
    };
    Ok(text::status(&status).into())
}

/// Hands over a batch, waits until JavaScript has taken it, and reads the next.
async fn stream(call: &Call, client: &Client<Payload>) -> Result<Json> {
    let options = call_options(&call.options)?;
    let mut stream = client.stream(&call.name, call.payload(), options)?;
    while let Some(mut chunks) = stream.next_batch().await? {
        if hand_over(call, &chunks).await {
            continue;
        }
        // What comes before the one that is no JSON is handed over all the same.
        let is_json = |chunk: &&Json| Json::parse((*chunk).clone().into_text()).is_ok();
        chunks.truncate(chunks.iter().take_while(is_json).count());
        if !chunks.is_empty() {
            hand_over(call, &chunks).await;
        }
        return Err(stream.unreadable("a chunk is no JSON"));
    }
    Ok(stream.summary().cloned().unwrap_or_else(Json::null))
}

/// Gives chunks to JavaScript and waits until it asks for more. Returns whether all of them
/// are JSON; where not, none of them was taken.
async fn hand_over(call: &Call, chunks: &[Json]) -> bool {
    let text = text::array(chunks);
    let mut readable = false;
    let mut taken = Op::new(&call.shared, |host, op| {
        readable = host.progress(call.host.number, &text, op);
    });
    if readable {
        taken.outcome().await;
    }
    readable
}
