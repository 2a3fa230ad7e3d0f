//! Who wrote a post and when, where one line says so.
//!
//! In: a short line of a page or capture. Out: the author and the day, as "Posted on 3 March 2012 by Anna", "Anna | March
//! 3rd, 2012 | 4 comments" or "Geplaatst op 3 maart 2012 door Anna in Bandjes" have them. Must not know where the line
//! stands. Bylines of comments have forms of their own.

use super::date;
use crate::model::{DateSource, Precision, Published};
use crate::text::fold::fold;

/// What a byline says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Byline {
    pub author: Option<String>,
    pub published: Option<Published>,
    /// True where more than "by Anna" says that this is a byline: a date, a word of publishing, a label.
    pub told: bool,
}

/// Bylines are no longer, in characters.
const LONGEST: usize = 160;

/// Names have no more words.
const MOST_WORDS: usize = 5;

/// Words of publishing, folded.
const VERBS: &str = "\
    posted published written submitted filed added uploaded entry post article story review blogged created \
    veroffentlicht gepostet eingestellt geschrieben verfasst erstellt beitrag artikel geplaatst gepubliceerd geschreven \
    publie poste ecrit redige ajoute mis en ligne publicado publicada escrito enviado postado escrita \
    pubblicato pubblicata scritto inserito postato postet publisert skrevet skrivet skriven publicerad publicerat inlagt postat \
    udgivet lagt ud julkaistu kirjoittanut julkaissut napisal napisala dodal dodala opublikowal opublikowano \
    опубликовано опубликовал опубликовала написал написала добавил размещено";

/// What stands before the name, folded.
const AGENTS: &str = "by von par por da door av af przez від";

/// What names the author as such, folded; most stand with a colon.
const LABELS: &str = "\
    author autor autora autore auteur автор forfatter skribent kirjoittaja words text texte testo texto tekst \
    投稿者 著者 作者 執筆者 작성자 글쓴이 글 napisal napisala kirjoittanut";

/// Labels that name the author without a colon.
const BARE_LABELS: &str = "автор 投稿者 著者 執筆者 작성자 글쓴이 napisal napisala kirjoittanut";

/// What ends a name wherever it stands, folded.
const STOPS: &str = "\
    on at in under with from for to and filed tagged about posted published am um unter dans sous sur dans a en em op onder kl w \
    as las alle ore permalink comments comment kommentare commentaires comentarios | leave updated last edited";

/// What ends a name before a date, folded.
const ARTICLES: &str = "le el il em den la al dia de";

/// What stands between the words of a date or a byline, folded.
const LINKS: &str = "\
    on at of the in le el il la em en am um op om den der de di del a al as dia alle ore kl uhr h г на в - the st nd rd th";

fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|w| w == word)
}

/// A word of a line: folded and bare, with what ends it.
struct Word<'a> {
    raw: &'a str,
    bare: String,
    /// Nothing but punctuation: it parts what stands around it.
    parts: bool,
    /// A comma, colon or the like behind it.
    ends: bool,
    colon: bool,
}

fn words(line: &str) -> Vec<Word<'_>> {
    line.split_whitespace()
        .map(|raw| {
            let inner = raw.trim_matches(|c: char| !c.is_alphanumeric());
            Word {
                raw,
                bare: fold(inner).into_owned(),
                parts: inner.is_empty() && !matches!(raw, "&" | "+"),
                ends: raw.ends_with([',', ';', ':', '：', '|', ')']),
                colon: raw.ends_with([':', '：']),
            }
        })
        .collect()
}

fn is_date_word(word: &Word<'_>) -> bool {
    word.bare.starts_with(|c: char| c.is_ascii_digit()) || date::is_date_word(&word.bare)
}

/// Reads a line; `None` where it is no byline. `day_first` and `language` settle figures that leave the order of day
/// and month open, as for [`date::parse_ordered`].
pub(super) fn read(line: &str, day_first: Option<bool>, language: Option<&str>) -> Option<Byline> {
    let line = line.trim();
    if line.is_empty() || line.chars().count() > LONGEST {
        return None;
    }
    let published = date::parse_ordered(line, day_first, language, DateSource::Byline)
        .filter(|d| d.precision >= Precision::Day);
    let words = words(line);
    if let Some(found) = named(&words, published.clone()) {
        return Some(found);
    }
    beside(line, published)
}

/// A line with a word that leads to the name.
fn named(words: &[Word<'_>], published: Option<Published>) -> Option<Byline> {
    let mut verb = false;
    for (at, word) in words.iter().enumerate() {
        let label = listed(LABELS, &word.bare)
            && (word.colon
                || words
                    .get(at + 1)
                    .is_some_and(|w| w.raw.starts_with([':', '：']))
                || listed(BARE_LABELS, &word.bare));
        let agent = listed(AGENTS, &word.bare);
        if agent || label {
            let said = label || verb || published.is_some();
            if let Some(author) = name(&words[at + 1..], said) {
                return Some(Byline {
                    author: Some(author),
                    published,
                    told: said,
                });
            }
        }
        verb |= listed(VERBS, &word.bare);
        // A name written together with its label: "投稿者：田中".
        if let Some((lead, rest)) = word.raw.split_once([':', '：'])
            && !rest.is_empty()
            && listed(LABELS, &fold(lead))
        {
            return Some(Byline {
                author: Some(rest.to_owned()),
                published,
                told: true,
            });
        }
        let known = agent
            || label
            || word.parts
            || listed(VERBS, &word.bare)
            || listed(LABELS, &word.bare)
            || listed(LINKS, &word.bare)
            || is_date_word(word);
        if !known {
            return None;
        }
    }
    // "Posted on 3 March 2012": a date and nobody.
    (verb && published.is_some()).then_some(Byline {
        author: None,
        published,
        told: true,
    })
}

/// The name that these words open. `said` tells that the line is a byline: names in lower case count then.
fn name(words: &[Word<'_>], said: bool) -> Option<String> {
    let words = match words.first() {
        Some(colon) if colon.parts => &words[1..],
        _ => words,
    };
    let mut name: Vec<&str> = Vec::new();
    let mut bounded = false;
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1);
        let ends = word.parts
            || at > 0 && listed(STOPS, &word.bare)
            || at > 0 && listed(ARTICLES, &word.bare) && next.is_some_and(is_date_word)
            || word.bare.starts_with(|c: char| c.is_ascii_digit());
        if ends {
            bounded = true;
            break;
        }
        name.push(word.raw);
        if word.ends {
            bounded = true;
            break;
        }
    }
    // What runs on to the end of a line is a name if the line ends there.
    let whole = !bounded;
    let open = name.first()?.starts_with(|c: char| !c.is_lowercase());
    let name = name.join(" ");
    let name = without_date(&name);
    let name = name.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | ':' | '：' | '|' | '(' | ')' | '"' | '\u{201c}' | '\u{201d}'
            )
    });
    let name = without_stop(name);
    let count = name.split_whitespace().count();
    let plausible = (1..=MOST_WORDS).contains(&count)
        && name.chars().count() <= 50
        && name.chars().any(char::is_alphabetic)
        && !name.contains(['?', '!', '“', '"', '/'])
        && !matches!(
            fold(name).split(' ').next().unwrap_or_default(),
            "the" | "a" | "an" | "my" | "our" | "your" | "way" | "this" | "that" | "request"
        );
    let sure = if said {
        open || count == 1
    } else {
        // "By Anna Lund", and nothing else.
        open && whole
            && name
                .split_whitespace()
                .all(|w| w.starts_with(|c: char| !c.is_lowercase()) || w.len() <= 3)
    };
    (plausible && sure).then(|| name.to_owned())
}

/// "Anna Lund | March 3rd, 2012 | 4 comments": parts, of which one is a date and the one beside it a name.
fn beside(line: &str, published: Option<Published>) -> Option<Byline> {
    let published = published?;
    let parts: Vec<&str> = line
        // Not by dashes: "Elton John - 1977-05-07 - Stadium" is a concert.
        .split(['|', '·', '•', '∙'])
        .flat_map(|p| p.split(" // "))
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .collect();
    if !(2..=5).contains(&parts.len()) {
        return None;
    }
    let dated = parts.iter().position(|p| is_date(p))?;
    let author = match dated {
        0 => parts.get(1).filter(|p| is_full_name(p)),
        _ => parts.first().filter(|p| is_name(p)),
    };
    // Other parts are counts of comments, categories and links: short ones.
    let short = parts.iter().all(|p| p.split_whitespace().count() <= 8);
    short.then(|| Byline {
        author: author.map(|a| (*a).to_owned()),
        published: Some(published),
        told: true,
    })
}

/// A text that is a date, and no more than two words besides.
pub(super) fn is_date(part: &str) -> bool {
    part.bytes().any(|b| b.is_ascii_digit())
        && date::parse(part, None, DateSource::Byline)
            .is_some_and(|d| d.precision >= Precision::Day)
        && part
            .split(|c: char| !c.is_alphabetic())
            .filter(|w| w.chars().count() > 2 && !date::is_date_word(w))
            .count()
            <= 2
}

fn is_name(part: &str) -> bool {
    let words = part.split_whitespace().count();
    (1..=4).contains(&words)
        && !part.chars().any(|c| c.is_ascii_digit())
        && !part.contains([':', '?', '!', '"', '“'])
        && part.chars().any(char::is_alphabetic)
        && !part.split_whitespace().any(|w| {
            let word = fold(w);
            listed(VERBS, &word) || listed(STOPS, &word)
        })
}

fn is_full_name(part: &str) -> bool {
    is_name(part)
        && (2..=3).contains(&part.split_whitespace().count())
        && part
            .split_whitespace()
            .all(|w| w.starts_with(char::is_uppercase))
}

/// A name without the full stop that ends its line: "Posted by Anna." loses it, "Wendy P." keeps it.
pub(super) fn without_stop(name: &str) -> &str {
    let last = name.rsplit(' ').next().unwrap_or(name);
    let short = matches!(last.trim_end_matches('.').chars().count(), 1 | 2);
    match name.strip_suffix('.') {
        Some(bare) if !short || last == name => bare.trim_end_matches('.'),
        _ => name,
    }
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// A name without the date glued behind it: "Anna Lund November 19", "ANNA LUND 19 NOV 2019".
pub(super) fn without_date(name: &str) -> &str {
    let words: Vec<&str> = name.split_whitespace().collect();
    let figure = (1..words.len()).find(|at| words[*at].starts_with(|c: char| c.is_ascii_digit()));
    let dated = match figure {
        // "November 19", but the name in "Anna Lund 19 November".
        Some(at) if at > 1 && date::is_date_word(trimmed(words[at - 1])) => {
            let behind = words
                .get(at + 1)
                .is_some_and(|w| date::is_date_word(trimmed(w)));
            Some(if behind { at } else { at - 1 })
        }
        Some(at) => Some(at),
        None => (1..words.len()).find(|at| {
            let word = trimmed(words[*at]);
            word.ends_with("day") && date::is_date_word(word)
        }),
    };
    match dated {
        Some(at) => {
            let end = words[at].as_ptr() as usize - name.as_ptr() as usize;
            name[..end].trim_end()
        }
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(String, String)> {
        let found = read(line, None, None)?;
        let day = found.published.map(|d| d.iso()[..10].to_owned());
        Some((found.author.unwrap_or_default(), day.unwrap_or_default()))
    }

    #[test]
    fn bylines_of_many_languages() {
        for (line, author) in [
            ("Posted by Jane Doe on March 3, 2009", "Jane Doe"),
            ("March 3, 2009 by Jane Doe", "Jane Doe"),
            ("Posted on March 3, 2009 by admin", "admin"),
            ("by janedoe | March 3, 2009 at 5:12 pm", "janedoe"),
            (
                "Geplaatst op 3 maart 2009 door Jan de Vries",
                "Jan de Vries",
            ),
            ("Publié le 3 mars 2009 par Jeanne Dupont", "Jeanne Dupont"),
            (
                "par Jeanne Dupont le 3 mars 2009 dans Cassettes",
                "Jeanne Dupont",
            ),
            (
                "Veröffentlicht von Hans Meier am 3. März 2009",
                "Hans Meier",
            ),
            ("Publicado por Juan em 03 de março de 2009", "Juan"),
            ("Pubblicato il 3 marzo 2009 da Maria Rossi", "Maria Rossi"),
            ("Postet 3. mars 2009 av Kari Nordmann", "Kari Nordmann"),
            ("Skrevet af Lars Jensen, 3. marts 2009", "Lars Jensen"),
            ("Napisał Jan Kowalski, 3 marca 2009", "Jan Kowalski"),
            ("Author: Jane | 2009-03-03", "Jane"),
            ("Автор: Иван Петров, 3 марта 2009", "Иван Петров"),
            ("投稿者: 田中 2009年3月3日", "田中"),
            ("投稿者：田中 2009年3月3日", "田中"),
            ("작성자 김철수 2009.03.03", "김철수"),
            ("Submitted by jane on Tue, 03/03/2009 - 10:12", "jane"),
            ("Words by Jane Doe, March 3, 2009", "Jane Doe"),
            ("Posted on 3rd March 2009 by Jane Doe in Music", "Jane Doe"),
            ("Jane Doe | Mar 3rd, 2009 | 4 comments", "Jane Doe"),
            ("Tuesday, March 3, 2009 | Jane Doe", "Jane Doe"),
            ("Posted on March 3, 2009", ""),
        ] {
            let day = "2009-03-03".to_owned();
            assert_eq!(of(line), Some((author.to_owned(), day)), "{line}");
        }
        assert_eq!(
            of("Posted by DJ Foo at 10:22 AM"),
            Some(("DJ Foo".into(), String::new()))
        );
        assert_eq!(
            of("Posted by Wendy P."),
            Some(("Wendy P.".into(), String::new()))
        );
        assert_eq!(
            of("Posted by Wendy."),
            Some(("Wendy".into(), String::new()))
        );
        assert_eq!(of("By Jane Doe"), Some(("Jane Doe".into(), String::new())));
    }

    #[test]
    fn prose_and_rows_are_no_bylines() {
        for line in [
            "By the way, this was never a single.",
            "By popular demand",
            "A tape made by Jane in March",
            "Found at a fair on March 3, 2009 by the river",
            "12. Sade - By Your Side",
            "Mixtape 12 August 2011",
            "Recorded live, 3 March 2009",
            "Stand by Me",
            "Elton John - 1977-05-07 - Stadium",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
