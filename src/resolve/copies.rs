//! One post seen at several places, or several posts under one name.
//!
//! In: versions of one identity. Out: posts, each the richest of its versions with what the others know
//! besides. A pure function of the set: versions are ordered by richness, then origin.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::artist;
use crate::model::{Archived, Comment, Post, PostId, Text, Version};
use crate::text::tokens;

/// Copies of one post hold at least this much of the shorter one's pairs of words in common, in percent.
const COMMON_PERCENT: usize = 75;

/// A later capture with at least this much of what the richest holds is the post as edited, in percent.
const NEARLY_PERCENT: usize = 80;

/// So many different texts under one place and title are not compared with each other any more: only equal
/// ones are copies.
const MOST_COMPARED: usize = 64;

/// The posts that versions of one identity make, ordered by id.
///
/// An address names one post. A place (a path relative to its root, and an entry) does not: two archives
/// may have different posts at the same one. Versions of a place are one post where their titles have the
/// same key and three quarters of the shorter text are in the longer. Where they make several, each has an
/// id of its own, from the place and its title, and from its text where even the titles agree.
pub fn posts(mut versions: Vec<Version>) -> Vec<Archived> {
    versions.sort_by_key(|v| v.origin);
    let mut by_title: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    let named = versions.iter().any(|v| v.post.url.is_some());
    // Comments that join a post of this place say nothing of which posts there are.
    let (versions, mut joining) = match versions.iter().any(|v| v.whole) && !named {
        true => versions.into_iter().partition(|v| v.whole),
        false => (versions, Vec::new()),
    };
    for version in versions {
        let key = if named {
            String::new()
        } else {
            artist::key(&version.post.title)
        };
        by_title.entry(key).or_default().push(version);
    }
    let alone = by_title.len() == 1;
    let mut out = Vec::new();
    for (title, versions) in by_title {
        let parts = if named || versions.len() == 1 {
            vec![(0, versions)]
        } else {
            alike(versions)
        };
        let same_title = parts.len() > 1;
        for (digest, mut versions) in parts {
            let own: Vec<Version>;
            (own, joining) = joining
                .into_iter()
                .partition(|v| alone || artist::key(&v.post.title) == title);
            versions.extend(own);
            versions.sort_by_key(|v| v.origin);
            let Some(mut post) = merge(&versions) else {
                continue;
            };
            if !alone || same_title {
                let digest = if same_title { digest } else { 0 };
                post.id = PostId::of_share(post.id, &title, digest);
            }
            let post = Arc::new(post);
            out.push(Archived { post, versions });
        }
    }
    out.sort_by_key(|a| a.post.id);
    out
}

/// Parts versions of one title into posts, with the least digest of each one's texts. Texts that hang
/// together are one post where each is like each; else (a short one lies in two that differ) all are apart.
fn alike(versions: Vec<Version>) -> Vec<(u64, Vec<Version>)> {
    let mut texts: BTreeMap<u64, Vec<Version>> = BTreeMap::new();
    for version in versions {
        texts
            .entry(digest(&version.post))
            .or_default()
            .push(version);
    }
    if texts.len() == 1 || texts.len() > MOST_COMPARED {
        return texts.into_iter().collect();
    }
    let words: Vec<HashSet<u64>> = texts
        .values()
        .map(|same| same.first().map(|v| pairs(&v.post)).unwrap_or_default())
        .collect();
    let n = words.len();
    let like = |a: usize, b: usize| a == b || overlap(&words[a], &words[b]);
    // The first of each group of texts that hang together.
    let mut group: Vec<usize> = (0..n).collect();
    for a in 0..n {
        for b in 0..a {
            if like(a, b) && group[a] != group[b] {
                let (old, new) = (group[a].max(group[b]), group[a].min(group[b]));
                group
                    .iter_mut()
                    .filter(|g| **g == old)
                    .for_each(|g| *g = new);
            }
        }
    }
    let torn: HashSet<usize> = (0..n)
        .filter(|a| (0..n).any(|b| group[*a] == group[b] && !like(*a, b)))
        .map(|a| group[a])
        .collect();
    let mut parts: BTreeMap<usize, (u64, Vec<Version>)> = BTreeMap::new();
    for (at, (digest, versions)) in texts.into_iter().enumerate() {
        let first = if torn.contains(&group[at]) {
            at
        } else {
            group[at]
        };
        // Texts come by digest: the first of a group has the least.
        parts
            .entry(first)
            .or_insert((digest, Vec::new()))
            .1
            .extend(versions);
    }
    parts
        .into_values()
        .map(|(digest, mut versions)| {
            versions.sort_by_key(|v| v.origin);
            (digest, versions)
        })
        .collect()
}

fn overlap(a: &HashSet<u64>, b: &HashSet<u64>) -> bool {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let common = small.iter().filter(|pair| large.contains(pair)).count();
    common * 100 >= small.len() * COMMON_PERCENT
}

/// What of a post would be lost if another took its place: prose, rows, comments.
fn each_text(post: &Post, visit: &mut dyn FnMut(&str)) {
    own_text(post, visit);
    for comment in &post.comments {
        visit(&comment.text);
    }
}

/// Prose and rows.
fn own_text(post: &Post, visit: &mut dyn FnMut(&str)) {
    visit(&post.body);
    for list in &post.tracklists {
        for track in &list.tracks {
            visit(list.artist_of(track).map_or("", |a| a.as_str()));
            visit(&track.title);
        }
    }
}

fn digest(post: &Post) -> u64 {
    let mut hasher = Xxh3::new();
    each_text(post, &mut |text| {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    });
    hasher.digest()
}

/// Pairs of neighbouring words, within a text and across to the next.
fn pairs(post: &Post) -> HashSet<u64> {
    let mut pairs = Pairs::default();
    each_text(post, &mut |text| pairs.add(text));
    pairs.all
}

/// The same of prose and rows alone.
pub(super) fn pairs_of_prose(post: &Post) -> HashSet<u64> {
    let mut pairs = Pairs::default();
    own_text(post, &mut |text| pairs.add(text));
    pairs.all
}

#[derive(Default)]
struct Pairs {
    all: HashSet<u64>,
    before: u64,
}

impl Pairs {
    fn add(&mut self, text: &str) {
        tokens::each(text, &mut |word, _, _| {
            let word = xxh3_64(word.as_bytes());
            self.all.insert(self.before.rotate_left(1) ^ word);
            self.before = word;
        });
    }
}

/// Merges versions of one post; `None` where there are none.
pub fn merge(versions: &[Version]) -> Option<Post> {
    let mut ranked: Vec<(bool, usize, &Version)> = versions
        .iter()
        .map(|v| (v.whole, richness(&v.post), v))
        .collect();
    ranked.sort_by(|a, b| {
        (b.0, b.1)
            .cmp(&(a.0, a.1))
            .then_with(|| a.2.origin.cmp(&b.2.origin))
    });
    newest_first(&mut ranked);
    let (first, rest) = ranked.split_first()?;
    let first = first.2;
    let mut post = Post::clone(&first.post);
    for (_, _, version) in rest {
        let other = &version.post;
        if version.whole || !first.whole {
            unite_facts(&mut post, other);
        }
        unite_comments(&mut post, other);
        post.comments_stated = post.comments_stated.max(other.comments_stated);
        for ping in &other.pings {
            if !post.pings.contains(ping) {
                post.pings.push(ping.clone());
            }
        }
    }
    Some(post)
}

/// Where the richest version is a capture, the last capture that is nearly as rich goes before it: an edited
/// post is what its author left, while a page that has gone or was cut short takes no post's place.
fn newest_first(ranked: &mut [(bool, usize, &Version)]) {
    let Some(&(whole, most, richest)) = ranked.first() else {
        return;
    };
    let Some(seen) = richest.captured else {
        return;
    };
    let later = ranked
        .iter()
        .enumerate()
        .filter(|(_, (w, rich, _))| *w == whole && rich * 100 >= most * NEARLY_PERCENT)
        .filter_map(|(at, (_, _, v))| v.captured.filter(|t| *t > seen).map(|t| (t, at)))
        // Of two captured at once the richer, which stands first.
        .max_by_key(|(time, at)| (*time, std::cmp::Reverse(*at)));
    if let Some((_, at)) = later {
        ranked[..=at].rotate_right(1);
    }
}

/// Takes what only the other version knows.
fn unite_facts(post: &mut Post, other: &Post) {
    fn fill<T: Clone>(ours: &mut Option<T>, theirs: &Option<T>) {
        if ours.is_none() {
            ours.clone_from(theirs);
        }
    }
    fill(&mut post.url, &other.url);
    fill(&mut post.site, &other.site);
    fill(&mut post.author, &other.author);
    fill(&mut post.language, &other.language);
    fill(&mut post.platform, &other.platform);
    // The more precise date, then the more trusted one.
    if let Some(theirs) = &other.published {
        let better = post.published.as_ref().is_none_or(|ours| {
            (theirs.precision, std::cmp::Reverse(theirs.from))
                > (ours.precision, std::cmp::Reverse(ours.from))
        });
        if better {
            post.published = Some(theirs.clone());
        }
    }
    for tag in &other.tags {
        if !post.tags.contains(tag) {
            post.tags.push(tag.clone());
        }
    }
    if post.tracklists.is_empty() {
        post.tracklists.clone_from(&other.tracklists);
    }
}

/// Text, rows and comments, in letters: what a reader would call the fuller copy.
fn richness(post: &Post) -> usize {
    let rows: usize = post.tracklists.iter().map(|l| l.tracks.len()).sum();
    let comments: usize = post.comments.iter().map(|c| c.text.len()).sum();
    post.body.len() + 80 * rows + comments
}

/// Adds the comments that only the other version has, and what it alone knows of the others. Answers keep
/// answering what they answered.
fn unite_comments(post: &mut Post, other: &Post) {
    let mut by_words: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, comment) in post.comments.iter().enumerate() {
        by_words.entry(words_of(comment)).or_default().push(at);
    }
    let ours = post.comments.len();
    let mut taken = vec![false; ours];
    let mut ids: HashSet<Text> = post.comments.iter().map(|c| c.id.clone()).collect();
    let by_id: HashMap<Text, usize> = post
        .comments
        .iter()
        .enumerate()
        .map(|(at, c)| (c.id.clone(), at))
        .collect();
    let mut names: HashMap<Text, Text> = HashMap::new();
    let mut parents: Vec<(usize, Text)> = Vec::new();
    for theirs in &other.comments {
        let same = by_words
            .get(&words_of(theirs))
            .into_iter()
            .flatten()
            .chain(by_id.get(&theirs.id))
            .copied()
            .find(|at| {
                !taken[*at]
                    && post
                        .comments
                        .get(*at)
                        .is_some_and(|ours| is_same(ours, theirs))
            });
        let at = match same {
            Some(at) => {
                taken[at] = true;
                at
            }
            None => {
                let mut added = theirs.clone();
                let mut n = 2;
                while !ids.insert(added.id.clone()) {
                    added.id = Text::line(&format!("{}-{n}", theirs.id));
                    n += 1;
                }
                added.parent = None;
                post.comments.push(added);
                post.comments.len() - 1
            }
        };
        if let Some(ours) = post.comments.get_mut(at) {
            names.insert(theirs.id.clone(), ours.id.clone());
            if same.is_some() {
                complete(ours, theirs);
            }
            if let Some(parent) = theirs.parent.clone().filter(|_| ours.parent.is_none()) {
                parents.push((at, parent));
            }
        }
    }
    for (at, parent) in parents {
        if let Some(ours) = post.comments.get_mut(at) {
            ours.parent = names.get(&parent).filter(|p| **p != ours.id).cloned();
        }
    }
}

/// True where two comments are one: the same words and no other author; or the same id, author and day, where
/// one copy was cut short or edited.
fn is_same(a: &Comment, b: &Comment) -> bool {
    let author = |c: &Comment| c.author.as_deref().map(str::to_lowercase);
    let (ours, theirs) = (author(a), author(b));
    if words_of(a) == words_of(b) {
        return ours.is_none() || theirs.is_none() || ours == theirs;
    }
    let day = |c: &Comment| c.published.as_ref().map(|d| d.key());
    a.id == b.id && ours.is_some() && ours == theirs && day(a).is_some() && day(a) == day(b)
}

/// A digest of a comment's words: typography and line breaks differ between pages and exports.
fn words_of(comment: &Comment) -> u64 {
    let mut hasher = Xxh3::new();
    let mut any = false;
    tokens::each(&comment.text, &mut |word, _, _| {
        any = true;
        hasher.update(word.as_bytes());
        hasher.update(&[0]);
    });
    if !any {
        hasher.update(comment.text.as_bytes());
    }
    hasher.digest()
}

/// Takes what the other copy of a comment knows besides.
fn complete(ours: &mut Comment, theirs: &Comment) {
    if ours.author.is_none() {
        ours.author.clone_from(&theirs.author);
    }
    if ours.url.is_none() {
        ours.url.clone_from(&theirs.url);
    }
    ours.likes = ours.likes.max(theirs.likes);
    if let Some(date) = &theirs.published
        && ours
            .published
            .as_ref()
            .is_none_or(|d| date.precision > d.precision)
    {
        ours.published = Some(date.clone());
    }
    if theirs.text.len() > ours.text.len() {
        ours.text = theirs.text.clone();
    }
}
