//! `deepcut completions`, and what a shell asks for when a key is pressed.
//!
//! In: the word before the cursor, the index. Out: commands and flags; fields of the query language; artists,
//! tags, authors, sites and sources as the index has them. Must be quick, and silent where there is no index.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Args, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{EnvCompleter, Fish, Powershell, Zsh};
use deepcut::artist;
use deepcut::config::Config;
use deepcut::engine::tantivy::{Column, TantivyReader};
use deepcut::model::hidden;
use deepcut::pipeline;

use super::{FOUND, search};

/// Set to the name of the shell when a shell asks.
pub(super) const VARIABLE: &str = "DEEPCUT_COMPLETE";

/// The shell that asks: the variable is taken away before values are looked for.
static SHELL: OnceLock<String> = OnceLock::new();

/// Answers a shell that asks; `None` where none does.
pub(super) fn answer(args: &[OsString]) -> Option<ExitCode> {
    let shell = std::env::var(VARIABLE).ok()?;
    let _ = SHELL.set(shell);
    // Negations are words of a query here too, not heaps of short flags.
    let args = search::mark_words(args.to_vec());
    let cwd = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(|| super::command(false))
        .var(VARIABLE)
        .bin("deepcut")
        .try_complete(args, cwd.as_deref());
    match answered {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => error.exit(),
    }
}

/// Values that are offered at once.
const MOST: usize = 200;

/// Fields of the query language, with what stands behind them.
const FIELDS: &[(&str, &str)] = &[
    ("artist:", "who a row credits"),
    ("track:", "title of a row"),
    ("title:", "title of a post"),
    ("body:", "prose"),
    ("comment:", "text of a comment"),
    ("by:", "who wrote a comment"),
    ("author:", "who wrote a post"),
    ("tag:", "tag of a post"),
    ("site:", "blog"),
    ("lang:", "language: en, de, …"),
    ("date:", "1985, 1985-03, 1985..1987"),
    ("after:", "later than a date"),
    ("before:", "earlier than a date"),
    ("likes:", "3, >3, 2..5"),
    ("has:", "tracks or comments"),
    ("in:", "which kind must match"),
    ("sort:", "order of the posts"),
];

const WORDS: &[(&str, &[&str])] = &[
    ("has:", &["tracks", "comments"]),
    ("in:", &["posts", "tracks", "comments"]),
    ("sort:", &["relevance", "newest", "oldest", "comments"]),
];

const COLUMNS: &[(&str, Column)] = &[
    ("artist:", Column::Artist),
    ("tag:", Column::Tag),
    ("author:", Column::Author),
    ("site:", Column::Site),
    ("lang:", Column::Language),
    ("by:", Column::Commenter),
];

/// Print what makes a shell complete commands, fields and names.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  eval \"$(deepcut completions bash)\"             in ~/.bashrc
  eval \"$(deepcut completions zsh)\"              in ~/.zshrc, behind compinit
  deepcut completions fish | source              in ~/.config/fish/config.fish
  deepcut completions powershell | Out-String | Invoke-Expression    in $PROFILE

Then a tab completes commands and flags, the fields of a query, and the artists, tags, authors and sites that
your index has: deepcut search artist:rob<Tab>")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

/// bash parts words at colons, and replaces only what stands behind the last one: the words are put together
/// again, and the answers cut.
const BASH: &str = r#"_deepcut() {
    local words=() word before="" cut="" IFS=$' \t\n'
    local i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if ((i > 0)) && { [[ $word == [:=]* ]] || [[ $before == *[:=] ]]; } && ((${#words[@]} > 1)); then
            words[${#words[@]}-1]+="$word"
        else
            words+=("$word")
        fi
        before="${words[${#words[@]}-1]}"
    done
    local index=$((${#words[@]} - 1))
    local current="${words[index]}"
    if [[ $COMP_WORDBREAKS == *:* && $current == *:* ]]; then
        cut="${current%"${current##*:}"}"
    fi
    IFS=$'\n'
    COMPREPLY=( $( _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX="$index" VARIABLE=bash deepcut -- "${words[@]}" 2>/dev/null ) )
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]="${COMPREPLY[i]#"$cut"}"
        [[ ${COMPREPLY[i]} == *[=/:] ]] || COMPREPLY[i]+=" "
    done
}
complete -o nospace -o bashdefault -F _deepcut deepcut
"#;

pub(super) fn run(args: &Completions) -> anyhow::Result<u8> {
    let mut out = Vec::new();
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => {
            out.extend_from_slice(BASH.replace("VARIABLE", VARIABLE).as_bytes());
            std::io::stdout().lock().write_all(&out)?;
            return Ok(FOUND);
        }
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
    };
    shell.write_registration(VARIABLE, "deepcut", "deepcut", "deepcut", &mut out)?;
    std::io::stdout().lock().write_all(&out)?;
    Ok(FOUND)
}

/// Completes words of a query.
pub(super) fn query() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| clause(&typed(current)))
}

/// Completes names of artists.
pub(super) fn artists() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let found = values(Column::Artist, &typed(current));
        found
            .iter()
            .map(|name| CompletionCandidate::new(inserted(name)))
            .collect::<Vec<_>>()
    })
}

/// Completes orders of posts.
pub(super) fn orders() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let orders = ["relevance", "newest", "oldest", "comments"];
        orders.map(CompletionCandidate::new).into()
    })
}

/// Completes the sources of the index.
pub(super) fn roots() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let roots = reader().and_then(|engine| pipeline::roots(&engine).ok());
        let roots = roots.unwrap_or_default();
        let roots = roots.iter().map(CompletionCandidate::new);
        roots.filter(is_plain).collect()
    })
}

/// Completes names of files and folders.
pub(super) fn paths() -> ArgValueCompleter {
    names(PathCompleter::any)
}

/// Completes names of files.
pub(super) fn files() -> ArgValueCompleter {
    names(PathCompleter::file)
}

/// Completes names of folders.
pub(super) fn folders() -> ArgValueCompleter {
    names(PathCompleter::dir)
}

/// Names in the file system. What a terminal would obey is not offered: shells print it as it is.
fn names(completer: fn() -> PathCompleter) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let mut found = completer().complete(current);
        found.retain(is_plain);
        found
    })
}

/// True for a value in which nothing hides.
fn is_plain(candidate: &CompletionCandidate) -> bool {
    hidden(&candidate.get_value().to_string_lossy())
        .next()
        .is_none()
}

/// What may stand where `typed` does.
fn clause(typed: &str) -> Vec<CompletionCandidate> {
    // Negations and parentheses stand before what is completed.
    let inner = typed.trim_start_matches(['-', '(']);
    let lead = &typed[..typed.len() - inner.len()];
    let Some(colon) = inner.find(':') else {
        return FIELDS
            .iter()
            .filter(|(field, _)| field.starts_with(&inner.to_ascii_lowercase()))
            .map(|(field, about)| {
                CompletionCandidate::new(format!("{lead}{field}"))
                    .help(Some((*about).to_owned().into()))
            })
            .collect();
    };
    let (field, start) = inner.split_at(colon + 1);
    if let Some((_, words)) = WORDS.iter().find(|(name, _)| *name == field) {
        let fitting = words.iter().filter(|word| word.starts_with(start));
        return fitting
            .map(|word| CompletionCandidate::new(format!("{lead}{field}{word}")))
            .collect();
    }
    let Some((_, column)) = COLUMNS.iter().find(|(name, _)| *name == field) else {
        return Vec::new();
    };
    values(*column, start)
        .iter()
        .map(|value| {
            let plain = value.chars().all(|c| c.is_alphanumeric() || c == '-');
            let value = if plain {
                value.clone()
            } else {
                format!("\"{}\"", value.replace('"', ""))
            };
            let value = inserted(&value).into_string().unwrap_or_default();
            CompletionCandidate::new(format!("{lead}{field}{value}"))
        })
        .collect()
}

/// Values of a column that begin so, or have a word that does; those that begin so first.
fn values(column: Column, start: &str) -> Vec<String> {
    let Some(engine) = reader() else {
        return Vec::new();
    };
    let start = artist::key(start);
    let mut first = BTreeSet::new();
    let mut inside = BTreeSet::new();
    let within = format!(" {start}");
    let looked = engine.values(column, &mut |value| {
        let key = artist::key(value);
        if key.starts_with(&start) {
            first.insert(value.to_owned());
        } else if key.contains(&within) {
            inside.insert(value.to_owned());
        }
    });
    if looked.is_err() {
        return Vec::new();
    }
    first.into_iter().chain(inside).take(MOST).collect()
}

/// What a shell hands over, without its quotes.
fn typed(current: &OsStr) -> String {
    current
        .to_string_lossy()
        .replace([search::WORD, '\\', '"', '\''], "")
}

/// A value as the asking shell must insert it. zsh and fish quote by themselves.
fn inserted(value: &str) -> OsString {
    match SHELL.get().map(String::as_str).unwrap_or_default() {
        "bash" => {
            let mut out = String::with_capacity(value.len() + 8);
            for c in value.chars() {
                if !(c.is_alphanumeric() || "-_./:,+@%=".contains(c)) {
                    out.push('\\');
                }
                out.push(c);
            }
            out.into()
        }
        "powershell" if value.chars().any(|c| !c.is_alphanumeric()) => {
            format!("'{}'", value.replace('\'', "''")).into()
        }
        _ => value.into(),
    }
}

/// The index that the rest of the command line names.
fn reader() -> Option<TantivyReader> {
    let args: Vec<String> = std::env::args_os()
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let flag = args.iter().enumerate().find_map(|(at, arg)| {
        let joined = arg.strip_prefix("--index=").map(str::to_owned);
        joined.or_else(|| {
            (arg == "--index")
                .then(|| args.get(at + 1).cloned())
                .flatten()
        })
    });
    let given: Vec<_> = flag
        .map(|dir| ("index", dir.into(), "--index"))
        .into_iter()
        .collect();
    let cwd: PathBuf = std::env::current_dir().unwrap_or_default();
    let config = Config::load(&given, &cwd, &|name| std::env::var(name).ok()).ok()?;
    TantivyReader::open(&config.index_dir()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_offered_is_one() {
        for (field, _) in FIELDS {
            let query = deepcut::query::parse(&format!("{field}x"));
            let unknown = query.notes.iter().any(|n| n.code == "unknown-field");
            assert!(!unknown, "{field}");
        }
    }
}
