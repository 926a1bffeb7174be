//! The tables of the document, and what is missing for people who look for the reason.

use std::fmt::{Display, Write as _};

use anyhow::{Context, Result};

use crate::{
    bounds::Bound,
    course::{Course, Multiset},
    measure::{Figures, align},
};

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// A table of measurements.
#[derive(Default)]
pub(crate) struct Table {
    text: String,
    missed: usize,
}

impl Table {
    /// An empty one, its first column named.
    pub(crate) fn new(first: &str) -> Self {
        let mut table = Self::default();
        writeln!(table.text, "| {first} | points | gam-jeoms | hits | scores | result | all | asked |")
            .expect("a string takes everything");
        table.text.push_str("|---|---|---|---|---|---|---|---|\n");
        table
    }

    /// Adds a line; a bound that is missed is marked.
    pub(crate) fn row(&mut self, name: impl Display, figures: &Figures, bounds: &[Bound]) {
        let Figures { points, gam_jeoms, hits, scores, result } = figures;
        let mut asked = Vec::new();
        for bound in bounds {
            if bound.is_met(figures) {
                asked.push(bound.to_string());
            } else {
                self.missed += 1;
                asked.push(format!("**{bound}: missed**"));
            }
        }
        writeln!(
            self.text,
            "| {name} | {points:.4} | {gam_jeoms:.4} | {hits:.4} | {scores:.4} | {result:.4} | {:.4} | {} |",
            figures.all(),
            if asked.is_empty() { "–".to_owned() } else { asked.join(", ") }
        )
        .expect("a string takes everything");
    }

    /// How many bounds were missed.
    pub(crate) fn missed(&self) -> usize {
        self.missed
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The document with what stood between the two marks replaced.
pub(crate) fn replace_measured(document: &str, measured: &str) -> Result<String> {
    let (before, rest) =
        document.split_once(BEGIN).with_context(|| format!("the line {BEGIN} is missing"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the line {END} is missing"))?;
    Ok(format!("{before}{BEGIN}\n{measured}{END}{after}"))
}

/// What differs, match by match.
pub(crate) fn differences(truths: &[Course], rebuilt: &[Course]) -> String {
    let mut text = String::new();
    let partners = align(truths, rebuilt);
    for (truth, partner) in std::iter::zip(truths, &partners) {
        let lines = match partner {
            Some(index) => difference(truth, &rebuilt[*index]),
            None => "  not rebuilt\n".to_owned(),
        };
        if !lines.is_empty() {
            writeln!(text, " {}", truth.name).expect("a string takes everything");
            text.push_str(&lines);
        }
    }
    for (index, surplus) in rebuilt.iter().enumerate() {
        if !partners.contains(&Some(index)) {
            writeln!(text, " match {:?} has no log", surplus.name).expect("a string takes everything");
        }
    }
    text
}

fn difference(truth: &Course, rebuilt: &Course) -> String {
    let mut text = String::new();
    sets(&mut text, "point", &truth.points, &rebuilt.points);
    sets(&mut text, "gam-jeom", &truth.gam_jeoms, &rebuilt.gam_jeoms);
    sets(&mut text, "hit", &truth.hits, &rebuilt.hits);
    let mut line =
        |line: std::fmt::Arguments<'_>| writeln!(text, "  {line}").expect("a string takes everything");
    for (round, score) in &truth.scores {
        if rebuilt.scores.get(round) != Some(score) {
            line(format_args!(
                "score of round {round} is {score:?}, rebuilt {:?}",
                rebuilt.scores.get(round)
            ));
        }
    }
    for (what, is, became) in
        [("winner", &truth.winner, &rebuilt.winner), ("decision", &truth.decision, &rebuilt.decision)]
    {
        if is != became {
            line(format_args!("{what} is {is:?}, rebuilt {became:?}"));
        }
    }
    text
}

fn sets<T: Ord + std::fmt::Debug>(text: &mut String, what: &str, truth: &Multiset<T>, rebuilt: &Multiset<T>) {
    let mut more = |verb: &str, here: &Multiset<T>, there: &Multiset<T>| {
        for (value, times) in here {
            let surplus = times.saturating_sub(there.get(value).copied().unwrap_or_default());
            if surplus > 0 {
                writeln!(text, "  {verb} {what} {value:?} × {surplus}").expect("a string takes everything");
            }
        }
    };
    more("missing", truth, rebuilt);
    more("surplus", rebuilt, truth);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_measured_is_replaced() {
        let document = format!("above\n{BEGIN}\nold\n{END}\nbelow\n");
        let replaced = replace_measured(&document, "new\n").unwrap();
        assert_eq!(replaced, format!("above\n{BEGIN}\nnew\n{END}\nbelow\n"));
        assert!(replace_measured("no marks", "new").is_err());
    }

    #[test]
    fn a_missed_bound_is_marked_and_counted() {
        let bounds = crate::bounds::as_recorded("a1_x");
        let mut table = Table::new("capture");
        table.row(
            "good",
            &Figures { points: 1.0, gam_jeoms: 1.0, hits: 1.0, scores: 1.0, result: 1.0 },
            &bounds,
        );
        assert_eq!(table.missed(), 0);
        table.row(
            "bad",
            &Figures { points: 1.0, gam_jeoms: 1.0, hits: 0.999, scores: 1.0, result: 1.0 },
            &bounds,
        );
        assert_eq!(table.missed(), 1);
        assert!(table.to_string().contains("**hits ≥ 1: missed**"));
    }
}
