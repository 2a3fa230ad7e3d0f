//! Is this run of lines a track list?
//!
//! In: a run, its rows' parts and what stands around it. Out: the evidence, weighed. The weights were set by
//! reading labelled pages of many layouts; each says what it stands for. Decides nothing about artists.

use crate::text::hash::{HashMap, HashSet};

use super::columns::Parts;
use super::players::is_audio;
use super::row::{self, Form, Separator};
use super::runs::is_sentence;
use super::{Context, Run, cues, lexicon};
use crate::text::fold::fold;
use crate::text::lines::Line;

/// Evidence that makes a run a track list.
const ENOUGH: f32 = 2.0;

/// What speaks for a run.
pub(super) struct Evidence {
    pub score: f32,
    /// For `inspect --why`.
    pub why: Vec<String>,
    /// The heading names an album rather than a list: "Survivor – Vital Signs (1984)".
    pub album: bool,
}

/// Weighs a run; `None` where it is no track list. `separator` comes with the number of rows it parts.
pub(super) fn weigh(
    lines: &[Line],
    run: &Run<'_>,
    context: &Context<'_>,
    parts: &[Parts<'_>],
    separator: Option<(Separator, usize)>,
    head: Option<usize>,
) -> Option<Evidence> {
    let n = run.rows.len();
    let share = |count: usize| count as f32 / n as f32;
    let tabular = run.rows.iter().filter(|r| r.sides.is_some()).count() * 2 > n;
    let head = head.map(|at| lines[at].text.as_str());
    let announced =
        head.is_some_and(cues::announces) || run.rows.iter().any(|r| r.section.is_some());
    let mut why = vec![format!("{}: {n}", run.shape)];
    let mut score = 0.0;
    score += if announced { 2.0 } else { 0.0 };
    let about = cues::announces(context.title) || cues::mix_word(context.title);
    score += if about { 1.0 } else { 0.0 };
    let numbers = run
        .rows
        .iter()
        .filter(|r| r.number.is_some() || r.start_s.is_some() || r.ordered)
        .count();
    let numbered = numbers * 2 > n;
    score += if numbered { 1.0 } else { 0.0 };

    // "01": files of tracks are numbered so, recipes and rankings are not.
    let padded = run
        .rows
        .first()
        .and_then(|r| r.number)
        .is_some_and(|n| n.len() > 1 && n.starts_with('0'));
    score += if padded { 0.6 } else { 0.0 };

    // Sides of the rows, as far as they have two.
    let sides: Vec<(&str, &str)> = run
        .rows
        .iter()
        .zip(parts)
        .filter_map(|(raw, part)| match (&raw.sides, separator) {
            (Some((first, second)), _) => Some((first.as_str(), second.as_str())),
            (None, Some((by, _))) => {
                let split = row::split(part.core, by)?;
                Some((*split.first()?, *split.last()?))
            }
            _ => None,
        })
        .collect();
    let habit = Habit::of(&sides);
    let covered = separator.map_or(0.0, |(_, count)| share(count));
    if let Some((separator, count)) = separator {
        let telling = match separator {
            // Names and titles begin with capitals on both sides; other things in lists do not.
            Separator::Colon | Separator::Bracket | Separator::Slash if habit.named < 0.9 => 0.8,
            Separator::Colon | Separator::Bracket | Separator::Slash => 1.15,
            Separator::By => 1.3,
            Separator::GluedDash | Separator::LooseDash => 1.2,
            _ => 1.5,
        };
        score += telling * covered;
        why.push(format!("{separator:?} in {count} of {n}"));
    }
    if tabular {
        score += match run.shape {
            s if s.ends_with("header") => 2.5,
            _ if habit.named >= 0.9 => 1.5,
            _ if numbered => 1.1,
            _ => 0.9,
        };
    }
    let timed = run
        .rows
        .iter()
        .zip(parts)
        .filter(|(raw, part)| raw.duration_s.or(part.duration_s).is_some())
        .count();
    let timed = timed * 2 >= n;
    score += if timed { 1.5 } else { 0.0 };
    let dated = run
        .rows
        .iter()
        .zip(parts)
        .filter(|(raw, part)| raw.year.or(part.year).is_some())
        .count()
        * 2
        >= n;
    score += if dated && (tabular || separator.is_some()) {
        0.6
    } else {
        0.0
    };
    let audio = run
        .rows
        .iter()
        .filter(|r| lines[r.line].hints.link().is_some_and(is_audio))
        .count();
    score += if audio * 2 >= n { 2.0 } else { 0.0 };
    score += if n >= 8 { 0.4 } else { 0.0 };

    // "A1", "1. (A-1)": the sides of a record.
    let sided = run
        .rows
        .iter()
        .filter(|r| {
            r.number
                .and_then(row::number_form)
                .is_some_and(|f| f == Form::Side)
        })
        .count()
        * 10
        >= n * 8;
    score += if sided { 0.8 } else { 0.0 };
    // A heading or title that names one album announces its titles.
    let album =
        separator.is_none() && !tabular && (head.is_some_and(|h| cues::names_album(h, numbered)));
    let titled = separator.is_none() && !tabular && cues::names_album(context.title, false);
    score += match (album, titled) {
        (true, _) => 1.4,
        (_, true) if row::year_at_end(context.title) => 1.2,
        (_, true) => 0.7,
        _ => 0.0,
    };

    if head.is_some_and(cues::is_other) && !announced {
        score -= 3.0;
    }
    if !announced && !about && cues::is_other(context.title) {
        score -= 1.6;
    }
    let sentences = run.rows.iter().filter(|r| is_sentence(r.text)).count();
    score -= 3.0 * share(sentences);
    let words: usize = run
        .rows
        .iter()
        .map(|r| r.text.split_whitespace().count())
        .sum();
    if words > 14 * n {
        score -= 1.5;
    }
    // "Onions – four, sliced", "Petra Lund – piano": things with remarks, people with instruments.
    // Who numbers rows that are all parted writes titles in lower case, too.
    score -= match habit.remarks >= 0.6 {
        true if numbered && covered >= 0.9 => 1.5,
        true => 2.5,
        false => 0.0,
    };
    score -= if habit.asides >= 0.5 { 1.2 } else { 0.0 };
    score -= if habit.roles >= 0.5 { 3.0 } else { 0.0 };
    score -= if habit.dates >= 0.6 { 3.0 } else { 0.0 };
    score -= if habit.codes { 2.5 } else { 0.0 };
    score -= if habit.formula { 1.5 } else { 0.0 };
    // Task lists of Markdown.
    let tasks = run
        .rows
        .iter()
        .filter(|r| r.text.starts_with("[ ] ") || r.text.starts_with("[x] "))
        .count();
    score -= 3.0 * share(tasks);
    // Prose between the rows: reviews of whatever is counted.
    if !announced && !about && run.between.len() > 6 * n {
        score -= 1.0;
    }
    // Lists of links to elsewhere are navigation.
    let linked = run.rows.iter().filter(|r| {
        let line = &lines[r.line];
        line.hints
            .spans
            .iter()
            .any(|s| s.href.is_some() && s.end - s.start + 2 >= line.text.len())
    });
    if audio * 2 < n && linked.count() * 5 >= n * 4 {
        score -= 1.2;
    }
    // Titles alone: only where something says so.
    if separator.is_none()
        && !tabular
        && !(announced || timed || sided || album || titled || audio * 2 >= n)
    {
        let songs: f32 = parts.iter().map(|p| lexicon::title_like(p.core)).sum();
        let lexical = n >= 6 && songs >= 0.25 * n as f32;
        if run.shape == "a numbered table" {
            score += 0.3;
        } else if !(numbered && brief(parts) && (lexical || (n >= 8 && written_as_titles(parts)))) {
            return None;
        }
        score += 0.7;
    }
    // Signs that part ordinary items too ("Onions: four") make no list of tracks by themselves.
    let weak = separator.is_some_and(|(s, _)| s.is_weak());
    if run.shape == "rows parted alike" && !announced && !about && n < 5 && covered < 1.0 {
        score -= 0.5;
    }
    let bar = match run.shape {
        // Without numbers, markup or heading, five rows that are all parted alike are asked for.
        "rows parted alike" | "rows marked alike" if !announced && n < 5 => ENOUGH + 0.3,
        "rows parted alike" if n >= 5 && weak => ENOUGH - 0.85,
        "rows parted alike" | "rows marked alike" if n >= 5 => ENOUGH - 0.6,
        "list items" if n >= 5 && covered > 0.85 && !weak => ENOUGH - 0.5,
        _ => ENOUGH,
    };
    (score >= bar).then_some(Evidence { score, why, album })
}

/// True where the rows are as short as titles are.
fn brief(parts: &[Parts<'_>]) -> bool {
    let words: usize = parts
        .iter()
        .map(|p| p.core.split_whitespace().count())
        .sum();
    words <= 6 * parts.len() && parts.iter().all(|p| !p.core.ends_with(['.', ':', ';']))
}

/// True where rows are written as titles are and not as names: long words with capitals, and most rows with
/// one word, with four, or with a small word between.
fn written_as_titles(parts: &[Parts<'_>]) -> bool {
    let n = parts.len();
    let capital = |w: &str| w.chars().next().is_some_and(|c| !c.is_lowercase());
    let capitals = parts
        .iter()
        .filter(|p| {
            p.core
                .split_whitespace()
                .enumerate()
                .all(|(at, w)| capital(w) || (at > 0 && w.chars().count() <= 3))
        })
        .count();
    let unlike_names = parts
        .iter()
        .filter(|p| {
            let words = p.core.split_whitespace().count();
            words == 1 || words >= 4 || p.core.split_whitespace().any(|w| !capital(w))
        })
        .count();
    capitals * 10 >= n * 9 && unlike_names * 10 >= n * 6
}

/// How the sides of rows are written, as shares of the rows.
struct Habit {
    /// Both sides begin as names do: with a capital, a digit, or in a script without capitals.
    named: f32,
    /// The first side begins as a name, the second in lower case.
    remarks: f32,
    /// The second side goes on in lower case behind a comma.
    asides: f32,
    /// The second side names an instrument or a job.
    roles: f32,
    /// A side is a day of the calendar: dates of a tour or a season.
    dates: f32,
    /// The same one or two letters before most rows: "Q: … A: …", positions of players.
    codes: bool,
    /// One word in most of one side, while the sides differ: "10th appearance", "Group A".
    formula: bool,
}

impl Habit {
    fn of(sides: &[(&str, &str)]) -> Habit {
        let n = sides.len().max(1) as f32;
        let count = |holds: &dyn Fn(&(&str, &str)) -> bool| {
            sides.iter().filter(|s| holds(s)).count() as f32 / n
        };
        Habit {
            named: count(&|s| !is_lower(s.0) && !is_lower(s.1)),
            remarks: count(&|s| !is_lower(s.0) && is_lower(s.1)),
            asides: count(&|s| {
                s.1.split_once(", ")
                    .is_some_and(|(_, rest)| is_lower(rest) && !rest.contains(", "))
            }),
            roles: count(&|s| cues::is_role(s.1) || cues::is_role(s.0)),
            dates: count(&|s| cues::is_day(s.0)).max(count(&|s| cues::is_day(s.1))),
            codes: sides.len() >= 4 && {
                let short = sides.iter().filter(|s| s.0.chars().count() <= 3);
                let distinct: HashSet<&str> = short.clone().map(|s| s.0).collect();
                short.count() * 10 >= sides.len() * 8 && distinct.len() * 2 <= sides.len()
            },
            formula: formula(sides.iter().map(|s| s.0)) || formula(sides.iter().map(|s| s.1)),
        }
    }
}

/// True where nearly all texts begin or end with one word and yet differ.
fn formula<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let mut counts: HashMap<(bool, String), usize> = HashMap::default();
    let mut whole: HashSet<&str> = HashSet::default();
    let mut n = 0;
    for text in texts {
        n += 1;
        whole.insert(text);
        let mut words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty());
        let (first, last) = (words.next(), words.next_back());
        for (end, word) in [(false, first), (true, last)] {
            if let Some(word) = word.filter(|w| w.chars().count() >= 4) {
                let word = fold(word).trim_end_matches('s').to_owned();
                *counts.entry((end, word)).or_insert(0) += 1;
            }
        }
    }
    n >= 5
        && whole.len() * 2 > n
        && counts
            .iter()
            .any(|((_, word), count)| count * 10 >= n * 8 && !cues::is_version(word))
}

/// True where the first letter is a small one.
fn is_lower(text: &str) -> bool {
    text.chars()
        .find(|c| c.is_alphanumeric())
        .is_some_and(char::is_lowercase)
}
