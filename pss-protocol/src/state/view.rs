//! The match as others see it: the summary of record.

use alloc::string::ToString as _;

use super::bout::Bout;
use crate::{Athlete, Basis, MatchSummary, RoundSummary};

impl Bout {
    pub(super) fn summary(&self) -> MatchSummary {
        let winner = self.winner();
        let decision = self.decision();
        MatchSummary {
            index: self.index,
            number: self.info.number.clone(),
            id: self.info.id.clone(),
            phase: self.info.phase.clone(),
            category: self.info.category.clone(),
            division: self.info.division.clone(),
            rounds_planned: self.info.rounds,
            round_seconds: self.info.round_seconds,
            scoring: self.scoring(),
            body_level: self.info.body_level,
            head_level: self.info.head_level,
            blue: self.athletes.blue.clone(),
            red: self.athletes.red.clone(),
            rounds: self
                .rounds
                .iter()
                .filter(|round| round.started)
                .map(|round| self.round_summary(round))
                .collect(),
            winner: winner.map(|(winner, _)| winner),
            winner_basis: winner.map(|(_, basis)| basis),
            decision: decision.map(|(decision, _)| decision),
            decision_basis: decision.map(|(_, basis)| basis),
            result: self.said.score.map(|score| score.to_string()),
            hits: self.hits,
            started: self.started,
        }
    }

    fn round_summary(&self, round: &super::round::Round) -> RoundSummary {
        let winner: Option<(Athlete, Basis)> = self.round_winner(round);
        RoundSummary {
            round: round.number,
            blue: round.total.blue,
            red: round.total.red,
            winner: winner.map(|(winner, _)| winner),
            winner_basis: winner.map(|(_, basis)| basis),
            blue_gam_jeoms: round.gam_jeoms(Athlete::Blue),
            red_gam_jeoms: round.gam_jeoms(Athlete::Red),
        }
    }
}
