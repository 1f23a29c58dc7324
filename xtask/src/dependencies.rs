//! Checks on what we depend on that need no network: licences, sources, minimum Rust versions.

use std::collections::HashSet;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::Shell;
use crate::workspace::cargo_metadata;

/// Licences that a permissively licensed library can build on.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Looks at every crate that is compiled for any target or feature.
pub(crate) fn check(shell: &mut Shell<'_>) -> Result<()> {
    let metadata = cargo_metadata(&["--locked"])?;
    let compiled = compiled(shell)?;
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let is_compiled =
        |package: &&Value| compiled.contains(&(text(package, "name"), text(package, "version")));
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .context("cargo metadata: packages")?
        .iter()
        .filter(is_compiled)
        .collect();
    let own = |package: &Value| package["source"].is_null();
    let msrv = packages
        .iter()
        .find(|package| package["name"] == "ancp-core")
        .map(|package| text(package, "rust_version"))
        .unwrap_or_default();
    let msrv = parse_version(&msrv).context("ancp-core must say its rust-version")?;

    let mut complaints = Vec::new();
    for package in &packages {
        let name = format!("{} {}", text(package, "name"), text(package, "version"));
        if !is_allowed(&text(package, "license")) {
            complaints.push(format!(
                "{name}: licence `{}` is not on the list",
                text(package, "license")
            ));
        }
        if !own(package) && !text(package, "source").starts_with("registry+") {
            complaints.push(format!(
                "{name}: comes from {}, not from the registry",
                text(package, "source")
            ));
        }
        if parse_version(&text(package, "rust_version")).is_some_and(|needed| needed > msrv) {
            complaints.push(format!(
                "{name}: needs Rust {}",
                text(package, "rust_version")
            ));
        }
    }
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    shell.note(format!(
        "{} crates: licences, sources and minimum Rust versions are fine",
        packages.len()
    ));
    Ok(())
}

/// Names and versions. The lock file holds more: also what stands behind optional dependencies that nobody asks for.
fn compiled(shell: &mut Shell<'_>) -> Result<HashSet<(String, String)>> {
    let mut tree = shell.cargo(
        "tree --locked --workspace --all-features --target all --edges normal,build,dev --prefix none --format {p}",
    )?;
    let lines = shell.read(&mut tree)?;
    let crates = lines.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split_whitespace().next()?;
        Some((name.to_owned(), version.to_owned()))
    });
    Ok(crates.collect())
}

/// `1.88` or `1.88.0`; nothing where a crate does not say.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether an SPDX expression leaves us a choice of licences that are all on the list.
fn is_allowed(expression: &str) -> bool {
    // Old manifests write `MIT/Apache-2.0`.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words };
    parser.any() == Some(true) && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> Option<bool> {
        let mut allowed = self.all()?;
        while self.take("OR") {
            allowed |= self.all()?;
        }
        Some(allowed)
    }

    fn all(&mut self) -> Option<bool> {
        let mut allowed = self.one()?;
        while self.take("AND") {
            allowed &= self.one()?;
        }
        Some(allowed)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let allowed = self.any();
            return if self.take(")") { allowed } else { None };
        }
        let (licence, rest) = self.words.split_first()?;
        self.words = rest;
        let mut licence = (*licence).to_owned();
        if self.take("WITH") {
            let (exception, rest) = self.words.split_first()?;
            self.words = rest;
            licence = format!("{licence} WITH {exception}");
        }
        Some(LICENCES.contains(&licence.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions_are_understood() {
        for fine in [
            "MIT",
            "MIT/Apache-2.0",
            "MIT OR GPL-3.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(fine), "{fine}");
        }
        for not in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT Apache-2.0",
            "GPL-2.0 WITH Classpath-exception-2.0",
        ] {
            assert!(!is_allowed(not), "{not}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(parse_version("1.100") > parse_version("1.88.0"));
        assert_eq!(parse_version(""), None);
    }
}
