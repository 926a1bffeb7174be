//! What is counted of the messages of one session, code and day.

use pss_protocol::RecognitionStatus;

use super::histogram::Histogram;

/// Counts of messages, and how long their way through the pipeline took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessingCounts {
    /// All of them.
    pub total: u64,
    /// Known, all understood, all rules hold.
    pub recognized: u64,
    /// Known; some field is missing, untrusted or surplus.
    pub partial: u64,
    /// The code is not known, or a rule of severity error fails.
    pub unknown: u64,
    /// Known, and retired in the protocol version.
    pub deprecated: u64,
    /// Those with a finding of severity error.
    pub errors: u64,
    /// Those whose processing was measured; what follows is about them.
    pub timed: u64,
    /// The sum of their times, in µs.
    pub sum_us: u64,
    /// The shortest, in µs.
    pub min_us: Option<u64>,
    /// The longest, in µs.
    pub max_us: Option<u64>,
    pub(super) histogram: Histogram,
}

impl ProcessingCounts {
    pub(super) fn add(&mut self, status: RecognitionStatus, error: bool, micros: Option<u64>) {
        self.total += 1;
        *self.of(status) += 1;
        self.errors += u64::from(error);
        if let Some(micros) = micros {
            self.timed += 1;
            self.sum_us = self.sum_us.saturating_add(micros);
            self.min_us = Some(self.min_us.map_or(micros, |min| min.min(micros)));
            self.max_us = self.max_us.max(Some(micros));
            self.histogram.add(micros);
        }
    }

    /// Takes one away that was added before. Whether the least or the greatest may have gone, which only those that
    /// are left can tell.
    pub(super) fn remove(&mut self, status: RecognitionStatus, error: bool, micros: Option<u64>) -> bool {
        self.total = self.total.saturating_sub(1);
        let of_status = self.of(status);
        *of_status = of_status.saturating_sub(1);
        self.errors = self.errors.saturating_sub(u64::from(error));
        let Some(micros) = micros else { return false };
        self.timed = self.timed.saturating_sub(1);
        self.sum_us = self.sum_us.saturating_sub(micros);
        self.histogram.remove(micros);
        self.min_us == Some(micros) || self.max_us == Some(micros)
    }

    pub(super) fn change_status(&mut self, old: RecognitionStatus, new: RecognitionStatus) {
        let of_old = self.of(old);
        *of_old = of_old.saturating_sub(1);
        *self.of(new) += 1;
    }

    /// The average, in µs.
    pub fn average_us(&self) -> Option<f64> {
        (self.timed > 0).then(|| self.sum_us as f64 / self.timed as f64)
    }

    /// At most so many µs took so many per cent of them: at most 1/16 more than exactly, and never more than the
    /// longest.
    pub fn percentile_us(&self, per_cent: u64) -> Option<u64> {
        Some(self.histogram.percentile(per_cent)?.min(self.max_us?))
    }

    /// Adds what others count, of another code, day or session.
    pub fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.recognized += other.recognized;
        self.partial += other.partial;
        self.unknown += other.unknown;
        self.deprecated += other.deprecated;
        self.errors += other.errors;
        self.timed += other.timed;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.min_us = [self.min_us, other.min_us].into_iter().flatten().min();
        self.max_us = self.max_us.max(other.max_us);
        self.histogram.merge(&other.histogram);
    }

    fn of(&mut self, status: RecognitionStatus) -> &mut u64 {
        match status {
            RecognitionStatus::Recognized => &mut self.recognized,
            RecognitionStatus::Partial => &mut self.partial,
            RecognitionStatus::Unknown => &mut self.unknown,
            RecognitionStatus::Deprecated => &mut self.deprecated,
        }
    }
}
