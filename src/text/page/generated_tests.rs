//! Pages as a WordPress theme would write them, from a seed: for tests, and to measure with.
//!
//! In: a seed. Out: HTML of about 60 kB. Must not use anything but the standard library: the measuring
//! program includes this file as well.

use std::fmt::Write as _;

/// A small generator of numbers (SplitMix64).
pub struct Rng(u64);

impl Rng {
    /// Numbers that hang on the seed alone.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ 0x5851_F42D_4C95_7F2D)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn pick<'s>(&mut self, from: &[&'s str]) -> &'s str {
        from[self.below(from.len())]
    }
}

const WORDS: &[&str] = &[
    "the",
    "a",
    "of",
    "and",
    "tape",
    "side",
    "night",
    "radio",
    "summer",
    "synth",
    "drum",
    "voice",
    "again",
    "never",
    "record",
    "shop",
    "where",
    "we",
    "found",
    "that",
    "single",
    "with",
    "its",
    "sleeve",
    "torn",
    "chorus",
    "bass",
    "line",
    "from",
    "another",
    "city",
    "before",
    "dawn",
    "and",
    "every",
    "listener",
    "wrote",
    "back",
    "caf\u{e9}",
    "se\u{f1}orita",
    "M\u{fc}nchen",
    "&amp;",
    "don&#8217;t",
    "&ldquo;loud&rdquo;",
    "slow",
    "bright",
    "machine",
    "heart",
    "&mdash;",
    "1986",
];

const NAMES: &[&str] = &[
    "Violet Parade",
    "The Glass Ferry",
    "Nina Okafor",
    "Tram Line 9",
    "Marble Arcade",
    "Ana Luz",
    "Polar Kiosk",
    "Jun &amp; the Lamps",
    "Oskar Brandt",
    "Second Weather",
];

fn words(rng: &mut Rng, count: usize) -> String {
    let mut out = String::new();
    for at in 0..count {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(rng.pick(WORDS));
    }
    out
}

/// A page of about 60 kB.
pub fn wordpress(seed: u64) -> String {
    let rng = &mut Rng::new(seed);
    let title = words(rng, 5);
    let mut out = String::with_capacity(70_000);
    head(rng, &title, seed, &mut out);
    out.push_str("<div id=\"page\" class=\"hfeed site\">\n<header id=\"masthead\" class=\"site-header\" role=\"banner\">\n");
    out.push_str("<p class=\"site-title\"><a href=\"https://tape.example/\" rel=\"home\">Night Tape</a></p>\n<nav id=\"site-navigation\" class=\"main-navigation\"><ul id=\"menu-main\" class=\"nav-menu\">\n");
    for n in 0..14 {
        let _ = writeln!(
            out,
            "<li id=\"menu-item-{n}\" class=\"menu-item menu-item-type-taxonomy menu-item-object-category menu-item-{n}\"><a href=\"https://tape.example/category/{n}/\">{}</a></li>",
            words(rng, 2)
        );
    }
    out.push_str("</ul></nav>\n</header><!-- #masthead -->\n<div id=\"content\" class=\"site-content\"><div id=\"primary\" class=\"content-area\"><main id=\"main\" class=\"site-main\" role=\"main\">\n");
    article(rng, &title, seed, &mut out);
    comments(rng, seed, &mut out);
    out.push_str("</main><!-- #main --></div><!-- #primary -->\n");
    sidebar(rng, &mut out);
    out.push_str("</div><!-- #content -->\n<footer id=\"colophon\" class=\"site-footer\"><div class=\"site-info\"><a href=\"https://wordpress.org/\">Proudly powered by WordPress</a></div></footer>\n</div><!-- #page -->\n");
    for n in 0..8 {
        let _ = writeln!(
            out,
            "<script type='text/javascript' src='https://tape.example/wp-includes/js/lib{n}.min.js?ver=5.{n}' id='lib{n}-js'></script>"
        );
    }
    out.push_str("<script>\n(function(){ var a = 1 < 2 && '</p>'; window.counters = [");
    for n in 0..220 {
        let _ = write!(out, "{},", n * 7919 % 1000);
    }
    out.push_str("]; })();\n</script>\n</body>\n</html>\n");
    out
}

fn head(rng: &mut Rng, title: &str, seed: u64, out: &mut String) {
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n<meta charset=\"UTF-8\" />\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n<title>{title} &#8211; Night Tape</title>\n<link rel=\"canonical\" href=\"https://tape.example/2014/05/post-{seed}/\" />\n<meta property=\"og:title\" content=\"{title}\" />\n<meta property=\"og:type\" content=\"article\" />\n<meta property=\"article:published_time\" content=\"2014-05-{:02}T20:11:00+00:00\" />\n<meta name=\"generator\" content=\"WordPress 5.2.4\" />\n",
        seed % 28 + 1
    );
    for n in 0..10 {
        let _ = writeln!(
            out,
            "<link rel='stylesheet' id='style-{n}-css' href='https://tape.example/wp-content/plugins/p{n}/style.css?ver={n}' type='text/css' media='all' />"
        );
    }
    let _ = writeln!(
        out,
        "<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\"@type\":\"BlogPosting\",\"headline\":\"{title}\",\"datePublished\":\"2014-05-{:02}T20:11:00+00:00\"}}</script>",
        seed % 28 + 1
    );
    out.push_str("<style type=\"text/css\">\n");
    for n in 0..90 {
        let _ = writeln!(
            out,
            ".rule-{n} > p {{ margin: 0 {n}px; color: #{:06x}; }}",
            rng.below(1 << 24)
        );
    }
    out.push_str("</style>\n<script type=\"text/javascript\">\nwindow._wpemojiSettings = {\"baseUrl\":\"https:\\/\\/s.w.org\\/images\\/\"};\n");
    for n in 0..60 {
        let _ = writeln!(
            out,
            "function f{n}(e){{if(e<{n}){{return \"<b>\"+e+\"</b>\"}}return e}}"
        );
    }
    out.push_str("</script>\n</head>\n<body class=\"post-template-default single single-post postid-12 single-format-standard\">\n");
}

fn article(rng: &mut Rng, title: &str, seed: u64, out: &mut String) {
    let _ = writeln!(
        out,
        "<article id=\"post-{seed}\" class=\"post-{seed} post type-post status-publish format-standard hentry category-tapes tag-1986\">\n<header class=\"entry-header\"><h1 class=\"entry-title\">{title}</h1>\n<div class=\"entry-meta\"><span class=\"posted-on\"><a href=\"https://tape.example/2014/05/post-{seed}/\" rel=\"bookmark\"><time class=\"entry-date published\" datetime=\"2014-05-{:02}T20:11:00+00:00\">May {}, 2014</time></a></span> <span class=\"byline\"> by <span class=\"author vcard\"><a class=\"url fn n\" href=\"https://tape.example/author/mo/\">mo</a></span></span></div></header>\n<div class=\"entry-content\">",
        seed % 28 + 1,
        seed % 28 + 1
    );
    for n in 0..14 {
        let count = 40 + rng.below(50);
        let _ = writeln!(
            out,
            "<p>{} <em>{}</em> <a href=\"https://tape.example/?p={n}&amp;x=1\" title=\"{}\">{}</a> {}</p>",
            words(rng, count / 2),
            words(rng, 3),
            words(rng, 3),
            words(rng, 3),
            words(rng, count / 2)
        );
        if n % 5 == 2 {
            let _ = writeln!(
                out,
                "<figure class=\"wp-caption aligncenter\" style=\"width: 600px\"><img class=\"size-large wp-image-{n}\" src=\"https://tape.example/wp-content/uploads/{n}.jpg\" alt=\"{}\" width=\"600\" height=\"400\" srcset=\"https://tape.example/wp-content/uploads/{n}-300x200.jpg 300w, https://tape.example/wp-content/uploads/{n}-768x512.jpg 768w\" sizes=\"(max-width: 600px) 100vw, 600px\" /><figcaption>{}</figcaption></figure>",
                words(rng, 3),
                words(rng, 6)
            );
        }
    }
    out.push_str("<h3>Tracklist</h3>\n<ol>\n");
    for _ in 0..16 {
        let _ = writeln!(
            out,
            "<li><strong>{}</strong> &#8211; {} ({}:{:02})</li>",
            rng.pick(NAMES),
            words(rng, 3),
            2 + rng.below(4),
            rng.below(60)
        );
    }
    out.push_str("</ol>\n</div><!-- .entry-content -->\n<footer class=\"entry-footer\"><span class=\"cat-links\">Posted in <a href=\"https://tape.example/category/tapes/\" rel=\"category tag\">Tapes</a></span><span class=\"tags-links\">");
    for n in 0..6 {
        let _ = write!(
            out,
            "<a href=\"https://tape.example/tag/{n}/\" rel=\"tag\">{}</a>, ",
            words(rng, 1)
        );
    }
    out.push_str("</span></footer>\n</article>\n");
}

fn comments(rng: &mut Rng, seed: u64, out: &mut String) {
    out.push_str("<div id=\"comments\" class=\"comments-area\"><h2 class=\"comments-title\">18 thoughts</h2><ol class=\"comment-list\">\n");
    for n in 0..18 {
        let count = 12 + rng.below(40);
        let depth = if n % 3 == 1 { 2 } else { 1 };
        if depth == 2 {
            out.push_str("<ol class=\"children\">\n");
        }
        let _ = writeln!(
            out,
            "<li id=\"comment-{n}\" class=\"comment even thread-even depth-{depth}\">\n<article id=\"div-comment-{n}\" class=\"comment-body\">\n<footer class=\"comment-meta\"><div class=\"comment-author vcard\"><img alt='' src='https://secure.gravatar.com/avatar/{n:032x}?s=56&#038;d=mm&#038;r=g' srcset='https://secure.gravatar.com/avatar/{n:032x}?s=112&#038;d=mm&#038;r=g 2x' class='avatar avatar-56 photo' height='56' width='56' /> <b class=\"fn\">{}</b> <span class=\"says\">says:</span></div>\n<div class=\"comment-metadata\"><a href=\"https://tape.example/2014/05/post-{seed}/#comment-{n}\"><time datetime=\"2014-06-{:02}T10:00:00+00:00\">June {}, 2014 at 10:00 am</time></a></div></footer>\n<div class=\"comment-content\"><p>{}</p>\n</div>\n<div class=\"reply\"><a rel='nofollow' class='comment-reply-link' href='https://tape.example/2014/05/post-{seed}/?replytocom={n}#respond' onclick='return addComment.moveForm( \"div-comment-{n}\", \"{n}\", \"respond\", \"{seed}\" )' aria-label='Reply to {}'>Reply</a></div></article>",
            rng.pick(NAMES),
            n + 1,
            n + 1,
            words(rng, count),
            rng.pick(NAMES)
        );
        if n % 3 != 0 {
            out.push_str("</li><!-- #comment-## -->\n");
        }
        if depth == 2 {
            out.push_str("</ol><!-- .children -->\n</li><!-- #comment-## -->\n");
        }
    }
    out.push_str("</ol><form action=\"https://tape.example/wp-comments-post.php\" method=\"post\" id=\"commentform\" class=\"comment-form\"><p class=\"comment-form-comment\"><label for=\"comment\">Comment</label> <textarea id=\"comment\" name=\"comment\" cols=\"45\" rows=\"8\" required=\"required\"></textarea></p><p class=\"form-submit\"><input name=\"submit\" type=\"submit\" id=\"submit\" value=\"Post Comment\" /></p></form></div>\n");
}

fn sidebar(rng: &mut Rng, out: &mut String) {
    out.push_str("<div id=\"secondary\" class=\"widget-area\" role=\"complementary\">\n");
    for widget in 0..5 {
        let _ = writeln!(
            out,
            "<aside id=\"widget-{widget}\" class=\"widget widget_recent_entries\"><h2 class=\"widget-title\">{}</h2><ul>",
            words(rng, 2)
        );
        for n in 0..14 {
            let _ = writeln!(
                out,
                "<li>\n<a href=\"https://tape.example/2013/{n:02}/post-{n}/\">{}</a>\n<span class=\"post-date\">({})</span></li>",
                words(rng, 5),
                rng.below(40)
            );
        }
        out.push_str("</ul></aside>\n");
    }
    out.push_str("</div>\n");
}

/// Damages a page: tags dropped, doubled, moved, cut; bytes cut off the end.
pub fn damaged(html: &str, seed: u64) -> String {
    let mut rng = Rng::new(seed ^ 0xDA3A6ED);
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let rate = 1 + rng.below(60);
    let mut held = "";
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let end = rest.find('>').map_or(rest.len(), |e| e + 1);
        let tag = &rest[..end];
        match rng.below(1000) {
            n if n < rate => {}
            n if n < rate * 5 / 4 => {
                out.push_str(tag);
                out.push_str(tag);
            }
            n if n < rate * 3 / 2 => {
                out.push_str(held);
                held = tag;
            }
            n if n < rate * 7 / 4 => {
                let cut = rng.below(tag.len() + 1);
                out.push_str(&tag[..tag.floor_char_boundary(cut)]);
            }
            n if n < rate * 2 => out.push_str(&tag.replace('"', "")),
            _ => out.push_str(tag),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    if rng.below(4) == 0 {
        let end = rng.below(out.len() + 1);
        out.truncate(out.floor_char_boundary(end));
    }
    out
}
