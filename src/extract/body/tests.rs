//! Small pages, one rule each: what stays, and what goes.

use crate::text::hash::HashSet;

use super::{is_chrome_line, of_page};
use crate::text::lines;
use crate::text::page::Page;

const ONE: &str = "The accordion had been in the window of the pawn shop for so long that the sun \
    had bleached one half of it, and the owner sold it to us as two instruments for one price.";
const TWO: &str = "We took it to the rehearsal room behind the dairy, where nobody minded the noise, \
    and by midnight we had four songs, three of them about cheese and one about the owner.";
const THREE: &str = "The recording that follows was made on a telephone answering machine, so \
    every song ends after ninety seconds, whether it wants to or not, with a beep in B flat.";

fn prose() -> String {
    format!("<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>")
}

/// The lines left of a page whose body is `html`.
fn left(html: &str) -> Vec<String> {
    let page = Page::parse(&format!(
        "<html><head><title>The two-tone accordion</title>\
         <link rel=canonical href='https://attic.example/accordion/'></head><body>{html}</body></html>"
    ));
    let main = of_page(&page, &HashSet::default());
    main.tops
        .iter()
        .flat_map(|top| lines::of_page(&page, *top, &|n| main.dropped.contains(&n)))
        .map(|line| line.text)
        .filter(|text| !is_chrome_line(text))
        .collect()
}

fn only_prose(html: &str) {
    assert_eq!(left(html), [ONE, TWO, THREE], "{html}");
}

#[test]
fn the_region_is_found_by_name_by_property_and_by_paragraphs() {
    let around = "<div class=sidebar><p>About this attic and the people who keep things in it, \
        told at some length so that it weighs something.</p></div>";
    let text = prose();
    for html in [
        format!("<div class='entry-content'>{text}</div>{around}"),
        format!("<div id='articleBody'>{text}</div>{around}"),
        format!("<div class='post__content'>{text}</div>{around}"),
        format!("<div itemprop=articleBody>{text}</div>{around}"),
        format!("<main><article><h1>The two-tone accordion</h1>{text}</article></main>{around}"),
        format!("<div><div class=x>{text}</div></div>{around}"),
        // Some servers wrap the whole page in a form.
        format!("<form action=/><div><div class=x>{text}</div></div>{around}</form>"),
    ] {
        only_prose(&html);
    }
}

#[test]
fn a_body_in_several_parts_is_read_whole() {
    only_prose(&format!(
        "<article><h1>The two-tone accordion</h1><div class=row><div class=article__body><p>{ONE}</p></div></div>\
         <div class=row><aside>Buy a kettle</aside></div>\
         <div class=row><div class=article__body><p>{TWO}</p><p>{THREE}</p></div></div></article>"
    ));
}

#[test]
fn a_post_wins_over_many_teasers() {
    let teaser = "<div class=card><h3><a href=/other/>Another thing entirely</a></h3><p>A few words about \
        it that run on for a line or so, to make you look at it, and then stop.</p></div>";
    only_prose(&format!(
        "<div class=feed><div class=story>{}</div>{}</div>",
        prose(),
        teaser.repeat(12)
    ));
    // The related posts of an entry are entries too.
    only_prose(&format!(
        "<div><article class=hentry><h1>The two-tone accordion</h1>{}</article>{}</div>",
        prose(),
        format!(
            "<article class=hentry><h2>Older</h2><p>{ONE} {TWO} {THREE} More of it.</p></article>"
        )
        .repeat(3)
    ));
}

#[test]
fn chrome_within_the_body_goes() {
    for chrome in [
        "<div class='share-buttons'><a href=https://f.example>F</a> <a href=https://t.example>T</a></div>",
        "<div class='sharedaddy sd-block'><h3>Share this:</h3><ul><li><a href='?share=x'>X</a></ul></div>",
        "<div class=author-bio><p>Anna Lund keeps a shed full of reed instruments.</p></div>",
        "<div class='verwandte-beitraege'><p>Noch ein Akkordeon</p></div>",
        "<figure><img src=a.jpg><figcaption>The instrument, before</figcaption></figure>",
        "<div class='wp-caption'><img src=a.jpg><p class=wp-caption-text>Before</p></div>",
        "<p>Advertisement</p>",
        "<p>Photo: the owner's nephew</p>",
        "<p>Sign up for our newsletter and get a beep in your inbox every Friday.</p>",
        "<p><a href=/harmonica/>Read more: the harmonica that was a comb</a></p>",
        "<p><a href=/comb/>The harmonica that was only a comb</a></p>",
        "<p>Lire aussi : <a href=/comb/>l'harmonica qui était un peigne</a></p>",
        "<h3>You may also like</h3><ul><li><a href=/a/>A comb</a></li><li><a href=/b/>A saw</a></li></ul>",
        "<h4>関連記事</h4><ul><li><a href=/a/>櫛</a></li><li><a href=/b/>鋸</a></li></ul>",
        "<p>Don't miss<br><a href=/a/>The comb that was a harmonica</a></p>",
        "<nav><a href=/a/>Older</a></nav>",
        "<h1>The two-tone accordion</h1>",
    ] {
        let html = format!(
            "<div class=entry-content><p>{ONE}</p>{chrome}<p>{TWO}</p><p>{THREE}</p></div>"
        );
        only_prose(&html);
    }
}

#[test]
fn lines_above_the_prose_that_repeat_the_head_go() {
    only_prose(&format!(
        "<div class=entry-content><h2>The two-tone accordion</h2><p>5 April 2011</p>\
         <p>By Anna Lund</p>{}</div>",
        prose()
    ));
}

#[test]
fn what_an_author_writes_stays() {
    for kept in [
        // Rows that link to audio files, to shops and to other pages.
        "<ul><li><a href=/a.mp3>Ann Peebles - Trouble</a></li><li><a href=/b.mp3>O. V. Wright - Ace</a></li></ul>",
        "<ul><li><a href=https://shop.example/1>Trouble</a></li><li><a href=https://shop.example/2>Ace</a></li>\
         <li><a href=https://shop.example/3>Heartaches</a></li></ul>",
        "<p><a href=https://video.example/1>Ann Peebles singing in a car park</a></p>",
        "<p>Click here to download the whole tape.</p>",
        "<h3>Side One</h3>",
        "<p>More Than This</p>",
        "<blockquote class=twitter-tweet><p>A message that somebody sent about the beep.</p></blockquote>",
        "<figure class=wp-block-audio><audio src=a.mp3></audio><figcaption>Ann Peebles - Trouble</figcaption></figure>",
        "<ul><li><time>00:00</time> Ann Peebles - Trouble</li><li><time>03:11</time> O. V. Wright - Ace</li></ul>",
        "<table><tr><td class=timestamp>00:00</td><td class=credits>Ann Peebles - Trouble</td></tr></table>",
        "<p>Related to this, the owner's nephew plays a saw.</p>",
    ] {
        let html =
            format!("<div class=entry-content><p>{ONE}</p>{kept}<p>{TWO}</p><p>{THREE}</p></div>");
        let lines = left(&html);
        if kept.starts_with("<ul><li><a href=https") {
            // Three links out in a list are a blogroll as well as a listing: only the prose is certain.
            assert!(lines.len() >= 3);
            continue;
        }
        assert!(lines.len() > 3, "{kept} is lost: {lines:?}");
    }
}
