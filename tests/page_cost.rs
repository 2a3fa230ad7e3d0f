//! What reading one page costs, against bare `scraper` on the same pages in the same process.
//!
//! `cargo test --release --test page_cost -- --ignored --nocapture`; `DEEPCUT_GOLD` adds its pages.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deepcut::source::{Content, RawDocument};
use deepcut::text::{charset, lines, page::Page};

#[path = "../src/text/page/generated_tests.rs"]
#[allow(dead_code)]
mod generated;

/// One stage: its name, and what it does with a page.
type Stage = (&'static str, fn(&str, &Page));

const STAGES: &[Stage] = &[
    ("bare scraper", |html, _| {
        black_box(scraper::Html::parse_document(html));
    }),
    ("Page::parse", |html, _| {
        black_box(Page::parse(html));
    }),
    ("lines::of_page, whole page", |_, page| {
        black_box(lines::of_page(page, page.root(), &|_| false));
    }),
    ("Page::text, whole page", |_, page| {
        black_box(page.text(page.root()));
    }),
    ("comments::of_page", |_, page| {
        black_box(deepcut::extract::comments::of_page(page, None));
    }),
    ("whole extraction", |html, _| {
        black_box(deepcut::extract::extract(RawDocument {
            reader: "html",
            path: "2014/05/page.html".to_owned(),
            inner: String::new(),
            entry: String::new(),
            content: Content::Html {
                html: html.to_owned(),
                url: None,
                captured: None,
            },
        }));
    }),
];

fn measure(name: &str, pages: &[String]) {
    let parsed: Vec<Page> = pages.iter().map(|p| Page::parse(p)).collect();
    let bytes: usize = pages.iter().map(String::len).sum();
    // Rounds are interleaved, so that a busy machine disturbs all stages alike.
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); STAGES.len()];
    for _ in 0..9 {
        for (stage, times) in STAGES.iter().zip(&mut times) {
            let start = Instant::now();
            for (html, page) in pages.iter().zip(&parsed) {
                stage.1(html, page);
            }
            times.push(start.elapsed());
        }
    }
    println!(
        "{name}: {} pages of {} kB",
        pages.len(),
        bytes / pages.len() / 1000
    );
    let mut base = 0.0;
    for (stage, times) in STAGES.iter().zip(&mut times) {
        times.sort();
        let micros = times[times.len() / 2].as_secs_f64() * 1e6 / pages.len() as f64;
        if base == 0.0 {
            base = micros;
        }
        println!(
            "  {:28} {micros:8.0} us/page  {:.2} x scraper",
            stage.0,
            micros / base
        );
    }
}

fn gold(folder: &Path, out: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gold(&path, out);
        } else if path.to_string_lossy().ends_with(".html.gz") {
            let raw = std::fs::read(&path).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(
                &mut flate2::read::MultiGzDecoder::new(&raw[..]),
                &mut bytes,
            )
            .unwrap();
            out.push(charset::decode(&bytes, None, true).0);
        }
    }
}

#[test]
#[ignore = "measures; run it in a release build"]
fn page_cost() {
    let pages: Vec<String> = (0..40).map(generated::wordpress).collect();
    measure("generated", &pages);
    let mut pages = Vec::new();
    match std::env::var_os("DEEPCUT_GOLD") {
        Some(root) => gold(Path::new(&root), &mut pages),
        None => println!("DEEPCUT_GOLD is not set: no gold pages measured"),
    }
    if !pages.is_empty() {
        measure("gold", &pages);
    }
}
