//! What `-h`, `--help`, `--version`, `help` and `man` say.
//!
//! In: the command as its structures describe it. Out: the same with commands in groups, examples first and
//! the versions that matter; manual pages. Must not know what commands do.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::{Args, Command};
use clap_mangen::Man as Page;
use deepcut::engine::tantivy::FORMAT_VERSION;
use deepcut::error::Error;
use deepcut::output::SCHEMA;

use super::{FOUND, Session, command, complete};

pub(super) const ROOT: &str = "\
Examples:
  deepcut index posts/                     index an archive; again: only what changed
  deepcut crawl https://blog.example/ --into posts/  bring a living blog into it
  deepcut search Robert Tepper             posts, rows and comments that name him
  deepcut search 'artist:tepper track:easy'  one row that has both
  deepcut tracks tag:soundtrack date:1985  the rows as a list
  deepcut artist Survivor                  one artist: rows, mentions, years, company
  deepcut help query                       the query language

Exit codes: 0 found or done; 1 nothing found, something wrong (doctor), or below a floor; 2 usage or I/O error; 3 no usable index and
nothing to build it from; 4 finished with documents that could not be read; 130 interrupted.

Settings: flags, then DEEPCUT_* variables, then the nearest deepcut.toml upward, then the user's own;
`deepcut config` shows them all. Data goes to stdout, everything else to stderr.";

/// The page that describes the query language.
const QUERY: &str = include_str!("../../docs/query.md");

/// Commands by what they are for. What stands in no group is shown under the last one.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Ask",
        &["search", "show", "similar", "tracks", "artists", "artist"],
    ),
    (
        "Keep",
        &[
            "index", "crawl", "inspect", "alias", "export", "doctor", "repair",
        ],
    ),
    ("Measure", &["stats", "bench", "eval"]),
    ("More", &["config", "completions", "man", "help"]),
];

/// What stands under the short help of every command in place of these options.
const GLOBAL: &str = "\
Options of every command: --index DIR, --format FORMAT, --json, -q, -v,
--color WHEN, --no-pager; `deepcut --help` explains them";

/// Groups from this one on are a line of names in short help.
const SHORTENED: usize = 2;

/// Puts in what the structures cannot say. Short help is one screen of 80 × 24.
pub(super) fn dress(root: Command, short: bool) -> Command {
    let version = format!(
        "{} (index format {FORMAT_VERSION}, JSON schema {SCHEMA})",
        env!("CARGO_PKG_VERSION")
    );
    let groups = groups(&root, short);
    let rest = if short {
        GLOBAL.to_owned()
    } else {
        let title = heading("Options of every command");
        format!("\n{title}\n{{options}}{{after-help}}")
    };
    lead_with_examples(root.version(version)).help_template(StyledStr::from(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n{groups}{rest}"
    )))
}

fn heading(text: &str) -> String {
    format!("\x1b[1m\x1b[4m{text}:\x1b[0m")
}

fn groups(root: &Command, short: bool) -> String {
    let named = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let mut out = String::new();
    for (at, (title, names)) in GROUPS.iter().enumerate() {
        let mut shown: Vec<&Command> = Vec::new();
        shown.extend(names.iter().filter_map(|n| root.find_subcommand(n)));
        if at + 1 == GROUPS.len() {
            let others = root.get_subcommands();
            shown.extend(others.filter(|c| !named(c.get_name()) && !c.is_hide_set()));
        }
        if short && at >= SHORTENED {
            let names: Vec<&str> = shown.iter().map(|one| one.get_name()).collect();
            let _ = writeln!(out, "{} {}", heading(title), names.join(", "));
            continue;
        }
        let _ = writeln!(out, "{}{}", if short { "" } else { "\n" }, heading(title));
        for one in shown {
            let about = one.get_about().map(ToString::to_string);
            let _ = writeln!(
                out,
                "  \x1b[1m{:<12}\x1b[0m {}",
                one.get_name(),
                about.unwrap_or_default()
            );
        }
    }
    out
}

/// Long help begins with examples: they stand behind the options in the structures.
fn lead_with_examples(mut one: Command) -> Command {
    let names: Vec<String> = one
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in names {
        one = one.mut_subcommand(name, |one| lead_with_examples(one.after_help(GLOBAL)));
    }
    let behind = one.get_after_long_help().map(ToString::to_string);
    let Some(behind) = behind.filter(|text| text.starts_with("Examples:")) else {
        return one;
    };
    let about = one.get_about().map(ToString::to_string).unwrap_or_default();
    let (examples, rest) = behind.split_once("\n\n").unwrap_or((&behind, ""));
    let one = one.long_about(format!("{about}\n\n{examples}"));
    if rest.is_empty() {
        one.after_long_help("")
    } else {
        one.after_long_help(flowing(rest))
    }
}

/// Prose whose lines are as long as the terminal has room for: those that are broken in the source are put
/// together again. What is indented stays as it is.
fn flowing(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        if paragraph.starts_with("  ") {
            paragraph.to_owned()
        } else {
            paragraph.replace('\n', " ")
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// The word after `--color`, also where the rest of the arguments cannot be understood.
pub(super) fn color_of(args: &[OsString]) -> String {
    let mut before = "";
    for arg in args.iter().filter_map(|a| a.to_str()) {
        if before == "--color" {
            return arg.to_owned();
        }
        if let Some(value) = arg.strip_prefix("--color=") {
            return value.to_owned();
        }
        before = arg;
    }
    String::new()
}

/// Explain a command, or the query language.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut help query
  deepcut help search
  deepcut help alias join")]
pub(super) struct Help {
    /// A command, or `query`
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

pub(super) fn help(session: &Session, args: &Help) -> anyhow::Result<u8> {
    if matches!(args.topic.as_slice(), [topic] if topic == "query") {
        session.page(QUERY.as_bytes())?;
        return Ok(FOUND);
    }
    let mut found = command(false);
    found.build();
    for topic in &args.topic {
        let names: Vec<String> = found
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .chain([String::from("query")])
            .collect();
        let Some(next) = found.find_subcommand(topic) else {
            let near = names
                .iter()
                .map(|name| (strsim::jaro_winkler(name, topic), name))
                .filter(|(score, _)| *score >= 0.7)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let hint = match near {
                Some((_, name)) => format!("did you mean `deepcut help {name}`?"),
                None => format!("the topics are {}", names.join(", ")),
            };
            return Err(Error::usage(format!("there is no help on {topic}"), hint).into());
        };
        found = next.clone();
    }
    let text = found.render_long_help();
    let text = if session.screen.color {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    session.page(text.as_bytes())?;
    Ok(FOUND)
}

/// Print the manual pages.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  deepcut man | man -l -
  deepcut man search | man -l -
  deepcut man --into ~/.local/share/man/man1    all pages, deepcut.1 and one a command")]
pub(super) struct Man {
    /// The command whose page to print [default: the page of deepcut itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command", add = complete::folders())]
    into: Option<PathBuf>,
}

pub(super) fn man(session: &Session, args: &Man) -> anyhow::Result<u8> {
    let mut root = command(false);
    if let Some(dir) = &args.into {
        std::fs::create_dir_all(dir).map_err(|e| Error::io("writing", dir, e))?;
        clap_mangen::generate_to(root, dir).map_err(|e| Error::io("writing", dir, e))?;
        session.say(&format!("the pages are in {}", dir.display()));
        return Ok(FOUND);
    }
    root.build();
    let mut found = root;
    for name in &args.command {
        let Some(next) = found.find_subcommand(name) else {
            return Err(Error::usage(
                format!("there is no command {name}"),
                "`deepcut help` lists the commands",
            )
            .into());
        };
        found = next.clone();
    }
    let mut out = Vec::new();
    Page::new(found)
        .manual("deepcut manual")
        .source(format!("deepcut {}", env!("CARGO_PKG_VERSION")))
        .render(&mut out)?;
    use std::io::Write as _;
    std::io::stdout().lock().write_all(&out)?;
    Ok(FOUND)
}
