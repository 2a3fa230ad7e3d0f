//! Different values of a column, for those who complete what is typed.
//!
//! In: a column. Out: its values, those of replaced posts possibly among them. Reads dictionaries alone.

use tantivy::schema::Field;

use super::reader::TantivyReader;
use crate::error::Result;

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
            Column::Commenter => return self.terms(self.rows()?, self.row_fields.by, visit),
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
