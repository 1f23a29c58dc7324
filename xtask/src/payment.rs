//! Payments on a real EVM chain, which the tests start themselves.

use anyhow::Result;

use crate::process::Shell;

pub(crate) fn test(shell: &mut Shell<'_>) -> Result<()> {
    let node = shell.workspace.built("ancp-mock-node");
    let mut command = shell.npm("run e2e --workspace tests/payment")?;
    shell.run(command.env("ANCP_MOCK_NODE", node))
}
