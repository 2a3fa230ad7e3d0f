//! Words that announce a listing, and words that say it is something else.
//!
//! In: headings, titles, rows. Out: yes or no. Nine languages; no names of artists or sites.

use crate::text::fold::fold;

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
    if words.is_empty() || words.chars().count() > 60 {
        return false;
    }
    let hay = format!(" {words} ");
    LISTINGS
        .iter()
        .any(|cue| hay.contains(&format!(" {cue} ")) || (!cue.is_ascii() && hay.contains(cue)))
}

/// True for a line that names one part of a listing: "Side One", "Disc 2", "Seite A".
pub(super) fn is_section(line: &str) -> bool {
    let words = plain(line);
    let mut parts = words.split(' ');
    let (Some(first), second, None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
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
    ) && second.is_some_and(part)
        || words == "encore"
        || words == "zugabe"
        || words == "rappel"
}

/// True for a heading or title of another kind of list.
pub(super) fn is_other(line: &str) -> bool {
    let hay = format!(" {} ", plain(line));
    OTHERS
        .iter()
        .any(|cue| hay.contains(&format!(" {cue} ")) || (!cue.is_ascii() && hay.contains(cue)))
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
    out.trim().to_owned()
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

/// True for a bracket that belongs to a title: a version, a guest.
pub(super) fn is_version(bracket: &str) -> bool {
    const WORDS: &[&str] = &[
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
    ];
    let folded = fold(bracket);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| WORDS.contains(&w))
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

/// How much a text reads like a title (above 0) or a name (below 0).
pub(super) fn title_like(text: &str) -> f32 {
    let folded = fold(text);
    let mut score = 0.0;
    for word in folded.split(|c: char| !(c.is_alphanumeric() || c == '\'')) {
        score += match word {
            "i" | "i'm" | "you" | "me" | "my" | "your" | "we" | "don't" | "can't" | "won't"
            | "is" | "it" | "what" | "when" | "how" | "why" | "love" | "let's" | "never"
            | "this" | "that" | "it's" | "on" | "to" | "in" | "ich" | "du" | "nicht" | "dein"
            | "mein" | "je" | "tu" | "moi" | "mon" | "toi" | "yo" | "te" | "mi" | "eu" | "meu"
            | "voce" | "io" | "ti" | "я" | "ты" | "мне" | "не" | "for" | "no" | "all" | "song"
            | "blues" | "go" | "night" | "heart" | "baby" | "theme" | "day" | "get" | "up"
            | "out" | "down" => 0.5,
            "band" | "orchestra" | "orchestre" | "orquesta" | "trio" | "quartet" | "quintet"
            | "ensemble" | "dj" | "mc" | "sisters" | "brothers" | "bros" | "feat" | "ft"
            | "featuring" | "vs" | "experience" | "crew" | "choir" => -1.0,
            _ => 0.0,
        };
    }
    if folded.starts_with("the ") {
        score -= 0.4;
    }
    if folded.contains(" & ") || folded.contains(" and the ") {
        score -= 0.6;
    }
    if text.contains(['?', '!', '…']) {
        score += 0.3;
    }
    if text.ends_with([')', ']']) {
        score += 0.5;
    }
    score
}
