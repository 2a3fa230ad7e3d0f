//! A query for one name of an artist, asked for the artist's other names too.
//!
//! In: a query and the user's aliases. Out: the same query with the other names as alternatives, and a note.
//! The index knows nothing of aliases.

use super::{Field, Leaf, Node, Query, Test};
use crate::artist::{self, Aliases};
use crate::model::Note;

/// Widens a query. A condition on an artist, and a query that is a name as a whole, stand for every name
/// that the user has joined with it.
pub fn widen(query: Query, aliases: &Aliases) -> Query {
    let mut query = query;
    let mut used: Vec<String> = Vec::new();
    let whole = name_of(&query.root).map(|(field, name)| (field, artist::key(&name)));
    let others = |key: &str| aliases.others(key);
    query.root = match whole {
        Some((field, key)) if !others(&key).is_empty() => {
            let names = others(&key);
            used.extend(names.iter().map(|n| (*n).to_owned()));
            any(query.root, field, &names)
        }
        _ => artists(query.root, aliases, &mut used),
    };
    if !used.is_empty() {
        query.notes.push(Note {
            code: "joined",
            text: format!(
                "also asking for {}: joined in aliases.toml",
                used.join(", ")
            ),
        });
    }
    query
}

/// Widens every condition on an artist.
fn artists(node: Node, aliases: &Aliases, used: &mut Vec<String>) -> Node {
    let each = |all: Vec<Node>, used: &mut Vec<String>| -> Vec<Node> {
        all.into_iter().map(|n| artists(n, aliases, used)).collect()
    };
    match node {
        Node::And(all) => Node::And(each(all, used)),
        Node::Or(all) => Node::Or(each(all, used)),
        Node::Not(inner) => Node::Not(Box::new(artists(*inner, aliases, used))),
        Node::Leaf(leaf) => {
            let names = match (&leaf.field, &leaf.test) {
                (
                    Some(Field::Artist),
                    Test::Word(name)
                    | Test::Phrase {
                        words: name,
                        slop: 0,
                    },
                ) => aliases.others(&artist::key(name)),
                _ => Vec::new(),
            };
            used.extend(names.iter().map(|n| (*n).to_owned()));
            if names.is_empty() {
                Node::Leaf(leaf)
            } else {
                any(Node::Leaf(leaf), Some(Field::Artist), &names)
            }
        }
        Node::Everything => Node::Everything,
    }
}

fn any(node: Node, field: Option<Field>, names: &[&str]) -> Node {
    let mut all = vec![node];
    all.extend(names.iter().map(|name| {
        Node::Leaf(Leaf {
            field,
            test: Test::Phrase {
                words: (*name).to_owned(),
                slop: 0,
            },
        })
    }));
    Node::Or(all)
}

/// The name that a whole query is, where it is words of one field and nothing else.
fn name_of(root: &Node) -> Option<(Option<Field>, String)> {
    let leaves = match root {
        Node::And(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut words: Vec<&str> = Vec::new();
    let mut field = None;
    for leaf in leaves {
        let Node::Leaf(Leaf {
            field: own,
            test:
                Test::Word(text)
                | Test::Phrase {
                    words: text,
                    slop: 0,
                },
        }) = leaf
        else {
            return None;
        };
        if !matches!(own, None | Some(Field::Artist)) || *field.get_or_insert(*own) != *own {
            return None;
        }
        words.push(text);
    }
    Some((field?, words.join(" ")))
}
