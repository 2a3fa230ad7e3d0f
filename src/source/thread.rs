//! Comments of exports: who wrote them, and in which order.
//!
//! In: comments as they come by. Out: comments in thread order, without anybody's address. Must not know any
//! format.

use std::collections::{HashMap, HashSet};

use crate::model::{Comment, Text};

/// The name of a commenter, unless it is an e-mail or IP address.
pub(super) fn name(raw: &str) -> Option<Text> {
    let name = Text::some_line(raw)?;
    let is_mail = name.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !user.contains(' ') && host.contains('.') && !host.contains(' ')
    });
    let is_address = name.parse::<core::net::IpAddr>().is_ok();
    (!is_mail && !is_address).then_some(name)
}

/// Comments so that an answer stands after what it answers; answers to comments that are not there answer
/// nothing.
pub(super) fn in_order(mut comments: Vec<Comment>) -> Vec<Comment> {
    let ids: HashSet<Text> = comments.iter().map(|c| c.id.clone()).collect();
    for comment in &mut comments {
        if comment
            .parent
            .as_ref()
            .is_some_and(|p| !ids.contains(p) || *p == comment.id)
        {
            comment.parent = None;
        }
    }
    if comments.iter().all(|c| c.parent.is_none()) {
        return comments;
    }
    let mut answers: HashMap<Text, Vec<usize>> = HashMap::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, comment) in comments.iter().enumerate().rev() {
        match &comment.parent {
            Some(parent) => answers.entry(parent.clone()).or_default().push(at),
            None => open.push(at),
        }
    }
    let mut order = Vec::with_capacity(comments.len());
    while let Some(at) = open.pop() {
        order.push(at);
        if let Some(all) = comments.get(at).and_then(|c| answers.remove(&c.id)) {
            open.extend(all);
        }
    }
    // Comments that answer each other in a circle answer nothing.
    let seen: HashSet<usize> = order.iter().copied().collect();
    let circle: Vec<usize> = (0..comments.len())
        .filter(|at| !seen.contains(at))
        .collect();
    let mut slots: Vec<Option<Comment>> = comments.into_iter().map(Some).collect();
    let mut out: Vec<Comment> = order
        .into_iter()
        .filter_map(|at| slots.get_mut(at)?.take())
        .collect();
    out.extend(circle.into_iter().filter_map(|at| {
        let mut comment = slots.get_mut(at)?.take()?;
        comment.parent = None;
        Some(comment)
    }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: &str, parent: Option<&str>) -> Comment {
        Comment {
            id: Text::line(id),
            parent: parent.map(Text::line),
            ..Comment::default()
        }
    }

    #[test]
    fn answers_follow_what_they_answer() {
        let all = vec![
            comment("3", Some("1")),
            comment("1", None),
            comment("2", Some("9")),
            comment("4", Some("3")),
            comment("5", Some("6")),
            comment("6", Some("5")),
        ];
        let found: Vec<(String, Option<String>)> = in_order(all)
            .into_iter()
            .map(|c| (c.id.to_string(), c.parent.map(|p| p.to_string())))
            .collect();
        let some = |s: &str| Some(s.to_owned());
        assert_eq!(
            found,
            [
                ("1".to_owned(), None),
                ("3".to_owned(), some("1")),
                ("4".to_owned(), some("3")),
                ("2".to_owned(), None),
                ("5".to_owned(), None),
                ("6".to_owned(), None),
            ]
        );
    }

    #[test]
    fn nobodys_address_is_a_name() {
        assert_eq!(name("ann@example.org"), None);
        assert_eq!(name(" 192.0.2.7 "), None);
        assert_eq!(name("2001:db8::1"), None);
        assert_eq!(
            name("Ann @ the tape shop").as_deref(),
            Some("Ann @ the tape shop")
        );
    }
}
