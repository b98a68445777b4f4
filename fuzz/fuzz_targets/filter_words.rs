//! Any bytes to `ivorylens::fuzz::filter_words`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::filter_words(bytes));
