//! Where things are: the repository, its build output, and the per-user folder for tools.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::ensure::browser::Browser;
use crate::ensure::tools;

/// The repository, and what the setup steps have found out about the machine.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user keeps it.
    pub(crate) cargo_target: PathBuf,
    /// Tools are kept per user, so that a second clone does not build them again.
    pub(crate) cache: PathBuf,
    pub(crate) verbose: bool,
    /// A toolchain that stands in for the user's in WebAssembly builds; empty where the user's can do it.
    pub(crate) wasm_toolchain: OnceLock<PathBuf>,
    pub(crate) browser: OnceLock<Browser>,
}

impl Workspace {
    pub(crate) fn find(verbose: bool) -> Result<Workspace> {
        let metadata = cargo_metadata(&["--no-deps"])?;
        let path = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata: {key}"))
        };
        Ok(Workspace {
            root: path("workspace_root")?,
            cargo_target: path("target_directory")?,
            cache: cache_folder()?,
            verbose,
            wasm_toolchain: OnceLock::new(),
            browser: OnceLock::new(),
        })
    }

    /// Where this program and the npm scripts leave what they build, whatever Cargo's target directory is.
    pub(crate) fn output(&self) -> PathBuf {
        self.root.join("target")
    }

    /// A program that Cargo has built in the development profile.
    pub(crate) fn built(&self, program: &str) -> PathBuf {
        self.cargo_target
            .join("debug")
            .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
    }

    /// `PATH` with the installed tools in front.
    pub(crate) fn search_path(&self) -> Result<OsString> {
        let mut folders = tools::folders(self)?;
        folders.push(self.root.join("node_modules/.bin"));
        folders.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        Ok(std::env::join_paths(folders)?)
    }

    /// The version of a crate in `Cargo.lock`.
    pub(crate) fn locked_version(&self, name: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        find_locked_version(&lock, name).with_context(|| format!("Cargo.lock does not have {name}"))
    }
}

fn find_locked_version(lock: &str, name: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != wanted).skip(1);
    Some(
        lines
            .next()?
            .strip_prefix("version = \"")?
            .strip_suffix('"')?
            .to_owned(),
    )
}

/// What `cargo metadata` says.
pub(crate) fn cargo_metadata(arguments: &[&str]) -> Result<Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1"])
        .args(arguments)
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The first of `names` that is a program on `PATH`.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders
            .iter()
            .map(|folder| folder.join(&file))
            .find(|path| path.is_file())
    })
}

fn cache_folder() -> Result<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else {
        set("XDG_CACHE_HOME").or_else(|| {
            let home = set("HOME")?;
            Some(if cfg!(target_os = "macos") {
                home.join("Library/Caches")
            } else {
                home.join(".cache")
            })
        })
    };
    Ok(base
        .context("HOME is not set: there is no folder to keep the build tools in")?
        .join("ancp-xtask"))
}

/// The files and folders in a folder, sorted; none where there is no such folder.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a-b\"\nversion = \"0.2.130\"\n";
        assert_eq!(find_locked_version(lock, "a-b").as_deref(), Some("0.2.130"));
        assert_eq!(find_locked_version(lock, "b"), None);
    }
}
