//! What there is to do. A new check is one more line here.

use anyhow::Result;

use crate::ensure::{browser, npm, tools, valgrind, wasm_target};
use crate::process::Shell;
use crate::step::Action::{Cargo, Do, Npm};
use crate::step::{Step, step};
use crate::{
    bench, browser_tests, conformance, demo, dependencies, explorer, msrv, npm_packages, payment,
    wasm,
};

/// What is installed where it is missing. These run on a thread of their own.
pub(crate) const SETUP: &[Step] = &[
    step("wasm target", "setup", 20, &[], Do(wasm_target::ensure)),
    step("npm packages", "setup", 10, &[], Do(npm::ensure)),
    step("browser", "setup", 15, &[], Do(browser::ensure)),
    step("valgrind", "setup", 10, &[], Do(valgrind::ensure)),
    step("wasm-pack", "setup", 20, &[], Do(tools::wasm_pack)),
    step("wasm-bindgen", "setup", 20, &[], Do(tools::wasm_bindgen)),
];

/// What is built, checked and tested, in this order. The columns: name, where the code runs, time limit in minutes,
/// what must have passed before, and what is done.
#[rustfmt::skip] // a table
pub(crate) const STEPS: &[Step] = &[
    step("rustfmt", "host", 2, &[], Cargo("fmt --all --check")),
    step("dependencies", "host", 5, &[], Do(dependencies::check)),
    step("clippy", "host", 15, &[], Cargo("clippy --workspace --all-targets -- -D warnings")),
    step("clippy wasm", "host", 15, &["wasm target"], Do(wasm::clippy)),
    step("oldest rust", "host", 15, &[], Do(msrv::check)),
    step("rustdoc", "host", 15, &[], Do(rustdoc)),
    step("rustdoc wasm", "host", 15, &["wasm target"], Do(wasm::rustdoc)),
    // `--examples` brings in the dev-dependencies' features, so that `cargo test` finds everything compiled.
    step("rust build", "host", 20, &[], Cargo("build --workspace --lib --bins --examples")),
    step("rust tests", "native", 20, &["rust build"], Cargo("test --workspace")),
    step("instruction counts", "native", 10, &["npm packages", "valgrind"], Do(bench::check_instructions)),
    step("web tests", "Chromium", 15, WEB_TEST_NEEDS, Do(browser_tests::run)),
    step("npm lint", "host", 3, &["npm packages"], Npm("run check")),
    step("performance page", "host", 1, &["npm packages"], Do(bench::check_page)),
    step("wasm build", "host", 15, WASM_TOOLS, Do(wasm::build)),
    step("npm build", "host", 5, &["wasm build"], Do(npm_packages::build)),
    // A package's types are checked against those of the packages that it builds on, as they are published.
    step("npm types", "host", 3, &["npm build"], Npm("run check --workspaces --if-present")),
    step("npm tests", "Node.js", 10, &["npm build"], Npm("test --workspaces --if-present")),
    step("npm size", "host", 2, &["npm build"], Npm("run size --workspaces --if-present")),
    step("typedoc", "host", 5, &["npm build"], Npm("run docs")),
    step("npm pack", "host", 5, &["npm build"], Do(npm_packages::pack)),
    step("payment", "Node.js", 5, &["npm build", "rust build"], Do(payment::test)),
    step("conformance node", "Node.js", 10, CONFORMANCE_NEEDS, Do(conformance::in_node)),
    step("conformance browser", "Chromium", 10, CONFORMANCE_NEEDS, Do(conformance::in_browser)),
    step("explorer", "Chromium", 10, EXPLORER_NEEDS, Do(explorer::test)),
    step("packaging", "Node.js, Chromium", 20, PACKAGING_NEEDS, Do(npm_packages::test_installed)),
    step("demo", "native, Node.js", 5, &["rust build", "npm build"], Do(demo::run_examples)),
];

const WASM_TOOLS: &[&str] = &["wasm target", "wasm-pack", "wasm-bindgen", "npm packages"];

const WEB_TEST_NEEDS: &[&str] = &["wasm target", "wasm-bindgen", "browser", "rust build"];

const CONFORMANCE_NEEDS: &[&str] = &["npm build", "rust build", "browser"];

const EXPLORER_NEEDS: &[&str] = &["npm build", "rust build", "browser"];

const PACKAGING_NEEDS: &[&str] = &["npm pack", "rust build", "browser"];

/// Every step, setup first.
pub(crate) fn all() -> impl Iterator<Item = &'static Step> {
    SETUP.iter().chain(STEPS)
}

fn rustdoc(shell: &mut Shell<'_>) -> Result<()> {
    shell.run(
        shell
            .cargo("doc --workspace --exclude ancp-wasm --no-deps")?
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}
