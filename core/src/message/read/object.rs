//! Objects, their fields, and the slips in them.

use super::Reader;
use super::fields::Fields;
use crate::json::scan::{RawString, Stop};

/// A walk over the fields of one object.
pub(super) struct Walk {
    fields: &'static Fields,
    /// One bit for each of the fields' names.
    seen: u32,
    first: bool,
}

impl Walk {
    /// Whether this field has stood.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut names = self.fields.names.iter();
        names
            .position(|known| *known == name)
            .is_some_and(|place| self.seen & 1 << place != 0)
    }
}

/// What a walk comes upon.
pub(super) enum Field<'a> {
    Known(&'static str),
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
            first: true,
        }))
    }

    /// The next field that has a meaning; others are skipped.
    pub(super) fn known(&mut self, walk: &mut Walk) -> Result<Option<&'static str>, Stop> {
        loop {
            match self.field(walk)? {
                Some(Field::Known(name)) => return Ok(Some(name)),
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
            let name = key.unescape().unwrap_or_default();
            let mut names = walk.fields.names.iter().enumerate();
            let Some((place, name)) = names.find(|(_, known)| **known == name) else {
                return Ok(Some(Field::Other(key)));
            };
            self.path = walk.fields.path;
            self.name = name;
            let bit = 1 << place;
            if walk.seen & bit == 0 {
                walk.seen |= bit;
                return Ok(Some(Field::Known(name)));
            }
            self.slip("stands twice");
            self.scanner.value()?;
        }
    }

    /// Notes a slip where a field that must be there is not.
    pub(super) fn require(&mut self, walk: &Walk, names: &[&str]) {
        for name in names {
            if !walk.has(name) {
                self.slip_at(walk.fields.path, name, "is missing");
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
