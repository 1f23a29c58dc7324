//! A Chromium or Chrome, with the driver of the same version.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::ensure::apt;
use crate::process::Shell;
use crate::workspace::find_program;

/// What the tests in a browser use.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) driver: PathBuf,
}

const BY_HAND: &str = "the tests in a browser need Chromium or Chrome and the chromedriver of the same version: \
    put both on PATH, or name them in the environment variables CHROME and CHROMEDRIVER";

/// Finds a browser and its driver, else installs Debian's.
pub(crate) fn ensure(shell: &mut Shell<'_>) -> Result<()> {
    let browser = match find() {
        Some(browser) => browser,
        None => {
            apt::install(shell, &["chromium", "chromium-driver"]).context(BY_HAND)?;
            find().context(BY_HAND)?
        }
    };
    let chrome = version(shell, &browser.chrome)?;
    let driver = version(shell, &browser.driver)?;
    ensure!(
        major(&chrome) == major(&driver),
        "{} is {chrome}, {} is {driver}: {BY_HAND}",
        browser.chrome.display(),
        browser.driver.display()
    );
    shell.note(chrome);
    // The setup steps run once, so that nothing can be there before.
    let _ = shell.workspace.browser.set(browser);
    Ok(())
}

fn find() -> Option<Browser> {
    Some(Browser {
        chrome: find_chrome()?,
        driver: named("CHROMEDRIVER").or_else(|| find_program(&["chromedriver"]))?,
    })
}

fn find_chrome() -> Option<PathBuf> {
    let application = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    named("CHROME")
        .or_else(|| {
            find_program(&[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
                "chrome",
            ])
        })
        .or_else(|| application.is_file().then_some(application))
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}

fn version(shell: &mut Shell<'_>, program: &Path) -> Result<String> {
    Ok(shell
        .read(shell.program(program)?.arg("--version"))?
        .trim()
        .to_owned())
}

/// `156` of `Chromium 156.0.8078.79 built on …`.
fn major(version: &str) -> Option<&str> {
    version
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?
        .split('.')
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_say() {
        assert_eq!(
            major("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)"),
            Some("156")
        );
        assert_eq!(
            major("ChromeDriver 156.0.8078.79 (a21ce95c24ce)"),
            Some("156")
        );
        assert_eq!(major("nothing"), None);
    }
}
