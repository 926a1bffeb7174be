//! What the number of a `pt` means: the amount from TkStrike, the kind from the written list.

use alloc::vec::Vec;

use super::cluster::Cluster;
use crate::{Athlete, Dialect, PointCode};

/// Less than this is a punch or a plain kick to the body, whatever was felt.
const BODY: u32 = 2;

/// The kinds of the amounts of a match. The rules are editable, so an amount alone does not tell a kick to the
/// head from one to the body; a hit too weak for the body does.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    /// Amounts that were given for kicks to the head.
    heads: Vec<u32>,
}

impl Kinds {
    /// `body`: from this level on a hit to the body is valid; `valid`: any hit.
    pub(super) fn learn(&mut self, cluster: &Cluster, body: Option<u32>, valid: u32) {
        let Some(body) = body.filter(|&body| valid < body) else { return };
        for athlete in Athlete::BOTH {
            let mut hits = cluster.hits.iter().filter(|hit| hit.athlete == athlete);
            let mut kicks =
                cluster.points.iter().filter(|point| point.athlete == athlete && point.amount >= BODY);
            let (Some(hit), None, Some(kick), None) = (hits.next(), hits.next(), kicks.next(), kicks.next())
            else {
                continue;
            };
            let head = (valid..body).contains(&hit.level) && kick.amount > BODY;
            if head && !self.heads.contains(&kick.amount) {
                self.heads.push(kick.amount);
            }
        }
    }

    /// The kind of a `pt`, and its points.
    pub(super) fn reading(&self, number: u32, dialect: Dialect) -> (PointCode, u32) {
        let code = match (number, dialect) {
            (0 | 1, _) => PointCode::P,
            (2, _) => PointCode::K,
            (_, Dialect::TkStrike) if self.heads.contains(&number) => PointCode::H,
            // The head never gives less than the body, and with the same bonus little more.
            (_, Dialect::TkStrike) if self.heads.iter().any(|&head| head > number && head <= number + 3) => {
                PointCode::K
            }
            (3, _) => PointCode::H,
            // Bonus points make a plain kick worth more: the amount alone does not say technical.
            (4, Dialect::TkStrike) => PointCode::K,
            (_, Dialect::TkStrike) => PointCode::H,
            (4, _) => PointCode::Tb,
            (_, _) => PointCode::Th,
        };
        (code, number)
    }
}
