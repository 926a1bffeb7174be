//! The line of `restrike decode --format ndjson`.

use pss_protocol::{
    Arrival, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, Record, RecordLine, Sink, Timestamp,
};

#[derive(Default)]
struct Lines(Vec<String>);

impl Sink for Lines {
    fn record(&mut self, record: &Record<'_>) {
        self.0.push(serde_json::to_string(&RecordLine::from(record)).unwrap());
    }
}

fn lines(wall: Option<Timestamp>, source: Option<&str>, flow: Flow, datagrams: &[&[u8]]) -> Vec<String> {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Lines::default());
    let source = source.map(|source| source.parse().unwrap());
    for (seq, bytes) in (17..).zip(datagrams) {
        let arrival = Arrival { wall, mono: Monotonic::from_micros(seq) };
        pipeline.ingest(&Datagram { seq, arrival, source, flow, bytes });
    }
    pipeline.finish().0
}

#[test]
fn a_line_is_as_promised() {
    let wall = Some(Timestamp(1_795_347_191_069_123));
    let line = lines(wall, Some("127.0.0.1:45453"), Flow::Broadcast, &[b"pt1;3\r\n"]);
    assert_eq!(
        line,
        [concat!(
            r#"{"seq":17,"at":"2026-11-22T11:33:11.069123Z","source":"127.0.0.1:45453","index":0,"#,
            r#""raw":"pt1;3\\r\\n","code":"pt1","status":"recognized","confidence":1.0,"#,
            r#""message":{"type":"points","athlete":"blue","points":3},"findings":[]}"#,
        )]
    );
}

#[test]
fn what_is_not_known_is_null() {
    let odd = lines(
        None,
        None,
        Flow::Broadcast,
        &[b"\x01", b"xyz;1", b"hwt;9\r\npt1;x\r\n", b"{}", b"at1;A;A;ESP;at2;B;B"],
    );
    let asked = lines(None, None, Flow::Request, &[b"clock\r\n", b"pt1;3\r\n"]);
    insta::assert_snapshot!([odd, asked].concat().join("\n"));
}
