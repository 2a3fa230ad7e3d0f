//! An archive of any size out of a seed: the same seed gives the same bytes on every machine.
//!
//! In: a seed and a number of posts. Out: posts as pages of a blog (about 60 kB each) or as JSON Lines,
//! streamed to disk, and the truth about them: which rows and comments they hold. Post `i` depends on
//! the seed and `i` alone, so a small archive is the beginning of a large one.

// Every bench and test uses a part of it.
#![allow(dead_code)]

mod page;
mod queries;
mod random;
pub use random::Random;
mod words;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use page::Theme;
use words::Words;

/// How posts are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page a post, in folders of a thousand.
    Html,
    /// One file, a post a line.
    Jsonl,
}

/// How a page lays out its listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `<li>Artist – Title</li>` in an ordered list.
    Items,
    /// `1. Artist - Title<br />` in one paragraph.
    Breaks,
    /// A table of number, artist and title with a row of headings.
    Table,
    /// `<p>01 Artist: “Title”</p>`.
    Quoted,
}

/// A post, as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub number: u64,
    pub site: usize,
    pub url: String,
    pub title: String,
    pub author: String,
    /// Year, month, day.
    pub date: (u16, u8, u8),
    pub tags: Vec<String>,
    pub paragraphs: Vec<String>,
    pub heading: &'static str,
    /// Artist and title.
    pub tracks: Vec<(String, String)>,
    /// An answer stands behind what it answers.
    pub comments: Vec<Comment>,
}

/// A reader's comment, as it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub id: u64,
    /// `id` of the comment that it answers.
    pub parent: Option<u64>,
    /// 0 for a comment on the post itself.
    pub depth: usize,
    pub author: String,
    /// Days after the post.
    pub day: u8,
    pub paragraphs: Vec<String>,
}

impl Post {
    pub fn layout(&self) -> Layout {
        [Layout::Items, Layout::Breaks, Layout::Table, Layout::Quoted][self.number as usize % 4]
    }
}

/// What an archive came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub posts: u64,
    pub tracks: u64,
    pub comments: u64,
    pub bytes: u64,
}

/// Makes the posts of a seed.
pub struct Generator {
    seed: u64,
    words: Words,
    themes: Vec<Theme>,
}

const SITES: usize = 8;
const HEADINGS: &[&str] = &["Track Listing", "Tracklist", "Setlist", "Track List"];
const LEADS: &[&str] = &[
    "Soundtrack Saturday",
    "Mixtape Monday",
    "From the crate",
    "B-sides",
    "One side only",
    "Night shift",
];

impl Generator {
    pub fn new(seed: u64) -> Self {
        let words = Words::new();
        let themes = (0..SITES).map(|site| Theme::new(site, &words)).collect();
        Self {
            seed,
            words,
            themes,
        }
    }

    /// The post of a number.
    pub fn post(&self, number: u64) -> Post {
        let mut random = Random::new(self.seed, number);
        let random = &mut random;
        let words = &self.words;
        let site = random.below(SITES);
        let date = (
            random.between(2004, 2021) as u16,
            random.between(1, 12) as u8,
            random.between(1, 28) as u8,
        );
        let rows = random.between(8, 14);
        let mut tracks: Vec<(String, String)> = Vec::with_capacity(rows);
        while tracks.len() < rows {
            let row = words.track(random);
            // No listing holds one title twice.
            if tracks.iter().all(|(_, title)| *title != row.1) {
                tracks.push(row);
            }
        }
        // What the post is about: words that come up again and again.
        let topic: Vec<&str> = (0..12).map(|_| words.rare_word(random)).collect();
        let title = format!(
            "{}: {} {}",
            *random.pick(LEADS),
            capitalised(random.pick::<&str>(&topic)),
            capitalised(words.word(random)),
        );
        let url = format!(
            "https://{}/{:04}/{:02}/{}-{number}/",
            page::host(site),
            date.0,
            date.1,
            slug(&title)
        );
        let tags = (0..random.between(2, 6))
            .map(|_| words.rare_word(random).to_owned())
            .collect();
        let length = random.between(300, 900);
        let paragraphs = self.prose(length, &topic, &tracks, random);
        let comments = self.comments(number, &topic, &tracks, random);
        Post {
            number,
            site,
            url,
            title,
            author: page::author(site).to_owned(),
            date,
            tags,
            paragraphs,
            heading: random.pick::<&str>(HEADINGS),
            tracks,
            comments,
        }
    }

    /// The page of a post.
    pub fn page(&self, post: &Post) -> String {
        page::render(post, &self.themes[post.site])
    }

    /// The line of a post, in the form that `deepcut inspect --format jsonl` writes, with its line feed.
    pub fn line(&self, post: &Post) -> String {
        let (year, month, day) = post.date;
        let tracks: Vec<_> = (1..)
            .zip(&post.tracks)
            .map(|(n, (artist, title))| {
                serde_json::json!({"number": n.to_string(), "artist": artist, "title": title})
            })
            .collect();
        let comments: Vec<_> = post
            .comments
            .iter()
            .map(|c| {
                serde_json::json!({
                    "id": c.id.to_string(),
                    "parent": c.parent.map(|p| p.to_string()),
                    "author": c.author,
                    "text": c.paragraphs.join("\n\n"),
                })
            })
            .collect();
        let line = serde_json::json!({
            "url": post.url,
            "site": page::host(post.site),
            "title": post.title,
            "author": post.author,
            "published": format!("{year:04}-{month:02}-{day:02}"),
            "tags": post.tags,
            "body": post.paragraphs.join("\n\n"),
            "tracklists": [{"heading": post.heading, "tracks": tracks}],
            "comments": comments,
        });
        format!("{line}\n")
    }

    /// Writes the first `posts` posts into `dir`, which is made where it is missing.
    pub fn write(&self, dir: &Path, posts: u64, form: Form) -> io::Result<Written> {
        fs::create_dir_all(dir)?;
        let mut written = Written::default();
        let mut lines = match form {
            Form::Jsonl => Some(BufWriter::new(fs::File::create(dir.join("posts.jsonl"))?)),
            Form::Html => None,
        };
        for number in 0..posts {
            let post = self.post(number);
            let text = match &mut lines {
                Some(file) => {
                    let line = self.line(&post);
                    file.write_all(line.as_bytes())?;
                    line
                }
                None => {
                    let folder = dir.join(format!("{:04}", number / 1000));
                    if number % 1000 == 0 {
                        fs::create_dir_all(&folder)?;
                    }
                    let page = self.page(&post);
                    fs::write(folder.join(format!("{number:07}.html")), &page)?;
                    page
                }
            };
            written.posts += 1;
            written.tracks += post.tracks.len() as u64;
            written.comments += post.comments.len() as u64;
            written.bytes += text.len() as u64;
        }
        if let Some(mut file) = lines {
            file.flush()?;
        }
        Ok(written)
    }

    fn prose(
        &self,
        length: usize,
        topic: &[&str],
        tracks: &[(String, String)],
        random: &mut Random,
    ) -> Vec<String> {
        let mut paragraphs = Vec::new();
        let mut left = length;
        while left > 0 {
            let mut paragraph = String::new();
            for _ in 0..random.between(3, 6) {
                let count = random.between(6, 18).min(left.max(4));
                left = left.saturating_sub(count);
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                self.sentence(count, topic, tracks, random, &mut paragraph);
            }
            paragraphs.push(paragraph);
        }
        paragraphs
    }

    fn sentence(
        &self,
        count: usize,
        topic: &[&str],
        tracks: &[(String, String)],
        random: &mut Random,
        out: &mut String,
    ) {
        let start = out.len();
        let mut words = 0;
        while words < count {
            if words > 0 {
                out.push_str(if words > 4 && random.chance(6) {
                    ", "
                } else {
                    " "
                });
            }
            let next = match random.below(100) {
                0..10 => *random.pick(topic),
                10..18 => self.words.phrase(random),
                18 if !tracks.is_empty() => random.pick(tracks).0.as_str(),
                19 => self.words.artist(random),
                _ => self.words.word(random),
            };
            words += next.split(' ').count();
            out.push_str(next);
        }
        let first = capitalised(&out[start..]);
        out.truncate(start);
        out.push_str(&first);
        out.push('.');
    }

    /// Many posts have few comments, few have many.
    fn comments(
        &self,
        number: u64,
        topic: &[&str],
        tracks: &[(String, String)],
        random: &mut Random,
    ) -> Vec<Comment> {
        let skew = [(); 3].map(|()| random.below(64)).iter().product::<usize>();
        let count = skew * 41 / (64 * 64 * 64) + usize::from(random.chance(60)) * random.below(9);
        let mut all: Vec<Comment> = Vec::new();
        // The comment that an answer would answer, by depth.
        let mut thread: Vec<u64> = Vec::new();
        for at in 0..count.min(40) {
            let deepest = thread.len().min(3);
            let depth = if random.chance(35) {
                random.below(deepest + 1)
            } else {
                0
            };
            let id = number * 64 + at as u64 + 1;
            let parent = depth.checked_sub(1).and_then(|d| thread.get(d).copied());
            thread.truncate(depth);
            thread.push(id);
            let length = random.between(5, 60);
            all.push(Comment {
                id,
                parent,
                depth,
                author: self.words.person(random).to_owned(),
                day: random.below(20) as u8,
                paragraphs: self.prose(length, topic, tracks, random),
            });
        }
        all
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn slug(title: &str) -> String {
    title
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
