//! Debian packages, where we may install them.

use anyhow::{Context, Result, bail};

use crate::process::Shell;
use crate::workspace::find_program;

/// Installs packages; an error says by hand what could not be done by us.
pub(crate) fn install(shell: &mut Shell<'_>, packages: &[&str]) -> Result<()> {
    let by_hand = || format!("as root, run: apt-get install {}", packages.join(" "));
    let prefix = may_install(shell).with_context(by_hand)?;
    let mut command = |arguments: &[&str]| -> Result<()> {
        let words: Vec<&str> = prefix
            .iter()
            .chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .chain(arguments)
            .copied()
            .collect();
        let (program, rest) = words.split_first().context("no command")?;
        shell.run(shell.program(program)?.args(rest))
    };
    let retries = "Acquire::Retries=3";
    // Stale lists of some unrelated source must not stop us: the installation itself tells.
    let updated = command(&["-o", retries, "update"]);
    command(
        &["-o", retries, "install", "-y", "--no-install-recommends"]
            .iter()
            .chain(packages)
            .copied()
            .collect::<Vec<_>>(),
    )
    .map_err(|error| match &updated {
        Ok(()) => error,
        Err(update) => error.context(format!(
            "the package lists could not be renewed: {update:#}"
        )),
    })
    .with_context(by_hand)
}

/// How a command is run as root: directly, or through `sudo` where that asks for no password.
fn may_install(shell: &mut Shell<'_>) -> Result<&'static [&'static str]> {
    if find_program(&["apt-get"]).is_none() {
        bail!("this is not a Debian-like system");
    }
    let user = shell.read(shell.program("id")?.arg("-u"))?;
    if user.trim() == "0" {
        return Ok(&[]);
    }
    if find_program(&["sudo"]).is_some()
        && shell
            .run(shell.program("sudo")?.args(["-n", "true"]))
            .is_ok()
    {
        return Ok(&["sudo", "-n"]);
    }
    bail!("installing packages takes root's rights")
}
