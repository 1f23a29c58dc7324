//! The Node Explorer: a page with a mock node to look at, and its tests in a headless browser.

use std::time::Duration;

use anyhow::Result;

use crate::mock_node::{self, MockNode};
use crate::process::Shell;
use crate::workspace::Workspace;
use crate::{graph, report};

/// Until the user ends it; no instant may lie too far ahead.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What the page's tests need of the node: faults, a token, proofs of keys that pages make, and the built page itself.
const TEST_NODE: &[&str] = &[
    "--faults",
    "--print-token",
    "--did=key",
    "--explorer",
    "examples/node-explorer/dist",
];

/// What a user looks at: the page with all that it can show.
const DEMO_NODE: &[&str] = &["--did=key", "--explorer", "examples/node-explorer/dist"];

/// Another node, one of whose actions costs something.
const PRICED_NODE: &[&str] = &["--config", "tests/explorer/priced-node.toml"];

/// `cargo xtask explorer`: builds what is needed, starts a mock node and Vite's development server, and runs until
/// interrupted.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    println!("Preparing (the first time takes some minutes)");
    let outcomes = graph::run(workspace, &["rust build", "npm build"])?;
    if outcomes.iter().any(|outcome| outcome.error.is_some()) {
        return Ok(report::summary(&outcomes));
    }
    let mut shell = Shell::open(workspace, "explorer", FOR_EVER)?;
    shell.show_output();
    let node = MockNode::start(&mut shell, DEMO_NODE)?;
    println!("\nA mock node listens at  {}", node.base_url());
    println!("It takes the API key    {}", node.api_key());
    println!(
        "It serves the built explorer, too. The development server follows; Ctrl-C ends both."
    );
    let mut vite =
        shell.npm("run dev --workspace examples/node-explorer -- --clearScreen false")?;
    // The page's first connection.
    vite.env("VITE_ANCP_BASE_URL", node.base_url());
    shell.run(&mut vite)?;
    Ok(true)
}

/// The tests, with the built page, in a headless browser.
pub(crate) fn test(shell: &mut Shell<'_>) -> Result<()> {
    in_browser(shell, "e2e")
}

/// `cargo xtask screenshots`: takes the pictures of the documentation anew.
pub(crate) fn take_screenshots(workspace: &Workspace) -> Result<bool> {
    let outcomes = graph::run(workspace, &["rust build", "npm build", "browser"])?;
    if outcomes.iter().any(|outcome| outcome.error.is_some()) {
        return Ok(report::summary(&outcomes));
    }
    let mut shell = Shell::open(workspace, "screenshots", Duration::from_secs(300))?;
    shell.show_output();
    in_browser(&mut shell, "screenshots")?;
    Ok(true)
}

fn in_browser(shell: &mut Shell<'_>, script: &str) -> Result<()> {
    let mut command = shell.npm(&format!("run {script} --workspace tests/explorer"))?;
    let priced = MockNode::start(shell, PRICED_NODE)?;
    command.env("ANCP_PRICED_NODE", &priced.line);
    mock_node::run_against(shell, TEST_NODE, &mut command)
}
