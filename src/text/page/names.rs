//! Names of tags and attributes, once a page.
//!
//! In: bytes of a name as a tag has it. Out: the tag that the rules of tree construction know, or a number of a name
//! they do not; whether extraction ever asks for such an attribute. A page repeats a few dozen names thousands of
//! times, so each is looked up once.

use std::borrow::Cow;

use foldhash::HashMap;

use super::attributes::{KEPT, kept};

/// What the rules of the HTML standard say of a tag: bits.
pub(super) mod is {
    /// In the standard's list of special elements.
    pub const SPECIAL: u32 = 1;
    /// Bounds a scope, a list item's, a button's, a table's.
    pub const SCOPE: u32 = 1 << 1;
    pub const LIST_SCOPE: u32 = 1 << 2;
    pub const BUTTON_SCOPE: u32 = 1 << 3;
    pub const TABLE_SCOPE: u32 = 1 << 4;
    /// Its end tag may be implied; and thoroughly.
    pub const IMPLIED: u32 = 1 << 5;
    pub const THOROUGH: u32 = 1 << 6;
    /// Opened again where it was closed out of order.
    pub const FORMATTING: u32 = 1 << 7;
    pub const HEADING: u32 = 1 << 8;
    /// Without end tag.
    pub const VOID: u32 = 1 << 9;
    /// Ends SVG and MathML.
    pub const BREAKS_OUT: u32 = 1 << 10;
    /// Closes a paragraph, and needs nothing else.
    pub const BLOCK: u32 = 1 << 11;
    /// Text and tags in it are those of HTML.
    pub const TEXT_POINT: u32 = 1 << 12;
    pub const HTML_POINT: u32 = 1 << 13;
    /// MathML's `annotation-xml`.
    pub const ANNOTATION: u32 = 1 << 14;
    /// Read by the rules of the head, wherever it stands.
    pub const OF_HEAD: u32 = 1 << 15;
    /// A part of a table: where one begins, a caption, a row or a cell ends.
    pub const TABLE_PART: u32 = 1 << 16;
    /// Holds parts of tables only: what else is in it goes before the table.
    pub const FOSTERED: u32 = 1 << 17;
}

macro_rules! tags {
    ($($tag:ident $name:literal $flags:expr;)*) => {
        /// A tag that the rules of tree construction name.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(super) enum Tag { $($tag,)* Other }

        impl Tag {
            pub const ALL: &[Self] = &[$(Self::$tag,)*];
            const NAMES: &[&str] = &[$($name,)* ""];
            const FLAGS: &[u32] = &[$($flags,)* 0];

            pub fn of(name: &str) -> Self {
                match name {
                    $($name => Self::$tag,)*
                    _ => Self::Other,
                }
            }
        }
    };
}

impl Tag {
    /// The name; "" for a tag that the rules do not know.
    #[inline]
    pub fn text(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// What the rules say of it as an element of HTML.
    #[inline]
    pub fn flags(self) -> u32 {
        Self::FLAGS[self as usize]
    }

    #[inline]
    pub fn is(self, flags: u32) -> bool {
        self.flags() & flags != 0
    }
}

use is::*;
const LINE: u32 = FORMATTING | BREAKS_OUT;
const EMPTY: u32 = SPECIAL | VOID;
const PART: u32 = SPECIAL | BLOCK;
const CELL: u32 = SPECIAL | SCOPE | THOROUGH | TABLE_PART;
const ROWS: u32 = SPECIAL | THOROUGH | TABLE_PART | FOSTERED;
const OLD: u32 = SPECIAL | BREAKS_OUT;

tags! {
    A "a" FORMATTING;
    Address "address" PART;
    AnnotationXml "annotation-xml" 0;
    Applet "applet" SPECIAL | SCOPE;
    Area "area" EMPTY;
    Article "article" PART;
    Aside "aside" PART;
    B "b" LINE;
    Base "base" EMPTY | OF_HEAD;
    Basefont "basefont" EMPTY | OF_HEAD;
    Bgsound "bgsound" EMPTY | OF_HEAD;
    Big "big" LINE;
    Blockquote "blockquote" PART | BREAKS_OUT;
    Body "body" OLD;
    Br "br" EMPTY | BREAKS_OUT;
    Button "button" SPECIAL | BUTTON_SCOPE;
    Caption "caption" CELL;
    Center "center" PART | BREAKS_OUT;
    Code "code" LINE;
    Col "col" EMPTY | TABLE_PART;
    Colgroup "colgroup" SPECIAL | THOROUGH | TABLE_PART;
    Dd "dd" OLD | IMPLIED;
    Desc "desc" 0;
    Details "details" PART;
    Dialog "dialog" BLOCK;
    Dir "dir" PART;
    Div "div" PART | BREAKS_OUT;
    Dl "dl" PART | BREAKS_OUT;
    Dt "dt" OLD | IMPLIED;
    Em "em" LINE;
    Embed "embed" EMPTY | BREAKS_OUT;
    Fieldset "fieldset" PART;
    Figcaption "figcaption" PART;
    Figure "figure" PART;
    Font "font" FORMATTING;
    Footer "footer" PART;
    ForeignObject "foreignobject" 0;
    Form "form" SPECIAL;
    Frame "frame" EMPTY;
    Frameset "frameset" SPECIAL;
    H1 "h1" OLD | HEADING;
    H2 "h2" OLD | HEADING;
    H3 "h3" OLD | HEADING;
    H4 "h4" OLD | HEADING;
    H5 "h5" OLD | HEADING;
    H6 "h6" OLD | HEADING;
    Head "head" OLD;
    Header "header" PART;
    Hgroup "hgroup" PART;
    Hr "hr" EMPTY | BREAKS_OUT;
    Html "html" SPECIAL | SCOPE | TABLE_SCOPE;
    I "i" LINE;
    Iframe "iframe" SPECIAL;
    Image "image" VOID;
    Img "img" EMPTY | BREAKS_OUT;
    Input "input" EMPTY;
    Isindex "isindex" SPECIAL;
    Keygen "keygen" VOID;
    Li "li" OLD | IMPLIED;
    Link "link" EMPTY | OF_HEAD;
    Listing "listing" OLD;
    Main "main" PART;
    Malignmark "malignmark" 0;
    Marquee "marquee" SPECIAL | SCOPE;
    Math "math" 0;
    Menu "menu" OLD;
    Meta "meta" EMPTY | BREAKS_OUT | OF_HEAD;
    Mglyph "mglyph" 0;
    Mi "mi" 0;
    Mn "mn" 0;
    Mo "mo" 0;
    Ms "ms" 0;
    Mtext "mtext" 0;
    Nav "nav" PART;
    Nobr "nobr" LINE;
    Noembed "noembed" SPECIAL;
    Noframes "noframes" SPECIAL | OF_HEAD;
    Noscript "noscript" SPECIAL;
    Object "object" SPECIAL | SCOPE;
    Ol "ol" PART | LIST_SCOPE | BREAKS_OUT;
    Optgroup "optgroup" IMPLIED;
    Option "option" IMPLIED;
    P "p" PART | IMPLIED | BREAKS_OUT;
    Param "param" EMPTY;
    Plaintext "plaintext" SPECIAL;
    Pre "pre" OLD;
    Rb "rb" IMPLIED;
    Rp "rp" IMPLIED;
    Rt "rt" IMPLIED;
    Rtc "rtc" IMPLIED;
    Ruby "ruby" BREAKS_OUT;
    S "s" LINE;
    Script "script" SPECIAL | OF_HEAD;
    Search "search" BLOCK;
    Section "section" PART;
    Select "select" SPECIAL | SCOPE;
    Small "small" LINE;
    Source "source" EMPTY;
    Span "span" BREAKS_OUT;
    Strike "strike" LINE;
    Strong "strong" LINE;
    Style "style" SPECIAL | OF_HEAD;
    Sub "sub" BREAKS_OUT;
    Summary "summary" PART;
    Sup "sup" BREAKS_OUT;
    Svg "svg" 0;
    Table "table" OLD | SCOPE | TABLE_SCOPE | FOSTERED;
    Tbody "tbody" ROWS;
    Td "td" CELL;
    Template "template" SPECIAL | SCOPE | TABLE_SCOPE | OF_HEAD;
    Textarea "textarea" SPECIAL;
    Tfoot "tfoot" ROWS;
    Th "th" CELL;
    Thead "thead" ROWS;
    Title "title" SPECIAL | OF_HEAD;
    Tr "tr" ROWS;
    Track "track" EMPTY;
    Tt "tt" LINE;
    U "u" LINE;
    Ul "ul" PART | LIST_SCOPE | BREAKS_OUT;
    Var "var" BREAKS_OUT;
    Wbr "wbr" EMPTY;
    Xmp "xmp" SPECIAL;
}

/// Names of SVG that have capitals; tags come in lower case.
const SVG_CAPITALS: &[&str] = &[
    "altGlyph",
    "altGlyphDef",
    "altGlyphItem",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "clipPath",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feImage",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "foreignObject",
    "glyphRef",
    "linearGradient",
    "radialGradient",
    "textPath",
];

/// The name of an element: one that the rules know, or the number of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name {
    pub tag: Tag,
    /// Among the page's own names; 0 where `tag` says it.
    pub other: u32,
}

impl From<Tag> for Name {
    fn from(tag: Tag) -> Self {
        Self { tag, other: 0 }
    }
}

/// A tag's name as met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    pub name: Name,
    /// The same as an element of SVG has it.
    pub svg: Name,
}

/// Longest name that a cache holds, in bytes; longer ones are looked up each time.
const SHORT: usize = 15;
/// Slots of a cache; a power of two.
const SLOTS: usize = 128;

/// What is known of names by the bytes of a page. Two of one slot push each other out: a cache can be slow, never
/// wrong. Spellings that differ in case have slots of their own, which spares folding what is folded already.
struct Cache<T>(Vec<Option<(u128, T)>>);

impl<T: Copy> Cache<T> {
    fn new() -> Self {
        Self(vec![None; SLOTS])
    }

    /// What `make` says of the name at `from..to` of `page`.
    #[inline]
    fn get(&mut self, page: &str, from: usize, to: usize, make: impl FnOnce(&str) -> T) -> T {
        let Some(key) = key(page.as_bytes(), from, to) else {
            return make(&page[from..to]);
        };
        let at = slot(key);
        match &self.0[at] {
            Some((known, told)) if *known == key => *told,
            _ => {
                let told = make(&page[from..to]);
                self.0[at] = Some((key, told));
                told
            }
        }
    }
}

/// Names that a page repeats.
pub(super) struct Names {
    tags: Cache<Met>,
    /// Places among [`KEPT`].
    attrs: Cache<Option<u32>>,
    others: Others,
}

/// Names that no table has, with their numbers.
#[derive(Default)]
struct Others {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Names {
    pub fn new() -> Self {
        Self {
            tags: Cache::new(),
            attrs: Cache::new(),
            others: Others::default(),
        }
    }

    /// The tag name at `from..to` of `page`: ASCII letters in lower case, NUL replaced.
    #[inline]
    pub fn tag(&mut self, page: &str, from: usize, to: usize) -> Met {
        let others = &mut self.others;
        self.tags.get(page, from, to, |raw| others.meet(raw))
    }

    /// The name of an attribute that is kept, as its place among [`KEPT`].
    #[inline]
    pub fn kept(&mut self, page: &str, from: usize, to: usize) -> Option<u32> {
        self.attrs.get(page, from, to, |raw| {
            kept(&folded(raw)).map(|place| place as u32)
        })
    }

    /// The name of any attribute: what is not kept has a number behind [`KEPT`].
    pub fn attr(&mut self, page: &str, from: usize, to: usize) -> u32 {
        match self.kept(page, from, to) {
            Some(place) => place,
            None => KEPT.len() as u32 + self.others.number(&folded(&page[from..to])),
        }
    }

    /// An element's name.
    #[cfg(test)]
    pub fn name(&mut self, text: &str) -> Name {
        self.others.name(text)
    }

    /// The text of an element's name.
    pub fn text(&self, name: Name) -> &str {
        text(&self.others.texts, name)
    }

    /// The names that no table has, by their numbers.
    pub fn into_others(self) -> Vec<Box<str>> {
        self.others.texts
    }
}

fn folded(raw: &str) -> Cow<'_, str> {
    // As nearly all are written.
    if !raw.bytes().any(|b| b == 0 || b.is_ascii_uppercase()) {
        return Cow::Borrowed(raw);
    }
    let text = raw.to_ascii_lowercase();
    Cow::Owned(match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text,
    })
}

impl Others {
    #[inline(never)]
    fn meet(&mut self, raw: &str) -> Met {
        let text = folded(raw);
        let name = self.name(&text);
        let capital = |known: &&&str| known.eq_ignore_ascii_case(&text);
        let svg = match SVG_CAPITALS.iter().find(capital) {
            Some(capitals) => self.name(capitals),
            None => name,
        };
        Met { name, svg }
    }

    fn name(&mut self, text: &str) -> Name {
        match Tag::of(text) {
            Tag::Other => Name {
                tag: Tag::Other,
                other: self.number(text),
            },
            tag => tag.into(),
        }
    }

    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }
}

/// The text of a name, by the page's own ones.
#[inline]
pub(super) fn text(others: &[Box<str>], name: Name) -> &str {
    match name.tag {
        Tag::Other => others.get(name.other as usize).map_or("", |text| text),
        tag => tag.text(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_never_mixed_up() {
        let mut names = Names::new();
        for round in 0..2 {
            for (raw, text, kept) in [
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
                let met = names.tag(raw, 0, raw.len());
                let place = names.kept(raw, 0, raw.len());
                assert_eq!(
                    (names.text(met.name), place.is_some()),
                    (text, kept),
                    "{raw} in round {round}"
                );
                let attr = names.attr(raw, 0, raw.len());
                assert_eq!(place.unwrap_or(attr), attr);
                assert_eq!((attr as usize) < KEPT.len(), kept);
            }
        }
        for n in 0..10_000 {
            let raw = format!("x{n}");
            let met = names.tag(&raw, 0, raw.len());
            assert_eq!(names.text(met.name), raw);
        }
        let gradient = names.tag("LINEARGRADIENT", 0, 14);
        assert_eq!(names.text(gradient.name), "lineargradient");
        assert_eq!(names.text(gradient.svg), "linearGradient");
    }
}
