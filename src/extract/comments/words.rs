//! The words around a thread: headings that count it, forms, buttons, what pages print below it.
//!
//! In: one line. Out: what it is. In the languages of music blogs: English, German, French, Spanish,
//! Portuguese, Italian, Japanese, Korean, Russian. Must not know lines before or after.

use crate::text::hash::HashSet;
use std::sync::LazyLock;

use regex::Regex;

macro_rules! patterns {
    ($($name:ident = $text:expr;)*) => {
        // A pattern is part of the program: one that did not compile would match nothing.
        $(static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());)*
    };
}

patterns! {
    // "18 Responses to …", "2 thoughts on …", "3 Kommentare:"
    COUNT_FIRST = r"(?i)^[({\[«\s]*(\d{1,3}(?:[.,]\d{3})*|\d+|one|two|three|four|five|no|zero|a|ein|eine|einen|keine?|un|une|uno|una|um|uma|zwei|drei|deux|trois|dos|tres|dois|duas|três|due|tre|aucun|sin|ning[úu]n|nenhum|nessun|один|два|три|нет)\s*[)}\]]*\s*(?:reader\s+|user\s+)?(?:(?:responses?|repl(?:y|ies)|comments?|thoughts?|opinions?|reactions?|kommentare?|antworten|antwort|gedanken?|meinung(?:en)?|reaktion(?:en)?|rückmeldung(?:en)?|r[ée]ponses?|r[ée]actions?|r[ée]flexions?|commentaires?|pensées?|avis|comentarios?|coment[áa]rios?|respuestas?|respostas?|pensamientos?|opiniones|opini[õo]es|ideias?|rispost[ae]|comment[oi]|pensier[oi]|reacties|комментари\S+|ответ\S*|отзыв\S*|мыс\S+)\b|件の(?:コメント|フィードバック|返信)|つのコメント|개의?\s*(?:댓글|생각)|件|개)(.{0,200})$";
    // "Comments (3)", "Comments: 3", "Комментарии (2)", "댓글 3개"
    COUNT_LAST = r"(?i)^(?:all\s+|reader\s+)?(?:responses?|replies|comments?|discussion|kommentare?|antworten|meinungen|r[ée]ponses?|r[ée]actions?|commentaires?|comentarios?|coment[áa]rios?|respuestas?|respostas?|risposte|commenti|комментари\S+|отзывы|コメント(?:一覧)?|댓글)\s*(?:[:：–—|-]\s*)?[(\[（]?\s*(\d{1,5})\s*[)\]）]?\s*(?:件|개|total|so far)?\s*[:：]?$";
    // "“…” への2件のフィードバック", "«…»에 대한 2개의 생각"
    COUNT_INSIDE = r"^.{1,160}(?:への|に対する|에 대한)\s*(\d+)\s*(?:件|개).{0,40}$";
    BARE = r"(?i)^(?:(?:reader |user |recent )?(?:responses|replies|comments|discussion)|kommentare|antworten|meinungen|commentaires|r[ée]actions|comentarios|coment[áa]rios|respuestas|respostas|risposte|commenti|комментарии|отзывы|コメント(?:一覧)?|댓글)(?: (?:to|on|zu|auf|à|sur|su|para|en|em|к)\b.{1,200})?\s*[:：]?$";
    AFTER_COUNT = r"(?i)^\s*(?:\)|\]|\}|[:：.…»>]|so far|yet|add yours|leave|add|post|read|↓|a comment|\||/|•|·|to\b|on\b|for\b|zu\b|auf\b|über\b|à\b|sur\b|pour\b|a\b|en\b|sobre\b|para\b|em\b|ao?\b|su\b|per\b|на\b|к\b|from\b|by\b|in\b|and \d|&|und \d|et \d|y \d|e \d|on this|[“«„\x22]|$)";
    FORM = r"(?i)^[»>\s+]*(?:leave a (?:reply|comment)|leave your|post a (?:new )?comment|post (?:your )?comment|add (?:a |new |your )?comment|submit (?:a )?comment|write a (?:comment|reply)|reply to this (?:post|entry)|make a comment|have your say|your email address will not be published.*|(?:schreibe|hinterlasse|verfasse) (?:eine?n?|uns)\b.*|kommentar (?:schreiben|ver[öo]ffentlichen|hinterlassen|verfassen|abgeben|posten).*|neue[nr]? kommentar.*|laisse[rz] (?:un|votre) (?:commentaire|r[ée]ponse)|enregistrer un commentaire|publier un commentaire|ajouter un commentaire|poster un commentaire|[ée]crire un commentaire|votre adresse e-?mail ne sera.*|deja (?:un comentario|una respuesta|tu )|publicar un comentario|a[ñn]adir (?:un )?comentario|tu direcci[óo]n de correo.*|deixe (?:um coment[áa]rio|uma resposta|seu coment).*|postar um coment[áa]rio|enviar um coment[áa]rio|o seu endere[çc]o de e?-?mail.*|lascia un(?:a|o)? (?:commento|risposta)|posta un commento|aggiungi (?:un )?commento|il tuo indirizzo email.*|оставить комментарий|добавить комментарий|отправить комментарий|ваш (?:адрес )?e-?mail.*|コメントを投稿|コメントを残す|コメントする|コメントの投稿|댓글 쓰기|댓글 남기기|댓글 달기|답글 남기기)(?:\b|\s|$).*$";
    LIKED = r"(?i)^[\s|·•👍♥❤★]*(?:liked by (\d+) (?:people|persons?|others?|bloggers?)|(\d+) (?:likes?|people like (?:this|it)|person likes (?:this|it)|upvotes?|points?)|gef[äa]llt (\d+) (?:personen|person|mal|leuten)(?: das)?|(?:aim[ée]|appr[ée]ci[ée]) par (\d+) personnes?|(\d+) (?:j.aime|me gusta|curtidas?|mi piace|gefällt mir)|le gusta a (\d+) personas?|piace a (\d+) person[ae]|curtido por (\d+) pessoas?|понравилось (\d+)|(?:like|likes|いいね!?|좋아요)\s*[:(]?\s*(\d+)\)?|(\d+)\s*(?:いいね!?|좋아요)|👍\s*(\d+))[\s|·•).]*(?:like|reply|liked by you)?$";
    PING = r"(?i)^(?:pingback|trackback|ping back|track back)s?\s*(?:[:：–—-]|from\b|by\b|von\b|de\b)\s*(.{2,300})$";
    AFTER = r"(?i)^(?:[«‹<← ]*(?:newer|older) (?:post|posts|entries|comments)[»›>→ ]*|newest|oldest|<<\s*home|home|subscribe to:.*|subscribe in a reader|links to this post.*|create a link|trackbacks?(?:/pingbacks?)?(?: \(\d+\))?:?|pingbacks?:?|trackback url.*|the uri to trackback.*|fill in your details below.*|you are commenting using.*|notify me of.*|you must be (?:logged|signed) in.*|you can (?:leave a response|follow any).*|this site uses akismet.*|comments (?:are|have been) closed.*|comments feed.*|rss feed for comments.*|%d bloggers like this:?|previous (?:post|entry|article).*|next (?:post|entry|article).*|(?:[«‹←] ).{3,}|related(?: posts?| articles)?:?|you (?:may|might) also like.*|recent (?:posts?|comments?):?|blog archive|about me|about the author|archives?|categories|tags|blogroll|meta|search|followers|pages|powered by.*|copyright .*|©.*|neuerer post|[äa]lterer post|startseite|abonnieren.*|diese seite verwendet.*|article plus r[ée]cent|article plus ancien|accueil|inscription à.*|entrada (?:m[áa]s reciente|antigua)|(?:p[áa]gina )?principal|inicio|suscribirse a:?.*|postagem mais (?:recente|antiga)|p[áa]gina inicial|assinar:?.*|post più (?:recente|vecchio)|home page|iscriviti a:?.*|следующее|предыдущее|главная страница|подписаться на:?.*|次の投稿|前の投稿|ホーム|登録:?.*|최근 게시물|이전 게시물|홈|구독:?.*)$";
    // A line that closes a Blogger post: its comments may follow without a heading.
    CLOSES_POST = r"(?i)^(?:labels?|tags?|filed under|posted in|etichette|[ée]tiquetas?|libell[ée]s|marcadores|label|ярлыки|ラベル|라벨)\s*[:：].{1,300}$|^(?:posted|publi[ée]|publicado|pubblicato|eingestellt|gepostet|postado|автор|投稿者|작성자)\s*(?:by|par|por|da|von|:)?\s.{1,60}\d{1,2}[:：h]\d{2}.{0,20}$";
}

fn captures<'a>(pattern: &LazyLock<Option<Regex>>, text: &'a str) -> Option<regex::Captures<'a>> {
    (**pattern).as_ref()?.captures(text)
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    (**pattern).as_ref().is_some_and(|p| p.is_match(text))
}

/// Lines of more bytes are never part of a thread's furniture.
const LONGEST: usize = 400;

/// The number that a heading states: "18 Responses to …" is 18, "No comments yet" 0.
pub(super) fn stated(line: &str) -> Option<u32> {
    let line = line.trim();
    if line.len() > LONGEST {
        return None;
    }
    // Nearly every line is none; that is told without room for what it states.
    if matches(&COUNT_FIRST, line)
        && let Some(found) = captures(&COUNT_FIRST, line)
    {
        let rest = found.get(2).map_or("", |m| m.as_str());
        if matches(&AFTER_COUNT, rest) {
            return count(&found[1]);
        }
    }
    // Most lines have no figure at all, in any script.
    let figures = |b: u8| b.is_ascii_digit() || !b.is_ascii();
    if !line.bytes().any(figures) {
        return None;
    }
    captures(&COUNT_LAST, line)
        .or_else(|| captures(&COUNT_INSIDE, line))
        .and_then(|found| count(&found[1]))
}

/// "Comments", "Responses to …" without a number.
pub(super) fn bare_heading(line: &str) -> bool {
    line.len() <= LONGEST && matches(&BARE, line.trim())
}

/// "Leave a Reply": no comment stands below it.
pub(super) fn form(line: &str) -> bool {
    line.len() <= 160 && matches(&FORM, line.trim())
}

/// "Reply", "Like", "Loading…".
pub(super) fn widget(line: &str) -> bool {
    if line.len() > 100 {
        return false;
    }
    // What Disqus prints between the parts of an entry.
    let sign = |c| {
        matches!(
            c,
            '•' | '·' | '|' | '−' | '–' | '-' | '+' | '⚑' | '›' | '▲' | '▼' | ' '
        )
    };
    if !line.is_empty() && line.chars().all(sign) {
        return true;
    }
    let bare = line
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    BUTTONS.contains(bare.as_str())
        || ["reply to ", "reply with ", "your comment is awaiting"]
            .iter()
            .any(|lead| bare.starts_with(lead) && bare.len() <= 60 && !bare.contains(". "))
}

/// What stands on buttons, parted by bars.
const LABELS: &str = "reply|quote|like|unlike|likes|loading|edit|delete|remove|report|report abuse|flag|\
    flag as inappropriate|share|share this|permalink|permanent link|link|thread|parent|view|see more|\
    show more|read more|log in to reply|login to reply|sign in to reply|like this|like loading|upvote|\
    downvote|up vote|down vote|vote up|vote down|collapse|expand|hide|replies|comment link|antworten|\
    auf diesen kommentar antworten|bearbeiten|melden|zitieren|gefällt mir|löschen|antworten ausblenden|\
    répondre|répondre à ce commentaire|modifier|signaler|j’aime|j'aime|supprimer|responder|editar|eliminar|\
    excluir|borrar|me gusta|denunciar|citar|curtir|rispondi|modifica|elimina|mi piace|segnala|ответить|\
    цитировать|удалить|пожаловаться|нравится|ветвь дискуссии|返信|返信する|削除|編集|通報|いいね|답글|답장|\
    삭제|신고|수정|좋아요|sort by best|sort by newest|sort by oldest|sort by popular now|join the discussion|\
    start the discussion|join the conversation|recommend|favorite|avatar|log in with|login|\
    or sign up with disqus|or sign up with disqus or pick a name|show more replies|disqus|trier par les meilleurs|\
    nach besten sortieren|f tweet f share|tweet";

static BUTTONS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LABELS.split('|').collect());

/// "Liked by 2 people" is 2.
pub(super) fn liked(line: &str) -> Option<u32> {
    if line.len() > 100 || !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    captures(&LIKED, line)?
        .iter()
        .skip(1)
        .flatten()
        .find_map(|m| m.as_str().parse().ok())
}

/// "Pingback: Another blog" is "Another blog".
pub(super) fn ping(line: &str) -> Option<&str> {
    let lead = line.as_bytes().first().map(u8::to_ascii_lowercase);
    if line.len() > LONGEST || !matches!(lead, Some(b'p' | b't')) {
        return None;
    }
    captures(&PING, line)?.get(1).map(|m| m.as_str().trim())
}

/// What stands below threads: navigation, sidebars, notes on the form.
pub(super) fn after(line: &str) -> bool {
    line.len() <= 200 && (matches(&AFTER, line.trim()) || form(line))
}

/// "Labels: spoons, tapes", "Posted by Anna at 9:14 PM".
pub(super) fn closes_post(line: &str) -> bool {
    line.len() <= LONGEST && matches(&CLOSES_POST, line.trim())
}

fn count(word: &str) -> Option<u32> {
    Some(match word.to_lowercase().as_str() {
        "no" | "zero" | "kein" | "keine" | "aucun" | "sin" | "ningún" | "ningun" | "nenhum"
        | "nessun" | "нет" => 0,
        "one" | "a" | "ein" | "eine" | "einen" | "un" | "une" | "uno" | "una" | "um" | "uma"
        | "один" => 1,
        "two" | "zwei" | "deux" | "dos" | "dois" | "duas" | "due" | "два" => 2,
        "three" | "drei" | "trois" | "tres" | "três" | "tre" | "три" => 3,
        "four" => 4,
        "five" => 5,
        digits => digits.replace([',', '.'], "").parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_state_numbers() {
        for (line, number) in [
            ("18 Responses to “Tapes”", Some(18)),
            ("2 Replies", Some(2)),
            ("One thought on “Tapes”", Some(1)),
            ("No replies yet", Some(0)),
            ("No comments:", Some(0)),
            ("1 件のコメント:", Some(1)),
            ("1 comentario:", Some(1)),
            ("3 комментария:", Some(3)),
            ("Kommentare (3)", Some(3)),
            ("Comments: 4", Some(4)),
            ("{ 3 } comments", Some(3)),
            ("{ 3 comments… read them below or add one }", Some(3)),
            ("댓글 3개:", Some(3)),
            ("“題” への2件のフィードバック", Some(2)),
            ("1,204 Comments", Some(1204)),
            ("Comments", None),
            ("Leave a comment", None),
            ("3 comments that changed the way I listen", None),
            ("A reply came in the morning.", None),
        ] {
            assert_eq!(stated(line), number, "{line}");
        }
    }

    #[test]
    fn furniture_is_known() {
        for line in [
            "Reply",
            "Reply ↓",
            "Like",
            "Loading…",
            "| Antworten",
            "返信",
        ] {
            assert!(widget(line), "{line}");
        }
        for line in ["•", "Sort by Best", "Share ›", "Join the discussion…"] {
            assert!(widget(line), "{line}");
        }
        assert!(!widget("♥"));
        assert!(!widget("Like a stone in a shoe"));
        assert_eq!(liked("Liked by 2 people"), Some(2));
        assert_eq!(liked("Liked by Ann"), None);
        assert!(form("Leave a Reply Cancel reply"));
        assert!(form("Kommentar veröffentlichen"));
        assert_eq!(ping("Pingback: Attic notes"), Some("Attic notes"));
    }
}
