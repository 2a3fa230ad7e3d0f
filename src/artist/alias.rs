//! Which names does the user say are one artist?
//!
//! In: `aliases.toml` beside the index, and edits to it. Out: the same file, its comments kept; and the
//! overlay that joins keys when a question is asked. The index holds nothing of it: a join is undone by
//! taking it out of the file. Must not know posts or the index.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::key::key;
use crate::error::{Error, Result};
use crate::model::Text;

/// The file's name, in the folder that holds the index.
pub const ALIASES_FILE: &str = "aliases.toml";

const HEAD: &str = "\
# Names that are one artist, and names that are not. deepcut reads this file whenever it answers;
# the index holds nothing of it. `deepcut alias join` and `deepcut alias split` edit it, and so may you:
#
# [[artist]]
# name = \"Vinnie DiCola\"
# also = [\"Vince DiCola\"]
#
# [[apart]]
# names = [\"Hearts of Fire\", \"Hearts on Fire\"]

";

/// Names that are one artist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The name that is shown.
    pub name: String,
    /// Other names.
    pub also: Vec<String>,
}

/// Names that were found to be different artists: never suggested again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    pub names: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Content {
    artist: Vec<Alias>,
    apart: Vec<Apart>,
}

/// The overlay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aliases {
    content: Content,
    /// Key of every joined name to the place of its group.
    groups: HashMap<String, usize>,
    /// Keys of the groups' shown names.
    canonical: Vec<String>,
    text: String,
}

impl Aliases {
    /// Reads the file of an index folder; no file is no aliases.
    ///
    /// # Errors
    /// Where it cannot be read or understood.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(ALIASES_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::io("reading", &path, e)),
        };
        Self::parse(text).map_err(|why| {
            Error::usage(
                format!("{} is not understood: {why}", path.display()),
                "it holds [[artist]] with name = \"…\" and also = [\"…\"], and [[apart]] with names = [\"…\"]",
            )
        })
    }

    fn parse(text: String) -> std::result::Result<Self, String> {
        let mut content: Content = toml::from_str(&text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
            format!("line {line}: {}", e.message())
        })?;
        let clean = |name: &mut String| *name = Text::line(name).to_string();
        let mut groups = HashMap::new();
        let mut canonical = Vec::new();
        for (at, alias) in content.artist.iter_mut().enumerate() {
            clean(&mut alias.name);
            alias.also.iter_mut().for_each(clean);
            canonical.push(key(&alias.name));
            for name in std::iter::once(&alias.name).chain(&alias.also) {
                if name.is_empty() {
                    return Err("a name is empty".into());
                }
                if groups
                    .insert(key(name), at)
                    .is_some_and(|other| other != at)
                {
                    return Err(format!("{name} stands in two [[artist]] tables"));
                }
            }
        }
        for apart in &mut content.apart {
            apart.names.iter_mut().for_each(clean);
        }
        Ok(Self {
            content,
            groups,
            canonical,
            text,
        })
    }

    /// Writes the file anew, as a whole or not at all.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let path = dir.join(ALIASES_FILE);
        let new = dir.join(format!("{ALIASES_FILE}.new"));
        fs::create_dir_all(dir).map_err(|e| Error::io("creating", dir, e))?;
        fs::write(&new, &self.text).map_err(|e| Error::io("writing", &new, e))?;
        fs::rename(&new, &path).map_err(|e| Error::io("writing", &path, e))
    }

    /// XXH3-64 of the file: equal where nothing was joined or parted meanwhile.
    pub fn fingerprint(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.text.as_bytes())
    }

    /// True where nothing is joined.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The name under which an artist is shown: the user's, where the name is joined.
    pub fn shown<'a>(&'a self, name: &'a str) -> &'a str {
        if self.is_empty() {
            return name;
        }
        self.name_of(&key(name)).unwrap_or(name)
    }

    /// The joins, in the order of the file.
    pub fn joins(&self) -> &[Alias] {
        &self.content.artist
    }

    /// Names that are kept apart.
    pub fn aparts(&self) -> &[Apart] {
        &self.content.apart
    }

    /// The key under which a joined name is known; `None` where the key is not joined.
    pub fn canonical(&self, key: &str) -> Option<&str> {
        let group = self.groups.get(key)?;
        self.canonical.get(*group).map(String::as_str)
    }

    /// The name shown for a joined key.
    pub fn name_of(&self, key: &str) -> Option<&str> {
        let group = self.content.artist.get(*self.groups.get(key)?)?;
        Some(&group.name)
    }

    /// The other names of the artist of this key, the shown one first.
    pub fn others(&self, wanted: &str) -> Vec<&str> {
        let group = self
            .groups
            .get(wanted)
            .and_then(|at| self.content.artist.get(*at));
        group
            .into_iter()
            .flat_map(|alias| std::iter::once(&alias.name).chain(&alias.also))
            .filter(|name| key(name) != wanted)
            .map(String::as_str)
            .collect()
    }

    /// True where the user keeps two keys apart.
    pub fn are_apart(&self, a: &str, b: &str) -> bool {
        self.content.apart.iter().any(|apart| {
            let has = |wanted: &str| apart.names.iter().any(|name| key(name) == wanted);
            has(a) && has(b)
        })
    }

    /// Joins names under the first. Groups that they stand in become one; names kept apart no longer are.
    ///
    /// # Errors
    /// Where fewer than two different names are given.
    pub fn join(&self, names: &[String]) -> Result<Self> {
        let mut all: Vec<String> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut gone: Vec<usize> = Vec::new();
        let mut push = |name: &str| {
            let name = Text::line(name).to_string();
            let key = key(&name);
            if !key.is_empty() && !seen.contains(&key) {
                seen.push(key);
                all.push(name);
            }
        };
        names.iter().for_each(|name| push(name));
        for name in names {
            if let Some(at) = self.groups.get(&key(&Text::line(name)))
                && let Some(alias) = self.content.artist.get(*at)
            {
                gone.push(*at);
                push(&alias.name);
                alias.also.iter().for_each(|other| push(other));
            }
        }
        let Some((first, rest)) = all.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(Error::usage(
                "these are spellings of one name already",
                "name two different ones: deepcut alias join \"Vinnie DiCola\" \"Vince DiCola\"",
            ));
        };
        let mut document = self.document()?;
        let tables = tables(&mut document, "artist")?;
        remove(tables, &gone);
        let mut table = Table::new();
        table["name"] = value(first);
        table["also"] = value(rest.iter().collect::<Array>());
        tables.push(table);
        let opened: Vec<usize> = self
            .content
            .apart
            .iter()
            .enumerate()
            .filter(|(_, apart)| {
                apart
                    .names
                    .iter()
                    .filter(|n| seen.contains(&key(n)))
                    .count()
                    > 1
            })
            .map(|(at, _)| at)
            .collect();
        if !opened.is_empty() {
            remove(self::tables(&mut document, "apart")?, &opened);
        }
        self.edited(&document)
    }

    /// Takes names out of their joins: the shown name ends the whole join, another one leaves it. Two names
    /// or more are kept apart from then on.
    ///
    /// # Errors
    /// Where a single name is not joined.
    pub fn split(&self, names: &[String]) -> Result<Self> {
        let keys: Vec<String> = names.iter().map(|name| key(&Text::line(name))).collect();
        if let ([only], [name]) = (&keys[..], names)
            && !self.groups.contains_key(only)
        {
            return Err(Error::usage(
                format!("{name} is not joined with another name"),
                "`deepcut alias list` shows what is; name two to keep them apart",
            ));
        }
        let mut document = self.document()?;
        let tables = tables(&mut document, "artist")?;
        let mut ended: Vec<usize> = Vec::new();
        for (at, alias) in self.content.artist.iter().enumerate() {
            let left: Vec<&String> = alias
                .also
                .iter()
                .filter(|n| !keys.contains(&key(n)))
                .collect();
            if left.is_empty() || (keys.len() == 1 && keys.contains(&key(&alias.name))) {
                ended.push(at);
            } else if left.len() < alias.also.len()
                && let Some(table) = tables.get_mut(at)
            {
                table["also"] = value(left.into_iter().collect::<Array>());
            }
        }
        remove(tables, &ended);
        if let [a, rest @ ..] = &keys[..]
            && !rest.is_empty()
            && !rest.iter().all(|b| self.are_apart(a, b))
        {
            let mut table = Table::new();
            table["names"] = value(names.iter().map(|n| n.as_str()).collect::<Array>());
            self::tables(&mut document, "apart")?.push(table);
        }
        self.edited(&document)
    }

    fn document(&self) -> Result<DocumentMut> {
        let own = self.text.strip_prefix(HEAD).unwrap_or(&self.text);
        own.parse().map_err(unwritten)
    }

    /// The file after an edit. Its head belongs to no table, lest it goes with the first.
    fn edited(&self, document: &DocumentMut) -> Result<Self> {
        let head = if self.text.is_empty() || self.text.starts_with(HEAD) {
            HEAD
        } else {
            ""
        };
        Self::parse(format!("{head}{document}")).map_err(unwritten)
    }
}

/// The tables of a kind, made where there are none.
fn tables<'a>(document: &'a mut DocumentMut, kind: &str) -> Result<&'a mut ArrayOfTables> {
    document
        .entry(kind)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| unwritten(format!("{kind} is written in line; use [[{kind}]]")))
}

fn remove(tables: &mut ArrayOfTables, places: &[usize]) {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    for at in sorted.into_iter().rev() {
        tables.remove(at);
    }
}

fn unwritten(why: impl std::fmt::Display) -> Error {
    Error::usage(
        format!("{ALIASES_FILE} cannot be edited: {why}"),
        "correct it by hand, then run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn joins_are_undone_by_splits_and_comments_stay() {
        let none = Aliases::default();
        let one = none
            .join(&names(&["Vinnie DiCola", "Vince DiCola"]))
            .unwrap();
        assert_eq!(one.canonical("vince dicola"), Some("vinnie dicola"));
        assert_eq!(one.name_of("vince dicola"), Some("Vinnie DiCola"));
        assert_eq!(one.others("vince dicola"), ["Vinnie DiCola"]);
        assert!(one.text.starts_with("# Names"));
        let noted = Aliases::parse(format!("{}# mine\n", one.text)).unwrap();
        let more = noted.join(&names(&["Vince DiCola", "V. DiCola"])).unwrap();
        assert_eq!(more.joins().len(), 1);
        assert_eq!(more.others("v dicola"), ["Vince DiCola", "Vinnie DiCola"]);
        assert!(more.text.contains("# mine"), "{}", more.text);
        let less = more.split(&names(&["V. DiCola"])).unwrap();
        assert_eq!(less.canonical("v dicola"), None);
        assert_eq!(less.joins().len(), 1);
        let gone = less.split(&names(&["Vince DiCola"])).unwrap();
        assert!(gone.joins().is_empty());
        assert!(gone.split(&names(&["Vince DiCola"])).is_err());
        assert!(none.join(&names(&["AC/DC", "ac-dc"])).is_err());
    }

    #[test]
    fn names_kept_apart_can_be_joined_again() {
        let pair = names(&["Hearts of Fire", "Hearts on Fire"]);
        let apart = Aliases::default().split(&pair).unwrap();
        assert!(apart.are_apart("hearts on fire", "hearts of fire"));
        assert_eq!(apart.split(&pair).unwrap().aparts().len(), 1);
        let joined = apart.join(&pair).unwrap();
        assert!(joined.aparts().is_empty() && joined.joins().len() == 1);
        let back = joined.split(&pair).unwrap();
        assert!(back.joins().is_empty() && back.aparts().len() == 1);
    }

    #[test]
    fn a_file_that_contradicts_itself_is_told() {
        for text in [
            "[[artist]]\nname = \"A\"\nalso = [\"B\"]\n[[artist]]\nname = \"C\"\nalso = [\"b\"]\n",
            "[[artist]]\nname = \"\"\nalso = []\n",
            "[[artists]]\nname = \"A\"\n",
            "nonsense",
        ] {
            assert!(Aliases::parse(text.into()).is_err(), "{text}");
        }
    }
}
