//! Finding the end of an array or object by its brackets alone, 64 bytes at a time.
//!
//! It serves where somebody else parses the text and so judges whether it is JSON: what that parser
//! takes for one value from its first bracket on ends where its brackets are balanced, which is here.

use super::scan::{MAX_DEPTH, Scanner};

/// One bit for each byte of a block, the first lowest.
#[derive(Default)]
struct Masks {
    quotes: u64,
    backslashes: u64,
    opening: u64,
    closing: u64,
}

impl<'a> Scanner<'a> {
    /// Skips one value of any kind and gives its text. An array or object is not looked into
    /// further than to find its end; it may turn out to be no JSON.
    pub(crate) fn skim(&mut self) -> Option<&'a str> {
        if !matches!(self.peek(), Some(b'[' | b'{')) {
            return self.value();
        }
        let room = MAX_DEPTH - self.depth;
        let rest = self.rest();
        let mut skim = Skim {
            room,
            depth: 0,
            in_string: 0,
            escaped: 0,
        };
        let mut before = 0;
        for block in rest.chunks(64) {
            let masks = match block.try_into() {
                Ok(block) => masks(block),
                Err(_) => masks(&padded(block)),
            };
            if let Some(length) = skim.block(&masks) {
                if skim.depth > room {
                    return self.stop("it is nested too deeply");
                }
                let start = self.at;
                self.at += before + length;
                return Some(self.since(start));
            }
            before += 64;
        }
        self.stop("an array or object has no end")
    }
}

struct Skim {
    /// How deep it may get.
    room: u32,
    depth: u32,
    /// All ones within a string.
    in_string: u64,
    /// 1 where the next byte stands behind a backslash.
    escaped: u64,
}

impl Skim {
    /// Goes over a block; gives the length of what of it belongs to the value where the value ends,
    /// or gets too deep, there.
    fn block(&mut self, masks: &Masks) -> Option<usize> {
        let quotes = masks.quotes & !self.escapes(masks.backslashes);
        let inside = prefix_xor(quotes) ^ self.in_string;
        self.in_string = (inside as i64 >> 63) as u64;
        let opening = masks.opening & !inside;
        let closing = masks.closing & !inside;
        if opening | closing == 0 {
            return None;
        }
        let (opened, closed) = (opening.count_ones(), closing.count_ones());
        if self.depth > closed && self.depth + opened <= self.room {
            self.depth = self.depth + opened - closed;
            return None;
        }
        let mut brackets = opening | closing;
        while brackets != 0 {
            let at = brackets.trailing_zeros();
            if opening >> at & 1 == 1 {
                self.depth += 1;
            } else {
                self.depth -= 1;
            }
            if self.depth == 0 || self.depth > self.room {
                return Some(at as usize + 1);
            }
            brackets &= brackets - 1;
        }
        None
    }

    /// The bytes that stand behind a backslash which is not itself escaped.
    fn escapes(&mut self, mut backslashes: u64) -> u64 {
        let mut escapes = self.escaped;
        self.escaped = 0;
        backslashes &= !escapes;
        while backslashes != 0 {
            let at = backslashes & backslashes.wrapping_neg();
            let next = at << 1;
            escapes |= next;
            self.escaped = at >> 63;
            backslashes &= !(at | next);
        }
        escapes
    }
}

/// The last block, with blanks behind it.
fn padded(block: &[u8]) -> [u8; 64] {
    let mut padded = [b' '; 64];
    for (to, from) in padded.iter_mut().zip(block) {
        *to = *from;
    }
    padded
}

/// For each bit, whether the number of ones up to and including it is odd.
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

// Only what skims needs an engine with these instructions, which all have had since 2023.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn masks(block: &[u8; 64]) -> Masks {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128_or};
    // A macro, as a function would be called: this is compiled for size.
    macro_rules! bits {
        ($lane:ident, $byte:literal) => {
            u64::from(u8x16_bitmask(u8x16_eq($lane, u8x16_splat($byte)))) << 48
        };
    }
    let mut masks = Masks::default();
    let (lanes, _) = block.as_chunks::<16>();
    for lane in lanes {
        let (halves, _) = lane.as_chunks::<8>();
        let [low, high] = halves else { break };
        let lane = u64x2(u64::from_le_bytes(*low), u64::from_le_bytes(*high));
        // Square and curly brackets differ in this bit.
        let curly = v128_or(lane, u8x16_splat(0x20));
        masks.quotes = masks.quotes >> 16 | bits!(lane, b'"');
        masks.backslashes = masks.backslashes >> 16 | bits!(lane, b'\\');
        masks.opening = masks.opening >> 16 | bits!(curly, b'{');
        masks.closing = masks.closing >> 16 | bits!(curly, b'}');
    }
    masks
}

// Left to itself the compiler makes eight times as many instructions of it.
#[cfg(not(target_arch = "wasm32"))]
fn masks(block: &[u8; 64]) -> Masks {
    use wide::u8x16;
    let bits = |lane: u8x16, byte: u8| {
        let equal = lane.cmp_eq(u8x16::splat(byte));
        (equal.move_mask() as u64) << 48
    };
    let mut masks = Masks::default();
    let (lanes, _) = block.as_chunks::<16>();
    for lane in lanes {
        let lane = u8x16::new(*lane);
        // Square and curly brackets differ in this bit.
        let curly = lane | u8x16::splat(0x20);
        masks.quotes = masks.quotes >> 16 | bits(lane, b'"');
        masks.backslashes = masks.backslashes >> 16 | bits(lane, b'\\');
        masks.opening = masks.opening >> 16 | bits(curly, b'{');
        masks.closing = masks.closing >> 16 | bits(curly, b'}');
    }
    masks
}
