//! Valgrind, which counts instructions.

use anyhow::{Context, Result};

use crate::ensure::apt;
use crate::process::Shell;
use crate::workspace::find_program;

/// Finds it, else installs Debian's. It runs on Linux only; elsewhere nothing is counted.
pub(crate) fn ensure(shell: &mut Shell<'_>) -> Result<()> {
    if !available() {
        shell.note("NOT there: valgrind runs on Linux only");
        return Ok(());
    }
    if find_program(&["valgrind"]).is_none() {
        apt::install(shell, &["valgrind"])
            .context("counting instructions needs valgrind on PATH")?;
    }
    let version = shell.read(shell.program("valgrind")?.arg("--version"))?;
    shell.note(version.trim());
    Ok(())
}

/// Whether instructions can be counted on this machine.
pub(crate) fn available() -> bool {
    cfg!(target_os = "linux")
}
