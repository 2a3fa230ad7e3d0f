//! What a class or id says about a part of a thread.
//!
//! In: one element. Out: the roles that its names suggest: author, date, text, header, widget, container.
//! Names are cut into words ("wp-block-comment-author-name"), so that no theme is known by name. Must not
//! know where the element stands.

use crate::text::page::{NodeId, Page};

/// What an element may be within a comment. Several may hold at once.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Roles {
    /// 0 where it names nobody; higher is surer.
    pub author: u8,
    /// 0 where it tells no date; higher is surer.
    pub date: u8,
    /// 0 where it holds no text; 2 where it holds nothing else.
    pub text: u8,
    /// A header or footer line that may hold author and date.
    pub meta: bool,
    /// A button, a picture, a counter: never text.
    pub widget: bool,
    /// Likes are counted here.
    pub likes: bool,
    /// Holds replies.
    pub replies: bool,
    /// Named as a thread or a part of one.
    pub thread: bool,
    /// Sidebars and their like, whose comments are of other posts.
    pub aside: bool,
}

/// Reads the roles of an element off its tag, class, id and microdata. Outside threads (`within` is false)
/// only what may begin one is read: most of a page is none of it.
pub(super) fn of(page: &Page, node: NodeId, within: bool) -> Roles {
    let mut roles = Roles::default();
    let tag = page.tag(node);
    match tag {
        "time" => roles.date = 5,
        "abbr" if page.attr(node, "title").is_some() => roles.date = 4,
        "cite" => roles.author = 3,
        "header" | "footer" => roles.meta = true,
        "form" | "button" | "textarea" | "select" | "svg" | "iframe" => roles.widget = true,
        "aside" | "nav" => roles.aside = true,
        _ => {}
    }
    for class in page.classes(node) {
        named(class, within, &mut roles);
    }
    if let Some(id) = page.id(node)
        && !id.is_empty()
    {
        // Ids with a number name one thing of many, and say less.
        let mut by_id = Roles::default();
        named(id, within, &mut by_id);
        roles.thread |= by_id.thread;
        roles.aside |= by_id.aside;
        roles.likes |= by_id.likes;
        roles.widget |= by_id.widget && roles.text == 0 && page.attr(node, "class").is_none();
        if roles.author == 0 && roles.date == 0 && roles.text == 0 {
            roles.text = by_id.text.min(1);
        }
    }
    if within {
        microdata(page, node, &mut roles);
    }
    if matches!(tag, "body" | "html" | "main") {
        return Roles::default();
    }
    if roles.text > 0 && tag != "li" {
        roles.widget = false;
    }
    roles
}

fn microdata(page: &Page, node: NodeId, roles: &mut Roles) {
    for attr in ["itemprop", "property", "data-role"] {
        for word in page.attr(node, attr).unwrap_or_default().split(' ') {
            match word {
                "author" | "creator" | "schema:author" => roles.author = roles.author.max(4),
                "name" | "schema:name" => roles.author = roles.author.max(5),
                "datePublished" | "dateCreated" | "commentTime" | "schema:dateCreated"
                | "relative-time" => roles.date = 6,
                "text" | "commentText" | "schema:text" | "message" => roles.text = 2,
                "likes" | "upvoteCount" => roles.likes = true,
                _ => {}
            }
        }
    }
}

/// Parts of names that say thread.
const THREAD: &[&str] = &[
    "comment",
    "kommentar",
    "comentario",
    "respond",
    "discuss",
    "disqus",
    "dsq-",
    "webmention",
    "reactie",
    "guestbook",
    "talkback",
    "haloscan",
    "feedback",
    "replies",
    "idc-",
    "discussao",
    "trackback",
    "pinglist",
    "reply-title",
];
const REPLIES: &[&str] = &["children", "replies", "indented", "subcomments"];
const LIKES: &[&str] = &[
    "like", "likes", "vote", "votes", "voting", "karma", "score", "upvotes",
];
const WIDGETS: &[&str] = &[
    "reply",
    "replybox",
    "reponse",
    "responder",
    "share",
    "sharing",
    "sharedaddy",
    "action",
    "actions",
    "tools",
    "control",
    "controls",
    "edit",
    "flag",
    "report",
    "moderation",
    "says",
    "badge",
    "num",
    "number",
    "counter",
    "continue",
    "menu",
    "rating",
    "buttons",
    "delete",
    "toggle",
    "hidden",
    "invisible",
    "level",
    "link",
    "links",
    "respond",
    "indicator",
    "repondre",
    "thumb",
    "thumbs",
    "subscribe",
    "more",
    "userpic",
    "photo",
    "icon",
];
const TEXTS: &[&str] = &[
    "content", "contents", "text", "body", "message", "entry", "copy", "texte", "texto", "testo",
    "itemtext", "txt", "article",
];
const TEXT_ENDS: &[&str] = &[
    "content",
    "commenttext",
    "commentbody",
    "message",
    "bodytext",
];
/// Words that make a "content" or "text" of something else.
const NO_TEXT: &[&str] = &[
    "wrap",
    "wrapper",
    "container",
    "date",
    "time",
    "from",
    "author",
    "name",
    "says",
];
const AUTHORS: &[&str] = &[
    "name",
    "nick",
    "user",
    "who",
    "poster",
    "commenter",
    "auteur",
    "autor",
    "autore",
    "fn",
];
const DATES: &[&str] = &[
    "date",
    "time",
    "datetime",
    "timestamp",
    "published",
    "when",
    "ago",
    "fecha",
    "datum",
    "dt",
];
const METAS: &[&str] = &[
    "meta",
    "metadata",
    "info",
    "head",
    "header",
    "footer",
    "foot",
    "byline",
    "details",
    "submitted",
    "posted",
    "post",
    "data",
    "poster",
    "who",
    "permalink",
];

/// Reads one class or id.
fn named(name: &str, within: bool, roles: &mut Roles) {
    if name.len() > 80 {
        return;
    }
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    roles.thread |= THREAD.iter().any(|stem| has(stem))
        || (has("respons") && !has("responsive"))
        || lower == "pings";
    roles.aside |= has("sidebar")
        || (has("recent") && !has("recent-comments-list"))
        || (has("widget") && (lower.starts_with("widget") || lower.ends_with("widget")))
        || matches!(lower.as_str(), "aside" | "nav" | "navigation");
    if !within {
        return;
    }
    let mut spread = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        // "commentLink" is two words.
        if c.is_ascii_uppercase() && small {
            spread.push(' ');
        }
        small = c.is_ascii_lowercase();
        spread.push(c.to_ascii_lowercase());
    }
    let words: Vec<&str> = spread
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let word = |list: &[&str]| words.iter().any(|w| list.contains(w));
    if has("avatar") {
        roles.widget = true;
        return;
    }
    roles.replies |= word(REPLIES);
    if word(LIKES) || has("vote-count") || has("like-count") {
        roles.likes |= !word(&["down"]);
        roles.widget = true;
    }
    roles.widget |= word(WIDGETS);
    let text = (word(TEXTS) || TEXT_ENDS.iter().any(|end| lower.ends_with(end))) && !word(NO_TEXT);
    if text {
        let own = has("comment") || has("reply") || has("respon") || lower == "answer_content";
        let sure = matches!(
            lower.as_str(),
            "e-content" | "p-content" | "post-message" | "texte" | "format_text"
        ) || (own && !word(&["body", "entry", "article"]) && !has("content-"));
        roles.text = roles.text.max(if sure { 2 } else { 1 });
    }
    let says_author = has("author") || has("username") || has("nickname");
    let author = match lower.as_str() {
        "fn" | "p-name" | "nickname" | "nick" | "username" => 5,
        "vcard" | "h-card" | "byline" => 2,
        "idc-i" => 4,
        _ if (says_author || word(&["commenter", "poster"])) && word(&["name", "fn"]) => 5,
        _ if says_author => 4,
        _ if word(AUTHORS) && !word(&["wrap", "info"]) => 4,
        _ if word(&["byline"]) => 2,
        _ => 0,
    };
    if !has("author-info") && !has("bio") && !(text && !has("name")) {
        roles.author = roles.author.max(author);
    }
    let stale = has("updated") || has("updatable") || has("modified") || has("edited");
    if !stale
        && (word(DATES)
            || words
                .iter()
                .any(|w| w.ends_with("date") || w.ends_with("time")))
    {
        roles.date = roles.date.max(3);
    }
    if word(METAS) || has("commentmetadata") {
        roles.meta |= !(words.len() == 1 && words[0] == "post");
        if roles.date == 0 && roles.meta && !stale {
            roles.date = 1;
        }
    }
}
