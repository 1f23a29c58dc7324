//! What a call does, from its verb to the text that JavaScript gets.

use alloc::rc::Rc;
use alloc::string::String;

use ancp_core::message::Pattern;
use ancp_core::{Client, Json, Result};

use crate::http::{HostCall, Payload};
use crate::ops::Shared;
use crate::options;
use crate::text;

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
            Ok(client) => self.outcome(client).await.map_err(|e| text::error(&e)),
            Err(text) => Err(text.clone()),
        };
        let (ok, text) = match &outcome {
            Ok(Text::Json(json)) if self.host.has(json) => (true, ""),
            Ok(text) => (true, text.as_str()),
            Err(text) => (false, text.as_str()),
        };
        self.shared.host.settle(self.host.number, ok, text);
    }

    async fn outcome(&self, client: &Client<Payload>) -> Result<Text> {
        // The numbers are those of `VERBS` in npm/src/engine/wasm.ts.
        let pattern = match self.verb {
            0 => Pattern::RequestReply,
            1 => Pattern::FireAndForget,
            #[cfg(feature = "full")]
            _ => return crate::full::outcome(self, client).await,
            // JavaScript asks for nothing else.
            #[cfg(not(feature = "full"))]
            _ => Pattern::RequestReply,
        };
        let options = options::call(&self.options)?;
        let operation = client.call(&self.name, pattern, self.payload(), &options)?;
        let answer = client.exchange(operation, options).await?;
        match pattern {
            Pattern::RequestReply => answer.into_result().map(Text::Json),
            _ => Ok(Text::Json(Json::null())),
        }
    }

    pub(crate) fn payload(&self) -> Payload {
        Payload::Host(Rc::clone(&self.host))
    }
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
