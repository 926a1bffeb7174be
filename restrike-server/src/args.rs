//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// Hears what scoring systems say, keeps it and shows it live.
#[derive(Debug, Default, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Args {
    /// Settings in TOML; flags and RESTRIKE__SECTION__KEY variables come before it
    #[arg(long, value_name = "FILE", env = "RESTRIKE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where pages, API and feed are served [default: 127.0.0.1:8088]
    #[arg(long, value_name = "ADDR")]
    pub http: Option<SocketAddr>,
    /// A ring: its name, where its datagrams arrive, and its sender with the port that answers requests;
    /// replaces the rings of the file [default: 1=0.0.0.0:6000]
    #[arg(long, value_name = "NAME=UDPADDR[,SENDER:PORT]")]
    pub ring: Vec<String>,
    /// Where events are kept [default: DATA_DIR/restrike.db]
    #[arg(long, value_name = "PATH|URL")]
    pub database: Option<String>,
    /// Where everything of this server is kept: database, journal
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Serve the files of this directory instead of the built-in page
    #[arg(long, value_name = "DIR")]
    pub assets_dir: Option<PathBuf>,
    /// Show a simulated match, with a database of its own
    #[arg(long)]
    pub demo: bool,
    /// Check the settings and exit
    #[arg(long)]
    pub validate: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn verify_args() {
        super::Args::command().debug_assert();
    }
}
