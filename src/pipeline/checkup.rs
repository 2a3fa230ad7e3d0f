//! Is everything in order?
//!
//! In: an index folder. Out: one [`Check`] for each thing that can be wrong, with what to do about it. Reads all
//! of the index and looks at its sources; writes nothing, takes no lock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ledger::{self, Ledger};
use super::plan::plan;
use super::standing;
use crate::artist::Aliases;
use crate::engine::tantivy::{self, Examined, FORMAT_VERSION, Records, TantivyReader};
use crate::engine::{ReadEngine, SearchOptions};
use crate::error::{Error, Result};
use crate::model::Archived;
use crate::query;
use crate::text::tokens;

/// Below so many bytes a disk is as good as full.
const SCARCE: u64 = 16 << 20;

const REPAIR: &str = "run `deepcut repair`: it builds the index again from its sources";

/// How a check came out, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Sound,
    /// Worth knowing; answers are right all the same.
    Note,
    /// Cannot be looked at because of something else.
    Unknown,
    Wrong,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable word.
    pub name: &'static str,
    pub verdict: Verdict,
    pub found: String,
    /// What to do; `None` where there is nothing to do.
    pub advice: Option<String>,
    /// Files that are damaged, within the index folder, each with what is wrong with it.
    pub files: Vec<(String, String)>,
}

/// Everything that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    pub index: PathBuf,
    pub checks: Vec<Check>,
}

impl Checkup {
    /// True where nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.checks
            .iter()
            .all(|check| check.verdict < Verdict::Unknown)
    }
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            name,
            verdict,
            found: found.into(),
            advice: None,
            files: Vec::new(),
        }
    }

    fn sound(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Sound, found)
    }

    fn wrong(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Wrong, found).advised(REPAIR)
    }

    fn advised(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Checks the index in `dir`; the user's own files (aliases) lie in the folder above it, `beside`.
///
/// # Errors
/// Where there is no index.
pub fn checkup(dir: &Path, beside: &Path) -> Result<Checkup> {
    if !TantivyReader::exists(dir) {
        return Err(Error::NoIndex {
            path: dir.to_path_buf(),
        });
    }
    let mut checks = Vec::new();
    let mut roots = None;
    let mut bytes = 0;
    match tantivy::examine(dir) {
        Err(error) => checks.extend(unreadable(&error)),
        Ok(examined) => {
            bytes = examined.bytes;
            checks.push(Check::sound(
                "manifest",
                format!("publication {}, checksum right", examined.generation),
            ));
            checks.push(format(&examined));
            checks.extend(files(&examined));
            if examined.fingerprint && examined.faults.is_empty() {
                roots = inside(dir, &mut checks);
            } else {
                for name in ["ledger", "records", "query"] {
                    checks.push(unknown(name, "not looked at: what it lies in is wrong"));
                }
            }
        }
    }
    checks.extend(sources(dir, roots));
    checks.push(match Aliases::load(beside) {
        Ok(_) => Check::sound("aliases", "can be read"),
        Err(error) => {
            Check::new("aliases", Verdict::Wrong, error.to_string()).advised(error.hint())
        }
    });
    checks.extend(space(dir, bytes));
    Ok(Checkup {
        index: dir.to_path_buf(),
        checks,
    })
}

fn unknown(name: &'static str, why: &str) -> Check {
    Check::new(name, Verdict::Unknown, why)
}

/// The manifest cannot be read: nothing else can then.
fn unreadable(error: &Error) -> Vec<Check> {
    let first = match error {
        Error::OtherVersion {
            found, expected, ..
        } => {
            let told = format!("format {found}; this deepcut reads and writes {expected}");
            let check = Check::new("format", Verdict::Wrong, told);
            if found > expected {
                check.advised("a newer deepcut wrote it: use that one, or run `deepcut repair` to build it again")
            } else {
                check.advised(
                    "the next `deepcut search` or `deepcut index` builds it anew from its sources",
                )
            }
        }
        Error::Damaged { what, .. } => {
            let mut check = Check::wrong("manifest", what.clone());
            check.files.push(("manifest".into(), what.clone()));
            check
        }
        other => Check::new("manifest", Verdict::Wrong, other.to_string()).advised(other.hint()),
    };
    let rest = ["files", "ledger", "records", "query"];
    let rest = rest.map(|name| unknown(name, "not looked at: the manifest says where"));
    std::iter::once(first).chain(rest).collect()
}

fn format(examined: &Examined) -> Check {
    if examined.fingerprint {
        return Check::sound(
            "format",
            format!("format {FORMAT_VERSION}; fields and analyzer are those of this deepcut"),
        );
    }
    Check::wrong(
        "format",
        "it was written with other fields or another analyzer",
    )
}

fn files(examined: &Examined) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = Check::sound(
        "files",
        format!(
            "{} files with {}, all checksums right",
            examined.files,
            size(examined.bytes)
        ),
    );
    if !examined.faults.is_empty() {
        let told = format!("{} of {} damaged", examined.faults.len(), examined.files);
        check = Check::wrong("files", told);
        for fault in &examined.faults {
            check.files.push((fault.file.clone(), fault.what.clone()));
        }
    }
    checks.push(check);
    if examined.moved > 0 {
        let told = format!(
            "{} files are sound but are not where or when they were written (a copy of the folder?); every search \
             verifies them first",
            examined.moved
        );
        checks.push(Check::new("moved", Verdict::Note, told).advised(
            "run `deepcut index` once: it takes note of them, and searches are quick again",
        ));
    }
    if examined.strays > 0 {
        let told = format!(
            "{} files with {} belong to no publication: a run was stopped, or is going on",
            examined.strays,
            size(examined.stray_bytes)
        );
        checks.push(
            Check::new("strays", Verdict::Note, told)
                .advised("the next `deepcut index` that changes something removes them"),
        );
    }
    checks
}

/// Looks into files that are known to be sound. Returns the ledger.
fn inside(dir: &Path, checks: &mut Vec<Check>) -> Option<Ledger> {
    let reader = match TantivyReader::open_whole(dir) {
        Ok(reader) => reader,
        Err(error) => {
            checks.push(Check::wrong("records", error.to_string()));
            return None;
        }
    };
    let ledger = match standing::load_whole(&reader) {
        Ok(ledger) => ledger,
        Err(error) => {
            checks.push(Check::wrong("ledger", error.to_string()));
            return None;
        }
    };
    match tantivy::records(&reader) {
        Ok(records) => {
            checks.push(known(&ledger, &records));
            checks.push(agreement(&records));
        }
        Err(error) => checks.push(Check::wrong("records", error.to_string())),
    }
    checks.push(ask(&reader).unwrap_or_else(|error| Check::wrong("query", error.to_string())));
    Some(ledger)
}

/// The ledger against the index: every place has its post, every post its place.
fn known(ledger: &Ledger, records: &Records) -> Check {
    let places: BTreeSet<u64> = ledger
        .roots
        .values()
        .flat_map(|root| root.files.values())
        .flat_map(ledger::File::posts)
        .map(|(_, origin)| origin)
        .collect();
    let lost = places.difference(&records.origins).count();
    let unknown = records.origins.difference(&places).count();
    if lost + unknown == 0 {
        return Check::sound(
            "ledger",
            format!("{} places of posts, each in the index", places.len()),
        );
    }
    Check::wrong(
        "ledger",
        format!(
            "{lost} places have no post in the index, {unknown} posts of the index come from no known place"
        ),
    )
}

fn agreement(records: &Records) -> Check {
    let Records {
        posts,
        tracks,
        comments,
        orphans,
        incomplete,
        twice,
        ..
    } = records;
    if orphans + incomplete + twice == 0 {
        return Check::sound(
            "records",
            format!(
                "{posts} posts with {tracks} tracks and {comments} comments, none without its post"
            ),
        );
    }
    Check::wrong(
        "records",
        format!(
            "{orphans} rows without their post, {incomplete} posts without all their rows, {twice} posts twice"
        ),
    )
}

/// One query whose answer is known: a post by its title.
fn ask(reader: &TantivyReader) -> Result<Check> {
    const NAME: &str = "query";
    let mut chosen: Option<Archived> = None;
    reader.for_each(&mut |archived| {
        let fits = !tokens::tokens(&archived.post.title).is_empty();
        let before = chosen.as_ref().is_none_or(|c| archived.post.id < c.post.id);
        if fits && before {
            chosen = Some(archived);
        }
        true
    })?;
    let Some(chosen) = chosen else {
        return Ok(Check::sound(NAME, "no post has a title to ask for"));
    };
    let words: Vec<String> = tokens::tokens(&chosen.post.title)
        .into_iter()
        .take(16)
        .map(|t| t.text)
        .collect();
    let text = format!("title:\"{}\"", words.join(" "));
    let id = chosen.post.id;
    let options = SearchOptions {
        exact: true,
        ..SearchOptions::new(&text, 1_000)
    };
    let found = reader.search(&query::parse(&text), &options)?;
    let same = reader.get(id)?.is_some_and(|again| again == chosen);
    let listed = found.hits.iter().any(|hit| hit.id == id) || found.hits.len() == options.limit;
    if same && listed {
        return Ok(Check::sound(NAME, format!("{text} finds its post")));
    }
    Ok(Check::wrong(
        NAME,
        format!("{text} does not find post {id}"),
    ))
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0);
    format!(
        "{value:.digits$} {}",
        units.get(unit).copied().unwrap_or("B")
    )
}

/// The ledger against what lies at the sources now.
fn sources(dir: &Path, ledger: Option<Ledger>) -> Vec<Check> {
    const NAME: &str = "sources";
    let Some(ledger) = ledger else {
        let left = ledger::recover(|name| TantivyReader::attachments_left(dir, name));
        return vec![match left {
            Some(roots) => {
                let (there, gone): (Vec<String>, Vec<String>) =
                    roots.into_keys().partition(|root| Path::new(root).exists());
                let told = format!("it can be built again from {}", listed(&there));
                if gone.is_empty() {
                    Check::sound(NAME, told)
                } else {
                    let told = format!("{} is not there", listed(&gone));
                    Check::new(NAME, Verdict::Note, told)
                        .advised("mount the disk that it lies on before `deepcut repair`")
                }
            }
            None => Check::new(
                NAME,
                Verdict::Unknown,
                "what the index was built from is not known any more",
            )
            .advised("run `deepcut repair PATH` on the folder that holds the posts"),
        }];
    };
    let inside = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let mut checks = Vec::new();
    for (name, root) in &ledger.roots {
        let path = Path::new(name);
        if !path.exists() {
            checks.push(
                Check::new(NAME, Verdict::Note, format!("{name} is not there")).advised(
                    "answers are as of the last run; the index cannot be built again without it. If it is on \
                     another disk, mount it; if it is gone for good, `deepcut index --forget` takes its posts out",
                ),
            );
            continue;
        }
        match plan(path, root, &inside) {
            Ok(plan) => {
                let (new, changed): (Vec<_>, Vec<_>) =
                    plan.jobs.iter().partition(|job| job.known.is_none());
                let (new, changed, vanished) = (new.len(), changed.len(), plan.vanished.len());
                if new + changed + vanished + plan.failed.len() == 0 {
                    let told = format!("{name}: {} files as they were indexed", root.files.len());
                    checks.push(Check::sound(NAME, told));
                    continue;
                }
                let mut told =
                    format!("{name}: {new} files new, {changed} changed, {vanished} gone");
                if !plan.failed.is_empty() {
                    told.push_str(&format!(", {} out of reach", plan.failed.len()));
                }
                checks.push(
                    Check::new(NAME, Verdict::Note, told)
                        .advised("run `deepcut index` to bring the index up to date"),
                );
            }
            Err(error) => checks
                .push(Check::new(NAME, Verdict::Note, error.to_string()).advised(error.hint())),
        }
    }
    if checks.is_empty() {
        checks.push(Check::sound(NAME, "the index has none"));
    }
    checks
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    }
}

/// Room for the next run, which writes beside what stands there.
#[cfg(target_os = "linux")]
fn space(dir: &Path, index: u64) -> Option<Check> {
    const NAME: &str = "space";
    let disk = rustix::fs::statvfs(dir).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let told = format!("{} free; the index has {}", size(free), size(index));
    Some(
        if disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
            Check::sound(
                NAME,
                "the disk is read-only: it can be searched, not brought up to date",
            )
        } else if free < SCARCE {
            Check::new(NAME, Verdict::Wrong, told).advised(
                "make space on that disk: the index can be searched, not brought up to date",
            )
        } else if free < index.saturating_mul(2) {
            Check::new(NAME, Verdict::Note, told).advised(
            "to be built again it needs about twice its size for a while: make space before `deepcut repair`",
        )
        } else {
            Check::sound(NAME, told)
        },
    )
}

/// Other systems are not asked.
#[cfg(not(target_os = "linux"))]
fn space(_: &Path, _: u64) -> Option<Check> {
    None
}
