//! `kill -9` at any moment, while an index is made and while one is brought up to date: what was acknowledged
//! is there, nothing is there twice, and nothing has to be repaired.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{posts, random, sound, times, with_comment};
use crate::archive::{Archive, code, copy, errors};

const POSTS: usize = 40;

/// A moment, and what was seen.
#[derive(Default)]
struct Figures {
    killed: u64,
    over: u64,
    acknowledged: u64,
    published: u64,
}

struct Storm {
    archive: Archive,
    /// Ids and titles after the first run, and after the second.
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
    /// How long a run of each kind takes.
    first: Duration,
    update: Duration,
}

impl Storm {
    fn new() -> Self {
        let archive = Archive::in_memory();
        for n in 0..POSTS {
            let text = with_comment(&format!("Number {n}"), "Prose of the first.");
            archive.write(&format!("p/{n}.txt"), text);
        }
        let started = Instant::now();
        let run = archive
            .command_on("base", &["index", "p"])
            .output()
            .unwrap();
        assert_eq!(code(&run), 0, "{}", errors(&run));
        let first = started.elapsed();
        let before = posts(&archive, "base").unwrap();
        copy(&archive.path("p"), &archive.path("old"));
        for n in (0..POSTS).step_by(3) {
            let text = with_comment(&format!("Edited {n}"), "Prose of the second.");
            archive.write(&format!("p/{n}.txt"), text);
        }
        fs::remove_file(archive.path("p/1.txt")).unwrap();
        archive.write("p/new.txt", with_comment("New", "Prose of the third."));
        copy(&archive.path("base"), &archive.path("updated"));
        let started = Instant::now();
        let run = archive
            .command_on("updated", &["index", "p"])
            .output()
            .unwrap();
        assert_eq!(code(&run), 0, "{}", errors(&run));
        let update = started.elapsed();
        let after = posts(&archive, "updated").unwrap();
        assert_ne!(before, after);
        Self {
            archive,
            before,
            after,
            first,
            update,
        }
    }

    /// Starts a run, kills it after `moment`, and says whether the run had told that it was done.
    fn kill(&self, moment: Duration, figures: &mut Figures) -> bool {
        let mut child = self
            .archive
            .command_on("index", &["index", "p", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(moment);
        match child.try_wait().unwrap() {
            Some(_) => figures.over += 1,
            None => figures.killed += 1,
        }
        let _ = child.kill();
        child.wait().unwrap();
        let mut told = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        told.ends_with('\n')
    }

    /// One moment. `fresh` kills a first run, else an update is killed.
    fn moment(&self, fresh: bool, share: f64, figures: &mut Figures) {
        let archive = &self.archive;
        let index = archive.path("index");
        let _ = fs::remove_dir_all(&index);
        let (old, length) = if fresh {
            (&[][..], self.first)
        } else {
            copy(&archive.path("base"), &index);
            (&self.before[..], self.update)
        };
        let what = format!(
            "{} killed at {share:.4}",
            if fresh { "a first run" } else { "an update" }
        );
        let done = self.kill(length.mul_f64(share * 1.1), figures);
        figures.acknowledged += u64::from(done);
        let found = match posts(archive, "index") {
            Ok(found) => {
                sound(archive, "index").unwrap_or_else(|e| panic!("{what}: {e}"));
                found
            }
            Err(error) => {
                assert!(fresh && error.contains("no index"), "{what}: {error}");
                Vec::new()
            }
        };
        let published = found == self.after;
        figures.published += u64::from(published);
        assert!(published || found == old, "{what}: {found:?}");
        assert!(
            published || !done,
            "{what}: it was acknowledged and is not there"
        );
        // And the next run goes on: it repairs nothing.
        let next = archive.run(&["index", "p", "--format", "json"]);
        assert_eq!(code(&next), 0, "{what}: {}", errors(&next));
        let report: Value = serde_json::from_slice(&next.stdout).unwrap();
        assert_eq!(report["rebuilt"], Value::Null, "{what}");
        assert_eq!(posts(archive, "index").unwrap(), self.after, "{what}");
        sound(archive, "index").unwrap_or_else(|e| panic!("{what}: {e}"));
    }
}

fn campaign(moments: u64) -> Figures {
    let storm = Storm::new();
    let mut random = random(1);
    let mut figures = Figures::default();
    for n in 0..moments {
        let share = random.below(1 << 20) as f64 / (1 << 20) as f64;
        storm.moment(n % 2 == 0, share, &mut figures);
    }
    figures
}

#[test]
fn a_few_moments() {
    let figures = campaign(12);
    assert_eq!(figures.killed + figures.over, 12);
    assert!(figures.killed > 0);
}

#[test]
#[ignore = "minutes: 1,000 moments"]
fn a_thousand_moments() {
    let started = Instant::now();
    let moments = times(1_000);
    let f = campaign(moments);
    eprintln!(
        "kill -9: {moments} moments ({} of a running process, {} after its end), {} acknowledged, {} found published; \
         0 posts lost, 0 twice, 0 repairs; {:.0} s",
        f.killed,
        f.over,
        f.acknowledged,
        f.published,
        started.elapsed().as_secs_f64()
    );
}
