//! A handful of values without allocation.

/// At most `N` values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Few<T, const N: usize> {
    values: [Option<T>; N],
    len: usize,
}

impl<T: Copy, const N: usize> Few<T, N> {
    /// One more; `false` when there is no place for it.
    pub(super) fn push(&mut self, value: T) -> bool {
        let Some(place) = self.values.get_mut(self.len) else { return false };
        *place = Some(value);
        self.len += 1;
        true
    }

    /// In the order in which they were pushed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter().flatten()
    }
}

impl<T: Copy, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self { values: [None; N], len: 0 }
    }
}
