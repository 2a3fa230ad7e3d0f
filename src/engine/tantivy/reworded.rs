//! A query in other words.
//!
//! In: a query as typed. Out: the name that it is, if it is one; the words that may have other forms; the same query with
//! others in their place, or with any of its words enough. Must not know the index.

use std::collections::HashMap;

use super::compile;
use super::evidence::Name;
use super::reading::MOST_WORDS;
use crate::query::{Field, Leaf, Node, Test};
use crate::text::tokens;

/// The text of the conditions that make up a whole name.
pub(super) fn text_of_name(root: &Node) -> Option<String> {
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

/// True where a whole name is more than one word.
pub(super) fn has_several_words(root: &Node) -> bool {
    text_of_name(root).is_some_and(|text| text.contains(' '))
}

/// The same query with another name in place of its own.
pub(super) fn renamed(root: &Node, name: &str) -> Node {
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
pub(super) fn plain_words(root: &Node, names: bool) -> Vec<String> {
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
pub(super) fn rewrite(node: &Node, forms: &HashMap<String, Vec<String>>, names: bool) -> Node {
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

/// The query as one name, where its text is words of one field that has names, or of none. Conditions that
/// are no text (a date, a site) and negations leave it a name.
pub(super) fn whole_name(root: &Node) -> Option<Name> {
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
pub(super) fn relax(root: &Node) -> Option<Node> {
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
