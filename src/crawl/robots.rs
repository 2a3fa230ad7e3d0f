//! What a site allows: robots.txt by RFC 9309.
//!
//! In: the text of a robots.txt. Out: whether an address may be asked for, how long to wait between two, and
//! the sitemaps it names. Must not know how the text was had.

use std::time::Duration;

/// More than this is not read, as the RFC allows: bytes.
pub(super) const MAX_BYTES: u64 = 500 << 10;

/// The name to which groups of rules speak.
pub(super) const AGENT: &str = "deepcut";

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// Percent-encoding made equal; `*` any characters, `$` at the end the end.
    pattern: Vec<u8>,
}

/// The rules of one site for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    pub delay: Option<Duration>,
    pub sitemaps: Vec<String>,
}

impl Robots {
    /// Reads the rules for us: those of every group that names us, else those of every group for `*`.
    pub fn parse(text: &str) -> Self {
        let mut own = Group::default();
        let mut any = Group::default();
        let mut sitemaps = Vec::new();
        // Whom the group speaks to; a rule ends the list of names.
        let (mut to_us, mut to_all, mut ruled) = (false, false, false);
        let text = text.trim_start_matches('\u{feff}');
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    if ruled {
                        (to_us, to_all, ruled) = (false, false, false);
                    }
                    let name: String = value
                        .chars()
                        .take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'))
                        .collect();
                    let us = name.eq_ignore_ascii_case(AGENT);
                    to_us |= us;
                    to_all |= value == "*";
                    own.named |= us;
                }
                "allow" | "disallow" => {
                    ruled = true;
                    // An empty pattern matches nothing: it is no rule.
                    if value.is_empty() {
                        continue;
                    }
                    let rule = Rule {
                        allow: key == "allow",
                        pattern: encoded(value),
                    };
                    for (to, group) in [(to_us, &mut own), (to_all, &mut any)] {
                        if to {
                            group.rules.push(rule.clone());
                        }
                    }
                }
                // It is no rule of the RFC, so it does not end the list of names either.
                "crawl-delay" => {
                    let seconds = value.parse().ok().filter(|s: &f64| *s >= 0.0 && *s < 1e6);
                    let delay = seconds.map(Duration::from_secs_f64);
                    for (to, group) in [(to_us, &mut own), (to_all, &mut any)] {
                        if to {
                            group.delay = group.delay.max(delay);
                        }
                    }
                }
                "sitemap" => sitemaps.push(value.to_owned()),
                _ => {}
            }
        }
        let group = if own.named { own } else { any };
        Self {
            rules: group.rules,
            delay: group.delay,
            sitemaps,
        }
    }

    /// True where a path (with its query) may be asked for: the longest rule that matches decides, and of
    /// two as long the one that allows.
    pub fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let path = encoded(path);
        self.rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }
}

#[derive(Default)]
struct Group {
    named: bool,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

/// A path in the one form in which equal ones are equal: what is not ASCII as percent-encoded UTF-8, encoded
/// unreserved characters as themselves, hexadecimal digits in capitals.
fn encoded(path: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = |n: usize| bytes.get(at + n).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                let value = (high * 16 + low) as u8;
                if value.is_ascii_alphanumeric() || matches!(value, b'-' | b'.' | b'_' | b'~') {
                    out.push(value);
                } else {
                    out.extend(format!("%{value:02X}").bytes());
                }
                at += 3;
                continue;
            }
            (0x21..=0x7e, _, _) => out.push(*byte),
            (other, _, _) => out.extend(format!("%{other:02X}").bytes()),
        }
        at += 1;
    }
    out
}

/// True where a pattern matches the beginning of a path, or the whole of it where it ends in `$`. Work is the
/// product of both lengths at most.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix(b"$") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split(|b| *b == b'*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if anchored && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match memchr::memmem::find(rest, part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    !anchored || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str, path: &str) -> bool {
        Robots::parse(text).allows(path)
    }

    #[test]
    fn groups_are_merged_and_the_own_name_comes_before_all() {
        let text = "User-agent: other\nDisallow: /\n\nuser-agent: *\nDisallow: /all/\nCrawl-delay: 9\n\n\
                    User-Agent: DeepCut/1.0\nUser-agent: third\nDisallow: /a/\nAllow: /a/b\n\n\
                    User-agent: deepcut\nDisallow: /c # why\nCrawl-delay: 2.5\n\
                    Sitemap: https://a.example/map.xml";
        let robots = Robots::parse(text);
        for (path, expected) in [
            ("/", true),
            ("/all/", true),
            ("/a/", false),
            ("/a/bc", true),
            ("/c", false),
            ("/cd?x", false),
        ] {
            assert_eq!(robots.allows(path), expected, "{path}");
        }
        assert_eq!(robots.delay, Some(Duration::from_millis(2500)));
        assert_eq!(robots.sitemaps, ["https://a.example/map.xml"]);
        let others = Robots::parse(&text.replace("DeepCut", "x").replace("deepcut", "x"));
        assert!(others.allows("/c") && !others.allows("/all/x"));
        assert_eq!(others.delay, Some(Duration::from_secs(9)));
        // A group that names us and rules nothing frees us.
        assert!(allowed(
            "User-agent: *\nDisallow: /\n\nUser-agent: deepcut\nDisallow:\n",
            "/x"
        ));
        assert!(!allowed(
            "User-agent: deepcutter\nDisallow: /\nUser-agent: *\nDisallow: /y",
            "/y"
        ));
        assert!(allowed("User-agent: deepcutter\nDisallow: /", "/x"));
    }

    #[test]
    fn the_longest_match_decides_with_wildcards_and_ends() {
        // The table of RFC 9309, section 2.2.3, and its neighbours.
        for (rules, path, expected) in [
            ("Allow: /p\nDisallow: /", "/page", true),
            ("Allow: /folder\nDisallow: /folder", "/folder/page", true),
            ("Allow: /page\nDisallow: /*.htm", "/page.htm", false),
            ("Allow: /$\nDisallow: /", "/", true),
            ("Allow: /$\nDisallow: /", "/page.htm", false),
            ("Disallow: *.gif$", "/a/b.gif", false),
            ("Disallow: *.gif$", "/a/b.gif?x", true),
            ("Disallow: /*?replytocom=", "/x/?replytocom=4", false),
            ("Disallow: /a*b*c$", "/axxbyybc", false),
            ("Disallow: /a*b*c$", "/axxbyybcd", true),
            ("Disallow: /*$", "/x", false),
            ("Disallow: /ü", "/%C3%BC/x", false),
            ("Disallow: /%7Eme", "/~me", false),
            ("Disallow: /a%2fb", "/a%2Fb", false),
            ("Disallow: /a%2fb", "/a/b", true),
            ("Disallow: /", "/robots.txt", true),
            ("Disallow:", "/x", true),
            ("Disallow: x", "/x", true),
        ] {
            let text = format!("User-agent: *\n{rules}\n");
            assert_eq!(allowed(&text, path), expected, "{rules} {path}");
        }
        assert!(allowed("Disallow: /\n", "/x"), "a rule of no group");
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let pattern = "a*".repeat(20_000);
        let path = format!("/{}", "a".repeat(10_000));
        let start = std::time::Instant::now();
        assert!(allowed(
            &format!("User-agent: *\nDisallow: /{pattern}b$"),
            &path
        ));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
