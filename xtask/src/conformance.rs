//! The wire contract's vectors, played by the npm package. The native client plays them in `cargo test`.

use anyhow::Result;

use crate::process::Shell;

pub(crate) fn in_node(shell: &mut Shell<'_>) -> Result<()> {
    run(shell, "tests/conformance/js/node.mjs")
}

pub(crate) fn in_browser(shell: &mut Shell<'_>) -> Result<()> {
    run(shell, "tests/conformance/js/browser.mjs")
}

fn run(shell: &mut Shell<'_>, script: &str) -> Result<()> {
    let server = shell.workspace.built("ancp-conformance-server");
    shell.run(
        shell
            .program("node")?
            .arg(script)
            .env("ANCP_CONFORMANCE_SERVER", server),
    )
}
