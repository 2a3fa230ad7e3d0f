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
        exact,
        ..SearchOptions::new(text, 10)
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

    let classes = generator.queries();
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
