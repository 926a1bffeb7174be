//! The command line as it was typed, checked as far as that goes without touching anything.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{
    ArgGroup, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser, builder::TypedValueParser as _,
};
use jiff::tz::TimeZone;
use pss_protocol::Dialect;

use crate::{
    reading::SourceFilter,
    transmit::{Speed, UdpTarget},
};

/// Reads, replays and records what a Taekwondo scoring system (PSS) says over UDP, and keeps it in databases.
///
/// FILE is a pcap or pcapng capture, a journal of ours, a TkStrike log, or text with one datagram a line; which
/// one is told from its content. `-` is the standard input. Data go to the standard output, everything else to
/// the standard error.
#[derive(Debug, Parser)]
#[command(name = "restrike", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 an input was damaged \
                          (torn capture, unreadable line, bad checksum) and the rest of it was read, \
                          or a database or an archive is damaged.";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// One line per message, in the order of arrival.
    Decode(DecodeArgs),
    /// What the scoring table decided: one entry per match.
    Matches(MatchesArgs),
    /// A recording again: into a database, or onto the wire.
    Replay(ReplayArgs),
    /// Receives datagrams and writes them to a file until Ctrl-C.
    Record(RecordArgs),
    /// The stored datagrams again, through the parser and the rules of today.
    Reprocess(crate::cmd::reprocess::ReprocessArgs),
    /// Invented matches as a real sender would send them.
    Simulate(SimulateArgs),
    /// What a database holds: messages, events, hits, matches, athletes, counts.
    Query(crate::cmd::query::QueryArgs),
    /// One stored match, with its rounds, challenges and kye-shis.
    Match(crate::cmd::match_::MatchArgs),
    /// What messages of a database are judged by.
    Rules(crate::cmd::rules::RulesArgs),
    /// What is set for a database.
    Settings(crate::cmd::settings::SettingsArgs),
    /// Flags: which one a code gets, and from where.
    Flags(crate::cmd::flags::FlagsArgs),
    /// Athletes: who is one, who only has the same name.
    Athletes(crate::cmd::athletes::AthletesArgs),
    /// Tournaments: their days, their rings, and what was fought there.
    Tournament(crate::cmd::tournament::TournamentArgs),
    /// What the scoring system wrote itself, into a database.
    Import(crate::cmd::import::ImportArgs),
    /// Keeps a database: status, backup, restore, verify, prune, export and more.
    Db(crate::cmd::db::DbArgs),
    /// Sessions in one signed file, to keep, to give away, and to put into another database.
    Archive(crate::cmd::archive::ArchiveArgs),
    /// What nobody knows, by its shape.
    Unknown(crate::cmd::unknown::UnknownArgs),
    /// What does not fit together in matches and across them, and how challenges came out.
    Integrity(crate::cmd::integrity::IntegrityArgs),
    /// One message: how far it was understood, and who changed that.
    Event(crate::cmd::event::EventArgs),
    /// How the reading went, by session, day and code.
    Statistics(crate::cmd::statistics::StatisticsArgs),
    /// Hits and points: what the sensors felt, and what of it scored.
    Stats(crate::cmd::stats::StatsArgs),
    /// A page for people about a match or a tournament: one HTML file, nothing else.
    Report(crate::cmd::report::ReportArgs),
    /// How good the predictions of who wins are, held against what became of matches.
    Calibration(crate::cmd::calibration::CalibrationArgs),
}

/// What to read, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Files to read, in order; `-` is the standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Read as this dialect instead of telling it from the traffic.
    #[arg(long, value_parser = dialect())]
    pub(crate) dialect: Option<Dialect>,
    /// Only datagrams sent to this UDP port.
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Only datagrams from this address: IP or IP:PORT.
    #[arg(long, value_name = "ADDR")]
    pub(crate) source: Option<SourceFilter>,
    /// Time zone of a TkStrike log: a name, or an offset such as +02:00.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = time_zone)]
    pub(crate) time_zone: TimeZone,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DecodeFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecodeFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Ndjson,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MatchesArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: MatchesFormat,
    /// With everything that happened in each match.
    #[arg(long)]
    pub(crate) events: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatchesFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON array.
    Json,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("where").required(true).args(["db", "to"]))]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Into this database, at full speed. It is made when it is not there.
    #[arg(long, value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,
    /// Onto the wire, to udp://HOST:PORT, with the recorded gaps.
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<UdpTarget>,
    /// How many times faster than recorded, or `max` for no gaps at all.
    #[arg(long, value_name = "N|max", default_value = "1", conflicts_with = "db")]
    pub(crate) speed: Speed,
    /// Even if the database holds this file already.
    #[arg(long, conflicts_with = "to")]
    pub(crate) again: bool,
    /// The ring that the datagrams belong to in the database.
    #[arg(long, value_name = "NAME", default_value = "1", conflicts_with = "to")]
    pub(crate) ring: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RecordArgs {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:6000")]
    pub(crate) listen: SocketAddr,
    /// The file to write: a journal (appended to when it is there), or a capture when the name ends in `.pcap`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The ring's name, for the journal.
    #[arg(long, value_name = "NAME", default_value = "1")]
    pub(crate) ring: String,
    /// Stop after this many seconds.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) for_time: Option<Duration>,
    /// Stop after this many datagrams.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("where").args(["to", "out"]))]
pub(crate) struct SimulateArgs {
    /// Onto the wire, to udp://HOST:PORT; the second ring to the next port, and so on.
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<UdpTarget>,
    /// Into a new file: a journal, or a capture when the name ends in `.pcap`. Without --to and --out the
    /// datagrams are listed on the standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How many rings.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=24))]
    pub(crate) rings: u32,
    /// How many matches on each ring.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) matches: u32,
    /// The same seed gives the same datagrams.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// With --to: how many times faster than real time, or `max` for no gaps at all.
    #[arg(long, value_name = "N|max", default_value = "1", requires = "to")]
    pub(crate) speed: Speed,
}

/// Arguments that do not go together, found only after they were parsed: exit code 2.
#[derive(Debug)]
pub(crate) struct WrongUsage(pub(crate) String);

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

pub(crate) fn dialect() -> impl clap::builder::TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(Dialect::as_str)).map(|name| {
        let named = |dialect: &Dialect| dialect.as_str() == name;
        Dialect::ALL.into_iter().find(named).expect("only the names of dialects are possible values")
    })
}

pub(crate) fn time_zone(text: &str) -> Result<TimeZone, String> {
    if let Ok(zone) = TimeZone::get(text) {
        return Ok(zone);
    }
    // `%:z` is an offset such as +02:00.
    jiff::fmt::strtime::parse("%:z", text)
        .ok()
        .and_then(|parsed| parsed.offset())
        .map(jiff::tz::Offset::to_time_zone)
        .ok_or_else(|| "not a time zone that this system knows, nor an offset such as +02:00".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "not a number of seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn time_zones_are_names_or_offsets() {
        assert_eq!(time_zone("UTC").unwrap(), TimeZone::UTC);
        let east = time_zone("+02:00").unwrap();
        assert_eq!(east.to_fixed_offset().unwrap().seconds(), 7200);
        assert!(time_zone("Mars/Olympus").is_err());
    }
}
