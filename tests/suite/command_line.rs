//! What every command owes a person at a terminal and a script: help, completions, settings, exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::archive::{Archive, BIN, capture, code, errors};

/// Every command, as one types it.
const COMMANDS: &[&str] = &[
    "search",
    "index",
    "inspect",
    "show",
    "similar",
    "tracks",
    "artists",
    "artist",
    "alias",
    "alias suggest",
    "alias join",
    "alias split",
    "export",
    "stats",
    "bench",
    "eval",
    "eval extract",
    "eval layouts",
    "eval search",
    "config",
    "completions",
    "man",
    "help",
];

fn indexed() -> Archive {
    let archive = Archive::new();
    for (name, title) in [("a", "Rocky night"), ("b", "AC/DC and friends")] {
        let text = capture(title, "A montage of Stallone and the loneliness of ice.");
        archive.write(&format!("posts/{name}.txt"), text);
    }
    archive.write(
        "posts/c.md",
        "---\ntitle: Tagged\ntags: [\"cold war\", boxing]\n---\n\nProse about ice.\n",
    );
    let output = archive.run(&["index", "posts"]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    archive
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn help_is_one_screen_and_long_help_leads_with_examples() {
    let archive = Archive::new();
    let run = |args: &[&str]| {
        let mut command = Command::new(BIN);
        archive.isolate(&mut command);
        let output = command.args(args).env("COLUMNS", "80").output().unwrap();
        assert_eq!(code(&output), 0, "{args:?}: {}", errors(&output));
        text(&output)
    };
    let root = run(&["-h"]);
    assert!(root.lines().count() <= 23, "{root}");
    assert!(root.lines().all(|l| l.chars().count() <= 80), "{root}");
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(
            root.split([' ', ',', '\n']).any(|word| word == words[0]),
            "-h leaves out {command}"
        );
        let short = run(&[&words[..], &["-h"]].concat());
        assert!(short.lines().count() <= 23, "{command}: {short}");
        assert!(
            short.lines().all(|l| l.chars().count() <= 80),
            "{command}: {short}"
        );
        let long = run(&[&words[..], &["--help"]].concat());
        let (examples, usage) = (long.find("Examples:\n"), long.find("Usage:"));
        assert!(examples.is_some() && examples < usage, "{command}: {long}");
        assert_eq!(run(&[&["help"], &words[..]].concat()), long, "{command}");
    }
    let version = run(&["--version"]);
    assert!(
        version.starts_with("deepcut ") && version.contains("index format "),
        "{version}"
    );
    assert!(run(&["help", "query"]).contains("Anything typed is a query"));
}

#[test]
fn what_is_misspelt_is_answered_with_what_was_meant() {
    let archive = indexed();
    for (args, says) in [
        (vec!["serach", "tepper"], "'search'"),
        (vec!["search", "tepper", "--limt", "3"], "'--limit'"),
        (vec!["index", "--rebuid"], "'--rebuild'"),
        (vec!["help", "querry"], "did you mean `deepcut help query`?"),
        (vec!["Robert", "Tepper"], "`deepcut search Robert Tepper"),
        (vec!["search", "tepper", "--format", "jsn"], "'json'"),
        (vec!["search", "tepper", "--sort", "newst"], "newest"),
    ] {
        let output = archive.run(&args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(
            errors(&output).contains(says),
            "{args:?}: {}",
            errors(&output)
        );
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let field = archive.run(&["search", "artits:tepper"]);
    assert!(
        text(&field).contains("did you mean artist:?"),
        "{}",
        text(&field)
    );
    // Whoever reads JSON gets JSON, also where the arguments make no sense.
    for args in [
        vec!["serach", "--json"],
        vec!["search", "--limt", "--format=json"],
    ] {
        let mut command = Command::new(BIN);
        let output = archive.isolate(&mut command).args(&args).output().unwrap();
        assert_eq!(code(&output), 2);
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(error["error"]["code"], "usage", "{error}");
        assert!(
            error["error"]["hint"].as_str().unwrap().contains("similar"),
            "{error}"
        );
    }
}

#[test]
fn an_empty_folder_tells_what_to_do() {
    let archive = Archive::new();
    for args in [
        vec!["search", "tepper"],
        vec!["index"],
        vec!["stats"],
        vec!["bench"],
    ] {
        let output = archive.run(&args);
        assert_eq!(code(&output), 3, "{args:?}");
        assert!(
            errors(&output).contains("deepcut index PATH"),
            "{}",
            errors(&output)
        );
    }
}

#[test]
fn settings_come_from_where_config_says() {
    let archive = indexed();
    archive.write(
        "deepcut.toml",
        "index = \"elsewhere\"\nsources = [\"posts\"]\nlimit = 1\n",
    );
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = Command::new(BIN);
        archive.isolate(&mut command);
        let output = command
            .args(args)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        (code(&output), text(&output), errors(&output))
    };
    // The first search builds the index where the file says, from what it names.
    let (found, answer, said) = run(&["search", "ice"], &[]);
    assert_eq!(found, 0, "{said}");
    assert!(answer.starts_with("3 posts, 1–1 shown"), "{answer}");
    assert!(archive.path("elsewhere/main/manifest").is_file());
    let (_, shown, _) = run(&["search", "ice"], &[("DEEPCUT_LIMIT", "2")]);
    assert!(shown.starts_with("3 posts, 1–2 shown"), "{shown}");
    let (_, shown, _) = run(&["search", "ice", "-n", "3"], &[("DEEPCUT_LIMIT", "2")]);
    assert!(shown.starts_with("3 posts ("), "{shown}");

    let env = [("DEEPCUT_LIMIT", "2")];
    let (_, json, _) = run(&["config", "--json", "--color", "never"], &env);
    let config: Value = serde_json::from_str(&json).unwrap();
    let origin = |key: &str| {
        let all = config["settings"].as_array().unwrap();
        let one = all.iter().find(|s| s["key"] == key).unwrap();
        format!("{} {} {}", one["from"], one["at"], one["line"])
    };
    let file = archive.path("deepcut.toml").canonicalize().unwrap();
    let file = serde_json::to_string(file.to_str().unwrap()).unwrap();
    assert_eq!(origin("sources"), format!("\"file\" {file} 2"));
    assert_eq!(origin("limit"), "\"environment\" \"DEEPCUT_LIMIT\" null");
    assert_eq!(origin("color"), "\"flag\" \"--color\" null");
    assert_eq!(origin("threads"), "\"default\" null null");

    archive.write("deepcut.toml", "sorces = [\"posts\"]\n");
    let (exit, _, said) = run(&["search", "ice"], &[]);
    assert_eq!(exit, 2);
    assert!(
        said.contains("deepcut.toml:1: there is no setting `sorces`"),
        "{said}"
    );
    assert!(said.contains("did you mean `sources`?"), "{said}");
    // Help is there for those whose settings are wrong.
    assert_eq!(run(&["help", "config"], &[]).0, 0);
}

#[test]
fn docs_name_every_setting() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let page = fs::read_to_string(page).unwrap();
    for spec in deepcut::config::SETTINGS {
        let row = format!("| `{}` | `{}` |", spec.key, spec.variable);
        assert!(
            page.contains(&row),
            "docs/configuration.md has no line {row}"
        );
    }
}

/// What bash offers behind a line, after it has sourced our script.
fn offered(archive: &Archive, line: &str) -> Vec<String> {
    let script = format!(
        "deepcut() {{ '{BIN}' \"$@\"; }}\n\
         eval \"$(deepcut completions bash)\"\n\
         COMP_LINE=\"$1\"; COMP_POINT=${{#COMP_LINE}}\n\
         read -r -a parted <<< \"$(sed 's/\\([:=]\\)/ \\1 /g' <<< \"$1\")\"\n\
         [[ $1 == *' ' ]] && parted+=('')\n\
         COMP_WORDS=(\"${{parted[@]}}\"); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _deepcut deepcut \"${{COMP_WORDS[COMP_CWORD]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    let mut command = Command::new("bash");
    archive.isolate(&mut command);
    let output = command
        .args(["-c", &script, "bash", line])
        .env("DEEPCUT_INDEX", archive.path("index"))
        .output()
        .unwrap();
    let all = text(&output);
    all.lines().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn bash_completes_commands_fields_artists_and_tags() {
    if Command::new("bash").arg("--version").output().is_err() {
        eprintln!("skipped: there is no bash");
        return;
    }
    let archive = indexed();
    for (line, wanted) in [
        ("deepcut sea", vec!["search"]),
        ("deepcut search --lim", vec!["--limit"]),
        ("deepcut search art", vec!["artist:"]),
        // bash replaces only what stands behind the colon.
        ("deepcut search artist:rob", vec!["\\\"Robert\\ Tepper\\\""]),
        (
            "deepcut search ice -tag:",
            vec!["boxing", "\\\"cold\\ war\\\""],
        ),
        ("deepcut search sort:ne", vec!["newest"]),
        ("deepcut artist tou", vec!["Touch"]),
        ("deepcut tracks x --sort co", vec!["comments"]),
        ("deepcut search artist:zzz", vec![""]),
    ] {
        assert_eq!(offered(&archive, line), wanted, "{line}");
    }
}

#[test]
fn every_shell_gets_a_script_and_every_command_a_page() {
    let archive = Archive::new();
    for (shell, has) in [
        ("bash", "complete -o nospace"),
        ("zsh", "#compdef deepcut"),
        ("fish", "complete --keep-order"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = text(&archive.run(&["completions", shell]));
        assert!(
            script.contains(has) && script.contains("deepcut"),
            "{shell}: {script}"
        );
    }
    assert_eq!(code(&archive.run(&["man", "--into", "pages"])), 0);
    for command in COMMANDS {
        let name = format!("pages/deepcut-{}.1", command.replace(' ', "-"));
        let page = fs::read_to_string(archive.path(&name)).unwrap();
        assert!(
            page.contains(".SH NAME") && page.contains("Examples:"),
            "{name}"
        );
    }
    let page = text(&archive.run(&["man", "search"]));
    assert!(
        page.contains(".TH deepcut\\-search 1") || page.contains(".TH deepcut-search 1"),
        "{page}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let archive = indexed();
    let commands: &[&[&str]] = &[
        &["search", "ice"],
        &["search", "ice", "--json"],
        &["stats"],
        &["artists"],
        &["tracks", "tepper"],
        &["export", "tepper"],
        &["config"],
        &["man"],
        &["help"],
        &["help", "query"],
        &["completions", "bash"],
        &["inspect", "posts/a.txt"],
        &["show", "rocky", "night"],
    ];
    for args in commands {
        let mut command = archive.command(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{args:?}: {}", errors(&output));
        assert!(errors(&output).is_empty(), "{args:?}: {}", errors(&output));
        if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
            let output = archive.command(args).stdout(full).output().unwrap();
            assert_eq!(code(&output), 2, "{args:?}");
            assert!(
                errors(&output).contains("No space left"),
                "{args:?}: {}",
                errors(&output)
            );
        }
    }
}

/// Runs a command line on a terminal of 24 lines and says what the terminal saw.
fn on_a_terminal(archive: &Archive, line: &str, env: &[(&str, &str)]) -> Option<String> {
    let mut command = Command::new("script");
    archive.isolate(&mut command);
    let output = command
        .args([
            "-qec",
            &format!("stty rows 24 cols 60; '{BIN}' {line}"),
            "/dev/null",
        ])
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .env("DEEPCUT_INDEX", archive.path("index"))
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .ok()?;
    Some(text(&output))
}

#[test]
fn a_terminal_gets_colours_links_and_a_pager() {
    let archive = Archive::new();
    for n in 0..9 {
        archive.write(
            &format!("posts/{n}.jsonl"),
            format!("{{\"title\": \"Rocky {n}\", \"url\": \"https://x.example/{n}\", \"text\": \"A montage on ice.\"}}\n"),
        );
    }
    archive.run(&["index", "posts"]);
    let pager = [("DEEPCUT_PAGER", "sed s/^/paged:/")];
    let Some(long) = on_a_terminal(&archive, "search montage", &pager) else {
        eprintln!("skipped: there is no `script` to make a terminal with");
        return;
    };
    assert!(long.starts_with("paged:"), "{long}");
    assert!(
        long.contains("\x1b]8;;https://x.example/0\x1b\\"),
        "{long:?}"
    );
    assert!(long.contains("\x1b[1;31mmontage\x1b[0m"), "{long:?}");
    for (line, env) in [
        ("search montage -n 1", pager),
        ("search montage --no-pager", pager),
        ("search montage", [("DEEPCUT_PAGER", "never")]),
        ("search montage --json", pager),
    ] {
        let shown = on_a_terminal(&archive, line, &env).unwrap();
        assert!(!shown.contains("paged:"), "{line}: {shown}");
    }
    for (line, env) in [
        ("search montage --color never --no-pager", ("TERM", "xterm")),
        ("search montage", ("NO_COLOR", "1")),
        ("search montage", ("TERM", "dumb")),
    ] {
        let shown = on_a_terminal(&archive, line, &[env, ("DEEPCUT_PAGER", "cat")]).unwrap();
        assert!(!shown.contains('\x1b'), "{line}: {shown:?}");
        assert!(shown.contains("*montage*"), "{line}: {shown:?}");
    }
    // Off a terminal colours come only when they are asked for.
    let mut command = archive.command(&["search", "montage"]);
    let forced = command
        .env_remove("NO_COLOR")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(text(&forced).contains("\x1b[1;31m"));
    let quiet = archive.run(&["search", "montage", "-v"]);
    assert!(errors(&quiet).contains("answered in"), "{}", errors(&quiet));
}

#[test]
fn lines_fit_forty_columns_whatever_the_script() {
    let archive = Archive::new();
    archive.write(
        "posts/a.jsonl",
        "{\"title\": \"夜の首都高で聴くカセットテープの長い長い長い長い題名\", \"text\": \"東京の夜に流れるカセットテープの音はいつも少しだけ遅れて聞こえてくるのだった。Zu\u{308}rich liegt am See und die Kassette ist aus Helsinki.\", \"comments\": [{\"author\": \"由美\", \"text\": \"傘が一本なくなりました。カセットも一本なくなりましたが、それは別の話です。\"}]}\n",
    );
    archive.run(&["index", "posts"]);
    for args in [
        vec!["search", "カセットテープ"],
        vec!["show", "夜の首都高"],
        vec!["stats"],
        vec!["bench", "--seconds", "0", "--each", "1"],
    ] {
        let output = archive
            .command(&args)
            .env("COLUMNS", "40")
            .output()
            .unwrap();
        let shown = text(&output);
        assert!(
            shown.lines().count() > 5,
            "{args:?}: {shown}{}",
            errors(&output)
        );
        for line in shown.lines() {
            let blanks = line.trim_start().contains(' ');
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(wide <= 40 || !blanks, "{args:?}: {wide} columns: {line}");
        }
    }
}

#[test]
fn quiet_runs_tell_what_went_wrong_and_nothing_else() {
    let archive = Archive::new();
    archive.write(
        "posts/a.jsonl",
        "{\"title\": \"One\", \"body\": \"Some words.\"}\n",
    );
    let run = archive.run(&["index", "posts", "--quiet"]);
    assert_eq!(
        (code(&run), text(&run), errors(&run)),
        (0, String::new(), String::new())
    );
    archive.write(
        "posts/b.jsonl",
        "{\"title\": \"Two\", \"body\": \"More words.\"}\n{\"title\": 3,\n",
    );
    let run = archive.run(&["index", "posts", "--quiet"]);
    assert_eq!((code(&run), text(&run)), (4, String::new()));
    assert!(errors(&run).starts_with("failed: "), "{}", errors(&run));
    let run = archive.run(&["index", "--quiet", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["posts"], 2);
    assert!(text(&archive.run(&["search", "words", "--quiet"])).starts_with("2 posts"));
}
