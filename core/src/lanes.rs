//! Finding bytes in text, sixteen at a time.

/// Where the first byte stands that is `one`, `other` or less than `bound`; the length where there is none.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
pub(crate) fn find(bytes: &[u8], one: u8, other: u8, bound: u8) -> usize {
    let mut rest = bytes;
    while let Some((lane, following)) = rest.split_first_chunk() {
        if let Some(place) = first(lane, one, other, bound) {
            return bytes.len() - rest.len() + place;
        }
        rest = following;
    }
    let before = bytes.len() - rest.len();
    for (place, byte) in rest.iter().enumerate() {
        if *byte == one || *byte == other || *byte < bound {
            return before + place;
        }
    }
    bytes.len()
}

// The module is compiled for size, which leaves loops as they are: the instructions must be named.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
#[inline]
fn first(lane: &[u8; 16], one: u8, other: u8, bound: u8) -> Option<usize> {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128_or};
    let (halves, _) = lane.as_chunks::<8>();
    let [low, high] = halves else { return None };
    let lane = u64x2(u64::from_le_bytes(*low), u64::from_le_bytes(*high));
    let either = v128_or(
        u8x16_eq(lane, u8x16_splat(one)),
        u8x16_eq(lane, u8x16_splat(other)),
    );
    let found = u8x16_bitmask(v128_or(either, u8x16_lt(lane, u8x16_splat(bound))));
    (found != 0).then(|| found.trailing_zeros() as usize)
}

#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn first(lane: &[u8; 16], one: u8, other: u8, bound: u8) -> Option<usize> {
    use wide::{CmpEq, CmpLt, i8x16};
    let lane = i8x16::new(lane.map(|byte| byte as i8));
    let splat = |byte: u8| i8x16::splat(byte as i8);
    // These compare as if signed, which is the same with the upper bit flipped.
    let below = (lane ^ splat(0x80)).cmp_lt(splat(bound ^ 0x80));
    let found = (lane.cmp_eq(splat(one)) | lane.cmp_eq(splat(other)) | below).move_mask();
    (found != 0).then(|| found.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_those_that_are_looked_for_is_found_wherever_it_stands() {
        for length in 0..50 {
            let plain = vec![b'x'; length];
            assert_eq!(find(&plain, b'"', b'\\', b' '), length);
            for place in 0..length {
                for (byte, special) in [
                    (b'"', true),
                    (b'\\', true),
                    (0, true),
                    (b' ' - 1, true),
                    (b' ', false),
                    (0xff, false),
                ] {
                    let mut text = plain.clone();
                    text[place] = byte;
                    let expected = if special { place } else { length };
                    assert_eq!(find(&text, b'"', b'\\', b' '), expected, "{place} {byte}");
                    // Others behind it change nothing.
                    text[place..].fill(byte);
                    assert_eq!(find(&text, b'"', b'\\', b' '), expected, "{place} {byte}");
                }
            }
            assert_eq!(find(&[0], b'\n', b'\r', 0), 1);
        }
    }
}
