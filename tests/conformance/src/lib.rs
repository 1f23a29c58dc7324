//! The wire contract as data, and what plays it.
//!
//! - [`vector`]: the vectors under `vectors/`, of which every one is a rule of the contract.
//! - [`server`]: plays the node's part of the client vectors over HTTP, and reports what a client did wrong.
//! - [`compare`]: when what came is what was expected.
//!
//! The native runners are under `tests/`, those for Node.js and browsers under `js/`.

pub mod compare;
pub mod server;
pub mod vector;
