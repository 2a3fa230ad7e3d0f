//! What a class or id says about a part of a thread.
//!
//! In: one element. Out: the roles that its names suggest: author, date, text, header, widget, container,
//! entry. Names are cut into words ("wp-block-comment-author-name"), so that no theme is known by name. Must
//! not know where the element stands.

use crate::text::hash::HashMap;
use std::cell::RefCell;
use std::sync::LazyLock;

use regex::Regex;

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
            read: HashMap::default(),
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
                    roles.join(&of_name(name));
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
            let mut by_id = of_name(id);
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

/// Parts of names that say thread.
static THREAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "comment|kommentar|comentario|respond|discuss|disqus|dsq-|webmention|reactie|guestbook|talkback|\
         haloscan|feedback|replies|idc-|discussao|trackback|pinglist|reply-title|respons(?:[^i]|i[^v]|$)|^pings$",
    )
    .ok()
});
static COUNTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("title|count|head|intro|info|number").ok());

fn says(pattern: &LazyLock<Option<Regex>>, name: &str) -> bool {
    (**pattern).as_ref().is_some_and(|p| p.is_match(name))
}

/// What a whole name says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    List,
    Post,
    Entry,
    Part,
    Mute,
    SureText,
}

static WHOLE: LazyLock<HashMap<&'static str, Whole>> = LazyLock::new(|| {
    let mut names = HashMap::default();
    for (list, whole) in [
        (
            "comments-area comment-list commentlist wp-block-comments",
            Whole::List,
        ),
        ("entry-content post-body post-content", Whole::Post),
        (ENTRIES, Whole::Entry),
        (
            "comment-body reply response comment-reply comment-block comment-inner comment__body",
            Whole::Part,
        ),
        (
            "u-like p-like u-like-of u-repost p-repost u-repost-of u-bookmark-of p-bookmark",
            Whole::Mute,
        ),
        (
            "e-content p-content post-message texte format_text",
            Whole::SureText,
        ),
    ] {
        for name in list.split_ascii_whitespace() {
            names.insert(name, whole);
        }
    }
    names
});

const ENTRIES: &str = "comment u-comment wp-block-comment single-comment commentwrap comment-wrap \
    comment-item comment_item comment-entry comment_entry comment-container comment-box commentbox \
    commententry comment-single b-leaf idc-c isso-comment fyre-comment-article wpd-comment wc-comment \
    serendipity_comment bcomment comment-post ljcmt_full comments-body comment-node comment-card js-comment \
    comment-row comment-main-level post-comment postcomment blog-comment pingback trackback";

// What a word of a name says, a bit each.
const REPLIES: u16 = 1;
const LIKES: u16 = 1 << 1;
const WIDGET: u16 = 1 << 2;
const TEXT: u16 = 1 << 3;
/// Makes a "content" or "text" of something else.
const NO_TEXT: u16 = 1 << 4;
const AUTHOR: u16 = 1 << 5;
const DATE: u16 = 1 << 6;
const META: u16 = 1 << 7;
/// "Author" beside the name of the post's author, and its like.
const BADGE: u16 = 1 << 8;
/// Text among other things.
const LOOSE: u16 = 1 << 9;
const WRITER: u16 = 1 << 10;
const NAME: u16 = 1 << 11;
const DOWN: u16 = 1 << 12;
const WRAP: u16 = 1 << 13;
const BYLINE: u16 = 1 << 14;

static WORDS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut words: HashMap<&str, u16> = HashMap::default();
    for (list, bit) in [
        ("children replies indented subcomments", REPLIES),
        ("like likes vote votes voting karma score upvotes", LIKES),
        (WIDGETS, WIDGET),
        (
            "content contents text body message entry copy texte texto testo itemtext txt article",
            TEXT,
        ),
        ("wrap wrapper container date time from author says", NO_TEXT),
        (
            "name nick user who poster commenter auteur autor autore fn",
            AUTHOR,
        ),
        (
            "date time datetime timestamp published when ago fecha datum dt",
            DATE,
        ),
        (METAS, META),
        ("badge rank role", BADGE),
        ("body entry article", LOOSE),
        ("commenter poster", WRITER),
        ("name fn", NAME),
        ("down", DOWN),
        ("wrap info", WRAP),
        ("byline", BYLINE),
    ] {
        for word in list.split_ascii_whitespace() {
            *words.entry(word).or_default() |= bit;
        }
    }
    words
});

const WIDGETS: &str = "reply replybox reponse responder share sharing sharedaddy action actions tools control \
    controls edit flag report moderation says num number counter continue menu rating buttons delete toggle \
    hidden invisible level link links respond indicator repondre thumb thumbs subscribe more userpic photo \
    icon";
const METAS: &str = "meta metadata info head header footer foot byline details submitted posted post data \
    poster who permalink";

/// Names read are kept up to this many: a site has a few hundred, a hostile page as many as it likes.
const NAMES_KEPT: usize = 4096;

thread_local! {
    /// What names say, from page to page: read anew each time, they were 7 % of extraction.
    static NAMES: RefCell<HashMap<Box<str>, Roles>> = RefCell::default();
}

/// The roles that one class or id suggests.
fn of_name(name: &str) -> Roles {
    if name.len() > 80 {
        return Roles::default();
    }
    // "comment-5334" says what "comment-0" says.
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = stem.len() < name.len() && stem.ends_with(['-', '_']);
    let mut key = String::new();
    if numbered {
        key.reserve_exact(stem.len() + 1);
        key.push_str(stem);
        key.push('0');
    }
    let key = if numbered { key.as_str() } else { name };
    NAMES.with_borrow_mut(|names| {
        if let Some(roles) = names.get(key) {
            return *roles;
        }
        let mut roles = Roles::default();
        named(key, &mut roles);
        if names.len() >= NAMES_KEPT {
            names.clear();
        }
        names.insert(key.into(), roles);
        roles
    })
}

/// Reads one class or id of at most 80 bytes.
fn named(name: &str, roles: &mut Roles) {
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    let thread = says(&THREAD, &lower);
    roles.thread |= thread;
    roles.counter |= thread && says(&COUNTER, &lower);
    let whole = WHOLE.get(lower.as_str()).copied();
    match whole {
        Some(Whole::List) => roles.list = true,
        Some(Whole::Post) => roles.post = true,
        Some(Whole::Entry) => roles.entry = true,
        Some(Whole::Part) => roles.maybe = true,
        Some(Whole::Mute) => roles.mute = true,
        Some(Whole::SureText) | None => {}
    }
    match lower.as_str() {
        "pingback" | "trackback" | "u-mention" | "p-mention" | "mention" => roles.ping = true,
        "h-cite" | "h-entry" => roles.cite = true,
        "notes" => roles.notes = true,
        "e-content" => roles.post = true,
        "aside" | "nav" | "navigation" => roles.aside = true,
        _ => {}
    }
    roles.aside |= has("sidebar")
        || (has("recent") && !has("recent-comments-list"))
        || (has("widget") && (lower.starts_with("widget") || lower.ends_with("widget")));
    let (all, count) = words(name);
    let word = |bits: u16| all & bits != 0;
    if has("avatar") || word(BADGE) {
        roles.widget = true;
        return;
    }
    roles.replies |= word(REPLIES);
    if word(LIKES) || has("vote-count") || has("like-count") {
        roles.likes |= !word(DOWN);
        roles.widget = true;
    }
    roles.widget |= word(WIDGET);
    let ends = [
        "content",
        "commenttext",
        "commentbody",
        "message",
        "bodytext",
    ];
    let text = (word(TEXT) || ends.iter().any(|end| lower.ends_with(end))) && !word(NO_TEXT)
        || whole == Some(Whole::SureText);
    if text {
        let own = has("comment") || has("reply") || has("respon") || lower == "answer_content";
        let sure = whole == Some(Whole::SureText) || (own && !word(LOOSE) && !has("content-"));
        roles.text = roles.text.max(if sure { 2 } else { 1 });
    }
    let says_author = has("author") || has("username") || has("nickname");
    let author = match lower.as_str() {
        "fn" | "p-name" | "nickname" | "nick" | "username" => 5,
        "vcard" | "h-card" | "byline" => 2,
        "idc-i" => 4,
        _ if (says_author || word(WRITER)) && word(NAME) => 5,
        _ if says_author => 4,
        _ if word(AUTHOR) && !word(WRAP) => 4,
        _ if word(BYLINE) => 2,
        _ => 0,
    };
    if author > 0 && !has("author-info") && !has("bio") && (!text || has("name")) {
        roles.author = roles.author.max(author);
    }
    let stale = has("updated") || has("updatable") || has("modified") || has("edited");
    if !stale && word(DATE) {
        roles.date = roles.date.max(3);
    }
    if word(META) || has("commentmetadata") {
        roles.meta |= count > 1 || lower != "post";
        if roles.date == 0 && roles.meta && !stale {
            roles.date = 1;
        }
    }
}

/// What the words of a name say together, and how many they are.
fn words(name: &str) -> (u16, usize) {
    let mut all = 0;
    let mut count = 0;
    let mut word = String::new();
    let mut small = false;
    for c in name.chars().chain(['-']) {
        // "commentLink" is two words.
        let edge = !c.is_alphanumeric() || (c.is_ascii_uppercase() && small);
        if edge && !word.is_empty() {
            count += 1;
            all |= WORDS.get(word.as_str()).copied().unwrap_or_default();
            if word.ends_with("date") || word.ends_with("time") {
                all |= DATE;
            }
            word.clear();
        }
        small = c.is_ascii_lowercase();
        if c.is_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    (all, count)
}
