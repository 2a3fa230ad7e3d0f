//! Reading a credit: who is named, and what joins them.
//!
//! In: an artist and a title as written. Out: parts with join phrases, and the names that a row is filed
//! under. Two kinds of joins: *explicit* ones ("feat.", "vs.", "with") always part; *soft* ones ("&",
//! "and", ",") part where every side has the shape of a person's full name, which "Earth, Wind & Fire",
//! "Hall & Oates" and "Echo & the Bunnymen" have not. The whole stays a name of its own all the same:
//! only an archive can tell that it knows the parts better (`roster`). Must not know any artist.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::{ArtistCredit, CreditPart, Text};
use crate::text::fold::fold;

/// Words that stand before a guest.
const GUEST: &[&str] = &["feat", "feat.", "ft", "ft.", "featuring"];
/// Words between opponents.
const AGAINST: &[&str] = &["vs", "vs.", "versus"];
/// What joins names, and stands in names too.
const SOFT: &[&str] = &["&", "and", "+", "/", "x", "×", "und", "et", "y"];
/// Words that say nothing of who it is, before what does.
const ARTICLES: &[&str] = &[
    "the", "a", "an", "his", "her", "their", "le", "la", "les", "los", "las", "el", "il", "der",
    "die", "das",
];
/// What is set behind a comma to sort by the rest: "Cure, The".
const INVERTED: &[&str] = &["the", "los", "les", "die"];
/// What another hand makes of a track.
const REWORKED: &[&str] = &[
    "remix", "rework", "refix", "rmx", "bootleg", "reedit", "re-edit",
];
/// Words before "Remix" that name nobody.
const VERSION_WORDS: &[&str] = &[
    "12",
    "7",
    "12''",
    "7''",
    "12\"",
    "7\"",
    "acid",
    "acoustic",
    "album",
    "alternate",
    "ambient",
    "bass",
    "big",
    "bonus",
    "club",
    "cut",
    "dance",
    "deep",
    "digital",
    "disco",
    "dub",
    "early",
    "electro",
    "extended",
    "extra",
    "film",
    "final",
    "first",
    "full",
    "funk",
    "hard",
    "hot",
    "house",
    "inch",
    "instrumental",
    "international",
    "jungle",
    "late",
    "latin",
    "live",
    "long",
    "lost",
    "main",
    "maxi",
    "mega",
    "mix",
    "movie",
    "new",
    "night",
    "official",
    "old",
    "original",
    "party",
    "piano",
    "pop",
    "power",
    "promo",
    "radio",
    "rare",
    "rave",
    "reggae",
    "remixed",
    "rock",
    "second",
    "short",
    "single",
    "soul",
    "special",
    "street",
    "studio",
    "super",
    "techno",
    "third",
    "trance",
    "uk",
    "ultimate",
    "underground",
    "unreleased",
    "us",
    "version",
    "video",
    "vinyl",
    "vocal",
];

/// Parses a credit; the guests and remixers that the title names follow. "Kenny Loggins and Gladys
/// Knight" gives both, "Simon & Garfunkel" one name.
pub fn parse(artist: Option<&str>, title: &str) -> ArtistCredit {
    let mut parts = Vec::new();
    for section in sections(artist, title) {
        match by_shape(&section.name) {
            Some(mut people) => {
                if let Some(last) = people.last_mut() {
                    last.join = section.join;
                }
                parts.append(&mut people);
            }
            None => parts.push(section),
        }
    }
    // Whoever comes last leads to nobody.
    if let Some(last) = parts.last_mut() {
        last.join = Text::default();
    }
    parts
}

/// The names that a row is filed under: what stands between explicit joins, whole, then its parts.
pub fn names(artist: Option<&str>, title: &str) -> Vec<Text> {
    let mut names: Vec<Text> = Vec::new();
    for section in sections(artist, title) {
        let people = by_shape(&section.name).unwrap_or_default();
        names.push(section.name);
        names.extend(people.into_iter().map(|part| part.name));
    }
    names
}

/// A name cut at every soft join, whatever the parts look like; `None` where it has none.
pub fn soft_parts(name: &str) -> Option<ArtistCredit> {
    let joins: Vec<(Range<usize>, &str)> = words(name)
        .filter_map(|(range, word)| {
            let inner = range.start > 0 && range.end < name.len();
            if inner && SOFT.contains(&fold(word).as_ref()) {
                Some((range, word))
            } else {
                let comma = range.end < name.len() && word.len() > 1 && word.ends_with(',');
                comma.then(|| (range.end - 1..range.end, ","))
            }
        })
        .collect();
    if joins.is_empty() {
        return None;
    }
    let mut parts: ArtistCredit = Vec::new();
    let mut from = 0;
    for (range, join) in joins {
        let part = name.get(from..range.start).unwrap_or_default().trim();
        from = range.end;
        match (part.is_empty(), parts.last_mut()) {
            // "A, B, and C": one join of two signs.
            (true, Some(last)) => last.join = Text::line(join),
            (true, None) => return None,
            (false, _) => parts.push(part_of(part, join)),
        }
    }
    let last = name.get(from..).unwrap_or_default().trim();
    if last.is_empty() || parts.is_empty() {
        return None;
    }
    parts.push(part_of(last, ""));
    Some(parts)
}

/// What stands between explicit joins, each a name that may hold soft ones.
fn sections(artist: Option<&str>, title: &str) -> ArtistCredit {
    let mut sections = artist.map(explicit).unwrap_or_default();
    for (join, name) in of_title(title) {
        if sections
            .iter()
            .any(|known| fold(&known.name) == fold(&name))
        {
            continue;
        }
        if let Some(last) = sections.last_mut() {
            last.join = Text::line(join);
        }
        sections.push(part_of(&name, ""));
    }
    sections
}

/// Cuts a credit at its explicit joins.
fn explicit(artist: &str) -> ArtistCredit {
    let mut parts: ArtistCredit = Vec::new();
    let mut from = 0;
    for (range, word) in words(artist) {
        let bare = word.trim_start_matches(['(', '[']);
        let rest = artist.get(range.end..).unwrap_or_default().trim_start();
        if range.start == 0 || rest.is_empty() || !joins(bare, bare != word, rest) {
            continue;
        }
        let before = unbracketed(artist.get(from..range.start).unwrap_or_default());
        if before.is_empty() {
            continue;
        }
        parts.push(part_of(&before, bare));
        from = range.end;
    }
    let last = unbracketed(artist.get(from..).unwrap_or_default());
    parts.push(part_of(&last, ""));
    parts
}

/// True where a word joins what stands before it and `rest`. A bare "with" is part of many a name; a
/// join stands before one.
fn joins(word: &str, bracketed: bool, rest: &str) -> bool {
    let folded = fold(word);
    GUEST.contains(&folded.as_ref())
        || AGAINST.contains(&folded.as_ref())
        || (folded == "w/" && bracketed)
        || (word == "with" && (bracketed || is_capital(rest)))
}

/// Guests and remixers that a title names, with the printed word that says so.
fn of_title(title: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    // Most titles have neither brackets nor a guest.
    if !title.contains(['(', '[', '.', '-', '–']) && !title.contains("feat") {
        return found;
    }
    let mut open: Option<usize> = None;
    for (at, c) in title.char_indices() {
        match c {
            '(' | '[' => open = Some(at + 1),
            ')' | ']' => {
                if let Some(inner) = open.take().and_then(|from| title.get(from..at)) {
                    found.extend(of_bracket(inner));
                }
            }
            _ => {}
        }
    }
    // "Song feat. B", "Song - B Remix": what follows stands outside of brackets.
    let outside = title.find(['(', '[']).map_or(title, |at| &title[..at]);
    let guest = words(outside).find(|(range, word)| {
        range.start > 0
            && range.end < outside.len()
            && word.ends_with('.')
            && GUEST.contains(&fold(word).as_ref())
    });
    if let Some((range, word)) = guest {
        let name = outside.get(range.end..).unwrap_or_default().trim();
        found.push((word, name.to_owned()));
    } else if let Some((_, tail)) = outside
        .rsplit_once(" - ")
        .or_else(|| outside.rsplit_once(" – "))
    {
        found.extend(remixer(tail));
    }
    found
}

fn of_bracket(inner: &str) -> Option<(&str, String)> {
    let inner = inner.trim();
    let (word, rest) = inner.split_once(char::is_whitespace)?;
    let rest = rest.trim();
    if GUEST.contains(&fold(word).as_ref()) {
        return Some((word, rest.to_owned()));
    }
    if (word == "with" || word == "w/") && (is_full_name(rest) || by_shape(rest).is_some()) {
        return Some((word, rest.to_owned()));
    }
    remixer(inner)
}

/// "Larry Levan Remix", "Todd Terry's Freeze Remix", "remixed by Arthur Baker".
fn remixer(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    if let Some(name) = text
        .get(..11)
        .filter(|lead| lead.eq_ignore_ascii_case("remixed by "))
        .and_then(|lead| text.get(lead.len()..))
    {
        return is_capital(name).then(|| ("remix", name.trim().to_owned()));
    }
    let (before, last) = text.rsplit_once(' ')?;
    if !REWORKED.contains(&fold(last).as_ref()) {
        return None;
    }
    let owned = before
        .find("'s ")
        .or_else(|| before.find("’s "))
        .or_else(|| before.strip_suffix("'s").map(str::len))
        .or_else(|| before.strip_suffix("’s").map(str::len));
    let mut name = owned.and_then(|at| before.get(..at)).unwrap_or(before);
    let says_nothing = |word: &str| {
        let folded = fold(word);
        VERSION_WORDS.contains(&folded.as_ref()) || folded.chars().all(|c| !c.is_alphabetic())
    };
    while let Some((front, word)) = name.rsplit_once(' ')
        && says_nothing(word)
    {
        name = front.trim_end();
    }
    (!says_nothing(name) && is_capital(name) && !name.split(' ').all(says_nothing))
        .then(|| ("remix", name.to_owned()))
}

/// The people of a name with soft joins, where each has the shape of a full name.
fn by_shape(name: &str) -> Option<ArtistCredit> {
    let parts = soft_parts(name)?;
    parts
        .iter()
        .all(|part| is_full_name(&part.name))
        .then_some(parts)
}

/// Two to four words, the first a capital and no article: "Gladys Knight", not "the Bunnymen", "Fire".
fn is_full_name(name: &str) -> bool {
    let count = name
        .split(' ')
        .filter(|w| w.contains(char::is_alphanumeric))
        .count();
    let first = name.split(' ').next().unwrap_or_default();
    (2..=4).contains(&count) && is_capital(name) && !ARTICLES.contains(&fold(first).as_ref())
}

/// True where a text starts as names do: with no small letter.
fn is_capital(text: &str) -> bool {
    text.chars()
        .find(|c| c.is_alphanumeric())
        .is_some_and(|c| !c.is_lowercase())
}

fn part_of(name: &str, join: &str) -> CreditPart {
    CreditPart {
        name: Text::line(&righted(name.trim_end_matches(','))),
        join: Text::line(join),
    }
}

/// "Cure, The" is "The Cure".
fn righted(name: &str) -> Cow<'_, str> {
    match name.rsplit_once(", ") {
        Some((rest, article))
            if !rest.contains(',') && INVERTED.contains(&fold(article).as_ref()) =>
        {
            Cow::Owned(format!("{article} {rest}"))
        }
        _ => Cow::Borrowed(name),
    }
}

/// A part without the bracket that opened before it and the one that closes it.
fn unbracketed(part: &str) -> String {
    let part = part.trim().trim_end_matches(['(', '[']).trim_end();
    let closes = |open: char, close: char| {
        part.ends_with(close) && part.matches(close).count() > part.matches(open).count()
    };
    if closes('(', ')') || closes('[', ']') {
        part[..part.len() - 1].trim_end().to_owned()
    } else {
        part.to_owned()
    }
}

/// The words of a text with their byte ranges.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.split(' ').scan(0, |at, word| {
        let range = *at..*at + word.len();
        *at = range.end + 1;
        Some((range, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(artist: &str, title: &str) -> String {
        let parts = parse(Some(artist).filter(|a| !a.is_empty()), title);
        parts
            .iter()
            .map(|p| match p.join.is_empty() {
                true => format!("[{}]", p.name),
                false => format!("[{}] {} ", p.name, p.join),
            })
            .collect()
    }

    #[test]
    fn credits_part_at_joins_and_names_stay_whole() {
        for (artist, title, parts) in [
            ("Robert Tepper", "No Easy Way Out", "[Robert Tepper]"),
            ("Aretha feat. George", "x", "[Aretha] feat. [George]"),
            (
                "Aretha (ft. George Michael)",
                "x",
                "[Aretha] ft. [George Michael]",
            ),
            ("Run Featuring Aero", "x", "[Run] Featuring [Aero]"),
            ("Tom vs. Jerry", "x", "[Tom] vs. [Jerry]"),
            ("Kim Wilde with Junior", "x", "[Kim Wilde] with [Junior]"),
            (
                "My Life with the Thrill Kill Kult",
                "x",
                "[My Life with the Thrill Kill Kult]",
            ),
            ("Man With A Mission", "x", "[Man With A Mission]"),
            (
                "Kenny Loggins and Gladys Knight",
                "Double or Nothing",
                "[Kenny Loggins] and [Gladys Knight]",
            ),
            (
                "Ann Lee, Bob Ray and Cy Fox",
                "x",
                "[Ann Lee] , [Bob Ray] and [Cy Fox]",
            ),
            (
                "Ann Lee, Bob Ray, and Cy Fox feat. Dot & Kit",
                "x",
                "[Ann Lee] , [Bob Ray] and [Cy Fox] feat. [Dot & Kit]",
            ),
            ("Earth, Wind & Fire", "x", "[Earth, Wind & Fire]"),
            ("Simon & Garfunkel", "x", "[Simon & Garfunkel]"),
            ("Hall & Oates", "x", "[Hall & Oates]"),
            ("Echo & the Bunnymen", "x", "[Echo & the Bunnymen]"),
            (
                "John Cafferty and the Beaver Brown Band",
                "x",
                "[John Cafferty and the Beaver Brown Band]",
            ),
            (
                "Crosby, Stills, Nash & Young",
                "x",
                "[Crosby, Stills, Nash & Young]",
            ),
            ("Tyler, The Creator", "x", "[Tyler, The Creator]"),
            ("Cure, The", "x", "[The Cure]"),
            ("The The", "x", "[The The]"),
            ("AC/DC", "x", "[AC/DC]"),
            ("+44", "x", "[+44]"),
            ("X", "x", "[X]"),
            ("&", "x", "[&]"),
            ("feat. nobody", "x", "[feat. nobody]"),
            ("A feat.", "x", "[A feat.]"),
            (
                "Jay",
                "Numb (feat. Linkin Park)",
                "[Jay] feat. [Linkin Park]",
            ),
            ("Jay", "Numb feat. Linkin Park", "[Jay] feat. [Linkin Park]"),
            ("Jay feat. Bo", "Numb (ft. Bo)", "[Jay] feat. [Bo]"),
            (
                "Jay",
                "Song (Larry Levan Remix)",
                "[Jay] remix [Larry Levan]",
            ),
            (
                "Jay",
                "Song [Todd Terry's Freeze Remix]",
                "[Jay] remix [Todd Terry]",
            ),
            (
                "Jay",
                "Song - Shep Pettibone Club Remix",
                "[Jay] remix [Shep Pettibone]",
            ),
            ("Jay", "Song (12\" Extended Remix)", "[Jay]"),
            (
                "Jay",
                "Song (remixed by Arthur Baker)",
                "[Jay] remix [Arthur Baker]",
            ),
            ("Jay", "Dance (with Somebody)", "[Jay]"),
            ("", "Song (feat. Bo Diddley)", "[Bo Diddley]"),
        ] {
            assert_eq!(shown(artist, title), parts, "{artist} – {title}");
        }
    }

    #[test]
    fn a_row_is_filed_under_the_whole_and_its_parts() {
        let names = |artist| -> Vec<String> {
            let all = super::names(Some(artist), "");
            all.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            names("Ann Lee & Bob Ray feat. Cy"),
            ["Ann Lee & Bob Ray", "Ann Lee", "Bob Ray", "Cy"]
        );
        assert_eq!(names("Hall & Oates"), ["Hall & Oates"]);
        let parts = soft_parts("Hall & Oates").unwrap();
        assert_eq!(parts.len(), 2);
        assert!(soft_parts("Hall, ").is_none() && soft_parts("& x").is_none());
    }

    proptest::proptest! {
        #[test]
        fn anything_is_a_credit(artist in "\\PC*", title in "\\PC*") {
            let parts = parse(Some(&artist), &title);
            proptest::prop_assert!(!parts.is_empty());
            names(Some(&artist), &title);
        }
    }
}
