//! One piece of XML as a small tree.
//!
//! In: the text of one entry of an export. Out: its elements by name, with their text. Lenient where
//! people's tools are sloppy (undeclared prefixes, bare ampersands, unknown entities, control characters);
//! what breaks the structure is named by its offset. No DTD is read, nothing but the predefined, numeric and
//! HTML entities is expanded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};

/// Elements nested deeper than this are text of their ancestor: exports nest five deep, attacks a million.
const MAX_DEPTH: usize = 64;

/// Elements of one entry that are read. A post of ten thousand comments has fewer.
const MOST_ELEMENTS: usize = 200_000;

/// One element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// As written, prefix included.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// Its own text, entities resolved, CDATA included.
    pub text: String,
    pub children: Vec<Element>,
    /// What stands between its tags, as written, where it holds XHTML; else "".
    pub inner: String,
}

/// What broke the structure.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Bytes from the start of the text.
    pub at: usize,
    pub reason: String,
}

impl Element {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The trimmed text of the first child of this name that has some.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.children
            .iter()
            .filter(|c| c.name == name)
            .map(|c| c.text.trim())
            .find(|t| !t.is_empty())
    }

    /// The first of these names that has text.
    pub fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The value of an attribute, any prefix of its name apart.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| local(key) == name)
            .map(|(_, value)| value.as_str())
    }

    /// The element and everything in it, in document order.
    pub fn descendants(&self) -> Vec<&Self> {
        let mut out = vec![self];
        let mut at = 0;
        while let Some(element) = out.get(at).copied() {
            out.extend(&element.children);
            at += 1;
        }
        out
    }
}

/// The name of the first element of an XML file, as written.
pub(crate) fn root(head: &str) -> Option<&str> {
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    loop {
        let inner = rest.strip_prefix('<')?;
        let behind = if inner.starts_with("!--") {
            inner.split_once("-->")?.1
        } else if inner.starts_with('?') {
            inner.split_once("?>")?.1
        } else if inner.starts_with('!') {
            // A document type may hold declarations in brackets.
            let end = inner.find('>')?;
            match inner.find('[').filter(|open| *open < end) {
                Some(_) => inner.split_once("]>")?.1,
                None => &inner[end + 1..],
            }
        } else {
            let end = inner.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
            return inner.get(..end).filter(|name| !name.is_empty());
        };
        rest = behind.trim_start();
    }
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Parses a text that holds elements; they become the children of the one that is returned, whose own name
/// is empty. Where the structure is broken the tree holds what could be told, and the fault is named.
pub(crate) fn parse(text: &str) -> (Element, Option<Broken>) {
    let whole = text.len();
    let (text, strays) = without_stray(text);
    let text: &str = &text;
    // Offsets are those of the text as it came: each stray `<` has grown by three bytes.
    let place = |at: usize| {
        let grown = strays.partition_point(|stray| *stray < at) * 3;
        at.saturating_sub(grown).min(whole)
    };
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut open: Vec<(Element, usize)> = vec![(Element::default(), 0)];
    let mut deeper = 0usize;
    let mut elements = 0;
    let mut broken: Option<Broken> = None;
    let mut swallowed: Option<usize> = None;
    loop {
        let before = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                broken.get_or_insert(Broken {
                    at: place(reader.error_position() as usize),
                    reason: format!("not well-formed XML: {error}"),
                });
                break;
            }
        };
        let after = reader.buffer_position() as usize;
        elements += usize::from(matches!(event, Event::Start(_) | Event::Empty(_)));
        if elements > MOST_ELEMENTS {
            broken.get_or_insert(Broken {
                at: place(before),
                reason: format!("more than {MOST_ELEMENTS} elements: not one post"),
            });
            break;
        }
        match event {
            Event::Eof => break,
            Event::Start(start) if open.len() >= MAX_DEPTH => {
                let _ = start;
                deeper += 1;
            }
            Event::Start(start) => open.push((element(&start), after)),
            Event::Empty(start) => {
                if let Some((parent, _)) = open.last_mut() {
                    parent.children.push(element(&start));
                }
            }
            Event::End(end) if deeper > 0 => {
                let _ = end;
                deeper -= 1;
            }
            Event::End(end) => {
                let name = end.name();
                let name: &str = name.as_ref();
                let Some(at) = open.iter().rposition(|(e, _)| e.name == name) else {
                    broken.get_or_insert(Broken {
                        at: place(before),
                        reason: format!("</{name}> closes nothing"),
                    });
                    continue;
                };
                if at == 0 {
                    continue;
                }
                if at + 1 < open.len() {
                    let unclosed = open.last().map_or("", |(e, _)| e.name.as_str());
                    broken.get_or_insert(Broken {
                        at: place(before),
                        reason: format!("<{unclosed}> is not closed before </{name}>"),
                    });
                }
                close(&mut open, at, text, before);
            }
            Event::Text(raw) => push(&mut open, &raw),
            Event::CData(raw) => {
                // One that opens within another closes with it: the first was never closed.
                if raw.contains("<![CDATA[") {
                    swallowed.get_or_insert(before);
                }
                push(&mut open, &raw);
            }
            Event::GeneralRef(name) => {
                let resolved = entity(&name);
                match resolved {
                    Some(resolved) => push(&mut open, &resolved),
                    None => {
                        push(&mut open, "&");
                        push(&mut open, &name);
                        push(&mut open, ";");
                    }
                }
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if open.len() > 1 {
        let unclosed = open.last().map_or("", |(e, _)| e.name.as_str());
        broken.get_or_insert(Broken {
            at: whole,
            reason: format!("<{unclosed}> is not closed"),
        });
        close(&mut open, 1, text, text.len());
    }
    if let (Some(broken), Some(at)) = (&mut broken, swallowed) {
        broken.at = place(at);
        broken.reason = "a CDATA section is not closed".to_owned();
    }
    (open.pop().map_or_else(Element::default, |(e, _)| e), broken)
}

/// Closes the open elements down to the one at `to`.
fn close(open: &mut Vec<(Element, usize)>, to: usize, text: &str, end: usize) {
    while open.len() > to.max(1) {
        let Some((mut element, start)) = open.pop() else {
            return;
        };
        if element
            .attribute("type")
            .is_some_and(|t| t.contains("xhtml"))
            || (local(&element.name) == "body" && !element.children.is_empty())
        {
            element.inner = text.get(start..end).unwrap_or_default().to_owned();
        }
        if let Some((parent, _)) = open.last_mut() {
            parent.children.push(element);
        }
    }
}

fn push(open: &mut [(Element, usize)], text: &str) {
    if let Some((element, _)) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let name = start.name();
    let name: &str = name.as_ref();
    let mut attributes = Vec::new();
    for attribute in start.html_attributes().with_checks(false).flatten() {
        let key: &str = attribute.key.as_ref();
        let value: &str = &attribute.value;
        attributes.push((key.to_owned(), unescape(value).into_owned()));
    }
    Element {
        name: name.to_owned(),
        attributes,
        ..Element::default()
    }
}

/// What an entity stands for; `None` where it is not one of those that are expanded.
fn entity(name: &str) -> Option<Cow<'static, str>> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        // 0x80..0x9f mean Windows-1252 on the web: dashes and quotes of old tools.
        let c = match code {
            0x80..=0x9f => {
                let byte = [u8::try_from(code).ok()?];
                let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
                text.chars().next()?
            }
            _ => char::from_u32(code)?,
        };
        return Some(Cow::Owned(c.to_string()));
    }
    resolve_predefined_entity(name)
        .or_else(|| resolve_html5_entity(name))
        .map(Cow::Borrowed)
}

/// Text with its entities resolved once; what is none stays as it is.
pub(crate) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest entity name of HTML has 31 letters.
        let end = rest
            .bytes()
            .take(34)
            .position(|b| b == b';')
            .filter(|end| *end > 1);
        match end.and_then(|end| Some((end, entity(rest.get(1..end)?)?))) {
            Some((end, resolved)) => {
                out.push_str(&resolved);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text with every `<` that opens nothing escaped ("I <3 tapes" is common in titles), and where those
/// stand in it.
fn without_stray(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    let mut strays = Vec::new();
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', bytes.get(at..).unwrap_or_default()) {
        at += found;
        let rest = &text[at..];
        if let Some(cdata) = rest.strip_prefix("<![CDATA[") {
            at += cdata.find("]]>").map_or(rest.len(), |end| end + 12);
        } else if let Some(comment) = rest.strip_prefix("<!--") {
            at += comment.find("-->").map_or(rest.len(), |end| end + 7);
        } else if rest[1..]
            .starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '/' | '!' | '?' | ':'))
        {
            at += 1;
        } else {
            out.push_str(&text[done..at]);
            strays.push(out.len());
            out.push_str("&lt;");
            at += 1;
            done = at;
        }
    }
    if done == 0 {
        return (Cow::Borrowed(text), strays);
    }
    out.push_str(&text[done..]);
    (Cow::Owned(out), strays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_text_is_read_and_broken_structure_is_named() {
        let (tree, broken) = parse(
            "<item><t>A &amp; B & C &copy; &nope; &#8217; &#146; I <3 U</t><x:y z='1 &amp; 2'/>\
             <c><![CDATA[a ]]]]><![CDATA[> b]]></c></item>",
        );
        assert!(broken.is_none(), "{broken:?}");
        let item = &tree.children[0];
        assert_eq!(item.get("t"), Some("A & B & C © &nope; ’ ’ I <3 U"));
        assert_eq!(
            item.child("x:y").and_then(|y| y.attribute("z")),
            Some("1 & 2")
        );
        assert_eq!(item.get("c"), Some("a ]]> b"));
        let (tree, broken) = parse("<item><t>A<b>c</t><u>d</u></item>");
        assert!(broken.is_some());
        assert_eq!(tree.children[0].get("u"), Some("d"));
    }

    #[test]
    fn a_million_open_tags_do_no_harm() {
        let (tree, broken) = parse(&"<a>".repeat(1_000_000));
        assert!(broken.is_some());
        assert_eq!(tree.children.len(), 1);
    }
}
