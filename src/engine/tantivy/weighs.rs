//! What weighs in a query?
//!
//! In: a query. Out: its conditions, each with the words of the archive that meet it, the words in the order typed, and
//! whether anything else decides what matches. Must not know which posts do.

use std::collections::HashSet;

use super::evidence::Name;
use super::near;
use super::order::{Asked, Condition, Shape};
use super::reader::TantivyReader;
use super::reading::MOST_WORDS;
use crate::error::Result;
use crate::query::{Field, Kind, Leaf, Node, Test};
use crate::text::tokens;

/// What decides where posts stand.
pub(super) fn asked<'a>(
    reader: &TantivyReader,
    root: &Node,
    kind: Option<Kind>,
    name: Option<&'a Name>,
) -> Result<Asked<'a>> {
    let mut weighs = Weighs {
        reader,
        conditions: Vec::new(),
        known: HashSet::new(),
        sequence: Some(Vec::new()),
    };
    weighs.add(root)?;
    let sequence = weighs.sequence.filter(|_| kind.is_none());
    let shape = shape(root, kind, &weighs.conditions);
    let one_word = |c: &Condition| c.words.len() == 1 && !c.open;
    let single = weighs.conditions.len() == 1 || weighs.conditions.iter().all(one_word);
    Ok(Asked {
        name,
        kind,
        of_posts: shape == Shape::Other || !single,
        shape,
        conditions: weighs.conditions,
        sequence: sequence.unwrap_or_default(),
        in_row: is_phrase(root),
    })
}

/// True where all that is looked for is one phrase, whatever else is asked of the posts.
fn is_phrase(root: &Node) -> bool {
    let nodes = match root {
        Node::And(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut texts = nodes.iter().filter(|node| {
        let Node::Leaf(leaf) = node else {
            return !matches!(node, Node::Not(_));
        };
        !matches!(leaf.test, Test::Range { .. })
            && !matches!(leaf.field, Some(Field::Site | Field::Lang | Field::Has))
    });
    let one = texts.next();
    let is_phrase = matches!(
        one,
        Some(Node::Leaf(Leaf {
            field: None,
            test: Test::Word(_) | Test::Phrase { slop: 0, .. },
        }))
    );
    is_phrase && texts.next().is_none()
}

/// Puts words of the dictionary in place of words to be found with slips.
pub(super) fn near_words(reader: &TantivyReader, node: Node) -> Result<Node> {
    let each = |all: Vec<Node>| -> Result<Vec<Node>> {
        all.into_iter().map(|n| near_words(reader, n)).collect()
    };
    Ok(match node {
        Node::And(all) => Node::And(each(all)?),
        Node::Or(any) => Node::Or(each(any)?),
        Node::Leaf(Leaf {
            field: None,
            test: Test::Fuzzy(word),
        }) => {
            let near = near::near_terms(reader, &reader.posts, reader.fields.everything, &word)?;
            Node::Leaf(Leaf {
                field: None,
                test: Test::OneOf(near.into_iter().map(|n| n.word).collect()),
            })
        }
        other => other,
    })
}

/// Words of all conditions, forms and corrections included, up to which the best posts are found by skipping.
const MOST_FORMS: usize = 64;

/// What weighs for the order of posts.
struct Weighs<'a> {
    reader: &'a TantivyReader,
    conditions: Vec<Condition>,
    known: HashSet<Vec<String>>,
    /// The words in the order typed: `None` where the query is more than words.
    sequence: Option<Vec<String>>,
}

impl Weighs<'_> {
    fn add(&mut self, node: &Node) -> Result<()> {
        match node {
            Node::And(all) => {
                for inner in all {
                    self.add(inner)?;
                }
            }
            Node::Or(any) => {
                self.sequence = None;
                for inner in any {
                    self.add(inner)?;
                }
            }
            Node::Leaf(leaf) => self.leaf(leaf)?,
            Node::Not(_) | Node::Everything => {}
        }
        Ok(())
    }

    fn leaf(&mut self, Leaf { field, test }: &Leaf) -> Result<()> {
        let plain = field.is_none() && matches!(test, Test::Word(_) | Test::Phrase { slop: 0, .. });
        let is_text = !matches!(field, Some(Field::Site | Field::Lang | Field::Has));
        if !plain && is_text && *field != Some(Field::Date) {
            self.sequence = None;
        }
        match test {
            Test::Word(text) | Test::Phrase { words: text, .. } | Test::Prefix(text) if is_text => {
                let mut words = tokens::folded(text);
                let stem = matches!(test, Test::Prefix(_))
                    .then(|| words.pop())
                    .flatten();
                for word in words {
                    if plain && let Some(sequence) = &mut self.sequence {
                        sequence.push(word.clone());
                    }
                    self.condition(vec![word])?;
                }
                if let Some(stem) = stem {
                    let everything = self.reader.fields.everything;
                    let openings = &self.reader.openings;
                    let starting = openings.starting(&self.reader.posts, everything, &stem)?;
                    let (words, most, open) = &*starting;
                    if self.condition(words.clone())?
                        && let Some(last) = self.conditions.last_mut()
                    {
                        last.most = last.most.max(*most);
                        last.open |= *open;
                    }
                }
            }
            Test::Fuzzy(text) => {
                for token in tokens::tokens(text) {
                    self.condition(vec![token.text])?;
                }
            }
            Test::OneOf(forms) => {
                self.condition(forms.clone())?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds what is looked for; false where it is looked for already.
    fn condition(&mut self, words: Vec<String>) -> Result<bool> {
        let new = self.known.insert(words.clone());
        if new {
            self.conditions.push(Condition::new(self.reader, &words)?);
        }
        Ok(new)
    }
}

/// How what matches follows from the conditions.
fn shape(root: &Node, kind: Option<Kind>, conditions: &[Condition]) -> Shape {
    let is_word = |node: &Node| match node {
        Node::Leaf(Leaf { field: None, test }) => match test {
            Test::Word(text) | Test::Phrase { words: text, .. } | Test::Prefix(text) => {
                tokens::tokens(text).len() == 1
            }
            Test::OneOf(words) => !words.is_empty(),
            Test::Fuzzy(_) | Test::Range { .. } => false,
        },
        _ => false,
    };
    let (shape, nodes) = match root {
        Node::And(all) => (Shape::All, all.as_slice()),
        Node::Or(any) => (Shape::Any, any.as_slice()),
        one => (Shape::All, std::slice::from_ref(one)),
    };
    let words: usize = conditions.iter().map(|c| c.words.len()).sum();
    let closed = conditions.iter().all(|c| !c.words.is_empty() && !c.open);
    let bounded =
        closed && conditions.len() <= MOST_WORDS && words <= MOST_FORMS || conditions.len() == 1;
    if kind.is_none() && bounded && nodes.iter().all(is_word) {
        shape
    } else {
        Shape::Other
    }
}
