//! Which candidates are comments.
//!
//! In: candidates as the walk met them, bodies within entries within containers. Out: one candidate per
//! comment, with the parts of what was merged into it. Must not read names or dates.

use crate::text::hash::HashMap;

use super::scan::Part;
use crate::text::page::NodeId;

/// An element, or a term and its texts, that may be one comment.
#[derive(Default)]
pub(super) struct Candidate {
    pub tops: Vec<NodeId>,
    pub start: u32,
    /// The page's own id.
    pub id: Option<String>,
    pub parent: Option<usize>,
    /// What it answers by its place behind another comment ("indented" blocks).
    pub answers: Option<usize>,
    /// A list or a block of replies lies between it and `parent`.
    pub separated: bool,
    /// It counts only where it has an author and a text.
    pub weak: bool,
    pub ping: bool,
    /// A like or a repost: somebody's, but no comment.
    pub mute: bool,
    pub authors: Vec<Part>,
    pub dates: Vec<Part>,
    pub texts: Vec<Part>,
    pub metas: Vec<Part>,
    pub likes: Vec<Part>,
    pub links: Vec<Part>,
    pub widgets: Vec<NodeId>,
    /// Letters outside names, dates and buttons.
    pub letters: u32,
    /// Depth by class (`depth-2`) or by margin.
    pub depth: Option<u32>,
    pub dropped: bool,
}

impl Candidate {
    /// A comment has a text, and a name or a date; a pingback may be a link and nothing else.
    fn complete(&self) -> bool {
        self.letters > 0 && (self.ping || !self.authors.is_empty() || !self.dates.is_empty())
    }

    fn absorb(&mut self, mut other: Candidate) {
        join(&mut self.authors, &mut other.authors);
        join(&mut self.dates, &mut other.dates);
        join(&mut self.texts, &mut other.texts);
        join(&mut self.metas, &mut other.metas);
        join(&mut self.likes, &mut other.likes);
        join(&mut self.links, &mut other.links);
        join(&mut self.widgets, &mut other.widgets);
        self.letters += other.letters;
        self.ping |= other.ping;
        self.mute |= other.mute;
        if self.id.is_none() {
            self.id = other.id;
        }
        if self.depth.is_none() {
            self.depth = other.depth;
        }
        if self.answers.is_none() {
            self.answers = other.answers;
        }
    }
}

/// Appends the shorter list to the longer: chains of merges stay cheap. Order is made again at the end.
fn join<T>(to: &mut Vec<T>, from: &mut Vec<T>) {
    if to.len() < from.len() {
        std::mem::swap(to, from);
    }
    to.append(from);
}

/// Settles which candidates are comments: bodies join the elements around them, containers go. The
/// result is in document order; `parent` and `answers` are positions in it.
pub(super) fn settle(mut all: Vec<Candidate>) -> Vec<Candidate> {
    // Children of each candidate that are kept; a child stands behind its parent.
    let mut kids: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    let mut merged: HashMap<usize, usize> = HashMap::default();
    for at in (0..all.len()).rev() {
        let children = std::mem::take(&mut kids[at]);
        let (mut inner, mut replies): (Vec<usize>, Vec<usize>) =
            children.into_iter().partition(|c| {
                !all[*c].separated && (all[*c].id.is_none() || all[*c].id == all[at].id)
            });
        if !all[at].complete()
            && inner.is_empty()
            && replies.len() == 1
            && !all[replies[0]].separated
            && all[at].id.is_none()
        {
            std::mem::swap(&mut inner, &mut replies);
        }
        if !all[at].complete() && inner.len() == 1 {
            let child = inner.remove(0);
            take_in(&mut all, at, child, &mut merged, &mut replies, &kids);
        }
        replies.extend(inner);
        replies.sort_unstable();
        let keep = all[at].complete()
            && (!all[at].weak || (!all[at].authors.is_empty() || all[at].mute || all[at].ping));
        let parent = all[at].parent;
        let same = parent.is_some_and(|p| {
            let (own, outer) = (&all[at], &all[p]);
            (own.id.is_some() && own.id == outer.id)
                || (!own.separated && own.id.is_none() && own.authors.is_empty())
        });
        if let Some(p) = parent
            && (!keep || same)
            && (same || replies.is_empty())
        {
            // The body of the comment around it, or no comment at all: its parts are the outer one's.
            for reply in &replies {
                all[*reply].parent = Some(p);
            }
            kids[p].extend(replies);
            take_in(&mut all, p, at, &mut merged, &mut Vec::new(), &kids);
            continue;
        }
        if !keep {
            for reply in &replies {
                all[*reply].parent = parent;
            }
            if let Some(p) = parent {
                kids[p].extend(replies);
            }
            all[at].dropped = true;
            continue;
        }
        if let Some(p) = parent {
            kids[p].push(at);
        }
        kids[at] = replies;
    }
    // What was merged stands where it went; parents come before their children.
    let mut place: Vec<Option<usize>> = Vec::with_capacity(all.len());
    let mut kept = 0;
    for (at, candidate) in all.iter().enumerate() {
        let here = match merged.get(&at) {
            Some(to) => place.get(*to).copied().flatten(),
            None if candidate.dropped => None,
            None => {
                kept += 1;
                Some(kept - 1)
            }
        };
        place.push(here);
    }
    let find = |at: usize| place.get(at).copied().flatten();
    let links: Vec<(Option<usize>, Option<usize>)> = all
        .iter()
        .map(|c| (c.parent.and_then(find), c.answers.and_then(find)))
        .collect();
    all.into_iter()
        .zip(links)
        .filter(|(c, _)| !c.dropped)
        .map(|(mut c, (parent, answers))| {
            c.parent = parent;
            c.answers = answers;
            for list in [
                &mut c.authors,
                &mut c.dates,
                &mut c.texts,
                &mut c.metas,
                &mut c.likes,
                &mut c.links,
            ] {
                list.sort_by_key(|p| p.start);
            }
            c
        })
        .collect()
}

/// Moves the parts of `from` to `to`, and its replies along.
fn take_in(
    all: &mut [Candidate],
    to: usize,
    from: usize,
    merged: &mut HashMap<usize, usize>,
    replies: &mut Vec<usize>,
    kids: &[Vec<usize>],
) {
    for kid in &kids[from] {
        all[*kid].parent = Some(to);
        replies.push(*kid);
    }
    let taken = std::mem::take(&mut all[from]);
    all[from].dropped = true;
    all[from].parent = Some(to);
    all[to].absorb(taken);
    merged.insert(from, to);
}
