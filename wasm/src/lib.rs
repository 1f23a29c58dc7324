//! The client core for JavaScript: one class, [`Engine`], that the TypeScript of `npm/` drives.
//!
//! Few and plain things cross the boundary. A call goes in with its options as numbers and text, its
//! payload stays behind as JSON text that is put into the request's body by JavaScript, and its
//! outcome comes back as one JSON text. What the core waits for (`fetch`, timers, tokens) are *ops*:
//! numbered requests to the `Host` that JavaScript completes by calling back.
//!
//! There are two such classes, and a module of each in npm/: with the feature `full` one that can do everything, and without it
//! one for plain calls, which is what a page needs first, and less than a third as large.
//!
//! Nothing here panics on any input. Should it happen all the same, the instance ends in a trap, which
//! JavaScript turns into errors of the calls that were running.

#![cfg_attr(all(target_arch = "wasm32", not(test)), no_std)]
// Elsewhere there is no JavaScript; the tests of the pure modules run everywhere.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

#[cfg(feature = "full")]
mod full;
#[cfg(any(feature = "latin1", test))]
mod latin1;
mod table;

#[cfg(target_arch = "wasm32")]
mod failure;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod http;
#[cfg(target_arch = "wasm32")]
mod options;
#[cfg(all(target_arch = "wasm32", not(feature = "full")))]
mod plain;
#[cfg(target_arch = "wasm32")]
mod text;

#[cfg(all(target_arch = "wasm32", feature = "full"))]
pub use full::Engine;
#[cfg(all(target_arch = "wasm32", not(feature = "full")))]
pub use plain::Engine;

/// Traps. What happened and where is left out: the texts of all places that might panic are a good part of the
/// module, and the trap's stack has the number of the function, which `symbols.txt` beside the module names.
#[cfg(all(target_arch = "wasm32", not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Smaller than the standard library's.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
