//! Which posts, and in what order?
//!
//! In: a query. Out: ranked hits with evidence. Tiers are separate queries: the whole query as a name; all
//! words; and only where nothing has all, some of them. Candidates are ordered by what stands in the
//! posts themselves, so that an index that grew by updates answers as a fresh one does.

use std::cmp::Ordering;
use std::ops::Range;

use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::evidence::{self, Facts, Finding, Name, Want};
use super::reader::TantivyReader;
use super::{compile, facets};
use crate::artist;
use crate::engine::SearchOptions;
use crate::error::Result;
use crate::model::{Archived, Hit, Note, Response, Tier};
use crate::query::{Field, Node, Query, Sort, Test};

/// Candidates that are looked through and ordered by their own words. More cost time (about 40 µs each)
/// and were measured to change the first ten rarely.
const CANDIDATES: usize = 50;

/// Results are not followed further down than this.
const DEEPEST: usize = 10_000;

/// Tier and lowest score of what follows the candidates of a group: below every candidate's, above every
/// score of the next group.
const LAST_EXACT: (Tier, f32) = (Tier::Exact, 490.0);
const LAST_ALL: (Tier, f32) = (Tier::All, 190.0);
const LAST_SOME: (Tier, f32) = (Tier::Some, 90.0);

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
    let sight = Sight {
        reader,
        wants: evidence::wants(&query.root, &reader.posts, reader.fields.everything)?,
        name: whole_name(&query.root),
        relaxed,
    };
    let sort = options.sort.or(query.sort).unwrap_or(Sort::Relevance);
    let end = options.offset.saturating_add(options.limit);
    let candidates = match sort {
        Sort::Relevance => sight.page(compiled.as_ref(), total as usize, options.offset, end)?,
        sort => sorted(reader, &compiled, sort, end)?
            .into_iter()
            .skip(options.offset)
            .map(|address| sight.look(address))
            .collect::<Result<_>>()?,
    };
    let hits = (options.offset..)
        .zip(candidates)
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

/// What it takes to look at a post.
struct Sight<'a> {
    reader: &'a TantivyReader,
    wants: Vec<Want>,
    name: Option<Name>,
    relaxed: bool,
}

impl Sight<'_> {
    fn look(&self, address: DocAddress) -> Result<Candidate> {
        let archived = self.reader.stored(address)?;
        let finding = evidence::look(&archived.post, &self.wants, self.name.as_ref());
        let (tier, score) = score(&finding.facts, self.wants.len(), self.relaxed);
        Ok(Candidate {
            archived,
            finding,
            tier,
            score,
        })
    }

    /// Places `start..end` of the whole result. Posts that have the query as a name come before all others.
    /// Of each of the two groups the first [`CANDIDATES`] are ordered by their own words, the rest as
    /// tantivy scores them: where a page begins and ends changes nothing.
    fn page(
        &self,
        all: &dyn TantivyQuery,
        total: usize,
        start: usize,
        end: usize,
    ) -> Result<Vec<Candidate>> {
        let mut out = Vec::new();
        let Some(name) = &self.name else {
            let (tier, floor) = if self.relaxed { LAST_SOME } else { LAST_ALL };
            self.group(all, start..end.min(total), tier, floor, &mut out)?;
            return Ok(out);
        };
        let key = || compile::by_key(self.reader, name.field, &name.key);
        let named = BooleanQuery::new(vec![(Occur::Must, all.box_clone()), (Occur::Must, key())]);
        let others = BooleanQuery::new(vec![
            (Occur::Must, all.box_clone()),
            (Occur::MustNot, key()),
        ]);
        let count = self.reader.posts.search(&named, &Count)?;
        let (tier, floor) = LAST_EXACT;
        self.group(&named, start..end.min(count), tier, floor, &mut out)?;
        let (tier, floor) = if self.relaxed { LAST_SOME } else { LAST_ALL };
        let range = start.saturating_sub(count)..end.min(total).saturating_sub(count);
        self.group(&others, range, tier, floor, &mut out)?;
        Ok(out)
    }

    /// Appends places of one group. Beyond the candidates a post has the group's worst `tier` and a score
    /// that falls from `floor` plus 10.
    fn group(
        &self,
        query: &dyn TantivyQuery,
        range: Range<usize>,
        tier: Tier,
        floor: f32,
        out: &mut Vec<Candidate>,
    ) -> Result<()> {
        if range.is_empty() || range.start >= DEEPEST {
            return Ok(());
        }
        let found = top(self.reader, query, range.end.clamp(CANDIDATES, DEEPEST))?;
        let (first, rest) = found.split_at(found.len().min(CANDIDATES));
        if range.start < first.len() {
            let looked: Result<Vec<_>> = first.iter().map(|a| self.look(*a)).collect();
            let mut looked = looked?;
            looked.sort_by(better);
            out.extend(looked.into_iter().take(range.end).skip(range.start));
        }
        for (at, address) in (first.len()..range.end).zip(rest) {
            if at >= range.start {
                let candidate = self.look(*address)?;
                out.push(Candidate {
                    tier,
                    score: floor + 10.0 * CANDIDATES as f32 / (at + 1) as f32,
                    ..candidate
                });
            }
        }
        Ok(())
    }
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

/// The query as one name, where its text is words of one field that has names, or of none. Conditions that
/// are no text (a date, a site) and negations leave it a name.
fn whole_name(root: &Node) -> Option<Name> {
    let leaves: &[Node] = match root {
        Node::And(all) => all,
        one => std::slice::from_ref(one),
    };
    let mut words: Vec<&str> = Vec::new();
    let mut name: Option<Option<Field>> = None;
    for leaf in leaves {
        let leaf = match leaf {
            Node::Leaf(leaf) => leaf,
            Node::Not(_) => continue,
            _ => return None,
        };
        match leaf.field {
            None | Some(Field::Artist | Field::Track | Field::Title) => {
                let (Test::Word(text)
                | Test::Phrase {
                    words: text,
                    slop: 0,
                }) = &leaf.test
                else {
                    return None;
                };
                if *name.get_or_insert(leaf.field) != leaf.field {
                    return None;
                }
                words.push(text);
            }
            Some(Field::Body | Field::Comment | Field::By | Field::Author | Field::Tag) => {
                return None;
            }
            Some(Field::Site | Field::Lang | Field::Date | Field::Likes | Field::Has) => {}
        }
    }
    let key = artist::key(&words.join(" "));
    let field = name?;
    (!key.is_empty()).then_some(Name { field, key })
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
