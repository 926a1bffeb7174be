//! The frames of the feed, pinned: what leaves the process changes only with a version.
#![cfg(feature = "serde")]

use pss_protocol::{
    Arrival, Athlete, Basis, ChallengeState, ClockTime, EventKey, EventKind, InjuryAction, MatchEvent,
    Monotonic, PointCode, Snapshot, Timestamp,
    feed::{FeedAction, FeedEvent, Frame, FrameKind, Hello, RingSnapshot},
};

fn event(id: u32, kind: EventKind) -> MatchEvent {
    let at = Arrival { wall: Some(Timestamp(1_795_350_791_069_123)), mono: Monotonic::from_micros(7) };
    let mut event = MatchEvent::new(EventKey { match_index: Some(2), id }, at, kind);
    event.round = 1;
    event.clock = Some(ClockTime::from_seconds(104));
    event
}

#[test]
fn frames() {
    let mut point = event(4, EventKind::Point { athlete: Athlete::Blue, code: PointCode::H, points: 3 });
    point.basis = Basis::Inferred;
    let hit = event(3, EventKind::Hit { athlete: Athlete::Blue, level: 41 });
    let mut gone = event(9, EventKind::SenderGone);
    (gone.round, gone.clock, gone.at.wall, gone.key.match_index) = (0, None, None, None);
    let mut state = Snapshot::default();
    state.round = 1;
    let frames = [
        serde_json::to_value(Frame::new(
            FrameKind::Hello,
            None,
            41,
            Hello { epoch: "4f1c", server: "0.1.0", rings: &["1"], resumed: false },
        )),
        serde_json::to_value(Frame::new(
            FrameKind::Snapshot,
            Some("1"),
            41,
            RingSnapshot { state: &state, events: &[FeedEvent::new(&gone, None)] },
        )),
        serde_json::to_value(Frame::new(FrameKind::State, Some("1"), 42, &state)),
        serde_json::to_value(Frame::new(
            FrameKind::Event,
            Some("1"),
            43,
            FeedEvent::new(&point, Some(b"pt1;3\r\n")),
        )),
        serde_json::to_value(Frame::new(
            FrameKind::Event,
            Some("1"),
            44,
            FeedEvent::new(&hit, Some(b"hl1;41\xC4\r\n")).linked(&hit, 4),
        )),
    ];
    let frames: Vec<_> = frames.into_iter().map(Result::unwrap).collect();
    insta::assert_json_snapshot!(frames);
}

#[test]
fn frames_of_other_crates() {
    let data = serde_json::json!({ "blue": 0.5 });
    for (kind, name) in [(FrameKind::Hits, "hits"), (FrameKind::Prediction, "prediction")] {
        let frame = serde_json::to_value(Frame::new(kind, Some("1"), 44, &data)).unwrap();
        let expected = serde_json::json!({ "v": 1, "type": name, "ring": "1", "seq": 44, "data": data });
        assert_eq!(frame, expected);
    }
}

#[test]
fn actions_and_descriptions() {
    let cases = [
        (EventKind::GamJeom { athlete: Athlete::Red }, FeedAction::Added, "gam-jeom for red"),
        (
            EventKind::GamJeomRemoved { athlete: Athlete::Red, removes: None },
            FeedAction::Removed,
            "gam-jeom of red taken back",
        ),
        (
            EventKind::PointRemoved {
                athlete: Athlete::Blue,
                code: PointCode::P,
                points: 1,
                removes: Some(3),
            },
            FeedAction::Removed,
            "blue punch taken back, -1",
        ),
        (
            EventKind::Injury {
                athlete: None,
                action: InjuryAction::Hide,
                time: Some(ClockTime::from_seconds(47)),
            },
            FeedAction::Hide,
            "kye-shi ends, 00:47",
        ),
        (
            EventKind::Challenge { athlete: None, state: ChallengeState::Requested, won: None },
            FeedAction::Added,
            "challenge of referee requested",
        ),
        (
            EventKind::Challenge {
                athlete: Some(Athlete::Blue),
                state: ChallengeState::Closed,
                won: Some(false),
            },
            FeedAction::Changed,
            "challenge of blue lost",
        ),
        (EventKind::RoundEnded { winner: None }, FeedAction::Added, "round 1 ends"),
    ];
    for (kind, action, description) in cases {
        let event = event(0, kind);
        let told = FeedEvent::new(&event, None);
        assert_eq!((told.action, told.description.as_str()), (action, description));
    }
}
