//! What differs between platforms: time, randomness, spawning, and whether futures are `Send`.
//!
//! A host implements [`Platform`] once; tests use a manual one, so that nothing waits for real time.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

/// `Send` where the platform has threads; nothing on wasm32.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync` where the platform has threads; nothing on wasm32.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// `Send` where the platform has threads; nothing on wasm32.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` where the platform has threads; nothing on wasm32.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}

/// A boxed future, `Send` where the platform has threads.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A boxed future, `Send` where the platform has threads.
#[cfg(target_arch = "wasm32")]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Time, randomness and background work.
pub trait Platform: MaybeSend + MaybeSync + 'static {
    /// Monotonic time since some fixed point.
    fn now(&self) -> Duration;

    /// The wall clock: milliseconds since 1970, UTC.
    fn unix_millis(&self) -> u64;

    /// Random bytes, good enough for message ids.
    fn random(&self) -> [u8; 16];

    /// Random bytes that nobody can guess, for DID proofs. `None` where the platform has no
    /// cryptographic source of them, which is the default: there are then no DID proofs.
    fn secure_random(&self) -> Option<[u8; 16]> {
        None
    }

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Runs something to its end in the background: the end of a dropped stream at its node, or a payer's work, which
    /// may take minutes.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}
