#![no_main]
//! The door `warc` of `entry.rs`.

#[path = "../entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::at("warc", data));
