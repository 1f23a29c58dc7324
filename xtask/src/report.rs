//! What the user sees: a line as each step ends, and a table at the end.

use std::time::Duration;

use crate::graph::Outcome;

/// How much of a failed step's log is shown.
const SHOWN_LINES: usize = 200;

/// One line for a step that has ended; for a failed one also why.
pub(crate) fn progress(outcome: &Outcome) {
    let mark = if outcome.error.is_some() {
        "FAIL"
    } else {
        "ok  "
    };
    println!("{mark}  {:<28} {:>8}", outcome.name, seconds(outcome.took));
    outcome
        .notes
        .iter()
        .for_each(|note| println!("      {note}"));
    if let Some(error) = &outcome.error {
        print!("{}", outcome.end_of_log);
        println!("      error: {error}");
    }
}

/// Prints the table and the last line. Whether every step passed.
pub(crate) fn summary(outcomes: &[Outcome]) -> bool {
    println!(
        "\n{:<6} {:<28} {:<22} {:>8} {:>6}",
        "", "step", "runs in", "time", "tests"
    );
    for outcome in outcomes {
        let mark = if outcome.error.is_some() {
            "FAILED"
        } else {
            "passed"
        };
        let tests = if outcome.tests > 0 {
            outcome.tests.to_string()
        } else {
            String::new()
        };
        println!(
            "{mark} {:<28} {:<22} {:>8} {tests:>6}",
            outcome.name,
            outcome.runtime,
            seconds(outcome.took)
        );
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.error.is_some())
        .count();
    let tests: u64 = outcomes.iter().map(|outcome| outcome.tests).sum();
    println!("\n{tests} single tests were counted. The output of each step is in target/xtask/.");
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    failed == 0
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The end of a log, indented, without the lines in which Cargo tells what it is at.
pub(crate) fn end_of_log(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !is_progress(line)).collect();
    let shown = lines.iter().skip(lines.len().saturating_sub(SHOWN_LINES));
    shown.map(|line| format!("      | {line}\n")).collect()
}

fn is_progress(line: &str) -> bool {
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    line.starts_with("  ") && ["Checking", "Compiling", "Documenting", "Downloaded"].contains(&verb)
}

/// How many passed tests the output of the usual test runners counts: Rust's, Node.js's and Vitest's.
pub(crate) fn count_tests(log: &str) -> u64 {
    log.lines().filter_map(tests_in_line).sum()
}

fn tests_in_line(line: &str) -> Option<u64> {
    let line = without_colours(line);
    let line = line.trim();
    let count = if let Some(rest) = line.strip_prefix("test result: ") {
        rest.split_once(". ")?.1.split_once(" passed")?.0
    } else if let Some(rest) = line
        .strip_prefix("# pass ")
        .or_else(|| line.strip_prefix("ℹ pass "))
    {
        rest
    } else if let Some(rest) = line.strip_prefix("Tests ") {
        // `12 passed (12)` or `1 failed | 11 passed (12)`
        rest.split_once(" passed")?.0.rsplit(' ').next()?
    } else {
        // `12 passed, 0 failed`, as our own scripts say in their last line
        line.strip_suffix(" failed")?
            .split_once(" passed, ")?
            .0
            .rsplit(' ')
            .next()?
    };
    count.trim().parse().ok()
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| text.push_str(part.split_once('m').map_or("", |(_, rest)| rest)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_all_runners_are_understood() {
        assert_eq!(
            count_tests(
                "test result: ok. 12 passed; 0 failed; 1 ignored\nrunning 3 tests\ntest result: ok. 3 passed; 0"
            ),
            15
        );
        assert_eq!(count_tests("# tests 5\n# pass 5\n# fail 0"), 5);
        assert_eq!(count_tests("ℹ pass 4"), 4);
        assert_eq!(
            count_tests(
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m\u{1b}[22m (7)"
            ),
            7
        );
        assert_eq!(count_tests(" Tests  1 failed | 11 passed (12)"), 11);
        assert_eq!(
            count_tests("ok node-esm (12 ms)\nnode: 12 passed, 0 failed"),
            12
        );
        assert_eq!(count_tests("nothing here"), 0);
    }

    #[test]
    fn only_the_end_of_a_long_log_is_shown() {
        let log = "line\n".repeat(SHOWN_LINES + 5);
        assert_eq!(end_of_log(&log).lines().count(), SHOWN_LINES);
        assert_eq!(end_of_log("   Compiling x v1.0.0\na\n"), "      | a\n");
    }
}
