//! Pages about matches that are nothing like a usual one.
#![cfg(feature = "report")]

use hitlevel::{
    Course,
    report::{Fought, MatchReportData, TournamentReportData, match_page, tournament_page},
};
use pss_protocol::{
    Anomaly, AnomalyKind, Arrival, Athlete, ClockTime, EventKey, EventKind, MatchEvent, MatchSummary,
    Monotonic, PointCode, Scoring, Timestamp, Winner,
};

/// A match of two minutes a round, event by event.
struct Story {
    summary: MatchSummary,
    events: Vec<MatchEvent>,
}

impl Story {
    fn new() -> Self {
        let mut summary = MatchSummary::new(0);
        (summary.number, summary.scoring) = (Some("101".into()), Scoring::BestOf3);
        (summary.rounds_planned, summary.round_seconds) = (Some(3), Some(120));
        (summary.body_level, summary.head_level) = (Some(27), Some(10));
        (summary.blue.name, summary.red.name) = (Some("L. RIVERA".into()), Some("K. TANAKA".into()));
        summary.started = true;
        Self { summary, events: Vec::new() }
    }

    fn then(&mut self, round: u32, clock: u32, kind: EventKind) -> &mut Self {
        let id = u32::try_from(self.events.len()).unwrap();
        let micros = u64::from(id) * 100_000;
        let at = Arrival {
            wall: Some(Timestamp(1_795_000_000_000_000 + micros as i64)),
            mono: Monotonic::from_micros(micros),
        };
        let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind);
        (event.round, event.clock) = (round, Some(ClockTime::from_seconds(clock)));
        self.events.push(event);
        self
    }

    fn hit(&mut self, clock: u32, athlete: Athlete, level: u32) -> &mut Self {
        self.then(1, clock, EventKind::Hit { athlete, level })
    }

    fn course(&self) -> Course {
        Course::new(self.summary.clone(), self.events.clone())
    }

    fn page(&self) -> String {
        page(&self.course())
    }
}

fn page(course: &Course) -> String {
    let page = match_page(&MatchReportData::new(course));
    well_formed(&page);
    let text = text(&page);
    for nonsense in ["NaN", "inf ", "Infinity", "-0 ", "0/0"] {
        assert!(!text.contains(nonsense), "{nonsense} in {text}");
    }
    page
}

/// Every tag that is opened is closed, in order; so nothing of a name became a tag.
fn well_formed(page: &str) {
    const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
    let mut open = Vec::new();
    for part in page.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        for forbidden in [" style=", "http:", "https:", " src=", " href="] {
            assert!(!tag.contains(forbidden), "{tag}");
        }
        let name = tag.split_whitespace().next().unwrap_or_default();
        assert_ne!(name, "script");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

/// What is read: without tags, styles and what is drawn.
fn text(page: &str) -> String {
    let mut text = String::new();
    let mut hidden = None;
    for part in page.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        let name = tag.split_whitespace().next().unwrap_or_default();
        match (hidden, name) {
            (None, "style" | "svg") => hidden = Some(name),
            (Some(of), name) if name.strip_prefix('/') == Some(of) => hidden = None,
            _ => {}
        }
        if hidden.is_none() {
            text.push_str(words);
            text.push(' ');
        }
    }
    text
}

const SECTIONS: [&str; 10] = [
    "match",
    "score",
    "levels",
    "histograms",
    "links",
    "tempo",
    "probability",
    "statistics",
    "irregularities",
    "quality",
];

#[test]
fn nothing_at_all_has_every_section_and_a_reason() {
    let course = Course::new(MatchSummary::new(0), Vec::new());
    let page = page(&course);
    for section in SECTIONS {
        assert!(page.contains(&format!("id=\"{section}\"")), "{section}");
    }
    let text = text(&page);
    for reason in [
        "name not sent",
        "the match was not fought",
        "No round was fought",
        "No hit was felt",
        "no hits",
        "thresholds unknown",
    ] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn one_hit_has_a_level_and_no_time_between_two() {
    let mut story = Story::new();
    story.then(1, 120, EventKind::RoundStarted).hit(100, Athlete::Blue, 31);
    let text = text(&story.page());
    assert!(text.contains("31.0") && text.contains("too few hits"), "{text}");
}

#[test]
fn hits_without_thresholds_are_not_called_valid_or_not() {
    let mut story = Story::new();
    (story.summary.body_level, story.summary.head_level) = (None, None);
    story.then(1, 120, EventKind::RoundStarted);
    for clock in (10..110).rev() {
        story.hit(clock, Athlete::Red, clock);
    }
    let page = story.page();
    assert!(text(&page).contains("what was valid is not known"));
    assert!(!text(&page).contains("reached both levels, did not score"));
    assert!(!page.contains(">body 27<"), "no level is drawn");
}

#[test]
fn ten_thousand_hits_are_thinned_out_and_it_is_said() {
    let mut story = Story::new();
    story.then(1, 120, EventKind::RoundStarted);
    for hit in 0..10_000 {
        let athlete = if hit % 2 == 0 { Athlete::Blue } else { Athlete::Red };
        story.hit(120 - hit / 84, athlete, 7 + hit * 7 % 60);
    }
    let page = story.page();
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    let text = text(&page);
    assert!(text.contains("of 10000 hits are not drawn"), "{text}");
    assert!(text.contains("are listed."), "the table of valid hits that did not score is cut, and says so");
}

#[test]
fn a_clock_that_jumps_never_goes_off_the_figure() {
    let mut story = Story::new();
    story.then(1, 120, EventKind::RoundStarted);
    for clock in [100, 119, 20, 5999, 5940, 0, 110] {
        story.hit(clock, Athlete::Blue, 40);
        let point = EventKind::Point { athlete: Athlete::Blue, code: PointCode::K, points: 2 };
        story.then(1, clock, point);
    }
    story.then(4_000_000_000, 3, EventKind::RoundStarted).then(
        0,
        3,
        EventKind::MatchEnded { winner: None, decision: None },
    );
    let page = story.page();
    for part in page.split(" cx=\"").skip(1) {
        let x: i32 = part.split('"').next().unwrap().parse().unwrap();
        assert!((0..=1160).contains(&x), "{x}");
    }
}

#[test]
fn a_sender_that_counts_rounds_for_ever_is_drawn_in_a_few() {
    let mut story = Story::new();
    for round in 1..200 {
        story.then(round, 120, EventKind::RoundStarted).then(
            round,
            60,
            EventKind::GamJeom { athlete: Athlete::Red },
        );
    }
    let page = story.page();
    assert!(page.len() < 500_000, "{} bytes", page.len());
}

#[test]
fn names_stay_text() {
    let mut story = Story::new();
    story.summary.number = Some("<b>1".into());
    story.summary.blue.name = Some("<script>alert(1)</script>\"'&".into());
    story.summary.blue.country = Some("<i>".into());
    story.summary.red.name = Some("\u{202E}E\u{2066}V\u{200B}IL\u{0}\u{7}".into());
    story.summary.category = Some("</title></style><img src=x onerror=alert(1)>".into());
    story.summary.phase = Some("x".repeat(5_000));
    story.summary.result = Some("<svg/onload=1>".into());
    let anomaly = Anomaly { kind: AnomalyKind::OutOfPlace, text: "<iframe>".into() };
    story.then(1, 120, EventKind::RoundStarted).then(1, 120, EventKind::Anomaly(anomaly));
    let page = story.page();
    for tag in ["<script", "<img", "<i>", "<iframe", "<svg/"] {
        assert!(!page.contains(tag), "{tag}");
    }
    let name = r"\u{202e}E\u{2066}V\u{200b}IL\u{0}\u{7}";
    assert!(
        page.contains(&format!("<bdi class=\"long\">{name}</bdi>")),
        "kept apart, and what turns or hides text is seen"
    );
    let title = page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    assert!(title.contains(name), "{title}");
    assert!(page.len() < 100_000, "a long text is cut");
}

#[test]
fn the_policy_allows_nothing_but_styles() {
    let page = Story::new().page();
    assert!(page.contains(
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""
    ));
    assert!(!page.contains("url(") && !page.contains("@import"));
}

#[test]
fn a_thousand_matches_make_a_page_of_bounded_size() {
    let mut story = Story::new();
    story.then(1, 120, EventKind::RoundStarted);
    for clock in (0..110).rev() {
        story.hit(clock, Athlete::Blue, 20 + clock % 30);
    }
    story.then(1, 0, EventKind::RoundEnded { winner: Some(Athlete::Blue) });
    story.summary.winner = Some(Winner::Blue);
    let mut data = TournamentReportData::new("Open <of> everything");
    for number in 0..3_000 {
        story.summary.number = Some(format!("{number}"));
        story.summary.blue.name = Some(format!("Athlete {}", number % 700));
        story.summary.category = Some(format!("MEN -{} kg", 50 + number % 8));
        data.add(&Fought::new(&story.course(), if number % 2 == 0 { "1" } else { "<2>" }));
    }
    let page = tournament_page(&data);
    well_formed(&page);
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
    let text = text(&page);
    for said in ["2000 of 3000 matches are listed", "The 500 with the most matches, of 701", "330000"] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn a_tournament_without_matches_says_so() {
    let page = tournament_page(&TournamentReportData::new(""));
    well_formed(&page);
    assert!(text(&page).contains("No match"));
}
