//! Receiving beside a bare `recv_from` loop: its cost, its count of what the kernel dropped, and how much it lets
//! the kernel keep while nobody receives.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measured on Linux only");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        hint::black_box,
        io::ErrorKind,
        net::{SocketAddr, UdpSocket},
        process::ExitCode,
        thread,
        time::Duration,
    };

    use pss_protocol::parse;
    use restrike_benches::{listing, ratio};
    use restrike_server::{Clock, RECEIVE_BUFFER, Receiver, ReceiverConfig};
    use socket2::SockRef;

    /// Datagrams that wait when the receiving begins: far more than one batch holds, less than the buffer.
    const QUEUED: usize = 4_096;
    /// More than the largest buffer keeps.
    const FLOOD: usize = 20_000;

    pub(super) fn main() -> ExitCode {
        // Once and without bounds: `cargo bench -- --test` asks whether it works, not how fast.
        let test = std::env::args().any(|argument| argument == "--test");
        let recorded =
            listing::read(listing::CORPUS.as_ref(), "a1_bestof3_realtime").expect("the corpus is there");
        let payloads: Vec<_> = recorded.into_iter().map(|datagram| datagram.bytes).collect();
        let gates = [cost(&payloads, test), drops(&payloads), stall(&payloads)];
        if test || gates.iter().all(|&met| met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Prints a figure beside its bound.
    fn gate(what: &str, figure: f64, relation: char, bound: f64) -> bool {
        let met = if relation == '≤' { figure <= bound } else { figure >= bound };
        println!("{what:<58} {figure:>7.3} {relation} {bound} {}", if met { "" } else { "MISSED" });
        met
    }

    /// Processor time of receiving and parsing, by that of a loop that only receives, the queue deep.
    fn cost(payloads: &[Vec<u8>], test: bool) -> bool {
        let mut receiver = receiver(RECEIVE_BUFFER);
        let bare = bare(Some(RECEIVE_BUFFER));
        let mut buffer = [0; 2048];
        let mut receive_and_parse = || {
            fill(receiver.local_addr().expect("it is bound"), payloads, QUEUED);
            processor_time(|| {
                let mut left = QUEUED;
                while left > 0 {
                    let count = receiver.receive(|datagram| {
                        for parsed in parse(datagram.bytes) {
                            black_box(&parsed);
                        }
                    });
                    left -= some(count.expect("a socket that works"));
                }
            })
        };
        let mut only_receive = || {
            fill(bare.local_addr().expect("it is bound"), payloads, QUEUED);
            processor_time(|| {
                for _ in 0..QUEUED {
                    black_box(bare.recv_from(&mut buffer).expect("a socket that works"));
                }
            })
        };
        let mut ratios: Vec<f64> = (0..if test { 1 } else { 61 })
            .map(|round| {
                // The order alternates, so that what the first one pays is paid by both.
                let (ours, bare) = if round % 2 == 0 {
                    let ours = receive_and_parse();
                    (ours, only_receive())
                } else {
                    let bare = only_receive();
                    (receive_and_parse(), bare)
                };
                ours.as_secs_f64() / bare.as_secs_f64()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        println!("cost: {} pairs, {:.3} to {:.3}", ratios.len(), ratios[0], ratios[ratios.len() - 1]);
        gate("G4 receive and parse / bare recv_from, processor time", ratios[ratios.len() / 2], '≤', 1.1)
    }

    /// What is said to be dropped, less what really was, while the sender is much too fast.
    fn drops(payloads: &[Vec<u8>]) -> bool {
        let mut receiver = receiver(64 * 1024);
        let address = receiver.local_addr().expect("it is bound");
        let mut received = 0;
        thread::scope(|scope| {
            let sender = scope.spawn(|| fill(address, payloads, 10 * FLOOD));
            while !sender.is_finished() {
                received += receiver.receive(|_| {}).expect("a socket that works");
            }
        });
        received += receiver.drain(|_| {}).expect("a socket that works");
        let dropped = 10 * FLOOD - received;
        println!(
            "drops: {} sent, {received} received, {} said to be dropped",
            10 * FLOOD,
            receiver.drops_now()
        );
        assert!(dropped > 0, "nothing was dropped: nothing is tested");
        let error = receiver.drops_now() as f64 - dropped as f64;
        gate("G5 said to be dropped - (sent - received), magnitude", error.abs(), '≤', 0.0)
    }

    /// What survives while nobody receives, by what the system's default buffer keeps.
    fn stall(payloads: &[Vec<u8>]) -> bool {
        let mut receiver = receiver(RECEIVE_BUFFER);
        fill(receiver.local_addr().expect("it is bound"), payloads, FLOOD);
        let kept = receiver.drain(|_| {}).expect("a socket that works");

        let bare = bare(None);
        fill(bare.local_addr().expect("it is bound"), payloads, FLOOD);
        bare.set_nonblocking(true).expect("a socket that works");
        let by_default = (0..FLOOD).take_while(|_| is_there(&bare)).count();

        println!(
            "stall: {kept} kept, {by_default} by default; a buffer of {} bytes granted",
            receiver.buffer()
        );
        if receiver.buffer() < RECEIVE_BUFFER {
            println!("G7 not judged: the system does not grant {RECEIVE_BUFFER} bytes (net.core.rmem_max)");
            return true;
        }
        gate(
            "G7 datagrams kept while stalled / by the default buffer",
            kept as f64 / by_default as f64,
            '≥',
            35.0,
        )
    }

    /// What a piece of work costs this thread, in the kernel and outside.
    fn processor_time(work: impl FnOnce()) -> Duration {
        let before = ratio::Clock::ThreadCpu.now();
        work();
        ratio::Clock::ThreadCpu.now() - before
    }

    fn receiver(buffer: usize) -> Receiver {
        let mut config = ReceiverConfig::default();
        config.buffer = buffer;
        Receiver::bind(loopback(), Clock::start(), config).expect("loopback has a free port")
    }

    fn bare(buffer: Option<usize>) -> UdpSocket {
        let socket = UdpSocket::bind(loopback()).expect("loopback has a free port");
        if let Some(buffer) = buffer {
            SockRef::from(&socket).set_recv_buffer_size(buffer).expect("a socket that works");
        }
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a socket that works");
        socket
    }

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    /// Sends so many datagrams, as fast as it goes.
    fn fill(address: SocketAddr, payloads: &[Vec<u8>], count: usize) {
        let sender = UdpSocket::bind(loopback()).expect("loopback has a free port");
        sender.connect(address).expect("loopback is there");
        for payload in payloads.iter().cycle().take(count) {
            sender.send(payload).expect("loopback takes it");
        }
    }

    fn is_there(socket: &UdpSocket) -> bool {
        match socket.recv_from(&mut [0; 2048]) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }

    fn some(count: usize) -> usize {
        assert!(count > 0, "datagrams that were queued are missing");
        count
    }
}
