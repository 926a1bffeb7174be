//! What goes towards the sender.

use crate::{LineEnd, Message, Parsed, Request, Span};

/// Reads a datagram that goes towards the sender, as the sender reads it: lines that end in CRLF or with the
/// datagram, each of them one of the ten words of [`Request`] exactly. Everything else, whatever it looks
/// like, is [`Message::Garbage`] to a sender and stays without an answer.
pub(crate) fn parse_requests(datagram: &[u8]) -> Requests<'_> {
    Requests { datagram, position: Some(0) }
}

/// The lines of a datagram towards the sender; at least one.
pub(crate) struct Requests<'a> {
    datagram: &'a [u8],
    /// Where the next line begins; `None` after the last.
    position: Option<usize>,
}

impl<'a> Iterator for Requests<'a> {
    type Item = Parsed<'a>;

    fn next(&mut self) -> Option<Parsed<'a>> {
        let start = self.position?;
        let rest = &self.datagram[start..];
        let (line, end, len) = match rest.windows(2).position(|pair| pair == b"\r\n") {
            Some(len) => (&rest[..len], LineEnd::CrLf, len + 2),
            None => (rest, LineEnd::None, rest.len()),
        };
        self.position = Some(start + len).filter(|&next| next < self.datagram.len());
        let message = match Request::ALL.iter().find(|request| request.wire().as_bytes() == line) {
            Some(&request) => Message::Request { request },
            None => Message::Garbage { bytes: rest[..len].into() },
        };
        Some(Parsed { message, span: Span::new(start, start + len), end, flaw: None })
    }
}

/// What a datagram asks for, line by line; nothing for what is no request.
pub(crate) fn requested(datagram: &[u8]) -> impl Iterator<Item = Request> {
    parse_requests(datagram).filter_map(|parsed| match parsed.message {
        Message::Request { request } => Some(request),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn lines(datagram: &[u8]) -> Vec<(Option<Request>, core::ops::Range<usize>)> {
        parse_requests(datagram)
            .map(|parsed| match parsed.message {
                Message::Request { request } => (Some(request), parsed.span.range()),
                _ => (None, parsed.span.range()),
            })
            .collect()
    }

    #[test]
    fn only_exact_words_ask() {
        assert_eq!(lines(b"clock"), [(Some(Request::Clock), 0..5)]);
        assert_eq!(lines(b"clock\r\n"), [(Some(Request::Clock), 0..7)]);
        assert_eq!(lines(b"winperiods;\r\n"), [(Some(Request::WinPeriods), 0..13)]);
        for not in [
            &b"CLOCK\r\n"[..],
            b"clock\n",
            b"clock;\r\n",
            b" clock\r\n",
            b"clockx\n",
            b"winperiods\r\n",
            b"pt1;3\r\n",
        ] {
            assert_eq!(lines(not), [(None, 0..not.len())]);
        }
    }

    #[test]
    fn every_line_asks_for_itself() {
        let both = [(Some(Request::Scores), 0..8), (Some(Request::Period), 8..16)];
        assert_eq!(lines(b"scores\r\nperiod\r\n"), both);
        assert_eq!(lines(b"clock\r\nyy"), [(Some(Request::Clock), 0..7), (None, 7..9)]);
    }

    #[test]
    fn nothing_is_one_empty_line() {
        assert_eq!(lines(b""), [(None, 0..0)]);
        assert_eq!(lines(b"\r\n"), [(None, 0..2)]);
    }
}
