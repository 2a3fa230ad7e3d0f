//! A list that does not tell which side is the artist is settled by the rest of the archive.

use crate::archive::Archive;

/// Titles first; nothing in it says so.
const UNCLEAR: &str = "Seven from the shelf

A short list for a slow evening.

Track Listing

1. Harbour - Meridian
2. Lantern - Calico
3. Juniper - Paper Moth
4. Tangerine - Saltbox
";

/// Says who sings, in so many words.
const CLEAR: &str = "What the radio played

I wrote it down on the back of a ticket.

Track Listing

1. \"Slow Water\" by Meridian
2. \"Gravel\" by Calico
3. \"Nine Bells\" by Paper Moth
4. \"Copper\" by Saltbox
";

fn order(archive: &Archive) -> (String, String) {
    let posts = archive.json(&["show", "shelf.txt"]);
    let list = &posts["posts"][0]["tracklists"][0];
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    (text(&list["order"]), text(&list["tracks"][0]["artist"]))
}

fn alone() -> (String, String) {
    ("artist-title".into(), "Harbour".into())
}

fn settled() -> (String, String) {
    ("title-artist".into(), "Meridian".into())
}

#[test]
fn the_rest_of_the_archive_decides_whatever_came_first() {
    for both_at_once in [true, false] {
        let archive = Archive::new();
        archive.write("p/shelf.txt", UNCLEAR);
        if !both_at_once {
            archive.run(&["index", "p"]);
            assert_eq!(order(&archive), alone());
            assert_eq!(archive.titles("artist:harbour"), ["Seven from the shelf"]);
        }
        archive.write("p/radio.txt", CLEAR);
        archive.run(&["index", "p"]);
        assert_eq!(order(&archive), settled());
        // Both indexes follow.
        assert!(archive.titles("artist:harbour").is_empty());
        assert_eq!(
            archive.titles("artist:meridian track:harbour"),
            ["Seven from the shelf"]
        );
        assert!(archive.titles("artist:harbour in:tracks").is_empty());
        assert_eq!(archive.titles("artist:meridian").len(), 2);
    }
}

#[test]
fn what_was_settled_is_open_again_when_the_reason_goes() {
    let archive = Archive::new();
    archive.write("a/shelf.txt", UNCLEAR);
    archive.write("b/radio.txt", CLEAR);
    archive.run(&["index", "b"]);
    archive.run(&["index", "a"]);
    assert_eq!(order(&archive), settled());
    archive.run(&["index", "--forget", "b"]);
    assert_eq!(order(&archive), alone());
    assert_eq!(
        archive.titles("artist:harbour track:meridian"),
        ["Seven from the shelf"]
    );
}

#[test]
fn another_unclear_list_decides_nothing() {
    let archive = Archive::new();
    archive.write("p/shelf.txt", UNCLEAR);
    let other = UNCLEAR
        .replace("Seven from the shelf", "Leftovers")
        .replace("Harbour - Meridian", "Meridian - Harbour");
    archive.write("p/other.txt", other);
    archive.run(&["index", "p"]);
    assert_eq!(order(&archive), alone());
}

/// A page of a site that writes its dates in figures.
fn page(site: &str, date: &str) -> String {
    format!(
        "<html lang=\"en\"><head><title>Rain on {date}</title><meta property=\"og:site_name\" content=\"{site}\"></head>\
         <body><article><h1>Rain on the roof</h1><p class=\"date\">{date}</p><p>It rained on the roof for as \
         long as the record played, and then it rained on.</p></article></body></html>"
    )
}

fn dated(archive: &Archive, name: &str) -> String {
    let posts = archive.json(&["show", name]);
    let date = &posts["posts"][0]["published"]["date"];
    date.as_str().unwrap_or("none").to_owned()
}

#[test]
fn the_order_of_dates_is_that_of_the_site() {
    let archive = Archive::new();
    archive.write("p/open.html", page("Tin Roof", "03/04/2019"));
    archive.run(&["index", "p"]);
    assert_eq!(dated(&archive, "open.html"), "2019-03-04");
    // Another site's habits are its own.
    archive.write("p/other.html", page("Slate Roof", "25/04/2019"));
    archive.run(&["index", "p"]);
    assert_eq!(dated(&archive, "open.html"), "2019-03-04");
    archive.write("p/telling.html", page("Tin Roof", "25/04/2019"));
    archive.run(&["index", "p"]);
    assert_eq!(dated(&archive, "telling.html"), "2019-04-25");
    assert_eq!(dated(&archive, "open.html"), "2019-04-03");
    assert_eq!(archive.titles("date:2019-04-03").len(), 1);
    // What was settled by others is no reason to settle.
    archive.write("p/telling.html", page("Tin Roof", "2019-04-25"));
    archive.run(&["index", "p"]);
    assert_eq!(dated(&archive, "open.html"), "2019-03-04");
}
