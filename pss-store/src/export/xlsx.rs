//! A workbook.

use std::io::{self, Seek as _, Write};

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{
    ExportError, harmless,
    table::{Cell, Flat},
};
use crate::StoreError;

/// What a sheet takes, its head included.
pub(super) const ROWS_PER_SHEET: u32 = 1_048_576;

/// Writes each row to the disk before the next one, then packs the workbook into `out`.
pub(super) fn write<T: Flat>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    name: &str,
    rows_per_sheet: u32,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut workbook = Workbook::new();
    let mut rows = rows.peekable();
    let (mut count, mut sheets) = (0, 0);
    while sheets == 0 || rows.peek().is_some() {
        sheets += 1;
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        let title = if sheets == 1 { name.to_owned() } else { format!("{name} {sheets}") };
        sheet.set_name(title).and_then(|sheet| sheet.set_freeze_panes(1, 0)).map_err(failed)?;
        for (column, head) in (0..).zip(T::COLUMNS) {
            sheet.write_string(0, column, *head).map_err(failed)?;
        }
        for line in 1..rows_per_sheet {
            let Some(row) = rows.next() else { break };
            for (column, cell) in (0..).zip(row?.cells()) {
                write_cell(sheet, line, column, &cell).map_err(failed)?;
            }
            count += 1;
        }
    }
    // A workbook is written from its end; what it goes to may be a pipe.
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file).map_err(failed)?;
    file.rewind()?;
    io::copy(&mut file, out)?;
    out.flush()?;
    Ok(count)
}

fn write_cell(sheet: &mut Worksheet, line: u32, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        // A workbook's numbers have 53 bits.
        Cell::Integer(number) if number.unsigned_abs() < 1 << 53 => {
            sheet.write_number(line, column, *number as f64)?
        }
        Cell::Integer(number) => sheet.write_string(line, column, number.to_string())?,
        Cell::Number(number) if number.is_finite() => sheet.write_number(line, column, *number)?,
        Cell::Number(number) => sheet.write_string(line, column, number.to_string())?,
        Cell::Bool(value) => sheet.write_boolean(line, column, *value)?,
        Cell::Text(text) => sheet.write_string(line, column, short(&harmless::cell(text)))?,
    };
    Ok(())
}

/// A cell takes 32,767 characters of UTF-16; what is longer ends with `…`.
fn short(text: &str) -> String {
    if text.len() <= MOST_IN_CELL || text.encode_utf16().count() <= MOST_IN_CELL {
        return text.to_owned();
    }
    let mut units = 1;
    let fits = |character: &char| {
        units += character.len_utf16();
        units <= MOST_IN_CELL
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

const MOST_IN_CELL: usize = 32_767;

fn failed(error: XlsxError) -> ExportError {
    ExportError::Write(match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(String);

    impl Flat for Row {
        const COLUMNS: &'static [&'static str] = &["number", "text"];

        fn cells(&self) -> Vec<Cell<'_>> {
            vec![Cell::Integer(-1), Cell::from(&self.0)]
        }
    }

    fn workbook(rows: Vec<Row>, per_sheet: u32) -> (Vec<u8>, u64) {
        let mut out = Vec::new();
        let count = write(rows.into_iter().map(Ok), "hits", per_sheet, &mut out).unwrap();
        (out, count)
    }

    #[test]
    fn what_does_not_fit_on_a_sheet_goes_on_in_the_next() {
        for (rows, sheets) in [(0, 1), (4, 1), (5, 2), (8, 2), (9, 3)] {
            let rows: Vec<_> = (0..rows).map(|row| Row(format!("=row {row}"))).collect();
            let expected = rows.len() as u64;
            let (bytes, count) = workbook(rows, 5);
            assert_eq!(count, expected);
            let name = |sheet: usize| format!("xl/worksheets/sheet{sheet}.xml").into_bytes();
            let holds = |name: Vec<u8>| bytes.windows(name.len()).any(|part| part == name);
            assert!(holds(name(sheets)) && !holds(name(sheets + 1)), "{expected} rows");
        }
    }

    #[test]
    fn a_cell_is_cut_to_what_a_cell_takes() {
        assert_eq!(short("Ş."), "Ş.");
        let most = "x".repeat(MOST_IN_CELL);
        assert_eq!(short(&most), most);
        let wide = "😀".repeat(MOST_IN_CELL);
        let cut = short(&wide);
        assert!(cut.ends_with('…') && cut.encode_utf16().count() <= MOST_IN_CELL);
        workbook(vec![Row(wide)], ROWS_PER_SHEET);
    }
}
