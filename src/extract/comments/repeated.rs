//! Threads whose entries no name marks: parts that repeat below a heading or in a container named as a
//! thread, each with a date of its own.
//!
//! In: a page and where threads may stand. Out: the thread, or nothing where the parts do not all have an
//! author and a text. Where no part repeats, the lines are read as those of a capture.

use crate::text::hash::HashSet;

use super::scan::{self, Scan};
use super::{Found, Thread, byline, entry, marked, plain, settle};
use crate::text::lines;
use crate::text::page::{NodeId, Page};

/// Reads the thread below a heading or in a named container.
pub(super) fn find(
    page: &Page,
    scan: &mut Scan,
    language: Option<&str>,
    thread: &mut Thread,
) -> Found {
    for region in regions(page, scan) {
        if let Some(units) = region.units(page, language) {
            let candidates = settle::settle(scan::of_page(page, Some(&units)).candidates);
            let mut trial = Thread::default();
            let found = marked::assemble(page, &candidates, language, &mut trial);
            let named = trial.comments.iter().filter(|c| c.author.is_some()).count();
            let enough = region.sure || named > 1;
            if named > 0 && enough && named * 5 >= candidates.len() * 4 {
                thread.comments = trial.comments;
                thread.pings.append(&mut trial.pings);
                thread.nodes.extend(trial.nodes);
                thread.nodes.extend(&region.tops);
                return match found {
                    Found::Thread(_) => Found::Thread("parts that repeat"),
                    nothing => nothing,
                };
            }
        }
        if region.sure && region.by_lines(page, language, thread) {
            thread.nodes.extend(&region.tops);
            return Found::Thread("lines below a heading");
        }
    }
    Found::Nothing
}

/// A place where a thread may stand: sibling subtrees.
struct Region {
    tops: Vec<NodeId>,
    /// A heading that states a number, or "Comments", stands above it.
    sure: bool,
}

/// More regions than this are not tried: each is walked whole.
const REGIONS: usize = 6;

fn regions(page: &Page, scan: &Scan) -> Vec<Region> {
    let mut out = Vec::new();
    for heading in &scan.headings {
        let mut at = *heading;
        for _ in 0..3 {
            let mut tops = Vec::new();
            let mut next = page.next_sibling(at);
            while let Some(node) = next {
                // The next heading of the page's is another matter.
                let same = page.tag(node) == page.tag(*heading)
                    && page.attr(node, "class") == page.attr(*heading, "class");
                if same || page.tag(node) == "h1" {
                    break;
                }
                if page.is_element(node) || page.text_of(node).is_some_and(|t| !t.trim().is_empty())
                {
                    tops.push(node);
                }
                next = page.next_sibling(node);
            }
            if tops.iter().any(|n| page.is_element(*n)) {
                out.push(Region { tops, sure: true });
                break;
            }
            let Some(parent) = page.parent(at) else { break };
            at = parent;
        }
    }
    let mut end = 0;
    for area in &scan.areas {
        let post = scan.posts.partition_point(|p| *p < area.start);
        let holds_post = scan.posts.get(post).is_some_and(|p| *p <= area.end);
        // Outermost areas only.
        if area.start >= end && !holds_post {
            end = area.end;
            out.push(Region {
                tops: vec![area.node],
                sure: false,
            });
        }
    }
    out.truncate(REGIONS);
    out
}

/// The elements of a region in document order, with how many dates lie before each.
struct Walked {
    nodes: Vec<NodeId>,
    /// Index behind the last node of the subtree.
    ends: Vec<usize>,
    /// Dates before the node, one more than nodes.
    dates: Vec<u32>,
}

impl Walked {
    fn count(&self, at: usize) -> u32 {
        self.dates[self.ends[at]] - self.dates[at]
    }

    fn children(&self, at: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let mut child = at + 1;
        while child < self.ends[at] {
            out.push(child);
            child = self.ends[child];
        }
        out
    }
}

impl Region {
    fn walk(&self, page: &Page, language: Option<&str>) -> Walked {
        let mut walked = Walked {
            nodes: Vec::new(),
            ends: Vec::new(),
            dates: vec![0],
        };
        for top in &self.tops {
            let mut open: Vec<usize> = Vec::new();
            let mut at = Some(*top);
            while let Some(node) = at {
                while let Some(last) = open.last()
                    && page.parent(node) != Some(walked.nodes[*last])
                {
                    walked.ends[*last] = walked.nodes.len();
                    open.pop();
                }
                let index = walked.nodes.len();
                let dated = if page.tag(node) == "time" {
                    true
                } else {
                    // A time within an element of time counts once.
                    page.parent(node).is_none_or(|p| {
                        page.tag(p) != "time" && page.tag(p) != "a"
                            || page.parent(p).is_none_or(|g| page.tag(g) != "time")
                    }) && page.text_of(node).is_some_and(|t| is_date(t, language))
                };
                walked.nodes.push(node);
                walked.ends.push(index + 1);
                let before = walked.dates.last().copied().unwrap_or(0);
                walked.dates.push(before + u32::from(dated));
                open.push(index);
                at = page.first_child(node).or_else(|| page.after(node, *top));
            }
            for last in open {
                walked.ends[last] = walked.nodes.len();
            }
        }
        walked
    }

    /// The elements that hold one comment each: siblings with a date in each, and their like inside.
    fn units(&self, page: &Page, language: Option<&str>) -> Option<HashSet<NodeId>> {
        let walked = self.walk(page, language);
        let mut level: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < walked.nodes.len() {
            level.push(at);
            at = walked.ends[at];
        }
        loop {
            let dated: Vec<usize> = level
                .iter()
                .copied()
                .filter(|n| page.is_element(walked.nodes[*n]) && walked.count(*n) > 0)
                .collect();
            match dated.as_slice() {
                [] => return None,
                [one] => {
                    let children = walked.children(*one);
                    let parts = children.iter().filter(|c| walked.count(**c) > 0).count();
                    if walked.count(*one) == 1 && (parts == 0 || is_unit(page, walked.nodes[*one]))
                    {
                        return Some(HashSet::from_iter([walked.nodes[*one]]));
                    }
                    if parts == 0 {
                        return None;
                    }
                    level = children;
                }
                many => {
                    let first = walked.nodes[many[0]];
                    if !is_unit(page, first) {
                        return None;
                    }
                    let mut units: HashSet<NodeId> = HashSet::default();
                    for unit in many {
                        let node = walked.nodes[*unit];
                        if page.tag(node) != page.tag(first) {
                            continue;
                        }
                        units.insert(node);
                        let class = page.attr(node, "class");
                        for inner in unit + 1..walked.ends[*unit] {
                            let n = walked.nodes[inner];
                            if walked.count(inner) > 0
                                && page.tag(n) == page.tag(node)
                                && (page.attr(n, "class") == class || page.tag(n) == "li")
                            {
                                units.insert(n);
                            }
                        }
                    }
                    return Some(units);
                }
            }
        }
    }

    /// Reads the region as a capture's lines.
    fn by_lines(&self, page: &Page, language: Option<&str>, thread: &mut Thread) -> bool {
        let mut all: Vec<(String, u16)> = Vec::new();
        for top in &self.tops {
            let mut block = None;
            if let Some(text) = page.text_of(*top) {
                all.push((text.split_whitespace().collect::<Vec<_>>().join(" "), 0));
                continue;
            }
            let skip = |n: NodeId| page.tag(n) == "form";
            for line in lines::of_page(page, *top, &skip) {
                if block.is_some_and(|b| b != line.hints.block) {
                    all.push((String::new(), 0));
                }
                block = Some(line.hints.block);
                let parted = entry::parted_header(page, &line, language);
                all.push((parted.unwrap_or(line.text), 0));
            }
        }
        let end = all
            .iter()
            .position(|(t, _)| super::words::after(t))
            .unwrap_or(all.len());
        let texts: Vec<(&str, u16)> = all[..end].iter().map(|(t, i)| (t.as_str(), *i)).collect();
        let mut trial = Thread {
            stated: thread.stated,
            ..Thread::default()
        };
        let whole = plain::entries(&texts, language, &mut trial);
        let good = !trial.comments.is_empty()
            && trial
                .comments
                .iter()
                .all(|c| c.author.is_some() && (whole || c.published.is_some()));
        if good {
            thread.comments = trial.comments;
            thread.pings.append(&mut trial.pings);
        }
        good
    }
}

/// Elements that may hold a whole comment.
fn is_unit(page: &Page, node: NodeId) -> bool {
    matches!(
        page.tag(node),
        "li" | "div" | "article" | "section" | "tr" | "table" | "blockquote" | "dl" | "td"
    )
}

fn is_date(text: &str, language: Option<&str>) -> bool {
    let text = text.trim();
    text.len() <= 160
        && text.bytes().any(|b| b.is_ascii_digit())
        && (byline::date_only(text, language).is_some()
            || byline::tail_date(text, language).is_some()
            || byline::head_date(text, language).is_some())
}
