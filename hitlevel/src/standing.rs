//! Where a match stands, from what a ring shows or from what is stored.

use alloc::collections::BTreeMap;

use pss_protocol::{
    Athlete, Basis, ClockTime, EventKind, MatchEvent, MatchSummary, PerAthlete, Phase, Scoring, Snapshot,
    Winner,
};

/// Where a match stands at one moment: all that its further course depends on.
///
/// A ring gives it by [`of`](Self::of), what is stored by [`Course::standings`](crate::Course::standings); both
/// give the same once the scoring is known. What is stored knows it from the beginning, a ring learns it from the
/// course of the match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Whether rounds or points are counted.
    pub scoring: Scoring,
    /// The golden round not counted.
    pub rounds_planned: Option<u32>,
    /// Length of a round.
    pub round_seconds: Option<u32>,
    /// The round, counted from 1; 0 where it is not known.
    pub round: u32,
    /// How far that round is.
    pub stage: Stage,
    /// Whether this is the golden round.
    pub golden: bool,
    /// What the match clock shows; up to a second more is left.
    pub seconds_left: Option<u32>,
    /// As shown: of the round in best of three and in the golden round, of the match otherwise.
    pub score: PerAthlete<i32>,
    /// Points that each has scored in the match so far; those for the opponent's gam-jeoms are not among them.
    pub points: PerAthlete<i32>,
    /// Gam-jeoms of each in the match so far.
    pub gam_jeoms: PerAthlete<u32>,
    /// Those of the present round.
    pub round_gam_jeoms: PerAthlete<u32>,
    /// Rounds won, the present one included where its winner is known.
    pub round_wins: PerAthlete<u32>,
    /// Who won the present round, where it is over and that is known.
    pub round_winner: Option<Athlete>,
    /// Whether the match has a result.
    pub ended: bool,
    /// Who won it, where the result says so.
    pub winner: Option<Winner>,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Stage {
    /// Its clock has not run yet.
    #[default]
    Before,
    /// It is being fought, or its clock stands.
    During,
    /// It is over.
    Over,
}

impl Standing {
    /// The length of a golden round in seconds. Before it begins the wire does not say it; this is what the rules
    /// have.
    pub const GOLDEN_SECONDS: u32 = 60;

    fn before(summary: &MatchSummary) -> Self {
        let MatchSummary { scoring, rounds_planned, round_seconds, .. } = *summary;
        Self { scoring, rounds_planned, round_seconds, ..Self::default() }
    }

    /// Of a ring that is shown live; `None` while no match is loaded.
    pub fn of(shown: &Snapshot) -> Option<Self> {
        let summary = shown.summary.as_ref()?;
        let mut standing = Self {
            round: shown.round,
            golden: shown.golden,
            seconds_left: shown.clock.map(|clock| clock.total_seconds()),
            ..Self::before(summary)
        };
        if matches!(shown.phase, Phase::Idle | Phase::Loaded | Phase::Ready) {
            // What was fought before a match was loaded again does not count.
            return Some(standing);
        }
        let mut books = Books::default();
        let mut before = PerAthlete::<i32>::default();
        for round in &summary.rounds {
            let golden = shown.golden && round.round == shown.round;
            let gam_jeoms = PerAthlete { blue: round.blue_gam_jeoms, red: round.red_gam_jeoms };
            let mut book = Book { gam_jeoms: map(gam_jeoms, clamped), golden, ..Book::default() };
            let score = PerAthlete { blue: round.blue, red: round.red };
            let gained = match standing.scoring == Scoring::BestOf3 || golden {
                true => score,
                false => PerAthlete::from_fn(|athlete| {
                    score[athlete].saturating_sub(core::mem::replace(&mut before[athlete], score[athlete]))
                }),
            };
            book.points =
                PerAthlete::from_fn(|athlete| gained[athlete].saturating_sub(book.awarded(athlete)));
            book.winner = round.winner;
            books.set(round.round, book);
        }
        let began = books.get(shown.round).is_some();
        standing.ended = shown.phase == Phase::Ended;
        standing.stage = match shown.phase {
            Phase::Fighting | Phase::Paused => Stage::During,
            _ if began => Stage::Over,
            _ => Stage::Before,
        };
        standing.take(&books);
        standing.score = shown.score;
        standing.winner = summary.winner.filter(|_| standing.ended);
        Some(standing)
    }

    /// What the books of the rounds amount to.
    fn take(&mut self, books: &Books) {
        let present = books.get(self.round).unwrap_or_default();
        let all = &books.totals;
        let of_round = self.scoring == Scoring::BestOf3 || self.golden;
        self.score = PerAthlete::from_fn(|athlete| match of_round {
            true => present.gained(athlete),
            false => whole(all.gained[athlete]),
        });
        self.points = map(all.points, whole);
        self.gam_jeoms = map(all.gam_jeoms, |count| counted(whole(count)));
        self.round_gam_jeoms = map(present.gam_jeoms, counted);
        self.round_wins = map(all.wins, |count| counted(whole(count)));
        self.round_winner = present.winner.filter(|_| self.stage == Stage::Over);
    }

    /// Who leads by what counts first: rounds won, then the score.
    pub fn leader(&self) -> Option<Athlete> {
        let by_rounds = ahead(map(self.round_wins, i64::from)).filter(|_| self.scoring == Scoring::BestOf3);
        by_rounds.or_else(|| ahead(map(self.score, i64::from)))
    }

    /// Who leads by the score alone.
    pub fn round_leader(&self) -> Option<Athlete> {
        ahead(map(self.score, i64::from))
    }

    /// Seconds of the match clock that were fought so far, when every round before lasted as long as planned; `None`
    /// where the length of a round, the round or the clock is not known.
    pub fn seconds_fought(&self) -> Option<u32> {
        let length = self.round_seconds?;
        let before = self.round.checked_sub(1)?.checked_mul(length)?;
        let present = if self.golden { Self::GOLDEN_SECONDS } else { length };
        let fought = match self.stage {
            Stage::Before => 0,
            Stage::During => present.saturating_sub(self.seconds_left?),
            // A round that ended early shows what was left of it.
            Stage::Over => present.saturating_sub(self.seconds_left.unwrap_or_default()),
        };
        before.checked_add(fought)
    }
}

/// Goes through a match event by event.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    standing: Standing,
    books: Books,
    /// Winners of rounds by the summary.
    told_later: BTreeMap<u32, Athlete>,
}

impl Walk {
    pub(crate) fn new(summary: &MatchSummary) -> Self {
        let told_later = summary.rounds.iter().rev().filter_map(|round| Some((round.round, round.winner?)));
        let told_later = told_later.collect();
        Self { standing: Standing::before(summary), books: Books::default(), told_later }
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Takes the next event.
    pub(crate) fn apply(&mut self, event: &MatchEvent) {
        self.place(event);
        let golden = self.standing.golden;
        if self.fights_on(event) {
            // Whoever fights on has no result: it was undone.
            self.standing.stage = Stage::During;
            (self.standing.ended, self.standing.winner) = (false, None);
        }
        let round = self.standing.round;
        let mut book = self.books.get(round).unwrap_or_else(|| Book { golden, ..Book::default() });
        match event.kind {
            EventKind::Point { athlete, points, .. } => book.score(athlete, clamped(points)),
            EventKind::PointRemoved { athlete, points, .. } => book.score(athlete, -clamped(points)),
            EventKind::GamJeom { athlete } => book.gam_jeoms[athlete] += 1,
            EventKind::GamJeomRemoved { athlete, .. } => book.gam_jeoms[athlete] -= 1,
            EventKind::RoundEnded { winner } => {
                // One that was told later, such as that of a drawn round, is in the summary.
                book.winner = winner.or_else(|| self.told_later.get(&event.round).copied());
            }
            EventKind::MatchEnded { winner, .. } => {
                (self.standing.ended, self.standing.winner) = (true, winner);
            }
            _ => {}
        }
        if writes(&event.kind) {
            self.books.set(round, book);
        }
        self.standing.take(&self.books);
    }

    /// Whether the event shows that the round is being fought, also when it seemed over.
    fn fights_on(&self, event: &MatchEvent) -> bool {
        match event.kind {
            EventKind::RoundStarted => true,
            // Sensors are heard while the clock runs only; some hits come a moment after its end.
            EventKind::Hit { .. } => event.clock.is_some_and(|clock| clock != ClockTime::ZERO),
            EventKind::Point { .. } => {
                self.standing.stage == Stage::During && event.basis == Basis::Stated && event.clock.is_some()
            }
            _ => false,
        }
    }

    /// Round, stage and clock.
    fn place(&mut self, event: &MatchEvent) {
        let standing = &mut self.standing;
        if event.round != standing.round && event.round > 0 {
            standing.round = event.round;
            let begun = self.books.get(event.round).is_some();
            standing.stage = if begun { Stage::During } else { Stage::Before };
            standing.golden = standing.scoring != Scoring::BestOf3
                && standing.rounds_planned.is_some_and(|planned| event.round > planned);
        }
        match event.kind {
            EventKind::RoundStarted => {
                // A match that is loaded and started again begins anew.
                self.books.forget_from(standing.round);
                self.books.set(standing.round, Book { golden: standing.golden, ..Book::default() });
                standing.stage = Stage::During;
            }
            EventKind::RoundEnded { .. } => standing.stage = Stage::Over,
            _ => {}
        }
        standing.seconds_left = event.clock.map(|clock| clock.total_seconds()).or(standing.seconds_left);
    }
}

/// What is written in the book of a round.
fn writes(kind: &EventKind) -> bool {
    use EventKind::{GamJeom, GamJeomRemoved, Point, PointRemoved, RoundEnded};
    matches!(
        kind,
        Point { .. } | PointRemoved { .. } | GamJeom { .. } | GamJeomRemoved { .. } | RoundEnded { .. }
    )
}

/// What happened in each round, by its number, and what it amounts to: a sender may count rounds on and on.
#[derive(Clone, Debug, Default)]
struct Books {
    rounds: BTreeMap<u32, Book>,
    totals: Totals,
}

impl Books {
    fn get(&self, round: u32) -> Option<Book> {
        self.rounds.get(&round).copied()
    }

    fn set(&mut self, round: u32, book: Book) {
        self.totals.add(&book, 1);
        if let Some(before) = self.rounds.insert(round, book) {
            self.totals.add(&before, -1);
        }
    }

    /// Of this round and all later ones.
    fn forget_from(&mut self, round: u32) {
        while let Some(last) = self.rounds.last_entry().filter(|last| *last.key() >= round) {
            self.totals.add(&last.remove(), -1);
        }
    }
}

/// Sums over rounds; each summand is an `i32`, so they never overflow.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    /// Golden rounds left out.
    gained: PerAthlete<i64>,
    points: PerAthlete<i64>,
    gam_jeoms: PerAthlete<i64>,
    wins: PerAthlete<i64>,
}

impl Totals {
    fn add(&mut self, book: &Book, times: i64) {
        for athlete in Athlete::BOTH {
            if !book.golden {
                self.gained[athlete] += times * i64::from(book.gained(athlete));
            }
            self.points[athlete] += times * i64::from(book.points[athlete]);
            self.gam_jeoms[athlete] += times * i64::from(book.gam_jeoms[athlete]);
            self.wins[athlete] += if book.winner == Some(athlete) { times } else { 0 };
        }
    }
}

/// What happened in a round.
#[derive(Clone, Copy, Debug, Default)]
struct Book {
    golden: bool,
    points: PerAthlete<i32>,
    gam_jeoms: PerAthlete<i32>,
    winner: Option<Athlete>,
}

impl Book {
    fn score(&mut self, athlete: Athlete, points: i32) {
        self.points[athlete] = self.points[athlete].saturating_add(points);
    }

    /// Points for the opponent's gam-jeoms. In the golden round only every second one counts, and twice.
    fn awarded(&self, athlete: Athlete) -> i32 {
        let given = self.gam_jeoms[athlete.opponent()];
        if self.golden { given / 2 * 2 } else { given }
    }

    fn gained(&self, athlete: Athlete) -> i32 {
        self.points[athlete].saturating_add(self.awarded(athlete))
    }
}

/// A sum that no score can be is the largest that one can.
fn whole(sum: i64) -> i32 {
    sum.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// What the wire says may be larger than any count.
fn clamped(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Nothing is taken away more often than it was given, but the giving may have been lost.
fn counted(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

fn map<T: Copy, U>(of: PerAthlete<T>, change: impl Fn(T) -> U) -> PerAthlete<U> {
    PerAthlete::from_fn(|athlete| change(of[athlete]))
}

fn ahead(of: PerAthlete<i64>) -> Option<Athlete> {
    Athlete::BOTH.into_iter().find(|&athlete| of[athlete] > of[athlete.opponent()])
}
