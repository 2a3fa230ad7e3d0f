#![no_main]
//! The door `markdown` of `entry.rs`.

#[path = "../entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::at("markdown", data));
