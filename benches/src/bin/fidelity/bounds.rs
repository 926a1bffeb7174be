//! What is asked of the figures.

use crate::measure::Figures;

/// The least share of the points of sensors that are linked to the hit beside them.
pub(crate) const LINKED: f64 = 0.98;

/// A figure by its name.
type Figure = (&'static str, fn(&Figures) -> f64);

const POINTS: Figure = ("points", |figures| figures.points);
const HITS: Figure = ("hits", |figures| figures.hits);
const SCORES: Figure = ("scores", |figures| figures.scores);
const RESULT: Figure = ("result", |figures| figures.result);
const ALL: Figure = ("all", |figures| figures.all());

/// A figure and the least that it may be.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    figure: Figure,
    least: f64,
}

impl Bound {
    const fn new(figure: Figure, least: f64) -> Self {
        Self { figure, least }
    }

    /// Whether the figure reaches it. The figures are quotients of small integers: what is below by no more than
    /// the error of adding them up reaches it.
    pub(crate) fn is_met(&self, figures: &Figures) -> bool {
        (self.figure.1)(figures) + 1e-9 >= self.least
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ≥ {}", self.figure.0, self.least)
    }
}

/// What is asked of a capture as it was recorded. Of one that nobody thought of when the bounds were set, what
/// is asked of the bursts.
pub(crate) fn as_recorded(capture: &str) -> Vec<Bound> {
    match capture.split('_').next() {
        Some("a1" | "b" | "c" | "j") => {
            vec![Bound::new(ALL, 0.995), Bound::new(HITS, 1.0), Bound::new(RESULT, 1.0)]
        }
        // One round, so no running score: what the technical points were follows from the final one.
        Some("d") => vec![
            Bound::new(POINTS, 0.995),
            Bound::new(SCORES, 0.995),
            Bound::new(HITS, 1.0),
            Bound::new(RESULT, 1.0),
        ],
        _ => vec![Bound::new(ALL, 0.97), Bound::new(HITS, 1.0), Bound::new(RESULT, 1.0)],
    }
}

/// The shares of loss that are measured, and what is asked of each.
pub(crate) fn impaired() -> Vec<(f64, Vec<Bound>)> {
    let asked = |points, scores, result| {
        vec![Bound::new(POINTS, points), Bound::new(SCORES, scores), Bound::new(RESULT, result)]
    };
    vec![
        (0.0, Vec::new()),
        (0.01, asked(0.98, 0.99, 0.99)),
        (0.05, asked(0.95, 0.97, 0.96)),
        (0.20, asked(0.80, 0.85, 0.85)),
    ]
}
