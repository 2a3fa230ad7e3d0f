//! From a query to tantivy's.
//!
//! In: a parsed query. Out: a tantivy query over posts. Conditions on rows and comments are answered by the
//! index of rows first and become a set of post ids; those that stand side by side in one AND are met by
//! **one** row.

use std::collections::{HashMap, HashSet};
use std::ops::Bound;

use tantivy::postings::TermInfo;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, InvertedIndexRangeQuery, Occur, PhraseQuery,
    Query as TantivyQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocSet, InvertedIndexReader, Searcher, SegmentReader, Term};

use super::evidence::Name;
use super::near;
use super::order;
use super::owners;
use super::prose;
use super::reader::TantivyReader;
use super::without::Without;
use crate::artist;
use crate::error::Result;
use crate::query::{self, Field, Kind, Leaf, Node, Test};
use crate::record::{COMMENT, TRACK};
use crate::text::tokens;

/// How many words of the dictionary the beginning of one stands for, at most.
const MOST_STARTING: usize = 5;

type Boxed = Box<dyn TantivyQuery>;

/// The query over posts. Where its words are one `name`, posts that have it in any spelling match too.
pub(super) fn posts(
    reader: &TantivyReader,
    root: &Node,
    kind: Option<Kind>,
    name: Option<&Name>,
) -> Result<Boxed> {
    let named = name
        .map(|name| order::names(&reader.fields, name, kind))
        .unwrap_or_default();
    if named.is_empty() {
        return node(reader, root, kind);
    }
    let (words, rest): (Vec<Node>, Vec<Node>) = match root {
        // The names that the user has joined stand as alternatives of the first.
        Node::And(all) if !name.is_some_and(|n| n.also.is_empty()) => {
            all.iter().cloned().partition(|n| matches!(n, Node::Or(_)))
        }
        Node::And(all) => all.iter().cloned().partition(is_of_name),
        one => (vec![one.clone()], Vec::new()),
    };
    let mut any = vec![(Occur::Should, node(reader, &Node::And(words), kind)?)];
    for (_, term) in named {
        any.push((
            Occur::Should,
            Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Boxed,
        ));
    }
    let mut clauses: Vec<(Occur, Boxed)> = vec![(Occur::Must, Box::new(BooleanQuery::new(any)))];
    for child in &rest {
        clauses.push(match child {
            Node::Not(inner) => not(node(reader, inner, kind)?),
            child => (Occur::Must, node(reader, child, kind)?),
        });
    }
    Ok(Box::new(BooleanQuery::new(clauses)))
}

/// The clause that leaves out what matches.
pub(super) fn not(query: Boxed) -> (Occur, Boxed) {
    (Occur::MustNot, Box::new(Without(query)))
}

/// True for the conditions that make up a whole name.
pub(super) fn is_of_name(node: &Node) -> bool {
    matches!(
        node,
        Node::Leaf(Leaf {
            field: None | Some(Field::Artist | Field::Track | Field::Title),
            ..
        })
    )
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
                    Node::Not(inner) => clauses.push(not(node(reader, inner, kind)?)),
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
            not(node(reader, inner, kind)?),
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
    let of_kind = Term::from_field_u64(reader.row_fields().kind, number);
    let mut clauses: Vec<(Occur, Boxed)> = vec![(
        Occur::Must,
        Box::new(TermQuery::new(of_kind, IndexRecordOption::Basic)),
    )];
    for at in nodes {
        clauses.push((Occur::Must, row_node(reader, rows, at, number)?));
    }
    let chosen = owners::owners(reader, &BooleanQuery::new(clauses))?;
    match chosen.len() {
        0 => Ok(Box::new(EmptyQuery)),
        _ => Ok(Box::new(chosen)),
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
    let name = Name::new(leaf.field, name);
    let clauses = order::names(&reader.fields, &name, None)
        .into_iter()
        .map(|(_, term)| {
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            (Occur::Should, Box::new(query) as Boxed)
        })
        .collect();
    Some(Box::new(BooleanQuery::new(clauses)))
}

fn row_node(reader: &TantivyReader, rows: &Searcher, at: &Node, kind: u64) -> Result<Boxed> {
    let many = |all: &[Node], occur| -> Result<Boxed> {
        let clauses: Result<Vec<_>> = all
            .iter()
            .map(|n| Ok((occur, row_node(reader, rows, n, kind)?)))
            .collect();
        Ok(Box::new(BooleanQuery::new(clauses?)))
    };
    let f = reader.row_fields();
    match at {
        Node::And(all) => many(all, Occur::Must),
        Node::Or(any) => many(any, Occur::Should),
        Node::Leaf(leaf) => {
            // A row has a name in any spelling; the words of its parts are conditions of their own.
            let spelled = match leaf.field {
                Some(Field::Artist) => Some(f.artist_spelling),
                Some(Field::Track) => Some(f.track_spelling),
                _ => None,
            };
            if let (
                Some(field),
                Test::Word(name)
                | Test::Phrase {
                    words: name,
                    slop: 0,
                },
            ) = (spelled, &leaf.test)
            {
                let words = if leaf.field == Some(Field::Artist) {
                    f.artist
                } else {
                    f.track
                };
                return Ok(Box::new(BooleanQuery::new(vec![
                    (Occur::Should, text_test(reader, rows, words, &leaf.test)?),
                    (Occur::Should, term(field, &artist::spelling(name))),
                ])));
            }
            let fields: &[TantivyField] = match leaf.field {
                Some(Field::Artist) => &[f.artist],
                Some(Field::Track) => &[f.track],
                Some(Field::Comment) => &[f.comment],
                Some(Field::By) => &[f.by],
                Some(Field::Likes) => return Ok(range(f.likes, &leaf.test)),
                _ if kind == TRACK => &[f.artist, f.track],
                _ => &[f.comment, f.by],
            };
            let mut queries = Vec::new();
            for field in fields {
                queries.push(text_test(reader, rows, *field, &leaf.test)?);
            }
            Ok(any_of(queries))
        }
        Node::Not(_) | Node::Everything => Ok(Box::new(AllQuery)),
    }
}

fn post_leaf(reader: &TantivyReader, leaf: &Leaf, kind: Option<Kind>) -> Result<Boxed> {
    let f = &reader.fields;
    let fields: &[TantivyField] = match leaf.field {
        None if kind == Some(Kind::Posts) => &[f.title, f.tag, f.author],
        None => &[f.everything],
        Some(Field::Title) => &[f.title],
        Some(Field::Body) => &[],
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
    let mut queries = Vec::new();
    for field in fields {
        queries.push(text_test(reader, &reader.posts, *field, &leaf.test)?);
    }
    if matches!(leaf.field, None | Some(Field::Body)) && !fields.contains(&f.everything) {
        queries.push(prose::in_prose(reader, &leaf.test)?);
    }
    Ok(any_of(queries))
}

/// Posts that meet a test anywhere.
pub(super) fn anywhere(reader: &TantivyReader, test: &Test) -> Result<Boxed> {
    text_test(reader, &reader.posts, reader.fields.everything, test)
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

fn any_of(mut queries: Vec<Boxed>) -> Boxed {
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::new(
            queries.into_iter().map(|q| (Occur::Should, q)).collect(),
        )),
    }
}

fn text_test(
    reader: &TantivyReader,
    searcher: &Searcher,
    field: TantivyField,
    test: &Test,
) -> Result<Boxed> {
    Ok(match test {
        Test::Word(word) => phrase(field, word, 0),
        Test::Phrase { words, slop } => phrase(field, words, *slop),
        Test::Prefix(stem) => {
            let words: Vec<String> = tokens::tokens(stem).into_iter().map(|t| t.text).collect();
            match words.split_last() {
                None => Box::new(EmptyQuery),
                Some((last, [])) => prefix(field, last),
                // "heart of gl*": the words before stand as a phrase of their own.
                Some((last, before)) => reader.openings.then(searcher, field, before, last)?,
            }
        }
        Test::Fuzzy(word) => one_of(
            field,
            near::near_terms(reader, searcher, field, word)?
                .iter()
                .map(|near| near.word.as_str()),
        ),
        Test::OneOf(words) => one_of(field, words.iter().map(String::as_str)),
        Test::Range { .. } => Box::new(EmptyQuery),
    })
}

fn phrase(field: TantivyField, words: &str, slop: u32) -> Boxed {
    let words: Vec<String> = tokens::tokens(words).into_iter().map(|t| t.text).collect();
    in_a_row(field, &words, slop)
}

/// What has the words in a row, or with `slop` others between.
pub(super) fn in_a_row(field: TantivyField, words: &[String], slop: u32) -> Boxed {
    let mut terms: Vec<Term> = words
        .iter()
        .map(|word| Term::from_field_text(field, word))
        .collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
        _ => {
            let mut phrase = PhraseQuery::new(terms);
            phrase.set_slop(slop.min(query::MOST_SLOP));
            Box::new(phrase)
        }
    }
}

fn term(field: TantivyField, text: &str) -> Boxed {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    ))
}

/// Any of the words.
fn one_of<'a>(field: TantivyField, words: impl Iterator<Item = &'a str>) -> Boxed {
    Box::new(BooleanQuery::new(
        words
            .map(|word| (Occur::Should, term(field, word)))
            .collect(),
    ))
}

/// What has a word that starts with `stem`.
pub(super) fn prefix(field: TantivyField, stem: &str) -> Boxed {
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(
            field,
            &format!("{stem}{}", char::MAX),
        )),
    ))
}

/// Calls `visit` with each word of a segment's dictionary that starts with `stem`, in the order of their bytes.
pub(super) fn each_starting(
    inverted: &InvertedIndexReader,
    stem: &str,
    mut visit: impl FnMut(&[u8], &TermInfo) -> Result<()>,
) -> Result<()> {
    let end = format!("{stem}{}", char::MAX);
    let range = inverted.terms().range().ge(stem.as_bytes());
    let mut stream = range
        .lt(end.as_bytes())
        .into_stream()
        .map_err(tantivy::TantivyError::from)?;
    while stream.advance() {
        visit(stream.key(), stream.value())?;
    }
    Ok(())
}

/// Every word of the dictionary that starts with `stem`.
pub(super) fn all_starting(
    searcher: &Searcher,
    field: TantivyField,
    stem: &str,
) -> Result<Vec<String>> {
    let mut words = HashSet::new();
    for segment in searcher.segment_readers() {
        each_starting(&*segment.inverted_index(field)?, stem, |word, _| {
            words.extend(std::str::from_utf8(word).map(str::to_owned));
            Ok(())
        })?;
    }
    Ok(words.into_iter().collect())
}

/// The words of the dictionary that start with `stem` and stand in most posts, a handful of them; in how many posts
/// all such words stand, each counted for itself; and whether there are others.
pub(super) fn starting(
    searcher: &Searcher,
    field: TantivyField,
    stem: &str,
) -> Result<(Vec<String>, u64, bool)> {
    let mut counts: HashMap<Vec<u8>, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        each_starting(&*segment.inverted_index(field)?, stem, |word, info| {
            let posts = u64::from(info.doc_freq);
            match counts.get_mut(word) {
                Some(sum) => *sum += posts,
                None => {
                    counts.insert(word.to_vec(), posts);
                }
            }
            Ok(())
        })?;
    }
    let sum = counts.values().sum();
    let mut all: Vec<(u64, Vec<u8>)> = counts.into_iter().map(|(w, n)| (n, w)).collect();
    all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    // The dictionary counts deleted posts: the living ones of the first decide, until no other can have more.
    let mut living: Vec<(u64, String)> = Vec::new();
    let dirty = searcher
        .segment_readers()
        .iter()
        .any(|segment| segment.num_deleted_docs() > 0);
    for (most, word) in &all {
        let enough = living
            .get(MOST_STARTING - 1)
            .is_some_and(|last| last.0 > *most);
        if enough || (!dirty && living.len() >= MOST_STARTING) {
            break;
        }
        let Ok(word) = std::str::from_utf8(word) else {
            continue;
        };
        let posts = if dirty {
            let term = Term::from_field_text(field, word);
            order::posts_in(searcher, &term)?
        } else {
            *most
        };
        if posts > 0 {
            let at =
                living.partition_point(|(n, w)| (posts, word) <= (*n, w.as_str()) && *n >= posts);
            living.insert(at, (posts, word.to_owned()));
        }
    }
    let others = living.len() > MOST_STARTING || all.len() > living.len();
    living.truncate(MOST_STARTING);
    Ok((
        living.into_iter().map(|(_, word)| word).collect(),
        sum,
        others,
    ))
}

/// How many live posts hold a term: what was deleted is still counted by the dictionary, and must neither
/// take a place among the nearest words nor weigh in.
pub(super) fn living(
    segment: &SegmentReader,
    inverted: &InvertedIndexReader,
    term: &TermInfo,
) -> Result<u64> {
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
