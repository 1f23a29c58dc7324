//! Time, randomness and background work, by way of the host.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::time::Duration;

use ancp_core::platform::{BoxFuture, Platform};

use crate::ops::{Op, Shared};

/// The core's platform. Its clocks and timers are JavaScript's at the time of use, so that fake
/// timers work.
pub(crate) struct HostPlatform(pub(crate) Rc<Shared>);

impl Platform for HostPlatform {
    fn now(&self) -> Duration {
        // A fraction of a millisecond is of no use here, and the cast is safe for any number.
        Duration::from_millis(self.0.host.now() as u64)
    }

    fn unix_millis(&self) -> u64 {
        self.0.host.unix_now() as u64
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.host.random(&mut bytes);
        bytes
    }

    fn secure_random(&self) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        self.0.host.random(&mut bytes).then_some(bytes)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let shared = Rc::clone(&self.0);
        Box::pin(async move {
            let seconds = duration.as_secs() as f64;
            let milliseconds = seconds * 1000.0 + f64::from(duration.subsec_millis());
            let mut timer = Op::new(&shared, |host, op| host.sleep(op, milliseconds));
            timer.outcome().await;
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // Begun by the engine's outermost call, once what spawns it is done.
        self.0.executor.spawn(task);
    }
}
