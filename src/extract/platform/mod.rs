//! What made this page?
//!
//! In: a page. Out: the platform whose markup it has, and where that platform keeps the parts of a
//! post. A new platform is one file and one line in [`PLATFORMS`]. Must not know track lists.

use crate::text::page::Page;

/// A blog platform: how to recognise it, and where it keeps things.
pub trait Platform: Sync {
    /// The word in `Post::platform`.
    fn name(&self) -> &'static str;
    /// True where the page was made by it.
    fn made(&self, page: &Page) -> bool;
}

/// Every platform, the most telling first.
pub static PLATFORMS: &[&dyn Platform] = &[];

/// The platform of a page.
pub fn of_page(page: &Page) -> Option<&'static dyn Platform> {
    PLATFORMS.iter().copied().find(|p| p.made(page))
}
