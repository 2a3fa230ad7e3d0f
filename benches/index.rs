//! How fast does an archive become an index?
//!
//! A thousand generated posts, as pages and as JSON Lines, from the files to the publication.

mod generator;

use std::sync::atomic::AtomicBool;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use deepcut::pipeline::{self, Request, Unobserved};
use generator::{Form, Generator};

const POSTS: u64 = 1000;

fn indexing(c: &mut Criterion) {
    let generator = Generator::new(1);
    let mut group = c.benchmark_group("index");
    group.sample_size(10);
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(POSTS));
    for (name, form) in [("html", Form::Html), ("jsonl", Form::Jsonl)] {
        let archive = tempfile::tempdir().expect("a temporary folder");
        generator
            .write(archive.path(), POSTS, form)
            .expect("an archive on disk");
        group.bench_function(format!("{POSTS} posts, {name}"), |b| {
            b.iter_batched(
                || tempfile::tempdir().expect("a temporary folder"),
                |index| {
                    let request = Request {
                        paths: vec![archive.path().to_path_buf()],
                        ..Request::default()
                    };
                    let never = AtomicBool::new(false);
                    let report =
                        pipeline::run(&index.path().join("main"), &request, &Unobserved, &never)
                            .expect("a run");
                    assert_eq!(report.posts, POSTS);
                    // Returned, so that removing it is not measured.
                    index
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, indexing);
criterion_main!(benches);
