//! Servers that misbehave.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::blog::{Blog, gzip};
use super::server::{Served, Server};
use super::{counts, crawl, good, order, report};
use crate::archive::{Archive, code, errors, program};
use crate::campaign::screen::{HOSTILE, look};

fn drain(stream: &mut TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 16]);
}

fn slow(stream: &mut TcpStream) {
    let _ = stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n");
    // A byte at a time: no single read is slow.
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(25));
        if stream.write_all(b"x").is_err() {
            return;
        }
    }
}

fn endless(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>");
    let block = [b'a'; 64 << 10];
    while stream.write_all(&block).is_ok() {}
}

fn endless_headers(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
    while stream
        .write_all(b"X-More: and more and more and more and more and more\r\n")
        .is_ok()
    {}
}

fn short(stream: &mut TcpStream) {
    let _ = stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<html><body>half",
    );
    drain(stream);
}

fn long(stream: &mut TcpStream) {
    let body = "<html><body class=\"single\"><h1>Longer than it says</h1><p>The length is wrong.</p></body></html>";
    let text = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}{body}{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes());
    drain(stream);
}

fn garbage(stream: &mut TcpStream) {
    let _ = stream.write_all(b"\x00\x01\x02 this is no answer at all\r\n\r\n");
    drain(stream);
}

fn silent(stream: &mut TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

fn bad_chunks(stream: &mut TcpStream) {
    let _ = stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    );
    drain(stream);
}

fn bomb(stream: &mut TcpStream) {
    // 40 MiB in 40 KiB.
    let packed = gzip(&vec![b' '; 40 << 20]);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&packed);
    drain(stream);
}

fn reason<'a>(found: &'a Value, path: &str) -> &'a str {
    let failed = found["failed"].as_array().unwrap();
    failed
        .iter()
        .find(|f| f["url"].as_str().unwrap().ends_with(path))
        .unwrap_or_else(|| panic!("{path} is not in {failed:?}"))["reason"]
        .as_str()
        .unwrap()
}

#[test]
fn pages_that_cannot_be_had_are_named_and_all_others_come() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = Blog {
        server: &server,
        posts: 6,
    };
    blog.put_posts();
    let bad: &[(&str, Served, &str)] = &[
        ("/slow/", Served::Wild(slow), "longer than 1 s"),
        ("/endless/", Served::Wild(endless), "larger than 2 MiB"),
        ("/headers/", Served::Wild(endless_headers), "header"),
        ("/short/", Served::Wild(short), "too early"),
        ("/garbage/", Served::Wild(garbage), "broken"),
        ("/silent/", Served::Wild(silent), ""),
        ("/chunks/", Served::Wild(bad_chunks), "broken"),
        ("/bomb/", Served::Wild(bomb), "larger than 2 MiB"),
        ("/forbidden/", Served::Status(403, vec![]), "403"),
        ("/error/", Served::Status(500, vec![]), "500"),
        (
            "/loop/",
            Served::Status(302, vec![("Location", "/loop/".into())]),
            "in a circle",
        ),
        (
            "/ring/a/",
            Served::Status(301, vec![("Location", "/ring/b/".into())]),
            "in a circle",
        ),
    ];
    let mut links: String = bad
        .iter()
        .map(|(path, ..)| format!("<a href=\"{path}\">x</a>"))
        .collect();
    for (path, served, _) in bad {
        server.set(path, served.clone());
    }
    server.moved("/ring/b/", "/ring/a/");
    // A chain that is too long, one that leaves the site, one that leads to a file, and one that is right.
    for n in 0..20 {
        server.moved(&format!("/chain/{n}/"), &format!("/chain/{}/", n + 1));
    }
    server.moved("/away/", "https://elsewhere.example/");
    server.moved("/scheme/", "file:///etc/passwd");
    server.moved("/old-address/", &Blog::path(6));
    server.set("/long/", Served::Wild(long));
    server.body("/song/", "audio/mpeg", vec![0; 5 << 20]);
    // Latin-1 bytes that call themselves UTF-8, and UTF-16 that says nothing.
    let mut latin = Vec::from(&b"<html><body class=\"single\"><h1>Caf\xe9 tape</h1><p>Encor\xe9 une fois, la bande.</p></body></html>"[..]);
    latin.extend(b" ");
    server.body("/latin/", "text/html; charset=utf-8", latin);
    for path in [
        "/chain/0/",
        "/away/",
        "/scheme/",
        "/old-address/",
        "/long/",
        "/song/",
        "/latin/",
        "/gone/",
    ] {
        links.push_str(&format!("<a href=\"{path}\">x</a>"));
    }
    server.html("/", &blog.home(1..=5, "", &links));
    let begun = Instant::now();
    let more = ["--timeout", "1", "--max-size", "2"];
    let output = crawl(&archive, &server, &more);
    assert_eq!(code(&output), 4, "{}", errors(&output));
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    let found = report(&output);
    for (path, _, why) in bad {
        assert!(
            reason(&found, path).contains(why),
            "{path}: {}",
            reason(&found, path)
        );
    }
    assert!(reason(&found, "/chain/0/").contains("10 redirects"));
    assert_eq!(
        found["failed"].as_array().unwrap().len(),
        bad.len() + 1,
        "{found}"
    );
    // Six posts, the one with the wrong length and the one in Latin-1.
    assert_eq!(counts(&found)[0], 8, "{found}");
    assert_eq!(archive.titles("Café").len(), 1);
    let status = archive.json(&["crawl", "--status", "--into", "posts"]);
    assert_eq!(status["sites"][0]["failed"], found["failed"]);
    let tries = server.paths();
    assert_eq!(tries.iter().filter(|p| *p == "/error/").count(), 3);
    assert_eq!(
        tries.iter().filter(|p| *p == "/bomb/").count(),
        1,
        "what is too large stays so"
    );

    // What failed is tried again on the next run, and is no failure any more where it works.
    for (path, ..) in bad {
        server.html(path, "<html><body><p>Mended.</p></body></html>");
    }
    server.html("/chain/3/", "<html><body><p>Mended.</p></body></html>");
    let mended = good(&archive, &server, &more);
    assert_eq!(mended["failed"].as_array().unwrap().len(), 0);
    let again = server.paths();
    for (path, ..) in bad {
        assert!(again.contains(&(*path).to_owned()), "{path}");
    }
}

#[test]
fn a_server_that_wants_time_gets_it() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = Blog {
        server: &server,
        posts: 5,
    };
    blog.put_posts();
    server.html("/", &blog.home(1..=5, "", ""));
    let path = Blog::path(2);
    server.set(
        &path,
        Served::Status(429, vec![("Retry-After", "1".into())]),
    );
    // It turns us away twice, then answers.
    let begun = Instant::now();
    let found = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(1400));
            blog.put(2, "");
        });
        good(&archive, &server, &[])
    });
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(counts(&found)[0], 5);
    let tries = server.paths().iter().filter(|p| **p == path).count();
    assert!((2..=4).contains(&tries), "{tries}");
}

#[test]
fn a_server_that_wants_more_time_than_we_have_ends_the_run_and_nothing_is_lost() {
    for (status, wait) in [
        (429, "3600"),
        (503, "Fri, 31 Dec 2100 23:59:59 GMT"),
        (429, "0"),
    ] {
        let (archive, server) = (Archive::new(), Server::start());
        let blog = Blog {
            server: &server,
            posts: 8,
        };
        blog.put_posts();
        server.html("/", &blog.home(1..=8, "", ""));
        for n in 3..=8 {
            let refusal = Served::Status(status, vec![("Retry-After", wait.into())]);
            server.set(&Blog::path(n), refusal);
        }
        let found = good(&archive, &server, &["--patience", "2"]);
        assert!(
            found["stopped"].as_str().unwrap().contains("left alone"),
            "{found}"
        );
        assert_eq!(found["failed"].as_array().unwrap().len(), 0);
        assert_eq!(counts(&found)[0], 2, "{wait}");
        let refused = server.asked().iter().filter(|a| a.status == status).count();
        let most = if wait == "0" { 6 } else { 1 };
        assert!(refused <= most, "{refused} requests after {wait}");
        blog.put_posts();
        if wait == "0" {
            std::thread::sleep(Duration::from_millis(1100));
            assert_eq!(counts(&good(&archive, &server, &[]))[0], 8);
        } else {
            // Before that time nothing at all is asked.
            let output = crawl(&archive, &server, &[]);
            assert_eq!(code(&output), 2);
            assert!(
                errors(&output).contains("asked not to be asked"),
                "{}",
                errors(&output)
            );
            assert_eq!(server.paths().len(), 0);
        }
    }
}

#[test]
fn robots_txt_is_kept_to() {
    let served = |robots: Served| {
        let (archive, server) = (Archive::new(), Server::start());
        let blog = Blog {
            server: &server,
            posts: 6,
        };
        blog.put_posts();
        server.html("/", &blog.home(1..=6, "", ""));
        server.set("/robots.txt", robots);
        (archive, server)
    };
    let text = |text: &str| Served::Body("text/plain", text.as_bytes().to_vec());

    // A server's fault means stop: nothing else is asked.
    let (archive, server) = served(Served::Status(503, vec![]));
    let output = crawl(&archive, &server, &["--patience", "1"]);
    assert_eq!(code(&output), 2);
    assert!(
        errors(&output).contains("what the site allows cannot be read"),
        "{}",
        errors(&output)
    );
    assert!(server.paths().iter().all(|p| p == "/robots.txt"));

    let (archive, server) = served(text("User-agent: *\nDisallow: /\n"));
    let output = crawl(&archive, &server, &[]);
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("robots.txt forbids it"));
    assert_eq!(server.paths(), ["/robots.txt"]);

    // Its own group comes before that of all; the longest match decides.
    let rules = "User-agent: *\nDisallow: /\n\nUser-agent: deepcut\nDisallow: /2010/\nAllow: /2010/*dusk\n\
                 Disallow: /*.xml$\n";
    let (archive, server) = served(text(rules));
    let found = good(&archive, &server, &[]);
    let paths = server.paths();
    for n in 1..=6 {
        assert_eq!(paths.contains(&Blog::path(n)), n == 3, "{n}: {paths:?}");
    }
    assert!(!paths.iter().any(|p| p.ends_with(".xml")), "{paths:?}");
    assert_eq!(counts(&found)[0], 1);
    assert!(found["forbidden"].as_u64().unwrap() >= 5);

    // It is asked again when a day has gone by, or where there was none: now the rest is allowed.
    let (archive, server) = served(text("User-agent: *\nCrawl-delay: 0.2\n"));
    let begun = Instant::now();
    good(&archive, &server, &["--limit", "4"]);
    let asked = server.paths().len();
    let least = Duration::from_millis(200) * (asked as u32 - 1);
    assert!(
        begun.elapsed() >= least,
        "{asked} requests in {:?}",
        begun.elapsed()
    );
}

/// A site whose every text and address has something that a terminal would obey or be fooled by.
fn hostile(server: &Server) {
    let mut links = String::new();
    let mut maps = String::new();
    for (n, text) in HOSTILE.iter().enumerate() {
        let path = format!("/2012/0{}/post-{n}/", n % 9 + 1);
        let page = format!(
            "<html><head><title>{text} {n}</title><meta property=\"og:site_name\" content=\"{text}\"></head>\
             <body class=\"single\"><article><h1>{text} {n}</h1><p>Some words about {text} and a tape.</p>\
             </article></body></html>"
        );
        server.html(&path, &page);
        // Addresses too, of pages that are not there.
        links += &format!("<a href=\"{path}\">{text}</a> <a href=\"/2013/01/{text}/\">{text}</a>");
        maps += &format!(
            "<url><loc>{}</loc></url>",
            server.url(&format!("/2013/02/{n}{text}"))
        );
    }
    server.set(
        "/2013/03/moved/",
        Served::Status(
            302,
            vec![("Location", "/2013/04/%1b[2JForged\u{9b}2J/".into())],
        ),
    );
    server.set("/2013/03/error/", Served::Status(500, vec![]));
    links += "<a href=\"/2013/03/moved/\">x</a><a href=\"/2013/03/error/\">y</a>";
    server.html(
        "/",
        &format!(
            "<html><head><title>{}</title></head><body>{links}</body></html>",
            HOSTILE[0]
        ),
    );
    server.body(
        "/sitemap.xml",
        "application/xml",
        format!("<urlset>{maps}</urlset>"),
    );
}

#[test]
fn what_a_site_says_reaches_no_terminal_as_it_is() {
    for form in ["text", "json", "jsonl", "csv"] {
        let (archive, server) = (Archive::new(), Server::start());
        hostile(&server);
        let url = server.url("/");
        let more = [
            "--format",
            form,
            "--verbose",
            "--color",
            "always",
            "--patience",
            "1",
        ];
        let output = archive.run(&[&order(&url)[..], &more].concat());
        assert!(matches!(code(&output), 0 | 4), "{}", errors(&output));
        let bytes = look(&format!("crawl --format {form}"), &output, form == "csv");
        assert!(bytes > 100, "{}", errors(&output));
        let status = archive.run(&["crawl", "--status", "--into", "posts", "--format", form]);
        look("crawl --status", &status, form == "csv");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_site_says_is_in_no_line_of_progress() {
    let (archive, server) = (Archive::new(), Server::start());
    hostile(&server);
    let url = server.url("/");
    let deepcut = program();
    let command = format!(
        "'{}' crawl '{url}' --into posts --allow-private --delay 0.05 --patience 1 --verbose",
        deepcut.display()
    );
    // A terminal of its own.
    let run = std::process::Command::new("script")
        .args(["-qefc", &command, "/dev/null"])
        .current_dir(archive.path("."))
        .stdin(std::process::Stdio::null())
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .output();
    let Ok(run) = run else {
        eprintln!("skipped: there is no `script`");
        return;
    };
    let shown = String::from_utf8_lossy(&run.stdout);
    // What progress shows is drawn over and over.
    assert!(shown.contains("\u{1b}["), "{shown:?}");
    assert!(shown.contains("posts"), "{shown:?}");
    for text in HOSTILE {
        let controls = text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r'));
        assert!(!controls || !shown.contains(text), "{text:?} in {shown:?}");
    }
    for sign in [
        "\u{9b}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{7}",
        "\u{1b}[2J",
        "\u{1b}]0",
        "\u{1b}P",
    ] {
        assert!(!shown.contains(sign), "{sign:?} in {shown:?}");
    }
}
