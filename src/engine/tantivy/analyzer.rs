//! The words of `text::tokens` as tantivy asks for them.
//!
//! In: one value of a field. Out: its tokens, the first at position [`GAP`]: values of one field stand so far
//! apart that no phrase crosses from one to the next (tantivy's own gap is 1).

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::query::MOST_SLOP;
use crate::record::ANALYZER;
use crate::text::tokens::Words;

/// Positions between two values: more than any slop. With 128 of them, positions took a sixth more bytes.
pub(super) const GAP: usize = 32;

const _: () = assert!((MOST_SLOP as usize) < GAP);

/// The token that its streams fill: one allocation for all values.
#[derive(Clone, Default)]
struct Analyzer(Token);

struct Stream<'a> {
    words: Words<'a>,
    next: usize,
    token: &'a mut Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.0.position_length = 1;
        Stream {
            words: Words::new(text),
            next: GAP,
            token: &mut self.0,
        }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(word.text);
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        self.token.position = self.next;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The analyzers of both indexes; they are not stored and are registered at every open.
pub(super) fn analyzers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(ANALYZER, TextAnalyzer::from(Analyzer::default()));
    manager
}
