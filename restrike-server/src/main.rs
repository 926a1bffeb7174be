//! Settings, sockets, run, drain.

use std::{io, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser as _;
use restrike_server::{App, Args, Clock, Config, Demo, DemoData, shutdown};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .init();

    let config = match Config::load(&args, std::env::vars().collect()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if args.validate {
        eprintln!("the settings are valid");
        return ExitCode::SUCCESS;
    }
    match serve(config, &args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(mut config: Config, args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let demo_data = args.demo.then(|| DemoData::create(args.data_dir.as_deref())).transpose()?;
    if let Some(data) = &demo_data {
        config = data.apply(config);
    }
    let app = App::bind(&config)?;
    let result = runtime.block_on(async {
        let stop = shutdown::signal()?;
        app.announce(io::stdout().lock())?;
        let rings: Vec<_> = app.ring_addrs().into_iter().map(|(_, address)| address).collect();
        let _demo = demo_data.is_some().then(|| Demo::start(&rings, Clock::start())).transpose()?;
        if demo_data.is_some() {
            eprintln!("open http://{} to see a simulated match; Ctrl-C ends it", app.http_addr());
        }
        app.run(stop).await
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}
