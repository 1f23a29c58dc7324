//! The oldest Rust that the library promises to compile with.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::Shell;
use crate::workspace::{cargo_metadata, find_program};

/// Compiles the library with that Rust, where rustup has it or gets it. Elsewhere clippy's `incompatible_msrv` and the
/// check of the dependencies' promises must do.
pub(crate) fn check(shell: &mut Shell<'_>) -> Result<()> {
    let version = promised()?;
    if let Err(reason) = ensure_toolchain(shell, &version) {
        shell.note(format!(
            "NOT compiled with Rust {version}, only linted for it: {reason:#}"
        ));
        return Ok(());
    }
    let mut command = shell.cargo("check --package ancp-core")?;
    shell.run(command.env("RUSTUP_TOOLCHAIN", &version))?;
    shell.note(format!("compiled with Rust {version}"));
    Ok(())
}

fn promised() -> Result<String> {
    let metadata = cargo_metadata(&["--no-deps"])?;
    let packages = metadata["packages"].as_array();
    let core = packages.and_then(|packages| {
        packages
            .iter()
            .find(|package| package["name"] == "ancp-core")
    });
    let version = core.and_then(|core| core["rust_version"].as_str());
    Ok(version
        .context("ancp-core must say its rust-version")?
        .to_owned())
}

fn ensure_toolchain(shell: &mut Shell<'_>, version: &str) -> Result<()> {
    find_program(&["rustup"]).context("there is no rustup")?;
    let installed = shell.read(shell.program("rustup")?.args(["toolchain", "list"]))?;
    if installed
        .lines()
        .any(|line| line.starts_with(&format!("{version}-")))
    {
        return Ok(());
    }
    let mut command = shell.program("rustup")?;
    command.args([
        "toolchain",
        "install",
        version,
        "--profile",
        "minimal",
        "--no-self-update",
    ]);
    shell.run_for(Duration::from_secs(180), &mut command)
}
