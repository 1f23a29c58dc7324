//! Faults on demand: what a bad network or a bad proxy would do, exactly when a test wants it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What to do to a request or its answer. Several may be combined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Fault {
    /// Waits this long before anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Closes the connection without an answer; the node does not see the request.
    #[serde(skip_serializing_if = "is_false")]
    pub close_connection: bool,
    /// Closes the connection without an answer after the node has handled the request.
    #[serde(skip_serializing_if = "is_false")]
    pub drop_response: bool,
    /// Answers with this status; the node does not see the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// With `status`: the `Retry-After` header, as seconds or as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// With `status`: the code in the error's envelope, where there is no `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With `status`: whether the error's envelope says `retryable`; else as the code has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// With `status`: the body, as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// With `body` or `malformedBody`: the content type. `text/html` for a `body` unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Handles the request, and puts this in place of the answer's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malformed_body: Option<String>,
    /// Sets headers of the response, or with `null` takes them away.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Cuts the connection after so many bytes of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop_after_bytes: Option<usize>,
    /// Cuts the connection after so many events of a stream or a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop_after_events: Option<u64>,
    /// Falls silent after so many events, and keeps the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_after_events: Option<u64>,
    /// With `stallAfterEvents`: comments go on.
    #[serde(skip_serializing_if = "is_false")]
    pub keep_alive_while_stalled: bool,
    /// Leaves out the connection's event with this number, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_event: Option<u64>,
    /// Sends the connection's event with this number twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_event: Option<u64>,
    /// Sends the body in pieces of so many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_bytes: Option<usize>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A `Retry-After` header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// A date, or nonsense.
    Text(String),
}

impl std::fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seconds(seconds) => seconds.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// What a request asks for, as its method and path say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the names of the wire contract's table of calls"
)]
pub enum Operation {
    Invoke,
    Fire,
    Stream,
    StreamResume,
    StreamEnd,
    TaskStart,
    TaskStatus,
    TaskEvents,
    TaskInput,
    TaskCancel,
    Discovery,
    /// The rules of faults and the log of calls themselves, which no rule is applied to.
    Control,
    /// A path that the contract does not have.
    Unknown,
}

/// Which requests a rule is for: those that fit everything that is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Match {
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The end of the path, such as `/invoke`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The action that the message names (of a POST).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The node's id in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
}

/// When to do what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultRule {
    /// Which requests it is for; all unless set.
    #[serde(rename = "match")]
    pub matching: Match,
    /// How many matching requests pass unharmed first.
    pub after: u64,
    /// How many requests it hits; all unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// What to do to them.
    pub fault: Fault,
}

/// A rule and what has become of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveRule {
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How many requests matched.
    pub matched: u64,
    /// How many requests were hit.
    pub hits: u64,
}

/// What a rule is matched against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) operation: Operation,
    pub(crate) action: Option<&'a str>,
    pub(crate) node_id: Option<&'a str>,
}

impl Match {
    fn fits(&self, facts: &Facts<'_>) -> bool {
        let Self {
            method,
            path,
            operation,
            action,
            node_id,
        } = self;
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let same_method = |wanted: &String| wanted.eq_ignore_ascii_case(facts.method);
        method.as_ref().is_none_or(same_method)
            && path.as_ref().is_none_or(|end| facts.path.ends_with(end))
            && operation.is_none_or(|wanted| wanted == facts.operation)
            && is(action, facts.action)
            && is(node_id, facts.node_id)
    }
}

/// The fault rules of a server. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<ActiveRule>>>);

impl Faults {
    /// Adds a rule behind the others.
    pub fn add(&self, rule: FaultRule) {
        self.lock().push(ActiveRule {
            rule,
            matched: 0,
            hits: 0,
        });
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules, and how often they hit.
    pub fn list(&self) -> Vec<ActiveRule> {
        self.lock().clone()
    }

    /// What the first rule that applies does to a request.
    pub(crate) fn take(&self, facts: &Facts<'_>) -> Fault {
        for active in self.lock().iter_mut() {
            let rule = &active.rule;
            let spent = rule.times.is_some_and(|times| active.hits >= times);
            if spent || !rule.matching.fits(facts) {
                continue;
            }
            active.matched += 1;
            if active.matched > rule.after {
                active.hits += 1;
                return rule.fault.clone();
            }
        }
        Fault::default()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ActiveRule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(operation: Operation, action: Option<&str>) -> Facts<'_> {
        Facts {
            method: "POST",
            path: "/ncp/nodes/42/invoke",
            operation,
            action,
            node_id: Some("42"),
        }
    }

    fn rule(text: &str) -> FaultRule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn matching() {
        for (matching, fits) in [
            ("{}", true),
            (r#"{"method":"post"}"#, true),
            (r#"{"method":"GET"}"#, false),
            (r#"{"path":"/invoke"}"#, true),
            (r#"{"path":"/fire"}"#, false),
            (r#"{"operation":"invoke","action":"echo"}"#, true),
            (r#"{"operation":"invoke","action":"slow"}"#, false),
            (r#"{"nodeId":"42"}"#, true),
            (r#"{"nodeId":"43"}"#, false),
        ] {
            let matching: Match = serde_json::from_str(matching).unwrap();
            assert_eq!(
                matching.fits(&facts(Operation::Invoke, Some("echo"))),
                fits,
                "{matching:?}"
            );
        }
        for wrong in [r#"{"typo":1}"#, r#"{"operation":"strem"}"#] {
            assert!(serde_json::from_str::<Match>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_and_after() {
        let faults = Faults::default();
        faults.add(rule(
            r#"{"after":1,"times":2,"fault":{"status":503,"retryAfter":1}}"#,
        ));
        faults.add(rule(r#"{"fault":{"delayMs":5}}"#));
        let taken: Vec<_> = (0..4)
            .map(|_| faults.take(&facts(Operation::Invoke, None)).status)
            .collect();
        assert_eq!(taken, [None, Some(503), Some(503), None]);
        let hits: Vec<_> = faults.list().iter().map(|rule| rule.hits).collect();
        assert_eq!(hits, [2, 2]);
        faults.clear();
        assert_eq!(
            faults.take(&facts(Operation::Invoke, None)),
            Fault::default()
        );
    }

    #[test]
    fn rules_read_as_they_are_written() {
        let text = r#"{"match":{"action":"echo"},"after":0,"times":1,"fault":{"retryAfter":"soon","headers":{"location":null}}}"#;
        assert_eq!(serde_json::to_string(&rule(text)).unwrap(), text);
    }
}
