//! The control API: fault rules and the log of calls, for tests in other processes.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Method, Response};
use bytes::Bytes;
use serde::Serialize;

use super::handle::App;
use super::request::RequestBody;
use super::respond;
use super::route::Endpoint;
use crate::faults::{Fault, FaultRule};

pub(super) fn handle(
    app: &App,
    endpoint: &Endpoint,
    method: &Method,
    body: RequestBody,
) -> Response<Body> {
    let none = Fault::default();
    match (endpoint, method) {
        (Endpoint::Faults, &Method::GET) => json(200, &app.faults.list()),
        (Endpoint::Calls, &Method::GET) => json(200, &app.calls.list()),
        (Endpoint::Calls, &Method::DELETE) => {
            app.calls.clear();
            respond::no_content(&none, None)
        }
        (Endpoint::Faults, &Method::DELETE) => {
            app.faults.clear();
            respond::no_content(&none, None)
        }
        (Endpoint::Faults, &Method::POST) => match read_rules(body) {
            Ok(rules) => {
                rules.into_iter().for_each(|rule| app.faults.add(rule));
                respond::no_content(&none, None)
            }
            Err(error) => json(400, &serde_json::json!({ "error": error })),
        },
        _ => {
            let mut response = json(405, &serde_json::json!({ "error": "no such method" }));
            respond::allow(response.headers_mut(), endpoint.methods());
            response
        }
    }
}

/// Reads one rule or a list of them.
fn read_rules(body: RequestBody) -> Result<Vec<FaultRule>, String> {
    let RequestBody::Read(body) = body else {
        return Err("the body is too large".into());
    };
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let rules = match is_list {
        true => serde_json::from_slice(&body),
        false => serde_json::from_slice(&body).map(|rule| vec![rule]),
    };
    rules.map_err(|error| error.to_string())
}

fn json(status: u16, value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_vec(value).unwrap_or_default();
    respond::json(status, Bytes::from(text), &Fault::default(), None)
}

/// Sets and removes the headers that a fault names.
pub(super) fn change_headers(headers: &mut HeaderMap, fault: &Fault) {
    for (name, value) in &fault.headers {
        let Ok(name) = HeaderName::try_from(name) else {
            continue;
        };
        match value {
            Some(value) => respond::set(headers, name, value),
            None => {
                headers.remove(name);
            }
        }
    }
}
