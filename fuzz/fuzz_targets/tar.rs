#![no_main]
//! The door `tar` of `entry.rs`.

#[path = "../entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::at("tar", data));
