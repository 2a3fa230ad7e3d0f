//! Which settings hold, and where did each come from?
//!
//! In: flags, `DEEPCUT_*` variables, the nearest `deepcut.toml` upward, the user's own. Out: one
//! [`Config`], each value with its [`Origin`]. Must not know commands.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};

/// The name of a settings file.
pub const FILE_NAME: &str = "deepcut.toml";

/// The name of the index within its folder.
pub const INDEX_NAME: &str = "main";

/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Path,
    Paths,
    /// A whole number, at least this.
    Number(u64),
    Choice(&'static [&'static str]),
    Text,
}

/// A setting that there is.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its key in a settings file.
    pub key: &'static str,
    /// Its variable in the environment.
    pub variable: &'static str,
    pub kind: Kind,
    /// What holds where nothing is set; `Paths` and `Text` may be empty.
    pub default: &'static str,
    /// One line for people.
    pub about: &'static str,
}

const WHEN: Kind = Kind::Choice(&["auto", "always", "never"]);

/// Every setting, in the order in which `deepcut config` shows them.
pub static SETTINGS: &[Spec] = &[
    Spec {
        key: "index",
        variable: "DEEPCUT_INDEX",
        kind: Kind::Path,
        default: "index",
        about: "folder that holds the index",
    },
    Spec {
        key: "sources",
        variable: "DEEPCUT_SOURCES",
        kind: Kind::Paths,
        default: "",
        about: "what `index` without paths and a first `search` read",
    },
    Spec {
        key: "limit",
        variable: "DEEPCUT_LIMIT",
        kind: Kind::Number(1),
        default: "10",
        about: "how many posts `search` shows",
    },
    Spec {
        key: "threads",
        variable: "DEEPCUT_THREADS",
        kind: Kind::Number(0),
        default: "0",
        about: "threads that index; 0 stands for all cores",
    },
    Spec {
        key: "contact",
        variable: "DEEPCUT_CONTACT",
        kind: Kind::Text,
        default: "",
        about: "how a site that is crawled can reach you: an e-mail address or a page",
    },
    Spec {
        key: "color",
        variable: "DEEPCUT_COLOR",
        kind: WHEN,
        default: "auto",
        about: "when to use colours",
    },
    Spec {
        key: "links",
        variable: "DEEPCUT_LINKS",
        kind: WHEN,
        default: "auto",
        about: "when titles are links that a terminal can open",
    },
    Spec {
        key: "pager",
        variable: "DEEPCUT_PAGER",
        kind: Kind::Text,
        default: "",
        about: "shows what is longer than the terminal; \"never\" for none, empty for $PAGER, else less",
    },
];

/// The setting of a key.
pub fn setting(key: &str) -> Option<&'static Spec> {
    SETTINGS.iter().find(|spec| spec.key == key)
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(String),
    Variable(&'static str),
    /// A settings file and a line of it, from 1.
    File(PathBuf, usize),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Variable(name) => write!(f, "${name}"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What a setting holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Path(PathBuf),
    Paths(Vec<PathBuf>),
    Number(u64),
    Text(String),
}

/// A setting with its value.
#[derive(Clone, Debug)]
pub struct Setting {
    pub spec: &'static Spec,
    pub value: Value,
    pub origin: Origin,
}

/// A settings file that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    /// True where it is there, and was read.
    pub found: bool,
}

/// A value that a flag gave: its key, the value, and the flag as typed.
pub type Given<'a> = (&'static str, OsString, &'a str);

/// Settings after all origins were read.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds the index: `<dir>/main`.
    pub index: PathBuf,
    /// What `index` without paths and a first `search` read; empty where nothing is named.
    pub sources: Vec<PathBuf>,
    /// Posts that a search shows.
    pub limit: usize,
    /// Threads that index; all cores where 0.
    pub threads: usize,
    /// All settings, in the order of [`SETTINGS`].
    pub settings: Vec<Setting>,
    /// Settings files, the one that counts more first.
    pub places: Vec<Place>,
}

impl Config {
    /// Reads the settings: `given` are the values of flags, `cwd` is the folder to look upward from, and
    /// `env` gives a variable's value.
    ///
    /// # Errors
    /// Where a settings file cannot be read or understood, or a value is none of its kind.
    pub fn load(
        given: &[Given<'_>],
        cwd: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut files = Vec::new();
        let mut places = Vec::new();
        for path in look(cwd, env) {
            let found = path.is_file();
            if found {
                files.push(File::read(&path)?);
            }
            places.push(Place { path, found });
        }
        Self::of(given, env, &files, places)
    }

    /// What holds where nothing is set.
    ///
    /// # Errors
    /// None: every default is a value of its kind.
    pub fn defaults() -> Result<Self> {
        Self::of(&[], &|_| None, &[], Vec::new())
    }

    fn of(
        given: &[Given<'_>],
        env: &dyn Fn(&str) -> Option<String>,
        files: &[File],
        places: Vec<Place>,
    ) -> Result<Self> {
        let mut settings = Vec::with_capacity(SETTINGS.len());
        for spec in SETTINGS {
            settings.push(choose(spec, given, env, files)?);
        }
        let value = |key: &str| {
            settings
                .iter()
                .find(|s| s.spec.key == key)
                .map(|s| &s.value)
        };
        let number = |key: &str| match value(key) {
            Some(Value::Number(n)) => usize::try_from(*n).unwrap_or(usize::MAX),
            _ => 0,
        };
        Ok(Self {
            index: match value("index") {
                Some(Value::Path(path)) => path.clone(),
                _ => PathBuf::new(),
            },
            sources: match value("sources") {
                Some(Value::Paths(paths)) => paths.clone(),
                _ => Vec::new(),
            },
            limit: number("limit"),
            threads: number("threads"),
            settings,
            places,
        })
    }

    /// Where the index itself lies.
    pub fn index_dir(&self) -> PathBuf {
        self.index.join(INDEX_NAME)
    }

    /// The text of a setting that holds a text; "" where there is none.
    pub fn text(&self, key: &str) -> &str {
        let setting = self.settings.iter().find(|s| s.spec.key == key);
        match setting.map(|s| &s.value) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }
}

/// The value that counts most.
fn choose(
    spec: &'static Spec,
    given: &[Given<'_>],
    env: &dyn Fn(&str) -> Option<String>,
    files: &[File],
) -> Result<Setting> {
    let setting = |value, origin| Setting {
        spec,
        value,
        origin,
    };
    if let Some((_, value, flag)) = given.iter().find(|(key, ..)| *key == spec.key) {
        let origin = Origin::Flag((*flag).to_owned());
        return Ok(setting(parse(spec, value, &origin)?, origin));
    }
    if let Some(value) = env(spec.variable).filter(|v| !v.is_empty()) {
        let origin = Origin::Variable(spec.variable);
        return Ok(setting(parse(spec, value.as_ref(), &origin)?, origin));
    }
    for file in files {
        if let Some((_, value, line)) = file.values.iter().find(|(key, ..)| *key == spec.key) {
            return Ok(setting(
                value.clone(),
                Origin::File(file.path.clone(), *line),
            ));
        }
    }
    Ok(setting(
        parse(spec, spec.default.as_ref(), &Origin::Default)?,
        Origin::Default,
    ))
}

/// A value as a flag, a variable or the table above writes it.
fn parse(spec: &Spec, raw: &OsStr, origin: &Origin) -> Result<Value> {
    let text: &str = &raw.to_string_lossy();
    match spec.kind {
        Kind::Path => Ok(Value::Path(PathBuf::from(raw))),
        Kind::Paths if raw.is_empty() => Ok(Value::Paths(Vec::new())),
        Kind::Paths => Ok(Value::Paths(std::env::split_paths(raw).collect())),
        Kind::Number(least) => text
            .trim()
            .parse()
            .ok()
            .filter(|n| *n >= least)
            .map(Value::Number)
            .ok_or_else(|| wrong(spec, &format!("{text:?}"), origin)),
        Kind::Choice(words) if words.contains(&text) => Ok(Value::Text(text.to_owned())),
        Kind::Choice(_) => Err(wrong(spec, &format!("{text:?}"), origin)),
        Kind::Text => Ok(Value::Text(text.to_owned())),
    }
}

fn wrong(spec: &Spec, found: &str, origin: &Origin) -> Error {
    let wants = match spec.kind {
        Kind::Path => "a path in quotes".to_owned(),
        Kind::Paths => "a list of paths: [\"FOLDER\", …]".to_owned(),
        Kind::Number(least) => format!("a whole number from {least} on"),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Text => "a text in quotes".to_owned(),
    };
    Error::usage(
        format!("{origin}: `{}` cannot be {found}", spec.key),
        format!("`{}` is {wants}: {}", spec.key, spec.about),
    )
}

/// The nearest settings file upward (or where one would stand), then the user's.
fn look(cwd: &Path, env: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let nearest = cwd
        .ancestors()
        .map(|dir| dir.join(FILE_NAME))
        .find(|path| path.is_file())
        .unwrap_or_else(|| cwd.join(FILE_NAME));
    let folder = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let user = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA").filter(|_| cfg!(windows)))
        .or_else(|| folder("HOME").map(|home| home.join(".config")))
        .map(|base| base.join("deepcut").join(FILE_NAME));
    let mut all = vec![nearest];
    all.extend(user.filter(|path| *path != all[0]));
    all
}

/// A settings file: keys with values and lines.
struct File {
    path: PathBuf,
    values: Vec<(&'static str, Value, usize)>,
}

impl File {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading", path, e))?;
        let line = |at: usize| text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
        let table = DeTable::parse(&text).map_err(|e| {
            let at = e.span().map_or(1, |span| line(span.start));
            Error::usage(
                format!("{}:{at}: {}", path.display(), e.message()),
                "a setting is a line like `index = \"FOLDER\"` or `sources = [\"FOLDER\", …]`",
            )
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let mut values = Vec::new();
        for (key, value) in table.get_ref() {
            let at = line(key.span().start);
            let name: &str = key.get_ref();
            let Some(spec) = setting(name) else {
                return Err(Error::usage(
                    format!("{}:{at}: there is no setting `{name}`", path.display()),
                    unknown(name),
                ));
            };
            let origin = Origin::File(path.to_path_buf(), at);
            values.push((spec.key, take(spec, value.get_ref(), base, &origin)?, at));
        }
        Ok(Self {
            path: path.to_path_buf(),
            values,
        })
    }
}

/// A value as a settings file writes it; paths start from the folder of the file.
fn take(spec: &Spec, value: &DeValue<'_>, base: &Path, origin: &Origin) -> Result<Value> {
    let shown = || match value {
        DeValue::String(s) => format!("{s:?}"),
        DeValue::Integer(n) => n.as_str().to_owned(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    };
    let bad = || wrong(spec, &shown(), origin);
    match (spec.kind, value) {
        (Kind::Path, DeValue::String(s)) => Ok(Value::Path(base.join(s.as_ref()))),
        (Kind::Paths, DeValue::String(s)) => Ok(Value::Paths(vec![base.join(s.as_ref())])),
        (Kind::Paths, DeValue::Array(all)) => all
            .iter()
            .map(|one| match one.get_ref() {
                DeValue::String(s) => Ok(base.join(s.as_ref())),
                _ => Err(bad()),
            })
            .collect::<Result<_>>()
            .map(Value::Paths),
        (Kind::Number(_), DeValue::Integer(n)) => {
            parse(spec, n.as_str().as_ref(), origin).map_err(|_| bad())
        }
        (Kind::Choice(_) | Kind::Text, DeValue::String(s)) => {
            parse(spec, s.as_ref().as_ref(), origin)
        }
        _ => Err(bad()),
    }
}

/// What to try instead of a key that there is not.
fn unknown(name: &str) -> String {
    let near = SETTINGS
        .iter()
        .map(|spec| (strsim::jaro_winkler(name, spec.key), spec.key))
        .filter(|(score, _)| *score >= 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let all: Vec<&str> = SETTINGS.iter().map(|spec| spec.key).collect();
    match near {
        Some((_, key)) => format!("did you mean `{key}`? `deepcut config` shows all settings"),
        None => format!("the settings are {}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(given: &[Given<'_>], cwd: &Path, env: &[(&str, &str)]) -> Result<Config> {
        Config::load(given, cwd, &|name| {
            let found = env.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_users() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home/.config/deepcut");
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir_all(&home).unwrap();
        let home_text = dir.path().join("home").display().to_string();
        let env = [("HOME", home_text.as_str())];
        let config = load(&[], &deep, &env).unwrap();
        assert_eq!(config.index, Path::new("index"));
        assert_eq!((config.limit, config.text("color")), (10, "auto"));
        std::fs::write(home.join(FILE_NAME), "limit = 3\nindex = \"mine\"\n").unwrap();
        std::fs::write(
            dir.path().join(FILE_NAME),
            "# ours\nindex = \"x\"\nsources = [\"posts\"]\n",
        )
        .unwrap();
        let config = load(&[], &deep, &env).unwrap();
        assert_eq!(config.index, dir.path().join("x"));
        assert_eq!(config.sources, [dir.path().join("posts")]);
        assert_eq!(config.limit, 3);
        assert_eq!(
            config.settings[0].origin,
            Origin::File(dir.path().join(FILE_NAME), 2)
        );
        assert_eq!(
            config.settings[2].origin,
            Origin::File(home.join(FILE_NAME), 1)
        );
        let env = [("HOME", home_text.as_str()), ("DEEPCUT_INDEX", "y")];
        assert_eq!(load(&[], &deep, &env).unwrap().index, Path::new("y"));
        let given = [("index", "z".into(), "--index")];
        let config = load(&given, &deep, &env).unwrap();
        assert_eq!(config.index, Path::new("z"));
        assert_eq!(config.settings[0].origin.to_string(), "--index");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_the_nearest_key() {
        let dir = tempfile::tempdir().unwrap();
        let at = |line: usize| format!("{}:{line}:", dir.path().join(FILE_NAME).display());
        for (text, line, says, hint) in [
            ("\nindx = 1\n", 2, "there is no setting `indx`", "`index`"),
            ("zebra = 1\n", 1, "`zebra`", "sources, limit"),
            (
                "limit = \"ten\"\n",
                1,
                "`limit` cannot be \"ten\"",
                "a whole number from 1",
            ),
            ("limit = 0\n", 1, "`limit` cannot be 0", "a whole number"),
            (
                "color = \"blue\"\n",
                1,
                "`color` cannot be \"blue\"",
                "auto, always",
            ),
            (
                "sources = [1]\n",
                1,
                "`sources` cannot be a list",
                "a list of paths",
            ),
            ("limit = 3\nindex = \n", 2, "", "a setting is a line"),
        ] {
            std::fs::write(dir.path().join(FILE_NAME), text).unwrap();
            let error = load(&[], dir.path(), &[]).unwrap_err();
            assert!(error.to_string().starts_with(&at(line)), "{text}: {error}");
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(error.hint().contains(hint), "{text}: {}", error.hint());
        }
        std::fs::remove_file(dir.path().join(FILE_NAME)).unwrap();
        let error = load(&[], dir.path(), &[("DEEPCUT_LIMIT", "many")]).unwrap_err();
        assert!(error.to_string().starts_with("$DEEPCUT_LIMIT:"), "{error}");
    }
}
