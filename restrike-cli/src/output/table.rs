//! Aligned columns for people.

use std::{fmt, io};

use super::text::Harmless;

/// Rows of text under headings, each column as wide as its widest cell. Cells are made harmless here.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(headings: [&'static str; N]) -> Self {
        Self { headings, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: [&dyn fmt::Display; N]) {
        self.rows.push(cells.map(|cell| Harmless(cell).to_string()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it, each line after `indent`.
    pub(crate) fn write(&self, out: &mut impl io::Write, indent: &str) -> io::Result<()> {
        let mut widths = self.headings.map(|heading| heading.chars().count());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::from(indent);
            for (cell, width) in cells.zip(widths) {
                text.push_str(&format!("{cell:<width$}  "));
            }
            writeln!(out, "{}", text.trim_end())
        };
        line(&mut self.headings.iter().copied())?;
        self.rows.iter().try_for_each(|row| line(&mut row.iter().map(String::as_str)))
    }
}

/// A value, or a dash where there is none.
pub(crate) struct OrDash<T>(pub(crate) Option<T>);

impl<T: fmt::Display> fmt::Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_harmless() {
        let mut table = Table::new(["id", "name"]);
        table.row([&1, &"Öz\u{1b}"]);
        table.row([&1000, &OrDash(None::<u8>)]);
        let mut out = Vec::new();
        table.write(&mut out, " ").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), " id    name\n 1     Öz\\u{1b}\n 1000  -\n");
    }
}
