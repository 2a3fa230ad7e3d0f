//! A run from beginning to end.
//!
//! In: a request. Out: a published index and a report. The order of the stages lives here and nowhere else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::copies::Copies;
use super::ledger::{self, Ledger, Root};
use super::plan::{Plan, plan};
use super::read::{Counts, Reading, failures_of};
use super::{Failure, Observer, Report, Request, Stage};
use crate::engine::tantivy::{TantivyReader, TantivyWriter};
use crate::engine::{ReadEngine, WriteEngine};
use crate::error::{Error, Result};
use crate::model::{Archived, OriginKey, PostId};
use crate::resolve;

/// Fewer vanished documents than this are never suspicious.
const SHRINK_FLOOR: usize = 5;

/// The roots that an index was built from, sorted.
///
/// # Errors
/// Where the ledger cannot be read.
pub fn roots(engine: &dyn ReadEngine) -> Result<Vec<String>> {
    Ok(load(Some(engine))?.roots.into_keys().collect())
}

fn load(engine: Option<&dyn ReadEngine>) -> Result<Ledger> {
    let bytes = match engine {
        Some(engine) => engine.attachment(ledger::NAME)?,
        None => None,
    };
    Ledger::decode(bytes.as_deref())
}

/// Brings an index up to date with its sources.
///
/// # Errors
/// Where a root cannot be reached, too much of one vanished, another process writes the index, or the
/// engine fails. Nothing is published then.
pub fn run(
    index: &Path,
    request: &Request,
    observer: &dyn Observer,
    cancel: &AtomicBool,
) -> Result<Report> {
    let started = Instant::now();
    observer.stage(Stage::Plan, 0, 0);
    let before = match TantivyReader::exists(index) {
        true => Some(TantivyReader::open(index)?),
        false => None,
    };
    let before: Option<&dyn ReadEngine> = before.as_ref().map(|r| r as &dyn ReadEngine);
    let mut ledger = load(before)?;
    let wanted = wanted(&ledger, request)?;
    let inside = index.canonicalize().unwrap_or_else(|_| index.to_path_buf());
    let inside = inside.parent().map_or(inside.clone(), Path::to_path_buf);
    let mut plans = Vec::new();
    for root in wanted {
        let name = root.display().to_string();
        let known = ledger.roots.remove(&name).unwrap_or_default();
        let planned = plan(&root, &known, &inside)?;
        if !request.allow_shrink {
            let all = known.files.values().map(|f| f.documents.len()).sum();
            guard(
                &name,
                planned.vanished.values().map(|f| f.documents.len()).sum(),
                all,
            )?;
        }
        plans.push((name, root, known, planned));
    }
    let mut report = Report {
        dry_run: request.dry_run,
        ..Report::default()
    };
    if request.dry_run {
        for (_, root, _, plan) in &plans {
            foresee(root, plan, &mut report);
        }
        totals(before, &mut report)?;
        report.seconds = started.elapsed().as_secs_f64();
        return Ok(report);
    }

    let nothing = before.is_some()
        && plans.iter().all(|(name, _, known, plan)| {
            plan.jobs.is_empty()
                && plan.vanished.is_empty()
                && (!known.files.is_empty() || name.is_empty())
        });
    if nothing {
        for (_, root, _, plan) in plans {
            keep(&root, plan, &mut Root::default(), &mut report);
        }
        totals(before, &mut report)?;
        report.seconds = started.elapsed().as_secs_f64();
        return Ok(report);
    }

    let threads = if request.threads == 0 {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        request.threads
    };
    let writer = TantivyWriter::create_or_open(index, threads)?;
    let owners = ledger
        .roots
        .values()
        .chain(plans.iter().map(|(_, _, known, _)| known))
        .flat_map(|root| root.files.values())
        .flat_map(ledger::File::posts);
    let copies = Copies::new(owners);
    let files = plans.iter().map(|(_, _, _, p)| p.jobs.len() as u64).sum();
    let bytes = plans
        .iter()
        .flat_map(|(_, _, _, p)| &p.jobs)
        .map(|j| j.size)
        .sum();
    observer.stage(Stage::Read, files, bytes);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| {
            Error::usage(
                format!("threads cannot be started: {e}"),
                "use fewer --threads",
            )
        })?;
    for (name, root, known, mut plan) in plans {
        let jobs = std::mem::take(&mut plan.jobs);
        let reading = Reading {
            engine: &writer,
            copies: &copies,
            root: &root,
            observer,
            cancel,
            counts: Counts::default(),
        };
        let done = pool.install(|| reading.all(jobs))?;
        let mut entry = Root::default();
        keep(&root, plan, &mut entry, &mut report);
        for (path, file) in &known.files {
            if !entry.files.contains_key(path) && !done.iter().any(|d| d.name == *path) {
                for (post, origin) in file.posts() {
                    copies.gone(post, OriginKey(origin));
                }
                report.removed += file.documents.len() as u64;
            }
        }
        for one in done {
            report.failed.extend(one.failures);
            if let Some(file) = one.file {
                if let Some(why) = &file.skipped {
                    report.skipped.push(skipped(&root, &one.name, why));
                }
                entry.files.insert(one.name, file);
            }
        }
        let count = |c: &std::sync::atomic::AtomicU64| c.load(Ordering::Relaxed);
        report.new += count(&reading.counts.new);
        report.changed += count(&reading.counts.changed);
        report.unchanged += count(&reading.counts.unchanged);
        report.removed += count(&reading.counts.removed);
        report.bytes += count(&reading.counts.bytes);
        if !request.allow_shrink {
            let all: usize = known.files.values().map(|f| f.documents.len()).sum();
            let now: usize = entry.files.values().map(|f| f.documents.len()).sum();
            guard(&name, all.saturating_sub(now), all)?;
        }
        ledger.roots.insert(name, entry);
    }
    report.interrupted = cancel.load(Ordering::Relaxed);
    observer.stage(Stage::Settle, 0, 0);
    let after = settle(&writer, &copies)?;
    observer.stage(Stage::Publish, 0, 0);
    let attachments = BTreeMap::from([(ledger::NAME.to_owned(), Some(ledger.encode()?))]);
    writer.publish(&attachments)?;
    totals(Some(&*after), &mut report)?;
    report.failed.sort();
    report.skipped.sort();
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// Takes a root and its posts out of the index.
///
/// # Errors
/// Where the root is not known, or the engine fails.
pub fn forget(index: &Path, root: &str) -> Result<Report> {
    let started = Instant::now();
    let before = TantivyReader::open(index)?;
    let mut ledger = load(Some(&before))?;
    let name = match Path::new(root).canonicalize() {
        Ok(path) => path.display().to_string(),
        Err(_) => root.to_owned(),
    };
    let Some(gone) = ledger.roots.remove(&name) else {
        let known: Vec<&str> = ledger.roots.keys().map(String::as_str).collect();
        return Err(Error::usage(
            format!("{name} is not a source of this index"),
            format!("its sources are: {}", known.join(", ")),
        ));
    };
    let writer = TantivyWriter::create_or_open(index, 1)?;
    let all = ledger.roots.values().chain([&gone]);
    let copies = Copies::new(
        all.flat_map(|r| r.files.values())
            .flat_map(ledger::File::posts),
    );
    let mut report = Report::default();
    for file in gone.files.values() {
        report.removed += file.documents.len() as u64;
        for (post, origin) in file.posts() {
            copies.gone(post, OriginKey(origin));
        }
    }
    let after = settle(&writer, &copies)?;
    let attachments = BTreeMap::from([(ledger::NAME.to_owned(), Some(ledger.encode()?))]);
    writer.publish(&attachments)?;
    totals(Some(&*after), &mut report)?;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// The roots to bring up to date, absolute, sorted, each once.
fn wanted(ledger: &Ledger, request: &Request) -> Result<BTreeSet<PathBuf>> {
    if request.paths.is_empty() {
        return Ok(ledger.roots.keys().map(PathBuf::from).collect());
    }
    request
        .paths
        .iter()
        .map(|path| {
            path.canonicalize()
                .map_err(|e| Error::io("reading", path, e))
        })
        .collect()
}

fn guard(root: &str, vanished: usize, known: usize) -> Result<()> {
    if vanished >= SHRINK_FLOOR && vanished * 5 > known {
        return Err(Error::Shrunk {
            root: root.to_owned(),
            vanished,
            known,
        });
    }
    Ok(())
}

/// Counts what stays, and names again what could not be read then.
fn keep(root: &Path, plan: Plan, entry: &mut Root, report: &mut Report) {
    report.failed.extend(plan.failed);
    for (name, file) in plan.unchanged {
        report.unchanged += file.documents.len() as u64;
        if let Some(why) = &file.skipped {
            report.skipped.push(skipped(root, &name, why));
        }
        let shown = root.join(&name).display().to_string();
        report.failed.extend(failures_of(&shown, &file));
        entry.files.insert(name, file);
    }
}

fn skipped(root: &Path, name: &str, why: &str) -> Failure {
    Failure {
        path: root.join(name).display().to_string(),
        entry: String::new(),
        reason: why.to_owned(),
    }
}

/// What a run would do, as far as it can be told without reading a file.
fn foresee(root: &Path, plan: &Plan, report: &mut Report) {
    for job in &plan.jobs {
        match &job.known {
            Some(_) => report.changed += 1,
            None => report.new += 1,
        }
        report.bytes += job.size;
    }
    report.unchanged += plan
        .unchanged
        .values()
        .map(|f| f.documents.len() as u64)
        .sum::<u64>();
    report.removed += plan
        .vanished
        .values()
        .map(|f| f.documents.len() as u64)
        .sum::<u64>();
    report.failed.extend(plan.failed.iter().cloned());
    for (name, file) in &plan.unchanged {
        report
            .failed
            .extend(failures_of(&root.join(name).display().to_string(), file));
    }
}

fn totals(engine: Option<&dyn ReadEngine>, report: &mut Report) -> Result<()> {
    if let Some(engine) = engine {
        let s = engine.statistics()?;
        report.posts = s.posts;
        report.tracks = s.tracks;
        report.comments = s.comments;
        report.artists = s.artists;
    }
    Ok(())
}

/// Merges copies, then settles every ambiguous list by the artists that the archive now knows. Returns
/// the state that is ready to be published.
fn settle(writer: &dyn WriteEngine, copies: &Copies) -> Result<Box<dyn ReadEngine>> {
    let mut view = writer.settle()?;
    let waiting = copies.take();
    if !waiting.is_empty() {
        for (id, change) in waiting {
            let mut versions = view.get(id)?.map(|a| a.versions).unwrap_or_default();
            versions.retain(|v| {
                !change.gone.contains(&v.origin)
                    && !change.versions.iter().any(|new| new.origin == v.origin)
            });
            if !copies.is_orphan(id) {
                versions.extend(change.versions);
            }
            versions.sort_by_key(|v| v.origin);
            match resolve::merge(&versions) {
                Some(post) => writer.put(&Archived { post, versions })?,
                None => writer.delete(id)?,
            }
        }
        view = writer.settle()?;
    }
    let ambiguous: Vec<PostId> = view.ambiguous(None)?;
    if ambiguous.is_empty() {
        return Ok(view);
    }
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut changed = false;
    for id in ambiguous {
        let Some(archived) = view.get(id)? else {
            continue;
        };
        let Some(mut post) = resolve::merge(&archived.versions) else {
            continue;
        };
        for key in resolve::sides(&post) {
            if let std::collections::hash_map::Entry::Vacant(entry) = counts.entry(key) {
                let posts = view.artist_posts(entry.key())?;
                entry.insert(posts);
            }
        }
        resolve::settle(&mut post, &mut |key| counts.get(key).copied().unwrap_or(0));
        if post != archived.post {
            writer.put(&Archived { post, ..archived })?;
            changed = true;
        }
    }
    if changed {
        view = writer.settle()?;
    }
    Ok(view)
}
