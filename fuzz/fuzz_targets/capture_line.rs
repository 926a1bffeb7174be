#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| restrike_fuzz::capture_line(data));
