//! An index that grew by updates answers as one that was built at once, whatever happened in between and
//! in whatever order sources are named.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;

use crate::archive::{Archive, code, errors};

/// Cases of a plain test run; `DEEPCUT_CASES` asks for more.
const CASES: u32 = 24;

const QUERIES: &[&str] = &[
    "tepper",
    "Robert Tepper",
    "harbour lantern",
    "\"slow water\"",
    "artist:meridian track:harbour",
    "artist:harbour",
    "harbour in:tracks",
    "comment:ferry sort:newest",
    "by:per likes:>1",
    "harbuor~",
    "lan* sort:comments",
    "evening -ferry",
    "evening OR kettle",
    "has:tracks after:2009",
];

/// Same names in both roots, and several forms.
const PATHS: &[&str] = &[
    "a/one.txt",
    "a/deep/two.md",
    "a/lines.jsonl",
    "b/one.txt",
    "b/deep/two.md",
    "b/lines.jsonl",
    "b/three",
];

const TITLES: &[&str] = &["Weekly mix", "Harbour", "Lantern evening", "The shelf"];

const BODIES: &[&str] = &[
    "The ferry was late, and the evening went with it.",
    "The ferry was late, and the evening went with it. We sang instead.",
    "A kettle, a chair, and a radio from 1961 that hums in B flat.",
    "Robert Tepper came on while I was looking for the lantern.",
];

/// Lists whose order is clear, and lists that only those can settle.
const LISTS: &[&[&str]] = &[
    &[],
    &[
        "Harbour - Meridian",
        "Lantern - Calico",
        "Juniper - Paper Moth",
    ],
    &[
        "\"Slow Water\" by Meridian",
        "\"Gravel\" by Calico",
        "\"Nine Bells\" by Paper Moth",
    ],
    &[
        "\"Meridian\" by Harbour",
        "\"Dust\" by Lantern",
        "\"Rope\" by Juniper",
    ],
    &[
        "Survivor - Burning Heart",
        "Robert Tepper - No Easy Way Out",
        "Touch - The Sweetest Victory",
    ],
];

const COMMENTS: &[&str] = &[
    "I was on that ferry.",
    "Meridian never played here.",
    "Harbour is the title, I think.",
];

/// One post; the numbers choose from the lists above.
#[derive(Clone, Debug)]
struct Post {
    title: usize,
    body: usize,
    list: usize,
    comments: usize,
    /// Few addresses: some posts are copies.
    address: Option<usize>,
}

/// What may happen to an archive; numbers choose among [`PATHS`].
#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<Post>),
    Append(usize, Post),
    Touch(usize),
    Remove(usize),
    Rename(usize, usize),
    Reverse(usize),
}

/// Which sources the next run is asked for.
#[derive(Clone, Copy, Debug)]
enum Run {
    All,
    First,
    Second,
    ForgetFirst,
    Rebuild,
}

fn posts() -> impl Strategy<Value = Post> {
    (
        0..TITLES.len(),
        0..BODIES.len(),
        0..LISTS.len(),
        0..=COMMENTS.len(),
        prop::option::weighted(0.3, 0..3usize),
    )
        .prop_map(|(title, body, list, comments, address)| Post {
            title,
            body,
            list,
            comments,
            address,
        })
}

fn changes() -> impl Strategy<Value = Change> {
    let path = 0..PATHS.len();
    prop_oneof![
        5 => (path.clone(), prop::collection::vec(posts(), 1..4)).prop_map(|(p, all)| Change::Write(p, all)),
        2 => (path.clone(), posts()).prop_map(|(p, one)| Change::Append(p, one)),
        1 => path.clone().prop_map(Change::Touch),
        2 => path.clone().prop_map(Change::Remove),
        2 => (path.clone(), path.clone()).prop_map(|(from, to)| Change::Rename(from, to)),
        2 => path.prop_map(Change::Reverse),
    ]
}

fn runs() -> impl Strategy<Value = Run> {
    prop_oneof![
        6 => Just(Run::All),
        2 => Just(Run::First),
        2 => Just(Run::Second),
        1 => Just(Run::ForgetFirst),
        1 => Just(Run::Rebuild),
    ]
}

fn date(post: &Post) -> String {
    format!("{}-03-1{}", 2009 + post.title, post.body)
}

fn url(post: &Post) -> Option<String> {
    post.address.map(|n| format!("https://x.example/{n}/"))
}

fn line(post: &Post) -> String {
    let comments: Vec<_> = COMMENTS[..post.comments]
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let author = ["Nuala", "Per", "Kit"][n];
            serde_json::json!({"author": author, "text": text, "likes": n + 1})
        })
        .collect();
    let rows = numbered(LISTS[post.list]);
    let text = format!("{}\n\nTrack Listing\n\n{rows}", BODIES[post.body]);
    let mut line = serde_json::json!({
        "title": TITLES[post.title], "published": date(post), "text": text, "comments": comments,
    });
    if let Some(url) = url(post) {
        line["url"] = url.into();
    }
    line.to_string()
}

fn numbered(rows: &[&str]) -> String {
    let rows = rows.iter().enumerate();
    rows.map(|(n, row)| format!("{}. {row}\n", n + 1)).collect()
}

fn page(post: &Post, front_matter: bool) -> String {
    let mut out = String::new();
    if front_matter {
        out.push_str(&format!(
            "---\ntitle: {}\ndate: {}\n",
            TITLES[post.title],
            date(post)
        ));
        if let Some(url) = url(post) {
            out.push_str(&format!("url: {url}\n"));
        }
        out.push_str("---\n\n");
    } else {
        out.push_str(&format!("{}\n\n", TITLES[post.title]));
    }
    out.push_str(BODIES[post.body]);
    if post.list > 0 {
        out.push_str(&format!(
            "\n\nTrack Listing\n\n{}",
            numbered(LISTS[post.list])
        ));
    }
    if post.comments > 0 {
        let count = post.comments;
        out.push_str(&format!(
            "\n\n{count} Responses to “{}”\n\n",
            TITLES[post.title]
        ));
        for (n, text) in COMMENTS[..count].iter().enumerate() {
            out.push_str(&format!("  {}. {text}\n\n", n + 1));
        }
        out.push_str("Leave a Reply\n");
    }
    out
}

fn rendered(path: &Path, posts: &[Post]) -> String {
    match path.extension().and_then(|e| e.to_str()) {
        Some("jsonl") => posts.iter().map(|p| line(p) + "\n").collect(),
        Some("md") => page(&posts[0], true),
        _ => page(&posts[0], false),
    }
}

/// Files with a clock of their own: every write is a second later, however quick the machine.
struct Files {
    archive: Archive,
    clock: SystemTime,
}

impl Files {
    fn new() -> Self {
        let archive = Archive::in_memory();
        for root in ["a", "b"] {
            fs::create_dir_all(archive.path(root)).unwrap();
        }
        Self {
            archive,
            clock: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
        }
    }

    fn path(&self, at: usize) -> PathBuf {
        self.archive.path(PATHS[at])
    }

    fn write(&mut self, path: &Path, text: impl AsRef<[u8]>) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.touch(path);
    }

    fn touch(&mut self, path: &Path) {
        self.clock += Duration::from_secs(1);
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(self.clock).unwrap();
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Write(at, posts) => {
                let path = self.path(*at);
                self.write(&path, rendered(&path, posts));
            }
            Change::Append(at, post) => {
                let path = self.path(*at);
                let mut text = fs::read_to_string(&path).unwrap_or_default();
                text.push_str(&rendered(&path, std::slice::from_ref(post)));
                self.write(&path, text);
            }
            Change::Touch(at) => {
                let path = self.path(*at);
                if path.exists() {
                    self.touch(&path);
                }
            }
            Change::Remove(at) => {
                let _ = fs::remove_file(self.path(*at));
            }
            Change::Rename(from, to) => {
                let (from, to) = (self.path(*from), self.path(*to));
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                if from.exists() {
                    fs::rename(from, to).unwrap();
                }
            }
            Change::Reverse(at) => {
                let path = self.path(*at);
                if let Ok(text) = fs::read_to_string(&path) {
                    let mut lines: Vec<&str> = text.lines().collect();
                    lines.reverse();
                    self.write(&path, lines.join("\n"));
                }
            }
        }
    }

    fn index(&self, index: &str, args: &[&str]) -> Result<(), TestCaseError> {
        let mut all = vec!["index", "--quiet"];
        all.extend(args);
        let output = self.archive.command_on(index, &all).output().unwrap();
        prop_assert!(
            matches!(code(&output), 0 | 4),
            "{args:?}: {}",
            errors(&output)
        );
        Ok(())
    }

    /// What a report says that an index holds.
    fn totals(&self, index: &str) -> Result<Vec<Value>, TestCaseError> {
        let output = self
            .archive
            .command_on(index, &["index", "--json"])
            .output();
        let report: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        prop_assert_eq!(&report["bytes"], 0, "{}", report);
        let totals = ["posts", "tracks", "comments", "artists"];
        Ok(totals.iter().map(|name| report[name].clone()).collect())
    }

    fn answers(&self, index: &str) -> Result<Vec<String>, TestCaseError> {
        let answers = self.archive.answers(index, QUERIES);
        answers.map_err(TestCaseError::fail)
    }
}

fn check(steps: &[(Vec<Change>, Run)]) -> Result<(), TestCaseError> {
    let mut files = Files::new();
    let mut known = false;
    for (changes, run) in steps {
        for change in changes {
            files.apply(change);
        }
        let args: &[&str] = match run {
            Run::First => &["a", "--allow-shrink"],
            Run::Second => &["b", "--allow-shrink"],
            Run::ForgetFirst if known => &["--forget", "a"],
            Run::Rebuild => &["a", "b", "--rebuild", "--allow-shrink"],
            Run::All | Run::ForgetFirst => &["a", "b", "--allow-shrink"],
        };
        files.index("index", args)?;
        known = matches!(run, Run::All | Run::First | Run::Rebuild)
            || matches!(run, Run::ForgetFirst) && !known
            || matches!(run, Run::Second) && known;
    }
    files.index("index", &["a", "b", "--allow-shrink"])?;
    files.index("fresh", &["b", "a", "--threads", "1"])?;
    let (grown, fresh) = (files.answers("index")?, files.answers("fresh")?);
    prop_assert_eq!(grown.len(), fresh.len());
    for (grown, fresh) in grown.iter().zip(&fresh) {
        prop_assert_eq!(grown, fresh);
    }
    // One counted what changed, the other all there is.
    prop_assert_eq!(files.totals("index")?, files.totals("fresh")?);
    Ok(())
}

#[test]
fn an_index_that_grew_answers_as_a_fresh_one() {
    let cases = std::env::var("DEEPCUT_CASES").map_or(CASES, |n| n.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    // Every run tries the same histories, and more of them where more cases are asked for.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let first = prop::collection::vec(changes(), 4..9);
    let later = prop::collection::vec((prop::collection::vec(changes(), 1..5), runs()), 1..4);
    let steps = (first, later).prop_map(|(first, later)| {
        let mut steps = vec![(first, Run::All)];
        steps.extend(later);
        steps
    });
    runner.run(&steps, |steps| check(&steps)).unwrap();
}

#[test]
fn what_the_histories_are_made_of_is_read_as_meant() {
    let mut files = Files::new();
    let post = |title, list| Post {
        title,
        body: 0,
        list,
        comments: 2,
        address: None,
    };
    for (at, path) in PATHS.iter().enumerate() {
        let posts = [1, 2, 4].map(|list| post(at % TITLES.len(), list));
        let path = files.archive.path(path);
        let at = at % posts.len();
        files.write(&path, rendered(&path, &posts[at..]));
    }
    files.index("index", &["a", "b"]).unwrap();
    let stats = files.archive.json(&["stats"]);
    let count = |what: &str| stats[what].as_u64().unwrap();
    assert!(count("posts") >= 7, "{stats}");
    assert!(count("comments") >= count("posts"), "{stats}");
    assert!(count("tracks") >= 3 * count("posts"), "{stats}");
    // Every query finds something in such an archive, and some list was settled.
    let silent: BTreeSet<&str> = QUERIES
        .iter()
        .filter(|q| files.archive.titles(q).is_empty())
        .copied()
        .collect();
    assert_eq!(silent, BTreeSet::from(["artist:harbour", "evening -ferry"]));
}
