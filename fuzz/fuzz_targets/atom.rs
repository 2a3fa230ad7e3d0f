#![no_main]
//! The door `atom` of `entry.rs`.

#[path = "../entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::at("atom", data));
