//! Words that announce a listing, and words that say it is something else.
//!
//! In: headings, titles, rows. Out: yes or no. Nine languages; no names of artists or sites.

use std::sync::LazyLock;

use super::row::{self, Separator};
use crate::text::fold::fold;
use crate::text::hash::HashSet;

/// Headings of track listings.
const LISTINGS: &[&str] = &[
    "track list",
    "tracklist",
    "track listing",
    "tracklisting",
    "tracks",
    "set list",
    "setlist",
    "playlist",
    "play list",
    "song list",
    "songlist",
    "songs",
    "side one",
    "side two",
    "side a",
    "side b",
    "disc 1",
    "disc one",
    "disc 2",
    "disc two",
    "cd 1",
    "cd1",
    "cd 2",
    "cd2",
    "hour one",
    "hour 1",
    "titelliste",
    "titel",
    "trackliste",
    "seite a",
    "seite b",
    "seite 1",
    "lado a",
    "lado b",
    "face a",
    "face b",
    "lato a",
    "lato b",
    "liste des titres",
    "titres",
    "morceaux",
    "lista de canciones",
    "canciones",
    "temas",
    "lista de temas",
    "faixas",
    "lista de faixas",
    "musicas",
    "tracce",
    "lista tracce",
    "brani",
    "scaletta",
    "трек-лист",
    "треклист",
    "список композиций",
    "список песен",
    "песни",
    "曲目",
    "収録曲",
    "トラックリスト",
    "セットリスト",
    "곡목록",
    "트랙리스트",
    "수록곡",
    "선곡표",
    "the mix",
    "mixtape",
    "the songs",
    "the playlist",
    "the tracks",
    "liste",
];

/// Headings and titles of lists that are not of tracks.
const OTHERS: &[&str] = &[
    "album",
    "albums",
    "lps",
    "records of",
    "singers",
    "bands",
    "artists",
    "guitarists",
    "drummers",
    "voices",
    "personnel",
    "players",
    "crew",
    "members",
    "musicians",
    "line-up",
    "lineup",
    "credits",
    "ingredients",
    "recipe",
    "method",
    "directions",
    "contents",
    "table of contents",
    "chapters",
    "tour dates",
    "dates",
    "tickets",
    "related",
    "links",
    "blogroll",
    "archives",
    "categories",
    "comments",
    "responses",
    "steps",
    "how to",
    "gear",
    "equipment",
    "faq",
    "questions",
    "books",
    "films",
    "movies",
    "besetzung",
    "zutaten",
    "inhalt",
    "alben",
    "sanger",
    "termine",
    "musiciens",
    "chanteurs",
    "ingredients:",
    "sommaire",
    "cantantes",
    "ingredientes",
    "indice",
    "discos del",
    "discos do",
    "cantores",
    "cantanti",
    "ingredienti",
    "formazione",
    "альбомы",
    "альбомов",
    "певцы",
    "состав",
    "ингредиенты",
    "содержание",
    "アルバム",
    "材料",
    "目次",
    "앨범",
    "재료",
    "목차",
    "prices",
    "price list",
    "recent posts",
    "top posts",
];

/// True for a line that announces tracks.
pub(super) fn announces(line: &str) -> bool {
    let words = plain(line);
    !words.is_empty() && words.chars().count() <= 60 && has_cue(&words, LISTINGS)
}

/// True where one of the cues stands among the words; those of scripts without blanks within a word, too.
fn has_cue(words: &str, cues: &[&str]) -> bool {
    let ascii = words.is_ascii();
    let starts = || {
        let behind = words.match_indices(' ').map(|(at, _)| at + 1);
        std::iter::once(0).chain(behind)
    };
    cues.iter().any(|cue| match cue.is_ascii() {
        true => starts().any(|at| {
            words[at..]
                .strip_prefix(cue)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        }),
        false => !ascii && words.contains(cue),
    })
}

/// True for a line that names one part of a listing: "Side One", "Disc 2", "Seite A".
pub(super) fn is_section(line: &str) -> bool {
    // A paragraph is none, and need not be folded to know.
    if line.len() > 240
        || line
            .chars()
            .filter(|c| c.is_alphanumeric())
            .nth(40)
            .is_some()
    {
        return false;
    }
    // Nor need most other lines be: a part of a listing is named by two words.
    let mut many = line
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|w| !w.is_empty());
    if many.nth(2).is_some() {
        return false;
    }
    let words = plain(line);
    let mut parts = words.split(' ');
    let (Some(first), second, None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    // "A面", "CD2", "SideA".
    if second.is_none()
        && (first.ends_with('面') && first.chars().count() == 2
            || ["cd", "lp", "disc", "side", "ディスク", "disk"]
                .iter()
                .any(|w| {
                    first.strip_prefix(w).is_some_and(|rest| {
                        matches!(rest, "1" | "2" | "3" | "4" | "a" | "b" | "c" | "d")
                    })
                }))
    {
        return true;
    }
    let part = |w: &str| {
        w.parse::<u8>().is_ok()
            || matches!(
                w,
                "a" | "b"
                    | "c"
                    | "d"
                    | "one"
                    | "two"
                    | "three"
                    | "eins"
                    | "zwei"
                    | "un"
                    | "deux"
                    | "uno"
                    | "dos"
                    | "due"
                    | "um"
                    | "dois"
                    | "i"
                    | "ii"
            )
    };
    matches!(
        first,
        "side"
            | "disc"
            | "disk"
            | "cd"
            | "seite"
            | "face"
            | "lado"
            | "lato"
            | "hour"
            | "part"
            | "set"
            | "disque"
            | "disco"
            | "teil"
            | "сторона"
            | "диск"
            | "cara"
            | "lp"
            | "tape"
            | "kassette"
            | "cassette"
            | "cinta"
            | "record"
            | "vinyl"
            | "act"
            | "stunde"
            | "heure"
            | "hora"
            | "ora"
    ) && second.is_some_and(part)
        || words == "encore"
        || words == "zugabe"
        || words == "rappel"
}

/// True for a heading or title of another kind of list.
pub(super) fn is_other(line: &str) -> bool {
    has_cue(&plain(line), OTHERS)
}

fn plain(line: &str) -> String {
    let folded = fold(line);
    let mut out = String::with_capacity(folded.len());
    for c in folded.chars() {
        if c.is_alphanumeric() || c == '-' {
            out.push(c);
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    // A blank stands behind a sign only.
    out.truncate(out.trim_end().len());
    out
}

/// The part of a listing that a row begins with, and the rest: "Disc one: 01 First".
pub(super) fn section_before(text: &str) -> Option<(&str, &str)> {
    let at = text.find([':', '–', '—', '-', '.'])?;
    let (head, rest) = text.split_at(at);
    (head.chars().count() <= 14 && is_section(head)).then(|| {
        (
            head,
            rest.trim_start_matches([':', '–', '—', '-', '.', ' ']),
        )
    })
}

fn set(words: &[&'static str]) -> HashSet<&'static str> {
    words.iter().copied().collect()
}

/// Words of versions and guests.
static VERSIONS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        "mix",
        "remix",
        "remixed",
        "version",
        "versión",
        "edit",
        "edited",
        "live",
        "demo",
        "remaster",
        "remastered",
        "feat",
        "ft",
        "featuring",
        "acoustic",
        "instrumental",
        "instr",
        "reprise",
        "cover",
        "dub",
        "extended",
        "original",
        "rework",
        "reworked",
        "pt",
        "part",
        "theme",
        "bonus",
        "take",
        "mono",
        "stereo",
        "session",
        "sessions",
        "unplugged",
        "interlude",
        "intro",
        "outro",
        "with",
        "vip",
        "bootleg",
        "outtake",
        "medley",
        "club",
        "teil",
        "radio",
        "remake",
        "refix",
        "reedit",
        "alternate",
        "excerpt",
        "single",
        "long",
        "short",
        "vocal",
        "vocals",
        "rmx",
        "mashup",
        "flip",
        "vs",
        "mixed",
        "prod",
        "acapella",
        "cut",
        "karaoke",
        "ao",
        "vivo",
        "vol",
        "movement",
        "suite",
        "uncut",
        "explicit",
        "clean",
        "early",
        "orchestral",
        "track",
        "skit",
        "parts",
        "rehearsal",
        "japanese",
        "english",
        "french",
        "spanish",
        "german",
    ])
});

/// True for a bracket that belongs to a title: a version, a guest.
pub(super) fn is_version(bracket: &str) -> bool {
    fold(bracket)
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| VERSIONS.contains(w))
}

/// True for a bracket that says nothing but the version: "Live", "12\" Mix", "Demo 1981".
pub(super) fn is_only_version(bracket: &str) -> bool {
    is_version(bracket)
        && fold(bracket)
            .split(|c: char| !c.is_alphanumeric())
            .all(|w| VERSIONS.contains(w) || w.chars().all(|c| c.is_ascii_digit()))
}

/// True for a bracket that names where a track comes from: a film, an album.
pub(super) fn is_origin(bracket: &str) -> bool {
    let folded = fold(bracket);
    [
        "from ",
        "aus ",
        "taken from",
        "off ",
        "de l'album",
        "del album",
        "ost",
        "tire de",
        "dal ",
        "из ",
    ]
    .iter()
    .any(|cue| folded.starts_with(cue))
}

/// Words in titles of posts that are about a list of tracks.
pub(super) fn mix_word(title: &str) -> bool {
    const WORDS: &[&str] = &[
        "mix",
        "mixtape",
        "mixes",
        "soundtrack",
        "soundtracks",
        "compilation",
        "sampler",
        "radio",
        "show",
        "setlist",
        "vol",
        "bootleg",
        "podcast",
        "episode",
        "sendung",
        "playlist",
        "tape",
        "cassette",
        "kassette",
    ];
    let folded = fold(title);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| WORDS.contains(&w))
}

/// True where a heading names one album: "Artist – Album (1984)", "Album (1977), by Artist". With `bare`
/// a heading of that form without a year counts as well.
pub(super) fn names_album(heading: &str, bare: bool) -> bool {
    if heading.chars().count() > 90 || is_other(heading) {
        return false;
    }
    let year = row::year_at_end(heading) || heading.contains("), by ");
    let named = |parts: &[&str]| {
        parts.len() == 2
            && parts.iter().all(|p| {
                p.split_whitespace().count() <= 7
                    && p.chars()
                        .find(|c| c.is_alphanumeric())
                        .is_some_and(|c| !c.is_lowercase())
            })
    };
    let split = [
        Separator::SpacedLongDash,
        Separator::DoubleDash,
        Separator::SpacedHyphen,
        Separator::By,
    ]
    .iter()
    .any(|s| row::split(heading, *s).is_some_and(|parts| named(&parts)));
    (year && heading.split_whitespace().count() <= 12) || (bare && split)
}

/// True for what somebody did on a record: "vocals", "lead guitar and keyboards".
pub(super) fn is_role(side: &str) -> bool {
    static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        set(&[
            "vocals",
            "vocal",
            "guitar",
            "guitars",
            "bass",
            "drums",
            "drum",
            "keyboards",
            "keyboard",
            "keys",
            "piano",
            "organ",
            "synthesizer",
            "synthesizers",
            "synth",
            "synths",
            "percussion",
            "saxophone",
            "sax",
            "trumpet",
            "trombone",
            "violin",
            "viola",
            "cello",
            "flute",
            "clarinet",
            "harmonica",
            "banjo",
            "mandolin",
            "accordion",
            "harp",
            "strings",
            "producer",
            "engineer",
            "mastering",
            "mixing",
            "artwork",
            "photography",
            "arranger",
            "conductor",
            "programming",
            "gesang",
            "gitarre",
            "schlagzeug",
            "klavier",
            "chant",
            "guitare",
            "basse",
            "batterie",
            "voz",
            "guitarra",
            "bateria",
            "bajo",
            "teclados",
            "voce",
            "chitarra",
            "basso",
            "batteria",
            "tastiere",
            "вокал",
            "гитара",
            "бас",
            "ударные",
            "клавишные",
            "ボーカル",
            "ギター",
            "ベース",
            "ドラム",
            "보컬",
            "기타",
            "베이스",
            "드럼",
        ])
    });
    let folded = fold(side);
    let mut words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty());
    let count = words.clone().count();
    count <= 8
        && words.next().is_some_and(|first| {
            ROLES.contains(first)
                || (matches!(
                    first,
                    "lead"
                        | "rhythm"
                        | "backing"
                        | "acoustic"
                        | "electric"
                        | "tenor"
                        | "alto"
                        | "double"
                        | "additional"
                        | "executive"
                        | "steel"
                        | "slide"
                        | "grand"
                ) && words.next().is_some_and(|second| ROLES.contains(second)))
        })
}

/// True for a day of the calendar and little else: "10 de março", "Fri 12 May", "12.05.2019".
pub(super) fn is_day(side: &str) -> bool {
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai",
        "okt", "dez", "janv", "fevr", "avr", "juin", "juil", "aout", "ene", "abr", "ago", "dic",
        "fev", "set", "out", "gen", "mag", "giu", "lug", "ott", "янв", "фев", "мар", "апр", "мая",
        "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ];
    if side.chars().count() > 30 || !side.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let folded = fold(side);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let month = words
        .iter()
        .any(|w| MONTHS.iter().any(|m| w.starts_with(m)) && w.chars().count() <= 10);
    let day = words.iter().any(|w| {
        w.trim_end_matches(|c: char| c.is_alphabetic())
            .parse::<u16>()
            .is_ok_and(|d| (1..=31).contains(&d))
    });
    let digits = words.len() == 3 && words.iter().all(|w| w.chars().all(|c| c.is_ascii_digit()));
    (month && day && words.len() <= 6) || digits || folded.contains('月') && folded.contains('日')
}
