//! Phrases that themes print around posts, in nine languages.
//!
//! In: a short line or block of text. Out: whether it is chrome, opens a block of chrome, or introduces a link to
//! something else. Must not know where on the page it stood.

use std::sync::LazyLock;

use regex::Regex;

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
        like\sthis|loading|close|video|caption|image\s\d+\sof\s/?\s?\d+|skip\sto\s(?:main\s)?content|back\sto\stop|scroll\sback\sto\stop|click\sto\s(?:share|email|print|enlarge)\b.{0,60}|
        comments?(?:\s\(\d+\))?|\d+\scomments?|no\scomments(?:\syet)?|view\scomments|leave\sa\s(?:comment|reply)|subscribe(?:\snow)?|sign\sup(?:\snow)?|follow\sus(?:\son\s.{1,40})?|read\smore|more|view\smore|see\smore|
        werbung|anzeige|teilen|drucken|weiterlesen|artikel\steilen|publicit[ée]|partager|imprimer|lire\sla\ssuite|publicidade?|compartir|comparte|compart(?:ilhe|ilhar)|imprimir|leia\smais|leer\sm[áa]s|continua\sdepois\sda\spublicidade|
        pubblicità|condividi|stampa|leggi\stutto|реклама|поделиться|читать\sдалее|シェア|広告|ツイート|광고|공유하기|공유
    )\W*$";
    // Openers of a block of links to something else, or of what follows a post.
    OPENER = r"(?ix)^\W*(?:
        (?:the\s)?related(?:\s(?:posts?|articles?|stor(?:y|ies)|news|content|topics?|coverage|links?|videos?|reading|items?|roundup|tags?|terms?))?|
        (?:read|see|watch)\s(?:more|next|also|this\snext|related)|more\s(?:from|on|stories|news|great|articles|to\s(?:read|explore)|like\sthis|reading|coverage|top\sstories|in\sthis\sseries)\b.{0,50}|
        you\s(?:may|might|could|will|'ll|’ll)\s(?:also\s)?(?:like|enjoy|love|be\sinterested).{0,40}|recommended(?:\s.{0,40})?|(?:also|further)\s(?:read|reading|see|on)(?:\s.{0,40})?|
        trending(?:\s.{0,30})?|most\s(?:read|popular|viewed|shared|commented).{0,30}|popular\s(?:posts?|stories|articles)|latest\s(?:posts?|news|stories|articles)|recent\s(?:posts?|articles|comments)|don['’]t\smiss.{0,30}|editor['’]?s['’]?\s(?:picks?|choice)|top\sstories|what\sto\sread\snext|keep\sreading|from\sthe\sweb|around\sthe\sweb|
        about\sthe\s(?:authors?|writer)|share\sthis.{0,30}|tags|tagged(?:\s(?:with|in|as))?|filed\sunder|topics|comments?|leave\sa\s(?:reply|comment)|(?:add|post|write)\sa\scomment|join\sthe\s(?:conversation|discussion)|\d+\s(?:comments|responses|replies)(?:\s.{0,80})?|
        (?:our\s)?newsletters?(?:\s.{0,40})?|sign\sup.{0,60}|subscribe.{0,60}|follow\sus.{0,40}|want\smore\s.{0,50}|like\s(?:this|what\syou).{0,60}|stay\s(?:connected|informed|in\sthe\sloop).{0,40}|
        ähnliche\s.{0,30}|verwandte\s.{0,30}|mehr\s(?:zum\sthema|von|aus|artikel).{0,40}|das\skönnte\s(?:sie|dich|ihnen|dir).{0,40}|weitere\s(?:artikel|beiträge|themen|meldungen).{0,30}|lesen\ssie\sauch.{0,20}|auch\sinteressant|zum\sthema|kommentare?|schlagwörter|
        lire\saussi|à\slire(?:\s(?:aussi|également))?|sur\sle\smême\s(?:sujet|thème)|articles?\s(?:similaires?|liés|connexes|récents)|voir\saussi|dans\sla\smême\srubrique|vous\saimerez\s(?:aussi|peut-être).{0,30}|commentaires?|
        lee\stambi[ée]n|te\spuede\sinteresar|tambi[ée]n\ste\spuede\sinteresar|(?:noticias|art[íi]culos|entradas|notas|temas|contenidos?)\s(?:relacionad[oa]s?)|relacionad[oa]s?|m[áa]s\s(?:noticias|informaci[óo]n|le[íi]d[oa]s|sobre).{0,40}|etiquetas|comentarios|deja\s(?:un|una|tu)\s(?:comentario|respuesta)|
        voc[êe]\s(?:tamb[ée]m\s)?(?:pode|poder[áa]|vai)\s(?:gostar|se\sinteressar).{0,20}|leia\s(?:tamb[ée]m|mais)|veja\s(?:tamb[ée]m|mais)|(?:posts|mat[ée]rias|not[íi]cias|artigos|conte[úu]dos?)\srelacionad[oa]s?|saiba\smais|mais\s(?:lidas|sobre|not[íi]cias).{0,40}|coment[áa]rios|deixe\s(?:um|o\sseu|seu)\scoment[áa]rio|
        leggi\sanche|articoli\s(?:correlati|simili)|potrebbe(?:ro)?\s(?:anche\s)?interessarti.{0,20}|ti\spotrebbe.{0,30}|commenti|
        関連(?:記事|リンク|ニュース|動画).{0,10}|あわせて読みたい|こちらもおすすめ|コメント.{0,8}|人気記事|관련\s?(?:기사|글|뉴스).{0,10}|댓글.{0,8}|인기\s?(?:기사|글)|
        читайте\s(?:также|ещё|еще).{0,20}|похожие\s.{0,20}|(?:ещё|еще)\sпо\sтеме|по\sтеме|смотрите\sтакже|комментари[ийя].{0,8}|метки|теги
    )\W*$";
    // Beginnings of a paragraph whose rest is a link to something else.
    LEAD = r"(?ix)^\W*(?:
        (?:read|see|watch|also|more|related|must\sread)\b|read\b|video\b|photos?\b|gallery\b|
        lesen\ssie|lies\sauch|mehr\b|lire\b|à\slire|voir\b|lee\b|lea\b|ver\b|mira\b|leia\b|veja\b|saiba\b|confira\b|leggi\b|guarda\b|関連|続き|관련|더\s?보기|читайте|смотрите|подробнее
    )";
    // Whole paragraphs about the page and not of the post.
    NOTE = r"(?ix)^\W*(?:
        (?:photo(?:graph)?s?|image|picture|pic|foto|fotos|bild|crédito|crédits?|screenshot|illustration)(?:\s(?:credit|by|courtesy|via|source))?s?\s?(?::|/|by\b|courtesy\b).{1,160}|file\sphoto\b.{0,300}|\((?:image|photo|foto|picture|source|quelle)\b.{0,120}\)|
        (?:additional\s)?reporting\sby\b.{3,250}|(?:edited|editing)\sby\b.{3,160}|(?:this\s(?:post|article|story)|we|some\sof\sthe\slinks).{0,60}\baffiliate\b.{0,200}|
        (?:follow|find|e-?mail)\s[^.]{2,60}\s(?:on\s(?:twitter|facebook|instagram)|at\s\S+@\S+).{0,120}|(?:click\shere\sto\s)?(?:get|download)\s(?:the|our)\s(?:\S+\s){0,4}app\b.{0,60}|(?:sign\sup|subscribe)\b.{0,40}\b(?:newsletters?|e-?mails?|channel|podcast|updates|alerts|inbox)\b.{0,200}|
        (?:get|receive)\b.{0,80}\b(?:newsletter|in\syour\sinbox|to\syour\sinbox|through\syour\sletterbox).{0,120}|
        (?:copyright|©|\(c\)\s\d{4})\b.{0,160}|.{0,60}\ball\srights\sreserved\.?|
        (?:last\s)?updated\s(?:at|on)\s.{3,60}|(?:first\s)?published\s(?:at|on)?:?\s.{3,60}|you\smust\sbe\slogged\sin.{0,40}|your\se-?mail\saddress\swill\snot\sbe\spublished.{0,80}|this\ssite\suses\sakismet.{0,90}|
        (?:.{0,200}\s)?(?:sign\sup|subscribe)\b[^.]{0,90}\b(?:newsletters?|inbox|mailing\slist)\b.{0,120}|.{0,250}\bfollow\s(?:him|her|them|me|us)\s(?:on|@).{0,60}|
        our\sstandards:.{0,80}|(?:have|got)\sa\s(?:tip|story)\b.{0,120}
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
    text.len() <= 160 && matches(&OPENER, text)
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
