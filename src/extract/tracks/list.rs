//! From a run of lines to a track list, or to nothing.
//!
//! In: a run and what stands around it. Out: rows with artist and title, order and confidence. The weights
//! below were set by reading labelled pages of many layouts; each says what it stands for.

use crate::text::hash::HashSet;

use super::columns::{self, Parts};
use super::evidence::{self, Evidence};
use super::row::{self, Separator};
use super::runs::is_sentence;
use super::{Context, Found, Raw, Run, cues, lexicon, order};
use crate::model::{Order, Reading, Text, Track, TrackList};
use crate::text::lines::Line;

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
    let evidence = evidence::weigh(lines, run, context, &parts, separator, head)?;
    build(
        lines,
        run,
        context,
        &parts,
        separator.map(|s| s.0),
        head,
        evidence,
    )
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
            || (seen == 1 && cues::names_album(&line.text, true))
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
    evidence: Evidence,
) -> Option<Found> {
    let Evidence {
        score,
        mut why,
        album: headed,
    } = evidence;
    let sides: Vec<Sides> = run
        .rows
        .iter()
        .zip(parts)
        .map(|(raw, parts)| part(raw, parts.core, separator))
        .collect();
    let (sides, contributors, three) = contributed(sides);
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
    if order == Order::TitleOnly {
        guests(&mut tracks);
    }
    origins(&mut tracks);
    let tracks = kept(tracks);
    let mut album_artist = None;
    let mut album = None;
    if order == Order::TitleOnly {
        let name = head.filter(|_| headed).map(|at| lines[at].text.as_str());
        (album_artist, album) = album_of(name.unwrap_or(context.title));
        if album_artist.is_none()
            && let (Some(artist), Some(named)) = album_above(lines, run)
        {
            (album_artist, album) = (Some(artist), Some(named));
        }
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
    // A sentence that leads to the list is prose as well.
    around.extend(head.filter(|at| lines[*at].text.split_whitespace().count() <= 8));
    Some(Found {
        list: TrackList {
            heading: head.map(|at| Text::line(lines[at].text.trim_end_matches([':', '：', ' ']))),
            order: if contributors.iter().any(Option::is_some) && order == Order::ArtistTitle {
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

/// Takes the senders of a list off its rows: "Ines – Limahl – The NeverEnding Story", "Priya: Kate Bush -
/// Cloudbusting". Also says whether most rows have three parts, the third of which is then an album.
fn contributed(sides: Vec<Sides>) -> (Vec<Sides>, Vec<Option<String>>, bool) {
    let n = sides.len();
    let three = sides.iter().filter(|s| s.third.is_some()).count() * 10 >= n * 7;
    let words = |text: &str| text.split_whitespace().count();
    // Senders are known by one word; artists of a list that names albums third are not.
    let first: usize = sides.iter().map(|s| words(&s.first)).sum();
    let parted = three && n >= 3 && first * 10 <= n * 13;
    let prefix = |s: &Sides| {
        let (name, rest) = s.first.split_once(": ")?;
        (words(name) <= 2 && s.second.is_some() && !rest.trim().is_empty())
            .then(|| (name.trim().to_owned(), rest.trim().to_owned()))
    };
    let prefixed =
        !parted && n >= 3 && sides.iter().filter(|s| prefix(s).is_some()).count() * 10 >= n * 8;
    let mut names: Vec<Option<String>> = Vec::with_capacity(n);
    let sides = sides
        .into_iter()
        .map(|mut s| {
            let mut name = None;
            if parted && s.third.is_some() {
                let second = s.second.take().unwrap_or_default();
                name = Some(std::mem::replace(&mut s.first, second));
                s.second = s.third.take();
            } else if prefixed && let Some((sender, rest)) = prefix(&s) {
                name = Some(sender);
                s.first = rest;
            }
            names.push(name);
            s
        })
        .collect();
    (sides, names, three)
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

/// Names the guests of an album: rows of titles of which a few say "Title - Artist".
fn guests(tracks: &mut [Track]) {
    fn parted(title: &str) -> Option<(&str, &str)> {
        let parts = row::split(title, Separator::SpacedHyphen)
            .or_else(|| row::split(title, Separator::SpacedLongDash))?;
        let [first, second] = parts[..] else {
            return None;
        };
        let named = second.chars().next().is_some_and(|c| !c.is_lowercase());
        (named
            && !cues::is_version(second)
            && lexicon::title_like(second) <= lexicon::title_like(first))
        .then_some((first, second))
    }
    if tracks.iter().filter(|t| parted(&t.title).is_some()).count() < 2 {
        return;
    }
    for track in tracks {
        if let Some((title, artist)) = parted(&track.title) {
            let artist = row::clean(artist);
            let title = row::clean(title);
            track.artist = Some(artist);
            track.title = title;
        }
    }
}

/// Takes brackets off the artists where several rows have one: "Wild Birds – Gordon Bok (Album)".
fn origins(tracks: &mut [Track]) {
    fn held(artist: &str) -> Option<row::Tail<'_>> {
        row::tail(artist).filter(|t| !cues::is_version(t.inner) && t.inner.chars().count() > 3)
    }
    let have = tracks
        .iter()
        .filter(|t| t.artist.as_ref().is_some_and(|a| held(a).is_some()))
        .count();
    if have < 3 || have * 6 < tracks.len() {
        return;
    }
    for track in tracks {
        let Some(artist) = track.artist.clone() else {
            continue;
        };
        if let Some(tail) = held(&artist) {
            let name = row::clean(tail.core);
            track.album = track.album.take().or_else(|| Text::some_line(tail.inner));
            track.artist = Some(name).filter(|a| !a.is_empty());
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
    if chosen == Separator::Bracket && cues::is_only_version(parts[1]) {
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
        credit: Vec::new(),
        artist,
        title: row::clean(title),
        contributor: None,
        section: raw
            .section
            .map(|s| Text::line(s.trim_end_matches([':', ' ']))),
        album,
        label: parts.label.map(row::clean).filter(|l| !l.is_empty()),
        year: parts.year.or(raw.year),
        duration_s: raw.duration_s.or(parts.duration_s).or(inner),
        start_s: raw.start_s,
        line: line.number,
        raw: Text::line(&line.text),
    }
}

/// Artist and album of a title such as "Artist – Album (1986)", "Artist: Album" or "Album by Artist".
fn album_of(title: &str) -> (Option<Text>, Option<Text>) {
    // "Album (1977), by Artist": the year says what stands before it.
    if let Some((album, artist)) = title.rsplit_once(" by ") {
        let album = album.trim_end_matches([',', ' ']);
        let bare = album_title(album);
        if bare.len() < album.len() {
            return (Some(row::clean(artist)), Some(row::clean(bare)));
        }
    }
    let core = album_title(title);
    for separator in [
        Separator::SpacedLongDash,
        Separator::DoubleDash,
        Separator::SpacedHyphen,
        Separator::LooseDash,
        Separator::Colon,
        Separator::Quoted,
    ] {
        let Some(parts) = row::split(core, separator) else {
            continue;
        };
        // "1964 - Artist - Album": the year is neither.
        let mut names = parts
            .into_iter()
            .filter(|p| p.chars().any(char::is_alphabetic));
        let (Some(first), Some(second)) = (names.next(), names.next()) else {
            return (None, None);
        };
        // "Great albums of 1980: Artist - Album": a series stands before the name.
        let first = first.rsplit(": ").next().unwrap_or(first);
        // "Album of the week: Name" says the album and not who made it.
        let artist = Some(first).filter(|f| separator != Separator::Colon || !is_series(f));
        return (
            artist.map(row::clean).filter(|t| !t.is_empty()),
            Some(row::clean(second)).filter(|t| !t.is_empty()),
        );
    }
    if let Some(parts) = row::split(core, Separator::By) {
        return (Some(row::clean(parts[1])), Some(row::clean(parts[0])));
    }
    (None, None)
}

/// The album that a heading above the list names, where "Side A" or "Tracks" stands between them.
fn album_above(lines: &[Line], run: &Run<'_>) -> (Option<Text>, Option<Text>) {
    let first = run.rows.first().map_or(0, |r| r.line);
    let above = lines[..first].iter().rev().filter(|l| !l.text.is_empty());
    for line in above.take(4) {
        if is_sentence(&line.text) {
            break;
        }
        if line.hints.heading > 0 || line.hints.all_bold(&line.text) {
            let named = album_of(&line.text);
            if named.0.is_some() && named.1.is_some() {
                return named;
            }
        }
    }
    (None, None)
}

/// Words of the names of series: "Album of the week", "Classic albums", "Review", "Platte der Woche".
const SERIES: &[&str] = &[
    "album",
    "albums",
    "albumvorstellung",
    "alben",
    "classic",
    "classics",
    "disque",
    "disco",
    "disc",
    "lp",
    "lps",
    "month",
    "platte",
    "playlist",
    "record",
    "records",
    "review",
    "reviews",
    "rezension",
    "critique",
    "resena",
    "resenha",
    "recensione",
    "semaine",
    "semana",
    "settimana",
    "series",
    "soundtrack",
    "spotlight",
    "tracklist",
    "week",
    "woche",
    "monat",
    "vinyl",
    "альбом",
    "рецензия",
];

fn is_series(text: &str) -> bool {
    crate::text::fold::fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| SERIES.contains(&word))
}

/// A title of a post about an album, without the year in brackets at its end.
fn album_title(title: &str) -> &str {
    row::tail(title)
        .filter(|t| row::year(t.inner).is_some())
        .map_or(title, |t| t.core)
}
