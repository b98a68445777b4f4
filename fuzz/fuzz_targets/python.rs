//! Any bytes to `ivorylens::fuzz::python`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::python(bytes));
