//! One walk over a page that finds what may be comments.
//!
//! In: a page. Out: candidates: elements that stand for one comment each, with the parts inside them that name
//! an author, a date, a text, and how they nest; and the headings and areas of threads. Must not decide who
//! wrote what: that is `entry`.

use std::collections::{HashMap, HashSet};

use super::roles::{self, Roles};
use super::words;
use crate::text::page::{NodeId, Page};

/// A part of a candidate: a node and its place in document order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub node: NodeId,
    pub start: u32,
    pub end: u32,
    /// How sure its names are.
    pub weight: u8,
}

impl Part {
    pub(super) fn holds(&self, other: &Part) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

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
    separated: bool,
    /// It counts only where it has an author and a text.
    weak: bool,
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
    letters: u32,
    /// Depth by class (`depth-2`) or by margin.
    pub depth: Option<u32>,
    dropped: bool,
}

impl Candidate {
    fn complete(&self) -> bool {
        self.letters > 0 && (!self.authors.is_empty() || !self.dates.is_empty())
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

/// What the walk found.
#[derive(Default)]
pub(super) struct Scan {
    pub candidates: Vec<Candidate>,
    /// Elements named as threads, with their places.
    pub areas: Vec<Part>,
    /// Places of main titles and post bodies: what holds one is no thread.
    pub posts: Vec<u32>,
    /// Headings that state a number, and elements named so; best first is up to the reader.
    pub stated: Option<u32>,
    /// The heading of a thread: one that states a number, or "Comments".
    pub headings: Vec<NodeId>,
    /// The list of a Tumblr post's notes.
    pub notes: Option<NodeId>,
}

#[derive(Clone, Copy)]
struct Frame {
    node: NodeId,
    candidate: Option<usize>,
    aside: bool,
    thread: bool,
    /// Within a name, a date, a header or a button.
    quiet: bool,
    widget: bool,
    listed: bool,
    margin: u32,
    /// The last candidate opened below this element.
    last: Option<usize>,
    answers: Option<usize>,
    term: Option<usize>,
    area: Option<usize>,
    /// Index of its part in the candidate's lists, to set the end on leaving.
    marks: [Option<(List, u32)>; 5],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Authors,
    Dates,
    Texts,
    Metas,
    Likes,
}

/// Walks a page. With `only`, exactly those elements are candidates.
pub(super) fn of_page(page: &Page, only: Option<&HashSet<NodeId>>) -> Scan {
    let mut walk = Walk {
        page,
        only,
        scan: Scan::default(),
        clock: 0,
        stack: Vec::new(),
    };
    walk.run();
    walk.scan
}

struct Walk<'a> {
    page: &'a Page,
    only: Option<&'a HashSet<NodeId>>,
    scan: Scan,
    clock: u32,
    stack: Vec<Frame>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let page = self.page;
        let mut at = page.first_child(page.root());
        while let Some(node) = at {
            self.clock += 1;
            let enter = if page.is_element(node) {
                self.enter(node)
            } else {
                self.text(node);
                false
            };
            if enter && let Some(child) = page.first_child(node) {
                at = Some(child);
                continue;
            }
            if enter {
                self.leave();
            }
            at = self.forward(node);
        }
    }

    /// The node that follows, leaving elements that end.
    fn forward(&mut self, node: NodeId) -> Option<NodeId> {
        let mut node = node;
        loop {
            if let Some(next) = self.page.next_sibling(node) {
                return Some(next);
            }
            node = self.stack.last()?.node;
            self.leave();
        }
    }

    fn text(&mut self, node: NodeId) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let Some(at) = frame.candidate.filter(|_| !frame.quiet) else {
            return;
        };
        let text = self.page.text_of(node).unwrap_or_default().trim();
        let letters = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(100)
            .count();
        if letters > 0 && !words::widget(text) {
            self.scan.candidates[at].letters += letters as u32;
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let end = self.clock;
        if let Some(at) = frame.area {
            self.scan.areas[at].end = end;
        }
        if let Some(at) = frame.candidate {
            let candidate = &mut self.scan.candidates[at];
            for (list, index) in frame.marks.into_iter().flatten() {
                let list = match list {
                    List::Authors => &mut candidate.authors,
                    List::Dates => &mut candidate.dates,
                    List::Texts => &mut candidate.texts,
                    List::Metas => &mut candidate.metas,
                    List::Likes => &mut candidate.likes,
                };
                if let Some(part) = list.get_mut(index as usize) {
                    part.end = end;
                }
            }
        }
        if let Some(outer) = self.stack.last_mut()
            && frame.answers.is_none()
            && outer.candidate.is_none_or(|c| Some(c) != frame.last)
            && let Some(last) = frame.last
        {
            outer.last = Some(last);
        }
    }

    /// Notes an element; false where its subtree is of no interest.
    fn enter(&mut self, node: NodeId) -> bool {
        let page = self.page;
        let tag = page.tag(node);
        if matches!(
            tag,
            "head" | "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "object"
        ) {
            return false;
        }
        let outer = self.stack.last().copied().unwrap_or(Frame {
            node,
            candidate: None,
            aside: false,
            thread: false,
            quiet: false,
            widget: false,
            listed: false,
            margin: 0,
            last: None,
            answers: None,
            term: None,
            area: None,
            marks: [None; 5],
        });
        let within = outer.thread
            || outer.candidate.is_some()
            || outer.last.is_some()
            || self.only.is_some();
        let roles = roles::of(page, node, within);
        let mut frame = Frame {
            node,
            last: None,
            term: None,
            area: None,
            marks: [None; 5],
            ..outer
        };
        let top = matches!(tag, "body" | "html" | "main" | "article");
        let area = roles.thread && !top && !matches!(tag, "a" | "span" | "input" | "label");
        frame.thread |= area;
        if roles.aside && !page.has_class(node, "Blog") && tag != "body" {
            frame.aside = true;
        } else if area && is_thread_list(page, node) {
            frame.aside = false;
        }
        if tag == "footer" && outer.candidate.is_none() && !outer.thread {
            frame.aside = true;
        }
        self.landmarks(node, tag, &roles, &mut frame, area);
        if let Some(px) = margin(page, node) {
            frame.margin += px;
        }
        if roles.replies && outer.candidate.is_none() && outer.last.is_some() {
            frame.answers = outer.last;
        }
        if roles.replies || matches!(tag, "ul" | "ol" | "dl") {
            frame.listed = true;
        }
        if tag == "dd"
            && let Some(term) = outer.term
        {
            // A term and the texts behind it are one comment.
            self.scan.candidates[term].tops.push(node);
            frame.candidate = Some(term);
            frame.quiet = false;
            frame.widget = false;
            frame.listed = false;
            let plain = roles.text == 0 && roles.date == 0 && !roles.meta;
            let roles = Roles {
                text: if plain { 1 } else { roles.text },
                ..roles
            };
            self.parts(node, tag, &roles, &mut frame);
            self.stack.push(frame);
            return true;
        }
        if !frame.aside
            && let Some(mut found) = self.candidate(node, tag, &roles, &frame)
        {
            found.parent = outer.candidate;
            found.separated = frame.listed || self.only.is_some();
            found.answers = frame.answers;
            found.start = self.clock;
            found.tops.push(node);
            if found.depth.is_none() && frame.margin > 0 {
                found.depth = Some(frame.margin);
            }
            let at = self.scan.candidates.len();
            self.scan.candidates.push(found);
            frame.candidate = Some(at);
            frame.quiet = false;
            frame.widget = false;
            frame.listed = false;
            frame.answers = None;
            if tag == "dt" {
                // The term itself names the author.
                let roles = Roles {
                    author: roles.author.max(2),
                    date: roles.date.max(1),
                    ..Roles::default()
                };
                self.parts(node, tag, &roles, &mut frame);
            }
            if let Some(outer) = self.stack.last_mut() {
                outer.last = Some(at);
                if tag == "dt" {
                    outer.term = Some(at);
                }
            }
        } else {
            if tag == "dt"
                && let Some(outer) = self.stack.last_mut()
            {
                outer.term = None;
            }
            self.parts(node, tag, &roles, &mut frame);
        }
        self.stack.push(frame);
        true
    }

    /// Headings, areas and bodies of posts.
    fn landmarks(&mut self, node: NodeId, tag: &str, roles: &Roles, frame: &mut Frame, area: bool) {
        let page = self.page;
        if tag == "h1"
            || ["entry-content", "post-body", "post-content", "e-content"]
                .iter()
                .any(|c| page.has_class(node, c) && frame.candidate.is_none() && !frame.thread)
        {
            self.scan.posts.push(self.clock);
        }
        if area {
            frame.area = Some(self.scan.areas.len());
            self.scan.areas.push(Part {
                node,
                start: self.clock,
                end: self.clock,
                weight: 0,
            });
        }
        if page.has_class(node, "notes") && matches!(tag, "ol" | "ul") {
            self.scan.notes.get_or_insert(node);
        }
        let heading = matches!(tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend");
        let counter = roles.thread
            && !matches!(tag, "li" | "article" | "body" | "section")
            && page.classes(node).chain(page.id(node)).any(|c| {
                let c = c.to_ascii_lowercase();
                ["title", "count", "head", "intro", "info", "number"]
                    .iter()
                    .any(|w| c.contains(w))
            });
        if (heading || counter || (frame.thread && tag == "p"))
            && frame.candidate.is_none()
            && !frame.aside
            && let Some(line) = short_text(page, node)
        {
            let stated = words::stated(&line);
            let of_this_page = heading || frame.thread;
            if let Some(stated) = stated
                && self.scan.stated.is_none()
                && of_this_page
            {
                self.scan.stated = Some(stated);
            }
            if stated.is_some() || words::bare_heading(&line) {
                self.scan.headings.push(node);
            }
        }
    }

    fn parts(&mut self, node: NodeId, tag: &str, roles: &Roles, frame: &mut Frame) {
        let Some(at) = frame.candidate else { return };
        let page = self.page;
        let part = |weight| Part {
            node,
            start: self.clock,
            end: self.clock,
            weight,
        };
        let candidate = &mut self.scan.candidates[at];
        let mut slots = 0;
        let mut mark = |list: List, parts: &mut Vec<Part>, weight: u8| {
            if slots < frame.marks.len() {
                frame.marks[slots] = Some((list, parts.len() as u32));
                slots += 1;
            }
            parts.push(part(weight));
        };
        if roles.likes || page.attr(node, "data-like-count").is_some() {
            mark(List::Likes, &mut candidate.likes, 1);
        }
        let silent = frame.widget;
        if tag == "a" && page.attr(node, "href").is_some_and(|h| h.contains('#')) {
            candidate.links.push(part(1));
        }
        if roles.widget && !(roles.author > 3 || roles.date > 2) {
            if !silent {
                candidate.widgets.push(node);
            }
            frame.widget = true;
            frame.quiet = true;
            return;
        }
        if silent {
            return;
        }
        if roles.author > 0 {
            mark(List::Authors, &mut candidate.authors, roles.author);
            frame.quiet = true;
        }
        if roles.date > 0 {
            mark(List::Dates, &mut candidate.dates, roles.date);
            frame.quiet |= roles.date > 1;
        }
        if roles.text > 0 {
            mark(List::Texts, &mut candidate.texts, roles.text);
            frame.quiet = false;
        }
        if roles.meta && roles.text == 0 {
            mark(List::Metas, &mut candidate.metas, 1);
            frame.quiet = true;
        }
        if candidate.depth.is_none()
            && tag == "img"
            && candidate.authors.is_empty()
            && page.attr(node, "height") == Some("1")
        {
            // Old journals push replies to the right with a transparent picture.
            candidate.depth = page.attr(node, "width").and_then(|w| w.trim().parse().ok());
        }
        if tag == "a"
            && candidate.id.is_none()
            && let Some(id) = page
                .attr(node, "name")
                .or_else(|| page.id(node))
                .and_then(numbered)
        {
            candidate.id = Some(id);
        }
    }

    fn candidate(
        &self,
        node: NodeId,
        tag: &str,
        roles: &Roles,
        frame: &Frame,
    ) -> Option<Candidate> {
        let page = self.page;
        if let Some(only) = self.only {
            return only.contains(&node).then(|| Candidate {
                id: page.id(node).and_then(numbered),
                depth: depth_of(page, node),
                ..Candidate::default()
            });
        }
        let term = tag == "dt" && frame.thread;
        if !term
            && !matches!(
                tag,
                "li" | "div" | "article" | "section" | "blockquote" | "tr" | "table" | "td"
            )
        {
            return None;
        }
        let disqus = tag == "li" && page.has_class(node, "post") && frame.thread;
        let numbered_post = page
            .id(node)
            .filter(|_| disqus)
            .and_then(|i| i.strip_prefix("post-"))
            .map(str::to_owned);
        let own = page.id(node).and_then(numbered).or(numbered_post);
        let id = own.filter(|id| {
            // "c123" alone says little.
            frame.thread || roles.thread || id.len() > 3
        });
        let mut strong = false;
        let mut weak = false;
        let mut ping = false;
        let mut mute = false;
        let mut cite = false;
        for class in page.classes(node) {
            let lower = class.to_ascii_lowercase();
            match lower.as_str() {
                "comment"
                | "u-comment"
                | "wp-block-comment"
                | "single-comment"
                | "commentwrap"
                | "comment-wrap"
                | "comment-item"
                | "comment_item"
                | "comment-entry"
                | "comment_entry"
                | "comment-container"
                | "comment-box"
                | "commentbox"
                | "commententry"
                | "comment-single"
                | "b-leaf"
                | "idc-c"
                | "isso-comment"
                | "fyre-comment-article"
                | "wpd-comment"
                | "wc-comment"
                | "serendipity_comment"
                | "bcomment"
                | "comment-post"
                | "ljcmt_full"
                | "comments-body"
                | "comment-node"
                | "comment-card"
                | "js-comment"
                | "comment-row"
                | "comment-main-level"
                | "post-comment"
                | "postcomment"
                | "blog-comment" => strong = true,
                "pingback" | "trackback" => {
                    strong = true;
                    ping = true;
                }
                "u-like" | "p-like" | "u-like-of" | "u-repost" | "p-repost" | "u-repost-of"
                | "u-bookmark-of" | "p-bookmark" => mute = true,
                "u-mention" | "p-mention" | "mention" => ping = true,
                "h-cite" | "h-entry" => cite = true,
                "comment-body" | "reply" | "response" | "comment-reply" | "comment-block"
                | "comment-inner" | "comment__body" => weak = true,
                _ => {}
            }
        }
        weak |= cite && (frame.thread || ping || mute);
        let item = page.attr(node, "itemprop") == Some("comment")
            || page
                .attr(node, "itemtype")
                .is_some_and(|t| t.ends_with("/Comment") || t.ends_with("/UserComments"));
        let item = item || (disqus && id.is_some()) || term;
        // A table's parts are comments only where they say so by an id.
        let cell = matches!(tag, "td" | "table");
        if !(id.is_some() || (!cell && (strong || item || weak))) || (ping && !strong && !cite) {
            return None;
        }
        Some(Candidate {
            id: id.or_else(|| {
                ["data-comment-id", "data-commentid", "data-id", "data-tid"]
                    .iter()
                    .find_map(|a| page.attr(node, a))
                    .filter(|v| v.chars().any(|c| c.is_ascii_digit()) && v.len() <= 64)
                    .map(|v| {
                        v.trim_start_matches(|c: char| !c.is_ascii_digit())
                            .to_owned()
                    })
            }),
            weak: weak && !strong && !item,
            ping,
            mute,
            depth: depth_of(page, node),
            ..Candidate::default()
        })
    }
}

/// Lists of comments stand in sidebars, of themes that put the whole thread there.
fn is_thread_list(page: &Page, node: NodeId) -> bool {
    page.id(node)
        .is_some_and(|i| i.eq_ignore_ascii_case("comments"))
        || page.classes(node).any(|c| {
            [
                "comments-area",
                "comment-list",
                "commentlist",
                "wp-block-comments",
            ]
            .iter()
            .any(|n| c.eq_ignore_ascii_case(n))
        })
}

/// The page's own id in an element's id: "comment-5334" gives "5334".
pub(super) fn numbered(id: &str) -> Option<String> {
    const LEADS: &[&str] = &[
        "li-comment-",
        "div-comment-",
        "article-comment-",
        "dsq-comment-",
        "post-comment-",
        "wpd-comm-",
        "isso-",
        "comment-item-",
        "serendipity_comment_",
        "remark42__comment-",
        "IDComment",
        "ljcmt",
        "comment-",
        "comment_",
        "comment",
        "Comment",
        "cmt-",
        "cmt",
        "c-",
        "c",
        "t",
        "r",
    ];
    let id = id.trim();
    LEADS
        .iter()
        .filter_map(|lead| id.strip_prefix(lead).map(|rest| (*lead, rest)))
        .find_map(|(lead, rest)| numbered_behind(lead, rest))
}

fn numbered_behind(lead: &str, rest: &str) -> Option<String> {
    let rest = if lead == "wpd-comm-" {
        rest.split('_').next().unwrap_or(rest)
    } else {
        rest
    };
    let digits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let hex = lead.len() > 1
        && (8..=64).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && rest.bytes().any(|b| b.is_ascii_digit());
    (digits || hex).then(|| rest.to_owned())
}

fn short_text(page: &Page, node: NodeId) -> Option<String> {
    let mut out = String::new();
    let mut seen = 0;
    let mut at = page.first_child(node);
    while let Some(n) = at {
        seen += 1;
        if let Some(text) = page.text_of(n) {
            out.push_str(text);
        }
        if out.len() > 600 || seen > 40 {
            return None;
        }
        at = page.first_child(n).or_else(|| page.after(n, node));
    }
    let line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.chars().count() <= 200).then_some(line)
}

/// The depth that a class says: `depth-2`, `level-3`, `indent-1`, `b-tree-twig-2`.
fn depth_of(page: &Page, node: NodeId) -> Option<u32> {
    page.classes(node).find_map(|class| {
        let at = class.rfind(['-', '_'])?;
        let (lead, number) = (&class[..at], &class[at + 1..]);
        let word = lead.rsplit(['-', '_']).next()?;
        matches!(word, "depth" | "level" | "indent" | "twig" | "lvl" | "nest")
            .then(|| number.parse().ok())
            .flatten()
    })
}

/// The indentation that a style says, in pixels.
fn margin(page: &Page, node: NodeId) -> Option<u32> {
    let style = page.attr(node, "style")?;
    let at = style
        .find("margin-left")
        .or_else(|| style.find("padding-left"))?;
    let value = style[at..].split_once(':')?.1.trim_start();
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok().filter(|n| *n <= 5_000)?;
    let unit = value[digits.len()..].trim_start();
    Some(if unit.starts_with("em") || unit.starts_with("rem") {
        number * 16
    } else {
        number
    })
}

/// Settles which candidates are comments: bodies join the elements around them, containers go. The
/// result is in document order; `parent` and `answers` are positions in it.
pub(super) fn settle(mut all: Vec<Candidate>) -> Vec<Candidate> {
    // Children of each candidate that are kept; a child stands behind its parent.
    let mut kids: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    let mut merged: HashMap<usize, usize> = HashMap::new();
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
