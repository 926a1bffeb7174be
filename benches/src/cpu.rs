//! The cost of a piece of work in processor time, which other programs do not change much.

use std::time::Duration;

/// The processor time that this thread has used, in the kernel and outside.
#[cfg(target_os = "linux")]
pub fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on every Linux, and the pointer is to a `timespec` of ours.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "the clock of the thread can always be read");
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned() as u32)
}

/// The processor time of a piece of work.
#[cfg(target_os = "linux")]
pub fn cost(work: impl FnOnce()) -> Duration {
    let before = thread_time();
    work();
    thread_time() - before
}
