//! How good is it?
//!
//! In: labelled documents, judged queries. Out: scores by the formulas written beside them. Must not
//! change what it measures: documents go through the same readers and extraction as in a run.

mod documents;
mod layouts;
mod score;
mod search;

pub use documents::{Failure, Scores, Table, extract};
pub use layouts::layouts;
pub use score::{Ratio, Shingles, normalise};
pub use search::{Figures, Judged, search};
