//! Where bytes from strangers come in: one function for each door, used by the fuzz targets beside this file and by
//! the fuzzing that needs no other tool (`tests/suite/campaign/fuzz.rs`).

use std::io::Write;
use std::ops::ControlFlow;

use deepcut::extract;
use deepcut::model::DateSource;
use deepcut::query;
use deepcut::source::{self, BadDocument, FileName, RawDocument};
use deepcut::text::page::Page;
use scraper::Node;

/// Documents of one case that are looked at.
const MOST: usize = 200;
/// Bytes of a page whose tree is compared: too few for the bounds that a page has with us and with nobody else.
const SHORT: usize = 1_500;
/// Attributes that are compared.
const ATTRIBUTES: [&str; 4] = ["class", "id", "title", "datetime"];

/// A door: its name, the name that a file has which comes in there, and what takes it.
pub struct Door {
    pub name: &'static str,
    pub file: &'static str,
    pub take: fn(&Door, &[u8]),
}

pub const DOORS: &[Door] = &[
    Door {
        name: "warc",
        file: "a.warc",
        take: reader,
    },
    Door {
        name: "jsonl",
        file: "a.jsonl",
        take: reader,
    },
    Door {
        name: "markdown",
        file: "2014-05-06-a.md",
        take: reader,
    },
    Door {
        name: "wordpress",
        file: "a.xml",
        take: reader,
    },
    Door {
        name: "rss",
        file: "a.xml",
        take: reader,
    },
    Door {
        name: "blogger",
        file: "a.xml",
        take: reader,
    },
    Door {
        name: "atom",
        file: "a.atom",
        take: reader,
    },
    Door {
        name: "json-feed",
        file: "feed.json",
        take: reader,
    },
    Door {
        name: "disqus",
        file: "a.xml",
        take: reader,
    },
    Door {
        name: "tumblr",
        file: "posts.json",
        take: reader,
    },
    Door {
        name: "ghost",
        file: "a.json",
        take: reader,
    },
    Door {
        name: "medium",
        file: "posts/2018-05-03_A-0a1b2c3d4e5f.html",
        take: reader,
    },
    Door {
        name: "html",
        file: "a.html",
        take: reader,
    },
    Door {
        name: "text",
        file: "a.txt",
        take: reader,
    },
    Door {
        name: "zip",
        file: "a.zip",
        take: file,
    },
    Door {
        name: "gzip",
        file: "a.html.gz",
        take: file,
    },
    Door {
        name: "tar",
        file: "a.tar",
        take: file,
    },
    Door {
        name: "tracks",
        file: "a.txt",
        take: tracks,
    },
    Door {
        name: "comments",
        file: "a.txt",
        take: comments,
    },
    Door {
        name: "dates",
        file: "",
        take: dates,
    },
    Door {
        name: "query",
        file: "",
        take: query,
    },
    Door {
        name: "page",
        file: "a.html",
        take: page,
    },
];

/// Feeds a door.
pub fn at(name: &str, data: &[u8]) {
    if let Some(door) = DOORS.iter().find(|door| door.name == name) {
        (door.take)(door, data);
    }
}

/// Counts documents and stops where there are many.
fn sink(seen: &mut usize, document: Result<RawDocument, BadDocument>) -> ControlFlow<()> {
    *seen += 1;
    if let Ok(document) = document {
        std::hint::black_box(extract::extract(document));
    }
    if *seen < MOST {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// One reader, whatever its own sniffing says, and what is made of its documents.
fn reader(door: &Door, data: &[u8]) {
    let all = source::READERS;
    let reader = all.iter().find(|r| r.name() == door.name);
    let reader = reader.unwrap_or_else(|| panic!("no reader {}", door.name));
    let name = FileName {
        path: door.file.to_owned(),
        inner: String::new(),
    };
    let mut seen = 0;
    let _ = reader.read(&mut &*data, &name, &mut |document| {
        sink(&mut seen, document)
    });
}

/// A whole file, as a run reads it: packed or not, by its content.
fn file(door: &Door, data: &[u8]) {
    let suffix = door.file.trim_start_matches('a');
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(data).unwrap();
    let mut seen = 0;
    let _ = source::read_file(file.path(), door.file, &mut |document| {
        sink(&mut seen, document)
    });
}

/// Lines as rows of a listing.
fn tracks(door: &Door, data: &[u8]) {
    let head = b"A tape\n\nProse.\n\nTrack Listing\n\n1. Calico - Lantern\n2. Harbour - Low Tide\n";
    let text = Door {
        name: "text",
        ..*door
    };
    reader(&text, &[head, data].concat());
    let page = [
        b"<html><title>A tape</title><article><h3>Tracklist</h3><table><tr><td>1<td>Calico<td>Lantern".as_slice(),
        data,
    ]
    .concat();
    let html = Door {
        name: "html",
        file: "a.html",
        ..*door
    };
    reader(&html, &page);
}

/// Lines and a page as a thread.
fn comments(door: &Door, data: &[u8]) {
    let head = "A tape\n\nProse.\n\n3 Responses to “A tape”\n\n  1. First.\n\n";
    let text = Door {
        name: "text",
        ..*door
    };
    reader(&text, &[head.as_bytes(), data].concat());
    let page = [
        b"<html><title>A tape</title><article>Prose.</article><ol class=commentlist><li class=comment id=comment-1>".as_slice(),
        data,
    ]
    .concat();
    let html = Door {
        name: "html",
        file: "a.html",
        ..*door
    };
    reader(&html, &page);
}

fn dates(_: &Door, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for language in [None, Some("en"), Some("de"), Some("ja")] {
        std::hint::black_box(extract::date::parse(&text, language, DateSource::Byline));
    }
    std::hint::black_box(extract::date::of_url(&text));
    std::hint::black_box(extract::date::of_file_name(&text));
    std::hint::black_box(extract::date::order_of(text.lines()));
}

fn query(_: &Door, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    std::hint::black_box(query::parse(&text).understood());
}

/// A tree as a list: depth, then the name and attributes of an element, or text.
#[derive(PartialEq, Debug)]
enum Step {
    Element(usize, String, Vec<String>),
    Text(usize, String),
}

/// Adds a step; text on both sides of a comment is one.
fn step(steps: &mut Vec<Step>, next: Step) {
    match (steps.last_mut(), next) {
        (Some(Step::Text(at, text)), Step::Text(depth, more)) if *at == depth => {
            text.push_str(&more)
        }
        (_, next) => steps.push(next),
    }
}

/// The tree that a page has with us.
fn ours(html: &str) -> Vec<Step> {
    let page = Page::parse(html);
    let mut steps = Vec::new();
    for node in page.descendants(page.root()) {
        let depth = page.ancestors(node).count();
        step(
            &mut steps,
            match page.text_of(node) {
                Some(text) => Step::Text(depth, text.to_owned()),
                None => {
                    let attrs = ATTRIBUTES.iter();
                    let attrs = attrs.map(|name| format!("{:?}", page.attr(node, name)));
                    Step::Element(depth, page.tag(node).to_owned(), attrs.collect())
                }
            },
        );
    }
    steps
}

/// The tree that it has with `scraper`, without what we leave out.
fn theirs(html: &str) -> Vec<Step> {
    let parsed = scraper::Html::parse_document(html);
    let mut steps = Vec::new();
    let mut stack: Vec<_> = parsed
        .tree
        .root()
        .children()
        .rev()
        .map(|n| (n, 1))
        .collect();
    while let Some((node, depth)) = stack.pop() {
        let mut below = depth + 1;
        let mut mute = false;
        match node.value() {
            Node::Element(element) => {
                let attrs = ATTRIBUTES.iter();
                let attrs = attrs.map(|name| format!("{:?}", element.attr(name)));
                step(
                    &mut steps,
                    Step::Element(depth, element.name().to_owned(), attrs.collect()),
                );
                let is_data = element.attr("type").is_some_and(|kind| {
                    ["application/ld+json", "application/json"]
                        .iter()
                        .any(|data| kind.trim().eq_ignore_ascii_case(data))
                });
                mute = element.name() == "style" || element.name() == "script" && !is_data;
            }
            Node::Text(text) => step(&mut steps, Step::Text(depth, text.to_string())),
            // What a template holds.
            Node::Fragment => below = depth,
            _ => {}
        }
        let children = node
            .children()
            .rev()
            .filter(|child| !mute || !child.value().is_text());
        stack.extend(children.map(|child| (child, below)));
    }
    steps
}

/// Our page tree against that of `scraper`.
fn page(_: &Door, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let html = &text[..text.floor_char_boundary(SHORT)];
    let (ours, theirs) = (ours(html), theirs(html));
    let at = ours.iter().zip(&theirs).position(|(a, b)| a != b);
    let at = at.unwrap_or(ours.len().min(theirs.len()));
    assert_eq!(ours.get(at), theirs.get(at), "at {at} of {html:?}");
}
