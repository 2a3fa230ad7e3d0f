//! What in a post made it match?
//!
//! In: a stored post and the words of a query. Out: marks, the best rows, comments and sentences, and the
//! facts that ranking needs. One pass over the post's words; no index is asked.

use super::looked::{Looked, Want, Words};
use super::matched::{Gathered, Typed};
use super::near;
use super::reader::TantivyReader;
use super::snippet::{extract, marks};
use crate::artist;
use crate::error::Result;
use crate::model::{
    CommentEvidence, Context, Evidence, Mark, Post, Published, Snippet, TextRef, TrackEvidence,
    TrackMarks,
};
use crate::query::{Field, Node, Test};
use crate::text::glance::letter;
use crate::text::sentences;

/// Rows and comments shown with a hit.
const SHOWN: usize = 3;

/// The positive conditions of a query, in the order typed.
pub(super) fn wants(root: &Node, reader: &TantivyReader) -> Result<Vec<Want>> {
    let everything = reader.fields.everything;
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node {
            Node::And(all) | Node::Or(all) => open.extend(all.iter().rev()),
            Node::Leaf(leaf) => {
                if matches!(leaf.field, Some(Field::Has | Field::Lang)) {
                    continue;
                }
                let near = match &leaf.test {
                    Test::Fuzzy(word) => near::near_terms(reader, &reader.posts, everything, word)?
                        .into_iter()
                        .map(|n| n.word)
                        .collect(),
                    _ => Vec::new(),
                };
                out.extend(Want::new(leaf.field, &leaf.test, near));
            }
            Node::Not(_) | Node::Everything => {}
        }
    }
    Ok(out)
}

/// The whole query as one name: its key (see `artist::key`), and the field that it was asked of.
pub(super) struct Name {
    pub field: Option<Field>,
    pub key: String,
    /// See `artist::spelling`.
    pub spelling: String,
    /// Key and spelling of the artist's other names, as the user says.
    pub also: Vec<(String, String)>,
}

impl Name {
    pub fn new(field: Option<Field>, text: &str) -> Self {
        Self {
            field,
            key: artist::key(text),
            spelling: artist::spelling(text),
            also: Vec::new(),
        }
    }

    /// True where `text` is this name in any spelling and stands in a field that was asked.
    fn is(&self, text: &str, part: Field) -> bool {
        if self.field.is_some_and(|field| field != part) {
            return false;
        }
        let also = self.also.iter().filter(|_| part == Field::Artist);
        let mut all = std::iter::once(&self.spelling).chain(also.map(|(_, spelling)| spelling));
        if !all.clone().any(|spelling| may_be(spelling, text)) {
            return false;
        }
        let own = artist::spelling(text);
        all.any(|spelling| *spelling == own)
    }
}

/// False where a text is certainly not spelled so: it begins with another letter, or has not all of these in a row, others left
/// out. Looking costs a fraction of spelling it out.
fn may_be(spelling: &str, text: &str) -> bool {
    let first = spelling.bytes().next().unwrap_or_default();
    if !first.is_ascii_alphanumeric() || !spelling.is_ascii() || !text.is_ascii() {
        return true;
    }
    let begins = text
        .bytes()
        .find(u8::is_ascii_alphanumeric)
        .is_some_and(|b| b.eq_ignore_ascii_case(&first) || b.eq_ignore_ascii_case(&b't'));
    let mut missing = spelling.bytes();
    let mut next = missing.next();
    begins
        && text.bytes().any(|byte| {
            if next == Some(letter(byte)) {
                next = missing.next();
            }
            next.is_none()
        })
}

/// Marks of a name; all of it where `whole` says that it matched in another spelling, such as "AC/DC" for "ACDC".
fn name_marks(name: &str, looked: &Looked, whole: bool) -> Vec<Mark> {
    if whole && looked.found.is_empty() {
        return marks(name, &[(0, name.len())]);
    }
    marks(name, &looked.byte_ranges())
}

/// What ranking wants to know of a post.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// The whole query is: 3 an artist, 2 the title, 1 a track; 0 none.
    pub exact: u8,
    /// The words stand together as typed.
    pub phrase: bool,
    /// All words stand close to each other.
    pub near: bool,
    /// Conditions that were found at all.
    pub found: usize,
    /// How much of the post is about them, 0 to 1.
    pub weight: f32,
}

/// What was found in a post.
pub(super) struct Finding {
    pub facts: Facts,
    pub title_marks: Vec<Mark>,
    pub evidence: Evidence,
}

/// Looks through a post whose texts lie in `memory`. `name` is the whole query where it is one name.
pub(super) fn look(
    post: &Post<TextRef<'_>>,
    memory: &[u8],
    words: &Words<'_>,
    name: Option<&Name>,
    typed: &Typed,
) -> Finding {
    let all = words.conditions();
    let over = &words.over(memory);
    let mut facts = Facts::default();
    let mut seen = vec![false; all];
    let mut mass = vec![0f32; all];
    let mut note = |looked: &Looked, worth: f32, facts: &mut Facts| {
        for (n, _, _) in &looked.found {
            seen[*n] = true;
            mass[*n] += worth;
        }
        if words.counts && looked.count() == all {
            facts.phrase |= looked.in_order(all);
            facts.near |= looked.window(all).is_some_and(|w| w <= all + 8);
        }
    };
    let title = Looked::at(&post.title, over, &[Field::Title]);
    note(&title, 3.0, &mut facts);
    if name.is_some_and(|n| n.is(&post.title, Field::Title)) {
        facts.exact = 2;
    }
    for extra in post.tags.iter().chain(&post.author) {
        note(
            &Looked::at(extra, over, &[Field::Tag, Field::Author]),
            1.0,
            &mut facts,
        );
    }

    let mut rows: Vec<(usize, u8, Looked, Looked, TrackEvidence)> = Vec::new();
    for (number, list) in (0u32..).zip(&post.tracklists) {
        for track in &list.tracks {
            let artist = list.artist_of(track);
            let credited = artist.map_or("", |a| &**a);
            let by = Looked::at(credited, over, &[Field::Artist]);
            let of = Looked::at(&track.title, over, &[Field::Track]);
            let mut exact = 0;
            if let Some(name) = name {
                let is_artist = name.is(credited, Field::Artist)
                    || (track.credit.len() > 1
                        && track
                            .credit
                            .iter()
                            .any(|part| name.is(&part.name, Field::Artist)));
                if is_artist {
                    exact = 3;
                } else if name.is(&track.title, Field::Track) {
                    exact = 1;
                }
            }
            facts.exact = facts.exact.max(exact);
            let both = if by.is_empty() && of.is_empty() {
                Looked::default()
            } else {
                Looked::at(
                    &format!("{credited} {}", &*track.title),
                    over,
                    &[Field::Artist, Field::Track],
                )
            };
            note(&both, 2.0, &mut facts);
            let count = both.count();
            if count == 0 && exact == 0 {
                continue;
            }
            let evidence = TrackEvidence {
                list: number,
                position: track.position,
                number: track.number.map(Into::into),
                artist: artist.copied().map(Into::into),
                title: track.title.into(),
                raw: track.raw.into(),
                marks: TrackMarks {
                    artist: name_marks(credited, &by, exact == 3),
                    title: name_marks(&track.title, &of, exact == 1),
                },
            };
            rows.push((count, exact, by, of, evidence));
        }
    }
    let mut comments: Vec<(usize, usize, Looked)> = Vec::new();
    for (at, comment) in post.comments.iter().enumerate() {
        let text = Looked::at(&comment.text, over, &[Field::Comment]);
        let author = Looked::at(
            comment.author.as_deref().unwrap_or_default(),
            over,
            &[Field::By],
        );
        note(&text, 0.6, &mut facts);
        note(&author, 0.6, &mut facts);
        if text.found.is_empty() && author.found.is_empty() {
            continue;
        }
        let mut hit: Vec<usize> = text
            .found
            .iter()
            .chain(&author.found)
            .map(|f| f.0)
            .collect();
        hit.sort_unstable();
        hit.dedup();
        comments.push((hit.len(), at, text));
    }
    let mut best_sentence: Option<(usize, &str, Looked)> = None;
    let mut sentence_counts: Vec<usize> = Vec::new();
    let mut body_near = Facts::default();
    Looked::in_paragraphs(&post.body, over, &[Field::Body], |paragraph, whole| {
        note(&whole, 1.0, &mut body_near);
        let places = whole.byte_ranges();
        let mut start = 0;
        sentences::each(paragraph, |piece| {
            let end = start + piece.len();
            let at = places.partition_point(|place| place.1 <= start);
            start = end;
            if places.get(at).is_none_or(|place| place.0 >= end) {
                return;
            }
            let sentence = piece.trim();
            let looked = Looked::at(sentence, over, &[Field::Body]);
            let count = looked.count();
            sentence_counts.extend((count > 0).then_some(count));
            if count > 0
                && best_sentence
                    .as_ref()
                    .is_none_or(|(best, _, _)| count > *best)
            {
                best_sentence = Some((count, sentence, looked));
            }
        });
    });
    facts.phrase |= body_near.phrase;
    facts.near |= body_near.near;
    facts.found = seen.iter().filter(|s| **s).count();
    facts.weight = if all == 0 {
        0.0
    } else {
        mass.iter().map(|m| m / (m + 3.0)).sum::<f32>() / all as f32
    };

    // Where one part has all words, parts with some of them are noise.
    let most = rows
        .iter()
        .map(|r| r.0)
        .chain(comments.iter().map(|c| c.0))
        .chain(best_sentence.iter().map(|s| s.0))
        .chain([title.count()])
        .max()
        .unwrap_or(0);
    let enough = if most >= all { all.max(1) } else { 1 };
    rows.retain(|r| r.0 >= enough || r.1 > 0);
    comments.retain(|c| c.0 >= enough);
    best_sentence = best_sentence.filter(|s| s.0 >= enough);
    let sentences_total = sentence_counts.iter().filter(|c| **c >= enough).count() as u32;
    let tracks_total = rows.len() as u32;
    let comments_total = comments.len() as u32;
    rows.sort_by_key(|r| std::cmp::Reverse((r.1, r.0)));
    comments.sort_by_key(|c| std::cmp::Reverse(c.0));
    let mut gathered = Gathered::new(typed);
    gathered.add(&post.title, &title);
    for (_, _, by, of, row) in rows.iter().take(SHOWN) {
        gathered.add(row.artist.as_deref().unwrap_or_default(), by);
        gathered.add(&row.title, of);
    }
    for (_, at, looked) in comments.iter().take(SHOWN) {
        gathered.add(&post.comments[*at].text, looked);
    }
    if let Some((_, sentence, looked)) = &best_sentence {
        gathered.add(sentence, looked);
    }
    let evidence = Evidence {
        matched: gathered.matched(),
        sentences_total,
        snippet: best_sentence.map(|(_, sentence, looked)| {
            let (text, marks) = extract(sentence, &looked.byte_ranges());
            Snippet { text, marks }
        }),
        tracks: rows.into_iter().take(SHOWN).map(|r| r.4).collect(),
        comments: comments
            .into_iter()
            .take(SHOWN)
            .map(|(_, at, looked)| {
                let comment = &post.comments[at];
                let (text, marks) = extract(&comment.text, &looked.byte_ranges());
                CommentEvidence {
                    id: comment.id.into(),
                    parent: comment.parent.map(Into::into),
                    author: comment.author.map(Into::into),
                    published: comment.published.clone().map(Published::into_owned),
                    likes: comment.likes,
                    text,
                    marks,
                    context: context(post, comment.parent.as_deref()),
                }
            })
            .collect(),
        tracks_total,
        comments_total,
    };
    Finding {
        facts,
        title_marks: marks(&post.title, &title.byte_ranges()),
        evidence,
    }
}

/// The beginning of the comment that another one answers.
fn context(post: &Post<TextRef<'_>>, parent: Option<&str>) -> Option<Context> {
    let parent = parent?;
    let answered = post.comments.iter().find(|c| &*c.id == parent)?;
    let first = sentences::sentences(&answered.text)
        .first()
        .copied()
        .unwrap_or_default();
    Some(Context {
        author: answered.author.map(Into::into),
        text: extract(first, &[]).0,
    })
}

#[cfg(test)]
mod tests {
    use super::may_be;
    use crate::artist;

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(4_000))]
        #[test]
        fn what_is_spelled_so_is_never_turned_away(
            one in "((The|the|AND|and|n|N'|&|t)[ ,.-]?)?([iIsS!$1a][ .'&-]?){0,4}",
            other in "((The|the|AND|and|n|N'|&|t)[ ,.-]?)?([iIsS!$1a][ .'&-]?){0,4}",
        ) {
            let [one, other] = [(&one, &other), (&other, &one)].map(|(a, b)| {
                let spelled = artist::spelling(a);
                (artist::spelling(b) == spelled, may_be(&spelled, b))
            });
            for (is, may) in [one, other] {
                proptest::prop_assert!(may || !is);
            }
        }
    }
}
