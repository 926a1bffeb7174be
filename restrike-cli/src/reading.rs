//! One input on its way into a pipeline: numbered, classified, narrowed, its damage told.

use std::{
    io::Read,
    net::{IpAddr, SocketAddr},
    path::Path,
    str::FromStr,
    time::Duration,
};

use anyhow::Context as _;
use pss_protocol::{Datagram, Flow, FlowClassifier, Monotonic, Pipeline, PipelineConfig, Sink};

use crate::{
    args::InputArgs,
    clock::Clock,
    input::{self, Input, InputDatagram, Step},
    output::{progress::Progress, text::Harmless},
    rings::Rings,
};

/// `--source`: an address, or an address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceFilter {
    address: IpAddr,
    port: Option<u16>,
}

impl FromStr for SourceFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse() {
            return Ok(Self { address, port: None });
        }
        let socket: SocketAddr = text.parse().map_err(|_| "neither an IP address nor IP:PORT")?;
        Ok(Self { address: socket.ip(), port: Some(socket.port()) })
    }
}

impl SourceFilter {
    fn admits(self, source: SocketAddr) -> bool {
        source.ip() == self.address && self.port.is_none_or(|port| port == source.port())
    }
}

/// An input being read.
pub(crate) struct Reading<'a> {
    name: String,
    args: &'a InputArgs,
    progress: &'a Progress,
    input: Input,
    datagram: InputDatagram,
    flow: Flow,
    flows: FlowClassifier,
    seq: u64,
    kept: u64,
    damage: u64,
}

/// How many complaints about one input are told one by one.
const MOST_COMPLAINTS: u64 = 10;
/// How often a pipeline wants to know the time while nothing arrives.
const TICK: Duration = Duration::from_millis(10);

/// Which side of the work failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// This input; others may do.
    Input(anyhow::Error),
    /// The output; nothing is left to be done.
    Output(anyhow::Error),
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Datagrams that were not narrowed away.
    pub(crate) kept: u64,
    /// Places where it could not be read.
    pub(crate) damage: u64,
}

impl<'a> Reading<'a> {
    /// Opens a file, or the standard input.
    pub(crate) fn open(path: &Path, args: &'a InputArgs, progress: &'a Progress) -> anyhow::Result<Self> {
        let (bytes, _) = input::open(path)?;
        Self::new(path, bytes, args, progress)
    }

    /// Reads what is at hand already under the name of `path`.
    pub(crate) fn new(
        path: &Path,
        bytes: Box<dyn Read>,
        args: &'a InputArgs,
        progress: &'a Progress,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            name: Harmless(path.display()).to_string(),
            args,
            progress,
            input: Input::new(progress.wrap(bytes), &args.time_zone)?,
            datagram: InputDatagram::default(),
            flow: Flow::default(),
            flows: FlowClassifier::new(),
            seq: 0,
            kept: 0,
            damage: 0,
        })
    }

    /// How a pipeline has to read this input.
    pub(crate) fn pipeline_config(&self) -> PipelineConfig {
        let mut config = PipelineConfig::default();
        config.dialect = self.args.dialect;
        config.off_the_wire = self.input.off_the_wire();
        config
    }

    /// The next datagram that was not narrowed away. `seq` counts all of them, so that a datagram has the same
    /// number however the reading is narrowed.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Datagram<'_>>> {
        loop {
            match self.input.next(&mut self.datagram).context("cannot be read")? {
                Step::End => return Ok(None),
                Step::Damage(damage) => {
                    self.damage += 1;
                    if self.damage <= MOST_COMPLAINTS {
                        self.progress.complain(format_args!("warning: {}: {}", self.name, Harmless(&damage)));
                    }
                }
                Step::Datagram => {
                    self.seq += 1;
                    let (source, destination) = (self.datagram.source, self.datagram.destination);
                    let classified = self.flows.classify(source, destination, &self.datagram.bytes);
                    self.flow = self.datagram.flow.unwrap_or(classified);
                    if self.admits() {
                        self.kept += 1;
                        return Ok(Some(self.stamped()));
                    }
                }
            }
        }
    }

    /// Whether the next datagram may be long in coming, so that what is written should be shown.
    pub(crate) fn drained(&self) -> bool {
        self.input.drained()
    }

    /// Gives all that is left to a pipeline and calls `after` behind each datagram, with the sink and whether
    /// the next datagram may be long in coming.
    pub(crate) fn feed<S: Sink>(
        &mut self,
        pipeline: &mut Pipeline<S>,
        mut after: impl FnMut(&mut S, bool) -> anyhow::Result<()>,
    ) -> Result<(), Failure> {
        let mut last = Monotonic::default();
        while let Some(datagram) = self.next().map_err(Failure::Input)? {
            let now = datagram.arrival.mono;
            if now.since(last) >= TICK {
                pipeline.tick(now);
            }
            last = now;
            pipeline.ingest(&datagram);
            let drained = self.drained();
            after(pipeline.sink_mut(), drained).map_err(Failure::Output)?;
        }
        Ok(())
    }

    /// Gives all that is left to a pipeline for each ring and calls `after` behind each datagram with how
    /// long its way through the pipeline took. `begin` makes the pipeline of a ring from its number, counted from 0, and the place that its datagrams go to. What was
    /// fed comes back even when the rest cannot be.
    pub(crate) fn feed_rings<S: Sink>(
        &mut self,
        mut begin: impl FnMut(usize, Option<SocketAddr>, PipelineConfig) -> Result<Pipeline<S>, Failure>,
        mut after: impl FnMut(&mut S, Duration),
    ) -> (Vec<Pipeline<S>>, Result<(), Failure>) {
        let mut fed = Vec::new();
        let result = self.feed_each(&mut fed, &mut begin, &mut after);
        (fed.into_iter().map(|(pipeline, _)| pipeline).collect(), result)
    }

    fn feed_each<S: Sink>(
        &mut self,
        fed: &mut Vec<(Pipeline<S>, Monotonic)>,
        begin: &mut impl FnMut(usize, Option<SocketAddr>, PipelineConfig) -> Result<Pipeline<S>, Failure>,
        after: &mut impl FnMut(&mut S, Duration),
    ) -> Result<(), Failure> {
        let config = self.pipeline_config();
        let clock = Clock::start();
        let mut rings = Rings::default();
        let mut copies = 0_u64;
        while self.next().map_err(Failure::Input)?.is_some() {
            let datagram = self.stamped();
            let Some(ring) = rings.of(&datagram, self.datagram.destination) else {
                copies += 1;
                continue;
            };
            if ring == fed.len() {
                fed.push((begin(ring, rings.place(ring), config)?, Monotonic::default()));
            }
            let (pipeline, last) = &mut fed[ring];
            let now = datagram.arrival.mono;
            if now.since(*last) >= TICK {
                pipeline.tick(now);
            }
            *last = now;
            let began = clock.elapsed();
            pipeline.ingest(&datagram);
            after(pipeline.sink_mut(), clock.elapsed().saturating_sub(began));
        }
        if copies > 0 {
            let name = &self.name;
            self.progress.complain(format_args!(
                "warning: {name}: {copies} datagrams to further receivers are copies and were left out"
            ));
        }
        Ok(())
    }

    /// Places so far that could not be read.
    pub(crate) fn damage(&self) -> u64 {
        self.damage
    }

    /// Says what is left to say of the input.
    pub(crate) fn finish(self) -> Summary {
        let Self { name, progress, .. } = &self;
        if self.damage > MOST_COMPLAINTS {
            progress.complain(format_args!(
                "warning: {name}: {} more places that cannot be read",
                self.damage - MOST_COMPLAINTS
            ));
        }
        if self.seq == 0 {
            progress.complain(format_args!("warning: {name}: holds no datagram"));
        } else if self.kept == 0 {
            let all = self.seq;
            progress.complain(format_args!(
                "warning: {name}: --port and --source leave none of its {all} datagrams"
            ));
        }
        Summary { kept: self.kept, damage: self.damage }
    }

    fn admits(&self) -> bool {
        let InputDatagram { source, destination, .. } = &self.datagram;
        self.args.port.is_none_or(|port| destination.is_some_and(|to| to.port() == port))
            && self.args.source.is_none_or(|filter| source.is_some_and(|source| filter.admits(source)))
    }

    fn stamped(&self) -> Datagram<'_> {
        let InputDatagram { arrival, source, bytes, .. } = &self.datagram;
        Datagram { seq: self.seq, arrival: *arrival, source: *source, flow: self.flow, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_with_and_without_a_port() {
        let address: SourceFilter = "127.0.0.1".parse().unwrap();
        let socket: SourceFilter = "[::1]:5".parse().unwrap();
        assert!(address.admits("127.0.0.1:9".parse().unwrap()));
        assert!(!address.admits("127.0.0.2:9".parse().unwrap()));
        assert!(socket.admits("[::1]:5".parse().unwrap()));
        assert!(!socket.admits("[::1]:6".parse().unwrap()));
        assert!("localhost".parse::<SourceFilter>().is_err());
    }
}
