//! What a class or id says about a part of a thread.
//!
//! In: one element. Out: the roles that its names suggest: author, date, text, header, widget, container,
//! entry. Names are cut into words ("wp-block-comment-author-name"), so that no theme is known by name. Must
//! not know where the element stands.

use std::collections::HashMap;

use crate::text::page::{NodeId, Page};

/// What an element may be. Several may hold at once.
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
    /// The whole thread, whatever it stands in.
    pub list: bool,
    /// A heading or a number of comments.
    pub counter: bool,
    /// Sidebars and their like, whose comments are of other posts.
    pub aside: bool,
    /// The body of a post.
    pub post: bool,
    /// A list of notes.
    pub notes: bool,
    /// One comment.
    pub entry: bool,
    /// One comment, or a part of one.
    pub maybe: bool,
    /// Somebody else's page that answers or names this one.
    pub cite: bool,
    pub ping: bool,
    /// A like or a repost.
    pub mute: bool,
}

impl Roles {
    fn join(&mut self, other: &Self) {
        self.author = self.author.max(other.author);
        self.date = self.date.max(other.date);
        self.text = self.text.max(other.text);
        self.meta |= other.meta;
        self.widget |= other.widget;
        self.likes |= other.likes;
        self.replies |= other.replies;
        self.thread |= other.thread;
        self.list |= other.list;
        self.counter |= other.counter;
        self.aside |= other.aside;
        self.post |= other.post;
        self.notes |= other.notes;
        self.entry |= other.entry;
        self.maybe |= other.maybe;
        self.cite |= other.cite;
        self.ping |= other.ping;
        self.mute |= other.mute;
    }
}

/// Reads roles; a page repeats a few dozen class attributes, so each is read once.
pub(super) struct Reader<'p> {
    page: &'p Page,
    read: HashMap<&'p str, Roles>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(page: &'p Page) -> Self {
        Self {
            page,
            read: HashMap::new(),
        }
    }

    /// The roles of an element by its tag, class, id and microdata.
    pub(super) fn of(&mut self, node: NodeId) -> Roles {
        let page = self.page;
        let tag = page.tag(node);
        if matches!(tag, "body" | "html" | "main") {
            return Roles::default();
        }
        let class = page.attr(node, "class");
        let mut roles = class.map_or(Roles::default(), |class| {
            *self.read.entry(class).or_insert_with(|| {
                let mut roles = Roles::default();
                for name in class.split_ascii_whitespace() {
                    named(name, &mut roles);
                }
                roles
            })
        });
        match tag {
            "time" => roles.date = roles.date.max(5),
            "abbr" if page.attr(node, "title").is_some() => roles.date = roles.date.max(4),
            "cite" => roles.author = roles.author.max(3),
            "header" | "footer" => roles.meta = true,
            "form" | "button" | "textarea" | "select" | "svg" | "iframe" => roles.widget = true,
            "aside" | "nav" => roles.aside = true,
            _ => {}
        }
        if let Some(id) = page.id(node) {
            // An id names one thing of many, and says less.
            let mut by_id = Roles::default();
            named(id, &mut by_id);
            roles.list |= id.eq_ignore_ascii_case("comments");
            if class.is_none() {
                by_id.author = 0;
                by_id.date = 0;
                by_id.text = by_id.text.min(1);
                by_id.entry = false;
                by_id.maybe = false;
                roles.join(&by_id);
            } else {
                roles.thread |= by_id.thread;
                roles.aside |= by_id.aside;
                roles.likes |= by_id.likes;
                roles.counter |= by_id.counter;
            }
        }
        microdata(page, node, &mut roles);
        if roles.text > 0 && tag != "li" {
            roles.widget = false;
        }
        roles
    }
}

fn microdata(page: &Page, node: NodeId, roles: &mut Roles) {
    for attr in ["itemprop", "property", "data-role"] {
        let Some(value) = page.attr(node, attr) else {
            continue;
        };
        for word in value.split(' ') {
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

// Lists of words, parted by blanks.

/// Parts of names that say thread.
const THREAD: &str = "comment kommentar comentario respond discuss disqus dsq- webmention reactie guestbook \
    talkback haloscan feedback replies idc- discussao trackback pinglist reply-title";
const LISTS: &str = "comments-area comment-list commentlist wp-block-comments";
const POSTS: &str = "entry-content post-body post-content e-content";
const ENTRIES: &str = "comment u-comment wp-block-comment single-comment commentwrap comment-wrap \
    comment-item comment_item comment-entry comment_entry comment-container comment-box commentbox \
    commententry comment-single b-leaf idc-c isso-comment fyre-comment-article wpd-comment wc-comment \
    serendipity_comment bcomment comment-post ljcmt_full comments-body comment-node comment-card js-comment \
    comment-row comment-main-level post-comment postcomment blog-comment pingback trackback";
const PARTS: &str =
    "comment-body reply response comment-reply comment-block comment-inner comment__body";
const MUTE: &str = "u-like p-like u-like-of u-repost p-repost u-repost-of u-bookmark-of p-bookmark";
const REPLIES: &str = "children replies indented subcomments";
const LIKES: &str = "like likes vote votes voting karma score upvotes";
const WIDGETS: &str = "reply replybox reponse responder share sharing sharedaddy action actions tools control \
    controls edit flag report moderation says badge rank role num number counter continue menu rating buttons \
    delete toggle hidden invisible level link links respond indicator repondre thumb thumbs subscribe more \
    userpic photo icon";
const TEXTS: &str =
    "content contents text body message entry copy texte texto testo itemtext txt article";
const TEXT_ENDS: &str = "content commenttext commentbody message bodytext";
/// Words that make a "content" or "text" of something else.
const NO_TEXT: &str = "wrap wrapper container date time from author says";
const AUTHORS: &str = "name nick user who poster commenter auteur autor autore fn";
const DATES: &str = "date time datetime timestamp published when ago fecha datum dt";
const METAS: &str = "meta metadata info head header footer foot byline details submitted posted post data \
    poster who permalink";
const COUNTERS: &str = "title count head intro info number";

fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|w| w == word)
}

/// Reads one class or id.
fn named(name: &str, roles: &mut Roles) {
    if name.len() > 80 {
        return;
    }
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    let thread = THREAD.split_ascii_whitespace().any(has)
        || (has("respons") && !has("responsive"))
        || lower == "pings";
    roles.thread |= thread;
    roles.counter |= thread && COUNTERS.split_ascii_whitespace().any(has);
    roles.list |= listed(LISTS, &lower);
    roles.post |= listed(POSTS, &lower);
    roles.notes |= lower == "notes";
    roles.ping |= matches!(
        lower.as_str(),
        "pingback" | "trackback" | "u-mention" | "p-mention" | "mention"
    );
    roles.mute |= listed(MUTE, &lower);
    roles.cite |= matches!(lower.as_str(), "h-cite" | "h-entry");
    roles.entry |= listed(ENTRIES, &lower);
    roles.maybe |= listed(PARTS, &lower);
    // "Blog" is what Blogger calls the widget that holds its posts.
    roles.aside |= has("sidebar")
        || (has("recent") && !has("recent-comments-list"))
        || (has("widget") && (lower.starts_with("widget") || lower.ends_with("widget")))
        || matches!(lower.as_str(), "aside" | "nav" | "navigation");
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
    let word = |list: &str| words.iter().any(|w| listed(list, w));
    if has("avatar") || word("badge rank role") {
        // A picture, or "Author" beside the name of the post's author.
        roles.widget = true;
        return;
    }
    roles.replies |= word(REPLIES);
    if word(LIKES) || has("vote-count") || has("like-count") {
        roles.likes |= !word("down");
        roles.widget = true;
    }
    roles.widget |= word(WIDGETS);
    let ends = || {
        TEXT_ENDS
            .split_ascii_whitespace()
            .any(|e| lower.ends_with(e))
    };
    let text = (word(TEXTS) || ends()) && !word(NO_TEXT);
    if text {
        let own = has("comment") || has("reply") || has("respon") || lower == "answer_content";
        let sure = listed("e-content p-content post-message texte format_text", &lower)
            || (own && !word("body entry article") && !has("content-"));
        roles.text = roles.text.max(if sure { 2 } else { 1 });
    }
    let says_author = has("author") || has("username") || has("nickname");
    let author = match lower.as_str() {
        "fn" | "p-name" | "nickname" | "nick" | "username" => 5,
        "vcard" | "h-card" | "byline" => 2,
        "idc-i" => 4,
        _ if (says_author || word("commenter poster")) && word("name fn") => 5,
        _ if says_author => 4,
        _ if word(AUTHORS) && !word("wrap info") => 4,
        _ if word("byline") => 2,
        _ => 0,
    };
    if !has("author-info") && !has("bio") && (!text || has("name")) {
        roles.author = roles.author.max(author);
    }
    let stale = has("updated") || has("updatable") || has("modified") || has("edited");
    let ends = |end: &str| words.iter().any(|w| w.ends_with(end));
    if !stale && (word(DATES) || ends("date") || ends("time")) {
        roles.date = roles.date.max(3);
    }
    if word(METAS) || has("commentmetadata") {
        roles.meta |= !(words.len() == 1 && words[0] == "post");
        if roles.date == 0 && roles.meta && !stale {
            roles.date = 1;
        }
    }
}
