//! One comment's element, read.
//!
//! In: a settled candidate. Out: a [`Comment`] or a [`Ping`]: who, when, what, how many likes. Parts whose names
//! say what they are come first; what they leave open is read off the lines. Must not know the thread.

use crate::text::hash::HashSet;

use super::byline;
use super::scan::Part;
use super::settle::Candidate;
use super::words;
use crate::extract::date;
use crate::model::{Comment, DateSource, Ping, Precision, Published, Text};
use crate::text::lines;
use crate::text::page::{NodeId, Page};

/// What an entry turned out to be.
pub(super) enum Entry {
    Comment(Box<Comment>),
    Ping(Ping),
}

/// Reads an entry; `edges` are the tops of all entries, which bound what is its own.
pub(super) fn read(
    page: &Page,
    found: &Candidate,
    edges: &HashSet<NodeId>,
    language: Option<&str>,
) -> Option<Entry> {
    let widgets: HashSet<NodeId> = found.widgets.iter().copied().collect();
    if found.ping {
        return ping(page, found, edges).map(Entry::Ping);
    }
    let author = author(page, found);
    let dated = published(page, found, language);
    let text_parts = texts(
        found,
        author.as_ref().map(|a| &a.1),
        dated.as_ref().map(|d| &d.1),
    );
    let mut skip: HashSet<NodeId> = HashSet::default();
    if text_parts.is_empty() {
        skip.extend(author.as_ref().map(|a| a.1.node));
        skip.extend(dated.as_ref().map(|d| d.1.node));
        // "3 years ago" names no day, and is no text either.
        skip.extend(found.dates.iter().filter(|d| d.weight >= 3).map(|d| d.node));
        for part in found.metas.iter().chain(&found.dates) {
            let holds = |p: Option<&Part>| p.is_some_and(|p| part.holds(p));
            if holds(author.as_ref().map(|a| &a.1)) || holds(dated.as_ref().map(|d| &d.1)) {
                skip.insert(part.node);
            }
        }
    }
    let tops: Vec<NodeId> = if text_parts.is_empty() {
        found.tops.clone()
    } else {
        text_parts
    };
    let mut own: Vec<lines::Line> = Vec::new();
    for top in &tops {
        let blocks = own.last().map_or(0, |l| l.hints.block + 1);
        let hidden = |n: NodeId| {
            n != *top
                && (edges.contains(&n)
                    || widgets.contains(&n)
                    || skip.contains(&n)
                    || matches!(page.tag(n), "form" | "button" | "textarea"))
        };
        for mut line in lines::of_page(page, *top, &hidden) {
            line.hints.block += blocks;
            own.push(line);
        }
    }
    let named = tops != found.tops;
    // "Anna — March 4, 2005 @ 3:17 pm" in the element that names her.
    let beside = author
        .as_ref()
        .filter(|_| dated.is_none())
        .and_then(|a| byline::read(&spaced(page, a.1.node), language)?.published);
    let mut draft = Draft {
        author: author.map(|a| a.0),
        published: dated.map(|d| d.0).or(beside),
        likes: likes(page, found),
    };
    if named {
        draft.around(page, found, edges, &tops, language);
    } else if draft.author.is_none() {
        for part in found.metas.iter().filter(|p| skip.contains(&p.node)) {
            draft.is_header(&spaced(page, part.node), language);
        }
    }
    if !named
        && draft.author.is_none()
        && let Some(first) = own.first_mut()
        && let Some(parted) = parted_header(page, first, language)
    {
        first.text = parted;
    }
    let text = draft.text(&own, named, language);
    let text = Text::block(&text);
    if let Some(title) = words::ping(text.lines().next().unwrap_or_default())
        && let Some(title) = Text::some_line(title)
    {
        return Some(Entry::Ping(Ping {
            title,
            url: first_link(page, found),
        }));
    }
    let said = text.trim_start_matches(['[', '(', '<', '«', ' ']);
    if (said.starts_with('…') || said.starts_with("...") || said.starts_with(". . ."))
        && text.len() > said.len()
        && text.trim_end().ends_with([']', ')', '>', '»'])
        && let Some(part) = found.authors.first()
        && let Some(title) = Text::some_line(&spaced(page, part.node))
    {
        // "[…] an excerpt […]" is what another blog's pingback leaves.
        return Some(Entry::Ping(Ping {
            title,
            url: first_link(page, found),
        }));
    }
    if text.is_empty()
        || (draft.author.is_none() && draft.published.is_none() && found.id.is_none())
    {
        return None;
    }
    let (url, anchor) = permalink(page, found);
    Some(Entry::Comment(Box::new(Comment {
        id: found
            .id
            .as_deref()
            .map(str::to_owned)
            .or(anchor)
            .map(|id| Text::line(&id))
            .unwrap_or_default(),
        author: draft.author.as_deref().and_then(Text::some_line),
        url,
        published: draft.published,
        likes: draft.likes,
        text,
        ..Comment::default()
    })))
}

/// A byline whose parts only the style sheet sets apart, parted: `<span>Anna</span><span>March 4, 2005</span>`.
pub(super) fn parted_header(
    page: &Page,
    line: &lines::Line,
    language: Option<&str>,
) -> Option<String> {
    let parted = spaced(page, line.node?);
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    let is_header = parted != line.text
        && byline::read(&parted, language).is_some_and(|b| b.dated && b.rest.is_empty());
    (is_header && solid(&parted) == solid(&line.text)).then_some(parted)
}

fn ping(page: &Page, found: &Candidate, edges: &HashSet<NodeId>) -> Option<Ping> {
    let mut out = None;
    for top in &found.tops {
        let mut at = page.first_child(*top);
        while let Some(node) = at {
            if edges.contains(&node) && node != *top {
                at = page.after(node, *top);
                continue;
            }
            if page.tag(node) == "a"
                && let Some(title) = Text::some_line(&page.text(node))
                && !words::widget(&title)
            {
                let url = page.attr(node, "href").and_then(Text::some_line);
                let outside = url.as_deref().is_some_and(|u| !u.starts_with('#'));
                if outside {
                    return Some(Ping { title, url });
                }
                out.get_or_insert(Ping { title, url });
            }
            at = page.first_child(node).or_else(|| page.after(node, *top));
        }
    }
    out
}

fn first_link(page: &Page, found: &Candidate) -> Option<Text> {
    let top = found
        .authors
        .first()
        .map_or(*found.tops.first()?, |p| p.node);
    let link = std::iter::once(top)
        .chain(page.descendants(top))
        .find(|n| page.tag(*n) == "a")?;
    page.attr(link, "href").and_then(Text::some_line)
}

/// More parts than this are not tried for a name or a number of likes.
const TRIED: usize = 8;

/// The surest name, and the part that says it.
fn author(page: &Page, found: &Candidate) -> Option<(String, Part)> {
    let mut order: Vec<&Part> = found.authors.iter().collect();
    order.sort_by_key(|p| std::cmp::Reverse(p.weight));
    order.truncate(TRIED);
    let named = order
        .iter()
        .find_map(|part| Some((name_in(page, part.node, found)?, **part)));
    // Where an element is there for the name alone, whatever it holds is the name.
    named.or_else(|| {
        let sure = order.iter().filter(|p| p.weight >= 3);
        sure.map(|part| (spaced(page, part.node), **part))
            .find(|(line, _)| !line.is_empty() && line.chars().count() <= 80)
    })
}

fn name_in(page: &Page, node: NodeId, found: &Candidate) -> Option<String> {
    let hidden: HashSet<NodeId> = found
        .widgets
        .iter()
        .copied()
        .chain(found.dates.iter().filter(|d| d.weight > 1).map(|d| d.node))
        .filter(|n| *n != node)
        .collect();
    let mut text = String::new();
    let mut link = None;
    let mut at = page.first_child(node);
    while let Some(n) = at {
        if hidden.contains(&n) || lines::is_invisible(page, n) {
            at = page.after(n, node);
            continue;
        }
        if let Some(t) = page.text_of(n) {
            text.push_str(t);
            text.push(' ');
            text.truncate_to(400);
        } else if link.is_none() && matches!(page.tag(n), "a" | "b" | "strong") {
            link = Some(n).filter(|n| {
                let text = page.text(*n);
                !text.trim().is_empty() && byline::date_only(&text, None).is_none()
            });
        }
        at = page.first_child(n).or_else(|| page.after(n, node));
    }
    let line = byline::fold_spaces(&text);
    if line.is_empty() {
        return None;
    }
    let linked = || link.and_then(|l| byline::name(&page.text(l)));
    if byline::may_say(&line)
        && let Some(read) = byline::read(&line, None)
    {
        return linked()
            .filter(|l| line.contains(l.as_str()))
            .or(Some(read.author));
    }
    byline::name(&line).or_else(linked)
}

/// The text of a part with blanks between its elements.
fn spaced(page: &Page, top: NodeId) -> String {
    let mut out = String::new();
    let mut seen = 0;
    let mut at = page.first_child(top);
    while let Some(node) = at {
        if lines::is_invisible(page, node) {
            at = page.after(node, top);
            continue;
        }
        if let Some(text) = page.text_of(node) {
            out.push_str(text);
            out.push(' ');
        }
        seen += 1;
        if out.len() > 400 || seen > 200 {
            break;
        }
        at = page.first_child(node).or_else(|| page.after(node, top));
    }
    out.truncate_to(400);
    byline::fold_spaces(&out)
}

trait TruncateTo {
    fn truncate_to(&mut self, bytes: usize);
}

impl TruncateTo for String {
    /// Cuts at the last whole character within `bytes`.
    fn truncate_to(&mut self, bytes: usize) {
        self.truncate(self.floor_char_boundary(bytes));
    }
}

/// The surest date, and the part that says it.
fn published(page: &Page, found: &Candidate, language: Option<&str>) -> Option<(Published, Part)> {
    let mut order: Vec<&Part> = found.dates.iter().collect();
    order.sort_by_key(|p| (std::cmp::Reverse(p.weight), p.end - p.start));
    let links = found.links.iter();
    for part in order.into_iter().chain(links) {
        let from = if part.weight >= 4 {
            DateSource::TimeElement
        } else {
            DateSource::Byline
        };
        let said = [
            "datetime",
            "content",
            "title",
            "data-date",
            "data-datetime",
            "data-timestamp",
        ]
        .iter()
        .filter_map(|a| page.attr(part.node, a))
        .find_map(|s| day(date::parse(s, language, from)));
        let date = said.or_else(|| {
            let text = spaced(page, part.node);
            day(date::parse(&text, language, from))
        });
        if let Some(date) = date {
            return Some((date, *part));
        }
    }
    None
}

fn day(date: Option<Published>) -> Option<Published> {
    date.filter(|d| matches!(d.precision, Precision::Day | Precision::Time))
}

/// The parts that hold text and nothing else.
fn texts(found: &Candidate, author: Option<&Part>, date: Option<&Part>) -> Vec<NodeId> {
    let pure: Vec<&Part> = found
        .texts
        .iter()
        .filter(|t| {
            ![author, date]
                .into_iter()
                .flatten()
                .any(|p| t.holds(p) && p.node != t.node)
        })
        .filter(|t| ![author, date].into_iter().flatten().any(|p| p.holds(t)))
        .collect();
    let sure = pure.iter().any(|t| t.weight >= 2);
    let mut out: Vec<&Part> = Vec::new();
    for part in pure {
        if sure && part.weight < 2 {
            continue;
        }
        match out.last() {
            Some(last) if last.holds(part) => {}
            _ => out.push(part),
        }
    }
    out.iter().map(|p| p.node).collect()
}

fn likes(page: &Page, found: &Candidate) -> Option<u32> {
    found.likes.iter().take(TRIED).find_map(|part| {
        if let Some(count) = page.attr(part.node, "data-like-count") {
            return count.trim().parse().ok();
        }
        let line = spaced(page, part.node);
        words::liked(&line).or_else(|| {
            let bare = line.trim_start_matches(['+', '(']).trim_end_matches(')');
            bare.split(' ')
                .next()
                .filter(|w| w.len() <= 6)?
                .parse()
                .ok()
        })
    })
}

/// The comment's own address, and the id in it.
fn permalink(page: &Page, found: &Candidate) -> (Option<Text>, Option<String>) {
    let mut first = None;
    for part in &found.links {
        let Some(href) = page.attr(part.node, "href") else {
            continue;
        };
        if href.contains("replytocom") || href.contains("replyto=") || href.contains("like_comment")
        {
            continue;
        }
        let Some((_, fragment)) = href.rsplit_once('#') else {
            continue;
        };
        let Some(id) = super::scan::numbered(fragment).or_else(|| {
            let digits = !fragment.is_empty() && fragment.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| fragment.to_owned())
        }) else {
            continue;
        };
        if answered(page, part.node) {
            continue;
        }
        if found.id.as_ref().is_none_or(|own| *own == id) {
            return (Text::some_line(href), Some(id));
        }
        first.get_or_insert(id);
    }
    (None, first)
}

/// True for a link that names the comment which is answered.
fn answered(page: &Page, link: NodeId) -> bool {
    if page
        .classes(link)
        .chain(page.attr(link, "rel"))
        .any(|c| c.contains("parent") || c.contains("in-reply-to"))
    {
        return true;
    }
    let text = page.text(link).to_lowercase();
    let text = text.trim();
    if text.len() < 200
        && (text.starts_with("comment from") || text.starts_with("in reply to") || text == "parent")
    {
        return true;
    }
    let before = page
        .prev_sibling(link)
        .and_then(|n| page.text_of(n))
        .map(|t| t.trim().to_lowercase());
    before.is_some_and(|t| {
        [
            "reply to",
            "replied to",
            "replying to",
            "antwort auf",
            "réponse à",
            "respuesta a",
            "risposta a",
            "resposta a",
            "в ответ на",
            "ответ на",
        ]
        .iter()
        .any(|w| t.ends_with(w))
    })
}

/// What the comment says that it answers: an attribute, or a link.
pub(super) fn parent_said(page: &Page, found: &Candidate) -> Option<String> {
    for top in &found.tops {
        let said = [
            "data-parent-id",
            "data-parentid",
            "data-parent",
            "data-comment-parent",
            "data-pid",
        ]
        .iter()
        .find_map(|a| page.attr(*top, a));
        if let Some(said) = said {
            let id = said.trim_start_matches(|c: char| !c.is_ascii_digit());
            if !id.is_empty() && id != "0" {
                return Some(id.to_owned());
            }
        }
    }
    found.links.iter().find_map(|part| {
        let href = page.attr(part.node, "href")?;
        let fragment = href.rsplit_once('#')?.1;
        let id = super::scan::numbered(fragment)?;
        (found.id.as_ref() != Some(&id) && answered(page, part.node)).then_some(id)
    })
}

/// What the lines of an entry add to its named parts.
struct Draft {
    author: Option<String>,
    published: Option<Published>,
    likes: Option<u32>,
}

impl Draft {
    /// Reads what is open off the lines around the text.
    fn around(
        &mut self,
        page: &Page,
        found: &Candidate,
        edges: &HashSet<NodeId>,
        texts: &[NodeId],
        language: Option<&str>,
    ) {
        if self.author.is_some() && self.published.is_some() {
            return;
        }
        let mut bare = None;
        let hide: HashSet<NodeId> = texts.iter().chain(&found.widgets).copied().collect();
        for top in &found.tops {
            let hidden = |n: NodeId| n != *top && (edges.contains(&n) || hide.contains(&n));
            if texts.contains(top) {
                continue;
            }
            for line in lines::of_page(page, *top, &hidden) {
                if words::widget(&line.text) {
                    continue;
                }
                if !self.is_header(&line.text, language)
                    && bare.is_none()
                    && line.text.chars().count() <= 40
                {
                    bare = byline::bare_name(&line.text);
                }
            }
        }
        if self.author.is_none() {
            self.author = bare;
        }
    }

    /// The paragraphs of the text. `named`: the lines are those of an element that holds text only.
    fn text(&mut self, own: &[lines::Line], named: bool, language: Option<&str>) -> String {
        let mut kept: Vec<(u32, &str)> = Vec::new();
        for line in own {
            if let Some(likes) = words::liked(&line.text) {
                self.likes = self.likes.or(Some(likes));
                continue;
            }
            if words::widget(&line.text) {
                continue;
            }
            kept.push((line.hints.block, &line.text));
        }
        if !named {
            self.peel(&mut kept, language);
        }
        let mut out = String::new();
        let mut block = None;
        for (at, text) in kept {
            if let Some(before) = block {
                out.push_str(if before == at { "\n" } else { "\n\n" });
            }
            out.push_str(text);
            block = Some(at);
        }
        out
    }

    /// Takes bylines and dates off both ends.
    fn peel(&mut self, kept: &mut Vec<(u32, &str)>, language: Option<&str>) {
        for _ in 0..4 {
            let Some((_, first)) = kept.first().copied() else {
                return;
            };
            let alone = kept.len() == 1;
            if alone || !self.is_header(first, language) {
                break;
            }
            kept.remove(0);
        }
        for _ in 0..3 {
            if kept.len() < 2 {
                return;
            }
            let Some((_, last)) = kept.last().copied() else {
                return;
            };
            let says = byline::read(last, language)
                .is_some_and(|b| b.form == byline::Form::Says || !b.rest.is_empty());
            if says || !self.is_header(last, language) {
                break;
            }
            kept.pop();
        }
        // A name alone on the first line.
        if self.author.is_none()
            && kept.len() > 1
            && let Some((block, first)) = kept.first().copied()
            && block != kept[1].0
            && byline::plausible(first)
            && first.chars().count() <= 40
            && !first.ends_with('.')
        {
            self.author = byline::bare_name(first);
            kept.remove(0);
        }
    }

    /// True where a line says who and when, and no more; what it says is taken where it was open.
    fn is_header(&mut self, line: &str, language: Option<&str>) -> bool {
        let bare = line.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty()
            || bare.chars().all(|c| c.is_ascii_digit()) && bare.len() <= 4
            || self.author.as_deref() == Some(bare)
            || matches!(
                bare.to_lowercase().as_str(),
                "says"
                    | "said"
                    | "wrote"
                    | "on"
                    | "at"
                    | "by"
                    | "posted by"
                    | "sagt"
                    | "meint"
                    | "schreibt"
                    | "sagte"
                    | "dit"
                    | "a dit"
                    | "hat gesagt"
                    | "dijo"
                    | "dice"
                    | "disse"
                    | "diz"
                    | "ha detto"
                    | "scrive"
                    | "комментирует"
                    | "пишет"
                    | "говорит"
                    | "より"
                    | "さんのコメント"
                    | "さん"
                    | "님의 말"
                    | "not verified"
                    | "utc"
                    | "homepage"
                    | "author"
                    | "post author"
                    | "comment by"
                    | "submitted by"
                    | "无题"
                    | "permalink"
                    | "reply"
            )
        {
            return true;
        }
        if let Some(date) = byline::date_only(line, language) {
            if self.published.is_none() {
                self.published = date;
            }
            return true;
        }
        let Some(read) = byline::read(line, language) else {
            return false;
        };
        if !read.rest.is_empty() || !(read.dated || read.form == byline::Form::Says) {
            return false;
        }
        if let Some(author) = &self.author
            && !line.contains(author.as_str())
        {
            return false;
        }
        self.author.get_or_insert(read.author);
        if self.published.is_none() {
            self.published = read.published;
        }
        true
    }
}
