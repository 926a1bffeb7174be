//! The way of a datagram: judged, told apart, handed on and written down.

/// The journal's lines.
mod capture;
/// Reads the corpus' listings.
mod corpus;
/// Telling the dialect from the traffic.
mod dialect;
/// Telling requests and answers from broadcasts.
mod flow;
/// All of it over the captures of a real sender.
mod pipeline;
/// The JSON of a record.
#[cfg(feature = "serde")]
mod record_line;
/// Status, confidence, findings, and rules that are refused.
mod rules;
/// Replayed faster than it was recorded.
mod speed;
