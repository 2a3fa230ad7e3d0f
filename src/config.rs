//! Which settings hold, and where did each come from?
//!
//! In: flags, `DEEPCUT_*` variables, the nearest `deepcut.toml` upward, the user's own. Out: one
//! [`Config`]. Must not know commands.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};

/// The name of a settings file.
pub const FILE_NAME: &str = "deepcut.toml";

/// The name of the index within its folder.
pub const INDEX_NAME: &str = "main";

/// Settings after all origins were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The folder that holds the index: `<dir>/main`.
    pub index: PathBuf,
    /// What `index` without paths and a first `search` read; empty where nothing is named.
    pub sources: Vec<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    index: Option<PathBuf>,
    sources: Option<Vec<PathBuf>>,
}

impl Config {
    /// Reads the settings: `index` is the flag's value, `cwd` the folder to look upward from, and
    /// `env` gives a variable's value.
    ///
    /// # Errors
    /// Where a settings file cannot be read or understood.
    pub fn load(
        index: Option<&Path>,
        cwd: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut file = File::default();
        let mut base = cwd.to_path_buf();
        if let Some(path) = find(cwd, env) {
            file = read(&path)?;
            if let Some(parent) = path.parent() {
                base = parent.to_path_buf();
            }
        }
        let index = index
            .map(Path::to_path_buf)
            .or_else(|| {
                env("DEEPCUT_INDEX")
                    .filter(|v| !v.is_empty())
                    .map(PathBuf::from)
            })
            .or_else(|| file.index.map(|p| base.join(p)))
            .unwrap_or_else(|| PathBuf::from("index"));
        let sources = match env("DEEPCUT_SOURCES").filter(|v| !v.is_empty()) {
            Some(list) => std::env::split_paths(&list).collect(),
            None => file
                .sources
                .unwrap_or_default()
                .iter()
                .map(|p| base.join(p))
                .collect(),
        };
        Ok(Self { index, sources })
    }

    /// Where the index itself lies.
    pub fn index_dir(&self) -> PathBuf {
        self.index.join(INDEX_NAME)
    }
}

/// The nearest settings file upward, else the user's.
fn find(cwd: &Path, env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let upward = cwd
        .ancestors()
        .map(|dir| dir.join(FILE_NAME))
        .find(|path| path.is_file());
    upward.or_else(|| {
        let base = env("XDG_CONFIG_HOME")
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
            .or_else(|| env("HOME").map(|home| Path::new(&home).join(".config")))?;
        Some(base.join("deepcut").join(FILE_NAME)).filter(|path| path.is_file())
    })
}

fn read(path: &Path) -> Result<File> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("reading", path, e))?;
    toml::from_str(&text).map_err(|e| {
        Error::usage(
            format!(
                "{} is not understood: {}",
                path.display(),
                e.to_string().trim()
            ),
            "it may set `index = \"FOLDER\"` and `sources = [\"FOLDER\", …]`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_beats_the_environment_beats_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        let none = |_: &str| None;
        assert_eq!(
            Config::load(None, &deep, &none).unwrap().index,
            Path::new("index")
        );
        std::fs::write(
            dir.path().join(FILE_NAME),
            "index = \"x\"\nsources = [\"posts\"]\n",
        )
        .unwrap();
        let config = Config::load(None, &deep, &none).unwrap();
        assert_eq!(config.index, dir.path().join("x"));
        assert_eq!(config.sources, [dir.path().join("posts")]);
        let env = |name: &str| (name == "DEEPCUT_INDEX").then(|| "y".to_owned());
        assert_eq!(
            Config::load(None, &deep, &env).unwrap().index,
            Path::new("y")
        );
        assert_eq!(
            Config::load(Some(Path::new("z")), &deep, &env)
                .unwrap()
                .index,
            Path::new("z")
        );
        std::fs::write(dir.path().join(FILE_NAME), "indx = 1\n").unwrap();
        let error = Config::load(None, &deep, &none).unwrap_err();
        assert!(error.to_string().contains("indx"), "{error}");
    }
}
