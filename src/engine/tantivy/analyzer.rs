//! The words of `text::tokens` as tantivy asks for them.
//!
//! In: one value of a field. Out: its tokens, the first at position [`GAP`]: values of one field stand so far
//! apart that no phrase crosses from one to the next (tantivy's own gap is 1).

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::record::ANALYZER;
use crate::text::tokens;

/// Positions between two values; larger than any slop that a query may ask for would be 1,000, but a slop of
/// that size is no phrase any more.
pub(super) const GAP: usize = 128;

#[derive(Clone, Default)]
struct Words {
    /// Tokens of one value, their text end to end.
    text: String,
    ends: Vec<(usize, usize, usize)>,
}

struct Stream<'a> {
    words: &'a Words,
    next: usize,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.text.clear();
        self.ends.clear();
        let (all, ends) = (&mut self.text, &mut self.ends);
        tokens::each(text, &mut |word, start, end| {
            all.push_str(word);
            ends.push((all.len(), start, end));
        });
        Stream {
            words: self,
            next: 0,
            token: Token::default(),
        }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(&(end, from, to)) = self.words.ends.get(self.next) else {
            return false;
        };
        let start = match self.next {
            0 => 0,
            n => self.words.ends[n - 1].0,
        };
        self.token.text.clear();
        self.token.text.push_str(&self.words.text[start..end]);
        self.token.offset_from = from;
        self.token.offset_to = to;
        self.token.position = GAP + self.next;
        self.token.position_length = 1;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The analyzers of both indexes; they are not stored and are registered at every open.
pub(super) fn analyzers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(ANALYZER, TextAnalyzer::from(Words::default()));
    manager
}
