//! A table of comma-separated values as the scoring system writes it: UTF-8 with or without a BOM, a header that may
//! name a column twice, and JSON in a field that no quotes protect.

use std::collections::BTreeMap;

/// A file's lines by the names of its columns.
pub(super) struct Table {
    columns: BTreeMap<String, Vec<usize>>,
    names: Vec<String>,
    rows: Vec<Row>,
}

/// A line, and where it is.
pub(super) struct Row {
    /// Counted from 1 in the file.
    pub(super) line: u64,
    fields: Vec<String>,
}

impl Table {
    /// Reads all of it. A line that is no CSV ends the reading: `Err` then says where, beside what came before.
    pub(super) fn read(bytes: &[u8]) -> (Self, Option<(u64, String)>) {
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
        let text = quote_json(&text);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
        let mut lines = Vec::new();
        let mut damage = None;
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    lines.push(Row { line, fields: record.iter().map(str::to_owned).collect() });
                }
                Err(error) => {
                    damage = Some((error.position().map_or(0, csv::Position::line), error.to_string()));
                    break;
                }
            }
        }
        let mut lines = lines.into_iter();
        let names: Vec<String> = lines.next().map_or_else(Vec::new, |header| {
            header.fields.iter().map(|name| name.trim().to_owned()).collect()
        });
        let mut columns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            columns.entry(name.clone()).or_default().push(index);
        }
        (Self { columns, names, rows: lines.collect() }, damage)
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// How many columns the header names.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What a line has in a column, `None` where that is empty or not there. Of a column that is named twice the last
    /// that says something counts.
    pub(super) fn text<'a>(&self, row: &'a Row, column: &str) -> Option<&'a str> {
        let places = self.columns.get(column)?;
        places
            .iter()
            .rev()
            .filter_map(|place| row.fields.get(*place))
            .map(|field| field.trim())
            .find(|field| !field.is_empty())
    }

    /// What a line says in the columns that are not `taken`, by name; fields beyond the header by their number.
    pub(super) fn rest(&self, row: &Row, taken: &[&str]) -> serde_json::Map<String, serde_json::Value> {
        let mut rest = serde_json::Map::new();
        for name in self.columns.keys().filter(|name| !taken.contains(&name.as_str())) {
            if let Some(text) = self.text(row, name) {
                rest.insert(name.clone(), value(text));
            }
        }
        for (index, field) in row.fields.iter().enumerate().skip(self.names.len()) {
            if !field.is_empty() {
                rest.insert(format!("column {}", index + 1), value(field));
            }
        }
        rest
    }
}

impl Row {
    pub(super) fn width(&self) -> usize {
        self.fields.len()
    }
}

/// A field that is a JSON object or array stays one; all else is text.
fn value(text: &str) -> serde_json::Value {
    let json = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten();
    json.unwrap_or_else(|| serde_json::Value::from(text))
}

/// Puts quotes around fields that are JSON objects or arrays without any: their commas and quotes are not the
/// table's. What does not end on its line is left as it is.
fn quote_json(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let mut rest = text;
    let (mut at_start, mut in_quotes, mut torn) = (true, false, false);
    while let Some(character) = rest.chars().next() {
        if at_start && !torn && matches!(character, '{' | '[') {
            if let Some(length) = json_length(rest) {
                let (json, after) = rest.split_at(length);
                quoted.push('"');
                quoted.push_str(&json.replace('"', "\"\""));
                quoted.push('"');
                rest = after;
                at_start = false;
                continue;
            }
            // Once a line is enough: it was looked at up to its end.
            torn = true;
        }
        // A doubled quote leaves the quotes and comes back, which is the same.
        if character == '"' && (at_start || in_quotes) {
            in_quotes = !in_quotes;
        }
        torn &= character != '\n';
        at_start = !in_quotes && matches!(character, ',' | '\n' | '\r');
        quoted.push(character);
        rest = &rest[character.len_utf8()..];
    }
    quoted
}

/// How long the JSON at the start of a text is, when it ends on its line and a field ends with it.
fn json_length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => return None,
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    let after = text.as_bytes().get(place + 1);
                    return matches!(after, None | Some(b',' | b'\r' | b'\n')).then_some(place + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_needs_no_quotes() {
        let text = "\u{feff}number,roundsWinners,phase,phase\n\
            101,{\"1\":\"BLUE\",\"2\":{\"by\":\"a,}b\"}},\"Final, \"\"gold\"\"\",\n\
            102,[\"RED\",\"BLUE\"],,last,more\n\
            103,{torn,x,y\r\n";
        let (table, damage) = Table::read(text.as_bytes());
        assert_eq!(damage, None);
        let rows = table.rows();
        let rest = |row: usize| serde_json::Value::from(table.rest(&rows[row], &["number"]));
        assert_eq!(table.text(&rows[0], "number"), Some("101"), "the BOM is not part of a name");
        assert_eq!(
            rest(0),
            serde_json::json!({"roundsWinners": {"1": "BLUE", "2": {"by": "a,}b"}}, "phase": "Final, \"gold\""})
        );
        let second =
            serde_json::json!({"roundsWinners": ["RED", "BLUE"], "phase": "last", "column 5": "more"});
        assert_eq!(rest(1), second);
        assert_eq!(rest(2)["roundsWinners"], "{torn", "what is torn is text");
        assert_eq!(rows[2].line, 4);
    }

    #[test]
    fn hostile_tables_are_read_in_one_go() {
        let lines = "{,[,".repeat(50_000) + "\n" + &"[".repeat(100_000) + "\n" + &"\"".repeat(100_001);
        let (table, _) = Table::read(lines.as_bytes());
        assert!(table.width() > 1);
        assert_eq!(Table::read(b"").0.width(), 0);
    }
}
