//! Which attributes are kept?
//!
//! In: the name of an attribute. Out: its place among those that extraction asks for.

/// Attributes that extraction asks for, and those that the tree builder looks at. Everything else
/// (handlers, image sizes and sources, accessibility, widgets) is dropped while reading.
pub(super) const KEPT: &[&str] = &[
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

/// The place of a name among those that stay in the tree.
pub(super) fn kept(name: &str) -> Option<usize> {
    KEPT.binary_search(&name).ok()
}

/// True for the attributes that stay in the tree.
pub(super) fn is_kept(name: &str) -> bool {
    kept(name).is_some()
}

/// The attribute that SVG and MathML have for one with a prefix (`xlink:href`).
pub(super) fn without_prefix(attr: u32) -> u32 {
    let name = KEPT.get(attr as usize).copied().unwrap_or_default();
    let bare = name
        .strip_prefix("xlink:")
        .or_else(|| name.strip_prefix("xml:"));
    bare.and_then(kept).map_or(attr, |place| place as u32)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(KEPT.is_sorted_by(|a, b| a < b));
        let place = |name| kept(name).unwrap_or_default() as u32;
        assert_eq!(without_prefix(place("xlink:href")), place("href"));
        assert_eq!(without_prefix(place("xml:lang")), place("lang"));
        assert_eq!(without_prefix(place("href")), place("href"));
        assert_eq!(without_prefix(u32::MAX), u32::MAX);
    }
}
