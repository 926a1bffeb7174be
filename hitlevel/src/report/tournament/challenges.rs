//! Challenges by the kind of the decision before them.

use maud::{Markup, html};
use pss_protocol::Athlete;

use crate::{
    integrity::{ChallengeTally, Challenged, Outcomes},
    report::{irregular, text},
};

pub(super) fn section(tally: &ChallengeTally) -> Markup {
    let total = Challenged::ALL.iter().fold(Outcomes::default(), |mut total, &kind| {
        total.merge(&tally.of(kind));
        total
    });
    html! {
        section id="challenges" {
            h2 { "Challenges" }
            @if total.total() == 0 {
                p.missing { "– No challenge was requested." }
            } @else {
                table {
                    caption { "By what was decided before" }
                    thead { tr {
                        th scope="col" { "Decided before" } th.number scope="col" { "Accepted" } th.number scope="col" { "Rejected" }
                        th.number scope="col" { "Closed" } th.number scope="col" { "Outcome never said" } th.number scope="col" { "Accepted of decided" }
                        th.number scope="col" { (text::badge(Athlete::Blue)) " asked" } th.number scope="col" { (text::badge(Athlete::Red)) " asked" }
                        th.number scope="col" { "Referee asked" }
                    } }
                    tbody {
                        @for kind in Challenged::ALL { (row(irregular::kind(kind), &tally.of(kind), asked(tally, kind))) }
                        (row("all", &total, Challenged::ALL.iter().fold([0; 3], |sum, &kind| {
                            let of = asked(tally, kind);
                            [sum[0] + of[0], sum[1] + of[1], sum[2] + of[2]]
                        })))
                    }
                }
            }
        }
    }
}

fn asked(tally: &ChallengeTally, kind: Challenged) -> [u64; 3] {
    let of = |athlete: Athlete| tally.athletes[athlete][kind as usize].total();
    [of(Athlete::Blue), of(Athlete::Red), tally.referee[kind as usize].total()]
}

fn row(name: &str, outcomes: &Outcomes, asked: [u64; 3]) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for count in [outcomes.accepted, outcomes.rejected, outcomes.closed, outcomes.open] { td.number { (count) } }
            td.number { (irregular::won(outcomes)) }
            @for count in asked { td.number { (count) } }
        }
    }
}
