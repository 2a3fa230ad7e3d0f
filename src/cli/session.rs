//! Where and how a command writes.
//!
//! In: settings, the environment, answers. Out: bytes on stdout, in a pager where they are longer than the
//! terminal; messages on stderr. Must not know commands.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use deepcut::config::Config;
use deepcut::error::Error;
use deepcut::output::{self, Answer, Screen};

use super::{FormatName, Global, interrupt};

/// Pagers that keep colours and links need no other options than these; set where the user has not.
const LESS: &str = "FRX";

/// What a command runs in.
pub(super) struct Session {
    pub(super) global: Global,
    pub(super) config: Config,
    pub(super) screen: Screen,
}

impl Session {
    pub(super) fn new(global: Global, config: Config) -> Self {
        let screen = screen(config.text("color"), config.text("links"));
        Self {
            global,
            config,
            screen,
        }
    }

    /// Writes an answer to stdout. A reader that went away is no error.
    pub(super) fn write(&self, answer: &Answer<'_>) -> anyhow::Result<()> {
        let name = self.global.format.name();
        let format = output::format(name)
            .ok_or_else(|| Error::usage(format!("no format {name}"), "see --help"))?;
        let people = matches!(self.global.format, FormatName::Text | FormatName::Markdown);
        if people && self.pages() {
            let mut page = Vec::new();
            format.write(answer, &self.screen, &mut page)?;
            return Ok(self.page(&page)?);
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        format.write(answer, &self.screen, &mut out)?;
        out.flush()?;
        Ok(())
    }

    /// Writes what was done, but for people who asked for quiet.
    pub(super) fn report(&self, answer: &Answer<'_>) -> anyhow::Result<()> {
        if self.global.quiet && matches!(self.global.format, FormatName::Text) {
            return Ok(());
        }
        self.write(answer)
    }

    /// Something that went wrong, on stderr, also for people who asked for quiet.
    pub(super) fn warn(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{}", output::safe(text));
    }

    /// A message for people, on stderr: one line.
    pub(super) fn say(&self, text: &str) {
        if !self.global.quiet {
            let _ = writeln!(io::stderr(), "{}", output::safe(text));
        }
    }

    /// A message for people who asked for more.
    pub(super) fn detail(&self, text: &str) {
        if self.global.verbose {
            self.say(text);
        }
    }

    /// True where stderr is a terminal that may show progress.
    pub(super) fn animated(&self) -> bool {
        !self.global.quiet && io::stderr().is_terminal() && !dumb()
    }

    /// True where JSON was asked for.
    pub(super) fn json(&self) -> bool {
        matches!(self.global.format, FormatName::Json | FormatName::Jsonl)
    }

    fn pages(&self) -> bool {
        !self.global.no_pager
            && self.config.text("pager") != "never"
            && io::stdout().is_terminal()
            && !dumb()
    }

    /// Shows text for people: in a pager where it is longer than the terminal.
    pub(super) fn page(&self, text: &[u8]) -> io::Result<()> {
        let rows = terminal_size::terminal_size().map_or(24, |(_, h)| usize::from(h.0));
        let lines = text.iter().filter(|b| **b == b'\n').count();
        if self.pages() && lines >= rows && self.show_in_pager(text) {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(text)?;
        out.flush()
    }

    /// False where there is no pager to show it.
    fn show_in_pager(&self, text: &[u8]) -> bool {
        let mut command = match self.config.text("pager") {
            "" => std::env::var("PAGER").unwrap_or_default(),
            own => own.to_owned(),
        };
        if command.trim().is_empty() {
            "less".clone_into(&mut command);
        }
        let mut words = command.split_whitespace();
        let Some(program) = words.next() else {
            return false;
        };
        let mut pager = Command::new(program);
        pager.args(words).stdin(Stdio::piped());
        for (name, value) in [("LESS", LESS), ("LESSCHARSET", "utf-8"), ("LV", "-c")] {
            if std::env::var_os(name).is_none() {
                pager.env(name, value);
            }
        }
        interrupt::leave_to_pager(|| {
            let Ok(mut child) = pager.spawn() else {
                return false;
            };
            if let Some(mut stdin) = child.stdin.take() {
                // Who leaves the pager early has seen enough.
                let _ = stdin.write_all(text);
            }
            let _ = child.wait();
            true
        })
    }
}

fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|t| t == "dumb")
}

/// True where colours are wanted on a stream: the setting, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`,
/// then whether it is a terminal that is not dumb.
pub(super) fn colored(setting: &str, terminal: bool) -> bool {
    let set = |name: &str| std::env::var(name).is_ok_and(|v| !v.is_empty());
    let on = |name: &str| std::env::var(name).is_ok_and(|v| !v.is_empty() && v != "0");
    match setting {
        "always" => true,
        "never" => false,
        _ if set("NO_COLOR") => false,
        _ if on("CLICOLOR_FORCE") => true,
        _ if std::env::var("CLICOLOR").is_ok_and(|v| v == "0") => false,
        _ => terminal && !dumb(),
    }
}

/// What stdout is shown on.
fn screen(color: &str, links: &str) -> Screen {
    let terminal = io::stdout().is_terminal();
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let width = if terminal {
        terminal_size::terminal_size().map_or(80, |(w, _)| usize::from(w.0))
    } else {
        columns.unwrap_or(Screen::PLAIN.width)
    };
    let color = colored(color, terminal);
    Screen {
        width: width.max(40),
        color,
        links: match links {
            "always" => true,
            "never" => false,
            _ => color && terminal && !dumb(),
        },
    }
}
