//! How do the words of a query stand together in posts?
//!
//! In: words in the order typed. Out: posts that have all of them, and whether they stand in a row or close together there.
//! Asks the index alone; no post is read.

use std::cmp::Reverse;

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, SegmentReader, Term};

use super::meeting::Meeting;
use super::order::{self, Addresses, Asked, Condition, Group, Place};
use super::parts::{self, Part};
use super::reader::TantivyReader;
use crate::error::Result;

/// Posts whose words are looked at for how close they stand; the best by their words alone. More were measured to
/// cost a millisecond a thousand.
pub(super) const POSITIONED: usize = 2_000;

const PLACED: IndexRecordOption = IndexRecordOption::WithFreqsAndPositions;

/// A living post that meets all conditions.
#[derive(Clone, Copy)]
pub(super) struct Having {
    address: DocAddress,
    pub words: u32,
    /// How the words stand; `None` where that has not been looked at.
    group: Option<Group>,
}

impl Having {
    pub fn new(address: DocAddress, words: u32) -> Self {
        Self {
            address,
            words,
            group: None,
        }
    }
}

/// The first `keep` posts that meet all conditions but for those to skip, in order; and how many there are. Where the
/// words were typed in an order, posts that have them in a row stand first, then those that have them close together.
pub(super) fn all(
    reader: &TantivyReader,
    asked: &Asked<'_>,
    keep: usize,
    skip: &Addresses,
) -> Result<(Vec<Place>, u64)> {
    // Lists are read, positions are not.
    let work = order::rarest(&asked.conditions) / 4;
    let found = parts::each(&reader.posts, work, |segment, part| {
        having(reader, segment, part, &asked.conditions, skip)
    })?;
    let join = |mut before: Vec<_>, after| {
        before.extend(after);
        before
    };
    let mut all = found.into_iter().reduce(join).unwrap_or_default();
    let total = all.len() as u64;
    if asked.sequence.len() > 1 {
        look_closer(reader, &asked.sequence, &mut all, keep)?;
    }
    let mut places = Vec::with_capacity(keep);
    for group in [Group::Phrase, Group::Near, Group::Words] {
        let of_group = |h: &&Having| h.group.unwrap_or(Group::Words) == group;
        let of_group = all.iter().filter(of_group).copied().collect();
        places.extend(first(reader, of_group, keep - places.len(), group)?);
        if places.len() >= keep {
            break;
        }
    }
    Ok((places, total))
}

/// Looks at how the words stand: in the best posts by their words, and as long as fewer than `keep` have them in a row, in
/// more of them. What is close together is looked for in the best [`POSITIONED`] alone, be words in a row there or not.
fn look_closer(
    reader: &TantivyReader,
    sequence: &[String],
    all: &mut [Having],
    keep: usize,
) -> Result<()> {
    let mut reach = POSITIONED;
    let mut in_row = 0;
    let mut looked = 0;
    loop {
        // A remainder too small for a round of its own is looked at with this one.
        let least = match all.len() > 2 * reach {
            true => least_of_best(all, reach),
            false => 0,
        };
        let chosen = all
            .iter_mut()
            .filter(|h| h.group.is_none() && h.words >= least);
        let mut chosen: Vec<&mut Having> = chosen.collect();
        looked += chosen.len();
        let groups = parts::each(&reader.posts, chosen.len() as u64, |segment, part| {
            let at = |doc| DocAddress::new(part.segment, doc);
            let from = chosen.partition_point(|h| h.address < at(part.from));
            let to = chosen.partition_point(|h| h.address < at(part.to));
            let docs = chosen[from..to].iter().map(|h| h.address.doc_id);
            groups(reader, segment, sequence, docs)
        })?;
        for (post, group) in chosen.iter_mut().zip(groups.into_iter().flatten()) {
            in_row += usize::from(group == Group::Phrase);
            post.group = Some(match group {
                Group::Near if reach > POSITIONED => Group::Words,
                group => group,
            });
        }
        if reach == POSITIONED && all.len() > POSITIONED {
            let best = best_of(reader, all, POSITIONED)?;
            let near = all.iter_mut().filter(|h| h.group == Some(Group::Near));
            for post in near {
                if !best.has(post) {
                    post.group = Some(Group::Words);
                }
            }
        }
        if in_row >= keep || looked == all.len() {
            return Ok(());
        }
        reach *= 8;
    }
}

/// What the least of the best `most` weighs.
fn least_of_best(all: &[Having], most: usize) -> u32 {
    if all.len() <= most {
        return 0;
    }
    let mut weights: Vec<u32> = all.iter().map(|h| h.words).collect();
    *weights.select_nth_unstable_by_key(most, |w| Reverse(*w)).1
}

/// The best of some posts: those above a weight, and of those that weigh as much these.
struct Front {
    above: u32,
    equal: Addresses,
}

impl Front {
    fn has(&self, post: &Having) -> bool {
        post.words > self.above || self.equal.contains(&post.address)
    }
}

/// The best `most` by their words, as they are ordered; there are more.
fn best_of(reader: &TantivyReader, all: &[Having], most: usize) -> Result<Front> {
    let above = least_of_best(all, most);
    let better = all.iter().filter(|h| h.words > above).count();
    let equal = all.iter().filter(|h| h.words == above).copied().collect();
    let equal = first(reader, equal, most - better, Group::Words)?;
    Ok(Front {
        above,
        equal: equal.into_iter().map(|place| place.address).collect(),
    })
}

/// The first so many of a group by their words, in order. `having` is in the order of addresses.
pub(super) fn first(
    reader: &TantivyReader,
    mut having: Vec<Having>,
    most: usize,
    group: Group,
) -> Result<Vec<Place>> {
    // What tells equal ones apart is asked of few.
    let least = least_of_best(&having, most);
    having.retain(|h| h.words >= least);
    let mut places = Vec::with_capacity(having.len());
    for part in having.chunk_by(|a, b| a.address.segment_ord == b.address.segment_ord) {
        let Some(first) = part.first() else { continue };
        let columns = reader.columns(first.address.segment_ord)?;
        let place = |h: &Having| columns.place(h.address, group, h.words);
        places.extend(part.iter().map(place));
    }
    order::put_first(&mut places, most);
    places.truncate(most);
    Ok(places)
}

/// The posts of a part that meet all conditions.
fn having(
    reader: &TantivyReader,
    segment: &SegmentReader,
    part: Part,
    conditions: &[Condition],
    skip: &Addresses,
) -> Result<Vec<Having>> {
    let counted = IndexRecordOption::WithFreqs;
    let mut out = Vec::new();
    let Some(mut meeting) = Meeting::new(reader, segment, conditions, counted)? else {
        return Ok(out);
    };
    let mut from = part.from;
    while let Some(doc) = meeting.from(from, part.to) {
        let address = DocAddress::new(part.segment, doc);
        if !segment.is_deleted(doc) && !skip.contains(&address) {
            let words = meeting.weight(doc);
            out.push(Having::new(address, words));
        }
        from = doc + 1;
    }
    Ok(out)
}

/// How the words stand in some posts of a segment, sorted.
fn groups(
    reader: &TantivyReader,
    segment: &SegmentReader,
    sequence: &[String],
    docs: impl ExactSizeIterator<Item = DocId>,
) -> Result<Vec<Group>> {
    let mut out = Vec::with_capacity(docs.len());
    if docs.len() == 0 {
        return Ok(out);
    }
    let mut terms: Vec<Term> = Vec::new();
    let mut lists = Vec::new();
    // Which list each word of the sequence has.
    let mut order = Vec::with_capacity(sequence.len());
    for word in sequence {
        let term = Term::from_field_text(reader.fields.everything, word);
        let known = terms.iter().position(|known| *known == term);
        order.push(known.unwrap_or(terms.len()));
        if known.is_none() {
            lists.push(order::postings(segment, &term, PLACED)?);
            terms.push(term);
        }
    }
    let mut positions: Vec<Vec<u32>> = vec![Vec::new(); lists.len()];
    for doc in docs {
        let mut has_all = true;
        for (list, positions) in lists.iter_mut().zip(&mut positions) {
            let Some(list) = list.as_mut().filter(|_| has_all) else {
                has_all = false;
                continue;
            };
            has_all = order::reach(list, doc) == doc;
            if has_all {
                list.positions(positions);
            }
        }
        out.push(match has_all {
            true => together(&positions, &order),
            false => Group::Words,
        });
    }
    Ok(out)
}

/// Finds out in which posts the words stand in a row, or close together.
pub(super) fn stand_together(
    reader: &TantivyReader,
    sequence: &[String],
    places: &mut [Place],
) -> Result<()> {
    places.sort_unstable_by_key(|p| p.address);
    for places in places.chunk_by_mut(|a, b| a.address.segment_ord == b.address.segment_ord) {
        let Some(first) = places.first() else {
            continue;
        };
        let segment = reader.posts.segment_reader(first.address.segment_ord);
        let docs = places.iter().map(|p| p.address.doc_id);
        let groups = groups(reader, segment, sequence, docs)?;
        for (place, group) in places.iter_mut().zip(groups) {
            if group != Group::Words {
                place.group = group;
            }
        }
    }
    Ok(())
}

/// All living posts in which the words stand in a row.
pub(super) fn in_row(reader: &TantivyReader, sequence: &[String]) -> Result<Addresses> {
    let terms = sequence
        .iter()
        .map(|word| Term::from_field_text(reader.fields.everything, word));
    let query = tantivy::query::PhraseQuery::new(terms.collect());
    let found = reader.posts.search(&query, &order::Docs)?.into_iter();
    let addresses =
        found.flat_map(|(ord, docs)| docs.into_iter().map(move |doc| DocAddress::new(ord, doc)));
    Ok(addresses.collect())
}

/// Words further apart than this beyond their own number are not near each other.
pub(super) const NEAR: usize = 8;

/// What the positions of the words say, of which `order` tells how they were typed. Parts of a post are further apart than
/// anything near.
fn together(positions: &[Vec<u32>], order: &[usize]) -> Group {
    let Some((first, others)) = order.split_first() else {
        return Group::Words;
    };
    let in_row = |start: &u32| {
        (1u32..)
            .zip(others)
            .all(|(step, list)| positions[*list].binary_search(&(start + step)).is_ok())
    };
    // Of two words the list is gone through along with the other: nearly all questions are of two.
    let any_in_row = match (others, positions) {
        ([second], _) => any_within(&positions[*first], &positions[*second], 1, 1),
        _ => positions[*first].iter().any(in_row),
    };
    if any_in_row {
        return Group::Phrase;
    }
    let wide = (order.len() + NEAR) as u32;
    let near = match positions {
        [] | [_] => false,
        [one, other] => any_within(one, other, 0, wide - 1) || any_within(other, one, 0, wide - 1),
        [first, ..] => first.iter().any(|middle| {
            // The window may start at any word; one that holds the first word starts at most its width before it.
            (0..wide).any(|back| {
                let start = middle.saturating_sub(back);
                positions.iter().all(|here| {
                    let at = here.partition_point(|p| *p < start);
                    here.get(at).is_some_and(|p| *p < start + wide)
                })
            })
        }),
    };
    if near { Group::Near } else { Group::Words }
}

/// True where one of `after` stands `least` to `most` places after one of `before`; both rise.
fn any_within(before: &[u32], after: &[u32], least: u32, most: u32) -> bool {
    let mut at = 0;
    before.iter().any(|start| {
        while after.get(at).is_some_and(|p| *p < start + least) {
            at += 1;
        }
        after.get(at).is_some_and(|p| *p <= start + most)
    })
}
