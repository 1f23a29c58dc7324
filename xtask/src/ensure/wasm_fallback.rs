//! A toolchain for WebAssembly from Debian packages alone, for machines where `rustup target add` cannot download.
//!
//! Debian's `rust-web-src` has the sources of the standard library with everything they depend on. We compile them for
//! WebAssembly once, offline, into a folder that is laid out like a toolchain and used beside the user's own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::ensure::apt;
use crate::ensure::wasm_target::TARGET;
use crate::process::Shell;
use crate::workspace::{entries, find_program};

const SOURCES: &str = "/usr/lib/rustlib/src/rust/library";

/// The toolchain's folder.
pub(crate) fn ensure(shell: &mut Shell<'_>) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") || find_program(&["apt-get"]).is_none() {
        bail!("the fallback needs Debian");
    }
    if !(Path::new(SOURCES).is_dir() && Path::new("/usr/bin/cargo").is_file()) {
        apt::install(
            shell,
            &[
                "rustc-web",
                "cargo-web",
                "libstd-rust-web-dev",
                "rust-web-src",
            ],
        )?;
    }
    let version = shell.read(shell.program("/usr/bin/rustc")?.arg("-vV"))?;
    let field = |name: &str| {
        version
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
            .with_context(|| format!("rustc -vV: no {name}"))
    };
    let host = field("host:")?;
    let llvm = field("LLVM version:")?
        .split('.')
        .next()
        .unwrap_or_default();
    let linker = PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/lld"));
    if !linker.is_file() {
        apt::install(shell, &[&format!("lld-{llvm}")])?;
    }

    let toolchain = shell.workspace.cache.join("wasm-toolchain");
    let stamp = toolchain.join("version");
    if fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == version) {
        shell.note("built from Debian packages before");
        return Ok(toolchain);
    }
    // Built aside and moved into place, so that an interrupted run leaves nothing half done.
    let work = shell.workspace.cache.join("wasm-toolchain.new");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let libraries = compile_standard_library(shell, &work.join("build"))?;
    lay_out(&work, &libraries, host, &linker, &toolchain)?;
    fs::remove_dir_all(work.join("build"))?;
    fs::write(work.join("version"), &version)?;
    if toolchain.exists() {
        fs::remove_dir_all(&toolchain)?;
    }
    fs::rename(&work, &toolchain)?;
    shell.note("built from Debian packages");
    Ok(toolchain)
}

/// Compiles the standard library as the dependency of an empty crate, and returns where its parts are.
fn compile_standard_library(shell: &mut Shell<'_>, folder: &Path) -> Result<PathBuf> {
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n\
         [profile.release]\nopt-level = 3\ncodegen-units = 1\ndebug = 0\npanic = \"abort\"\n",
    )?;
    fs::write(
        home.join("config.toml"),
        format!(
            "[source.crates-io]\nreplace-with = \"debian\"\n[source.debian]\ndirectory = \"{SOURCES}/vendor\"\n"
        ),
    )?;
    let mut command = shell.program("/usr/bin/cargo")?;
    for variable in [
        "RUSTUP_TOOLCHAIN",
        "CARGO_BUILD_TARGET",
        "RUSTC_WRAPPER",
        "CARGO",
        "RUSTDOC",
    ] {
        command.env_remove(variable);
    }
    command
        .current_dir(folder)
        .args([
            "build",
            "--offline",
            "--release",
            "--target",
            TARGET,
            "-Zbuild-std=core,alloc,std,panic_abort,test",
        ])
        .env("CARGO_HOME", &home)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        // Tells the crates' symbols from those of a standard library that a user's crates may be built with.
        .env("__CARGO_DEFAULT_LIB_METADATA", "ancp")
        .env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
        );
    shell.run(&mut command)?;
    Ok(folder.join("target").join(TARGET).join("release/deps"))
}

/// Lays the toolchain out in `work`; `place` is where it will be.
#[cfg(unix)]
fn lay_out(work: &Path, libraries: &Path, host: &str, linker: &Path, place: &Path) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let rustlib = work.join("lib/rustlib");
    let wasm = rustlib.join(TARGET).join("lib");
    fs::create_dir_all(&wasm)?;
    fs::create_dir_all(rustlib.join(host).join("bin"))?;
    fs::create_dir_all(work.join("bin"))?;
    for library in entries(libraries).iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "rlib")
    }) {
        let name = library.file_name().context("no file name")?;
        if !name.to_string_lossy().starts_with("libseed") {
            fs::copy(library, wasm.join(name))?;
        }
    }
    symlink(
        format!("/usr/lib/rustlib/{host}/lib"),
        rustlib.join(host).join("lib"),
    )?;
    symlink("/usr/lib/rustlib/src", rustlib.join("src"))?;
    symlink(linker, rustlib.join(host).join("bin/rust-lld"))?;
    for program in ["rustc", "rustdoc"] {
        let path = work.join("bin").join(program);
        fs::write(
            &path,
            format!(
                "#!/bin/sh\nexec /usr/bin/{program} --sysroot '{}' \"$@\"\n",
                place.display()
            ),
        )?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    symlink("/usr/bin/cargo", work.join("bin/cargo"))?;
    Ok(())
}

#[cfg(not(unix))]
fn lay_out(_: &Path, _: &Path, _: &str, _: &Path, _: &Path) -> Result<()> {
    bail!("the fallback needs Debian")
}
