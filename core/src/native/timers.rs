//! Timers that are used again.
//!
//! A call's deadline is nearly always called off. A timer of its own for each would lock the runtime's driver twice and,
//! being the next one due, wake the thread that waits for the network. So a timer that is called off is kept as it is,
//! armed, and put off for the next call, which tokio does without a lock.

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep, sleep_until};

/// How many are kept. Where more are needed at a time the others are made anew; they wake nobody, as those that are armed
/// already are due before.
const MOST: usize = 64;

/// Timers that nobody waits for; all of one runtime.
#[derive(Debug, Default)]
pub(super) struct Timers(Mutex<Vec<Timer>>);

impl Timers {
    /// Waits until then.
    pub(super) fn until(self: &Arc<Self>, deadline: Instant) -> Until {
        Until {
            timers: Arc::clone(self),
            deadline,
            timer: None,
        }
    }

    fn take(&self, deadline: Instant) -> Timer {
        let runtime = Handle::current().id();
        match self.kept(runtime, deadline) {
            Some(mut timer) => {
                timer.sleep.as_mut().reset(deadline);
                timer
            }
            None => Timer::new(runtime, deadline),
        }
    }

    /// The one that was kept last of those that are due before; another one can't be moved without the driver.
    fn kept(&self, runtime: Id, deadline: Instant) -> Option<Timer> {
        let mut timers = self.lock();
        let last = timers.len().checked_sub(1)?;
        if timers.first()?.runtime != runtime {
            return None;
        }
        let is_due_before = |timer: &Timer| timer.sleep.deadline() <= deadline;
        let place = timers.iter().rposition(is_due_before).unwrap_or(last);
        Some(timers.swap_remove(place))
    }

    fn keep(&self, timer: Timer) {
        let mut timers = self.lock();
        let is_other = |kept: &Timer| kept.runtime != timer.runtime;
        let others = match timers.first().is_some_and(is_other) {
            true => mem::take(&mut *timers),
            false => Vec::new(),
        };
        if timers.len() < MOST {
            timers.push(timer);
        }
        drop(timers);
        drop(others);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Timer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait. It takes a timer when it is first polled.
pub(super) struct Until {
    timers: Arc<Timers>,
    deadline: Instant,
    timer: Option<Timer>,
}

impl Future for Until {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let take = || this.timers.take(this.deadline);
        this.timer.get_or_insert_with(take).poll(cx)
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        // One that has run out would have to be armed like a new one.
        if let Some(timer) = self.timer.take()
            && !timer.sleep.is_elapsed()
        {
            timer.waiting.0.take();
            self.timers.keep(timer);
        }
    }
}

#[derive(Debug)]
struct Timer {
    runtime: Id,
    sleep: Pin<Box<Sleep>>,
    waiting: Arc<Waiting>,
    /// Wakes `waiting`.
    waker: Waker,
}

impl Timer {
    fn new(runtime: Id, deadline: Instant) -> Self {
        let waiting = Arc::new(Waiting::default());
        Self {
            runtime,
            sleep: Box::pin(sleep_until(deadline)),
            waker: Arc::clone(&waiting).into(),
            waiting,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.waiting.0.register(cx.waker());
        let mut cx = Context::from_waker(&self.waker);
        self.sleep.as_mut().poll(&mut cx)
    }
}

/// Who waits for a timer. The timer itself would keep the task, and all its memory, until it is due.
#[derive(Debug, Default)]
struct Waiting(AtomicWaker);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn kept(timers: &Timers) -> usize {
        timers.lock().len()
    }

    /// Waits as a call does that is answered at once.
    fn called_off(timers: &Arc<Timers>, deadline: Instant) {
        assert!(timers.until(deadline).now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_used_again_is_due_when_it_is_to_be() {
        let timers = Arc::new(Timers::default());
        let start = Instant::now();
        for (called_off_after, due_after) in [(5, 9), (5, 5), (9, 2)] {
            let now = Instant::now();
            called_off(&timers, now + called_off_after * SECOND);
            assert_eq!(kept(&timers), 1);
            timers.until(now + due_after * SECOND).await;
            assert_eq!(now.elapsed().as_secs(), u64::from(due_after));
            // One that has run out is not kept.
            assert_eq!(kept(&timers), 0);
        }
        assert_eq!(start.elapsed().as_secs(), 16);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_at_a_time_have_timers_of_their_own() {
        let timers = Arc::new(Timers::default());
        let start = Instant::now();
        called_off(&timers, start + SECOND);
        let waits = [3, 1, 2].map(|seconds| {
            let wait = timers.until(start + seconds * SECOND);
            wait.map(move |()| assert_eq!(start.elapsed().as_secs(), u64::from(seconds)))
        });
        futures_util::future::join_all(waits).await;
    }

    #[tokio::test]
    async fn so_many_are_kept_and_no_more() {
        let timers = Arc::new(Timers::default());
        let deadline = Instant::now() + SECOND * 60;
        let mut waits: Vec<_> = (0..2 * MOST).map(|_| timers.until(deadline)).collect();
        for wait in &mut waits {
            assert!(wait.now_or_never().is_none());
        }
        drop(waits);
        assert_eq!(kept(&timers), MOST);
    }

    #[tokio::test]
    async fn nobody_is_kept_for_a_wait_that_was_called_off() {
        struct Task;
        impl Wake for Task {
            fn wake(self: Arc<Self>) {}
        }
        let timers = Arc::new(Timers::default());
        let task = Arc::new(Task);
        let mut wait = Box::pin(timers.until(Instant::now() + SECOND * 60));
        let waker = Waker::from(Arc::clone(&task));
        assert!(
            wait.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop(waker);
        assert_eq!(Arc::strong_count(&task), 2);
        drop(wait);
        assert_eq!(kept(&timers), 1);
        assert_eq!(Arc::strong_count(&task), 1);
    }

    #[test]
    fn each_runtime_has_its_own() {
        let timers = Arc::new(Timers::default());
        for _ in 0..2 {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_time().build().unwrap();
            runtime.block_on(async {
                called_off(&timers, Instant::now() + SECOND * 60);
                assert_eq!(kept(&timers), 1);
                timers
                    .until(Instant::now() + Duration::from_millis(1))
                    .await;
            });
        }
    }
}
