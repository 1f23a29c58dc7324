//! Runs steps in order, each after what it needs.
//!
//! The setup steps mostly wait for downloads, so they run on a thread of their own, beside the steps that do not need them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::Shell;
use crate::report;
use crate::step::Step;
use crate::steps;
use crate::workspace::Workspace;

/// How a step ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) runtime: &'static str,
    pub(crate) error: Option<String>,
    /// Of a failed step, what its programs wrote last.
    pub(crate) end_of_log: String,
    pub(crate) took: Duration,
    /// What the step had to say: where something was found, how large it is.
    pub(crate) notes: Vec<String>,
    /// How many tests its output counts.
    pub(crate) tests: u64,
}

/// Runs the named steps and all they need. The outcomes come in the order of the list of steps.
pub(crate) fn run(workspace: &Workspace, names: &[&str]) -> Result<Vec<Outcome>> {
    let mut chosen = Vec::new();
    for name in names {
        add_with_needs(name, &mut chosen)?;
    }
    let pick = |steps: &'static [Step]| -> Vec<&Step> {
        steps
            .iter()
            .filter(|step| chosen.contains(&step.name))
            .collect()
    };
    let (setup, others) = (pick(steps::SETUP), pick(steps::STEPS));
    let board = Board::default();
    std::thread::scope(|scope| {
        scope.spawn(|| run_in_order(workspace, &setup, &board));
        run_in_order(workspace, &others, &board);
    });
    let mut outcomes = board
        .outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(setup
        .iter()
        .chain(&others)
        .filter_map(|step| outcomes.remove(step.name))
        .collect())
}

fn add_with_needs(name: &str, chosen: &mut Vec<&'static str>) -> Result<()> {
    let step = steps::all()
        .find(|step| step.name == name)
        .with_context(|| format!("there is no step `{name}`"))?;
    if !chosen.contains(&step.name) {
        chosen.push(step.name);
        step.needs
            .iter()
            .try_for_each(|need| add_with_needs(need, chosen))?;
    }
    Ok(())
}

fn run_in_order(workspace: &Workspace, steps: &[&Step], board: &Board) {
    for step in steps {
        let outcome = match board.first_failed(step.needs) {
            None => run_step(workspace, step),
            Some(need) => Outcome::new(
                step,
                Some(format!("not run: it needs `{need}`, which failed")),
            ),
        };
        report::progress(&outcome);
        board.post(outcome);
    }
}

fn run_step(workspace: &Workspace, step: &Step) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome::new(step, None);
    let result = Shell::open(workspace, step.name, step.time_limit()).and_then(|mut shell| {
        // A step that panics must still be posted: others wait for it.
        let result = catch_unwind(AssertUnwindSafe(|| step.run(&mut shell))).unwrap_or_else(|_| {
            Err(anyhow::anyhow!(
                "xtask itself panicked; the reason is printed above"
            ))
        });
        let log = shell.log_text();
        outcome.tests = report::count_tests(&log);
        outcome.notes = shell.take_notes();
        if result.is_err() && !workspace.verbose {
            outcome.end_of_log = report::end_of_log(&log);
        }
        result
    });
    outcome.error = result.err().map(|error| format!("{error:#}"));
    outcome.took = started.elapsed();
    outcome
}

impl Outcome {
    fn new(step: &Step, error: Option<String>) -> Outcome {
        Outcome {
            name: step.name,
            runtime: step.runtime,
            error,
            end_of_log: String::new(),
            took: Duration::ZERO,
            notes: Vec::new(),
            tests: 0,
        }
    }
}

/// Where the two threads tell each other what is done.
#[derive(Default)]
struct Board {
    outcomes: Mutex<BTreeMap<&'static str, Outcome>>,
    posted: Condvar,
}

impl Board {
    fn post(&self, outcome: Outcome) {
        self.outcomes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(outcome.name, outcome);
        self.posted.notify_all();
    }

    /// Waits until each of the named steps has ended or one has failed, and says which one failed.
    fn first_failed(&self, names: &'static [&'static str]) -> Option<&'static str> {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            while !outcomes.contains_key(name) {
                outcomes = self
                    .posted
                    .wait(outcomes)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if outcomes
                .get(name)
                .is_some_and(|outcome| outcome.error.is_some())
            {
                return Some(name);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise a run would wait for ever.
    #[test]
    fn a_step_needs_only_setup_and_what_stands_before_it() {
        for (index, step) in steps::all().enumerate() {
            for need in step.needs {
                let position = steps::all().position(|other| other.name == *need);
                assert!(
                    position.is_some_and(|position| position < index),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = steps::all().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), steps::all().count());
    }
}
