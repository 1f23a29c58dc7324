//! `cargo xtask demo`: the same story by the native client, by the WebAssembly client in Node.js and by the React hooks,
//! against one node.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::mock_node::MockNode;
use crate::process::Shell;
use crate::workspace::Workspace;
use crate::{graph, report};

const TIME_LIMIT: Duration = Duration::from_secs(180);

/// Builds what is needed and runs the examples in sight of the user.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    println!("Preparing (the first time takes some minutes)");
    let outcomes = graph::run(workspace, &["rust build", "npm build"])?;
    if outcomes.iter().any(|outcome| outcome.error.is_some()) {
        return Ok(report::summary(&outcomes));
    }
    let mut shell = Shell::open(workspace, "demo", TIME_LIMIT)?;
    shell.show_output();
    let result = run_examples(&mut shell);
    match &result {
        Ok(()) => println!(
            "\nThe demo went well: all three did everything they tried.\n\
             To look at a node yourself, open the Node Explorer: cargo xtask explorer"
        ),
        Err(error) => println!("\nThe demo FAILED: {error:#}"),
    }
    Ok(result.is_ok())
}

/// The examples against a node of their own.
pub(crate) fn run_examples(shell: &mut Shell<'_>) -> Result<()> {
    let node = MockNode::start(shell, &[])?;
    shell.say(&format!("\nA mock node listens at {}", node.base_url()))?;

    shell.say("\n=== Native Rust client ===")?;
    let mut native = shell.program(shell.workspace.built("ancp-example-native"))?;
    let native = run_example(shell, &node, &mut native).context("the native example");

    shell.say("\n=== Node.js client (WebAssembly) ===")?;
    let mut nodejs = shell.program("node")?;
    nodejs.arg("examples/node/demo.mjs");
    let nodejs = run_example(shell, &node, &mut nodejs).context("the Node.js example");

    shell.say("\n=== React hooks (rendered on a server, then live in a DOM) ===")?;
    let mut react = shell.npm("start --silent --workspace examples/react")?;
    let react = run_example(shell, &node, &mut react).context("the React example");
    native.and(nodejs).and(react)
}

fn run_example(shell: &mut Shell<'_>, node: &MockNode, command: &mut Command) -> Result<()> {
    node.describe_to(command)?;
    shell.run(command)
}
