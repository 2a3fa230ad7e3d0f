//! Where is the site, and what does it allow?
//!
//! In: the address that the user gave. Out: where that leads, the rules of its robots.txt, and its sitemaps. Nothing
//! of a site is asked for before its rules are known.

use std::time::Duration;

use url::Url;

use super::archive::Record;
use super::fetch::{Answer, Fault, Known};
use super::place::Scope;
use super::robots::{self, Robots};
use super::session::{DAY, Session, path_of, seconds};
use super::state::{Found, Kind, Rules};
use super::visit::End;
use crate::error::{Error, Result};

/// Where sitemaps usually are, where nothing names them.
const USUAL_MAPS: &[&str] = &["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"];

impl Session<'_> {
    /// Finds where the site is: the address as given, or where it leads.
    pub fn settle(&mut self, seed: Url) -> Result<()> {
        let mut url = seed;
        for _ in 0..=self.request.limits.redirects {
            self.scope = Scope::of(&url);
            self.rules(&url)?;
            if !self.robots.allows(&path_of(&url)) {
                return Err(Error::Site {
                    url: url.to_string(),
                    why: "its robots.txt forbids it".into(),
                    hint: "ask the owner of the site; deepcut keeps to robots.txt".into(),
                });
            }
            let answer = match self.ask(&url, &Known::default()) {
                Ok(answer) => answer,
                Err(End::Fault(fault)) => return Err(unreachable(&url, &fault)),
                Err(End::Failed(why)) => return Err(site_error(&url, why)),
                Err(End::Stopped) => {
                    let why = self.stopped.take().unwrap_or_else(|| "interrupted".into());
                    return Err(site_error(&url, why));
                }
            };
            match answer.status {
                300..=399 => {
                    let target = answer.header("location").and_then(|to| url.join(to).ok());
                    let Some(target) = target else {
                        return Err(site_error(&url, "it redirects to nowhere".into()));
                    };
                    if !matches!(target.scheme(), "http" | "https") {
                        return Err(site_error(&url, format!("it redirects to {target}")));
                    }
                    self.archive(&url, &answer, &Record::Response)?;
                    if target.host_str() != url.host_str() {
                        let text = format!("{url} leads to {target}: that is what is crawled");
                        self.observer.notice(&text);
                    }
                    url = target;
                    url.set_fragment(None);
                }
                200..=299 => {
                    self.state.site.home = url.to_string();
                    self.state.add(url.as_str(), Kind::Seed, Found::User);
                    self.maps();
                    return self.take(&url, &answer);
                }
                status => {
                    return Err(site_error(
                        &url,
                        format!("it answers {status} {}", answer.reason),
                    ));
                }
            }
        }
        Err(site_error(&url, "it redirects for ever".into()))
    }

    /// Keeps the page to which the address led.
    fn take(&mut self, url: &Url, answer: &Answer) -> Result<()> {
        self.keep(url, answer)?;
        self.commit()
    }

    /// Adds the sitemaps that robots.txt names, else those at the usual places.
    pub fn maps(&mut self) {
        let Ok(home) = Url::parse(&self.state.site.home) else {
            return;
        };
        let named: Vec<Url> = self
            .robots
            .sitemaps
            .iter()
            .filter_map(|map| self.scope.join(&home, map))
            .collect();
        for map in &named {
            self.state.add(map.as_str(), Kind::Sitemap, Found::Robots);
        }
        if named.is_empty() {
            for usual in USUAL_MAPS {
                if let Some(map) = self.scope.join(&home, usual) {
                    self.state.add(map.as_str(), Kind::Sitemap, Found::Guess);
                }
            }
        }
    }

    /// Reads robots.txt, from the network where what is known is older than a day.
    pub fn rules(&mut self, home: &Url) -> Result<()> {
        let Ok(place) = home.join("/robots.txt") else {
            return Ok(());
        };
        let known = self.state.site.rules.clone();
        let known = known.filter(|rules| rules.url == place.as_str());
        if let Some(rules) = known.as_ref().filter(|r| seconds() - r.asked < DAY) {
            self.obey(&rules.text.clone());
            return Ok(());
        }
        let conditions = known.as_ref().map_or_else(Known::default, |rules| Known {
            etag: rules.etag.clone(),
            modified: rules.last_modified.clone(),
        });
        let mut url = place.clone();
        let mut rules = Rules {
            url: place.to_string(),
            asked: seconds(),
            ..Rules::default()
        };
        // Five redirects, as the RFC wants.
        for _ in 0..=5 {
            let answer = match self.ask(&url, &conditions) {
                Ok(answer) => answer,
                Err(End::Fault(
                    fault @ (Fault::Large(_) | Fault::Untrusted(_) | Fault::Private(_)),
                )) => {
                    return Err(unreachable(&url, &fault));
                }
                Err(end) => {
                    let why = match end {
                        End::Fault(fault) => fault.to_string(),
                        End::Failed(why) => why,
                        End::Stopped => self.stopped.take().unwrap_or_else(|| "interrupted".into()),
                    };
                    return Err(Error::Site {
                        url: url.to_string(),
                        why: format!("what the site allows cannot be read: {why}"),
                        hint: "run the command again later: without its rules nothing is asked for"
                            .into(),
                    });
                }
            };
            match (answer.status, &known) {
                (304, Some(before)) => {
                    self.archive(&url, &answer, &Record::NotModified(&before.archived))?;
                    rules = Rules {
                        asked: rules.asked,
                        ..before.clone()
                    };
                    break;
                }
                (300..=399, _) => {
                    self.archive(&url, &answer, &Record::Response)?;
                    match answer.header("location").and_then(|to| url.join(to).ok()) {
                        Some(to) if matches!(to.scheme(), "http" | "https") => url = to,
                        _ => break,
                    }
                }
                (200..=299, _) => {
                    rules.archived = self.archive(&url, &answer, &Record::Response)?;
                    let end = answer.body.len().min(robots::MAX_BYTES as usize);
                    let text = answer.body.get(..end).unwrap_or_default();
                    rules.text = String::from_utf8_lossy(text).into_owned();
                    rules.etag = answer.header("etag").map(str::to_owned);
                    rules.last_modified = answer.header("last-modified").map(str::to_owned);
                    break;
                }
                // There are none: everything is allowed.
                _ => break,
            }
        }
        self.obey(&rules.text.clone());
        self.state.site.rules = Some(rules);
        self.commit()
    }

    fn obey(&mut self, text: &str) {
        self.robots = Robots::parse(text);
        self.pace.ask(self.robots.delay);
        if let Some(delay) = self.robots.delay.filter(|d| *d > Duration::from_secs(20)) {
            let text = format!("the site wants {} s between requests", delay.as_secs());
            self.observer.notice(&text);
        }
    }
}

/// The address that the user means.
pub(super) fn seed(written: &str) -> Result<Url> {
    let written = written.trim();
    let hint = "name the address of a blog, as https://blog.example/";
    let text = if written.contains("://") {
        written.to_owned()
    } else {
        format!("https://{written}")
    };
    let mut url = Url::parse(&text)
        .map_err(|e| Error::usage(format!("{written} is no address: {e}"), hint))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Error::usage(
            format!("{written}: only http and https can be crawled"),
            hint,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::usage(
            format!(
                "{} has a name or password in its address",
                url.host_str().unwrap_or_default()
            ),
            "deepcut asks only for what everybody may read",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

fn site_error(url: &Url, why: String) -> Error {
    Error::Site {
        url: url.to_string(),
        why,
        hint: "check the address in a browser".into(),
    }
}

fn unreachable(url: &Url, fault: &Fault) -> Error {
    Error::Site {
        url: url.to_string(),
        why: fault.to_string(),
        hint: match fault {
            Fault::Private(_) => {
                "--allow-private lets names lead to your own machine and network: use it for sites of your own"
                    .into()
            }
            Fault::Untrusted(_) => "check the address in a browser; it may be another name of the site".into(),
            Fault::Slow(_) => "run the command again later, or give it more time with --timeout".into(),
            _ => "check the address and the connection, then run the command again".into(),
        },
    }
}
