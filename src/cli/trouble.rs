//! Errors on stderr, and their exit codes.
//!
//! In: an error of a command or of the arguments. Out: what is wrong, where, and the next thing to try; one
//! JSON object where JSON was asked for.

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use deepcut::error::Error;
use deepcut::model::hidden;
use deepcut::output;

use super::{FOUND, NO_INDEX, TROUBLE};

/// What a panic said last, and where.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs a command. A panic is an error like any other: said in words, with what to do next. Who looks for its
/// cause sets `RUST_BACKTRACE`.
pub(super) fn contain(command: impl FnOnce() -> anyhow::Result<u8>) -> anyhow::Result<u8> {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|panic| {
            let mut last = PANIC.lock().unwrap_or_else(PoisonError::into_inner);
            *last = panic.to_string().replace('\n', " ");
        }));
    }
    std::panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|panic| {
        let last = PANIC.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match last.as_str() {
            "" => Error::of_panic(&*panic),
            what => Error::Internal {
                what: what.to_owned(),
            },
        };
        Err(error.into())
    })
}

/// Prints an error and chooses its exit code. A broken pipe is no error.
pub(super) fn report(error: &anyhow::Error, json: bool) -> u8 {
    let pipe = error
        .chain()
        .filter_map(|e| e.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe);
    if pipe {
        return FOUND;
    }
    let other;
    let known = match error.downcast_ref::<Error>() {
        Some(known) => known,
        None => {
            other = Error::usage(format!("{error:#}"), "");
            &other
        }
    };
    if json {
        let _ = writeln!(io::stderr(), "{}", output::error_json(known));
    } else {
        say(&known.to_string(), &known.hint());
    }
    match known {
        Error::NoIndex { .. }
        | Error::Damaged { .. }
        | Error::OtherVersion { .. }
        | Error::SourcesUnknown { .. } => NO_INDEX,
        _ => TROUBLE,
    }
}

fn say(message: &str, hint: &str) {
    let mut stderr = io::stderr();
    let _ = writeln!(stderr, "error: {}", output::safe(message));
    if !hint.is_empty() {
        let _ = writeln!(stderr, "hint: {}", output::safe(hint));
    }
}

/// Prints what is wrong with the arguments, or the help that was asked for.
pub(super) fn usage(error: &clap::Error, args: &[OsString]) -> u8 {
    let asked = !error.use_stderr();
    if asked || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return if asked { FOUND } else { TROUBLE };
    }
    if asks_json(args) {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let tip = text.lines().find_map(|l| l.trim().strip_prefix("tip: "));
        let hint = words_to_search(error, args)
            .or_else(|| tip.map(str::to_owned))
            .unwrap_or_else(|| "see `deepcut --help`".to_owned());
        let known = Error::usage(message, hint);
        let _ = writeln!(io::stderr(), "{}", output::error_json(&known));
        return TROUBLE;
    }
    // It repeats what was typed, or what a shell made of a pattern.
    let odd = |arg: &&OsString| hidden(&arg.to_string_lossy()).next().is_some();
    if args.iter().any(|arg| odd(&arg)) {
        let mut text = error.render().to_string();
        for arg in args.iter().filter(|arg| odd(arg)) {
            let arg = arg.to_string_lossy();
            let value = arg.split_once('=').map_or(&*arg, |(_, value)| value);
            text = text.replace(value, &output::safe(value));
        }
        let lines: Vec<_> = text.trim_end().split('\n').map(output::safe).collect();
        let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
    } else {
        let _ = error.print();
    }
    if let Some(hint) = words_to_search(error, args) {
        let _ = writeln!(io::stderr(), "\nhint: {}", output::safe(&hint));
    }
    TROUBLE
}

/// Who leaves out the command wants to search, unless the word is near the name of one.
fn words_to_search(error: &clap::Error, args: &[OsString]) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    if let Some(ContextValue::Strings(near)) = error.get(ContextKind::SuggestedSubcommand)
        && !near.is_empty()
    {
        return None;
    }
    let words: Vec<String> = args
        .iter()
        .skip(1)
        .filter_map(|a| a.to_str())
        .map(quoted)
        .collect();
    Some(format!(
        "to look for these words: `deepcut search {}`",
        words.join(" ")
    ))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// True where the arguments ask for JSON, also where they cannot be understood otherwise.
fn asks_json(args: &[OsString]) -> bool {
    let mut before = "";
    for arg in args.iter().filter_map(|a| a.to_str()) {
        let value = arg.strip_prefix("--format=");
        let value = value.or_else(|| Some(arg).filter(|_| before == "--format"));
        if arg == "--json" || matches!(value, Some("json" | "jsonl")) {
            return true;
        }
        before = arg;
    }
    false
}
