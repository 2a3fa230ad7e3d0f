//! From typed text to a [`Query`].
//!
//! In: one string. Out: a tree within limits, and notes on what was odd. Never fails, never recurses
//! deeper than [`MAX_DEPTH`]. The grammar is described in `docs/query.md`.

use unicode_normalization::UnicodeNormalization;

use super::{Field, Kind, Leaf, MOST_SLOP, Node, Query, Sort, Test, value};
use crate::artist::Aliases;
use crate::model::Note;
use crate::text::tokens;

/// Bytes of a query that are read.
pub const MAX_BYTES: usize = 4096;
/// Nested parentheses that are read; deeper ones are read as if they were not there.
pub const MAX_DEPTH: usize = 32;
/// Conditions of a query that are read.
pub const MAX_CLAUSES: usize = 256;

/// Words with `~` that are read so: each is compared with every word of the archive.
pub const MAX_NEAR: usize = 8;
/// Words with `*` that are read so: each may stand for tens of thousands. One with others before it (`heart-of-gl*`) counts
/// twice.
pub const MAX_STARTS: usize = 8;

/// Reads what was typed.
pub fn parse(text: &str) -> Query {
    // Posts are composed; some systems type accents and Hangul in pieces.
    let text: &str = &text.nfc().collect::<String>();
    let mut parser = Parser {
        rest: text,
        clauses: 0,
        near: 0,
        starts: 0,
        sort: None,
        kind: None,
        notes: Vec::new(),
    };
    if text.len() > MAX_BYTES {
        parser.rest = &text[..text.floor_char_boundary(MAX_BYTES)];
        parser.note(
            "too-long",
            format!("only the first {MAX_BYTES} bytes of the query were read"),
        );
    }
    let mut all = Vec::new();
    loop {
        all.push(parser.any_of(0));
        // A closing parenthesis that nothing opened ends a group: go on behind it.
        if parser.rest.is_empty() {
            break;
        }
        parser.rest = &parser.rest[1..];
    }
    let root = and(all);
    Query {
        root,
        sort: parser.sort,
        kind: parser.kind,
        notes: parser.notes,
        joined: None,
        aliases: Aliases::default(),
    }
}

struct Parser<'a> {
    rest: &'a str,
    clauses: usize,
    near: usize,
    starts: usize,
    sort: Option<Sort>,
    kind: Option<Kind>,
    notes: Vec<Note>,
}

impl<'a> Parser<'a> {
    fn note(&mut self, code: &'static str, text: String) {
        if !self.notes.iter().any(|n| n.code == code && n.text == text) {
            self.notes.push(Note { code, text });
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Clauses joined by `OR`; `OR` binds its two neighbours more tightly than the blank between words.
    /// Stops at the end or before a `)` that closes this group.
    fn any_of(&mut self, depth: usize) -> Node {
        let mut all: Vec<Node> = Vec::new();
        let mut after_or = false;
        loop {
            self.skip_blanks();
            if self.rest.is_empty() || (self.rest.starts_with(')') && depth > 0) {
                break;
            }
            if self.operator("OR") || self.operator("|") || self.operator("||") {
                after_or = !all.is_empty();
                continue;
            }
            if self.operator("AND") || self.operator("&&") {
                continue;
            }
            if self.clauses >= MAX_CLAUSES {
                self.note(
                    "too-many",
                    format!("only the first {MAX_CLAUSES} conditions were read"),
                );
                self.rest = "";
                break;
            }
            let Some(node) = self.clause(depth) else {
                continue;
            };
            match (after_or, all.pop()) {
                (true, Some(Node::Or(mut any))) => {
                    any.push(node);
                    all.push(Node::Or(any));
                }
                (true, Some(previous)) => all.push(Node::Or(vec![previous, node])),
                (_, previous) => {
                    all.extend(previous);
                    all.push(node);
                }
            }
            after_or = false;
        }
        and(all)
    }

    /// Takes an operator that stands alone between blanks.
    fn operator(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(word) else {
            return false;
        };
        if rest.chars().next().is_some_and(|c| !c.is_whitespace()) {
            return false;
        }
        // The last word of a query is a word: "Yes OR" asks for nothing else.
        if rest.trim().is_empty() {
            return false;
        }
        self.rest = rest;
        true
    }

    fn clause(&mut self, depth: usize) -> Option<Node> {
        let mut negated = false;
        loop {
            if let Some(rest) = self.rest.strip_prefix('-')
                && rest
                    .chars()
                    .next()
                    .is_some_and(|c| !c.is_whitespace() && c != '-')
            {
                negated = !negated;
                self.rest = rest;
            } else if self.operator("NOT") {
                negated = !negated;
                self.skip_blanks();
            } else {
                break;
            }
        }
        let node = if self.rest.starts_with('(') && has_word(self.rest) {
            self.rest = &self.rest[1..];
            if depth >= MAX_DEPTH {
                return None;
            }
            let inner = self.any_of(depth + 1);
            self.rest = self.rest.strip_prefix(')').unwrap_or_else(|| {
                self.notes.push(Note {
                    code: "unclosed-parenthesis",
                    text: "a parenthesis was not closed; it was closed at the end".into(),
                });
                self.rest
            });
            (inner != Node::Everything).then_some(inner)
        } else {
            self.leaf(depth)
        }?;
        self.clauses += 1;
        Some(if negated {
            Node::Not(Box::new(node))
        } else {
            node
        })
    }

    fn leaf(&mut self, depth: usize) -> Option<Node> {
        if let Some((name, rest)) = field_name(self.rest) {
            if let Some(field) = value::field(name) {
                let before = std::mem::replace(&mut self.rest, rest);
                return self.fielded(field, before, depth);
            }
            if let Some(near) = value::near_field(name) {
                self.note(
                    "unknown-field",
                    format!(
                        "there is no field {name}: (did you mean {near}:?); it was read as words"
                    ),
                );
            }
        }
        self.term(None, depth)
    }

    fn fielded(&mut self, field: value::Name, before: &'a str, depth: usize) -> Option<Node> {
        match field {
            value::Name::Text(field) => {
                if depth < MAX_DEPTH && self.rest.starts_with('(') && has_word(self.rest) {
                    self.rest = &self.rest[1..];
                    let inner = self.any_of(depth + 1);
                    self.rest = self.rest.strip_prefix(')').unwrap_or(self.rest);
                    return Some(within(inner, field));
                }
                if self.rest.chars().next().is_none_or(char::is_whitespace) {
                    // "artist:" with nothing behind it is a word being typed.
                    self.rest = before;
                    return self.term(None, depth);
                }
                self.term(Some(field), depth)
            }
            other => {
                let (raw, quoted) = self.raw_value();
                match value::read(other, &raw) {
                    Ok(value::Read::Leaf(leaf)) => Some(Node::Leaf(leaf)),
                    Ok(value::Read::Sort(sort)) => {
                        self.sort = Some(sort);
                        None
                    }
                    Ok(value::Read::Kind(kind)) => {
                        self.kind = Some(kind);
                        None
                    }
                    Err(hint) => {
                        let typed = &before[..before.len() - self.rest.len()];
                        self.note(
                            "bad-value",
                            format!("{}: {hint}; it was read as words", typed.trim()),
                        );
                        let words = if quoted { raw } else { typed.trim().to_owned() };
                        word(None, &words)
                    }
                }
            }
        }
    }

    /// The value behind `field:`: quoted, or up to the next blank or closing parenthesis.
    fn raw_value(&mut self) -> (String, bool) {
        if let Some(rest) = self.rest.strip_prefix('"') {
            let end = rest.find('"').unwrap_or(rest.len());
            let value = rest[..end].to_owned();
            self.rest = rest.get(end + 1..).unwrap_or_default();
            return (value, true);
        }
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || c == ')')
            .unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at(end);
        self.rest = rest;
        (value.to_owned(), false)
    }

    fn term(&mut self, field: Option<Field>, depth: usize) -> Option<Node> {
        if let Some(rest) = self
            .rest
            .strip_prefix(['"', '\u{201c}', '\u{201d}', '\u{201e}'])
        {
            return self.phrase(field, rest);
        }
        let end = self
            .rest
            .find(char::is_whitespace)
            .unwrap_or(self.rest.len());
        let (mut typed, _) = self.rest.split_at(end);
        if depth > 0 {
            typed = close_group(typed);
        }
        if typed.is_empty() {
            // A parenthesis that is neither group nor word, such as "()".
            let step = self.rest.chars().next().map_or(0, char::len_utf8);
            self.rest = &self.rest[step..];
            return None;
        }
        self.rest = &self.rest[typed.len()..];
        if let Some(stem) = typed.strip_suffix('*')
            && stem.chars().any(char::is_alphanumeric)
        {
            let stem = stem.trim_end_matches('*');
            // Where words stand before it, each place of these is looked at as well.
            self.starts += tokens::tokens(stem).len().clamp(1, 2);
            if self.starts > MAX_STARTS {
                self.note(
                    "too-many",
                    "only the first words with * were read so, the others as typed".into(),
                );
                return word(field, stem);
            }
            return Some(leaf(field, Test::Prefix(stem.to_owned())));
        }
        if let Some(stem) = typed.strip_suffix('~')
            && stem.chars().any(char::is_alphanumeric)
        {
            self.near += 1;
            if self.near > MAX_NEAR {
                self.note(
                    "too-many",
                    format!(
                        "only the first {MAX_NEAR} words with ~ were read so, the others as typed"
                    ),
                );
                return word(field, stem);
            }
            return Some(leaf(field, Test::Fuzzy(stem.to_owned())));
        }
        word(field, typed)
    }

    fn phrase(&mut self, field: Option<Field>, rest: &'a str) -> Option<Node> {
        let is_end = |c: char| matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201f}');
        let (words, rest) = match rest.find(is_end) {
            Some(end) => {
                let close = rest[end..].chars().next().map_or(1, char::len_utf8);
                (&rest[..end], &rest[end + close..])
            }
            None => {
                self.note(
                    "unclosed-quote",
                    "a quote was not closed; it was closed at the end".into(),
                );
                (rest, "")
            }
        };
        let mut rest = rest;
        let mut slop = 0;
        if let Some(after) = rest.strip_prefix('~') {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits > 0 {
                slop = after[..digits].parse().unwrap_or(u32::MAX);
                rest = &after[digits..];
                if slop > MOST_SLOP {
                    slop = MOST_SLOP;
                    self.note(
                        "gap-limited",
                        format!("at most {MOST_SLOP} words may stand between those of a phrase"),
                    );
                }
            }
        }
        self.rest = rest;
        let words = words.trim();
        (!words.is_empty()).then(|| {
            leaf(
                field,
                Test::Phrase {
                    words: words.to_owned(),
                    slop,
                },
            )
        })
    }
}

fn leaf(field: Option<Field>, test: Test) -> Node {
    Node::Leaf(Leaf { field, test })
}

fn word(field: Option<Field>, typed: &str) -> Option<Node> {
    // Lone dashes and ampersands between words ("Hall & Oates", "Toto - Africa") ask for nothing.
    // A lone asterisk asks for everything, which is what no condition means.
    let nothing = typed == "*" || typed.chars().all(|c| "-–—&/,;:.|\"".contains(c));
    (!nothing).then(|| leaf(field, Test::Word(typed.to_owned())))
}

fn and(mut all: Vec<Node>) -> Node {
    all.retain(|n| *n != Node::Everything);
    match all.len() {
        0 => Node::Everything,
        1 => all.remove(0),
        _ => Node::And(
            all.into_iter()
                .flat_map(|n| match n {
                    Node::And(inner) => inner,
                    other => vec![other],
                })
                .collect(),
        ),
    }
}

/// Puts a field on every leaf of a group that has none. Depth is bounded by the parser.
fn within(node: Node, field: Field) -> Node {
    match node {
        Node::And(all) => Node::And(all.into_iter().map(|n| within(n, field)).collect()),
        Node::Or(any) => Node::Or(any.into_iter().map(|n| within(n, field)).collect()),
        Node::Not(inner) => Node::Not(Box::new(within(*inner, field))),
        Node::Leaf(Leaf { field: None, test }) => leaf(Some(field), test),
        other => other,
    }
}

/// `name` and what stands behind the colon, where the text starts with `letters:`.
fn field_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let rest = text[end..].strip_prefix(':')?;
    (end > 0 && !rest.starts_with("//")).then_some((&text[..end], rest))
}

/// True where an opening parenthesis is followed by a word before the next blank: "(live OR demo)"
/// is a group, "(" alone is not.
fn has_word(text: &str) -> bool {
    text.chars()
        .skip(1)
        .skip_while(|c| c.is_whitespace())
        .any(char::is_alphanumeric)
}

/// Cuts the parentheses that close groups off a word: as many as the word does not open itself.
fn close_group(typed: &str) -> &str {
    let opened = typed.matches('(').count();
    let closed = typed.matches(')').count();
    if closed <= opened {
        return typed;
    }
    let first = typed.find(')').unwrap_or(typed.len());
    if opened == 0 {
        return &typed[..first];
    }
    typed.trim_end_matches(')')
}
