//! Bombs: small or large files that are made to take for ever, or all memory. Each is read in bounded time and
//! memory, and what follows it in the same folder is read too.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Usage, number, times, wait4};
use crate::archive::{Archive, capture};

/// A document may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// A run may have so much in memory, in KiB.
const MEMORY: i64 = 512 << 10;

type Out<'a> = &'a mut dyn Write;
type Make = fn(Out, usize) -> std::io::Result<()>;

fn again(out: Out, text: &str, count: usize) -> std::io::Result<()> {
    // In blocks: a gigabyte of small writes takes its time.
    let block = text.repeat((1 << 16) / text.len().max(1) + 1);
    let inside = block.len() / text.len();
    for _ in 0..count / inside {
        out.write_all(block.as_bytes())?;
    }
    out.write_all(text.repeat(count % inside).as_bytes())
}

/// `unit` times `size`, with something before and behind.
fn page(out: Out, head: &str, unit: &str, count: usize, tail: &str) -> std::io::Result<()> {
    write!(
        out,
        "<html><head><title>Bomb</title></head><body><article class=\"post\">{head}"
    )?;
    again(out, unit, count)?;
    write!(out, "{tail}</article></body></html>")
}

/// Name, how it is made, and how many units are a megabyte or so of trouble.
const BOMBS: &[(&str, Make, usize)] = &[
    ("deep.html", |o, n| page(o, "", "<div>", n, "x"), 200_000),
    (
        "deep-inline.html",
        |o, n| page(o, "", "<b><i>", n, "x"),
        100_000,
    ),
    (
        "deep-lists.html",
        |o, n| page(o, "", "<ul><li>a", n, ""),
        100_000,
    ),
    (
        "deep-tables.html",
        |o, n| page(o, "", "<table><tr><td>", n, "x"),
        60_000,
    ),
    (
        "adoption.html",
        |o, n| page(o, "", "<a><b><p></a>x", n, ""),
        60_000,
    ),
    (
        "foster.html",
        |o, n| page(o, "<table>", "x<b>y", n, "</table>"),
        120_000,
    ),
    (
        "attributes.html",
        |o, n| {
            write!(o, "<html><body><p ")?;
            (0..n).try_for_each(|k| write!(o, "a{k}=1 "))?;
            write!(o, ">text</p></body></html>")
        },
        120_000,
    ),
    (
        "attribute.html",
        |o, n| page(o, "<p title=\"", "x ", n, "\">text</p>"),
        500_000,
    ),
    (
        "classes.html",
        |o, n| page(o, "<div class=\"", "comment post ", n, "\">text</div>"),
        80_000,
    ),
    (
        "references.html",
        |o, n| page(o, "<p>", "&amp&#x41;&notin", n, "</p>"),
        60_000,
    ),
    (
        "comments-open.html",
        |o, n| page(o, "", "<!-- <p>", n, ""),
        120_000,
    ),
    ("tags-open.html", |o, n| page(o, "", "<", n, ""), 1_000_000),
    (
        "table.html",
        |o, n| {
            page(
                o,
                "<table>",
                "<tr><td>1<td>Calico<td>Lantern",
                n,
                "</table>",
            )
        },
        40_000,
    ),
    (
        "list.html",
        |o, n| page(o, "<ol>", "<li>Calico - Lantern</li>", n, "</ol>"),
        40_000,
    ),
    (
        "breaks.html",
        |o, n| page(o, "<p>", "1. Calico - Lantern<br>", n, "</p>"),
        40_000,
    ),
    (
        "thread.html",
        |o, n| {
            write!(
                o,
                "<html><body><article class=\"post\"><h1>Bomb</h1><p>Prose.</p></article><ol class=\"commentlist\">"
            )?;
            (0..n).try_for_each(|k| {
            write!(o, "<li class=\"comment\" id=\"comment-{k}\"><cite class=\"fn\">Reader</cite><p>Words.</p></li>")
        })?;
            write!(o, "</ol></body></html>")
        },
        15_000,
    ),
    (
        "thread-deep.html",
        |o, n| {
            write!(o, "<html><body><ol class=\"commentlist\">")?;
            (0..n).try_for_each(|k| {
            write!(o, "<li class=\"comment\" id=\"comment-{k}\"><cite class=\"fn\">Reader</cite><p>Words.</p><ol class=\"children\">")
        })
        },
        10_000,
    ),
    (
        "scripts.html",
        |o, n| page(o, "<script>", "{\"a\":[", n, "</script>"),
        200_000,
    ),
    (
        "json-ld.html",
        |o, n| {
            page(
                o,
                "<script type=\"application/ld+json\">",
                "[{\"a\":",
                n,
                "</script>",
            )
        },
        200_000,
    ),
    ("line.txt", |o, n| again(o, "word ", n), 200_000),
    ("word.txt", |o, n| again(o, "x", n), 1_000_000),
    ("digits.txt", |o, n| again(o, "0123456789", n), 100_000),
    ("dashes.txt", |o, n| again(o, "- ", n), 500_000),
    (
        "rows.txt",
        |o, n| again(o, "1. Calico - Lantern\n", n),
        50_000,
    ),
    (
        "rows-odd.txt",
        |o, n| again(o, "Calico - Lantern - Tide - Harbour - 3:45 - 1985\n", n),
        20_000,
    ),
    (
        "responses.txt",
        |o, n| {
            write!(o, "Bomb\n\nProse.\n\n{n} Responses to “Bomb”\n\n")?;
            (1..=n).try_for_each(|k| write!(o, "  {k}. Words of a reader.\n\n"))
        },
        30_000,
    ),
    ("blank.txt", |o, n| again(o, "\n", n), 1_000_000),
    ("blanks.txt", |o, n| again(o, " \u{a0}\t", n), 300_000),
    (
        "marks.txt",
        |o, n| again(o, "e\u{301}\u{302}\u{303}", n),
        100_000,
    ),
    (
        "one-letter-many-marks.txt",
        |o, n| {
            write!(o, "e")?;
            again(o, "\u{301}", n)
        },
        500_000,
    ),
    ("brackets.md", |o, n| again(o, "[", n), 500_000),
    ("links.md", |o, n| again(o, "[a](<b", n), 100_000),
    ("stars.md", |o, n| again(o, "*a **b ", n), 100_000),
    ("quotes.md", |o, n| again(o, "> ", n), 300_000),
    (
        "nested.md",
        |o, n| (0..n).try_for_each(|k| writeln!(o, "{}- a", " ".repeat(k * 2))),
        1_000,
    ),
    (
        "ticks.md",
        |o, n| (0..n).try_for_each(|k| write!(o, "{} a ", "`".repeat(k))),
        1_400,
    ),
    (
        "footnotes.md",
        |o, n| (0..n).try_for_each(|k| write!(o, "[^{k}] [^{k}]: [^{k}]\n\n")),
        40_000,
    ),
    (
        "aliases.md",
        |o, n| {
            write!(o, "---\ntitle: Bomb\na0: &a0 [x, x, x, x, x, x, x, x, x]\n")?;
            (1..n).try_for_each(|k| {
                let one = format!("*a{}", k - 1);
                writeln!(o, "a{k}: &a{k} [{}]", [one.as_str(); 9].join(", "))
            })?;
            write!(o, "---\nProse.\n")
        },
        40,
    ),
    (
        "flow.md",
        |o, n| {
            write!(o, "---\ntitle: ")?;
            again(o, "[", n)?;
            write!(o, "\n---\nProse.\n")
        },
        200_000,
    ),
    (
        "front.md",
        |o, n| {
            writeln!(o, "---")?;
            again(o, "a: b\n", n)
        },
        200_000,
    ),
    (
        "entities.xml",
        |o, n| {
            write!(
                o,
                "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a0 \"boom\">"
            )?;
            (1..n).try_for_each(|k| {
                let one = format!("&a{};", k - 1);
                write!(o, "<!ENTITY a{k} \"{}\">", one.repeat(10))
            })?;
            write!(
                o,
                "]><rss version=\"2.0\"><channel><title>x</title><item><title>&a{};</title></item></channel></rss>",
                n - 1
            )
        },
        30,
    ),
    (
        "external.xml",
        |o, _| {
            write!(
                o,
                "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel><title>x</title><item><title>Title &a;</title><description>&a;</description></item></channel></rss>"
            )
        },
        1,
    ),
    (
        "deep.xml",
        |o, n| {
            write!(o, "<rss version=\"2.0\"><channel>")?;
            again(o, "<item><a>", n)
        },
        100_000,
    ),
    (
        "items.xml",
        |o, n| {
            write!(o, "<rss version=\"2.0\"><channel><title>x</title>")?;
            (0..n).try_for_each(|k| write!(o, "<item><title>Post {k}</title><guid>{k}</guid><description>Words.</description></item>"))?;
            write!(o, "</channel></rss>")
        },
        8_000,
    ),
    (
        "comments.xml",
        |o, n| {
            write!(
                o,
                "<rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>x</title><wp:wxr_version>1.2</wp:wxr_version><item><title>Post</title><wp:post_id>1</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><content:encoded>Words.</content:encoded>"
            )?;
            (1..=n).try_for_each(|k| write!(o, "<wp:comment><wp:comment_id>{k}</wp:comment_id><wp:comment_parent>{}</wp:comment_parent><wp:comment_content>Words.</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>", k - 1))?;
            write!(o, "</item></channel></rss>")
        },
        8_000,
    ),
    (
        "cdata.xml",
        |o, n| {
            write!(o, "<rss version=\"2.0\"><channel><item><title><![CDATA[")?;
            again(o, "]] >", n)
        },
        300_000,
    ),
    (
        "deep.json",
        |o, n| {
            write!(
                o,
                "{{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": "
            )?;
            again(o, "[", n)
        },
        500_000,
    ),
    (
        "string.json",
        |o, n| {
            write!(
                o,
                "{{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{{\"id\": \"1\", \"content_text\": \""
            )?;
            again(o, "words ", n)?;
            write!(o, "\"}}]}}")
        },
        200_000,
    ),
    (
        "deep.jsonl",
        |o, n| {
            write!(o, "{{\"title\": ")?;
            again(o, "[", n)
        },
        500_000,
    ),
    (
        "line.jsonl",
        |o, n| {
            write!(o, "{{\"title\": \"Bomb\", \"text\": \"")?;
            again(o, "words ", n)?;
            writeln!(o, "\"}}")
        },
        200_000,
    ),
    (
        "lines.jsonl",
        |o, n| again(o, "{\"title\": \"Bomb\", \"text\": \"words\"}\n", n),
        8_000,
    ),
    (
        "length.warc",
        |o, n| {
            write!(
                o,
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/\r\nContent-Length: 9999999999999999\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            )?;
            again(o, "<p>words", n)
        },
        120_000,
    ),
    (
        "records.warc",
        |o, n| {
            (0..n).try_for_each(|k| write!(o, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/{k}\r\nContent-Length: 60\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>words..</p>\r\n\r\n"))
        },
        5_000,
    ),
    (
        "headers.warc",
        |o, n| {
            write!(o, "WARC/1.0\r\n")?;
            again(o, "A: b\r\n", n)
        },
        200_000,
    ),
];

/// Wraps a bomb: a gigabyte that packs into a megabyte, an archive of archives.
fn packed(archive: &Archive, bytes: usize) {
    fs::create_dir_all(archive.path("p")).unwrap();
    let gz = |name: &str, head: &str, unit: &str| {
        let file = File::create(archive.path(&format!("p/{name}"))).unwrap();
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::fast());
        out.write_all(head.as_bytes()).unwrap();
        again(&mut out, unit, bytes / unit.len()).unwrap();
        out.finish().unwrap().flush().unwrap();
    };
    gz(
        "zeros.html.gz",
        "<html><title>Bomb</title>",
        "\0\0\0\0\0\0\0\0",
    );
    gz("words.txt.gz", "Bomb\n\n", "words of a bomb\n");
    gz(
        "posts.jsonl.gz",
        "",
        "{\"title\": \"Bomb\", \"text\": \"words\"}\n",
    );
    let options = zip::write::SimpleFileOptions::default();
    let mut inner = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("zeros.html", options).unwrap();
        again(&mut zip, "<p>words</p>", bytes / 12).unwrap();
        zip.finish().unwrap().into_inner()
    };
    archive.write("p/one.zip", &inner);
    for _ in 0..6 {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for n in 0..8 {
            zip.start_file(format!("{n}.zip"), options).unwrap();
            zip.write_all(&inner).unwrap();
        }
        inner = zip.finish().unwrap().into_inner();
    }
    archive.write("p/nested.zip", &inner);
}

/// Runs a command; its exit status as the system has it, the processor's time for it (the machine may have other
/// things to do) and its peak of memory in KiB.
fn measured(command: &mut Command, limit: Duration) -> (i32, Duration, i64) {
    // Waited for below, by a call that tells of its memory too.
    #[allow(clippy::zombie_processes)]
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        let begun = std::time::Instant::now();
        let mut most = 0;
        while stopped.recv_timeout(Duration::from_millis(5)).is_err() {
            most = most.max(anonymous(pid));
            if begun.elapsed() > limit {
                let _ = Command::new("kill")
                    .args(["-KILL", &pid.to_string()])
                    .status();
                break;
            }
        }
        most
    });
    let (mut status, mut usage) = (0, Usage::default());
    // SAFETY: the child is ours and is waited for here alone.
    let done = unsafe { wait4(pid, &raw mut status, 0, &raw mut usage) };
    assert_eq!(done, pid);
    let _ = stop.send(());
    let most = guard.join().unwrap();
    let time = usage.processor_time();
    // What is mapped from the index is the system's to keep or drop.
    (status, time, if most > 0 { most } else { usage.peak })
}

/// Memory of a process that no file stands behind, in KiB; 0 where the system does not tell.
fn anonymous(pid: i32) -> i64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"));
    let number = line.and_then(|l| l.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

struct Figures {
    bombs: usize,
    longest: (Duration, String),
    most: (i64, String),
    wrong: Vec<String>,
}

/// Each bomb in a folder with a post that is none.
fn explode(names: &[String], limit: Duration, put: &dyn Fn(&str, &Path)) -> Figures {
    let mut figures = Figures {
        bombs: names.len(),
        longest: (Duration::ZERO, String::new()),
        most: (0, String::new()),
        wrong: Vec::new(),
    };
    let only = std::env::var("DEEPCUT_ONLY").unwrap_or_default();
    for name in names.iter().filter(|name| name.contains(&only)) {
        let archive = Archive::new();
        archive.write(
            "p/zz-after.txt",
            capture("Quiet", "Prose of the quiet one."),
        );
        put(name, &archive.path("p").join(name));
        let (status, took, peak) = measured(&mut archive.command(&["index", "p"]), limit * 12);
        // Ended by itself, with 0 or 4: done, or done with documents that could not be read.
        let code = status >> 8;
        if status & 0x7f != 0 || !matches!(code, 0 | 4) {
            let wrong = format!("{name}: status {status:#x} after {took:?}");
            figures.wrong.push(wrong);
            continue;
        }
        if took > limit || peak > MEMORY {
            let wrong = format!("{name}: {took:?}, {} MiB", peak >> 10);
            figures.wrong.push(wrong);
        }
        if archive.titles("quiet") != ["Quiet"] {
            let wrong = format!("{name}: what stands beside it is not found");
            figures.wrong.push(wrong);
        }
        if std::env::var_os("DEEPCUT_ONLY").is_some() {
            eprintln!("{name}: {:.1} s, {} MiB", took.as_secs_f64(), peak >> 10);
        }
        if took > figures.longest.0 {
            figures.longest = (took, name.clone());
        }
        if peak > figures.most.0 {
            figures.most = (peak, name.clone());
        }
    }
    figures
}

fn of_text(scale: usize, limit: Duration) -> Figures {
    let names: Vec<String> = BOMBS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    explode(&names, limit, &|name, path| {
        let (_, make, size) = BOMBS.iter().find(|(bomb, ..)| *bomb == name).unwrap();
        // What doubles with every unit is bad enough as it is.
        let size = if *size < 2_000 {
            *size
        } else {
            size * scale / 16
        };
        let mut out = BufWriter::new(File::create(path).unwrap());
        make(&mut out, size).unwrap();
        out.flush().unwrap();
    })
}

fn of_packed(bytes: usize, limit: Duration) -> Figures {
    let made = Archive::new();
    packed(&made, bytes);
    let mut names: Vec<String> = fs::read_dir(made.path("p"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    explode(&names, limit, &|name, path| {
        fs::copy(made.path("p").join(name), path).unwrap();
    })
}

#[test]
fn a_document_of_too_many_lines_says_so() {
    let archive = Archive::new();
    archive.write("many.txt", "Bomb\n\n".to_owned() + &"x\n".repeat(60_000));
    let read = archive.json(&["inspect", "many.txt"]);
    let post = &read["posts"][0];
    assert_eq!(post["warnings"][0], "only the first 50000 lines were read");
    assert_eq!(post["body"].as_str().unwrap().lines().count(), 50_000 - 2);
}

#[test]
fn small_bombs() {
    let (text, packed) = (of_text(1, PATIENCE), of_packed(2 << 20, PATIENCE));
    assert_eq!((text.bombs, packed.bombs), (BOMBS.len(), 5));
    assert_eq!((text.wrong, packed.wrong), Default::default());
}

#[test]
#[ignore = "minutes: bombs of megabytes, packed ones of a gigabyte, hostile files of a gigabyte"]
fn large_bombs() {
    let scale = number("DEEPCUT_SCALE", 32) as usize;
    let mut wrong = Vec::new();
    let mut told = |what: &str, f: Figures| {
        eprintln!(
            "{what}: {} files; longest {:.1} s ({}), most memory {} MiB ({})",
            f.bombs,
            f.longest.0.as_secs_f64(),
            f.longest.1,
            f.most.0 >> 10,
            f.most.1
        );
        wrong.extend(f.wrong);
    };
    told(
        &format!("bombs of {} MB", scale / 16),
        of_text(scale, PATIENCE),
    );
    told(
        "packed bombs of 1 GB",
        of_packed(1 << 30, Duration::from_secs(900)),
    );
    // Files that are a gigabyte as they lie there, of one document or of many: a document may take ten seconds,
    // the file as long as it has documents.
    let bytes = times(1 << 30) as usize;
    let large = [
        "one.html",
        "one.txt",
        "one.jsonl",
        "one.xml",
        "many.jsonl",
        "many.xml",
        "many.warc",
    ];
    let names = large.map(str::to_owned);
    let f = explode(&names, Duration::from_secs(900), &|name, path| {
        let mut out = BufWriter::new(File::create(path).unwrap());
        let out: Out = &mut out;
        match name {
            "one.html" => page(out, "", "<div class=\"comment\">words ", bytes / 27, ""),
            "one.txt" => again(out, "1. Calico - Lantern\n", bytes / 20),
            "one.jsonl" => {
                write!(out, "{{\"title\": \"Bomb\", \"text\": \"").unwrap();
                again(out, "words ", bytes / 6).unwrap();
                writeln!(out, "\"}}")
            }
            "one.xml" => {
                write!(out, "<rss version=\"2.0\"><channel><item><title>Bomb</title><description>").unwrap();
                again(out, "&lt;p&gt;words ", bytes / 15).unwrap();
                write!(out, "</description></item></channel></rss>")
            }
            "many.jsonl" => again(out, &format!("{{\"title\": \"Bomb\", \"text\": \"{}\"}}\n", "[".repeat(100_000)), bytes / 100_000),
            "many.xml" => {
                write!(out, "<rss version=\"2.0\"><channel>").unwrap();
                again(out, &format!("<item><title>Bomb</title><description>{}</description></item>", "&lt;b&gt;".repeat(10_000)), bytes / 90_000)
            }
            _ => {
                let body = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", "<table><tr><td>".repeat(6_000));
                let record = format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/1\r\nContent-Length: {}\r\n\r\n{body}\r\n\r\n", body.len());
                again(out, &record, bytes / record.len())
            }
        }
        .unwrap();
        out.flush().unwrap();
    });
    told("hostile files of 1 GB", f);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
