//! A pull scanner over JSON text: one pass, no recursion, no allocation.
//!
//! It is our own because the usual crate would more than double the WebAssembly module, and
//! because the envelope's rules (duplicate keys, depth) are not the usual crate's.

use alloc::borrow::Cow;
use alloc::string::String;

use super::{InvalidJson, Name};
use crate::lanes;
use crate::text::split_once;

/// How deeply values may be nested; the outermost array or object counts as 1.
pub(crate) const MAX_DEPTH: u32 = 128;

/// A place in a JSON text. Whoever reads decides, value by value, whether to look inside or to skip.
///
/// Once something is no JSON, reading has stopped for good: nothing more is found, and
/// [`why`](Self::why) tells what was wrong. Whoever reads need not ask after each step.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    pub(super) at: usize,
    /// How many arrays and objects are open around this place.
    pub(super) depth: u32,
    /// What was wrong, once reading has stopped.
    wrong: Option<InvalidJson>,
}

/// A string as it stands between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct RawString<'a> {
    pub(crate) raw: &'a str,
    escaped: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            wrong: None,
        }
    }

    /// The next byte that is not whitespace, without taking it.
    // This, and what else is always inlined here, although the module is compiled for size: most of what
    // reading does is these few steps, and a call takes longer than each.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                // Nearly all bytes: asked first.
                Some(byte) if byte > b' ' => return Some(byte),
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other,
            }
        }
    }

    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the `{` of an object; for each [`another`](Self::another) field a key, a colon and a value follow.
    pub(crate) fn open_object(&mut self) -> Option<()> {
        self.punctuation(b'{', "`{` was expected")?;
        self.deeper()
    }

    /// Whether another field of the object that was opened last follows. The caller takes its key, colon and
    /// value. `first` is true before the first field.
    #[inline(always)]
    pub(crate) fn another(&mut self, first: bool) -> bool {
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return false;
        }
        if first {
            return true;
        }
        let follows = self.punctuation(b',', "`,` or `}` was expected");
        self.peek();
        follows.is_some()
    }

    /// Takes the key that stands here if it is one of these names, written without escapes, and gives its
    /// place among them. They are tried from the place `next` on, and around.
    #[inline(always)]
    pub(crate) fn known_key(&mut self, names: &[Name], next: usize) -> Option<usize> {
        let (b'"', rest) = self.rest().split_first()? else {
            return None;
        };
        let key = Name::words(rest.first_chunk()?);
        let mut place = next;
        for _ in names {
            if place >= names.len() {
                place = 0;
            }
            if let Some(length) = names.get(place)?.begins(key) {
                self.at += 1 + length;
                return Some(place);
            }
            place += 1;
        }
        None
    }

    /// Takes the colon behind a key.
    #[inline(always)]
    pub(crate) fn colon(&mut self) -> Option<()> {
        self.punctuation(b':', "`:` was expected")
    }

    /// Takes the `[` of an array; its elements follow with [`element`](Self::element).
    pub(crate) fn open_array(&mut self) -> Option<()> {
        self.punctuation(b'[', "`[` was expected")?;
        self.deeper()
    }

    /// Whether another element of the array that was opened last follows. The caller takes it.
    pub(crate) fn element(&mut self, first: bool) -> bool {
        if self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return false;
        }
        first || self.punctuation(b',', "`,` or `]` was expected").is_some()
    }

    /// Skips one value of any kind and gives its text.
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        // One bit for each open array (0) or object (1) of this value, the innermost lowest.
        // The limit on depth is what makes 128 bits enough.
        let mut objects: u128 = 0;
        let outside = self.depth;
        self.peek();
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.skip_string()?;
                }
                Some(b'{') => {
                    self.at += 1;
                    self.deeper()?;
                    objects = objects << 1 | 1;
                    if self.peek() != Some(b'}') {
                        self.skip_key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    self.deeper()?;
                    objects <<= 1;
                    if self.peek() != Some(b']') {
                        continue;
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                _ => return self.stop("a value was expected"),
            }
            // A value has ended: close what it was the last of, up to the next comma.
            loop {
                if self.depth == outside {
                    return Some(self.since(start));
                }
                let in_object = objects & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if in_object {
                            self.peek();
                            self.skip_key()?;
                        }
                        break;
                    }
                    Some(b'}') if in_object => {}
                    Some(b']') if !in_object => {}
                    _ if in_object => return self.stop("`,` or `}` was expected"),
                    _ => return self.stop("`,` or `]` was expected"),
                }
                self.at += 1;
                self.depth -= 1;
                objects >>= 1;
            }
        }
    }

    /// Takes a string. Escapes are checked, but may name half a surrogate pair: in a payload
    /// that is nobody's business here, and [`RawString::unescape`] refuses it elsewhere.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Option<RawString<'a>> {
        self.peek();
        let start = self.at + 1;
        let escaped = self.skip_string()?;
        let raw = self.text.get(start..self.at - 1).unwrap_or_default();
        Some(RawString { raw, escaped })
    }

    /// Takes the string that stands here, and tells whether there are escapes in it.
    fn skip_string(&mut self) -> Option<bool> {
        if self.byte() != Some(b'"') {
            return self.stop("a string was expected");
        }
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.rest());
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Some(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.stop("a control character stands in a string"),
                None => return self.stop("a string has no end"),
            }
        }
    }

    /// Takes the one value that the text is.
    pub(crate) fn whole(&mut self) -> Option<&'a str> {
        let value = self.value()?;
        self.end()?;
        Some(value)
    }

    /// Nothing but whitespace may be left.
    pub(crate) fn end(&mut self) -> Option<()> {
        match self.peek() {
            None => Some(()),
            Some(_) => self.stop("something follows the value"),
        }
    }

    fn escape(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
                if digits.len() != 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return self.stop("an escape is malformed");
                }
                6
            }
            _ => return self.stop("an escape is malformed"),
        };
        self.at += length;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    /// One or more digits.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        match self.at == start {
            true => self.stop("a digit was expected"),
            false => Some(()),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.stop("a value was expected");
        }
        self.at += word.len();
        Some(())
    }

    /// Takes the key that stands here, and its colon.
    fn skip_key(&mut self) -> Option<()> {
        self.skip_string()?;
        self.colon()
    }

    #[inline(always)]
    fn punctuation(&mut self, byte: u8, expected: &'static str) -> Option<()> {
        if self.peek() != Some(byte) {
            return self.stop(expected);
        }
        self.at += 1;
        Some(())
    }

    #[inline(always)]
    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.stop("it is nested too deeply");
        }
        Some(())
    }

    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Stops reading, and tells that nothing was found.
    #[inline(always)]
    pub(super) fn stop<T>(&mut self, what: &'static str) -> Option<T> {
        self.note(what);
        None
    }

    #[cold]
    fn note(&mut self, what: &'static str) {
        // What is not found once reading has stopped is no news.
        if self.wrong.is_none() {
            self.wrong = Some(InvalidJson {
                offset: self.at,
                what,
            });
        }
        self.text = "";
    }

    /// Why reading has stopped, if it has.
    pub(crate) fn why(&self) -> Option<&InvalidJson> {
        self.wrong.as_ref()
    }
}

/// How many bytes stand before the next quote, backslash or control character.
#[inline(always)]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    lanes::find(bytes, b'"', b'\\', b' ')
}

impl<'a> RawString<'a> {
    /// Whether it means this text, which has no escapes.
    pub(crate) fn is(self, text: &str) -> bool {
        match self.escaped {
            false => self.raw == text,
            true => self.unescape().as_deref() == Some(text),
        }
    }

    /// The string that is meant, or nothing where an escape names half a surrogate pair.
    #[inline(always)]
    pub(crate) fn unescape(self) -> Option<Cow<'a, str>> {
        match self.escaped {
            false => Some(Cow::Borrowed(self.raw)),
            true => self.without_escapes().map(Cow::Owned),
        }
    }

    fn without_escapes(self) -> Option<String> {
        let mut text = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some((plain, escape)) = split_once(rest, b'\\') {
            text.push_str(plain);
            let mut following = escape.chars();
            let meant = match following.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => unicode(&mut following)?,
                itself => itself,
            };
            text.push(meant);
            rest = following.as_str();
        }
        text.push_str(rest);
        Some(text)
    }
}

/// The character of a `\u` escape, or of two that make up a surrogate pair.
fn unicode(following: &mut core::str::Chars<'_>) -> Option<char> {
    let first = hex4(following)?;
    let code = match first {
        0xd800..=0xdbff => {
            if following.next() != Some('\\') || following.next() != Some('u') {
                return None;
            }
            let second = hex4(following)?;
            if !(0xdc00..=0xdfff).contains(&second) {
                return None;
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        }
        other => other,
    };
    char::from_u32(code)
}

fn hex4(following: &mut core::str::Chars<'_>) -> Option<u32> {
    let mut code = 0;
    for _ in 0..4 {
        code = code << 4 | following.next()?.to_digit(16)?;
    }
    Some(code)
}
