//! The parts of a plain-text capture.
//!
//! In: lines up to where the comments start. Out: title, date, author, tags, links to the neighbours, and the
//! lines that are theme chrome.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::date;
use crate::model::DateSource;
use crate::text::lines::Line;

/// What a capture's lines are: indexes into the lines given.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    pub title: Option<usize>,
    /// Lines of theme chrome, bylines and date lines, which are not prose.
    pub dropped: HashSet<usize>,
    pub author: Option<String>,
    /// The text of a date line.
    pub date: Option<String>,
    pub tags: Vec<String>,
    /// `next`/`prev` links: (rel, title).
    pub links: Vec<(&'static str, String)>,
}

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());)*
    };
}

patterns! {
    CHROME = r"(?i)^(?:share this:?|like this:?|like(?: loading\.\.\.)?|loading(?:\.\.\.|…)|share|tweet|email this ?blogthis!.*|blogthis!|pin it|print|skip to content|menu|search|home|about|reblog|subscribe|advertisements?|report this ad|related(?: posts)?:?|posted in .{1,80}|to download .{1,80} go to:?|click to .{1,60}|share to (?:twitter|facebook|x|pinterest)|permalink|edit|follow|teilen|partager|compartir|compartilhar|condividi|zum inhalt springen|aller au contenu|\d+ (?:comments?|notes|likes?)|no comments:?|rate this:?|newer posts?|older posts?)$";
    NEIGHBOUR = r"(?i)^(next|newer|previous|prev|older|n[äa]chster|vorheriger|suivant|pr[ée]c[ée]dent|siguiente|anterior|pr[óo]xim[oa]|successivo|precedente)(?: (?:post|article|entry|beitrag|entrada|artikel))?\s*[:：]\s*(\S.*)$";
    ARROW = r"^(?:(←|«|‹)\s*(\S.{2,120})|(\S.{2,120}?)\s*(→|»|›))$";
    TAGS = r"(?i)^(?:labels?|tags?|tagged|filed under|categories|category|schlagw[öo]rter|kategorien?|mots[- ]cl[ée]s|[ée]tiquettes?|libell[ée]s|etiquetas|marcadores|etichette|метки|ярлыки|タグ|ラベル|태그|라벨)\s*[:：]\s*(.{1,300})$";
    BYLINE = r"(?i)^(?:(?:posted|published|written|ver[öo]ffentlicht|gepostet|eingestellt|publi[ée]|publicado|postado|pubblicato|опубликовано|投稿者|작성자)\b\s*[:：]?\s*)?(?:(?:by|von|par|por|da|автор)\b\s*[:：]?\s*)(.{2,50}?)(?:\s*(?:[|·•,—–-]|\bat\b|\bon\b|\bum\b|\bam\b|\bà\b|\ble\b|\bel\b|\ba las\b|\bàs\b|\balle\b|\bem\b|\bil\b)\s*(.{0,80}))?$";
    POSTED_BY = r"(?i)^(?:posted|published|written|publi[ée]|publicado|pubblicato)\s+(?:on|le|el|em|il)\s+(.{6,60}?)\s+(?:by|par|por|da)\s+(.{2,50})$";
    POSTED = r"(?i)^(?:posted|published|ver[öo]ffentlicht|gepostet|eingestellt|publi[ée]|publicado|postado|pubblicato|опубликовано)\b";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

/// Reads a plain-text capture: `lines` up to where its comments start. `listed` are rows of track lists, which
/// are neither title nor chrome.
pub fn of_lines(lines: &[Line], listed: &HashSet<usize>) -> Capture {
    let mut capture = Capture::default();
    let visible: Vec<usize> = (0..lines.len())
        .filter(|at| !lines[*at].text.is_empty())
        .collect();
    for (seen, at) in visible.iter().copied().enumerate() {
        let text = lines[at].text.as_str();
        let short = text.chars().count() <= 140;
        if !short || listed.contains(&at) {
            continue;
        }
        if captures(&CHROME, text).is_some() {
            capture.dropped.insert(at);
            continue;
        }
        if let Some(found) = captures(&NEIGHBOUR, text) {
            let rel = match found[1].to_lowercase().as_str() {
                "next" | "newer" | "nächster" | "nachster" | "suivant" | "siguiente"
                | "próximo" | "próxima" | "proximo" | "successivo" => "next",
                _ => "prev",
            };
            capture.links.push((rel, found[2].to_owned()));
            capture.dropped.insert(at);
            continue;
        }
        if let Some(found) = captures(&ARROW, text) {
            let (rel, title) = match (found.get(2), found.get(3)) {
                (Some(title), _) => ("prev", title.as_str()),
                (_, Some(title)) => ("next", title.as_str()),
                _ => continue,
            };
            capture.links.push((rel, title.to_owned()));
            capture.dropped.insert(at);
            continue;
        }
        if let Some(found) = captures(&TAGS, text) {
            capture.tags.extend(
                found[1]
                    .split([',', '，', '、', ';'])
                    .map(|t| t.trim().to_owned())
                    .filter(|t| !t.is_empty()),
            );
            capture.dropped.insert(at);
            continue;
        }
        let edge = seen < 8 || seen + 12 > visible.len();
        if edge
            && capture.author.is_none()
            && let Some(found) = captures(&POSTED_BY, text)
        {
            capture.date.get_or_insert_with(|| found[1].to_owned());
            capture.author = Some(found[2].trim_end_matches('.').to_owned());
            capture.dropped.insert(at);
            continue;
        }
        // "Louis Gerrity | 14 September 2012 | Filed under: Soundtracks"
        if edge && capture.date.is_none() && text.contains(['|', '·', '•']) {
            let parts: Vec<&str> = text.split(['|', '·', '•']).map(str::trim).collect();
            if let Some(dated) = parts.iter().find(|p| is_date_line(p)) {
                capture.date = Some((*dated).to_owned());
                let name = parts.first().filter(|p| {
                    **p != *dated
                        && p.split_whitespace().count() <= 4
                        && !p.chars().any(|c| c.is_ascii_digit())
                });
                if capture.author.is_none() {
                    capture.author = name.map(|n| (*n).to_owned());
                }
                capture.dropped.insert(at);
                continue;
            }
        }
        if edge && capture.author.is_none() {
            let posted = captures(&POSTED, text).is_some();
            if let Some(found) =
                captures(&BYLINE, text).filter(|_| posted || text.chars().count() <= 60)
            {
                let name = found[1].trim().trim_end_matches(['.', ',']);
                let named = name.split_whitespace().count() <= 5 && !name.contains(['?', '!', ':']);
                let tail = found.get(2).map_or("", |t| t.as_str());
                let dated = date::parse(text, None, DateSource::Byline).is_some();
                if named && (posted || dated || tail.is_empty() && seen <= 3 && seen > 0) {
                    capture.author = Some(name.to_owned());
                    if dated && capture.date.is_none() {
                        capture.date = Some(text.to_owned());
                    }
                    capture.dropped.insert(at);
                    continue;
                }
            }
        }
        if edge && capture.date.is_none() && is_date_line(text) {
            capture.date = Some(text.to_owned());
            capture.dropped.insert(at);
            continue;
        }
        if capture.title.is_none() && seen < 8 && text.chars().any(char::is_alphanumeric) {
            capture.title = Some(at);
        }
    }
    capture
}

/// A line that is a date and little else.
fn is_date_line(text: &str) -> bool {
    if text.chars().count() > 60 || !text.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let Some(found) = date::parse(text, None, DateSource::Byline) else {
        return false;
    };
    let words = text.split_whitespace().count();
    let wordless = text.chars().filter(|c| c.is_alphabetic()).count() <= 34;
    found.precision >= crate::model::Precision::Day && words <= 10 && wordless
}
