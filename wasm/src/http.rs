//! Requests as they cross, and payloads, which do not.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::cell::Cell;
use core::ptr;

use ancp_core::Json;
use ancp_core::http::{HttpRequest, ResponseHead};
use zeroize::Zeroizing;

use crate::host::Host;
use crate::text;

/// A request's payload: where it is.
pub(crate) trait Place {
    /// The number under which the host keeps it, or 0.
    fn number(&self) -> u32;

    /// The text, where the host does not keep it.
    fn text(&self) -> &str;
}

/// A call whose payload, and the result that answers it, the host keeps under a number.
pub(crate) struct HostCall {
    pub(crate) number: u32,
    /// Whether one answer's payload is its whole result.
    has_one_answer: bool,
    /// The text of the payload that the host has parsed and kept last.
    parsed: Cell<*const str>,
}

impl HostCall {
    pub(crate) fn new(number: u32, has_one_answer: bool) -> Self {
        Self {
            number,
            has_one_answer,
            parsed: Cell::new(ptr::from_ref("")),
        }
    }

    /// Whether the host has this result already.
    pub(crate) fn has(&self, result: &Json) -> bool {
        ptr::eq(self.parsed.get(), result.as_str())
    }

    /// Has the host parse and keep the payload of the answer. Returns whether it is JSON.
    pub(crate) fn parse(&self, host: &Host, payload: &str) -> bool {
        // The results of a group's members are parsed together.
        if !self.has_one_answer {
            return false;
        }
        self.parsed.set(payload);
        #[cfg(feature = "latin1")]
        if let Some(payload) = crate::latin1::latin1(payload) {
            return host.parse_latin1(self.number, &payload);
        }
        host.parse(self.number, payload)
    }
}

impl Place for HostCall {
    fn number(&self) -> u32 {
        self.number
    }

    fn text(&self) -> &str {
        ""
    }
}

/// A request as it crosses.
pub(crate) struct RequestText {
    method: u8,
    text: Zeroizing<String>,
    payload: u32,
    limit: usize,
}

impl RequestText {
    pub(crate) fn of(request: HttpRequest<'_, impl Place>) -> Self {
        // One text, as each that crosses takes its time; in one piece, which is wiped: a header may
        // be a credential.
        let mut text = Zeroizing::new(String::with_capacity(length_of(&request)));
        text.push_str(&request.url);
        for (name, value) in &request.headers {
            for line in [name, value.as_str()] {
                text.push('\n');
                text.push_str(line);
            }
        }
        let method = match request.method {
            "POST" => 1,
            "DELETE" => 2,
            _ => 0,
        };
        let mut payload = 0;
        if let Some(body) = request.body {
            text.push('\0');
            text.push_str(&body.before);
            payload = body.payload.number();
            text.push_str(body.payload.text());
            text.push('\0');
            text.push_str(&body.after);
        }
        Self {
            method,
            text,
            payload,
            limit: request.max_response_bytes,
        }
    }

    /// Sends it, for its whole answer or for the head of it.
    pub(crate) fn send(&self, host: &Host, op: u32, whole: bool) {
        let limit = match whole {
            true => u32::try_from(self.limit).unwrap_or(u32::MAX),
            false => 0,
        };
        host.send(op, self.method, &self.text, self.payload, limit);
    }
}

/// How long the text of a request is.
fn length_of(request: &HttpRequest<'_, impl Place>) -> usize {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| name.len() + value.as_str().len() + 2);
    let body = request.body.as_ref().map_or(0, |body| {
        body.before.len() + body.payload.text().len() + body.after.len() + 2
    });
    request.url.len() + headers.sum::<usize>() + body
}

/// The headers cross as four lines, empty where there is none.
pub(crate) fn head(status: u16, mut headers: &str) -> ResponseHead {
    let mut line = || text::line(&mut headers).filter(|line| !line.is_empty());
    ResponseHead {
        status,
        content_type: line().map(ToOwned::to_owned),
        location: line().map(ToOwned::to_owned),
        retry_after: line().map(text::duration),
        request_id: line().map(ToOwned::to_owned),
    }
}
