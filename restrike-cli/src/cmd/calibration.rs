//! `restrike calibration`: how good the predictions of who wins are.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::PathBuf,
};

use hitlevel::{
    Calibration, Course, Courses, Forecasts, LeftOut, Measured, Missing, Predictor, ScoringRates,
    report::reliability_page,
};
use pss_protocol::{
    Arrival, Datagram, Flow, Pipeline, PipelineConfig,
    simulate::{Simulator, SimulatorConfig},
};
use serde::Serialize;

use super::Outcome;
use crate::{
    courses::{CoursesArgs, for_each_course},
    database::{Format, print_json},
    output::{
        complain,
        file::{refuse_existing, write_whole},
        print,
        spark::Signs,
        table::Table,
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct CalibrationArgs {
    #[command(flatten)]
    courses: CoursesArgs,
    /// Play so many invented matches instead, through everything that a real one goes through.
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        conflicts_with_all = [
            "files", "db", "fight", "athlete", "ring", "session", "tournament", "from", "until", "dialect", "port",
            "source",
        ],
    )]
    simulated: Option<u32>,
    /// Another seed gives other invented matches.
    #[arg(long, default_value_t = 1, requires = "simulated", conflicts_with_all = ["files", "db"])]
    seed: u64,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Text without dashes that need Unicode; so it is anyhow where the locale has no UTF-8.
    #[arg(long)]
    ascii: bool,
    /// Make a page with the reliability plots too, such as calibration.html.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the page when it is there already.
    #[arg(long, requires = "out")]
    force: bool,
}

pub(super) fn run(args: &CalibrationArgs) -> anyhow::Result<Outcome> {
    if let Some(path) = &args.out {
        refuse_existing(path, args.force)?;
    }
    let mut found = Found::default();
    let outcome = match args.simulated {
        Some(matches) => {
            simulate(matches, args.seed, &mut found);
            Outcome::Done
        }
        None => for_each_course(&args.courses, |told| {
            found.take(&told.course);
            Ok(())
        })?,
    };
    match args.format {
        Format::Json => print_json(&found.report())?,
        Format::Text => print(|out| found.write(out, Signs::new(args.ascii)))?,
    }
    if let Some(path) = &args.out {
        let source = match args.simulated {
            Some(matches) => format!("{matches} invented ones, seed {}", args.seed),
            None => found.matches.to_string(),
        };
        let page = reliability_page(&found.calibration, &source);
        write_whole(path, args.force, |file| Ok(file.write_all(page.as_bytes())?))?;
        complain(format_args!("{} is made", Harmless(path.display())));
    }
    Ok(outcome)
}

/// The datagrams go the whole way, so what is measured includes what the wire does not say.
fn simulate(matches: u32, seed: u64, found: &mut Found) {
    let mut config = SimulatorConfig::default();
    (config.seed, config.matches) = (seed, Some(matches));
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
    for (simulated, seq) in Simulator::new(config).zip(1..) {
        let arrival = Arrival { wall: None, mono: simulated.at };
        let bytes = &simulated.bytes;
        pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
        if simulated.ends.is_some() {
            pipeline.sink_mut().drain_over().for_each(|course| found.take(&course));
        }
    }
    pipeline.finish().finish().for_each(|course| found.take(&course));
}

/// What came of the matches so far.
#[derive(Default)]
struct Found {
    matches: u64,
    calibration: Calibration,
    rates: ScoringRates,
}

impl Found {
    /// Each match is predicted with what those before it have shown.
    fn take(&mut self, course: &Course) {
        self.matches += 1;
        self.calibration.add(&Predictor::new(&self.rates), course);
        self.rates.learn(course);
    }

    /// What is predicted, with its name.
    fn kinds(&self) -> [(&'static str, Forecasts); 4] {
        let Calibration { round, best_of_3, conventional, .. } = self.calibration.clone();
        let fight = self.calibration.fight();
        [("round", round), ("best of three", best_of_3), ("conventional", conventional), ("any match", fight)]
    }

    fn write(&self, out: &mut impl io::Write, signs: Signs) -> io::Result<()> {
        let LeftOut { no_winner, otherwise_decided, not_predictable, .. } = self.calibration.left_out;
        writeln!(
            out,
            "matches: {}; left out: {no_winner} without a winner, {otherwise_decided} not won by points or superiority, \
             {not_predictable} of which too little is known",
            self.matches
        )?;
        let rates = match self.learned() {
            Ok(_) => String::new(),
            missing => format!("{}; predicted is with ", signs.or_reason(missing.map(|_| ""))),
        };
        writeln!(
            out,
            "scoring: {rates}{:.2} marks a minute, {:.2} points each; {:.2} gam-jeoms a minute",
            self.rates.marks_per_minute(),
            self.rates.points_per_mark(),
            self.rates.gam_jeoms_per_minute()
        )?;
        writeln!(
            out,
            "\nBrier scores: 0 is perfect, 0.25 a coin; the naive one takes who leads for the winner."
        )?;
        let mut scores = Table::new([
            "who wins",
            "matches",
            "predictions",
            "brier",
            "naive",
            "margin",
            "95 % of the margin",
            "skill",
        ]);
        for (name, of) in self.kinds() {
            let three = |of: Measured<f64>| signs.or_reason(of.map(three));
            let interval =
                of.margin_interval().map(|range| format!("{:.3} to {:.3}", range.start(), range.end()));
            scores.row([
                &name,
                &of.matches(),
                &of.count(),
                &three(of.brier()),
                &three(of.naive_brier()),
                &three(of.margin()),
                &signs.or_reason(interval),
                &three(of.skill()),
            ]);
        }
        scores.write(out, "")?;
        writeln!(
            out,
            "\nReliability: how often blue won, of the predictions with such a probability for blue."
        )?;
        let mut bins = Table::new([
            "probability",
            "rounds",
            "mean",
            "won",
            "best of three",
            "mean",
            "won",
            "conventional",
            "mean",
            "won",
        ]);
        let [(_, round), (_, best_of_3), (_, conventional), _] = self.kinds();
        for place in 0..Forecasts::BINS {
            let [round, best, conventional] = [&round, &best_of_3, &conventional].map(|of| of.bins()[place]);
            let mean = |bin: hitlevel::Bin| signs.or_dash(bin.predicted().map(three));
            let won = |bin: hitlevel::Bin| signs.or_dash(bin.observed().map(three));
            bins.row([
                &format!("0.{place} to {:.1}", (place + 1) as f64 / Forecasts::BINS as f64),
                &round.count(),
                &mean(round),
                &won(round),
                &best.count(),
                &mean(best),
                &won(best),
                &conventional.count(),
                &mean(conventional),
                &won(conventional),
            ]);
        }
        bins.write(out, "")
    }

    /// The rates, once there was a running clock to learn them from: before, they are an assumption.
    fn learned(&self) -> Measured<&ScoringRates> {
        if self.rates.athlete_seconds() > 0 { Ok(&self.rates) } else { Err(Missing::NoRunningClock) }
    }

    fn report(&self) -> Report {
        let mut missing = BTreeMap::new();
        let mut learned = |name, rate: fn(&ScoringRates) -> f64| {
            self.learned().map(rate).map_err(|reason| missing.insert(name, reason)).ok()
        };
        let [(_, round), (_, best_of_3), (_, conventional), (_, fight)] = self.kinds();
        Report {
            matches: self.matches,
            left_out: self.calibration.left_out,
            marks_per_minute: learned("marks_per_minute", ScoringRates::marks_per_minute),
            points_per_mark: learned("points_per_mark", ScoringRates::points_per_mark),
            gam_jeoms_per_minute: learned("gam_jeoms_per_minute", ScoringRates::gam_jeoms_per_minute),
            round: Scores::of(&round),
            best_of_3: Scores::of(&best_of_3),
            conventional: Scores::of(&conventional),
            any_match: Scores::of(&fight),
            missing,
        }
    }
}

/// What `--format json` writes.
#[derive(Serialize)]
struct Report {
    matches: u64,
    left_out: LeftOut,
    marks_per_minute: Option<f64>,
    points_per_mark: Option<f64>,
    gam_jeoms_per_minute: Option<f64>,
    round: Scores,
    best_of_3: Scores,
    conventional: Scores,
    any_match: Scores,
    missing: BTreeMap<&'static str, Missing>,
}

/// With three decimals.
fn three(number: f64) -> String {
    format!("{number:.3}")
}

#[derive(Serialize)]
struct Scores {
    matches: u64,
    predictions: u64,
    brier: Option<f64>,
    naive_brier: Option<f64>,
    margin: Option<f64>,
    margin_low: Option<f64>,
    margin_high: Option<f64>,
    skill: Option<f64>,
    reliability: Vec<BinReport>,
    missing: BTreeMap<&'static str, Missing>,
}

#[derive(Serialize)]
struct BinReport {
    from: f64,
    to: f64,
    predictions: u64,
    /// The mean of the predicted probabilities; null where nothing was predicted.
    predicted: Option<f64>,
    won: Option<f64>,
}

impl Scores {
    fn of(forecasts: &Forecasts) -> Self {
        let mut missing = BTreeMap::new();
        let interval = forecasts.margin_interval();
        let mut number =
            |name, measured: Measured<f64>| measured.map_err(|reason| missing.insert(name, reason)).ok();
        let tenth = |place: usize| place as f64 / Forecasts::BINS as f64;
        let reliability = forecasts.bins().iter().enumerate().map(|(place, bin)| BinReport {
            from: tenth(place),
            to: tenth(place + 1),
            predictions: bin.count(),
            predicted: bin.predicted(),
            won: bin.observed(),
        });
        Self {
            matches: forecasts.matches(),
            predictions: forecasts.count(),
            brier: number("brier", forecasts.brier()),
            naive_brier: number("naive_brier", forecasts.naive_brier()),
            margin: number("margin", forecasts.margin()),
            margin_low: number("margin_low", interval.as_ref().map(|range| *range.start()).map_err(|e| *e)),
            margin_high: number("margin_high", interval.as_ref().map(|range| *range.end()).map_err(|e| *e)),
            skill: number("skill", forecasts.skill()),
            reliability: reliability.collect(),
            missing,
        }
    }
}
