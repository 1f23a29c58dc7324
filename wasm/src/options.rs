//! Options as they cross: one a line, behind a letter that tells which (`npm/src/engine/lines.ts` writes them), and
//! `h{name}\n{value}\n` for each header. TypeScript leaves out what is not set, and sees to it that no value holds a line
//! break and that numbers are digits.

use alloc::string::String;

use ancp_core::Result;
use ancp_core::auth::Mode;
use ancp_core::client::plain::{CallOptions, Options};

use crate::text::{duration, line, number};

/// Takes an option by its letter and value, with the lines that belong to it.
pub(crate) trait Other<'a>: FnMut(u8, &'a str, &mut &'a str) -> Result<()> {}
impl<'a, T: FnMut(u8, &'a str, &mut &'a str) -> Result<()>> Other<'a> for T {}

/// Reads the options of a client; `other` takes those that are not the same everywhere.
pub(crate) fn client<'a>(mut text: &'a str, mut other: impl Other<'a>) -> Result<Options<'a>> {
    let mut options = Options::default();
    let lines = &mut text;
    while let Some((letter, value)) = option(lines) {
        match letter {
            b'b' => options.base_url = Some(value),
            b'n' => options.node_id = Some(value),
            b't' => options.tenant_id = Some(value),
            b'a' => options.auth = Some((Mode::ApiKey, Some(value))),
            b'A' => options.auth = Some((Mode::ApiKey, None)),
            b'j' => options.auth = Some((Mode::Jwt, Some(value))),
            b'J' => options.auth = Some((Mode::Jwt, None)),
            b'w' => options.timeout = Some(duration(value)),
            b'r' => options.retry.max_retries = count(value),
            b'i' => options.retry.base = duration(value),
            b'm' => options.retry.cap = duration(value),
            b'h' => options.headers.push(header(value, lines)),
            _ => other(letter, value, lines)?,
        }
    }
    Ok(options)
}

/// Reads the options of a call in the same way.
pub(crate) fn call<'a>(mut text: &'a str, mut other: impl Other<'a>) -> Result<CallOptions<'a>> {
    let mut options = CallOptions::default();
    let lines = &mut text;
    while let Some((letter, value)) = option(lines) {
        match letter {
            b'w' => options.timeout = Some(duration(value)),
            b'c' => options.correlation_id = Some(value),
            b'r' => options.receipt_id = Some(value),
            b'h' => options.headers.push(header(value, lines)),
            _ => other(letter, value, lines)?,
        }
    }
    Ok(options)
}

fn option<'a>(lines: &mut &'a str) -> Option<(u8, &'a str)> {
    let line = line(lines)?;
    Some((*line.as_bytes().first()?, line.get(1..)?))
}

/// A number too large is the largest.
fn count(digits: &str) -> u32 {
    u32::try_from(number(digits)).unwrap_or(u32::MAX)
}

fn header(name: &str, lines: &mut &str) -> (String, String) {
    (name.into(), line(lines).unwrap_or_default().into())
}
