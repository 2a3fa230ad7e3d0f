//! Our tokenizer against html5ever's own, and against `scraper`.
//!
//! In: pages, ordinary and broken. Out: nothing, where the trees are equal. Gold pages are read where
//! `DEEPCUT_GOLD` names their folder.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::arena::Space;
use super::attributes::{KEPT, is_kept};
use super::names::{Tag, is};
use super::{Kind, NodeId, Page};
use crate::text::charset;

use super::generated_tests::{Rng, damaged, wordpress};

/// A tree as text: a line a node, indented. Lines of elements that the standard makes up or opens again
/// are left out: they depend on how text is cut into tokens.
fn dump(page: &Page, with_lines: bool) -> String {
    let mut out = String::new();
    let mut depth = vec![0usize; page.nodes.len()];
    for node in std::iter::once(page.root()).chain(page.descendants(page.root())) {
        if let Some(parent) = page.parent(node) {
            depth[node.0 as usize] = depth[parent.0 as usize] + 1;
        }
        let _ = write!(out, "{:1$}", "", depth[node.0 as usize]);
        match page.node(node).kind {
            Kind::Document => out.push_str("document"),
            Kind::Text(at) => {
                let _ = write!(out, "{:?}", page.content(at));
            }
            Kind::Element(at) => {
                let element = &page.elements[at as usize];
                let space = match element.space {
                    Space::Html => "http://www.w3.org/1999/xhtml",
                    Space::Svg => "http://www.w3.org/2000/svg",
                    Space::MathMl => "http://www.w3.org/1998/Math/MathML",
                };
                let _ = write!(out, "{space} {}", page.name(element.name));
                let mut attrs: Vec<_> = element
                    .attrs(&page.attrs)
                    .iter()
                    .filter_map(|a| Some((KEPT.get(a.name as usize)?, a.value)))
                    .map(|(name, value)| format!(" {name}={:?}", page.span(value)))
                    .collect();
                attrs.sort();
                out.push_str(&attrs.concat());
                let implied = matches!(
                    element.name.tag,
                    Tag::Html
                        | Tag::Head
                        | Tag::Body
                        | Tag::Tbody
                        | Tag::Tr
                        | Tag::Colgroup
                        | Tag::P
                ) || element.name.tag.is(is::FORMATTING);
                if with_lines && !implied {
                    let _ = write!(out, " @{}", element.line);
                }
            }
        }
        out.push('\n');
    }
    out
}

/// The same of a scraper tree, as far as it has what we keep.
fn dump_scraper(html: &str) -> String {
    use scraper::node::Node;
    let parsed = scraper::Html::parse_document(html);
    let mut out = String::new();
    // Text on both sides of a comment is one text to us.
    let mut text: Option<(usize, String)> = None;
    let flush = |text: &mut Option<(usize, String)>, out: &mut String| {
        if let Some((depth, text)) = text.take() {
            let _ = writeln!(out, "{:depth$}{text:?}", "");
        }
    };
    let mut stack = vec![(parsed.tree.root(), 0usize)];
    while let Some((node, depth)) = stack.pop() {
        let mut below = depth + 1;
        let mut mute = false;
        match node.value() {
            Node::Document => out.push_str("document\n"),
            Node::Element(element) => {
                flush(&mut text, &mut out);
                let name = &element.name;
                let _ = write!(out, "{:depth$}{} {}", "", &*name.ns, &*name.local);
                let mut attrs: Vec<_> = element
                    .attrs
                    .iter()
                    .filter(|(name, _)| is_kept(&name.local))
                    .map(|(name, value)| format!(" {}={:?}", &*name.local, &**value))
                    .collect();
                attrs.sort();
                out.push_str(&attrs.concat());
                out.push('\n');
                mute = &*name.local == "style"
                    || &*name.local == "script"
                        && !element.attr("type").is_some_and(|t| {
                            t.trim().eq_ignore_ascii_case("application/ld+json")
                                || t.trim().eq_ignore_ascii_case("application/json")
                        });
            }
            Node::Text(t) => match &mut text {
                Some((at, joined)) if *at == depth => joined.push_str(&t.text),
                _ => {
                    flush(&mut text, &mut out);
                    text = Some((depth, t.text.to_string()));
                }
            },
            Node::Fragment => below = depth,
            _ => {}
        }
        let children: Vec<_> = node.children().collect();
        for child in children.into_iter().rev() {
            if !(mute && child.value().is_text()) {
                stack.push((child, below));
            }
        }
        // The end of a subtree ends its text.
        if let Some((next, at)) = stack.last()
            && *at < depth
            && !next.value().is_comment()
        {
            flush(&mut text, &mut out);
        }
    }
    flush(&mut text, &mut out);
    out
}

/// The first lines on which two dumps differ.
fn difference(ours: &str, theirs: &str) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let mut number = 0;
    let mut a = ours.lines();
    let mut b = theirs.lines();
    loop {
        let (x, y) = (a.next(), b.next());
        number += 1;
        if x != y {
            return Some(format!("line {number}\n  ours   {x:?}\n  theirs {y:?}"));
        }
    }
}

#[track_caller]
fn agree(html: &str, name: &str) {
    // html5ever does not count a line break between `=` and a value.
    let with_lines = !html.split('=').skip(1).any(|v| {
        v.trim_start_matches([' ', '\t', '\x0C'])
            .starts_with(['\n', '\r'])
    });
    let ours = dump(&Page::parse(html), with_lines);
    let theirs = dump(&Page::parse_reference(html), with_lines);
    if let Some(difference) = difference(&ours, &theirs) {
        let shown: String = html.chars().take(600).collect();
        panic!("{name}: {difference}\nof {shown}");
    }
}

/// Markup that has surprised parsers: our own collection.
const EDGES: &[&str] = &[
    "",
    " ",
    "\u{feff}<p>x",
    "plain text",
    "\n\n  text before any tag",
    "<",
    "<<",
    "< p>x</p>",
    "a<",
    "a</",
    "a</>",
    "a</ b>c",
    "a</3>b",
    "a<3 and 4>3",
    "<p>x<",
    "<p>x</p",
    "<p class=x",
    "<p class='x",
    "<p class=\"x>y</p>",
    "<p class",
    "<p class=",
    "<p class= >x",
    "<p class=>x",
    "<p class = 'a b' id=\"c\"d=e>x",
    "<p class=a/b/>x",
    "<p/class=a/>x",
    "<p =class=a>x",
    "<p class=a class=b CLASS=c>x",
    "<p \"class\"=a>x",
    "<p class=a&amp;b id='&lt;&quot;' title=?a=1&copy=2&reg>x",
    "<p title=\"&notit; &notin; &amp &ampx &#150; &#0; &#xfffff1;\">x",
    "<p title='a\nb\r\nc\rd'>x\r\ny\rz",
    "<P CLASS=Ab>x</P>",
    "<p<b>x</p<b>",
    "<p\0q>x</p\0q>",
    "<p a\0b=c\0d title=\0>x\0y",
    "<title>a\0b &amp; <b>c</title>d",
    "<title>never closed <p>x",
    "<title>a</titlex>b</title >c",
    "<title>a</TITLE/>b",
    "<textarea>\nfirst line goes</textarea>",
    "<textarea>\n\nsecond stays</textarea>x",
    "<pre>\na\n</pre><pre>\n\nb</pre><pre><!-- x -->\nc</pre><pre></>\nd</pre>",
    "<pre>&#10;a</pre><listing>\nb</listing>",
    "<pre>\r\na</pre>",
    "<script>if (a<b) { x = '</p>' }</script>after",
    "<script><!-- <script> </script> --></script>after",
    "<script><!-- <script> </script> x </script>after",
    "<script><!--></script>after",
    "<script><!---></script>after",
    "<script><!-- a --- > </script>after",
    "<script><!-- </scriptx> <scripty> </script>after",
    "<script><!-- <script></script</script>after",
    "<script></script/>after",
    "<script></SCRIPT\n x='y'>after",
    "<script>a</script",
    "<script>a</script x",
    "<script/>x</script>y",
    "<script type='application/ld+json'>{\"a\": \"<b>&amp;</b>\"}</script>x",
    "<script type=' Application/LD+JSON '>{\"a\":\n1}</script><p id=a>",
    "<style>p > b { content: '</p>' }</style>x",
    "<style></stylex></style>x",
    "<noscript><p>x</noscript>y",
    "<head><noscript><meta></noscript><p>z",
    "<iframe><p>x</iframe>y<noembed><b></noembed><noframes><i></noframes>",
    "<xmp><p>&amp;</xmp>y",
    "<plaintext><p>\0</plaintext>",
    "<!-- a --><p>x<!-- b -->y<!---->z<!--->w<!-->v",
    "<p>a<!-- x --!>b<!-- - -- y -->c<!--d",
    "<p>a<!-- <!-- b --> c --><!--!>-->d<!--->e<!----!>f",
    "a<?php echo '>' ?>b<? x",
    "a<!x>b<!>c<!doc>d<!",
    "a<![CDATA[b]]>c",
    "<svg><![CDATA[a<b>&amp;]]]]>c]]></svg><![CDATA[d]]>",
    "<svg><![CDATA[a",
    "<svg><![CDATA[]]><desc><![CDATA[x]]></desc></svg>",
    "<math><mi><![CDATA[x\0y]]></mi></math>",
    "<svg><title>a<b>c</b></title><style>a&amp;<p>b</style><script>x&lt;</script></svg>",
    "<svg><a xlink:href='u' xlink:title=t xml:lang=en>x</a><p>out",
    "<svg><foreignObject><p>x</p><table>y<tr><td>z</foreignObject><g/></svg>w",
    "<svg viewBox='0' lineargradient=1><linearGradient/></svg>",
    "<svg><font>a</font><font color=red>b</font></svg>",
    "<math><annotation-xml encoding='text/html'><p>x</p></annotation-xml></math>",
    "<math><annotation-xml encoding=x><p>x</annotation-xml></math>",
    "<svg>\0<p>\0",
    "<table>\0 a <tr>b<td>c</table>d",
    "<table> <!-- x -->a<tr> b </tr></table>",
    "<table><b>x<tr><td>y</b>z</table>w",
    "<table><tr><td><table><tr><td>a</table>b</table>c",
    "<table><form><input type=hidden><input type=text></form><select><option>x</table>",
    "<table><caption>a<td>b<colgroup><col>c<tbody>d</table>",
    "<!doctype html><table><p><table>x",
    "<!doctype html public '-//W3C//DTD HTML 3.2//EN'><p><table>x",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"x\"><p><table>x",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"><p><table>x",
    "<!doctype><p><table>x",
    "<!doctype html system><p><table>x",
    "<!doctype html",
    "<p><b>a<p>b</b>c<i>d<p>e</i>f",
    "<b class=x><i>a</b>b</i>c",
    "<a href=1>x<a href=2>y<p>z</a>w</p>",
    "<a href=1><div>x<a href=2>y</div>z",
    "<b><b><b><b><p>x</b></b></b></b>y",
    "<font size=1><font size=2><font size=3><font size=4><p>x</p></font>y",
    "<font onclick=1><font onclick=2><font onclick=3><font onclick=4><p>x",
    "<nobr>a<nobr>b<p>c</nobr>d",
    "<i><p>a<i><p>b<i><p>c<i><p>d",
    "<ul><li>a<li>b<ul><li>c</ul>d<li>e</ul>",
    "<dl><dt>a<dd>b<dt>c</dl>d<h1>e<h2>f</h1>g",
    "<p>a<div>b</p>c</div></p>d",
    "<button>a<button>b</button>c<form>d<form>e</form>f</form>",
    "<select><option>a<option>b<optgroup><option>c<p>d</select>e",
    "<body class=a><p>x<body class=b id=c><html lang=en class=d>",
    "<frameset><frame><noframes>x</noframes></frameset>y",
    "<p>x<frameset>",
    "</p>x</br>y</div>z",
    "<template><tr><td>x</template><p>y<template><p>z",
    "<div><template shadowrootmode=open><p>x</template></div>",
    "<image alt=x><img src=a srcset=b width=1 alt='c'>",
    "<br/><hr/><div/>x<p/>y",
    "<meta charset=latin1><meta http-equiv=content-type content='text/html; charset=x'><p>x",
    "</head>a<head>b</body>c</html>d<!-- e --> f",
    "<ruby>a<rt>b<rp>c<rt>d</ruby>",
    "<option>a<p>b<option>c",
    "<x-y class=q>a</x-y><É>b</É><p É=1 é=2>",
    "&amp; &AMP; &#65 &#x41; &lt&gt &nosuch; &ampamp; &",
    "<p>&#x110000; &#xD800; &#129; &#13;&#10; &NotEqualTilde; &fjlig;",
    "<p>a &\0b; &#\0; \0",
    "<p>long text with <b>bold</b>, a line\n\nbreak &mdash; and&nbsp;more\n<i>x</i>\n</p>\n",
];

#[test]
fn edges_agree() {
    for (at, html) in EDGES.iter().enumerate() {
        agree(html, &format!("edge {at}"));
    }
}

#[test]
fn edges_cut_anywhere_agree() {
    for (at, html) in EDGES.iter().enumerate() {
        for end in (0..html.len()).filter(|n| html.is_char_boundary(*n)) {
            // html5ever forgets that `pre` ignores a line break when it has an error to tell, here that
            // the semicolon is missing.
            if html[..end].ends_with("<pre>&#10") {
                continue;
            }
            agree(&html[..end], &format!("edge {at} cut at {end}"));
        }
    }
}

/// Pieces from which pages are thrown together.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i class=a>",
    "</i>",
    "<a href='/x?a=1&amp;b'>",
    "</a>",
    "<div id=d>",
    "</div>",
    "<table>",
    "</table>",
    "<tr>",
    "<td colspan=2>",
    "</td>",
    "<ul>",
    "<li value=3>",
    "</li>",
    "</ul>",
    "<br>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<!--",
    "-->",
    "--!>",
    "<svg>",
    "</svg>",
    "<title>",
    "</title>",
    "<![CDATA[",
    "]]>",
    "text ",
    "a &amp; b",
    "&copy",
    "\n",
    "\r\n",
    "\0",
    "<",
    ">",
    "&",
    "'",
    "\"",
    "=",
    "/>",
    "<textarea>",
    "</textarea>",
    "<pre>",
    "<font color=red>",
    "<h2>",
    "</h2>",
    "<select>",
    "<option>",
    "<math>",
    "<mi>",
    "<form>",
    "</form>",
    "<template>",
    "</template>",
    "<noscript>",
    "</noscript>",
    "é",
    "<body class=b>",
    "</body>",
    "<span onclick='x'>",
    "<dd>",
    "<dt>",
    "<nobr>",
    "<button>",
    "<caption>",
    "<foreignObject>",
    "<desc>",
    "<input type=hidden>",
    "<head>",
    "</head>",
    "<!doctype html>",
    "<?x?>",
    "<frameset>",
    "<colgroup>",
    "<col>",
    "</html>",
    "<applet>",
    "</applet>",
    "<marquee>",
    "</object>",
    "<object>",
    "<ruby>",
    "</ruby>",
    "<rt>",
    "<rp>",
    "<rb>",
    "<rtc>",
    "<optgroup>",
    "</option>",
    "</select>",
    "<hr>",
    "<image>",
    "<xmp>",
    "</xmp>",
    "<iframe>",
    "</iframe>",
    "<noembed>",
    "<frame>",
    "</frameset>",
    "<noframes>",
    "</noframes>",
    "<annotation-xml encoding=text/html>",
    "<annotation-xml>",
    "</annotation-xml>",
    "<mglyph>",
    "</mi>",
    "</math>",
    "</foreignObject>",
    "</desc>",
    "<linearGradient xlink:href=#a>",
    "<svg/>",
    "<tbody>",
    "</tbody>",
    "<thead>",
    "</tfoot>",
    "<th>",
    "</th>",
    "</tr>",
    "</caption>",
    "</colgroup>",
    "<base href=b>",
    "<html class=x>",
    "</br>",
    "<em>",
    "</em>",
    "<b class=1>",
    "<b class=2>",
    "<u>",
    "<address>",
    "</address>",
    "<dl>",
    "</dd>",
    "<listing>",
    "<param>",
    "<menu>",
    "<article>",
    "</article>",
    "</button>",
    "</nobr>",
    "</font>",
    "<font>",
    "</h3>",
    "<h3>",
    "<input>",
    "<link>",
    "<meta>",
    "<x-y>",
    "</x-y>",
    "</span>",
    "<dialog>",
    "<!doctype html public 'html'>",
];

#[test]
fn thrown_together_agree() {
    thrown_together(0..6_000);
}

/// `cargo test --release --lib a_million -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn a_million_thrown_together_agree() {
    thrown_together(1 << 32..(1 << 32) + 1_000_000);
}

fn thrown_together(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut rng = Rng::new(seed);
        let mut html = String::new();
        for _ in 0..rng.below(40) + 2 {
            html.push_str(PIECES[rng.below(PIECES.len())]);
        }
        agree(&html, &format!("seed {seed}"));
    }
}

#[test]
fn generated_pages_agree_whole_and_damaged() {
    for i in 0..6 {
        let html = wordpress(i);
        agree(&html, &format!("page {i}"));
        for seed in 0..20 {
            agree(
                &damaged(&html, i * 1_000 + seed),
                &format!("page {i} seed {seed}"),
            );
        }
    }
}

#[test]
fn scraper_agrees() {
    for at in 0..4 {
        let html = wordpress(at);
        let ours = dump(&Page::parse(&html), false);
        assert_eq!(difference(&ours, &dump_scraper(&html)), None, "page {at}");
    }
}

/// Every HTML page of the repository, and of the folder that `DEEPCUT_GOLD` names.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("corpus"), &mut paths);
    collect(&root.join("tests"), &mut paths);
    if let Some(gold) = std::env::var_os("DEEPCUT_GOLD") {
        collect(Path::new(&gold), &mut paths);
    }
    paths
        .into_iter()
        .filter_map(|p| Some((p.clone(), read(&p)?)))
        .collect()
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.to_string_lossy();
        if path.is_dir() {
            collect(&path, out);
        } else if [".html", ".htm", ".html.gz"]
            .iter()
            .any(|e| name.ends_with(e))
        {
            out.push(path);
        }
    }
}

fn read(path: &Path) -> Option<String> {
    let raw = std::fs::read(path).ok()?;
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::MultiGzDecoder::new(&raw[..])
            .read_to_end(&mut bytes)
            .ok()?;
    } else {
        bytes = raw;
    }
    Some(charset::decode(&bytes, None, true).0)
}

#[test]
fn pages_agree_whole_and_damaged() {
    let pages = pages();
    assert!(pages.len() >= 40, "{} pages", pages.len());
    for (at, (path, html)) in pages.iter().enumerate() {
        let name = path.display().to_string();
        agree(html, &name);
        let ours = dump(&Page::parse(html), false);
        assert_eq!(difference(&ours, &dump_scraper(html)), None, "{name}");
        for seed in 0..4 {
            agree(
                &damaged(html, at as u64 * 100 + seed),
                &format!("{name} seed {seed}"),
            );
        }
    }
}

/// `cargo test --release --lib ten_thousand -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn ten_thousand_damaged_pages_agree() {
    let mut pages = pages();
    pages.extend((0..20).map(|i| (PathBuf::from(format!("generated {i}")), wordpress(i))));
    for seed in 0..10_000 {
        let (path, html) = &pages[seed % pages.len()];
        agree(
            &damaged(html, 1 << 32 | seed as u64),
            &format!("{} seed {seed}", path.display()),
        );
    }
}

#[test]
fn walks_agree_with_links() {
    let page = Page::parse(&wordpress(9));
    let all: Vec<NodeId> = page.descendants(page.root()).collect();
    for node in &all {
        let up = page.parent(*node);
        assert!(up.is_some_and(|up| page.children(up).any(|c| c == *node)));
        if let Some(next) = page.next_sibling(*node) {
            assert_eq!(page.prev_sibling(next), Some(*node));
            assert_eq!(page.after(*node, page.root()), Some(next));
        }
    }
    assert_eq!(all.len(), page.nodes.len() - 1);
}
