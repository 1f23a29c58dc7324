//! The client's WebAssembly modules and their JavaScript glue, in target/wasm-pkg/.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::ensure::wasm_target;
use crate::process::Shell;

/// What every engine we support understands. `--all-features` would make modules that Node.js 20 refuses.
const FEATURES: &[&str] = &[
    "bulk-memory",
    "bulk-memory-opt",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// Passes of wasm-opt that together give the smallest module, once it is packed and compressed: functions of one Rust module
/// resemble each other, so they stand together. What follows them only takes room.
const OPTIMISATION: &[&str] = &[
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Os",
    "-Oz",
    "--reorder-functions-by-name",
    "--minify-imports-and-exports-and-modules",
    "--strip-producers",
    "--strip-target-features",
];

/// The modules, their profiles and features: one that can do everything, one for plain calls, which pages load first, and
/// the latter compiled for speed, for Node.js, where nobody downloads it.
const PARTS: &[(&str, &str, &str)] = &[
    ("full", "wasm", ""),
    ("plain", "wasm", "-- --no-default-features"),
    (
        "fast",
        "wasm-fast",
        "-- --no-default-features --features latin1",
    ),
];

/// Compiles `wasm/` and makes it small.
pub(crate) fn build(shell: &mut Shell<'_>) -> Result<()> {
    for (part, profile, options) in PARTS {
        let folder = shell.workspace.output().join("wasm-pkg").join(part);
        build_part(shell, &folder, profile, options)
            .with_context(|| format!("the module {part} could not be built"))?;
    }
    Ok(())
}

fn build_part(shell: &mut Shell<'_>, folder: &Path, profile: &str, options: &str) -> Result<()> {
    // `no-install`: the tools are there in the right versions; wasm-opt is run below, with options of our own.
    let build = format!(
        "build wasm --mode no-install --profile {profile} --target no-modules --no-opt --no-pack --out-dir"
    );
    let mut command = wasm_pack(shell, &build)?;
    command.arg(folder).args(options.split_whitespace());
    shell.run(&mut command)?;

    let module = folder.join("ancp_wasm_bg.wasm");
    let compiled = size(&module)?;
    let mut optimise = shell.program("node")?;
    optimise
        .arg("node_modules/binaryen/bin/wasm-opt")
        .args(OPTIMISATION)
        .arg(&module)
        .arg("-o")
        .arg(&module);
    optimise.args(FEATURES.iter().map(|feature| format!("--enable-{feature}")));
    // The module itself goes without its functions' names; npm/scripts/contributors.mjs reads them here.
    optimise.arg(format!(
        "--symbolmap={}",
        folder.join("symbols.txt").display()
    ));
    // It prints how it calls what the module imports and exports; npm/scripts/wasm-modules.mjs tells the glue.
    let names = shell.read(&mut optimise)?;
    fs::write(folder.join("names.json"), names)?;
    shell.note(format!(
        "{}: {} bytes, {compiled} before wasm-opt",
        folder.file_name().unwrap_or_default().display(),
        size(&module)?
    ));
    Ok(())
}

/// wasm-pack with a toolchain that has the target.
fn wasm_pack(shell: &Shell<'_>, arguments: &str) -> Result<Command> {
    let mut command = shell.program("wasm-pack")?;
    command.args(arguments.split_whitespace());
    wasm_target::use_toolchain(shell.workspace, &mut command)?;
    Ok(command)
}

/// Cargo for WebAssembly; the arguments are separated by blanks.
pub(crate) fn cargo(shell: &Shell<'_>, arguments: &str) -> Result<Command> {
    let mut command = shell.cargo(arguments)?;
    command.env("CARGO_BUILD_TARGET", wasm_target::TARGET);
    wasm_target::use_toolchain(shell.workspace, &mut command)?;
    Ok(command)
}

/// The lints for what is compiled for WebAssembly; without features the core has no platform code at all.
pub(crate) fn clippy(shell: &mut Shell<'_>) -> Result<()> {
    // Debian's packages bring no clippy for this compiler: there the compiler's own errors must do.
    let (tool, lints) = if wasm_target::fallback_in_use(shell.workspace) {
        ("check", "")
    } else {
        ("clippy", "-- -D warnings")
    };
    for selection in [
        "--package ancp-core --no-default-features",
        "--package ancp-core --no-default-features --features web --lib --test web --test web_worker",
        "--package ancp-wasm",
        "--package ancp-wasm --no-default-features",
        "--package ancp-wasm --no-default-features --features latin1",
    ] {
        shell.run(&mut cargo(shell, &format!("{tool} {selection} {lints}"))?)?;
    }
    shell.note(format!("cargo {tool}"));
    Ok(())
}

/// The documentation of what exists for WebAssembly only.
pub(crate) fn rustdoc(shell: &mut Shell<'_>) -> Result<()> {
    for selection in [
        "--package ancp-core --no-default-features --features web",
        "--package ancp-wasm",
    ] {
        let mut command = cargo(shell, &format!("doc --no-deps {selection}"))?;
        shell.run(command.env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

fn size(module: &Path) -> Result<u64> {
    Ok(fs::metadata(module)
        .with_context(|| format!("there is no {}", module.display()))?
        .len())
}
