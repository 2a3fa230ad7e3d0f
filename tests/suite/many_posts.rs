//! Files of many posts: what is known of them lies aside, and is read and written where they change.

use std::fs;

use serde_json::{Value, json};

use crate::archive::{Archive, code, errors};

const MANY: usize = 2_100;

const QUERIES: &[&str] = &["kettle", "ferry", "tepper", "number 2099", "has:tracks"];

fn line(number: usize, text: &str) -> Value {
    json!({
        "url": format!("https://posts.example/{number}"),
        "title": format!("Number {number}"),
        "text": text,
    })
}

/// A file of many posts and a small one beside it, whose only post the other has as well.
fn archive() -> Archive {
    let archive = Archive::new();
    write(&archive, |_| "The kettle is on.");
    archive.write(
        "posts/small.jsonl",
        line(7, "The ferry was late.").to_string(),
    );
    index(&archive, "index", &[]);
    archive
}

fn write(archive: &Archive, text: impl Fn(usize) -> &'static str) {
    let lines: Vec<String> = (0..MANY).map(|n| line(n, text(n)).to_string()).collect();
    archive.write("posts/many.jsonl", lines.join("\n"));
}

fn index(archive: &Archive, index: &str, args: &[&str]) -> Value {
    let mut all = vec!["index", "--json", "posts"];
    all.extend(args);
    let output = archive.command_on(index, &all).output().unwrap();
    assert_eq!(code(&output), 0, "{}", errors(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What came of a run: new, changed, unchanged and removed documents, and posts in all.
fn counts(report: &Value) -> [u64; 5] {
    ["new", "changed", "unchanged", "removed", "posts"].map(|name| report[name].as_u64().unwrap())
}

fn is_as_fresh(archive: &Archive) {
    index(archive, "fresh", &["--rebuild", "--allow-shrink"]);
    let [grown, fresh] = ["index", "fresh"].map(|index| archive.answers(index, QUERIES).unwrap());
    assert_eq!(grown, fresh);
    let told = archive.run(&["doctor"]);
    assert_eq!(code(&told), 0, "{}", String::from_utf8_lossy(&told.stdout));
}

/// Files of the index whose names begin so.
fn files(archive: &Archive, begin: &str) -> Vec<String> {
    let entries = fs::read_dir(archive.path("index/main")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(begin)).collect()
}

#[test]
fn a_small_file_changes_beside_a_large_one() {
    let archive = archive();
    let aside = files(&archive, "documents-");
    assert_eq!(aside.len(), 1);
    let all = MANY as u64;
    let small = |text: &str| archive.write("posts/small.jsonl", line(7, text).to_string());

    // The copy of a post that the large file has, too.
    small("The ferry was late, and Robert Tepper sang from the radio of the captain.");
    let report = index(&archive, "index", &[]);
    assert_eq!(counts(&report), [0, 1, all, 0, all]);
    assert_eq!(archive.titles("ferry"), ["Number 7"]);
    is_as_fresh(&archive);
    // What is known of the large file was not written again.
    assert_eq!(files(&archive, "documents-"), aside);

    fs::remove_file(archive.path("posts/small.jsonl")).unwrap();
    let report = index(&archive, "index", &["--allow-shrink"]);
    assert_eq!(counts(&report), [0, 0, all, 1, all]);
    assert!(archive.titles("ferry").is_empty());
    is_as_fresh(&archive);
}

#[test]
fn a_large_file_changes_and_goes() {
    let archive = archive();
    let all = MANY as u64;
    write(&archive, |n| match n {
        7 => "The kettle sings.",
        8 => "Robert Tepper sang.",
        _ => "The kettle is on.",
    });
    let report = index(&archive, "index", &[]);
    assert_eq!(counts(&report), [0, 2, all - 1, 0, all]);
    assert_eq!(archive.titles("tepper"), ["Number 8"]);
    is_as_fresh(&archive);

    // It shrinks until what is known of it lies with the others, then it is gone.
    let lines: Vec<String> = (0..9).map(|n| line(n, "One of few.").to_string()).collect();
    archive.write("posts/many.jsonl", lines.join("\n"));
    let report = index(&archive, "index", &["--allow-shrink"]);
    assert_eq!(counts(&report), [0, 9, 1, all - 9, 9]);
    assert!(files(&archive, "documents-").is_empty());
    is_as_fresh(&archive);
    fs::remove_file(archive.path("posts/many.jsonl")).unwrap();
    let report = index(&archive, "index", &["--allow-shrink"]);
    assert_eq!(counts(&report), [0, 0, 1, 9, 1]);
    is_as_fresh(&archive);
}

#[test]
fn an_index_whose_documents_aside_are_damaged_is_built_anew() {
    let archive = archive();
    let [aside] = &files(&archive, "documents-")[..] else {
        panic!("one file lies aside");
    };
    let path = archive.path(&format!("index/main/{aside}"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();

    let told = archive.run(&["doctor"]);
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    assert_eq!(code(&told), 1, "{text}");
    assert!(text.contains(aside.as_str()), "{text}");
    // As long as it is not needed it is in nobody's way.
    let report = index(&archive, "index", &[]);
    assert_eq!(report["rebuilt"], Value::Null);
    write(&archive, |_| "The kettle is off.");
    let report = index(&archive, "index", &[]);
    assert!(
        report["rebuilt"].as_str().unwrap().contains("documents-"),
        "{report}"
    );
    assert_eq!(report["posts"], MANY);
    is_as_fresh(&archive);
}
