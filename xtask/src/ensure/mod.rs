//! The setup steps: each finds out whether something is there, and installs it where it is not.

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod npm;
pub(crate) mod tools;
pub(crate) mod valgrind;
pub(crate) mod wasm_fallback;
pub(crate) mod wasm_target;
