//! Entries of a large XML file, one by one.
//!
//! In: the bytes of an export or feed, and the names of the elements that are entries. Out: each entry's text
//! with its offset, and what stands before it. Memory holds one entry. An entry that is damaged ends where
//! the next one opens: the rest of the file is read on. Must not know what entries mean.

use std::io::{self, BufRead, Read};

use super::MAX_DOCUMENT_BYTES;
use super::xml::{self, Element};
use crate::text::charset;

/// One piece of the file.
pub(crate) enum Piece {
    /// What stands outside entries, where it holds more than white space: the head of the file, or a
    /// second channel.
    Outside(Element),
    /// An entry; `broken` where its structure is damaged and it may lack parts.
    Entry {
        element: Element,
        broken: Option<(u64, String)>,
    },
    /// A part of the file that cannot be read.
    Damage { offset: u64, reason: String },
}

/// Reads entries.
pub(crate) struct Items<'a> {
    input: &'a mut dyn BufRead,
    names: &'a [&'a str],
    /// Bytes to read again, and how far that went.
    again: Vec<u8>,
    again_at: usize,
    /// Up to this offset a start tag ends an entry also within CDATA: what lies there was damaged once.
    wary_until: u64,
    /// Offset of the next byte.
    offset: u64,
    outside: Vec<u8>,
    /// Entry whose start tag has been read: its bytes so far and its offset.
    begun: Option<(Vec<u8>, u64, usize)>,
    /// The charset that the declaration names.
    declared: Option<String>,
    ended: bool,
    /// Why the input ends before its end: its compression is cut short or damaged.
    torn: Option<String>,
}

/// Where the scanner stands.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Markup,
    Cdata,
    Comment,
}

impl<'a> Items<'a> {
    /// Entries are the elements of these names (without prefix).
    pub fn new(input: &'a mut dyn BufRead, names: &'a [&'a str]) -> Self {
        Self {
            input,
            names,
            again: Vec::new(),
            again_at: 0,
            wary_until: 0,
            offset: 0,
            outside: Vec::new(),
            begun: None,
            declared: None,
            ended: false,
            torn: None,
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Where the input cannot be read on.
    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.ended {
            let offset = self.offset;
            return Ok(self
                .torn
                .take()
                .map(|reason| Piece::Damage { offset, reason }));
        }
        if self.begun.is_none() && !self.reach_entry()? {
            self.ended = true;
            return match self.outside() {
                Some(piece) => Ok(Some(piece)),
                None => self.next(),
            };
        }
        if let Some(outside) = self.outside() {
            return Ok(Some(outside));
        }
        let Some((bytes, start, name)) = self.begun.take() else {
            return Ok(None);
        };
        self.entry(bytes, start, name).map(Some)
    }

    fn outside(&mut self) -> Option<Piece> {
        let bytes = std::mem::take(&mut self.outside);
        if self.declared.is_none() {
            self.declared = declared(&bytes);
        }
        let text = self.decode(&bytes);
        if !text.contains('<') {
            return None;
        }
        let (element, _) = xml::parse(&text);
        (!element.children.is_empty()).then_some(Piece::Outside(element))
    }

    fn decode(&self, bytes: &[u8]) -> String {
        charset::decode(bytes, self.declared.as_deref(), false).0
    }

    /// Reads on to the next start tag of an entry. False at the end.
    fn reach_entry(&mut self) -> io::Result<bool> {
        let mut state = State::Markup;
        let mut segment = Vec::new();
        loop {
            segment.clear();
            let start = self.offset;
            if self.segment(&mut segment)? == 0 {
                return Ok(false);
            }
            let mut from = 0;
            state = scan(&segment, state, &mut from);
            if state == State::Markup
                && let Some((at, name, empty)) = start_tag(&segment, from, self.names)
                && !empty
            {
                self.outside.extend_from_slice(&segment[..at]);
                self.begun = Some((segment[at..].to_vec(), start + at as u64, name));
                return Ok(true);
            }
            if (self.outside.len() as u64) < MAX_DOCUMENT_BYTES {
                self.outside.extend_from_slice(&segment);
            }
        }
    }

    /// Reads the entry that has begun.
    fn entry(&mut self, mut bytes: Vec<u8>, start: u64, name: usize) -> io::Result<Piece> {
        let own = self.names.get(name).copied().unwrap_or_default();
        let mut state = State::Markup;
        // Where another entry seems to open within CDATA or a comment.
        let mut suspect: Option<usize> = None;
        let mut opened = start;
        let mut closed_before = false;
        let fault = loop {
            let from = bytes.len();
            let read = self.segment(&mut bytes)?;
            if read == 0 {
                break "it is cut off: the file ends within it".to_owned();
            }
            if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
                break format!("larger than {} MiB: not one post", MAX_DOCUMENT_BYTES >> 20);
            }
            let was = state;
            let mut at = from;
            state = scan(&bytes, state, &mut at);
            if was == State::Markup && state != State::Markup {
                opened = start + from as u64;
            }
            let tail = &bytes[from..];
            if state == State::Markup {
                if was == State::Markup {
                    if ends(tail, own) {
                        return Ok(self.finish(&bytes, start, opened, suspect));
                    }
                    if let Some((at, name, _)) = start_tag(&bytes, at, &[own]) {
                        // Entries do not nest: the one before was never closed.
                        let _ = name;
                        self.begun = Some((
                            bytes[at..].to_vec(),
                            start + at as u64,
                            index(self.names, own),
                        ));
                        return Ok(Piece::Damage {
                            offset: start,
                            reason: format!("<{own}> is not closed before the next one opens"),
                        });
                    }
                } else if ends(tail, own) {
                    return Ok(self.finish(&bytes, start, opened, suspect));
                }
            } else if let Some((at, _, _)) = start_tag(&bytes, from, &[own]) {
                if closed_before && start + (at as u64) < self.wary_until {
                    self.begun = Some((
                        bytes[at..].to_vec(),
                        start + at as u64,
                        index(self.names, own),
                    ));
                    return Ok(Piece::Damage {
                        offset: opened,
                        reason: unclosed(state),
                    });
                }
                if closed_before {
                    suspect.get_or_insert(at);
                }
                closed_before = false;
            } else {
                closed_before = ends(tail, own);
            }
        };
        let in_markup = state == State::Markup;
        if let Some(at) = suspect {
            self.read_again(&bytes, at, start);
        } else if fault.starts_with("larger") {
            self.skip(own)?;
        }
        Ok(Piece::Damage {
            offset: if in_markup { start } else { opened },
            reason: if in_markup { fault } else { unclosed(state) },
        })
    }

    fn finish(&mut self, bytes: &[u8], start: u64, opened: u64, suspect: Option<usize>) -> Piece {
        let text = self.decode(bytes);
        let (mut tree, broken) = xml::parse(&text);
        if let (Some(_), Some(at)) = (&broken, suspect) {
            self.read_again(bytes, at, start);
            return Piece::Damage {
                offset: opened,
                reason: "a CDATA section or comment is not closed".to_owned(),
            };
        }
        Piece::Entry {
            element: if tree.children.is_empty() {
                tree
            } else {
                tree.children.swap_remove(0)
            },
            broken: broken.map(|b| (start + self.bytes_before(bytes, &text, b.at), b.reason)),
        }
    }

    /// How many bytes of an entry stand before a place in its text.
    fn bytes_before(&self, bytes: &[u8], text: &str, at: usize) -> u64 {
        let before = text.get(..at).unwrap_or(text);
        let count = if std::str::from_utf8(bytes).is_ok() {
            before.len()
        } else {
            // Charsets of one byte a character, as nearly all others are.
            before.chars().count()
        };
        count as u64
    }

    /// Reads again from the byte `at` of an entry that starts at `start`.
    fn read_again(&mut self, bytes: &[u8], at: usize, start: u64) {
        let mut again = bytes.get(at..).unwrap_or_default().to_vec();
        self.wary_until = self.wary_until.max(start + bytes.len() as u64);
        again.extend_from_slice(self.again.get(self.again_at..).unwrap_or_default());
        self.again = again;
        self.again_at = 0;
        self.offset = start + at as u64;
    }

    /// Drops bytes up to the end of the entry that is too large.
    fn skip(&mut self, own: &str) -> io::Result<()> {
        let mut segment = Vec::new();
        loop {
            segment.clear();
            if self.segment(&mut segment)? == 0 || ends(&segment, own) {
                return Ok(());
            }
        }
    }

    /// Appends bytes up to and including the next `>`.
    fn segment(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        if self.again_at < self.again.len() {
            let rest = &self.again[self.again_at..];
            let count = memchr::memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
            out.extend_from_slice(&rest[..count]);
            self.again_at += count;
            self.offset += count as u64;
            if self.again_at == self.again.len() {
                self.again = Vec::new();
                self.again_at = 0;
            }
            return Ok(count);
        }
        if self.torn.is_some() {
            return Ok(0);
        }
        let before = out.len();
        let read = (&mut *self.input)
            .take(MAX_DOCUMENT_BYTES + 1)
            .read_until(b'>', out);
        let count = out.len() - before;
        self.offset += count as u64;
        match read {
            Err(error) if error.raw_os_error().is_none() => {
                self.torn = Some(error.to_string());
                Ok(count)
            }
            Err(error) => Err(error),
            Ok(_) => Ok(count),
        }
    }
}

fn unclosed(state: State) -> String {
    match state {
        State::Comment => "a comment is not closed".to_owned(),
        _ => "a CDATA section is not closed".to_owned(),
    }
}

fn index(names: &[&str], own: &str) -> usize {
    names.iter().position(|n| *n == own).unwrap_or(0)
}

/// Follows the state over the segment that starts at `from` and ends the bytes; `from` becomes the place
/// behind the last CDATA section or comment that closed in it.
fn scan(bytes: &[u8], mut state: State, from: &mut usize) -> State {
    let mut at = *from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match state {
            State::Cdata | State::Comment => {
                let mark: &[u8] = if state == State::Cdata {
                    b"]]>"
                } else {
                    b"-->"
                };
                // A segment ends with its only `>`.
                if !bytes.ends_with(mark) || rest.is_empty() {
                    return state;
                }
                state = State::Markup;
                *from = bytes.len();
                return state;
            }
            State::Markup => {
                let Some(found) = memchr::memchr(b'<', rest) else {
                    return state;
                };
                let tag = &rest[found..];
                if tag.starts_with(b"<![CDATA[") {
                    state = State::Cdata;
                    at += found + 9;
                } else if tag.starts_with(b"<!--") {
                    state = State::Comment;
                    at += found + 4;
                } else {
                    at += found + 1;
                }
            }
        }
    }
}

/// The start tag of an entry with which the bytes end: where it starts, the index of its name, and whether
/// it is empty (`<post/>`).
fn start_tag(bytes: &[u8], from: usize, names: &[&str]) -> Option<(usize, usize, bool)> {
    let segment = bytes.get(from..)?;
    let at = memchr::memrchr(b'<', segment)?;
    let tag = segment.get(at + 1..segment.len().checked_sub(1)?)?;
    if !bytes.ends_with(b">") {
        return None;
    }
    let end = tag
        .iter()
        .position(|b| b.is_ascii_whitespace() || *b == b'/')
        .unwrap_or(tag.len());
    let written = &tag[..end];
    let name = match memchr::memchr(b':', written) {
        // Only the prefixes under which whole documents are written.
        Some(colon) if matches!(&written[..colon], b"atom" | b"rss" | b"a" | b"rdf") => {
            &written[colon + 1..]
        }
        _ => written,
    };
    let index = names.iter().position(|n| n.as_bytes() == name)?;
    Some((from + at, index, tag.ends_with(b"/")))
}

/// True where the bytes end with the end tag of this name.
fn ends(segment: &[u8], name: &str) -> bool {
    let Some(at) = memchr::memrchr(b'<', segment) else {
        return false;
    };
    let Some(tag) = segment[at..].strip_prefix(b"</") else {
        return false;
    };
    let tag = tag.strip_suffix(b">").unwrap_or(tag).trim_ascii_end();
    let own = tag.rsplit(|b| *b == b':').next().unwrap_or(tag);
    own == name.as_bytes()
}

/// The encoding that the XML declaration names.
fn declared(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(200)];
    let text = String::from_utf8_lossy(head);
    let rest = text.split("encoding=").nth(1)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(rest[1..].split(quote).next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<String> {
        let mut input = text;
        let mut items = Items::new(&mut input, &["item"]);
        let mut out = Vec::new();
        while let Some(piece) = items.next().unwrap() {
            out.push(match piece {
                Piece::Outside(_) => "outside".to_owned(),
                Piece::Entry {
                    element, broken, ..
                } => format!(
                    "{}{}",
                    element.get("t").unwrap_or("?"),
                    if broken.is_some() { "!" } else { "" }
                ),
                Piece::Damage { offset, .. } => format!("damage {offset}"),
            });
        }
        out
    }

    #[test]
    fn entries_come_one_by_one() {
        let text = b"<?xml version='1.0'?><rss><channel><title>x</title>\n<item><t>1</t></item>\
            <!-- <item><t>no</t></item> --><item a='b'><t><![CDATA[</item><item>]]></t></item></channel>";
        assert_eq!(read(text), ["outside", "1", "</item><item>"]);
    }

    #[test]
    fn damage_ends_where_the_next_entry_opens() {
        assert_eq!(
            read(b"<item><t>1</t></item><item><t>2</t><item><t>3</t></item><item><t>4</t>"),
            ["1", "damage 21", "3", "damage 56"]
        );
        // CDATA that is never closed, and CDATA that the next entry's closes.
        assert_eq!(
            read(b"<item><t><![CDATA[1</t></item> <item><t>2</t></item><item><t>3</t></item>"),
            ["damage 9", "2", "3"]
        );
        assert_eq!(
            read(b"<item><u><![CDATA[1</u></item><item><t><![CDATA[2]]></t></item><item><t>3</t></item>"),
            ["damage 9", "2", "3"]
        );
        assert_eq!(
            read(b"<item><t>1<b>x</t></item><item><t>2</t></item>"),
            ["1!", "2"]
        );
    }

    #[test]
    fn a_charset_of_old_exports() {
        assert_eq!(
            read(
                b"<?xml version='1.0' encoding='ISO-8859-1'?><rss><item><t>Mot\xf6rhead</t></item>"
            ),
            ["outside", "Motörhead"]
        );
    }
}
