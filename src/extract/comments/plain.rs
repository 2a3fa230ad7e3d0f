//! Comments in captures of a page's visible text.
//!
//! In: lines. Out: the thread below the post, and where it starts. Headings ("18 Responses to …", "2 thoughts
//! on …", "Comments (3)") are known in the languages of music blogs; entries are numbered, or led by a line
//! that names the author ("Anna says:", "Anna said…", "Posted by Anna on …").

use std::sync::LazyLock;

use regex::Regex;

use super::Thread;
use crate::extract::date;
use crate::model::{Comment, DateSource, Text};
use crate::text::lines::Line;

/// A pattern that is part of the program: one that did not compile would match nothing.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| pattern($text));)*
    };
}

patterns! {
    HEADING = r"(?i)^(?:(\d+|one|two|three|no|a|ein|eine|un|une|uno|um|zwei|deux|dos|dois|due)\s+)?(?:responses?|replies|reply|comments?|thoughts?|kommentare?|antworten|gedanken|r[ée]ponses?|commentaires?|comentarios?|coment[áa]rios?|respuestas?|respostas?|risposte|commenti|reacties|комментари\S+|コメント|댓글)(?:\s*\((\d+)\)|\s*[:：]\s*(\d+)?|\s+(?:to|on|zu|auf|à|a|sobre|su|para|en|em)\s.{1,200})?\s*[:：]?$";
    FORM = r"(?i)^(?:leave a (?:reply|comment)|post a comment|add (?:a )?comment|write a comment|reply to this post|your email address will not be published.*|schreibe einen kommentar|kommentar (?:schreiben|ver[öo]ffentlichen|hinterlassen).*|laisser un commentaire|enregistrer un commentaire|deja (?:un comentario|una respuesta)|publicar un comentario|deixe (?:um coment[áa]rio|uma resposta).*|postar um coment[áa]rio|lascia un commento|posta un commento|оставить комментарий|добавить комментарий|コメントを投稿|コメントを残す|댓글 쓰기|댓글 남기기)\b.*$";
    NUMBERED = r"^(\d{1,4})[.)]\s+(\S.*)$";
    LIKED = r"(?i)^(?:liked by (\d+) (?:people|person)|(\d+) (?:likes?|people like this)|gef[äa]llt (\d+) (?:person|personen|mal)|aim[ée] par (\d+) personnes?)\b.*$";
    SAYS = r"(?i)^(.{1,60}?)\s+(?:says|said|wrote|writes|commented|hat gesagt|sagte?|schrieb|meint|a dit|dit|ha dicho|комментирует|сказал\S*|[ée]crit|dice|dijo|diz|disse|scrive|ha detto|пишет|говорит)\s*(?:\.\.\.|…|:)\s*(.*)$";
    POSTED = r"(?i)^(?:(?:posted|comment) by|(?:kommentar )?von|commentaire de|comentario de|coment[áa]rio de|commento di)\s+(.{1,60}?)\s*(?:[|—–-]|\bon\b|\bat\b|\bam\b|\ble\b|\bel\b|\bem\b|\bil\b)\s*(.{4,60})$";
    WIDGET = r"(?i)^(?:reply|like|loading(?:\.\.\.|…)?|edit|delete|report|share|antworten|r[ée]pondre|responder|rispondi|ответить|返信|답글|like this:)$";
    AFTER = r"(?i)^(?:newer post|older post|home|subscribe to:.*|links to this post|create a link|trackbacks?/?pingbacks?|fill in your details below.*|you are commenting using.*|notify me of.*|this site uses akismet.*|%d bloggers like this:?|previous post.*|next post.*|related(?: posts)?:?|blog archive|about me|archives?|categories|neuerer post|[äa]lterer post|startseite|article plus r[ée]cent|article plus ancien|accueil|entrada (?:m[áa]s reciente|antigua)|inicio|postagem mais (?:recente|antiga)|p[áa]gina inicial)$";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

/// Finds the thread; the index is that of the first line that is no longer the post.
pub(super) fn of_lines(lines: &[Line], language: Option<&str>) -> (Thread, Option<usize>) {
    let mut thread = Thread::default();
    let heading = lines.iter().enumerate().rev().find_map(|(at, line)| {
        let found = captures(&HEADING, &line.text).filter(|_| {
            line.text.chars().count() <= 250 && captures(&WIDGET, &line.text).is_none()
        })?;
        let counted = found
            .get(1)
            .or_else(|| found.get(2))
            .or_else(|| found.get(3));
        // A bare "Comments" counts only where something follows that looks like one.
        let bare = counted.is_none() && !line.text.contains(':') && !line.text.contains(' ');
        (!bare || has_entries(&lines[at + 1..]))
            .then(|| (at, counted.and_then(|c| count(c.as_str()))))
    });
    let form = lines
        .iter()
        .position(|l| captures(&FORM, &l.text).is_some() && l.text.chars().count() < 120);
    let Some((at, stated)) = heading else {
        return (thread, form);
    };
    if form.is_some_and(|f| f < at) && !has_entries(&lines[at + 1..]) {
        return (thread, form);
    }
    thread.stated = stated;
    thread.rule = Some("a heading that counts responses");
    let end = lines[at + 1..]
        .iter()
        .position(|l| {
            captures(&FORM, &l.text).is_some_and(|_| l.text.chars().count() < 120)
                || captures(&AFTER, &l.text).is_some()
        })
        .map_or(lines.len(), |n| at + 1 + n);
    let body = &lines[at + 1..end];
    thread.comments = if numbered(body) {
        by_number(body, language, &mut thread.platform)
    } else {
        by_author(body, language)
    };
    (thread, Some(at))
}

/// The number that a heading states: "18 Responses to …".
pub(super) fn stated(line: &str) -> Option<u32> {
    let found = captures(&HEADING, line)?;
    let counted = found
        .get(1)
        .or_else(|| found.get(2))
        .or_else(|| found.get(3))?;
    count(counted.as_str())
}

fn count(word: &str) -> Option<u32> {
    match word.to_lowercase().as_str() {
        "no" => Some(0),
        "one" | "a" | "ein" | "eine" | "un" | "une" | "uno" | "um" => Some(1),
        "two" | "zwei" | "deux" | "dos" | "dois" | "due" => Some(2),
        "three" => Some(3),
        digits => digits.parse().ok(),
    }
}

fn has_entries(lines: &[Line]) -> bool {
    let next: Vec<&Line> = lines
        .iter()
        .filter(|l| !l.text.is_empty())
        .take(3)
        .collect();
    next.first()
        .is_some_and(|l| captures(&NUMBERED, &l.text).is_some_and(|c| &c[1] == "1"))
        || next
            .iter()
            .any(|l| captures(&SAYS, &l.text).is_some() || captures(&POSTED, &l.text).is_some())
}

fn numbered(lines: &[Line]) -> bool {
    lines
        .iter()
        .find(|l| !l.text.is_empty())
        .is_some_and(|l| captures(&NUMBERED, &l.text).is_some_and(|c| &c[1] == "1"))
}

fn by_number(
    lines: &[Line],
    language: Option<&str>,
    platform: &mut Option<&'static str>,
) -> Vec<Comment> {
    let mut out: Vec<Draft> = Vec::new();
    for line in lines {
        let next = out.len() as u32 + 1;
        match captures(&NUMBERED, &line.text) {
            Some(found) if found[1].parse() == Ok(next) => {
                let mut draft = Draft {
                    number: Some(next),
                    ..Draft::default()
                };
                draft.line(&found[2], language, platform);
                out.push(draft);
            }
            _ => {
                if let Some(last) = out.last_mut() {
                    last.line(&line.text, language, platform);
                }
            }
        }
    }
    finish(out)
}

fn by_author(lines: &[Line], language: Option<&str>) -> Vec<Comment> {
    let mut out: Vec<Draft> = Vec::new();
    let mut unused = None;
    for line in lines {
        let lead = captures(&SAYS, &line.text)
            .map(|c| {
                (
                    c[1].to_owned(),
                    c.get(2).map_or("", |m| m.as_str()).to_owned(),
                )
            })
            .or_else(|| captures(&POSTED, &line.text).map(|c| (c[1].to_owned(), c[2].to_owned())));
        if let Some((author, rest)) = lead {
            let mut draft = Draft {
                author: Some(author),
                ..Draft::default()
            };
            if !rest.is_empty() {
                draft.line(&rest, language, &mut unused);
            }
            out.push(draft);
        } else if let Some(last) = out.last_mut() {
            last.line(&line.text, language, &mut unused);
        }
    }
    finish(out)
}

#[derive(Default)]
struct Draft {
    number: Option<u32>,
    author: Option<String>,
    published: Option<crate::model::Published>,
    likes: Option<u32>,
    text: String,
}

impl Draft {
    fn line(&mut self, text: &str, language: Option<&str>, platform: &mut Option<&'static str>) {
        if let Some(found) = captures(&LIKED, text) {
            self.likes = found
                .iter()
                .skip(1)
                .flatten()
                .find_map(|m| m.as_str().parse().ok());
            *platform = Some("wordpress");
            return;
        }
        if captures(&WIDGET, text).is_some() {
            return;
        }
        if self.text.is_empty() {
            // "Anna says:" may lead the text of a numbered comment.
            if self.author.is_none()
                && let Some(found) = captures(&SAYS, text)
            {
                self.author = Some(found[1].to_owned());
                let rest = found.get(2).map_or("", |m| m.as_str());
                if !rest.is_empty() {
                    self.line(rest, language, platform);
                }
                return;
            }
            let short = text.chars().count() <= 60;
            if self.published.is_none()
                && short
                && text.chars().any(|c| c.is_ascii_digit())
                && let Some(date) = date::parse(text, language, DateSource::Byline)
            {
                self.published = Some(date);
                return;
            }
        }
        self.text.push_str(text);
        self.text.push('\n');
    }
}

fn finish(drafts: Vec<Draft>) -> Vec<Comment> {
    drafts
        .into_iter()
        .enumerate()
        .filter_map(|(at, mut draft)| {
            // Blogger prints the date below the text.
            if draft.published.is_none()
                && let Some((before, last)) = draft.text.trim_end().rsplit_once('\n')
                && last.chars().count() <= 50
                && last.chars().any(|c| c.is_ascii_digit())
                && let Some(date) = date::parse(last, None, DateSource::Byline)
            {
                draft.published = Some(date);
                draft.text = before.to_owned();
            }
            let text = Text::block(&draft.text);
            (!text.is_empty()).then(|| Comment {
                id: Text::line(&(at + 1).to_string()),
                number: draft.number,
                author: draft.author.as_deref().and_then(Text::some_line),
                published: draft.published,
                likes: draft.likes,
                text,
                ..Comment::default()
            })
        })
        .collect()
}
