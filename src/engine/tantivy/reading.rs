//! What else may have been meant?
//!
//! In: a query. Out: its readings, best first: as typed; with other forms of its words; with slips of the keyboard
//! undone; with some of its words. Each reading stands below those before it. Must not know what is shown.

use std::collections::{HashMap, HashSet};

use tantivy::schema::Field as TantivyField;
use tantivy::{DocAddress, Term};

use super::compile::{self, NearTerm};
use super::evidence::Name;
use super::order::{self, Asked, Place};
use super::reader::TantivyReader;
use super::stems;
use crate::artist;
use crate::error::Result;
use crate::model::Note;
use crate::query::{Field, Kind, Leaf, Node, Query, Test};
use crate::text::tokens;

/// Where fewer posts match as typed, slips are looked for.
const FEW: usize = 10;
/// A word in so many posts may be a slip where a neighbour is far more frequent.
const RARE: u64 = 2;
/// How much more frequent that is.
const FAR_MORE: u64 = 20;
/// Names that are tried in place of the one typed.
const MOST_NAMES: usize = 3;

/// Letters of a name in which slips are looked for; longer ones are no names.
const LONGEST: usize = 64;
/// Words of a query of which other forms and slips are looked for.
const MOST_WORDS: usize = 16;

/// How far a reading is from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Typed,
    Stemmed,
    Some,
    Corrected,
}

/// One way to understand a query, with the posts that match it.
pub(super) struct Reading {
    pub root: Node,
    pub name: Option<Name>,
    pub level: Level,
    pub places: Vec<Place>,
}

impl Reading {
    fn new(reader: &TantivyReader, root: Node, kind: Option<Kind>, level: Level) -> Result<Self> {
        let name = match kind {
            Some(Kind::Comments) => None,
            _ => whole_name(&root),
        };
        let query = Query {
            root,
            kind,
            sort: None,
            notes: Vec::new(),
        };
        let compiled = compile::posts(reader, &query, name.as_ref())?;
        let mut words = Vec::new();
        let mut sequence = Some(Vec::new());
        weigh(&query.root, &mut words, &mut sequence);
        words.sort_unstable();
        words.dedup();
        let asked = Asked {
            name: name.as_ref(),
            kind,
            words,
            sequence: sequence.filter(|_| kind.is_none()).unwrap_or_default(),
        };
        let places = order::all(reader, compiled.as_ref(), &asked)?;
        Ok(Self {
            root: query.root,
            name,
            level,
            places,
        })
    }
}

/// All readings of a query that have posts of their own, and what there is to say of them.
pub(super) fn all(
    reader: &TantivyReader,
    query: &Query,
    exact: bool,
) -> Result<(Vec<Reading>, Vec<Note>)> {
    let kind = query.kind;
    let typed = Reading::new(reader, query.root.clone(), kind, Level::Typed)?;
    let mut out = Readings {
        seen: typed.places.iter().map(|p| p.address).collect(),
        all: vec![typed],
        notes: Vec::new(),
    };
    if exact {
        return Ok((out.all, out.notes));
    }
    let named = out.all[0].places.first().is_some_and(|p| p.group.is_name());
    if named {
        if out.seen.len() < FEW {
            offer_other_names(reader, &mut out)?;
        }
        return Ok((out.all, out.notes));
    }
    let forms = stems::forms(reader, &plain_words(&query.root, false))?;
    if !forms.is_empty() {
        let root = rewrite(&query.root, &forms, false);
        out.add(Reading::new(reader, root, kind, Level::Stemmed)?);
    }
    if out.seen.len() < FEW {
        correct(reader, query, &mut out)?;
    }
    if out.seen.is_empty()
        && let Some(some) = relax(&query.root)
    {
        let some = Reading::new(reader, some, kind, Level::Some)?;
        if out.add(some) {
            out.note(
                "relaxed",
                "no post has all of these words; showing posts with some of them".into(),
            );
        }
    }
    Ok((out.all, out.notes))
}

struct Readings {
    all: Vec<Reading>,
    seen: HashSet<DocAddress>,
    notes: Vec<Note>,
}

impl Readings {
    /// Adds a reading's posts that none before has; false where there are none.
    fn add(&mut self, mut reading: Reading) -> bool {
        reading.places.retain(|p| self.seen.insert(p.address));
        let any = !reading.places.is_empty();
        if any {
            self.all.push(reading);
        }
        any
    }

    fn note(&mut self, code: &'static str, text: String) {
        self.notes.push(Note { code, text });
    }
}

/// Undoes slips: first those that make the whole query a name, then those in words.
fn correct(reader: &TantivyReader, query: &Query, out: &mut Readings) -> Result<()> {
    let mut lacking: Vec<(String, u64)> = Vec::new();
    for word in plain_words(&query.root, true) {
        let term = Term::from_field_text(reader.fields.everything, &word);
        let posts = order::posts_with(reader, &term)?;
        if posts <= RARE && word.chars().any(char::is_alphabetic) {
            lacking.push((word, posts));
        }
    }
    let unknown = lacking.iter().any(|(_, posts)| *posts == 0);
    let typed = text_of_name(&query.root);
    let name = out.all[0]
        .name
        .as_ref()
        .map(|n| (n.field, n.spelling.clone()));
    if let (Some(typed), Some((field, spelling))) = (typed, name) {
        let near = near_names(reader, field, &spelling, query.kind, false)?;
        let best = near.first().map_or(0, |(_, near)| near.distance);
        let nothing = out.seen.is_empty();
        for (at, (field, near)) in near.iter().enumerate() {
            if near.distance > best || at >= MOST_NAMES {
                break;
            }
            let Some(name) = written(reader, *field, &near.word)? else {
                continue;
            };
            if !unknown && !nothing {
                out.note("did-you-mean", offer(&name, near.posts));
                break;
            }
            let root = renamed(&query.root, &name);
            if out.add(Reading::new(reader, root, query.kind, Level::Corrected)?) {
                out.note(
                    "corrected",
                    format!(
                        "no post has *{typed}*; showing *{name}* ({})",
                        posts(near.posts)
                    ),
                );
            }
        }
    }
    let mut forms: HashMap<String, Vec<String>> = HashMap::new();
    let mut notes = Vec::new();
    for (word, had) in lacking {
        let mut near = compile::near_terms(&reader.posts, reader.fields.everything, &word)?;
        near.retain(|n| {
            n.distance > 0 && (had == 0 || n.distance == 1 && n.posts >= FAR_MORE * had)
        });
        let best = near.first().map_or(0, |n| n.distance);
        near.retain(|n| n.distance == best);
        let Some(first) = near.first() else { continue };
        notes.push(if had == 0 {
            format!("no post has *{word}*; showing *{}*", first.word)
        } else {
            format!("few posts have *{word}*; showing *{}* below", first.word)
        });
        forms.insert(word, near.into_iter().map(|n| n.word).collect());
    }
    if !forms.is_empty() {
        let root = rewrite(&query.root, &forms, true);
        let corrected = Reading::new(reader, root.clone(), query.kind, Level::Corrected)?;
        let mut any = out.add(corrected);
        if !any
            && out.seen.is_empty()
            && let Some(some) = relax(&root)
        {
            any = out.add(Reading::new(reader, some, query.kind, Level::Corrected)?);
        }
        if any && !out.notes.iter().any(|n| n.code == "corrected") {
            for note in notes {
                out.note("corrected", note);
            }
        }
    }
    Ok(())
}

/// Says which other artist of a similar name there is.
fn offer_other_names(reader: &TantivyReader, out: &mut Readings) -> Result<()> {
    let Some(name) = &out.all[0].name else {
        return Ok(());
    };
    if !matches!(name.field, None | Some(Field::Artist)) {
        return Ok(());
    }
    let near = near_names(reader, Some(Field::Artist), &name.spelling, None, true)?;
    if let Some((field, near)) = near.first()
        && let Some(name) = written(reader, *field, &near.word)?
    {
        out.note("did-you-mean", offer(&name, near.posts));
    }
    Ok(())
}

fn offer(name: &str, count: u64) -> String {
    format!("did you mean *{name}*? ({})", posts(count))
}

fn posts(count: u64) -> String {
    format!("{count} {}", if count == 1 { "post" } else { "posts" })
}

/// Names near a spelling, the nearest first, artists before titles before tracks.
fn near_names(
    reader: &TantivyReader,
    field: Option<Field>,
    spelling: &str,
    kind: Option<Kind>,
    same_first: bool,
) -> Result<Vec<(Field, NearTerm)>> {
    let most = match spelling.chars().count() {
        3..=7 => 1,
        8..=LONGEST => 2,
        _ => return Ok(Vec::new()),
    };
    let f = &reader.fields;
    let mut out: Vec<(Field, NearTerm)> = Vec::new();
    for (of, terms) in [
        (Field::Artist, f.artist_spelling),
        (Field::Title, f.title_spelling),
        (Field::Track, f.track_spelling),
    ] {
        let outside = kind == Some(Kind::Tracks) && of == Field::Title
            || kind == Some(Kind::Posts) && of != Field::Title;
        if outside || field.is_some_and(|f| f != of) {
            continue;
        }
        let near = compile::near(&reader.posts, terms, spelling, most, same_first)?;
        out.extend(near.into_iter().filter(|n| n.distance > 0).map(|n| (of, n)));
    }
    // Stable: each field's own order and the order of fields decide between equal distances.
    out.sort_by_key(|(_, near)| near.distance);
    Ok(out)
}

/// A name as its first post writes it.
fn written(reader: &TantivyReader, field: Field, spelling: &str) -> Result<Option<String>> {
    let f = &reader.fields;
    let terms: TantivyField = match field {
        Field::Artist => f.artist_spelling,
        Field::Title => f.title_spelling,
        _ => f.track_spelling,
    };
    let Some(address) = order::posts_by_id(reader, terms, spelling)?
        .into_iter()
        .next()
    else {
        return Ok(None);
    };
    let post = reader.stored(address)?.post;
    let is = |name: &str| artist::spelling(name) == spelling;
    if field == Field::Title {
        return Ok(is(&post.title).then(|| post.title.to_string()));
    }
    for list in &post.tracklists {
        for track in &list.tracks {
            let mut names: Vec<&str> = Vec::new();
            if field == Field::Artist {
                names.extend(list.artist_of(track).map(|a| a.as_str()));
                names.extend(track.credit.iter().map(|part| part.name.as_str()));
            } else {
                names.push(&track.title);
            }
            if let Some(name) = names.into_iter().find(|name| is(name)) {
                return Ok(Some(name.to_owned()));
            }
        }
    }
    Ok(None)
}

/// The text of the conditions that make up a whole name.
fn text_of_name(root: &Node) -> Option<String> {
    let leaves: &[Node] = match root {
        Node::And(all) => all,
        one => std::slice::from_ref(one),
    };
    let words: Vec<&str> = leaves
        .iter()
        .filter(|n| compile::is_of_name(n))
        .filter_map(|n| match n {
            Node::Leaf(Leaf {
                test: Test::Word(w),
                ..
            }) => Some(w.as_str()),
            _ => None,
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The same query with another name in place of its own.
fn renamed(root: &Node, name: &str) -> Node {
    let leaves: Vec<Node> = match root {
        Node::And(all) => all.clone(),
        one => vec![one.clone()],
    };
    let (of_name, mut rest): (Vec<Node>, Vec<Node>) =
        leaves.into_iter().partition(compile::is_of_name);
    let field = match of_name.first() {
        Some(Node::Leaf(leaf)) => leaf.field,
        _ => None,
    };
    let test = Test::Word(name.to_owned());
    rest.insert(0, Node::Leaf(Leaf { field, test }));
    if rest.len() == 1 {
        rest.remove(0)
    } else {
        Node::And(rest)
    }
}

/// True for fields whose words have forms: names have none, but slips happen in them.
fn has_forms(field: Option<Field>, names: bool) -> bool {
    match field {
        None | Some(Field::Title | Field::Body | Field::Comment) => true,
        Some(Field::Artist | Field::Track) => names,
        _ => false,
    }
}

/// The words of a query that stand alone, folded: neither in quotes nor negated. `names` includes those of names.
fn plain_words(root: &Node, names: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if out.len() >= MOST_WORDS {
            break;
        }
        match node {
            Node::And(all) | Node::Or(all) => open.extend(all.iter().rev()),
            Node::Leaf(Leaf {
                field,
                test: Test::Word(word),
            }) if has_forms(*field, names) => {
                if let [token] = tokens::tokens(word).as_slice() {
                    out.push(token.text.clone());
                }
            }
            _ => {}
        }
    }
    out
}

/// Puts other forms beside words, or in place of them where the archive lacks them.
fn rewrite(node: &Node, forms: &HashMap<String, Vec<String>>, names: bool) -> Node {
    match node {
        Node::And(all) => Node::And(all.iter().map(|n| rewrite(n, forms, names)).collect()),
        Node::Or(any) => Node::Or(any.iter().map(|n| rewrite(n, forms, names)).collect()),
        Node::Leaf(Leaf {
            field,
            test: Test::Word(word),
        }) if has_forms(*field, names) => {
            let words = match tokens::tokens(word).as_slice() {
                [token] => forms.get(&token.text).map(|others| {
                    let mut all = vec![token.text.clone()];
                    all.extend(others.iter().cloned());
                    all
                }),
                _ => None,
            };
            match words {
                Some(words) => Node::Leaf(Leaf {
                    field: *field,
                    test: Test::OneOf(words),
                }),
                None => node.clone(),
            }
        }
        other => other.clone(),
    }
}

/// The words that weigh for the order of posts, and the words in the order typed: `None` where the query is more
/// than words.
fn weigh(node: &Node, words: &mut Vec<String>, sequence: &mut Option<Vec<String>>) {
    match node {
        Node::And(all) => {
            for inner in all {
                weigh(inner, words, sequence);
            }
        }
        Node::Or(any) => {
            *sequence = None;
            for inner in any {
                weigh(inner, words, sequence);
            }
        }
        Node::Leaf(Leaf { field, test }) => {
            let plain =
                field.is_none() && matches!(test, Test::Word(_) | Test::Phrase { slop: 0, .. });
            if !plain
                && !matches!(
                    field,
                    Some(Field::Site | Field::Lang | Field::Date | Field::Has)
                )
            {
                *sequence = None;
            }
            match test {
                Test::Word(text) | Test::Phrase { words: text, .. } | Test::Prefix(text) => {
                    if !matches!(field, Some(Field::Site | Field::Lang | Field::Has)) {
                        for token in tokens::tokens(text) {
                            if plain && let Some(sequence) = sequence {
                                sequence.push(token.text.clone());
                            }
                            words.push(token.text);
                        }
                    }
                }
                Test::Fuzzy(text) => words.extend(tokens::tokens(text).into_iter().map(|t| t.text)),
                Test::OneOf(forms) => words.extend(forms.iter().cloned()),
                Test::Range { .. } => {}
            }
        }
        Node::Not(_) | Node::Everything => {}
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
    let name = Name::new(name?, &words.join(" "));
    (!name.key.is_empty()).then_some(name)
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
