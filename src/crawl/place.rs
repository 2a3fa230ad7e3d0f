//! Which addresses belong to the site, and what do they look like?
//!
//! In: addresses as pages, feeds and sitemaps write them. Out: one form for each page of the site, what its shape
//! tells, and which shapes are traps. Must not fetch.

use url::Url;

use super::state::Kind;

/// Addresses longer than this are nobody's permalink: bytes.
const MAX_LENGTH: usize = 2000;

/// Paths have fewer parts.
const MAX_PARTS: usize = 16;

/// Parameters that change nothing of the page: campaigns, sessions, forms to answer or share.
const IDLE: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "msclkid",
    "mc_cid",
    "mc_eid",
    "igshid",
    "ref",
    "replytocom",
    "share",
    "nb",
    "like_comment",
    "showcomment",
    "amp",
    "noamp",
    "phpsessid",
    "jsessionid",
    "sessionid",
    "session_id",
    "session",
    "sid",
    "zenid",
    "oscsid",
    "cfid",
    "cftoken",
    "unapproved",
    "moderation-hash",
    "spref",
    "print",
];

/// Parameters of pages that are forms, searches, baskets and calendars, endless by making.
const FORMS: &[&str] = &[
    "s",
    "q",
    "search",
    "query",
    "add-to-cart",
    "action",
    "orderby",
    "order",
    "sort",
    "filter",
    "calendar",
    "ical",
    "tribe-bar-date",
    "eventdisplay",
    "oembed",
    "rest_route",
    "preview",
    "customize_changeset_uuid",
    "redirect_to",
];

/// Parts of paths that lead to no post.
const MACHINERY: &[&str] = &[
    "wp-admin",
    "wp-login.php",
    "wp-json",
    "wp-cron.php",
    "xmlrpc.php",
    "wp-includes",
    "wp-signup.php",
    "cgi-bin",
    "trackback",
    "embed",
    "oembed",
    "cart",
    "checkout",
    "my-account",
    "login",
    "logout",
    "signup",
    "register",
    "cdn-cgi",
    "calendar",
    "search",
];

/// Endings of files that are no pages.
const ASSETS: &[&str] = &[
    "7z",
    "aac",
    "aif",
    "aiff",
    "apk",
    "asf",
    "avi",
    "avif",
    "bin",
    "bmp",
    "bz2",
    "css",
    "csv",
    "dmg",
    "doc",
    "docx",
    "eot",
    "epub",
    "exe",
    "flac",
    "flv",
    "gif",
    "gz",
    "heic",
    "ico",
    "ics",
    "iso",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "json",
    "m3u",
    "m3u8",
    "m4a",
    "m4v",
    "map",
    "mid",
    "midi",
    "mjs",
    "mkv",
    "mobi",
    "mov",
    "mp3",
    "mp4",
    "mpeg",
    "mpg",
    "msi",
    "odt",
    "oga",
    "ogg",
    "ogv",
    "opus",
    "otf",
    "pdf",
    "pls",
    "png",
    "ppt",
    "pptx",
    "ps",
    "rar",
    "rtf",
    "svg",
    "swf",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "torrent",
    "ttf",
    "vcf",
    "wav",
    "webm",
    "webmanifest",
    "webp",
    "wma",
    "wmv",
    "woff",
    "woff2",
    "xls",
    "xlsx",
    "xspf",
    "xz",
    "zip",
];

/// The part of the web that is crawled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// Scheme and port of every address.
    home: Url,
    /// Without `www.`.
    host: String,
    /// Pages lie below this folder.
    folder: String,
}

impl Scope {
    /// The site of an address: its host, with and without `www.`, below the folder of the address.
    pub fn of(home: &Url) -> Self {
        let path = home.path();
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        Self {
            home: home.clone(),
            host: bare(home).to_owned(),
            folder: folder.to_owned(),
        }
    }

    /// The one form of an address of this host; `None` for other hosts and schemes.
    pub fn normal(&self, url: &Url) -> Option<Url> {
        if !matches!(url.scheme(), "http" | "https") || bare(url) != self.host {
            return None;
        }
        // `http` and `https` are one site on their usual ports.
        if url.port() != self.home.port() {
            return None;
        }
        let mut out = url.clone();
        out.set_fragment(None);
        let _ = out.set_username("");
        let _ = out.set_password(None);
        let _ = out.set_host(self.home.host_str());
        let _ = out.set_scheme(self.home.scheme());
        if let Some(at) = out.path().to_ascii_lowercase().find(";jsessionid=") {
            let path = out.path()[..at].to_owned();
            out.set_path(&path);
        }
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, value)| !is_idle(key, value))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        if pairs.len() < url.query_pairs().count() {
            if pairs.is_empty() {
                out.set_query(None);
            } else {
                out.query_pairs_mut().clear().extend_pairs(pairs);
            }
        }
        if out.query() == Some("") {
            out.set_query(None);
        }
        Some(out)
    }

    /// The same for an address as it stands on a page.
    pub fn join(&self, base: &Url, written: &str) -> Option<Url> {
        let written = written.trim();
        if written.is_empty() || written.len() > MAX_LENGTH {
            return None;
        }
        self.normal(&base.join(written).ok()?)
    }

    /// True where a page of the host lies below the folder.
    pub fn holds(&self, url: &Url) -> bool {
        url.path().starts_with(&self.folder) || format!("{}/", url.path()) == self.folder
    }
}

/// The host without `www.`; addresses that are not hierarchical have none.
fn bare(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn is_idle(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("utm_")
        || IDLE.contains(&key.as_str())
        // Blogger's view for telephones; elsewhere `m` is a month.
        || (key == "m" && matches!(value, "0" | "1"))
}

/// Why an address that a page links to is not followed, where that is so.
pub(super) fn refused(url: &Url) -> Option<&'static str> {
    if url.as_str().len() > MAX_LENGTH {
        return Some("its address is longer than any post's");
    }
    let parts: Vec<&str> = parts(url);
    if parts.len() > MAX_PARTS {
        return Some("its path is deeper than any post's");
    }
    if parts
        .iter()
        .any(|part| parts.iter().filter(|p| *p == part).count() > 2 && part.parse::<u32>().is_err())
    {
        return Some("its path goes in circles");
    }
    if parts
        .iter()
        .any(|part| MACHINERY.iter().any(|m| part.eq_ignore_ascii_case(m)))
    {
        return Some("a form or a machine's interface");
    }
    if url
        .query_pairs()
        .any(|(key, _)| FORMS.contains(&key.to_ascii_lowercase().as_str()))
    {
        return Some("a form or a search");
    }
    None
}

/// True for addresses of files that are no pages.
pub(super) fn is_asset(url: &Url) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.')
        .is_some_and(|(_, end)| ASSETS.iter().any(|a| end.eq_ignore_ascii_case(a)))
}

/// True for addresses of feeds, which are asked for only where a page calls them so.
pub(super) fn is_feed(url: &Url) -> bool {
    let parts = parts(url);
    let last = parts.last().copied().unwrap_or_default();
    matches!(last, "feed" | "rss" | "atom" | "rdf" | "rss2")
        || [".xml", ".rss", ".atom", ".rdf"]
            .iter()
            .any(|end| last.ends_with(end))
        || parts.starts_with(&["feeds"])
        || url.query_pairs().any(|(key, _)| key == "feed")
}

/// What the shape of a linked address tells.
pub(super) fn kind(url: &Url) -> Kind {
    let paged = |key: &str| matches!(key, "cpage" | "commentPage");
    if url.path().contains("/comment-page-") || url.query_pairs().any(|(key, _)| paged(&key)) {
        return Kind::Comments;
    }
    if crate::extract::is_list(url.as_str()) {
        return Kind::List;
    }
    Kind::Page
}

/// What addresses of one making have in common: figures and the values of parameters left out.
pub(super) fn making(url: &Url) -> String {
    let mut out = String::new();
    let mut digits = false;
    for c in url.path().chars() {
        if c.is_ascii_digit() {
            if !digits {
                out.push('#');
            }
            digits = true;
        } else {
            digits = false;
            out.push(c);
        }
    }
    let mut keys: Vec<String> = url.query_pairs().map(|(key, _)| key.into_owned()).collect();
    keys.sort();
    for key in keys {
        out.push('?');
        out.push_str(&key);
    }
    out
}

/// The folder in which pages of one making lie: their path without its last part, figures left out, and the
/// names of parameters.
pub(super) fn folder(url: &Url) -> String {
    let making = making(url);
    let (path, query) = making.split_once('?').unwrap_or((&making, ""));
    let path = path.trim_end_matches('/');
    let folder = path.rfind('/').map_or("", |at| &path[..at]);
    format!("{folder}/?{query}")
}

/// The date in an address, as far as it goes: `/2011/02/04/`.
pub(super) fn date(url: &Url) -> Option<String> {
    let parts = parts(url);
    let number = |at: usize, digits: usize| -> Option<u16> {
        let part = parts.get(at)?;
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let at =
        (0..parts.len()).find(|at| number(*at, 4).is_some_and(|y| (1990..2100).contains(&y)))?;
    let year = number(at, 4)?;
    let month = number(at + 1, 2).filter(|m| (1..=12).contains(m))?;
    // A month's posts may be of its last day.
    let day = number(at + 2, 2)
        .filter(|d| (1..=31).contains(d))
        .unwrap_or(31);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn parts(url: &Url) -> Vec<&str> {
    let parts = url.path_segments().into_iter().flatten();
    parts.filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_page_has_one_address() {
        let scope = Scope::of(&url("https://tapes.example/blog/"));
        for (written, expected) in [
            ("/blog/a/#comments", Some("https://tapes.example/blog/a/")),
            (
                "http://www.tapes.example/blog/a/",
                Some("https://tapes.example/blog/a/"),
            ),
            (
                "b?utm_source=x&p=1",
                Some("https://tapes.example/blog/b?p=1"),
            ),
            (
                "b/?replytocom=12#respond",
                Some("https://tapes.example/blog/b/"),
            ),
            (
                "c;jsessionid=ABC?PHPSESSID=1",
                Some("https://tapes.example/blog/c"),
            ),
            ("d?m=1", Some("https://tapes.example/blog/d")),
            ("?m=201102", Some("https://tapes.example/blog/?m=201102")),
            ("//other.example/", None),
            ("https://tapes.example:8443/", None),
            ("mailto:me@tapes.example", None),
            ("ftp://tapes.example/", None),
            ("", None),
        ] {
            let found = scope.join(&url("https://tapes.example/blog/"), written);
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{written}");
        }
        assert!(scope.holds(&url("https://tapes.example/blog/x")));
        assert!(scope.holds(&url("https://tapes.example/blog")));
        assert!(!scope.holds(&url("https://tapes.example/blogroll")));
    }

    #[test]
    fn shapes() {
        use Kind::{Comments, List, Page};
        for (address, expected) in [
            ("/2011/02/rocky/", Page),
            ("/2011/02/rocky/comment-page-2/", Comments),
            ("/?p=3&cpage=2", Comments),
            ("/2011/02/", List),
            ("/page/4/", List),
            ("/about/", Page),
        ] {
            assert_eq!(
                kind(&url(&format!("https://a.example{address}"))),
                expected,
                "{address}"
            );
        }
        for (address, trap) in [
            ("/a/b/c/", false),
            ("/2011/11/11/eleven/", false),
            ("/a/b/a/b/a/b/", true),
            ("/?s=tape", true),
            ("/calendar/2031/05/", true),
            ("/wp-login.php?redirect_to=x", true),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", true),
        ] {
            let found = refused(&url(&format!("https://a.example{address}")));
            assert_eq!(found.is_some(), trap, "{address}");
        }
        assert_eq!(
            making(&url("https://a.example/2011/02/x?b=1&a=2")),
            "/#/#/x?a?b"
        );
        assert_eq!(
            folder(&url("https://a.example/days/2031-05-01/?v=3")),
            "/days/?v"
        );
        assert_eq!(
            date(&url("https://a.example/2011/02/rocky/")).as_deref(),
            Some("2011-02-31")
        );
        assert_eq!(date(&url("https://a.example/1999/")), None);
    }
}
