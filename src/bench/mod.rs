//! How fast is it?
//!
//! In: an index, or an archive to build one from. Out: a [`Report`] of figures, each with the range that it had
//! over parts of the measurement; what changed since an earlier one. Must not know how figures are shown.

mod build;
mod compare;
mod machine;
mod memory;
mod process;
mod random;
mod sample;
mod search;
mod yardstick;

use serde::{Deserialize, Serialize};

pub use build::{BuildOptions, build};
pub use compare::{Change, Comparison, Verdict, compare};
pub use machine::Machine;
pub use sample::{Asked, from_file};
pub use search::{SearchOptions, search};
pub use yardstick::Pace;

/// A measured quantity: what all samples say, and the least and the most that a part of them says. The range is
/// the noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Figure {
    /// The figure of all samples with the range of its parts.
    fn of(value: f64, parts: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (value, value);
        for part in parts {
            low = low.min(part);
            high = high.max(part);
        }
        Self { value, low, high }
    }

    /// The median of some measurements.
    fn median(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        let value = all.get(all.len() / 2).copied().unwrap_or(0.0);
        Self::of(value, all)
    }
}

/// Parts that samples are dealt to; their range is the noise.
const PARTS: usize = 5;

/// A thread that ran in a smaller share of the time was disturbed.
const BUSY: f64 = 0.9;

/// What a bench found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of the JSON contracts.
    pub schema: u32,
    pub deepcut: String,
    /// False for a build without optimisation, whose figures say little.
    pub optimized: bool,
    pub machine: Machine,
    /// How quick the machine was meanwhile.
    #[serde(default)]
    pub pace: Pace,
    /// The seed of everything drawn.
    pub seed: u64,
    pub search: Option<Searching>,
    pub build: Option<Building>,
}

impl Report {
    fn new(schema: u32, seed: u64) -> Self {
        Self {
            schema,
            deepcut: env!("CARGO_PKG_VERSION").to_owned(),
            optimized: !cfg!(debug_assertions),
            machine: Machine::here(),
            pace: Pace::default(),
            seed,
            search: None,
            build: None,
        }
    }
}

/// The index that was asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IndexSize {
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    /// On disk.
    pub bytes: u64,
    /// Of what was indexed: titles, prose, rows, comments, names and tags, as UTF-8.
    pub text_bytes: u64,
    /// `bytes` by `text_bytes`.
    pub ratio: f64,
}

/// How fast queries are answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Searching {
    pub index: IndexSize,
    /// Posts of each answer, at most.
    pub limit: usize,
    /// How often each query was asked on one thread, warm-up apart.
    pub rounds: usize,
    /// A class of queries each; the last one, `all`, is all of them.
    pub classes: Vec<Class>,
    pub threads: usize,
    /// Queries per second, all classes together.
    pub one_thread_qps: Figure,
    pub all_threads_qps: Figure,
    /// A whole `deepcut search`, from its start to its end, in milliseconds; the index not in the system's file
    /// cache. `None` where the system cannot be told to forget files.
    pub process_cold_ms: Option<Figure>,
    /// The same, the index in the file cache.
    pub process_ms: Option<Figure>,
    /// The most anonymous memory while queries were answered; `None` where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// The share of the time in which the one thread ran, where it could have: 1 on a machine that does nothing else; `None`
    /// where the system does not tell.
    #[serde(default)]
    pub undisturbed: Option<f64>,
}

impl Searching {
    /// What [`Searching::undisturbed`] is where other programs took a good part of the time.
    pub fn disturbed(&self) -> Option<f64> {
        self.undisturbed.filter(|share| *share < BUSY)
    }
}

/// Times of one class of queries, in milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    pub name: String,
    /// Different queries.
    pub queries: usize,
    /// Those that find something.
    pub answered: usize,
    /// One of them, to see what is asked.
    pub example: String,
    pub p50_ms: Figure,
    pub p95_ms: Figure,
    pub p99_ms: Figure,
    pub max_ms: Figure,
    /// Samples by time: bucket n holds those from `10^(n/5 - 3)` milliseconds on, five buckets to a power of
    /// ten.
    pub histogram: Vec<u64>,
}

/// How fast an index is built.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Building {
    pub path: String,
    pub rounds: usize,
    pub threads: usize,
    pub documents: u64,
    pub failed: u64,
    /// Of the files, as they lie on disk.
    pub bytes: u64,
    pub seconds: Figure,
    pub documents_per_second: Figure,
    /// A megabyte is a million bytes.
    pub megabytes_per_second: Figure,
    /// One after the other.
    pub stages: Vec<Stage>,
    /// What the workers of the reading stage do, side by side.
    pub work: Vec<Stage>,
    pub index: IndexSize,
    pub peak_memory_bytes: Option<u64>,
}

/// A part of building.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    /// Wall time of a stage; time of all workers together for a part of the reading stage.
    pub seconds: Figure,
    /// Of the whole, 0 to 1.
    pub share: f64,
    pub documents_per_second: f64,
    pub megabytes_per_second: f64,
}

/// Bytes of what is indexed of a post.
fn text_bytes(post: &crate::model::Post) -> u64 {
    let rows = post.tracklists.iter().flat_map(|list| &list.tracks);
    let comments = post.comments.iter();
    let all = post.title.len()
        + post.body.len()
        + post.author.as_deref().map_or(0, str::len)
        + post.tags.iter().map(|tag| tag.len()).sum::<usize>()
        + rows.map(|row| row.raw.len()).sum::<usize>()
        + comments
            .map(|c| c.text.len() + c.author.as_deref().map_or(0, str::len))
            .sum::<usize>();
    all as u64
}

/// Size of an index, and of the text that it holds.
fn size(engine: &dyn crate::engine::ReadEngine) -> crate::error::Result<IndexSize> {
    let statistics = engine.statistics()?;
    let bytes = statistics.bytes.values().sum();
    let mut text = 0;
    engine.for_each(&mut |archived| {
        text += text_bytes(&archived.post);
        true
    })?;
    Ok(IndexSize {
        posts: statistics.posts,
        tracks: statistics.tracks,
        comments: statistics.comments,
        bytes,
        text_bytes: text,
        ratio: bytes as f64 / text.max(1) as f64,
    })
}
