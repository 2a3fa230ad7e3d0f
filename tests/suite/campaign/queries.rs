//! Hostile queries: whatever is typed is answered, soon, and without an abort.

use std::time::{Duration, Instant};

use super::{children_time, number, processor_time, random, times, within};
use crate::archive::{Archive, code, errors, program};
use crate::generator::{Form, Generator, Random};
use crate::large::Large;
use deepcut::engine::rows::{RowOptions, rows};
use deepcut::engine::tantivy::TantivyReader;
use deepcut::engine::{ReadEngine, SearchOptions};
use deepcut::query;

/// No answer may take longer.
const LIMIT: Duration = Duration::from_secs(2);

const FIELDS: &[&str] = &[
    "title", "body", "artist", "track", "comment", "by", "author", "tag", "site", "lang", "date",
    "after", "before", "likes", "has", "in", "sort", "none",
];
const SIGNS: &[&str] = &[
    "(", ")", "\"", "-", "*", "~", "~2", "OR", "AND", "NOT", ":", "..", ">", "<", "=", " ", "+",
    "\\", "/", "[", "]", "{", "}", "^", "?", "!", "&", "|", "'", "\u{0}", "\u{202e}", "\u{301}",
    "\u{200d}", "ß", "ﬃ", "𝕬", "日本", "ก็",
];

/// Makes queries.
struct Maker {
    words: Vec<String>,
}

impl Maker {
    fn new() -> Self {
        let generator = Generator::new(1);
        let mut words: Vec<String> = (0..400)
            .map(|n| generator.post(n))
            .flat_map(|post| {
                let rows = post.tracks.iter();
                let rows: String = rows
                    .map(|(artist, title)| format!(" {artist} {title}"))
                    .collect();
                let text = format!("{} {}{rows}", post.title, post.paragraphs[0]);
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        words.sort();
        words.dedup();
        Self { words }
    }

    fn word<'a>(&'a self, random: &mut Random) -> &'a str {
        random.pick::<String>(&self.words)
    }

    fn many(&self, random: &mut Random, count: usize, between: &str) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.word(random)).collect();
        words.join(between)
    }

    fn query(&self, random: &mut Random) -> String {
        // Most are small; now and then one has a megabyte.
        let size = [10, 100, 1_000, 10_000][random.below(4)];
        let few = random.between(1, 6);
        let count = random.between(1, size);
        let letter = || -> Vec<char> { ('a'..='z').collect() };
        match random.below(16) {
            0 => format!(
                "{}{}{}",
                "(".repeat(size),
                self.word(random),
                ")".repeat(random.below(size))
            ),
            1 => format!("{}{}", "NOT ".repeat(size), self.many(random, few, " ")),
            2 => format!("{}{}", "-".repeat(size), self.many(random, few, " -")),
            3 => {
                let mut text = self.many(random, size * 20, " ");
                text.truncate(1 << 20);
                text
            }
            4 => "x".repeat(size * 100),
            5 => [
                "*",
                "* *",
                "**",
                "*a",
                "?*",
                "-*",
                "* OR *",
                "NOT *",
                "\"*\"",
                "(*)",
                "title:*",
                "artist:* track:*",
            ][random.below(12)]
            .to_owned(),
            6 => {
                let letters = letter();
                let all: Vec<String> = (0..random.between(1, 60))
                    .map(|_| format!("{}*", random.pick(&letters)))
                    .collect();
                all.join([" ", " OR ", " -"][random.below(3)])
            }
            7 => format!(
                "\"{}\"~{}",
                self.many(random, count, " "),
                random.below(2_000_000)
            ),
            8 => self.many(random, count, "~ ") + "~2",
            9 => (0..size).map(|_| *random.pick(SIGNS)).collect(),
            10 => {
                let field = *random.pick(FIELDS);
                let between = [" ", " OR ", "* "][random.below(3)];
                let inner = self.many(random, few, between);
                format!(
                    "{field}:({inner}) {}:{}",
                    random.pick(FIELDS),
                    self.word(random)
                )
            }
            11 => {
                let ends = [
                    "0",
                    "9999999999999999999999",
                    "-1",
                    "1985",
                    "1985-13-99",
                    "",
                    "*",
                    "NaN",
                    "1e999",
                ];
                format!(
                    "{}:{}..{} {}",
                    random.pick(FIELDS),
                    random.pick(&ends),
                    random.pick(&ends),
                    self.word(random)
                )
            }
            12 => self.many(random, count, " OR "),
            13 => {
                // A tree of everything.
                let mut text = self.word(random).to_owned();
                for _ in 0..random.below(40) {
                    let other = self.word(random);
                    text = match random.below(5) {
                        0 => format!("({text}) OR {other}"),
                        1 => format!("-({text}) {other}"),
                        2 => format!("({text} \"{other} {other}\"~9)"),
                        3 => format!("{}:({text})", random.pick(FIELDS)),
                        _ => format!("{other}* ({text})"),
                    };
                }
                text
            }
            14 => {
                let scalar = |random: &mut Random| {
                    char::from_u32(random.below(0x11_0000) as u32).unwrap_or('\u{fffd}')
                };
                (0..size).map(|_| scalar(random)).collect()
            }
            _ => {
                // A plain question with one slip.
                let mut text: Vec<char> = self.many(random, few, " ").chars().collect();
                let at = random.below(text.len());
                text[at] = *random.pick(&letter());
                text.into_iter().collect()
            }
        }
    }
}

/// Asks; returns the slowest query and its time.
fn campaign(reader: &TantivyReader, queries: u64) -> (Duration, String) {
    let maker = Maker::new();
    let mut random = random(5);
    let mut slowest = (Duration::ZERO, String::new());
    for n in 0..queries {
        let text = maker.query(&mut random);
        let started = processor_time();
        let understood = query::parse(&text);
        let command = if n % 8 == 7 { "tracks" } else { "search" };
        if command == "tracks" {
            let options = RowOptions {
                text: text.clone(),
                offset: 0,
                limit: 10,
                sort: None,
                whole: false,
                exact: false,
            };
            rows(reader, &understood, &options).unwrap_or_else(|e| panic!("{e}: {}", shown(&text)));
        } else {
            let options = SearchOptions {
                text: text.clone(),
                offset: random.below(3) * 7,
                limit: random.between(1, 50),
                sort: None,
                facets: random.chance(30),
                exact: random.chance(20),
                explain: random.chance(20),
            };
            let answer = reader.search(&understood, &options);
            answer.unwrap_or_else(|e| panic!("{e}: {}", shown(&text)));
        }
        let took = processor_time().saturating_sub(started);
        if took > slowest.0 {
            slowest = (took, format!("{command} {}", shown(&text)));
        }
        if took > LIMIT {
            eprintln!("{:.2} s: {command} {}", took.as_secs_f64(), shown(&text));
        }
    }
    slowest
}

/// As `deepcut search` takes it: no NUL, no argument too long for the system.
fn arguments(text: &str) -> Vec<String> {
    let text = text.replace('\0', " ");
    let words = text.split(' ').filter(|w| !w.is_empty());
    let short = words.map(|w| w[..w.floor_char_boundary(100_000)].to_owned());
    // All of them together are bounded too.
    let mut bytes = 0;
    let fits = |word: &String| {
        bytes += word.len() + 10;
        bytes < 1 << 20
    };
    short.take_while(fits).collect()
}

/// Asks with a process for each query; the slowest processes and the slowest answers inside them.
fn processes(large: &Large, queries: u64) -> [(Duration, String); 2] {
    let maker = Maker::new();
    let mut random = random(6);
    let mut slowest = [
        (Duration::ZERO, String::new()),
        (Duration::ZERO, String::new()),
    ];
    let folder = large.index.parent().unwrap();
    for _ in 0..queries {
        let text = maker.query(&mut random);
        let before = children_time();
        let mut command = std::process::Command::new(program());
        command
            .args(["search", "--format", "json", "--index"])
            .arg(folder);
        if random.chance(30) {
            command.arg("--facets");
        }
        let (output, _) = within(command.arg("--").args(arguments(&text)), LIMIT * 30);
        let output = output.unwrap_or_else(|| panic!("hangs: {}", shown(&text)));
        let took = children_time().saturating_sub(before);
        assert!(
            matches!(code(&output), 0 | 1),
            "{}: {}",
            errors(&output),
            shown(&text)
        );
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let inside = answer["took_ms"].as_f64().unwrap() / 1000.0;
        for (slot, took) in slowest
            .iter_mut()
            .zip([took, Duration::from_secs_f64(inside)])
        {
            if took > slot.0 {
                *slot = (took, shown(&text));
            }
            if took > LIMIT {
                eprintln!("{:.2} s: {}", took.as_secs_f64(), shown(&text));
            }
        }
    }
    slowest
}

#[test]
#[ignore = "minutes: a process for each of 10,000 queries, on an archive of DEEPCUT_POSTS generated posts"]
fn ten_thousand_hostile_processes() {
    let large = Large::new();
    let queries = times(10_000);
    let [process, answer] = processes(&large, queries);
    eprintln!(
        "hostile queries, a process each: {queries} on {} posts (seed {}); 0 aborts, slowest process {:.2} s ({}), slowest answer {:.2} s ({})",
        large.posts,
        number("DEEPCUT_SEED", 1),
        process.0.as_secs_f64(),
        process.1,
        answer.0.as_secs_f64(),
        answer.1
    );
    assert!(process.0 < LIMIT, "{process:?}");
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(120).collect();
    format!("{} bytes: {}", text.len(), short.escape_debug())
}

#[test]
fn a_few_hundred_hostile_queries() {
    let archive = Archive::in_memory();
    Generator::new(1)
        .write(&archive.path("p"), 80, Form::Jsonl)
        .unwrap();
    let run = archive.run(&["index", "p"]);
    assert_eq!(code(&run), 0, "{}", errors(&run));
    let reader = TantivyReader::open(&archive.path("index/main")).unwrap();
    let (slowest, text) = campaign(&reader, 300);
    assert!(slowest < LIMIT, "{slowest:?}: {text}");
}

#[test]
#[ignore = "minutes: 10,000 queries on an archive of DEEPCUT_POSTS generated posts (100,000 unless told)"]
fn ten_thousand_hostile_queries() {
    let large = Large::new();
    let reader = TantivyReader::open(&large.index).unwrap();
    let queries = times(10_000);
    let started = Instant::now();
    let (slowest, text) = campaign(&reader, queries);
    eprintln!(
        "hostile queries: {queries} on {} posts (seed {}); 0 aborts, slowest {:.2} s ({text}), {:.1} ms in the mean",
        large.posts,
        number("DEEPCUT_SEED", 1),
        slowest.as_secs_f64(),
        started.elapsed().as_secs_f64() * 1000.0 / queries as f64
    );
    assert!(slowest < LIMIT, "{slowest:?}: {text}");
}
