//! Writes an archive of any size, the same one for the same seed.
//!
//! ```text
//! cargo run --release --example generate -- --posts 100000 --seed 1 --format html --out archive
//! ```

#[path = "../benches/generator/mod.rs"]
mod generator;

use std::path::PathBuf;

use clap::Parser;
use generator::{Form, Generator};

/// Write a generated archive.
#[derive(Parser)]
struct Arguments {
    /// How many posts
    #[arg(long, default_value_t = 1000, value_name = "N")]
    posts: u64,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// A page a post, or one file with a post a line
    #[arg(long, default_value = "html", value_parser = ["html", "jsonl"])]
    format: String,
    /// Folder to write into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let form = match arguments.format.as_str() {
        "jsonl" => Form::Jsonl,
        _ => Form::Html,
    };
    let written = Generator::new(arguments.seed).write(&arguments.out, arguments.posts, form)?;
    println!(
        "{} posts, {} tracks, {} comments, {} bytes",
        written.posts, written.tracks, written.comments, written.bytes
    );
    Ok(())
}
