//! What does the page say about itself: title, author, date, tags, address?
//!
//! In: a page and its main region. Out: those facts, each from the most trusted place. Must not know
//! the prose.

use crate::extract::body::Main;
use crate::model::{Link, Published};
use crate::text::page::Page;

/// Facts about a post.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    pub title: Option<String>,
    pub author: Option<String>,
    pub published: Option<Published>,
    pub url: Option<String>,
    pub site: Option<String>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub links: Vec<Link>,
    /// Which rule found what, for `inspect --why`: ("title", "og:title").
    pub rules: Vec<(&'static str, &'static str)>,
}

/// Reads the facts; `url` is the address the page was fetched from, `file_name` its name on disk.
pub fn of_page(page: &Page, main: &Main, url: Option<&str>, file_name: &str) -> Meta {
    let _ = (main, file_name);
    Meta {
        title: page
            .find(page.root(), |n| page.tag(n) == "title")
            .map(|n| page.text(n)),
        url: url.map(str::to_owned),
        ..Meta::default()
    }
}

/// The page's own language: `html[lang]`, `og:locale`, `content-language`; ISO 639-1.
pub fn language_of(page: &Page) -> Option<String> {
    let html = page.find(page.root(), |n| page.tag(n) == "html")?;
    let lang = page.attr(html, "lang")?;
    let code = lang.split(['-', '_']).next()?.trim().to_ascii_lowercase();
    (code.len() == 2).then_some(code)
}
