//! How fast is a query answered, with evidence and snippets?
//!
//! Queries of every class over an index of 5,000 generated posts, or the index of generated posts that lies in
//! `DEEPCUT_LARGE`, each answered whole: parsed, matched, ranked, its first ten posts with what made them match.
//! "exact" leaves out forms and slips: what looking for them costs is the difference.

mod generator;

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, criterion_group, criterion_main};
use deepcut::engine::tantivy::TantivyReader;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::pipeline::{self, Request, Unobserved};
use deepcut::query;
use generator::{Form, Generator};

const POSTS: u64 = 5000;

fn answer(engine: &TantivyReader, text: &str, exact: bool) -> u64 {
    let options = SearchOptions {
        text: text.to_owned(),
        offset: 0,
        limit: 10,
        sort: None,
        facets: false,
        exact,
        explain: false,
    };
    let response = engine
        .search(&query::parse(text), &options)
        .expect("an answer");
    black_box(response).total
}

fn searching(c: &mut Criterion) {
    let generator = Generator::new(1);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let index = match std::env::var_os("DEEPCUT_LARGE") {
        Some(index) => index.into(),
        None => {
            generator
                .write(&dir.path().join("archive"), POSTS, Form::Jsonl)
                .expect("an archive on disk");
            let index = dir.path().join("index");
            let request = Request {
                paths: vec![dir.path().join("archive")],
                ..Request::default()
            };
            pipeline::run(&index, &request, &Unobserved, &AtomicBool::new(false)).expect("a run");
            index
        }
    };
    let engine = TantivyReader::open(&index).expect("an index");

    // Words and names of posts, so that every query has an answer.
    let posts: Vec<_> = (0..20).map(|n| generator.post(n * 7)).collect();
    let all = |make: &dyn Fn(&generator::Post) -> String| -> Vec<String> {
        posts.iter().map(make).collect()
    };
    let word = |post: &generator::Post, at: usize| -> String {
        let text = &post.paragraphs[0];
        text.split(' ')
            .nth(at)
            .unwrap_or_default()
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_owned()
    };
    let classes: Vec<(&str, Vec<String>)> = vec![
        ("one word", all(&|p| word(p, 3))),
        ("AND", all(&|p| format!("{} {}", word(p, 3), word(p, 5)))),
        ("OR", all(&|p| format!("{} OR {}", word(p, 3), word(p, 5)))),
        (
            "phrase",
            all(&|p| format!("\"{} {}\"", word(p, 2), word(p, 3))),
        ),
        (
            "prefix",
            all(&|p| format!("{}*", word(p, 4).chars().take(4).collect::<String>())),
        ),
        (
            "negation",
            all(&|p| format!("{} -{}", word(p, 3), word(p, 5))),
        ),
        (
            "common words",
            [
                "the",
                "of the",
                "and a record",
                "in the night",
                "OR song the",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        (
            "typo",
            all(&|p| {
                let mut letters: Vec<char> = p.tracks[0].0.chars().collect();
                let at = letters.len() - 2;
                letters.swap(at, at + 1);
                letters.into_iter().collect()
            }),
        ),
        ("word~", all(&|p| format!("{}~", word(p, 4)))),
        ("name", all(&|p| p.tracks[0].0.clone())),
        ("artist:", all(&|p| format!("artist:\"{}\"", p.tracks[0].0))),
    ];
    let mut group = c.benchmark_group("search");
    for (name, queries) in classes {
        let answered = |q: &&String| answer(&engine, q, false) > 0;
        let found = queries.iter().filter(answered).count();
        assert!(found * 10 >= queries.len() * 9, "{name}: {found} answered");
        let mut next = 0;
        for (exact, suffix) in [(false, ""), (true, ", exact")] {
            group.bench_function(format!("{name}{suffix}"), |b| {
                b.iter(|| {
                    next += 1;
                    answer(&engine, &queries[next % queries.len()], exact)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, searching);
criterion_main!(benches);
