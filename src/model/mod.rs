//! What a blog archive is made of: plain data that every other part speaks.
//!
//! In: values from extraction, the index or a query. Out: the same values, with promises kept by
//! their constructors (NFC, no control characters). Must not know I/O, HTML, tantivy or terminals.

mod archived;
mod comment;
mod date;
mod hit;
mod id;
mod post;
mod row;
mod string;
mod track;

pub use archived::{Archived, OriginKey, Version};
pub use comment::{Comment, Ping};
pub use date::{DateSource, Figures, Precision, Published};
pub use hit::{
    CommentEvidence, Context, Evidence, FacetCount, Facets, Hit, How, Mark, Matched, Note,
    Response, Snippet, Tier, TrackEvidence, TrackMarks,
};
pub use id::{PostId, canonical_url};
pub use post::{Link, Post};
pub use row::{Listed, PostRef, Related, Row};
pub use string::{Text, TextRef, hidden, written_out};
pub use track::{ArtistCredit, CreditPart, Order, Reading, Track, TrackList};
