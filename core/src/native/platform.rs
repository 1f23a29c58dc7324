use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::timers::Timers;
use crate::platform::{BoxFuture, Platform};

/// Time by `tokio`, so that a test that pauses tokio's clock does not wait; randomness by a generator
/// of each thread's own that the operating system seeds, as asking the system for every message takes longer.
#[derive(Debug)]
pub struct TokioPlatform {
    started: Instant,
    /// The runtime seen last, for clean-up that begins where there is none: a stream dropped after
    /// its runtime's `block_on`.
    runtime: OnceLock<Handle>,
    timers: Arc<Timers>,
}

impl Default for TokioPlatform {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            runtime: OnceLock::new(),
            timers: Arc::default(),
        }
    }
}

pub(super) fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

impl Platform for TokioPlatform {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn unix_millis(&self) -> u64 {
        unix_millis()
    }

    fn random(&self) -> [u8; 16] {
        // It's a generator for cryptography, and panics where the system has no seed: without one there are no ids that a
        // node could tell apart, and no way to go on.
        rand::random()
    }

    fn secure_random(&self) -> Option<[u8; 16]> {
        Some(self.random())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if self.runtime.get().is_none()
            && let Ok(handle) = Handle::try_current()
        {
            self.runtime.get_or_init(|| handle);
        }
        let now = Instant::now();
        // Some 30 years, as tokio itself takes what is longer than can be told.
        let far = || now + Duration::from_secs(86400 * 365 * 30);
        Box::pin(
            self.timers
                .until(now.checked_add(duration).unwrap_or_else(far)),
        )
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
