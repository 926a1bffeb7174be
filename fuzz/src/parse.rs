//! Reading never fails and never drops a byte.

use pss_protocol::{
    LineEndRule, parse_with,
    shape::{LONGEST_SHAPE, shape, suggest},
};

/// The messages of a datagram partition it: in order, without gaps, to the last byte. So they do whatever is
/// known of the sender's line ends. The shape of each is bounded, and so is the score of what is suggested for it.
pub fn parse(datagram: &[u8]) {
    for rule in [LineEndRule::Any, LineEndRule::CrLf] {
        let mut end = 0;
        let mut messages = 0;
        for parsed in parse_with(datagram, rule) {
            let span = parsed.span.range();
            assert_eq!(span.start, end, "message {messages} leaves a gap: {parsed:?}");
            assert!(span.end > span.start || datagram.is_empty(), "message {messages} is empty");
            end = span.end;
            messages += 1;
            let message = &datagram[span];
            assert!(shape(message).len() <= LONGEST_SHAPE, "a shape without bounds");
            if let Some(suggestion) = suggest(message) {
                assert!((0.5..=1.0).contains(&suggestion.score), "{suggestion:?}");
            }
        }
        assert_eq!(end, datagram.len(), "bytes are left over");
        assert!(messages > 0, "a datagram holds at least one message");
    }
}
