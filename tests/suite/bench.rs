//! `deepcut bench` tells what the issue of speed needs to know, and only changes that are changes.

use std::fs;

use serde_json::Value;

use crate::archive::{Archive, code, errors};

fn indexed() -> Archive {
    let archive = Archive::in_memory();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let output = archive.run(&["index", corpus]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    archive
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// A figure whose range holds its value.
fn figure(value: &Value) -> f64 {
    let (low, high) = (number(&value["low"]), number(&value["high"]));
    let value = number(&value["value"]);
    assert!(
        low <= value && value <= high && value > 0.0,
        "{low} {value} {high}"
    );
    value
}

#[test]
fn every_class_is_asked_and_every_figure_is_there() {
    let archive = indexed();
    let report = archive.json(&["bench", "--seconds", "0", "--each", "6"]);
    let search = &report["search"];
    let names: Vec<&str> = search["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "one word, rare",
            "one word, medium",
            "one word, common",
            "AND",
            "OR",
            "phrase",
            "prefix",
            "corrected",
            "mixed",
            "all"
        ]
    );
    for class in search["classes"].as_array().unwrap() {
        let quantiles = ["p50_ms", "p95_ms", "p99_ms", "max_ms"].map(|q| figure(&class[q]));
        assert!(quantiles.is_sorted(), "{class}");
        let samples: u64 = class["histogram"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum();
        let asked = class["queries"].as_u64().unwrap();
        assert_eq!(
            samples,
            asked * search["rounds"].as_u64().unwrap(),
            "{class}"
        );
        let name = class["name"].as_str().unwrap();
        // What is drawn from posts is found in them; two words of an OR too.
        if [
            "one word, rare",
            "one word, medium",
            "one word, common",
            "AND",
            "OR",
            "phrase",
            "prefix",
        ]
        .contains(&name)
        {
            assert_eq!(class["answered"], class["queries"], "{class}");
        }
    }
    figure(&search["one_thread_qps"]);
    figure(&search["all_threads_qps"]);
    figure(&search["process_ms"]);
    for beside in ["processes", "one_thread", "all_threads"] {
        figure(&report["pace"][beside]);
    }
    if cfg!(target_os = "linux") {
        figure(&search["process_cold_ms"]);
        assert!(number(&search["peak_memory_bytes"]) > 1e6);
    }
    let index = &search["index"];
    assert_eq!(index["posts"], 87);
    let ratio = number(&index["bytes"]) / number(&index["text_bytes"]);
    assert!((number(&index["ratio"]) - ratio).abs() < 1e-9);
    // The same seed asks the same, another one something else.
    let example = |seed: &str| {
        let report = archive.json(&["bench", "--seconds", "0", "--each", "2", "--seed", seed]);
        report["search"]["classes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["example"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(example("7"), example("7"));
    assert_ne!(example("7"), example("8"));
}

#[test]
fn queries_of_a_file_are_asked_as_they_are() {
    let archive = indexed();
    archive.write(
        "queries.txt",
        "# names\nname\tRobert Tepper\nname\tSurvivor\n\nsupernatural\n",
    );
    let report = archive.json(&["bench", "--seconds", "0", "--queries", "queries.txt"]);
    let classes: Vec<(String, u64)> = report["search"]["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["name"].as_str().unwrap().to_owned(),
                c["queries"].as_u64().unwrap(),
            )
        })
        .collect();
    let wanted = [("name", 2), ("queries", 1), ("all", 3)];
    assert_eq!(classes, wanted.map(|(n, q)| (n.to_owned(), q)));
    archive.write("none.txt", "# nothing\n");
    assert_eq!(code(&archive.run(&["bench", "--queries", "none.txt"])), 2);
}

#[test]
fn a_comparison_tells_what_is_beyond_the_noise() {
    let archive = indexed();
    let args = ["bench", "--seconds", "0", "--each", "3"];
    let mut report = archive.json(&args);
    assert_eq!(report["comparison"], Value::Null);
    // Reports did not always tell the machine's pace.
    report.as_object_mut().unwrap().remove("pace").unwrap();
    // As if it had been a thousand times faster then.
    for class in report["search"]["classes"].as_array_mut().unwrap() {
        for bound in ["value", "low", "high"] {
            let then = number(&class["p50_ms"][bound]) / 1000.0;
            class["p50_ms"][bound] = then.into();
        }
    }
    fs::write(archive.path("before.json"), report.to_string()).unwrap();
    let compared = archive.json(&[&args[..], &["--compare", "before.json"]].concat());
    let changes = compared["comparison"]["changes"].as_array().unwrap();
    let verdict = |what: &str| {
        let one = changes.iter().find(|c| c["what"] == what).unwrap();
        one["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict("all p50"), "worse");
    assert_eq!(verdict("index by text"), "same");
    let shown = archive.run(&[&args[..], &["--compare", "before.json"]].concat());
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("Against before.json") && shown.contains("worse"),
        "{shown}"
    );
    archive.write("odd.json", "{}");
    let odd = archive.run(&["bench", "--compare", "odd.json"]);
    assert_eq!(code(&odd), 2);
    assert!(
        errors(&odd).contains("no result of a bench"),
        "{}",
        errors(&odd)
    );
}

#[test]
fn building_is_measured_by_stage_and_leaves_nothing_behind() {
    let archive = Archive::in_memory();
    fs::create_dir(archive.path("tmp")).unwrap();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut command = archive.command(&["bench", "--build", corpus, "--rounds", "2", "--json"]);
    let output = command.env("TMPDIR", archive.path("tmp")).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let build = &report["build"];
    assert_eq!(
        (&build["documents"], &build["rounds"]),
        (&87.into(), &2.into())
    );
    assert_eq!(build["index"]["posts"], 87);
    figure(&report["pace"]["building"]);
    let names = |key: &str| -> Vec<String> {
        let all = build[key].as_array().unwrap().iter();
        all.map(|s| s["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("stages"), ["plan", "read", "settle", "publish"]);
    assert_eq!(names("work"), ["parse", "extract", "store"]);
    for key in ["stages", "work"] {
        let shares: f64 = build[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| number(&s["share"]))
            .sum();
        assert!((0.8..1.2).contains(&shares), "{key}: {shares}");
    }
    let rate = number(&build["documents"]) / figure(&build["seconds"]);
    assert!((figure(&build["documents_per_second"]) - rate).abs() < 1e-6);
    assert_eq!(fs::read_dir(archive.path("tmp")).unwrap().count(), 0);
    assert!(!archive.path("index").exists());
    archive.write("nothing/picture.jpg", "x");
    assert_eq!(code(&archive.run(&["bench", "--build", "nothing"])), 2);
}
