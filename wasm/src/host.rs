//! What JavaScript does for the engine. `npm/src/engine/host.ts` implements it.

use core::time::Duration;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The JavaScript half of an engine. None of its methods throws, and none completes an op before
    /// it returns.
    pub type Host;

    /// Sends a request. The text is the URL and the headers, a line each, then a NUL and the body
    /// before the payload, and a NUL and the body after it; a `payload` of 0 stands for none that
    /// the host keeps. Reads the whole answer up to the limit: `answered` or `failed`; where the
    /// limit is 0, no more than its head: `opened` or `failed`.
    #[wasm_bindgen(method)]
    pub(crate) fn send(this: &Host, op: u32, method: u8, text: &str, payload: u32, limit: u32);

    /// Reads the next bytes of the answer that an op has opened: `read` or `failed`.
    #[wasm_bindgen(method)]
    pub(crate) fn read(this: &Host, op: u32);

    /// Completes the op after some milliseconds: `fired`.
    #[wasm_bindgen(method)]
    pub(crate) fn sleep(this: &Host, op: u32, milliseconds: f64);

    /// Asks the user's function for a credential: `token` or `failed`. A signer is told as three lines:
    /// its number, its DID and its key id.
    #[wasm_bindgen(method)]
    pub(crate) fn token(this: &Host, op: u32);

    /// Has a signer sign a message: `read` or `failed`.
    #[wasm_bindgen(method)]
    pub(crate) fn sign(this: &Host, op: u32, signer: u32, message: &[u8]);

    /// Asks the user's function to pay what a 402's details ask for: `token` with a line for the transaction and
    /// one for the payer, or `failed`.
    #[wasm_bindgen(method)]
    pub(crate) fn pay(this: &Host, op: u32, terms: &str);

    /// Tells the user's function that nobody waits for what it pays; its answer is taken all the same.
    #[wasm_bindgen(method)]
    pub(crate) fn unwanted(this: &Host, op: u32);

    /// Gives an op up, with what it holds.
    #[wasm_bindgen(method)]
    pub(crate) fn cancel(this: &Host, op: u32);

    /// Tells something of a running call, as JSON text. Where `op` is not 0, the call goes on once
    /// it has `fired`. Returns whether it is JSON; where not, nothing was told.
    #[wasm_bindgen(method)]
    pub(crate) fn progress(this: &Host, call: u32, text: &str, op: u32) -> bool;

    /// Parses the payload of the answer to a call and keeps it. Returns whether it is JSON.
    #[wasm_bindgen(method)]
    pub(crate) fn parse(this: &Host, call: u32, payload: &str) -> bool;

    /// The same for a payload of which each character is a byte.
    #[cfg(feature = "latin1")]
    #[wasm_bindgen(method)]
    pub(crate) fn parse_latin1(this: &Host, call: u32, payload: &[u8]) -> bool;

    /// Tells the outcome of a call: its result or an error, as JSON text. An empty text stands for
    /// the payload that was kept.
    #[wasm_bindgen(method)]
    pub(crate) fn settle(this: &Host, call: u32, ok: bool, text: &str);

    /// Milliseconds since some fixed point.
    #[wasm_bindgen(method)]
    pub(crate) fn now(this: &Host) -> f64;

    /// Milliseconds since 1970.
    #[wasm_bindgen(method)]
    pub(crate) fn unix_now(this: &Host) -> f64;

    /// Fills the bytes at random, and says whether by a cryptographic source.
    #[wasm_bindgen(method)]
    pub(crate) fn random(this: &Host, bytes: &mut [u8]) -> bool;
}

/// Monotonic time since some fixed point.
pub(crate) fn now(host: &Host) -> Duration {
    // A fraction of a millisecond is of no use here, and the cast is safe for any number.
    Duration::from_millis(host.now() as u64)
}

/// A time as timers take it.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs() as f64 * 1000.0 + f64::from(duration.subsec_millis())
}
