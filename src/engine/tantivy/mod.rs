//! The embedded engine: two tantivy indexes under one manifest.
