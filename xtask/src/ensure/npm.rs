//! Node.js is there and new enough; the npm packages of the lock file are installed.

use anyhow::{Context, Result, bail};

use crate::process::Shell;

const NEED_NODE: &str = "Node.js 20 or newer is needed, with npm: see https://nodejs.org";

/// Checks Node.js and installs the packages of the workspace.
pub(crate) fn ensure(shell: &mut Shell<'_>) -> Result<()> {
    let version = shell
        .read(shell.program("node")?.arg("--version"))
        .context(NEED_NODE)?;
    let version = version.trim();
    let major: Option<u32> = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("{NEED_NODE} (this is {version})");
    }

    let what = install(shell, ".")?;
    shell.note(format!("Node.js {version}, packages {what}"));
    Ok(())
}

/// Installs what a folder's lock file says, if that has changed since the last time. Returns what was done.
pub(crate) fn install(shell: &mut Shell<'_>, folder: &str) -> Result<&'static str> {
    let folder = shell.workspace.root.join(folder);
    let lock_path = folder.join("package-lock.json");
    let lock = std::fs::read(&lock_path)
        .with_context(|| format!("cannot read {}", lock_path.display()))?;
    // A copy of the lock file beside what was installed by it.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok("as locked");
    }
    shell.run(shell.npm("ci --no-audit --no-fund")?.current_dir(&folder))?;
    std::fs::write(&stamp, lock)?;
    Ok("installed")
}
