//! `deepcut crawl` against servers of our own, whose logs are the witnesses.

mod blog;
mod broken;
mod hostile;
mod server;

use std::collections::HashSet;
use std::process::Output;

use serde_json::{Value, json};

use crate::archive::{Archive, capture, code, errors};
use blog::Blog;
use server::Server;

/// Arguments that crawl a site on this machine into `posts`, as fast as it goes.
fn order(url: &str) -> [&str; 7] {
    [
        "crawl",
        url,
        "--into",
        "posts",
        "--allow-private",
        "--delay",
        "0",
    ]
}

/// A crawl of a server's site into `posts`, as fast as it goes.
fn crawl(archive: &Archive, server: &Server, more: &[&str]) -> Output {
    let url = server.url("/");
    let mut args = order(&url).to_vec();
    args.extend(["--format", "json"]);
    args.extend(more);
    archive.run(&args)
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", errors(output)))
}

/// A crawl that must end well.
fn good(archive: &Archive, server: &Server, more: &[&str]) -> Value {
    let output = crawl(archive, server, more);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    report(&output)
}

fn counts(report: &Value) -> [u64; 3] {
    ["posts", "tracks", "comments"].map(|name| report["index"][name].as_u64().unwrap())
}

/// A blog with everything: robots.txt, maps, a feed, pages of comments, traps.
fn whole(server: &Server) -> Blog<'_> {
    let blog = Blog { server, posts: 24 };
    blog.put_posts();
    blog.put_maps();
    blog.put_feed("/feed/", 10);
    let head = "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed/\">";
    let nav = "<a href=\"/page/2/\">older</a> <a href=\"/2011/02/\">February</a>";
    server.html("/", &blog.home(1..=5, head, nav));
    server.html("/page/2/", &blog.home(6..=10, head, nav));
    blog
}

#[test]
fn a_blog_with_sitemaps_comes_whole_and_next_time_only_what_changed() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = whole(&server);
    let first = good(&archive, &server, &[]);
    assert_eq!(counts(&first), [24, 72, blog.all_comments() as u64]);
    assert_eq!((&first["posts"], &first["run"]), (&json!(24), &json!(1)));
    assert_eq!(first["forbidden"], 1, "{first}");
    let asked = server.asked();
    let mut seen = HashSet::new();
    for one in &asked {
        assert!(seen.insert(one.path.clone()), "twice: {}", one.path);
        assert!(one.headers["user-agent"].starts_with("deepcut/"));
        assert!(!one.headers.contains_key("cookie"));
    }
    for wanted in [
        "/robots.txt",
        "/map.xml",
        "/posts-2.xml.gz",
        "/feed/",
        "/about/",
    ] {
        assert!(seen.contains(wanted), "{wanted}");
    }
    assert!(seen.contains("/2010/04/dusk-tape-3/comment-page-3/"));
    for trap in [
        "/calendar/2031/05/",
        "/?s=x",
        "/private/diary/",
        "/files/tape-3.mp3",
        "/post_tag-sitemap.xml",
        // Lists hold nothing that the sitemap has not named, and so do older pages of the feed.
        "/page/2/",
        "/feed/?paged=2",
    ] {
        assert!(!seen.contains(trap), "{trap}");
    }
    assert!(
        !seen
            .iter()
            .any(|p| p.contains("replytocom") || p.contains("PHPSESSID"))
    );

    // Nothing changed: every request is conditional, and no body comes.
    let second = good(&archive, &server, &[]);
    let asked = server.asked();
    assert!(
        asked.iter().all(|a| a.is_conditional() && a.status == 304),
        "{asked:#?}"
    );
    assert!(
        !asked.iter().any(|a| a.path == "/robots.txt"),
        "it lasts a day"
    );
    assert_eq!(
        (&second["fetched"], &second["bytes"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(second["unchanged"], first["fetched"]);
    assert_eq!(counts(&second), counts(&first));

    // One post is edited, one is new.
    let blog = Blog { posts: 25, ..blog };
    blog.put(7, "The second copy came out better.");
    blog.put(25, "");
    blog.put_maps();
    let third = good(&archive, &server, &[]);
    let came: HashSet<String> = server
        .asked()
        .into_iter()
        .filter(|a| a.status == 200)
        .map(|a| a.path)
        .collect();
    let wanted = [
        Blog::path(7),
        Blog::path(25),
        "/map.xml".into(),
        "/posts-1.xml".into(),
        "/posts-2.xml.gz".into(),
    ];
    let unexpected: Vec<_> = came.iter().filter(|p| !wanted.contains(p)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    assert!(came.contains(&Blog::path(7)) && came.contains(&Blog::path(25)));
    assert_eq!(counts(&third)[0], 25);
    assert_eq!(
        archive.titles("\"second copy came out better\""),
        ["hazel tape 7"]
    );
    assert_eq!(counts(&third)[2], blog.all_comments() as u64);

    let status = archive.json(&["crawl", "--status", "--into", "posts"]);
    let site = &status["sites"][0];
    assert_eq!((&site["runs"], &site["posts"]), (&json!(3), &json!(25)));
    assert_eq!(site["forbidden"], json!([server.url("/private/diary/")]));
    assert!(site["ended"].is_string());
}

#[test]
fn without_maps_and_feeds_links_are_followed_and_endless_ones_left() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = Blog {
        server: &server,
        posts: 18,
    };
    blog.put_posts();
    let months = "<a href=\"/archive/2031/01/\">calendar</a> <a href=\"/days/1/\">days</a>";
    server.html(
        "/",
        &blog.home(
            13..=18,
            "",
            &format!("<a href=\"/page/2/\">older</a> {months}"),
        ),
    );
    server.html(
        "/page/2/",
        &blog.home(7..=12, "", "<a href=\"/page/3/\">older</a>"),
    );
    server.html(
        "/page/3/",
        &blog.home(1..=6, "", "<a href=\"/page/4/\">older</a>"),
    );
    // Paging that never ends, and always shows the same; months that lead to months; days to days.
    for n in 4..200 {
        let nav = format!("<a href=\"/page/{}/\">older</a>", n + 1);
        server.html(&format!("/page/{n}/"), &blog.home(1..=6, "", &nav));
        let (next, month) = (n - 3, n % 12 + 1);
        server.html(
            &format!("/archive/2031/{next:02}/"),
            &format!(
                "<body>{month}<a href=\"/archive/2031/{:02}/\">next</a></body>",
                next + 1
            ),
        );
        server.html(
            &format!("/days/{next}/"),
            &format!(
                "<body>Day {next}<a href=\"/days/{}/\">next</a></body>",
                next + 1
            ),
        );
    }
    let found = good(&archive, &server, &[]);
    assert_eq!(counts(&found), [18, 54, blog.all_comments() as u64]);
    let paths = server.paths();
    let of = |start: &str| paths.iter().filter(|p| p.starts_with(start)).count();
    assert!(of("/page/") <= 7, "{paths:?}");
    assert!(of("/archive/") <= 5, "{paths:?}");
    assert!(of("/days/") <= 51, "{paths:?}");
    assert!(found["traps"].as_u64().unwrap() > 0);
}

#[test]
fn a_site_that_is_only_a_feed_gives_its_posts() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = Blog {
        server: &server,
        posts: 23,
    };
    blog.put_feed("/feed/", 10);
    server.html(
        "/",
        "<html><head><title>Tapes</title><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed/\"></head>\
         <body><p>Subscribe to the feed.</p></body></html>",
    );
    let output = crawl(&archive, &server, &[]);
    // The pages that the feed names are not there: they are named as failures, and the posts are the feed's.
    assert_eq!(code(&output), 4);
    let found = report(&output);
    assert_eq!(counts(&found), [23, 69, 0], "{found}");
    assert_eq!(found["failed"].as_array().unwrap().len(), 23);
    let paths = server.paths();
    assert!(paths.contains(&"/feed/?paged=3".to_owned()), "{paths:?}");
    assert!(!paths.contains(&"/feed/?paged=5".to_owned()), "{paths:?}");
    assert_eq!(archive.titles("artist:\"Singer 23\"").len(), 1);
}

/// WordPress as it is without plugins: pages name no time of change, feeds do.
fn wordpress(server: &Server) -> Blog<'_> {
    let blog = Blog { server, posts: 12 };
    server.etags(false);
    blog.put_posts();
    blog.put_feed("/feed/", 10);
    blog.put_feed("/comments/feed/", 10);
    let head = "<meta name=\"generator\" content=\"WordPress 6.1\">\
         <link rel=\"https://api.w.org/\" href=\"/wp-json/\">\
         <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed/\">\
         <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/comments/feed/\">";
    server.html("/", &blog.home(10..=12, head, ""));
    put_rest(
        server,
        "posts",
        "id%2Clink%2Cdate%2Cmodified",
        &rest_posts(server, 1..=12),
    );
    put_rest(server, "pages", "id%2Clink%2Cdate%2Cmodified", "[]");
    let comments = format!(
        "[{}]",
        rest_comment(
            server,
            2,
            901,
            "Only the interface shows this remark about the spool."
        )
    );
    put_rest(server, "comments", COMMENT_FIELDS, &comments);
    blog
}

const COMMENT_FIELDS: &str =
    "id%2Cpost%2Cparent%2Cauthor_name%2Cauthor_url%2Cdate%2Clink%2Ccontent%2Ctype";

fn put_rest(server: &Server, what: &str, fields: &str, body: &str) {
    let path =
        format!("/wp-json/wp/v2/{what}?per_page=100&page=1&orderby=id&order=asc&_fields={fields}");
    server.body(&path, "application/json", body);
}

fn rest_posts(server: &Server, posts: std::ops::RangeInclusive<usize>) -> String {
    let all: Vec<Value> = posts
        .map(|n| {
            json!({"id": n, "link": server.url(&Blog::path(n)), "date": "2011-02-04T10:00:00",
                   "modified": "2011-02-05T10:00:00"})
        })
        .collect();
    Value::from(all).to_string()
}

fn rest_comment(server: &Server, n: usize, id: u64, text: &str) -> Value {
    json!({
        "id": id, "post": n, "parent": 0, "author_name": "Ida", "author_url": "", "type": "comment",
        "date": "2012-06-01T10:00:00", "link": server.url(&format!("{}#comment-{id}", Blog::path(n))),
        "content": {"rendered": format!("<p>{text}</p>")}
    })
}

#[test]
fn wordpress_without_times_of_change_is_asked_for_what_it_says_has_changed() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = wordpress(&server);
    let first = good(&archive, &server, &[]);
    // The comment that only the interface tells of is one of them.
    assert_eq!(
        counts(&first),
        [12, 36, blog.all_comments() as u64 + 1],
        "{first}"
    );
    assert_eq!(archive.titles("in:comments spool"), ["cedar tape 2"]);
    server.asked();
    // Both feeds say that nothing changed: nothing else is asked.
    let second = good(&archive, &server, &[]);
    let asked = server.asked();
    let mut paths: Vec<&str> = asked.iter().map(|a| a.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/comments/feed/", "/feed/"]);
    assert!(asked.iter().all(|a| a.status == 304));
    assert_eq!(second["unchanged"], first["fetched"]);

    // A post changes: the interface is asked for what changed since the last run, and only that comes.
    blog.put(5, "A reader sent the missing side.");
    blog.put_feed("/feed/", 9);
    let before = std::time::Instant::now();
    let changed = crawl_with_changes(&archive, &server, 5);
    assert!(before.elapsed().as_secs() < 60);
    let pages: Vec<&String> = changed
        .iter()
        .filter(|p| !p.contains("feed") && !p.contains("wp-json"))
        .collect();
    assert_eq!(pages, [&Blog::path(5)]);
    assert_eq!(archive.titles("\"missing side\""), ["fern tape 5"]);
}

/// Lets the interface answer whatever time it is asked about; the paths that were asked for.
fn crawl_with_changes(archive: &Archive, server: &Server, post: usize) -> Vec<String> {
    // The time is not known before: a first crawl learns the addresses, which fail, and nothing is lost.
    let dry = crawl(archive, server, &["--dry-run"]);
    assert_eq!(code(&dry), 0, "{}", errors(&dry));
    for path in server.paths() {
        if path.contains("modified_after") && path.contains("/posts?") {
            server.body(&path, "application/json", rest_posts(server, post..=post));
        } else if path.contains("after=") {
            server.body(&path, "application/json", "[]");
        }
    }
    good(archive, server, &[]);
    server.paths()
}

#[test]
fn a_limit_ends_a_run_and_the_next_goes_on() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = whole(&server);
    let mut seen = HashSet::new();
    let mut fetched = 0;
    for run in 1..=6 {
        let found = good(&archive, &server, &["--limit", "8"]);
        for path in server.paths() {
            assert!(seen.insert(path.clone()), "twice: {path}");
        }
        assert_eq!(found["run"], 1);
        let now = found["fetched"].as_u64().unwrap();
        if found["due"] == 0 {
            assert_eq!(counts(&found)[0], blog.posts as u64);
            assert!(run > 3 && now > fetched);
            return;
        }
        // The first page was asked for to find where the site is.
        assert_eq!(now, if run == 1 { 9 } else { fetched + 8 });
        fetched = now;
        assert!(found["stopped"].as_str().unwrap().contains("--limit"));
    }
    panic!("it never came to an end");
}

#[test]
fn a_dry_run_says_what_would_be_asked_for_and_writes_nothing() {
    let (archive, server) = (Archive::new(), Server::start());
    whole(&server);
    let found = good(&archive, &server, &["--dry-run"]);
    let plan = found["plan"].as_array().unwrap();
    let urls: Vec<&str> = plan.iter().map(|p| p["url"].as_str().unwrap()).collect();
    for n in 1..=24 {
        assert!(urls.contains(&server.url(&Blog::path(n)).as_str()), "{n}");
    }
    let post = plan.iter().find(|p| p["found"] == "sitemap").unwrap();
    assert_eq!(
        (&post["conditional"], &post["date"]),
        (&json!(false), &json!("2011-02-02"))
    );
    assert!(!archive.path("posts").exists());
    let asked = server.paths();
    assert!(!asked.iter().any(|p| p.contains("-tape-")), "{asked:?}");

    good(&archive, &server, &[]);
    let after = good(&archive, &server, &["--dry-run"]);
    let plan = after["plan"].as_array().unwrap();
    assert!(plan.iter().all(|p| p["conditional"] == true), "{plan:?}");
}

#[test]
fn since_leaves_out_what_is_older() {
    let (archive, server) = (Archive::new(), Server::start());
    whole(&server);
    good(&archive, &server, &["--since", "2011-02-20"]);
    let paths = server.paths();
    // The sitemap says that post n changed on day n % 28 + 1.
    for n in 1..=24 {
        let asked = paths.contains(&Blog::path(n));
        assert_eq!(asked, n % 28 + 1 >= 20, "{n}");
    }
    // What was left out comes when it is asked for.
    let all = good(&archive, &server, &[]);
    assert_eq!(counts(&all)[0], 24);
}

#[test]
fn the_configured_archive_is_where_it_goes_and_one_root_is_indexed() {
    let (archive, server) = (Archive::new(), Server::start());
    whole(&server);
    archive.write(
        "deepcut.toml",
        "index = \"index\"\nsources = [\"nowhere\", \"kept\"]\n",
    );
    archive.write(
        "kept/old.txt",
        capture("A capture of old", "It was here before any crawl."),
    );
    let url = server.url("/");
    let args = ["crawl", &url, "--allow-private", "--delay", "0"];
    let found = archive.json(&args);
    assert_eq!(counts(&found)[0], 25);
    // A folder within the archive belongs to the same root.
    let mut within = args.to_vec();
    within.extend(["--into", "kept/web"]);
    let found = archive.json(&within);
    assert_eq!(counts(&found)[0], 25, "the same posts once more");
    let sources = archive.json(&["stats"]);
    assert_eq!(
        sources["sources"].as_array().unwrap().len(),
        1,
        "{}",
        sources["sources"]
    );
    let warcs = |folder: &str| {
        let entries = archive.path(folder).read_dir().unwrap().flatten();
        entries
            .filter(|e| e.file_name().to_string_lossy().ends_with(".warc.gz"))
            .count()
    };
    assert_eq!((warcs("kept"), warcs("kept/web")), (1, 1));

    // What was captured and is gone is asked for again.
    let name = found["warc"].as_str().unwrap().to_owned();
    std::fs::remove_file(archive.path("kept/web").join(name)).unwrap();
    server.asked();
    within.push("--no-index");
    let again = archive.json(&within);
    assert_eq!(again["fetched"], found["fetched"]);
    assert!(server.asked().iter().all(|a| a.status != 304));
}

#[test]
fn private_addresses_are_refused_however_they_are_written() {
    let (archive, server) = (Archive::new(), Server::start());
    whole(&server);
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ] {
        let url = format!("http://{host}:{}/", server.port);
        let output = archive.run(&["crawl", &url, "--into", "posts"]);
        assert_eq!(code(&output), 2, "{host}");
        let said = errors(&output);
        assert!(said.contains("is a private address"), "{host}: {said}");
        assert!(said.contains("--allow-private"), "{host}: {said}");
    }
    // Nothing is left behind of a site that cannot be had.
    assert!(!archive.path("posts").exists());
    assert_eq!(server.paths(), Vec::<String>::new());
    for (args, says) in [
        (
            vec!["crawl", "ftp://blog.example/", "--into", "p"],
            "only http and https",
        ),
        (
            vec!["crawl", "file:///etc/passwd", "--into", "p"],
            "only http and https",
        ),
        (
            vec!["crawl", "https://me:pw@blog.example/", "--into", "p"],
            "name or password",
        ),
        (
            vec!["crawl", "https://blog.example/"],
            "where is the archive?",
        ),
        (
            vec![
                "crawl",
                "https://blog.example/",
                "--into",
                "p",
                "--delay",
                "0",
            ],
            "--delay",
        ),
        (
            vec![
                "crawl",
                "https://blog.example/",
                "--into",
                "p",
                "--since",
                "May",
            ],
            "2026-01-31",
        ),
    ] {
        let output = archive.run(&args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(
            errors(&output).contains(says),
            "{args:?}: {}",
            errors(&output)
        );
    }
}

#[test]
fn a_sitemap_that_comes_later_and_a_site_that_moves_are_noticed() {
    let (archive, server) = (Archive::new(), Server::start());
    let blog = Blog {
        server: &server,
        posts: 6,
    };
    blog.put_posts();
    server.html("/", &blog.home(1..=2, "", ""));
    let first = good(&archive, &server, &[]);
    assert_eq!(counts(&first)[0], 2);
    // Where nothing was, `--recheck` looks again; another day robots.txt would be read again too.
    blog.put_maps();
    let map = server.url("/posts-1.xml");
    let index = format!("<sitemapindex><sitemap><loc>{map}</loc></sitemap></sitemapindex>");
    server.body("/sitemap.xml", "application/xml", index);
    let second = good(&archive, &server, &["--recheck"]);
    assert_eq!(counts(&second)[0], 3, "{second}");

    let (archive, server) = (Archive::new(), Server::start());
    let other = Server::start();
    let blog = Blog {
        server: &other,
        posts: 6,
    };
    blog.put_posts();
    other.html("/", &blog.home(1..=6, "", ""));
    server.moved("/", &other.url("/"));
    let output = crawl(&archive, &server, &[]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(report(&output)["site"], other.url("/"));
    assert_eq!(counts(&report(&output))[0], 6);
    // The rules of both were read, and of the first nothing else was asked.
    assert_eq!(server.paths(), ["/robots.txt", "/"]);
    assert_eq!(other.paths()[..2], ["/robots.txt", "/"]);
}
