//! The best matches found by skipping and by parts are those of all matches.

use super::super::order::{self, Addresses, Asked, Place};
use super::super::{any, compile, parts, together, top, weighs};
use super::*;
use crate::query::{Leaf, Node, Test};

/// Posts of an index in which words are told apart by nothing but numbers: three publications, some posts replaced.
fn many() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut state = 7u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut body = |n: usize| {
        let mut words: Vec<String> = Vec::new();
        for _ in 0..3 + random(40) {
            words.push(match random(12) {
                0..=2 => "alpha".into(),
                3 | 4 => "beta".into(),
                5 => "gamma".into(),
                other => format!("w{other}{}", random(20)),
            });
        }
        // All have both words apart from each other; few have them in a row, far behind in long posts.
        words.insert(0, "delta".into());
        words.extend((0..10).map(|n| format!("between{n}")));
        words.push("epsilon".into());
        if n.is_multiple_of(997) {
            words.extend((0..400).map(|n| format!("long{n}")));
            words.push("delta epsilon".into());
        }
        words.join(" ")
    };
    let posts: Vec<Post> = (0..5_200)
        .map(|n| post(&format!("Post {n}"), &body(n), &[], &[]))
        .collect();
    let changed: Vec<Post> = (0..5_200)
        .step_by(17)
        .map(|n| post(&format!("Post {n}"), &body(n), &[], &[]))
        .collect();
    for part in [&posts[..2_500], &posts[2_500..], &changed] {
        let writer = TantivyWriter::create_or_open(dir.path(), 1).unwrap();
        put(&writer, part);
        writer.publish(&BTreeMap::new()).unwrap();
    }
    dir
}

fn told(places: &[Place]) -> Vec<(order::Group, u32, u64)> {
    places.iter().map(|p| (p.group, p.words, p.id)).collect()
}

fn words(all: &[&str]) -> Vec<Node> {
    let leaf = |word: &&str| {
        Node::Leaf(Leaf {
            field: None,
            test: Test::Word((*word).to_owned()),
        })
    };
    all.iter().map(leaf).collect()
}

/// All matches of a query in order, each looked at.
fn oracle(
    reader: &TantivyReader,
    root: &Node,
    asked: &Asked<'_>,
    skip: &Addresses,
) -> (Vec<Place>, u64) {
    let query = compile::posts(reader, root, None, None).unwrap();
    order::all(reader, query.as_ref(), asked, None, skip).unwrap()
}

#[test]
fn the_best_are_the_first_of_all() {
    let dir = many();
    let reader = &TantivyReader::open(dir.path()).unwrap();
    let none = Addresses::default();
    for typed in [
        &["delta", "epsilon"][..],
        &["epsilon", "delta"],
        &["alpha", "beta"],
        &["gamma", "beta", "alpha"],
        &["alpha", "alpha"],
    ] {
        let root = Node::And(words(typed));
        let asked = weighs::asked(reader, &root, None, None).unwrap();
        let (all, _) = oracle(reader, &root, &asked, &none);
        let some: Addresses = all.iter().step_by(3).map(|p| p.address).collect();
        for (skip, keep) in [(&none, 60), (&none, 1_050), (&some, 60)] {
            let (all, count) = oracle(reader, &root, &asked, skip);
            let (best, total) = together::all(reader, &asked, keep, skip).unwrap();
            assert_eq!(total, count, "{typed:?}");
            assert_eq!(told(&best), told(&all[..keep]), "{typed:?} {keep}");
        }
        let root = Node::Or(words(typed));
        let asked = weighs::asked(reader, &root, None, None).unwrap();
        let (all, count) = oracle(reader, &root, &asked, &some);
        let (best, total) = any::all(reader, &asked.conditions, 60, &some).unwrap();
        assert_eq!(total, count, "{typed:?}");
        assert_eq!(told(&best), told(&all[..60]), "{typed:?}");
    }
    // One that every post has, whose weight tells few apart, and one that many have.
    for word in ["delta", "alpha"] {
        let root = words(&[word]).remove(0);
        let asked = weighs::asked(reader, &root, None, None).unwrap();
        let (all, count) = oracle(reader, &root, &asked, &none);
        let (best, total) = any::all(reader, &asked.conditions, 60, &none).unwrap();
        assert_eq!(total, count, "{word}");
        assert_eq!(told(&best), told(&all[..60]), "{word}");
    }
}

#[test]
fn what_is_skipped_is_not_among_the_best() {
    let dir = many();
    let reader = &TantivyReader::open(dir.path()).unwrap();
    let forms = |all: &[&str]| {
        Node::Leaf(Leaf {
            field: None,
            test: Test::OneOf(all.iter().map(|w| (*w).to_owned()).collect()),
        })
    };
    for root in [
        words(&["alpha"]).remove(0),
        forms(&["gamma", "w719", "alpha"]),
        Node::Or(words(&["gamma", "beta", "w63"])),
        Node::And(vec![forms(&["alpha", "gamma"]), forms(&["beta", "w719"])]),
    ] {
        let asked = weighs::asked(reader, &root, None, None).unwrap();
        let none = Addresses::default();
        let query = compile::posts(reader, &root, None, None).unwrap();
        let found = top::find(reader, query.as_ref(), &asked, Some(10), &none).unwrap();
        let (all, count) = oracle(reader, &root, &asked, &none);
        let many = found.places.len();
        assert!(many >= 10, "{root:?}");
        assert_eq!(told(&found.places), told(&all[..many]), "{root:?}");
        assert!(!found.exact || found.total == count, "{root:?}");
    }
}

#[test]
fn parts_hold_every_post_once_and_in_order() {
    let dir = many();
    let reader = &TantivyReader::open(dir.path()).unwrap();
    let all = |work| {
        let query = tantivy::query::AllQuery;
        parts::matching(&reader.posts, &query, work).unwrap()
    };
    let alone = all(0);
    assert_eq!(
        alone.iter().map(|(_, docs)| docs.len()).sum::<usize>(),
        5_200
    );
    assert_eq!(all(u64::MAX), alone);
}
