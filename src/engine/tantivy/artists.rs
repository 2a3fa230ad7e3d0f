//! Who is credited, where, how often, and which posts have something in common?
//!
//! In: keys and names. Out: columns, counts and ids, from the dictionaries of terms, their postings and fast
//! fields; only posts that are told of are read from the store. Must not know aliases or how credits part.

use std::collections::HashMap;

use tantivy::collector::Count;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query as TantivyQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

use super::order::Docs;
use super::owners;
use super::prose;
use super::reader::TantivyReader;
use crate::artist::{self, Credits};
use crate::engine::{CreditedPost, MentioningPost};
use crate::error::Result;
use crate::model::{Archived, Post, PostId, PostRef, Related};
use crate::query::Test;
use crate::text::tokens;

/// Words of a post that are looked for in others: its rarest.
const WORDS: usize = 24;
/// Words that count for one related post: long posts have many in common by chance.
const WORDS_COUNTED: usize = 8;
/// A word is rare where at most one post in this many has it, or at most [`FEW`] have.
const RARE: u64 = 20;
const FEW: u64 = 5;
/// What an artist in common counts, in words of the same rarity.
const ARTIST_WEIGHT: f32 = 2.0;

/// Names of every live post, as columns.
pub(super) fn credits(reader: &TantivyReader) -> Result<Credits> {
    let mut credits = Credits::default();
    let mut places: foldhash::HashMap<String, u32> = foldhash::HashMap::default();
    for segment in reader.posts.segment_readers() {
        let fast = segment.fast_fields();
        let Some(column) = fast.str("credited")? else {
            continue;
        };
        let date = fast.i64("date")?;
        // The segment's own numbers of names become those of the whole archive.
        let mut own: Vec<Option<u32>> = vec![None; column.num_terms()];
        let mut names: Vec<Option<String>> = Vec::with_capacity(column.num_terms());
        let mut stream = column.dictionary().stream().map_err(TantivyError::from)?;
        while stream.advance() {
            names.push(Some(String::from_utf8_lossy(stream.key()).into_owned()));
        }
        for doc in segment.doc_ids_alive() {
            let before = credits.of_posts.len();
            for ord in column.term_ords(doc) {
                let Some(slot) = own.get_mut(ord as usize) else {
                    continue;
                };
                let place = match *slot {
                    Some(place) => place,
                    None => {
                        // Asked once only: the slot knows it from then on.
                        let Some(name) = names.get_mut(ord as usize).and_then(Option::take) else {
                            continue;
                        };
                        let place = match places.get(&name) {
                            Some(place) => *place,
                            None => {
                                let next = credits.names.len() as u32;
                                credits.names.push(name.clone());
                                places.insert(name, next);
                                next
                            }
                        };
                        *slot = Some(place);
                        place
                    }
                };
                credits.of_posts.push(place);
            }
            if credits.of_posts.len() > before {
                credits.dates.push(date.first(doc));
                credits.ends.push(credits.of_posts.len());
            }
        }
    }
    Ok(credits)
}

/// Live tracks that are filed under one of the keys.
pub(super) fn tracks(reader: &TantivyReader, keys: &[String]) -> Result<u64> {
    let rows = reader.rows()?;
    let field = reader.row_fields().credit;
    match keys {
        [] => Ok(0),
        [key] => frequency(rows, &Term::from_field_text(field, key)),
        _ => Ok(rows.search(&any(field, keys), &Count)? as u64),
    }
}

/// Live posts with a track filed under one of the keys, the newest first.
pub(super) fn posts(reader: &TantivyReader, keys: &[String]) -> Result<Vec<CreditedPost>> {
    let mut tracks: HashMap<u64, u64> = HashMap::new();
    let rows = reader.rows()?;
    for segment in rows.segment_readers() {
        let owners = segment.fast_fields().u64("post_id")?;
        for doc in filed(reader, segment, keys)? {
            if let Some(id) = owners.first(doc) {
                *tracks.entry(id).or_insert(0) += 1;
            }
        }
    }
    newest_first(reader, &tracks, |id, date, tracks| CreditedPost {
        id,
        date,
        tracks,
    })
}

/// Live rows of a segment that are filed under one of the keys, each once, in rising order.
pub(super) fn filed(
    reader: &TantivyReader,
    segment: &SegmentReader,
    keys: &[String],
) -> Result<Vec<u32>> {
    let mut docs: Vec<u32> = Vec::new();
    for key in keys {
        let term = Term::from_field_text(reader.row_fields().credit, key);
        in_segment(segment, &term, &mut |doc| {
            docs.push(doc);
            Ok(())
        })?;
    }
    // A row may be filed under several of them.
    if keys.len() > 1 {
        docs.sort_unstable();
        docs.dedup();
    }
    Ok(docs)
}

/// The live posts of some ids, the newest first, made of id, date and what is known of each.
fn newest_first<T: Copy, P>(
    reader: &TantivyReader,
    known: &HashMap<u64, T>,
    make: impl Fn(PostId, Option<i64>, T) -> P,
) -> Result<Vec<P>> {
    let mut found = Vec::with_capacity(known.len());
    for segment in reader.posts.segment_readers() {
        let ids = segment.fast_fields().u64("id")?;
        let dates = segment.fast_fields().i64("date")?;
        for doc in segment.doc_ids_alive() {
            if let Some(id) = ids.first(doc)
                && let Some(of_post) = known.get(&id)
            {
                found.push((std::cmp::Reverse(dates.first(doc)), PostId(id), *of_post));
            }
        }
    }
    found.sort_unstable_by_key(|(date, id, _)| (*date, *id));
    let posts = found.into_iter();
    Ok(posts
        .map(|(date, id, of_post)| make(id, date.0, of_post))
        .collect())
}

/// In how many live posts an artist of one of the keys is credited.
fn credited(reader: &TantivyReader, keys: &[String]) -> Result<u64> {
    let field = reader.fields.artist_key;
    match keys {
        [key] => frequency(&reader.posts, &Term::from_field_text(field, key)),
        _ => Ok(reader.posts.search(&any(field, keys), &Count)? as u64),
    }
}

/// How many live posts list artists of both.
pub(super) fn together(reader: &TantivyReader, keys: &[String], others: &[String]) -> Result<u64> {
    let field = reader.fields.artist_key;
    let both = [keys, others].map(|keys| {
        let any: Box<dyn TantivyQuery> = Box::new(any(field, keys));
        (Occur::Must, any)
    });
    Ok(reader
        .posts
        .search(&BooleanQuery::new(both.into()), &Count)? as u64)
}

/// Live comments that have one of the names, its words in a row.
pub(super) fn mentions(reader: &TantivyReader, names: &[String]) -> Result<u64> {
    match mentioning(reader.row_fields().comment, names) {
        Some(query) => Ok(reader.rows()?.search(&query, &Count)? as u64),
        None => Ok(0),
    }
}

/// Live posts with such a comment, or with such words in their prose, the newest first.
pub(super) fn mentioned_in(
    reader: &TantivyReader,
    names: &[String],
) -> Result<Vec<MentioningPost>> {
    let Some(in_comments) = mentioning(reader.row_fields().comment, names) else {
        return Ok(Vec::new());
    };
    let ids = owners::ids(reader, &in_comments)?;
    let mut ids: HashMap<u64, bool> = ids.into_iter().map(|id| (id, false)).collect();
    for name in names {
        let words = Test::Phrase {
            words: name.clone(),
            slop: 0,
        };
        let in_prose = prose::in_prose(reader, &words)?;
        for (ord, docs) in reader.posts.search(in_prose.as_ref(), &Docs)? {
            let column = reader.posts.segment_reader(ord).fast_fields().u64("id")?;
            let found = docs.into_iter().filter_map(|doc| column.first(doc));
            ids.extend(found.map(|id| (id, true)));
        }
    }
    newest_first(reader, &ids, |id, date, in_prose| MentioningPost {
        id,
        date,
        in_prose,
    })
}

fn any(field: Field, keys: &[String]) -> BooleanQuery {
    let terms = keys.iter().map(|key| {
        let term = Term::from_field_text(field, key);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        (Occur::Should, Box::new(query) as Box<dyn TantivyQuery>)
    });
    BooleanQuery::new(terms.collect())
}

/// Any of the names as a phrase; `None` where none has words.
fn mentioning(field: Field, names: &[String]) -> Option<BooleanQuery> {
    let mut phrases: Vec<Vec<String>> = names
        .iter()
        .map(|name| tokens::folded(name))
        .filter(|words: &Vec<String>| !words.is_empty())
        .collect();
    phrases.sort_unstable();
    phrases.dedup();
    let clauses: Vec<(Occur, Box<dyn TantivyQuery>)> = phrases
        .into_iter()
        .map(|words| {
            let mut terms: Vec<Term> = words
                .iter()
                .map(|word| Term::from_field_text(field, word))
                .collect();
            let query: Box<dyn TantivyQuery> = match (terms.len(), terms.pop()) {
                (1, Some(term)) => Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
                (_, last) => {
                    terms.extend(last);
                    Box::new(PhraseQuery::new(terms))
                }
            };
            (Occur::Should, query)
        })
        .collect();
    (!clauses.is_empty()).then(|| BooleanQuery::new(clauses))
}

/// How many live documents have a term.
fn frequency(searcher: &Searcher, term: &Term) -> Result<u64> {
    let mut count = 0;
    for segment in searcher.segment_readers() {
        if segment.num_deleted_docs() == 0 {
            let inverted = segment.inverted_index(term.field())?;
            count += u64::from(inverted.doc_freq(term).map_err(TantivyError::from)?);
        } else {
            in_segment(segment, term, &mut |_| {
                count += 1;
                Ok(())
            })?;
        }
    }
    Ok(count)
}

/// Visits the live documents that have a term.
fn each(
    searcher: &Searcher,
    term: &Term,
    visit: &mut dyn FnMut(u32, u32) -> Result<()>,
) -> Result<()> {
    for (ord, segment) in (0u32..).zip(searcher.segment_readers()) {
        in_segment(segment, term, &mut |doc| visit(ord, doc))?;
    }
    Ok(())
}

fn in_segment(
    segment: &SegmentReader,
    term: &Term,
    visit: &mut dyn FnMut(u32) -> Result<()>,
) -> Result<()> {
    let inverted = segment.inverted_index(term.field())?;
    let Some(mut postings) = inverted
        .read_postings(term, IndexRecordOption::Basic)
        .map_err(TantivyError::from)?
    else {
        return Ok(());
    };
    while postings.doc() != TERMINATED {
        if !segment.is_deleted(postings.doc()) {
            visit(postings.doc())?;
        }
        postings.advance();
    }
    Ok(())
}

/// Something that posts may have in common.
struct Trait {
    shown: String,
    is_artist: bool,
    weight: f32,
    terms: Vec<Term>,
}

/// Posts that list the same artists or have the same rare words, best first.
pub(super) fn related(
    reader: &TantivyReader,
    archived: &Archived,
    same: &dyn Fn(&str) -> Vec<String>,
    limit: usize,
) -> Result<Vec<Related>> {
    let traits = traits(reader, &archived.post, same)?;
    let mut found: HashMap<DocAddress, Vec<usize>> = HashMap::new();
    for (at, one) in traits.iter().enumerate() {
        for term in &one.terms {
            each(&reader.posts, term, &mut |ord, doc| {
                let shared = found.entry(DocAddress::new(ord, doc)).or_default();
                if shared.last() != Some(&at) {
                    shared.push(at);
                }
                Ok(())
            })?;
        }
    }
    let mut scored: Vec<(f32, i64, u64, DocAddress)> = Vec::new();
    for (address, shared) in &found {
        let segment = reader.posts.segment_reader(address.segment_ord);
        let id = segment.fast_fields().u64("id")?.first(address.doc_id);
        if id == Some(archived.post.id.0) {
            continue;
        }
        let date = segment.fast_fields().i64("date")?.first(address.doc_id);
        let mut words = 0;
        let score = shared
            .iter()
            .filter_map(|at| traits.get(*at))
            .filter(|one| {
                words += usize::from(!one.is_artist);
                one.is_artist || words <= WORDS_COUNTED
            })
            .map(|one| one.weight)
            .sum();
        scored.push((score, date.unwrap_or(0), id.unwrap_or(0), *address));
    }
    scored.sort_unstable_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| b.1.cmp(&a.1))
            .then_with(|| a.2.cmp(&b.2))
    });
    let mut out = Vec::new();
    for (score, _, _, address) in scored.into_iter().take(limit) {
        let shared = found.remove(&address).unwrap_or_default();
        let shown = |artists: bool| {
            let of_kind = shared.iter().filter_map(|at| traits.get(*at));
            of_kind
                .filter(|one| one.is_artist == artists)
                .map(|one| one.shown.clone())
                .collect::<Vec<_>>()
        };
        out.push(Related {
            post: reader.stored(address, |post, _| PostRef::of(post))?,
            score,
            artists: shown(true),
            words: shown(false),
        });
    }
    Ok(out)
}

/// Artists and rare words of a post that other posts have too, the weightiest first.
fn traits(
    reader: &TantivyReader,
    post: &Post,
    same: &dyn Fn(&str) -> Vec<String>,
) -> Result<Vec<Trait>> {
    let all = reader.posts.num_docs();
    let rarity = |posts: u64| ((1 + all) as f32 / (1 + posts) as f32).ln().max(0.01);
    let mut artists: HashMap<String, String> = HashMap::new();
    for list in &post.tracklists {
        for track in &list.tracks {
            let artist = list.artist_of(track).map(|a| a.as_str());
            for name in artist::names(artist, &track.title) {
                artists
                    .entry(artist::key(&name))
                    .or_insert_with(|| name.to_string());
            }
        }
    }
    let mut traits = Vec::new();
    let mut named: Vec<String> = Vec::new();
    for (key, name) in artists {
        named.extend(tokens::folded(&name));
        let mut keys = same(&key);
        keys.push(key);
        let posts = credited(reader, &keys)?;
        if posts > 1 {
            let field = reader.fields.artist_key;
            traits.push(Trait {
                shown: name,
                is_artist: true,
                weight: ARTIST_WEIGHT * rarity(posts),
                terms: keys
                    .iter()
                    .map(|k| Term::from_field_text(field, k))
                    .collect(),
            });
        }
    }
    let mut counts: HashMap<String, u32> = HashMap::new();
    let texts = std::iter::once(post.title.as_str())
        .chain(post.tags.iter().map(|t| t.as_str()))
        .chain(std::iter::once(post.body.as_str()));
    for text in texts {
        tokens::each(text, &mut |word, _, _| match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_owned(), 1);
            }
        });
    }
    let mut words: Vec<Trait> = Vec::new();
    for (word, count) in counts {
        // Short words and numbers are shared by chance; names are counted as artists.
        if (word.is_ascii() && word.len() < 4)
            || !word.contains(char::is_alphabetic)
            || named.contains(&word)
        {
            continue;
        }
        let term = Term::from_field_text(reader.fields.everything, &word);
        let posts = frequency(&reader.posts, &term)?;
        if posts > 1 && posts * 2 <= all && (posts <= FEW || posts * RARE <= all) {
            words.push(Trait {
                shown: word,
                is_artist: false,
                weight: rarity(posts) * (1.0 + (count as f32).ln() / 2.0),
                terms: vec![term],
            });
        }
    }
    let heavier = |a: &Trait, b: &Trait| {
        b.weight
            .total_cmp(&a.weight)
            .then_with(|| a.shown.cmp(&b.shown))
    };
    words.sort_by(heavier);
    words.truncate(WORDS);
    traits.append(&mut words);
    traits.sort_by(heavier);
    Ok(traits)
}
