//! Which attributes are kept, and names as atoms.
//!
//! In: bytes of a tag or attribute name. Out: its atom, and whether extraction ever asks for it. A page
//! repeats a few dozen names thousands of times, so atoms are looked up once a page.

use html5ever::LocalName;

/// Attributes that extraction asks for, and those that the tree builder looks at. Everything else
/// (handlers, image sizes and sources, accessibility, widgets) is dropped while reading.
const KEPT: &[&str] = &[
    "action",
    "alt",
    "aria-hidden",
    "aria-label",
    "aria-level",
    "charset",
    "cite",
    "class",
    "color",
    "colspan",
    "content",
    "data-album",
    "data-artist",
    "data-artist-name",
    "data-audio",
    "data-audio-url",
    "data-author",
    "data-comment-author",
    "data-comment-id",
    "data-comment-parent",
    "data-commentid",
    "data-count",
    "data-created",
    "data-date",
    "data-datetime",
    "data-depth",
    "data-duration",
    "data-episode",
    "data-href",
    "data-id",
    "data-level",
    "data-like-count",
    "data-likes",
    "data-mp3",
    "data-name",
    "data-parent",
    "data-parent-id",
    "data-parentid",
    "data-permalink",
    "data-pid",
    "data-post-id",
    "data-role",
    "data-src",
    "data-tid",
    "data-time",
    "data-timestamp",
    "data-title",
    "data-track",
    "data-track-name",
    "data-track-title",
    "data-type",
    "data-url",
    "data-user",
    "data-username",
    "data-utime",
    "data-value",
    "datetime",
    "dir",
    "encoding",
    "face",
    "flashvars",
    "headers",
    "height",
    "hidden",
    "href",
    "hreflang",
    "http-equiv",
    "id",
    "itemid",
    "itemprop",
    "itemref",
    "itemscope",
    "itemtype",
    "label",
    "lang",
    "name",
    "open",
    "property",
    "pubdate",
    "rel",
    "reversed",
    "role",
    "rowspan",
    "scope",
    "shadowrootmode",
    "size",
    "src",
    "start",
    "style",
    "summary",
    "title",
    "type",
    "typeof",
    "value",
    "vocab",
    "width",
    "xlink:href",
    "xlink:role",
    "xlink:title",
    "xlink:type",
    "xml:lang",
];

/// True for the attributes that stay in the tree.
pub(super) fn is_kept(name: &str) -> bool {
    KEPT.contains(&name)
}

/// One of 64 bits for a name: what has not the bit has not the name.
#[inline]
pub(super) const fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match bytes {
        [] => 1,
        [first, .., last] => {
            let mixed = *first as usize * 7 + *last as usize * 3 + bytes.len() * 5;
            1 << (mixed % 64)
        }
        [only] => 1 << (*only % 64),
    }
}

/// Longest name that the cache holds, in bytes; longer ones are looked up each time.
const SHORT: usize = 15;
/// Slots of the cache; a power of two.
const SLOTS: usize = 128;

/// A name as met in a tag.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) atom: LocalName,
    pub(super) kept: bool,
}

/// Atoms of the names that a page repeats. Two names of one slot push each other out: the cache can be
/// slow, never wrong.
pub(super) struct Names {
    slots: Vec<Option<(u128, Name)>>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![None; SLOTS],
        }
    }

    /// The name at `from..to` of `page`: ASCII letters in lower case, NUL replaced. Spellings that differ
    /// in case have slots of their own, which spares folding what is folded already.
    #[inline]
    pub(super) fn get(&mut self, page: &str, from: usize, to: usize) -> &Name {
        let key = key(page.as_bytes(), from, to);
        // The last slot takes what has no key.
        let at = key.map_or(SLOTS - 1, slot);
        let known = key.is_some() && matches!(&self.slots[at], Some((k, _)) if Some(*k) == key);
        if !known {
            self.slots[at] = None;
        }
        &self.slots[at]
            .get_or_insert_with(|| (key.unwrap_or_default(), make(&page[from..to])))
            .1
    }
}

/// The bytes of a short name and its length as one number, read at a stroke where the page goes on; no
/// two names have the same.
#[inline]
fn key(page: &[u8], from: usize, to: usize) -> Option<u128> {
    let length = to - from;
    if length == 0 || length > SHORT {
        return None;
    }
    let ahead = page.get(from..from + 16).and_then(|b| b.try_into().ok());
    let bytes = match ahead {
        Some(bytes) => u128::from_le_bytes(bytes) & (u128::MAX >> (128 - 8 * length)),
        None => page[from..to]
            .iter()
            .rev()
            .fold(0, |key, byte| key << 8 | u128::from(*byte)),
    };
    Some(bytes | (length as u128) << 120)
}

fn slot(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOTS.ilog2())) as usize
}

fn make(raw: &str) -> Name {
    let mut name = raw.to_ascii_lowercase();
    if name.contains('\0') {
        name = name.replace('\0', "\u{fffd}");
    }
    Name {
        kept: is_kept(&name),
        atom: LocalName::from(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_never_mixed_up() {
        let mut names = Names::new();
        for round in 0..2 {
            for (raw, atom, kept) in [
                ("DIV", "div", false),
                ("div", "div", false),
                ("Class", "class", true),
                ("onclick", "onclick", false),
                ("a\0b", "a\u{fffd}b", false),
                ("É", "É", false),
                ("data-comment-author", "data-comment-author", true),
                ("data-comment-authorx", "data-comment-authorx", false),
                ("sixteen-letters-", "sixteen-letters-", false),
            ] {
                let name = names.get(raw, 0, raw.len());
                assert_eq!(
                    (&*name.atom, name.kept),
                    (atom, kept),
                    "{raw} in round {round}"
                );
            }
        }
        for n in 0..10_000 {
            let raw = format!("x{n}");
            assert_eq!(&*names.get(&raw, 0, raw.len()).atom, raw);
        }
    }
}
