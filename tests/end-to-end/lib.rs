//! The tests are in `tests/`; this only has the snippets of the documentation compiled and run.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/credentials.md")]
struct Credentials;

#[cfg(doctest)]
#[doc = include_str!("../../docs/payment.md")]
struct Payment;

#[cfg(doctest)]
#[doc = include_str!("../../docs/addressing.md")]
struct Addressing;
