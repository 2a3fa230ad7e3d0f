//! How fast is a query answered, with evidence and snippets?
//!
//! Queries of every class over an index of 5,000 generated posts, each answered whole: parsed, matched,
//! ranked, its first ten posts with what made them match.

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

fn answer(engine: &TantivyReader, text: &str) -> u64 {
    let options = SearchOptions {
        text: text.to_owned(),
        offset: 0,
        limit: 10,
        sort: None,
        facets: false,
        exact: false,
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
    generator
        .write(&dir.path().join("archive"), POSTS, Form::Jsonl)
        .expect("an archive on disk");
    let index = dir.path().join("index");
    let request = Request {
        paths: vec![dir.path().join("archive")],
        ..Request::default()
    };
    pipeline::run(&index, &request, &Unobserved, &AtomicBool::new(false)).expect("a run");
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
    let classes: [(&str, Vec<String>); 8] = [
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
        ("name", all(&|p| p.tracks[0].0.clone())),
        ("artist:", all(&|p| format!("artist:\"{}\"", p.tracks[0].0))),
    ];
    let mut group = c.benchmark_group("search");
    for (name, queries) in classes {
        let found = queries.iter().filter(|q| answer(&engine, q) > 0).count();
        assert!(found * 10 >= queries.len() * 9, "{name}: {found} answered");
        let mut next = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                next += 1;
                answer(&engine, &queries[next % queries.len()])
            });
        });
    }
    group.finish();
}

criterion_group!(benches, searching);
criterion_main!(benches);
