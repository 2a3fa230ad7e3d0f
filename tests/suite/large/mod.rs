//! A large generated archive: made and indexed, or the index of an earlier run.

use std::path::PathBuf;

use crate::archive::{Archive, code, errors};
use crate::generator;

/// The index of `DEEPCUT_POSTS` generated posts (100,000 unless told), or the one that lies in `DEEPCUT_LARGE`.
pub struct Large {
    pub index: PathBuf,
    pub posts: u64,
    _archive: Option<Archive>,
}

impl Large {
    pub fn new() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
        let posts = number("DEEPCUT_POSTS").unwrap_or(100_000);
        if let Some(index) = std::env::var_os("DEEPCUT_LARGE") {
            return Self {
                index: index.into(),
                posts,
                _archive: None,
            };
        }
        let archive = Archive::new();
        generator::Generator::new(1)
            .write(&archive.path("posts"), posts, generator::Form::Jsonl)
            .unwrap();
        let output = archive.run(&["index", "posts"]);
        assert_eq!(code(&output), 0, "{}", errors(&output));
        Self {
            index: archive.path("index").join("main"),
            posts,
            _archive: Some(archive),
        }
    }
}
