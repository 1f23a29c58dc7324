//! `cargo xtask demo | explorer | build | test | bench`: one command each, from a clean clone to the result.
//!
//! What there is to do is a graph of [`step::Step`]s, listed in [`steps`]. A command picks some of them; [`graph`] runs
//! those and whatever they need.

mod bench;
mod browser_tests;
mod conformance;
mod demo;
mod dependencies;
mod ensure;
mod explorer;
mod graph;
mod mock_node;
mod msrv;
mod npm_packages;
mod payment;
mod process;
mod report;
mod step;
mod steps;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask <command> [--verbose]

  demo             build, start the mock node, run the native, the Node.js and the React example against it
  explorer         build, start the mock node and the Node Explorer in Vite's development server
  screenshots      take the documentation's pictures of the Node Explorer anew
  build            build everything; the npm packages' tarballs are left in target/npm/
  test [filter]    run every check and test in every runtime, or the steps whose name or runtime contains the filter
  list             name the steps of `test`
  bench <suite> [part]
                   measure against other clients and renew docs/performance.md; suites: native, node, browser, size,
                   instructions

What is missing on the machine (WebAssembly target, wasm-pack, npm packages, a browser) is installed first.
The output of each step is kept in target/xtask/; --verbose shows it as it comes.";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went well.
fn run() -> Result<bool> {
    let mut verbose = false;
    let mut words = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "-v" | "--verbose" => verbose = true,
            "-h" | "--help" => words.insert(0, "help".to_owned()),
            _ => words.push(argument),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    process::end_children_on_interrupt()?;
    match words[..] {
        ["demo"] => demo::run(&Workspace::find(verbose)?),
        ["explorer"] => explorer::run(&Workspace::find(verbose)?),
        ["screenshots"] => explorer::take_screenshots(&Workspace::find(verbose)?),
        ["build"] => npm_packages::build_all(&Workspace::find(verbose)?),
        ["test"] => test(&Workspace::find(verbose)?, None),
        ["test", filter] => test(&Workspace::find(verbose)?, Some(filter)),
        ["bench", suite] => bench::run(&Workspace::find(verbose)?, suite, None),
        ["bench", suite, part] => bench::run(&Workspace::find(verbose)?, suite, Some(part)),
        ["list"] => {
            steps::all().for_each(|step| println!("{:<28} {}", step.name, step.runtime));
            Ok(true)
        }
        [] | ["help", ..] => {
            println!("{USAGE}");
            Ok(true)
        }
        _ => bail!("unknown command `{}`\n\n{USAGE}", words.join(" ")),
    }
}

fn test(workspace: &Workspace, filter: Option<&str>) -> Result<bool> {
    let matches = |step: &&step::Step| {
        filter.is_none_or(|filter| step.name.contains(filter) || step.runtime.contains(filter))
    };
    let chosen: Vec<_> = steps::all().filter(matches).map(|step| step.name).collect();
    if chosen.is_empty() {
        bail!("no step matches; `cargo xtask list` names them all");
    }
    let outcomes = graph::run(workspace, &chosen)?;
    Ok(report::summary(&outcomes))
}
