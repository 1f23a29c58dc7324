//! The tests of the client for Rust front ends, in a headless browser.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::ensure::browser::Browser;
use crate::mock_node;
use crate::process::Shell;
use crate::wasm;

/// In a window and in a worker, against a mock node.
pub(crate) fn run(shell: &mut Shell<'_>) -> Result<()> {
    let browser = shell
        .workspace
        .browser
        .get()
        .context("no browser was set up")?;
    let settings = shell.workspace.output().join("xtask/webdriver.json");
    fs::write(&settings, driver_settings(shell, browser)?)?;

    // Not `wasm-pack test`: it compiles all test targets, and those of the library are for the native target.
    let tests = "test --package ancp-core --no-default-features --features web --test web --test web_worker";
    let mut command = wasm::cargo(shell, tests)?;
    command.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        "wasm-bindgen-test-runner",
    );
    command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings);
    // In seconds; the default of 20 is for everything together, on a machine that has nothing else to do.
    command
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    mock_node::run_against(shell, &["--faults"], &mut command)
}

/// What `core/` tells the driver, and which browser we have found.
fn driver_settings(shell: &Shell<'_>, browser: &Browser) -> Result<String> {
    let path = shell.workspace.root.join("core/webdriver.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut settings: Value = serde_json::from_slice(&text)?;
    settings["goog:chromeOptions"]["binary"] = browser.chrome.to_string_lossy().into();
    Ok(settings.to_string())
}
