//! From a query to tantivy's.
//!
//! In: a parsed query. Out: a tantivy query over posts. Conditions on rows and comments are answered by the
//! index of rows first and become a set of post ids; those that stand side by side in one AND are met by
//! **one** row.

use std::collections::HashSet;
use std::ops::Bound;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::postings::TermInfo;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery,
    InvertedIndexRangeQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query as TantivyQuery,
    RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{
    DocId, DocSet, InvertedIndexReader, Score, Searcher, SegmentOrdinal, SegmentReader, Term,
};

use super::reader::TantivyReader;
use crate::artist;
use crate::error::Result;
use crate::query::{Field, Kind, Leaf, Node, Query, Test};
use crate::record::{COMMENT, TRACK};
use crate::text::tokens;

/// How many words of the dictionary a prefix stands for, at most: the most frequent ones.
const MOST_EXPANSIONS: usize = 64;

/// A phrase with more words between its own is no phrase; it must stay below the gap between values.
pub(super) const MOST_SLOP: u32 = 100;

type Boxed = Box<dyn TantivyQuery>;

/// The query over posts.
pub(super) fn posts(reader: &TantivyReader, query: &Query) -> Result<Boxed> {
    node(reader, &query.root, query.kind)
}

fn node(reader: &TantivyReader, at: &Node, kind: Option<Kind>) -> Result<Boxed> {
    if let (Some(kind @ (Kind::Tracks | Kind::Comments)), true) = (kind, is_rowish(at)) {
        return by_rows(reader, &[at], Some(kind));
    }
    match at {
        Node::Everything => Ok(match kind {
            Some(Kind::Tracks) => positive(reader.fields.tracks),
            Some(Kind::Comments) => positive(reader.fields.comments),
            _ => Box::new(AllQuery),
        }),
        Node::And(all) => {
            let mut clauses: Vec<(Occur, Boxed)> = Vec::new();
            // Conditions on tracks belong to one row, those on comments to one comment.
            let mut tracks = Vec::new();
            let mut comments = Vec::new();
            for child in all {
                match child {
                    Node::Not(inner) => clauses.push((Occur::MustNot, node(reader, inner, kind)?)),
                    child => match (row_kind(child), kind) {
                        _ if matches!(child, Node::Leaf(leaf) if nameless(reader, leaf).is_some()) =>
                        {
                            clauses.push((Occur::Must, node(reader, child, None)?));
                        }
                        (Some(Kind::Tracks), _) => tracks.push(child),
                        (Some(Kind::Comments), _) => comments.push(child),
                        (None, Some(Kind::Tracks)) if is_rowish(child) => tracks.push(child),
                        (None, Some(Kind::Comments)) if is_rowish(child) => comments.push(child),
                        _ => clauses.push((Occur::Must, node(reader, child, kind)?)),
                    },
                }
            }
            for (group, of) in [(tracks, Kind::Tracks), (comments, Kind::Comments)] {
                if !group.is_empty() {
                    clauses.push((Occur::Must, by_rows(reader, &group, Some(of))?));
                }
            }
            if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
                clauses.push((Occur::Must, Box::new(AllQuery)));
            }
            Ok(Box::new(BooleanQuery::new(clauses)))
        }
        Node::Or(any) => {
            let clauses: Result<Vec<_>> = any
                .iter()
                .map(|child| Ok((Occur::Should, node(reader, child, kind)?)))
                .collect();
            Ok(Box::new(BooleanQuery::new(clauses?)))
        }
        Node::Not(inner) => Ok(Box::new(BooleanQuery::new(vec![
            (Occur::Must, Box::new(AllQuery) as Boxed),
            (Occur::MustNot, node(reader, inner, kind)?),
        ]))),
        Node::Leaf(leaf) => match row_kind(at) {
            _ if let Some(named) = nameless(reader, leaf) => Ok(named),
            Some(of) => by_rows(reader, &[at], Some(of)),
            None => post_leaf(reader, leaf, kind),
        },
    }
}

/// The kind of row that a node's conditions are about; `None` where they are about posts or mixed.
fn row_kind(node: &Node) -> Option<Kind> {
    match node {
        Node::Leaf(leaf) => match leaf.field? {
            Field::Artist | Field::Track => Some(Kind::Tracks),
            Field::Comment | Field::By | Field::Likes => Some(Kind::Comments),
            _ => None,
        },
        Node::And(all) | Node::Or(all) => {
            let first = row_kind(all.first()?)?;
            all.iter()
                .all(|n| row_kind(n) == Some(first))
                .then_some(first)
        }
        Node::Not(_) | Node::Everything => None,
    }
}

/// True where a node can be asked of a row: words without a field, and fields of rows.
fn is_rowish(node: &Node) -> bool {
    match node {
        Node::Leaf(leaf) => leaf.field.is_none() || row_kind(node).is_some(),
        Node::And(all) | Node::Or(all) => all.iter().all(is_rowish),
        Node::Not(_) | Node::Everything => false,
    }
}

/// Posts with one row that meets all of the nodes.
fn by_rows(reader: &TantivyReader, nodes: &[&Node], kind: Option<Kind>) -> Result<Boxed> {
    let rows = reader.rows()?;
    let number = if kind == Some(Kind::Tracks) {
        TRACK
    } else {
        COMMENT
    };
    let of_kind = Term::from_field_u64(reader.row_fields.kind, number);
    let mut clauses: Vec<(Occur, Boxed)> = vec![(
        Occur::Must,
        Box::new(TermQuery::new(of_kind, IndexRecordOption::Basic)),
    )];
    for at in nodes {
        clauses.push((Occur::Must, row_node(reader, rows, at, number)?));
    }
    let ids = rows.search(&BooleanQuery::new(clauses), &PostIds)?;
    let terms: Vec<Term> = ids
        .into_iter()
        .map(|id| Term::from_field_u64(reader.fields.id, id))
        .collect();
    if terms.is_empty() {
        return Ok(Box::new(EmptyQuery));
    }
    // The set decides; the words rank.
    let set: Boxed = Box::new(ConstScoreQuery::new(
        Box::new(TermSetQuery::new(terms)),
        0.0,
    ));
    let mut clauses = vec![(Occur::Must, set)];
    for at in nodes {
        ranking_words(reader, at, &mut clauses);
    }
    Ok(Box::new(BooleanQuery::new(clauses)))
}

/// Adds the words of conditions on rows as optional words of the whole post.
fn ranking_words(reader: &TantivyReader, at: &Node, clauses: &mut Vec<(Occur, Boxed)>) {
    match at {
        Node::And(all) | Node::Or(all) => {
            for inner in all {
                ranking_words(reader, inner, clauses);
            }
        }
        Node::Leaf(Leaf {
            test: Test::Word(words) | Test::Phrase { words, .. },
            ..
        }) => {
            for token in tokens::tokens(words) {
                let term = Term::from_field_text(reader.fields.everything, &token.text);
                clauses.push((
                    Occur::Should,
                    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
                ));
            }
        }
        Node::Leaf(_) | Node::Not(_) | Node::Everything => {}
    }
}

/// The query of a name without letters and digits ("!!!"), which has no words: it is found by its key.
fn nameless(reader: &TantivyReader, leaf: &Leaf) -> Option<Boxed> {
    let (Test::Word(name) | Test::Phrase { words: name, .. }) = &leaf.test else {
        return None;
    };
    let is_name = matches!(
        leaf.field,
        None | Some(Field::Title | Field::Artist | Field::Track)
    );
    if !is_name || !tokens::tokens(name).is_empty() {
        return None;
    }
    Some(by_key(reader, leaf.field, &artist::key(name)))
}

fn row_node(reader: &TantivyReader, rows: &Searcher, at: &Node, kind: u64) -> Result<Boxed> {
    let many = |all: &[Node], occur| -> Result<Boxed> {
        let clauses: Result<Vec<_>> = all
            .iter()
            .map(|n| Ok((occur, row_node(reader, rows, n, kind)?)))
            .collect();
        Ok(Box::new(BooleanQuery::new(clauses?)))
    };
    let f = &reader.row_fields;
    match at {
        Node::And(all) => many(all, Occur::Must),
        Node::Or(any) => many(any, Occur::Should),
        Node::Leaf(leaf) => {
            let fields: &[TantivyField] = match leaf.field {
                Some(Field::Artist) => &[f.artist],
                Some(Field::Track) => &[f.track],
                Some(Field::Comment) => &[f.comment],
                Some(Field::By) => &[f.by],
                Some(Field::Likes) => return Ok(range(f.likes, &leaf.test)),
                _ if kind == TRACK => &[f.artist, f.track],
                _ => &[f.comment, f.by],
            };
            any_field(rows, fields, &leaf.test)
        }
        Node::Not(_) | Node::Everything => Ok(Box::new(AllQuery)),
    }
}

fn post_leaf(reader: &TantivyReader, leaf: &Leaf, kind: Option<Kind>) -> Result<Boxed> {
    let f = &reader.fields;
    let fields: &[TantivyField] = match leaf.field {
        None if kind == Some(Kind::Posts) => &[f.title, f.body, f.tag, f.author],
        None => &[f.everything],
        Some(Field::Title) => &[f.title],
        Some(Field::Body) => &[f.body],
        Some(Field::Author) => &[f.author],
        Some(Field::Tag) => &[f.tag],
        Some(Field::Site) => &[f.site],
        Some(Field::Lang) => {
            return Ok(match &leaf.test {
                Test::Word(code) | Test::Prefix(code) | Test::Fuzzy(code) => {
                    term(f.lang, &code.to_lowercase())
                }
                _ => Box::new(EmptyQuery),
            });
        }
        Some(Field::Date) => return Ok(range(f.date, &leaf.test)),
        Some(Field::Has) => {
            return Ok(match &leaf.test {
                Test::Word(what) if what == "comments" => positive(f.comments),
                _ => positive(f.tracks),
            });
        }
        Some(Field::Artist | Field::Track | Field::Comment | Field::By | Field::Likes) => {
            return by_rows(
                reader,
                &[&Node::Leaf(leaf.clone())],
                row_kind(&Node::Leaf(leaf.clone())),
            );
        }
    };
    any_field(&reader.posts, fields, &leaf.test)
}

/// Posts with an artist, track or title of exactly this key; `field` narrows it to one of them.
pub(super) fn by_key(reader: &TantivyReader, field: Option<Field>, key: &str) -> Boxed {
    let f = &reader.fields;
    let fields: &[TantivyField] = match field {
        Some(Field::Artist) => &[f.artist_key],
        Some(Field::Track) => &[f.track_key],
        Some(Field::Title) => &[f.title_key],
        _ => &[f.artist_key, f.track_key, f.title_key],
    };
    let clauses = fields
        .iter()
        .map(|field| (Occur::Should, term(*field, key)))
        .collect();
    Box::new(BooleanQuery::new(clauses))
}

/// Posts with a number above zero in a field.
fn positive(field: TantivyField) -> Boxed {
    Box::new(RangeQuery::new(
        Bound::Excluded(Term::from_field_u64(field, 0)),
        Bound::Unbounded,
    ))
}

fn range(field: TantivyField, test: &Test) -> Boxed {
    let Test::Range { from, to } = test else {
        return Box::new(EmptyQuery);
    };
    let bound = |value: &Option<i64>| match value {
        Some(value) => Bound::Included(Term::from_field_i64(field, *value)),
        None => Bound::Unbounded,
    };
    match (from, to) {
        (None, None) => Box::new(AllQuery),
        _ => Box::new(RangeQuery::new(bound(from), bound(to))),
    }
}

fn any_field(searcher: &Searcher, fields: &[TantivyField], test: &Test) -> Result<Boxed> {
    let mut queries: Vec<Boxed> = Vec::new();
    for field in fields {
        queries.push(text_test(searcher, *field, test)?);
    }
    Ok(match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::new(
            queries.into_iter().map(|q| (Occur::Should, q)).collect(),
        )),
    })
}

fn text_test(searcher: &Searcher, field: TantivyField, test: &Test) -> Result<Boxed> {
    Ok(match test {
        Test::Word(word) => phrase(field, word, 0),
        Test::Phrase { words, slop } => phrase(field, words, *slop),
        Test::Prefix(stem) => {
            let words = tokens::tokens(stem);
            match words.split_last() {
                // "heart of gl*": the words before stand as a phrase of their own.
                Some((last, [])) => prefix(searcher, field, &last.text)?,
                Some(_) => {
                    let terms = words
                        .iter()
                        .map(|t| Term::from_field_text(field, &t.text))
                        .collect();
                    let mut query = PhrasePrefixQuery::new(terms);
                    query.set_max_expansions(10_000);
                    Box::new(query)
                }
                None => Box::new(EmptyQuery),
            }
        }
        Test::Fuzzy(word) => expanded(field, near_terms(searcher, field, word)?),
        Test::Range { .. } => Box::new(EmptyQuery),
    })
}

fn phrase(field: TantivyField, words: &str, slop: u32) -> Boxed {
    let mut terms: Vec<Term> = tokens::tokens(words)
        .into_iter()
        .map(|t| Term::from_field_text(field, &t.text))
        .collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(
            terms.remove(0),
            IndexRecordOption::WithFreqs,
        )),
        _ => {
            let mut query = PhraseQuery::new(terms);
            query.set_slop(slop.min(MOST_SLOP));
            Box::new(query)
        }
    }
}

fn term(field: TantivyField, text: &str) -> Boxed {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    ))
}

/// Any of the weighted words.
fn expanded(field: TantivyField, words: Vec<(String, f32)>) -> Boxed {
    Box::new(BooleanQuery::new(
        words
            .into_iter()
            .map(|(word, weight)| {
                let term = Term::from_field_text(field, &word);
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                (
                    Occur::Should,
                    Box::new(BoostQuery::new(Box::new(query), weight)) as Boxed,
                )
            })
            .collect(),
    ))
}

/// Posts with a word that starts with `stem`. The most frequent words count by their weight; where there
/// are more of them than are worth weighing, the rest match all the same.
fn prefix(searcher: &Searcher, field: TantivyField, stem: &str) -> Result<Boxed> {
    let (words, all) = prefix_terms(searcher, field, stem)?;
    let weighed = expanded(field, words);
    if all {
        return Ok(weighed);
    }
    let rest = InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(
            field,
            &format!("{stem}{}", char::MAX),
        )),
    );
    Ok(Box::new(BooleanQuery::new(vec![
        (Occur::Should, weighed),
        (
            Occur::Should,
            Box::new(ConstScoreQuery::new(Box::new(rest), 0.1)),
        ),
    ])))
}

/// The most frequent words of the dictionary that start with `stem`, and whether these are all.
fn prefix_terms(
    searcher: &Searcher,
    field: TantivyField,
    stem: &str,
) -> Result<(Vec<(String, f32)>, bool)> {
    let mut found: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted
            .terms()
            .range()
            .ge(stem.as_bytes())
            .into_stream()
            .map_err(tantivy::TantivyError::from)?;
        while stream.advance() {
            if !stream.key().starts_with(stem.as_bytes()) {
                break;
            }
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                *found.entry(word.to_owned()).or_insert(0) += u64::from(stream.value().doc_freq);
            }
        }
    }
    let mut words: Vec<(String, u64)> = found.into_iter().collect();
    words.sort_by(|a, b| {
        (b.0 == stem, b.1)
            .cmp(&(a.0 == stem, a.1))
            .then_with(|| a.0.cmp(&b.0))
    });
    let all = words.len() <= MOST_EXPANSIONS;
    words.truncate(MOST_EXPANSIONS);
    let weighed = words.into_iter().map(|(word, _)| {
        let weight = if word == stem { 1.0 } else { 0.8 };
        (word, weight)
    });
    Ok((weighed.collect(), all))
}

/// Words of the dictionary near `word` in spelling, the nearest and most frequent first: one slip from three
/// letters on, two from eight on; shorter words stand for themselves.
pub(super) fn near_terms(
    searcher: &Searcher,
    field: TantivyField,
    word: &str,
) -> Result<Vec<(String, f32)>> {
    let folded: String = tokens::tokens(word).into_iter().map(|t| t.text).collect();
    let most = match folded.chars().count() {
        0 => return Ok(Vec::new()),
        1..=2 => return Ok(vec![(folded, 1.0)]),
        3..=7 => 1,
        _ => 2,
    };
    let query = FuzzyTermQuery::new(Term::from_field_text(field, &folded), most, true);
    let mut counts: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted
            .terms()
            .search(query.automaton()?)
            .into_stream()
            .map_err(tantivy::TantivyError::from)?;
        while stream.advance() {
            if let Ok(candidate) = std::str::from_utf8(stream.key()) {
                let living = living(segment, &inverted, stream.value())?;
                if living > 0 {
                    *counts.entry(candidate.to_owned()).or_insert(0) += living;
                }
            }
        }
    }
    let mut found: Vec<(usize, u64, String)> = counts
        .into_iter()
        .map(|(candidate, count)| (strsim::osa_distance(&candidate, &folded), count, candidate))
        .collect();
    found.sort_by(|a, b| (a.0, b.1, &a.2).cmp(&(b.0, a.1, &b.2)));
    Ok(found
        .into_iter()
        .take(5)
        .map(|(distance, _, word)| (word, [1.0, 0.6, 0.3][distance.min(2)]))
        .collect())
}

/// How many live posts hold a term: what was deleted is still counted by the dictionary, and must neither
/// take a place among the nearest words nor weigh in.
fn living(segment: &SegmentReader, inverted: &InvertedIndexReader, term: &TermInfo) -> Result<u64> {
    if segment.num_deleted_docs() == 0 {
        return Ok(u64::from(term.doc_freq));
    }
    let mut postings = inverted
        .read_postings_from_terminfo(term, IndexRecordOption::Basic)
        .map_err(tantivy::TantivyError::from)?;
    let mut living = 0;
    while postings.doc() != tantivy::TERMINATED {
        living += u64::from(!segment.is_deleted(postings.doc()));
        postings.advance();
    }
    Ok(living)
}

/// Collects the ids of posts that own the matching rows.
pub(super) struct PostIds;

pub(super) struct SegmentPostIds {
    column: Column<u64>,
    ids: HashSet<u64>,
}

impl Collector for PostIds {
    type Fruit = HashSet<u64>;
    type Child = SegmentPostIds;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentPostIds> {
        Ok(SegmentPostIds {
            column: segment.fast_fields().u64("post_id")?,
            ids: HashSet::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<HashSet<u64>>) -> tantivy::Result<HashSet<u64>> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

impl SegmentCollector for SegmentPostIds {
    type Fruit = HashSet<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.ids.extend(self.column.first(doc));
    }

    fn harvest(self) -> HashSet<u64> {
        self.ids
    }
}
