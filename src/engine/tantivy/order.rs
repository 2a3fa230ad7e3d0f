//! Every match in its place, decided by the posts alone.
//!
//! In: a query and its words. Out: all matching posts, best first. A place depends on the live posts only, never
//! on segments or on what was deleted: an index that grew by updates orders as a fresh one does, at any depth.
//! tantivy's own scores do not: they count deleted posts, and break ties by segment.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Query as TantivyQuery;
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentOrdinal, SegmentReader, TERMINATED, Term};

use super::compile::living;
use super::evidence::Name;
use super::reader::TantivyReader;
use crate::error::Result;
use crate::query::{Field, Kind, Sort};
use crate::record::PostFields;

/// Posts whose words are looked at for where they stand; the best by their words alone. More were measured to
/// cost a millisecond a thousand.
const POSITIONED: usize = 2_000;

/// A post of this many words has the weight of its words unchanged: a constant in place of the archive's
/// average, which would have to be counted over live posts at every open.
const PIVOT: f64 = 300.0;

/// How a post has the query; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Artist,
    Title,
    Track,
    /// In another spelling.
    ArtistSpelled,
    TitleSpelled,
    TrackSpelled,
    Phrase,
    Near,
    Words,
}

impl Group {
    /// True where the whole query is a name.
    pub fn is_name(self) -> bool {
        self < Self::Phrase
    }
}

/// Where a post stands, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub address: DocAddress,
    pub group: Group,
    words: u32,
    /// Smaller is newer; posts without a date come last.
    newest: i64,
    id: u64,
}

impl Place {
    /// Smallest first.
    fn key(&self) -> (Group, std::cmp::Reverse<u32>, i64, u64) {
        (
            self.group,
            std::cmp::Reverse(self.words),
            self.newest,
            self.id,
        )
    }
}

/// What decides where a post stands.
pub(super) struct Asked<'a> {
    pub name: Option<&'a Name>,
    pub kind: Option<Kind>,
    /// Words that weigh; all alternatives of all conditions.
    pub words: Vec<String>,
    /// The words in the order typed, where the query is nothing but words.
    pub sequence: Vec<String>,
}

/// All matches in order.
pub(super) fn all(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    asked: &Asked<'_>,
) -> Result<Vec<Place>> {
    let found = reader.posts.search(query, &Docs)?;
    let total = reader.posts.num_docs() as f64;
    let weights: Vec<(Term, f64)> = asked
        .words
        .iter()
        .map(|word| {
            let term = Term::from_field_text(reader.fields.everything, word);
            let posts = posts_with(reader, &term)? as f64;
            Ok((term, (1.0 + (total - posts + 0.5) / (posts + 0.5)).ln()))
        })
        .collect::<Result<_>>()?;
    let names = asked
        .name
        .map(|name| names(&reader.fields, name, asked.kind))
        .unwrap_or_default();
    let mut places = Vec::with_capacity(found.iter().map(|s| s.1.len()).sum());
    for (ord, docs) in found {
        let segment = reader.posts.segment_reader(ord);
        let mut groups = vec![Group::Words; docs.len()];
        // The worst group first: the best one stays.
        for (group, term) in names.iter().rev() {
            if let Some(mut postings) = postings(segment, term, IndexRecordOption::Basic)? {
                each_of(&docs, &mut postings, |at, _| groups[at] = *group);
            }
        }
        let mut words = vec![0u32; docs.len()];
        let norms = segment.get_fieldnorms_reader(reader.fields.everything)?;
        for (term, weight) in &weights {
            if let Some(mut postings) = postings(segment, term, IndexRecordOption::WithFreqs)? {
                each_of(&docs, &mut postings, |at, postings| {
                    let count = f64::from(postings.term_freq());
                    let length = f64::from(norms.fieldnorm(docs[at])) / PIVOT;
                    let part = count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length));
                    // Whole numbers: a sum of them does not depend on the order of its parts.
                    words[at] = words[at].saturating_add((weight * part * 4096.0) as u32);
                });
            }
        }
        let fast = segment.fast_fields();
        let (dates, ids) = (fast.i64("date")?, fast.u64("id")?);
        for ((doc, group), words) in docs.into_iter().zip(groups).zip(words) {
            places.push(Place {
                address: DocAddress::new(ord, doc),
                group,
                words,
                newest: dates.first(doc).map_or(i64::MAX, |d| -d),
                id: ids.first(doc).unwrap_or(0),
            });
        }
    }
    places.sort_unstable_by_key(Place::key);
    if asked.sequence.len() > 1 {
        let start = places.partition_point(|p| p.group.is_name());
        let end = places.len().min(start + POSITIONED);
        stand_together(reader, &asked.sequence, &mut places[start..end])?;
        places[start..end].sort_unstable_by_key(Place::key);
    }
    Ok(places)
}

/// Orders places by something other than relevance; equal ones by date, then id.
pub(super) fn sort(
    reader: &TantivyReader,
    places: &mut [(usize, Place)],
    sort: Sort,
) -> Result<()> {
    let mut comments = Vec::new();
    if sort == Sort::Comments {
        for segment in reader.posts.segment_readers() {
            comments.push(segment.fast_fields().u64("comments")?);
        }
    }
    places.sort_by_cached_key(|(_, p)| {
        let first = match sort {
            Sort::Oldest if p.newest == i64::MAX => i64::MAX,
            Sort::Oldest => -p.newest,
            Sort::Comments => comments
                .get(p.address.segment_ord as usize)
                .and_then(|column| column.first(p.address.doc_id))
                .map_or(0, |count| -(count as i64)),
            Sort::Newest | Sort::Relevance => p.newest,
        };
        (first, p.newest, p.id)
    });
    Ok(())
}

/// In how many live posts a term stands.
pub(super) fn posts_with(reader: &TantivyReader, term: &Term) -> Result<u64> {
    let mut posts = 0;
    for segment in reader.posts.segment_readers() {
        let inverted = segment.inverted_index(term.field())?;
        let found = inverted
            .get_term_info(term)
            .map_err(tantivy::TantivyError::from)?;
        if let Some(found) = found {
            posts += living(segment, &inverted, &found)?;
        }
    }
    Ok(posts)
}

/// The terms under which posts have a name, the best group first.
pub(super) fn names(f: &PostFields, name: &Name, kind: Option<Kind>) -> Vec<(Group, Term)> {
    let all = [
        (Field::Artist, Group::Artist, f.artist_key, &name.key),
        (Field::Title, Group::Title, f.title_key, &name.key),
        (Field::Track, Group::Track, f.track_key, &name.key),
        (
            Field::Artist,
            Group::ArtistSpelled,
            f.artist_spelling,
            &name.spelling,
        ),
        (
            Field::Title,
            Group::TitleSpelled,
            f.title_spelling,
            &name.spelling,
        ),
        (
            Field::Track,
            Group::TrackSpelled,
            f.track_spelling,
            &name.spelling,
        ),
    ];
    let belongs = |field: Field| match kind {
        Some(Kind::Posts) => field == Field::Title,
        Some(Kind::Tracks) => field != Field::Title,
        Some(Kind::Comments) => false,
        None => true,
    };
    all.into_iter()
        .filter(|(field, ..)| belongs(*field) && name.field.is_none_or(|f| f == *field))
        .map(|(_, group, field, text)| (group, Term::from_field_text(field, text)))
        .collect()
}

fn postings(
    segment: &SegmentReader,
    term: &Term,
    option: IndexRecordOption,
) -> Result<Option<SegmentPostings>> {
    let inverted = segment.inverted_index(term.field())?;
    Ok(inverted
        .read_postings(term, option)
        .map_err(tantivy::TantivyError::from)?)
}

/// Calls `visit` with the place in `docs`, which are sorted, of each that the postings hold.
fn each_of(
    docs: &[DocId],
    postings: &mut SegmentPostings,
    mut visit: impl FnMut(usize, &mut SegmentPostings),
) {
    for (at, doc) in docs.iter().enumerate() {
        if postings.doc() < *doc {
            postings.seek(*doc);
        }
        if postings.doc() == TERMINATED {
            break;
        }
        if postings.doc() == *doc {
            visit(at, postings);
        }
    }
}

/// Finds out in which posts the words stand in a row, or close together.
fn stand_together(reader: &TantivyReader, sequence: &[String], places: &mut [Place]) -> Result<()> {
    let distinct = sequence
        .iter()
        .collect::<std::collections::HashSet<_>>()
        .len();
    places.sort_unstable_by_key(|p| p.address);
    for places in places.chunk_by_mut(|a, b| a.address.segment_ord == b.address.segment_ord) {
        let Some(first) = places.first() else {
            continue;
        };
        let segment = reader.posts.segment_reader(first.address.segment_ord);
        let docs: Vec<DocId> = places.iter().map(|p| p.address.doc_id).collect();
        let mut positions: Vec<Vec<Vec<u32>>> = vec![Vec::new(); docs.len()];
        for word in sequence {
            let term = Term::from_field_text(reader.fields.everything, word);
            let option = IndexRecordOption::WithFreqsAndPositions;
            if let Some(mut postings) = postings(segment, &term, option)? {
                each_of(&docs, &mut postings, |at, postings| {
                    let mut here = Vec::new();
                    postings.positions(&mut here);
                    positions[at].push(here);
                });
            }
        }
        for (place, positions) in places.iter_mut().zip(positions) {
            if positions.len() == sequence.len() {
                place.group = together(&positions, distinct);
            }
        }
    }
    Ok(())
}

/// Words further apart than this beyond their own number are not near each other.
pub(super) const NEAR: usize = 8;

/// What the positions of the words say. Parts of a post are further apart than anything near.
fn together(positions: &[Vec<u32>], distinct: usize) -> Group {
    let in_row = positions[0].iter().any(|start| {
        (1u32..)
            .zip(&positions[1..])
            .all(|(step, here)| here.binary_search(&(start + step)).is_ok())
    });
    if in_row {
        return Group::Phrase;
    }
    if distinct < 2 {
        return Group::Words;
    }
    let wide = (positions.len() + NEAR) as u32;
    let near = positions[0].iter().any(|middle| {
        // The window may start at any word; one that holds the first word starts at most its width before it.
        (0..wide).any(|back| {
            let start = middle.saturating_sub(back);
            positions.iter().all(|here| {
                let at = here.partition_point(|p| *p < start);
                here.get(at).is_some_and(|p| *p < start + wide)
            })
        })
    });
    if near { Group::Near } else { Group::Words }
}

/// Collects the matching posts of each segment, sorted.
struct Docs;

struct SegmentDocs(SegmentOrdinal, Vec<DocId>);

impl Collector for Docs {
    type Fruit = Vec<(SegmentOrdinal, Vec<DocId>)>;
    type Child = SegmentDocs;

    fn for_segment(&self, ord: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<SegmentDocs> {
        Ok(SegmentDocs(ord, Vec::new()))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Self::Fruit>) -> tantivy::Result<Self::Fruit> {
        Ok(fruits.into_iter().flatten().collect())
    }
}

impl SegmentCollector for SegmentDocs {
    type Fruit = Vec<(SegmentOrdinal, Vec<DocId>)>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.1.push(doc);
    }

    fn harvest(mut self) -> Self::Fruit {
        self.1.sort_unstable();
        vec![(self.0, self.1)]
    }
}

/// The living posts that hold a term, by id.
pub(super) fn posts_by_id(
    reader: &TantivyReader,
    field: TantivyField,
    text: &str,
) -> Result<Vec<DocAddress>> {
    let query = tantivy::query::TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    );
    let mut found = Vec::new();
    for (ord, docs) in reader.posts.search(&query, &Docs)? {
        let ids = reader.posts.segment_reader(ord).fast_fields().u64("id")?;
        found.extend(
            docs.into_iter()
                .map(|doc| (ids.first(doc).unwrap_or(0), DocAddress::new(ord, doc))),
        );
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, address)| address).collect())
}
