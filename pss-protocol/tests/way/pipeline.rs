//! The way of a datagram, over the captures of a real sender.

use proptest::prelude::*;
use pss_protocol::{
    Arrival, Datagram, Flow, FlowClassifier, Monotonic, Pipeline, PipelineConfig, RecognitionStatus,
    RecognitionStatus::{Partial, Recognized, Unknown},
    Record, Sink, Timestamp, escape,
    rules::{Check, Dialect, Rule, RuleBook, RuleSet},
};

use crate::corpus::{LISTINGS, listing};

/// What a record says, and the calls of the sink in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    records: Vec<One>,
    calls: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
struct One {
    flow: Flow,
    raw: String,
    code: Option<&'static str>,
    status: RecognitionStatus,
    confidence: f32,
    version: &'static str,
    findings: Vec<(String, Option<String>)>,
}

impl Sink for Seen {
    fn datagram(&mut self, _: &Datagram<'_>) {
        self.calls.push("datagram");
    }

    fn record(&mut self, record: &Record<'_>) {
        self.calls.push("record");
        let finding = |finding: &pss_protocol::Finding| {
            (finding.rule.to_string(), finding.field.as_deref().map(String::from))
        };
        self.records.push(One {
            flow: record.datagram.flow,
            raw: escape(record.raw()).to_string(),
            code: record.code.map(pss_protocol::Code::as_str),
            status: record.status,
            confidence: record.confidence,
            version: record.protocol_version,
            findings: record.findings.iter().map(finding).collect(),
        });
    }

    fn event(&mut self, _: &pss_protocol::MatchEvent) {
        self.calls.push("event");
    }

    fn tick(&mut self, _: Monotonic) {
        self.calls.push("tick");
    }
}

fn replay(name: &str, config: PipelineConfig) -> Vec<One> {
    let mut flows = FlowClassifier::new();
    let mut pipeline = Pipeline::new(config, Seen::default());
    for (seq, listed) in (1..).zip(listing(name)) {
        let flow = flows.classify(Some(listed.source), Some(listed.destination), &listed.bytes);
        let mono = Monotonic::from_micros(listed.micros);
        let arrival = Arrival { wall: Some(Timestamp(listed.micros as i64)), mono };
        pipeline.ingest(&Datagram { seq, arrival, source: Some(listed.source), flow, bytes: &listed.bytes });
    }
    pipeline.finish().records
}

/// Feeds datagrams of one source, 1 ms apart.
fn feed<S: Sink>(pipeline: &mut Pipeline<S>, flow: Flow, datagrams: &[&str]) {
    for (seq, text) in (1..).zip(datagrams) {
        let arrival = Arrival { wall: None, mono: Monotonic::from_micros(1000 * seq) };
        let source = Some("10.0.0.9:5000".parse().unwrap());
        pipeline.ingest(&Datagram { seq, arrival, source, flow, bytes: text.as_bytes() });
    }
}

fn records(config: PipelineConfig, flow: Flow, datagrams: &[&str]) -> Vec<One> {
    let mut pipeline = Pipeline::new(config, Seen::default());
    feed(&mut pipeline, flow, datagrams);
    pipeline.finish().records
}

#[test]
fn every_intact_datagram_of_a_sender_is_recognized() {
    for name in LISTINGS {
        for one in replay(name, PipelineConfig::default()) {
            if one.flow == Flow::Request || !one.raw.ends_with(r"\r\n") {
                continue;
            }
            assert_eq!((one.status, one.confidence), (Recognized, 1.0), "{name}: {one:?}");
            assert_eq!((one.version, one.code.is_some()), ("tkstrike", true), "{name}: {one:?}");
        }
    }
}

#[test]
fn the_truncated_datagrams_are_partial_with_the_right_field() {
    let partial: Vec<_> = replay("b_nonascii_truncation", PipelineConfig::default())
        .into_iter()
        .filter(|one| one.status != Recognized)
        .map(|one| {
            let [(rule, field)] = &one.findings[..] else { panic!("{one:?}") };
            assert_eq!(one.status, Partial, "{one:?}");
            format!("{} {rule} {}", one.code.unwrap_or("-"), field.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        partial,
        [
            "mch terminator_cut terminator",
            "at1 repaired athletes.red.long_name",
            "ref truncated referees.judges[2].name",
            "wmh truncated result.decision",
            "mch truncated match.head_level",
            "at1 repaired athletes.red.long_name",
            "wmh truncated result.decision",
            "mch truncated match.head_level",
            "at1 truncated athletes.red.short_name",
            "wmh truncated result.decision",
            "at1 truncated athletes.red.country",
            "wmh truncated result.decision",
        ]
    );
}

#[test]
fn requests_and_answers_are_told_apart_and_judged() {
    let records = replay("e_requests", PipelineConfig::default());
    let (asked, said): (Vec<_>, Vec<_>) = records.iter().partition(|one| one.flow == Flow::Request);
    assert!(said.iter().all(|one| one.status == Recognized), "the sender says nothing odd");
    assert_eq!(said.iter().filter(|one| one.flow == Flow::ForeignAnswer).count(), 40);
    assert_eq!(said.iter().filter(|one| one.flow == Flow::Broadcast).count(), 85);
    let unknown: Vec<_> = asked.iter().filter(|one| one.status == Unknown).map(|one| &*one.raw).collect();
    let odd = [
        r"winperiods\r\n",
        r"clock;\r\n",
        r"CLOCK\r\n",
        r"clock\n",
        r" clock\r\n",
        r"clock \r\n",
        r"foo\r\n",
        r"\r\n",
    ];
    assert_eq!(unknown[..odd.len()], odd);
    assert_eq!(unknown.len(), odd.len() + 2, "two long lines of noise");
    assert!(unknown[odd.len()..].iter().all(|raw| raw.len() > 200));
    for one in asked.iter().filter(|one| one.status != Unknown) {
        assert_eq!((one.status, one.code, one.confidence), (Recognized, Some("request"), 1.0), "{one:?}");
    }
    // 49 datagrams; three of them hold two lines.
    assert_eq!(asked.len(), 52);
}

#[test]
fn what_goes_to_the_sender_is_never_a_message() {
    let read = |flow| records(PipelineConfig::default(), flow, &["pt1;3\r\n"]).pop().unwrap();
    assert_eq!((read(Flow::Request).status, read(Flow::Request).code), (Unknown, None));
    assert_eq!((read(Flow::Broadcast).status, read(Flow::Broadcast).code), (Recognized, Some("pt1")));
}

#[test]
fn crlf_is_asked_of_a_source_that_showed_it_and_only_off_the_wire() {
    let statuses = |config, datagrams: &[&str]| -> Vec<_> {
        records(config, Flow::Broadcast, datagrams).iter().map(|one| one.status).collect()
    };
    let wire = PipelineConfig::default;
    assert_eq!(statuses(wire(), &["pt1;3", "pt1;3"]), [Recognized, Recognized]);
    assert_eq!(statuses(wire(), &["pt1;3\r\n", "pt1;3"]), [Recognized, Partial]);
    assert_eq!(statuses(wire(), &["pt1;3\r\nhl1;30"]), [Recognized, Partial]);
    assert_eq!(statuses(wire(), &["hel;\r\n", "{\"a\":1}"]), [Recognized, Recognized]);
    // The line ends within an object are nobody's line ends.
    assert_eq!(statuses(wire(), &["{\r\n\"a\":1}", "pt1;3"]), [Recognized, Recognized]);
    let mut text = PipelineConfig::default();
    text.off_the_wire = false;
    assert_eq!(statuses(text, &["pt1;3\r\n", "pt1;3"]), [Recognized, Recognized]);
}

#[test]
fn the_dialect_is_told_from_the_traffic_or_from_the_config() {
    let versions = |config, datagrams: &[&str]| -> Vec<_> {
        records(config, Flow::Broadcast, datagrams).iter().map(|one| one.version).collect()
    };
    assert_eq!(versions(PipelineConfig::default(), &["hel;", "pt1;6;"]), ["tkstrike", "v2.3"]);
    assert_eq!(versions(PipelineConfig::default(), &["pt1;3", "sc1; 3;sc2; 4"]), ["tkstrike", "kpnp"]);
    let mut named = PipelineConfig::default();
    named.dialect = Some(Dialect::Kpnp);
    assert_eq!(versions(named, &["hel;", "pt1;3\r\n"]), ["kpnp", "kpnp"]);
}

#[test]
fn a_sender_that_connects_again_speaks_as_before() {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Seen::default());
    for (seq, port, text) in [(1, 5000, "rsr;"), (2, 5001, "pt1;3"), (3, 5002, "pt1;3")] {
        let host = if port == 5002 { [10, 0, 0, 2] } else { [10, 0, 0, 1] };
        let (source, flow) = (Some((host, port).into()), Flow::Broadcast);
        let arrival = Arrival { wall: None, mono: Monotonic::from_micros(seq) };
        pipeline.ingest(&Datagram { seq, arrival, source, flow, bytes: text.as_bytes() });
    }
    let versions: Vec<_> = pipeline.finish().records.iter().map(|one| one.version).collect();
    assert_eq!(versions, ["kpnp", "kpnp", "tkstrike"]);
}

#[test]
fn a_cut_message_is_held_to_nothing_that_it_lost() {
    let told = |text| {
        let cut = records(PipelineConfig::default(), Flow::Broadcast, &["hel;\r\n", text]).pop().unwrap();
        (cut.status, cut.findings)
    };
    let truncated = |field: &str| (Partial, vec![("truncated".into(), Some(field.into()))]);
    assert_eq!(told("mch;7;Final;ME"), truncated("match.category"));
    assert_eq!(told("wmh;NAME;2-0 P"), truncated("result.decision"));
    assert_eq!(told("hwt;9"), truncated("hardware_test.step"));
}

#[test]
fn only_what_is_said_to_all_or_to_us_touches_the_match() {
    let events = |flow| {
        let mut pipeline = Pipeline::new(PipelineConfig::default(), Events::default());
        feed(&mut pipeline, flow, &["pre;FightLoaded\r\n", "rnd;1\r\n", "clk;02:00;start\r\n", "pt1;2\r\n"]);
        let told = pipeline.finish().0;
        told.iter().filter(|told| told.starts_with("MatchEvent")).count()
    };
    assert!(events(Flow::Broadcast) > 0);
    assert_eq!((events(Flow::ForeignAnswer), events(Flow::Request)), (0, 0));
}

#[test]
fn rules_can_be_given_and_replaced() {
    let strict = {
        let mut rules = RuleSet::built_in(Dialect::TkStrike);
        rules.set(Rule::new("points-range", "points.points", Check::Range { min: 1, max: 3 }, "1 to 3"));
        rules.compile().unwrap()
    };
    let mut book = RuleBook::built_in();
    book.replace(strict);
    let mut pipeline = Pipeline::with_rules(PipelineConfig::default(), book, Seen::default());
    feed(&mut pipeline, Flow::Broadcast, &["pt1;4\r\n"]);
    pipeline.replace_rules(RuleSet::built_in(Dialect::TkStrike).compile().unwrap());
    feed(&mut pipeline, Flow::Broadcast, &["pt1;4\r\n"]);
    let statuses: Vec<_> = pipeline.sink().records.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Unknown, Recognized]);
}

#[test]
fn the_sink_is_called_in_the_order_that_is_promised() {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Seen::default());
    feed(&mut pipeline, Flow::Request, &["scores\r\nperiod\r\n", ""]);
    assert_eq!(
        pipeline.finish().calls,
        ["tick", "datagram", "record", "record", "tick", "datagram", "record"]
    );
}

#[test]
fn ticks_change_nothing_but_the_time_of_telling() {
    let read = |ticks: bool| {
        let mut pipeline = Pipeline::new(PipelineConfig::default(), Events::default());
        let mut last = 0;
        for (seq, listed) in (1..).zip(listing("h_bursts_reordering")) {
            while ticks && last + 10_000 < listed.micros {
                last += 10_000;
                pipeline.tick(Monotonic::from_micros(last));
            }
            last = listed.micros;
            let arrival = Arrival { wall: None, mono: Monotonic::from_micros(listed.micros) };
            let (source, flow) = (Some(listed.source), Flow::Broadcast);
            pipeline.ingest(&Datagram { seq, arrival, source, flow, bytes: &listed.bytes });
        }
        pipeline.finish().0
    };
    assert_eq!(read(true), read(false));
}

/// Events and records as they come.
#[derive(Default)]
struct Events(Vec<String>);

impl Sink for Events {
    fn record(&mut self, record: &Record<'_>) {
        self.0.push(escape(record.raw()).to_string());
    }

    fn event(&mut self, event: &pss_protocol::MatchEvent) {
        self.0.push(format!("{event:?}"));
    }
}

/// Holds what is promised of every record, whatever arrived.
#[derive(Default)]
struct Promises {
    end: usize,
    index: u32,
}

impl Sink for Promises {
    fn datagram(&mut self, _: &Datagram<'_>) {
        (self.end, self.index) = (0, 0);
    }

    fn record(&mut self, record: &Record<'_>) {
        let span = record.span.range();
        assert_eq!((span.start, record.index), (self.end, self.index), "every byte belongs to one message");
        (self.end, self.index) = (span.end, self.index + 1);
        assert!((0.0..=1.0).contains(&record.confidence));
        assert_eq!(record.confidence == 1.0, record.findings.is_empty());
        for finding in record.findings {
            let of = finding.span.range();
            assert!(
                span.start <= of.start && of.start <= of.end && of.end <= span.end,
                "{finding} of {span:?}"
            );
        }
        let error = record.findings.iter().any(|finding| finding.severity == pss_protocol::Severity::Error);
        assert_eq!(record.status == Unknown, error);
    }
}

/// Datagrams of a sender and of others.
fn captured() -> Vec<Vec<u8>> {
    LISTINGS.into_iter().flat_map(listing).map(|listed| listed.bytes).collect()
}

/// Some messages one behind the other, most with something wrong somewhere, and noise.
fn datagrams() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop::sample::select(&b"0123456789;;;:\r\n Ax\xC4"[..]);
    let piece = (prop::sample::select(captured()), any::<prop::sample::Index>(), prop::option::of(byte));
    let edited = piece.prop_map(|(mut bytes, at, byte)| {
        if let Some(byte) = byte {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    let several = prop::collection::vec(edited, 1..4).prop_map(|pieces| pieces.concat());
    prop_oneof![1 => any::<Vec<u8>>(), 9 => several]
}

proptest! {
    #[test]
    fn whatever_arrives_is_recorded_as_promised(
        datagrams in prop::collection::vec(datagrams(), 1..40),
        flow in prop::sample::select(vec![Flow::Broadcast, Flow::ForeignAnswer, Flow::Request]),
        dialect in prop::sample::select(vec![None, Some(Dialect::V23), Some(Dialect::Kpnp)]),
    ) {
        let mut config = PipelineConfig::default();
        config.dialect = dialect;
        let mut pipeline = Pipeline::new(config, Promises::default());
        for (seq, bytes) in (1..).zip(&datagrams) {
            let arrival = Arrival { wall: None, mono: Monotonic::from_micros(1000 * seq) };
            pipeline.ingest(&Datagram { seq, arrival, source: None, flow, bytes });
            prop_assert_eq!(pipeline.sink().end, bytes.len());
            prop_assert!(pipeline.sink().index > 0);
        }
        pipeline.finish();
    }
}
