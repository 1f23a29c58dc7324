//! A fake node for unit tests: the real client over a scripted transport, with the same checks and
//! the same errors.

#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
mod client;
mod price;
mod stream;
mod task;
mod transport;

#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub use client::FakeClient;
pub use stream::{FakeChunks, FakeStream};
pub use task::{FakeStep, FakeTask};
pub use transport::{CapturedCall, FakeTransport};
