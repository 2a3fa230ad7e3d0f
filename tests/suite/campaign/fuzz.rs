//! Fuzzing that needs nothing but Rust: files of the sample archive and the fixtures, changed at random, go in at
//! every door where bytes from strangers come in. `fuzz/` has the same doors for cargo-fuzz.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{number, random};
use crate::generator::{Generator, Random};

#[path = "../../../fuzz/entry.rs"]
mod entry;

use entry::{DOORS, Door};

/// One case may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a case at most.
const MOST: usize = 200_000;

/// Words that mean something to some parser.
const WORDS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE",
    "<?xml",
    "&",
    "&amp;",
    "&#x",
    "&#0;",
    "\"",
    "'",
    "=",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\\u0000",
    "\\ud800",
    "null",
    "1e999",
    "-1",
    "18446744073709551616",
    "---\n",
    "+++\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{301}",
    "\u{2028}",
    "Content-Length: ",
    "WARC/1.0\r\n",
    "HTTP/1.1 200 OK\r\n",
    "Transfer-Encoding: chunked\r\n",
    "ffffffff\r\n",
    "<table>",
    "<tr>",
    "<td>",
    "<li>",
    "<ol>",
    "<template>",
    "<svg>",
    "<math>",
    "<select>",
    "<plaintext>",
    "<script>",
    "<style>",
    "<a href=",
    "<p class=\"comment\">",
    "- ",
    " – ",
    "1. ",
    "A1 ",
    "(",
    ")",
    "Track Listing\n",
    "Responses to",
    "says:",
    "2019-03-04",
    "31/12/99",
    "May",
    "OR",
    "NOT",
    "~",
    "*",
    "date:",
    "..",
    "wp:comment",
    "dsq:id",
    "<entry>",
    "<item>",
    "</item>",
    "xmlns=",
    "!!binary",
    "&a ",
    "*a",
    "```",
    "| --- |",
    "> ",
    "PK\u{3}\u{4}",
];

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, out),
            path => out.push(path),
        }
    }
}

/// Cases that once failed.
fn found() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found"),
        &mut all,
    );
    all.sort();
    all.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// What cases grow from: files whose names end like the door's, and a few of everything else.
fn seeds(door: &Door) -> Vec<Vec<u8>> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["corpus", "tests/fixtures", "tests/gold"] {
        files(&base.join(folder), &mut all);
    }
    all.sort();
    let end = |path: &Path| path.extension().map(|e| e.to_string_lossy().into_owned());
    let wanted = end(Path::new(door.file));
    let mut seeds: Vec<Vec<u8>> = all
        .iter()
        .enumerate()
        .filter(|(n, path)| end(path) == wanted || n % 16 == 0)
        .map(|(_, path)| fs::read(path).unwrap())
        .collect();
    let generator = Generator::new(3);
    let pages: Vec<String> = (0..4).map(|n| generator.page(&generator.post(n))).collect();
    match door.name {
        "warc" => seeds.extend(pages.iter().map(|page| {
            let body = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}");
            format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/a\r\nContent-Length: {}\r\n\r\n{body}\r\n\r\n",
                body.len()
            )
            .into_bytes()
        })),
        "zip" => {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            for (n, page) in pages.iter().enumerate() {
                let options = zip::write::SimpleFileOptions::default();
                zip.start_file(format!("{n}.html"), options).unwrap();
                std::io::Write::write_all(&mut zip, page.as_bytes()).unwrap();
            }
            seeds = vec![zip.finish().unwrap().into_inner()];
        }
        "gzip" => {
            seeds = pages
                .iter()
                .map(|page| {
                    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
                    std::io::Write::write_all(&mut out, page.as_bytes()).unwrap();
                    out.finish().unwrap()
                })
                .collect();
        }
        "tar" => {
            let mut tar = tar::Builder::new(Vec::new());
            for (n, page) in pages.iter().enumerate() {
                let mut header = tar::Header::new_gnu();
                header.set_size(page.len() as u64);
                header.set_mode(0o644);
                header.set_cksum();
                let name = format!("{n}.html");
                tar.append_data(&mut header, name, page.as_bytes()).unwrap();
            }
            seeds = vec![tar.into_inner().unwrap()];
        }
        "dates" | "query" => {
            let lines = seeds.iter().flat_map(|s| s.split(|b| *b == b'\n').take(40));
            seeds = lines.filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect();
        }
        _ => {}
    }
    seeds
}

/// A case out of seeds: cut, doubled, crossed, flipped, with words that mean something.
fn case(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    // A part of a large file is as good, and quicker.
    if bytes.len() > 6_000 && random.chance(70) {
        let at = random.below(bytes.len() - 3_000);
        bytes = bytes[at..][..random.between(500, 3_000)].to_vec();
    }
    for _ in 0..random.between(1, 12) {
        let length = bytes.len();
        let at = random.below(length + 1);
        let to = (at + random.below(1 + length / 4)).min(length);
        match random.below(9) {
            0 if length > 0 => bytes[at.min(length - 1)] ^= 1 << random.below(8),
            1 if length > 0 => bytes[at.min(length - 1)] = random.below(256) as u8,
            2 => {
                bytes.drain(at..to);
            }
            3 => {
                let part = bytes[at..to].to_vec();
                bytes.splice(at..at, part);
            }
            4 => {
                let word = *random.pick(WORDS);
                bytes.splice(at..at, word.bytes());
            }
            5 => {
                let times = [2, 10, 100, 2_000][random.below(4)];
                let word = random.pick::<&str>(WORDS).repeat(times);
                bytes.splice(at..at, word.into_bytes());
            }
            6 => {
                let other = random.pick(seeds);
                let from = random.below(other.len() + 1);
                let end = (from + random.below(2_000)).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            7 => bytes.truncate(at),
            _ => {
                let part = bytes[at..to.min(at + 40)].to_vec();
                let times = random.between(2, 300);
                bytes.splice(at..at, part.repeat(times));
            }
        }
    }
    bytes.truncate(MOST);
    bytes
}

/// Cases at a door until a number or a time is reached; the number and the longest.
fn fuzz(door: &Door, most: u64, limit: Duration) -> (u64, Duration) {
    let seeds = seeds(door);
    assert!(!seeds.is_empty(), "{}", door.name);
    let stream = door.name.bytes().fold(7, |h, b| h * 31 + u64::from(b));
    let mut random = random(stream);
    let (mut count, mut longest) = (0, Duration::ZERO);
    let started = Instant::now();
    let mut found = found().into_iter();
    while count < most && started.elapsed() < limit {
        // What once failed comes first.
        let next = found.next();
        let bytes = next.unwrap_or_else(|| case(&seeds, &mut random));
        let began = Instant::now();
        let kept = std::panic::catch_unwind(|| entry::at(door.name, &bytes));
        let took = began.elapsed();
        longest = longest.max(took);
        count += 1;
        if kept.is_err() || took > PATIENCE {
            let path = std::env::temp_dir().join(format!("deepcut-{}-{count}", door.name));
            fs::write(&path, &bytes).unwrap();
            panic!(
                "{}: case {count} took {took:?}; it lies in {}",
                door.name,
                path.display()
            );
        }
    }
    (count, longest)
}

#[test]
fn a_few_cases_at_every_door() {
    for door in DOORS {
        fuzz(door, 60, Duration::from_secs(2));
    }
}

#[test]
#[ignore = "DEEPCUT_SECONDS (300 unless told) at each of 21 doors"]
fn five_minutes_at_every_door() {
    let limit = Duration::from_secs(number("DEEPCUT_SECONDS", 300));
    let only = std::env::var("DEEPCUT_DOOR").ok();
    for door in DOORS {
        if only.as_ref().is_some_and(|only| only != door.name) {
            continue;
        }
        let (count, longest) = fuzz(door, u64::MAX, limit);
        eprintln!(
            "{:<10} {count:>8} cases in {} s, longest {:.0} ms",
            door.name,
            limit.as_secs(),
            longest.as_secs_f64() * 1000.0
        );
    }
}
