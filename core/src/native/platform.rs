use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::platform::{BoxFuture, Platform};

/// Time by `tokio`, so that a test that pauses tokio's clock does not wait; randomness by the
/// operating system.
#[derive(Debug)]
pub struct TokioPlatform {
    started: Instant,
    /// The runtime seen last, for clean-up that begins where there is none: a stream dropped after
    /// its runtime's `block_on`.
    runtime: OnceLock<Handle>,
}

impl Default for TokioPlatform {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            runtime: OnceLock::new(),
        }
    }
}

impl Platform for TokioPlatform {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn unix_millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as u64)
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        // Without randomness there are no ids that a node could tell apart, and no way to go on.
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    fn secure_random(&self) -> Option<[u8; 16]> {
        Some(self.random())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if let Ok(handle) = Handle::try_current() {
            self.runtime.get_or_init(|| handle);
        }
        Box::pin(tokio::time::sleep(duration))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let handle = Handle::try_current()
            .ok()
            .or_else(|| self.runtime.get().cloned());
        if let Some(handle) = handle {
            handle.spawn(task);
        }
    }
}
