//! Runs futures on the one thread there is, whenever JavaScript calls in.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::cell::{Cell, RefCell};
use core::task::{Context, Waker};

use ancp_core::platform::BoxFuture;
use spin::Mutex;

use crate::table::Table;

/// Tasks, and which of them can go on.
pub(crate) struct Executor {
    tasks: RefCell<Table<Task>>,
    ready: Arc<Ready>,
    running: Cell<bool>,
}

struct Task {
    /// Taken out while it is polled.
    future: Option<BoxFuture<'static, ()>>,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Ready(Mutex<VecDeque<u32>>);

impl Ready {
    fn push(&self, task: u32) {
        self.0.lock().push_back(task);
    }

    fn pop(&self) -> Option<u32> {
        self.0.lock().pop_front()
    }
}

struct TaskWaker {
    task: u32,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.task);
    }
}

impl Executor {
    pub(crate) fn new() -> Self {
        Self {
            tasks: RefCell::new(Table::new()),
            ready: Arc::default(),
            running: Cell::new(false),
        }
    }

    /// Adds a task, which begins at the next [`run`](Self::run).
    pub(crate) fn spawn(&self, future: BoxFuture<'static, ()>) -> u32 {
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.insert(Task {
            future: Some(future),
            waker: None,
        });
        if let Some(entry) = tasks.get_mut(task) {
            let ready = Arc::clone(&self.ready);
            entry.waker = Some(Waker::from(Arc::new(TaskWaker { task, ready })));
        }
        self.ready.push(task);
        task
    }

    /// Drops a task. Where that is the one at work, it is dropped once it waits.
    pub(crate) fn cancel(&self, task: u32) {
        let removed = self.tasks.borrow_mut().remove(task);
        // Not before the table is free again: dropping a future may spawn another one.
        drop(removed);
    }

    /// Polls tasks until none can go on. A call from within a task returns at once: the outer one
    /// goes on.
    pub(crate) fn run(&self) {
        if self.running.replace(true) {
            return;
        }
        while let Some(task) = self.ready.pop() {
            self.poll(task);
        }
        self.running.set(false);
    }

    fn poll(&self, task: u32) {
        // `None`: the task is over, and something woke it late.
        let Some((mut future, waker)) = self.begin(task) else {
            return;
        };
        let done = future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        let mut tasks = self.tasks.borrow_mut();
        if done {
            tasks.remove(task);
        } else if let Some(entry) = tasks.get_mut(task) {
            entry.future = Some(future);
            return;
        }
        drop(tasks);
        drop(future);
    }

    fn begin(&self, task: u32) -> Option<(BoxFuture<'static, ()>, Waker)> {
        let mut tasks = self.tasks.borrow_mut();
        let entry = tasks.get_mut(task)?;
        Some((entry.future.take()?, entry.waker.clone()?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    use super::*;

    /// Counts its polls, wakes itself at each, and is done after some.
    fn turns(count: Arc<AtomicUsize>, turns: usize) -> BoxFuture<'static, ()> {
        Box::pin(std::future::poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            match count.fetch_add(1, Ordering::Relaxed) + 1 >= turns {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        }))
    }

    fn is_dropped(count: &Weak<AtomicUsize>) -> bool {
        count.upgrade().is_none()
    }

    #[test]
    fn tasks_run_until_they_wait_or_end() {
        let executor = Executor::new();
        let count = Arc::new(AtomicUsize::new(0));
        executor.spawn(turns(Arc::clone(&count), 3));
        executor.spawn(Box::pin(std::future::pending()));
        assert_eq!(count.load(Ordering::Relaxed), 0);
        executor.run();
        assert_eq!(count.load(Ordering::Relaxed), 3);
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn a_cancelled_task_is_dropped() {
        let executor = Executor::new();
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::downgrade(&count);
        let task = executor.spawn(turns(count, 3));
        executor.cancel(task);
        assert!(is_dropped(&seen));
        executor.cancel(task);
        executor.run();
    }

    #[test]
    fn a_task_may_spawn_and_cancel_while_it_runs() {
        thread_local! {
            static EXECUTOR: Executor = Executor::new();
        }
        let count = Arc::new(AtomicUsize::new(0));
        let (own, spawned) = (Arc::clone(&count), Arc::clone(&count));
        EXECUTOR.with(|executor| {
            let task = Arc::new(AtomicUsize::new(0));
            let me = Arc::clone(&task);
            let id = executor.spawn(Box::pin(std::future::poll_fn(move |_| {
                own.fetch_add(1, Ordering::Relaxed);
                let spawned = turns(Arc::clone(&spawned), 3);
                EXECUTOR.with(|executor| {
                    executor.spawn(spawned);
                    executor.cancel(me.load(Ordering::Relaxed) as u32);
                    // From within a task this returns at once.
                    executor.run();
                });
                Poll::Pending
            })));
            task.store(id as usize, Ordering::Relaxed);
            executor.run();
            executor.run();
        });
        // One turn of its own, two of the other, and both are gone.
        assert_eq!(count.load(Ordering::Relaxed), 3);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
