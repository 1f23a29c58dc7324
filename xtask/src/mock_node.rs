//! A running mock node.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::process::{Running, Shell};

/// It only has to open a port.
const START: Duration = Duration::from_secs(30);

/// Runs a program against a mock node of its own.
pub(crate) fn run_against(
    shell: &mut Shell<'_>,
    options: &[&str],
    command: &mut Command,
) -> Result<()> {
    let node = MockNode::start(shell, options)?;
    node.describe_to(command)?;
    shell.run(command)
}

/// A mock node on a free port; it is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct MockNode {
    /// The line in which the node says how it is reached: `{ baseUrl, nodeId, tenantId, apiKey }`.
    pub(crate) line: String,
    address: Value,
    _running: Running,
}

impl MockNode {
    pub(crate) fn start(shell: &mut Shell<'_>, options: &[&str]) -> Result<MockNode> {
        let mut command = shell.program(shell.workspace.built("ancp-mock-node"))?;
        command
            .args(["--port", "0"])
            .args(options)
            .stdout(Stdio::piped());
        if std::env::var_os("RUST_LOG").is_none() {
            // Each call would be a line between those of the programs that use the node.
            command.env("RUST_LOG", "warn");
        }
        let mut running = shell.start(&mut command)?;
        let output = running
            .child
            .stdout
            .take()
            .context("the mock node has no output")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(output).lines();
            // Sending fails when we have given up waiting. The rest is read so that the node never writes into a closed pipe.
            let _ = lines
                .next()
                .and_then(Result::ok)
                .map(|line| sender.send(line));
            lines.for_each(drop);
        });
        let line = receiver
            .recv_timeout(START)
            .map_err(|_| anyhow!("the mock node did not start"))?;
        let address = serde_json::from_str(&line)
            .with_context(|| format!("the mock node's first line is not JSON: {line}"))?;
        Ok(MockNode {
            line,
            address,
            _running: running,
        })
    }

    /// Tells a program where the node is.
    pub(crate) fn describe_to(&self, command: &mut Command) -> Result<()> {
        for (key, variable) in [
            ("baseUrl", "ANCP_BASE_URL"),
            ("nodeId", "ANCP_NODE_ID"),
            ("tenantId", "ANCP_TENANT_ID"),
            ("apiKey", "ANCP_API_KEY"),
        ] {
            let value = match &self.address[key] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => {
                    return Err(anyhow!(
                        "the mock node does not tell its {key}: {}",
                        self.line
                    ));
                }
            };
            command.env(variable, value);
        }
        // All of it in one, for the tests.
        command.env("ANCP_TEST_NODE", &self.line);
        Ok(())
    }

    pub(crate) fn base_url(&self) -> &str {
        self.address["baseUrl"].as_str().unwrap_or_default()
    }

    pub(crate) fn api_key(&self) -> &str {
        self.address["apiKey"].as_str().unwrap_or_default()
    }
}
