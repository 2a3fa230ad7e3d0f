//! Hostile text on screen: escape sequences, C1, direction overrides, characters without width and line breaks, in
//! every text of every kind of source, in names of files, in settings, in what is typed. Whatever is asked for in
//! whatever form, none of it reaches a terminal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::{random, times};
use crate::archive::{Archive, code, copy, errors, program};
use crate::generator::Random;

/// What is put into texts. Each says `Forged` somewhere, so that what got through is found again.
pub(crate) const HOSTILE: &[&str] = &[
    "\u{1b}[2JForged",
    "\u{1b}]0;Forged\u{7}",
    "\u{1b}]8;;http://forged.example/\u{1b}\\Forged\u{1b}]8;;\u{1b}\\",
    "\u{1b}[41mForged\u{1b}[0m",
    "\u{1b}PForged\u{1b}\\",
    "\u{9b}2JForged",
    "\u{9d}0;Forged\u{9c}",
    "\u{8}\u{8}\u{8}Forged\u{7f}",
    "\rForged",
    "\u{202e}degroF\u{202c}",
    "\u{2066}Forged\u{2069}",
    "\u{200f}Forged\u{61c}",
    "For\u{200b}ged\u{200d}\u{200c}\u{2060}\u{feff}",
    "For\u{ad}ged\u{3164}\u{e0041}\u{34f}",
    "\nForged: line",
    "\r\nForged: line",
    "\u{2028}Forged\u{2029}\u{85}Forged",
    "\u{0}Forged",
];

/// Characters that nothing may print. Here on its own: what the program takes for hidden is what is tested.
fn is_forbidden(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// How texts of a file are written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Markup: controls as references, since XML takes them in no other form.
    Markup,
    Json,
    /// Lines: what has a line break in it would be another line.
    Plain,
}

fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "html" | "xml" | "atom" | "rdf" => Some(Form::Markup),
        "json" | "jsonl" => Some(Form::Json),
        "txt" | "md" => Some(Form::Plain),
        _ => None,
    }
}

/// A hostile text as it stands in a file of that form.
fn written(text: &str, form: Form) -> String {
    match form {
        Form::Markup => text
            .chars()
            .map(|c| match c {
                '\0' => String::new(),
                c if c.is_control() => format!("&#{};", c as u32),
                c => c.to_string(),
            })
            .collect(),
        Form::Json => {
            let quoted = serde_json::to_string(text).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Form::Plain => text.replace(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\0'], ""),
    }
}

/// Puts hostile texts into words of a file: in Markup between tags, in JSON in strings that hold a blank, else in
/// lines that are no front matter.
fn poison(text: &str, form: Form, random: &mut Random) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut put = |out: &mut String| out.push_str(&written(random.pick::<&str>(HOSTILE), form));
    match form {
        Form::Markup => {
            for (at, part) in text.split('<').enumerate() {
                if at > 0 {
                    out.push('<');
                }
                let Some((tag, inner)) = part.split_once('>') else {
                    out.push_str(part);
                    continue;
                };
                out.push_str(tag);
                out.push('>');
                out.push_str(inner);
                let name = tag.split([' ', '\n']).next().unwrap_or_default();
                // Words of markup that a reader goes by stay as they are.
                let fixed = [
                    "script",
                    "style",
                    "id",
                    "guid",
                    "link",
                    "pubDate",
                    "published",
                    "updated",
                    "dsq:createdAt",
                ];
                let fixed = fixed.contains(&name)
                    || name.starts_with("wp:") && name != "wp:comment_author"
                    || tag.starts_with(['!', '?', '/'])
                    || inner.contains("http");
                if !fixed && inner.chars().filter(|c| c.is_alphabetic()).count() > 3 {
                    put(&mut out);
                }
            }
        }
        Form::Json => {
            let mut rest = text;
            while let Some(start) = rest.find('"') {
                let inner = &rest[start + 1..];
                let bytes = inner.as_bytes();
                let mut end = 0;
                while end < bytes.len() && bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let string = &inner[..end.min(inner.len())];
                out.push_str(&rest[..=start]);
                out.push_str(string);
                if string.contains(' ') && !string.starts_with(['{', '[']) {
                    put(&mut out);
                }
                rest = &inner[end.min(inner.len())..];
                if !rest.is_empty() {
                    out.push('"');
                    rest = &rest[1..];
                }
            }
            out.push_str(rest);
        }
        Form::Plain => {
            let mut front = text.starts_with("---") || text.starts_with("+++");
            for (at, line) in text.lines().enumerate() {
                front = front && !(at > 0 && matches!(line.trim_end(), "---" | "+++"));
                match line.char_indices().rev().find(|(_, c)| c.is_alphanumeric()) {
                    Some((last, _)) if !front && line.len() > 12 => {
                        out.push_str(&line[..last]);
                        put(&mut out);
                        out.push_str(&line[last..]);
                    }
                    _ => out.push_str(line),
                }
                out.push('\n');
            }
        }
    }
    out
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut all: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .collect();
    all.sort();
    for path in all {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// The sample archive and an export of every kind, as they are.
fn sources(archive: &Archive) {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&base.join("corpus"), &archive.path("p/corpus"));
    for kind in [
        "blogger",
        "disqus",
        "feeds",
        "ghost",
        "hugo",
        "jekyll",
        "medium",
        "substack",
        "tumblr",
        "wordpress",
        "zola",
    ] {
        copy(
            &base.join("tests/fixtures").join(kind),
            &archive.path("p").join(kind),
        );
    }
}

fn stats(archive: &Archive, index: &str) -> Value {
    let output = archive
        .command_on(index, &["stats", "--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same with hostile texts in it, and files with hostile names, some of which cannot be read.
fn hostile(seed: &mut Random) -> Archive {
    let archive = Archive::in_memory();
    sources(&archive);
    archive.run(&["index", "p", "--allow-shrink"]);
    let clean = stats(&archive, "index");
    let mut all = Vec::new();
    files(&archive.path("p"), &mut all);
    for path in all {
        if let (Some(form), Ok(text)) = (form(&path), fs::read_to_string(&path)) {
            fs::write(&path, poison(&text, form, seed)).unwrap();
        }
    }
    fs::remove_dir_all(archive.path("index")).unwrap();
    let run = archive.run(&["index", "p"]);
    assert!(matches!(code(&run), 0 | 4), "{}", errors(&run));
    let poisoned = stats(&archive, "index");
    // Nothing was lost on the way: otherwise there would be little to see.
    let share = |what: &str| poisoned[what].as_f64().unwrap() / clean[what].as_f64().unwrap();
    for what in ["posts", "tracks", "comments"] {
        assert!(
            share(what) > 0.9,
            "{what}: {} of {}",
            poisoned[what],
            clean[what]
        );
    }
    for (n, text) in HOSTILE.iter().enumerate() {
        let name = text.replace(['/', '\0'], "");
        archive.write(
            &format!("p/names/{n} {name}.txt"),
            format!("Named {n}\n\nProse of a file.\n\nTrack Listing\n\n1. Calico - Lantern\n2. Harbour - Low Tide\n3. Tepper - Easy\n"),
        );
        archive.write(
            &format!("p/names/{n} {name}.txt.gz"),
            b"\x1f\x8b this is none",
        );
        archive.write(&format!("p/names/{n} {name}.bin"), b"\0\x01\x02");
    }
    archive.write(
        "p/rows.jsonl",
        rows()
            .iter()
            .map(|post| format!("{post}\n"))
            .collect::<String>(),
    );
    let mut zip = zip::ZipWriter::new(fs::File::create(archive.path("p/packed.zip")).unwrap());
    for (n, text) in HOSTILE.iter().enumerate() {
        let name = format!("{n} {}.txt", text.replace(['/', '\0', '\\'], ""));
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(
            &mut zip,
            format!("Packed {n}\n\nProse of a packed file.\n").as_bytes(),
        )
        .unwrap();
    }
    zip.finish().unwrap();
    archive
}

/// Posts in which every field is hostile.
fn rows() -> Vec<Value> {
    let posts = HOSTILE.iter().enumerate();
    posts
        .map(|(n, text)| {
            let put = |word: &str| format!("{word}{text} {n}");
            serde_json::json!({
                "title": put("Title"), "url": format!("https://x.example/{n}?{text}"), "author": put("Author"), "site": put("Site"),
                "tags": [put("Tag")], "language": "en", "published": "2019-03-04", "body": put("=Body tepper"),
                "tracklists": [{"heading": put("Heading"), "album": put("+Album"), "tracks": [
                    {"artist": put("Artist"), "title": put("=Track"), "label": put("Label"), "number": put("A"), "section": put("Side")},
                    {"artist": put("@Band"), "title": put("-Other"), "duration_s": 263},
                    {"artist": format!("Plain {n}"), "title": "Third"}]}],
                "comments": [{"author": put("Reader"), "text": put("=Words tepper"), "url": put("https://y.example/")}]
            })
        })
        .collect()
}

/// What the program wrote itself: styles, and links to addresses of the web in plain letters.
fn without_own(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let style = [
            "\u{1b}[0m",
            "\u{1b}[1m",
            "\u{1b}[2m",
            "\u{1b}[4m",
            "\u{1b}[35m",
            // Of messages about arguments.
            "\u{1b}[31m",
            "\u{1b}[32m",
            "\u{1b}[33m",
            "\u{1b}[1;31m",
            "\u{1b}]8;;\u{1b}\\",
        ];
        if let Some(style) = style.iter().find(|s| rest.starts_with(**s)) {
            rest = &rest[style.len()..];
            continue;
        }
        let link = rest
            .strip_prefix("\u{1b}]8;;")
            .and_then(|l| l.split_once("\u{1b}\\"));
        match link {
            Some((url, behind))
                if url.starts_with("http")
                    && url.bytes().all(|b| b.is_ascii_graphic())
                    && !url.starts_with("http://forged") =>
            {
                rest = behind;
            }
            _ => {
                out.push('\u{1b}');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// Looks at what one command wrote; the number of bytes.
pub(crate) fn look(what: &str, output: &Output, csv: bool) -> usize {
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{what}: {stream}: {e}"));
        let text = if csv {
            text.replace("\r\n", "\n")
        } else {
            text.to_owned()
        };
        let text = without_own(&text);
        if let Some(at) = text.find(is_forbidden) {
            let from = text.floor_char_boundary(at.saturating_sub(120));
            let to = text.ceil_char_boundary((at + 60).min(text.len()));
            panic!("{what}: {stream}: {:?}", &text[from..to]);
        }
        // In one line of a title or a name no line can begin; prose has lines.
        let prose = what.starts_with("[\"show\"") || what.starts_with("[\"inspect\"");
        if !csv
            && !prose
            && let Some(line) = text.lines().find(|l| l.starts_with("Forged: line"))
        {
            panic!("{what}: {stream}: a forged line {line:?}");
        }
    }
    assert!(
        !errors(output).contains("panicked") && !errors(output).contains("deepcut failed"),
        "{what}"
    );
    output.stdout.len() + output.stderr.len()
}

/// The cells of a file of comma-separated values: no unquoted one and no quoted one begins a formula.
fn safe_cells(what: &str, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let (cell, behind) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let mut end = 0;
                let bytes = quoted.as_bytes();
                while bytes[end] != b'"' || bytes.get(end + 1) == Some(&b'"') {
                    end += if bytes[end] == b'"' { 2 } else { 1 };
                }
                (&quoted[..end], &quoted[end + 1..])
            }
            None => rest.split_at(rest.find([',', '\r']).unwrap_or(rest.len())),
        };
        let formula =
            cell.trim_start().starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
        assert!(!formula, "{what}: {cell:?}");
        rest = behind
            .strip_prefix(',')
            .or_else(|| behind.strip_prefix("\r\n"))
            .unwrap_or_else(|| panic!("{what}: {behind:?}"));
    }
}

fn well_formed(what: &str, xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => break,
            Ok(_) => {}
            Err(e) => panic!("{what}: {e}"),
        }
    }
    let lint = Command::new("xmllint")
        .args(["--noout", "--nonet", "-"])
        .stdin(std::process::Stdio::piped())
        .spawn();
    if let Ok(mut lint) = lint {
        std::io::Write::write_all(&mut lint.stdin.take().unwrap(), xml.as_bytes()).unwrap();
        assert!(lint.wait().unwrap().success(), "{what}");
    }
}

#[derive(Default)]
struct Figures {
    commands: usize,
    bytes: usize,
}

struct Campaign {
    archive: Archive,
    figures: Figures,
}

impl Campaign {
    /// Runs a command in one form.
    fn one(&mut self, args: &[&str]) -> Output {
        let output = self
            .archive
            .command(args)
            .env_remove("NO_COLOR")
            .env("COLUMNS", "70")
            .env("DEEPCUT_LINKS", "always")
            .output()
            .unwrap();
        let csv = args.contains(&"csv");
        self.figures.bytes += look(&format!("{args:?}"), &output, csv);
        self.figures.commands += 1;
        if csv && code(&output) < 2 {
            safe_cells(
                &format!("{args:?}"),
                std::str::from_utf8(&output.stdout).unwrap(),
            );
        }
        output
    }

    /// Runs a command in every form.
    fn all(&mut self, args: &[&str]) {
        for form in ["text", "json", "jsonl", "csv", "markdown"] {
            self.one(&[args, &["--format", form, "--color", "always"]].concat());
        }
        self.one(&[args, &["--color", "never", "--verbose"]].concat());
    }
}

fn campaign(stream: u64, every: usize) -> Figures {
    let mut seed = random(stream);
    let archive = hostile(&mut seed);
    let mut c = Campaign {
        archive,
        figures: Figures::default(),
    };
    c.all(&["index", "p"]);
    c.archive.write("p/again.txt", "Again\n\nProse.\n");
    c.one(&["index", "p", "--verbose", "--rebuild", "--color", "always"]);
    c.all(&["search", "tepper", "--facets", "--explain", "--limit", "50"]);
    c.all(&["search", "*", "--limit", "500", "--facets"]);
    c.all(&["search", "in:comments", "words", "--limit", "100"]);
    c.all(&["tracks", "*", "--limit", "3000"]);
    c.all(&["artists", "--limit", "3000"]);
    c.all(&["stats", "--top", "500"]);
    c.all(&["stats", "--sources"]);
    c.all(&["doctor"]);
    c.all(&["config"]);
    c.all(&["alias", "suggest"]);
    for to in ["xspf", "jspf", "m3u8", "csv", "jsonl", "markdown"] {
        let output = c.one(&["export", "*", "--to", to, "--limit", "5000"]);
        let text = String::from_utf8(output.stdout).unwrap();
        match to {
            "xspf" => well_formed("export --to xspf", &text),
            "m3u8" => {
                let odd = text
                    .lines()
                    .find(|l| !l.starts_with(['#', '.']) && !l.starts_with("http"));
                assert_eq!(odd, None);
            }
            _ => {}
        }
    }
    let posts = c.archive.json(&["search", "*", "--limit", "5000"]);
    let hits = posts["hits"].as_array().unwrap().clone();
    assert!(hits.len() > 150, "{}", hits.len());
    for hit in hits.iter().skip(stream as usize % every).step_by(every) {
        let id = hit["post"]["id"].as_str().unwrap();
        c.all(&["show", id]);
        c.one(&["similar", id, "--color", "always"]);
    }
    let artists = c.archive.json(&["artists", "--limit", "3000"]);
    for artist in artists["artists"]
        .as_array()
        .unwrap()
        .iter()
        .step_by(every * 4)
    {
        c.one(&[
            "artist",
            artist["name"].as_str().unwrap(),
            "--color",
            "always",
        ]);
    }
    let mut all = Vec::new();
    files(&c.archive.path("p"), &mut all);
    let (named, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|p| p.to_string_lossy().contains("/names/"));
    for path in others.iter().step_by(every).chain(&named) {
        let path = path.to_str().unwrap();
        c.one(&["inspect", path, "--why", "--color", "always"]);
        c.one(&["inspect", path, "--why", "--format", "json"]);
    }
    for text in HOSTILE.iter().step_by(if every > 1 { 5 } else { 1 }) {
        typed(&mut c, &text.replace('\0', ""));
    }
    c.figures
}

/// What is typed, or what a shell made of a pattern, and what stands in the user's own files.
fn typed(c: &mut Campaign, text: &str) {
    for args in [
        &["search", text][..],
        &["search", text, "--explain-query"],
        &["tracks", text],
        &["artists", text],
        &["artist", text],
        &["show", text],
        &["similar", text],
        &["inspect", text],
        &["index", text],
        &["help", text],
        &["man", text],
        &["alias", "join", "Calico", text],
        &["alias", "list"],
        &["alias", "split", text],
        &["alias", "split", "Calico"],
        &["export", text, "--to", "xspf"],
        &["bench", "--compare", text],
        &["eval", "search", text],
        &["crawl", text, "--into", "nowhere"],
        &["crawl", "--status", "--into", text],
        &["search", "x", "--sort", text],
        &["stats", "--top", text],
        &["completions", text],
        &[text],
    ] {
        for form in ["text", "json"] {
            c.one(&[args, &["--format", form, "--color", "always"]].concat());
        }
    }
    let toml = format!("{}\n", text.replace(['\n', '\r', '"', '\\'], ""));
    for (file, content) in [
        ("deepcut.toml", format!("{toml} = 1\n")),
        ("deepcut.toml", format!("limit = \"{toml}\"\n")),
        ("deepcut.toml", format!("pager = {}\n", toml_string(text))),
        ("index/aliases.toml", format!("[[artist]]\nname = {toml}\n")),
        (
            "index/aliases.toml",
            format!(
                "[[artist]]\nname = {0}\nalso = [\"Calico\", {0}]\n",
                toml_string(text)
            ),
        ),
        (
            "index/aliases.toml",
            format!("[[apart]]\nnames = [\"Calico\", {}]\n", toml_string(text)),
        ),
    ] {
        c.archive.write(file, content);
        for args in [
            &["config"][..],
            &["alias", "list"],
            &["artist", "Calico"],
            &["doctor"],
            &["tracks", "calico"],
        ] {
            c.one(&[args, &["--color", "always"]].concat());
        }
        fs::remove_file(c.archive.path(file)).unwrap();
    }
    // An index and sources in a folder of that name; some of it damaged.
    let folder = format!("deep {}", text.replace('/', ""));
    copy(&c.archive.path("p/names"), &c.archive.path(&folder));
    let index = format!("{folder}/index");
    for (args, then) in [
        (&["index", folder.as_str()][..], ""),
        (&["stats"], ""),
        (&["stats", "--sources"], ""),
        (&["doctor"], "manifest"),
        (&["doctor"], ""),
        (&["search", "tepper"], ""),
        (&["repair", folder.as_str()], ""),
    ] {
        for form in ["text", "json"] {
            let mut command = c.archive.command_on(&index, args);
            let output = command
                .args(["--verbose", "--format", form])
                .output()
                .unwrap();
            c.figures.bytes += look(&format!("{args:?} in {folder:?}"), &output, false);
            c.figures.commands += 1;
        }
        if !then.is_empty() {
            fs::write(c.archive.path(&index).join("main").join(then), "damaged").unwrap();
        }
    }
    for word in ["artist:", "tag:", "site:", "by:", "author:", "p/names/"] {
        for shell in ["bash", "zsh", "fish"] {
            let mut command = Command::new(program());
            c.archive.isolate(&mut command);
            let line = if word.ends_with('/') {
                ["inspect", word]
            } else {
                ["search", word]
            };
            command
                .env("DEEPCUT_COMPLETE", shell)
                .env("_CLAP_COMPLETE_INDEX", "2")
                .env("_CLAP_IFS", "\n");
            let output = command.args(["--", "deepcut"]).args(line).output().unwrap();
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                !shown.lines().any(|l| l.starts_with("Forged: line")),
                "{shell} {word}: {shown:?}"
            );
            c.figures.bytes += look(&format!("completion of {word} for {shell}"), &output, false);
            c.figures.commands += 1;
        }
    }
    fs::remove_dir_all(c.archive.path(&folder)).unwrap();
}

fn toml_string(text: &str) -> String {
    serde_json::to_string(&format!("Name{text}"))
        .unwrap()
        .replace("\\u007f", "\u{7f}")
}

#[test]
fn nothing_hostile_reaches_a_terminal() {
    let figures = campaign(11, 40);
    assert!(figures.commands > 300, "{}", figures.commands);
}

#[test]
#[ignore = "minutes: every post and file in every form, DEEPCUT_TIMES other archives"]
fn nothing_hostile_reaches_a_terminal_whatever_is_asked() {
    let mut sum = Figures::default();
    let archives = times(5);
    for n in 0..archives {
        let figures = campaign(11 + n, 1);
        sum.commands += figures.commands;
        sum.bytes += figures.bytes;
    }
    eprintln!(
        "hostile text: {archives} archives, {} commands, {} MB looked at, nothing got through",
        sum.commands,
        sum.bytes >> 20
    );
}
