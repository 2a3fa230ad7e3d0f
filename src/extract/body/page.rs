//! The main region of a page.
//!
//! In: a page, and the subtrees that hold comments. Out: [`Main`]: by schema.org, then by the classes that platforms
//! give a post's body, then by where the paragraphs are.

use crate::text::hash::{HashMap, HashSet};

use super::weigh::{Weights, weigh};
use super::{Main, chrome, names};
use crate::text::page::{NodeId, Page};

/// Finds the main region; `taken` are the subtrees that hold comments.
pub fn of_page(page: &Page, taken: &HashSet<NodeId>) -> Main {
    let weights = weigh(page, taken);
    let (tops, rule) = region(page, &weights);
    let mut tops: Vec<NodeId> = tops.into_iter().map(|top| whole_table(page, top)).collect();
    tops.dedup();
    let dropped = chrome::within(page, &weights, &tops, taken);
    Main {
        tops,
        dropped,
        rule,
    }
}

/// A region of rows of a table is the table, with what it stands in: a list of tracks is read by its columns.
fn whole_table(page: &Page, top: NodeId) -> NodeId {
    if !matches!(page.tag(top), "table" | "tbody" | "tr") {
        return top;
    }
    page.ancestors(top)
        .find(|a| !matches!(page.tag(*a), "table" | "tbody" | "tr"))
        .filter(|a| page.is_element(*a))
        .unwrap_or(top)
}

fn region(page: &Page, weights: &Weights) -> (Vec<NodeId>, &'static str) {
    let total = weights.total.max(1.0);
    let mut by_prop = Vec::new();
    let mut by_name: Vec<Vec<NodeId>> = vec![Vec::new(); names::BODIES.len()];
    for node in page.descendants(page.root()) {
        if !page.is_element(node) || weights.prose(node) < 0.02 * total {
            continue;
        }
        let tag = page.tag(node);
        if matches!(tag, "body" | "html" | "head" | "a" | "p" | "li") {
            continue;
        }
        if page
            .attr(node, "itemprop")
            .is_some_and(|p| p.eq_ignore_ascii_case("articleBody"))
        {
            by_prop.push(node);
        }
        for name in page.classes(node).chain(page.id(node)) {
            if name.len() > 40 {
                continue;
            }
            let name = names::spelled(name);
            if let Some(at) = names::BODIES.iter().position(|b| *b == name) {
                by_name[at].push(node);
            }
        }
    }
    if let Some(tops) = parts(page, weights, &by_prop, 0.1) {
        return (tops, "itemprop=articleBody");
    }
    for (at, nodes) in by_name.iter().enumerate() {
        if let Some(tops) = parts(page, weights, nodes, 0.25) {
            return (tops, names::BODIES[at]);
        }
    }
    (vec![descend(page, weights)], "paragraphs")
}

/// The heaviest of `nodes`, with the others of its name that belong to the same post: some themes break
/// a body into several parts. `None` where they hold less than `share` of the page's prose.
fn parts(page: &Page, weights: &Weights, nodes: &[NodeId], share: f32) -> Option<Vec<NodeId>> {
    let heaviest = nodes.iter().copied().max_by(|a, b| {
        weights
            .prose(*a)
            .total_cmp(&weights.prose(*b))
            .then(b.cmp(a))
    })?;
    let home = |n: NodeId| {
        page.ancestors(n).find(|a| {
            page.tag(*a) == "article"
                || page
                    .classes(*a)
                    .any(|c| matches!(c, "hentry" | "h-entry" | "post"))
        })
    };
    let own = home(heaviest);
    let above = |n: NodeId| page.ancestors(n).nth(1);
    let mut tops: Vec<NodeId> = Vec::new();
    for node in nodes.iter().copied() {
        let same = node == heaviest
            || (home(node) == own && (own.is_some() || above(node) == above(heaviest)));
        let nested = page
            .ancestors(node)
            .any(|a| tops.contains(&a) || a == heaviest);
        let holds = node != heaviest && page.ancestors(heaviest).any(|a| a == node);
        if same && !nested && !holds {
            tops.push(node);
        }
    }
    let held: f32 = tops.iter().map(|n| weights.prose(*n)).sum();
    (held > share * weights.total).then_some(tops)
}

/// The one `article` (or microformat entry) that holds a top heading and some prose, or the only one at all:
/// posts listed below it as related are articles too.
fn titled(page: &Page, weights: &Weights) -> Option<NodeId> {
    let is_entry = |n: NodeId| page.tag(n) == "article" || page.has_class(n, "hentry");
    let entries: Vec<NodeId> = page
        .descendants(page.root())
        .filter(|n| {
            is_entry(*n)
                && weights.prose(*n) > 0.1 * weights.total
                && !page.ancestors(*n).any(is_entry)
        })
        .collect();
    let mut headed = entries
        .iter()
        .filter(|n| page.find(**n, |h| page.tag(h) == "h1").is_some());
    match (headed.next(), headed.next(), entries.as_slice()) {
        (Some(one), None, _) => Some(*one),
        (None, _, [one]) => Some(*one),
        _ => None,
    }
}

/// Walks down from the body while one child holds nearly all prose, then looks for the one block of long
/// paragraphs in what is left.
fn descend(page: &Page, weights: &Weights) -> NodeId {
    let mut at = titled(page, weights)
        .or_else(|| page.find(page.root(), |n| page.tag(n) == "body"))
        .unwrap_or_else(|| page.root());
    loop {
        let heaviest = page
            .children(at)
            .filter(|n| page.is_element(*n))
            .max_by(|a, b| {
                weights
                    .prose(*a)
                    .total_cmp(&weights.prose(*b))
                    .then(b.cmp(a))
            });
        match heaviest {
            Some(child)
                if weights.prose(child) > 0.72 * weights.prose(at)
                    && !matches!(
                        page.tag(child),
                        "p" | "blockquote" | "ul" | "ol" | "li" | "pre" | "span" | "b"
                    ) =>
            {
                at = child;
            }
            _ => return dominant(page, weights, at).unwrap_or(at),
        }
    }
}

/// The block below `top` that holds far more long paragraphs than any other: a post among teasers. `None` where
/// the paragraphs stand in many blocks alike.
fn dominant(page: &Page, weights: &Weights, top: NodeId) -> Option<NodeId> {
    let mut scores: HashMap<NodeId, f32> = HashMap::default();
    for node in page.descendants(top) {
        if !matches!(page.tag(node), "p" | "pre" | "blockquote") {
            continue;
        }
        let quoted = page
            .parent(node)
            .is_some_and(|p| page.tag(p) == "blockquote");
        let weight = weights.of(node);
        if quoted || weight.prose < 100.0 || weight.linked * 2 > weight.text {
            continue;
        }
        // A block around the paragraphs' own block counts half: wrappers lose against what they wrap. All of `top`
        // wraps, so it counts for what stands directly in it only.
        for (up, part) in page.ancestors(node).take(2).zip([1.0, 0.5]) {
            if up != top || part == 1.0 {
                *scores.entry(up).or_insert(0.0) += part * weight.prose;
            }
            if up == top {
                break;
            }
        }
    }
    let (best, score) = scores
        .iter()
        .map(|(n, s)| (*n, *s))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let apart = |n: NodeId| {
        n != best && !page.ancestors(n).any(|a| a == best) && !page.ancestors(best).any(|a| a == n)
    };
    let second = scores
        .iter()
        .filter(|(n, _)| apart(**n))
        .map(|(_, s)| *s)
        .fold(0.0, f32::max);
    (score > 600.0 && second < 0.35 * score && weights.prose(best) > 0.15 * weights.prose(top))
        .then_some(best)
}
