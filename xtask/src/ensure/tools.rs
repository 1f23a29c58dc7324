//! The command-line tools of the WebAssembly pipeline, built once per user and version.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::Shell;
use crate::workspace::Workspace;

const WASM_PACK_VERSION: &str = "0.15.1";

/// The folders of the tools, whether they are built yet or not.
pub(crate) fn folders(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    Ok(vec![
        folder(workspace, "wasm-pack", WASM_PACK_VERSION).join("bin"),
        folder(workspace, "wasm-bindgen-cli", &bindgen_version(workspace)?).join("bin"),
    ])
}

pub(crate) fn wasm_pack(shell: &mut Shell<'_>) -> Result<()> {
    install(
        shell,
        "wasm-pack",
        WASM_PACK_VERSION,
        "wasm-pack",
        "--locked",
    )
}

/// Not `--locked`: its lock file names versions that some registry mirrors do not have.
pub(crate) fn wasm_bindgen(shell: &mut Shell<'_>) -> Result<()> {
    let version = bindgen_version(shell.workspace)?;
    install(
        shell,
        "wasm-bindgen-cli",
        &version,
        "wasm-bindgen-test-runner",
        "",
    )
}

/// The tool and the library must be of exactly the same version.
fn bindgen_version(workspace: &Workspace) -> Result<String> {
    workspace.locked_version("wasm-bindgen")
}

fn folder(workspace: &Workspace, name: &str, version: &str) -> PathBuf {
    workspace
        .cache
        .join("tools")
        .join(format!("{name}-{version}"))
}

fn install(
    shell: &mut Shell<'_>,
    name: &str,
    version: &str,
    program: &str,
    options: &str,
) -> Result<()> {
    let folder = folder(shell.workspace, name, version);
    // Cargo puts programs in place when all of them are built, so one that is there is whole.
    if folder
        .join("bin")
        .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
        .is_file()
    {
        shell.note(format!("{name} {version}"));
        return Ok(());
    }
    let mut command = shell.cargo(&format!(
        "install {name} --version {version} --force {options} --root"
    ))?;
    // They run for a second or two in all; optimising them would take minutes.
    command
        .arg(&folder)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    // Cargo builds them in a temporary folder then, and removes it.
    command.env_remove("CARGO_TARGET_DIR");
    shell.run(&mut command)?;
    shell.note(format!(
        "{name} {version}, installed in {}",
        folder.display()
    ));
    Ok(())
}
