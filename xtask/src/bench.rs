//! `cargo xtask bench`: the benchmarks of `benches/`, and the page that is made of their results.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::ensure::npm;
use crate::process::Shell;
use crate::workspace::Workspace;
use crate::{graph, report};

/// A suite takes five minutes on a quiet machine.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The suites and the steps that each needs.
const SUITES: &[(&str, &[&str])] = &[("node", &["npm build"]), ("size", &["npm build"])];

/// Measures one suite, or one part of it, in sight of the user, and renews docs/performance.md.
pub(crate) fn run(workspace: &Workspace, suite: &str, part: Option<&str>) -> Result<bool> {
    let (_, needs) = SUITES
        .iter()
        .find(|(name, _)| *name == suite)
        .with_context(|| {
            let names: Vec<&str> = SUITES.iter().map(|(name, _)| *name).collect();
            format!(
                "there is no suite `{suite}`; there are: {}",
                names.join(", ")
            )
        })?;
    let outcomes = graph::run(workspace, needs)?;
    if outcomes.iter().any(|outcome| outcome.error.is_some()) {
        return Ok(report::summary(&outcomes));
    }
    let mut shell = Shell::open(workspace, "bench", TIME_LIMIT)?;
    npm::install(&mut shell, "benches")?;
    shell.show_output();
    let mut command = shell.program("node")?;
    shell.run(command.args(["benches/run.mjs", suite]).args(part))?;
    shell.run(shell.program("node")?.arg("benches/document.mjs"))?;
    Ok(true)
}

/// The tables in docs/performance.md are those of the results in the repository.
pub(crate) fn check_page(shell: &mut Shell<'_>) -> Result<()> {
    shell.run(
        shell
            .program("node")?
            .args(["benches/document.mjs", "--check"]),
    )
}
