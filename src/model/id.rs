//! Who is who: ids that stay the same between runs, machines and places.
//!
//! In: a canonical URL, or a path relative to its root plus the entry. Out: 64-bit ids printed as 16
//! hexadecimal digits. Never derived from an absolute path or a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// The id of a post: XXH3-64 of `url:` + canonical URL, else of `path:` + relative path + NUL + entry, else,
/// where several roots have different posts there, of `share:` and what tells those apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostId(pub u64);

impl PostId {
    /// The id of a post whose address is known. The URL is canonicalised first.
    pub fn of_url(url: &str) -> Self {
        Self(xxh3_64(format!("url:{}", canonical_url(url)).as_bytes()))
    }

    /// The id of a post that is known only by its place: `path` relative to its root with `/`
    /// separators, and the entry within that file ("" for the only one).
    pub fn of_place(path: &str, entry: &str) -> Self {
        Self(xxh3_64(format!("path:{path}\0{entry}").as_bytes()))
    }

    /// The id of one of several different posts that have the same place, by its title's key, and by a
    /// digest of its text (else 0) where the title is the same too.
    pub fn of_share(place: Self, title: &str, digest: u64) -> Self {
        Self(xxh3_64(
            format!("share:{place}\0{digest:016x}\0{title}").as_bytes(),
        ))
    }
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for PostId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// The form of a URL under which two addresses of one post are equal: scheme `http`/`https`, `www.`
/// and default ports dropped, host in lower case, fragment, tracking parameters (`utm_*`, `fbclid`,
/// `replytocom`, `share`, `m`), pages of comments and a trailing slash or `index.html` dropped. Blogger's country domains
/// (`x.blogspot.co.uk`) become `x.blogspot.com`. Text that is no URL is only trimmed.
pub fn canonical_url(raw: &str) -> String {
    let Ok(url) = url::Url::parse(raw.trim()) else {
        return raw.trim().to_owned();
    };
    let Some(host) = url.host_str() else {
        return raw.trim().to_owned();
    };
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut out = match host.split_once(".blogspot.") {
        Some((blog, _)) if !blog.is_empty() => format!("{blog}.blogspot.com"),
        _ => host.to_owned(),
    };
    if let Some(port) = url.port() {
        out.push_str(&format!(":{port}"));
    }
    let path = url.path();
    let path = ["index.html", "index.htm", "index.php"]
        .iter()
        .find_map(|index| path.strip_suffix(index).filter(|p| p.ends_with('/')))
        .unwrap_or(path);
    // Further pages of a post's comments are the same post.
    let path = path.find("/comment-page-").map_or(path, |at| &path[..at]);
    out.push_str(path.trim_end_matches('/'));
    let kept: Vec<String> = url
        .query_pairs()
        .filter(|(key, _)| {
            !(key.starts_with("utm_")
                || matches!(
                    key.as_ref(),
                    "fbclid"
                        | "gclid"
                        | "replytocom"
                        | "share"
                        | "m"
                        | "showComment"
                        | "nb"
                        | "cpage"
                        | "commentPage"
                ))
        })
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if !kept.is_empty() {
        out.push('?');
        out.push_str(&kept.join("&"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_post_has_one_canonical_url() {
        for (raw, canonical) in [
            (
                "https://www.Example.org/2019/03/rocky/#comments",
                "example.org/2019/03/rocky",
            ),
            (
                "http://example.org/2019/03/rocky?utm_source=x",
                "example.org/2019/03/rocky",
            ),
            ("https://example.org/?p=12", "example.org?p=12"),
            (
                "https://songs.blogspot.co.uk/2010/01/a.html?m=1",
                "songs.blogspot.com/2010/01/a.html",
            ),
            ("https://example.org/a/index.html", "example.org/a"),
            (
                "https://example.org/a/comment-page-2/#comment-9",
                "example.org/a",
            ),
            ("https://example.org/?p=12&cpage=2", "example.org?p=12"),
            ("not a url", "not a url"),
        ] {
            assert_eq!(canonical_url(raw), canonical, "{raw}");
        }
    }

    #[test]
    fn an_id_prints_and_parses() {
        let id = PostId::of_place("a/b.txt", "");
        assert_eq!(id.to_string().parse::<PostId>(), Ok(id));
    }
}
