//! A plain HTTP client for tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::{Call, ncp, within};

/// Talks to node 42 of a server.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub key: Option<String>,
    http: reqwest::Client,
}

/// A response that was read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Reply {
    pub fn envelope(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The error's code; empty where there is none.
    pub fn code(&self) -> String {
        let code = ncp(&self.envelope())["error"]["code"].clone();
        code.as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Client {
    pub fn new(base: &str, key: Option<&str>) -> Self {
        // Connections of other tests' servers must not be tried.
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            base: base.to_owned(),
            key: key.map(Into::into),
            http,
        }
    }

    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.into()),
            ..self.clone()
        }
    }

    /// A request to a path; `N` stands for that of node 42.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.replacen('N', "/ncp/nodes/42", 1);
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("X-Ancp-Api-Key", key);
        }
        request
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    pub fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.request(Method::POST, path).body(body);
        request.header("Content-Type", "application/json")
    }

    pub async fn call(&self, path: &str, call: &Call) -> Reply {
        send(self.post(path, call.text())).await
    }

    pub async fn open(&self, path: &str, call: &Call) -> Events {
        let response = within(self.post(path, call.text()).send()).await.unwrap();
        Events::new(response)
    }
}

pub async fn send(request: RequestBuilder) -> Reply {
    within(async {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        Reply {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    })
    .await
}

/// One block of an event stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: String,
    /// Set where the block is a comment, or only a `retry`.
    pub other: Option<String>,
}

impl Event {
    pub fn envelope(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// How a body went on.
#[derive(Debug, PartialEq)]
pub enum Next {
    Event(Event),
    /// The body ended as it should.
    End,
    /// The connection was cut.
    Cut,
}

/// Reads a body block by block.
pub struct Events {
    pub response: Response,
    buffer: Vec<u8>,
    ended: Option<Next>,
}

impl Events {
    pub fn new(response: Response) -> Self {
        Self {
            response,
            buffer: Vec::new(),
            ended: None,
        }
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    pub async fn next(&mut self) -> Next {
        loop {
            let end = self.buffer.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = end {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Next::Event(parse(std::str::from_utf8(&block).unwrap()));
            }
            if let Some(ended) = self.ended.take() {
                return ended;
            }
            match within(self.response.chunk()).await {
                Ok(Some(piece)) => self.buffer.extend_from_slice(&piece),
                Ok(None) => self.ended = Some(Next::End),
                Err(_) => self.ended = Some(Next::Cut),
            }
        }
    }

    /// The next event; it is an error if there is none.
    pub async fn event(&mut self) -> Event {
        match self.next().await {
            Next::Event(event) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    /// The rest: names with ids, and how it ended.
    pub async fn rest(&mut self) -> (Vec<String>, Next) {
        let mut names = Vec::new();
        loop {
            match self.next().await {
                Next::Event(event) => {
                    let id = event.id.unwrap_or_default();
                    names.push(format!("{}{id}", event.name));
                }
                end => return (names, end),
            }
        }
    }
}

fn parse(block: &str) -> Event {
    let mut event = Event::default();
    let mut data = Vec::new();
    for line in block.lines().filter(|line| !line.is_empty()) {
        match line.split_once(": ") {
            Some(("event", name)) => event.name = name.into(),
            Some(("id", id)) => event.id = Some(id.into()),
            Some(("data", text)) => data.push(text),
            _ => event.other = Some(line.into()),
        }
    }
    event.data = data.join("\n");
    event
}
