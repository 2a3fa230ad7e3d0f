//! A query for one name of an artist, asked for the artist's other names too.
//!
//! In: a query and the user's aliases. Out: the same query with the other names as alternatives, and a note.
//! The index knows nothing of aliases.

use super::{Field, Joined, Leaf, Node, Query, Test};
use crate::artist::{self, Aliases};
use crate::model::Note;

/// Widens a query. A condition on an artist, and a query that is a name as a whole (beside conditions that are no
/// text), stand for every name that the user has joined with it.
pub fn widen(query: Query, aliases: &Aliases) -> Query {
    let mut query = query;
    if aliases.is_empty() {
        return query;
    }
    let mut used: Vec<String> = Vec::new();
    let whole = name_of(&query.root);
    let names = whole
        .as_ref()
        .map(|whole| aliases.others(&artist::key(&whole.name)))
        .unwrap_or_default();
    match whole {
        Some(whole) if !names.is_empty() => {
            used.extend(names.iter().map(|n| (*n).to_owned()));
            let typed = query.root.clone();
            let own = match whole.own.len() {
                1 => whole.own.into_iter().next().unwrap_or(Node::Everything),
                _ => Node::And(whole.own),
            };
            let any = any(own, whole.field, &names);
            query.root = if whole.rest.is_empty() {
                any
            } else {
                Node::And(std::iter::once(any).chain(whole.rest).collect())
            };
            query.joined = Some(Joined {
                typed,
                names: used.clone(),
            });
        }
        _ => query.root = artists(query.root, aliases, &mut used),
    }
    query.aliases = aliases.clone();
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

/// A query that is a name.
struct Whole {
    name: String,
    field: Option<Field>,
    /// The conditions that make it up, and the others.
    own: Vec<Node>,
    rest: Vec<Node>,
}

/// The name that a whole query is, where its text is words of no field or of artists.
fn name_of(root: &Node) -> Option<Whole> {
    let leaves = match root {
        Node::And(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut words: Vec<&str> = Vec::new();
    let mut field = None;
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    for node in leaves {
        match node {
            Node::Leaf(Leaf {
                field: of @ (None | Some(Field::Artist)),
                test:
                    Test::Word(text)
                    | Test::Phrase {
                        words: text,
                        slop: 0,
                    },
            }) if *field.get_or_insert(*of) == *of => {
                words.push(text);
                own.push(node.clone());
            }
            Node::Not(_)
            | Node::Leaf(Leaf {
                field: Some(Field::Site | Field::Lang | Field::Date | Field::Likes | Field::Has),
                ..
            }) => rest.push(node.clone()),
            _ => return None,
        }
    }
    Some(Whole {
        name: words.join(" "),
        field: field?,
        own,
        rest,
    })
}
