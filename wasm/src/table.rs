//! A small map whose keys it gives out itself.

use alloc::vec::Vec;

/// A key's lower bits are its place; those above count how often that was taken. As in npm/src/engine/host.ts.
const PLACES: u32 = 1 << 22;

/// Values by keys that hardly ever come again: what comes late for a value that is gone does not meet another one.
pub(crate) struct Table<T> {
    entries: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Adds a value under a key that is not 0.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let place = self.free.pop().map(|place| place as usize);
        let free = place.and_then(|place| self.entries.get_mut(place));
        match free {
            Some(entry) => {
                let place = entry.0 % PLACES;
                entry.0 = entry.0.checked_add(PLACES).unwrap_or(place + PLACES);
                entry.1 = Some(value);
                entry.0
            }
            None => {
                let key = PLACES + self.entries.len() as u32;
                self.entries.push((key, Some(value)));
                key
            }
        }
    }

    pub(crate) fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        self.entry(key)?.as_mut()
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<T> {
        let value = self.entry(key)?.take()?;
        self.free.push(key % PLACES);
        Some(value)
    }

    /// The key of some value.
    #[cfg(not(feature = "full"))]
    pub(crate) fn first(&self) -> Option<u32> {
        let mut entries = self.entries.iter();
        entries.find_map(|(key, value)| value.is_some().then_some(*key))
    }

    fn entry(&mut self, key: u32) -> Option<&mut Option<T>> {
        let (of, value) = self.entries.get_mut((key % PLACES) as usize)?;
        (*of == key).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn keys_are_not_used_twice() {
        let mut table = Table::new();
        let (a, b) = (table.insert('a'), table.insert('b'));
        assert_eq!(table.remove(a), Some('a'));
        let c = table.insert('c');
        assert!(c != a && c != b);
        assert_eq!(table.remove(a), None);
        assert_eq!(table.get_mut(b), Some(&mut 'b'));
        assert_eq!(table.remove(c), Some('c'));
    }
}
