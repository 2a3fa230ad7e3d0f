//! What blog software stores instead of what it shows: paragraphs as blank lines, shortcodes, HTML comments.
//!
//! In: content as an export holds it. Out: HTML as the blog would show it, or the text of a comment. Must not
//! know which export it came from.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::Text;
use crate::text::lines;
use crate::text::page::Page;

/// The text of a comment that may be HTML; line breaks of the source count where it has no paragraphs of
/// its own.
pub(super) fn comment_text(content: &str) -> Text {
    if !content.contains(['<', '&']) {
        return Text::block(content);
    }
    let page = Page::parse(&paragraphs(content));
    lines::joined(&lines::of_page(&page, page.root(), &|_| false))
}

/// One line of text out of a title that may hold markup.
pub(super) fn title_text(title: &str) -> Option<String> {
    if !title.contains(['<', '&']) {
        return (!title.trim().is_empty()).then(|| title.trim().to_owned());
    }
    let text = comment_text(title);
    let line = Text::some_line(&text)?;
    Some(line.as_str().to_owned())
}

static BREAKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?is)<(pre|script|style|textarea)\b.*?</(?:pre|script|style|textarea)\s*>|<!--.*?-->|<[^>]*>|\n[ \t\r\n]*").ok()
});

/// HTML in which the line breaks of the source are paragraphs and breaks, as WordPress shows it. Content
/// that already has paragraphs is returned as it is.
pub(super) fn paragraphs(content: &str) -> String {
    let lower = content.to_ascii_lowercase();
    if !content.contains('\n')
        || lower.contains("<!-- wp:")
        || lower.contains("<p>")
        || lower.contains("<p ")
    {
        return content.to_owned();
    }
    let content = content.replace("\r\n", "\n").replace('\r', "\n");
    let Some(breaks) = &*BREAKS else {
        return content;
    };
    let mut out = String::with_capacity(content.len() * 9 / 8);
    let mut done = 0;
    // True where a block's tag stands last: a line break there is none of the text.
    let mut at_block = true;
    for found in breaks.find_iter(&content) {
        let between = &content[done..found.start()];
        if !between.trim().is_empty() {
            at_block = false;
        }
        out.push_str(between);
        done = found.end();
        let piece = found.as_str();
        if piece.starts_with('\n') {
            let before_block = content[done..]
                .strip_prefix('<')
                .is_some_and(|tag| lines::is_block(&tag_name(tag)));
            let blank = piece.matches('\n').count() > 1;
            if !(at_block || before_block || done == content.len()) {
                out.push_str(if blank { "<p>" } else { "<br>" });
            } else if blank && !before_block {
                out.push_str("<p>");
            }
            out.push('\n');
        } else {
            out.push_str(piece);
            if !piece.starts_with("<!--") {
                let name = tag_name(&piece[1..]);
                at_block = name == "br" || lines::is_block(&name);
            }
        }
    }
    out.push_str(&content[done..]);
    out
}

fn tag_name(tag: &str) -> String {
    tag.trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

static SHORTCODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\[(\[?)(/?)([A-Za-z][A-Za-z0-9_-]*)(\s[^\[\]]*?)?(/?)\](\]?)").ok()
});

/// Shortcodes of WordPress itself and of its wide-spread plugins: dropped even where they stand bare.
const KNOWN: &[&str] = &[
    "audio",
    "caption",
    "embed",
    "gallery",
    "playlist",
    "video",
    "wp_caption",
    "youtube",
    "vimeo",
    "soundcloud",
    "spotify",
    "bandcamp",
    "mixcloud",
    "code",
    "sourcecode",
    "more",
    "nextpage",
    "contact-form",
    "contact-field",
    "polldaddy",
    "slideshow",
    "googlemaps",
    "dailymotion",
    "flickr",
    "vc_row",
    "vc_column",
    "vc_column_text",
    "et_pb_section",
    "et_pb_row",
    "et_pb_column",
    "et_pb_text",
];

/// Shortcodes whose content is the address of a player, not text.
const PLAYERS: &[&str] = &[
    "embed",
    "youtube",
    "vimeo",
    "soundcloud",
    "audio",
    "video",
    "dailymotion",
    "spotify",
    "mixcloud",
    "flickr",
];

/// The content without shortcodes. What stands between a pair (a caption) is kept, and so are brackets of
/// the text: `[remix]` is none, as it is neither known, nor has attributes, nor is closed.
pub(super) fn without_shortcodes(content: &str) -> String {
    let Some(shortcode) = SHORTCODE.as_ref().filter(|_| content.contains('[')) else {
        return content.to_owned();
    };
    let mut opened = HashSet::new();
    let mut closed = HashSet::new();
    for found in shortcode.captures_iter(content) {
        if let (Some(slash), Some(name)) = (found.get(2), found.get(3)) {
            let name = name.as_str().to_ascii_lowercase();
            if slash.is_empty() {
                opened.insert(name);
            } else {
                closed.insert(name);
            }
        }
    }
    let mut out = String::with_capacity(content.len());
    let mut done = 0;
    for found in shortcode.captures_iter(content) {
        let Some(all) = found.get(0).filter(|all| all.start() >= done) else {
            continue;
        };
        let part = |n: usize| found.get(n).map_or("", |m| m.as_str());
        let name = part(3).to_ascii_lowercase();
        out.push_str(&content[done..all.start()]);
        done = all.end();
        if part(1) == "[" && part(6) == "]" {
            // [[name]] is how one writes about a shortcode.
            out.push_str(&all.as_str()[1..all.len() - 1]);
            continue;
        }
        if name == "audio"
            && part(2).is_empty()
            && !part(4).trim().is_empty()
            && let Some(end) = own_line(content, all.start(), all.end())
        {
            // A player that stands alone may state tracks: extraction reads it.
            out.push_str(&content[all.start()..end]);
            done = end;
            continue;
        }
        let known = KNOWN.contains(&name.as_str());
        let attributes = part(4).contains("=\"") || part(4).contains("='");
        if !(known || attributes || opened.contains(&name) && closed.contains(&name)) {
            out.push_str(all.as_str());
            continue;
        }
        // Brackets of the text that touch a shortcode stay.
        if part(1) == "[" {
            out.push('[');
        }
        if part(6) == "]" {
            out.push(']');
        }
        if PLAYERS.contains(&name.as_str())
            && part(2).is_empty()
            && let Some(end) = content[done..].find('[')
            && closes(&content[done + end..], &name)
            && content[done..done + end].trim().starts_with("http")
        {
            done += end;
        }
    }
    out.push_str(&content[done..]);
    out
}

/// Where an audio shortcode ends, with its end tag, if nothing else stands on its line.
fn own_line(content: &str, start: usize, end: usize) -> Option<usize> {
    let before = content[..start].trim_end_matches([' ', '\t']);
    let end = match content[end..].strip_prefix("[/audio]") {
        Some(rest) => content.len() - rest.len(),
        None => end,
    };
    let after = content[end..].trim_start_matches([' ', '\t', '\r']);
    let alone = (before.is_empty() || before.ends_with(['\n', '>']))
        && (after.is_empty() || after.starts_with(['\n', '<']));
    alone.then_some(end)
}

/// True where the text opens with the end of this shortcode.
fn closes(text: &str, name: &str) -> bool {
    text.strip_prefix("[/")
        .and_then(|rest| rest.get(..name.len()))
        .is_some_and(|found| found.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_paragraphs_and_lines_are_breaks() {
        assert_eq!(
            paragraphs("1. A - B\n2. C - D\r\n\r\nText\n<ul>\n<li>x</li>\n</ul>\n<pre>a\nb</pre>"),
            "1. A - B<br>\n2. C - D<p>\nText\n<ul>\n<li>x</li>\n</ul>\n<pre>a\nb</pre>"
        );
        assert_eq!(paragraphs("<p>a\nb</p>"), "<p>a\nb</p>");
        assert_eq!(
            comment_text("Great <b>tape</b>.\nTwo lines\n\nand &amp; more").as_str(),
            "Great tape.\nTwo lines\n\nand & more"
        );
    }

    #[test]
    fn shortcodes_go_and_brackets_stay() {
        for (content, left) in [
            (
                "a\n[audio a.mp3|titles=A]\nb",
                "a\n[audio a.mp3|titles=A]\nb",
            ),
            (
                "<p>[audio mp3=\"a.mp3\"][/audio]</p>",
                "<p>[audio mp3=\"a.mp3\"][/audio]</p>",
            ),
            ("hear [audio mp3=\"a.mp3\"][/audio] now", "hear  now"),
        ] {
            assert_eq!(without_shortcodes(content), left);
        }
        assert_eq!(
            without_shortcodes(
                "[caption id=\"a_1\" width='3']<img src='x'/> The cover[/caption] Song [remix] [Live] \
                 [gallery ids=\"1,2\"][gallery] [[gallery]] [embed]https://example.org/v[/embed]. \
                 [x_box style=\"a\"]in[/x_box] [feat. Someone] [1985]"
            ),
            "<img src='x'/> The cover Song [remix] [Live]  [gallery] . in [feat. Someone] [1985]"
        );
    }
}
