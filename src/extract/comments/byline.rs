//! Who wrote it and when, where one line says both or either.
//!
//! In: one line, the page's language. Out: names and dates: "Anna says:", "Posted by Anna on 4 March 2012",
//! "Anna | 2012-03-04 10:11", "04.03.2012 – Anna: …". Must not know whether the line stands above or below
//! the text that it belongs to.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::calendar::{Class, Token, before_other, tokens};
use crate::extract::date;
use crate::model::{DateSource, Precision, Published};

/// How a line says who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// "Anna says:"
    Says,
    /// "Posted by Anna on …"
    Posted,
    /// "Anna, 4 March 2012", with the date
    NameDate,
    /// "4 March 2012 – Anna"
    DateName,
}

/// A line that names an author.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Byline {
    pub form: Form,
    pub author: String,
    /// The day, where the line tells one.
    pub published: Option<Published>,
    /// True where the line has a time or a relative date at least.
    pub dated: bool,
    /// What follows on the same line.
    pub rest: String,
}

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());)*
    };
}

patterns! {
    SAYS = r"(?i)^(.{1,80}?)(?:\s+(?:says|said|wrote|writes|commented|comments|replied|replies|responded|asks|asked|hat gesagt|hat geschrieben|sagte?|schrieb|schreibt|meint|meinte|kommentiert|kommentierte|a dit|a écrit|dit|[ée]crit|ha dicho|dijo|dice|escribi[óo]|coment[óo]|disse|diz|escreveu|comentou|ha detto|ha scritto|scrive|commenta|комментирует|комментировал\S*|говорит|пишет|сказал\S*|написал\S*)|\s*(?:さんのコメント|さんより|より|님의 말|님의 댓글|さん))((?:\s|,|\().{0,60}?)?\s*(?:\.\.\.|…|:|：)\s*(.*)$";
    POSTED = r"(?i)^[\[(«|•·–—-]*\s*(?:(?:posted|comment|comments|submitted|written|left|made|said|reply|response|added)\s+(?:by|from)|(?:posted|written)\s*:|(?:geschrieben|verfasst|kommentar|eingetragen|gepostet|abgeschickt)\s+von|(?:post[ée]|publi[ée]|[ée]crit|commentaire|r[ée]dig[ée])\s+(?:par|de)|(?:publicado|escrito|comentario|enviado|comentado)\s+(?:por|de)|(?:postado|coment[áa]rio)\s+(?:por|de)|(?:scritto|inviato|commento|postato|pubblicato)\s+(?:da|di)|(?:комментарий|написано|добавлено|отправил\S*|оставил\S*)(?:\s+от)?|投稿者|名前|작성자|글쓴이|автор|name|author|by|von|par|por|da)\s*[:：]?\s+(\S.*)$";
    // A weak lead is a word of prose too: only a date behind the name makes it a byline.
    WEAK_LEAD = r"(?i)^(?:by|von|par|por|da|name|author|said|left|made|added|written|reply|response)\b";
    CLOCK = r"(?i)(?:^|[^\d])\d{1,2}(?:[:：.]\d{2}(?:[:：]\d{2})?|\s?h(?:\s?\d{2})?|\s?時\s?\d{1,2}|\s?시)\s*(?:[ap]\.?m\.?|uhr|h|min|分|분)?|\d{1,2}\s?[ap]\.?m\.?\b";
    TAGS = r"(?i)\s*[(\[](?:not verified|author|guest|unregistered|admin|op|post author|gast|auteur|autor|autore|автор|mod)[)\]]|\s+(?:post author|verified)$";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    (**pattern).as_ref().is_some_and(|p| p.is_match(text))
}

/// Bylines are short.
const LONGEST: usize = 320;
/// Letters of a name before a word of speech that nothing follows.
const LONGEST_BARE: usize = 60;

/// Reads a line that names an author: one with a word of speech, a lead, or a date beside the name.
pub(super) fn read(line: &str, language: Option<&str>) -> Option<Byline> {
    let line = line.trim();
    if line.is_empty() || line.len() > 2000 {
        return None;
    }
    dated_speech(line, language)
        .or_else(|| says(line, language))
        .or_else(|| posted(line, language))
        .or_else(|| beside_date(line, language))
}

/// False where a line is short and has no sign of a word of speech or a date: most names.
pub(super) fn may_say(line: &str) -> bool {
    line.len() > 40
        || line.contains([':', '…', '：'])
        || line.contains("..")
        || line.contains(' ')
        || line.bytes().any(|b| b.is_ascii_digit())
}

/// "Wendel (March 4, 2012 at 3:17 pm): text", "Wendel schrieb am 4.3.2012 um 15:17:": the colon behind the date, not
/// the one in its time.
fn dated_speech(line: &str, language: Option<&str>) -> Option<Byline> {
    const FURTHEST: usize = 120;
    if !line.bytes().take(FURTHEST).any(|b| b.is_ascii_digit()) {
        return None;
    }
    let colon = |at: usize, width: usize| {
        let behind = line.as_bytes().get(at + width);
        behind.is_none_or(|b| !b.is_ascii_digit())
    };
    let (at, sign) = line
        .char_indices()
        .take_while(|(at, _)| *at <= FURTHEST)
        .filter(|(_, c)| matches!(c, ':' | '：'))
        .find(|(at, c)| colon(*at, c.len_utf8()))?;
    let head = line[..at].trim_end();
    let (before, published) = tail_date(head.trim_end_matches([')', ']']), language)?;
    // A time alone may be anything's.
    let published = published?;
    let said = format!("{}:", before.trim_end_matches(['(', '[']).trim_end());
    let author = match says(&said, language) {
        Some(found) => found.author,
        // Without a word of speech the date stands in brackets.
        None if head.ends_with([')', ']']) => name(before)?,
        None => return None,
    };
    Some(Byline {
        form: Form::Says,
        author,
        published: Some(published),
        dated: true,
        rest: line[at + sign.len_utf8()..].trim().to_owned(),
    })
}

fn says(line: &str, language: Option<&str>) -> Option<Byline> {
    // The word of speech ends with a colon or dots, or the line with it.
    let points = line.contains([':', '：', '…']) || line.contains("...");
    let found = points.then(|| captures(&SAYS, line)).flatten();
    let (author, between, rest) = match &found {
        Some(found) => {
            let group = |n| found.get(n).map_or("", |m| m.as_str());
            (group(1), group(2), group(3))
        }
        None => (says_bare(line)?, "", ""),
    };
    let mut author = author.to_owned();
    let mut published = None;
    let mut dated = false;
    if !between.trim().is_empty() {
        published = date_only(between, language)?;
        dated = true;
    }
    if let Some((rest, date)) = tail_date(&author, language) {
        published = published.or(date);
        dated = true;
        author = rest.to_owned();
    } else if let Some((date, rest)) = head_date(&author, language) {
        published = published.or(date);
        dated = true;
        author = rest.to_owned();
    }
    let author = name(&author)?;
    Some(Byline {
        form: Form::Says,
        author,
        published,
        dated,
        rest: rest.to_owned(),
    })
}

/// Who speaks in a line that ends in a word of speech: "Anna said", "Anna hat gesagt,".
fn says_bare(line: &str) -> Option<&str> {
    const SPEECH: [&str; 20] = [
        "says",
        "said",
        "wrote",
        "commented",
        "replied",
        "sagt",
        "meint",
        "schreibt",
        "hat gesagt",
        "a dit",
        "dit",
        "dijo",
        "dice",
        "disse",
        "diz",
        "ha detto",
        "scrive",
        "комментирует",
        "говорит",
        "пишет",
    ];
    let line = line.strip_suffix([',', '.']).unwrap_or(line).trim_end();
    SPEECH.iter().find_map(|speech| {
        let before = without_end(line, speech)?;
        let author = before.trim_end();
        let parted = author.len() < before.len();
        (parted && !author.is_empty() && author.chars().nth(LONGEST_BARE).is_none())
            .then_some(author)
    })
}

/// A line without its end, which is written in small letters here.
fn without_end<'l>(line: &'l str, end: &str) -> Option<&'l str> {
    let mut letters = line.char_indices().rev();
    let mut start = line.len();
    for letter in end.chars().rev() {
        let (at, own) = letters.next()?;
        if !own.to_lowercase().eq([letter]) {
            return None;
        }
        start = at;
    }
    line.get(..start)
}

fn posted(line: &str, language: Option<&str>) -> Option<Byline> {
    if line.len() > LONGEST {
        return None;
    }
    let found = captures(&POSTED, line)?;
    let weak = matches(&WEAK_LEAD, line);
    let rest = found.get(1)?.as_str();
    let (rest, published, dated) = match tail_date(rest, language) {
        Some((rest, date)) => (rest, date, true),
        None => (rest, None, false),
    };
    if weak && !dated {
        return None;
    }
    // "Anna | Homepage |"
    let author = name(rest.split(" | ").next().unwrap_or(rest))?;
    Some(Byline {
        form: Form::Posted,
        author,
        published,
        dated,
        rest: String::new(),
    })
}

fn beside_date(line: &str, language: Option<&str>) -> Option<Byline> {
    if line.len() <= LONGEST
        && let Some((rest, published)) = tail_date(line, language)
        && let Some(author) = name(rest.split(" | ").next().unwrap_or(rest))
    {
        return Some(Byline {
            form: Form::NameDate,
            author,
            published,
            dated: true,
            rest: String::new(),
        });
    }
    let (published, rest) = head_date(line, language)?;
    // "04.03.2012 – Anna: text" or the name alone.
    let (author, rest) = match rest.split_once([':', '：']) {
        Some((author, rest)) if author.chars().count() <= 40 => (author, rest.trim()),
        _ if rest.len() <= LONGEST => (rest, ""),
        _ => return None,
    };
    Some(Byline {
        form: Form::DateName,
        author: name(without_lead(author))?,
        published,
        dated: true,
        rest: rest.to_owned(),
    })
}

/// The name on a line that may have a lead: "Comment by Anna".
pub(super) fn bare_name(line: &str) -> Option<String> {
    name(without_lead(line))
}

fn without_lead(text: &str) -> &str {
    captures(&POSTED, text)
        .and_then(|c| c.get(1))
        .map_or(text, |m| m.as_str())
}

/// Runs of white space as one blank.
pub(super) fn fold_spaces(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A name without what is printed around it; `None` for what is no name.
pub(super) fn name(raw: &str) -> Option<String> {
    let folded = fold_spaces(raw);
    let tagged = folded.contains(['(', '[']) || folded.ends_with(['r', 'R', 'd', 'D']);
    let text = match (*TAGS).as_ref().filter(|_| tagged) {
        Some(tags) => tags.replace_all(&folded, ""),
        None => Cow::Borrowed(folded.as_str()),
    };
    let mut name = text.as_ref();
    loop {
        let before = name.len();
        name = name
            .trim_matches(|c: char| {
                c.is_whitespace()
                    || matches!(
                        c,
                        '|' | ','
                            | '·'
                            | '•'
                            | '—'
                            | '–'
                            | '-'
                            | ':'
                            | '：'
                            | '@'
                            | '»'
                            | '«'
                            | '›'
                            | '∙'
                            | '~'
                    )
            })
            .trim_end_matches(['(', '['])
            .trim_start_matches([')', ']']);
        for tail in [
            " on", " at", " am", " um", " le", " el", " em", " il", " в", " on the", " vom", " den",
        ] {
            if let Some(short) = name.strip_suffix(tail) {
                name = short;
            }
        }
        if name.len() == before {
            break;
        }
    }
    plausible(name).then(|| name.to_owned())
}

/// True for what may be somebody's name: short, no sentence.
pub(super) fn plausible(name: &str) -> bool {
    let chars = name.chars().count();
    (1..=60).contains(&chars)
        && name.chars().any(char::is_alphanumeric)
        && name.split(' ').count() <= 6
        && !name.contains(['“', '”', '„', '?', '"'])
        && !name.contains("! ")
        && !name.ends_with(['!', '。', '！'])
        && !name
            .split(' ')
            .rev()
            .skip(1)
            .any(|w| w.ends_with('.') && w.chars().count() > 4)
}

/// The name before a colon: longer ones are prose.
pub(super) fn before_colon(written: &str) -> Option<String> {
    (written.chars().count() <= 40 && written.split(' ').count() <= 4)
        .then(|| name(written))
        .flatten()
}

/// The date of a line that is nothing but a date, a time, or "3 years ago" (`Some(None)` where it names
/// no day).
pub(super) fn date_only(line: &str, language: Option<&str>) -> Option<Option<Published>> {
    if line.len() > 160 {
        return None;
    }
    let tokens: Vec<Token> = tokens(line).collect();
    let first = tokens.first()?;
    if tokens.iter().any(|t| t.class == Class::Other) {
        return None;
    }
    dated(&line[first.start..], &tokens, language)
}

/// What stands before a date that ends the line, and the date.
pub(super) fn tail_date<'a>(
    line: &'a str,
    language: Option<&str>,
) -> Option<(&'a str, Option<Published>)> {
    let mut tail = before_other(tokens(line).rev())?;
    tail.reverse();
    // Connecting words at the front belong to neither.
    let from = tail.iter().position(|t| t.class != Class::Link)?;
    let date = dated(&line[tail[from].start..], &tail[from..], language)?;
    Some((line[..tail[0].start].trim(), date))
}

/// The date that begins the line, and what stands behind it.
pub(super) fn head_date<'a>(
    line: &'a str,
    language: Option<&str>,
) -> Option<(Option<Published>, &'a str)> {
    let head = before_other(tokens(line))?;
    let end = head.last()?.end;
    let date = dated(&line[..end], &head, language)?;
    // "10:41 PM, June Marrow": a month that the date does without begins the name.
    if let [before @ .., last] = &head[..]
        && last.class == Class::Month
        && let Some(end) = before.last().map(|t| t.end)
        && dated(&line[..end], before, language).as_ref() == Some(&date)
    {
        return Some((date, line[end..].trim()));
    }
    Some((date, line[end..].trim()))
}

fn dated(text: &str, tokens: &[Token], language: Option<&str>) -> Option<Option<Published>> {
    let figure = tokens.iter().any(|t| t.class == Class::Figure);
    // "3 years ago", "yesterday"; "four minutes" is a length.
    let relative = tokens.iter().any(|t| t.class == Class::Ago);
    if !relative && !figure {
        return None;
    }
    let day = date::parse(text, language, DateSource::Byline)
        .filter(|d| matches!(d.precision, Precision::Day | Precision::Time));
    if day.is_some() {
        return Some(day);
    }
    (relative || matches(&CLOCK, text)).then_some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(String, Option<String>)> {
        read(line, None).map(|b| (b.author, b.published.map(|d| d.iso()[..10].to_owned())))
    }

    #[test]
    fn lines_that_name_an_author() {
        for (line, author, day) in [
            ("Wendel says:", "Wendel", ""),
            (
                "Wendel (March 4, 2012 at 3:17 pm): Nice find.",
                "Wendel",
                "2012-03-04",
            ),
            (
                "Wendel said on March 4, 2012 at 3:17 pm:",
                "Wendel",
                "2012-03-04",
            ),
            (
                "Wendel schrieb am 14.3.2012 um 15:17:",
                "Wendel",
                "2012-03-14",
            ),
            ("mr. gramophone Says:", "mr. gramophone", ""),
            ("Anonymous said...", "Anonymous", ""),
            ("Uta hat gesagt…", "Uta", ""),
            ("Wendel SAID", "Wendel", ""),
            ("Uta hat gesagt,", "Uta", ""),
            ("Amélie a dit.", "Amélie", ""),
            ("Иван Пишет", "Иван", ""),
            ("Gaspard dit :", "Gaspard", ""),
            ("みどり さんのコメント...", "みどり", ""),
            ("은비님의 말...", "은비", ""),
            ("Зоя комментирует...", "Зоя", ""),
            ("At 10:41 PM, Wendel said…", "Wendel", ""),
            (
                "Wendel on March 4, 2012 at 3:17 pm said:",
                "Wendel",
                "2012-03-04",
            ),
            (
                "Posted by Wendel on March 4, 2012 3:17 PM",
                "Wendel",
                "2012-03-04",
            ),
            (
                "Posted by: Pim Vroom | March 04, 2012 at 03:17 PM",
                "Pim Vroom",
                "2012-03-04",
            ),
            (
                "Comment by Wendel — March 4, 2005 @ 3:17 pm",
                "Wendel",
                "2005-03-04",
            ),
            ("Wendel | 2012-03-04 10:11", "Wendel", "2012-03-04"),
            (
                "needledrop77 4 March 2012 at 10:11",
                "needledrop77",
                "2012-03-04",
            ),
            ("04.03.2012 – Wendel: Nice find.", "Wendel", "2012-03-04"),
            (
                "Wendel | Homepage | 03.14.2012 - 3:17 pm | #",
                "Wendel",
                "2012-03-14",
            ),
        ] {
            let day = (!day.is_empty()).then(|| day.to_owned());
            assert_eq!(of(line), Some((author.to_owned(), day)), "{line}");
        }
    }

    #[test]
    fn lines_of_prose_name_nobody() {
        for line in [
            "By the way, this was never a single.",
            "Nice find.",
            "March 4, 2012 at 3:17 pm",
            "The bass player now repairs lawn mowers, and repairs them well since 4 May 2012",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn dates_alone() {
        for (line, day) in [
            ("March 4, 2012 at 3:17 pm", Some("2012-03-04")),
            ("06.12.2011 в 14:02", Some("2011-12-06")),
            ("22. März 2007 um 09:30", Some("2007-03-22")),
            ("4 марта 2019 г. в 14:02", Some("2019-03-04")),
            ("2011年3月4日 14:05", Some("2011-03-04")),
            ("10:41 PM", None),
            ("3 years ago", None),
        ] {
            let found = date_only(line, None).map(|d| d.map(|d| d.iso()[..10].to_owned()));
            assert_eq!(found, Some(day.map(str::to_owned)), "{line}");
        }
        assert!(date_only("In 1985", None).is_none());
        assert!(date_only("1985", None).is_none());
    }
}
