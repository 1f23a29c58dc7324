//! `cargo xtask bench`: the benchmarks of `benches/`, and the page that is made of their results.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::ensure::{npm, valgrind};
use crate::process::Shell;
use crate::workspace::Workspace;
use crate::{graph, report};

/// A suite takes five minutes on a quiet machine.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The suites and the steps that each needs.
const SUITES: &[(&str, &[&str])] = &[
    ("native", &["npm packages"]),
    ("node", &["npm build"]),
    ("browser", &["npm build", "browser"]),
    ("size", &["npm build"]),
    ("instructions", &["npm packages", "valgrind"]),
];

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
    let mut command = shell.program("node")?;
    match suite {
        "native" => native_program(&mut shell, &mut command)?,
        "instructions" => counted_program(&mut shell, &mut command)?,
        _ => {}
    }
    shell.show_output();
    shell.run(command.args(["benches/run.mjs", suite]).args(part))?;
    shell.run(shell.program("node")?.arg("benches/document.mjs"))?;
    Ok(true)
}

/// Builds what measures the native client, and tells the scripts where it is.
fn native_program(shell: &mut Shell<'_>, command: &mut Command) -> Result<()> {
    shell.run(&mut shell.cargo("build --release --package ancp-benches")?)?;
    command.env("ANCP_BENCHES", built(shell, "release", "ancp-benches"));
    Ok(())
}

/// Builds what is run under callgrind, and tells the scripts where it is.
fn counted_program(shell: &mut Shell<'_>, command: &mut Command) -> Result<()> {
    shell.run(&mut shell.cargo("build --profile instructions --package ancp-instructions")?)?;
    command.env(
        "ANCP_INSTRUCTIONS",
        built(shell, "instructions", "ancp-instructions"),
    );
    Ok(())
}

fn built(shell: &Shell<'_>, profile: &str, program: &str) -> PathBuf {
    shell.workspace.cargo_target.join(profile).join(program)
}

/// The hot paths take as many instructions as they did.
pub(crate) fn check_instructions(shell: &mut Shell<'_>) -> Result<()> {
    if !valgrind::available() {
        return Ok(());
    }
    let mut command = shell.program("node")?;
    counted_program(shell, &mut command)?;
    shell.run(command.arg("benches/instructions/check.mjs"))
}

/// The tables in docs/performance.md are those of the results in the repository.
pub(crate) fn check_page(shell: &mut Shell<'_>) -> Result<()> {
    shell.run(
        shell
            .program("node")?
            .args(["benches/document.mjs", "--check"]),
    )
}
