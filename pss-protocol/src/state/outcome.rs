//! Who won, and how: what was said, and what follows from the course of the match.

use alloc::string::String;

use super::{bout::Bout, round::Round};
use crate::{Athlete, Basis, Decision, FinalScore, PerAthlete, Scoring, Winner};

/// What the sender said of the result, the latest of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// `win`.
    pub(super) winner: Option<Winner>,
    /// The name in `wmh`.
    pub(super) name: Option<String>,
    /// The figures in `wmh`.
    pub(super) score: Option<FinalScore>,
    /// The word after them, as sent.
    pub(super) decision: Option<String>,
    /// The word was the last field of a datagram that was cut.
    pub(super) decision_cut: bool,
}

impl Said {
    pub(super) fn nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A point gap ends a round of best of three from this difference on.
const ROUND_GAP: u32 = 12;
/// And a conventional match from this one on.
const MATCH_GAP: u32 = 20;

impl Bout {
    /// The winner of the match, said or concluded.
    pub(super) fn winner(&self) -> Option<(Winner, Basis)> {
        if let Some(winner) = self.said.winner {
            return Some((winner, Basis::Stated));
        }
        if let Some(winner) = self.named_winner() {
            return Some((winner, Basis::Stated));
        }
        if let Some(score) = self.said.score
            && let Some(athlete) = leader(score.blue, score.red)
        {
            return Some((athlete.into(), Basis::Inferred));
        }
        self.closed.then(|| self.winner_by_course()).flatten().map(|winner| (winner.into(), Basis::Inferred))
    }

    /// `wmh` names the winner; an empty name with a decision is a tie, unless an athlete has no name.
    fn named_winner(&self) -> Option<Winner> {
        let name = self.said.name.as_deref()?;
        if name.is_empty() {
            let named = Athlete::BOTH.iter().all(|&athlete| self.competitor(athlete).name.is_some());
            let level = self.said.score.is_none_or(|score| score.blue == score.red);
            return (self.said.decision.is_some() && (named || level)).then_some(Winner::Tie);
        }
        let is = |athlete| {
            let competitor = self.competitor(athlete);
            competitor.name.as_deref() == Some(name) || competitor.short_name.as_deref() == Some(name)
        };
        match (is(Athlete::Blue), is(Athlete::Red)) {
            (true, false) => Some(Winner::Blue),
            (false, true) => Some(Winner::Red),
            _ => None,
        }
    }

    /// Whether the winner that was said lost by the score that decided.
    pub(super) fn contradicts_course(&self) -> bool {
        let by_score = matches!(self.decision(), Some((Decision::Ptf | Decision::Ptg | Decision::Gdp, _)));
        let said = self.said.winner.and_then(Winner::athlete);
        let fought = self.winner_by_course();
        by_score && said.is_some() && fought.is_some() && said != fought
    }

    fn winner_by_course(&self) -> Option<Athlete> {
        match self.scoring() {
            Scoring::BestOf3 => {
                let wins = self.round_wins();
                let needed = self.planned_rounds() / 2 + 1;
                Athlete::BOTH.into_iter().find(|&athlete| wins[athlete] >= needed)
            }
            Scoring::Conventional | Scoring::Unknown => {
                let last = self.last_fought()?;
                let decided = last.golden || (last.over && last.number >= self.planned_rounds());
                decided.then(|| leader(last.total.blue, last.total.red)).flatten()
            }
        }
    }

    /// The decision, said or concluded.
    pub(super) fn decision(&self) -> Option<(Decision, Basis)> {
        if let Some(word) = &self.said.decision
            && let Some(decision) = Decision::from_wire(word.as_bytes())
        {
            let basis = if self.said.decision_cut { Basis::Inferred } else { Basis::Stated };
            return Some((decision, basis));
        }
        let left = match &self.said.decision {
            // A whole word that nobody knows: nothing to conclude from.
            Some(_) if !self.said.decision_cut => return None,
            Some(word) => word.as_str(),
            None => "",
        };
        let (winner, _) = self.winner()?;
        let decision = self.decision_by_course(winner, left)?;
        Some((decision, Basis::Inferred))
    }

    /// The only known decision that begins with what is left of it and fits the course of the match.
    fn decision_by_course(&self, winner: Winner, left: &str) -> Option<Decision> {
        let begins = |decision: &&Decision| decision.as_str().starts_with(left);
        let mut candidates = Decision::ALL.iter().filter(begins);
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            return Some(*only);
        }
        let fits = self.decision_that_fits(winner)?;
        // Para matches know two words for a match that went over its time.
        if self.para && fits == Decision::Ptf {
            return None;
        }
        fits.as_str().starts_with(left).then_some(fits)
    }

    /// What the match ended by, if it came to a regular end.
    fn decision_that_fits(&self, winner: Winner) -> Option<Decision> {
        let last = self.last_fought()?;
        let Some(athlete) = winner.athlete() else {
            return (last.golden && last.ran_out).then_some(Decision::Sup);
        };
        if last.golden {
            let ahead = last.total[athlete] - last.total[athlete.opponent()];
            return match (last.ran_out, ahead > 0) {
                (true, false) => Some(Decision::Sup),
                (_, true) => Some(Decision::Gdp),
                (false, false) => None,
            };
        }
        let ahead = (last.total[athlete] - last.total[athlete.opponent()]).max(0).unsigned_abs();
        let (enough, gap) = match self.scoring() {
            Scoring::BestOf3 => (self.round_wins()[athlete] > self.planned_rounds() / 2, ROUND_GAP),
            Scoring::Conventional | Scoring::Unknown => {
                (last.number >= self.planned_rounds() && ahead > 0, MATCH_GAP)
            }
        };
        if last.ran_out {
            return enough.then_some(Decision::Ptf);
        }
        (ahead >= gap).then_some(Decision::Ptg)
    }

    /// Rounds won so far, said or concluded.
    pub(super) fn round_wins(&self) -> PerAthlete<u32> {
        let mut wins = PerAthlete::default();
        for round in &self.rounds {
            if let Some((winner, _)) = self.round_winner(round) {
                wins[winner] += 1;
            }
        }
        wins
    }

    /// Who won a round: said, or in best of three by its score, or by what the result leaves open.
    pub(super) fn round_winner(&self, round: &Round) -> Option<(Athlete, Basis)> {
        if let Some(winner) = round.winner {
            return Some((winner, Basis::Stated));
        }
        if self.scoring() != Scoring::BestOf3 || !round.started || !round.concluded {
            return None;
        }
        leader(round.total.blue, round.total.red)
            .or_else(|| self.winner_left_over(round))
            .map(|winner| (winner, Basis::Inferred))
    }

    /// The result counts the rounds of each: if only one round is open, it went to who is one short.
    fn winner_left_over(&self, open: &Round) -> Option<Athlete> {
        let score = self.said.score?;
        let mut wins = PerAthlete { blue: 0, red: 0 };
        for round in self.rounds.iter().filter(|round| round.started) {
            match round.winner.or_else(|| leader(round.total.blue, round.total.red)) {
                Some(winner) => wins[winner] += 1,
                None if round.number == open.number => {}
                None => return None,
            }
        }
        match (score.blue.checked_sub(wins.blue), score.red.checked_sub(wins.red)) {
            (Some(1), Some(0)) => Some(Athlete::Blue),
            (Some(0), Some(1)) => Some(Athlete::Red),
            _ => None,
        }
    }
}

fn leader<T: PartialOrd>(blue: T, red: T) -> Option<Athlete> {
    if blue > red {
        Some(Athlete::Blue)
    } else if red > blue {
        Some(Athlete::Red)
    } else {
        None
    }
}
