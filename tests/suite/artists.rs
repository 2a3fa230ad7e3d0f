//! Artists, aliases and related posts through the real binary: what is counted, joined and told.

use serde_json::{Value, json};

use crate::archive::{Archive, code, errors};

/// Posts as JSON Lines: title, date, rows as "Artist - Title", comments.
fn lines(posts: &[(&str, &str, &[&str], &[&str])]) -> String {
    let mut out = String::new();
    for (title, date, rows, comments) in posts {
        let tracks: Vec<Value> = rows
            .iter()
            .map(|row| {
                let (artist, title) = row.split_once(" - ").unwrap();
                json!({"artist": artist, "title": title})
            })
            .collect();
        let comments: Vec<Value> = comments.iter().map(|c| json!({"text": c})).collect();
        let post = json!({"title": title, "published": date, "body": format!("Words about {title}."),
            "tracklists": [{"tracks": tracks}], "comments": comments});
        out.push_str(&format!("{post}\n"));
    }
    out
}

/// An archive with two spellings of a composer, a band that is no list of people, guests and a duo.
fn archive() -> Archive {
    let archive = Archive::new();
    archive.write(
        "posts.jsonl",
        lines(&[
            (
                "Rocky night",
                "2012-03-04",
                &[
                    "Vinnie DiCola - Training Montage",
                    "Vinnie DiCola - War",
                    "Kenny Loggins and Gladys Knight - Double or Nothing",
                    "SURVIVOR - Burning Heart",
                ],
                &["Vinnie DiCola scored my youth.", "Survivor!"],
            ),
            (
                "Boxing again",
                "2014-05-06",
                &[
                    "Vince DiCola - Training Montage",
                    "Survivor - Eye of the Tiger",
                    "Kenny Loggins - Danger Zone",
                ],
                &["Who is Kenny Loggins, and why?"],
            ),
            (
                "Gold discs",
                "2014-07",
                &[
                    "Earth, Wind & Fire - September",
                    "Aretha Franklin feat. George Michael - I Knew You Were Waiting",
                    "Kenny Loggins - Footloose (Larry Levan Remix)",
                    "Hearts on Fire - One",
                ],
                &[],
            ),
            (
                "Undated",
                "",
                &[
                    "Survivor - Burning Heart",
                    "Hearts of Fire - Two",
                    "Vinnie DiCola - Fanfare",
                ],
                &[],
            ),
        ])
        .replace("\"published\":\"\"", "\"published\":null"),
    );
    let report = archive.json(&["index", "posts.jsonl"]);
    assert_eq!(
        (&report["posts"], &report["failed"]),
        (&4.into(), &json!([]))
    );
    archive
}

fn text(archive: &Archive, args: &[&str]) -> String {
    String::from_utf8(archive.run(args).stdout).unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    let artists = answer["artists"].as_array().unwrap().iter();
    artists.map(|a| a["name"].as_str().unwrap()).collect()
}

#[test]
fn artists_are_listed_with_counts_dates_and_spellings() {
    let archive = archive();
    let answer = archive.json(&["artists", "--limit", "4"]);
    assert_eq!(
        (&answer["schema"], &answer["total"]),
        (&1.into(), &11.into())
    );
    assert_eq!(
        answer["artists"][0],
        json!({"name": "Kenny Loggins", "key": "kenny loggins", "posts": 3, "tracks": 3, "comments": 1,
            "first": "2012-03-04", "last": "2014-07",
            "spellings": [{"value": "Kenny Loggins", "count": 3}]})
    );
    assert_eq!(
        answer["artists"][1],
        json!({"name": "Survivor", "key": "survivor", "posts": 3, "tracks": 3, "comments": 1,
            "first": "2012-03-04", "last": "2014-05-06",
            "spellings": [{"value": "Survivor", "count": 2}, {"value": "SURVIVOR", "count": 1}]})
    );
    assert_eq!(
        names(&answer),
        [
            "Kenny Loggins",
            "Survivor",
            "Vinnie DiCola",
            "Aretha Franklin"
        ]
    );
    let all = names(&archive.json(&["artists", "--sort", "name"])).join(" | ");
    assert_eq!(
        all,
        "Aretha Franklin | Earth, Wind & Fire | George Michael | Gladys Knight | Hearts of Fire | \
         Hearts on Fire | Kenny Loggins | Larry Levan | Survivor | Vince DiCola | Vinnie DiCola"
    );
    let sorted = |by: &str| {
        let answer = archive.json(&["artists", "--sort", by, "--limit", "1"]);
        names(&answer)[0].to_owned()
    };
    assert_eq!(sorted("tracks"), "Kenny Loggins");
    assert_eq!(sorted("comments"), "Kenny Loggins");
    assert_eq!(sorted("first"), "Gladys Knight");
    assert_eq!(sorted("last"), "Aretha Franklin");
    assert_eq!(
        names(&archive.json(&["artists", "dicola"])),
        ["Vinnie DiCola", "Vince DiCola"]
    );
    assert_eq!(names(&archive.json(&["artists", "*fire*"])).len(), 3);
    assert_eq!(
        names(&archive.json(&["artists", "--offset", "10"])).len(),
        1
    );
    assert_eq!(code(&archive.run(&["artists", "zzzz"])), 1);
    assert_eq!(
        text(&archive, &["artists", "survivor"]),
        "1 artist\nartist     posts  tracks   comm.  first – last\n\
         Survivor       3       3       1  2012-03-04 – 2014-05-06\n  also SURVIVOR (1)\n"
    );
    assert_eq!(
        text(&archive, &["artists", "survivor", "--format", "csv"]),
        "name,posts,tracks,comments,first,last,spellings\r\n\
         Survivor,3,3,1,2012-03-04,2014-05-06,\"Survivor; SURVIVOR\"\r\n"
    );
    let jsonl = text(&archive, &["artists", "--format", "jsonl"]);
    assert_eq!(jsonl.lines().count(), 11);
    assert!(text(&archive, &["artists", "--format", "markdown"]).starts_with("| name | posts |"));
}

#[test]
fn an_artist_has_a_page() {
    let archive = archive();
    let page = archive.json(&["artist", "kenny", "LOGGINS"]);
    assert_eq!(page["artist"]["name"], "Kenny Loggins");
    assert_eq!(
        page["years"],
        json!([{"year": 2012, "posts": 1, "tracks": 1}, {"year": 2013, "posts": 0, "tracks": 0},
               {"year": 2014, "posts": 2, "tracks": 2}])
    );
    let titles: Vec<&str> = page["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "Footloose (Larry Levan Remix)",
            "Danger Zone",
            "Double or Nothing"
        ]
    );
    assert_eq!(
        page["mentions"][0]["text"],
        "Who is Kenny Loggins, and why?"
    );
    assert_eq!(
        page["companions"],
        json!([{"name": "Survivor", "together": 2, "posts": 3, "lift": 0.89}])
    );
    let shown = text(&archive, &["artist", "Kenny Loggins"]);
    for part in [
        "Kenny Loggins\n3 posts, 3 tracks, 1 comment · 2012-03-04 – 2014-07\n",
        "2013   0\n",
        "2014  ████",
        "  ♪ 3. Kenny Loggins and Gladys Knight – Double or Nothing\n",
        "  > “a reader” Who is Kenny Loggins, and why?\n",
        "  Survivor  2 of 3 posts, 0.9 × chance\n",
    ] {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }

    let unknown = archive.run(&["artist", "Vinny Dicola", "--format", "json"]);
    assert_eq!(code(&unknown), 1);
    let answer: Value = serde_json::from_slice(&unknown.stdout).unwrap();
    assert_eq!(answer["artist"], Value::Null);
    assert_eq!(
        answer["near"][0],
        json!({"name": "Vinnie DiCola", "posts": 2})
    );
    let shown = text(&archive, &["artist", "Vinny Dicola"]);
    assert!(
        shown.contains("Did you mean\n  Vinnie DiCola  2 posts"),
        "{shown}"
    );
}

#[test]
fn joins_are_suggested_on_evidence_made_by_the_user_and_undone() {
    let archive = archive();
    let suggested = archive.json(&["alias", "suggest"]);
    // One letter apart, and no track in common: "Hearts of Fire" and "Hearts on Fire" are both real.
    assert_eq!(
        suggested["suggestions"],
        json!([{"name": "Vinnie DiCola", "posts": 2, "other": "Vince DiCola", "other_posts": 1,
            "distance": 2, "form": null, "titles": ["Training Montage"], "titles_total": 1, "together": 0}])
    );
    let shown = text(&archive, &["alias", "suggest"]);
    assert!(
        shown.contains("2 letters apart; both credited with “Training Montage”\n  deepcut alias join 'Vinnie DiCola' 'Vince DiCola'"),
        "{shown}"
    );
    assert!(!archive.path("index/aliases.toml").exists());

    let before = archive.json(&["artists", "dicola"]);
    assert_eq!(archive.titles("artist:\"vince dicola\""), ["Boxing again"]);
    let joined = archive.run(&["alias", "join", "Vinnie DiCola", "Vince DiCola"]);
    assert_eq!(code(&joined), 0, "{}", errors(&joined));
    let page = archive.json(&["artist", "Vince DiCola"]);
    assert_eq!(page["artist"]["name"], "Vinnie DiCola");
    assert_eq!(
        (&page["artist"]["posts"], &page["artist"]["tracks"]),
        (&3.into(), &4.into())
    );
    assert_eq!(page["artist"]["joined"], json!(["Vince DiCola"]));
    assert_eq!(
        names(&archive.json(&["artists", "dicola"])),
        ["Vinnie DiCola"]
    );
    let mut found = archive.titles("artist:\"vince dicola\"");
    found.sort();
    assert_eq!(found, ["Boxing again", "Rocky night", "Undated"]);
    assert_eq!(archive.titles("Vince DiCola").len(), 3);
    assert_eq!(archive.json(&["tracks", "vince", "dicola"])["total"], 4);
    let note = &archive.json(&["search", "vince", "dicola"])["notes"][0];
    assert_eq!(note["code"], "joined");
    let notes = archive.json(&["search", "vince", "dicola"])["notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 1, "{notes:#}");
    // Every post of the artist has the name that was asked for, whichever it is; conditions leave it a name.
    for (query, posts) in [
        ("vince dicola", 3),
        ("Vinnie DiCola", 3),
        ("artist:\"vince dicola\"", 3),
        ("vince dicola date:2012", 1),
        ("vince dicola -eye", 2),
    ] {
        let answer = archive.json(&["search", query, "--facets"]);
        let hits = answer["hits"].as_array().unwrap();
        assert_eq!(hits.len(), posts, "{query}: {answer:#}");
        for hit in hits {
            assert_eq!(hit["tier"], "exact", "{query}: {hit:#}");
            assert_ne!(hit["tracks"][0]["marks"]["artist"], json!([]), "{query}");
        }
        let artists = answer["facets"]["artist"].as_array().unwrap();
        let count = |name: &str| {
            artists
                .iter()
                .find(|f| f["value"] == name)
                .map(|f| &f["count"])
        };
        assert_eq!(count("Vinnie DiCola"), Some(&posts.into()), "{query}");
        assert_eq!(count("Vince DiCola"), None, "{query}");
    }
    let most = archive.json(&["stats"])["top_artists"].clone();
    let most = most.as_array().unwrap();
    assert!(
        most.contains(&json!({"value": "Vinnie DiCola", "count": 4})),
        "{most:?}"
    );
    assert!(
        most.iter().all(|a| a["value"] != "Vince DiCola"),
        "{most:?}"
    );
    assert_eq!(code(&archive.run(&["alias", "suggest"])), 1);
    assert_eq!(
        archive.json(&["alias", "list"])["joins"],
        json!([{"name": "Vinnie DiCola", "also": ["Vince DiCola"]}])
    );

    // The file is the user's.
    let path = archive.path("index/aliases.toml");
    let mut file = std::fs::read_to_string(&path).unwrap();
    file.push_str("\n# my own note\n[[apart]]\nnames = [\"Hearts of Fire\", \"Hearts on Fire\"]\n");
    std::fs::write(&path, &file).unwrap();
    archive.run(&["index", "--rebuild"]);
    assert_eq!(
        names(&archive.json(&["artists", "dicola"])),
        ["Vinnie DiCola"]
    );
    archive.run(&["alias", "split", "Vince DiCola"]);
    assert_eq!(archive.json(&["artists", "dicola"]), before);
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept.contains("# my own note") && !kept.contains("\"Vince DiCola\"]\n\n["),
        "{kept}"
    );
    let again = archive.run(&["alias", "split", "Vince DiCola"]);
    assert_eq!(code(&again), 2);
    assert!(errors(&again).contains("alias list"));

    std::fs::write(&path, "[[artist]]\nnam = 3\n").unwrap();
    let broken = archive.run(&["artists"]);
    assert_eq!(code(&broken), 2);
    assert!(
        errors(&broken).contains("aliases.toml"),
        "{}",
        errors(&broken)
    );
}

#[test]
fn titles_that_everybody_has_suggest_nothing() {
    let mut posts = Vec::new();
    let row = |artist: &str, title: &str| json!({"artist": artist, "title": title});
    // Two near names, each with the carols that a hundred others have; two with a song of their own.
    for n in 0..100 {
        posts.push(json!({"title": format!("Carols {n}"), "tracklists": [{"tracks": [
            row(&format!("Choir {}", char::from(b'a' + (n % 26) as u8)).repeat(1 + n / 26), "Silent Night"),
            row(&format!("Carol Singer {n}"), "Holy Night")]}]}));
    }
    for (n, (artist, title)) in [
        ("Dora Hamlin", "Silent Night"),
        ("Dora Hamlyn", "Silent Night"),
        ("Edith Marlowe", "A Kettle for Two"),
        ("Edith Marlow", "A Kettle for Two"),
    ]
    .into_iter()
    .enumerate()
    {
        posts.push(json!({"title": format!("Single {n}"), "tracklists": [{"tracks": [row(artist, title)]}]}));
    }
    let archive = Archive::in_memory();
    let lines: Vec<String> = posts.iter().map(Value::to_string).collect();
    archive.write("posts.jsonl", lines.join("\n"));
    archive.run(&["index", "posts.jsonl"]);
    let suggested = archive.json(&["alias", "suggest", "--limit", "1000"]);
    let suggested = suggested["suggestions"].as_array().unwrap();
    let pair = |name: &str| {
        suggested
            .iter()
            .any(|s| s["name"] == name || s["other"] == name)
    };
    assert!(
        pair("Edith Marlowe") && !pair("Dora Hamlin"),
        "{suggested:#?}"
    );
}

#[test]
fn every_count_of_artists_is_the_same() {
    let archive = archive();
    let listed = archive.json(&["artists"])["total"].clone();
    assert_eq!(listed, 11);
    assert_eq!(archive.json(&["stats"])["artists"], listed);
    assert_eq!(archive.json(&["index"])["artists"], listed);
    archive.run(&["alias", "join", "Vinnie DiCola", "Vince DiCola"]);
    assert_eq!(archive.json(&["stats"])["artists"], 10);
    assert_eq!(archive.json(&["index"])["artists"], 10);
}

#[test]
fn names_kept_apart_are_suggested_no_more() {
    let archive = archive();
    let split = ["alias", "split", "Vinnie DiCola", "Vince DiCola"];
    assert_eq!(code(&archive.run(&split)), 0);
    assert_eq!(code(&archive.run(&["alias", "suggest"])), 1);
    assert_eq!(
        archive.json(&["alias", "list"])["apart"],
        json!([["Vinnie DiCola", "Vince DiCola"]])
    );
    assert_eq!(names(&archive.json(&["artists", "dicola"])).len(), 2);
    archive.run(&["alias", "join", "Vinnie DiCola", "Vince DiCola"]);
    assert_eq!(archive.json(&["alias", "list"])["apart"], json!([]));
}

#[test]
fn similar_posts_say_why() {
    let archive = archive();
    let answer = archive.json(&["similar", "Rocky night"]);
    assert_eq!(answer["post"]["title"], "Rocky night");
    let first = &answer["related"][0];
    assert_eq!(first["rank"], 1);
    assert_eq!(first["post"]["title"], "Undated");
    assert_eq!(first["artists"], json!(["Vinnie DiCola", "SURVIVOR"]));
    let titles: Vec<&str> = answer["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["post"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles.len(), 3);
    let shown = text(&archive, &["similar", "Rocky night"]);
    assert!(
        shown.contains("   both list Vinnie DiCola, SURVIVOR\n"),
        "{shown}"
    );
    assert_eq!(code(&archive.run(&["similar", "nothing of the kind"])), 1);
}

#[test]
fn credits_of_a_file_are_shown() {
    let archive = Archive::new();
    archive.write(
        "p.jsonl",
        lines(&[(
            "A",
            "2020",
            &[
                "Aretha Franklin feat. George Michael - Waiting",
                "Simon & Garfunkel - Cecilia",
                "Cure, The - Fascination Street (Extended Remix)",
            ],
            &[],
        )]),
    );
    let answer = archive.json(&["inspect", "p.jsonl"]);
    let tracks = &answer["posts"][0]["tracklists"][0]["tracks"];
    assert_eq!(
        tracks[0]["credit"],
        json!([{"name": "Aretha Franklin", "join": "feat."}, {"name": "George Michael", "join": ""}])
    );
    assert_eq!(
        tracks[1]["credit"],
        json!([{"name": "Simon & Garfunkel", "join": ""}])
    );
    assert_eq!(
        tracks[2]["credit"],
        json!([{"name": "The Cure", "join": ""}])
    );
    assert_eq!(tracks[2]["artist"], "Cure, The");
}
