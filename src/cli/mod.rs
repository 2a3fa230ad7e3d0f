//! What does the user want done?
//!
//! In: arguments and the environment. Out: commands run, bytes on stdout, messages on stderr, an exit
//! code. The only place besides `output` that prints. Must not hold logic that a library user would miss.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use deepcut::config::Config;
use deepcut::error::Error;
use deepcut::output::{self, Answer, Screen};

mod alias;
mod artists;
mod eval;
mod index;
mod inspect;
mod progress;
mod search;
mod show;
mod similar;
mod stats;
mod tracks;

/// Found, or done.
const FOUND: u8 = 0;
/// Nothing found, or below a floor.
const NOTHING: u8 = 1;
/// Wrong usage, or input and output failed.
const TROUBLE: u8 = 2;
/// No usable index, and nothing to build one from.
const NO_INDEX: u8 = 3;
/// Finished, with documents that could not be read.
const WITH_FAILURES: u8 = 4;
/// Interrupted; what was done is kept.
const INTERRUPTED: u8 = 130;

const AFTER_HELP: &str = "\
Exit codes: 0 found or done; 1 nothing found; 2 usage or I/O error; 3 no index and nothing to build it
from; 4 finished with documents that could not be read; 130 interrupted.";

/// Full-text search for blog archives, music blogs first: posts, track listings and comments.
#[derive(Parser)]
#[command(name = "deepcut", version, after_help = AFTER_HELP, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Clone)]
struct Global {
    /// Folder that holds the index [default: $DEEPCUT_INDEX, deepcut.toml, ./index]
    #[arg(long, global = true, value_name = "DIR")]
    index: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, global = true, value_enum, default_value_t = FormatName::Text, value_name = "FORMAT")]
    format: FormatName,
    /// No progress and no messages; errors only
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more on stderr: every skipped document too
    #[arg(long, short, global = true)]
    verbose: bool,
    /// When to use colours and links
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Text,
    Json,
    Jsonl,
    Csv,
    Markdown,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the archive: posts, track rows and comments that match, best first
    Search(search::Search),
    /// Index folders and files, or bring the index up to date
    Index(index::Index),
    /// Show what deepcut understands of a file, without an index
    Inspect(inspect::Inspect),
    /// Print one post of the index
    Show(show::Show),
    /// Find posts like one, and say what they have in common
    Similar(similar::Similar),
    /// List the track rows that match
    Tracks(tracks::Tracks),
    /// List the artists
    Artists(artists::Artists),
    /// Show what the archive has of one artist
    Artist(artists::Artist),
    /// Say which names are one artist
    #[command(subcommand)]
    Alias(alias::Alias),
    /// Write the track rows that match as a playlist
    Export(tracks::Export),
    /// Count what the index holds
    Stats(stats::Stats),
    /// Measure deepcut against labelled documents
    #[command(subcommand)]
    Eval(eval::Eval),
}

/// Where and how a command writes.
struct Session {
    global: Global,
    config: Config,
    screen: Screen,
}

impl Session {
    /// Writes an answer to stdout. A reader that went away is no error.
    fn write(&self, answer: &Answer<'_>) -> anyhow::Result<()> {
        let name = match self.global.format {
            FormatName::Text => "text",
            FormatName::Json => "json",
            FormatName::Jsonl => "jsonl",
            FormatName::Csv => "csv",
            FormatName::Markdown => "markdown",
        };
        let format = output::format(name)
            .ok_or_else(|| Error::usage(format!("no format {name}"), "see --help"))?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        format.write(answer, &self.screen, &mut out)?;
        out.flush()?;
        Ok(())
    }

    /// A message for people, on stderr.
    fn say(&self, text: &str) {
        if !self.global.quiet {
            let _ = writeln!(io::stderr(), "{}", output::safe(text));
        }
    }

    /// True where stderr is a terminal that may show progress.
    fn animated(&self) -> bool {
        !self.global.quiet
            && io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
    }
}

/// Runs the program: parses arguments, runs the command, reports errors.
pub fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    if search::is_help(&args) {
        let _ = io::stdout().write_all(search::HELP.as_bytes());
        return ExitCode::from(FOUND);
    }
    let cli = match Cli::command()
        .try_get_matches_from(search::mark_words(args))
        .and_then(|m| Cli::from_arg_matches(&m))
    {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { TROUBLE } else { FOUND });
        }
    };
    let json = matches!(cli.global.format, FormatName::Json | FormatName::Jsonl);
    ExitCode::from(match run(cli) {
        Ok(code) => code,
        Err(error) => report(&error, json),
    })
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    let cwd = std::env::current_dir().unwrap_or_default();
    let config = Config::load(cli.global.index.as_deref(), &cwd, &|name| {
        std::env::var(name).ok()
    })?;
    let session = Session {
        screen: screen(cli.global.color),
        global: cli.global,
        config,
    };
    match cli.command {
        Command::Search(args) => search::run(&session, &args),
        Command::Index(args) => index::run(&session, &args),
        Command::Inspect(args) => inspect::run(&session, &args),
        Command::Show(args) => show::run(&session, &args),
        Command::Similar(args) => similar::run(&session, &args),
        Command::Tracks(args) => tracks::list(&session, &args),
        Command::Artists(args) => artists::list(&session, &args),
        Command::Artist(args) => artists::page(&session, &args),
        Command::Alias(args) => alias::run(&session, &args),
        Command::Export(args) => tracks::export(&session, &args),
        Command::Stats(args) => stats::run(&session, &args),
        Command::Eval(args) => eval::run(&session, &args),
    }
}

/// Prints an error and chooses its exit code. A broken pipe is no error.
fn report(error: &anyhow::Error, json: bool) -> u8 {
    let pipe = error
        .chain()
        .filter_map(|e| e.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe);
    if pipe {
        return FOUND;
    }
    let mut stderr = io::stderr();
    match error.downcast_ref::<Error>() {
        Some(known) => {
            if json {
                let _ = writeln!(stderr, "{}", output::error_json(known));
            } else {
                let _ = writeln!(stderr, "error: {}", output::safe(&known.to_string()));
                let hint = known.hint();
                if !hint.is_empty() {
                    let _ = writeln!(stderr, "hint: {}", output::safe(&hint));
                }
            }
            match known {
                Error::NoIndex { .. }
                | Error::Damaged { .. }
                | Error::OtherVersion { .. }
                | Error::SourcesUnknown { .. } => NO_INDEX,
                _ => TROUBLE,
            }
        }
        None => {
            let _ = writeln!(stderr, "error: {}", output::safe(&format!("{error:#}")));
            TROUBLE
        }
    }
}

/// What stdout is shown on, by the usual rules: `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, then
/// whether it is a terminal that is not dumb.
fn screen(when: When) -> Screen {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let terminal = io::stdout().is_terminal();
    let smart = terminal && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    let color = match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto
            if std::env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") =>
        {
            true
        }
        When::Auto => smart,
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let width = if terminal {
        terminal_size::terminal_size().map_or(80, |(w, _)| usize::from(w.0))
    } else {
        columns.unwrap_or(Screen::PLAIN.width)
    };
    Screen {
        width: width.max(40),
        color,
        links: color && smart,
    }
}
