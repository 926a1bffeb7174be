//! Rows for other programs.

use std::io::{self, Write};

use pss_store::{ExportError, ExportFormat, ExportNoun, Query, Store, StoreError, WhenFull};
use serde_json::Value;

use crate::{
    corpus::{corpus, replay},
    support::{count, store_all},
    testing::TestStore,
};

const NOUNS: [(ExportNoun, &str); 5] = [
    (ExportNoun::Events, "match_events"),
    (ExportNoun::Messages, "pss_events"),
    (ExportNoun::Matches, "matches"),
    (ExportNoun::Hits, "hits"),
    (ExportNoun::Athletes, "athletes"),
];

fn export(store: &Store, noun: ExportNoun, format: ExportFormat) -> (u64, Vec<u8>) {
    let mut out = Vec::new();
    let rows = store.export(noun, Query::new(), format, &mut out).unwrap();
    (rows, out)
}

#[test]
fn every_row_comes_in_every_format() {
    let store = TestStore::new();
    for path in corpus() {
        replay(&store, &path, WhenFull::Wait);
    }
    for (noun, table) in NOUNS {
        let expected = count(&store, table);
        assert!(expected > 0, "{table}");
        let (rows, csv) = export(&store, noun, ExportFormat::Csv);
        let records = csv::Reader::from_reader(csv.as_slice()).into_records().map(Result::unwrap).count();
        assert_eq!((rows, records as u64), (expected, expected), "{table}");
        assert_eq!(
            csv.iter().filter(|byte| **byte == b'\n').count() as u64,
            expected + 1,
            "no cell holds a line end"
        );
        let (rows, json) = export(&store, noun, ExportFormat::Json);
        let json: Vec<Value> = serde_json::from_slice(&json).unwrap();
        assert_eq!((rows, json.len() as u64), (expected, expected), "{table}");
        let (rows, lines) = export(&store, noun, ExportFormat::Ndjson);
        let lines: Vec<Value> = lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert_eq!((rows, lines), (expected, json), "{table}");
        let (rows, workbook) = export(&store, noun, ExportFormat::Xlsx);
        assert_eq!((rows, &workbook[..2]), (expected, b"PK".as_slice()), "{table}");
    }
}

#[test]
fn hostile_names_do_no_harm_and_lose_nothing_in_json() {
    let store = TestStore::new();
    // Names that a spreadsheet would run.
    store_all(
        &store,
        [
            b"pre;FightLoaded\r\n".as_slice(),
            b"at1;=cmd;=cmd|' /C calc'!A0;GBR;at2;+49;+49 \"X\", Y;ESP\r\n",
            b"mch;7;=1+1;\tMEN;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;b6c1a4d2-0001;SENIORS;3;12;cntDown;27;10\r\n",
            b"rnd;1\r\n",
            b"clk;02:00\r\n",
        ],
    );
    let (_, csv) = export(&store, ExportNoun::Messages, ExportFormat::Csv);
    let records: Vec<_> =
        csv::Reader::from_reader(csv.as_slice()).into_records().map(Result::unwrap).collect();
    for record in &records {
        for cell in record {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            assert!(!cell.chars().any(char::is_control), "{cell:?}");
        }
    }
    let (_, csv) = export(&store, ExportNoun::Athletes, ExportFormat::Csv);
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    assert_eq!(reader.headers().unwrap().get(1), Some("long_name"));
    let mut in_csv: Vec<_> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
    let (_, json) = export(&store, ExportNoun::Athletes, ExportFormat::Json);
    let athletes: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let mut in_json: Vec<_> = athletes.iter().map(|it| it["long_name"].as_str().unwrap()).collect();
    in_csv.sort();
    in_json.sort_unstable();
    assert_eq!(in_json, ["+49 \"X\", Y", "=cmd|' /C calc'!A0"]);
    assert_eq!(in_csv, ["'+49 \"X\", Y", "'=cmd|' /C calc'!A0"]);
}

#[test]
fn a_full_disk_and_a_bad_filter_are_told_apart() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let store = TestStore::new();
    store_all(&store, [b"pt1;3\r\n".as_slice()]);
    for format in [ExportFormat::Csv, ExportFormat::Json, ExportFormat::Ndjson, ExportFormat::Xlsx] {
        let failed = store.export(ExportNoun::Messages, Query::new(), format, &mut Full);
        assert!(matches!(failed, Err(ExportError::Write(_))), "{format:?}: {failed:?}");
    }
    let query = Query::new().status(pss_protocol::RecognitionStatus::Unknown);
    let failed = store.export(ExportNoun::Hits, query, ExportFormat::Csv, &mut io::sink());
    assert!(matches!(failed, Err(ExportError::Store(StoreError::ImpossibleFilter { .. }))), "{failed:?}");
}
