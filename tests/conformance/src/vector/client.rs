use serde::Deserialize;

use super::call::{Call, ClientOptions};
use super::exchange::{Exchange, Respond};
use super::outcome::Outcome;

/// What a client is asked to do, what a node answers, and what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientVector {
    /// Its name, unique in its file.
    pub name: String,
    /// The rule, with the section of the contract.
    pub why: String,
    /// The runtimes that can run it, where not all can.
    #[serde(default)]
    pub only: Option<Only>,
    /// The client's options.
    #[serde(default)]
    pub client: ClientOptions,
    /// The one call; see `steps` for more.
    #[serde(default)]
    pub call: Option<Call>,
    /// What comes of the call.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// Calls one after the other, in the place of `call` and `outcome`.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// How often the token provider was asked in all.
    #[serde(default)]
    pub provider_asked: Option<usize>,
    /// How often the payer was asked in all.
    #[serde(default)]
    pub payer_asked: Option<usize>,
    /// The discovery document's answer, for clients that look it up in passing. Without it they get a 404. A look-up
    /// that stands among the exchanges is answered there.
    #[serde(default)]
    pub discovery: Option<Respond>,
    /// The requests, in order, and their answers.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
}

impl ClientVector {
    /// The steps, of which a single call is one.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        match (&self.call, &self.outcome) {
            (Some(call), Some(outcome)) => {
                let one = OneStep {
                    call: call.clone(),
                    outcome: outcome.clone(),
                };
                vec![Step::One(Box::new(one))]
            }
            _ => self.steps.clone(),
        }
    }
}

/// A restriction to some runtimes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Only {
    /// The runtimes.
    pub runtimes: Vec<Runtime>,
    /// Why the others can't.
    pub reason: String,
}

/// Where a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Runtime {
    /// The Rust client.
    Native,
    /// The WebAssembly client in Node.js.
    Node,
    /// The WebAssembly client in Chromium.
    Chromium,
}

/// One call, or several at the same time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Step {
    /// Calls at the same time.
    Together {
        /// The calls.
        together: Vec<OneStep>,
    },
    /// One call.
    One(Box<OneStep>),
}

/// A call and its outcome.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OneStep {
    /// The call.
    pub call: Call,
    /// What comes of it.
    pub outcome: Outcome,
}
