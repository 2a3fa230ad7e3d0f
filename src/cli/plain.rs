//! A search as most people ask for it, understood at once.
//!
//! In: arguments. Out: what the parser of arguments would make of them, or `None` where that is for it to say. Building
//! the parser took a tenth of a whole search. A test holds the two together.

use std::ffi::OsString;

use clap::ValueEnum;

use super::search::{Search, WORD, is_negation};
use super::{Cli, Command, FormatName, Global};

/// Words, `--index`, `-n`, and how the answer is written; anything else is left to the parser.
pub(super) fn understand(args: &[OsString]) -> Option<Cli> {
    let mut global = Global::default();
    let mut search = Search::default();
    let mut asking = false;
    let mut format = None;
    let mut args = args.iter().skip(1).map(|arg| arg.to_str());
    while let Some(arg) = args.next() {
        let arg = arg?;
        match arg {
            "--index" => once(&mut global.index, value(args.next())?.into())?,
            "--format" => once(
                &mut format,
                FormatName::from_str(value(args.next())?, false).ok()?,
            )?,
            "--json" => flag(&mut global.json)?,
            "--quiet" | "-q" => flag(&mut global.quiet)?,
            "--no-pager" => flag(&mut global.no_pager)?,
            "search" if !asking => asking = true,
            _ if !asking => return None,
            "--limit" | "-n" => once(&mut search.limit, number(value(args.next())?)?)?,
            "--exact" => flag(&mut search.exact)?,
            _ if is_negation(arg) => search.words.push(format!("{WORD}{arg}")),
            _ if arg.starts_with('-') => return None,
            _ => search.words.push(arg.to_owned()),
        }
    }
    // The parser says what is wrong with both.
    if !asking || global.json && format.is_some() {
        return None;
    }
    global.format = format.unwrap_or_default();
    Some(Cli {
        global,
        command: Command::Search(search),
    })
}

/// What follows an option.
fn value(arg: Option<Option<&str>>) -> Option<&str> {
    arg.flatten()
        .filter(|value| !value.starts_with('-') && !value.is_empty())
}

fn number(value: &str) -> Option<usize> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    value.parse().ok().filter(|_| digits)
}

/// Takes a value that may be given once.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// Takes a flag that may be given once.
fn flag(place: &mut bool) -> Option<()> {
    (!std::mem::replace(place, true)).then_some(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::FromArgMatches;
    use proptest::prelude::*;

    use super::super::{Cli, Command, command, search};
    use super::understand;

    fn parsed(args: &[OsString]) -> Option<Cli> {
        let found = command(false).try_get_matches_from(search::mark_words(args.to_vec()));
        Cli::from_arg_matches(&found.ok()?).ok()
    }

    fn said(cli: &Cli) -> String {
        match &cli.command {
            Command::Search(search) => format!("{:?} {search:?}", cli.global),
            _ => "another command".to_owned(),
        }
    }

    #[test]
    fn what_most_people_ask_is_understood_at_once() {
        for (asked, is) in [
            ("deepcut search Robert Tepper", true),
            ("deepcut search tepper -live -n 3", true),
            ("deepcut --index a/b search tepper --format json", true),
            ("deepcut search tepper --index a --json --exact", true),
            ("deepcut search", true),
            ("deepcut search search", true),
            ("deepcut search tepper --facets", false),
            ("deepcut search tepper --json --format csv", false),
            ("deepcut search -n five tepper", false),
            ("deepcut search --index", false),
            ("deepcut search -- -x", false),
            ("deepcut tepper", false),
            ("deepcut", false),
            ("deepcut search --help", false),
            ("deepcut -n 3 search tepper", false),
        ] {
            let args: Vec<OsString> = asked.split(' ').map(OsString::from).collect();
            assert_eq!(understand(&args).is_some(), is, "{asked}");
        }
    }

    /// Words, and options with their values.
    const PIECES: &[&str] = &[
        "tepper",
        "Robert|Tepper",
        "\"no easy\"",
        "-live",
        "-qv",
        "-1",
        "+3",
        "a=b",
        "artist:x",
        "é",
        "search",
        "tracks",
        "help",
        "-n|3",
        "-n|007",
        "--limit|12",
        "-n|+3",
        "-n|x",
        "-n|99999999999999999999",
        "--index|x",
        "--index|-x",
        "--format|json",
        "--format|csv",
        "--format|JSON",
        "--json",
        "--quiet",
        "-q",
        "--no-pager",
        "--exact",
    ];
    /// What is left to the parser, and what is wrong.
    const OTHER: &[&str] = &[
        "",
        "-",
        "--",
        "-n5",
        "-n",
        "--index",
        "--index=x",
        "--limit=2",
        "--format",
        "-v",
        "-h",
        "--help",
        "--offset|3",
        "--color|never",
        "--from|x",
        "--no-such",
    ];

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

        #[test]
        fn it_is_what_the_parser_makes_of_it(
            before in proptest::collection::vec(proptest::sample::select(PIECES), 0..2),
            after in proptest::collection::vec(proptest::sample::select(PIECES), 0..5),
            other in proptest::option::weighted(0.2, proptest::sample::select(OTHER)),
        ) {
            let pieces = ["deepcut"].into_iter().chain(before).chain(["search"]).chain(after).chain(other);
            let args: Vec<OsString> = pieces.flat_map(|piece| piece.split('|')).map(OsString::from).collect();
            if let Some(plain) = understand(&args) {
                let parsed = parsed(&args);
                prop_assert_eq!(Some(said(&plain)), parsed.as_ref().map(said), "{:?}", args);
            }
        }
    }
}
