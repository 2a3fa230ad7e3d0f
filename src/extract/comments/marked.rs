//! Threads with an element per comment: WordPress in any theme, Movable Type, Drupal, Disqus, journals,
//! microformats, Blogger's lists of terms.
//!
//! In: candidates. Out: the thread. Replies are known by what they name, by nesting, by standing behind
//! a comment in a block of replies, or by depth.

use crate::text::hash::{HashMap, HashSet};

use super::entry::{self, Entry};
use super::scan::Scan;
use super::settle::{self, Candidate};
use super::{Found, Thread};
use crate::model::Text;
use crate::text::page::{NodeId, Page};

/// Reads the thread whose entries are marked as such.
pub(super) fn find(
    page: &Page,
    scan: &mut Scan,
    language: Option<&str>,
    thread: &mut Thread,
) -> Found {
    let candidates = settle::settle(std::mem::take(&mut scan.candidates));
    assemble(page, &candidates, language, thread)
}

/// Makes a thread of settled candidates.
pub(super) fn assemble(
    page: &Page,
    candidates: &[Candidate],
    language: Option<&str>,
    thread: &mut Thread,
) -> Found {
    let edges: HashSet<NodeId> = candidates.iter().flat_map(|c| &c.tops).copied().collect();
    let mut ids: Vec<Option<Text>> = vec![None; candidates.len()];
    let mut by_id: HashMap<String, Text> = HashMap::default();
    let flat = candidates
        .iter()
        .all(|c| c.parent.is_none() && c.answers.is_none());
    let least = candidates
        .iter()
        .map(|c| c.depth.unwrap_or(0))
        .min()
        .unwrap_or(0);
    let mut open: Vec<(u32, Text)> = Vec::new();
    let mut number = 0;
    for (at, found) in candidates.iter().enumerate() {
        if found.mute {
            continue;
        }
        let mut comment = match entry::read(page, found, &edges, language) {
            Some(Entry::Comment(comment)) => *comment,
            Some(Entry::Ping(ping)) => {
                thread.pings.push(ping);
                continue;
            }
            None => continue,
        };
        number += 1;
        if comment.id.is_empty() || by_id.contains_key(comment.id.as_str()) {
            comment.id = Text::line(&number.to_string());
        }
        let said = entry::parent_said(page, found).and_then(|id| by_id.get(&id).cloned());
        // The nearest comment around it; what is around may have been no comment.
        let mut around = found.parent.or(found.answers);
        let mut steps = 0;
        while let Some(outer) = around
            && ids[outer].is_none()
            && steps < 16
        {
            around = candidates[outer].parent.or(candidates[outer].answers);
            steps += 1;
        }
        let nested = around.and_then(|outer| ids[outer].clone());
        let depth = found.depth.unwrap_or(least);
        while open.last().is_some_and(|(d, _)| *d >= depth) {
            open.pop();
        }
        let deeper = open.last().map(|(_, id)| id.clone()).filter(|_| flat);
        open.push((depth, comment.id.clone()));
        comment.parent = said.or(nested).or(deeper).filter(|p| *p != comment.id);
        by_id.insert(comment.id.to_string(), comment.id.clone());
        ids[at] = Some(comment.id.clone());
        thread.comments.push(comment);
    }
    thread.nodes.extend(edges);
    if thread.comments.is_empty() && thread.pings.is_empty() {
        Found::Nothing
    } else {
        Found::Thread("an element per comment")
    }
}
