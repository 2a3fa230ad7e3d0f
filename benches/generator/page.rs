//! A post as a page of a blog, with all that stands around a post.
//!
//! In: a post. Out: a page of about 60 kB: links, styles and scripts in its head, a menu, the post with
//! one of several layouts of its listing, sharing buttons, a thread of comments, a sidebar with archive,
//! tag cloud and blogroll. The markup follows what classic WordPress themes share.

use std::fmt::Write;

use super::random::Random;
use super::words::Words;
use super::{Comment, Layout, Post};

const NAMES: &[&str] = &[
    "Ferric Oxide Diary",
    "The Leader Tape",
    "Cue and Review",
    "Sprocket Songs",
    "Low Bias Nights",
    "Hiss and Wow",
    "The Third Deck",
    "Pinch Roller Post",
];

const AUTHORS: &[&str] = &[
    "Imogen Sallow",
    "Petrus Vane",
    "Dot Hargrave",
    "Casimir Bell",
    "Nell Quarry",
    "Osric Tamm",
    "Viveca Lund",
    "Barnaby Holt",
];

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The host of a site.
pub fn host(site: usize) -> String {
    format!("{}.example", super::slug(NAMES[site]))
}

/// Who writes a site.
pub fn author(site: usize) -> &'static str {
    AUTHORS[site]
}

/// What is the same on every page of a site.
pub struct Theme {
    head: String,
    menu: String,
    sidebar: String,
    footer: String,
}

impl Theme {
    pub fn new(site: usize, words: &Words) -> Self {
        let mut random = Random::new(0x0074_6865_6d65, site as u64);
        let random = &mut random;
        let home = format!("https://{}", host(site));
        Self {
            head: head(site, &home, random),
            menu: menu(site, &home, words, random),
            sidebar: sidebar(&home, words, random),
            footer: footer(site, &home),
        }
    }
}

macro_rules! put {
    ($out:expr, $($rest:tt)*) => {{
        // Writing to a string cannot fail.
        let _ = writeln!($out, $($rest)*);
    }};
}

fn head(site: usize, home: &str, random: &mut Random) -> String {
    let mut out = String::new();
    put!(
        out,
        "<link rel=\"profile\" href=\"https://gmpg.example/xfn/11\" />"
    );
    put!(out, "<link rel=\"pingback\" href=\"{home}/xmlrpc.php\" />");
    for name in [
        "style", "print", "gallery", "sharing", "icons", "player", "emoji", "forms",
    ] {
        let version = random.between(100, 999);
        put!(
            out,
            "<link rel=\"stylesheet\" id=\"{name}-css\" href=\"{home}/wp-content/themes/reel/{name}.css?ver={version}\" type=\"text/css\" media=\"all\" />"
        );
    }
    for name in [
        "jquery",
        "migrate",
        "comment-reply",
        "lightbox",
        "audio-player",
        "lazyload",
    ] {
        let version = random.between(100, 999);
        put!(
            out,
            "<script type=\"text/javascript\" src=\"{home}/wp-includes/js/{name}.min.js?ver={version}\"></script>"
        );
    }
    put!(
        out,
        "<meta name=\"generator\" content=\"WordPress 4.7.{site}\" />"
    );
    put!(out, "<style type=\"text/css\" id=\"theme-custom-css\">");
    for rule in 0..64 {
        put!(
            out,
            ".reel-{site}-{rule} > a:hover, .reel-{rule} li + li {{ margin: {}px {}px; color: #{:06x}; background: url({home}/wp-content/uploads/bg-{rule}.png) no-repeat; }}",
            random.below(40),
            random.below(40),
            random.below(1 << 24)
        );
    }
    put!(out, "</style>");
    put!(out, "<script type=\"text/javascript\">\n/* <![CDATA[ */");
    for at in 0..40 {
        put!(
            out,
            "var setting_{at} = {{\"endpoint\":\"{}\\/wp-admin\\/admin-ajax.php\",\"key\":\"{:016x}\",\"open\":\"<div class=\\\"box-{at}\\\">\"}};",
            home.replace('/', "\\/"),
            random.next()
        );
    }
    put!(
        out,
        "if (window.setting_0 && 1 < 2) {{ document.documentElement.className += \" js\"; }}"
    );
    put!(out, "/* ]]> */\n</script>");
    out
}

fn menu(site: usize, home: &str, words: &Words, random: &mut Random) -> String {
    let mut out = String::new();
    put!(
        out,
        "<div id=\"header\"><div id=\"site-title\"><a href=\"{home}/\" rel=\"home\">{}</a></div>",
        NAMES[site]
    );
    put!(
        out,
        "<div id=\"site-description\">Songs from the shelf above the deck</div></div>"
    );
    put!(
        out,
        "<nav id=\"access\" class=\"main-navigation\" role=\"navigation\"><div class=\"menu\"><ul>"
    );
    put!(out, "<li><a href=\"{home}/\">Home</a></li>");
    for at in 0..14 {
        let word = super::capitalised(words.rare_word(random));
        put!(
            out,
            "<li class=\"menu-item menu-item-{at}\"><a href=\"{home}/category/{word}/\">{word}</a><ul class=\"sub-menu\"><li><a href=\"{home}/category/{word}/more/\">More {word}</a></li></ul></li>"
        );
    }
    put!(out, "</ul></div></nav>");
    out
}

fn sidebar(home: &str, words: &Words, random: &mut Random) -> String {
    let mut out = String::new();
    put!(
        out,
        "<div id=\"sidebar\" class=\"widget-area\" role=\"complementary\"><ul class=\"xoxo\">"
    );
    put!(
        out,
        "<li id=\"search-2\" class=\"widget widget_search\"><form role=\"search\" method=\"get\" action=\"{home}/\"><label>Search for: <input type=\"text\" name=\"s\" /></label><input type=\"submit\" value=\"Search\" /></form></li>"
    );
    put!(
        out,
        "<li id=\"archives-2\" class=\"widget widget_archive\"><h3 class=\"widget-title\">Archives</h3><ul>"
    );
    for year in (2013..=2021).rev() {
        for (at, month) in MONTHS.iter().enumerate().rev() {
            let count = random.between(1, 30);
            put!(
                out,
                "<li><a href=\"{home}/{year}/{:02}/\">{month} {year}</a>&nbsp;({count})</li>",
                at + 1
            );
        }
    }
    put!(out, "</ul></li>");
    put!(
        out,
        "<li id=\"tags-2\" class=\"widget widget_tag_cloud\"><h3 class=\"widget-title\">Tags</h3><div class=\"tagcloud\">"
    );
    for _ in 0..45 {
        let word = words.rare_word(random);
        let size = random.between(8, 22);
        put!(
            out,
            "<a href=\"{home}/tag/{word}/\" class=\"tag-cloud-link\" style=\"font-size: {size}pt;\" aria-label=\"{word} ({size} items)\">{word}</a>"
        );
    }
    put!(out, "</div></li>");
    put!(
        out,
        "<li id=\"links-2\" class=\"widget widget_links\"><h3 class=\"widget-title\">Blogroll</h3><ul class=\"blogroll\">"
    );
    for _ in 0..30 {
        let word = words.rare_word(random);
        put!(
            out,
            "<li><a href=\"https://{word}.example/\" rel=\"friend met\">The {} Log</a></li>",
            super::capitalised(word)
        );
    }
    put!(out, "</ul></li>");
    put!(
        out,
        "<li id=\"recent-comments-2\" class=\"widget widget_recent_comments\"><h3 class=\"widget-title\">Recent Comments</h3><ul id=\"recentcomments\">"
    );
    for _ in 0..8 {
        let person = words.person(random);
        let word = words.rare_word(random);
        put!(
            out,
            "<li class=\"recentcomments\"><span class=\"comment-author-link\">{person}</span> on <a href=\"{home}/?p={}\">{word}</a></li>",
            random.below(9999)
        );
    }
    put!(out, "</ul></li></ul></div>");
    out
}

fn footer(site: usize, home: &str) -> String {
    let mut out = String::new();
    put!(
        out,
        "<div id=\"footer\" role=\"contentinfo\"><div id=\"site-generator\"><a href=\"{home}/\">{}</a> is kept going by coffee and WordPress.</div></div>",
        NAMES[site]
    );
    put!(
        out,
        "<script type=\"text/javascript\">\nwindow.stats = window.stats || [];"
    );
    for at in 0..20 {
        put!(
            out,
            "window.stats.push(['event', {{'slot': {at}, 'when': 'load', 'where': '{home}/pixel.gif?slot={at}'}}]);"
        );
    }
    put!(out, "</script>");
    out
}

/// Writes the page of a post.
pub fn render(post: &Post, theme: &Theme) -> String {
    let mut out = String::with_capacity(64 << 10);
    let (year, month, day) = post.date;
    let title = escaped(&post.title);
    let url = &post.url;
    let number = post.number;
    let site = NAMES[post.site];
    put!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n<meta charset=\"UTF-8\" />"
    );
    put!(out, "<title>{title} | {site}</title>");
    put!(out, "<link rel=\"canonical\" href=\"{url}\" />");
    put!(
        out,
        "<meta property=\"og:title\" content=\"{title}\" />\n<meta property=\"og:url\" content=\"{url}\" />\n<meta property=\"og:site_name\" content=\"{site}\" />"
    );
    put!(
        out,
        "<meta property=\"article:published_time\" content=\"{year:04}-{month:02}-{day:02}T09:00:00+00:00\" />"
    );
    out.push_str(&theme.head);
    put!(
        out,
        "</head>\n<body class=\"post-template-default single single-post postid-{number}\">\n<div id=\"wrapper\" class=\"hfeed\">"
    );
    out.push_str(&theme.menu);
    put!(
        out,
        "<div id=\"main\"><div id=\"container\"><div id=\"content\" role=\"main\">"
    );
    put!(
        out,
        "<div id=\"post-{number}\" class=\"post-{number} post type-post status-publish format-standard hentry\">"
    );
    put!(out, "<h1 class=\"entry-title\">{title}</h1>");
    put!(
        out,
        "<div class=\"entry-meta\">Posted on <a href=\"{url}\" rel=\"bookmark\"><span class=\"entry-date\">{} {day}, {year}</span></a> by <span class=\"author vcard\"><a class=\"url fn n\" href=\"{url}author/\">{}</a></span></div>",
        MONTHS[usize::from(month) - 1],
        post.author
    );
    put!(out, "<div class=\"entry-content\">");
    // The listing stands before the last third of the prose.
    let before = post.paragraphs.len() - post.paragraphs.len() / 3;
    for (at, paragraph) in post.paragraphs.iter().enumerate() {
        if at == before {
            listing(post, &mut out);
        }
        put!(out, "<p>{}</p>", escaped(paragraph));
    }
    if before == post.paragraphs.len() {
        listing(post, &mut out);
    }
    put!(
        out,
        "<div class=\"sharedaddy sd-sharing-enabled\"><h3 class=\"sd-title\">Share this:</h3><ul>"
    );
    for place in ["twitter", "facebook", "tumblr", "reddit", "email", "print"] {
        put!(
            out,
            "<li class=\"share-{place}\"><a rel=\"nofollow noopener\" class=\"share-{place} sd-button share-icon\" href=\"{url}?share={place}\" title=\"Click to share on {place}\"><span>{place}</span></a></li>"
        );
    }
    put!(out, "</ul></div>\n</div><!-- .entry-content -->");
    put!(
        out,
        "<div class=\"entry-utility\">This entry was posted in <a href=\"{url}category/\" rel=\"category tag\">Tapes</a> and tagged "
    );
    for (at, tag) in post.tags.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        put!(
            out,
            "{comma}<a href=\"https://{}/tag/{tag}/\" rel=\"tag\">{tag}</a>",
            host(post.site)
        );
    }
    put!(
        out,
        ". Bookmark the <a href=\"{url}\" rel=\"bookmark\">permalink</a>.</div>\n</div><!-- #post-{number} -->"
    );
    thread(post, &mut out);
    put!(out, "</div></div>");
    out.push_str(&theme.sidebar);
    put!(out, "</div>");
    out.push_str(&theme.footer);
    put!(out, "</div>\n</body>\n</html>");
    out
}

fn listing(post: &Post, out: &mut String) {
    put!(out, "<p><strong>{}</strong></p>", post.heading);
    let rows = (1..).zip(&post.tracks).map(|(number, (artist, title))| {
        let row: (u32, String, String) = (number, escaped(artist), escaped(title));
        row
    });
    match post.layout() {
        Layout::Items => {
            put!(out, "<ol>");
            for (_, artist, title) in rows {
                put!(out, "<li>{artist} &#8211; {title}</li>");
            }
            put!(out, "</ol>");
        }
        Layout::Breaks => {
            let rows: Vec<String> = rows
                .map(|(number, artist, title)| format!("{number}. {artist} - {title}"))
                .collect();
            put!(out, "<p>{}</p>", rows.join("<br />\n"));
        }
        Layout::Table => {
            put!(
                out,
                "<table><tbody><tr><th>#</th><th>Artist</th><th>Title</th></tr>"
            );
            for (number, artist, title) in rows {
                put!(
                    out,
                    "<tr><td>{number}</td><td>{artist}</td><td>{title}</td></tr>"
                );
            }
            put!(out, "</tbody></table>");
        }
        Layout::Quoted => {
            for (number, artist, title) in rows {
                put!(out, "<p>{number:02} {artist}: &#8220;{title}&#8221;</p>");
            }
        }
    }
}

fn thread(post: &Post, out: &mut String) {
    put!(out, "<div id=\"comments\">");
    if !post.comments.is_empty() {
        let count = post.comments.len();
        let responses = if count == 1 { "Response" } else { "Responses" };
        put!(
            out,
            "<h3 id=\"comments-title\">{count} {responses} to <em>{}</em></h3>\n<ol class=\"commentlist\">",
            escaped(&post.title)
        );
        for (at, comment) in post.comments.iter().enumerate() {
            entry(post, comment, out);
            let next = post.comments.get(at + 1).map_or(0, |c| c.depth);
            if next > comment.depth {
                put!(out, "<ul class=\"children\">");
            } else {
                put!(out, "</li>");
                for _ in next..comment.depth {
                    put!(out, "</ul>\n</li>");
                }
            }
        }
        put!(out, "</ol>");
    }
    put!(
        out,
        "<div id=\"respond\" class=\"comment-respond\"><h3 id=\"reply-title\" class=\"comment-reply-title\">Leave a Reply</h3><form action=\"/wp-comments-post.php\" method=\"post\" id=\"commentform\" class=\"comment-form\"><p class=\"comment-notes\">Your email address will not be published.</p><p><label for=\"comment\">Comment</label> <textarea id=\"comment\" name=\"comment\" cols=\"45\" rows=\"8\"></textarea></p><p class=\"form-submit\"><input name=\"submit\" type=\"submit\" value=\"Post Comment\" /></p></form></div>\n</div><!-- #comments -->"
    );
}

fn entry(post: &Post, comment: &Comment, out: &mut String) {
    let Comment {
        id, author, depth, ..
    } = comment;
    let (year, month, day) = post.date;
    let parity = if id % 2 == 0 { "even" } else { "odd" };
    put!(
        out,
        "<li class=\"comment {parity} depth-{}\" id=\"li-comment-{id}\">\n<div id=\"comment-{id}\">",
        depth + 1
    );
    put!(
        out,
        "<div class=\"comment-author vcard\"><img alt=\"\" src=\"https://avatars.example/avatar/{id}?s=40\" class=\"avatar avatar-40 photo\" height=\"40\" width=\"40\" /> <cite class=\"fn\">{author}</cite> <span class=\"says\">says:</span></div>"
    );
    put!(
        out,
        "<div class=\"comment-meta commentmetadata\"><a href=\"{}#comment-{id}\">{} {}, {year} at 8:14 am</a></div>",
        post.url,
        MONTHS[usize::from(month) - 1],
        (day + comment.day).min(28)
    );
    put!(out, "<div class=\"comment-body\">");
    for paragraph in &comment.paragraphs {
        put!(out, "<p>{}</p>", escaped(paragraph));
    }
    put!(
        out,
        "</div>\n<div class=\"reply\"><a rel=\"nofollow\" class=\"comment-reply-link\" href=\"{}?replytocom={id}#respond\" aria-label=\"Reply to {author}\">Reply</a></div>\n</div>",
        post.url
    );
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&#038;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '’' => out.push_str("&#8217;"),
            c => out.push(c),
        }
    }
    out
}
