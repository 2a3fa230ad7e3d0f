//! Which posts really have the phrase?
//!
//! In: words in a row that the prose is to have. Out: the posts whose prose has them. The index keeps positions of the
//! whole post alone, in which rows and comments stand too: the prose of those that may have it is looked at itself.

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, Query as TantivyQuery, TermSetQuery};

use super::compile;
use super::evidence::Want;
use super::reader::TantivyReader;
use crate::error::Result;
use crate::query::Test;
use crate::text::tokens;

/// True for a test of several words in a row.
pub(super) fn is_phrase(test: &Test) -> bool {
    match test {
        Test::Word(text) | Test::Phrase { words: text, .. } | Test::Prefix(text) => {
            tokens::tokens(text).len() > 1
        }
        Test::Fuzzy(_) | Test::OneOf(_) | Test::Range { .. } => false,
    }
}

/// Posts with a phrase in their prose.
pub(super) fn in_prose(reader: &TantivyReader, test: &Test) -> Result<Box<dyn TantivyQuery>> {
    let f = &reader.fields;
    let clauses = vec![
        (
            Occur::Must,
            compile::with_words(reader, f.everything, test)?,
        ),
        (Occur::Must, compile::with_words(reader, f.body, test)?),
    ];
    let want = Want::new(None, test, Vec::new());
    let mut ids = Vec::new();
    for address in reader.addresses(&BooleanQuery::new(clauses))? {
        let post = reader.stored(address)?;
        if want.as_ref().is_some_and(|want| want.is_in(&post.body)) {
            ids.push(Term::from_field_u64(f.id, post.id.0));
        }
    }
    Ok(Box::new(TermSetQuery::new(ids)))
}
