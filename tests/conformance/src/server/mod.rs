//! A node made of vectors: `{baseUrl}/v/{vector}/{run}` is the base URL of one run of one vector. `run` is any word, so
//! that several runtimes can play the same vector.
//!
//! `GET /vectors` lists the vectors. `GET /begun/{vector}/{run}` answers once the first request has come, for what is to
//! happen in the middle of a call. `GET /report/{vector}/{run}` waits for the requests that are still to come and tells
//! what was wrong with those that came.

mod check;
mod http;
mod placeholders;
mod play;
mod proof;
mod render;
mod run;
mod sse;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::vector::{ClientVector, Loaded, load};
use http::{Connection, Head};
use run::Run;

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    vectors: Vec<Loaded<ClientVector>>,
    runs: Mutex<HashMap<String, Arc<Run>>>,
}

impl Server {
    /// Starts a server on a free port of the loopback interface, with all client vectors.
    ///
    /// # Errors
    /// A vector that is none, or no port.
    pub async fn start() -> io::Result<Self> {
        let vectors = load("client").map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            vectors,
            runs: Mutex::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that breaks a connection is what some vectors are about.
                    let _ = shared.serve(stream).await;
                });
            }
        });
        Ok(Self { address, accepting })
    }

    /// Where the server is.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    /// Answers the one request of a connection: without reuse, no HTTP client repeats a request by itself.
    async fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(stream)?;
        let Some(request) = connection.request().await? else {
            return Ok(());
        };
        if request.method == "OPTIONS" {
            return connection.answer(Head::preflight(&request), b"").await;
        }
        let path = request.path.clone();
        let mut parts = path.splitn(5, '/').skip(1);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("vectors"), None, ..) => {
                let all: Vec<Value> = self.vectors.iter().map(listed).collect();
                connection.json(&request, 200, &Value::Array(all)).await
            }
            (Some("report"), Some(key), Some(run), None) => match self.run(key, run) {
                Some(run) => {
                    let report = run.report().await;
                    connection.json(&request, 200, &report).await
                }
                None => {
                    connection
                        .json(&request, 404, &json!("there is no such vector"))
                        .await
                }
            },
            (Some("v"), Some(key), Some(run), Some(_)) => {
                let Some(found) = self.run(key, run) else {
                    return connection
                        .json(&request, 404, &json!("there is no such vector"))
                        .await;
                };
                let prefix = format!("/v/{key}/{run}");
                play::play(&found, &prefix, request, connection).await
            }
            _ => {
                connection
                    .json(&request, 404, &json!("there is no such path"))
                    .await
            }
        }
    }

    fn run(&self, key: &str, run: &str) -> Option<Arc<Run>> {
        let vector = self.vectors.iter().find(|vector| vector.key == key)?;
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs
            .entry(format!("{key}/{run}"))
            .or_insert_with(|| Arc::new(Run::new(vector.vector.clone())));
        Some(Arc::clone(run))
    }
}

fn listed(vector: &Loaded<ClientVector>) -> Value {
    let mut json = vector.json.clone();
    json["key"] = json!(vector.key);
    // Runners need what concerns the client alone.
    if let Some(fields) = json.as_object_mut() {
        fields.remove("exchanges");
        fields.remove("discovery");
    }
    json
}
