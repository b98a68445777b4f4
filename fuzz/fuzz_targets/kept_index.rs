//! Any bytes to `ivorylens::fuzz::kept_index`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::kept_index(bytes));
