//! Bytes of an input, with as much look-ahead as a format needs.

use std::io::{self, Read};

/// A reader with a buffer that shows its content. Grows to what is asked for, so callers bound what they ask.
pub(crate) struct ByteSource {
    inner: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    position: u64,
    ended: bool,
}

/// One line of a text input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Without its line end.
    Whole(&'a [u8]),
    /// The last one, which has no line end.
    Open(&'a [u8]),
    /// Longer than the limit; skipped.
    TooLong,
}

const CAPACITY: usize = 256 * 1024;

impl ByteSource {
    pub(crate) fn new(inner: Box<dyn Read>) -> Self {
        Self { inner, buffer: vec![0; CAPACITY], start: 0, end: 0, position: 0, ended: false }
    }

    /// Where the next byte stands in the input.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// What is there without reading.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// At least `wanted` bytes, or all that are left of the input; more when they are there.
    pub(crate) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted && self.read_more(wanted)? {}
        Ok(self.buffered())
    }

    /// Reads once; `false` at the end of the input.
    pub(crate) fn read_more(&mut self, wanted: usize) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 && (self.start == self.end || self.start + wanted > self.buffer.len()) {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(wanted.max(self.buffer.len() * 2), 0);
        }
        let read = loop {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += read;
        self.ended = read == 0;
        Ok(!self.ended)
    }

    /// Done with the next `count` bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start, "only what is buffered can be consumed");
        self.start += count;
        self.position += count as u64;
    }

    /// Takes the next line, LF or CRLF; `None` at the end.
    pub(crate) fn line(&mut self, limit: usize) -> io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        let mut too_long = false;
        loop {
            if let Some(found) = find_newline(&self.buffered()[searched..]) {
                let length = searched + found;
                let from = self.start;
                self.consume(length + 1);
                let line = &self.buffer[from..from + length];
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let too_long = too_long || length > limit;
                return Ok(Some(if too_long { Line::TooLong } else { Line::Whole(line) }));
            }
            searched = self.buffered().len();
            if searched > limit {
                too_long = true;
                self.consume(searched);
                searched = 0;
            }
            if !self.read_more(searched + 1)? {
                let from = self.start;
                self.consume(searched);
                return Ok(match (too_long, searched) {
                    (true, _) => Some(Line::TooLong),
                    (false, 0) => None,
                    (false, _) => Some(Line::Open(&self.buffer[from..from + searched])),
                });
            }
        }
    }
}

fn find_newline(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow pipe does.
    struct Drops(Vec<u8>, usize);

    impl Read for Drops {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some(&byte) = self.0.get(self.1) else { return Ok(0) };
            into[0] = byte;
            self.1 += 1;
            Ok(1)
        }
    }

    fn lines(bytes: &[u8], limit: usize) -> Vec<String> {
        let mut source = ByteSource::new(Box::new(Drops(bytes.to_vec(), 0)));
        let mut lines = Vec::new();
        while let Some(line) = source.line(limit).unwrap() {
            lines.push(match line {
                Line::Whole(text) => format!("{}|", text.escape_ascii()),
                Line::Open(text) => text.escape_ascii().to_string(),
                Line::TooLong => "too long".to_owned(),
            });
        }
        assert_eq!(source.position(), bytes.len() as u64);
        lines
    }

    #[test]
    fn lines_of_every_ending() {
        assert_eq!(lines(b"a\r\n\nbc\nd", 10), ["a|", "|", "bc|", "d"]);
        assert_eq!(lines(b"", 10), [""; 0]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_skipped_and_the_next_one_read() {
        assert_eq!(lines(b"ok\n123456789\nafter\n", 5), ["ok|", "too long", "after|"]);
        assert_eq!(lines(b"123456789", 5), ["too long"]);
    }

    #[test]
    fn fill_gives_what_is_left() {
        let mut source = ByteSource::new(Box::new(Drops(b"abcdef".to_vec(), 0)));
        assert_eq!(source.fill(4).unwrap(), b"abcd");
        source.consume(3);
        assert_eq!(source.fill(9).unwrap(), b"def");
        assert_eq!(source.position(), 3);
    }
}
