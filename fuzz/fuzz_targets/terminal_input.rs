//! Any bytes to `ivorylens::fuzz::terminal_input`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ivorylens::fuzz::terminal_input(bytes));
