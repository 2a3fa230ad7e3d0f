//! What does the user want done?
//!
//! In: arguments and the environment. Out: commands run, bytes on stdout, messages on stderr, an exit
//! code. The only place besides `output` that prints. Must not hold logic that a library user would miss.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use deepcut::config::{Config, Given};

mod alias;
mod artists;
mod bench;
mod complete;
mod config;
mod crawl;
mod doctor;
mod eval;
mod help;
mod index;
mod inspect;
mod interrupt;
mod memory;
mod plain;
mod progress;
mod search;
mod session;
mod show;
mod similar;
mod stats;
mod tracks;
mod trouble;

use session::Session;

#[global_allocator]
static ALLOCATOR: memory::Allocator = memory::Allocator;

/// Found, or done.
const FOUND: u8 = 0;
/// Nothing found, something wrong, or below a floor.
const NOTHING: u8 = 1;
/// Wrong usage, or input and output failed.
const TROUBLE: u8 = 2;
/// No usable index, and nothing to build one from.
const NO_INDEX: u8 = 3;
/// Finished, with documents that could not be read.
const WITH_FAILURES: u8 = 4;
/// Interrupted; what was done is kept.
const INTERRUPTED: u8 = 130;

/// Full-text search for blog archives, music blogs first: posts, track listings and comments.
#[derive(Parser)]
#[command(
    name = "deepcut",
    propagate_version = true,
    disable_help_subcommand = true,
    after_long_help = help::ROOT
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Default)]
#[cfg_attr(test, derive(Debug))]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// Folder that holds the index [default: index]
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true, add = complete::folders())]
    index: Option<PathBuf>,
    /// How the answer is written: text, json, jsonl, csv or markdown
    #[arg(long, global = true, value_enum, default_value_t = FormatName::Text, value_name = "FORMAT", hide_short_help = true, hide_default_value = true, hide_possible_values = true)]
    format: FormatName,
    /// The same as --format json
    #[arg(long, global = true, conflicts_with = "format", hide_short_help = true)]
    json: bool,
    /// No progress, no report, no messages: what went wrong only
    #[arg(long, short, global = true, hide_short_help = true)]
    quiet: bool,
    /// Say more on stderr
    #[arg(
        long,
        short,
        global = true,
        conflicts_with = "quiet",
        hide_short_help = true
    )]
    verbose: bool,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        hide_short_help = true,
        hide_possible_values = true
    )]
    color: Option<When>,
    /// Never show the answer in a pager
    #[arg(long, global = true, hide_short_help = true)]
    no_pager: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[cfg_attr(test, derive(Debug))]
enum FormatName {
    #[default]
    Text,
    Json,
    Jsonl,
    Csv,
    Markdown,
}

impl FormatName {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[cfg_attr(test, derive(Debug))]
enum When {
    Auto,
    Always,
    Never,
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Ask the archive: posts, rows and comments that match, best first
    Search(search::Search),
    /// Index folders and files, or bring the index up to date
    Index(index::Index),
    /// Bring a living blog into the archive and into the index
    Crawl(crawl::Crawl),
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
    /// Measure how fast queries are answered, or an index is built
    Bench(bench::Bench),
    /// Check the index, its files and its sources, and say what to do
    Doctor(doctor::Doctor),
    /// Build a damaged index again from its sources
    Repair(doctor::Repair),
    /// Measure how right deepcut is, against labels
    #[command(subcommand)]
    Eval(eval::Eval),
    /// Show every setting with its value and where that came from
    Config(config::Config),
    /// Print what makes a shell complete commands, fields and names
    Completions(complete::Completions),
    /// Print the manual pages
    Man(help::Man),
    /// Explain a command, or the query language
    Help(help::Help),
}

impl Command {
    /// True for commands that are over in a moment, most of the time.
    fn is_brief(&self) -> bool {
        !matches!(
            self,
            Self::Index(_)
                | Self::Crawl(_)
                | Self::Stats(_)
                | Self::Bench(_)
                | Self::Doctor(_)
                | Self::Repair(_)
                | Self::Eval(_)
        )
    }
}

/// The command with everything that is known only when the program runs.
fn command(short_help: bool) -> clap::Command {
    help::dress(Cli::command(), short_help)
}

/// What is asked for most, understood without building every other command: that takes as long as a search of a small archive.
/// `None` where it is anything else, help, or a mistake, which the whole command tells of.
fn quickly(args: &[OsString]) -> Option<Cli> {
    type Build = fn(clap::Command) -> clap::Command;
    let (name, build): (_, Build) = match args.get(1)?.to_str()? {
        "search" => ("search", search::Search::augment_args),
        "tracks" => ("tracks", tracks::Tracks::augment_args),
        "show" => ("show", show::Show::augment_args),
        "artist" => ("artist", artists::Artist::augment_args),
        "similar" => ("similar", similar::Similar::augment_args),
        "index" => ("index", index::Index::augment_args),
        _ => return None,
    };
    let parser = Global::augment_args(clap::Command::new("deepcut"))
        .disable_help_subcommand(true)
        .subcommand(build(clap::Command::new(name)));
    let found = parser.try_get_matches_from(search::mark_words(args.to_vec()));
    Cli::from_arg_matches(&found.ok()?).ok()
}

/// Understands the arguments.
fn understand(args: &[OsString]) -> clap::error::Result<Cli> {
    if let Some(cli) = plain::understand(args).or_else(|| quickly(args)) {
        return Ok(cli);
    }
    let color = session::colored(&help::color_of(args), io::stderr().is_terminal());
    let parser = command(args.iter().any(|arg| arg == "-h")).color(if color {
        clap::ColorChoice::Always
    } else {
        clap::ColorChoice::Never
    });
    parser
        .try_get_matches_from(search::mark_words(args.to_vec()))
        .and_then(|found| Cli::from_arg_matches(&found))
}

/// Runs the program: parses arguments, runs the command, reports errors.
pub fn main() -> ExitCode {
    memory::keep_freed();
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = complete::answer(&args) {
        return code;
    }
    let cli = match understand(&args) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(trouble::usage(&error, &args)),
    };
    let mut global = cli.global;
    if global.json {
        global.format = FormatName::Json;
    }
    let json = matches!(global.format, FormatName::Json | FormatName::Jsonl);
    let told = trouble::contain(|| run(global, &cli.command));
    memory::leave(match told {
        Ok(code) => code,
        Err(error) => trouble::report(&error, json),
    })
}

fn run(global: Global, command: &Command) -> anyhow::Result<u8> {
    let cwd = std::env::current_dir().unwrap_or_default();
    let mut given: Vec<Given<'_>> = Vec::new();
    if let Some(index) = &global.index {
        given.push(("index", index.clone().into_os_string(), "--index"));
    }
    if let Some(when) = global.color {
        given.push(("color", when.name().into(), "--color"));
    }
    if global.no_pager {
        given.push(("pager", "never".into(), "--no-pager"));
    }
    let config = match Config::load(&given, &cwd, &|name| std::env::var(name).ok()) {
        // Who asks for help may need it for the very settings that are wrong.
        Err(_)
            if matches!(
                command,
                Command::Help(_) | Command::Man(_) | Command::Completions(_)
            ) =>
        {
            Config::defaults()?
        }
        other => other?,
    };
    let session = Session::new(global, config);
    if !command.is_brief() {
        memory::for_long();
    }
    match command {
        Command::Search(args) => search::run(&session, args),
        Command::Index(args) => index::run(&session, args),
        Command::Crawl(args) => crawl::run(&session, args),
        Command::Inspect(args) => inspect::run(&session, args),
        Command::Show(args) => show::run(&session, args),
        Command::Similar(args) => similar::run(&session, args),
        Command::Tracks(args) => tracks::list(&session, args),
        Command::Artists(args) => artists::list(&session, args),
        Command::Artist(args) => artists::page(&session, args),
        Command::Alias(args) => alias::run(&session, args),
        Command::Export(args) => tracks::export(&session, args),
        Command::Stats(args) => stats::run(&session, args),
        Command::Bench(args) => bench::run(&session, args),
        Command::Eval(args) => eval::run(&session, args),
        Command::Doctor(args) => doctor::run(&session, args),
        Command::Repair(args) => doctor::repair(&session, args),
        Command::Config(_) => config::run(&session),
        Command::Completions(args) => complete::run(args),
        Command::Man(args) => help::man(&session, args),
        Command::Help(args) => help::help(&session, args),
    }
}
