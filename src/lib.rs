//! deepcut: full-text search for blog archives, music blogs first.
//!
//! ```text
//! Source ─Reader▶ RawDocument ─extract▶ Post(candidates) ─resolve▶ Post ─record▶ [post, tracks…, comments…] ─▶ Engine
//! query text ─query▶ Query ─▶ Engine ─▶ Response{hits, evidence, facets, total, notes} ─output▶ terminal / JSON
//! ```
//!
//! In reading order; a module never imports one that stands below it.

pub mod artist;
pub mod bench;
pub mod config;
pub mod crawl;
pub mod engine;
pub mod error;
pub mod eval;
pub mod extract;
pub mod lanes;
pub mod model;
pub mod output;
pub mod pipeline;
pub mod query;
pub mod record;
pub mod resolve;
pub mod source;
pub mod text;
