//! Which characters do these bytes stand for?
//!
//! In: bytes of a document, and what its transport said. Out: text. Order of trust: byte-order mark,
//! transport header, `meta`, valid UTF-8, then a guess by letter statistics. Never fails.

use encoding_rs::{Encoding, UTF_8};

/// Decodes a page or capture. `declared` is a charset named by HTTP or the container; `html` allows a
/// `<meta charset>` in the first 2,048 bytes to speak. Returns the text and whether some bytes could
/// not be decoded (they became U+FFFD).
pub fn decode(bytes: &[u8], declared: Option<&str>, html: bool) -> (String, bool) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let (text, lossy) = encoding.decode_without_bom_handling(&bytes[length..]);
        return (text.into_owned(), lossy);
    }
    // Text that is valid UTF-8 with multi-byte characters is UTF-8, whatever its labels claim.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    let named = declared
        .and_then(|name| Encoding::for_label(name.trim().as_bytes()))
        .or_else(|| html.then(|| meta_charset(&bytes[..bytes.len().min(2048)]))?)
        .filter(|encoding| *encoding != UTF_8 || mostly_utf8(bytes));
    let encoding = named.unwrap_or_else(|| guess(bytes));
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), lossy)
}

/// True where fewer than one in a hundred of the non-ASCII bytes break UTF-8: a damaged UTF-8 page
/// rather than another charset.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let bad: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    bad * 100 <= high
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if mostly_utf8(bytes) {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// The charset of `<meta charset=x>` or `<meta http-equiv content="…charset=x">`.
fn meta_charset(head: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    for (at, _) in text.match_indices("charset") {
        let rest = text[at + 7..].trim_start();
        let Some(rest) = rest.strip_prefix('=') else {
            continue;
        };
        let label: String = rest
            .trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
            .collect();
        if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
            // The standard's rule: a page that could be read this far is not UTF-16.
            return Some(
                if encoding == encoding_rs::UTF_16BE || encoding == encoding_rs::UTF_16LE {
                    UTF_8
                } else {
                    encoding
                },
            );
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn charset_comes_from_bom_then_meta_then_guess() {
        let latin = b"<meta charset=iso-8859-1><p>Sigur R\xf3s</p>";
        assert!(decode(latin, None, true).0.contains("Sigur Rós"));
        assert!(decode(b"\xff\xfea\0b\0", None, false).0.eq("ab"));
        assert!(
            decode(
                b"Mot\xf6rhead und noch mehr gro\xdfe W\xf6rter",
                None,
                false
            )
            .0
            .contains("Motörhead")
        );
        assert_eq!(decode("MØ".as_bytes(), Some("latin1"), true).0, "MØ");
    }
}
