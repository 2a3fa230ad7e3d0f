//! One post seen at several places.
//!
//! In: its versions. Out: one post: the richest version, with what the others know besides. A pure
//! function of the set: versions are ordered by richness, then origin.

use std::collections::HashSet;

use crate::model::{Post, Version};

/// Merges versions of one post; `None` where there are none.
pub fn merge(versions: &[Version]) -> Option<Post> {
    let mut ranked: Vec<&Version> = versions.iter().collect();
    ranked.sort_by(|a, b| {
        richness(&b.post)
            .cmp(&richness(&a.post))
            .then_with(|| a.origin.cmp(&b.origin))
    });
    let (first, rest) = ranked.split_first()?;
    let mut post = first.post.clone();
    for version in rest {
        let other = &version.post;
        post.url = post.url.or_else(|| other.url.clone());
        post.site = post.site.or_else(|| other.site.clone());
        post.author = post.author.or_else(|| other.author.clone());
        post.language = post.language.or_else(|| other.language.clone());
        post.platform = post.platform.or_else(|| other.platform.clone());
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

/// Text, rows and comments, in letters: what a reader would call the fuller copy.
fn richness(post: &Post) -> usize {
    let rows: usize = post.tracklists.iter().map(|l| l.tracks.len()).sum();
    let comments: usize = post.comments.iter().map(|c| c.text.len()).sum();
    post.body.len() + 80 * rows + comments
}

/// Adds the comments that only the other version has. Two are one where the text is equal and neither
/// contradicts the other's author.
fn unite_comments(post: &mut Post, other: &Post) {
    let known: HashSet<(String, String)> = post
        .comments
        .iter()
        .map(|c| {
            (
                c.author.as_deref().unwrap_or_default().to_lowercase(),
                c.text.to_string(),
            )
        })
        .collect();
    let texts: HashSet<&str> = known.iter().map(|(_, text)| text.as_str()).collect();
    let mut ids: HashSet<String> = post.comments.iter().map(|c| c.id.to_string()).collect();
    let mut added = Vec::new();
    for comment in &other.comments {
        let author = comment.author.as_deref().unwrap_or_default().to_lowercase();
        let nameless =
            author.is_empty() || known.contains(&(String::new(), comment.text.to_string()));
        if known.contains(&(author, comment.text.to_string()))
            || (nameless && texts.contains(comment.text.as_str()))
        {
            continue;
        }
        let mut comment = comment.clone();
        let mut n = 2;
        while !ids.insert(comment.id.to_string()) {
            comment.id = crate::model::Text::line(&format!("{}-{n}", comment.id));
            n += 1;
        }
        added.push(comment);
    }
    post.comments.extend(added);
}
