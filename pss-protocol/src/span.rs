//! Where in a datagram something is.

use core::ops::Range;

/// A byte range of a datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Span {
    /// The first byte, counted from 0.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// For slicing the datagram.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The same bytes, counted from a place `by` bytes earlier.
    pub const fn shifted(self, by: u32) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}
