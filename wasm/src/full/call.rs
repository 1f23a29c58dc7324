//! What a call does, from its verb to the text that JavaScript gets.

use alloc::rc::Rc;
use alloc::string::String;

use ancp_core::message::Pattern;
use ancp_core::transport::Operation;
use ancp_core::{Client, Json, Result};

use super::ops::{Op, Shared};
use super::payload::Payload;
use super::{options, text};
use crate::http::HostCall;
use crate::text::error as error_text;

/// The number of the verb that has many answers.
pub(crate) const INVOKE_ALL: u8 = 9;

/// One call as it came.
pub(crate) struct Call {
    pub(crate) shared: Rc<Shared>,
    /// The client, or the error that its options had.
    pub(crate) client: Result<Client<Payload>, String>,
    pub(crate) host: Rc<HostCall>,
    pub(crate) verb: u8,
    /// The action or the task's id.
    pub(crate) name: String,
    pub(crate) options: String,
}

impl Call {
    /// Carries it out and tells the host its outcome.
    pub(crate) async fn run(self) {
        let outcome = match &self.client {
            Ok(client) => carry_out(&self, client).await.map_err(|e| error_text(&e)),
            Err(text) => Err(text.clone()),
        };
        let (ok, text) = match &outcome {
            Ok(Text::Json(json)) if self.host.has(json) => (true, ""),
            Ok(text) => (true, text.as_str()),
            Err(text) => (false, text.as_str()),
        };
        self.shared.host.settle(self.host.number, ok, text);
    }

    fn payload(&self) -> Payload {
        Payload::Host(Rc::clone(&self.host))
    }
}

/// What a call comes to.
async fn carry_out(call: &Call, client: &Client<Payload>) -> Result<Text> {
    let (options, wait) = options::call(&call.options)?;
    let name = call.name.as_str();
    // The numbers are those of `VERBS` in npm/src/engine/engine.ts.
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
            client.wait_for_task(name, wait.call(options), tell).await?
        }
        7 => client.provide_input(name, call.payload(), options).await?,
        // The others share an exchange: the code of each would be that of the others once more.
        verb => {
            let node_call = |pattern| client.call(name, pattern, call.payload(), &options);
            let operation = match verb {
                0 => node_call(Pattern::RequestReply),
                1 => node_call(Pattern::FireAndForget),
                3 => node_call(Pattern::TaskStart),
                4 => Operation::task_status(name),
                6 => Operation::cancel_task(name),
                _ => Ok(Operation::Discover),
            };
            let answer = client.exchange(operation?, options).await?;
            match verb {
                0 => return answer.into_result().map(Text::Json),
                1 => return Ok(Text::Json(Json::null())),
                3 | 4 | 6 => answer.into_status()?,
                _ => return answer.into_document().map(Text::Json),
            }
        }
    };
    Ok(text::status(&status).into())
}

/// Hands over a batch, waits until JavaScript has taken it, and reads the next.
async fn stream(call: &Call, client: &Client<Payload>) -> Result<Json> {
    let (options, _) = options::call(&call.options)?;
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

/// A text to hand over, not copied where it is a payload.
pub(crate) enum Text {
    Json(Json),
    Own(String),
}

impl Text {
    fn as_str(&self) -> &str {
        match self {
            Self::Json(json) => json.as_str(),
            Self::Own(text) => text,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Own(text)
    }
}
