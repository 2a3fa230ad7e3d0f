//! How much prose stands below each element?
//!
//! In: a page, and the subtrees that hold comments. Out: [`Weights`]: text, linked text and weighted prose of every
//! visible element, from one walk. Must not decide which region is the post.

use crate::text::hash::{HashMap, HashSet};

use super::names;
use crate::text::lines::is_invisible;
use crate::text::page::{NodeId, Page};

/// What stands below one element, itself included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    /// Letters of prose; text in links, short lines and named chrome counts for little or nothing.
    pub prose: f32,
    /// Visible characters.
    pub text: u32,
    /// Visible characters within links.
    pub linked: u32,
    /// Links with a target.
    pub links: u32,
}

/// The weights of a page's visible elements.
pub(super) struct Weights {
    known: HashMap<NodeId, Weight>,
    pub(super) total: f32,
}

impl Weights {
    pub(super) fn of(&self, node: NodeId) -> Weight {
        self.known.get(&node).copied().unwrap_or_default()
    }

    pub(super) fn prose(&self, node: NodeId) -> f32 {
        self.of(node).prose
    }
}

struct Open {
    node: NodeId,
    parent: usize,
    weight: Weight,
    linked: bool,
    paragraph: bool,
    chrome: bool,
}

/// Weighs every visible element outside `taken`.
pub(super) fn weigh(page: &Page, taken: &HashSet<NodeId>) -> Weights {
    let trusting = weigh_by(page, taken, true);
    // Themes name whole columns "has-sidebar" or "widget": where names leave next to nothing, they lie.
    let letters = trusting.of(page.root()).text as f32;
    if trusting.total * 5.0 < letters {
        let all = weigh_by(page, taken, false);
        if trusting.total * 3.0 < all.total {
            return all;
        }
    }
    trusting
}

fn weigh_by(page: &Page, taken: &HashSet<NodeId>, names_count: bool) -> Weights {
    let mut open = vec![Open {
        node: page.root(),
        parent: 0,
        weight: Weight::default(),
        linked: false,
        paragraph: false,
        chrome: false,
    }];
    // Parents stand before their children, so one pass backwards sums up.
    let mut next = 0;
    while next < open.len() {
        let at = next;
        next += 1;
        let (node, linked, paragraph, chrome) = {
            let o = &open[at];
            (o.node, o.linked, o.paragraph, o.chrome)
        };
        let mut child = page.first_child(node);
        while let Some(n) = child {
            child = page.next_sibling(n);
            if let Some(text) = page.text_of(n) {
                let length = text.trim().chars().count() as u32;
                let weight = &mut open[at].weight;
                weight.text += length;
                let length = length as f32;
                if linked {
                    weight.linked += length as u32;
                }
                if !chrome {
                    weight.prose += length
                        * match (linked, paragraph) {
                            (true, _) => 0.1,
                            (_, true) => 1.3,
                            _ if length > 40.0 => 1.0,
                            _ => 0.5,
                        };
                }
                continue;
            }
            if !page.is_element(n) || taken.contains(&n) || is_invisible(page, n) {
                continue;
            }
            let tag = page.tag(n);
            let link = tag == "a" && page.attr(n, "href").is_some();
            open.push(Open {
                node: n,
                parent: at,
                weight: Weight {
                    links: u32::from(link),
                    ..Weight::default()
                },
                linked: linked || tag == "a",
                paragraph: paragraph || matches!(tag, "p" | "blockquote" | "pre"),
                chrome: chrome
                    || is_aside(page, n)
                    || (names_count
                        && !matches!(tag, "html" | "body" | "main" | "article" | "p")
                        && names::surrounds(page, n)),
            });
        }
    }
    let mut known = HashMap::with_capacity_and_hasher(open.len(), Default::default());
    for at in (0..open.len()).rev() {
        let Open {
            node,
            parent,
            weight,
            ..
        } = open[at];
        known.insert(node, weight);
        if at > 0 {
            let up = &mut open[parent].weight;
            up.prose += weight.prose;
            up.text += weight.text;
            up.linked += weight.linked;
            up.links += weight.links;
        }
    }
    let total = known.get(&page.root()).map_or(0.0, |w| w.prose);
    Weights { known, total }
}

/// Elements that the standard sets aside for what is not the post.
pub(super) fn is_aside(page: &Page, node: NodeId) -> bool {
    match page.tag(node) {
        "nav" | "aside" | "footer" | "button" | "select" => true,
        // Some servers wrap the whole page in one form.
        "form" => {
            let paragraphs: usize = page
                .descendants(node)
                .filter(|n| page.tag(*n) == "p")
                .flat_map(|n| page.children(n).filter_map(|c| page.text_of(c)))
                .map(str::len)
                .sum();
            paragraphs < 400
        }
        _ => page.attr(node, "role").is_some_and(|r| {
            matches!(
                r,
                "navigation" | "complementary" | "contentinfo" | "banner" | "search"
            )
        }),
    }
}
