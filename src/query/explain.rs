//! A query as it was understood.
//!
//! In: a [`Query`]. Out: one line a person can check: `+` joins what must all match, `|` what may, `-` leaves out.

use super::{Kind, Leaf, Node, Query, Sort, Test, value};

impl Query {
    /// The tree, then what narrows and orders it.
    pub fn understood(&self) -> String {
        let mut out = tree(&self.root);
        if let Some(kind) = self.kind {
            out.push_str(match kind {
                Kind::Posts => " in:posts",
                Kind::Tracks => " in:tracks",
                Kind::Comments => " in:comments",
            });
        }
        if let Some(sort) = self.sort {
            out.push_str(match sort {
                Sort::Relevance => " sort:relevance",
                Sort::Newest => " sort:newest",
                Sort::Oldest => " sort:oldest",
                Sort::Comments => " sort:comments",
            });
        }
        out
    }
}

fn tree(node: &Node) -> String {
    let join = |all: &[Node], sign: &str| {
        let parts: Vec<String> = all.iter().map(tree).collect();
        format!("({})", parts.join(sign))
    };
    match node {
        Node::Everything => "*".into(),
        Node::And(all) => join(all, " + "),
        Node::Or(any) => join(any, " | "),
        Node::Not(inner) => format!("-{}", tree(inner)),
        Node::Leaf(leaf) => condition(leaf),
    }
}

fn condition(leaf: &Leaf) -> String {
    let end = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let test = match &leaf.test {
        Test::Word(word) => word.clone(),
        Test::Phrase { words, slop: 0 } => format!("\"{words}\""),
        Test::Phrase { words, slop } => format!("\"{words}\"~{slop}"),
        Test::Prefix(word) => format!("{word}*"),
        Test::Fuzzy(word) => format!("{word}~"),
        Test::OneOf(words) => words.join("/"),
        Test::Range { from, to } => format!("{}..{}", end(from), end(to)),
    };
    match leaf.field {
        Some(field) => format!("{}:{test}", value::name(field)),
        None => test,
    }
}
