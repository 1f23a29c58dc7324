use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::present;

/// A request that must come, and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exchange {
    /// The request.
    pub expect: Expect,
    /// The answer.
    #[serde(default)]
    pub respond: Respond,
    /// The request may come or not: the contract leaves it open.
    #[serde(default)]
    pub optional: bool,
    /// The request may come any number of times, but at least once.
    #[serde(default)]
    pub repeated: bool,
}

/// What a request must be like. Beyond that, every request must keep the rules that hold for all of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expect {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// Below the base URL. One that begins with `~/` is below the node's own URL.
    pub path: String,
    /// Headers, exactly.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that must not be there.
    #[serde(default)]
    pub absent_headers: Vec<String>,
    /// Parts of the body.
    pub body: Option<Value>,
    /// Fields, by JSON pointers, that must not be there.
    #[serde(default)]
    pub absent_fields: Vec<String>,
    /// Text that the body must hold.
    pub body_text: Option<String>,
    /// The exchange whose request this one repeats, with the same bytes. Every other POST has an id of its own.
    pub repeats: Option<usize>,
    /// The same for calls at the same time: it repeats one of these.
    #[serde(default)]
    pub repeats_one_of: Vec<usize>,
    /// Milliseconds that must have gone by since the last answer.
    pub after_ms: Option<u64>,
}

/// An answer. In texts, `{{…}}` stands for what is only known at run time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Respond {
    /// The status. Default: that of the error's code, or the contract's for the request.
    pub status: Option<u16>,
    /// Headers; `null` takes a default one away.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// A Response with this payload.
    #[serde(default, deserialize_with = "present")]
    pub payload: Option<Value>,
    /// A Response with this `ncp`, added to the node's own.
    pub ncp: Option<Map<String, Value>>,
    /// A Response with this `ncp.error`; `message` and `retryable` have defaults.
    pub error: Option<Map<String, Value>>,
    /// A Response with this `ncp.task`, whose other fields have defaults.
    pub task: Option<Map<String, Value>>,
    /// Changes to the Response, by JSON pointers.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What is taken out of the Response.
    #[serde(default)]
    pub remove: Vec<String>,
    /// A body of any JSON.
    pub json: Option<Value>,
    /// A body of any text.
    pub text: Option<String>,
    /// A body of events.
    pub sse: Option<Vec<Piece>>,
    /// How lines of events end. Default: LF.
    pub line_end: Option<String>,
    /// A body, or the rest of one, without end as far as a client is concerned.
    pub repeat: Option<Repeat>,
    /// The body is written in pieces of so many bytes.
    pub split: Option<usize>,
    /// What happens after the body.
    #[serde(default)]
    pub then: Then,
    /// No answer: the connection is closed at once.
    #[serde(default)]
    pub refuse: bool,
    /// Milliseconds before the answer.
    #[serde(default)]
    pub delay_ms: u64,
    /// The answer is held back until so many requests have come.
    pub hold_until: Option<usize>,
    /// The client must close the connection by itself.
    #[serde(default)]
    pub closed_by_client: bool,
}

/// Text, many times.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repeat {
    /// The text.
    pub text: String,
    /// How often.
    pub times: usize,
    /// The client must have stopped reading before so many bytes.
    pub stops_before: Option<usize>,
}

/// What happens after the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Then {
    /// It is complete.
    #[default]
    End,
    /// The connection breaks before its end. A body that is no event stream breaks in its middle.
    Cut,
    /// Nothing more, and no end.
    Hang,
}

/// A part of an event stream.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Piece {
    /// A chunk with this payload.
    #[serde(default, deserialize_with = "present")]
    pub chunk: Option<Value>,
    /// The end, with this summary.
    #[serde(default, deserialize_with = "present")]
    pub done: Option<Value>,
    /// An `error` event with this `ncp.error`.
    pub error: Option<Map<String, Value>>,
    /// A `status` event with this `ncp.task`.
    pub status: Option<Map<String, Value>>,
    /// Text as it is.
    pub raw: Option<String>,
    /// Milliseconds to wait.
    pub wait_ms: Option<u64>,
    /// The chunk's sequence, or the last one's. Default: counted.
    pub sequence: Option<u64>,
    /// Whether the stream can be resumed. Default: it can.
    pub resumable: Option<bool>,
    /// The event's name; empty: none. Default: its kind's.
    pub event: Option<String>,
    /// The event's id; empty: none. Default: a chunk's sequence.
    pub id: Option<String>,
    /// The JSON stands on several lines.
    #[serde(default)]
    pub pretty: bool,
    /// Changes to the Response, by JSON pointers.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What is taken out of the Response.
    #[serde(default)]
    pub remove: Vec<String>,
}
