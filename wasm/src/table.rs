//! A small map whose keys it gives out itself.

use alloc::vec::Vec;

/// Values by ascending numbers, which are not given out twice: what comes late for a value that is
/// gone does not meet another one.
pub(crate) struct Table<T> {
    next: u32,
    entries: Vec<(u32, T)>,
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self {
            next: 1,
            entries: Vec::new(),
        }
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let key = self.next;
        self.next = self.next.wrapping_add(1);
        self.entries.push((key, value));
        key
    }

    pub(crate) fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        let at = self.find(key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<T> {
        let at = self.find(key)?;
        Some(self.entries.remove(at).1)
    }

    /// The lowest key.
    #[cfg(not(feature = "full"))]
    pub(crate) fn first(&self) -> Option<u32> {
        self.entries.first().map(|(key, _)| *key)
    }

    fn find(&self, key: u32) -> Option<usize> {
        self.entries
            .binary_search_by_key(&key, |(key, _)| *key)
            .ok()
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
