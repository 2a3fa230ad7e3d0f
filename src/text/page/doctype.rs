//! Old doctypes, which make some rules of the tree others.
//!
//! In: what stands between `<!doctype` and `>`. Out: whether the page is in quirks mode.

/// Public identifiers, in lower case, that begin so (HTML standard, 13.2.6.4.1).
const PREFIXES: &[&str] = &[
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html 2.0 level 1//",
    "-//ietf//dtd html 2.0 level 2//",
    "-//ietf//dtd html 2.0 strict level 1//",
    "-//ietf//dtd html 2.0 strict level 2//",
    "-//ietf//dtd html 2.0 strict//",
    "-//ietf//dtd html 2.0//",
    "-//ietf//dtd html 2.1e//",
    "-//ietf//dtd html 3.0//",
    "-//ietf//dtd html 3.2 final//",
    "-//ietf//dtd html 3.2//",
    "-//ietf//dtd html 3//",
    "-//ietf//dtd html level 0//",
    "-//ietf//dtd html level 1//",
    "-//ietf//dtd html level 2//",
    "-//ietf//dtd html level 3//",
    "-//ietf//dtd html strict level 0//",
    "-//ietf//dtd html strict level 1//",
    "-//ietf//dtd html strict level 2//",
    "-//ietf//dtd html strict level 3//",
    "-//ietf//dtd html strict//",
    "-//ietf//dtd html//",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0 html strict//",
    "-//microsoft//dtd internet explorer 2.0 html//",
    "-//microsoft//dtd internet explorer 2.0 tables//",
    "-//microsoft//dtd internet explorer 3.0 html strict//",
    "-//microsoft//dtd internet explorer 3.0 html//",
    "-//microsoft//dtd internet explorer 3.0 tables//",
    "-//netscape comm. corp.//dtd html//",
    "-//netscape comm. corp.//dtd strict html//",
    "-//o'reilly and associates//dtd html 2.0//",
    "-//o'reilly and associates//dtd html extended 1.0//",
    "-//o'reilly and associates//dtd html extended relaxed 1.0//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//sun microsystems corp.//dtd hotjava html//",
    "-//sun microsystems corp.//dtd hotjava strict html//",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html 2.0//",
    "-//webtechs//dtd mozilla html//",
];

/// Public identifiers, in lower case.
const PUBLIC: &[&str] = &[
    "-//w3o//dtd w3 html strict 3.0//en//",
    "-/w3c/dtd html 4.0 transitional/en",
    "html",
];

/// A system identifier, in lower case.
const SYSTEM: &str = "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// Public identifiers, in lower case, that begin so and have no system identifier.
const ALONE: &[&str] = &[
    "-//w3c//dtd html 4.01 frameset//",
    "-//w3c//dtd html 4.01 transitional//",
];

/// A doctype as it is written.
#[derive(Debug, Default, PartialEq)]
struct Doctype {
    name: Option<String>,
    public: Option<String>,
    system: Option<String>,
    /// Malformed.
    force_quirks: bool,
}

/// True for the doctype of a page in quirks mode; `closed` is false where the page ends before its `>`.
pub(super) fn is_quirky(text: &str, closed: bool) -> bool {
    let doctype = read(text, closed);
    let lower = |id: &Option<String>| id.as_deref().map(str::to_ascii_lowercase);
    let (public, system) = (lower(&doctype.public), lower(&doctype.system));
    let begins = |all: &[&str], id: &str| all.iter().any(|prefix| id.starts_with(prefix));
    doctype.force_quirks
        || doctype.name.as_deref() != Some("html")
        || system.as_deref() == Some(SYSTEM)
        || public.is_some_and(|id| {
            PUBLIC.contains(&id.as_str())
                || begins(PREFIXES, &id)
                || system.is_none() && begins(ALONE, &id)
        })
}

fn read(text: &str, closed: bool) -> Doctype {
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
    doctype.name = Some(clean(&name.to_ascii_lowercase()));
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
        rest = quoted(rest, &mut doctype.public)?.trim_start_matches(is_space);
        if rest.is_empty() {
            return Some(());
        }
    }
    // What follows the system identifier is ignored.
    quoted(rest, &mut doctype.system).map(|_| ())
}

fn quoted<'t>(text: &'t str, id: &mut Option<String>) -> Option<&'t str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = &text[1..];
    let end = text.find(quote);
    *id = Some(clean(&text[..end.unwrap_or(text.len())]));
    end.map(|at| &text[at + 1..])
}

fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
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
                    read.public.as_deref(),
                    read.system.as_deref(),
                    read.force_quirks
                ),
                (name, public, system, quirks),
                "{text}"
            );
        }
    }
}
