//! What a crawl did, would do, and how sites stand.
//!
//! In: reports and states of crawls. Out: tables and JSON. Must not ask the network for anything.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::paint::safe;
use super::sheet::{Sheet, column};
use super::text::{bytes, counted};
use super::{Screen, view};
use crate::crawl::{Failed, Planned, Progress, Report, SiteStatus};
use crate::pipeline;

/// So many failures or planned pages are shown to people.
const SHOWN: usize = 20;

/// What a crawl did, and the run of the indexer after it.
pub struct Crawled<'a> {
    pub report: &'a Report,
    pub index: Option<&'a pipeline::Report>,
    /// All lines of long lists.
    pub all: bool,
}

/// How the sites of an archive stand.
pub struct CrawlStatus<'a> {
    pub sites: &'a [SiteStatus],
    pub all: bool,
}

fn failures(failed: &[Failed]) -> Value {
    failed
        .iter()
        .map(|f| json!({"url": f.url, "reason": f.reason}))
        .collect()
}

fn planned(page: &Planned) -> Value {
    json!({
        "url": page.url,
        "found": page.found,
        "conditional": page.conditional,
        "date": page.date,
    })
}

fn counts(progress: &Progress) -> [(&'static str, u64); 6] {
    [
        ("posts", progress.posts),
        ("fetched", progress.fetched),
        ("unchanged", progress.unchanged),
        ("forbidden", progress.forbidden),
        ("failed", progress.failed),
        ("due", progress.due),
    ]
}

fn some(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => text.into(),
    }
}

impl Sheet for Crawled<'_> {
    fn json(&self) -> Map<String, Value> {
        let report = self.report;
        let mut out = Map::from_iter([
            ("site".to_owned(), report.site.clone().into()),
            ("run".to_owned(), report.run.into()),
        ]);
        for (name, count) in counts(&report.progress) {
            if name != "failed" {
                out.insert(name.to_owned(), count.into());
            }
        }
        out.extend([
            ("failed".to_owned(), failures(&report.failed)),
            ("traps".to_owned(), report.traps.into()),
            ("requests".to_owned(), report.requests.into()),
            ("bytes".to_owned(), report.bytes.into()),
            ("seconds".to_owned(), report.seconds.into()),
            ("warc".to_owned(), some(&report.warc)),
            ("interrupted".to_owned(), report.interrupted.into()),
            ("stopped".to_owned(), report.stopped.clone().into()),
            ("dry_run".to_owned(), report.plan.is_some().into()),
            (
                "plan".to_owned(),
                report
                    .plan
                    .as_ref()
                    .map_or(Value::Null, |all| all.iter().map(planned).collect()),
            ),
            (
                "index".to_owned(),
                self.index.map_or(Value::Null, view::run),
            ),
        ]);
        out
    }

    fn lines(&self) -> Vec<Value> {
        match &self.report.plan {
            Some(plan) => plan.iter().map(planned).collect(),
            None => vec![Value::Object(self.json())],
        }
    }

    fn header(&self) -> &'static [&'static str] {
        match self.report.plan {
            Some(_) => &["url", "found", "conditional", "date"],
            None => &[
                "site",
                "run",
                "posts",
                "fetched",
                "unchanged",
                "forbidden",
                "failed",
                "due",
                "requests",
                "bytes",
            ],
        }
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let report = self.report;
        if let Some(plan) = &report.plan {
            let cells = |p: &Planned| {
                vec![
                    p.url.clone(),
                    p.found.to_owned(),
                    p.conditional.to_string(),
                    p.date.clone().unwrap_or_default(),
                ]
            };
            return plan.iter().map(cells).collect();
        }
        let mut row = vec![report.site.clone(), report.run.to_string()];
        row.extend(counts(&report.progress).iter().map(|(_, n)| n.to_string()));
        row.extend([report.requests.to_string(), report.bytes.to_string()]);
        vec![row]
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let progress = &report.progress;
        if let Some(plan) = &report.plan {
            writeln!(out, "{}", screen.dim("dry run: nothing was written"))?;
            let most = if self.all { usize::MAX } else { SHOWN };
            for page in plan.iter().take(most) {
                let how = if page.conditional {
                    "if changed"
                } else {
                    "whole"
                };
                let date = page.date.as_deref().unwrap_or("");
                writeln!(
                    out,
                    "{}  {}  {}  {}",
                    column(how, 10, false),
                    column(page.found, 10, false),
                    column(date, 10, false),
                    safe(&page.url)
                )?;
            }
            if plan.len() > most {
                let rest = format!("… and {} more; --verbose shows them all", plan.len() - most);
                writeln!(out, "{}", screen.dim(&rest))?;
            }
            return writeln!(
                out,
                "{} would be asked for, about {}",
                screen.bold(&counted(plan.len() as u64, "page", "pages")),
                time(progress.left.as_secs().max(plan.len() as u64))
            );
        }
        writeln!(
            out,
            "{}: {} known; {} fetched, {} unchanged, {} refused by robots.txt, {} failed",
            screen.bold(&safe(&report.site)),
            counted(progress.posts, "post", "posts"),
            counted(progress.fetched, "page", "pages"),
            progress.unchanged,
            progress.forbidden,
            progress.failed,
        )?;
        if progress.due > 0 {
            writeln!(out, "{} still to be asked for", progress.due)?;
        }
        let into = match report.warc.as_str() {
            "" => String::new(),
            name => format!(" into {}", safe(name)),
        };
        let traps = match report.traps {
            0 => String::new(),
            traps => format!("; {} left alone", counted(traps, "trap", "traps")),
        };
        let line = format!(
            "{} in this run, {}{into} ({:.1} s){traps}",
            counted(report.requests, "request", "requests"),
            bytes(report.bytes),
            report.seconds
        );
        writeln!(out, "{}", screen.dim(&line))?;
        match self.index {
            Some(index) => super::text::run(index, screen, out),
            None => Ok(()),
        }
    }
}

impl Sheet for CrawlStatus<'_> {
    fn json(&self) -> Map<String, Value> {
        Map::from_iter([("sites".to_owned(), self.lines().into())])
    }

    fn lines(&self) -> Vec<Value> {
        let value = |s: &SiteStatus| {
            let mut out = Map::from_iter([
                ("site".to_owned(), s.site.clone().into()),
                ("platform".to_owned(), s.platform.into()),
                ("runs".to_owned(), s.runs.into()),
                ("began".to_owned(), stamp(s.began).into()),
                ("ended".to_owned(), s.ended.map(stamp).into()),
            ]);
            for (name, count) in counts(&s.progress) {
                if !matches!(name, "failed" | "forbidden") {
                    out.insert(name.to_owned(), count.into());
                }
            }
            out.extend([
                ("requests".to_owned(), s.requests.into()),
                ("bytes".to_owned(), s.bytes.into()),
                ("warc".to_owned(), some(&s.warc)),
                ("failed".to_owned(), failures(&s.failed)),
                ("forbidden".to_owned(), s.forbidden.clone().into()),
            ]);
            Value::Object(out)
        };
        self.sites.iter().map(value).collect()
    }

    fn header(&self) -> &'static [&'static str] {
        &[
            "site",
            "runs",
            "began",
            "ended",
            "posts",
            "fetched",
            "unchanged",
            "forbidden",
            "failed",
            "due",
        ]
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let cells = |s: &SiteStatus| {
            let mut row = vec![
                s.site.clone(),
                s.runs.to_string(),
                stamp(s.began),
                s.ended.map(stamp).unwrap_or_default(),
            ];
            row.extend(counts(&s.progress).iter().map(|(_, n)| n.to_string()));
            row
        };
        self.sites.iter().map(cells).collect()
    }

    fn text(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        for (at, site) in self.sites.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let platform = site.platform.map(|p| format!(" ({p})")).unwrap_or_default();
            writeln!(out, "{}{platform}", screen.bold(&safe(&site.site)))?;
            let end = match site.ended {
                Some(ended) => format!("ended {}", stamp(ended)),
                None => "not finished: the next crawl goes on".to_owned(),
            };
            let line = format!("run {} began {}, {end}", site.runs, stamp(site.began));
            writeln!(out, "  {}", screen.dim(&line))?;
            let p = &site.progress;
            writeln!(
                out,
                "  {} known; {} fetched, {} unchanged, {} refused by robots.txt, {} failed, {} to ask for",
                counted(p.posts, "post", "posts"),
                counted(p.fetched, "page", "pages"),
                p.unchanged,
                p.forbidden,
                p.failed,
                p.due
            )?;
            let most = if self.all { usize::MAX } else { SHOWN };
            for failed in site.failed.iter().take(most) {
                writeln!(
                    out,
                    "  failed: {}: {}",
                    safe(&failed.url),
                    safe(&failed.reason)
                )?;
            }
            if site.failed.len() > most {
                let rest = format!(
                    "… and {} more; --verbose names them all",
                    site.failed.len() - most
                );
                writeln!(out, "  {}", screen.dim(&rest))?;
            }
            if self.all {
                for url in &site.forbidden {
                    writeln!(out, "  forbidden: {}", safe(url))?;
                }
            }
        }
        Ok(())
    }
}

/// Seconds since 1970 as RFC 3339 in UTC.
fn stamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |t| t.to_string())
}

/// A time for people.
fn time(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}
