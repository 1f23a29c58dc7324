//! A served node for Rust tests.

use std::io;
use std::time::Duration;

use crate::auth::Role;
use crate::auth::random_api_key;
use crate::calls::CallLog;
use crate::faults::Faults;
use crate::http::{Server, ServerBuilder};
use crate::node::Node;
use crate::{NodeBuilder, samples};

/// A node with its server on a free loopback port. It stops when dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use ancp_mock_node::MockNode;
/// let node = MockNode::start().await?;
/// assert!(node.base_url().starts_with("http://127.0.0.1:"));
/// node.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct MockNode {
    server: Server,
    node: Node,
    api_key: String,
    faults: Faults,
    calls: CallLog,
}

/// How long running calls may take when a node shuts down.
const GRACE: Duration = Duration::from_secs(2);

impl MockNode {
    /// Node 42 of tenant 7 with the sample actions.
    pub async fn start() -> io::Result<Self> {
        Self::serve(samples::node()).await
    }

    /// A node of one's own. It gets one more API key, [`MockNode::api_key`], with every role but
    /// `admin`. The control API is on.
    pub async fn serve(builder: NodeBuilder) -> io::Result<Self> {
        let api_key = random_api_key();
        let builder = builder.api_key("tests", &api_key, Role::USUAL);
        let node = builder.build().map_err(io::Error::other)?;
        let (faults, calls) = (Faults::default(), CallLog::default());
        let server = ServerBuilder::new([node.clone()])
            .observed(faults.clone(), calls.clone())
            .control_api()
            .start("127.0.0.1:0")
            .await?;
        Ok(Self {
            server,
            node,
            api_key,
            faults,
            calls,
        })
    }

    /// The base URL for clients.
    pub fn base_url(&self) -> &str {
        self.server.base_url()
    }

    /// An API key that the node takes.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The node itself.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The faults to come.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was called.
    pub fn calls(&self) -> &CallLog {
        &self.calls
    }

    /// Stops; running calls are given a moment.
    pub async fn shutdown(self) {
        self.server.shutdown(GRACE).await;
    }
}
