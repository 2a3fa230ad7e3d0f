//! Does a text read like a title or like a name?
//!
//! In: one side of a row. Out: a score above 0 for titles, below 0 for names of artists. Words of languages, no
//! artists: the words that songs say ("you", "tonight") and the words that bands are called by
//! ("orchestra", "brothers"), and given names of people.

use crate::text::hash::HashMap;
use std::sync::LazyLock;

use super::cues;
use crate::text::fold::fold;

/// Words of titles: who speaks to whom, and what songs are about.
const TITLES: &str = "i i'm i'll i've i'd im you you're you'll you've your me my mine we we're we'll our us \
    don't dont can't cant won't ain't isn't doesn't didn't couldn't wouldn't shouldn't is it it's its was were \
    are be been am what what's when how why where who's love loves loved let let's lets never this that that's on to in for no \
    not all song blues go goes going gone gonna wanna gotta night tonight heart baby babe theme day days get up \
    out down if so than like back come comes make makes made want wants need needs know knows feel feeling feels \
    take takes give gives say says tell her his she she's he he's they they're just only more too there here at \
    with without from into away again always forever ever every everything everybody nobody nothing something \
    somebody someone about over under through around till until before after while because think thinking \
    dream dreams dreaming dancing dance waiting wait walk walking run running fall falling fly flying cry crying \
    kiss kisses goodbye hello tomorrow yesterday morning evening rain summer winter sun moon stars sky eyes hands arms \
    ich du er wir ihr nicht dein deine mein meine mich dich mir dir ist bist wenn nur kein keine immer \
    je tu il elle nous moi toi mon ma mes ton ta tes est sans pour dans que qui pas quand \
    yo te mi tu no quiero eres para por sin como cuando donde nunca siempre corazon amor noche \
    eu meu minha voce nao vou sem com quando saudade coracao \
    io ti il mio mia sei non per come cosa amore notte \
    я ты мы мне меня тебя не мой моя твой любовь ночь когда если где";

/// Words of the names of artists.
const NAMES: &str = "band orchestra orchestre orquesta orquestra orchester trio quartet quartett quintet quintett sextet septet \
    ensemble dj mc sisters sister brothers brother bros feat ft featuring vs experience crew choir collective \
    philharmonic symphony jr sr mr mrs dr lil los las gli grupo conjunto ensamble chorus project singers boys \
    y und et";

/// Given names, as they begin the names of singers.
const GIVEN: &str = "aaron adam adele adrian agnes al alan albert alejandro alex alexander alfred ali alice alicia alison allen amanda \
    amy ana andre andrea andreas andrew andy angela angelo anita ann anna anne annie anthony antonio aretha arthur \
    astrid barbara barry beatriz ben benjamin bernard bernd bert bessie beth betty bill billie billy bob bobby \
    bonnie brad brandon brenda brendan brian bruce bruno bryan caetano carl carla carlos carly carmen carol \
    caroline carole cat catherine cesaria charles charlie charlotte chet chris christian christina christine christopher \
    chuck claire clara claude claudia cliff clint clyde cole connie conor craig curtis cyndi dan daniel daniela dave david \
    dean debbie deborah dee dennis diana diane dick dieter dinah dionne dolly don donald donna doris doug duke \
    dusty dwight earl ed eddie edgar edith edward elena elis ella ellen elliott elton elvis emily emma eric erik erma \
    ernest esther etta eugene eva evan fats federico fela felix fernando fiona francis francesco franco francoise \
    frank frankie franz fred freddie freddy frederic gal gary gene george georg georges georgia gerry gil \
    gilberto gina giorgio giovanni gladys glen glenn gloria gordon graham grace grant greg gregory guy hank hans harold harry \
    heather heinz helen henri henry herb herbert herbie holly howard hubert hugh ian irma isaac jack jackie jackson jacob jacques \
    jake james jamie jan jane janet janis jason jay jean jeff jennifer jenny jeremy jerry jesse jessica jill jim jimi jimmy \
    joan joanna joao joe joel johan johann john johnny jon jonathan joni jorge jose josef joseph josephine josh joshua juan \
    judy julia julian julie julien julio justin karen karl kate katherine kathy katie keith kelly ken kenny kevin \
    kim klaus kris kurt kyle larry laura lauren laurie lee lena lenny leo leon leonard leroy leslie lester lewis linda \
    lionel lisa liz lloyd loretta lou louis louise lucinda lucy luigi luis luke lyle madeleine marc marcel marco marcos margaret \
    maria mariah marianne marie mario marion mark martha martin marvin mary matt matthew maureen maurice max \
    melissa mercedes merle michael michel michelle mick miguel mike mikhail miles milton mina miriam mitch morgan muddy nancy \
    nat natalie natalia neil nelson nick nicolas nicole niels nigel nikki nina noah norah norman olga oliver olivia \
    oscar otis otto pablo paco pat patricia patrick patsy patti paul paula paulo pedro peggy percy pete peter phil \
    philip phoebe pierre quincy rachel ralph randy ray raymond rebecca reinhard renato ricardo rich richard rick ricky rita rob \
    robbie robert roberta roberto robin rod rodney roger roland ron ronnie rosanne rosemary roy ruben rudolf rufus russell ruth \
    ryan sally sam samantha sandra sandy sara sarah scott sean sergei sergio serge seth shane sharon shawn sheila shirley sid simon \
    sofia solomon sonny sophie stan stefan stephan stephanie stephen steve steven stevie stuart sue susan suzanne sylvia \
    tammy tania ted terry thelma theo thomas tim tina todd tom tommy toni tony tracy trevor ulrich ute valerie van \
    vanessa vera veronica vicki victor vince vincent viktor vladimir waldemar wallace walter wanda warren waylon wayne wendy \
    werner wes wilhelm will william willie wilson wolfgang woody wynton xavier yann yoko yves yvonne zoe";

static WORDS: LazyLock<HashMap<&'static str, f32>> = LazyLock::new(|| {
    let mut words = HashMap::default();
    for word in TITLES.split_whitespace() {
        words.insert(word, 0.5);
    }
    for word in NAMES.split_whitespace() {
        words.insert(word, -0.8);
    }
    words
});

static FIRST: LazyLock<crate::text::hash::HashSet<&'static str>> =
    LazyLock::new(|| GIVEN.split_whitespace().collect());

/// How much a text reads like a title (above 0) or a name (below 0). In practice between -2 and 3.
pub(super) fn title_like(text: &str) -> f32 {
    let folded = fold(text);
    let mut words = folded
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|w| !w.is_empty())
        .peekable();
    let mut score = 0.0;
    let count = words.clone().count();
    // "Gary Numan", "Otis Redding & Carla Thomas": a person, where a family name follows.
    if let Some(first) = words.peek()
        && (2..=6).contains(&count)
        && FIRST.contains(first)
    {
        score -= 0.7;
    }
    for word in words {
        score += WORDS.get(word).copied().unwrap_or(0.0);
    }
    if folded.starts_with("the ") {
        // "The Replacements" more than "The Weight".
        score -= if folded.ends_with('s') && count == 2 {
            0.7
        } else {
            0.25
        };
    }
    if folded.contains(" & ") || folded.contains(" and the ") || folded.contains(" + ") {
        score -= 0.5;
    }
    if text.contains(['?', '!', '…']) {
        score += 0.3;
    }
    if let Some(open) = text.rfind(['(', '['])
        && text.ends_with([')', ']'])
    {
        score += if cues::is_version(&text[open..]) {
            0.8
        } else {
            0.4
        };
    }
    score
}
