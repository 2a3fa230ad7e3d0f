//! The parts of a plain-text capture.
//!
//! In: lines up to where the comments start. Out: title, date, author, tags, links to the neighbours, and the
//! lines that are theme chrome.

use crate::text::hash::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::byline;
use crate::extract::date;
use crate::model::DateSource;
use crate::text::lines::Line;

/// What a capture's lines are: indexes into the lines given.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    pub title: Option<usize>,
    /// The title as the heading of the comments names it; it wins over `title`.
    pub named: Option<String>,
    /// Day first or month first, where other dates of the capture tell.
    pub day_first: Option<bool>,
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
    CHROME = r"(?i)^(?:share this:?|like this:?|like(?: loading\.\.\.)?|loading(?:\.\.\.|…)|share|tweet|email this ?blogthis!.*|blogthis!|pin it|print|skip to content|menu|search|home|about|reblog|subscribe|advertisements?|report this ad|related(?: posts)?:?|posted in .{1,80}|(?:(?:category|tag|author|monthly|daily|yearly|blog) )?archives?(?: (?:for|of|by)|[:：]).{0,80}|posts (?:tagged|categorized|filed under)\b.{0,80}|(?:monats|kategorie|schlagwort|autoren)?-?archiv(?:e)?(?: (?:für|der|des)|[:：]).{0,80}|archives (?:de|du|des|pour)\b.{0,80}|archivos? (?:de|del|para)\b.{0,80}|arquivos? (?:de|do|da|para)\b.{0,80}|archivio (?:per|di)\b.{0,80}|архив(?:ы)?(?: за| рубрики|[:：]).{0,80}|to download .{1,80} go to:?|click to .{1,60}|share to (?:twitter|facebook|x|pinterest)|permalink|edit|follow|teilen|partager|compartir|compartilhar|condividi|zum inhalt springen|aller au contenu|\d+ (?:comments?|notes|likes?)|no comments:?|rate this:?|newer posts?|older posts?)$";
    NEIGHBOUR = r"(?i)^(next|newer|previous|prev|older|n[äa]chster|vorheriger|suivant|pr[ée]c[ée]dent|siguiente|anterior|pr[óo]xim[oa]|successivo|precedente)(?: (?:post|article|entry|beitrag|entrada|artikel))?\s*[:：]\s*(\S.*)$";
    ARROW = r"^(?:(←|«|‹)\s*(\S.{2,120})|(\S.{2,120}?)\s*(→|»|›))$";
    TAGS = r"(?i)^(?:labels?|tags?|tagged|filed under|categories|category|schlagw[öo]rter|kategorien?|mots[- ]cl[ée]s|[ée]tiquettes?|libell[ée]s|etiquetas|marcadores|etichette|метки|ярлыки|タグ|ラベル|태그|라벨)\s*[:：]\s*(.{1,300})$";
    // "Posted in Tapes, Vinyl with tags soundtrack, 1985 on March 4, 2019 by Anna"
    POSTED_IN = r"(?i)^(?:posted|published|filed)\s+(?:in|under)\s+(.{1,200}?)(?:\s+(?:with\s+tags|and\s+tagged(?:\s+with)?|tagged)\s+(.{0,200}?))?\s+on\s+(.{6,40}?)(?:\s+by\s+(.{2,50}))?$";
    // The shape of a date in a language whose months are not known here: "środa, 31 marca 2011".
    DATELINE = r"^(?:[\p{L}-]{2,16},?\s+)?\d{1,2}\.?\s+(?:de\s+)?\p{L}{3,14}\.?,?\s+(?:de\s+)?(?:19|20)\d\d$";
    // What a thread's heading calls the post: "2 thoughts on “Title”".
    NAMED = r"(?i)^(?:\d+|one|two|three|no|a|ein|eine|un|une|uno|um|zwei|deux|dos|dois|due)\s+(?:responses?|repl(?:y|ies)|comments?|thoughts?|kommentare?|antworten?|gedanken?|r[ée]ponses?|commentaires?|comentarios?|coment[áa]rios?|respuestas?|respostas?|rispost[ae]|comment[oi]|pensamientos?|pensamentos?|pensieri|комментари\S+|мысл\S+)\s+(?:to|on|zu|auf|über|à|sur|sobre|en|su|к|на)\s+[“”\x22«„‘'](.{2,140}?)[“”\x22»‘’']?\s*[:：]?$";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

/// Reads a plain-text capture: `lines` up to where its comments start, and the line that heads those. `listed` are
/// rows of track lists, which are neither title nor chrome.
pub fn of_lines(lines: &[Line], heading: Option<&str>, listed: &HashSet<usize>) -> Capture {
    let mut capture = Capture {
        named: heading
            .and_then(|h| captures(&NAMED, h))
            .map(|found| found[1].trim().to_owned()),
        ..Capture::default()
    };
    let order = date::order_of(lines.iter().map(|l| l.text.as_str()));
    let visible: Vec<usize> = (0..lines.len())
        .filter(|at| !lines[*at].text.is_empty())
        .collect();
    // Where a byline and a line with nothing but a date stand in the head, counted in visible lines.
    let (mut headed, mut dated) = (None, None);
    for (seen, at) in visible.iter().copied().enumerate() {
        let text = lines[at].text.as_str();
        let edge = seen < 8 || seen + 12 > visible.len();
        if edge
            && text.chars().count() <= 400
            && capture.date.is_none()
            && let Some(found) = captures(&POSTED_IN, text)
            && date::parse(&found[3], None, DateSource::Byline).is_some()
        {
            capture.date = Some(found[3].to_owned());
            capture.author = found
                .get(4)
                .map(|a| a.as_str().trim_end_matches('.').to_owned());
            let tags = found.get(2).or_else(|| found.get(1));
            capture
                .tags
                .extend(tags.map(|t| parted(t.as_str())).into_iter().flatten());
            capture.dropped.insert(at);
            continue;
        }
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
            capture.tags.extend(parted(&found[1]));
            capture.dropped.insert(at);
            continue;
        }
        if edge
            && (capture.author.is_none() || capture.date.is_none())
            && let Some(found) = byline::read(text, order, None)
            && (found.told || seen > 0 && below_title(lines, &visible, seen))
        {
            if found.author.is_some() && seen < 8 {
                headed.get_or_insert(seen);
            }
            if found.published.is_some() && capture.date.is_none() {
                capture.date = Some(text.to_owned());
            }
            if capture.author.is_none() {
                capture.author = found.author;
            }
            capture.dropped.insert(at);
            continue;
        }
        if edge && capture.date.is_none() && is_date_line(text) {
            capture.date = Some(text.to_owned());
            if seen < 8 {
                dated = Some(seen);
            }
            capture.dropped.insert(at);
            continue;
        }
        // Only above another candidate: "Mixtape 12 Augustus 2011" may be all the title there is.
        let dateline = capture.title.is_none()
            && captures(&DATELINE, text).is_some()
            && visible
                .get(seen + 1)
                .is_some_and(|next| lines[*next].text.chars().count() <= 140);
        if dateline {
            capture.dropped.insert(at);
            continue;
        }
        if capture.title.is_none() && seen < 8 && text.chars().any(char::is_alphanumeric) {
            capture.title = Some(at);
        }
    }
    if let Some(at) = capture.title {
        match beside_byline(&capture, lines, &visible, headed, dated, listed) {
            // The blog's name and its menu stand above.
            Some(title) if title > at => {
                let above = visible.iter().filter(|n| **n < title);
                capture.dropped.extend(above);
                capture.title = Some(title);
            }
            _ => better_title(&mut capture, lines, &visible, at, heading.is_some(), listed),
        }
    }
    capture.day_first = order;
    capture
}

/// A title is no longer, in characters.
const LONGEST_TITLE: usize = 110;

/// "by Anna" alone is a byline where it stands below a line that may be a title, near the top.
fn below_title(lines: &[Line], visible: &[usize], seen: usize) -> bool {
    let above = seen.checked_sub(1).and_then(|n| visible.get(n));
    seen < 8 && above.is_some_and(|n| lines[*n].text.chars().count() <= LONGEST_TITLE)
}

/// The title by the byline of the head: the line above one that names the author; the line below a date alone that
/// stands above the text ("Tuesday, March 3, 2009" over each post of a day).
fn beside_byline(
    capture: &Capture,
    lines: &[Line],
    visible: &[usize],
    headed: Option<usize>,
    dated: Option<usize>,
    listed: &HashSet<usize>,
) -> Option<usize> {
    let titled = |seen: usize| {
        let at = *visible.get(seen)?;
        let text = lines[at].text.as_str();
        let fits = text.chars().count() <= LONGEST_TITLE
            && text.chars().any(char::is_alphanumeric)
            && !text.ends_with([':', '：'])
            && !listed.contains(&at)
            && !capture.dropped.contains(&at);
        fits.then_some(at)
    };
    let long = |seen: usize| {
        let at = visible.get(seen);
        at.is_some_and(|at| lines[*at].text.chars().count() > LONGEST_TITLE)
    };
    let text_above = |seen: usize| (0..seen).any(long);
    if let Some(seen) = headed.filter(|seen| !text_above(*seen)) {
        // A date may stand between the title and the byline.
        let above = seen.checked_sub(1)?;
        let above = if dated == Some(above) {
            above.checked_sub(1)?
        } else {
            above
        };
        return titled(above);
    }
    let seen = dated.filter(|seen| !text_above(*seen))?;
    if long(seen + 1) {
        return titled(seen.checked_sub(1)?);
    }
    let below = titled(seen + 1)?;
    (seen > 0 && long(seen + 2) && !lines[below].text.ends_with(['.', ','])).then_some(below)
}

/// The first line is not the title where it is the window's title over the post's own, or the blog's name over both.
fn better_title(
    capture: &mut Capture,
    lines: &[Line],
    visible: &[usize],
    at: usize,
    whole: bool,
    listed: &HashSet<usize>,
) {
    let mut rest = visible
        .iter()
        .copied()
        .filter(|n| *n > at && !capture.dropped.contains(n));
    let (Some(next), after) = (rest.next(), rest.next()) else {
        return;
    };
    if listed.contains(&next) {
        return;
    }
    let (first, second) = (lines[at].text.as_str(), lines[next].text.as_str());
    let words = |text: &str| text.split_whitespace().count();
    // "Kitchen Tape 9Anna" over "Kitchen Tape 9": the same heading with its byline glued on.
    let doubled = second.chars().count() >= 10 && first.starts_with(second);
    // Captures of whole pages (they go on to the comments) open with the blog's name.
    let named = whole
        && words(first) <= 3
        && (4..=16).contains(&words(second))
        && !second.ends_with(['.', ':', '。', ','])
        && !second.starts_with(|c: char| c.is_ascii_digit())
        && lines[next].hints.blanks > 0
        && after.is_some_and(|n| lines[n].hints.blanks > 0 && lines[n].text.chars().count() > 140);
    if doubled || named {
        capture.dropped.insert(at);
        capture.title = Some(next);
    }
}

fn parted(tags: &str) -> Vec<String> {
    tags.split([',', '，', '、', ';'])
        .map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty())
        .collect()
}

/// A line that is a date and little else: at most two words besides it.
pub(super) fn is_date_line(text: &str) -> bool {
    text.chars().count() <= 60 && text.split_whitespace().count() <= 10 && byline::is_date(text)
}
