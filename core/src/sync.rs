//! What tasks share: values behind a lock, and gates to wait at.

use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};

#[cfg(target_arch = "wasm32")]
type Inner<T> = core::cell::RefCell<T>;
#[cfg(not(target_arch = "wasm32"))]
type Inner<T> = std::sync::Mutex<T>;

/// A value that is held for moments, never while something is awaited.
#[derive(Default)]
pub(crate) struct Lock<T>(Inner<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Inner::new(value))
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn lock(&self) -> core::cell::RefMut<'_, T> {
        self.0.borrow_mut()
    }

    /// Where a thread has panicked, the value is still whole: nothing that holds it calls out.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A gate that tasks wait at until it is open.
pub(crate) struct Gate(Lock<State>);

struct State {
    open: bool,
    /// A place for each task that waits.
    places: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Gate {
    pub(crate) fn new(open: bool) -> Self {
        Self(Lock::new(State {
            open,
            places: Vec::new(),
            free: Vec::new(),
        }))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.lock().open
    }

    pub(crate) fn open(&self) {
        let mut state = self.0.lock();
        state.open = true;
        let woken: Vec<Waker> = state.places.iter_mut().filter_map(Option::take).collect();
        // Whatever waking runs may come to the gate.
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn visit(&self) -> Visit<'_> {
        Visit {
            gate: self,
            place: None,
        }
    }

    /// Waits for the gate and shuts it until the turn is dropped.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        let mut visit = self.visit();
        poll_fn(|cx| visit.poll(cx, true)).await;
        Turn(self)
    }
}

/// The only one who has passed a gate.
pub(crate) struct Turn<'a>(&'a Gate);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A task at a gate.
pub(crate) struct Visit<'a> {
    gate: &'a Gate,
    place: Option<usize>,
}

impl Visit<'_> {
    /// Ready once the gate is open, which it stays unless it is to be shut.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, shut: bool) -> Poll<()> {
        let mut state = self.gate.0.lock();
        if state.open {
            state.open = !shut;
            return Poll::Ready(());
        }
        let place = match self.place.or_else(|| state.free.pop()) {
            Some(place) => place,
            None => {
                state.places.push(None);
                state.places.len() - 1
            }
        };
        self.place = Some(place);
        let former = state
            .places
            .get_mut(place)
            .and_then(|waker| waker.replace(cx.waker().clone()));
        // What dropping a waker runs may come to the gate.
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let mut state = self.gate.0.lock();
        let waker = state.places.get_mut(place).and_then(Option::take);
        state.free.push(place);
        drop(state);
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polled(visit: &mut Visit<'_>, shut: bool) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        visit.poll(&mut cx, shut).is_ready()
    }

    #[test]
    fn an_open_gate_lets_all_pass() {
        let gate = Gate::new(false);
        let (mut a, mut b) = (gate.visit(), gate.visit());
        assert!(!polled(&mut a, false) && !polled(&mut b, false));
        gate.open();
        assert!(gate.is_open());
        assert!(polled(&mut a, false) && polled(&mut b, false));
    }

    #[test]
    fn turns_are_taken_one_at_a_time() {
        let gate = Gate::new(true);
        let (mut a, mut b) = (gate.visit(), gate.visit());
        assert!(polled(&mut a, true));
        assert!(!polled(&mut b, true));
        drop(Turn(&gate));
        assert!(polled(&mut b, true));
        assert!(!gate.is_open());
    }

    #[test]
    fn a_place_is_used_again() {
        let gate = Gate::new(false);
        for _ in 0..3 {
            let (mut a, mut b) = (gate.visit(), gate.visit());
            assert!(!polled(&mut a, false) && !polled(&mut b, false));
        }
        assert_eq!(gate.0.lock().places.len(), 2);
    }
}
