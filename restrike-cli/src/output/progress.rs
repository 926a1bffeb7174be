//! The progress bar, and the complaints beside it.

use std::{
    fmt,
    io::{self, IsTerminal as _, Read},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::complain;

/// How far the reading is; shown on a terminal only.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// `total` bytes are to be read, where that is known. `prints`: the data go to the standard output, so
    /// when that is the same terminal a bar would run through them.
    pub(crate) fn new(total: Option<u64>, prints: bool) -> Self {
        let shown = io::stderr().is_terminal() && !(prints && io::stdout().is_terminal());
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = match total {
            Some(_) => "{bar:40} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}",
        };
        let style = ProgressStyle::with_template(style).expect("the template is a literal");
        Self(ProgressBar::with_draw_target(total, target).with_style(style))
    }

    /// Counts what is read through it.
    pub(crate) fn wrap(&self, reader: Box<dyn Read>) -> Box<dyn Read> {
        if self.0.is_hidden() { reader } else { Box::new(self.0.wrap_read(reader)) }
    }

    /// Says something without running into the bar.
    pub(crate) fn complain(&self, text: fmt::Arguments<'_>) {
        self.0.suspend(|| complain(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
