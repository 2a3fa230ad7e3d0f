//! What typed text is understood as: one line per case.

use super::*;

#[test]
fn anything_typed_is_a_query() {
    for (typed, understood, notes) in [
        ("Robert Tepper", "(Robert + Tepper)", ""),
        ("", "*", ""),
        ("\"no easy way\"~3 out", "(\"no easy way\"~3 + out)", ""),
        ("\"no easy", "\"no easy\"", "unclosed-quote"),
        ("“no easy way”", "\"no easy way\"", ""),
        ("tepper -live", "(tepper + -live)", ""),
        ("-live", "-live", ""),
        ("AC/DC", "AC/DC", ""),
        ("github-to-sqlite", "github-to-sqlite", ""),
        ("Hall & Oates", "(Hall + Oates)", ""),
        ("Toto - Africa", "(Toto + Africa)", ""),
        ("Sunn O)))", "(Sunn + O))))", ""),
        ("!!!", "!!!", ""),
        ("+44", "+44", ""),
        ("tep* survivr~", "(tep* + survivr~)", ""),
        ("a OR b c", "((a | b) + c)", ""),
        ("a OR b OR c", "(a | b | c)", ""),
        ("(a b) OR c", "((a + b) | c)", ""),
        ("(a OR b", "(a | b)", "unclosed-parenthesis"),
        ("a ) b", "(a + ) + b)", ""),
        ("OR", "OR", ""),
        (
            "artist:tepper track:\"no easy\"",
            "(artist:tepper + track:\"no easy\")",
            "",
        ),
        (
            "artist:(tepper OR survivor)",
            "(artist:tepper | artist:survivor)",
            "",
        ),
        ("artist:", "artist:", ""),
        ("artits:tepper", "artits:tepper", "unknown-field"),
        ("Re:Stacks", "Re:Stacks", ""),
        ("http://x.org/a", "http://x.org/a", ""),
        ("date:1985", "date:19850000..19859999", ""),
        ("date:1985-03..1987", "date:19850300..19879999", ""),
        ("date:..1987", "date:..19879999", ""),
        ("after:1985-03-04", "date:19850305..", ""),
        ("before:1985", "date:..19849999", ""),
        ("date:soon", "date:soon", "bad-value"),
        ("likes:>3", "likes:4..", ""),
        ("has:tracks", "has:tracks", ""),
        ("-(a OR b) c", "(-(a | b) + c)", ""),
        ("NOT a", "-a", ""),
    ] {
        let query = parse(typed);
        assert_eq!(query.understood(), understood, "{typed}");
        let codes: Vec<&str> = query.notes.iter().map(|n| n.code).collect();
        assert_eq!(codes.join(","), notes, "{typed}");
    }
}

#[test]
fn modifiers_leave_the_tree() {
    let query = parse("tepper in:tracks sort:newest");
    assert_eq!(query.understood(), "tepper in:tracks sort:newest");
    assert_eq!(query.kind, Some(Kind::Tracks));
    assert_eq!(query.sort, Some(Sort::Newest));
}

#[test]
fn hostile_input_stays_within_limits() {
    for typed in [
        "(".repeat(100_000),
        "(a ".repeat(100_000),
        "artist:(a ".repeat(100_000),
        format!("{}a", "(".repeat(4_000)),
        "NOT ".repeat(100_000),
        "-".repeat(100_000),
        "a OR ".repeat(50_000),
        "\"".repeat(9_999),
        ")".repeat(9_999),
    ] {
        let query = parse(&typed);
        assert!(query.understood().len() < 100_000);
    }
}

proptest::proptest! {
    #[test]
    fn any_string_parses(typed in "\\PC*") {
        parse(&typed);
    }

    #[test]
    fn any_mix_of_signs_parses(typed in "[a(): \"~*\\-|&)OR.é]{0,60}") {
        parse(&typed);
    }
}
