//! How truly does reStrike rebuild a match from its datagrams alone?
//!
//! Reads the corpus, feeds the pipeline, and compares with what the sender itself logged: as recorded, and over
//! networks that lose, double and reorder. `docs/FIDELITY.md` holds the result.

mod bounds;
mod course;
mod impair;
mod linking;
mod measure;
mod rebuilt;
mod report;
mod truth;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use restrike_benches::listing::{self, Recorded};

use crate::{
    course::Course,
    impair::{Network, impair},
    linking::{LinkTable, Linking, starts},
    measure::{Figures, compare},
    report::Table,
};

/// The seeds over which an impaired network is averaged.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;
/// The captures that are measured over impaired networks.
const IMPAIRED: [&str; 2] = ["a1_bestof3_realtime", "c_golden_tiebreak"];

/// Measures how truly matches are rebuilt from their datagrams.
#[derive(Debug, Parser)]
struct Args {
    /// Where the listings and the match logs are
    #[arg(long, default_value = listing::CORPUS)]
    corpus: PathBuf,
    /// Writes the tables into this document, between its two marks
    #[arg(long, value_name = "DOCUMENT")]
    write: Option<PathBuf>,
    /// Fails when this document does not hold what is measured
    #[arg(long, value_name = "DOCUMENT", conflicts_with = "write")]
    compare: Option<PathBuf>,
    /// Fails when a bound is missed
    #[arg(long)]
    check: bool,
    /// Prints what is missing and what is surplus, match by match
    #[arg(long, short)]
    verbose: bool,
    /// Prints every datagram and every event; for one capture
    #[arg(long, requires = "only")]
    trace: bool,
    /// Measures only the captures whose names begin so
    #[arg(long, value_name = "NAME", conflicts_with_all = ["write", "compare"])]
    only: Option<String>,
    /// Measures only over this network: the share lost, 0.05
    #[arg(long, value_name = "SHARE", requires = "only")]
    loss: Option<f64>,
    /// With --loss: only this seed
    #[arg(long, requires = "loss")]
    seed: Option<u64>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let mut captures = Vec::new();
    for name in listing::names(&args.corpus)? {
        if args.only.as_ref().is_none_or(|only| name.starts_with(only)) {
            captures.push(Capture::read(&args.corpus, name)?);
        }
    }
    anyhow::ensure!(!captures.is_empty(), "no capture with match logs in {}", args.corpus.display());

    if let Some(loss) = args.loss {
        let seeds = args.seed.map_or(SEEDS, |seed| seed..=seed);
        let mut table = Table::new("capture, seed");
        for (capture, seed) in
            captures.iter().flat_map(|capture| seeds.clone().map(move |seed| (capture, seed)))
        {
            let (figures, _) = capture.measure(Some((Network::with_loss(loss), seed)), &args);
            table.row(format_args!("{}, {seed}", capture.name), &figures, &[]);
        }
        print!("{table}");
        return Ok(ExitCode::SUCCESS);
    }

    let mut recorded = Table::new("capture");
    let mut links = LinkTable::default();
    for capture in &captures {
        let (figures, linking) = capture.measure(None, &args);
        recorded.row(&capture.name, &figures, &bounds::as_recorded(&capture.name));
        links.row(&capture.name, linking, true);
    }
    let mut impaired = Table::new("capture, loss");
    for capture in captures.iter().filter(|capture| IMPAIRED.contains(&&*capture.name) && !args.trace) {
        for (loss, bounds) in bounds::impaired() {
            let network = Network::with_loss(loss);
            let (mut of_seeds, mut linking) = (Vec::new(), Linking::default());
            for (figures, of_seed) in SEEDS.map(|seed| capture.measure(Some((network, seed)), &args)) {
                of_seeds.push(figures);
                linking += of_seed;
            }
            let name = format!("{}, {:.0} %", capture.name, loss * 100.0);
            impaired.row(&name, &Figures::mean(&of_seeds), &bounds);
            links.row(&name, linking, false);
        }
    }
    let measured = format!(
        "As recorded:\n\n{recorded}\nOver a network that doubles 2 % and delays 5 % by up to 80 ms, the mean over \
         the seeds {} to {}:\n\n{impaired}\nLinks, as recorded and over the same networks, all seeds together:\n\n{links}",
        SEEDS.start(),
        SEEDS.end()
    );
    print!("{measured}");
    document(&args, &measured)?;
    let missed = recorded.missed() + impaired.missed() + links.missed();
    if args.check && missed > 0 {
        eprintln!("{missed} of the bounds missed");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the document, or compares it.
fn document(args: &Args, measured: &str) -> Result<()> {
    let Some(path) = args.write.as_ref().or(args.compare.as_ref()) else { return Ok(()) };
    let old = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let new = report::replace_measured(&old, measured).with_context(|| format!("in {}", path.display()))?;
    if args.write.is_some() {
        return std::fs::write(path, new).with_context(|| format!("cannot write {}", path.display()));
    }
    anyhow::ensure!(
        old == new,
        "{0} is not what is measured now: run again with --write {0}",
        path.display()
    );
    Ok(())
}

/// A capture and what really happened in it.
struct Capture {
    name: String,
    recorded: Vec<Recorded>,
    truths: Vec<Course>,
    /// What the clock of each log showed when the capture began.
    starts: Vec<i64>,
}

impl Capture {
    fn read(corpus: &std::path::Path, name: String) -> Result<Self> {
        let recorded = listing::read(corpus, &name)?;
        let truths = truth::of_capture(corpus, &name)?;
        let starts = starts(&truths, &rebuilt::from_datagrams(&recorded, false));
        Ok(Self { name, recorded, truths, starts })
    }

    /// Measures it, over a network where one is given.
    fn measure(&self, network: Option<(Network, u64)>, args: &Args) -> (Figures, Linking) {
        let arrived = network.map(|(network, seed)| impair(&self.recorded, network, seed));
        let rebuilt = rebuilt::from_datagrams(arrived.as_ref().unwrap_or(&self.recorded), args.trace);
        if args.verbose {
            let differences = report::differences(&self.truths, &rebuilt);
            if !differences.is_empty() {
                match network {
                    Some((Network { loss, .. }, seed)) => println!("{} loss {loss} seed {seed}:", self.name),
                    None => println!("{}:", self.name),
                }
                println!("{differences}");
            }
        }
        let linking = Linking::of(&self.truths, &rebuilt, &self.starts);
        (Figures::mean(&compare(&self.truths, &rebuilt)), linking)
    }
}
