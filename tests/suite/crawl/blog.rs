//! A blog that a server serves, with everything that real ones have.

use std::io::Write;

use super::server::Server;

/// Comments that a page of comments shows.
const PER_PAGE: usize = 10;

/// A generated blog: `posts` posts, of which the n-th has n % 4 comments, and the third 25 on three pages.
pub struct Blog<'a> {
    pub server: &'a Server,
    pub posts: usize,
}

fn words(n: usize) -> &'static str {
    [
        "amber", "birch", "cedar", "dusk", "ember", "fern", "grove", "hazel", "iris", "juniper",
    ][n % 10]
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

impl Blog<'_> {
    pub fn path(n: usize) -> String {
        format!(
            "/{}/{:02}/{}-tape-{n}/",
            2010 + n / 12,
            n % 12 + 1,
            words(n)
        )
    }

    pub fn comments(n: usize) -> usize {
        if n == 3 { 25 } else { n % 4 }
    }

    pub fn all_comments(&self) -> usize {
        (1..=self.posts).map(Self::comments).sum()
    }

    /// A post, or a page of its comments; `words` makes it another.
    pub fn post(n: usize, page: usize, more: &str) -> String {
        let path = Self::path(n);
        let all = Self::comments(n);
        let pages = all.div_ceil(PER_PAGE);
        let shown = (page - 1) * PER_PAGE..all.min(page * PER_PAGE);
        let mut list = String::new();
        for c in shown {
            let id = n * 100 + c;
            list.push_str(&format!(
                "<li class=\"comment\" id=\"comment-{id}\"><article><footer><b class=\"fn\">Listener {}</b> \
                 <time datetime=\"2012-05-{:02}T10:00:00\">May {}</time></footer><div class=\"comment-content\">\
                 <p>Remark {id}: the {} side still plays without a crackle.</p></div>\
                 <a class=\"comment-reply-link\" href=\"{path}?replytocom={id}#respond\">Reply</a></article></li>",
                c + 1, c % 28 + 1, c % 28 + 1, words(c)
            ));
        }
        let mut nav = String::new();
        for other in 2..=pages {
            nav.push_str(&format!(
                "<a href=\"{path}comment-page-{other}/#comments\">Newer comments</a> "
            ));
        }
        format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{word} tape {n}</title>\
             <link rel=\"canonical\" href=\"{path}\"></head><body class=\"single single-post\">\
             <nav><a href=\"/\">home</a> <a href=\"/calendar/2031/05/\">calendar</a> <a href=\"/?s=x\">s</a> \
             <a href=\"/about/?PHPSESSID=77{n}\">about</a> <a href=\"/private/diary/\">diary</a></nav>\
             <article class=\"post\"><h1 class=\"entry-title\">{word} tape {n}</h1>\
             <time class=\"entry-date\" datetime=\"2011-02-04\">February 4, 2011</time>\
             <div class=\"entry-content\"><p>Tape number {n} came out of the {word} box; the label had faded and \
             the felt pad was gone, so it had to be copied onto another shell first. {more}</p><h3>Track Listing</h3>\
             <ol><li>Singer {n} - First of {n}</li><li>Band {n} - Second of {n}</li><li>Choir {n} - Third of {n}</li>\
             </ol><a href=\"/files/tape-{n}.mp3\">listen</a></div></article>\
             <section id=\"comments\" class=\"comments-area\"><h2 class=\"comments-title\">{all} responses</h2>\
             <ol class=\"comment-list\">{list}</ol>{nav}</section></body></html>",
            word = words(n),
        )
    }

    /// Puts all posts and pages of comments up.
    pub fn put_posts(&self) {
        for n in 1..=self.posts {
            self.put(n, "");
        }
        self.server.html(
            "/about/",
            "<html><head><title>About</title></head><body><p>Who runs this.</p></body></html>",
        );
    }

    pub fn put(&self, n: usize, more: &str) {
        self.server.html(&Self::path(n), &Self::post(n, 1, more));
        for page in 2..=Self::comments(n).div_ceil(PER_PAGE) {
            let path = format!("{}comment-page-{page}/", Self::path(n));
            self.server.html(&path, &Self::post(n, page, more));
        }
    }

    /// The first page, with links to these posts.
    pub fn home(&self, posts: std::ops::RangeInclusive<usize>, head: &str, nav: &str) -> String {
        let links: String = posts
            .map(|n| {
                format!(
                    "<article class=\"post\"><h2><a href=\"{}\">{} tape {n}</a></h2><p>In short.</p></article>",
                    Self::path(n),
                    words(n)
                )
            })
            .collect();
        format!(
            "<!DOCTYPE html><html><head><title>Tapes</title>{head}</head><body class=\"home blog\">{links}\
             <nav>{nav}</nav></body></html>"
        )
    }

    /// An index of two sitemaps, one of them compressed, that name all posts.
    pub fn put_maps(&self) {
        let entry = |n: usize| {
            let url = self.server.url(&Self::path(n));
            format!(
                "<url><loc>{url}</loc><lastmod>2011-02-{:02}</lastmod></url>",
                n % 28 + 1
            )
        };
        let map = |range: std::ops::RangeInclusive<usize>| {
            let all: String = range.map(entry).collect();
            format!(
                "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{all}</urlset>"
            )
        };
        let half = self.posts / 2;
        self.server
            .body("/posts-1.xml", "application/xml", map(1..=half));
        let rest = gzip(map(half + 1..=self.posts).as_bytes());
        self.server
            .body("/posts-2.xml.gz", "application/x-gzip", rest);
        let maps: String = ["/posts-1.xml", "/posts-2.xml.gz", "/post_tag-sitemap.xml"]
            .iter()
            .map(|m| format!("<sitemap><loc>{}</loc></sitemap>", self.server.url(m)))
            .collect();
        self.server.body(
            "/map.xml",
            "application/xml",
            format!("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{maps}</sitemapindex>"),
        );
        let robots = format!(
            "User-agent: *\nDisallow: /private/\nSitemap: {}\n",
            self.server.url("/map.xml")
        );
        self.server.body("/robots.txt", "text/plain", robots);
    }

    /// A feed of posts, `per` a page, whole; the newest first.
    pub fn put_feed(&self, path: &str, per: usize) {
        let newest: Vec<usize> = (1..=self.posts).rev().collect();
        for (at, part) in newest.chunks(per).enumerate() {
            let items: String = part
                .iter()
                .map(|n| {
                    format!(
                        "<item><title>{} tape {n}</title><link>{}</link><pubDate>Fri, 04 Feb 2011 21:15:00 +0000</pubDate>\
                         <content:encoded><![CDATA[<p>Tape number {n} as the feed tells it, with a few words on its \
                         case.</p><ol><li>Singer {n} - First of {n}</li><li>Band {n} - Second of {n}</li><li>Choir {n} - Third of {n}</li></ol>]]>\
                         </content:encoded></item>",
                        words(*n),
                        self.server.url(&Self::path(*n))
                    )
                })
                .collect();
            let feed = format!(
                "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
                 <channel><title>Tapes</title><link>{}</link>\
                 <generator>https://wordpress.org/?v=6.1</generator>{items}</channel></rss>",
                self.server.url("/")
            );
            let path = match at {
                0 => path.to_owned(),
                at => format!("{path}?paged={}", at + 1),
            };
            self.server.body(&path, "application/rss+xml", feed);
        }
    }
}
