//! A toolchain that compiles for wasm32-unknown-unknown.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::ensure::wasm_fallback;
use crate::process::Shell;
use crate::workspace::{Workspace, entries, find_program};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Set to anything, it makes us use the fallback although rustup could help: to test the fallback.
const FORCE_FALLBACK: &str = "ANCP_XTASK_WASM_FALLBACK";

/// The user's toolchain with the target added; where that cannot be had, one of our own from Debian packages.
pub(crate) fn ensure(shell: &mut Shell<'_>) -> Result<()> {
    let fallback = if std::env::var_os(FORCE_FALLBACK).is_some() {
        Some(wasm_fallback::ensure(shell)?)
    } else if has_target(shell)? {
        shell.note("the toolchain has the target");
        None
    } else {
        match add_with_rustup(shell) {
            Ok(()) => None,
            Err(reason) => Some(wasm_fallback::ensure(shell).with_context(|| {
                format!("the Rust toolchain has no target {TARGET}, and adding it failed ({reason:#}). Try: rustup target add {TARGET}")
            })?),
        }
    };
    // The setup steps run once, so that nothing can be there before.
    let _ = shell
        .workspace
        .wasm_toolchain
        .set(fallback.unwrap_or_default());
    Ok(())
}

fn has_target(shell: &mut Shell<'_>) -> Result<bool> {
    let folder = shell.read(shell.program("rustc")?.args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    Ok(has_standard_library(Path::new(folder.trim())))
}

fn has_standard_library(folder: &Path) -> bool {
    entries(folder)
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .any(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
}

fn add_with_rustup(shell: &mut Shell<'_>) -> Result<()> {
    find_program(&["rustup"]).context("there is no rustup")?;
    // The step's time must leave some for the fallback where the network swallows everything.
    let patience = Duration::from_secs(180);
    shell.run_for(
        patience,
        shell.program("rustup")?.args(["target", "add", TARGET]),
    )?;
    anyhow::ensure!(
        has_target(shell)?,
        "rustup has added another toolchain's target"
    );
    shell.note("added by rustup");
    Ok(())
}

/// Makes a command use the toolchain that can compile for WebAssembly.
pub(crate) fn use_toolchain(workspace: &Workspace, command: &mut Command) -> Result<()> {
    if let Some(toolchain) = fallback(workspace) {
        let path = workspace.search_path()?;
        let folders = std::iter::once(toolchain.join("bin")).chain(std::env::split_paths(&path));
        // The one for rustup's proxies, the other for machines without rustup.
        command
            .env("RUSTUP_TOOLCHAIN", toolchain)
            .env("PATH", std::env::join_paths(folders)?);
    }
    Ok(())
}

/// Whether a toolchain of our own stands in for the user's.
pub(crate) fn fallback_in_use(workspace: &Workspace) -> bool {
    fallback(workspace).is_some()
}

fn fallback(workspace: &Workspace) -> Option<&PathBuf> {
    workspace
        .wasm_toolchain
        .get()
        .filter(|path| !path.as_os_str().is_empty())
}
