//! One piece of work, done inside [`measured`], for a profiler that counts instructions (`tests/with-valgrind.sh`).
//!
//! ```text
//! instructions page                 extraction of one page of about 60 kB
//! instructions scraper              what `scraper` needs to parse the same page
//! instructions query CLASS INDEX    the queries of a class, each answered whole
//! instructions classes              names of the classes
//! ```

#[path = "../benches/generator/mod.rs"]
mod generator;

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use deepcut::engine::tantivy::TantivyReader;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::source::{Content, RawDocument};
use deepcut::{extract, query};
use generator::Generator;

/// The work that is counted.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

fn page() -> String {
    let generator = Generator::new(1);
    let pages = (0..200).map(|n| generator.page(&generator.post(n)));
    pages
        .min_by_key(|page| page.len().abs_diff(60_000))
        .unwrap_or_default()
}

fn document(html: String) -> RawDocument {
    RawDocument {
        reader: "html",
        path: "page.html".to_owned(),
        inner: String::new(),
        entry: String::new(),
        content: Content::Html {
            html,
            url: None,
            captured: None,
        },
    }
}

fn answer(engine: &TantivyReader, text: &str) -> Result<u64, deepcut::error::Error> {
    let options = SearchOptions::new(text, 10);
    Ok(engine.search(&query::parse(text), &options)?.total)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["page"] => {
            let document = document(page());
            // Patterns are compiled when they are first needed.
            extract::extract(document.clone());
            measured(|| extract::extract(document));
        }
        ["scraper"] => {
            let page = page();
            measured(|| scraper::Html::parse_document(&page));
        }
        ["query", class, index] => {
            let engine = TantivyReader::open(Path::new(index))?;
            let classes = Generator::new(1).queries();
            let found = classes.iter().find(|(name, _)| *name == class);
            let (_, queries) = found.ok_or("no such class")?;
            answer(&engine, "nothing")?;
            let answered = measured(|| -> Result<usize, deepcut::error::Error> {
                let mut answered = 0;
                for one in queries {
                    answered += usize::from(answer(&engine, one)? > 0);
                }
                Ok(answered)
            })?;
            // Some negations leave nothing.
            if answered * 2 < queries.len() {
                return Err(format!("{class}: {answered} answered").into());
            }
        }
        ["classes"] => {
            for (name, _) in Generator::new(1).queries() {
                println!("{name}");
            }
        }
        _ => {
            return Err(
                "instructions page|scraper|query|classes: see the head of instructions.rs".into(),
            );
        }
    }
    Ok(())
}
