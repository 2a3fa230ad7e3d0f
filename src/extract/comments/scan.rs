//! One walk over a page that finds what may be comments.
//!
//! In: a page. Out: candidates: elements that stand for one comment each, with the parts inside them that name
//! an author, a date, a text, and how they nest; and the headings and areas of threads. Must not decide who
//! wrote what: that is `entry`.

use crate::text::hash::HashSet;

use super::roles::{Reader, Roles};
use super::settle::Candidate;
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
        roles: Reader::new(page),
        scan: Scan::default(),
        clock: 0,
        stack: Vec::with_capacity(64),
    };
    walk.run();
    walk.scan
}

struct Walk<'a> {
    page: &'a Page,
    only: Option<&'a HashSet<NodeId>>,
    roles: Reader<'a>,
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
        let roles = self.roles.of(node);
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
        if roles.aside && !page.has_class(node, "Blog") {
            frame.aside = true;
        } else if area && roles.list {
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
        if tag == "h1" || (roles.post && frame.candidate.is_none() && !frame.thread) {
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
        if roles.notes && matches!(tag, "ol" | "ul") {
            self.scan.notes.get_or_insert(node);
        }
        let heading = matches!(tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend");
        let counter = roles.counter && !matches!(tag, "li" | "article" | "section");
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
        let weak = roles.maybe || (roles.cite && (frame.thread || roles.ping || roles.mute));
        let item = page.attr(node, "itemprop") == Some("comment")
            || page
                .attr(node, "itemtype")
                .is_some_and(|t| t.ends_with("/Comment") || t.ends_with("/UserComments"));
        let item = item || (disqus && id.is_some()) || term;
        // A table's parts are comments only where they say so by an id.
        let cell = matches!(tag, "td" | "table");
        if !(id.is_some() || (!cell && (roles.entry || item || weak)))
            || (roles.ping && !roles.entry && !roles.cite)
        {
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
            weak: weak && !roles.entry && !item,
            ping: roles.ping,
            mute: roles.mute,
            depth: depth_of(page, node),
            ..Candidate::default()
        })
    }
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
    let line = super::byline::fold_spaces(&out);
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
