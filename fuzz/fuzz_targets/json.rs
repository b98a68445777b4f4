//! Any bytes to `ivorylens::fuzz::json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::json(bytes));
