//! Every test of the program from outside: the real binary, real files, a real index.
//!
//! One program, so that it is linked once. `cargo test --test suite killed::` runs one part of it.

mod archive;
#[path = "../../benches/generator/mod.rs"]
mod generator;
mod large;
mod reading;

mod ambiguous;
mod artists;
mod bench;
mod bounds;
mod campaign;
mod captures;
mod cli;
mod command_line;
mod corpus;
mod crawl;
mod doctor;
mod documentation;
mod exports;
mod floors;
mod generated;
mod gold_comments;
mod history;
mod interrupted;
mod judged;
mod killed;
mod many_posts;
mod names;
mod playlists;
mod ranking;
mod readers;
mod recovery;
mod roots;
mod sources;
mod tidy;
mod unreadable;
mod versions;
