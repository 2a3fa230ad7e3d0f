//! Every match in its place, decided by the posts alone.
//!
//! In: a query and its words. Out: all matching posts, best first. A place depends on the live posts only, never
//! on segments or on what was deleted: an index that grew by updates orders as a fresh one does, at any depth.
//! tantivy's own scores do not: they count deleted posts, and break ties by segment.

use std::sync::OnceLock;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Query as TantivyQuery;
use tantivy::schema::{Field as TantivyField, IndexRecordOption};
use tantivy::{
    DocAddress, DocId, DocSet, Score, Searcher, SegmentOrdinal, SegmentReader, TERMINATED, Term,
};

use super::compile::living;
use super::evidence::Name;
use super::parts;
use super::reader::TantivyReader;
use super::together;
use crate::error::Result;
use crate::query::{Field, Kind, Sort};
use crate::record::PostFields;

/// A post of this many words has the weight of its words unchanged: a constant in place of the archive's
/// average, which would have to be counted over live posts at every open.
pub(super) const PIVOT: f64 = 1000.0;

/// Weights are counted in these parts of one.
pub(super) const UNIT: f64 = 4096.0;

/// Posts that are set apart.
pub(super) type Addresses = foldhash::HashSet<DocAddress>;

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
    pub words: u32,
    /// Smaller is newer; posts without a date come last.
    pub newest: i64,
    pub id: u64,
}

impl Place {
    /// Smallest first.
    pub fn key(&self) -> (Group, std::cmp::Reverse<u32>, i64, u64) {
        (
            self.group,
            std::cmp::Reverse(self.words),
            self.newest,
            self.id,
        )
    }
}

/// How the matches follow from the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A post matches where it meets all of them.
    All,
    /// One of them is enough.
    Any,
    /// More than the conditions decides.
    Other,
}

/// What decides where a post stands.
pub(super) struct Asked<'a> {
    pub name: Option<&'a Name>,
    pub kind: Option<Kind>,
    /// What weighs.
    pub conditions: Vec<Condition>,
    /// The words in the order typed, where the query is nothing but words.
    pub sequence: Vec<String>,
    /// True where a post matches by its words only if they stand in a row.
    pub in_row: bool,
    pub shape: Shape,
    /// True where only the posts themselves say how well they answer: conditions on fields, phrases among words, words with
    /// other forms.
    pub of_posts: bool,
}

/// Words of which any meets one condition of a query.
pub(super) struct Condition {
    pub words: Vec<Weighed>,
    /// Posts that have one of the words, or another one that meets the condition, at most.
    pub most: u64,
    /// True where other words than these meet the condition too.
    pub open: bool,
}

/// A word and its weight.
pub(super) struct Weighed {
    pub term: Term,
    /// Live posts that have it.
    pub posts: u64,
    /// The rarer, the more.
    pub idf: f64,
}

impl Condition {
    pub fn new(reader: &TantivyReader, words: &[String]) -> Result<Self> {
        let total = reader.posts.num_docs() as f64;
        let words: Vec<Weighed> = words
            .iter()
            .map(|word| {
                let term = Term::from_field_text(reader.fields.everything, word);
                let posts = posts_with(reader, &term)?;
                let count = posts as f64;
                let idf = (1.0 + (total - count + 0.5) / (count + 0.5)).ln();
                Ok(Weighed { term, posts, idf })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            most: words.iter().map(|w| w.posts).sum(),
            words,
            open: false,
        })
    }

    /// Its word, where that is the only one that meets it.
    pub fn one_word(&self) -> Option<Term> {
        match self.words.as_slice() {
            [word] if !self.open => Some(word.term.clone()),
            _ => None,
        }
    }
}

impl Weighed {
    /// What the word adds to the weight of a post that has it `count` times, and whose length weighs `length` (see
    /// [`length`]). Whole numbers: a sum of them does not depend on the order of its parts.
    pub fn weight(&self, count: u32, length: f64) -> u32 {
        let count = f64::from(count);
        let part = count * 2.2 / (count + length);
        (self.idf * part * UNIT) as u32
    }
}

/// How much the length of a post takes from the weight of its words: BM25's k1 (1 - b + b length / usual), with k1 = 1.2
/// and b = 0.75.
pub(super) fn length(words: u32) -> f64 {
    1.2 * (0.25 + 0.75 * (f64::from(words) / PIVOT))
}

/// How much the length of posts takes, by the byte in which the index keeps it.
pub(super) fn lengths() -> &'static [f64; 256] {
    static ALL: OnceLock<[f64; 256]> = OnceLock::new();
    ALL.get_or_init(|| std::array::from_fn(|id| length(FieldNormReader::id_to_fieldnorm(id as u8))))
}

/// The lists of conditions in a segment, condition by condition, each with its word; of words that it lacks there is none.
pub(super) fn lists<'a>(
    segment: &SegmentReader,
    conditions: &'a [Condition],
    option: IndexRecordOption,
) -> Result<Vec<Vec<(&'a Weighed, SegmentPostings)>>> {
    let mut all = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let mut lists = Vec::with_capacity(condition.words.len());
        for word in &condition.words {
            if let Some(list) = postings(segment, &word.term, option)? {
                lists.push((word, list));
            }
        }
        all.push(lists);
    }
    Ok(all)
}

/// The words of conditions in one segment, to be asked post after post.
pub(super) struct Cursors<'a> {
    /// Condition by condition.
    conditions: Vec<Vec<(&'a Weighed, SegmentPostings)>>,
    norms: FieldNormReader,
}

impl<'a> Cursors<'a> {
    pub fn new(
        reader: &TantivyReader,
        segment: &SegmentReader,
        conditions: &'a [Condition],
    ) -> Result<Self> {
        Ok(Self {
            conditions: lists(segment, conditions, IndexRecordOption::WithFreqs)?,
            norms: segment.get_fieldnorms_reader(reader.fields.everything)?,
        })
    }

    /// True where no post of the segment meets any of them.
    pub fn is_empty(&self) -> bool {
        self.conditions.iter().all(Vec::is_empty)
    }

    /// The weight of a post, and how many conditions it meets. Posts are asked in rising order.
    pub fn weight(&mut self, doc: DocId) -> (u32, usize) {
        let length = lengths()[usize::from(self.norms.fieldnorm_id(doc))];
        let (mut sum, mut met) = (0u32, 0);
        for words in &mut self.conditions {
            let mut best = 0;
            let mut has = false;
            for (word, postings) in words {
                if reach(postings, doc) == doc {
                    has = true;
                    best = best.max(word.weight(postings.term_freq(), length));
                }
            }
            sum = sum.saturating_add(best);
            met += usize::from(has);
        }
        (sum, met)
    }
}

/// All matches but for those that are `seen`, and of them the first `keep` in order, or all.
pub(super) fn all(
    reader: &TantivyReader,
    query: &dyn TantivyQuery,
    asked: &Asked<'_>,
    keep: Option<usize>,
    seen: &Addresses,
) -> Result<(Vec<Place>, u64)> {
    // Where they stand in a row is found by looking at where each word stands.
    let work = match asked.in_row {
        true => rarest(&asked.conditions),
        false => 0,
    };
    let found = parts::matching(&reader.posts, query, work)?;
    let names = asked
        .name
        .map(|name| names(&reader.fields, name, asked.kind))
        .unwrap_or_default();
    let mut places = Vec::with_capacity(found.iter().map(|s| s.1.len()).sum());
    for (ord, mut docs) in found {
        if !seen.is_empty() {
            docs.retain(|doc| !seen.contains(&DocAddress::new(ord, *doc)));
        }
        let segment = reader.posts.segment_reader(ord);
        let mut groups = vec![Group::Words; docs.len()];
        // The worst group first: the best one stays.
        for (group, term) in names.iter().rev() {
            if let Some(mut postings) = postings(segment, term, IndexRecordOption::Basic)? {
                each_of(&docs, &mut postings, |at, _| groups[at] = *group);
            }
        }
        let mut cursors = Cursors::new(reader, segment, &asked.conditions)?;
        let columns = reader.columns(ord)?;
        for (doc, group) in docs.into_iter().zip(groups) {
            let (words, _) = cursors.weight(doc);
            places.push(columns.place(DocAddress::new(ord, doc), group, words));
        }
    }
    let total = places.len() as u64;
    if asked.sequence.len() > 1 && asked.in_row {
        for place in places.iter_mut().filter(|p| !p.group.is_name()) {
            place.group = Group::Phrase;
        }
    } else if asked.sequence.len() > 1 {
        let start = places.iter().filter(|p| p.group.is_name()).count();
        let end = places.len().min(start + together::POSITIONED);
        put_first(&mut places, end);
        together::stand_together(reader, &asked.sequence, &mut places[start..end])?;
        if end < places.len() {
            let mut rows = together::in_row(reader, &asked.sequence)?;
            for place in &mut places[end..] {
                if rows.remove(&place.address) {
                    place.group = Group::Phrase;
                }
            }
        }
    }
    let keep = keep.map_or(places.len(), |keep| keep.min(places.len()));
    put_first(&mut places, keep);
    places.truncate(keep);
    Ok((places, total))
}

/// Puts the best so many in front, in order; the others follow in none.
pub(super) fn put_first(places: &mut [Place], many: usize) {
    if many < places.len() {
        places.select_nth_unstable_by_key(many, Place::key);
    }
    let many = many.min(places.len());
    places[..many].sort_unstable_by_key(Place::key);
}

/// What tells posts of the same weight apart.
pub(super) struct Columns {
    dates: Column<i64>,
    pub ids: Column<u64>,
}

impl Columns {
    pub fn new(segment: &SegmentReader) -> Result<Self> {
        let fast = segment.fast_fields();
        Ok(Self {
            dates: fast.i64("date")?,
            ids: fast.u64("id")?,
        })
    }

    pub fn place(&self, address: DocAddress, group: Group, words: u32) -> Place {
        Place {
            address,
            group,
            words,
            newest: self.dates.first(address.doc_id).map_or(i64::MAX, |d| -d),
            id: self.ids.first(address.doc_id).unwrap_or(0),
        }
    }
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
    posts_in(&reader.posts, term)
}

/// How many live documents hold a term.
pub(super) fn posts_in(searcher: &Searcher, term: &Term) -> Result<u64> {
    let mut posts = 0;
    for segment in searcher.segment_readers() {
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
    let mut all = vec![
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
    for (key, spelling) in &name.also {
        all.push((Field::Artist, Group::Artist, f.artist_key, key));
        let group = Group::ArtistSpelled;
        all.push((Field::Artist, group, f.artist_spelling, spelling));
    }
    all.sort_by_key(|(_, group, ..)| *group);
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

pub(super) fn postings(
    segment: &SegmentReader,
    term: &Term,
    option: IndexRecordOption,
) -> Result<Option<SegmentPostings>> {
    let inverted = segment.inverted_index(term.field())?;
    Ok(inverted
        .read_postings(term, option)
        .map_err(tantivy::TantivyError::from)?)
}

/// The first post of a list from `doc` on.
pub(super) fn reach(list: &mut SegmentPostings, doc: DocId) -> DocId {
    // A step takes a fraction of a search, and in lists that are gone through together one or two nearly always do.
    for _ in 0..STEPS {
        if list.doc() >= doc || list.advance() >= doc {
            return list.doc();
        }
    }
    list.seek(doc)
}

/// How many posts of a list are passed over one by one before its next ones are skipped.
const STEPS: usize = 2;

/// How many posts meet the rarest of conditions at most: no more meet all.
pub(super) fn rarest(conditions: &[Condition]) -> u64 {
    conditions.iter().map(|c| c.most).min().unwrap_or(0)
}

/// Calls `visit` with the place in `docs`, which are sorted, of each that the postings hold.
pub(super) fn each_of(
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

/// Collects the matching posts of each segment, sorted.
pub(super) struct Docs;

pub(super) struct SegmentDocs(SegmentOrdinal, Vec<DocId>);

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
