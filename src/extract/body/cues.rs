//! Phrases that themes print around posts, in nine languages.
//!
//! In: a short line or block of text. Out: whether it is chrome, opens a block of chrome, or introduces a link to
//! something else. Must not know where on the page it stood.

use std::sync::LazyLock;

use regex::Regex;

// Boundaries are those of ASCII: Unicode's keep the fast engine from texts with curly quotes. How long the
// parts may be is left to the callers' limits on the whole.
macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());)*
    };
}

patterns! {
    // Whole lines that no author writes.
    LINE = r"(?ix)^\W*(?:
        advert(?:isement|s|ising)?s?|story\scontinues\sbelow(?:\sadvertisement)?|article\scontinues\sbelow.*|continue\sreading(?:\sthe\smain\sstory)?|sponsored(?:\scontent)?|
        share(?:\sthis)?(?:\s(?:post|article|story|on\s(?:facebook|twitter|whatsapp|pinterest|linkedin|reddit)))?|tweet(?:\sthis)?|pin\sit|email\s?this|print(?:\sthis)?|reblog|
        facebook|twitter|whatsapp|e-?mail|linkedin|pinterest|reddit|telegram|
        like\sthis|loading|close|video|caption|image\s\d+\sof\s/?\s?\d+|skip\sto\s(?:main\s)?content|back\sto\stop|scroll\sback\sto\stop|click\sto\s(?:share|email|print|enlarge)(?-u:\b).*|
        comments?(?:\s\(\d+\))?|\d+\scomments?|no\scomments(?:\syet)?|view\scomments|leave\sa\s(?:comment|reply)|subscribe(?:\snow)?|sign\sup(?:\snow)?|follow\sus(?:\son\s.+)?|read\smore|more|view\smore|see\smore|
        werbung|anzeige|teilen|drucken|weiterlesen|artikel\steilen|publicit[ée]|partager|imprimer|lire\sla\ssuite|publicidade?|compartir|comparte|compart(?:ilhe|ilhar)|imprimir|leia\smais|leer\sm[áa]s|continua\sdepois\sda\spublicidade|
        pubblicità|condividi|stampa|leggi\stutto|реклама|поделиться|читать\sдалее|シェア|広告|ツイート|광고|공유하기|공유
    )\W*$";
    // Openers of a block of links to something else, or of what follows a post.
    OPENER = r"(?ix)^\W*(?:
        (?:the\s)?related(?:\s(?:posts?|articles?|stor(?:y|ies)|news|content|topics?|coverage|links?|videos?|reading|items?|roundup|tags?|terms?))?|
        (?:read|see|watch)\s(?:more|next|also|this\snext|related)|more\s(?:from|on|stories|news|great|articles|to\s(?:read|explore)|like\sthis|reading|coverage|top\sstories|in\sthis\sseries)(?-u:\b).*|
        you\s(?:may|might|could|will|'ll|’ll)\s(?:also\s)?(?:like|enjoy|love|be\sinterested).*|recommended(?:\s.*)?|(?:also|further)\s(?:read|reading|see|on)(?:\s.*)?|
        trending(?:\s.*)?|most\s(?:read|popular|viewed|shared|commented).*|popular\s(?:posts?|stories|articles)|latest\s(?:posts?|news|stories|articles)|recent\s(?:posts?|articles|comments)|don['’]t\smiss.*|editor['’]?s['’]?\s(?:picks?|choice)|top\sstories|what\sto\sread\snext|keep\sreading|from\sthe\sweb|around\sthe\sweb|
        about\sthe\s(?:authors?|writer)|share\sthis.*|tags|tagged(?:\s(?:with|in|as))?|filed\sunder|topics|comments?|leave\sa\s(?:reply|comment)|(?:add|post|write)\sa\scomment|join\sthe\s(?:conversation|discussion)|\d+\s(?:comments|responses|replies)(?:\s.*)?|
        (?:our\s)?newsletters?(?:\s.*)?|sign\sup.*|subscribe.*|follow\sus.*|want\smore\s.*|like\s(?:this|what\syou).*|stay\s(?:connected|informed|in\sthe\sloop).*|
        ähnliche\s.*|verwandte\s.*|mehr\s(?:zum\sthema|von|aus|artikel).*|das\skönnte\s(?:sie|dich|ihnen|dir).*|weitere\s(?:artikel|beiträge|themen|meldungen).*|lesen\ssie\sauch.*|auch\sinteressant|zum\sthema|kommentare?|schlagwörter|
        lire\saussi|à\slire(?:\s(?:aussi|également))?|sur\sle\smême\s(?:sujet|thème)|articles?\s(?:similaires?|liés|connexes|récents)|voir\saussi|dans\sla\smême\srubrique|vous\saimerez\s(?:aussi|peut-être).*|commentaires?|
        lee\stambi[ée]n|te\spuede\sinteresar|tambi[ée]n\ste\spuede\sinteresar|(?:noticias|art[íi]culos|entradas|notas|temas|contenidos?)\s(?:relacionad[oa]s?)|relacionad[oa]s?|m[áa]s\s(?:noticias|informaci[óo]n|le[íi]d[oa]s|sobre).*|etiquetas|comentarios|deja\s(?:un|una|tu)\s(?:comentario|respuesta)|
        voc[êe]\s(?:tamb[ée]m\s)?(?:pode|poder[áa]|vai)\s(?:gostar|se\sinteressar).*|leia\s(?:tamb[ée]m|mais)|veja\s(?:tamb[ée]m|mais)|(?:posts|mat[ée]rias|not[íi]cias|artigos|conte[úu]dos?)\srelacionad[oa]s?|saiba\smais|mais\s(?:lidas|sobre|not[íi]cias).*|coment[áa]rios|deixe\s(?:um|o\sseu|seu)\scoment[áa]rio|
        leggi\sanche|articoli\s(?:correlati|simili)|potrebbe(?:ro)?\s(?:anche\s)?interessarti.*|ti\spotrebbe.*|commenti|
        関連(?:記事|リンク|ニュース|動画).*|あわせて読みたい|こちらもおすすめ|コメント.*|人気記事|관련\s?(?:기사|글|뉴스).*|댓글.*|인기\s?(?:기사|글)|
        читайте\s(?:также|ещё|еще).*|похожие\s.*|(?:ещё|еще)\sпо\sтеме|по\sтеме|смотрите\sтакже|комментари[ийя].*|метки|теги
    )\W*$";
    // Beginnings of a paragraph whose rest is a link to something else.
    LEAD = r"(?ix)^\W*(?:
        (?:read|see|watch|also|more|related|must\sread)(?-u:\b)|read(?-u:\b)|video(?-u:\b)|photos?(?-u:\b)|gallery(?-u:\b)|
        lesen\ssie|lies\sauch|mehr(?-u:\b)|lire(?-u:\b)|à\slire|voir(?-u:\b)|lee(?-u:\b)|lea(?-u:\b)|ver(?-u:\b)|mira(?-u:\b)|leia(?-u:\b)|veja(?-u:\b)|saiba(?-u:\b)|confira(?-u:\b)|leggi(?-u:\b)|guarda(?-u:\b)|関連|続き|관련|더\s?보기|читайте|смотрите|подробнее
    )";
    // Whole paragraphs about the page and not of the post.
    NOTE = r"(?ix)^\W*(?:
        (?:photo(?:graph)?s?|image|picture|pic|foto|fotos|bild|crédito|crédits?|screenshot|illustration)(?:\s(?:credit|by|courtesy|via|source))?s?\s?(?::|/|by(?-u:\b)|courtesy(?-u:\b)).+|file\sphoto(?-u:\b).*|\((?:image|photo|foto|picture|source|quelle)(?-u:\b).*\)|
        (?:additional\s)?reporting\sby(?-u:\b).+|(?:edited|editing)\sby(?-u:\b).+|(?:this\s(?:post|article|story)|we|some\sof\sthe\slinks).*(?-u:\b)affiliate(?-u:\b).*|
        (?:follow|find|e-?mail)\s[^.]+\s(?:on\s(?:twitter|facebook|instagram)|at\s\S+@\S+).*|(?:click\shere\sto\s)?(?:get|download)\s(?:the|our)\s.*(?-u:\b)app(?-u:\b).*|(?:sign\sup|subscribe)(?-u:\b).*(?-u:\b)(?:newsletters?|e-?mails?|channel|podcast|updates|alerts|inbox)(?-u:\b).*|
        (?:get|receive)(?-u:\b).*(?-u:\b)(?:newsletter|in\syour\sinbox|to\syour\sinbox|through\syour\sletterbox).*|
        (?:copyright|©|\(c\)\s\d{4})(?-u:\b).*|.*(?-u:\b)all\srights\sreserved\.?|
        (?:last\s)?updated\s(?:at|on)\s.+|(?:first\s)?published\s(?:at|on)?:?\s.+|you\smust\sbe\slogged\sin.*|your\se-?mail\saddress\swill\snot\sbe\spublished.*|this\ssite\suses\sakismet.*|
        (?:.*\s)?(?:sign\sup|subscribe)(?-u:\b)[^.]*(?-u:\b)(?:newsletters?|inbox|mailing\slist)(?-u:\b).*|.*(?-u:\b)follow\s(?:him|her|them|me|us)\s(?:on|@).*|
        our\sstandards:.*|(?:have|got)\sa\s(?:tip|story)(?-u:\b).*
    )$";
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    (**pattern).as_ref().is_some_and(|p| p.is_match(text))
}

/// A line that is nothing but a theme's own words ("Share this", "Advertisement", "Image 1 of 5").
pub fn is_chrome_line(text: &str) -> bool {
    text.len() <= 120 && matches(&LINE, text)
}

/// A heading over links to something else ("Related posts", "Lesen Sie auch").
pub(super) fn is_opener(text: &str) -> bool {
    text.chars().count() <= 80 && matches(&OPENER, text)
}

/// A paragraph that begins like a pointer to something else ("Read more: …").
pub(super) fn is_lead(text: &str) -> bool {
    matches(&LEAD, text)
}

/// A paragraph about the page ("Photo: …", "Sign up for our newsletter …").
pub(super) fn is_note(text: &str) -> bool {
    text.len() <= 400 && matches(&NOTE, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chrome_lines_in_many_languages() {
        for text in [
            "Share this:",
            "Advertisement",
            "Image 2 of 7",
            "Teilen",
            "Partager",
            "Compartir",
            "Поделиться",
            "シェア",
            "공유하기",
            "Leia mais »",
        ] {
            assert!(is_chrome_line(text), "{text}");
        }
        for text in [
            "Close to Me",
            "Video Killed the Radio Star",
            "More Than This",
            "Twitter was slow.",
        ] {
            assert!(!is_chrome_line(text), "{text}");
        }
    }

    #[test]
    fn openers_in_many_languages() {
        for text in [
            "Related posts",
            "More from the attic",
            "Lesen Sie auch:",
            "À lire aussi",
            "Noticias relacionadas",
            "Leia também:",
            "Leggi anche",
            "関連記事",
            "관련 기사",
            "Читайте также:",
        ] {
            assert!(is_opener(text), "{text}");
        }
        for text in [
            "Related to the drummer",
            "Tracklist",
            "Side One",
            "Commentary by the band",
        ] {
            assert!(!is_opener(text), "{text}");
        }
    }

    #[test]
    fn notes_are_about_the_page() {
        assert!(is_note("Photo: somebody's cousin"));
        assert!(is_note(
            "Sign up for our weekly newsletter and never miss a tape."
        ));
        assert!(!is_note("Photographs of the session were lost in a flood."));
        assert!(!is_note("Follow the bass line on the second verse."));
    }
}
