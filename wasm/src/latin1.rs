//! Text with a byte for each character. V8 takes that over as it is, but decodes UTF-8 slowly as soon as one letter is not ASCII.

use alloc::vec::Vec;

/// Below this, all of it takes longer than it saves.
const LONG: usize = 1000;

const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

/// A long text's characters, a byte each: where that is enough for each of them, and not the same as its UTF-8.
pub(crate) fn latin1(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut ascii = ascii_of(rest);
    if text.len() < LONG || ascii == text.len() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    loop {
        let (before, following) = rest.split_at_checked(ascii)?;
        bytes.extend_from_slice(before);
        rest = match following {
            [] => return Some(bytes),
            [lead @ 0xc2..=0xc3, second, rest @ ..] => {
                bytes.push(lead << 6 | (second & 0x3f));
                rest
            }
            _ => return None,
        };
        ascii = ascii_of(rest);
    }
}

/// How much of the beginning is ASCII.
fn ascii_of(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((lane, following)) = rest.split_first_chunk() {
        let found = u64::from_le_bytes(*lane) & NOT_ASCII;
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = following;
    }
    let last = rest.iter().take_while(|byte| byte.is_ascii()).count();
    bytes.len() - rest.len() + last
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::latin1;

    #[test]
    fn long_texts_are_told_character_by_character() {
        for at in 0..40 {
            let text: String = "x".repeat(at) + "\u{80}\u{ff}ä" + &"y".repeat(1000 + at) + "é";
            let characters: Vec<u8> = text.chars().map(|char| char as u8).collect();
            assert_eq!(latin1(&text), Some(characters));
        }
    }

    #[test]
    fn what_is_short_or_ascii_or_more_than_latin_1_is_left_as_it_is() {
        let long = "y".repeat(1000);
        for text in ["", "ä", &long, &(String::from("ä") + &long + "\u{100}")] {
            assert_eq!(latin1(text), None);
        }
        assert_eq!(latin1(&(String::from("€") + &long)), None);
    }
}
