//! HTTP responses as they came over the wire.
//!
//! In: the bytes of a response. Out: its status, what its headers say, and its body with transfer and content
//! encodings undone, within limits. Must not know where responses are kept.

use std::io::{self, BufRead, Read};

use super::MAX_DOCUMENT_BYTES;

/// Headers longer than this are no headers.
const MAX_HEAD: u64 = 256 << 10;

/// Status line and headers.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    /// A head that says this content type and nothing else.
    pub fn of(content_type: &str) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
        }
    }

    /// A head as another program has read it.
    pub fn new(status: u16, headers: Vec<(String, String)>) -> Self {
        Self { status, headers }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// True where the response is a page.
    pub fn is_page(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
    }

    /// True where the response may be a feed, or a list of an interface.
    pub fn is_list(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        kind.ends_with("xml") && kind != "image/svg+xml" && !self.is_page()
            || kind.ends_with("json")
    }

    /// The charset that the content type names.
    pub fn charset(&self) -> Option<&str> {
        let kind = self.header("content-type")?;
        let at = kind.to_ascii_lowercase().find("charset=")?;
        let value = kind.get(at + 8..)?.trim_start_matches(['"', '\'']);
        value
            .split(|c: char| c == ';' || c == '"' || c == '\'' || c.is_whitespace())
            .next()
            .filter(|v| !v.is_empty())
    }
}

/// Reads name-value lines up to the empty one; a line that begins with white space continues the one before.
pub(crate) fn headers(input: &mut dyn BufRead) -> io::Result<Vec<(String, String)>> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut limited = input.take(MAX_HEAD);
    let mut line = Vec::new();
    loop {
        line.clear();
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it ends within its headers",
            ));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(out);
        }
        if text.starts_with([' ', '\t']) {
            if let Some((_, value)) = out.last_mut() {
                value.push(' ');
                value.push_str(text.trim());
            }
        } else if let Some((name, value)) = text.split_once(':') {
            out.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

/// Reads the head of a response; `None` where there is none.
pub(crate) fn head(input: &mut dyn BufRead) -> io::Result<Option<Head>> {
    let mut line = Vec::new();
    (&mut *input).take(MAX_HEAD).read_until(b'\n', &mut line)?;
    let line = String::from_utf8_lossy(&line);
    let mut words = line.split_whitespace();
    let is_http = words.next().is_some_and(|w| w.starts_with("HTTP/"));
    let status = words.next().and_then(|w| w.parse().ok());
    match status {
        Some(status) if is_http => Ok(Some(Head {
            status,
            headers: headers(input)?,
        })),
        _ => Ok(None),
    }
}

/// The body as the page's author wrote it. Tools that undo an encoding often keep its header: what does not
/// look encoded is taken as it is.
pub(crate) fn body(head: &Head, raw: Vec<u8>) -> Result<Vec<u8>, String> {
    body_within(head, raw, MAX_DOCUMENT_BYTES)
}

/// The same, no larger than so many bytes.
pub(crate) fn body_within(head: &Head, raw: Vec<u8>, limit: u64) -> Result<Vec<u8>, String> {
    let mut body = raw;
    let chunked = head
        .header("transfer-encoding")
        .is_some_and(|e| e.to_ascii_lowercase().contains("chunked"));
    if chunked && let Some(whole) = unchunked(&body) {
        body = whole;
    }
    let encodings = head.header("content-encoding").unwrap_or_default();
    for encoding in encodings.rsplit(',') {
        body = decoded(encoding.trim(), body, limit)?;
    }
    Ok(body)
}

fn decoded(encoding: &str, body: Vec<u8>, limit: u64) -> Result<Vec<u8>, String> {
    let input = body.as_slice();
    match encoding.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" if input.starts_with(&[0x1f, 0x8b]) => {
            expand(flate2::bufread::MultiGzDecoder::new(input), limit)
        }
        // Some servers send it with a zlib header, as the standard says, some without.
        "deflate" => expand(flate2::bufread::ZlibDecoder::new(input), limit)
            .or_else(|_| expand(flate2::bufread::DeflateDecoder::new(input), limit))
            .or_else(|reason| {
                if looks_plain(&body) {
                    Ok(body.clone())
                } else {
                    Err(reason)
                }
            }),
        "br" => expand(
            brotli_decompressor::Decompressor::new(input, 16 << 10),
            limit,
        )
        .or_else(|reason| {
            if looks_plain(&body) {
                Ok(body.clone())
            } else {
                Err(reason)
            }
        }),
        "zstd" if input.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
            let decoder = zstd::stream::read::Decoder::with_buffer(input)
                .map_err(|e| format!("its encoding cannot be undone: {e}"))?;
            expand(decoder, limit)
        }
        _ => Ok(body),
    }
}

fn looks_plain(body: &[u8]) -> bool {
    body.iter()
        .find(|b| !b.is_ascii_whitespace())
        .is_some_and(|b| *b == b'<')
}

/// What comes out of a decoder; as much as can be had where the body was cut off.
fn expand(decoder: impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let read = decoder.take(limit + 1).read_to_end(&mut out);
    if out.len() as u64 > limit {
        return Err(format!("larger than {} MiB: not one page", limit >> 20));
    }
    match read {
        Ok(_) => Ok(out),
        Err(_) if out.len() > 1024 => Ok(out),
        Err(error) => Err(format!("its encoding cannot be undone: {error}")),
    }
}

/// The body without the lengths of its chunks; `None` where it has none.
fn unchunked(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    let mut any = false;
    loop {
        let Some(end) = memchr::memchr(b'\n', rest.get(..rest.len().min(1024))?) else {
            // Cut off between two chunks.
            return any.then_some(out);
        };
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = line.split(';').next()?.trim();
        let size = match usize::from_str_radix(size, 16) {
            Ok(size) => size,
            Err(_) => return any.then_some(out),
        };
        rest = rest.get(end + 1..)?;
        if size == 0 {
            return Some(out);
        }
        any = true;
        match rest.get(..size) {
            Some(chunk) => out.extend_from_slice(chunk),
            None => {
                out.extend_from_slice(rest);
                return Some(out);
            }
        }
        rest = rest.get(size..)?;
        rest = rest
            .strip_prefix(b"\r\n")
            .or(rest.strip_prefix(b"\n"))
            .unwrap_or(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_and_plain_bodies_stay() {
        assert_eq!(
            unchunked(b"4;x=1\r\nab\r\n\r\n3\r\ncde\r\n0\r\n\r\n").as_deref(),
            Some(b"ab\r\ncde".as_slice())
        );
        assert_eq!(unchunked(b"5\r\nabc").as_deref(), Some(b"abc".as_slice()));
        assert_eq!(unchunked(b"<html>\n<p>"), None);
    }
}
