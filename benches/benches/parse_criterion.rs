//! The parser for reading: absolute times, by kind of message. The gates are in `parse.rs`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pss_protocol::parse;
use restrike_benches::corpus::Corpus;

fn mixes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse/mix");
    for (name, corpus) in
        [("synthetic", Corpus::synthetic(20_000, 42)), ("captures", Corpus::captures(9, 42))]
    {
        group.throughput(Throughput::Elements(corpus.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| corpus.iter().flat_map(parse).filter(|parsed| parsed.flaw.is_none()).count());
        });
    }
    group.finish();
}

fn kinds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse/kind");
    for datagram in [
        "clk;01:59\r\n",
        "hl1;34\r\n",
        "sc1;4;sc2;1\r\n",
        "s11;4;s21;1;s12;0;s22;0;s13;0;s23;0\r\n",
        "at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN\r\n",
        "mch;101;Round of 16;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;b6c1;SENIORS;3;120;cntDown;27;10\r\n",
        "xyz;1;2\r\n",
    ] {
        let name = datagram.split(';').next().expect("a code");
        group.throughput(Throughput::Bytes(datagram.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| parse(std::hint::black_box(datagram.as_bytes())).count());
        });
    }
    group.finish();
}

criterion_group!(benches, mixes, kinds);
criterion_main!(benches);
