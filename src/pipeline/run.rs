//! A run from beginning to end.
//!
//! In: a request. Out: a published index and a report. The order of the stages lives here and nowhere else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rayon::prelude::*;

use super::copies::Copies;
use super::ledger::{self, Ledger, Root};
use super::plan::{Plan, locate, plan};
use super::read::{Counts, Done, Reading, failures_of, lock};
use super::standing::{self, Standing};
use super::totals::{self, Totals};
use super::{Failure, Observer, Report, Request, Stage};
use crate::engine::tantivy::{TantivyReader, TantivyWriter, let_go};
use crate::engine::{ReadEngine, WriteEngine};
use crate::error::{Error, Result};
use crate::model::{Archived, OriginKey, PostId};
use crate::resolve;

/// Where no more documents change, and no more bytes are read, the index is asked for copies of each instead of reading the
/// whole ledger: one that is stored is read in some 50 µs, a million entries of the ledger in half a second.
const FEW: usize = 2_000;
const FEW_BYTES: u64 = 16 << 20;

/// Fewer vanished documents than this are never suspicious.
const SHRINK_FLOOR: usize = 5;

/// The roots that an index was built from, sorted.
///
/// # Errors
/// Where the ledger cannot be read.
pub fn roots(engine: &dyn ReadEngine) -> Result<Vec<String>> {
    Ok(standing::load(engine)?.roots.into_keys().collect())
}

/// Documents of the sources that could not be read when they last were, sorted.
///
/// # Errors
/// Where the ledger cannot be read.
pub fn failures(engine: &dyn ReadEngine) -> Result<Vec<Failure>> {
    let mut all = Vec::new();
    for (root, known) in standing::load(engine)?.roots {
        for (name, file) in &known.files {
            let shown = locate(Path::new(&root), name).display().to_string();
            all.extend(failures_of(&shown, file));
        }
    }
    all.sort();
    Ok(all)
}

/// Brings an index up to date with its sources. An index that is damaged or of another version is built
/// anew from everything it was built from, beside the old one, which stays until the new one is published.
///
/// # Errors
/// Where a root cannot be reached, too much of one vanished, another process writes the index, nobody
/// knows what to build it from, or the engine fails. Nothing is published then.
pub fn run(
    index: &Path,
    request: &Request,
    observer: &dyn Observer,
    cancel: &AtomicBool,
) -> Result<Report> {
    let started = Instant::now();
    loop {
        observer.stage(Stage::Plan, 0, 0);
        if let Some(mut report) = attempt(index, request, observer, cancel)? {
            report.failed.sort_by(|a, b| a.key().cmp(&b.key()));
            report.skipped.sort();
            report.seconds = started.elapsed().as_secs_f64();
            return Ok(report);
        }
    }
}

/// A root to bring up to date.
struct Work {
    name: String,
    root: PathBuf,
    known: Root,
    /// Documents that the index had of it, also where it is built anew.
    had: usize,
    plan: Plan,
}

/// One run; `None` where another process published between the look at the index and its lock.
fn attempt(
    index: &Path,
    request: &Request,
    observer: &dyn Observer,
    cancel: &AtomicBool,
) -> Result<Option<Report>> {
    let mut standing = standing::look(index, request.rebuild)?;
    let mut report = Report {
        dry_run: request.dry_run,
        rebuilt: standing.anew.clone(),
        ..Report::default()
    };
    let work = match works(index, request, observer, &mut standing) {
        Err(error @ Error::Damaged { .. }) if standing.anew.is_none() => {
            standing = standing::damaged(index, &standing, &error);
            report.rebuilt.clone_from(&standing.anew);
            works(index, request, observer, &mut standing)?
        }
        other => other?,
    };
    let before = standing.reader.as_ref().map(|r| r as &dyn ReadEngine);
    if request.dry_run {
        for one in &work {
            foresee(&one.root, &one.plan, &mut report);
        }
        totals(index, before, &mut report)?;
        return Ok(Some(report));
    }
    let nothing = before.is_some()
        && work.iter().all(|one| {
            one.plan.jobs.is_empty() && one.plan.vanished.is_empty() && !one.known.files.is_empty()
        });
    let moved = standing
        .reader
        .as_ref()
        .is_some_and(TantivyReader::is_moved);
    if nothing && !(moved && TantivyWriter::may_write(index)) {
        for one in work {
            keep(&one.root, one.plan, &mut Root::default(), &mut report);
        }
        totals(index, before, &mut report)?;
        return Ok(Some(report));
    }

    let threads = if request.threads == 0 {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        request.threads
    };
    let Some(writer) = writer(index, &standing, threads)? else {
        return Ok(None);
    };
    if let Some(why) = &standing.anew {
        observer.anew(why);
    }
    let mut ledger = standing.ledger;
    let shared = ledger.shared.clone();
    let copies = copies(&work, &ledger, &shared, before)?;
    let jobs = || work.iter().flat_map(|one| &one.plan.jobs);
    observer.stage(
        Stage::Read,
        jobs().count() as u64,
        jobs().map(|j| j.size).sum(),
    );
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| {
            Error::usage(
                format!("threads cannot be started: {e}"),
                "use fewer --threads",
            )
        })?;
    for mut one in work {
        let jobs = std::mem::take(&mut one.plan.jobs);
        let reading = Reading {
            engine: &writer,
            copies: &copies,
            root: &one.root,
            observer,
            cancel,
            counts: Counts::default(),
        };
        let done = pool.install(|| reading.all(jobs))?;
        count(&reading.counts, &mut report);
        let name = one.name.clone();
        let had = one.had;
        let entry = enter(one, done, &copies, &mut report)?;
        // What an interrupted run did not reach has not vanished.
        if !request.allow_shrink && !cancel.load(Ordering::Relaxed) {
            guard(&name, had.saturating_sub(entry.documents()), had)?;
        }
        ledger.roots.insert(name, entry);
    }
    report.interrupted = cancel.load(Ordering::Relaxed);
    if report.interrupted && standing.anew.is_some() {
        // Half an index must not take the place of a whole one.
        return Ok(Some(report));
    }
    observer.stage(Stage::Settle, 0, 0);
    let after = pool.install(|| settle(&writer, &copies, &mut ledger.shared))?;
    observer.stage(Stage::Publish, 0, 0);
    publish(index, &writer, before, &*after, ledger, &mut report)?;
    let_go((standing.reader, after));
    Ok(Some(report))
}

/// Plans every root.
fn works(
    index: &Path,
    request: &Request,
    observer: &dyn Observer,
    standing: &mut Standing,
) -> Result<Vec<Work>> {
    let inside = index.canonicalize().unwrap_or_else(|_| index.to_path_buf());
    let mut all = Vec::new();
    for root in wanted(index, standing, request, observer)? {
        let name = root.display().to_string();
        let mut known = standing.ledger.roots.remove(&name).unwrap_or_default();
        let recovered = standing.recovered.get(&name).copied();
        let had = recovered.unwrap_or_else(|| known.documents());
        let mut plan = plan(&root, &known, &inside)?;
        if let Some(reader) = &standing.reader {
            load(&mut known, &mut plan, reader)?;
        }
        if !request.allow_shrink {
            let vanished = plan.vanished.values().map(ledger::File::count).sum();
            guard(&name, vanished, had)?;
        }
        all.push(Work {
            name,
            root,
            known,
            had,
            plan,
        });
    }
    Ok(all)
}

/// Loads what is known of files that changed or are gone.
fn load(known: &mut Root, plan: &mut Plan, reader: &dyn ReadEngine) -> Result<()> {
    for file in plan.jobs.iter_mut().filter_map(|job| job.known.as_mut()) {
        file.load(reader)?;
    }
    for name in plan.vanished.keys() {
        if let Some(file) = known.files.get_mut(name) {
            file.load(reader)?;
        }
    }
    Ok(())
}

/// Who has which posts. Where few documents change, the index is asked for those alone.
fn copies<'a>(
    work: &[Work],
    ledger: &Ledger,
    shared: &'a BTreeMap<u64, Vec<u64>>,
    before: Option<&'a dyn ReadEngine>,
) -> Result<Copies<'a>> {
    let Some(before) = before else {
        return Ok(Copies::default());
    };
    let jobs = || work.iter().flat_map(|one| &one.plan.jobs);
    let changing = jobs().filter_map(|job| job.known.as_ref());
    let gone = work.iter().flat_map(|one| one.plan.vanished.values());
    let documents: usize = changing.chain(gone).map(ledger::File::count).sum();
    let bytes: u64 = jobs().map(|job| job.size).sum();
    if documents <= FEW && bytes <= FEW_BYTES {
        return Ok(Copies::asking(before, shared));
    }
    let files = ledger
        .roots
        .values()
        .chain(work.iter().map(|one| &one.known))
        .flat_map(|root| root.files.values());
    let mut owners = Vec::new();
    for file in files {
        let documents = file.read(before)?;
        owners.extend(documents.iter().flat_map(|d| d.posts.iter().copied()));
    }
    Ok(Copies::new(owners.into_iter()))
}

/// The writer; `None` where the index is no longer the one that was looked at.
fn writer(index: &Path, standing: &Standing, threads: usize) -> Result<Option<TantivyWriter>> {
    let (writer, same) = if standing.anew.is_some() {
        let writer = TantivyWriter::rebuild(index, threads)?;
        let same = standing::is_same(index, standing);
        (writer, same)
    } else {
        let writer = TantivyWriter::create_or_open(index, threads)?;
        let same = standing.generation == Some(writer.generation());
        (writer, same)
    };
    Ok(same.then_some(writer))
}

/// What became of a root: what stays, what was read, what is gone.
fn enter(one: Work, done: Vec<Done>, copies: &Copies<'_>, report: &mut Report) -> Result<Root> {
    let mut entry = Root::default();
    keep(&one.root, one.plan, &mut entry, report);
    let read: HashSet<&str> = done.iter().map(|d| d.name.as_str()).collect();
    for (path, file) in &one.known.files {
        if !entry.files.contains_key(path) && !read.contains(path.as_str()) {
            for (post, origin) in file.posts() {
                copies.gone(post, OriginKey(origin))?;
            }
            report.removed += file.count() as u64;
        }
    }
    for each in done {
        report.failed.extend(each.failures);
        if let Some(file) = each.file {
            if let Some(why) = &file.skipped {
                report.skipped.push(skipped(&one.root, &each.name, why));
            }
            entry.files.insert(each.name, file);
        }
    }
    Ok(entry)
}

fn count(counts: &Counts, report: &mut Report) {
    let read = |c: &std::sync::atomic::AtomicU64| c.load(Ordering::Relaxed);
    report.new += read(&counts.new);
    report.changed += read(&counts.changed);
    report.unchanged += read(&counts.unchanged);
    report.removed += read(&counts.removed);
    report.bytes += read(&counts.bytes);
}

/// Takes a root and its posts out of the index.
///
/// # Errors
/// Where the root is not known, or the engine fails.
pub fn forget(index: &Path, root: &str) -> Result<Report> {
    let started = Instant::now();
    let before = TantivyReader::open(index)?;
    let generation = before.generation();
    let mut ledger = standing::load_whole(&before)?;
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
    if writer.generation() != generation {
        drop(writer);
        return forget(index, root);
    }
    let all = ledger.roots.values().chain([&gone]);
    let copies = Copies::new(
        all.flat_map(|r| r.files.values())
            .flat_map(ledger::File::posts),
    );
    let mut report = Report::default();
    for file in gone.files.values() {
        report.removed += file.count() as u64;
        for (post, origin) in file.posts() {
            copies.gone(post, OriginKey(origin))?;
        }
    }
    let after = settle(&writer, &copies, &mut ledger.shared)?;
    publish(index, &writer, Some(&before), &*after, ledger, &mut report)?;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// The roots to bring up to date, absolute, sorted, each once. An index that is built anew needs all that
/// the old one had.
fn wanted(
    index: &Path,
    standing: &Standing,
    request: &Request,
    observer: &dyn Observer,
) -> Result<BTreeSet<PathBuf>> {
    let mut roots = BTreeSet::new();
    for path in &request.paths {
        let root = path
            .canonicalize()
            .map_err(|e| Error::io("reading", path, e))?;
        roots.insert(root);
    }
    if let Some(why) = &standing.anew {
        if roots.is_empty() && standing.recovered.is_empty() {
            return Err(Error::SourcesUnknown {
                path: index.to_path_buf(),
                why: why.clone(),
            });
        }
        for (name, documents) in &standing.recovered {
            let root = PathBuf::from(name);
            if roots.contains(&root) || root.exists() {
                roots.insert(root);
            } else if request.allow_shrink || *documents == 0 {
                observer.left_out(name);
            } else {
                return Err(Error::Shrunk {
                    root: name.clone(),
                    vanished: *documents,
                    known: *documents,
                });
            }
        }
    } else if roots.is_empty() {
        roots.extend(standing.ledger.roots.keys().map(PathBuf::from));
    }
    Ok(roots)
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
        report.unchanged += file.count() as u64;
        if let Some(why) = &file.skipped {
            report.skipped.push(skipped(root, &name, why));
        }
        let shown = locate(root, &name).display().to_string();
        report.failed.extend(failures_of(&shown, &file));
        entry.files.insert(name, file);
    }
}

fn skipped(root: &Path, name: &str, why: &str) -> Failure {
    Failure {
        path: locate(root, name).display().to_string(),
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
        .map(|f| f.count() as u64)
        .sum::<u64>();
    report.removed += plan
        .vanished
        .values()
        .map(|f| f.count() as u64)
        .sum::<u64>();
    report.failed.extend(plan.failed.iter().cloned());
    for (name, file) in &plan.unchanged {
        report
            .failed
            .extend(failures_of(&locate(root, name).display().to_string(), file));
    }
}

/// Enters what an index holds that no run is about to change.
fn totals(index: &Path, engine: Option<&dyn ReadEngine>, report: &mut Report) -> Result<()> {
    if let Some(engine) = engine {
        let aliases = totals::aliases(index);
        match Totals::noted(engine, &aliases) {
            Some(noted) => noted.tell(report),
            None => Totals::counted(engine, &aliases)?.tell(report),
        }
    }
    Ok(())
}

/// Publishes what was settled, with its counts; `before` is the publication that was changed.
fn publish(
    index: &Path,
    writer: &dyn WriteEngine,
    before: Option<&dyn ReadEngine>,
    settled: &dyn ReadEngine,
    ledger: Ledger,
    report: &mut Report,
) -> Result<()> {
    let aliases = totals::aliases(index);
    let noted = before.and_then(|before| Totals::noted(before, &aliases));
    let change = noted
        .and_then(|_| writer.change().transpose())
        .transpose()?;
    let totals = match noted
        .zip(change)
        .and_then(|(noted, change)| noted.changed(change))
    {
        Some(totals) => totals,
        None => Totals::counted(settled, &aliases)?,
    };
    let (name, text) = totals.note();
    writer.note(name, text);
    writer.publish(&ledger.attachments()?)?;
    totals.tell(report);
    Ok(())
}

/// Merges copies, parts what only shares a place, then settles every ambiguous list by the artists that the
/// archive now knows, and every date in figures by the others of its site. Returns the state that is ready to be published.
fn settle(
    writer: &dyn WriteEngine,
    copies: &Copies<'_>,
    shared: &mut BTreeMap<u64, Vec<u64>>,
) -> Result<Box<dyn ReadEngine>> {
    let mut view = writer.settle()?;
    let waiting = copies.take();
    if !waiting.is_empty() {
        for (id, change) in waiting {
            let before = shared.remove(&id.0).unwrap_or_else(|| vec![id.0]);
            let mut versions = Vec::new();
            for one in &before {
                versions.extend(view.get(PostId(*one))?.into_iter().flat_map(|a| a.versions));
            }
            versions.retain(|v| {
                !change.gone.contains(&v.origin)
                    && !change.versions.iter().any(|new| new.origin == v.origin)
            });
            if !copies.is_orphan(id) {
                versions.extend(change.versions);
            }
            let posts = resolve::posts(versions);
            let now: Vec<u64> = posts.iter().map(|a| a.post.id.0).collect();
            for one in before.iter().filter(|one| !now.contains(one)) {
                writer.delete(PostId(*one))?;
            }
            for post in &posts {
                writer.put(post)?;
            }
            if !now.is_empty() && now != [id.0] {
                shared.insert(id.0, now);
            }
        }
        view = writer.settle()?;
    }
    let ambiguous: Vec<PostId> = view.ambiguous(None)?;
    if ambiguous.is_empty() {
        return Ok(view);
    }
    let counts: Mutex<HashMap<String, u64>> = Mutex::default();
    let changed = AtomicBool::new(false);
    // In a large archive they are ten thousands, and reading them takes as long as a tenth of building.
    ambiguous.par_iter().try_for_each(|id| -> Result<()> {
        let Some(archived) = view.get(*id)? else {
            return Ok(());
        };
        let Some(mut post) = resolve::merge(&archived.versions) else {
            return Ok(());
        };
        post.id = *id;
        let mut keys = resolve::sides(&post);
        if post.has_guessed_date() {
            keys.extend([post.order_key(true), post.order_key(false)]);
        }
        let mut own: HashMap<String, u64> = HashMap::new();
        for key in keys {
            let known = lock(&counts).get(&key).copied();
            let posts = match known {
                Some(posts) => posts,
                None => view.artist_posts(&key)?,
            };
            if known.is_none() {
                lock(&counts).insert(key.clone(), posts);
            }
            own.insert(key, posts);
        }
        let mut known = |key: &str| own.get(key).copied().unwrap_or(0);
        resolve::settle(&mut post, &mut known);
        resolve::settle_dates(&mut post, &mut known);
        if post != *archived.post {
            let post = Arc::new(post);
            writer.put(&Archived { post, ..archived })?;
            changed.store(true, Ordering::Relaxed);
        }
        Ok(())
    })?;
    if changed.into_inner() {
        view = writer.settle()?;
    }
    Ok(view)
}
