//! Keys that are looked for, and whether a text begins with one of them.

use core::str;

/// A key that is looked for: at most 15 ASCII characters. A text is compared with it in two steps, without
/// first looking for the text's end.
#[derive(Clone, Copy)]
pub(crate) struct Name([u8; 16]);

impl Name {
    // A longer name is refused when this is compiled.
    #[allow(clippy::indexing_slicing)]
    pub(crate) const fn new(name: &str) -> Self {
        let mut ended = [0; 16];
        let mut at = 0;
        while at < name.len() {
            ended[at] = name.as_bytes()[at];
            at += 1;
        }
        ended[at] = b'"';
        Self(ended)
    }

    pub(crate) fn as_str(&self) -> &str {
        let mut parts = self.0.split(|byte| *byte == b'"');
        str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default()
    }

    /// A text as [`begins`](Self::begins) takes it.
    #[inline(always)]
    pub(super) fn words(text: &[u8; 16]) -> (u64, u64) {
        let text = u128::from_le_bytes(*text);
        (text as u64, (text >> 64) as u64)
    }

    /// The length of this name and its closing quote, where such a text begins with them.
    #[inline(always)]
    pub(super) fn begins(&self, (low, high): (u64, u64)) -> Option<usize> {
        let (name_low, name_high) = Self::words(&self.0);
        // What stands behind the quote is shifted out.
        if name_high == 0 {
            let behind = name_low.leading_zeros() & !7;
            return ((low ^ name_low) << behind == 0).then_some(8 - behind as usize / 8);
        }
        let behind = name_high.leading_zeros() & !7;
        (low == name_low && (high ^ name_high) << behind == 0).then_some(16 - behind as usize / 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_itself_only() {
        let names = [
            "a",
            "id",
            "payload",
            "tenantId",
            "timestamp",
            "protocolVersion",
        ];
        for name in names {
            assert_eq!(Name::new(name).as_str(), name);
            for other in names {
                let mut text = format!("{other}\":\"\0\0x").into_bytes();
                text.resize(16, b'"');
                let text = Name::words(text.first_chunk().unwrap());
                let length = Name::new(name).begins(text);
                assert_eq!(
                    length,
                    (name == other).then_some(name.len() + 1),
                    "{name} {other}"
                );
            }
        }
    }
}
