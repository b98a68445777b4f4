//! Any bytes to `ivorylens::fuzz::csv_views`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::csv_views(bytes));
