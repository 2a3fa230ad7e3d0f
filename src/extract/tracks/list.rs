//! From a run of lines to a track list, or to nothing.
//!
//! In: a run and what stands around it. Out: rows with artist and title, order and confidence. The weights
//! below were set by reading labelled pages of many layouts; each says what it stands for.

use std::collections::HashSet;

use super::columns::{self, Parts};
use super::row::{self, Separator};
use super::runs::is_sentence;
use super::{Context, Found, Raw, Run, cues, order};
use crate::artist;
use crate::model::{Order, Reading, Text, Track, TrackList};
use crate::text::lines::Line;

/// Evidence that makes a run a track list.
const ENOUGH: f32 = 2.0;
/// A lean of at least this much settles the order without the archive's help.
const SURE: f32 = 0.9;

/// Reads a run; `None` where it is no track list.
pub(super) fn read(lines: &[Line], run: &Run<'_>, context: &Context<'_>) -> Option<Found> {
    let n = run.rows.len();
    let tabular = run.rows.iter().filter(|r| r.sides.is_some()).count() * 2 > n;
    let texts: Vec<&str> = run.rows.iter().map(|r| r.text).collect();
    let (parts, separator) = columns::read(&texts, tabular);
    let separator = separator.filter(|_| !tabular);
    let head = heading(lines, run);
    let announced = head.is_some_and(|at| cues::announces(&lines[at].text))
        || run.rows.iter().any(|r| r.section.is_some());
    let mut why = vec![format!("{}: {n}", run.shape)];
    let mut score = 0.0;
    score += if announced { 2.0 } else { 0.0 };
    let about = cues::announces(context.title) || mix_word(context.title);
    score += if about { 1.0 } else { 0.0 };
    if run
        .rows
        .iter()
        .filter(|r| r.number.is_some() || r.start_s.is_some() || r.ordered)
        .count()
        * 2
        > n
    {
        score += 1.0;
    }
    let covered = match separator {
        Some((separator, count)) => {
            let share = count as f32 / n as f32;
            let telling = match separator {
                Separator::Colon | Separator::Bracket | Separator::Slash => 0.8,
                Separator::By => 1.3,
                Separator::GluedDash | Separator::LooseDash => 1.2,
                _ => 1.5,
            };
            score += telling * share;
            why.push(format!("{separator:?} in {count} of {n}"));
            share
        }
        None => 0.0,
    };
    if tabular {
        score += if run.shape.ends_with("header") {
            2.5
        } else {
            0.9
        };
    }
    let timed = run
        .rows
        .iter()
        .zip(&parts)
        .filter(|(raw, part)| raw.duration_s.or(part.duration_s).is_some())
        .count();
    score += if timed * 2 >= n { 1.5 } else { 0.0 };
    let audio = run
        .rows
        .iter()
        .filter(|r| lines[r.line].hints.link().is_some_and(is_audio))
        .count();
    score += if audio * 2 >= n { 2.0 } else { 0.0 };
    score += if n >= 8 { 0.4 } else { 0.0 };
    let other = head.is_some_and(|at| cues::is_other(&lines[at].text));
    if other && !announced {
        score -= 3.0;
    }
    if !announced && cues::is_other(context.title) {
        score -= 1.6;
    }
    let sentences = run.rows.iter().filter(|r| is_sentence(r.text)).count();
    score -= 3.0 * sentences as f32 / n as f32;
    let words: usize = run
        .rows
        .iter()
        .map(|r| r.text.split_whitespace().count())
        .sum();
    if words > 14 * n {
        score -= 1.5;
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
    if separator.is_none() && !tabular {
        // Titles alone: only where something says so.
        if !(announced || timed * 2 >= n || audio * 2 >= n) {
            return None;
        }
    }
    if run.shape == "rows parted alike" && !announced && !about && n < 5 && covered < 1.0 {
        score -= 0.5;
    }
    // Signs that part ordinary items too ("Onions: four") make no list of tracks by themselves.
    let weak = separator.is_some_and(|(s, _)| {
        matches!(
            s,
            Separator::Colon | Separator::Slash | Separator::Bracket | Separator::GluedHyphen
        )
    });
    let bar = match run.shape {
        // Without numbers, markup or heading, five rows that are all parted alike are asked for.
        "rows parted alike" if !announced && n < 5 => ENOUGH + 0.3,
        "rows parted alike" if n >= 5 => ENOUGH - 0.6,
        "list items" if n >= 5 && covered > 0.85 && !weak => ENOUGH - 0.5,
        _ => ENOUGH,
    };
    if score < bar {
        return None;
    }
    build(
        lines,
        run,
        context,
        &parts,
        separator.map(|s| s.0),
        head,
        score,
        why,
    )
}

fn mix_word(title: &str) -> bool {
    let folded = crate::text::fold::fold(title);
    folded.split(|c: char| !c.is_alphanumeric()).any(|w| {
        matches!(
            w,
            "mix"
                | "mixtape"
                | "soundtrack"
                | "soundtracks"
                | "compilation"
                | "sampler"
                | "radio"
                | "show"
                | "setlist"
                | "vol"
                | "bootleg"
                | "podcast"
                | "episode"
                | "sendung"
        )
    })
}

fn is_audio(href: &str) -> bool {
    let path = href
        .split(['?', '#'])
        .next()
        .unwrap_or(href)
        .to_ascii_lowercase();
    [
        ".mp3", ".m4a", ".ogg", ".flac", ".wav", ".m4p", ".aac", ".wma",
    ]
    .iter()
    .any(|e| path.ends_with(e))
}

/// The line that heads a run: close above it, short, and not a row.
fn heading(lines: &[Line], run: &Run<'_>) -> Option<usize> {
    let first = run.rows.first()?.line;
    let rows: HashSet<usize> = run.rows.iter().map(|r| r.line).collect();
    let mut seen = 0;
    for at in (0..first).rev() {
        if lines[at].text.is_empty() || rows.contains(&at) {
            continue;
        }
        seen += 1;
        let line = &lines[at];
        let short = line.text.chars().count() <= 90;
        let heads = cues::announces(&line.text)
            || cues::is_section(&line.text)
            || line.text.ends_with([':', '：'])
            || line.hints.heading > 0
            || line.hints.all_bold(&line.text)
            || (seen == 1 && cues::is_other(&line.text) && line.text.chars().count() <= 60);
        if short && heads {
            return Some(at);
        }
        if seen == 2 || !short {
            break;
        }
    }
    None
}

struct Sides {
    first: String,
    second: Option<String>,
    third: Option<String>,
}

#[allow(clippy::too_many_arguments)]
fn build(
    lines: &[Line],
    run: &Run<'_>,
    context: &Context<'_>,
    parts: &[Parts<'_>],
    separator: Option<Separator>,
    head: Option<usize>,
    score: f32,
    mut why: Vec<String>,
) -> Option<Found> {
    let sides: Vec<Sides> = run
        .rows
        .iter()
        .zip(parts)
        .map(|(raw, parts)| part(raw, parts.core, separator))
        .collect();
    // "Ines – Limahl – The NeverEnding Story": who sent it, then artist and title. Senders are known by
    // one word; artists of a list that names albums third are not.
    let three = sides.iter().filter(|s| s.third.is_some()).count() * 10 >= sides.len() * 7;
    let words: usize = sides
        .iter()
        .map(|s| s.first.split_whitespace().count())
        .sum();
    let contributed = three && sides.len() >= 3 && words * 10 <= sides.len() * 13;
    let mut contributors: Vec<Option<String>> = vec![None; sides.len()];
    let sides: Vec<Sides> = sides
        .into_iter()
        .zip(&mut contributors)
        .map(|(s, contributor)| match (contributed, s) {
            (
                true,
                Sides {
                    first,
                    second: Some(second),
                    third: Some(third),
                },
            ) => {
                *contributor = Some(first);
                Sides {
                    first: second,
                    second: Some(third),
                    third: None,
                }
            }
            (_, s) => s,
        })
        .collect();
    let pairs: Vec<(&str, &str)> = sides
        .iter()
        .filter_map(|s| Some((s.first.as_str(), s.second.as_deref()?)))
        .collect();
    let parted = pairs.len();
    let header = run.shape.ends_with("header");
    let lean = if header {
        2.0
    } else {
        order::lean(&pairs, separator.unwrap_or(Separator::Tab))
    };
    let order = if parted == 0 {
        Order::TitleOnly
    } else if lean >= 0.0 {
        Order::ArtistTitle
    } else {
        Order::TitleArtist
    };
    let make = |order: Order| -> Vec<Track> {
        run.rows
            .iter()
            .zip(&sides)
            .zip(parts)
            .enumerate()
            .map(|(at, ((raw, sides), parts))| track(lines, at, raw, sides, parts, order, three))
            .collect()
    };
    let mut tracks = make(order);
    for (track, contributor) in tracks.iter_mut().zip(&contributors) {
        track.contributor = contributor.as_deref().map(row::clean);
    }
    if tracks.iter().any(|t| t.title.is_empty())
        && tracks.iter().filter(|t| t.title.is_empty()).count() * 4 > tracks.len()
    {
        return None;
    }
    details(lines, run, &mut tracks);
    let tracks = kept(tracks);
    let mut album_artist = None;
    let mut album = None;
    if order == Order::TitleOnly {
        (album_artist, album) = album_of(context.title);
    }
    let certainty = match order {
        Order::TitleOnly => 0.8,
        _ => 0.62 + 0.34 * (lean.abs() / 1.5).min(1.0),
    };
    let evidence = (0.55 + 0.12 * score).min(1.0);
    let covered = match separator {
        Some(_) => 0.6 + 0.4 * parted as f32 / run.rows.len() as f32,
        None => 1.0,
    };
    let confidence = (certainty * evidence * covered).clamp(0.05, 0.99);
    why.push(format!(
        "order {} (lean {lean:.2}), evidence {score:.1}",
        order.as_str()
    ));
    let alternative =
        (parted > 0 && lean.abs() < SURE && !matches!(separator, Some(Separator::By))).then(|| {
            let other = if order == Order::ArtistTitle {
                Order::TitleArtist
            } else {
                Order::ArtistTitle
            };
            Reading {
                order: other,
                confidence: confidence * 0.6,
                tracks: kept(make(other)),
            }
        });
    let rows: Vec<usize> = {
        let mut rows: Vec<usize> = run.rows.iter().map(|r| r.line).collect();
        rows.dedup();
        rows
    };
    let table = run.shape.contains("table");
    let mut around: Vec<usize> = run
        .between
        .iter()
        .copied()
        .filter(|at| {
            let text = &lines[*at].text;
            table
                || cues::is_section(text)
                || (text.chars().count() <= 80
                    && !is_sentence(text)
                    && (run.shape != "list items" || lines[*at].hints.item.is_some()))
        })
        .collect();
    let head = head.filter(|at| {
        cues::announces(&lines[*at].text)
            || cues::is_section(&lines[*at].text)
            || lines[*at].text.ends_with([':', '：'])
            || lines[*at].hints.heading > 0
    });
    around.extend(head);
    Some(Found {
        list: TrackList {
            heading: head.map(|at| Text::line(lines[at].text.trim_end_matches([':', '：', ' ']))),
            order: if contributed && order == Order::ArtistTitle {
                Order::ContributorArtistTitle
            } else {
                order
            },
            confidence,
            album,
            album_artist,
            tracks,
            alternative,
        },
        rows,
        around,
        why,
    })
}

/// Fields in lines of their own below a row: "Album: …", "Duration: 2:12".
fn details(lines: &[Line], run: &Run<'_>, tracks: &mut [Track]) {
    let mut rows = run.rows.iter().zip(tracks).peekable();
    let mut between: Vec<usize> = run.between.clone();
    between.sort_unstable();
    let mut between = between.into_iter().peekable();
    while let Some((_, track)) = rows.next() {
        let next = rows.peek().map_or(usize::MAX, |(raw, _)| raw.line);
        while let Some(at) = between.next_if(|at| *at < next) {
            let Some((key, value)) = lines[at].text.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match crate::text::fold::fold(key).trim() {
                "album" | "from" | "album title" => {
                    track.album = track.album.take().or_else(|| Text::some_line(value));
                }
                "label" => track.label = track.label.take().or_else(|| Text::some_line(value)),
                "year" | "released" | "jahr" | "ano" | "annee" => {
                    track.year = track.year.or_else(|| row::year(value));
                }
                "duration" | "length" | "time" | "dauer" | "duree" => {
                    track.duration_s = track.duration_s.or(row::clock(value).map(|c| c.0));
                }
                _ => {}
            }
        }
    }
}

/// The rows that are tracks: "Hour 2 – …" names a part of the list.
fn kept(tracks: Vec<Track>) -> Vec<Track> {
    tracks
        .into_iter()
        .filter(|t| {
            !t.title.is_empty()
                && !cues::is_section(&t.title)
                && !t.artist.as_ref().is_some_and(|a| cues::is_section(a))
        })
        .enumerate()
        .map(|(at, track)| Track {
            position: at as u32 + 1,
            ..track
        })
        .collect()
}

/// The sides of one row: by the list's separator, else by the next best that occurs in it.
fn part(raw: &Raw<'_>, core: &str, separator: Option<Separator>) -> Sides {
    if let Some((first, _)) = &raw.sides {
        return Sides {
            first: first.clone(),
            second: Some(core.to_owned()),
            third: None,
        };
    }
    let whole = || Sides {
        first: core.to_owned(),
        second: None,
        third: None,
    };
    let Some(chosen) = separator else {
        return whole();
    };
    let telling = [
        Separator::SpacedLongDash,
        Separator::DoubleDash,
        Separator::SpacedHyphen,
        Separator::LooseDash,
        Separator::GluedDash,
    ];
    let dashes = telling.contains(&chosen);
    let parts = row::split(core, chosen)
        .or_else(|| dashes.then(|| telling.iter().find_map(|s| row::split(core, *s)))?);
    let Some(parts) = parts else { return whole() };
    if chosen == Separator::Bracket && cues::is_version(parts[1]) {
        return whole();
    }
    let second = match parts.len() {
        2 => parts[1].to_owned(),
        // More than three parts, or a third that is a version: the title holds the rest.
        _ => parts[1].to_owned(),
    };
    Sides {
        first: parts[0].to_owned(),
        second: Some(second),
        third: parts
            .get(2..)
            .filter(|rest| !rest.is_empty())
            .map(|rest| rest.join(" - ")),
    }
}

fn track(
    lines: &[Line],
    at: usize,
    raw: &Raw<'_>,
    sides: &Sides,
    parts: &Parts<'_>,
    order: Order,
    three: bool,
) -> Track {
    let mut second = sides.second.clone();
    let mut album = None;
    if let Some(third) = &sides.third {
        if three {
            album = Some(row::clean(third)).filter(|t| !t.is_empty());
        } else if let Some(s) = &mut second {
            s.push_str(" - ");
            s.push_str(third);
        }
    }
    let (artist, title) = match (&second, order) {
        (Some(second), Order::TitleArtist) => (Some(second.as_str()), sides.first.as_str()),
        (Some(second), _) => (Some(sides.first.as_str()), second.as_str()),
        (None, _) => (None, sides.first.as_str()),
    };
    // Durations may stand before the second side too.
    let (title, inner) = row::cut_duration(title);
    let artist = artist
        .map(|a| row::clean(row::cut_duration(a).0))
        .filter(|a| !a.is_empty());
    let line = &lines[raw.line];
    Track {
        position: at as u32 + 1,
        number: raw
            .number
            .map(|n| n.trim_end_matches(['.', ')']))
            .map(str::to_owned)
            .or_else(|| {
                line.hints
                    .item
                    .filter(|i| i.ordered)
                    .map(|i| i.ordinal.to_string())
            })
            .as_deref()
            .and_then(Text::some_line),
        credit: artist.as_deref().map(artist::parse).unwrap_or_default(),
        artist,
        title: row::clean(title),
        contributor: None,
        section: raw
            .section
            .map(|s| Text::line(s.trim_end_matches([':', ' ']))),
        album,
        label: parts.label.map(row::clean).filter(|l| !l.is_empty()),
        year: parts.year,
        duration_s: raw.duration_s.or(parts.duration_s).or(inner),
        start_s: raw.start_s,
        line: line.number,
        raw: Text::line(&line.text),
    }
}

/// Artist and album of a title such as "Artist – Album (1986)", "Artist: Album" or "Album by Artist".
fn album_of(title: &str) -> (Option<Text>, Option<Text>) {
    let core = album_title(title);
    for separator in [
        Separator::SpacedLongDash,
        Separator::DoubleDash,
        Separator::SpacedHyphen,
        Separator::LooseDash,
        Separator::Colon,
        Separator::Quoted,
    ] {
        if let Some(parts) = row::split(core, separator) {
            return (
                Some(row::clean(parts[0])).filter(|t| !t.is_empty()),
                Some(row::clean(parts[1])).filter(|t| !t.is_empty()),
            );
        }
    }
    if let Some(parts) = row::split(core, Separator::By) {
        return (Some(row::clean(parts[1])), Some(row::clean(parts[0])));
    }
    (None, None)
}

/// A title of a post about an album, without the year in brackets at its end.
fn album_title(title: &str) -> &str {
    row::tail(title)
        .filter(|t| row::year(t.inner).is_some())
        .map_or(title, |t| t.core)
}
