//! Which posts, and in what order?
//!
//! In: a query. Out: ranked hits with evidence. Tiers are separate queries: the whole query as a name; all
//! words; and only where nothing has all, some of them. Candidates are ordered by what stands in the
//! posts themselves, so that an index that grew by updates answers as a fresh one does.

use std::cmp::Ordering;
use std::collections::HashSet;

use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::evidence::{self, Facts, Finding};
use super::reader::TantivyReader;
use super::{compile, facets};
use crate::artist;
use crate::engine::SearchOptions;
use crate::error::Result;
use crate::model::{Archived, Hit, Note, Response, Tier};
use crate::query::{Node, Query, Sort, Test};

/// Candidates that are looked through and ordered by their own words. More cost time (about 40 µs each)
/// and were measured to change the first ten rarely.
const CANDIDATES: usize = 50;

struct Candidate {
    archived: Archived,
    finding: Finding,
    tier: Tier,
    score: f32,
}

/// Answers a query.
pub(super) fn answer(
    reader: &TantivyReader,
    query: &Query,
    options: &SearchOptions,
) -> Result<Response> {
    let mut compiled = compile::posts(reader, query)?;
    let mut total = reader.posts.search(&compiled, &Count)? as u64;
    let mut notes = Vec::new();
    let mut relaxed = false;
    if total == 0
        && !options.exact
        && let Some(some) = relax(&query.root)
    {
        let some = Query {
            root: some,
            ..query.clone()
        };
        let other = compile::posts(reader, &some)?;
        total = reader.posts.search(&other, &Count)? as u64;
        if total > 0 {
            compiled = other;
            relaxed = true;
            notes.push(Note {
                code: "relaxed",
                text: "no post has all of these words; showing posts with some of them".into(),
            });
        }
    }
    let wants = evidence::wants(&query.root, &reader.posts, reader.fields.everything)?;
    let key = whole_name(&query.root);
    let sort = options.sort.or(query.sort).unwrap_or(Sort::Relevance);
    let end = options.offset.saturating_add(options.limit);
    let addresses = match sort {
        Sort::Relevance => {
            let most = end.clamp(CANDIDATES, 10_000);
            let mut found = top(reader, &compiled, most)?;
            if let Some(key) = &key {
                let named: Box<dyn TantivyQuery> = Box::new(BooleanQuery::new(vec![
                    (Occur::Must, compiled.box_clone()),
                    (Occur::Must, compile::by_key(reader, key)),
                ]));
                found.extend(top(reader, &named, most)?);
            }
            found
        }
        sort => sorted(reader, &compiled, sort, end)?,
    };
    let mut seen = HashSet::new();
    let mut candidates = Vec::new();
    for address in addresses {
        if !seen.insert(address) {
            continue;
        }
        let archived = reader.stored(address)?;
        let finding = evidence::look(&archived.post, &wants, key.as_deref());
        let (tier, score) = score(&finding.facts, wants.len(), relaxed);
        candidates.push(Candidate {
            archived,
            finding,
            tier,
            score,
        });
    }
    if sort == Sort::Relevance {
        candidates.sort_by(better);
    }
    let hits = candidates
        .into_iter()
        .enumerate()
        .skip(options.offset)
        .take(options.limit)
        .map(|(at, candidate)| hit(at, candidate, options.explain, sort))
        .collect();
    Ok(Response {
        query: options.text.clone(),
        total,
        total_exact: true,
        offset: options.offset,
        limit: options.limit,
        took_ms: 0.0,
        notes,
        hits,
        facets: if options.facets {
            facets::count(reader, &compiled)?
        } else {
            Vec::new()
        },
    })
}

fn top(reader: &TantivyReader, query: &dyn TantivyQuery, most: usize) -> Result<Vec<DocAddress>> {
    let found = reader
        .posts
        .search(query, &TopDocs::with_limit(most).order_by_score())?;
    Ok(found.into_iter().map(|(_, address)| address).collect())
}

/// Tier, then score, then the newest, then id.
fn better(a: &Candidate, b: &Candidate) -> Ordering {
    let date = |c: &Candidate| c.archived.post.published.as_ref().map(|d| d.key());
    a.tier
        .cmp(&b.tier)
        .then_with(|| b.score.total_cmp(&a.score))
        .then_with(|| date(b).cmp(&date(a)))
        .then_with(|| a.archived.post.id.cmp(&b.archived.post.id))
}

/// Tier and score. Each tier has a range of its own, so that scores never rise down the list: exact from
/// 500, phrase from 400, near from 300, all from 200, some from 100.
fn score(facts: &Facts, wanted: usize, relaxed: bool) -> (Tier, f32) {
    let about = facts.weight.clamp(0.0, 1.0);
    if facts.exact > 0 {
        return (
            Tier::Exact,
            500.0 + 20.0 * f32::from(facts.exact) + 10.0 * about,
        );
    }
    if relaxed {
        let share = facts.found as f32 / wanted.max(1) as f32;
        return (Tier::Some, 100.0 + 80.0 * share + 10.0 * about);
    }
    if facts.phrase {
        (Tier::Phrase, 400.0 + 90.0 * about)
    } else if facts.near {
        (Tier::Near, 300.0 + 90.0 * about)
    } else {
        let share = facts.found as f32 / wanted.max(1) as f32;
        (Tier::All, 200.0 + 50.0 * share.min(1.0) + 40.0 * about)
    }
}

fn hit(at: usize, candidate: Candidate, explain: bool, sort: Sort) -> Hit {
    let Candidate {
        archived: Archived { post, .. },
        finding,
        tier,
        score,
    } = candidate;
    let facts = finding.facts;
    let explanation = explain.then(|| {
        let name = ["no name", "a track", "the title", "an artist"][usize::from(facts.exact.min(3))];
        format!(
            "tier {} · the whole query is {name} · in a row: {} · close together: {} · conditions found: {} · weight {:.3}",
            tier.as_str(),
            facts.phrase,
            facts.near,
            facts.found,
            facts.weight
        )
    });
    Hit {
        rank: at as u32 + 1,
        // Where another order was asked for, the score must not contradict it.
        score: if sort == Sort::Relevance { score } else { 0.0 },
        tier,
        id: post.id,
        title: post.title,
        title_marks: finding.title_marks,
        url: post.url,
        site: post.site,
        source: post.source,
        author: post.author,
        published: post.published,
        evidence: finding.evidence,
        explanation,
    }
}

/// The key of the whole query, where it is words without fields: it may be a name.
fn whole_name(root: &Node) -> Option<String> {
    let mut words = Vec::new();
    let mut add = |node: &Node| match node {
        Node::Leaf(leaf) if leaf.field.is_none() => match &leaf.test {
            Test::Word(w) | Test::Phrase { words: w, slop: 0 } => {
                words.push(w.clone());
                true
            }
            _ => false,
        },
        Node::Not(_) => true,
        _ => false,
    };
    let named = match root {
        Node::And(all) => all.iter().all(&mut add),
        other => add(other),
    };
    if !named || words.is_empty() {
        return None;
    }
    Some(artist::key(&words.join(" "))).filter(|key| !key.is_empty())
}

/// The same query with any of its words enough; `None` where it has fewer than two.
fn relax(root: &Node) -> Option<Node> {
    let Node::And(all) = root else { return None };
    let (words, rest): (Vec<&Node>, Vec<&Node>) = all
        .iter()
        .partition(|n| matches!(n, Node::Leaf(leaf) if leaf.field.is_none()));
    if words.len() < 2 {
        return None;
    }
    let any = Node::Or(words.into_iter().cloned().collect());
    let mut clauses = vec![any];
    clauses.extend(rest.into_iter().cloned());
    Some(if clauses.len() == 1 {
        clauses.remove(0)
    } else {
        Node::And(clauses)
    })
}

/// The first `most` matches by date or comments; equal ones by date, then id.
fn sorted(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    sort: Sort,
    most: usize,
) -> Result<Vec<DocAddress>> {
    let mut all = reader.posts.search(query, &Keys { sort })?;
    all.sort();
    Ok(all.into_iter().take(most).map(|k| k.3).collect())
}

/// Sort keys, smallest first, then the address.
type Key = (i64, i64, u64, DocAddress);

struct Keys {
    sort: Sort,
}

struct SegmentKeys {
    sort: Sort,
    segment: SegmentOrdinal,
    date: Column<i64>,
    comments: Column<u64>,
    id: Column<u64>,
    keys: Vec<Key>,
}

impl Collector for Keys {
    type Fruit = Vec<Key>;
    type Child = SegmentKeys;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentKeys> {
        let fast = reader.fast_fields();
        Ok(SegmentKeys {
            sort: self.sort,
            segment,
            date: fast.i64("date")?,
            comments: fast.u64("comments")?,
            id: fast.u64("id")?,
            keys: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Key>>) -> tantivy::Result<Vec<Key>> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

impl SegmentCollector for SegmentKeys {
    type Fruit = Vec<Key>;

    fn collect(&mut self, doc: DocId, _: Score) {
        // Posts without a date come last in both directions.
        let date = self.date.first(doc);
        let newest = date.map_or(i64::MAX, |d| -d);
        let first = match self.sort {
            Sort::Oldest => date.unwrap_or(i64::MAX),
            Sort::Comments => -(self.comments.first(doc).unwrap_or(0) as i64),
            Sort::Newest | Sort::Relevance => newest,
        };
        let id = self.id.first(doc).unwrap_or(0);
        self.keys
            .push((first, newest, id, DocAddress::new(self.segment, doc)));
    }

    fn harvest(self) -> Vec<Key> {
        self.keys
    }
}
