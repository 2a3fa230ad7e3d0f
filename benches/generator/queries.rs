//! Queries of every class, of words and names that the posts have: each has an answer.

use super::{Generator, Post};

impl Generator {
    /// Class and queries. They come from posts 0, 7, 14 … 133: an index of 134 posts and more answers them.
    pub fn queries(&self) -> Vec<(&'static str, Vec<String>)> {
        let posts: Vec<Post> = (0..20).map(|n| self.post(n * 7)).collect();
        let all =
            |make: &dyn Fn(&Post) -> String| -> Vec<String> { posts.iter().map(make).collect() };
        vec![
            ("one word", all(&|p| word(p, 3))),
            ("AND", all(&|p| format!("{} {}", word(p, 3), word(p, 5)))),
            ("OR", all(&|p| format!("{} OR {}", word(p, 3), word(p, 5)))),
            (
                "phrase",
                all(&|p| format!("\"{} {}\"", word(p, 2), word(p, 3))),
            ),
            (
                "prefix",
                all(&|p| format!("{}*", word(p, 4).chars().take(4).collect::<String>())),
            ),
            (
                "negation",
                all(&|p| format!("{} -{}", word(p, 3), word(p, 5))),
            ),
            (
                "common words",
                [
                    "the",
                    "of the",
                    "and a record",
                    "in the night",
                    "OR song the",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
            (
                "typo",
                all(&|p| {
                    let mut letters: Vec<char> = p.tracks[0].0.chars().collect();
                    let at = letters.len() - 2;
                    letters.swap(at, at + 1);
                    letters.into_iter().collect()
                }),
            ),
            ("word~", all(&|p| format!("{}~", word(p, 4)))),
            ("name", all(&|p| p.tracks[0].0.clone())),
            ("artist:", all(&|p| format!("artist:\"{}\"", p.tracks[0].0))),
        ]
    }
}

fn word(post: &Post, at: usize) -> String {
    let word = post.paragraphs[0].split(' ').nth(at).unwrap_or_default();
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}
