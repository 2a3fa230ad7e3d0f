//! Comments in the markup of a page.
//!
//! In: a page. Out: the thread, by the marks that themes share: an element per comment (`comment-123`,
//! `li.comment`, `h-cite`, `itemtype=Comment`, Blogger's `dt`/`dd`), an author, a date, a text. Threads are read
//! off the nesting of those elements.

use super::Thread;
use super::roles::{AREA, FULL_NAME, HEADING, LIKES, NAME, TEXT, TIME, WIDGET, roles};
use crate::extract::date;
use crate::model::{Comment, DateSource, Ping, Text};
use crate::text::lines;
use crate::text::page::{NodeId, Page};

/// Finds the thread of a page.
pub(super) fn of_page(page: &Page, language: Option<&str>) -> Thread {
    let mut thread = Thread::default();
    // In document order, as ids below: both are searched by halving.
    let mut entries: Vec<NodeId> = Vec::new();
    for node in page.descendants(page.root()) {
        if page.is_element(node) && is_entry(page, node) && !within_widget(page, node) {
            // `li#comment-1 > div#div-comment-1` is one comment: the outer element stands for it.
            let same = page
                .ancestors(node)
                .find(|a| entries.binary_search(a).is_ok())
                .is_some_and(|outer| {
                    number_of(page, outer) == number_of(page, node) || owner(page, outer, node)
                });
            if !same {
                entries.push(node);
            }
        }
    }
    if entries.is_empty() {
        blogger_classic(page, language, &mut thread);
    }
    let mut ids: Vec<(NodeId, Text)> = Vec::new();
    for (at, node) in entries.iter().enumerate() {
        // Replies stand behind it in document order: most comments have none.
        let behind = &entries[at + 1..];
        let end = page.after(*node, page.root());
        let replies = &behind[..behind.partition_point(|n| end.is_none_or(|end| *n < end))];
        let inner = |n: NodeId| replies.binary_search(&n).is_ok();
        if page.has_class(*node, "pingback") || page.has_class(*node, "trackback") {
            let link = first(page, *node, &inner, &|n| page.tag(n) == "a");
            if let Some(title) = link.and_then(|l| Text::some_line(&page.text(l))) {
                let url = link
                    .and_then(|l| page.attr(l, "href"))
                    .and_then(Text::some_line);
                thread.pings.push(Ping { title, url });
            }
            continue;
        }
        if let Some(mut comment) = read(page, *node, &inner, language) {
            if comment.id.is_empty() {
                comment.id = Text::line(&(at + 1).to_string());
            }
            comment.parent = page
                .ancestors(*node)
                .find_map(|a| ids.binary_search_by_key(&a, |i| i.0).ok())
                .map(|at| ids[at].1.clone())
                .filter(|p| *p != comment.id);
            ids.push((*node, comment.id.clone()));
            thread.comments.push(comment);
        }
    }
    if !thread.comments.is_empty() || !thread.pings.is_empty() {
        thread.rule.get_or_insert("an element per comment");
    }
    areas(page, &entries, &mut thread);
    thread
}

/// True for an element that holds one comment.
fn is_entry(page: &Page, node: NodeId) -> bool {
    let tag = page.tag(node);
    if !matches!(
        tag,
        "li" | "div" | "article" | "section" | "blockquote" | "tr"
    ) {
        return false;
    }
    let id = page.id(node).unwrap_or_default();
    let numbered = !id.is_empty()
        && [
            "comment-",
            "li-comment-",
            "div-comment-",
            "comment",
            "dsq-comment-",
            "post-comment-",
            "c",
            "IDComment",
            "bc_0_",
        ]
        .iter()
        .any(|lead| {
            id.strip_prefix(lead).is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_ascii_digit()) && (lead.len() > 1 || rest.len() > 3)
            })
        });
    let (mut class, mut post, mut cite) = (false, false, false);
    for c in page.classes(node) {
        post |= c.eq_ignore_ascii_case("post");
        cite |= c.eq_ignore_ascii_case("h-cite");
        class |= matches!(
            c,
            "comment"
                | "u-comment"
                | "pingback"
                | "trackback"
                | "comment-body"
                | "wp-block-comment"
                | "comment-item"
                | "comment-entry"
                | "comment-container"
                | "single-comment"
                | "h-cite"
                | "commentWrap"
        );
    }
    let item = page.attr(node, "itemprop") == Some("comment")
        || page
            .attr(node, "itemtype")
            .is_some_and(|t| t.ends_with("/Comment") || t.ends_with("/UserComments"));
    let disqus = post
        && page
            .find(node, |n| page.has_class(n, "post-message"))
            .is_some();
    (numbered || class || item || disqus) && (!cite || in_thread(page, node))
}

fn in_thread(page: &Page, node: NodeId) -> bool {
    page.has_class(node, "u-comment")
        || page.ancestors(node).any(|a| {
            page.id(a)
                .is_some_and(|i| i.to_ascii_lowercase().contains("comment"))
                || page
                    .classes(a)
                    .any(|c| c.contains("comment") || c.contains("responses"))
        })
}

/// Sidebars list recent comments; those are of other posts.
fn within_widget(page: &Page, node: NodeId) -> bool {
    let thread = |a: &NodeId| {
        page.id(*a)
            .is_some_and(|i| i.eq_ignore_ascii_case("comments"))
            || class_in(page, *a, &["comments-area", "comment-list", "commentlist"])
    };
    page.ancestors(node).take_while(|a| !thread(a)).any(|a| {
        matches!(page.tag(a), "aside" | "nav" | "footer")
            || (page.classes(a).any(|c| {
                matches!(c, "sidebar" | "widget" | "widget-area")
                    || c.starts_with("widget_")
                    || c.contains("recent")
            }) && !page.has_class(a, "Blog")
                && page.tag(a) != "body")
            || page
                .id(a)
                .is_some_and(|i| i.contains("sidebar") || i.contains("recent-comments"))
    })
}

/// The number in an element's id.
fn number_of(page: &Page, node: NodeId) -> Option<&str> {
    let id = page.id(node)?;
    let lead = id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    Some(&id[lead..]).filter(|digits| !digits.is_empty())
}

/// True where `inner` is the body of the comment `outer` rather than a reply to it: it has no number of
/// its own and no list lies between.
fn owner(page: &Page, outer: NodeId, inner: NodeId) -> bool {
    number_of(page, inner).is_none()
        && !page.ancestors(inner).take_while(|a| *a != outer).any(|a| {
            matches!(page.tag(a), "ul" | "ol")
                || page.has_class(a, "children")
                || page.has_class(a, "replies")
        })
}

/// The first element below `top` that `accept` accepts, outside replies.
fn first(
    page: &Page,
    top: NodeId,
    inner: &dyn Fn(NodeId) -> bool,
    accept: &dyn Fn(NodeId) -> bool,
) -> Option<NodeId> {
    let mut at = page.first_child(top);
    while let Some(node) = at {
        if inner(node) {
            at = page.after(node, top);
            continue;
        }
        if page.is_element(node) && accept(node) {
            return Some(node);
        }
        at = page.first_child(node).or_else(|| page.after(node, top));
    }
    None
}

fn class_in(page: &Page, node: NodeId, names: &[&str]) -> bool {
    page.classes(node)
        .any(|c| names.iter().any(|n| c.eq_ignore_ascii_case(n)))
}

/// The elements of a comment outside replies, in order, with their roles.
fn own(page: &Page, top: NodeId, inner: &dyn Fn(NodeId) -> bool) -> Vec<(NodeId, u8)> {
    let mut out = Vec::new();
    let mut at = page.first_child(top);
    while let Some(node) = at {
        if inner(node) {
            at = page.after(node, top);
            continue;
        }
        if page.is_element(node) {
            out.push((node, roles(page, node)));
        }
        at = page.first_child(node).or_else(|| page.after(node, top));
    }
    out
}

fn read(
    page: &Page,
    node: NodeId,
    inner: &dyn Fn(NodeId) -> bool,
    language: Option<&str>,
) -> Option<Comment> {
    let own = own(page, node, inner);
    let find = |roles: u8| own.iter().find(|o| o.1 & roles != 0).map(|o| o.0);
    let that = |accept: &dyn Fn(NodeId) -> bool| own.iter().map(|o| o.0).find(|n| accept(*n));
    let by_prop = |prop: &str| that(&|n| page.attr(n, "itemprop") == Some(prop));
    let time = that(&|n| {
        page.tag(n) == "time" || (page.tag(n) == "abbr" && page.attr(n, "title").is_some())
    });
    let mut name = find(FULL_NAME)
        .or_else(|| by_prop("author"))
        .or_else(|| find(NAME))
        .or_else(|| that(&|n| page.tag(n) == "cite"));
    // A name element that holds date and text is the whole header: its link or strong text is the name.
    if let Some(wide) = name
        && page.text(wide).trim().chars().count() > 60
    {
        name = first(page, wide, inner, &|n| {
            matches!(page.tag(n), "a" | "b" | "strong" | "cite" | "span")
        });
    }
    let author = name
        .map(|n| page.text(n))
        .map(|t| without_says(&t))
        .as_deref()
        .and_then(Text::some_line);
    let published = time
        .and_then(|t| {
            let said = page.attr(t, "datetime").or_else(|| page.attr(t, "title"));
            date::parse(said.unwrap_or_default(), language, DateSource::TimeElement)
                .or_else(|| date::parse(&page.text(t), language, DateSource::TimeElement))
        })
        .or_else(|| {
            let meta = by_prop("datePublished").or_else(|| find(TIME))?;
            let said = page
                .attr(meta, "content")
                .or_else(|| page.attr(meta, "datetime"))
                .or_else(|| page.attr(meta, "title"));
            said.and_then(|s| date::parse(s, language, DateSource::Byline))
                .or_else(|| date::parse(&page.text(meta), language, DateSource::Byline))
        });
    let body = find(TEXT)
        .or_else(|| by_prop("text"))
        .or_else(|| by_prop("commentText"));
    let top = body.unwrap_or(node);
    let mut likes = None;
    let skip = |n: NodeId| {
        inner(n)
            || (body.is_none() && (Some(n) == name || Some(n) == time))
            || matches!(page.tag(n), "form" | "img" | "footer" | "header" | "button")
            || roles(page, n) & WIDGET != 0 && n != top
    };
    let text: Vec<String> = blocks(&lines::of_page(page, top, &skip), &mut likes);
    let text = Text::block(&text.join("\n\n"));
    if text.is_empty() {
        return None;
    }
    if likes.is_none()
        && let Some(found) = find(LIKES)
    {
        likes = liked(&page.text(found));
    }
    if author.is_none() && published.is_none() && number_of(page, node).is_none() {
        return None;
    }
    let permalink = time
        .and_then(|t| page.ancestors(t).take(2).find(|a| page.tag(*a) == "a"))
        .or_else(|| {
            that(&|n| page.tag(n) == "a" && page.attr(n, "href").is_some_and(|h| h.contains("#c")))
        });
    Some(Comment {
        id: number_of(page, node).map(Text::line).unwrap_or_default(),
        number: None,
        parent: None,
        author,
        url: permalink
            .and_then(|a| page.attr(a, "href"))
            .filter(|h| !h.contains("replytocom"))
            .and_then(Text::some_line),
        published,
        likes,
        text,
    })
}

/// Lines of a comment as paragraphs, without widgets.
fn blocks(all: &[lines::Line], likes: &mut Option<u32>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut block = None;
    for line in all {
        // Widgets are told by how a line begins; a long text need not be folded to its end.
        let bare: String = line
            .text
            .trim()
            .trim_matches(['|', '·', '(', ')', ' '])
            .chars()
            .take(40)
            .flat_map(char::to_lowercase)
            .collect();
        if matches!(
            bare.as_str(),
            "reply"
                | "like"
                | "loading..."
                | "loading…"
                | "edit"
                | "permalink"
                | "report"
                | "antworten"
                | "répondre"
                | "responder"
                | "rispondi"
                | "ответить"
                | "返信"
                | "답글"
                | "share"
                | "↩"
                | "reply ↓"
                | "link"
                | "delete"
        ) || bare.starts_with("your comment is awaiting moderation")
        {
            continue;
        }
        if bare.starts_with("liked by ") {
            *likes = liked(&line.text);
            continue;
        }
        match out.last_mut() {
            Some(last) if block == Some(line.hints.block) => {
                last.push('\n');
                last.push_str(&line.text);
            }
            _ => out.push(line.text.clone()),
        }
        block = Some(line.hints.block);
    }
    out
}

fn liked(text: &str) -> Option<u32> {
    let digits: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn without_says(name: &str) -> String {
    let line: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name = line.as_str();
    for lead in ["Posted by:", "Posted by", "Comment by", "By ", "by "] {
        name = name.strip_prefix(lead).unwrap_or(name).trim();
    }
    for tail in [
        " says:",
        " says",
        " said...",
        " said…",
        " said:",
        " said",
        " wrote:",
        " on",
        " sagt:",
        " sagte…",
        " dit :",
        " dit :",
        " dice:",
        " disse:",
        " dijo…",
        " dijo:",
        " scrive:",
        " ha detto...",
        " a dit…",
        " пишет:",
        ":",
        ",",
    ] {
        name = name.strip_suffix(tail).unwrap_or(name).trim();
    }
    name.to_owned()
}

/// Blogger's older markup: `dl#comments-block` with `dt` (author), `dd.comment-body`, `dd.comment-footer`.
fn blogger_classic(page: &Page, language: Option<&str>, thread: &mut Thread) {
    let Some(list) = page.find(page.root(), |n| {
        page.tag(n) == "dl"
            && (page.id(n).is_some_and(|i| i.contains("comment"))
                || page.classes(n).any(|c| c.contains("comment")))
    }) else {
        return;
    };
    let mut open: Option<Comment> = None;
    let mut close = |open: &mut Option<Comment>| {
        if let Some(comment) = open.take()
            && !comment.text.is_empty()
        {
            thread.comments.push(comment);
        }
    };
    let mut seen = 0;
    for node in page.descendants(list) {
        match page.tag(node) {
            "dt" => {
                close(&mut open);
                seen += 1;
                let id = page
                    .id(node)
                    .or_else(|| {
                        page.find(node, |n| page.id(n).is_some_and(|i| i.starts_with('c')))
                            .and_then(|n| page.id(n))
                    })
                    .map(|i| {
                        i.trim_start_matches(|c: char| !c.is_ascii_digit())
                            .to_owned()
                    })
                    .filter(|i| !i.is_empty())
                    .unwrap_or_else(|| seen.to_string());
                open = Some(Comment {
                    id: Text::line(&id),
                    author: Text::some_line(&without_says(&page.text(node))),
                    published: date::parse(&page.text(node), language, DateSource::Byline),
                    ..Comment::default()
                });
            }
            "dd" => {
                let Some(comment) = &mut open else { continue };
                if class_in(page, node, &["comment-footer", "comment-timestamp"]) {
                    comment.published = date::parse(&page.text(node), language, DateSource::Byline);
                    let link = page.find(node, |n| page.tag(n) == "a");
                    comment.url = link
                        .and_then(|l| page.attr(l, "href"))
                        .and_then(Text::some_line);
                } else if comment.text.is_empty() {
                    let mut likes = None;
                    let text = blocks(&lines::of_page(page, node, &|_| false), &mut likes);
                    comment.text = Text::block(&text.join("\n\n"));
                }
            }
            _ => {}
        }
    }
    close(&mut open);
    if !thread.comments.is_empty() {
        thread.rule = Some("a list of terms and texts");
    }
}

/// Marks what belongs to the thread besides its entries: lists, headings, forms; and reads the stated count.
fn areas(page: &Page, entries: &[NodeId], thread: &mut Thread) {
    thread.nodes.extend(entries.iter().copied());
    for node in page.descendants(page.root()) {
        if !page.is_element(node) {
            continue;
        }
        let roles = roles(page, node);
        let id = page.id(node).unwrap_or_default().to_ascii_lowercase();
        let named = matches!(
            id.as_str(),
            "comments"
                | "respond"
                | "commentform"
                | "comment-form"
                | "disqus_thread"
                | "comments-block"
                | "comment-wrap"
                | "responses"
                | "comment-section"
                | "reply-title"
                | "trackbacks"
                | "pings"
                | "comment-holder"
                | "comments-section"
        ) || roles & AREA != 0;
        let safe = || {
            !matches!(
                page.tag(node),
                "body" | "html" | "main" | "article" | "a" | "span"
            ) && page
                .find(node, |n| {
                    matches!(page.tag(n), "h1")
                        || class_in(page, n, &["entry-content", "post-body", "post-content"])
                })
                .is_none()
        };
        if named && safe() {
            thread.nodes.insert(node);
        }
        if thread.stated.is_none()
            && (matches!(page.tag(node), "h1" | "h2" | "h3" | "h4" | "h5") || roles & HEADING != 0)
        {
            let text = page.text(node);
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.chars().count() <= 200 {
                thread.stated = super::plain::stated(&line);
            }
        }
    }
}
