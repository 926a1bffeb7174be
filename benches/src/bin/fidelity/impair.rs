//! A worse network than loopback: some datagrams are lost, some come twice, some come late.

use restrike_benches::listing::Recorded;

/// A late datagram is at most this late.
const JITTER_MICROS: f64 = 80_000.0;

/// What the network does, each a probability per datagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Network {
    /// Never arrives.
    pub(crate) loss: f64,
    /// Arrives twice, the second time late.
    pub(crate) duplication: f64,
    /// Arrives late.
    pub(crate) reordering: f64,
}

impl Network {
    /// The one that the bounds speak of, with this much loss.
    pub(crate) const fn with_loss(loss: f64) -> Self {
        Self { loss, duplication: 0.02, reordering: 0.05 }
    }
}

/// The datagrams as they arrive over such a network, in the order of arrival. Same seed, same result.
pub(crate) fn impair(recorded: &[Recorded], network: Network, seed: u64) -> Vec<Recorded> {
    let mut random = SplitMix(seed);
    let mut arrived = Vec::with_capacity(recorded.len());
    for datagram in recorded {
        if random.chance(network.loss) {
            continue;
        }
        let copies = if random.chance(network.duplication) { 2 } else { 1 };
        for copy in 0..copies {
            let late = copy > 0 || random.chance(network.reordering);
            let delay = if late { (random.unit() * JITTER_MICROS) as u64 } else { 0 };
            arrived.push(Recorded { micros: datagram.micros + delay, ..datagram.clone() });
        }
    }
    arrived.sort_by_key(|datagram| datagram.micros);
    arrived
}

/// SplitMix64: a counter in steps of the golden ratio, scrambled. Small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// From 0 up to, not including, 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture() -> Vec<Recorded> {
        let address = "127.0.0.1:6000".parse().unwrap();
        (0..10_000_u64)
            .map(|index| Recorded {
                micros: index * 10_000,
                source: address,
                destination: address,
                bytes: index.to_be_bytes().to_vec(),
            })
            .collect()
    }

    #[test]
    fn a_perfect_network_changes_nothing() {
        let network = Network { loss: 0.0, duplication: 0.0, reordering: 0.0 };
        assert_eq!(impair(&capture(), network, 1), capture());
    }

    #[test]
    fn same_seed_same_result() {
        let network = Network::with_loss(0.05);
        assert_eq!(impair(&capture(), network, 1), impair(&capture(), network, 1));
        assert_ne!(impair(&capture(), network, 1), impair(&capture(), network, 2));
    }

    #[test]
    fn does_as_much_harm_as_it_says() {
        let sent = capture();
        let arrived = impair(&sent, Network::with_loss(0.2), 7);
        // 80 % arrive, 2 % of them twice.
        let expected = 0.8 * 1.02 * sent.len() as f64;
        assert!((arrived.len() as f64 - expected).abs() < 0.02 * expected, "{} arrived", arrived.len());
        assert!(arrived.is_sorted_by_key(|datagram| datagram.micros));
        let late = arrived.iter().filter(|datagram| datagram.micros % 10_000 != 0).count();
        let expected = (0.05 + 0.02) * 0.8 * sent.len() as f64;
        assert!((late as f64 - expected).abs() < 0.15 * expected, "{late} late");
        let sent_at =
            |datagram: &Recorded| u64::from_be_bytes(datagram.bytes[..].try_into().unwrap()) * 10_000;
        assert!(arrived.iter().all(|datagram| datagram.micros - sent_at(datagram) < 80_000));
    }
}
