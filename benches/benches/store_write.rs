//! Writing beside what the disk and SQLite can do: rows in bulk, from the hand-over to durable, and at speed.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    process::ExitCode,
    sync::mpsc,
    thread,
    time::Duration,
};

use pss_store::{SessionKind, Store, StoreConfig, WhenFull};
use restrike_benches::{
    day::{self, Day},
    ratio::{self, Bound, Contest, Gate, median},
    sqlite::Rows,
};

/// Datagrams of the bulk import.
const BULK: usize = 50_000;
const ROUNDS: usize = 7;
/// Datagrams a second of the latency and of the sustained run.
const PACE: u64 = 10_000;
const SUSTAINED: u64 = 50_000;

fn main() -> ExitCode {
    let test = std::env::args().any(|argument| argument == "--test");
    let day = Day::captures();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bulk = bulk(&day, folder.path(), test);
    let met = [bulk, latency(&day, folder.path(), test), sustained(&day, folder.path(), test)];
    if test || met.iter().all(|&met| met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// G8: all that comes of the datagrams, against a loop of prepared statements that has the same rows at hand. Ours
/// parses, judges and rebuilds the matches on the way.
fn bulk(day: &Day, folder: &Path, test: bool) -> bool {
    let count = if test { 2_000 } else { BULK };
    let model = folder.join("model.db");
    import(day, &model, count);
    let rows = Rows::read(&model).expect("the database can be read");
    let expected = rows.write(&folder.join("check.db")).expect("the rows fit their schema");
    println!("bulk: {count} datagrams are {expected} rows");
    let (ours, bare) = (folder.join("ours.db"), folder.join("bare.db"));
    // The pass counts rows; the gate is on the time for the same rows, so it is turned over.
    let gate = Gate {
        name: "G8",
        numerator: "prepared statements",
        denominator: "import",
        bound: Bound::AtLeast(0.6),
    };
    Contest::new("bulk")
        .clock(ratio::Clock::Wall)
        .rounds(ROUNDS)
        .entrant("import", || {
            remove(&ours);
            import(day, &ours, count);
            expected
        })
        .entrant("prepared statements", || {
            remove(&bare);
            rows.write(&bare).expect("the rows fit their schema")
        })
        .judge(&[gate])
        .passed
}

fn import(day: &Day, path: &Path, count: usize) {
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    let session = day::begin(&store, "1", SessionKind::Replay);
    let mut way = day::way(&store, session, WhenFull::Wait);
    day.datagrams(count).for_each(|datagram| day::ingest(&mut way, &datagram));
    day::finish(&store, way);
    store.close().expect("the disk takes it");
}

/// G10, G11, G12: from the hand-over to durable, beside overwriting and syncing one page, in turns.
fn latency(day: &Day, folder: &Path, test: bool) -> bool {
    let rounds = if test { 1 } else { ROUNDS };
    let (mut alone, mut paced, mut windowed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let seconds = if test { 0.05 } else { 1.0 };
        let sync = raw_sync(&folder.join("sync"), if test { 10 } else { 300 });
        let single = one_by_one(day, &folder.join(format!("single-{round}.db")), if test { 10 } else { 300 });
        let greedy = at_pace(day, &folder.join(format!("greedy-{round}.db")), seconds);
        let window = in_windows(&folder.join(format!("window-{round}.db")), seconds);
        println!(
            "latency: p50 sync {sync:.0} µs, one by one {single:.0}, at {PACE}/s {greedy:.0}, in windows of 10 ms {window:.0}"
        );
        alone.push(single / sync);
        paced.push(greedy / sync);
        windowed.push(greedy / window);
    }
    let alone = report("G10 one datagram's commit / fdatasync, p50", &alone, 1.5);
    let paced = report("G11 hand-over to durable at 10,000/s / fdatasync, p50", &paced, 2.5);
    let windowed = report("G12 the same / a commit window of 10 ms, p50", &windowed, 0.10);
    alone && paced && windowed
}

fn report(what: &str, ratios: &[f64], bound: f64) -> bool {
    let ratio = median(ratios);
    let met = ratio <= bound;
    println!("{what:<58} {ratio:>7.3} ≤ {bound} {}", if met { "" } else { "MISSED" });
    met
}

/// The median of overwriting 4 KiB and syncing, in µs.
fn raw_sync(path: &Path, count: usize) -> f64 {
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(path).expect("a file");
    (&file).write_all(&[0; 64 * 4096]).and_then(|()| file.sync_all()).expect("the disk takes it");
    let pass = |index: usize| {
        let page = [index as u8; 4096];
        let began = ratio::Clock::Wall.now();
        write_and_sync(&file, &page, (index % 64) as u64 * 4096);
        micros(ratio::Clock::Wall.now() - began)
    };
    median(&(0..count).map(pass).collect::<Vec<_>>())
}

fn write_and_sync(mut file: &File, page: &[u8], at: u64) {
    let written = file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(page));
    written.and_then(|()| file.sync_data()).expect("the disk takes it");
}

/// The median of one datagram at a time, each waited for.
fn one_by_one(day: &Day, path: &Path, count: usize) -> f64 {
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    let session = day::begin(&store, "1", SessionKind::Live);
    let mut way = day::way(&store, session, WhenFull::Drop);
    let mut took = Vec::with_capacity(count);
    for datagram in day.datagrams(count) {
        let began = ratio::Clock::Wall.now();
        day::ingest(&mut way, &datagram);
        store.flush().expect("the disk takes it");
        took.push(micros(ratio::Clock::Wall.now() - began));
    }
    day::finish(&store, way);
    median(&took)
}

/// The median at a steady pace: the thread that hands over watches what is durable while it waits for its next
/// turn.
fn at_pace(day: &Day, path: &Path, seconds: f64) -> f64 {
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    let session = day::begin(&store, "1", SessionKind::Live);
    let mut way = day::way(&store, session, WhenFull::Drop);
    let mut pace = Pace::new(PACE);
    let mut waiting: VecDeque<Duration> = VecDeque::new();
    let (mut durable, mut took) = (0, Vec::new());
    let mut watch = |waiting: &mut VecDeque<Duration>| {
        let written = store.status().written.datagrams;
        let now = ratio::Clock::Wall.now();
        for began in waiting.drain(..(written - durable) as usize) {
            took.push(micros(now - began));
        }
        durable = written;
    };
    for datagram in day.datagrams((PACE as f64 * seconds) as usize) {
        while !pace.is_due() {
            watch(&mut waiting);
        }
        waiting.push_back(ratio::Clock::Wall.now());
        day::ingest(&mut way, &datagram);
    }
    while !waiting.is_empty() {
        watch(&mut waiting);
    }
    day::finish(&store, way);
    median(&took)
}

/// The same with a writer that commits every 10 ms: a table, an insert, and no more.
fn in_windows(path: &Path, seconds: f64) -> f64 {
    let (send, receive) = mpsc::channel::<Duration>();
    let path = path.to_owned();
    let writer = thread::spawn(move || {
        let mut connection = rusqlite::Connection::open(path).expect("a new database");
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (seq INTEGER PRIMARY KEY, at INTEGER)";
        connection.execute_batch(setup).expect("a new database takes a table");
        let mut took = Vec::new();
        while let Ok(first) = receive.recv() {
            thread::sleep(Duration::from_millis(10));
            let group: Vec<Duration> = std::iter::once(first).chain(receive.try_iter()).collect();
            let transaction = connection.transaction().expect("nobody else writes");
            {
                let mut insert =
                    transaction.prepare_cached("INSERT INTO t (at) VALUES (?)").expect("the table is there");
                for began in &group {
                    insert.execute([began.as_micros() as i64]).expect("the disk takes it");
                }
            }
            transaction.commit().expect("the disk takes it");
            let now = ratio::Clock::Wall.now();
            took.extend(group.iter().map(|began| micros(now - *began)));
        }
        took
    });
    let mut pace = Pace::new(PACE);
    for _ in 0..(PACE as f64 * seconds) as usize {
        while !pace.is_due() {
            std::hint::spin_loop();
        }
        send.send(ratio::Clock::Wall.now()).expect("the writer listens");
    }
    drop(send);
    median(&writer.join().expect("the writer ends"))
}

/// 50,000 datagrams a second for some seconds: the queue takes them all, and the writer keeps up.
fn sustained(day: &Day, folder: &Path, test: bool) -> bool {
    let seconds = if test { 0.1 } else { 5.0 };
    let count = (SUSTAINED as f64 * seconds) as usize;
    let store = Store::open(StoreConfig::new(folder.join("sustained.db"))).expect("a new database");
    let session = day::begin(&store, "1", SessionKind::Live);
    let mut way = day::way(&store, session, WhenFull::Drop);
    let began = ratio::Clock::Wall.now();
    let mut pace = Pace::new(SUSTAINED);
    let mut most_waiting = 0;
    for datagram in day.datagrams(count) {
        while !pace.is_due() {
            std::hint::spin_loop();
        }
        day::ingest(&mut way, &datagram);
        if datagram.seq % 1024 == 0 {
            most_waiting = most_waiting.max(store.status().waiting);
        }
    }
    let offered = ratio::Clock::Wall.now() - began;
    store.flush().expect("the disk takes it");
    let durable = ratio::Clock::Wall.now() - began;
    let dropped = store.status().dropped;
    day::finish(&store, way);
    let rate = count as f64 / durable.as_secs_f64();
    println!(
        "sustained: {count} datagrams offered in {:.2} s, durable after {:.2} s, at most {most_waiting} waiting, \
         {dropped} dropped",
        offered.as_secs_f64(),
        durable.as_secs_f64()
    );
    // What waits at the end is written after the last was offered; a tenth more time is what that may take.
    let met = dropped == 0 && rate >= 0.9 * SUSTAINED as f64;
    println!(
        "{:<58} {rate:>7.0} ≥ {SUSTAINED} {}",
        "datagrams a second, none dropped",
        if met { "" } else { "MISSED" }
    );
    met
}

/// Turns at equal distances; who is late makes up for it.
struct Pace {
    began: Duration,
    done: u64,
    per_second: u64,
}

impl Pace {
    fn new(per_second: u64) -> Self {
        Self { began: ratio::Clock::Wall.now(), done: 0, per_second }
    }

    /// Whether it is time for the next; if so it counts as done.
    fn is_due(&mut self) -> bool {
        let turns = (ratio::Clock::Wall.now() - self.began).as_micros() as u64 * self.per_second / 1_000_000;
        let due = turns > self.done;
        self.done += u64::from(due);
        due
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn remove(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(name);
    }
}
