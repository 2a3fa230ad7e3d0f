//! What within the main region is not the post?
//!
//! In: a page, its weights, the region. Out: the subtrees to leave out: by element, by name, by what links to
//! elsewhere, by the words that themes print, by repetition. Must not drop what may be a track list: rows
//! that link to audio files, to players or to other sites stay.

use crate::text::hash::HashSet;

use super::cues;
use super::names;
use super::weigh::{Weights, is_aside};
use crate::text::fold::fold;
use crate::text::lines::{is_block, is_invisible};
use crate::text::page::{NodeId, Page};

/// The subtrees of `tops` that are chrome.
pub(super) fn within(
    page: &Page,
    weights: &Weights,
    tops: &[NodeId],
    taken: &HashSet<NodeId>,
) -> HashSet<NodeId> {
    let mut sweep = Sweep {
        page,
        weights,
        whole: tops.iter().map(|t| weights.prose(*t)).sum::<f32>().max(1.0),
        host: own_host(page),
        dropped: HashSet::default(),
        last: String::new(),
        titles: titles(page),
        started: false,
    };
    for top in tops {
        let mut at = page.first_child(*top);
        while let Some(node) = at {
            let past = page.after(node, *top);
            if page.text_of(node).is_some() || !page.is_element(node) {
                at = past;
                continue;
            }
            if taken.contains(&node) || is_invisible(page, node) || sweep.dropped.contains(&node) {
                at = past;
                continue;
            }
            if sweep.is_chrome(node) {
                sweep.dropped.insert(node);
                at = past;
                continue;
            }
            at = page.first_child(node).or(past);
        }
    }
    sweep.dropped
}

struct Sweep<'a> {
    page: &'a Page,
    weights: &'a Weights,
    /// Prose of the whole region.
    whole: f32,
    host: Option<String>,
    dropped: HashSet<NodeId>,
    /// The last long text read.
    last: String,
    /// What the page calls the post.
    titles: Vec<String>,
    /// Prose has begun: titles, dates and bylines stand before it.
    started: bool,
}

impl Sweep<'_> {
    fn is_chrome(&mut self, node: NodeId) -> bool {
        let (page, weight) = (self.page, self.weights.of(node));
        let share = weight.prose / self.whole;
        // Whatever holds most of the prose is the post, whatever it is called.
        if share > 0.4 {
            return false;
        }
        let tag = page.tag(node);
        if is_aside(page, node) || tag == "h1" {
            return true;
        }
        if tag == "figcaption" {
            return !self.has_player(page.parent(node).unwrap_or(node));
        }
        if share < 0.15
            && !self.is_of_row(node)
            && names::is_chrome(page, node)
            && !self.has_content(node)
        {
            return true;
        }
        if tag == "time" {
            return self.is_dateline(node);
        }
        if matches!(tag, "ul" | "ol" | "div" | "section")
            && self.filled_children(node) >= 2
            && (self.is_link_list(node) || self.is_teasers(node))
        {
            return true;
        }
        if !self.is_leaf(node) {
            return false;
        }
        let raw = page.text(node);
        let text = line(&raw);
        if text.is_empty() {
            return false;
        }
        // "Don't miss" and a line break over links, all in one paragraph.
        if weight.linked * 2 >= weight.text
            && raw
                .trim_start()
                .split_once('\n')
                .is_some_and(|(first, _)| cues::is_opener(first.trim()))
        {
            return true;
        }
        let heading = matches!(tag, "h2" | "h3" | "h4" | "h5" | "h6");
        if cues::is_opener(&text) && (heading || text.chars().count() <= 60) {
            self.drop_opened(node);
            return true;
        }
        let row = matches!(tag, "li" | "td" | "th" | "dt" | "dd");
        if !row && (cues::is_chrome_line(&text) || cues::is_note(&text)) {
            return true;
        }
        if self.is_pointer(node, &text) {
            return true;
        }
        if !self.started && (self.is_title(&text) || is_byline(&text)) {
            return true;
        }
        if text.len() > 60 {
            self.started |= weight.prose > 150.0;
            // Galleries print a caption twice in a row; further apart, authors repeat themselves.
            if std::mem::replace(&mut self.last, text.clone()) == text && !row {
                return true;
            }
        }
        false
    }

    /// A table's row or cell, or a stretch of one or of a list's item: "timestamp" and "label" are columns there.
    fn is_of_row(&self, node: NodeId) -> bool {
        let page = self.page;
        let row = |n: NodeId| matches!(page.tag(n), "tr" | "td" | "th" | "li");
        match page.tag(node) {
            "tr" | "td" | "th" => true,
            "span" | "em" | "i" | "b" | "strong" | "small" => page.ancestors(node).take(3).any(row),
            _ => false,
        }
    }

    /// A `time` that dates the post; one that says when a track starts stays.
    fn is_dateline(&self, node: NodeId) -> bool {
        let page = self.page;
        let year = |text: &str| {
            text.as_bytes()
                .windows(4)
                .any(|w| w.iter().all(u8::is_ascii_digit))
        };
        page.parent(node)
            .is_some_and(|p| self.weights.of(p).text <= 120)
            && (page.attr(node, "datetime").is_some_and(year) || year(&page.text(node)))
    }

    /// Child elements with text: a wrapper of one leaves the judgement to what it wraps.
    fn filled_children(&self, node: NodeId) -> usize {
        self.page
            .children(node)
            .filter(|n| self.weights.of(*n).text > 0)
            .count()
    }

    fn is_title(&self, text: &str) -> bool {
        let folded = fold(text).into_owned();
        folded.len() >= 8
            && self
                .titles
                .iter()
                .any(|t| *t == folded || (t.starts_with(&folded) && folded.len() * 2 > t.len()))
    }

    /// A block that holds no other block.
    fn is_leaf(&self, node: NodeId) -> bool {
        let page = self.page;
        is_block(page.tag(node))
            && !page
                .descendants(node)
                .any(|n| page.is_element(n) && is_block(page.tag(n)))
    }

    /// True where a block named like chrome holds what the author put in: a player, a quoted message.
    fn has_content(&self, node: NodeId) -> bool {
        self.has_player(node)
            || self
                .page
                .descendants(node)
                .any(|n| self.page.tag(n) == "blockquote")
    }

    fn has_player(&self, node: NodeId) -> bool {
        let page = self.page;
        page.descendants(node).any(|n| {
            matches!(page.tag(n), "audio" | "embed")
                || (page.tag(n) == "a" && self.is_audio(n))
                || page.attr(n, "data-artist").is_some()
        })
    }

    fn is_audio(&self, link: NodeId) -> bool {
        self.page.attr(link, "href").is_some_and(|h| {
            let h = h.split(['?', '#']).next().unwrap_or(h);
            h.rsplit('.').next().is_some_and(|e| {
                matches!(
                    e.to_ascii_lowercase().as_str(),
                    "mp3" | "ogg" | "m4a" | "flac" | "wav" | "zip" | "rar" | "m3u" | "wma"
                )
            })
        })
    }

    /// True where a link stays on this site: a listing's links go to audio, shops and players.
    fn is_own(&self, link: NodeId) -> bool {
        let Some(href) = self.page.attr(link, "href") else {
            return false;
        };
        if self.is_audio(link) {
            return false;
        }
        match host_of(href) {
            None => true,
            Some(host) => self
                .host
                .as_deref()
                .is_some_and(|own| same_site(own, &host)),
        }
    }

    /// Lists whose text is links are navigation.
    fn is_link_list(&self, node: NodeId) -> bool {
        let page = self.page;
        let w = self.weights.of(node);
        if w.links < 2 || w.text == 0 || w.linked * 10 < w.text * 9 {
            return false;
        }
        let (mut own, mut all) = (0, 0);
        for n in page.descendants(node).filter(|n| page.tag(*n) == "a") {
            if self.is_audio(n) {
                return false;
            }
            all += 1;
            own += u32::from(self.is_own(n));
        }
        w.links >= 3 || own == all
    }

    /// Siblings of one kind, each a headline that links elsewhere on the site and a few words.
    fn is_teasers(&self, node: NodeId) -> bool {
        let page = self.page;
        let (mut teasers, mut others) = (0, 0);
        for child in page.children(node).filter(|n| page.is_element(*n)) {
            let w = self.weights.of(child);
            if w.text == 0 {
                continue;
            }
            let headline = w.text <= 420
                && w.linked >= 10
                && (w.linked * 5 >= w.text || {
                    page.descendants(child).any(|n| {
                        page.tag(n) == "a"
                            && page
                                .ancestors(n)
                                .take_while(|a| *a != node)
                                .any(|a| matches!(page.tag(a), "h2" | "h3" | "h4" | "h5"))
                    })
                })
                && page
                    .descendants(child)
                    .filter(|n| page.tag(*n) == "a")
                    .all(|n| self.is_own(n))
                && !matches!(page.tag(child), "p" | "a" | "span");
            if headline {
                teasers += 1;
            } else {
                others += w.text;
            }
        }
        teasers >= 3 && others <= 60
    }

    /// A block that only points to another page: "Read more: …", a headline between paragraphs.
    fn is_pointer(&self, node: NodeId, text: &str) -> bool {
        let page = self.page;
        let w = self.weights.of(node);
        if w.linked == 0 || w.text > 250 {
            return false;
        }
        let links: Vec<NodeId> = page
            .descendants(node)
            .filter(|n| page.tag(*n) == "a" && page.attr(*n, "href").is_some())
            .collect();
        if links.iter().any(|n| self.is_audio(*n)) {
            return false;
        }
        if w.linked * 2 >= w.text && cues::is_lead(text) && text.split_whitespace().count() >= 3 {
            return true;
        }
        let alone = |n: Option<NodeId>| {
            n.is_none_or(|n| {
                let w = self.weights.of(n);
                w.text == 0 || w.linked * 10 < w.text * 8
            })
        };
        let element = |mut at: Option<NodeId>, step: fn(&Page, NodeId) -> Option<NodeId>| {
            while let Some(n) = at {
                if page.is_element(n) && self.weights.of(n).text > 0 {
                    return Some(n);
                }
                at = step(page, n);
            }
            None
        };
        w.linked * 10 >= w.text * 9
            && matches!(
                page.tag(node),
                "p" | "h2" | "h3" | "h4" | "h5" | "h6" | "div"
            )
            && text.split_whitespace().count() >= 4
            && links.iter().all(|n| self.is_own(*n))
            && alone(element(page.next_sibling(node), |p, n| p.next_sibling(n)))
            && alone(element(page.prev_sibling(node), |p, n| p.prev_sibling(n)))
    }

    /// Drops what an opener such as "Related posts" stands over: its siblings up to the next prose.
    fn drop_opened(&mut self, opener: NodeId) {
        let page = self.page;
        let mut at = page.next_sibling(opener);
        while let Some(n) = at {
            at = page.next_sibling(n);
            if !page.is_element(n) {
                continue;
            }
            let w = self.weights.of(n);
            if w.text == 0 {
                continue;
            }
            let linked = w.linked * 2 >= w.text || self.is_teasers(n);
            if !linked || self.has_player(n) {
                return;
            }
            self.dropped.insert(n);
        }
    }
}

/// What the page calls the post: `og:title`, the window's title, top headings.
fn titles(page: &Page) -> Vec<String> {
    let mut out = Vec::new();
    for node in page.descendants(page.root()) {
        let title = match page.tag(node) {
            "title" | "h1" => page.text(node),
            "meta" if page.attr(node, "property") == Some("og:title") => {
                page.attr(node, "content").unwrap_or_default().to_owned()
            }
            _ => continue,
        };
        let title = fold(&line(&title)).into_owned();
        if !title.is_empty() {
            out.push(title);
        }
    }
    out
}

/// A short line above the prose that is a date, or "By" and a name.
fn is_byline(text: &str) -> bool {
    let length = text.chars().count();
    let lead = text.split_whitespace().next().unwrap_or_default();
    (length <= 60
        && text.split_whitespace().count() <= 7
        && !text.ends_with(['.', '!', '?', '…'])
        && matches!(
            lead.to_lowercase().trim_end_matches(':'),
            "by" | "von" | "par" | "por" | "автор" | "작성자" | "投稿者"
        ))
        || super::capture::is_date_line(text)
}

/// Text with its white space folded.
fn line(text: &str) -> String {
    let text = text.trim();
    // Most text of pages is folded already.
    let blanks = |b: &[u8]| {
        b.iter()
            .any(|b| matches!(b, b'\t'..=b'\r') || !b.is_ascii())
    };
    if !blanks(text.as_bytes()) && memchr::memmem::find(text.as_bytes(), b"  ").is_none() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The site's own host, as its head names it.
fn own_host(page: &Page) -> Option<String> {
    let head = page.find(page.root(), |n| page.tag(n) == "head")?;
    page.children(head).find_map(|n| {
        let address = match page.tag(n) {
            "link"
                if page
                    .attr(n, "rel")
                    .is_some_and(|r| r.eq_ignore_ascii_case("canonical")) =>
            {
                page.attr(n, "href")
            }
            "meta" if page.attr(n, "property") == Some("og:url") => page.attr(n, "content"),
            _ => None,
        }?;
        host_of(address)
    })
}

/// The host of an absolute address, in lower case; `None` for a relative one.
fn host_of(address: &str) -> Option<String> {
    let rest = address
        .trim()
        .strip_prefix("http")
        .map(|r| r.strip_prefix('s').unwrap_or(r))
        .and_then(|r| r.strip_prefix(':'))
        .unwrap_or(address.trim())
        .strip_prefix("//")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    Some(host.trim_start_matches("www.").to_ascii_lowercase())
}

fn same_site(own: &str, other: &str) -> bool {
    let within =
        |a: &str, b: &str| a == b || a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    within(own, other) || within(other, own)
}
