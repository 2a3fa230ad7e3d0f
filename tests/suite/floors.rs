//! Floors under what extraction understands: figures of `deepcut eval` that must not sink.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The table that `deepcut eval` prints as JSON.
fn table(arguments: &[&str], path: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_deepcut"))
        .arg("eval")
        .args(arguments)
        .arg(path)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    all["table"].clone()
}

fn hold(table: &Value, floors: &[(&str, &str, f64)]) {
    let low: Vec<String> = floors
        .iter()
        .filter_map(|(row, figure, floor)| {
            let value = table[*row][*figure].as_f64().unwrap_or(-1.0);
            (value < *floor).then(|| format!("{row}, {figure}: {value:.3} below {floor}"))
        })
        .collect();
    assert!(low.is_empty(), "{}", low.join("\n"));
}

#[test]
fn our_labelled_documents_are_understood() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold");
    let table = table(&["extract"], &path);
    assert!(table["tracks"]["documents"].as_u64() >= Some(120));
    hold(
        &table,
        &[
            ("tracks", "F1", 0.99),
            ("tracks", "whole", 0.98),
            ("title", "right", 0.99),
            ("date", "right", 1.0),
            ("author", "right", 1.0),
        ],
    );
}

fn gold() -> Option<PathBuf> {
    let path = std::env::var_os("DEEPCUT_GOLD").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: DEEPCUT_GOLD is not set");
    }
    path
}

#[test]
fn labelled_pages_and_captures_are_understood() {
    let Some(path) = gold() else { return };
    let table = table(&["extract"], &path);
    hold(
        &table,
        &[
            ("tracks", "F1", 0.92),
            ("tracks", "whole", 0.70),
            ("main text", "F1", 0.975),
            ("title", "right", 0.85),
            ("comments", "F1", 0.95),
        ],
    );
    assert_eq!(
        table["main text"]["track rows"], 0,
        "lists of tracks on ordinary articles"
    );
}

#[test]
fn known_listings_are_read_in_any_layout() {
    let Some(path) = gold() else { return };
    let table = table(
        &["layouts", "--rounds", "2"],
        &path.join("pool/tracklists.json"),
    );
    hold(
        &table,
        &[
            ("all layouts", "F1", 0.96),
            ("all layouts", "whole", 0.93),
            ("confidence 0.90–0.95", "right", 0.98),
            ("confidence 0.95–1.00", "right", 0.98),
        ],
    );
}
