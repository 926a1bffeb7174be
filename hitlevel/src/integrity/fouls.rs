//! Gam-jeoms in a row.

use alloc::{format, vec::Vec};

use pss_protocol::{Athlete, ClockTime, EventKind};

use super::{Irregularity, IrregularityKind, Weight, within::Look};

/// So many are a run.
const RUN: usize = 3;

/// Those within so many seconds of the match clock are a run even if something else was decided between.
const SHORT_SECONDS: u32 = 30;

/// A gam-jeom that was not taken back.
#[derive(Clone, Copy)]
struct Given {
    place: usize,
    id: u32,
    round: u32,
    clock: Option<ClockTime>,
    /// How many decisions for or against anybody else there were before it.
    others: usize,
}

pub(super) fn look(look: &Look<'_>, found: &mut Vec<Irregularity>) {
    for athlete in Athlete::BOTH {
        let given = given_to(look, athlete);
        let mut from = 0;
        while from < given.len() {
            let run = run_from(&given[from..]);
            if run >= RUN {
                let places: Vec<_> = given[from..from + run].iter().map(|given| given.place).collect();
                let one_by_one = given[from].others == given[from + run - 1].others;
                let text = match one_by_one {
                    true => {
                        format!("{run} gam-jeoms in a row against {athlete}, and no other decision between")
                    }
                    false => format!("{run} gam-jeoms against {athlete} within {SHORT_SECONDS} s"),
                };
                let kind = IrregularityKind::GamJeomRun;
                found.extend(look.tell(kind, Weight::Question, None, &places, text));
            }
            from += run;
        }
    }
}

/// How many of these are one run, from the first on.
fn run_from(given: &[Given]) -> usize {
    let in_a_row = given.iter().take_while(|one| one.others == given[0].others).count();
    let soon = |one: &&Given| {
        let began = given[0].clock.filter(|_| one.round == given[0].round);
        let passed =
            began.zip(one.clock).map(|(began, now)| began.total_seconds().checked_sub(now.total_seconds()));
        passed.flatten().is_some_and(|passed| passed <= SHORT_SECONDS)
    };
    let in_short = given.iter().take_while(soon).count();
    in_a_row.max(if in_short >= RUN { in_short } else { 1 })
}

fn given_to(look: &Look<'_>, whose: Athlete) -> Vec<Given> {
    let mut given: Vec<Given> = Vec::new();
    let mut others = 0;
    for &place in &look.moments.order {
        let event = &look.events()[place];
        match event.kind {
            EventKind::GamJeom { athlete } if athlete == whose => {
                given.push(Given { place, id: event.key.id, round: event.round, clock: event.clock, others });
            }
            EventKind::GamJeomRemoved { athlete, removes } if athlete == whose => match removes {
                Some(removed) => given.retain(|one| one.id != removed),
                None => drop(given.pop()),
            },
            EventKind::GamJeom { .. } | EventKind::Point { .. } | EventKind::RoundStarted => others += 1,
            _ => {}
        }
    }
    given
}
