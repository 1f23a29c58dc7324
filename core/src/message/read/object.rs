//! Objects, their fields, and the slips in them.

use super::fields::{Fields, header};
use super::{Keep, Reader};
use crate::json::Name;
use crate::json::scan::RawString;

/// A walk over the fields of one object.
pub(super) struct Walk {
    fields: &'static Fields,
    /// One bit for each of the fields' names.
    seen: u32,
    /// Behind the field that was found last: where the next one is looked for first.
    next: usize,
    first: bool,
}

impl Walk {
    /// Whether this field has stood.
    pub(super) fn has(&self, place: usize) -> bool {
        self.seen & 1 << place != 0
    }

    /// Whether it is over the header of the encoding that has a body.
    pub(super) fn is_envelope(&self) -> bool {
        self.fields.names.len() == header::FIELDS.names.len()
    }
}

impl<'a, K: Keep> Reader<'a, K> {
    /// Begins an object.
    pub(super) fn open(&mut self, fields: &'static Fields) -> Option<Walk> {
        if self.scanner.peek() != Some(b'{') {
            self.not("is not an object");
            return None;
        }
        self.scanner.open_object()?;
        Some(Walk {
            fields,
            seen: 0,
            next: 0,
            first: true,
        })
    }

    /// The place of the next field that has a meaning; others are skipped. One that has a meaning must not stand twice,
    /// however its name is escaped: readers that take the first and readers that take the last would see different messages.
    pub(super) fn known(&mut self, walk: &mut Walk) -> Option<usize> {
        while self.scanner.another(walk.first) {
            walk.first = false;
            let names = walk.fields.names;
            let place = match self.scanner.known_key(names, walk.next) {
                Some(place) => place,
                None => {
                    let key = self.scanner.string()?;
                    match names.iter().position(|name| key.is(name.as_str())) {
                        Some(place) => place,
                        None => {
                            self.scanner.colon()?;
                            let value = self.scanner.value()?;
                            if walk.fields.extensions {
                                self.extension(key, value);
                            }
                            continue;
                        }
                    }
                }
            };
            self.scanner.colon()?;
            walk.next = place + 1;
            self.fields = walk.fields;
            self.place = place;
            let bit = 1 << place;
            if walk.seen & bit == 0 {
                walk.seen |= bit;
                return Some(place);
            }
            self.slip("stands twice");
            self.scanner.value()?;
        }
        None
    }

    fn extension(&mut self, name: RawString<'a>, value: &'a str) {
        match name.unescape() {
            None => self.slip_at("", "extensions", "has a name that is not Unicode"),
            Some(name) if K::WHOLE => {
                let extension = (self.kept(name), self.kept_json(Some(value)));
                self.extensions.push(extension);
            }
            Some(_) => {}
        }
    }

    /// Notes a slip where a field that must be there is not.
    pub(super) fn require(&mut self, walk: &Walk, places: &[usize]) {
        for place in places {
            if !walk.has(*place) {
                self.slip_in(walk.fields, *place, "is missing");
            }
        }
    }

    /// Notes a slip in the field being read.
    pub(super) fn slip(&mut self, what: &str) {
        self.slip_in(self.fields, self.place, what);
    }

    fn slip_in(&mut self, fields: &Fields, place: usize, what: &str) {
        let name = fields.names.get(place).map_or("the message", Name::as_str);
        self.slip_at(fields.path, name, what);
    }

    pub(super) fn slip_at(&mut self, path: &str, name: &str, what: &str) {
        if self.slip.is_none() {
            self.slip = Some([path, name, " ", what].concat());
        }
    }

    /// Notes a slip and skips the value.
    #[cold]
    pub(super) fn not(&mut self, what: &str) {
        let null = self.scanner.peek() == Some(b'n');
        self.slip(if null { "is null" } else { what });
        self.scanner.value();
    }
}
