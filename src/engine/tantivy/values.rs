//! What an index holds, for those who complete what is typed or draw queries from it.
//!
//! In: a column, a word, a number of posts. Out: its values, those of replaced posts possibly among them; posts
//! that have it; posts drawn at random.

use tantivy::schema::Field;

use super::reader::TantivyReader;
use crate::error::Result;
use crate::model::Post;
use crate::record;

/// A column whose values can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Artists as rows credit them.
    Artist,
    Tag,
    /// Authors of posts.
    Author,
    Site,
    Language,
    /// Words of the names of commenters, folded.
    Commenter,
}

impl TantivyReader {
    /// Calls `visit` with the values of a column, each once per segment, in the order of their bytes.
    ///
    /// # Errors
    /// Where a dictionary cannot be read.
    pub fn values(&self, column: Column, visit: &mut dyn FnMut(&str)) -> Result<()> {
        let name = match column {
            Column::Artist => "artist_facet",
            Column::Tag => "tag_facet",
            Column::Author => "author_facet",
            Column::Site => "site_facet",
            Column::Language => return self.terms(&self.posts, self.fields.lang, visit),
            Column::Commenter => return self.terms(self.rows()?, self.row_fields().by, visit),
        };
        for segment in self.posts.segment_readers() {
            let Some(values) = segment.fast_fields().str(name)? else {
                continue;
            };
            let mut stream = values
                .dictionary()
                .stream()
                .map_err(tantivy::TantivyError::from)?;
            while stream.advance() {
                if let Ok(value) = std::str::from_utf8(stream.key()) {
                    visit(value);
                }
            }
        }
        Ok(())
    }

    /// How many live and replaced posts have a folded word anywhere.
    ///
    /// # Errors
    /// Where a dictionary cannot be read.
    pub fn posts_with(&self, word: &str) -> Result<u64> {
        let term = tantivy::Term::from_field_text(self.fields.everything, word);
        Ok(self.posts.doc_freq(&term)?)
    }

    /// At most `count` live posts; `below` draws a number less than its argument.
    ///
    /// # Errors
    /// Where a post cannot be read.
    pub fn draw(&self, count: usize, below: &mut dyn FnMut(usize) -> usize) -> Result<Vec<Post>> {
        let mut addresses = self.addresses(&tantivy::query::AllQuery)?;
        let count = count.min(addresses.len());
        for at in 0..count {
            let other = at + below(addresses.len() - at);
            addresses.swap(at, other);
        }
        addresses.truncate(count);
        addresses
            .into_iter()
            .map(|address| self.blob(address, |own| Ok(record::decode_post(own)?.0)))
            .collect()
    }

    fn terms(
        &self,
        searcher: &tantivy::Searcher,
        field: Field,
        visit: &mut dyn FnMut(&str),
    ) -> Result<()> {
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut stream = inverted
                .terms()
                .stream()
                .map_err(tantivy::TantivyError::from)?;
            while stream.advance() {
                if let Ok(value) = std::str::from_utf8(stream.key()) {
                    visit(value);
                }
            }
        }
        Ok(())
    }
}
