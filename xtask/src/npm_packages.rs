//! The npm packages, as they would be published: tarballs in target/npm/.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::Shell;
use crate::workspace::{Workspace, entries};
use crate::{graph, mock_node, report};

/// `cargo xtask build`: the Rust workspace and the packages.
pub(crate) fn build_all(workspace: &Workspace) -> Result<bool> {
    let outcomes = graph::run(workspace, &["rust build", "npm pack"])?;
    let passed = report::summary(&outcomes);
    if passed {
        println!("\nInstall the packages with:");
        tarballs(workspace)
            .iter()
            .for_each(|path| println!("  npm install {}", path.display()));
    }
    Ok(passed)
}

/// Builds each package of the npm workspace.
pub(crate) fn build(shell: &mut Shell<'_>) -> Result<()> {
    shell.run(&mut shell.npm("run build --workspaces --if-present")?)
}

/// Packs each package of the npm workspace that is not private.
pub(crate) fn pack(shell: &mut Shell<'_>) -> Result<()> {
    let folder = shell.workspace.output().join("npm");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let root = manifest(shell.workspace, ".")?;
    let members = root["workspaces"]
        .as_array()
        .context("package.json: workspaces")?;
    for member in members.iter().filter_map(Value::as_str) {
        if manifest(shell.workspace, member)?["private"] != true {
            shell.run(
                shell
                    .npm(&format!("pack --workspace {member} --pack-destination"))?
                    .arg(&folder),
            )?;
        }
    }
    let packed = tarballs(shell.workspace);
    ensure!(!packed.is_empty(), "there is no package to pack");
    for path in packed {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        shell.note(format!(
            "target/npm/{name}: {} bytes",
            fs::metadata(&path)?.len()
        ));
    }
    Ok(())
}

/// Installs the tarballs in a fresh project per environment and tests them there.
pub(crate) fn test_installed(shell: &mut Shell<'_>) -> Result<()> {
    let mut command = shell.program("node")?;
    mock_node::run_against(shell, &["--faults"], command.arg("tests/packaging/run.mjs"))
}

fn tarballs(workspace: &Workspace) -> Vec<PathBuf> {
    entries(&workspace.output().join("npm"))
}

fn manifest(workspace: &Workspace, folder: &str) -> Result<Value> {
    let path = workspace.root.join(folder).join("package.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))
}
