//! Any bytes to `ivorylens::fuzz::log_entries`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::log_entries(bytes));
