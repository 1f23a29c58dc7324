use alloc::string::String;
use core::fmt;

use super::write::push_integer;

/// A text is not JSON, or is nested too deeply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidJson {
    pub(super) offset: usize,
    pub(super) what: &'static str,
}

impl InvalidJson {
    /// Where reading stopped, in bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The sentence of `Display`, without the formatting machinery: WebAssembly modules that
    /// never display it should not carry it.
    pub(crate) fn describe(&self) -> String {
        let mut text = String::from("invalid JSON at byte ");
        push_integer(&mut text, self.offset as u64);
        text.push_str(": ");
        text.push_str(self.what);
        text
    }
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl core::error::Error for InvalidJson {}
