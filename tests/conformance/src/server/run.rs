//! What has happened in one run of a vector.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::check::{self, Seen};
use super::http::Request;
use super::placeholders::Known;
use crate::vector::{ClientVector, Exchange};

/// How long a report waits for what is still to come, such as the end of a stream that nobody waits for.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a report waits for what must not come.
const QUIET: Duration = Duration::from_millis(25);

/// One run.
pub(super) struct Run {
    pub(super) vector: ClientVector,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// The exchange that is expected next.
    next: usize,
    seen: Vec<Seen>,
    problems: Vec<String>,
    /// Connections that the client must close and has not.
    open: usize,
    answered: Option<Instant>,
}

/// A request's place in the vector.
pub(super) struct Taken {
    /// `None` for one that no exchange expects.
    pub(super) exchange: Option<Exchange>,
    pub(super) known: Known,
}

impl Run {
    pub(super) fn new(vector: ClientVector) -> Self {
        Self {
            vector,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Finds the exchange of a request and checks the request.
    pub(super) fn take(&self, request: &Request, path: &str, prefix: &str) -> Taken {
        let mut state = self.state();
        let place = self.place(&state, &request.method, path);
        // The host that the client has asked: 127.0.0.1, or localhost where it is elsewhere.
        let host = request.headers.get("host").map_or("", String::as_str);
        let node = check::full_path(&self.vector, "~");
        let seen = Seen::new(place, request, &format!("http://{host}{prefix}{node}"));
        let began = match request.method.as_str() {
            "POST" => Some(&seen),
            // Answers to other requests repeat the ids of the message that began the stream or task.
            _ => state.seen.iter().rfind(|seen| seen.method == "POST"),
        };
        let known = Known {
            id: began.map_or(UNKNOWN, |seen| &seen.id).into(),
            correlation_id: began.map_or(UNKNOWN, |seen| &seen.correlation_id).into(),
            base: format!("http://{host}{prefix}"),
            prefix: prefix.into(),
            elsewhere: format!("http://{}{prefix}", host.replace("127.0.0.1", "localhost")),
            headers: request.headers.clone(),
        };
        let Some(place) = place else {
            if path != check::DISCOVERY {
                let expected = self
                    .vector
                    .exchanges
                    .get(state.next)
                    .map_or("nothing more".into(), |exchange| {
                        format!("{} {}", exchange.expect.method, exchange.expect.path)
                    });
                let problem = format!(
                    "unexpected request {} {path}; expected {expected}",
                    request.method
                );
                state.problems.push(problem);
            }
            return Taken {
                exchange: None,
                known,
            };
        };
        let exchange = self.vector.exchanges[place].clone();
        let since = state.answered.map(|answered| answered.elapsed());
        let problems = check::problems(
            &self.vector,
            &exchange.expect,
            &seen,
            &state.seen,
            request,
            path,
            since,
        );
        let named = problems
            .into_iter()
            .map(|problem| format!("request {place} ({} {path}): {problem}", request.method));
        state.problems.extend(named);
        state.next = place + usize::from(!exchange.repeated);
        state.seen.push(seen);
        drop(state);
        self.changed.notify_waiters();
        Taken {
            exchange: Some(exchange),
            known,
        }
    }

    /// The exchange of a request: the next one, where those before it may be left out.
    fn place(&self, state: &State, method: &str, path: &str) -> Option<usize> {
        for (place, exchange) in self.vector.exchanges.iter().enumerate().skip(state.next) {
            if exchange.expect.method == method
                && check::full_path(&self.vector, &exchange.expect.path) == path
            {
                return Some(place);
            }
            if !may_be_left_out(exchange, state, place) {
                return None;
            }
        }
        None
    }

    /// Notes that an answer is under way, and whether its connection must be closed by the client.
    pub(super) fn answering(&self, closed_by_client: bool) {
        let mut state = self.state();
        state.answered = Some(Instant::now());
        state.open += usize::from(closed_by_client);
    }

    pub(super) fn closed(&self) {
        self.state().open -= 1;
        self.changed.notify_waiters();
    }

    pub(super) fn problem(&self, problem: String) {
        self.state().problems.push(problem);
    }

    /// Waits until so many requests have come.
    pub(super) async fn requests(&self, count: usize) -> Value {
        self.until(|state| state.seen.len() >= count).await;
        json!({ "requests": self.state().seen.len() })
    }

    /// Waits for what is still to come and tells what was wrong.
    pub(super) async fn report(&self) -> Value {
        self.until(|state| state.open == 0 && self.missing(state).is_empty())
            .await;
        tokio::time::sleep(QUIET).await;
        let state = self.state();
        let mut problems = state.problems.clone();
        problems.extend(self.missing(&state));
        if state.open > 0 {
            problems.push("the client has not closed a connection that it no longer needs".into());
        }
        json!({ "problems": problems, "requests": state.seen.len() })
    }

    fn missing(&self, state: &State) -> Vec<String> {
        let left = self.vector.exchanges.iter().enumerate().skip(state.next);
        left.filter(|(place, exchange)| !may_be_left_out(exchange, state, *place))
            .map(|(place, Exchange { expect, .. })| {
                format!(
                    "request {place} ({} {}) has not come",
                    expect.method, expect.path
                )
            })
            .collect()
    }

    async fn until(&self, done: impl Fn(&State) -> bool) {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                // From here on a change wakes this up.
                changed.as_mut().enable();
                if done(&self.state()) {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, waiting).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For answers to requests that no message began.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn may_be_left_out(exchange: &Exchange, state: &State, place: usize) -> bool {
    exchange.optional
        || (exchange.repeated && state.seen.iter().any(|seen| seen.place == Some(place)))
}
