use std::fmt;

use wasm_bindgen::{JsCast, JsValue};

use crate::{Error, ErrorCode};

/// What JavaScript threw, as text: a value of JavaScript's can't be sent to another thread, which
/// an error must allow.
#[derive(Debug)]
struct Thrown(String);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Thrown {}

/// A request that failed. `fetch` does not tell why, so the node may always have seen it.
pub(super) fn network(what: &str, thrown: JsValue) -> Error {
    let text = match thrown.dyn_into::<js_sys::Error>() {
        Ok(error) => String::from(error.to_string()),
        // A wrapper around `fetch` may throw anything.
        Err(other) => other
            .as_string()
            .unwrap_or_else(|| "something else than an Error".into()),
    };
    Error::new(ErrorCode::Network, what)
        .maybe_delivered(true)
        .with_source(Thrown(text))
}
