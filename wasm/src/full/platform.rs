//! Time, randomness and background work, by way of the host.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::time::Duration;

use ancp_core::platform::{BoxFuture, Platform};

use super::ops::{Op, Shared};
use crate::host::{milliseconds, now};

/// The core's platform. Its clocks and timers are JavaScript's at the time of use, so that fake
/// timers work.
pub(crate) struct HostPlatform(pub(crate) Rc<Shared>);

impl Platform for HostPlatform {
    fn now(&self) -> Duration {
        now(&self.0.host)
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
            let mut timer = Op::new(&shared, |host, op| host.sleep(op, milliseconds(duration)));
            timer.outcome().await;
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // Begun by the engine's outermost call, once what spawns it is done.
        self.0.executor.spawn(task);
    }
}
