//! Objects, their fields, and the slips in them.

use super::Reader;
use super::fields::{Fields, header};
use crate::json::scan::{RawString, Stop};

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

    /// The place of a key among the fields, and its name.
    fn find(&mut self, key: RawString<'_>) -> Option<(usize, &'static str)> {
        let names = self.fields.names;
        for further in 0..names.len() {
            let place = (self.next + further) % names.len();
            let name = names.get(place)?;
            if key.is(name) {
                self.next = place + 1;
                return Some((place, name));
            }
        }
        None
    }
}

/// What a walk comes upon.
pub(super) enum Field<'a> {
    /// One that has a meaning, by its place.
    Known(usize),
    Other(RawString<'a>),
}

impl<'a> Reader<'a> {
    /// Begins an object.
    pub(super) fn open(&mut self, fields: &'static Fields) -> Result<Option<Walk>, Stop> {
        if self.scanner.peek() != Some(b'{') {
            self.not("is not an object")?;
            return Ok(None);
        }
        self.scanner.open_object()?;
        Ok(Some(Walk {
            fields,
            seen: 0,
            next: 0,
            first: true,
        }))
    }

    /// The next field that has a meaning; others are skipped.
    pub(super) fn known(&mut self, walk: &mut Walk) -> Result<Option<usize>, Stop> {
        loop {
            match self.field(walk)? {
                Some(Field::Known(place)) => return Ok(Some(place)),
                Some(Field::Other(_)) => {
                    self.scanner.value()?;
                }
                None => return Ok(None),
            }
        }
    }

    /// The next field. One that has a meaning must not stand twice, however its name is escaped:
    /// readers that take the first and readers that take the last would see different messages.
    pub(super) fn field(&mut self, walk: &mut Walk) -> Result<Option<Field<'a>>, Stop> {
        loop {
            let key = self.scanner.key(walk.first)?;
            walk.first = false;
            let Some(key) = key else {
                return Ok(None);
            };
            let Some((place, name)) = walk.find(key) else {
                return Ok(Some(Field::Other(key)));
            };
            self.path = walk.fields.path;
            self.name = name;
            let bit = 1 << place;
            if walk.seen & bit == 0 {
                walk.seen |= bit;
                return Ok(Some(Field::Known(place)));
            }
            self.slip("stands twice");
            self.scanner.value()?;
        }
    }

    /// Notes a slip where a field that must be there is not.
    pub(super) fn require(&mut self, walk: &Walk, places: &[usize]) {
        for place in places {
            if !walk.has(*place) {
                let name = walk.fields.names.get(*place).copied();
                self.slip_at(walk.fields.path, name.unwrap_or_default(), "is missing");
            }
        }
    }

    /// Notes a slip in the field being read.
    pub(super) fn slip(&mut self, what: &str) {
        self.slip_at(self.path, self.name, what);
    }

    pub(super) fn slip_at(&mut self, path: &str, name: &str, what: &str) {
        if self.slip.is_none() {
            self.slip = Some([path, name, " ", what].concat());
        }
    }

    /// Notes a slip and skips the value.
    pub(super) fn not(&mut self, what: &str) -> Result<(), Stop> {
        let null = self.scanner.peek() == Some(b'n');
        self.slip(if null { "is null" } else { what });
        self.scanner.value()?;
        Ok(())
    }
}
