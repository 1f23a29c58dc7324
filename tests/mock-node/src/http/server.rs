//! The server: an axum router, and the loop that serves it.
//!
//! The loop is our own, as a connection must be closable without an answer (a fault), and a stop
//! must end what is still open.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::files::Files;
use super::handle::{App, CloseConnection};
use crate::calls::CallLog;
use crate::faults::Faults;
use crate::node::Node;

/// The largest head of a request in bytes; beyond it the answer is an empty 431. Room for every
/// credential that is looked at, and for what browsers and proxies add.
const MAX_HEAD: usize = 64 * 1024;

/// How a server is set up.
#[derive(Clone)]
#[must_use]
pub struct ServerBuilder {
    nodes: Vec<Node>,
    base_path: String,
    base_url: Option<String>,
    faults: Faults,
    calls: CallLog,
    observed: bool,
    control: bool,
    files: Files,
}

/// A running server. It stops when dropped, at once; [`Server::shutdown`] is gentler.
pub struct Server {
    address: SocketAddr,
    base_url: String,
    nodes: Vec<Node>,
    stopping: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl ServerBuilder {
    /// A server of these nodes.
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self {
            nodes: nodes.into_iter().collect(),
            base_path: String::new(),
            base_url: None,
            faults: Faults::default(),
            calls: CallLog::default(),
            observed: false,
            control: false,
            files: Files::default(),
        }
    }

    /// Puts everything below a path, such as `/api`.
    pub fn base_path(mut self, path: &str) -> Self {
        let path = path.trim_matches('/');
        self.base_path = match path.is_empty() {
            true => String::new(),
            false => format!("/{path}"),
        };
        self
    }

    /// How the outside world names the server, for the discovery document; unless set, by its
    /// address and base path.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Applies these faults and keeps this log.
    pub fn observed(mut self, faults: Faults, calls: CallLog) -> Self {
        self.faults = faults;
        self.calls = calls;
        self.observed = true;
        self
    }

    /// Lets tests in other processes control faults, at `/_faults`, and read the log of calls, at
    /// `/_calls`.
    pub fn control_api(mut self) -> Self {
        self.control = true;
        self.observed = true;
        self
    }

    /// Serves the files of a folder, such as a built Node Explorer, at `/` below the base path. They are read now.
    pub fn files(mut self, folder: &Path) -> io::Result<Self> {
        self.files = Files::read(folder)?;
        Ok(self)
    }

    /// The axum router, to be served by other means. Faults that close connections without an answer
    /// answer with an empty 200 there.
    pub fn router(self, base_url: String) -> Router {
        let app = Arc::new(App {
            nodes: self.nodes,
            base_path: self.base_path,
            base_url,
            faults: self.faults,
            calls: self.calls,
            observed: self.observed,
            control: self.control,
            files: self.files,
        });
        Router::new().fallback(move |request: Request<Body>| app.handle(request))
    }

    /// Binds and serves.
    pub async fn start(self, address: impl tokio::net::ToSocketAddrs) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let base_url = self.base_url.clone().unwrap_or_else(|| {
            let mut reachable = address;
            if reachable.ip().is_unspecified() {
                reachable.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            format!("http://{reachable}{}", self.base_path)
        });
        let base_url = base_url.trim_end_matches('/').to_owned();
        let nodes = self.nodes.clone();
        let stopping = CancellationToken::new();
        let router = self.router(base_url.clone());
        let serving = tokio::spawn(serve(listener, router, stopping.clone()));
        Ok(Server {
            address,
            base_url,
            nodes,
            stopping,
            serving: Some(serving),
        })
    }
}

impl Server {
    /// The address that it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a `/` at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Accepts no more connections, ends streams and tasks, waits for running calls, but no longer
    /// than `grace`, and stops.
    pub async fn shutdown(mut self, grace: Duration) {
        self.nodes.iter().for_each(Node::close);
        self.stopping.cancel();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(grace, &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.nodes.iter().for_each(Node::abort);
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// Accepts until stopped, then waits for the connections. Dropping it drops them.
async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, router.clone(), graceful.watcher()));
                }
                Err(error) => {
                    // Such as too many open files: it may pass.
                    tracing::warn!(%error, "can't accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    graceful.shutdown().await;
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, watcher: Watcher) {
    // Events must not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.call(request);
        async move {
            let response: Response<Body> = match answer.await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<CloseConnection>() {
                Some(_) => Err(io::Error::other("the connection is to be closed")),
                None => Ok(response),
            }
        }
    });
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server
        .http1()
        .timer(TokioTimer::new())
        .max_buf_size(MAX_HEAD);
    let serving = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(serving).await {
        tracing::debug!(%peer, %error, "a connection was closed");
    }
}
