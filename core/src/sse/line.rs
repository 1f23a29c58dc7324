//! Where lines end.

use crate::lanes;

/// The length of the line that the bytes begin with, where it ends in them.
#[cfg(target_arch = "wasm32")]
pub(super) fn line_length(bytes: &[u8]) -> Option<usize> {
    let length = lanes::find(bytes, b'\n', b'\r', 0);
    (length < bytes.len()).then_some(length)
}

/// The same with wider instructions for all but its beginning: to choose them at run time takes longer than a short line.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
pub(super) fn line_length(bytes: &[u8]) -> Option<usize> {
    let Some((beginning, rest)) = bytes.split_first_chunk::<16>() else {
        return bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    };
    match lanes::find(beginning, b'\n', b'\r', 0) {
        16 => Some(16 + memchr::memchr2(b'\n', b'\r', rest)?),
        length => Some(length),
    }
}
