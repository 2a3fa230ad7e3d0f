//! The doctype, as far as the tree depends on it: old ones switch the tree builder to quirks.
//!
//! In: what stands between `<!doctype` and `>`. Out: html5ever's token.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::Doctype;

/// Reads a doctype; `closed` is false where the page ends before its `>`.
pub(super) fn read(text: &str, closed: bool) -> Doctype {
    let mut doctype = Doctype {
        force_quirks: !closed,
        ..Doctype::default()
    };
    let text = text.trim_start_matches(is_space);
    if text.is_empty() {
        doctype.force_quirks = true;
        return doctype;
    }
    let end = text.find(is_space).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    doctype.name = Some(tendril(&name.to_ascii_lowercase()));
    let rest = rest.trim_start_matches(is_space);
    if rest.is_empty() {
        return doctype;
    }
    let keyword = rest.get(..6).unwrap_or_default().to_ascii_lowercase();
    let ids = match keyword.as_str() {
        "public" | "system" => identifiers(&rest[6..], keyword == "public", &mut doctype),
        _ => None,
    };
    if ids.is_none() {
        doctype.force_quirks = true;
    }
    doctype
}

/// Reads the quoted identifiers; `None` where they are malformed.
fn identifiers(text: &str, public: bool, doctype: &mut Doctype) -> Option<()> {
    let mut rest = text.trim_start_matches(is_space);
    if public {
        rest = quoted(rest, &mut doctype.public_id)?.trim_start_matches(is_space);
        if rest.is_empty() {
            return Some(());
        }
    }
    // What follows the system identifier is ignored.
    quoted(rest, &mut doctype.system_id).map(|_| ())
}

fn quoted<'t>(text: &'t str, id: &mut Option<StrTendril>) -> Option<&'t str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = &text[1..];
    let end = text.find(quote);
    *id = Some(tendril(&text[..end.unwrap_or(text.len())]));
    end.map(|at| &text[at + 1..])
}

fn tendril(text: &str) -> StrTendril {
    StrTendril::from(text.replace('\0', "\u{fffd}"))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0C')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doctypes() {
        for (text, closed, name, public, system, quirks) in [
            (" html", true, Some("html"), None, None, false),
            ("HTML ", true, Some("html"), None, None, false),
            ("", true, None, None, None, true),
            (" html", false, Some("html"), None, None, true),
            (" html bogus", true, Some("html"), None, None, true),
            (
                " html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" 'strict.dtd'",
                true,
                Some("html"),
                Some("-//W3C//DTD HTML 4.01//EN"),
                Some("strict.dtd"),
                false,
            ),
            (
                " html public\"a\"\"b\" x",
                true,
                Some("html"),
                Some("a"),
                Some("b"),
                false,
            ),
            (
                " html public \"a",
                true,
                Some("html"),
                Some("a"),
                None,
                true,
            ),
            (" html public", true, Some("html"), None, None, true),
            (
                " html public \"a\" b",
                true,
                Some("html"),
                Some("a"),
                None,
                true,
            ),
            (
                " html system 'b'",
                true,
                Some("html"),
                None,
                Some("b"),
                false,
            ),
        ] {
            let read = read(text, closed);
            assert_eq!(
                (
                    read.name.as_deref(),
                    read.public_id.as_deref(),
                    read.system_id.as_deref(),
                    read.force_quirks
                ),
                (name, public, system, quirks),
                "{text}"
            );
        }
    }
}
