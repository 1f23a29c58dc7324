//! What a step is.

use std::time::Duration;

use anyhow::Result;

use crate::process::Shell;

/// One thing to do: a line in the summary.
#[derive(Debug)]
pub(crate) struct Step {
    /// How it is called in the output, in `needs` and in the filter of `cargo xtask test`.
    pub(crate) name: &'static str,
    /// Where the code under test runs.
    pub(crate) runtime: &'static str,
    /// After so many minutes the step is ended and counts as failed.
    pub(crate) minutes: u64,
    /// The steps that must have passed before.
    pub(crate) needs: &'static [&'static str],
    pub(crate) action: Action,
}

/// How a step does what it does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Runs Cargo with arguments that are separated by blanks.
    Cargo(&'static str),
    /// Runs npm with arguments that are separated by blanks.
    Npm(&'static str),
    /// Anything else.
    Do(fn(&mut Shell<'_>) -> Result<()>),
}

/// A step in one line.
pub(crate) const fn step(
    name: &'static str,
    runtime: &'static str,
    minutes: u64,
    needs: &'static [&'static str],
    action: Action,
) -> Step {
    Step {
        name,
        runtime,
        minutes,
        needs,
        action,
    }
}

impl Step {
    pub(crate) fn time_limit(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }

    pub(crate) fn run(&self, shell: &mut Shell<'_>) -> Result<()> {
        match self.action {
            Action::Cargo(arguments) => shell.run(&mut shell.cargo(arguments)?),
            Action::Npm(arguments) => shell.run(&mut shell.npm(arguments)?),
            Action::Do(function) => function(shell),
        }
    }
}
