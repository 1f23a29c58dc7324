//! The tests are in `tests/`; this only has the snippets of the README compiled and run.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
