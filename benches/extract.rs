//! What does it cost to understand a page, and how much of that is parsing?
//!
//! One generated page of about 60 kB: whole extraction, against the parsers alone.

mod generator;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use deepcut::extract;
use deepcut::source::{Content, RawDocument};
use deepcut::text::page::Page;
use generator::Generator;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use scraper::Html;

/// Takes tokens and makes nothing of them.
struct Nothing;

impl TokenSink for Nothing {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        black_box(token);
        TokenSinkResult::Continue
    }
}

fn tokens(page: &str) {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(page));
    let tokenizer = Tokenizer::new(Nothing, TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
}

fn extraction(c: &mut Criterion) {
    let generator = Generator::new(1);
    // The page nearest to 60 kB, and the post with the longest thread: comments cost most.
    let posts: Vec<_> = (0..200).map(|n| generator.post(n)).collect();
    let typical = posts
        .iter()
        .map(|post| generator.page(post))
        .min_by_key(|page| page.len().abs_diff(60_000))
        .unwrap_or_default();
    one_page(c, "extract", &typical);
    let long = posts
        .iter()
        .max_by_key(|post| post.comments.len())
        .map(|post| generator.page(post))
        .unwrap_or_default();
    one_page(c, "extract, longest thread of 200", &long);
}

fn one_page(c: &mut Criterion, name: &str, page: &str) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(page.len() as u64));
    group.bench_function("html5ever, tokens alone", |b| {
        b.iter(|| tokens(black_box(page)))
    });
    group.bench_function("scraper, parse alone", |b| {
        b.iter(|| Html::parse_document(black_box(page)));
    });
    group.bench_function("page, parse alone", |b| {
        b.iter(|| Page::parse(black_box(page)));
    });
    let document = RawDocument {
        reader: "html",
        path: "page.html".to_owned(),
        inner: String::new(),
        entry: String::new(),
        content: Content::Html {
            html: page.to_owned(),
            url: None,
            captured: None,
        },
    };
    group.bench_function("deepcut, whole extraction of a page", |b| {
        b.iter_batched(
            || document.clone(),
            |document| extract::extract(black_box(document)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, extraction);
criterion_main!(benches);
