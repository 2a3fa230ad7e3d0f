//! The best matches, without looking at all of them.
//!
//! In: a query and its words. Out: the first places of `order::all`, the same ones in the same order, and how many
//! posts match. Where the words alone decide what matches, tantivy skips blocks of posts that cannot be among the
//! best; the weights are still those of `order`, which know nothing of segments and deletions.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};

use tantivy::postings::SegmentPostings;
use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, EnableScoring, Occur, Query as TantivyQuery, TermQuery,
};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::any;
use super::meeting::Meeting;
use super::order::{self, Addresses, Asked, Condition, Cursors, Group, Place, Shape, UNIT};
use super::parts;
use super::reader::TantivyReader;
use super::together::{self, Having};
use crate::error::Result;

/// Fewer matches than this are all looked at: nothing is gained by skipping some.
const SMALL: u64 = 256;
/// Where no list of posts says how many match, counting stops here.
pub(super) const COUNTED: u64 = 10_000;
/// Where the words of one condition stand in more posts, all told, their union is not counted.
const FAR_TOO_MANY: u64 = 20 * COUNTED;
/// So many are counted before other threads are told.
const AT_ONCE: u64 = 256;
/// Places beyond this are not found by skipping.
const DEEPEST: usize = 1_000;

/// Posts that match.
pub(super) struct Found {
    /// The best ones in order: all, or as many as were asked for and those that may take their places.
    pub places: Vec<Place>,
    /// How many match; at least so many where it is not exact.
    pub total: u64,
    pub exact: bool,
}

/// The first places, or all of them where `first` is `None`; those `seen` are left out.
pub(super) fn find(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    asked: &Asked<'_>,
    first: Option<usize>,
    seen: &Addresses,
) -> Result<Found> {
    if let Some(first) = first.filter(|f| *f <= DEEPEST)
        && asked.shape != Shape::Other
        && most(asked) > SMALL
        && let Some(found) = best(reader, query, asked, first, seen)?
    {
        return Ok(found);
    }
    let keep = first.map(|first| first.saturating_add(super::rank::CANDIDATES));
    let (places, total) = order::all(reader, query, asked, keep, seen)?;
    Ok(Found {
        places,
        total,
        exact: true,
    })
}

/// How many posts match by their words at most.
fn most(asked: &Asked<'_>) -> u64 {
    match asked.shape {
        Shape::All => order::rarest(&asked.conditions),
        Shape::Any | Shape::Other => asked.conditions.iter().map(|c| c.most).sum(),
    }
}

/// The first places by tiers: posts that have the name, then by words; `None` where that does not fill the page.
fn best(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    asked: &Asked<'_>,
    first: usize,
    seen: &Addresses,
) -> Result<Option<Found>> {
    let keep = first.saturating_add(super::rank::CANDIDATES);
    let (mut places, beside) = named(reader, asked, keep, seen)?;
    if places.len() >= first {
        let (total, exact) = count(reader, query, asked, beside, seen)?;
        return Ok(Some(Found {
            places,
            total,
            exact,
        }));
    }
    let mut skip = seen.clone();
    skip.extend(places.iter().map(|p| p.address));
    let wanted = (first - places.len()).max(super::rank::CANDIDATES);
    let walked = match asked.shape {
        Shape::All if asked.conditions.len() > 1 || asked.sequence.len() > 1 => {
            Some(together::all(reader, asked, keep, &skip)?)
        }
        Shape::Any if any::are_long(&asked.conditions) => {
            Some(any::all(reader, &asked.conditions, wanted, &skip)?)
        }
        _ => match asked.conditions.as_slice() {
            [one] if any::is_everywhere(one, reader.posts.num_docs()) => {
                Some(any::all(reader, &asked.conditions, wanted, &skip)?)
            }
            _ => None,
        },
    };
    if let Some((words, others)) = walked {
        let total = places.len() as u64 + others;
        places.extend(words);
        let (total, exact) = match total <= COUNTED {
            true => (total, true),
            false => count(reader, query, asked, beside, seen)?,
        };
        return Ok(Some(Found {
            places,
            total,
            exact,
        }));
    }
    let (total, exact) = count(reader, query, asked, beside, seen)?;
    let words = match asked.conditions.as_slice() {
        [one] => by_words(reader, one, wanted, &skip)?,
        any => {
            let mut best = Best::new(wanted);
            pruned(reader, any, &skip, &mut best)?;
            best.places(reader)?
        }
    };
    if words.len() < wanted && asked.conditions.iter().any(|c| c.open) {
        return Ok(None);
    }
    places.extend(words);
    Ok(Some(Found {
        places,
        total,
        exact,
    }))
}

/// Posts that have the whole query as a name, the first `keep` of them in order, and how many of all of them the words alone
/// do not find.
fn named(
    reader: &TantivyReader,
    asked: &Asked<'_>,
    keep: usize,
    seen: &Addresses,
) -> Result<(Vec<Place>, u64)> {
    let Some(name) = asked.name else {
        return Ok((Vec::new(), 0));
    };
    let names = order::names(&reader.fields, name, asked.kind);
    let needed = match asked.shape {
        Shape::All => asked.conditions.len(),
        Shape::Any | Shape::Other => 1,
    };
    let mut beside = 0;
    let mut places = Vec::new();
    for (ord, segment) in (0..).zip(reader.posts.segment_readers()) {
        let mut found: Vec<(DocId, Group)> = Vec::new();
        for (group, term) in &names {
            let postings = order::postings(segment, term, IndexRecordOption::Basic)?;
            let Some(mut postings) = postings else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let address = DocAddress::new(ord, postings.doc());
                if !segment.is_deleted(postings.doc()) && !seen.contains(&address) {
                    found.push((postings.doc(), *group));
                }
                postings.advance();
            }
        }
        if found.is_empty() {
            continue;
        }
        // Of the groups of a post the best one stays.
        found.sort_unstable();
        found.dedup_by_key(|(doc, _)| *doc);
        let mut cursors = Cursors::new(reader, segment, &asked.conditions)?;
        let columns = reader.columns(ord)?;
        for (doc, group) in found {
            let (words, met) = cursors.weight(doc);
            beside += u64::from(met < needed);
            places.push(columns.place(DocAddress::new(ord, doc), group, words));
        }
    }
    order::put_first(&mut places, keep);
    places.truncate(keep);
    Ok((places, beside))
}

/// How many posts match, and whether that is all of them. `beside` are those that only their names find.
fn count(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    asked: &Asked<'_>,
    beside: u64,
    seen: &Addresses,
) -> Result<(u64, bool)> {
    if let ([condition], true) = (&asked.conditions[..], seen.is_empty()) {
        let largest = condition.words.iter().map(|w| w.posts).max().unwrap_or(0);
        if !condition.open && condition.words.len() == 1 {
            return Ok((largest + beside, true));
        }
        if condition.most > FAR_TOO_MANY || largest > COUNTED {
            return Ok((largest, false));
        }
    }
    matching(reader, query, seen)
}

/// Counts what matches and is not `seen`, as far as [`COUNTED`].
pub(super) fn matching(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    seen: &Addresses,
) -> Result<(u64, bool)> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(&reader.posts))?;
    let mut total = 0;
    for (ord, segment) in (0..).zip(reader.posts.segment_readers()) {
        let mut scorer = weight.scorer(segment, 1.0)?;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            if !segment.is_deleted(doc) && !seen.contains(&DocAddress::new(ord, doc)) {
                total += 1;
                if total > COUNTED {
                    return Ok((COUNTED, false));
                }
            }
            doc = scorer.advance();
        }
    }
    Ok((total, true))
}

/// Counts, as far as [`COUNTED`], the posts that meet all conditions, but for those that have all the `typed` words, each of
/// them a word of a condition, and those with one of the `names`.
pub(super) fn others(
    reader: &TantivyReader,
    conditions: &[Condition],
    typed: &[Term],
    names: &[Term],
) -> Result<(u64, bool)> {
    // Lists are read, positions are not; of one condition no more of them than are counted.
    let work = match conditions {
        [_] => 0,
        _ => order::rarest(conditions) / 4,
    };
    let total = AtomicU64::new(0);
    parts::each(&reader.posts, work, |segment, part| {
        let basic = IndexRecordOption::Basic;
        let Some(mut meeting) = Meeting::new(reader, segment, conditions, basic)? else {
            return Ok(());
        };
        let typed: Option<Vec<_>> = typed.iter().map(|term| meeting.list_of(term)).collect();
        let mut named = Vec::new();
        for name in names {
            named.extend(order::postings(segment, name, basic)?);
        }
        let mut from = part.from;
        let mut here = 0;
        while let Some(doc) = meeting.from(from, part.to) {
            from = doc + 1;
            let has_all = |all: &Vec<_>| all.iter().all(|list| meeting.has(*list, doc));
            let has_name = |list: &mut SegmentPostings| order::reach(list, doc) == doc;
            if !segment.is_deleted(doc)
                && !typed.as_ref().is_some_and(has_all)
                && !named.iter_mut().any(has_name)
            {
                here += 1;
                if here == AT_ONCE {
                    if total.fetch_add(here, Ordering::Relaxed) > COUNTED {
                        return Ok(());
                    }
                    here = 0;
                }
            }
        }
        total.fetch_add(here, Ordering::Relaxed);
        Ok(())
    })?;
    let total = total.into_inner();
    Ok(match total <= COUNTED {
        true => (total, true),
        false => (COUNTED, false),
    })
}

/// The `reach` best posts that have a word of a condition, but for those to skip.
fn by_words(
    reader: &TantivyReader,
    condition: &Condition,
    reach: usize,
    skip: &Addresses,
) -> Result<Vec<Place>> {
    // A post weighs as much as the best of the words does. Those that may weigh most come first.
    let mut words: Vec<&order::Weighed> = condition.words.iter().collect();
    words.sort_by(|a, b| b.idf.total_cmp(&a.idf));
    let mut best = Best::new(reach);
    for word in words {
        let one = [Condition {
            words: vec![order::Weighed {
                term: word.term.clone(),
                ..*word
            }],
            ..*condition
        }];
        pruned(reader, &one, skip, &mut best)?;
    }
    best.places(reader)
}

/// The best posts so far.
struct Best {
    reach: usize,
    found: foldhash::HashMap<DocAddress, u32>,
    /// What the best weighed when they were found.
    heap: BinaryHeap<Reverse<u32>>,
}

impl Best {
    fn new(reach: usize) -> Self {
        Self {
            reach,
            found: foldhash::HashMap::default(),
            heap: BinaryHeap::with_capacity(reach + 1),
        }
    }

    /// What a post must weigh to be one of them, at least.
    fn least(&self) -> u32 {
        match self.heap.peek() {
            Some(Reverse(least)) if self.heap.len() == self.reach => *least,
            _ => 0,
        }
    }

    fn offer(&mut self, address: DocAddress, words: u32) {
        if words < self.least() {
            return;
        }
        match self.found.entry(address) {
            Entry::Occupied(mut known) => {
                let heavier = words.max(*known.get());
                known.insert(heavier);
            }
            Entry::Vacant(place) => {
                place.insert(words);
                self.heap.push(Reverse(words));
                if self.heap.len() > self.reach {
                    self.heap.pop();
                }
            }
        }
    }

    /// All of them, in order.
    fn places(self, reader: &TantivyReader) -> Result<Vec<Place>> {
        let least = self.least();
        let found = self.found.into_iter().filter(|(_, words)| *words >= least);
        let mut found: Vec<(DocAddress, u32)> = found.collect();
        found.sort_unstable();
        let having = found
            .into_iter()
            .map(|(address, words)| Having::new(address, words));
        together::first(reader, having.collect(), self.reach, Group::Words)
    }
}

/// Finds the best posts by the words of conditions, of which one is enough.
fn pruned(
    reader: &TantivyReader,
    conditions: &[Condition],
    skip: &Addresses,
    best: &mut Best,
) -> Result<()> {
    let words: Vec<_> = conditions.iter().flat_map(|c| &c.words).collect();
    let term = |word: &order::Weighed| {
        let query = TermQuery::new(word.term.clone(), IndexRecordOption::WithFreqs);
        Box::new(query) as Box<dyn TantivyQuery>
    };
    // tantivy adds up all the words of a condition, of which only the best weighs: its bounds are none too low.
    let query: Box<dyn TantivyQuery> = match &words[..] {
        [word] => term(word),
        words => {
            let clauses = words.iter().map(|word| (Occur::Should, term(word)));
            Box::new(BooleanQuery::new(clauses.collect()))
        }
    };
    let statistics = Statistics::new(reader, &words);
    let scoring = EnableScoring::enabled_from_statistics_provider(&statistics, &reader.posts);
    let weight = query.weight(scoring)?;
    for (ord, segment) in (0..).zip(reader.posts.segment_readers()) {
        let mut cursors = Cursors::new(reader, segment, conditions)?;
        if cursors.is_empty() {
            continue;
        }
        let share = least_share(reader, segment)?;
        // Equal weights are told apart by date and id.
        let bound = |least: u32| match least {
            0 => Score::MIN,
            least => (f64::from(least) / UNIT * share) as Score,
        };
        let mut threshold = bound(best.least());
        weight.for_each_pruning(threshold, segment, &mut |doc, _| {
            let address = DocAddress::new(ord, doc);
            if !segment.is_deleted(doc) && !skip.contains(&address) {
                let (words, _) = cursors.weight(doc);
                best.offer(address, words);
                threshold = bound(best.least());
            }
            threshold
        })?;
    }
    Ok(())
}

/// What tantivy is told of the archive: live counts and the length that counts as usual in `order`, so that its weights
/// are the same.
struct Statistics {
    posts: u64,
    words: Vec<(Term, u64)>,
}

impl Statistics {
    fn new(reader: &TantivyReader, words: &[&order::Weighed]) -> Self {
        Self {
            posts: reader.posts.num_docs().max(1),
            words: words.iter().map(|w| (w.term.clone(), w.posts)).collect(),
        }
    }
}

/// What share of the heaviest post of a block its noted maximum is at least. That is of the post which was the heaviest with
/// the segment's own usual length. A post weighs w / (1 + x), x = 1.2 (0.25 + 0.75 length / usual) / count; with another
/// usual length, r times as large, x becomes r x + (1 - r) 0.3 / count: one that was no heavier gains at most |1 - r| 0.3.
fn least_share(reader: &TantivyReader, segment: &SegmentReader) -> Result<f64> {
    let inverted = segment.inverted_index(reader.fields.everything)?;
    let usual = inverted.total_num_tokens() as f64 / f64::from(segment.max_doc().max(1));
    // A little less: floats round.
    Ok(0.999 / (1.0 + 0.3 * (1.0 - usual / order::PIVOT).abs()))
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, _: TantivyField) -> tantivy::Result<u64> {
        // tantivy divides it by the number of posts.
        Ok(self.posts.saturating_mul(order::PIVOT as u64))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.posts)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let word = self.words.iter().find(|(own, _)| own == term);
        Ok(word.map_or(0, |(_, posts)| *posts))
    }
}
