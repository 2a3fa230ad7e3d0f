//! Readers and a writer: searches while the index is brought up to date without a pause see one publication or
//! the next, whole; a second writer is told who is writing.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::Value;

use super::{sound, times};
use crate::archive::{Archive, code, errors, signal};
use deepcut::engine::tantivy::TantivyReader;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::query;

const POSTS: usize = 12;

/// Every post says the generation in its title, in a row and in a comment.
fn write(archive: &Archive, generation: u64) {
    for n in 0..POSTS {
        archive.write(
            &format!("p/{n}.txt"),
            format!(
                "Number {n} of mark{generation}\n\nProse of mark{generation}.\n\nTrack Listing\n\n\
                 1. Survivor - Burning Mark{generation}\n2. Robert Tepper - No Easy Way Out\n\
                 3. Touch - The Sweetest Victory\n\n1 Response to “Number {n}”\n\n  1. The kettle of mark{generation}.\n\n\
                 Leave a Reply\n"
            ),
        );
    }
}

/// Marks that an answer has.
fn marks(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words
        .filter_map(|w| w.strip_prefix("mark"))
        .filter(|w| w.parse::<u64>().is_ok())
        .map(str::to_owned)
        .collect()
}

fn campaign(searches: u64) -> (u64, u64) {
    let archive = Archive::in_memory();
    write(&archive, 0);
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    let (done, updates) = (AtomicBool::new(false), AtomicU64::new(0));
    let asked = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut generation = 0;
            while !done.load(Ordering::Relaxed) {
                generation += 1;
                write(&archive, generation);
                let run = archive.run(&["index", "p"]);
                assert_eq!(code(&run), 0, "{}", errors(&run));
                updates.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Whole processes.
        let processes = || {
            while asked.fetch_add(1, Ordering::Relaxed) < searches / 2 {
                let args = [
                    "search",
                    "number kettle survivor",
                    "--limit",
                    "50",
                    "--format",
                    "json",
                ];
                let output = archive.run(&args);
                assert_eq!(code(&output), 0, "{}", errors(&output));
                let text = String::from_utf8(output.stdout).unwrap();
                let answer: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(answer["total"], POSTS, "{text}");
                assert_eq!(marks(&text).len(), 1, "a torn answer: {text}");
            }
        };
        // Readers that stay open, and are opened again.
        let inside = || {
            let dir = archive.path("index/main");
            for n in 0..searches / 2 {
                let reader = TantivyReader::open(&dir).unwrap_or_else(|e| panic!("{e}"));
                let text = [
                    "number survivor",
                    "artist:survivor track:burning",
                    "in:comments kettle",
                ];
                let text = text[n as usize % 3];
                let options = SearchOptions {
                    facets: true,
                    ..SearchOptions::new(text, 50)
                };
                let answer = reader.search(&query::parse(text), &options);
                let answer = answer.unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(answer.total, POSTS as u64, "{text}");
                assert_eq!(
                    marks(&format!("{answer:?}")).len(),
                    1,
                    "a torn answer to {text}"
                );
            }
        };
        let readers = [scope.spawn(processes), scope.spawn(inside)];
        let ends = readers.map(std::thread::ScopedJoinHandle::join);
        done.store(true, Ordering::Relaxed);
        for end in ends {
            if let Err(panic) = end {
                std::panic::resume_unwind(panic);
            }
        }
    });
    sound(&archive, "index").unwrap();
    (searches, updates.load(Ordering::Relaxed))
}

#[test]
fn a_few_searches_during_updates() {
    let (_, updates) = campaign(60);
    assert!(updates >= 1);
}

#[test]
#[ignore = "minutes: 10,000 searches"]
fn ten_thousand_searches_during_updates() {
    let started = Instant::now();
    let (searches, updates) = campaign(times(10_000));
    eprintln!(
        "readers and a writer: {searches} searches during {updates} updates; 0 errors, 0 torn answers; {:.0} s",
        started.elapsed().as_secs_f64()
    );
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let archive = Archive::in_memory();
    write(&archive, 0);
    assert_eq!(code(&archive.run(&["index", "p"])), 0);
    write(&archive, 1);
    let mut first = archive
        .command(&["index", "p"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Stopped while it holds the lock.
    let lock = archive.path("index/main/deepcut.lock");
    let holder = format!("{}", first.id());
    while std::fs::read_to_string(&lock).unwrap_or_default() != holder {
        assert!(first.try_wait().unwrap().is_none(), "it was over too soon");
    }
    signal(&first, "STOP");
    let second = archive.run(&["index", "p", "--format", "json"]);
    assert_eq!(code(&second), 2, "{}", errors(&second));
    let told: Value = serde_json::from_slice(&second.stderr).unwrap();
    assert_eq!(told["error"]["code"], "locked");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains(&format!("process {holder}")), "{message}");
    // Searching goes on.
    assert_eq!(code(&archive.run(&["search", "survivor"])), 0);
    signal(&first, "CONT");
    assert!(first.wait().unwrap().success());
    let again = archive.json(&["index", "p"]);
    assert_eq!(again["unchanged"], POSTS);
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), "");
}
