//! Crawls that are broken off.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::blog::Blog;
use super::server::Server;
use super::{counts, good, order, whole};
use crate::archive::{Archive, signal};

fn begin(archive: &Archive, server: &Server) -> std::process::Child {
    let url = server.url("/");
    archive
        .command(&[&order(&url)[..], &["--no-index"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Addresses of whole answers in all web archives, with how often each is there.
fn archived(archive: &Archive) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for entry in fs::read_dir(archive.path("posts")).unwrap().flatten() {
        if entry.file_name().to_string_lossy().ends_with(".warc.gz") {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(fs::File::open(entry.path()).unwrap())
                .read_to_end(&mut text)
                .unwrap();
            let text = String::from_utf8_lossy(&text);
            for record in text
                .split("WARC/1.1\r\n")
                .filter(|r| r.starts_with("WARC-Type: response"))
            {
                let line = record
                    .lines()
                    .find_map(|l| l.strip_prefix("WARC-Target-URI: "));
                *found.entry(line.unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    found
}

#[test]
fn killed_at_any_moment_it_loses_nothing_and_repeats_nothing() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = whole(&server);
    server.slow(true);
    let (mut kills, mut whole_run) = (0, None);
    for round in 0..12u64 {
        let mut child = begin(&archive, &server);
        let until = Instant::now() + Duration::from_millis(60 + round * 37 % 160);
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(3));
        }
        let ended = child.try_wait().unwrap().is_some();
        if !ended {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        // What comes after a whole run is a new one, which asks for everything again.
        if ended {
            whole_run = Some(server.paths());
            break;
        }
    }
    assert!(kills >= 5, "{kills}");
    server.slow(false);
    let found = good(&archive, &server, &[]);
    assert_eq!(counts(&found), [24, 72, blog.all_comments() as u64]);
    let archived = archived(&archive);
    for (url, times) in &archived {
        assert_eq!(*times, 1, "{url}");
    }
    for n in 1..=24 {
        assert!(archived.contains_key(&server.url(&Blog::path(n))), "{n}");
    }
    // Only what was under way at a kill is asked for again.
    let mut asked: HashMap<String, usize> = HashMap::new();
    for path in whole_run.unwrap_or_else(|| server.paths()) {
        *asked.entry(path).or_default() += 1;
    }
    let again: usize = asked.values().map(|n| n - 1).sum();
    assert!(
        again <= kills,
        "{again} requests again after {kills} kills: {asked:?}"
    );
}

#[test]
fn interrupted_it_keeps_what_came_and_goes_on() {
    let (archive, server) = (Archive::new(), Server::start());
    whole(&server);
    server.slow(true);
    let mut child = begin(&archive, &server);
    let begun = Instant::now();
    while !archive.path("posts").is_dir() || archive.path("posts").read_dir().unwrap().count() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(120));
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let before = server.paths();
    let status = archive.json(&["crawl", "--status", "--into", "posts"]);
    assert!(status["sites"][0]["due"].as_u64().unwrap() > 0);
    assert!(status["sites"][0]["ended"].is_null());
    server.slow(false);
    let found = good(&archive, &server, &[]);
    assert_eq!(counts(&found)[0], 24);
    let again = server.paths().iter().filter(|p| before.contains(p)).count();
    assert!(again <= 1, "{again}");
    assert!(archived(&archive).values().all(|n| *n == 1));
}
